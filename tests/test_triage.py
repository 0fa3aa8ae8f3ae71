"""Which of many flagged articles a curator reads first, and what the command says of them."""

import re
from pathlib import Path

import pytest

from cli import onrecord

STORY = (
    "The ferry to Sallow Island will run on Sundays again from May, the harbour board said.",
    "It had stopped four winters ago, when the older of the two boats was sold for scrap.",
    "Since then those who live on the island have rowed over, or have waited for the Monday.",
    "“My mother is ninety and does not row,” said Ines Tolland, who keeps the shop at the pier.",
    "The board has bought a boat from a lake in the north, and two of its crew come with it.",
    "A crossing will cost what it did before, and children travel without a ticket in summer.",
    "Whether the boat can land at low water is not known; a trial is planned for late March.",
    "The mayor, who was a ferryman himself, said that he would be on the first boat over.",
    "In the shop at the pier a list hangs for those who want to be on it with him that day.",
    "By the evening there were more names on that list than the boat has seats on its deck.",
    "The board says that it will think about a second crossing if the weather allows for one.",
)
HEAD = ("Sunday ferry to Sallow Island returns", "By Cy Dow", "3 March 2025")
PAGE = ("Home", "News", "Sport", "Log in")
NOTICE = (
    "We use cookies and ask you to accept them, so that this site can remember what you have read "
    "on it and what you have not, on this device and on all of your others, until you object."
)
STOPS = tuple(
    f"Pier {name} by way of the mill, every {hour} hours"
    for hour, name in enumerate("ABCDEFGHIJKL", 2)
)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    each = {
        "sound": (*PAGE, *HEAD, *STORY, "Most read"),
        "cut": (*PAGE, *HEAD, *STORY[:5], NOTICE, NOTICE[:-1] + " to it.", *STORY[5:], "Most read"),
        "list": (*PAGE, *HEAD, *STORY[:6], *STOPS, *STORY[6:], "Most read"),
        "whole": (HEAD[0], *STORY),
    }
    for name, lines in each.items():  # of four outlets, so that none knows the lines of another
        (folder / "raw" / name).mkdir(parents=True)
        (folder / f"raw/{name}/a.txt").write_text("\n\n".join(lines), "utf-8")
    return folder


def test_the_summary_says_what_to_read_first_and_why(pages: Path) -> None:
    told = onrecord("convert", "raw", "--out", "articles.jsonl", cwd=pages).stderr
    assert "4 articles in articles.jsonl; 3 flagged for review" in told
    assert "2 articles to read first (`onrecord convert SOURCE --explain --first 2`" in told
    assert "1: much of what is kept is no running text" in told
    assert "1: between paragraphs that are kept, one was cut by its looks" in told


def test_explain_shows_the_most_doubtful_first(pages: Path) -> None:
    told = onrecord("convert", "raw", "--explain", "--first", "3", cwd=pages).stdout
    assert re.findall(r"^raw/(\w+)/a\.txt: ", told, re.M) == ["list", "cut", "sound"]
    assert re.search(r"^  doubtful: much of what is kept is no running text \(\d\d%\)$", told, re.M)
    assert told.rpartition("raw/sound")[2].count("doubtful") == 0
    whole = onrecord("convert", "raw", "--explain", cwd=pages).stdout
    assert re.findall(r"^raw/(\w+)/a\.txt: ", whole, re.M) == ["cut", "list", "sound", "whole"]


def test_first_is_of_what_is_explained(pages: Path) -> None:
    told = onrecord("convert", "raw", "--out", "a.jsonl", "--first", "3", cwd=pages, code=2).stderr
    assert "--first goes with --explain" in told


def test_a_page_of_which_little_is_left_is_doubtful(pages: Path) -> None:
    (pages / "brief").mkdir()
    (pages / "brief/a.txt").write_text(
        "\n\n".join((*PAGE, *HEAD, *STORY[:2], "Most read")), "utf-8"
    )
    told = onrecord("convert", "brief", "--out", "brief.jsonl", cwd=pages).stderr
    assert "1 article to read first" in told
    assert "1: fewer than 900 letters of text are kept" in told


def test_a_list_of_stories_is_to_be_read_first_and_a_round_up_is_none(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    cards = "".join(
        f'<div class="card"><h2><a href="/{i}">Ferry story {i}</a></h2><p>{said}</p></div>'
        for i, said in enumerate(STORY)
    )
    told = "".join(
        f'<h2><a href="/{i}">Ferry story {i}</a></h2><p>{said}</p><p>{said[:-1]} and so on.</p>'
        for i, said in enumerate(STORY)
    )
    whole = "".join(f"<p>{said}</p>" for said in STORY)
    site = '<link rel="canonical" href="https://quay.example/">'
    for name, head, h1, body in (
        ("section", "", "Sport", cards),
        ("front", site, "The Quay", whole),
        ("round-up", "", "The week in eleven stories", f"<article>{told}</article>"),
        ("story", site.replace('/">', '/sundays">'), HEAD[0], whole),
    ):
        (tmp_path / f"raw/{name}.html").write_text(
            f"<html lang='en'><head><title>{h1}</title>{head}</head><body><main><h1>{h1}</h1>{body}"
            "</main></body></html>",
            "utf-8",
        )
    told = onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path).stderr
    assert "4 articles in a.jsonl; 2 flagged for review" in told
    assert "2: it seems to be a front page, a section, a search: a list of stories" in told
    told = onrecord("convert", "raw", "--explain", "--first", "2", cwd=tmp_path).stdout
    assert set(re.findall(r"^raw/([\w-]+)\.html: ", told, re.M)) == {"section", "front"}
