"""Near-duplicates in one batch: the pairs and stories that looking at each pair would find."""

from __future__ import annotations

import random
import re
import tempfile
from itertools import combinations
from pathlib import Path
from unittest import mock

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import synthetic
from onrecord import ledger
from onrecord.articles import stories
from onrecord.ledger import House
from onrecord.pieces import Size
from onrecord.records import Article
from onrecord.running import passes
from onrecord.running import stories as telling

TEXT = st.lists(st.sampled_from("abcde"), min_size=0, max_size=9).map(" ".join)


def share(one: stories.Sketch, other: stories.Sketch) -> bool:
    """Whether two articles are candidates: by the definition, for any two."""
    a, b = one.signature.digest(), other.signature.digest()
    rows = range(0, stories.PERMUTATIONS, stories.ROWS)
    alike = float(np.mean(np.array(a) == np.array(b)))
    return any(a[at : at + stories.ROWS] == b[at : at + stories.ROWS] for at in rows) and bool(
        stories.possible(alike, len(one.grams), len(other.grams))
    )


def runs(long: int, block: int) -> mock._patch[int]:  # the type of mock.patch
    """From how many articles a run is gone through by itself, and in blocks of how many."""
    return mock.patch.multiple(stories, _LONG=long, _BLOCK=block)


@pytest.mark.parametrize(("long", "block"), [(64, 512), (64, 1), (2, 512), (3, 2)])
@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.none() | TEXT, st.integers(0, 2)), max_size=14), st.data())
def test_the_pairs_are_those_that_share_a_band(
    long: int, block: int, articles: list[tuple[str | None, int]], data: st.DataObject
) -> None:
    sketches = [None if text is None else stories.sketch(text) for text, _ in articles]
    batch = stories.Batch()
    for sketch in sketches:
        batch.add(len(sketch.grams) if sketch else 0, sketch.hashes if sketch else b"")
    numbers = data.draw(st.permutations(range(len(articles))))[: len(articles) // 2 + 1]
    groups = [articles[number][1] for number in numbers]

    wanted = [
        (earlier, later)
        for later in range(len(numbers))
        for earlier in range(later)
        if groups[earlier] != groups[later]
        and (one := sketches[numbers[earlier]])
        and (other := sketches[numbers[later]])
        and share(one, other)
    ]
    with runs(long, block):
        found = batch.pairs(np.array(numbers, np.intp), np.array(groups, np.uint8))
    assert list(zip(*(places.tolist() for places in found), strict=True)) == wanted


WORDS = ["quay", "fog", "mill", "lamp", "dune", "ford", "moss", "vale"]
PHRASES = [" ".join(random.Random(seed).choices(WORDS, k=8)) for seed in range(9)]
BODY = st.lists(st.sampled_from(PHRASES), min_size=1, max_size=5).map(" ".join)


def by_each_pair(bodies: list[str]) -> list[int]:
    """The first article of each one's story: all pairs are looked at, and none is left out."""
    sketches = list(map(stories.sketch, bodies))
    first = list(range(len(bodies)))
    for a, b in combinations(range(len(bodies)), 2):
        one, other = sketches[a], sketches[b]
        if share(one, other) and stories.containment(one.grams, other.grams) >= 0.5:
            kept, gone = sorted((first[a], first[b]))
            first = [kept if at == gone else at for at in first]
    return first


@pytest.mark.parametrize(("long", "block"), [(64, 512), (2, 3)])
@settings(max_examples=20, deadline=None)
@given(st.lists(BODY, min_size=2, max_size=24))
def test_the_stories_are_those_that_looking_at_each_pair_would_find(
    long: int, block: int, bodies: list[str]
) -> None:
    wanted = by_each_pair(bodies)
    base = synthetic.article([("body", "quay")])
    with tempfile.TemporaryDirectory() as name, runs(long, block):
        folder = Path(name)
        ledger.write(folder / "in.jsonl", (told(base, n, body) for n, body in enumerate(bodies)))
        (sign, cluster, _), _ = telling.stages(
            folder / "work", str(folder / "in.jsonl"), House(folder), Size(7, 1 << 20)
        )
        assert isinstance(sign, telling.Sign)
        for task in range(sign.tasks):
            sign.do(task, passes.Watch())
        cluster.do(0, passes.Watch())
        keys = [(at // 7, at % 7) for at in range(len(bodies))]
        found = {}
        for task in range(sign.tasks):
            path = Path(sign.folder, "stories", f"{task:06}.json")
            found |= {
                (task, int(at)): id_ for at, id_ in msgspec.json.decode(path.read_bytes()).items()
            }
        assert [found.get(key, id_of(n)) for n, key in enumerate(keys)] == list(map(id_of, wanted))
        # The same by band, each for itself: as an engine's tasks find them.
        together, signatures = telling.Groups(), telling.Signatures(sign)
        for band in range(stories.BANDS):
            buckets: dict[bytes, list[telling.Key]] = {}
            for key in keys:
                value = signatures.shard(key[0])[key[1]]["hashes"].view(np.uint64)[band]
                buckets.setdefault(value, []).append(key)
            groups = telling.Groups()
            for bucket in filter(lambda each: len(each) > 1, buckets.values()):
                telling.joined(groups, bucket, signatures, band)
            for key, first in groups.stories():
                together.join(key, first)
        assert [together.first(key) for key in keys] == [keys[first] for first in wanted]


def id_of(number: int) -> str:
    return f"quay-times-{number:012x}"


def told(base: Article, number: int, body: str) -> Article:
    segment = msgspec.structs.replace(base.segments[0], start=0, end=len(body))
    return msgspec.structs.replace(base, id=id_of(number), text=body, segments=[segment])


@given(st.text() | st.text(alphabet="aÄßẞİıſﬁ’—_ 9²\u0301\u3000中\n"))
def test_words_are_those_that_the_pattern_finds(text: str) -> None:
    marks = re.sub(r"[^\w\s]", " ", text.casefold())
    expected = "".join(c if c.isalnum() or c == "_" else " " for c in marks).split()
    assert stories.words_of(text) == expected


@settings(max_examples=20, deadline=None)
@given(st.lists(BODY, min_size=2, max_size=60), st.integers(1, 60))
def test_articles_one_by_one_find_what_looking_at_each_would(bodies: list[str], first: int) -> None:
    """Whether many are remembered before anything is looked for, or one and one."""
    with mock.patch.multiple(stories, _LEAST=2):
        found = stories.Stories(lambda name: bodies[int(name)])
        sketches = list(map(stories.sketch, bodies))
        for number, own in enumerate(sketches):
            if number >= first:
                wanted = [
                    str(other)
                    for other, theirs in enumerate(sketches[:number])
                    if share(own, theirs) and stories.containment(own.grams, theirs.grams) >= 0.5
                ]
                assert found.near(own) == wanted
            found.add(str(number), str(number), own.signed)


def test_articles_from_a_template_are_not_read_for_each_pair() -> None:
    """Each pair has too little in common, but enough to be compared."""
    frame = " ".join(f"frame{n}" for n in range(60))
    bodies = [f"{frame} " + " ".join(f"own{n}x{k}" for k in range(90)) for n in range(120)]
    read: list[int] = []

    def body_of(name: str) -> str:
        read.append(int(name))
        return bodies[int(name)]

    found = stories.Stories(body_of)
    for number, text in enumerate(bodies):
        own = stories.sketch(text)
        assert found.near(own) == []
        found.add(str(number), str(number), own.signed)
    assert len(bodies) / 2 < len(read) < 2 * len(bodies)
