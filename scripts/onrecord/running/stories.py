"""The near-duplicate pass: which articles of a file tell the same story.

Each shard is signed: 128 hashes an article. Candidates are pairs that agree in one of 64 bands of
two; they are compared by their signatures, then by their words (`articles.stories` has measures
and parameters). A story is a connected group; its name is the id of its first article. The
built-in runner finds candidates in memory (0.5 kB an article), `trove` on disk.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import combinations
from pathlib import Path
from typing import IO, NamedTuple

import msgspec
import numpy as np

from onrecord.articles import stories
from onrecord.ledger import House, hydrated
from onrecord.records import Article, Problem, Record
from onrecord.running import places
from onrecord.running.passes import (
    DONE,
    Documents,
    Row,
    Stage,
    Watch,
    Where,
    plan,
    problem,
)
from onrecord.running.shards import Shard, Size, lines, make, state, stretches

SIGNED = np.dtype([("place", "<u8"), ("grams", "<u4"), ("hashes", "<u4", (stories.PERMUTATIONS,))])
"""What is kept of an article: where its line begins, how many 3-grams its body has (0: none to
compare) and its signature."""

Key = tuple[int, int]
"""An article by its shard and its number there."""


@dataclass(frozen=True)
class Sign:
    """Signs the articles of each shard: a file of `SIGNED` a shard."""

    folder: str
    root: str
    tasks: int
    name: str = "sign"

    def path(self, task: int) -> Path:
        return places.place(self.folder) / self.name / f"{task:06}.signed"

    def done(self, task: int) -> bool:
        return self.path(task).exists()

    def do(self, task: int, watch: Watch) -> None:
        with places.writing(self.path(task)) as file:
            for number, (at, line) in enumerate(_placed(plan(self.folder)[task])):
                watch.at(number)
                file.write(signed(at, line, House(Path(self.root))).tobytes())
                watch.at(number + 1)


def signed(at: int, line: bytes, house: House) -> np.ndarray:
    """The record of an article's line. Total: what cannot be read has nothing to compare."""
    record = np.zeros((), SIGNED)
    record["place"] = at
    try:
        article = msgspec.json.decode(line, type=Article)
    except msgspec.DecodeError:
        return record
    if body := _body(article, house):
        made = stories.sketch(body)
        record["grams"] = len(made.grams)
        record["hashes"] = made.signature.digest()
    return record


def _body(article: Article, house: House) -> str:
    whole = article if article.text else hydrated(house, article)
    return stories.body(whole) if whole else ""


def records(sign: Sign, task: int) -> np.ndarray:
    """The `SIGNED` of a shard's articles."""
    return np.frombuffer(sign.path(task).read_bytes(), SIGNED)


def _placed(shard: Shard) -> Iterator[tuple[int, bytes]]:
    for piece in shard.pieces:
        at = int(piece.place)
        for _, line in lines(piece):
            yield at, line
            at += len(line)


class Signatures:
    """The signatures of all shards, those that were asked for last in memory."""

    def __init__(self, sign: Sign) -> None:
        self._house = House(Path(sign.root))
        self._name = plan(sign.folder)[0].pieces[0].file if sign.tasks else ""
        self.shard = lru_cache(maxsize=256)(partial(records, sign))
        self._grams = lru_cache(maxsize=4096)(self._of)

    @cached_property
    def _file(self) -> IO[bytes]:
        return places.picking(places.place(self._name))

    def article(self, key: Key) -> Article:
        self._file.seek(int(self.shard(key[0])[key[1]]["place"]))
        return msgspec.json.decode(self._file.readline(), type=Article)

    def _of(self, key: Key) -> set[str]:
        return stories.shingles(_body(self.article(key), self._house))

    def near(self, one: Key, other: Key, band: int) -> bool:
        """Whether two articles are near-duplicates: by signature, then word by word.

        `band` is where they met. Those that agree in an earlier one were compared there.
        """
        first, second = self.shard(one[0])[one[1]], self.shard(other[0])[other[1]]
        sizes = int(first["grams"]), int(second["grams"])
        if not all(sizes):
            return False
        same = first["hashes"] == second["hashes"]
        if same[: band * stories.ROWS].reshape(band, stories.ROWS).all(axis=1).any():
            return False
        alike = np.count_nonzero(same) / stories.PERMUTATIONS
        if not stories.possible(alike, *sizes):
            return False
        shared = stories.containment(self._grams(one), self._grams(other))
        return shared >= stories.CONTAINMENT


class Groups:
    """Articles that belong together, by whatever pairs were found."""

    def __init__(self) -> None:
        self._up: dict[Key, Key] = {}

    def first(self, key: Key) -> Key:
        """The first article of a group."""
        top = key
        while (above := self._up.get(top, top)) != top:
            top = above
        while key != top:
            self._up[key], key = top, self._up[key]
        return top

    def join(self, one: Key, other: Key) -> None:
        a, b = sorted((self.first(one), self.first(other)))
        if a != b:
            self._up[b] = a

    def stories(self) -> Iterator[tuple[Key, Key]]:
        """Each article that is not the first of its group, with the first, in order."""
        for key in sorted(self._up):
            yield key, self.first(key)


def joined(groups: Groups, candidates: Iterable[Key], signatures: Signatures, band: int) -> None:
    """Join those of one band's candidates that are near-duplicates and met in no earlier band."""
    for one, other in combinations(sorted(candidates), 2):
        if groups.first(one) != groups.first(other) and signatures.near(one, other, band):
            groups.join(one, other)


@dataclass(frozen=True)
class Cluster:
    """Finds the stories in memory, and writes for each shard which of its articles is no first."""

    sign: Sign
    name: str = "cluster"
    tasks: int = 1

    @property
    def folder(self) -> str:
        return self.sign.folder

    def done(self, task: int) -> bool:
        return _map(self.folder, "done").exists()

    def do(self, task: int, watch: Watch) -> None:
        signatures = Signatures(self.sign)
        groups = Groups()
        keys, hashes = self._hashes()
        for band in range(stories.BANDS):
            for group in stories.equal(hashes[:, band]):
                joined(groups, [keys[at] for at in group], signatures, band)
        write(self.sign, groups.stories(), signatures)

    def _hashes(self) -> tuple[list[Key], np.ndarray]:
        """The articles that have something to compare, and their bands as 64-bit numbers."""
        keys: list[Key] = []
        bands: list[np.ndarray] = []
        for number in range(self.sign.tasks):
            found = records(self.sign, number)
            there = np.flatnonzero(found["grams"])
            keys += [(number, int(at)) for at in there]
            bands.append(np.ascontiguousarray(found["hashes"][there]).view("<u8"))
        return keys, np.concatenate(bands) if bands else np.zeros((0, stories.BANDS), "<u8")


def write(sign: Sign, found: Iterable[tuple[Key, Key]], signatures: Signatures) -> None:
    """Write the stories of articles that are no first, `found` in order: a file a shard."""
    names: dict[Key, str] = {}
    held: dict[str, str] = {}
    last = 0

    def close(upto: int) -> None:
        nonlocal held, last
        for number in range(last, upto):
            with places.writing(folder / f"{number:06}.json") as file:
                file.write(msgspec.json.encode(held))
            held = {}
        last = upto

    with places.here(_map(sign.folder, "done").parent, bring=True) as folder:
        for key, first in found:
            close(key[0])
            if first not in names:
                names[first] = signatures.article(first).id
            held[str(key[1])] = names[first]
        close(sign.tasks)
    with places.writing(_map(sign.folder, "done")):
        pass


def _map(folder: str, name: str) -> Path:
    return places.place(folder) / "stories" / f"{name}.json"


class Named(Record):
    """A row of the result."""

    id: str
    story: str


class _Given(NamedTuple):
    where: Where
    story: str


@dataclass(frozen=True)
class Name:
    """The pass that says of each article which story it tells: its own id where it is the first."""

    folder: str
    rule: str = "stories.failed"

    def read(self, shard: Shard) -> Iterator[_Given | Problem]:
        path = _map(self.folder, f"{shard.number:06}")
        known = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        number = 0
        for piece in shard.pieces:
            for row, line in lines(piece):
                try:
                    own = msgspec.json.decode(line, type=Article).id
                except msgspec.DecodeError as error:
                    yield problem("schema", Where(piece.file, row), str(error))
                else:
                    yield _Given(Where(piece.file, row, own), known.get(str(number), own))
                number += 1

    def where(self, given: _Given) -> Where:
        return given.where

    def row(self, given: _Given) -> Row:
        return Row(DONE, msgspec.json.encode(Named(given.where.id, given.story)) + b"\n")


def stages(
    work: Path, articles: str, house: House, size: Size
) -> tuple[list[Stage], Documents[Name]]:
    """What is to be done for a file of articles: signatures, groups, rows."""
    root = house.root.resolve()
    settings = ["stories", root.as_posix(), state(house.text)]
    made = make(work, stretches(places.place(articles), size), size, settings)
    folder, tasks = made.folder.as_posix(), len(made)
    sign = Sign(folder, root.as_posix(), tasks)
    named = Documents(Name(folder), folder, "name", tasks)
    return [sign, Cluster(sign), named], named
