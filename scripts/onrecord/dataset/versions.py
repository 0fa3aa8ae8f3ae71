"""Versions of the data: x.y.z for a release, 0.0.N for every other build.

x: the meaning of a label or a split changed; y: articles or labels were added or taken away;
z: corrections. N follows from the content alone, so the same inputs give the same version, and
corpus/releases.csv says which content a release is: another content never carries its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from onrecord.records import UsageError

_NUMBER = r"(0|[1-9]\d*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}")
KEPT = ("data", "labels")
"""The headings of CHANGELOG.md that concern whoever trains on the data."""


class Version(NamedTuple):
    """A version, ordered as versions are. `str()` gives x.y.z."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"

    @property
    def released(self) -> bool:
        """Whether it is a release; 0.0.N is any other build."""
        return bool(self.major or self.minor)

    def after(self, change: str) -> Version:
        """The first version that may carry a `change`: major, minor, patch or none."""
        return {
            "major": Version(self.major + 1, 0, 0),
            "minor": Version(self.major, self.minor + 1, 0),
            "patch": Version(self.major, self.minor, self.patch + 1),
            "none": self,
        }[change]


def parse(text: str) -> Version | None:
    """The version that a string or a tag (`v1.2.0`) names; None where it names none."""
    found = _VERSION.fullmatch(text.removeprefix("v"))
    return Version(*map(int, found.groups())) if found else None


def of_build(content: str, releases: Iterable[tuple[str, str]]) -> str:
    """The version of a content (decimal digits): its release, the newest if it has several."""
    names = [version for version, known in releases if known == content]
    return names[-1] if names else f"0.0.{content}"


def release(version: str, content: str, releases: Mapping[str, str], changelog: str | None) -> None:
    """Whether a content may be released as `version`.

    `releases` is version -> content; `changelog` the text of CHANGELOG.md, None where the root
    has none. Raises UsageError where the version is no version, is another content's, is not
    above the released ones, or has no heading in the changelog.
    """
    wanted = parse(version)
    if wanted is None or not wanted.released or str(wanted) != version:
        raise UsageError(
            f"{version!r} is no version of a release", "give x.y.z, at least 0.1.0: 1.0.0"
        )
    if releases.get(version, content) != content:
        raise UsageError(
            f"{version} is released, with another content; a release never changes",
            "give a higher version",
        )
    last = max((v for v in map(parse, releases) if v), default=Version(0, 0, 0))
    if version not in releases and wanted <= last:
        raise UsageError(f"{version} is not above the last release, {last}")
    if changelog is not None and not re.search(rf"(?m)^## {re.escape(version)}\b", changelog):
        raise UsageError(
            f"CHANGELOG.md does not say what changed in {version}",
            f"give its section the heading `## {version}`",
        )


def data_notes(changelog: str) -> str:
    """The changelog of the data: the sections that KEPT names, under their versions.

    What changed in the code alone changes no dataset, so that it does not change its version.
    """
    out: list[str] = []
    for part in re.split(r"(?m)^(?=## )", changelog)[1:]:
        heading, *sections = re.split(r"(?m)^(?=### )", part)
        kept = [s.strip() for s in sections if s[4:].split("\n")[0].strip().lower() in KEPT]
        if kept:
            out += [heading.split("\n")[0].strip(), *kept]
    return "\n\n".join(["# What changed", *out]) + "\n" if out else ""
