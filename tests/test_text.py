"""The normal form of texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord.text import assemble, faults, normalise, sha256, slug, tiles

# Whatever a page can hold: marks, joiners, accents apart from their letters, blanks of all kinds.
ANY = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("\u200d\u00a0\u0301\ufeff\u2028\x00\r\n\t \u00ad“”‘’🇬🇧👩🏽\u202e\x1c\x85"),
    )
)


@given(ANY)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(ANY)
def test_a_normalised_paragraph_has_no_fault(text: str) -> None:
    assert faults(normalise(text)) == []


@given(st.lists(ANY.map(normalise).filter(bool), min_size=1))
def test_segments_tile_the_text_they_make(paragraphs: list[str]) -> None:
    text, segments = assemble([("body", p, []) for p in paragraphs])
    assert [text[s.start : s.end] for s in segments] == paragraphs
    assert tiles(segments, len(text))
    assert faults(text) == []


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("a\u00a0b", "a b"),
        ("  a \t b\r\n c ", "a b c"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("soft\u00adhyphen", "softhyphen"),
        ("the crew 👩🏽\u200d🚒 and ❤️\u200d🔥", "the crew 👩🏽\u200d🚒 and ❤️\u200d🔥"),
        ("👩\u200d \u200d🚒 👩\u200b\u200d🚒 a\u200db", "👩 🚒 👩🚒 ab"),
        ("می\u200cرود، خانه\u200c\u200cها", "می\u200cرود، خانه\u200cها"),
        ("می\u200c رود\u200c \u200cها a\u200cb", "می رود ها ab"),
        ("Bja\u030ardal", "Bj\u00e5rdal"),
        ("‘single’ “double” 'straight' …", "‘single’ “double” 'straight' …"),
        ("\ud83c\udde7".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "🇧"),
    ],
)
def test_what_normal_form_does(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a\u00a0b", "a blank other than a space"),
        ("a\u2800b", "a blank other than a space"),
        ("a  b", "a run of spaces"),
        ("a \n\nb", "a blank at a line's end"),
        ("a\nb", "paragraphs not separated"),
        ("a\n\n\nb", "paragraphs not separated"),
        ("a\u200bb", "a control or zero-width character"),
        ("a\x07b", "a control or zero-width character"),
        ("e\u0301", "not NFC"),
    ],
)
def test_each_fault_is_named(text: str, fault: str) -> None:
    (found,) = faults(text)
    assert found.startswith(fault)


def test_hash_is_over_utf8() -> None:
    assert sha256("é") == "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("The Moscow Times", "the-moscow-times"),
        ("Ørland  Avis!", "rland-avis"),
        ("Ça va", "ca-va"),
        ("Hawaiʻi Æ № 5", "hawaii-no-5"),
        ("", "unnamed"),
        ("新聞", "cjk-9c200fe1"),
        ("Вести  Реки", "cyrillic-907572e2"),
        ("вести реки", "cyrillic-907572e2"),
        ("TV Вести", "tv-3bd67bf3"),
        ("!!!", "unnamed-e84c538e"),
    ],
)
def test_slugs(name: str, expected: str) -> None:
    assert slug(name) == expected
