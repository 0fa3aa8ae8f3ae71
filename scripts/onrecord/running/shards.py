"""The plan of a pass: which documents form a shard. It depends on the input alone.

A shard is a run of consecutive documents, full at `Size.documents` or `Size.bytes`, so the same
input has the same shards on one worker and on a thousand. The plan is stored in the work folder
with the results of the shards. Its key is a hash of the plan, the settings and the code, so a run
only resumes from results of exactly the same.
"""

from __future__ import annotations

import hashlib
import shutil
from array import array
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from onrecord import places
from onrecord.pieces import Piece, Size
from onrecord.records import UsageError

TRIES = "tries"
"""The folder of markers (see `pool`) in a work folder and in that of a plan."""


class Shard(NamedTuple):
    """The pieces of one shard, in order."""

    number: int
    pieces: list[Piece]


class Summary(msgspec.Struct, kw_only=True):
    """The last file of a plan to be written: with it, the plan is complete."""

    shards: int
    documents: int


class Plan:
    """The shards of one input, read from their file one at a time."""

    def __init__(self, folder: Path) -> None:
        """The plan in `folder`. Raises FileNotFoundError."""
        self.folder = folder
        told = msgspec.json.decode((folder / "plan.json").read_bytes(), type=Summary)
        self.documents = told.documents
        self._shards = told.shards

    def __len__(self) -> int:
        return self._shards

    def __getitem__(self, number: int) -> Shard:
        with (self.folder / "plan.index").open("rb") as index:
            index.seek(8 * number)
            start, stop = array("Q", index.read(16))
        with (self.folder / "plan.jsonl").open("rb") as file:
            file.seek(start)
            line = file.read(stop - start)
        return Shard(number, msgspec.json.decode(line, type=list[Piece]))


def cut(pieces: Iterable[tuple[Piece, int]], size: Size) -> Iterator[list[Piece]]:
    """Pieces with their bytes, grouped into shards in order."""
    held: list[Piece] = []
    documents = taken = 0
    for piece, weight in pieces:
        full = documents + piece.documents > size.documents or taken + weight > size.bytes
        if held and full:
            yield held
            held, documents, taken = [], 0, 0
        held.append(piece)
        documents += piece.documents
        taken += weight
    if held:
        yield held


def make(work: Path, pieces: Iterable[tuple[Piece, int]], size: Size, settings: object) -> Plan:
    """The plan of these pieces, in a folder of `work` named after its key.

    `settings` is everything else that determines the result. Plans with another key, left by
    earlier runs, are removed. Raises UsageError for a root below a folder whose name is not UTF-8.
    """
    try:
        digest = hashlib.sha256(msgspec.json.encode([settings, size, code()]))
    except UnicodeEncodeError:
        raise UsageError(
            "the path of --root (of this folder, without one) is not UTF-8", "rename its folders"
        ) from None
    with places.scratch() as near:
        starts, documents = array("Q", [0]), 0
        with (near / "plan.jsonl").open("wb") as file:
            for shard in cut(pieces, size):
                line = msgspec.json.encode(shard) + b"\n"
                digest.update(line)
                file.write(line)
                starts.append(starts[-1] + len(line))
                documents += sum(piece.documents for piece in shard)
        (near / "plan.index").write_bytes(starts.tobytes())
        told = Summary(shards=len(starts) - 1, documents=documents)
        (near / "plan.json").write_bytes(msgspec.json.encode(told))
        made = work / digest.hexdigest()[:24]
        for other in work.iterdir() if work.exists() else ():
            if other.name not in (made.name, TRIES) and other.is_dir():
                places.remove(other)
        if not (made / "plan.json").exists():
            for name in ("plan.jsonl", "plan.index", "plan.json"):
                with (near / name).open("rb") as source, places.writing(made / name) as target:
                    shutil.copyfileobj(source, target)
    return Plan(made)


def state(*folders: Path) -> str:
    """A fingerprint of folders: names, sizes and times of their files."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            stat = path.stat()
            digest.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@cache
def code() -> str:
    """A hash of the package: a run does not resume from the results of other code."""
    home = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(home.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
