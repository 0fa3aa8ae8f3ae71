"""To the Hub: one commit that replaces what is there, then the tag.

Everything is checked before anything on the Hub changes, and then it changes at once: an upload
that is cut short leaves the old version whole, and the same command finishes it. (upload_folder of
huggingface_hub 2 splits a large folder into several commits, so the commit is made here.)
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from onrecord import atomic, labels
from onrecord.dataset import folder, versions
from onrecord.dataset.diff import Diff, diff
from onrecord.places import scratch
from onrecord.records import DataError, Problem, UsageError

if TYPE_CHECKING:
    from huggingface_hub import HfApi

DATASET = "dataset"
_OTHERS = {".gitattributes", "README.md"}
"""What a repository may hold that this package did not put there: a new one has these."""


_WHOLE = "what was there before is whole, type the same line again"


class Plan(NamedTuple):
    """What publishing would do. Nothing has been sent."""

    repo: str
    version: str
    tag: str
    """The tag to set, "" for none."""
    head: str
    """The commit that the push replaces; "" where the repository is still to be made."""
    files: list[tuple[str, str, int]]
    """(new, changed or removed; path; bytes)"""
    since: str
    """The tag that `diff` compares with, "" where nothing was released yet."""
    diff: Diff | None
    tagged: bool
    """Whether the tag is there already."""
    blind: bool
    """Whether the Hub was asked without a token: a repository that it does not show may be there
    and private."""

    def unknown(self) -> str:
        """What was not compared for want of a token, as a sentence; "" for nothing."""
        if not self.blind:
            return ""
        if self.head:
            return f"{self.repo} was read without a token; whether you may write there is not known"
        return (
            f"without a token the Hub shows no {self.repo}: it is new, or private. If it is there, "
            "which files differ, what changed in articles and labels, and whether this version may "
            f"follow was not compared ({_LOG_IN})"
        )

    @property
    def done(self) -> bool:
        """Whether the Hub has all of it."""
        return not self.files and (self.tagged or not self.tag)


# --- what may not go out ------------------------------------------------------------------------


def audit(path: Path) -> Iterator[Problem]:
    """What the rights forbid in a dataset folder, as it stands on disk.

    `publish.withheld`: words of a text that may not be published. `publish.unhydrated`: a text
    that is to be published and is not there. `publish.damaged`: a file that is not the one that
    was built.
    """
    known = labels.load()
    withheld: set[str] = set()

    def problem(file: str, rule: str, article: str, message: str) -> Problem:
        return Problem(file=file, line=0, rule=f"publish.{rule}", id=article, message=message)

    for name in folder.damaged(path):
        yield problem(name, "damaged", "", "not what checksums.txt says; run `onrecord build`")
    for split in folder.splits(path, "documents", known):
        file = f"documents/{split}"
        for row in folder.rows(path, "documents", split):
            if row["release"] in ("ship", "fetch"):
                if not row["text_available"] or not row["text"]:
                    message = "its text is to be published and is not here; run `onrecord hydrate`"
                    yield problem(file, "unhydrated", row["article_id"], message + ", then build")
                continue
            withheld.add(row["article_id"])
            surfaces = [row["text"], row["headline"], *row["credit"], row["dateline"]]
            surfaces += [m["text"] for m in row["mentions"]]
            surfaces += [text for quote in row["quotes"] for text in quote["text"]]
            if any(surfaces):
                message = "words of a text that is withheld"
                yield problem(file, "withheld", row["article_id"], message)
    for config in ("entities", "quotes", "stance", "annotations"):
        for split in folder.splits(path, config, known):
            for row in folder.rows(path, config, split):
                if row["article_id"] in withheld and (
                    config != "annotations" or row["note"] or any(s["text"] for s in row["spans"])
                ):
                    yield problem(
                        f"{config}/{split}",
                        "withheld",
                        row["article_id"],
                        "words of a text that is withheld",
                    )


# --- the plan -----------------------------------------------------------------------------------


_LOG_IN = "hf auth login, or set HF_TOKEN"


def client(*, only_look: bool) -> HfApi:
    """The Hub as huggingface_hub is set up: HF_ENDPOINT, HF_TOKEN or the stored token.

    With `only_look` it may be without a token, and sees what is public (`Plan.blind`). Raises
    UsageError where there is no token otherwise, and where others can read the file it is in.
    """
    from huggingface_hub import HfApi, constants, get_token

    token = get_token()
    if not token and not only_look:
        raise UsageError("there is no token of the Hub", _LOG_IN)
    if token:
        _private(Path(constants.HF_TOKEN_PATH), token)
    return HfApi(library_name="onrecord", token=token or False)


def _private(path: Path, token: str) -> None:
    """Refuse a stored token that other users of the machine can read, as ssh refuses such a key."""
    try:
        stored, mode = path.read_text(encoding="utf-8").strip(), path.stat().st_mode
    except (OSError, UnicodeDecodeError):  # it is not from there
        return
    if os.name == "posix" and stored == token and mode & 0o077:
        raise UsageError(
            f"others can read the token of the Hub in {path} (mode {mode & 0o777:04o})",
            f"chmod 600 {path}; if anybody may have seen it, make another",
        )


def plan(api: HfApi, repo: str, path: Path, tag: str = "") -> Plan:
    """What publishing the folder would change on the Hub. Sends nothing.

    Raises UsageError for a tag that is not the folder's version, a repository of something else
    and a token that the Hub does not know; DataError where the version is out with other data, is
    not above the last release, is too small for what changed, or trains on articles that were test
    articles.
    """
    version = folder.version(path)
    own = versions.parse(version)
    released = own is not None and own.released
    if tag and (tag != f"v{version}" or not released):
        hint = "onrecord build --release X.Y.Z" if not released else f"--tag v{version}"
        raise UsageError(f"the dataset is version {version}, not {tag}", hint)
    tag = f"v{version}" if released else ""
    here = folder.checksums(path)
    blind = api.token is False
    with _hub(repo):
        state = _state(api, repo)
        if state is None and not blind:
            api.whoami()  # to a token that it does not know, the Hub shows no repository either
    if state is None:
        files = [("new", name, (path / name).stat().st_size) for name in sorted(here)]
        return Plan(repo, version, tag, "", files, "", None, False, blind)
    head, tags, there = state
    with _hub(repo), scratch() as near:
        if tag in tags and _stated(api, repo, tags[tag]) != here:
            raise DataError(
                f"{version} is on the Hub with other data, and a version never changes;"
                " give a higher one: `onrecord build --release X.Y.Z`"
            )
        if tag not in tags and there and there != here and _version(api, repo, head) == version:
            raise DataError(f"the Hub has version {version} with other data; build again")
        out = {name: v for name in tags if (v := versions.parse(name)) is not None}
        others = [name for name in out if name != tag]
        since = max(others, key=lambda name: out[name], default="")
        told = None
        if since:
            told = diff(fetch(api, repo, tags[since], near), path)
            _rises(told, released)
    size = {name: (path / name).stat().st_size for name in here}
    files = [("new", n, size[n]) for n in sorted(here.keys() - there.keys())]
    files += [("changed", n, size[n]) for n in sorted(here) if n in there and there[n] != here[n]]
    files += [("removed", name, 0) for name in sorted(there.keys() - here.keys())]
    return Plan(repo, version, tag, head, files, since, told, tag in tags, blind)


def _rises(told: Diff, released: bool) -> None:
    """Hold a version to what changed since the last release."""
    if told.into_train:
        raise DataError(
            f"articles of the test split would be trained on: {', '.join(told.into_train[:10])};"
            " whoever tested on the last release could no longer compare"
        )
    if not released:
        return
    new, old = versions.parse(told.new), versions.parse(told.old)
    assert new is not None
    assert old is not None
    if new <= old:
        raise DataError(f"{new} is not above {old}, which is on the Hub")
    least = old.after(told.needs)
    if new < least:
        raise DataError(
            f"since {old} there was a {told.needs} change, so the version is at least {least},"
            f" not {new}\n" + "\n".join(told.lines())
        )


def _state(api: HfApi, repo: str) -> tuple[str, dict[str, str], dict[str, str]] | None:
    """Head, tags (name -> commit) and checksums of the Hub; None where there is no repository."""
    from huggingface_hub.errors import RepositoryNotFoundError

    try:
        head = api.repo_info(repo, repo_type=DATASET).sha
        tags = {t.name: t.target_commit for t in api.list_repo_refs(repo, repo_type=DATASET).tags}
    except RepositoryNotFoundError:
        return None
    assert head is not None
    there = _stated(api, repo, head)
    if not there:
        found = set(api.list_repo_files(repo, repo_type=DATASET, revision=head)) - _OTHERS
        if found:
            raise UsageError(
                f"{repo} holds something else ({', '.join(sorted(found)[:3])} …)",
                "publish to another name",
            )
    return head, tags, there


def _stated(api: HfApi, repo: str, revision: str) -> dict[str, str]:
    """The checksums that a revision states; empty where it has none."""
    from huggingface_hub.errors import EntryNotFoundError, LocalEntryNotFoundError

    try:
        path = api.hf_hub_download(repo, folder.CHECKSUMS, repo_type=DATASET, revision=revision)
    except LocalEntryNotFoundError:  # one of these, too, but of a Hub that could not be asked
        raise
    except EntryNotFoundError:
        return {}
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    return folder.parse_checksums(text, f"{repo}/{folder.CHECKSUMS}")


def _version(api: HfApi, repo: str, revision: str) -> str:
    from huggingface_hub import DatasetCard

    path = api.hf_hub_download(repo, "README.md", repo_type=DATASET, revision=revision)
    front = DatasetCard.load(path).data.to_dict()
    return str((front.get("configs") or [{}])[0].get("version", ""))


def fetch(api: HfApi, repo: str, revision: str, into: Path) -> Path:
    """A published version as a folder under `into`: what a comparison needs of it.

    Raises DataError and UsageError as `send` does.
    """
    wanted = ["*.md", "*.txt", "*.csv", "schema/*", "guidelines/*", "*/*.parquet"]
    where = into / revision.replace("/", "_")
    with _hub(repo):
        api.snapshot_download(
            repo, repo_type=DATASET, revision=revision, local_dir=where, allow_patterns=wanted
        )
    return where


# --- sending ------------------------------------------------------------------------------------


def send(api: HfApi, made: Plan, path: Path, *, private: bool = False) -> str:
    """Carry out a plan. Returns the commit.

    The repository is made if there is none; then one commit on top of the head that the plan saw,
    then the tag. Raises DataError where somebody else pushed since, and where the Hub or the
    network failed: the version that was there is then still whole.
    """
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    head = made.head
    with _hub(made.repo):
        if not head:
            api.create_repo(made.repo, repo_type=DATASET, private=private, exist_ok=True)
            head = str(api.repo_info(made.repo, repo_type=DATASET).sha)
        commit = head
        if made.files:
            operations: list[Any] = [
                CommitOperationDelete(name)
                if kind == "removed"
                else CommitOperationAdd(name, path / name)
                for kind, name, _ in made.files
            ]
            operations.append(CommitOperationAdd(folder.CHECKSUMS, path / folder.CHECKSUMS))
            description = "\n".join(made.diff.lines()) if made.diff else ""
            commit = api.create_commit(
                made.repo,
                operations,
                commit_message=f"Version {made.version}",
                commit_description=description,
                repo_type=DATASET,
                parent_commit=head,
            ).oid
        if made.tag and not made.tagged:
            api.create_tag(made.repo, tag=made.tag, revision=commit, repo_type=DATASET)
    return commit


@contextmanager
def _hub(repo: str) -> Generator[None]:
    """Errors of the Hub and of the way there as sentences."""
    import httpx2
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        yield
    except HFValidationError as error:
        raise UsageError(f"{repo!r} is no name of a dataset: {error}", "give OWNER/NAME") from None
    except HfHubHTTPError as error:
        code = error.response.status_code if error.response is not None else 0
        if code == 412:
            raise DataError(
                f"somebody has pushed to {repo} since this was compared with it; nothing was"
                " sent, look at it and publish again"
            ) from error
        if code == 401:
            raise UsageError("the Hub refuses this token", _LOG_IN) from error
        if code == 403:
            raise UsageError(f"the Hub does not let this token write to {repo}", _LOG_IN) from error
        raise DataError(f"the Hub answered {code}; {_WHOLE}: {error}") from error
    except json.JSONDecodeError:  # a page of something in between
        raise DataError(f"the Hub's answer is not JSON; {_WHOLE}") from None
    except (httpx2.HTTPError, RuntimeError, OSError) as error:
        if getattr(error, "errno", None) in atomic.FULL:
            raise
        raise DataError(f"the Hub could not be reached to the end; {_WHOLE}: {error}") from error
