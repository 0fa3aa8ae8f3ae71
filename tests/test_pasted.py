"""Pasted text: the article out of the page around it, and what pages of a publisher repeat."""

import json
import os
import random
import re
import textwrap
from itertools import chain, product
from pathlib import Path

import ftfy.badness
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from onrecord.articles import (
    encodings,
    lexicon,
    lines,
    looks,
    page_lines,
    pasted,
    sentences,
    sources,
)
from onrecord.articles.convert import convert
from onrecord.articles.documents import Document, Origin
from onrecord.articles.lines import Lines
from onrecord.articles.pasted import Parts
from onrecord.articles.units import units
from onrecord.records import Article, UsageError
from onrecord.text import PARAGRAPH_BREAK, normalise, split_lines
from parts import HOME, shared

HOUSE_TEXTS = sorted((HOME / "corpus/raw").rglob("*.txt"))
GOLDEN = sorted((HOME / "tests/cases/convert").glob("*.json"))

NAV = ["Home", "News", "Sport", "Weather", "Log in", "Jobs and notices", "Puzzles for all ages"]
FOOT = [
    "Most read",
    "Seal pup back at sea after a night in a bus shelter",
    "Corn Hall panto cast is announced",
    "The Orrin Mercury is printed in Orrin by people who live there and is sold on Thursdays.",
    "© Orrin Mercury Ltd",
]
HEADLINE = "Council closes the ferry pier for a year of repairs"
BODY = [
    "Orrin's ferry pier will close in April for a year of repairs, the council said on Monday.",
    "Engineers found cracks in nine of the forty piles that carry the pier, some wide enough to "
    "put a hand in, and advised that no lorry should stand on it.",
    "“We would rather lose a summer than a ferry,” said the harbour master, Isla Renwick.",
    "What it costs",
    "The repairs will cost £3.1 million, two thirds of it from the county. Traders on the front "
    "say that a year without day trippers could cost them as much again.",
    "“Nobody has come to talk to us,” said Tam Orde, who hires out bicycles.",
    "A ferry will run from Kelso Quay instead, twice a day.",
]
OTHER = [
    "A baker in Kelso Quay has been fined for selling loaves that were a third too light.",
    "Inspectors weighed two dozen loaves in March and found none that came near to its label, "
    "the court in Orrin heard on Tuesday.",
    "Magnus Airlie, 58, said his scales were older than he was and had never been questioned.",
    "He was fined £400 and told to buy new ones.",
]


def text_of(parts: Parts) -> str:
    return PARAGRAPH_BREAK.join(text for _, text, _ in parts.paragraphs)


def said(parts: Parts, role: str) -> list[str]:
    return [text for r, text, _ in parts.paragraphs if r == role]


def page(headline: str, body: list[str], extra: tuple[str, ...] = ()) -> str:
    """A page with everything on it, one line to a block."""
    front = [headline, "By Una Farr", "Published: 3 March 2025"]
    return "\n".join([*NAV, *front, *body, *extra, *FOOT])


def covers(source: str, parts: Parts) -> bool:
    """Whether every letter of a source is in one kept paragraph or one removed stretch."""
    seen = bytearray(len(source))
    for start, end in [p[2] for p in parts.paragraphs] + [(c.start, c.end) for c in parts.removed]:
        if any(seen[start:end]):
            return False
        seen[start:end] = b"\1" * (end - start)
    return not "".join(c for c, s in zip(source, seen, strict=True) if not s).strip()


# --- the article among the lines --------------------------------------------------------------


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_an_article_comes_out_of_a_whole_page(gap: str) -> None:
    source = page(HEADLINE, BODY).replace("\n", gap)
    parts = pasted.read(source)
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY]
    assert said(parts, "headline") == [HEADLINE]
    assert said(parts, "subhead") == ["What it costs"]
    assert parts.authors == ["Una Farr"]
    assert parts.date_published == "2025-03-03"
    assert covers(source, parts)
    assert set(parts.review) >= {"links", "behind-text"}, "the cleaner guessed: a person must look"


def test_an_article_alone_is_kept_to_the_last_line() -> None:
    for body in (BODY, [*BODY, "Tam Orde, Orrin"], BODY[:1], OTHER):
        parts = pasted.read("\n\n".join([HEADLINE, *body]))
        assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *body]
        assert parts.removed == []
        assert parts.review == []


def test_a_headline_and_a_date_are_no_article() -> None:
    parts = pasted.read(f"{HEADLINE}\n\nMonday, 3 March 2025")
    assert said(parts, "body") == []
    assert "no-body" in parts.review


def test_without_a_headline_none_is_made_up() -> None:
    parts = pasted.read("\n\n".join([*BODY[:3], BODY[4]]))
    assert said(parts, "headline") == []
    assert said(parts, "body") == [*BODY[:3], BODY[4]]
    assert "no-headline" in parts.review


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("Published: 9 January 2025, 4.40pm", "2025-01-09"),
        (
            "PUBLISHED: January 9, 2025 at 8:48 p.m. | UPDATED: January 11, 2025 at 1 a.m.",
            "2025-01-09",
        ),
        ("First published on Thu 9 Jan 2025 15.21 CET", "2025-01-09"),
        ("Jan. 9, 2025, 5:24 AM UTC / Updated Jan. 10, 2025, 2:01 PM UTC", "2025-01-09"),
        ("Updated on January 10, 2025", ""),
        ("Last modified on Fri 10 Jan 2025 20.26 CET", ""),
        ("On July 1, 2024, the Mercury moved into its new office on the quay.", ""),
        ("31 February 2025", ""),
    ],
)
def test_a_day_of_publication_is_one_that_the_page_states(line: str, day: str) -> None:
    source = "\n".join([*NAV, HEADLINE, "By Una Farr", line, *BODY, *FOOT])
    assert pasted.read(source).date_published == day


def test_a_day_in_a_banner_is_no_day_of_publication() -> None:
    source = "\n".join(["Monday, 3 March 2025", *NAV, HEADLINE, *BODY, *FOOT])
    assert pasted.read(source).date_published == ""


@pytest.mark.parametrize(
    ("lines_", "authors"),
    [
        (["By Una Farr and Ned Orr"], ["Una Farr", "Ned Orr"]),
        (["By", "Una Farr"], ["Una Farr"]),
        (["The Orrin Mercury", "BYLINE: Una Farr"], ["Una Farr"]),
        (["By Una Farr | ufarr@orrin.example | Orrin Mercury"], ["Una Farr"]),
        (["By Una Farr | Published Jan 9, 2025 11:00 AM"], ["Una Farr"]),
        (["The Orrin Mercury"], []),
        (["Una Farr", "9 January 2025"], ["Una Farr"]),
        (["Una Farr and Ned Orr in Kelso Quay", "9 January 2025"], ["Una Farr", "Ned Orr"]),
        (["Una Farr Council reporter", "9 January 2025"], ["Una Farr"]),
        (["By Una Farr Chief reporter", "9 January 2025"], ["Una Farr"]),
        (["By Una Farr Health and care correspondent"], ["Una Farr"]),
        (["By Una Farr Arts writer and Ned Orr Council reporter"], ["Una Farr", "Ned Orr"]),
        (["By", "Social Links for", "Una Farr"], ["Una Farr"]),
        (["Una Farr"], []),
        (["Copy Link", "9 January 2025"], []),
    ],
)
def test_authors_are_those_of_the_byline(lines_: list[str], authors: list[str]) -> None:
    source = "\n".join([*NAV, HEADLINE, *lines_, *BODY, *FOOT])
    parts = pasted.read(source)
    assert parts.authors == authors
    assert said(parts, "body")[0] == BODY[0]


def test_what_stands_behind_an_article_goes() -> None:
    extra = (
        "Una Farr is a senior reporter at the Mercury, where she writes about boats and harbours.",
        "Follow Una on her podcast, or write to us at news@orrin.example.",
    )
    parts = pasted.read(page(HEADLINE, BODY, extra))
    assert said(parts, "body")[-1] == BODY[-1]


READERS = [
    ("Tam Orde", "I rowed across in my father's time, and it took an hour each way with the tide."),
    ("Isla Renwick", "The harbour board was told of the worm twice before it sent anybody down."),
    ("Wil Nedd", "Whoever signed that survey should be made to walk the pier in a south-westerly."),
]


@pytest.mark.parametrize(
    ("label", "stamp"),
    [
        ("3 Comments", "{} 14 March 2025 at 11:21 pm"),
        ("Comments (3)", "{}\n2025-03-14 11:21"),
        ("3 Kommentare", "{} | 14.03.2025 11:21"),
        ("Leave a comment", "{}\n4 hours ago"),
        ("3 Comments", "{} Mar 14th at 11:21 pm"),
        ("3 Comments", "{}\nMarch 14, at 23.21"),
        ("Replies", "{} says:\n14 March 2025 at 11:21 pm"),
    ],
)
def test_what_readers_say_goes_from_its_label_on(label: str, stamp: str) -> None:
    comments = [f"{stamp.format(who)}\n{what}" for who, what in READERS]
    parts = pasted.read("\n\n".join([*NAV, HEADLINE, "By Una Farr", *BODY, label, *comments]))
    assert said(parts, "body") + said(parts, "subhead") == [*BODY[:3], *BODY[4:], BODY[3]]
    assert "comments" in {cut.rule for cut in parts.removed}


def test_a_story_goes_on_behind_the_code_that_it_shows() -> None:
    code = [f"    {pile}{pile} = read(gauge, quay);" for pile in "abcdefghijklmnopqrstuvwxyz"]
    parts = pasted.read(
        "\n".join([*NAV, HEADLINE, "By Una Farr", *BODY[:3], *code, *BODY[4:], *FOOT])
    )
    assert [text for text in said(parts, "body") if text in BODY] == [*BODY[:3], *BODY[4:]]


def test_a_story_told_by_the_hour_is_no_comment() -> None:
    hours = [f"14 March 2025 at 1{n}:21 pm\n{text}" for n, text in enumerate([*BODY[:3], BODY[4]])]
    parts = pasted.read("\n\n".join([HEADLINE, "By Una Farr", "12 comments", *hours]))
    assert {BODY[1], BODY[2], BODY[4]} <= set(said(parts, "body"))


# --- no rule takes most of a story ----------------------------------------------------------------

BOTH = [*BODY, *OTHER]


def apart(source: str, headline: str = "") -> Parts:
    """What is read of lines with blank ones between them."""
    return pasted.read(source.replace("\n", PARAGRAPH_BREAK), headline)


PILES = [f"Pile {n}" for n in range(1, 41)]
BOARD = [
    "The harbour board was founded in 1871 by those who wanted a light on the skerry and a crane on"
    " the quay, and it has kept both of them ever since, through two wars and a bankruptcy.",
    "Its nine members are elected by whoever owns a boat, and meet on the first Monday of a month.",
    "Minutes of the meetings can be read in the library of Orrin from nine in the morning to four.",
]


@pytest.mark.parametrize(
    "between",
    [
        PILES,
        [*PILES, "Most read"],
        ["© Una Farr", *PILES],
        [*PILES[:20], "Sign up to our newsletter", *PILES[20:]],
    ],
)
def test_a_story_goes_on_behind_a_long_list(between: list[str]) -> None:
    body = said(apart(page(HEADLINE, [*BODY, *between, *OTHER, *BOARD])), "body")
    assert {*BODY[:3], BODY[-1], *OTHER, *BOARD} <= set(body)


SHORT = [
    "The board will meet again when the divers are back from Kelso Quay with their lamps.",
    "Until then nobody may tie a boat to the rail on the north side of the pier at night.",
]


def test_short_paragraphs_behind_a_list_are_the_storys_where_nothing_of_the_page_is_between() -> (
    None
):
    def kept(*behind: str) -> set[str]:
        lines_ = [*NAV, HEADLINE, "By Una Farr", *BODY, *PILES, *behind, *FOOT]
        return set(behind) & set(said(pasted.read("\n".join(lines_)), "body"))

    assert kept(*SHORT) == set(SHORT)
    assert not kept("Most read", *SHORT), "a label of the page"
    assert not kept(BOARD[0]), "one alone"
    few = "Nobody came to any harm on the day."
    assert not kept(few, few.replace("day", "pier")), "a few words"


def test_what_readers_say_is_no_more_of_the_story_behind_a_list() -> None:
    lines_ = [HEADLINE, "By Una Farr", *BOTH, "Comments", *PILES, *BOARD]
    assert BOARD[0] not in said(apart("\n".join([*NAV, *lines_])), "body")


@pytest.mark.parametrize("where", ["above", "below"])
def test_a_story_that_is_signed_comes_before_what_is_longer(where: str) -> None:
    story = [HEADLINE, "By Una Farr", "Published: 3 March 2025", *BODY[:3]]
    lines_ = (
        [*story, *PILES, "Comments", *BOARD]
        if where == "above"
        else [*BOARD, "Most read", *PILES, *story]
    )
    parts = apart("\n".join([*NAV, *lines_]))
    assert said(parts, "headline") == [HEADLINE]
    assert said(parts, "body") == BODY[:3]


NOTICE = [*BOARD[:2], *SHORT]


RESULTS = [f"{place} Harriers\t{place[::-1].title()} Rovers\tpostponed" for place in "abcdefghij"]
STORMS = [
    "Every fixture of the coastal league was postponed on Saturday after the pitches flooded, and "
    "the secretary of the league, Oona Brack, said that none would be played before Easter.",
    "The league had hoped to finish its fixtures by Easter, but Brack said the flooded pitches "
    "needed a month to drain, and the secretary of the harbour club agreed with her.",
    "Brack will meet the clubs before the next fixtures are drawn, and said that the league may "
    "ask the county for a pitch that has never been flooded.",
]


@pytest.mark.parametrize("below", [STORMS[2], OTHER[1]])
def test_below_a_long_table_a_text_goes_on_where_it_tells_the_same_story(below: str) -> None:
    rows = [row for row in RESULTS for _ in range(2)]
    page = [*NAV, "Coastal league is under water", *STORMS[:2], *rows, below, *FOOT]
    text = text_of(pasted.read("\n".join(page)))
    assert STORMS[0] in text
    assert (below in text) == (below == STORMS[2])


def test_a_notice_above_the_menu_is_no_part_of_the_signed_story_below() -> None:
    def kept(*lines_: str) -> list[str]:
        return said(apart("\n".join([*lines_, *FOOT])), "body")

    story = [HEADLINE, "By Una Farr", "Published: 3 March 2025", *BOTH]
    parts = apart("\n".join([*NOTICE, *PILES, *story, *FOOT]))
    assert said(parts, "headline") == [HEADLINE]
    assert said(parts, "body")[0] == BODY[0]
    assert said(parts, "body")[-1] == OTHER[-1]
    assert NOTICE[0] in kept(*NOTICE, *PILES[:6], *story), "no menu"
    assert NOTICE[0] in kept(*NOTICE, *PILES, *BOTH), "nobody signs"
    assert NOTICE[0] in kept(*NOTICE, *PILES, *story[:6]), "as long as the story"


def test_of_two_signed_stories_the_first_is_the_articles() -> None:
    other = ["A baker is fined in Kelso Quay", "By Ned Orr", "4 March 2025", *OTHER, *BOARD]
    source = "\n".join([HEADLINE, "By Una Farr", "3 March 2025", *BODY, "Comments", *PILES, *other])
    assert said(apart(source), "body")[-1] == BODY[-1]


def test_a_letter_to_the_reader_ends_where_nobody_is_spoken_to() -> None:
    letter = ["A message from the editor:", "Your support keeps our only boat afloat.", HEADLINE]
    parts = apart("\n".join([*NAV, *letter, *BOTH, "Support us", *FOOT]))
    assert {BODY[0], BODY[1], BODY[4], OTHER[1]} <= set(said(parts, "body"))


def test_a_letter_takes_no_story_that_stands_between_it_and_its_button() -> None:
    letter = ["A message from the editor:", "Your support keeps our only boat afloat."]
    lines_ = [*NAV, *letter, HEADLINE, *BODY[:5], "Support us", *OTHER, *FOOT]
    assert {*BODY[:3], BODY[4], *OTHER} <= set(said(apart("\n".join(lines_)), "body"))


def test_who_thanks_readers_in_one_sentence_of_each_paragraph_keeps_the_paragraphs() -> None:
    body = [f"Thank you for your support, Orrin. {text}" for text in (BODY[1], BODY[4], OTHER[1])]
    assert said(apart(page(HEADLINE, [*body, "Support us"])), "body") == body


def test_whoever_runs_a_page_alone_asks_too() -> None:
    plea = (
        "Every month I spend my wages on paper and stamps for this page. For nine years it has "
        "stayed ad-free. My own time is free, and the stamps are not, so think of me."
    )
    assert plea not in said(apart(page(HEADLINE, [*BODY, plea])), "body")


@pytest.mark.parametrize("button", ["Give £5 a month", "Donate $10 now", "Contribute €4.50"])
def test_a_button_that_asks_for_an_amount_is_no_heading(button: str) -> None:
    parts = pasted.read("\n\n".join([HEADLINE, *BODY[:3], button, *BODY[3:]]))
    assert text_of(parts) == PARAGRAPH_BREAK.join([HEADLINE, *BODY])


def test_a_story_about_what_houses_live_on_is_no_appeal() -> None:
    body = [
        f"In {year} readers gave less. {BODY[4]} Your support was its plea." for year in (1, 2, 3)
    ]
    body = [text.replace("readers", name) for text in body for name in ("Ann", "Bo", "Cy", "Di")]
    assert said(apart(page(HEADLINE, body)), "body")[-len(body) :] == body


def test_a_headline_told_again_under_a_story_takes_nothing() -> None:
    source = "\n".join([*NAV, *BOTH, "Share", HEADLINE, *FOOT])
    assert {BODY[0], OTHER[-1]} <= set(said(apart(source, HEADLINE), "body"))


def test_nobody_signs_more_of_a_story_than_stands_above() -> None:
    body = [*BODY[:3], "Una Farr is a reporter who has lived by the harbour for years.", *BOTH[3:]]
    assert OTHER[-1] in said(apart(page(HEADLINE, [*body, *BOARD])), "body")


def test_behind_a_note_on_the_author_of_a_long_story_stand_other_stories() -> None:
    long = [*BOTH, *BOARD, *(f"{text} So it was in {year}." for text in BOARD for year in (1, 2))]
    note = "Una Farr is a reporter who has lived by the harbour for years."
    others = [f"{text} That was in {year}." for year in range(1900, 1921) for text in BOARD]
    some = page(HEADLINE, [*long, note, *others[:21]])
    assert said(apart(some), "body")[-1] == long[-1]
    most = page(HEADLINE, [*long, note, *others])
    assert said(apart(most), "body")[-1] == others[-1]


def test_behind_a_note_on_the_author_goes_less_than_stands_above() -> None:
    note = "Una Farr is a reporter who has lived by the harbour for years."
    short = [f"{name} hires out bicycles on the front at Orrin." for name in TOWNS[:5]]
    body = [*short, note, " ".join(OTHER[:3]), " ".join(BODY[:2])]
    assert body[-2:] == said(apart(page(HEADLINE, body)), "body")[-2:]


def test_a_long_paragraph_is_no_post() -> None:
    long = " ".join(BODY[:2] + BODY[4:5] + OTHER[:3])
    lines_ = [BODY[0], long, "— Una Farr (@unafarr) March 3, 2025", *OTHER]
    assert long in said(apart(page(HEADLINE, lines_)), "body")


def test_behind_whoever_signs_a_story_it_is_over() -> None:
    extra = (
        "Una is a reporter who has lived by the harbour for as long as she can remember.",
        "Those who write under our stories may win the badge of a Friend of the Pier for it.",
        "Friends of the Pier are read before all others, and their names are set in green.",
        "Pilots are those who have been friends for a year and have never been blotted out.",
        "The harbour board is not answerable for anything that is said by friends or pilots.",
    )
    parts = pasted.read(page(HEADLINE, BODY, extra))
    assert said(parts, "body")[-1] == BODY[-1]
    assert {cut.rule for cut in parts.removed} >= {"author"}


@pytest.mark.parametrize(
    ("rule", "lines_"),
    [
        ("links", ["Most popular", "Seal pup back at sea", "By Ned Orr", "A baker is fined"]),
        ("block", ["Watch", "CC", "Pier from the air", "Ferry, then and now", "Off", "3:41"]),
        ("control", ["Editor’s note: This is the second of three reports on piers."]),
        ("post", ["Glad to see the pier mended!", "— Tam Orde (@tamorde) March 3, 2025"]),
        (
            "post",
            [
                "Glad to see the pier mended!",
                "It took long.",
                "— Tam Orde (@tamorde) March 3, 2025",
            ],
        ),
    ],
)
def test_what_a_page_sets_between_paragraphs_goes(rule: str, lines_: list[str]) -> None:
    between = "\n".join(lines_)
    paragraphs = [HEADLINE, "By Una Farr", *BODY[:2], between, *BODY[2:]]
    parts = pasted.read("\n\n".join([*NAV, *paragraphs, *FOOT]))
    assert said(parts, "body") + said(parts, "subhead") == [*BODY[:3], *BODY[4:], BODY[3]]
    assert rule in {cut.rule for cut in parts.removed}


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement - story continues below",
        "Article continues below this promotion",
        "This field is for validation purposes and should be left as it is.",
        "Email address(Required)",
        "This content can also be viewed on the site where it was set.",
        "Your browser does not support the video tag.",
        "To view this video please enable JavaScript, and think of a newer browser.",
        "Something went wrong. Please reload the page.",
        "Thank you for signing up! Look into your mail for what to do next.",
        "Add this story to your saved list and come back to it any time.",
        "Enlarge this image",
        "toggle caption",
        "Instagram content",
        "Share Tweet Pin",
        "14 Photos",
        "New, 10 comments",
        "02:12 - Source: Orrin Film",
        "A photo posted by Tam Orde (@tamorde) on Dec 5, 2024 at 9:10am PST",
        "Read or share this story: https://orrin.example/1x3",
        "The Mercury is a participant in an affiliate advertising program that earns it a fee.",
        "Mended, and about time too! — Tam Orde (@tamorde) March 3, 2025",
    ],
)
def test_what_many_pages_set_into_their_stories_goes(line: str) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY[:2], line, *BODY[2:]]))
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY]


@pytest.mark.parametrize(
    "line",
    [
        "The story continues where the pier ends, and nobody has told it yet.",
        "Your browser is the goat that eats the hedge along the front, Tam Orde was told.",
        "Something went on under the pier that night of which no report says a word.",
        "Thank you for nothing, wrote Una Farr (@unafarr), and the board wrote back to her.",
        "Photos of the pier hang in the hall, fourteen of them, and all of them are old.",
        "Those who share tweet after tweet about the pier have never stood on it, he said.",
    ],
)
def test_a_story_may_use_the_words_of_a_page(line: str) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY[:2], line, *BODY[2:]]))
    assert line in said(parts, "body")


def test_a_sentence_of_two_words_is_no_subhead() -> None:
    parts = pasted.read(page(HEADLINE, [*BODY[:2], "Don’t, Enzo.", *BODY[2:]]))
    assert "Don’t, Enzo." in said(parts, "body")


@pytest.mark.parametrize(
    "line",
    [
        "Why nobody asked the traders",
        "Ferries that will leave from Kelso Quay",
        "Nine: the piles with cracks wide enough for hands",
    ],
)
def test_a_subhead_shares_words_with_its_story(line: str) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY[:2], line, *BODY[2:]]))
    assert line in said(parts, "subhead") + said(parts, "body")


def test_a_post_that_blank_lines_part_goes_as_far_as_it_says_so() -> None:
    post = ["Mended at last! #orrinpier", "Thank you @orrin", "— Tam Orde (@tamorde) March 3, 2025"]
    source = "\n\n".join([*NAV, HEADLINE, "By Una Farr", *BODY[:2], *post, *BODY[2:], *FOOT])
    parts = pasted.read(source)
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("Isla Renwick, left, shows a cracked pile to Tam Orde.", "caption"),
        ("Tam Orde (right) and his bicycles wait for somebody to hire them.", "caption"),
        ("From left, Una Farr, Ned Orr and Isla Renwick look at the piles.", "caption"),
        ("The council has left, right or wrong, no money for a second pier.", "body"),
        ("“On the left, nobody; on the right, nobody,” said Tam Orde of the front.", "body"),
    ],
)
def test_a_caption_says_who_stands_where(line: str, role: str) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY[:2], line, *BODY[2:]]))
    assert line in said(parts, role)


@pytest.mark.parametrize(
    "line",
    [
        "This article was updated on Tuesday with what the county said.",
        "Tam Orde is the owner of a shop and a trustee of the Pier Fund.",
        "The Orrin Mercury is an independent newspaper that covers the coast.",
        "Una Farr reported from Kelso Quay.",
        "Please sign up or log in to continue reading",
        "Join the conversation in our comments section below, and share your views.",
    ],
)
def test_a_note_behind_an_article_goes(line: str) -> None:
    body = [paragraph for paragraph in BODY if "Tam Orde" not in paragraph]
    parts = pasted.read(page(HEADLINE, [*body, line]))
    assert said(parts, "body")[-1] == body[-1]


@pytest.mark.parametrize(
    "line",
    [
        "The drought contributed to a harvest that nobody in Orrin will forget.",
        "Tam Orde is a former newspaper editor and knows how this ends.",
        "Holm Bay is asking the county for a grant and will hear from the company in May.",
    ],
)
def test_a_last_paragraph_that_is_no_note_stays(line: str) -> None:
    assert said(pasted.read(page(HEADLINE, [*BODY, line])), "body")[-1] == line


def test_a_list_behind_an_article_stays() -> None:
    rows = [f"{2018 + i}: {who}. Farr, Kelso Quay" for i, who in enumerate("ABCDEFG")]
    parts = pasted.read("\n".join([*NAV, HEADLINE, *BODY, "Winners", *rows, *FOOT]))
    assert said(parts, "body")[-7:] == rows


def test_a_long_list_of_names_behind_an_article_stays() -> None:
    lists = [
        f"{town}: " + ", ".join(f"{name} {town}" for name in ("Ann", "Bo", "Cy", "Di") * 5)
        for town in TOWNS
    ]
    parts = apart(page(HEADLINE, [*BODY, "These are all who were asked for it.", *lists]))
    assert said(parts, "body")[-len(lists) :] == lists


def test_what_is_shown_twice_is_a_caption_or_a_teaser_unless_it_comes_first() -> None:
    shown = "Nine of the forty piles are wrapped in sailcloth until the divers come back to Orrin."
    body = [*BODY[:3], shown, "Ned Orr", shown, *BODY[4:]]
    assert said(pasted.read(page(HEADLINE, body)), "body") == [*BODY[:3], *BODY[4:]]
    doubled = pasted.read(page(HEADLINE, [BODY[0], *BODY]))
    assert said(doubled, "body") + said(doubled, "subhead") == [*BODY[:3], *BODY[4:], BODY[3]]


def test_paragraphs_that_are_shown_twice_say_that_a_text_is_of_a_page() -> None:
    teasers = [
        "Traders on the front of Orrin say that they will sue the council over the closed pier."
    ]
    teasers += [
        "A year without a ferry is what the island of Holm fears, and it has asked for a boat."
    ]
    story = [*BODY[:3], *BODY[4:]]
    once = [HEADLINE, *story[:2], teasers[0], *story[2:4], teasers[1], *story[4:]]
    twice = [line for line in once for _ in range(1 + (line in teasers))]
    assert [text for _, text, _ in pasted.read("\n\n".join(once)).paragraphs] == once
    parts = pasted.read("\n\n".join(twice))
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *story]
    assert {cut.rule for cut in parts.removed} == {"again"}
    # All of a text pasted so is no page.
    doubled = pasted.read("\n\n".join([line for line in [HEADLINE, *story] for _ in range(2)]))
    assert set(story) <= {text for _, text, _ in doubled.paragraphs}


def test_a_caption_without_its_credit_below_the_one_with_it_goes() -> None:
    caption = "Nine of the forty piles of the ferry pier stood dry at low water on Sunday."
    body = [BODY[0], f"{caption} Ned Orr/Holmlight Images hide caption", caption, *BODY[1:]]
    assert caption not in said(apart(page(HEADLINE, body)), "body")


@pytest.mark.parametrize(
    "credit",
    ["(Ned Orr/Holm Wire)", "Ned Orr/HWA", "N. Orr / Holm Wire", "Photographed by Ned Orr."],
)
def test_a_photographer_and_the_agency_below_a_sentence_are_the_credit_of_a_caption(
    credit: str,
) -> None:
    caption = "The pier at Orrin stands on forty piles."
    source = page(HEADLINE, []).split(FOOT[0])
    source = "\n\n".join([source[0], *BODY[:2], f"{caption}\n{credit}", *BODY[2:], *FOOT])
    parts = pasted.read(source)
    assert said(parts, "caption") == [caption]
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY[:2], caption, *BODY[2:]]
    assert covers(source, parts)


def test_a_subhead_or_a_paragraph_above_a_credit_without_a_label_stays() -> None:
    long = " ".join([*BODY[4:6], OTHER[1]])
    for above, role in (("What it costs", "subhead"), (long, "body")):
        blocks = [*BODY[:3], f"{above}\nNed Orr/HWA", BODY[6], *OTHER[2:]]
        source = "\n\n".join(["\n".join([*NAV, HEADLINE, "By Una Farr"]), *blocks, *FOOT])
        assert above in said(pasted.read(source), role)


def test_captions_and_credits() -> None:
    body = [
        BODY[0],
        "The pier at Orrin on a Sunday in February, with nobody on it (Ned Orr/Holmlight Images)",
        *BODY[1:],
    ]
    parts = pasted.read(page(HEADLINE, body))
    assert said(parts, "caption") == [body[1]]
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *body]


@pytest.mark.parametrize(
    ("line", "caption", "credit"),
    [
        ("The pier at Orrin on Sunday. Pic: Ned Orr", "The pier at Orrin on Sunday.", "Ned Orr"),
        (
            "A reader on the pier (Image: Ned Orr/Mercury)",
            "A reader on the pier",
            "Ned Orr/Mercury",
        ),
        (
            "Ice on the pier. It has 40 piles. Photographer: Jo Ann Orr/Mercury",
            "Ice on the pier. It has 40 piles.",
            "Jo Ann Orr/Mercury",
        ),
        (
            "Isla Renwick, left, on the pier. © Ned Orr for the Mercury",
            "Isla Renwick, left, on the pier.",
            "Ned Orr for the Mercury",
        ),
        (
            "The pier at Orrin, May 3, 2025. HOLM/Ned Orr License this picture",
            "The pier at Orrin, May 3, 2025.",
            "HOLM/Ned Orr",
        ),
        ("The pier at Orrin on Sunday. Jo Ann Orr", "The pier at Orrin on Sunday.", "Jo Ann Orr"),
        ("The pier at Orrin on Sunday. Photo: A. Roth", "The pier at Orrin on Sunday.", "A. Roth"),
        ("The pier at Orrin — Foto: Jo Orr/Holm", "The pier at Orrin", "Jo Orr/Holm"),
        ("The pier at Orrin on Sunday © Jo Orr", "The pier at Orrin on Sunday", "Jo Orr"),
        ("The pier at Orrin on Sunday. HWA", "The pier at Orrin on Sunday.", "HWA"),
    ],
)
def test_a_caption_with_its_credit_on_one_line(line: str, caption: str, credit: str) -> None:
    front = [*NAV, HEADLINE, "By Una Farr", "3 March 2025", "Share"]
    source = "\n\n".join(["\n".join(front), line, *BODY, "\n".join(FOOT)])
    parts = pasted.read(source)
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, caption, *BODY]
    assert parts.paragraphs[1][0] == "caption"
    assert parts.credit == [credit]
    assert covers(source, parts)


@pytest.mark.parametrize(
    "picture",
    [
        "1 of 6\n\nThe pier at Orrin on Sunday. It has 40 piles.\nNed Orr, Orrin Mercury",
        "1 / 6\nThe pier at Orrin on Sunday. It has 40 piles.\nNed Orr, Orrin Mercury",
        "Item 1 of 6 The pier at Orrin on Sunday. It has 40 piles. Ned Orr/Mercury\n[1/6]",
        "Photo 1 of 6: The pier at Orrin on Sunday. It has 40 piles. Ned Orr/Mercury",
    ],
    ids=["own line", "one block", "same line", "label"],
)
def test_the_first_of_several_pictures_has_a_caption_without_its_place(picture: str) -> None:
    front = [*NAV, HEADLINE, "By Una Farr", "3 March 2025", "Share"]
    source = "\n\n".join(["\n".join(front), picture, *BODY, "\n".join(FOOT)])
    parts = pasted.read(source)
    caption = "The pier at Orrin on Sunday. It has 40 piles."
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, caption, *BODY]
    assert parts.paragraphs[1][0] == "caption"
    assert [credit.replace(", Orrin ", "/") for credit in parts.credit] == ["Ned Orr/Mercury"]
    assert covers(source, parts)


@pytest.mark.parametrize(
    "paragraph",
    [
        "1 of 3 boats in the harbour stayed where they were, and nobody asked about the others.",
        "Photo 2 of the 40 shows a pile that the ice has cracked down to the bed of the harbour.",
    ],
)
def test_a_paragraph_that_counts_is_no_caption(paragraph: str) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY, paragraph, BODY[0] + " And so on."]))
    assert paragraph in said(parts, "body")


@pytest.mark.parametrize("bullet", ["• ", "▪", "- ", "* ", "– "])
def test_points_under_the_headline_are_the_deck_without_their_bullets(bullet: str) -> None:
    points = ["Nine piles of forty that carry the ferry pier are cracked", "Traders fear the year"]
    front = [HEADLINE, *(f"{bullet}{point}" for point in points), "By Una Farr", "3 March 2025"]
    source = "\n".join([*NAV, *front, *BODY, *FOOT])
    parts = pasted.read(source)
    assert said(parts, "headline") == [HEADLINE]
    assert said(parts, "deck") == points
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *points, *BODY]
    assert covers(source, parts)
    assert text_of(pasted.read(text_of(parts))) == text_of(parts)


def test_no_line_of_the_page_is_the_headline_above_one_with_points() -> None:
    offer = "2 of 3 stories read. All access to the council, the ferry and the pier, £1 a week"
    front = [offer, "Harbour", HEADLINE, "- Nine of the forty piles are cracked", "By Una Farr"]
    parts = pasted.read("\n".join([*NAV, *front, "3 March 2025", *BODY, *FOOT]))
    assert said(parts, "headline") == [HEADLINE]
    assert said(parts, "deck") == ["Nine of the forty piles are cracked"]


@pytest.mark.parametrize(
    "line",
    [
        "Una Farr Harbour reporter\n3 March 2025 7.40am",
        "Una Farr\nMon 3 Mar 2025, 06:15",
        "Words Una Farr Photography Ned Orr 3 March 2025",
        "Words Una Farr 3 March 2025",
    ],
)
def test_bylines_that_do_not_say_by(line: str) -> None:
    source = "\n".join([*NAV, HEADLINE, line, *BODY, *FOOT])
    parts = pasted.read(source)
    assert parts.authors == ["Una Farr"]
    assert parts.date_published == "2025-03-03"
    assert parts.dateline == ""
    assert said(parts, "body")[0] == BODY[0]


def test_a_day_alone_is_a_dateline_where_nobody_signs() -> None:
    day = "Monday, March 3, 2025"
    assert pasted.read("\n\n".join([HEADLINE, day, *BODY])).dateline == day
    assert pasted.read("\n\n".join([HEADLINE, "By Una Farr", day, *BODY])).dateline == ""
    assert pasted.read("\n\n".join([HEADLINE, f"{day} 7:40 am", *BODY])).dateline == ""


@pytest.mark.parametrize(
    "box",
    [
        "Mud and Rope\nThe Mercury podcast. This week: whose bell is it?\nPlay the new episode",
        "From the shop: the tide diary 2026, cloth, £14\nAdd to basket",
        "The Low Lamp\nWhat the quays are saying, Tuesdays and Fridays\nJoin 6,200 readers, free",
    ],
)
def test_a_small_box_goes_with_its_button(box: str) -> None:
    source = "\n\n".join([HEADLINE, "By Una Farr", *BODY[:3], box, *BODY[3:]])
    assert [text for _, text, _ in pasted.read(source).paragraphs] == [HEADLINE, *BODY]


def test_what_a_sum_is_worth_stays_under_the_story() -> None:
    rate = "($1 = 17.8150 crowns)"
    parts = pasted.read(page(HEADLINE, [*BODY, rate]).replace("\n", "\n\n"))
    assert said(parts, "body")[-1] == rate


def test_the_author_behind_a_story_goes_and_whoever_else_comes_last_stays() -> None:
    edits = "Una Farr edits the harbour pages. She was a judge of the regatta in 2019."
    assert said(pasted.read(page(HEADLINE, BODY, (edits,))), "body")[-1] == BODY[-1]
    for last in (
        "Cllr Muriel Orde was among the three who abstained. ‘I was promised figures,’ she said.",
        "Orrin Sound is the most sheltered water on the coast. Kelso Quay has no pier at all.",
    ):
        assert said(pasted.read(page(HEADLINE, [*BODY, last])), "body")[-1] == last


@pytest.mark.parametrize(
    "note",
    [
        ["Una Farr", "Una Farr teaches shorthand in Kelso Quay. It is her second piece for us."],
        ["Una Farr keeps bees in Kelso Quay."],
        ["About Cy Dow", "He has written of piers since 2011, and of ferries before that."],
        ["Cy Dow", "Cy Dow draws maps of harbours. Two of them hang in the Corn Hall."],
        ["ABOUT THE AUTHOR", "Una Farr", "Una Farr keeps bees in Kelso Quay, and a boat."],
    ],
)
def test_a_note_on_the_author_is_told_by_the_name_above_or_who_signs(note: list[str]) -> None:
    source = page(HEADLINE, BODY, tuple(note))
    parts = pasted.read(source)
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY]
    assert covers(source, parts)


HIRES = "hires out boats and tents to whoever comes for the summer, and fears for the next one."


@pytest.mark.parametrize(
    "last",
    [
        # Told of in the story; one of several; who speaks.
        ["Isla Renwick", "Isla Renwick has kept the harbour since 2011, and a boat."],
        ["Cy Dow", f"Cy Dow {HIRES}", "Di Erne", f"Di Erne {HIRES}"],
        ["Cy Dow", "Cy Dow is tired of it. “We would rather have a bridge,” he said."],
        ["Kelso Quay", "The quay has no pier, and a ferry lands there at high water only."],
    ],
)
def test_a_name_above_a_last_paragraph_that_is_no_author_stays(last: list[str]) -> None:
    parts = pasted.read(page(HEADLINE, [*BODY, *last]))
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY, *last]


def test_a_last_paragraph_about_somebody_who_signed_up_for_something_stays() -> None:
    last = "Renwick chose a button that said “Sign up”, she found, and was sent a boat by mistake."
    assert said(pasted.read(page(HEADLINE, [*BODY, last])), "body")[-1] == last


# --- how it was pasted --------------------------------------------------------------------------


def wrapped(text: str, width: int, indent: str = "") -> str:
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent)


TOWNS = ["Orrin", "Kelso", "Perth", "Ayton", "Leith", "Cairn", "Wicks", "Stane"]
LONG = [BODY[0], BODY[1], BODY[2], BODY[4], OTHER[1], OTHER[2]]


@pytest.mark.parametrize("width", [60, 72])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_page_wrapped_at_a_width_is_read_by_its_paragraphs(width: int, gap: str) -> None:
    lines = [wrapped(line, width) for line in (*NAV, HEADLINE, "By Una Farr", *LONG, *FOOT)]
    parts = pasted.read(gap.join(lines))
    assert [normalise(text) for text in said(parts, "body")] == LONG
    stays(gap.join(lines))


@pytest.mark.parametrize("indent", ["  ", "     ", "\t"])
@pytest.mark.parametrize("width", [36, 60, 72])
def test_paragraphs_that_are_told_by_their_indent_are_read_as_such(width: int, indent: str) -> None:
    text = [textwrap.fill(line, width, initial_indent=indent) for line in LONG[:4]]
    source = "\n".join([HEADLINE, "By Una Farr", "9 January 2025", "", *text])
    parts = pasted.read(source)
    assert [normalise(text) for text in said(parts, "body")] == LONG[:4]
    assert parts.authors == ["Una Farr"]


def test_indented_lines_of_a_list_or_a_program_are_no_paragraphs() -> None:
    source = "\n".join(["def late(ferry):", "    if ferry.late:", "        return 9", "    x", "y"])
    assert [len(block) for block in units(source)] == [5]


def test_titles_among_a_wrapped_text_do_not_hide_its_width() -> None:
    titles = [f"Seal pup number {n} is back at sea at long last" for n in range(1, 10)]
    lines_ = (*NAV, HEADLINE, "By Una Farr", *LONG, FOOT[0], *titles, *FOOT[1:])
    source = "\n".join(wrapped(line, 72) for line in lines_)
    assert [t for _, t, _ in pasted.read(source).paragraphs] == [HEADLINE, *LONG]


def test_a_wrapped_text_in_a_page_that_is_not_is_read_by_its_paragraphs() -> None:
    text = [HEADLINE, "By Una Farr", *(wrapped(line, 60) for line in LONG)]
    foot = [
        f"Seal pup {n} is back at sea after a long night in the shelter by the pier" for n in "abcd"
    ]
    source = "\n".join([*NAV, *text, "Most read", *foot, *FOOT[1:]])
    assert [t for _, t, _ in pasted.read(source).paragraphs] == [HEADLINE, *LONG]


@pytest.mark.parametrize("below", ["advertisement", "£{n} a month, or less"])
def test_what_a_page_says_below_its_titles_wraps_no_text(below: str) -> None:
    titles = [f"A boat from {town} to the islands and back again" for town in TOWNS]
    lists = [line for n, title in enumerate(titles) for line in (title, below.format(n=n))]
    source = "\n".join([*NAV, HEADLINE, "By Una Farr", *LONG, *lists, *FOOT])
    assert not [unit for block in units(source) for unit in block if unit.wrapped]


def test_a_list_of_words_alone_is_not_wrapped() -> None:
    sums = [letter * 64 for letter in "abcdefbadecafe"]
    lines_ = [HEADLINE, *BODY, f"{BODY[0].rstrip('.')}, and it gave these sums:", *sums]
    lines_ += ["the end of the list"]
    assert not [unit for block in units("\n".join(lines_)) for unit in block if unit.wrapped]


def test_no_wrapped_line_breaks_at_a_no_break_space() -> None:
    long = [text.replace(" the ", " the\u00a0", 3) for text in LONG]
    source = "\n\n".join(wrapped(line, 72) for line in (*NAV, HEADLINE, *long, *FOOT))
    assert "the\u00a0" in source.replace("\n", "")
    assert [t for _, t, _ in pasted.read(source).paragraphs] == [HEADLINE, *LONG]


def test_a_headline_above_its_deck_is_no_wrapped_paragraph() -> None:
    deck = "Traders on the front fear a year without any visitors."
    lines_ = f"{HEADLINE}\n{deck}\n\n" + "\n\n".join(BODY)
    assert [t for _, t, _ in pasted.read(lines_).paragraphs] == [HEADLINE, deck, *BODY]


def test_the_page_of_a_text_browser() -> None:
    items = [f"     * {line}" for line in NAV]
    text = [wrapped(line, 72, "   ") for line in (HEADLINE, "By Una Farr", *LONG)]
    foot = ["     * Share", "     * Sign up for our newsletter", f"     * {FOOT[-1]}"]
    parts = pasted.read("\n".join(items) + "\n\n" + "\n\n".join(text) + "\n\n" + "\n".join(foot))
    assert said(parts, "body") == LONG
    assert said(parts, "headline") == [HEADLINE]


def test_data_of_the_page_among_its_lines_goes() -> None:
    data = '{"type":"box","title":"The pier, and what it costs us all","width":640,"rich":true}'
    source = page(HEADLINE, [*BODY[:3], " ".join([data] * 4), *BODY[3:]])
    parts = pasted.read(source)
    assert said(parts, "body") + said(parts, "subhead") == [
        *(line for line in BODY if line != BODY[3]),
        BODY[3],
    ]
    assert "code" in {cut.rule for cut in parts.removed}


SCRIPTS = {
    "Chinese": (
        ["首页", "体育", "天气预报", "登录"],
        "奥林渡轮码头将关闭一年进行维修",
        [
            "奥林市议会星期一表示，渡轮码头将于四月关闭，维修工程为期一年，费用由县政府承担三分之二。",
            "工程师在支撑码头的四十根桩柱中发现九根有裂缝，建议重型卡车不得驶入码头。",
            "港务长说：“我们宁可失去一个夏天，也不愿失去一艘渡轮。”",
        ],
        ["最受欢迎", "面包师因面包过轻被罚款", "© Orrin Mercury Ltd"],
    ),
    "Japanese": (
        ["ホーム", "スポーツ", "天気", "ログイン"],
        "オリンの渡船桟橋、修理のため一年間閉鎖へ",
        [
            "オリン市議会は月曜日、渡船の桟橋を四月から一年間閉鎖し、修理を行うと発表した。",
            "技師らが桟橋を支える四十本の杭のうち九本にひび割れを見つけ、大型車を乗せないよう勧告した。",
            "港長は「渡し船を失うくらいなら、夏を一度失うほうがいい」と述べた。",
        ],
        ["人気記事", "軽すぎるパンで罰金", "© Orrin Mercury Ltd"],
    ),
    "Thai": (
        ["หน้าแรก", "กีฬา", "พยากรณ์อากาศ", "เข้าสู่ระบบ"],
        "ท่าเรือข้ามฟากออร์รินจะปิดซ่อมหนึ่งปี",
        [
            "สภาเมืองออร์รินแถลงเมื่อวันจันทร์ว่า ท่าเรือข้ามฟากจะปิดในเดือนเมษายนเป็นเวลาหนึ่งปีเพื่อซ่อมแซม "
            "โดยเทศมณฑลจะเป็นผู้ออกค่าใช้จ่ายสองในสามของทั้งหมด",
            "วิศวกรพบรอยร้าวในเสาเข็มเก้าต้นจากสี่สิบต้นที่รองรับท่าเรือ และแนะนำว่าไม่ควรให้รถบรรทุกขึ้นไปจอดบนท่าเรือ "
            "จนกว่าการซ่อมแซมจะแล้วเสร็จ",
            "นายท่าเรือกล่าวว่า เรายอมเสียฤดูร้อนไปหนึ่งปีดีกว่าเสียเรือข้ามฟาก และขอให้ชาวเมืองอดทนรอ "
            "เพราะเรือจะออกจากท่าเรือเคลโซแทนวันละสองเที่ยว",
        ],
        ["ข่าวยอดนิยม", "ปรับคนทำขนมปังที่เบาเกินไป", "© Orrin Mercury Ltd"],
    ),
    "Korean": (
        ["홈", "스포츠", "날씨", "로그인"],
        "오린 시의회, 나루터를 일 년간 닫기로",
        [
            "오린 시의회는 월요일 나루터를 사월부터 일 년간 닫고 수리한다고 밝혔다.",
            "기술자들은 나루터를 받치는 말뚝 마흔 개 가운데 아홉 개에서 금을 발견했다.",
            "항만장은 배를 잃느니 여름을 한 번 잃는 편이 낫다고 말했다.",
        ],
        ["인기 기사", "가벼운 빵에 벌금", "© Orrin Mercury Ltd"],
    ),
    "Arabic": (
        ["الرئيسية", "رياضة", "الطقس", "تسجيل الدخول"],
        "إغلاق رصيف العبارة في أورين سنة للإصلاح",
        [
            "قال مجلس مدينة أورين يوم الاثنين إن رصيف العبارة سيغلق في أبريل سنة كاملة للإصلاح.",
            "ووجد المهندسون شقوقا في تسع ركائز من أصل أربعين تحمل الرصيف ونصحوا بمنع الشاحنات.",
            "وقال مدير الميناء إن خسارة صيف واحد أهون على المدينة من خسارة العبارة كلها.",
        ],
        ["الأكثر قراءة", "تغريم خباز", "© Orrin Mercury Ltd"],
    ),
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_without_capitals_or_blanks_are_read_by_their_sentences(script: str) -> None:
    above, headline, body, below = SCRIPTS[script]
    source = "\n".join([*above, headline, *body, *below])
    parts = pasted.read(source)
    assert said(parts, "headline") == [headline]
    assert [text for _, text, _ in parts.paragraphs] == [headline, *body]
    stays(source)


ABROAD = {
    "German": """\
Startseite | Anmelden | Suche
Die Stadt Orrin schließt den Anleger der Fähre für ein Jahr
Von Una Farr und Ned Orr | 3. März 2025, 14:05 Uhr
Die Stadt Orrin schließt im April für ein Jahr den Anleger, teilte sie mit.
Fachleute fanden in neun der vierzig Pfähle des Anlegers breite Risse.
Die Händler am Ufer fürchten, dass ihnen ein Jahr lang die Gäste fehlen werden.
Lesen Sie auch: Bäcker muss wegen zu leichter Brote zahlen
Kommentar schreiben | Jetzt abonnieren und weiterlesen | Impressum | Datenschutz""",
    "French": """\
Accueil | Se connecter | Rechercher
La ville d'Orrin ferme l'embarcadère du bac pour un an
Par Una Farr et Ned Orr | Publié le 3 mars 2025 à 14h05
La ville d'Orrin ferme en avril et pour un an l'embarcadère, a-t-elle dit lundi.
Des experts ont trouvé dans neuf des pieux de l'embarcadère de larges fissures.
Les commerçants du front de mer craignent une année entière sans les visiteurs.
À lire aussi : un boulanger condamné pour des pains trop légers
Laisser un commentaire | Abonnez-vous à partir de 1 € | Mentions légales""",
    "Spanish": """\
Inicio | Inicia sesión | Buscar
La ciudad de Orrin cierra un año el muelle del ferri
Por Una Farr | 3 de marzo de 2025
La ciudad de Orrin cierra en abril y por un año el muelle del ferri, dijo el lunes.
Unos expertos hallaron grietas anchas en nueve de los cuarenta pilotes del muelle.
Los comerciantes del paseo temen que les falten un año los viajeros del ferri.
Lee también: multan a un panadero por vender panes ligeros
Deja un comentario | Suscríbete desde 1 € | Aviso legal""",
    "Italian": """\
Accedi | Cerca
La città di Orrin chiude per un anno il molo del traghetto
di Una Farr | 3 marzo 2025
La città di Orrin chiude da aprile e per un anno il molo, ha detto lunedì.
Gli esperti hanno trovato crepe larghe una mano in nove dei quaranta pali del molo.
I commercianti del lungomare temono un anno intero senza i passeggeri del traghetto.
Leggi anche: multato un fornaio per il pane troppo leggero
Condividi su Facebook | Iscriviti alla newsletter | Partecipa alla discussione | Abbonati da 1 €
Note legali""",
    "Portuguese": """\
Início | Faça login
A cidade de Orrin fecha por um ano o cais da balsa
Por Una Farr | 3 de março de 2025 às 14h05
A cidade de Orrin fecha em abril e por um ano o cais da balsa, disse ela na segunda.
Peritos encontraram fendas largas em nove das quarenta estacas que o sustentam.
Os comerciantes da orla temem um ano inteiro sem os passageiros da balsa.
Leia também: padeiro é multado por pães leves demais
Compartilhar | Receba notícias no celular | Deixe um comentário | Assine já""",
    "Dutch": """\
Zoeken | Inloggen
De stad Orrin sluit de steiger van het veer voor een jaar
Door Una Farr | Gepubliceerd op maandag 3 maart 2025 om 14.05
De stad Orrin sluit in april voor een jaar de steiger, zei zij maandag.
Deskundigen vonden brede scheuren in negen van de veertig palen van de steiger.
De winkeliers aan de kade vrezen een heel jaar zonder de reizigers van het veer.
Lees ook: bakker krijgt boete voor te lichte broden
Deel op Facebook | Meld je aan voor de nieuwsbrief | Plaats een reactie | Delen""",
    "Swedish": """\
Sök | Logga in
Orrin stänger färjans brygga i ett år
Av Una Farr | Publicerad måndag 3 mars 2025 kl. 14.05
Orrin stänger i april bryggan för ett år framåt, sade staden i måndags.
Experter fann breda sprickor i nio av de fyrtio pålar som bär upp bryggan.
Handlarna vid kajen fruktar ett helt år utan färjans alla resenärer.
Läs också: bagare får böta för alltför lätta bröd
Dela på Facebook | Prenumerera på vårt nyhetsbrev | Lämna en kommentar | Annons""",
    "Norwegian": """\
Søk | Logg inn
Orrin stenger fergekaia i ett år
Av Una Farr | Publisert mandag 3. mars 2025 kl. 14.05
Orrin stenger kaia i april og holder den stengt i ett år, sa byen mandag.
Fagfolk fant brede sprekker i ni av de førti pælene som bærer kaia.
Kjøpmennene ved vannet frykter et helt år uten fergas mange reisende.
Les også: baker får bot for altfor lette brød
Del på Facebook | Meld deg på nyhetsbrevet | Legg igjen en kommentar | Annonse""",
    "Danish": """\
Søg | Log ind
Orrin lukker færgens mole i et år
Af Una Farr | Udgivet mandag den 3. marts 2025 kl. 14.05
Orrin lukker molen i april og holder den lukket i et år, sagde byen mandag.
Fagfolk fandt brede revner i ni af de fyrre pæle, som bærer hele molen.
De handlende ved vandet frygter et helt år uden færgens mange rejsende.
Læs også: bager får bøde for alt for lette brød
Del på Facebook | Tilmeld dig vores nyhedsbrev | Kommentarer | Annonce""",
    "Polish": """\
Szukaj | Zaloguj się
Miasto Orrin zamyka na rok przystań promu
Autor: Una Farr | Opublikowano: poniedziałek, 3 marca 2025, godz. 14:05
Miasto Orrin zamyka w kwietniu na cały rok przystań promu, podano w poniedziałek.
Rzeczoznawcy znaleźli szerokie pęknięcia w dziewięciu z czterdziestu pali przystani.
Kupcy z nabrzeża obawiają się całego roku bez podróżnych z promu.
Czytaj także: piekarz ukarany za zbyt lekkie chleby
Udostępnij na Facebooku | Zapisz się na newsletter | Dodaj komentarz | Reklama""",
    "Russian": """\
Поиск | Войти
Город Оррин на год закрывает причал парома
Автор: Уна Фарр | Понедельник, 3 марта 2025 года в 14:05
Город Оррин закроет в апреле на целый год причал парома, сообщили в понедельник.
Специалисты нашли широкие трещины в девяти из сорока свай этого причала.
Торговцы на набережной боятся остаться на целый год без пассажиров парома.
Читайте также: пекаря оштрафовали за слишком лёгкий хлеб
Поделиться | Подпишитесь на рассылку | Оставить комментарий | Реклама""",
    "Ukrainian": """\
Пошук | Увійти
Місто Оррін на рік закриває причал порома
Автор: Уна Фарр | Опубліковано: понеділок, 3 березня 2025 року о 14:05
Місто Оррін закриє у квітні на цілий рік причал порома, повідомили в понеділок.
Фахівці знайшли широкі тріщини у дев'яти із сорока паль цього причалу.
Торговці на набережній бояться лишитися на цілий рік без пасажирів порома.
Читайте також: пекаря оштрафували за надто легкий хліб
Поділитися | Підпишіться на розсилку | Залишити коментар | Реклама""",
    "Turkish": """\
Ara | Giriş yap
Orrin kenti feribot iskelesini bir yıl kapatıyor
Haber: Una Farr | Yayınlanma tarihi: 3 Mart 2025 Pazartesi, 14:05
Orrin kenti nisan ayında feribot iskelesini bir yıl boyunca kapatacak, denildi.
Uzmanlar iskeleyi taşıyan kırk kazığın dokuzunda el kadar geniş çatlaklar buldu.
Kıyıdaki esnaf feribotun yolcuları olmadan bütün bir yıl geçirmekten korkuyor.
Bunu da okuyun: fırıncıya çok hafif ekmek yüzünden ceza
Facebook'ta paylaş | Bültenimize abone olun | Yorum yap | Künye""",
    "Greek": """\
Αναζήτηση | Σύνδεση
Η πόλη Όριν κλείνει για έναν χρόνο την αποβάθρα του πορθμείου
Συντάκτης: Ούνα Φαρ | Δημοσιεύθηκε: Δευτέρα 3 Μαρτίου 2025, 14:05
Η πόλη Όριν κλείνει τον Απρίλιο για έναν χρόνο την αποβάθρα, όπως είπε τη Δευτέρα.
Ειδικοί βρήκαν πλατιές ρωγμές σε εννέα από τους σαράντα πασσάλους της αποβάθρας.
Οι έμποροι της παραλίας φοβούνται έναν ολόκληρο χρόνο χωρίς τους επιβάτες.
Διαβάστε επίσης: πρόστιμο σε φούρναρη για πολύ ελαφρύ ψωμί
Κοινοποίηση | Εγγραφή στο newsletter | Αφήστε σχόλιο | Επικοινωνία""",
    "Indonesian": """\
Cari | Masuk
Kota Orrin menutup dermaga feri selama satu tahun
Oleh Una Farr | Diterbitkan Senin, 3 Maret 2025 pukul 14.05 WIB
Kota Orrin akan menutup dermaga feri selama satu tahun mulai April, katanya Senin.
Para ahli menemukan retakan lebar pada sembilan dari empat puluh tiang dermaga.
Para pedagang di tepi laut takut setahun penuh tanpa penumpang dari feri.
Baca juga: tukang roti didenda karena roti terlalu ringan
Bagikan ke Facebook | Berlangganan buletin kami | Tulis komentar | Tentang kami""",
}
"""Lines above, the headline, the byline and the day, three paragraphs, a link, lines below."""


def abroad(language: str) -> tuple[list[str], str, list[str], list[str], str, list[str]]:
    """The parts of a page of `ABROAD`."""
    above, (headline,), front, *rest = (line.split(" | ") for line in ABROAD[language].split("\n"))
    (*body, lead), below = [line for (line,) in rest[:4]], [*chain(*rest[4:])]
    return above, headline, front, body, lead, below


@pytest.mark.parametrize("language", ABROAD)
def test_a_page_in_another_language_is_read_by_its_own_words(language: str) -> None:
    above, headline, front, body, lead, below = abroad(language)
    source = "\n\n".join([*above, headline, *front, body[0], lead, *body[1:], *below])
    parts = pasted.read(source)
    assert [text for _, text, _ in parts.paragraphs] == [headline, *body]
    assert said(parts, "headline") == [headline]
    assert all(page_lines.rule_of(line) for line in (lead, *below)), "not only by its place"
    assert parts.authors[0] in ("Una Farr", "Уна Фарр", "Ούνα Φαρ")
    assert len(parts.authors) == (2 if " Ned Orr" in front[0] else 1)
    assert parts.date_published == "2025-03-03"
    stays(source)


@pytest.mark.parametrize(
    "line",
    [
        "Zurück zur Natur",
        "Nach oben offen",
        "Vor 20 Minuten war alles anders",
        "Jetzt testen die Ärzte den Impfstoff",
        "Réagir à la crise",
        "Il y a 3 jours, tout a changé",
        "Accepter et pardonner",
        "Hace 20 días que llueve en Orrin",
        "Recibe las llaves de la ciudad",
        "Compartir en familia",
        "Etiquetas ecológicas para el pan",
        "Ya soy mayor",
        "Há 10 dias sem água, bairro protesta",
        "Registrati tre nuovi casi di morbillo",
        "Abbonati in calo per il terzo anno",
        "Torna su Marte la sonda",
        "Deel op de dijk afgesloten",
        "Dela på arvet",
        "Принять все меры",
        "Çerez fiyatları arttı",
    ],
)
def test_what_a_headline_abroad_may_say_is_no_line_of_the_page(line: str) -> None:
    assert page_lines.rule_of(line) == ""


def test_a_day_abroad_that_only_an_update_states_is_none() -> None:
    above, headline, _, body, _, below = abroad("German")
    front = ["Von Una Farr", "Aktualisiert am 4. März 2025"]
    assert not pasted.read("\n\n".join([*above, headline, *front, *body, *below])).date_published


def test_a_korean_headline_shares_short_words_with_its_story() -> None:
    above, _, body, below = SCRIPTS["Korean"]
    source = "\n\n".join([*above, "오늘의 날씨 맑음", "오린 나루터, 사월부터 수리", *body, *below])
    assert said(pasted.read(source), "headline") == ["오린 나루터, 사월부터 수리"]


# --- the seed's page around other articles ------------------------------------------------------


def bundled() -> list[tuple[str, list[str]]]:
    """The bundled articles, clean: headline and paragraphs."""
    found = []
    for case in GOLDEN:
        segments = json.loads(case.read_text(encoding="utf-8"))["segments"]
        body = [s["text"] for s in segments if s["role"] in ("body", "subhead")]
        found.append((segments[0]["text"], body))
    return found


@pytest.mark.parametrize(("headline", "body"), bundled())
def test_the_page_of_the_seed_around_another_article(headline: str, body: list[str]) -> None:
    seed = next(shared("seeds").glob("*.txt")).read_text(encoding="utf-8")
    before, after = seed.index("Putin Sees"), seed.index("A Message from")
    source = PARAGRAPH_BREAK.join([seed[:before].strip(), headline, *body, seed[after:]])
    assert text_of(pasted.read(source)) == PARAGRAPH_BREAK.join([headline, *body])


# --- a page built as the seed's, around bundled articles ---------------------------------------

BANNER = [
    "×",
    "Glad to read without ads?",
    "Since May 1, 2023, our pages are ad-free so that you can read in peace.",
    "This costs us £900 a month. Your support can help us carry on.",
    "Support us",
]
APPEAL = [
    "A Message from The Orrin Mercury:",
    "Dear readers,",
    "We are three people in two rooms. The county has stopped its notices, and our rent has gone "
    "up twice in a year.",
    "Your support, no matter how small, keeps a reporter at every meeting of the council.",
    "Once\nMonthly\nAnnual\nContinue\npayment methods\nNot ready to support today?\n"
    "Remind me later.",
    "Read more",
]


@pytest.mark.parametrize(("headline", "body"), bundled())
def test_a_page_built_like_the_seeds_around_another_article(headline: str, body: list[str]) -> None:
    parts = pasted.read(PARAGRAPH_BREAK.join(["\n".join(BANNER), headline, *body, *APPEAL]))
    assert text_of(parts) == PARAGRAPH_BREAK.join([headline, *body])
    assert parts.date_published == "", "the day in the banner is not the article's"


def test_an_author_who_says_we_between_two_appeals_stays() -> None:
    body = [
        "We have lived beside the pier at Orrin for thirty years, and we love the noise of it.",
        "When the ferry stops we shall miss it more than the council thinks we will.",
        "The bell",
        "So let us hear it once again before the spring, and let us go down to the quay together.",
    ]
    source = PARAGRAPH_BREAK.join(["\n".join(BANNER), HEADLINE, *body, *APPEAL])
    assert text_of(pasted.read(source)) == PARAGRAPH_BREAK.join([HEADLINE, *body])


# --- what came out is kept ----------------------------------------------------------------------


def stays(source: str) -> None:
    parts = pasted.read(source)
    assert covers(source, parts)
    for _, text, (start, end) in parts.paragraphs:
        assert normalise(source[start:end]) == text
    text = text_of(parts)
    assert text_of(pasted.read(text)) == text
    headline = next(iter(said(parts, "headline")), "")
    assert text_of(pasted.read(text, headline)) == text


WORDS = ["the", "of", "council", "said", "that", "river", "plan", "vote", "year", "we", "our"]
WORDS += ["you", "support", "Ridge", "Anna", "Bell", "41"]
ENDS = [".", ".", ".", "!", "?", ":", "", "”", ".”", "…", "  Ned Orr", ". Photo: Ann Bell", " 12"]
SIGNS = [
    *NAV,
    *FOOT,
    "Advertisement",
    "Read more",
    "×",
    "Share",
    "By Anna Bell",
    "By",
    "Published: 9 January 2025",
    "Updated: March 3, 2024",
    "Photo: Ann Bell",
    '{"a": 1, "b": 2, "c": 3}',
    "Ridge © Ann Bell",
    "Support us",
    "Dear readers,",
    "We need your help.",
    "A Message from The Mercury:",
    "TALLIS FORD, Ore. — A horse was found in a barn on Monday, the sheriff said.",
    "___",
]
SENTENCES = st.builds(
    lambda words, end: " ".join(words).capitalize() + end,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=40),
    st.sampled_from(ENDS),
)
PAGES = st.lists(
    st.tuples(SENTENCES | st.sampled_from(SIGNS), st.sampled_from(["\n", "\n\n", "\n \n", "\r\n"])),
    max_size=30,
).map(lambda pairs: "".join(line + gap for line, gap in pairs))


@given(PAGES | st.text(max_size=300))
@example(
    "Privacy … /.\nWe need your photo: . … farr getty images support cookies!\n"
    "Privacy / privacy ” (!\n( we need your.”\nBy Anna Bell\nCorn Hall panto cast is announced\n"
)
@example(
    "We need your ”.\n• we need your.\n\nWe need your!\n\nGetty images support σ by privacy • una"
    " ) ( • . i farr ” / getty images farr … • σ / i i 3 march 2025 getty images cookies ( support"
    " una photo:!\nJobs and notices\n"
)
@settings(max_examples=300, deadline=None)
def test_what_came_out_of_a_page_is_kept_as_it_is(source: str) -> None:
    stays(source)


@pytest.mark.parametrize("path", HOUSE_TEXTS, ids=lambda p: p.stem)
def test_what_came_out_of_a_bundled_page_is_kept_as_it_is(path: Path) -> None:
    stays(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("headline", "body"), bundled())
def test_a_bundled_article_is_kept_as_it_is(headline: str, body: list[str]) -> None:
    source = PARAGRAPH_BREAK.join([headline, *body])
    assert text_of(pasted.read(source)) == source


@pytest.mark.parametrize("year", [2019, 2020])
def test_what_came_out_of_wikinews_is_kept_as_it_is(year: int) -> None:
    path = shared(f"data/open-news/wikinews_{year}.csv")
    for document in sources.read(path, Origin(publisher="Wikinews")):
        assert isinstance(document, Document)
        article = convert(document)
        if isinstance(article, Article):
            assert text_of(pasted.read(article.text, article.headline)) == article.text


CODE = '{"pier": "Orrin", "piles": 40, "cracked": 9, "open": false}'
CONVERTED = {
    "one word for a headline": ["Piers", *BODY],
    "a short headline with a mark above what reads like one": ["Piers of Orrin:", HEADLINE, *BODY],
    "a label under the headline": [HEADLINE, "The harbour", *BODY],
    "captions behind the text": [HEADLINE, *BODY, "Isla Renwick. Ned Orr/Holmlight"],
    "a caption and whose it is": [HEADLINE, BODY[0], "Piers © Ned Orr / H", *BODY[1:]],
    "a caption that presents somebody": [HEADLINE, "Una Farr writes about boats.", *BODY],
    "code, and headings over it": [
        HEADLINE,
        *(line for text in BODY[:3] for line in (text, "What it says", CODE)),
        BODY[4],
    ],
    "a list above what reads like a headline": [
        "The harbour at Orrin, its piers and quays",
        *("Cracks", "Nine piles of forty", "Repairs", "One year, from April", HEADLINE),
        *BODY,
    ],
}


@pytest.mark.parametrize("kind", CONVERTED)
@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n", "\r\n", "\n\n\n"])
def test_a_text_in_which_nothing_is_of_a_page_is_kept_whole(kind: str, gap: str) -> None:
    text = PARAGRAPH_BREAK.join(CONVERTED[kind])
    parts = pasted.read(text.replace(PARAGRAPH_BREAK, gap))
    assert text_of(parts) == text
    assert parts.paragraphs[0][0] == "headline"
    assert text_of(pasted.read(text, CONVERTED[kind][0])) == text


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
def test_a_notice_keeps_who_gives_it_and_the_day_below(gap: str) -> None:
    notice = [
        "The meeting of the harbour board on Tuesday at the Corn Hall has been called off.",
        "Harbour Office",
        "14 January 2025",
    ]
    parts = pasted.read(gap.join(notice))
    assert said(parts, "body") == notice
    assert parts.date_published == "2025-01-14"


@pytest.mark.parametrize(
    ("above", "lines_"),
    [
        (["Harbours"], [HEADLINE, *BODY]),
        ([], [HEADLINE, "By Una Farr", "The harbour", *BODY]),
        ([], [HEADLINE, "3 March 2025", "The harbour", *BODY]),
        ([], [HEADLINE, "The harbour", *BODY, "Most popular"]),
        ([], [HEADLINE, *BODY[:2], "© Orrin Mercury", *BODY[2:]]),
    ],
)
def test_one_line_of_a_page_says_that_a_text_is_pasted(above: list[str], lines_: list[str]) -> None:
    parts = pasted.read(PARAGRAPH_BREAK.join([*above, *lines_]))
    assert [text for _, text, _ in parts.paragraphs] == [HEADLINE, *BODY]
    assert said(parts, "headline") == [HEADLINE]


# --- what the pages of a publisher repeat -------------------------------------------------------

STAFF = "The Mercury keeps a boat."
BOX = "Every Friday the Mercury walks one of the paths of Orrin with a reader who knows it well."


def corpus() -> list[str]:
    first = [*BODY[:3], BOX, STAFF, *BODY[3:]]
    second = [*OTHER[:2], BOX, STAFF, *OTHER[2:]]
    return [page(HEADLINE, first), page("Baker fined over light loaves", second)]


def test_lines_of_other_articles_go(tmp_path: Path) -> None:
    with Lines.open(tmp_path / "lines") as table:
        for text in corpus():
            table.learn("Mercury", text)
        assert table.repeated("Mercury", STAFF) == 0, "it counts from save on"
        table.save()
        assert table.repeated("Mercury", STAFF) == 2
        assert table.repeated("Mercury", BODY[0]) == 1
        assert table.repeated("Herald", STAFF) == 0
        for text, body in zip(corpus(), (BODY, OTHER), strict=True):
            alone = said(pasted.read(text), "body")
            assert STAFF in alone
            assert BOX in alone
            parts = pasted.read(text, "", table.beside("Mercury", text))
            assert [t for r, t, _ in parts.paragraphs if r != "headline"] == body
            assert "repeated" in {cut.rule for cut in parts.removed}
            assert "repeated" in parts.review


def test_one_late_file_is_cleaned_by_what_was_learnt(tmp_path: Path) -> None:
    with Lines.open(tmp_path / "lines") as table:
        table.learn("Mercury", corpus()[0])
    late = page("Baker fined over light loaves", [*OTHER, STAFF])
    with Lines.open(tmp_path / "lines") as table:
        parts = pasted.read(late, "", table.beside("Mercury", late))
    assert [t for _, t, _ in parts.paragraphs][1:] == OTHER


def test_a_file_that_was_edited_teaches_its_new_lines_only(tmp_path: Path) -> None:
    first, second = corpus()
    edited = second.replace("light loaves", "loaves").replace(STAFF, "The Mercury has sold it.")
    with Lines.open(tmp_path / "at once") as table:
        table.learn("Mercury", first, "a.txt")
        table.learn("Mercury", edited, "b.txt")
        table.learn("Mercury", second, "copy.txt")
        table.learn("Mercury", first, "copy.txt")
    with Lines.open(tmp_path / "edited") as table:
        for text in (second, first, second):
            table.learn("Mercury", text, "b.txt")
        table.learn("Mercury", first, "a.txt")
        table.save()
        assert table.repeated("Mercury", STAFF) == 2
        table.learn("Mercury", first, "copy.txt")
        table.learn("Mercury", edited, "b.txt")
        table.save()
        assert table.repeated("Mercury", STAFF) == 1
        assert table.repeated("Mercury", BOX) == 2
        # Its own former lines are not other people's.
        beside = table.beside("Mercury", edited)
        assert beside(OTHER[0]) == 0
        assert beside(BOX) == 1
    assert (tmp_path / "edited").read_bytes() == (tmp_path / "at once").read_bytes()


def test_a_line_that_many_documents_hold_is_found(tmp_path: Path) -> None:
    with Lines.open(tmp_path / "lines") as table:
        for number in range(3000):
            letters = "".join(chr(97 + int(digit)) for digit in str(number))
            table.learn("Mercury", f"{STAFF}\n{letters}", f"{number}.txt")
        table.save()
        assert table.repeated("Mercury", STAFF) == lines.MOST
        assert table.repeated("Mercury", "bcd") == 1
        assert table.repeated("Mercury", "bcdxyz") == 0


def test_what_a_publisher_repeats_is_read_once_however_many_were_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = corpus()
    of_the_page = set(first.split("\n")) & set(second.split("\n")) - {""}
    monkeypatch.setattr(lines, "OFTEN", len(of_the_page))
    with Lines.open(tmp_path / "lines") as table:
        publishers = ("Mercury", "Herald", "Courier")
        for publisher, text in product(publishers, (first, second)):
            table.learn(publisher, text)
        table.save()
        for publisher in publishers:
            table.beside(publisher, first, lines.keys_of(publisher, first))
            with monkeypatch.context() as unread:
                unread.delattr(os, "pread")
                beside = table.beside(publisher, second, lines.keys_of(publisher, second))
            assert [beside(STAFF), beside(OTHER[0])] == [1, 0]


def test_the_same_article_pasted_twice_is_no_boilerplate(tmp_path: Path) -> None:
    once = page(HEADLINE, BODY)
    again = "\n\n".join(["Good morning", HEADLINE, *BODY, "Have you seen our crossword?"])
    longer = page(HEADLINE, [*BODY, *OTHER])
    with Lines.open(tmp_path / "lines") as table:
        for text in (once, again, longer):
            table.learn("Mercury", text)
        table.save()
        for text in (once, again, longer):
            parts = pasted.read(text, "", table.beside("Mercury", text))
            kept = [t for _, t, _ in parts.paragraphs]
            assert [line for line in (HEADLINE, *BODY) if line in kept and len(line) > 40] == [
                line for line in (HEADLINE, *BODY) if len(line) > 40
            ]


def test_a_headline_that_stands_on_other_pages_stays(tmp_path: Path) -> None:
    text = page(HEADLINE, BODY)
    parts = pasted.read(text, "", lambda line: 7 if line == HEADLINE else 0)
    assert said(parts, "headline") == [HEADLINE]


def test_the_table_is_the_same_in_any_order_and_after_any_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)
    documents = [
        (f"p{n % 3}", "\n".join(f"line {chance.choice('abcdefghij') * k}" for k in range(1, 9)))
        for n in range(200)
    ]
    with Lines.open(tmp_path / "once") as table:
        for publisher, text in documents:
            table.learn(publisher, text)
    wanted = (tmp_path / "once").read_bytes()
    monkeypatch.setattr(lines, "BATCH", 50)
    for n in range(3):
        chance.shuffle(documents)
        path = tmp_path / f"again-{n}"
        stopped = Lines.open(path)
        for publisher, text in documents[:90]:
            stopped.learn(publisher, text)
            if chance.random() < 0.05:
                stopped.save()
        stopped.close()
        with Lines.open(path) as table:
            for publisher, text in documents + documents[:20]:
                table.learn(publisher, text)
        assert path.read_bytes() == wanted
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again-0", "again-1", "again-2", "once"]


@pytest.mark.parametrize("shards", [10, 300])
def test_what_many_shards_taught_is_merged_in_as_many_steps_as_that_of_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shards: int
) -> None:
    monkeypatch.setattr(lines, "BATCH", 1000)
    chance, in_order, steps = random.Random(3), lines._in_order, []
    with Lines.open(tmp_path / "lines") as table:
        for shard in range(shards):
            documents = [(chance.randbytes(51 * lines.KEY), f"{n}.txt") for n in range(8)]
            taught = tmp_path / f"{shard}.lines"
            taught.write_bytes(lines.teach(documents, (shard + 1) << 32))
            table.take(taught)
        monkeypatch.setattr(lines, "_in_order", lambda each: steps.append(each) or in_order(each))
    assert len(steps) < 12


PIECES = ["Ferry", "FERRY", "  ", "07", "e\u0301", *" \u00a0\t7٣Éß\n\r\u2028\u2029"]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_the_lines_of_a_text_are_hashed_as_each_by_itself(text: str) -> None:
    each = list(filter(None, map(normalise, split_lines(text))))
    keys = [key for line in each for key in lines.line_keys("Mercury", line)]
    assert lines.line_keys("Mercury", text) == keys
    bare = [re.sub(r"\d+", "0", line.casefold()) for line in each]
    assert len(set(zip(bare, keys, strict=True))) == len(set(bare)) == len(set(keys))
    assert not set(keys) & set(lines.line_keys("Herald", text))


def test_the_table_counts_as_a_plain_count_would(tmp_path: Path) -> None:
    chance = random.Random(2)
    documents = {tuple(chance.sample("abcdefghijklmnopqrstuvwxyz", 5)) for _ in range(60)}
    with Lines.open(tmp_path / "lines") as table:
        for letters in documents:
            table.learn("p", "\n".join(f"line {letter}" for letter in letters))
    with Lines.open(tmp_path / "lines") as table:
        for letter in "abcdefghijklmnopqrstuvwxyz":
            count = sum(letter in letters for letters in {frozenset(d) for d in documents})
            assert table.repeated("p", f"  LINE {letter.upper()} ") == min(count, lines.MOST)
        assert table.repeated("p", "line") == 0


def test_the_table_holds_no_text(tmp_path: Path) -> None:
    with Lines.open(tmp_path / "lines") as table:
        table.learn("Mercury", corpus()[0])
    data = (tmp_path / "lines").read_bytes()
    assert not any(word.encode() in data for word in ("Mercury", "ferry", "Orrin"))


@pytest.mark.parametrize("data", [b"", b"something else", lines.MAGIC + b"odd"])
def test_a_file_that_is_no_table_is_said_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "lines"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="not a table of lines"):
        Lines.open(path)


# --- what is made to do harm --------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "a\n" * 300_000,
        "word " * 1_000_000,
        "x" * 3_000_000,
        "“" * 300_000,
        "TALLIS FORD — " * 20_000,
        "Read more\nComments\nSupport us\n" * 10_000,
        "(" * 300_000 + "photo:",
        "A man in a boat. Photo: X (a/b)\nMarch 3, 2024\n" * 10_000,
    ],
    ids=["lines", "line", "word", "quotes", "datelines", "labels", "brackets", "credits"],
)
def test_no_text_takes_long(source: str) -> None:
    parts = pasted.read(source)
    assert parts.paragraphs or parts.removed


# --- what is remembered of a line -------------------------------------------------------------

WORDS = ["By", "Una", "Farr", "sign up", "Photo:", "3 March 2025", "Getty Images", "we need your"]
WORDS += ["support", "cookies", "…", ".", "”", "(", ")", "/", "•", "privacy", "İ", "Σ", "\ud800"]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join).map(normalise)))
def test_a_line_that_was_looked_at_before_says_what_a_fresh_one_says(texts: list[str]) -> None:
    def told(line: looks.Line) -> list[object]:
        return [
            line.rule,
            line.credit,
            line.credited,
            line.is_front(),
            line.weight(),
            line.word_set(),
            line.opening(),
            line.is_untitled() if line.text else None,
            line.presents(),
        ]

    for text, remembered in zip(texts, looks.look(texts), strict=True):
        fresh = looks.Line(text, page_lines.signs([text])[0])
        assert told(remembered) == told(remembered) == told(fresh)


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1))
def test_every_phrase_is_found_however_many_are_looked_for_at_once(texts: list[str]) -> None:
    for text, signs in zip(texts, page_lines.signs(texts), strict=True):
        for number, phrase in enumerate(lexicon.PHRASES):
            assert bool(signs >> number & 1) == any(n in text.lower() for n in phrase.needles)


WHOLE = [each for rules in (lexicon.WHOLE, lexicon.LABELS) for p in rules.values() for each in p]


@given(st.sampled_from(WHOLE).flatmap(lambda p: st.from_regex(f"(?i:{p})\\Z", fullmatch=True)))
def test_no_line_of_the_lexicon_is_passed_over_by_its_opening(text: str) -> None:
    text = normalise(text)
    found = page_lines._first(lexicon.WHOLE, page_lines._WHOLE_TABLES, text)
    if not found and not sentences.ends_sentence(text):
        found = page_lines._first(lexicon.LABELS, page_lines._LABEL_TABLES, text)
    if found:
        assert page_lines._short_rule(text, page_lines.signs([text])[0]) == found


@pytest.mark.parametrize("text", ["Share", "ſhare", "Prınt", "PRİNT", "• Print", "×", "a day ago"])
def test_a_button_is_told_in_every_letter_that_case_makes_alike(text: str) -> None:
    assert page_lines.is_page_line(text, page_lines.signs([text])[0]) == "control"


@given(st.text("ab Z.\n\xa0\xad·´–—―…’‘“”‚„‹›«»¡¿©®™•", max_size=12))
def test_marks_of_print_alone_are_no_mojibake(text: str) -> None:
    assert not ftfy.badness.is_bad(text)


SUSPECTS = sorted({c for kind in ftfy.badness.MOJIBAKE_CATEGORIES.values() for c in kind} - {"-"})


@given(st.text(st.sampled_from(SUSPECTS) | st.sampled_from("aZ .!\n"), max_size=12))
def test_no_letter_is_mojibake_that_stands_among_ascii_alone(text: str) -> None:
    if ftfy.badness.is_bad(text):
        assert encodings._SUSPICIOUS.search(text)


LINES_ABROAD = [
    line
    for rules in (lexicon.OPENS_ABROAD, lexicon.SAYS_ALONE)
    for lines in rules.values()
    for line in chain.from_iterable(map(page_lines._OR.split, lines))
]


@example("AYRICA OKUYUN")
@example("İLGİLİ HABERLER")
@given(
    st.sampled_from(LINES_ABROAD).flatmap(lambda p: st.from_regex(f"(?i:{p})\\Z", fullmatch=True))
)
def test_no_line_in_another_language_is_passed_over_by_its_first_word(text: str) -> None:
    text = normalise(text)
    assert page_lines.is_page_line(text) or sentences.ends_sentence(text)


def test_a_document_that_was_not_learnt_is_compared_like_one_that_was(tmp_path: Path) -> None:
    new, known = page("A new roof", OTHER), page(HEADLINE, BODY)
    with Lines.open(tmp_path / "lines") as table:
        table.learn("The Orrin Mercury", known)
    before = Lines.open(tmp_path / "lines").beside("The Orrin Mercury", new)
    with Lines.open(tmp_path / "lines") as table:
        table.learn("The Orrin Mercury", new)
    after = Lines.open(tmp_path / "lines").beside("The Orrin Mercury", new)
    assert [before(line) for line in NAV + OTHER] == [after(line) for line in NAV + OTHER]
    assert before(NAV[-1]) == 1
    assert before(OTHER[0]) == 0
