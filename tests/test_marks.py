"""Quotation marks of every convention: what stands in them, and the type of a quote by them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.marks import quote_type, stretches


@pytest.mark.parametrize(
    ("kind", "pieces"),
    [
        ("direct", ["“We will appeal.”"]),
        ("direct", ['"We will appeal,"', '"and win."']),
        ("direct", ["‘We don’t know what they’ve done to the drivers’ union.’"]),
        ("direct", ["'I don't know,'"]),
        ("direct", ["''We won''"]),
        ("direct", ["``We won''"]),
        ("direct", ["« On a gagné »"]),
        ("direct", ["«On a gagné»"]),
        ("direct", ["»Wir haben gewonnen«"]),
        ("direct", ["„Wir haben gewonnen“"]),
        ("direct", ["„Wygraliśmy”"]),
        ("direct", ["‚Ja‘"]),
        ("direct", ["“He told me ‘no’ twice,”"]),
        ("direct", ["‘He told me “no” twice,’"]),
        ("direct", ["“First paragraph.\n\n“Second paragraph.”"]),
        ("direct", ['"First paragraph.\n\n"Second paragraph."']),
        ("direct", ["“First paragraph."]),
        ("direct", ["and so it ended.”"]),
        ("direct", ["“…and so it ended”"]),
        ("direct", ["“1,200!”"]),
        ("indirect", ["that the drivers’ union wouldn’t strike"]),
        ("indirect", ["that the '90s were over for 'em"]),
        ("indirect", ["1,200"]),
        ("indirect", [""]),
        ("indirect", ["”"]),
        ("indirect", []),
        ("mixed", ["that the plan was “dead”"]),
        ("mixed", ["the ‘red’ plan for the drivers’ union"]),
        ("mixed", ["“Dead,”", "and gone for good"]),
        ("mixed", ["« Bonjour », a-t-il dit"]),
    ],
)
def test_the_type_of_a_quote_is_told_by_its_marks(kind: str, pieces: list[str]) -> None:
    assert quote_type(pieces) == kind


@given(st.lists(st.text(alphabet="aS .,\n\"'“”„‘’«»‚0𝔸", max_size=20), max_size=3))
def test_every_text_has_a_type(pieces: list[str]) -> None:
    assert quote_type(pieces) in {"direct", "indirect", "mixed"}


@given(st.text(alphabet="abc dé", min_size=1).filter(lambda text: text.strip()))
def test_a_text_in_one_pair_of_marks_is_direct_and_without_any_indirect(text: str) -> None:
    said = text.strip()
    for start, end in ("“”", '""', "«»", "„“", "‘’"):
        assert quote_type([start + said + end]) == "direct"
    assert quote_type([said]) == "indirect"


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("He said “go” and “stay” to us", ["“go”", "“stay”"]),
        ('He said "...and shut" now', ['"...and shut"']),
        ("a ‘drivers’ union’ of their own", ["‘drivers’ union’"]),
        ("‘THE DRIVERS’ UNION’ it said", ["‘THE DRIVERS’ UNION’"]),
        ("rock 'n roll since the '90s", []),
        ("It “never closed", ["“never closed"]),
    ],
)
def test_what_stands_in_marks(text: str, marked: list[str]) -> None:
    assert [text[start:end] for start, end in stretches(text)] == marked
