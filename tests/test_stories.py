"""Near-duplicates in one batch: the pairs are those that looking at each pair would find."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from onrecord.articles import stories

TEXT = st.lists(st.sampled_from("abcde"), min_size=0, max_size=9).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | TEXT, st.integers(0, 2)), max_size=14), st.data())
def test_the_pairs_are_those_that_share_a_band(
    articles: list[tuple[str | None, int]], data: st.DataObject
) -> None:
    sketches = [None if text is None else stories.sketch(text) for text, _ in articles]
    batch = stories.Batch()
    for sketch in sketches:
        batch.add(len(sketch.grams) if sketch else 0, sketch.hashes if sketch else b"")
    numbers = data.draw(st.permutations(range(len(articles))))[: len(articles) // 2 + 1]
    groups = [articles[number][1] for number in numbers]

    def share(one: stories.Sketch, other: stories.Sketch) -> bool:
        a, b = one.signature.digest(), other.signature.digest()
        rows = range(0, stories.PERMUTATIONS, stories.ROWS)
        alike = float(np.mean(np.array(a) == np.array(b)))
        return any(a[at : at + stories.ROWS] == b[at : at + stories.ROWS] for at in rows) and bool(
            stories.possible(alike, len(one.grams), len(other.grams))
        )

    wanted = [
        (earlier, later)
        for later in range(len(numbers))
        for earlier in range(later)
        if groups[earlier] != groups[later]
        and (one := sketches[numbers[earlier]])
        and (other := sketches[numbers[later]])
        and share(one, other)
    ]
    found = batch.pairs(np.array(numbers, np.intp), np.array(groups, np.uint8))
    assert list(zip(*(places.tolist() for places in found), strict=True)) == wanted


@given(st.text() | st.text(alphabet="aÄßẞİıſﬁ’—_ 9²\u0301\u3000中\n"))
def test_words_are_those_that_the_pattern_finds(text: str) -> None:
    marks = re.sub(r"[^\w\s]", " ", text.casefold())
    expected = "".join(c if c.isalnum() or c == "_" else " " for c in marks).split()
    assert stories.words_of(text) == expected
