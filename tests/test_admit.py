"""Admission, rights and hydration: what is frozen, what is masked, what comes back."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cli import onrecord
from onrecord import ledger
from onrecord.articles import admit, sources, stories
from onrecord.articles.convert import convert
from onrecord.articles.documents import Document, Origin
from onrecord.articles.hydrate import Restored, Wanted, hydrate
from onrecord.articles.signatures import Signatures
from onrecord.records import Article
from onrecord.rights import attribution, rights_of, rules
from onrecord.splits import SHARES, split_of
from onrecord.text import sha256
from parts import HOME
from test_sources import warc

STORY = (
    "Bridge over the Tarrow opens\n\n"
    "People crossing on Monday.  Ida Lund/Holmlight\n\n"
    "The café on the bridge opened on Monday, and “everybody” came to see it.\n\n"
    "“It is ours,” said the mayor 🇬🇧, who had waited nine years for the day.\n"
)
RIGHTS = """pattern,licence,release,basis,attribution
tarrow-*,CC-BY-4.0,fetch,asked,"{headline}, {url}"
tarrow-times,CC-BY-4.0,ship,ours,
"""


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles, converted. Not to be changed."""
    base = tmp_path_factory.mktemp("converted")
    (base / "corpus").mkdir()
    (base / "corpus/rights.csv").write_text(RIGHTS, encoding="utf-8")
    for publisher in ("tarrow-times", "tarrow-post", "elsewhere"):
        folder = base / "raw" / publisher
        folder.mkdir(parents=True)
        (folder / "bridge.txt").write_text(f"{STORY}\nSo says {publisher}, and it is sure of it.\n")
    onrecord("convert", "raw", "--out", "articles.jsonl", cwd=base)
    return base


@pytest.fixture
def root(converted: Path, tmp_path: Path) -> Path:
    return shutil.copytree(converted, tmp_path, dirs_exist_ok=True)


def ledger_of(root: Path, publisher: str) -> dict[str, Any]:
    (line,) = (root / f"corpus/articles/{publisher}.jsonl").read_text("utf-8").splitlines()
    return json.loads(line)


def snapshot(root: Path) -> dict[str, bytes]:
    return {p.as_posix(): p.read_bytes() for p in sorted((root / "corpus").rglob("*.*"))}


def test_what_may_not_ship_is_masked(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    shipped = ledger_of(root, "tarrow-times")
    assert shipped["text"].startswith("Bridge over the Tarrow opens")
    assert shipped["credit"] == ["Ida Lund/Holmlight"]
    for publisher, release in (("tarrow-post", "fetch"), ("elsewhere", "withhold")):
        article = ledger_of(root, publisher)
        assert article["rights"]["release"] == release
        assert (article["text"], article["headline"], article["credit"]) == ("", "", [])
        written = (root / f"corpus/articles/{publisher}.jsonl").read_text("utf-8")
        for words in ("Tarrow opens", "Ida Lund", "everybody", "waited nine years"):
            assert words not in written
        assert article["segments"][0]["end"] == len("Bridge over the Tarrow opens")


def test_admitting_again_changes_nothing(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    before = snapshot(root)
    told = onrecord("admit", "articles.jsonl", cwd=root)
    assert "0 articles admitted, 3 were known" in told.stderr
    assert snapshot(root) == before


@pytest.mark.parametrize("verb", [["admit"], ["stories", "--out", "stories.jsonl"]])
def test_a_file_without_articles_is_told_and_spoils_nothing(root: Path, verb: list[str]) -> None:
    (root / "none.jsonl").touch()
    told = onrecord(verb[0], "none.jsonl", *verb[1:], cwd=root, code=1)
    assert "none.jsonl holds no article" in told.stderr
    onrecord("admit", "articles.jsonl", cwd=root)


def test_a_changed_text_for_a_known_id_is_refused_with_a_diff(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    before = snapshot(root)
    for path in (root / "raw").rglob("*.txt"):
        path.write_text(path.read_text("utf-8").replace("nine years", "ten years"), "utf-8")
    onrecord("convert", "raw", "--out", "articles.jsonl", cwd=root)
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert "admit.text-changed" in told.stderr
    assert "-“It is ours,” said the mayor 🇬🇧, who had waited nine years" in told.stderr
    assert "+“It is ours,” said the mayor 🇬🇧, who had waited ten years" in told.stderr
    assert snapshot(root) == before


def test_a_run_that_was_killed_half_way_is_taken_up(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    whole = snapshot(root)
    path = root / "corpus/articles/tarrow-times.jsonl"
    path.write_bytes(path.read_bytes()[:-40])
    (root / "corpus/splits.csv").unlink()
    onrecord("admit", "articles.jsonl", cwd=root)
    after = snapshot(root)
    assert sorted(after.pop((root / "corpus/splits.csv").as_posix()).splitlines()) == sorted(
        whole.pop((root / "corpus/splits.csv").as_posix()).splitlines()
    )
    assert after == whole


def test_a_quote_that_two_splits_share_is_said_when_it_is_admitted(tmp_path: Path) -> None:
    said = "“Nobody who lives on this river was ever asked about any of it,” said Ida Lund."
    for place in ("ferry", "quarry", "library", "orchard", "signal", "market"):
        names = [f"{place}{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
        lines = [f"The {' '.join(names[n:] + names[:n])} is mended." for n in range(6)]
        text = "\n\n".join([f"{place.title()} row divides the {place} town", *lines, said])
        (tmp_path / "raw" / place).mkdir(parents=True)
        (tmp_path / "raw" / place / "row.txt").write_text(text, "utf-8")
    onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path)
    told = onrecord("admit", "a.jsonl", cwd=tmp_path).stderr
    rows = (tmp_path / "corpus/splits.csv").read_text().splitlines()[1:]
    splits = dict(row.split(",") for row in rows)
    articles = [json.loads(row)["id"] for row in (tmp_path / "a.jsonl").open(encoding="utf-8")]
    assert len(set(splits.values())) > 1
    across = sum(splits[key] != splits[articles[0]] for key in articles)
    counts = ", ".join(f"{split} {list(splits.values()).count(split)}" for split, _ in SHARES)
    assert f"the corpus has 6 stories; articles by split: {counts}" in told
    assert f"{across} article" in told.partition(counts)[2]
    assert "`onrecord check` names them" in told


def test_a_malformed_line_is_named_and_keeps_no_other_article_out(root: Path) -> None:
    path = root / "articles.jsonl"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1][:50], f"\ufeff{lines[2]}"]) + "\n", "utf-8")
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert "articles.jsonl:2: json.malformed" in told.stderr
    assert "articles.jsonl:3: json.malformed: no JSON, UTF-8 byte order mark" in told.stderr
    assert "1 article admitted, 0 were known, 2 refused" in told.stderr
    assert "json.malformed" in (root / "articles.jsonl.refused.jsonl").read_text("utf-8")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    told = onrecord("admit", "articles.jsonl", cwd=root)
    assert "2 articles admitted, 1 were known" in told.stderr
    assert not (root / "articles.jsonl.refused.jsonl").exists()


def test_a_malformed_line_of_a_known_article_is_named(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    path = root / "articles.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    (masked,) = (row for row in rows if row["publisher"] == "elsewhere")
    known = next(row for row in rows if row["publisher"] == "tarrow-times")
    late = known | {
        "id": "tarrow-times-000000000000",
        "source": known["source"] | {"sha256": "0" * 64},
    }
    del masked["headline"]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, late]), "utf-8")
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    at = rows.index(masked) + 1
    assert f"articles.jsonl:{at}: schema: {masked['id']}" in told.stderr
    assert "1 article admitted, 2 were known, 1 refused" in told.stderr


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("id", "tarrow-times-000000000000\n", "schema: tarrow-times-000000000000\\n"),
        ("date_published", "2024-02-29\n", "schema"),
        ("date_published", "\u0662024-02-29", "schema"),
        ("publisher", "T" * 250, "admit.long-name"),
        ("id", f"{'t' * 240}-000000000000", "admit.long-name"),
    ],
)
def test_an_article_whose_name_or_date_is_wrong_is_refused_and_the_others_admitted(
    root: Path, field: str, value: str, rule: str
) -> None:
    path = root / "articles.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    rows[1][field] = value
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert "2 articles admitted, 0 were known, 1 refused" in told.stderr
    assert f"articles.jsonl:2: {rule}: " in told.stderr


def test_a_file_of_something_else_is_told_and_leaves_nothing_beside_it(root: Path) -> None:
    """Beside a table that was not converted, a list would be read as a source the next time."""
    table = root / "raw/tarrow-times/table.csv"
    table.write_text("headline,text\nBridge,It opened on Monday\n", "utf-8")
    before = sorted((root / "raw").rglob("*"))
    told = onrecord("admit", str(table), cwd=root, code=1)
    assert "table.csv holds no article: `admit` takes what `convert` wrote" in told.stderr
    assert sorted((root / "raw").rglob("*")) == before


def test_a_corpus_that_begins_in_the_wrong_folder_is_told(root: Path) -> None:
    told = onrecord("admit", "../articles.jsonl", cwd=root / "raw")
    assert f"a new corpus begins in {root / 'raw/corpus'}" in told.stderr
    assert "a new corpus" not in onrecord("admit", "articles.jsonl", cwd=root).stderr


def test_another_article_at_the_same_address_is_refused_as_such(root: Path) -> None:
    other = " ".join(f"The board of ward {n} met on a Monday in week {n}." for n in range(40))
    rows = [
        {"url": "https://tarrow.example/", "title": title, "text": text}
        for title, text in (("A bridge", "Nobody was hurt when the old bridge fell."), ("B", other))
    ]
    path = root / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    line = ("--publisher", "Elsewhere", "--out", "two.jsonl")
    onrecord("convert", "rows.jsonl", *line, cwd=root)
    told = onrecord("admit", "two.jsonl", cwd=root, code=1)
    assert "two.jsonl:2: admit.other-article" in told.stderr
    assert "the address https://tarrow.example/ is the same in both" in told.stderr
    assert "1 article admitted, 0 were known, 1 refused" in told.stderr


def test_the_text_must_be_the_one_that_the_hash_says(root: Path) -> None:
    path = root / "articles.jsonl"
    path.write_text(path.read_text("utf-8").replace("nine years", "ten years"), "utf-8")
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert told.stderr.count("admit.text-hash") == 3


@pytest.mark.parametrize("keep", ["file", "copy under another name", "page around it"])
def test_texts_come_back_exactly(root: Path, keep: str) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    copy = root / "copy"
    copy.mkdir()
    raw = (root / "raw/elsewhere/bridge.txt").read_text("utf-8")
    name = "bridge.txt" if keep == "file" else "mine.txt"
    if keep == "page around it":
        raw = "Accept all cookies\nSubscribe\n\n" + raw + "\nRead more\n"
    (copy / name).write_text(raw, "utf-8")
    onrecord("hydrate", "--from", "copy", cwd=root)
    article = ledger_of(root, "elsewhere")
    got = json.loads((root / f"build/text/{article['id']}.json").read_text("utf-8"))
    assert got["text"].endswith("So says elsewhere, and it is sure of it.")
    assert got["headline"] == "Bridge over the Tarrow opens"
    assert got["credit"] == ["Ida Lund/Holmlight"]
    assert {k: v for k, v in got.items() if k not in ("text", "headline", "credit")} == {
        k: v for k, v in article.items() if k not in ("text", "headline", "credit")
    }


def test_every_page_of_an_archive_comes_back(tmp_path: Path) -> None:
    """A page has no slices to cut: it is converted again, and its neighbours are not its text."""
    page = "<html><body><article><h1>{0}</h1><p>{1}</p><p>{1}</p></article></body></html>"
    words = "The council of {} met on Monday and talked for hours about the bridge on the Tarrow. "
    towns = ("Holmlight", "Ostermoor", "Vennick")
    pages = [page.format(f"{town} meets", words.format(town) * 3) for town in towns]
    archive = warc(*((f"https://e.example/{i}", p.encode()) for i, p in enumerate(pages)))
    (tmp_path / "corpus").mkdir()
    (tmp_path / "crawl.warc.gz").write_bytes(archive)
    onrecord("convert", "crawl.warc.gz", "--publisher", "E", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    (tmp_path / "empty").mkdir()
    told = onrecord("hydrate", "--from", "empty", cwd=tmp_path)
    assert told.stderr.count("missing: ") == 1, "a line a source, however many articles it has"
    told = onrecord("hydrate", "--from", "crawl.warc.gz", cwd=tmp_path)
    assert "3 texts restored, 0 were there already, 0 still missing" in told.stderr


def test_hydration_fails_closed_on_another_text(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    path = root / "raw/elsewhere/bridge.txt"
    path.write_text(path.read_text("utf-8").replace("nine years", "ten years"), "utf-8")
    told = onrecord("hydrate", "--from", "raw/elsewhere", cwd=root, code=1)
    assert "hydrate.other-text" in told.stderr
    assert "2 still missing" in told.stderr
    assert not list((root / "build").rglob("*.json"))


@pytest.mark.parametrize("name", ["story.txt", "story.html"])
def test_a_text_that_was_admitted_without_the_joiner_of_an_emoji_comes_back(
    tmp_path: Path, name: str
) -> None:
    said = STORY.replace(
        "🇬🇧, who had waited nine years for the day.", "to the crew 👩\u200d🚒"
    ).strip()
    path = tmp_path / name
    headline, *paragraphs = said.split("\n\n")
    page = f"<article><h1>{headline}</h1>{''.join(f'<p>{p}</p>' for p in paragraphs)}</article>"
    path.write_text(said if name.endswith("txt") else page, "utf-8")
    (document,) = sources.read(path, Origin("E"))
    assert isinstance(document, Document)
    article = convert(document)
    assert isinstance(article, Article)
    assert article.text.endswith("👩\u200d🚒")
    before = article.text.replace("\u200d", "")
    segments = [*article.segments[:-1], msgspec.structs.replace(article.segments[-1])]
    segments[-1].end -= 1
    masked = msgspec.structs.replace(
        article, text="", text_sha256=sha256(before), segments=segments
    )
    (restored,) = hydrate(Wanted([masked]), [path], convert)
    assert isinstance(restored, Restored)
    assert restored.article.text == before


def test_hydrating_again_changes_nothing(root: Path) -> None:
    onrecord("admit", "articles.jsonl", cwd=root)
    onrecord("hydrate", "--from", "raw", cwd=root)
    before = {p: p.stat().st_mtime_ns for p in (root / "build/text").iterdir()}
    told = onrecord("hydrate", "--from", "raw", cwd=root)
    assert "0 texts restored, 2 were there already, 0 still missing" in told.stderr
    assert {p: p.stat().st_mtime_ns for p in (root / "build/text").iterdir()} == before


def test_a_table_row_comes_back_from_its_columns(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    csv = 'url,date,title,text\nhttps://e.example/1,2025-01-02,Bridge opens,"{}"\n'
    body = "The bridge on the Tarrow opened on Monday.  It is long.\n\n\n“At last,” she said."
    (tmp_path / "dump.csv").write_text(csv.format(body), "utf-8")
    onrecord("convert", "dump.csv", "--publisher", "Dump", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    onrecord("hydrate", "--from", "dump.csv", cwd=tmp_path)
    (path,) = (tmp_path / "build/text").iterdir()
    assert json.loads(path.read_text("utf-8"))["text"] == (
        "Bridge opens\n\nThe bridge on the Tarrow opened on Monday. It is long."
        "\n\n“At last,” she said."
    )


def test_a_row_of_markup_comes_back(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    body = "".join(
        f"<p>{p.strip()} And so it was said, for hours.</p>" for p in STORY.split("\n\n")
    )
    row = {"title": "Bridge opens", "text": body, "url": "https://e.example/1"}
    (tmp_path / "dump.jsonl").write_text(json.dumps(row), "utf-8")
    onrecord("convert", "dump.jsonl", "--publisher", "Dump", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    told = onrecord("hydrate", "--from", "dump.jsonl", cwd=tmp_path)
    assert "1 text restored" in told.stderr
    (path,) = (tmp_path / "build/text").iterdir()
    assert "<p>" not in json.loads(path.read_text("utf-8"))["text"]


def test_columns_with_a_comma_in_their_names_are_found_again(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    body = "The bridge on the Tarrow opened on Monday, and everybody came to see it."
    (tmp_path / "dump.csv").write_text(
        f'"title, short","text, in full",note\nBridge opens,"{body}",none\n', "utf-8"
    )
    columns = ("--column", "headline=title, short", "--column", "text=text, in full")
    onrecord("convert", "dump.csv", *columns, "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    told = onrecord("hydrate", "--from", "dump.csv", cwd=tmp_path)
    assert "1 text restored" in told.stderr


def test_a_packed_table_that_is_cut_short_gives_back_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    body = "The bridge {} on the Tarrow opened on Monday, and everybody came to see it."
    rows = [{"title": f"Bridge {n} opens", "text": body.format(n)} for n in range(400)]
    table = tmp_path / "dump.jsonl.gz"
    table.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    (tmp_path / "last.txt").write_text("Ferry stays\n\n" + body.format("or ferry"), "utf-8")
    sources = ("dump.jsonl.gz", "last.txt")
    onrecord("convert", *sources, "--publisher", "E", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    copies = tmp_path / "copies"
    copies.mkdir()
    (copies / table.name).write_bytes(table.read_bytes()[: table.stat().st_size // 2])
    shutil.copy(tmp_path / "last.txt", copies)
    onrecord("hydrate", "--from", "copies", cwd=tmp_path, code=1)
    restored = [json.loads(p.read_bytes()) for p in (tmp_path / "build/text").iterdir()]
    names = {article["headline"] for article in restored}
    assert {"Bridge 0 opens", "Bridge 99 opens", "Ferry stays"} <= names
    assert "Bridge 399 opens" not in names


def test_the_most_specific_pattern_wins_and_none_withholds() -> None:
    from synthetic import article

    ranked = rules(
        [
            ["*", "CC0-1.0", "ship", "any", ""],
            ["tarrow-*", "CC-BY-4.0", "fetch", "more", "{headline} at {url}"],
            ["tarrow-times-*", "LicenseRef-x", "withhold", "most", ""],
        ]
    )
    one = msgspec.structs.replace(
        article([("body", "x")]), id="tarrow-post-0123456789ab", publisher="Tarrow Post"
    )
    assert rights_of(one, ranked).basis == "more"
    two = msgspec.structs.replace(one, id="tarrow-times-0123456789ab", publisher="Tarrow Times")
    assert rights_of(two, ranked).basis == "most"
    assert rights_of(one, []).release == "withhold"
    dressed = msgspec.structs.replace(one, rights=rights_of(one, ranked), headline="H", url="u")
    assert attribution(dressed) == "H at u"


def test_one_text_that_is_not_here_to_be_compared_is_said(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    for number in (1, 2):
        articles_of(tmp_path, ("paper", story_text(number)))
        told = onrecord("admit", "articles.jsonl", cwd=tmp_path)
        shutil.rmtree(tmp_path / "raw")
    assert "1 admitted article has no text here, so near-duplicates" in told.stderr


@pytest.mark.parametrize("pattern", ["Fährmann Bote", "Fährmann*", "fahrmann-bote"])
def test_a_pattern_names_a_publisher_as_its_folder_does_or_as_its_ids(
    tmp_path: Path, pattern: str
) -> None:
    (tmp_path / "corpus").mkdir()
    row = f"{pattern},CC-BY-4.0,ship,their letter,Fährmann Bote\n"
    (tmp_path / "corpus/rights.csv").write_text(f"{','.join(ledger.RIGHTS)}\n{row}", "utf-8")
    articles_of(tmp_path, ("Fährmann Bote", story_text(1)))
    onrecord("admit", "articles.jsonl", cwd=tmp_path)
    told = onrecord("rights", cwd=tmp_path)
    assert "CC-BY-4.0" in told.stdout
    assert "no pattern" not in told.stderr


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("tarrow-times,CC-BY-4.0,shipped,ours,", "'shipped' is none of ship, fetch, withhold"),
        (",CC-BY-4.0,ship,ours,", "the pattern is empty"),
        ("tarrow-times,,ship,ours,", "needs its licence"),
        ("tarrow-times,CC0-1.0,ship,ours,{title}", "{title} is no field"),
        ("tarrow-times,CC0-1.0,ship,ours,{headline", "{headline is no field"),
    ],
)
def test_a_wrong_row_of_rights_is_refused_before_it_is_frozen(
    root: Path, row: str, said: str
) -> None:
    (root / "corpus/rights.csv").write_text(f"{RIGHTS}{row}\n", "utf-8")
    before = snapshot(root)
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert "corpus/rights.csv:4: csv.value" in told.stderr
    assert said in told.stderr
    assert snapshot(root) == before


def test_two_rows_of_one_pattern_are_refused_before_one_is_frozen(root: Path) -> None:
    with (root / "corpus/rights.csv").open("a", encoding="utf-8") as file:
        file.write("tarrow-times,CC0-1.0,ship,a second letter,\n")
    told = onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert "corpus/rights.csv:4: csv.repeat: tarrow-times" in told.stderr
    assert not (root / "corpus/articles").exists()


def test_a_bracket_in_a_pattern_is_a_bracket(tmp_path: Path) -> None:
    from synthetic import article

    ranked = rules([["https://e.example/[a]/*", "CC0-1.0", "ship", "asked", ""]])
    for url, release in (
        ("https://e.example/[a]/1", "ship"),
        ("https://e.example/a/1", "withhold"),
    ):
        one = msgspec.structs.replace(article([("body", "x")]), url=url)
        assert rights_of(one, ranked).release == release


def test_what_no_pattern_covers_and_patterns_that_cover_nothing_are_said(root: Path) -> None:
    with (root / "corpus/rights.csv").open("a", encoding="utf-8") as file:
        file.write("Elsewhere,CC0-1.0,ship,asked,\n")
    told = onrecord("admit", "articles.jsonl", cwd=root)
    assert "1 of the new ones is withheld, because no pattern of corpus/rights.csv" in told.stderr
    told = onrecord("rights", cwd=root)
    assert "1 pattern of corpus/rights.csv decides about no article:\n  Elsewhere;" in told.stderr


def test_the_same_text_at_two_addresses_is_said(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    row = {"title": "Bridge opens", "text": story_text(1)}
    rows = [row | {"url": f"http{s}://e.example/1"} for s in ("", "s")]
    (tmp_path / "dump.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    onrecord("convert", "dump.jsonl", "--publisher", "Dump", "--out", "a.jsonl", cwd=tmp_path)
    told = onrecord("admit", "a.jsonl", cwd=tmp_path)
    assert "1 of the new ones has the very text of an earlier article" in told.stderr
    assert "tells the story" not in told.stderr


def test_splits_are_a_function_of_the_story_and_about_their_shares() -> None:
    found = [split_of(f"story-{i}") for i in range(4000)]
    for name, share in SHARES:
        assert abs(found.count(name) / 40 - share) < 3
    assert split_of("story-1") == split_of("story-1")


def articles_of(tmp_path: Path, *texts: tuple[str, str]) -> Path:
    """A converted file with an article for each `(publisher, text)`."""
    for i, (publisher, text) in enumerate(texts):
        folder = tmp_path / "raw" / publisher
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{i:03}.txt").write_text(text, "utf-8")
    onrecord("convert", "raw", "--out", "articles.jsonl", cwd=tmp_path)
    return tmp_path / "articles.jsonl"


def sentence(seed: int) -> str:
    words = [f"w{(seed * 7919 + i * 104729) % 99991}" for i in range(14)]
    return f"The {' '.join(words)} met."


def story_text(seed: int, *, length: int = 12, title: str = "") -> str:
    body = "\n\n".join(sentence(seed * 1000 + i) for i in range(length))
    return f"{title or f'Number {seed} meets again today'}\n\n{body}\n"


def stories_of(root: Path) -> dict[str, str]:
    rows = [
        json.loads(line)
        for path in sorted((root / "corpus/articles").glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return {row["source"]["file"].split("/")[-1]: row["story"] for row in rows}


@pytest.mark.parametrize("kind", ["edited", "cut", "under another headline"])
def test_near_duplicates_share_a_story(tmp_path: Path, kind: str) -> None:
    one = story_text(1)
    other = {
        "edited": one.replace("met.", "met again.", 5).replace("w1", "x1", 3),
        "cut": story_text(1, length=4),
        "under another headline": story_text(1, title="Quite another headline for the wire copy"),
    }[kind]
    articles_of(tmp_path, ("a", one), ("b", other), ("c", story_text(2)))
    told = onrecord("admit", "articles.jsonl", cwd=tmp_path)
    found = stories_of(tmp_path)
    assert found["000.txt"] == found["001.txt"] != found["002.txt"]
    line = next(line for line in told.stderr.splitlines() if "the story of an earlier" in line)
    rows = [
        json.loads(row) for row in (tmp_path / "articles.jsonl").read_text("utf-8").splitlines()
    ]
    (second,) = (row["id"] for row in rows if row["source"]["file"].endswith("001.txt"))
    assert line.startswith("  1 of the new ones")
    assert line.endswith(f": {second}")
    again = onrecord("admit", "articles.jsonl", cwd=tmp_path)
    assert "the story of an earlier" not in again.stderr
    assert len((tmp_path / "corpus/splits.csv").read_text("utf-8").splitlines()) == 3


def test_an_article_that_would_join_two_splits_is_held_out(tmp_path: Path) -> None:
    texts = [("a", story_text(i)) for i in range(12)]
    articles_of(tmp_path, *texts)
    onrecord("admit", "articles.jsonl", cwd=tmp_path)
    stories = stories_of(tmp_path)
    by_split: dict[str, int] = {}
    for i in range(12):
        by_split.setdefault(split_of(stories[f"{i:03}.txt"]), i)
    first, second = list(by_split.values())[:2]
    both = story_text(first) + story_text(second).split("\n\n", 1)[1]
    articles_of(tmp_path, *texts, ("b", both))
    told = onrecord("admit", "articles.jsonl", cwd=tmp_path, code=1)
    assert "admit.two-splits" in told.stderr
    assert stories_of(tmp_path) == stories


def test_stories_found_before_are_taken_as_they_are(tmp_path: Path) -> None:
    texts = [("a", story_text(i)) for i in range(8)]
    first = articles_of(tmp_path, *texts, ("b", story_text(3, length=4)))
    onrecord("stories", "articles.jsonl", "--out", "stories.jsonl", cwd=tmp_path)
    onrecord("admit", "articles.jsonl", cwd=tmp_path)
    looked = snapshot(tmp_path)
    for path in (tmp_path / "corpus").rglob("*.*"):
        path.unlink()
    line = ("admit", "articles.jsonl", "--stories", "stories.jsonl")
    onrecord(*line, cwd=tmp_path)
    assert snapshot(tmp_path) == looked
    assert "0 articles admitted, 9 were known" in onrecord(*line, cwd=tmp_path).stderr
    assert snapshot(tmp_path) == looked

    # Articles that come later: the file must name them, and those that are admitted.
    kept = first.read_text("utf-8")
    articles_of(tmp_path, *texts, ("c", story_text(3, length=5)), ("c", story_text(9)))
    told = onrecord(*line, cwd=tmp_path, code=1)
    assert told.stderr.count("admit.no-story") == 2
    later = first.read_text("utf-8").splitlines(keepends=True)
    first.write_text("".join(row for row in later if '"publisher":"c"' in row), "utf-8")
    onrecord("stories", "articles.jsonl", "--out", "stories.jsonl", cwd=tmp_path)
    told = onrecord(*line, cwd=tmp_path, code=2)
    assert "does not name 9 admitted articles" in told.stderr
    assert snapshot(tmp_path) == looked
    (tmp_path / "all.jsonl").write_text(kept + first.read_text("utf-8"), "utf-8")
    onrecord("stories", "all.jsonl", "--out", "stories.jsonl", cwd=tmp_path)
    onrecord(*line, cwd=tmp_path)
    found = stories_of(tmp_path)
    assert found["003.txt"] == found["008.txt"]
    assert len(set(found.values())) == 9


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """900 articles of two publishers, with near-duplicates across them, admitted in one go.
    Not to be changed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    rows = [(f"p{i % 2}", f"Story {i} of the day", sentence(i // 3 * 3) * 3) for i in range(900)]
    for publisher in ("p0", "p1"):
        lines = [f'"{t}","{b}"\n' for p, t, b in rows if p == publisher]
        raw = folder / "raw" / publisher
        raw.mkdir(parents=True)
        (raw / "dump.csv").write_text("title,text\n" + "".join(lines), "utf-8")
    onrecord("convert", "raw", "--out", "articles.jsonl", cwd=folder)
    (folder / "whole").mkdir()
    onrecord("admit", "articles.jsonl", "--root", "whole", cwd=folder)
    return folder


@pytest.mark.parametrize("after", [0, 1, 200, 600])
def test_killed_at_any_moment_and_typed_again_gives_the_same_bytes(
    tmp_path: Path, undisturbed: Path, after: int
) -> None:
    articles, whole, killed = undisturbed / "articles.jsonl", undisturbed / "whole", tmp_path

    def admitted() -> int:
        files = (killed / "corpus/articles").glob("*.jsonl")
        return sum(path.read_bytes().count(b"\n") for path in files)

    process = subprocess.Popen(
        [sys.executable, "-m", "onrecord", "admit", str(articles)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
        stderr=subprocess.DEVNULL,
    )
    while admitted() < after and process.poll() is None:
        pass
    process.kill()
    process.wait()
    onrecord("admit", str(articles), cwd=killed)
    made = {p.relative_to(whole): p.read_bytes() for p in (whole / "corpus").rglob("*.*")}
    assert len(made) == 3
    assert {p.relative_to(killed): p.read_bytes() for p in (killed / "corpus").rglob("*.*")} == made


KILLED = """
import os, signal, sys
from onrecord import ledger
from onrecord.cli import main
left, encode = int(sys.argv[1]), ledger.encode
def encoded(record):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return encode(record)
ledger.encode = encoded
main(sys.argv[2:])
"""


@pytest.mark.parametrize("lines", [1, 2])
def test_killed_between_two_ledgers_and_typed_again_gives_the_same_stories(
    tmp_path: Path, lines: int
) -> None:
    halves = [story_text(number, title=f"Half {number} is told") for number in (1, 2)]
    whole = "\n\n".join(["Both halves are told", *(h.split("\n\n", 1)[1] for h in halves)])
    articles = articles_of(tmp_path, ("post", halves[0]), ("times", halves[1]), ("post", whole))
    post, both, times = articles.read_bytes().splitlines(keepends=True)
    articles.write_bytes(post + times + both)
    for root in ("whole", "killed"):
        (tmp_path / root).mkdir()
    onrecord("admit", "articles.jsonl", "--root", "whole", cwd=tmp_path)
    made = stories_of(tmp_path / "whole")
    assert made["000.txt"] == made["002.txt"] != made["001.txt"]
    line = ["admit", "articles.jsonl", "--root", "killed"]
    told = subprocess.run(
        [sys.executable, "-c", KILLED, str(lines), *line],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
        check=False,
    )
    assert told.returncode == -signal.SIGKILL
    onrecord(*line, cwd=tmp_path)
    assert stories_of(tmp_path / "killed") == made


def test_publishers_in_another_script_have_a_prefix_and_a_file_each(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    names = ("Речные вести", "Вести холмов", "Радио FM", "Театр FM")
    articles_of(tmp_path, *((name, story_text(number)) for number, name in enumerate(names)))
    onrecord("admit", "articles.jsonl", cwd=tmp_path)
    files = sorted((tmp_path / "corpus/articles").glob("*.jsonl"))
    rows = {path.stem: [json.loads(row) for row in path.open(encoding="utf-8")] for path in files}
    assert {row["publisher"] for (row,) in rows.values()} == set(names)
    assert all(row["id"].startswith(f"{stem}-") for stem, (row,) in rows.items())
    assert [stem.rpartition("-")[0] for stem in rows] == ["cyrillic", "cyrillic", "fm", "fm"]


def test_a_late_article_costs_no_signature_of_the_others(
    undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (undisturbed / "articles.jsonl").read_bytes().splitlines(keepends=True)
    admitted = [msgspec.json.decode(row, type=Article) for row in rows[:60]]
    signed: list[str] = []

    def sketch(text: str) -> stories.Sketch:
        signed.append(text)
        return stories.sketch(text)

    monkeypatch.setattr(admit, "sketch", sketch)

    def register() -> None:
        kept = Signatures(tmp_path / "build/signatures")
        found = admit.Register([], lambda _: admitted[0], kept=kept)
        for article in admitted:
            found.add(article)
        kept.write()

    register()
    assert len(signed) == 60
    written = (tmp_path / "build/signatures").read_bytes()
    signed.clear()
    register()
    assert not signed
    assert (tmp_path / "build/signatures").read_bytes() == written
    admitted = admitted[::-1][:30]
    register()
    assert not signed
    assert len((tmp_path / "build/signatures").read_bytes()) < len(written)


@pytest.mark.parametrize("kept", ["whole", "cut short", "of another version", "none"])
def test_the_file_of_signatures_decides_nothing(
    undisturbed: Path, tmp_path: Path, kept: str
) -> None:
    rows = (undisturbed / "articles.jsonl").read_bytes().splitlines(keepends=True)
    (tmp_path / "early.jsonl").write_bytes(b"".join(rows[:450]))
    onrecord("admit", "early.jsonl", cwd=tmp_path)
    path = tmp_path / "build/signatures"
    data = path.read_bytes()
    if kept == "cut short":
        path.write_bytes(data[: len(data) // 2])
    elif kept == "of another version":
        path.write_bytes(data.replace(b"signatures 1", b"signatures 0", 1)[:-1] + b"!")
    elif kept == "none":
        path.unlink()
    onrecord("admit", str(undisturbed / "articles.jsonl"), cwd=tmp_path)
    for name in ("p0", "p1"):
        there = undisturbed / f"whole/corpus/articles/{name}.jsonl"
        assert (tmp_path / f"corpus/articles/{name}.jsonl").read_bytes() == there.read_bytes()
    assert path.read_bytes() == (undisturbed / "whole/build/signatures").read_bytes()


def test_a_later_line_is_in_the_ledger_of_the_earlier_one(root: Path) -> None:
    """Whatever its name: ledgers are read by name, and the last line of an article counts."""
    onrecord("admit", "articles.jsonl", cwd=root)
    folder = root / "corpus/articles"
    (folder / "tarrow-times.jsonl").rename(folder / "zz.jsonl")
    for path in (root / "raw").rglob("*.txt"):
        path.write_text(path.read_text("utf-8").replace("nine years", "ten years"), "utf-8")
    onrecord("convert", "raw", "--out", "articles.jsonl", cwd=root)
    onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert not (folder / "tarrow-times.jsonl").exists()
    first, last = (json.loads(row) for row in (folder / "zz.jsonl").open(encoding="utf-8"))
    assert "nine years" in first["text"]
    assert "ten years" in last["text"]
