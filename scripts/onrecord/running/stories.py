"""The near-duplicate pass: which articles of a file tell the same story.

Each shard is signed: 128 hashes per article. Candidates are pairs that agree in one of 64 bands of
two; they are compared by their signatures, then by their words (`articles.stories` has measures
and parameters). A story is a connected component, named after the id of its first article. The
built-in runner finds candidates in one process, `trove` in as many as there are bands.

Most candidates are not compared word by word, and the stories are still those of comparing all: a
pair that is in one group already would join nothing, and hashed 3-grams give an upper bound of the
containment, so they reject no near-duplicate.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import numpy as np

from onrecord import ledger, places
from onrecord.articles import stories
from onrecord.ledger import House
from onrecord.pieces import CRASHED, Size, lines, stretches
from onrecord.records import Article, DataError, Problem, Record, UsageError
from onrecord.running.passes import (
    DONE,
    REVIEW,
    UNWATCHED,
    Documents,
    Row,
    Shards,
    Stage,
    Watch,
    Where,
    placed,
    plan,
    problem,
    watched,
)
from onrecord.running.shards import Shard, make, state
from onrecord.shelf import hydrated

SIGNED = np.dtype([("place", "<u8"), ("grams", "<u4"), ("hashes", "<u4", (stories.PERMUTATIONS,))])
"""A signed article: the offset of its line, the number of 3-grams of its body (0: nothing to
compare) and its signature."""

Key = tuple[int, int]
"""An article: its shard and its number there."""


@dataclass(frozen=True)
class Sign(Shards):
    """Signs the articles of each shard: one file of `SIGNED` per shard."""

    folder: str
    root: str
    tasks: int
    name: str = "sign"
    ending = ".signed"

    def do(self, task: int, watch: Watch) -> None:
        house = House(Path(self.root))
        with places.writing(self.path(task)) as file:
            found = watched(_placed(self.shard(task)), watch)
            for number, (at, line) in enumerate(found):
                file.write(signed(at, None if number in watch.skip else line, house).tobytes())


def signed(at: int, line: bytes | None, house: House) -> np.ndarray:
    """The record of an article's line; `line` is None for one that must not be touched.

    Total: an article that cannot be read gets a record without signature (see `_unsigned`).
    """
    record = np.zeros((), SIGNED)
    record["place"] = at
    if line is None:
        record["hashes"][0] = _CRASHED
        return record
    try:
        article = ledger.decoded(line, Article)
    except msgspec.DecodeError:
        return record  # reported by the pass `Name`
    try:
        if body := _body(article, house):
            made = stories.sketch(body)
            record["grams"] = len(made.grams)
            record["hashes"] = made.signature.digest()
    except (OSError, UsageError, DataError):
        raise
    except Exception:
        record["hashes"][0] = _FAILED
    return record


_CRASHED, _FAILED = 1, 2
"""The first hash of an article whose signature could not be made."""


def _unsigned(record: np.ndarray) -> str:
    """Why the signature of an article is missing, "" if it is not."""
    if record["grams"]:
        return ""
    return {_CRASHED: CRASHED, _FAILED: UNREAD}.get(int(record["hashes"][0]), "")


UNREAD = "its text cannot be read or compared; check its line and its copy in build/text"


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
    """The signatures of all shards, with a cache of recently used ones."""

    def __init__(self, sign: Sign) -> None:
        self._house = House(Path(sign.root))
        self._name = plan(sign.folder)[0].pieces[0].file if sign.tasks else ""
        self.shard = lru_cache(maxsize=256)(partial(records, sign))
        self._grams = lru_cache(maxsize=1024)(self._of)
        self._slots = lru_cache(maxsize=8192)(lambda key: stories.slots(self._grams(key)))
        self._bound = stories.Bound()

    @cached_property
    def _file(self) -> IO[bytes]:
        return places.picking(places.place(self._name))

    def article(self, key: Key) -> Article:
        self._file.seek(int(self.shard(key[0])[key[1]]["place"]))
        return ledger.decoded(self._file.readline(), Article)

    def _of(self, key: Key) -> set[str]:
        return stories.shingles(_body(self.article(key), self._house))

    def near(self, one: Key, other: Key) -> bool:
        """Whether two articles are near-duplicates, word by word."""
        shared = stories.containment(self._grams(one), self._grams(other))
        return shared >= stories.CONTAINMENT

    def sure(
        self, likely: Iterable[tuple[Any, Any]], groups: Any, key: Callable[[int], Key]
    ) -> Iterator[tuple[int, int]]:
        """The near-duplicates among the pairs that `stories.meeting` gave, by number.

        `key` gives an article's key. Pairs whose `groups` have been joined meanwhile are left out.
        """
        for ones, others in likely:
            cuts = np.flatnonzero(np.diff(ones)) + 1
            for first, those in zip(ones[[0, *cuts]].tolist(), np.split(others, cuts), strict=True):
                if len(those) > 1:
                    theirs = (self._slots(key(other)) for other in those.tolist())
                    most = self._bound.most(self._slots(key(first)), theirs)
                    those = those[most >= stories.CONTAINMENT]
                for other in those.tolist():
                    if groups[first] != groups[other] and self.near(key(first), key(other)):
                        yield first, other


class Groups:
    """Connected groups of articles (union-find)."""

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
        """Each article that is not the first of its group, with the first one, in order."""
        for key in sorted(self._up):
            yield key, self.first(key)


def joined(groups: Groups, candidates: Iterable[Key], signatures: Signatures, band: int) -> None:
    """Join the near-duplicates among one band's candidates, except pairs of an earlier band."""
    keys = sorted(candidates)
    names: dict[Key, int] = {}
    own = np.array([names.setdefault(groups.first(key), len(names)) for key in keys])
    if len(names) == 1:
        return
    sizes = np.array([signatures.shard(shard)[number]["grams"] for shard, number in keys])

    def hashes(numbers: Any) -> Any:
        found = [keys[number] for number in numbers.tolist()]
        return np.stack([signatures.shard(shard)[number]["hashes"] for shard, number in found])

    likely = stories.meeting(np.arange(len(keys)), own, sizes, hashes, band)
    for one, other in signatures.sure(likely, own, keys.__getitem__):
        groups.join(keys[one], keys[other])
        own[own == own[other]] = own[one]


@dataclass(frozen=True)
class Cluster:
    """Finds the stories, and writes for each shard which articles are not the first of theirs."""

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
        batch, starts = self._batch()
        numbers = np.arange(starts[-1])
        groups = numbers.copy()  # the group of each article, named after one of its articles
        members: dict[int, list[int]] = {}

        def key(number: int) -> Key:
            shard = bisect_right(starts, number) - 1
            return shard, number - starts[shard]

        for one, other in signatures.sure(batch.likely(numbers, groups), groups, key):
            a, b = int(groups[one]), int(groups[other])
            many, few = members.get(a, [a]), members.pop(b, [b])
            if len(many) < len(few):
                a, many, few = b, few, many
                members.pop(int(groups[one]), None)
            groups[few] = a
            members[a] = many + few
        firsts = {group: min(each) for group, each in members.items()}
        later = sorted(n for g, each in members.items() for n in each if n != firsts[g])
        found = ((key(n), key(firsts[int(groups[n])])) for n in later)
        write(self.sign, found, signatures)

    def _batch(self) -> tuple[stories.Batch, list[int]]:
        """The signatures of all articles, and the number of the first article of each shard."""
        batch, starts = stories.Batch(), [0]
        for number in range(self.sign.tasks):
            found = records(self.sign, number)
            for grams, hashes in zip(found["grams"].tolist(), found["hashes"], strict=True):
                batch.add(grams, hashes.tobytes())
            starts.append(starts[-1] + len(found))
        return batch, starts


def write(sign: Sign, found: Iterable[tuple[Key, Key]], signatures: Signatures) -> None:
    """Write the stories of articles that are not the first, `found` in order, a file per shard."""
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
    first: bool


@dataclass(frozen=True)
class Name:
    """The pass that gives each article its story: its own id if it is the first.

    The row of an article that tells the story of an earlier one is marked `REVIEW`.
    """

    sign: Sign
    rule: str = "stories.failed"

    def read(self, shard: Shard, watch: Watch = UNWATCHED) -> Iterator[_Given | Problem | None]:
        path = _map(self.sign.folder, f"{shard.number:06}")
        known = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        signed = records(self.sign, shard.number)
        for number, found in enumerate(placed(shard, self.rule, watch)):
            if found is None or isinstance(found, Problem):
                yield found
                continue
            where, line = found
            if why := _unsigned(signed[number]):
                yield problem(self.rule, where, why)
                continue
            try:
                own = ledger.decoded(line, Article).id
            except msgspec.DecodeError as error:
                yield problem("schema", where, f"{error}; a line is what convert writes")
            else:
                story = known.get(str(number))
                yield _Given(where._replace(id=own), story or own, story is None)

    def where(self, given: _Given) -> Where:
        return given.where

    def row(self, given: _Given) -> Row:
        line = msgspec.json.encode(Named(given.where.id, given.story)) + b"\n"
        return Row(DONE if given.first else REVIEW, line)


def stages(
    work: Path, articles: str, house: House, size: Size
) -> tuple[list[Stage], Documents[Name]]:
    """The stages for a file of articles: signatures, groups, rows."""
    root = house.root.resolve()
    settings = ["stories", root.as_posix(), state(house.text)]
    made = make(work, stretches(places.place(articles), size), size, settings)
    folder, tasks = made.folder.as_posix(), len(made)
    sign = Sign(folder, root.as_posix(), tasks)
    named = Documents(Name(sign), folder, "name", tasks)
    return [sign, Cluster(sign), named], named
