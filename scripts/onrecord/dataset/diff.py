"""What changed between two dataset folders, in articles and labels, and the version it requires.

major: the meaning of a label, a column or a split changed. minor: articles, texts, layers or
columns were added or removed. patch: corrections. Keeps a digest of each article in memory, and the
new rows that differ in a temporary file: the old folder is read twice, the new one once.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import orjson
import pyarrow.parquet as pq

from onrecord import labels
from onrecord.dataset import folder
from onrecord.records import many

ITEMS = ("mentions", "entities", "quotes", "stances")
_ONE = {
    "mentions": "mention",
    "entities": "entity",
    "quotes": "quote",
    "stances": "stance",
    "row": "row",
}
SHOWN = 20
"""Articles that are named before the others are only counted."""


class Edit(NamedTuple):
    """How many items of a kind were added, removed and changed (same id, other content)."""

    added: int
    removed: int
    changed: int


class Diff(msgspec.Struct, kw_only=True):
    """The differences between two versions."""

    old: str
    new: str
    added: list[str] = []
    removed: list[str] = []
    """Articles that are gone; `withdrawn` are those that were taken down."""
    withdrawn: list[str] = []
    moved: list[tuple[str, str, str]] = []
    """(article, old split, new split)"""
    texts: list[tuple[str, str]] = []
    """(article, "came", "went" or "changed")"""
    layers: list[tuple[str, str]] = []
    """(article, "+ layer" or "- layer")"""
    edits: dict[str, dict[str, Edit]] = {}
    """Article -> kind of item -> edits; the kind "row" is any other field of the row."""
    breaking: list[str] = []
    widening: list[str] = []
    rows: list[str] = []
    """Configs whose rows differ though no article's do: what annotators submitted, or how rows are
    made of gold."""
    files: list[str] = []
    """Other files that differ, such as the card and the guidelines."""

    @property
    def needs(self) -> str:
        """The change that the new version requires: major, minor, patch or none."""
        if self.moved or self.breaking:
            return "major"
        if self.added or self.removed or self.texts or self.layers or self.widening:
            return "minor"
        return "patch" if self.edits or self.rows or self.files else "none"

    @property
    def into_train(self) -> list[str]:
        """Articles that moved from test to train, which is never allowed."""
        return [article for article, old, new in self.moved if (old, new) == ("test", "train")]

    def lines(self) -> Iterator[str]:
        """The differences, for people."""
        yield f"{self.old} -> {self.new}: {'no' if self.needs == 'none' else self.needs} change"
        total: Counter[tuple[str, str]] = Counter()
        for kinds in self.edits.values():
            for kind, edit in kinds.items():
                total.update({(kind, name): n for name, n in edit._asdict().items() if n})
        yield from self.breaking
        yield from self.widening
        gone = sorted(set(self.removed) - set(self.withdrawn))
        named = [
            ("article", " added", self.added),
            ("article", " withdrawn", self.withdrawn),
            ("article", " removed", gone),
            (
                "article",
                " in another split",
                [f"{a} ({old} -> {new})" for a, old, new in self.moved],
            ),
            ("text", "", [f"{a} ({what})" for a, what in self.texts]),
            ("layer", "", [f"{a} ({what})" for a, what in self.layers]),
            (
                "article",
                " with other labels or fields",
                [_told(a, kinds) for a, kinds in self.edits.items()],
            ),
        ]
        for what, then, found in named:
            if found:
                yield many(len(found), what) + then
                yield from (f"  {line}" for line in found[:SHOWN])
                if len(found) > SHOWN:
                    yield f"  … and {len(found) - SHOWN:,} more"
        if total:
            told = (f"{many(n, _ONE[k], k)} {what}" for (k, what), n in sorted(total.items()))
            yield "labels: " + ", ".join(told)
        if self.rows:
            yield f"no label changed, but the rows of {', '.join(self.rows)}"
        if self.files:
            yield f"other files: {', '.join(self.files)}"
        if any(name.startswith("guidelines/") for name in self.files):
            yield "a guideline changed: if that changes what a label means, the version is major"


def _told(article: str, kinds: dict[str, Edit]) -> str:
    parts = (
        kind if kind == "row" else f"{kind} +{edit.added} -{edit.removed} ~{edit.changed}"
        for kind, edit in kinds.items()
    )
    return f"{article}: {', '.join(parts)}"


class _Seen(NamedTuple):
    split: str
    shown: bool
    digest: bytes


def diff(old: Path, new: Path) -> Diff:
    """What differs between two dataset folders.

    Raises UsageError if one is not a dataset folder, DataError if one is damaged.
    """
    stated = folder.whole(old), folder.whole(new)
    made = Diff(old=folder.version(old), new=folder.version(new))
    _schema(made, old, new)
    before = {row["article_id"]: _seen(split, row, packed) for split, row, packed in _rows(old)}
    with tempfile.TemporaryFile() as differing:
        after: dict[str, _Seen] = {}
        places: dict[str, int] = {}
        for split, row, packed in _rows(new):
            article = row["article_id"]
            after[article] = seen = _seen(split, row, packed)
            if article in before and before[article].digest != seen.digest:
                places[article] = differing.tell()
                differing.write(packed + b"\n")
        for _, row, packed in _rows(old) if places else ():
            if (place := places.get(row["article_id"])) is not None:
                differing.seek(place)
                _edits(made, orjson.loads(packed), orjson.loads(differing.readline()))
    made.texts.sort()
    made.layers.sort(key=itemgetter(0))
    made.edits = dict(sorted(made.edits.items()))
    made.added = sorted(after.keys() - before.keys())
    made.removed = sorted(before.keys() - after.keys())
    made.withdrawn = sorted(_withdrawn(new).intersection(made.removed))
    made.moved = [
        (a, before[a].split, after[a].split)
        for a in sorted(before.keys() & after.keys())
        if before[a].split != after[a].split
    ]
    made.files = sorted(
        name
        for name in stated[0].keys() | stated[1].keys()
        if stated[0].get(name) != stated[1].get(name) and not _of_the_rows(name)
    )
    if before == after:
        made.rows = _configs_that_differ(*stated)
    return made


def _of_the_rows(name: str) -> bool:
    """Whether a file is determined by the rows and the version."""
    return name.endswith(".parquet") or name.startswith("jsonl/") or name in _FOLLOWS


_FOLLOWS = {"README.md", "croissant.json", "CITATION.cff", "attribution.csv", "class_ids.csv"}


def _configs_that_differ(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [
        config
        for config in folder.CONFIGS
        if any(
            old.get(name) != new.get(name)
            for name in old.keys() | new.keys()
            if name.startswith(f"jsonl/{config}-")
        )
    ]


def _splits(path: Path, config: str) -> list[str]:
    return folder.splits(path, config, labels.load())


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any], bytes]]:
    """The articles of a dataset folder: split, row, and the row as bytes."""
    for split in _splits(path, "documents"):
        for row in folder.rows(path, "documents", split):
            yield split, row, orjson.dumps(row, option=orjson.OPT_SORT_KEYS)


def _seen(split: str, row: dict[str, Any], packed: bytes) -> _Seen:
    digest = hashlib.blake2b(packed, digest_size=16).digest()
    return _Seen(split, row["text_available"], digest)


def _withdrawn(path: Path) -> set[str]:
    from onrecord import ledger

    rows = ledger.read_csv(path / "withdrawn.csv", folder.WITHDRAWN)
    return {row[0] for _, row in rows}


def _edits(made: Diff, old: dict[str, Any], new: dict[str, Any]) -> None:
    article = new["article_id"]
    if old["text_available"] != new["text_available"]:
        made.texts.append((article, "came" if new["text_available"] else "went"))
    elif old["text_sha256"] != new["text_sha256"]:
        made.texts.append((article, "changed"))
    for mark, here, there in (("+", new, old), ("-", old, new)):
        layers = (layer for layer in here["layers"] if layer not in there["layers"])
        made.layers += [(article, f"{mark} {layer}") for layer in layers]
    kinds = {}
    for kind in ITEMS:
        before, after = ({item["id"]: item for item in row[kind]} for row in (old, new))
        edit = Edit(
            len(after.keys() - before.keys()),
            len(before.keys() - after.keys()),
            sum(before[i] != after[i] for i in before.keys() & after.keys()),
        )
        if any(edit):
            kinds[kind] = edit
    rest = ({k: v for k, v in row.items() if k not in ITEMS} for row in (old, new))
    if next(rest) != next(rest):
        kinds["row"] = Edit(0, 0, 1)
    if kinds:
        made.edits[article] = kinds


# --- what the columns and labels mean -----------------------------------------------------------


def _schema(made: Diff, old: Path, new: Path) -> None:
    for config in folder.CONFIGS:
        before, after = _columns(old, config), _columns(new, config)
        if before is None or after is None:
            continue
        for name in before.keys() | after.keys():
            was, is_ = before.get(name), after.get(name)
            if was == is_:
                continue
            told = f"{config}.{name}"
            if was is None:
                made.widening.append(f"{told}: a new column")
            elif is_ is None:
                made.breaking.append(f"{told}: the column is gone")
            elif (names := _names(was)) and _names(is_)[: len(names)] == names:
                made.widening.append(f"{told}: new class labels at the end")
            else:
                made.breaking.append(f"{told}: another type, or class ids in another order")
    was, is_ = _meanings(old), _meanings(new)
    for name in sorted(was.keys() | is_.keys()):
        if name not in is_:
            made.breaking.append(f"{name}: the label is gone")
        elif name not in was:
            made.widening.append(f"{name}: a new label")
        elif was[name] != is_[name]:
            made.breaking.append(f"{name}: its meaning changed")
    made.breaking.sort()
    made.widening.sort()


def _columns(path: Path, config: str) -> dict[str, Any] | None:
    for split in _splits(path, config):
        metadata = pq.read_schema(folder.parts(path, config, split)[0]).metadata or {}
        return json.loads(metadata[b"huggingface"])["info"]["features"]
    return None


def _names(feature: Any) -> list[str]:
    while isinstance(feature, dict) and "names" not in feature and "feature" in feature:
        feature = feature["feature"]
    return feature.get("names", []) if isinstance(feature, dict) else []


def _meanings(path: Path) -> dict[str, str]:
    raw = tomllib.loads((path / "schema" / "labels.toml").read_text(encoding="utf-8"))
    told = {name: row["means"] for kind in ("spans", "links") for name, row in raw[kind].items()}
    return told | {
        f"{field}={value}": means
        for field, values in raw["values"].items()
        for value, means in values.items()
    }
