"""Reading what arrives: one fault a file, each reported, none fatal for its neighbours."""

import base64
import gzip
import json
import os
import quopri
import re
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec
import pytest

import synthetic
from cli import onrecord
from onrecord.articles import archives, hydrate, separated, sources, tables
from onrecord.articles.convert import convert
from onrecord.articles.documents import Document, Origin, crashed
from onrecord.articles.mhtml import Saved
from onrecord.articles.mhtml import page as saved_page
from onrecord.pieces import Size
from onrecord.records import Article, Problem, UsageError
from onrecord.text import sha256

STORY = "Bridge opens\n\nThe café on the bridge opened on Monday, and “everybody” came to see it.\n"

FAULTS = {
    "empty.txt": (b"", "source.empty", "empty"),
    "blank.txt": (b" \n\n", "source.empty", "empty"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "source.encoding", "NUL byte at 8"),
    "nul.txt": (b"Bridge\0opens", "source.encoding", "NUL byte at 6"),
    "control.txt": (bytes(range(1, 32)) * 9 + b"\xff", "source.encoding", "binary"),
    "surrogate.txt": (b"Bridge \xed\xa0\x80 opens", "source.encoding", "lone surrogate at byte 7"),
    "truncated.txt": ("Café – caf".encode() + b"\xc3", "source.encoding", "not valid UTF-8"),
    "mixed.txt": ("“Café” ".encode() + b"caf\xe9 opens", "source.encoding", "not valid UTF-8"),
    "half.txt": (b"Bridge \xe2\x80 opens", "source.encoding", "not valid UTF-8"),
    "damaged.txt.gz": (b"\x1f\x8b\x08 no gzip", "source.unreadable", ""),
    "cut.html.gz": (gzip.compress(STORY.encode())[:-9], "source.unreadable", ""),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_file_is_reported_by_its_fault(tmp_path: Path, name: str) -> None:
    data, rule, words = FAULTS[name]
    path = tmp_path / name
    path.write_bytes(data)
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == rule
    assert words in problem.message
    assert problem.file == path.as_posix()


@pytest.mark.parametrize(
    ("data", "charset", "guessed"),
    [
        (STORY.encode(), "utf-8", False),
        (b"\xef\xbb\xbf" + STORY.encode(), "utf-8-sig", False),
        (STORY.encode("utf-16"), "utf-16", False),
        (STORY.encode("utf-32"), "utf-32", False),
        (b"\0\0\xfe\xff" + STORY.encode("utf-32-be"), "utf-32", False),
        (STORY.encode("utf-16-le"), "utf-16-le", True),
        (STORY.encode("utf-16-be"), "utf-16-be", True),
        (STORY.encode("cp1252"), "cp1252", True),
        (STORY.encode("mac_roman"), "mac_roman", True),
    ],
)
def test_encodings_are_found_and_recorded(
    tmp_path: Path, data: bytes, charset: str, guessed: bool
) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(data)
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == STORY
    assert document.source.charset == charset
    assert ("charset-guessed" in document.notes) == guessed
    assert document.source.bytes == len(data)


@pytest.mark.parametrize(
    "name",
    ["Lululemon Align™ is sold", "a MacÉoin’s boat", "“Über uns”, so steht es", "½ of a day"],
)
def test_a_name_or_a_sign_makes_no_mac_of_windows(tmp_path: Path, name: str) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes((STORY + name).encode("cp1252"))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == STORY + name


RUSSIAN = (
    "Городской совет во вторник решил сохранить ночной паром на остров ещё на два года. Нельзя"
    " назначить цену за жизнь ребёнка, сказала глава жителей."
)
CHINESE = (
    "市议会星期二晚间投票决定，将开往北岛的夜间渡轮再保留两年。此前岛上居民挤满旁听席，反对取消航线。"
    "居民协会会长说，不能给一个生病的孩子标价。"
)
FAR = [
    ("cp1251", RUSSIAN),
    ("koi8_r", RUSSIAN),
    ("gbk", CHINESE),
    (
        "big5",
        "市議會星期二晚間投票決定，將夜間渡輪再保留兩年。居民協會會長說，她不能給生病的孩子標價。",
    ),
    (
        "euc_jp",
        "市議会は火曜日の夜、島への夜間フェリーをさらに二年間続けることを決めた。住民は反対していた。",
    ),
    (
        "shift_jis",
        "市議会は火曜日の夜、島へのフェリーをさらに二年間続けることを決めた。住民は反対していた。",
    ),
    (
        "euc_kr",
        "시의회는 화요일 저녁 섬으로 가는 야간 여객선을 앞으로 이 년 동안 더 운항하기로 결정했다.",
    ),
]


@pytest.mark.parametrize(("codec", "text"), FAR)
@pytest.mark.parametrize("name", ["story.txt", "story.html", "story.csv"])
def test_words_of_another_script_are_read_in_its_charset(
    tmp_path: Path, name: str, codec: str, text: str
) -> None:
    path = tmp_path / name
    path.write_bytes(f'title,text\nA,"{text}"\n'.encode(codec))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert text in document.text
    assert document.notes == ("charset-guessed",)


def test_words_of_a_script_that_is_not_known_are_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(b"Bridge opens\n\n" + bytes(range(0x81, 0xFF)) * 3)
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.encoding"
    assert "save it as UTF-8" in problem.message


def test_a_rule_of_dashes_is_no_word_of_another_script(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    text = f"{STORY}\n{'—' * 80}\n"
    path.write_bytes(text.encode("cp1252"))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == text


def assert_read_in(tmp_path: Path, declared: str, charset: str, text: str) -> None:
    """A page that declares one charset and is written in another is read in the latter."""
    path = tmp_path / "story.html"
    page = f'<html><head><meta charset="{declared}"></head><body><p>{text}</p></body></html>'
    path.write_bytes(page.encode(charset))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.source.charset, document.notes) == (page, charset, ())


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("windows-1252", "Zoë’s café” is René’s"),  # é’ begins as a letter of UTF-8 does
        ("windows-1251", "«Мост открыт», — сказала она в понедельник."),
        ("gbk", "大桥周一开通，大家都来看"),
        ("shift_jis", "橋は月曜日に開通した"),
        ("iso-2022-jp", "橋は月曜日に開通した"),
        ("iso-2022-kr", "다리가 월요일에 열렸다"),
        ("hz-gb-2312", "大桥周一开通，大家都来看"),
    ],
)
def test_a_page_is_read_in_the_charset_that_it_declares(
    tmp_path: Path, charset: str, text: str
) -> None:
    assert_read_in(tmp_path, charset, charset, text)


@pytest.mark.parametrize(
    ("declared", "charset", "text"),
    [
        ("gb2312", "gb18030", "镕镕在桥上说，大家都来看"),
        ("Shift_JIS", "cp932", "①髙橋さんは橋の上にいた"),
        ("x-sjis", "cp932", "①髙橋さんは橋の上にいた"),
        ("euc-kr", "cp949", "똠방 다리가 월요일에 열렸다"),
        ("big5", "big5hkscs", "佢哋喺橋上面話好開心"),
        ("windows-874", "cp874", "สะพานเปิดเมื่อวันจันทร์"),
    ],
)
def test_a_charset_that_is_declared_is_read_as_wide_as_browsers_read_it(
    tmp_path: Path, declared: str, charset: str, text: str
) -> None:
    assert_read_in(tmp_path, declared, charset, text)


@pytest.mark.parametrize("shift", [b"\x1b$B", b"\x1b$@"])
def test_the_escapes_of_japanese_are_read_with_signs_beyond_its_charset(
    tmp_path: Path, shift: bytes
) -> None:
    path = tmp_path / "story.txt"
    bridge, one = "橋".encode("euc_jp"), b"\xad\xa1"
    path.write_bytes(shift + bytes(byte & 127 for byte in bridge + one) + b"\x1b(B opens\n")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.source.charset) == ("橋① opens\n", "iso-2022-jp")


def test_the_escapes_of_a_terminal_are_no_japanese(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    path.write_bytes(b"\x1b$Ahead.\x1b(B It costs \x1b[1m$5\x1b(B\x1b[m. Type ~{name~}.\n")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.source.charset == "utf-8"


def test_a_codec_that_is_no_charset_of_the_web_is_none(tmp_path: Path) -> None:
    path = tmp_path / "story.html"
    for codec in ("unicode_escape", "raw_unicode_escape", "charmap", "utf-7", "punycode"):
        page = f'<html><head><meta charset="{codec}"></head><body><p>Café\\u0041</p></body></html>'
        path.write_bytes(page.encode("cp1252"))
        (document,) = sources.read(path, Origin())
        assert isinstance(document, Document)
        assert (document.text, document.notes) == (page, ("charset-guessed",)), codec


def test_a_page_that_cannot_be_what_it_declares_is_guessed(tmp_path: Path) -> None:
    path = tmp_path / "story.html"
    for charset in ("utf-16", "utf-8", "no-such-charset"):
        page = f'<html><head><meta charset="{charset}"></head><body><p>Café René</p></body></html>'
        path.write_bytes(page.encode("cp1252") + b" " * (len(page) % 2))
        (document,) = sources.read(path, Origin())
        assert isinstance(document, Document)
        assert document.text.strip() == page
        assert document.notes == ("charset-guessed",)


def test_a_stray_nul_costs_no_page(tmp_path: Path) -> None:
    path = tmp_path / "story.html"
    text = f"<html><body><p>{STORY}</p></body></html>\n" * 200
    path.write_bytes(text.replace("bridge", "bri\0dge", 1).encode())
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == text


def test_latin_1_is_read_not_refused(tmp_path: Path) -> None:
    path = tmp_path / "story.txt"
    text = "Le café a ouvert lundi près du théâtre, où l'on fêtait déjà.\n" * 4
    path.write_bytes(text.encode("latin-1"))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == text


def test_a_gzip_bomb_costs_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_PAGE", 1000)
    path = tmp_path / "bomb.html.gz"
    path.write_bytes(gzip.compress(b"a" * 100_000))
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.too-large"


def test_jsonl_reports_the_line_and_reads_the_others(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    good = json.dumps({"title": "Bridge opens", "body": "It opened.", "url": "https://e.example/1"})
    lines = [good, '{"title": "cut', '{"body": "\\ud800"}', "[1]", good]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = list(sources.read(path, Origin()))
    faults = [(p.rule, p.line) for p in found if isinstance(p, Problem)]
    assert faults == [("json.malformed", 2), ("json.malformed", 3), ("json.malformed", 4)]
    rows = [d for d in found if isinstance(d, Document)]
    assert [d.source.row for d in rows] == [1, 5]
    assert rows[0].text == "Bridge opens\n\nIt opened."
    assert rows[0].fields["url"] == "https://e.example/1"


def test_a_blank_line_of_jsonl_is_no_row_and_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    good = json.dumps({"title": "Bridge opens", "body": "It opened."})
    path.write_text(f"\n{good}\n \t\r\n\n{good}\n\n", encoding="utf-8")
    found = list(sources.read(path, Origin()))
    assert [d.source.row for d in found if isinstance(d, Document)] == [2, 5]
    assert len(found) == 2
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == found
    path.write_text("\n" * 5, encoding="utf-8")
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    (problem,) = [d for piece in pieces for d in sources.read(path, Origin(), piece)]
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.message) == ("source.empty", "no row in it")


def test_csv_reports_a_row_of_another_length(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text('title,text\nA,"one,\n two"\nB\nC,three\nD,\n', encoding="utf-8")
    found = list(sources.read(path, Origin()))
    assert [type(f) for f in found] == [Document, Problem, Document, Problem]
    short, empty = (p for p in found if isinstance(p, Problem))
    assert (short.rule, short.line) == ("source.row", 4)
    assert (empty.rule, empty.line) == ("source.empty", 0)
    assert "row 4" in empty.message


def test_a_row_of_a_csv_that_cannot_be_read_costs_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_PAGE", 1000)
    path = tmp_path / "dump.csv"
    rows = [b"title,text", "A,óne".encode(), b"B,caf\xe9", b"C,two", b'D,"' + b"x" * 3000 + b'"']
    rows += [b'E,"th\nree"', b"F," + b"y" * 3000, b"G,four", b'H,"not closed', b"I,five"]
    path.write_bytes(b"\n".join(rows) + b"\n")
    found = list(sources.read(path, Origin()))
    assert [d.source.row for d in found if isinstance(d, Document)] == [1, 3, 5, 7]
    assert [(p.rule, p.line, p.message) for p in found if isinstance(p, Problem)] == [
        ("source.row", 3, "row 2: not UTF-8; mend it"),
        ("source.row", 5, "row 4: a line of more than 0 MiB; mend it"),
        ("source.row", 8, "row 6: a line of more than 0 MiB; mend it"),
        (
            "source.row",
            10,
            "row 8: a quoted field that is closed nowhere; the rows behind it were not read",
        ),
    ]
    path.write_bytes(b'title,"text\nA,one')
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.message.endswith("the rows behind it were not read")


PROSE = "He came, and left.\nOn Monday, all of it.\n\nOf that, “all”, she said."
"""Paragraphs that would pass for rows of two fields."""


@pytest.mark.parametrize(
    "broken",
    [
        f'B,"{PROSE}',  # never closed
        f'B,"She said "{PROSE}"',  # not doubled
        f'B,"{PROSE}" she said.',
        f'B,"{PROSE}\n""Yes,"" he said,""so""',
        f'B,"{PROSE}\nHe said,"yes"\nand left.',
        'B,"' + "one\n" * 2000 + '"',  # more than a row may hold
    ],
)
@pytest.mark.parametrize("behind", ['C,"three, four"', '"C","three\n\nfour, five"'])
def test_behind_a_broken_row_of_a_csv_the_next_one_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, behind: str
) -> None:
    monkeypatch.setattr(tables, "MAX_PAGE", 5000)
    path = tmp_path / "dump.csv"
    rows = ["title,text", 'A,"one, two"', broken, behind, "D,six"]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    found = list(sources.read(path, Origin()))
    problem, *others = (f for f in found if isinstance(f, Problem))
    assert not others
    assert (problem.rule, problem.line) == ("source.row", 3)
    line = 4 + broken.count("\n")
    assert problem.message.endswith(f"reading went on at line {line}")
    documents = [f for f in found if isinstance(f, Document)]
    told = [(d.source.row, d.text.partition("\n")[0]) for d in documents]
    assert told == [(1, "A"), (3, "C"), (4, "D")]
    for size in (1, 2):
        pieces = [piece for piece, _ in sources.pieces(path, Size(size, 1 << 30))]
        assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == found
        assert sum(piece.documents for piece in pieces) == 4


def test_a_csv_is_not_read_again_and_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(separated, "_ROOM", 0)
    path = tmp_path / "dump.csv"
    # Each line opens a quoted field where none is open, and leaves one open where one is.
    path.write_text('title,text\nA,"one, two"\n' + 'x","y\n' * 100_000, "utf-8")
    document, problem = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert isinstance(problem, Problem)
    assert problem.message == (
        "after row 1: a broken row, behind which none is found in a reasonable time; "
        "the rows behind it were not read"
    )
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == [
        document,
        problem,
    ]


@pytest.mark.parametrize("name", ["dump.csv.gz", "dump.jsonl.gz"])
@pytest.mark.parametrize("fault", ["cut short", "overwritten"])
def test_behind_a_broken_member_of_a_packed_table_the_next_one_is_read(
    tmp_path: Path, name: str, fault: str
) -> None:
    def row(number: int) -> str:
        text = f"Text {number}, " + " ".join(map(str, range(number, number + 900)))
        if "csv" in name:
            return f'Title {number},"{text}"\n'
        return json.dumps({"title": f"Title {number}", "text": text}) + "\n"

    members = [gzip.compress("".join(map(row, range(n, n + 9))).encode()) for n in (0, 9, 18)]
    head = gzip.compress(b"title,text\n") if "csv" in name else b""
    broken = members[1][: len(members[1]) // 2]
    if fault == "overwritten":
        broken = broken[:-200] + b"\xff" * 200 + members[1][len(broken) :]
    path = tmp_path / name
    path.write_bytes(head + members[0] + broken + members[2])
    found = list(sources.read(path, Origin()))
    problem = [f for f in found if isinstance(f, Problem)][-1]
    assert problem.rule == "source.unreadable"
    assert ("may be damaged" in problem.message) == (fault == "overwritten")
    documents = [d for d in found if isinstance(d, Document)]
    titles = [d.text.partition("\n")[0] for d in documents]
    there = [f"Title {n}" for n in range(27) if f"Title {n}" in titles]
    assert [title for title in titles if title.startswith("Title")] == there
    assert there[:9] + there[-8:] == [f"Title {n}" for n in (*range(9), *range(19, 27))]
    if fault == "cut short":
        assert f"from row {found.index(problem) + 1} on is lost" in problem.message
        assert titles == there
        assert all(len(d.text.split()) == 904 for d in documents)
    # Nothing behind the fault: it is said as before.
    path.write_bytes(head + members[0] + broken)
    *_, problem = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.unreadable"


def test_columns_by_a_map(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text("Überschrift,Inhalt\nA,b\n", encoding="utf-8")
    origin = Origin(columns={"headline": "Überschrift", "text": "Inhalt"})
    (document,) = sources.read(path, origin)
    assert isinstance(document, Document)
    assert document.source.field == "Überschrift,Inhalt"
    for given, said in (
        ({}, "no column for the text; there are Überschrift, Inhalt: --column text=NAME"),
        ({"text": "nix"}, "no column 'nix' for the text; there are Überschrift, Inhalt"),
    ):
        (problem,) = sources.read(path, Origin(columns=given))
        assert isinstance(problem, Problem)
        assert (problem.rule, problem.line, problem.message) == ("source.columns", 1, said)


def test_a_row_may_have_authors_with_names_within_and_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    authors = [{"@type": "Person", "name": "Ida Lund"}, "Zoë Marr", {"role": "desk"}]
    text = ["It opened on Monday.", "", "“It is ours,” she said."]
    row = {"title": "Bridge opens", "text": text, "authors": authors}
    rows = [row, row | {"text": [{"p": "It opened."}]}]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    document, problem = sources.read(path, Origin())
    assert isinstance(document, Document)
    article = convert(document)
    assert isinstance(article, Article)
    assert article.authors == ["Ida Lund", "Zoë Marr"]
    assert article.text == "Bridge opens\n\nIt opened on Monday.\n\n“It is ours,” she said."
    assert tables.row_source(row, document.source.field) == document.text
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.message) == ("source.row", "row 2: its text is no text")


def article_of(path: Path) -> Article:
    """The article of a table with one row."""
    (document,) = sources.read(path, Origin("The Quay"))
    assert isinstance(document, Document)
    article = convert(document)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("stated", "language"),
    [("en-GB", "en"), ("DE_at", "de"), ("nl", "nl"), ("English", "en"), ("", "en"), ("x", "en")],
)
def test_the_language_of_a_row_is_its_primary_tag(
    tmp_path: Path, stated: str, language: str
) -> None:
    path = tmp_path / "dump.jsonl"
    text = "The mayor said on Monday that the bridge will open in May, and that it is ours. " * 3
    path.write_text(json.dumps({"title": "T", "text": text, "language": stated}), "utf-8")
    assert article_of(path).language == language


PARAGRAPHS = [
    "The ferry to Orle stays, the harbour board said on Monday after a vote of five to four.",
    "It had lost money for nine years, and nobody on the island was asked what it is worth.",
    "“We would have swum,” said Ida Lund, who has run the shop at the pier since 1994.",
]


@pytest.mark.parametrize(
    "text",
    [
        "".join(f"<p>{p} <a href='/x'>Orle</a></p>" for p in PARAGRAPHS),
        "<br/><br/>".join(f"{p} Orle" for p in PARAGRAPHS),
        "\n\n".join(f"{p} <b>Orle</b>" for p in PARAGRAPHS),
        "".join(f"&lt;p&gt;{p} Orle&lt;/p&gt;" for p in PARAGRAPHS),
        {"rendered": "".join(f"<p>{p} Orle</p>\n" for p in PARAGRAPHS)},
        "<html><body><h1>Ferry &amp; pier stay</h1>"
        + "".join(f"<p>{p} Orle</p>" for p in PARAGRAPHS),
    ],
)
def test_markup_in_a_column_is_a_page(tmp_path: Path, text: object) -> None:
    path = tmp_path / "dump.jsonl"
    title = {"rendered": "Ferry &amp; pier stay"} if isinstance(text, dict) else "Ferry & pier stay"
    row = {"title": title, "content": text, "url": "https://quay.example/1"}
    date = {"$date": "2031-03-04T05:06:07Z"}
    path.write_text(json.dumps(row | {"author": "Ada Quill", "date": date}), "utf-8")
    article = article_of(path)
    said = "\n\n".join(["Ferry & pier stay", *(f"{p} Orle" for p in PARAGRAPHS)])
    assert article.text == said
    assert (article.url, article.authors) == ("https://quay.example/1", ["Ada Quill"])
    assert article.date_published == "2031-03-04"
    assert tables.row_source(row, article.source.field).count("</body>") <= 1


def test_less_than_is_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    about = "Of 9 boats <5 m none was late, and 3 <b were; its page had a </p> too many."
    text = "\n\n".join([*PARAGRAPHS, about])
    path.write_text(json.dumps({"title": "Ferry stays", "text": text}), "utf-8")
    assert article_of(path).text == f"Ferry stays\n\n{text}"


@pytest.mark.parametrize(
    ("escaped", "plain"),
    [
        ("Lund &amp; Marr don&#8217;t sail.", "Lund & Marr don’t sail."),
        ("R&amp;amp;D can&amp;#8217;t wait.", "R&D can’t wait."),
        ("It is ten&nbsp;km, &ldquo;or more&rdquo;.", "It is ten\xa0km, “or more”."),
        ("In a page an &amp; is written thus.", ""),
        ("HTML has Q&amp;A for that.", ""),
        ("The Q&A says Q&amp;A for that.", ""),
        ("Whoever types `can&#8217;t` is right.", ""),
    ],
)
def test_what_is_plainly_escaped_in_the_text_of_a_row_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, escaped: str, plain: str
) -> None:
    path = tmp_path / "dump.jsonl"
    row = {"title": escaped, "text": "\n\n".join([*PARAGRAPHS, escaped])}
    path.write_text(json.dumps(row), "utf-8")
    (document,) = sources.read(path, Origin(publisher="quay"))
    assert isinstance(document, Document)
    meant = plain or escaped
    assert document.text == "\n\n".join([meant, *PARAGRAPHS, meant])
    assert document.fields["headline"] == meant
    again = row | {"title": meant, "text": document.text.partition("\n\n")[2]}
    path.write_text(json.dumps(again), "utf-8")
    assert [d.text for d in sources.read(path, Origin()) if isinstance(d, Document)] == [
        document.text
    ]
    # A text that was admitted with what is escaped in it comes back.
    path.write_text(json.dumps(row), "utf-8")
    for undone in (tables.unescaped, str):
        with monkeypatch.context() as patched:
            patched.setattr(tables, "unescaped", undone)
            article = article_of(path)
        masked = msgspec.structs.replace(article, text="", headline="")
        (restored,) = hydrate.hydrate(hydrate.Wanted([masked]), [path], convert)
        assert isinstance(restored, hydrate.Restored)
        assert restored.article.text == article.text


@pytest.mark.parametrize(
    ("stated", "authors"),
    [
        ("Ada Quill, Bo Reed", 2),
        ("By Ada Quill and Bo Reed", 2),
        ("Ada Quill; Bo Reed", 2),
        ("['Ada Quill', \"Bo Reed\"]", 2),
        ("Ada Quill | Bo Reed", 2),
        ("Ada Quill, The Quay News", 1),
        ("Quill, Ada; Reed, Bo", 2),
        ("Quill, Ada", 1),
        ("Ada Quill in New Pier and Bo Reed in Lund", 2),
        ("nan", 0),
        ("[]", 0),
    ],
)
def test_the_authors_of_a_row(tmp_path: Path, stated: str, authors: int) -> None:
    path = tmp_path / "dump.jsonl"
    row = {"title": "Ferry stays", "text": "\n\n".join(PARAGRAPHS), "authors": stated}
    path.write_text(json.dumps(row), "utf-8")
    assert article_of(path).authors == ["Ada Quill", "Bo Reed"][:authors]


@pytest.mark.parametrize(
    ("stated", "language", "day"),
    [
        (1767322800, "", "2026-01-02"),
        ("1767322800000", "", "2026-01-02"),
        ("2026-01-02T23:30:00-08:00", "", "2026-01-02"),
        ("Fri, 02 Jan 2026 03:04:05 GMT", "", "2026-01-02"),
        ("January 2, 2026", "", "2026-01-02"),
        ("2. Januar 2026", "de", "2026-01-02"),
        ("02/01/2026", "fr", "2026-01-02"),
        ("02/01/2026", "", ""),
        ("20260102", "", "2026-01-02"),
        ("2026010203", "", ""),
        ("2 hours ago", "", ""),
    ],
)
def test_the_day_of_a_row(tmp_path: Path, stated: object, language: str, day: str) -> None:
    path = tmp_path / "dump.jsonl"
    text = "\n\n".join(PARAGRAPHS)
    row = {"title": "Ferry stays", "text": text, "date": stated, "language": language}
    path.write_text(json.dumps(row), "utf-8")
    assert article_of(path).date_published == day


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "{}", "\r\n", "sep={}\r\n"])
def test_a_table_says_what_parts_its_fields(tmp_path: Path, mark: str, before: str) -> None:
    path = tmp_path / "dump.csv"
    if before == "{}":  # by the line of titles alone
        before = ""
        path = tmp_path / "dump.tsv"
    rows = [("title", "text", "url")]
    rows += [(f"Ferry {n}", f"It, or a boat, stays{mark}\nas it is.", f"e{n}") for n in range(3)]
    lines = [mark.join(f'"{field}"' for field in row) for row in rows]
    lines[2] = lines[2].replace("or a", 'or "a"')
    path.write_text(before.format(mark) + "\r\n".join(lines), "utf-8", newline="")
    found = list(sources.read(path, Origin()))
    assert [type(f) for f in found] == [Document, Problem, Document]
    assert isinstance(found[0], Document)
    assert found[0].text == f"Ferry 0\n\nIt, or a boat, stays{mark}\nas it is."
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == found


ABROAD = [
    ("Café opens", "It opened.", "“Ours,” said Zoë, who’d waited, to René’s café – and left."),
    ("Plain", "It stays.", "All of it is in ASCII."),
    ("Œuvre", "The “gâteau” is señora Núñez’s.", "Él llegó, she said; naïve façade, déjà vu."),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "utf-16", "utf-16-le", "utf-8-sig"])
def test_a_table_is_read_in_the_encoding_it_is_in(tmp_path: Path, codec: str, packed: bool) -> None:
    path = tmp_path / ("dump.csv.gz" if packed else "dump.csv")
    rows = [["headline", "text"], *([title, "\n\n".join(text)] for title, *text in ABROAD)]
    table = "".join(f'"{title}";"{text}"\r\n' for title, text in rows).encode(codec)
    path.write_bytes(gzip.compress(table) if packed else table)
    found = list(sources.read(path, Origin()))
    documents = [d for d in found if isinstance(d, Document)]
    assert [d.text for d in documents] == ["\n\n".join(row) for row in ABROAD]
    charset = "utf-8" if codec == "utf-8-sig" else codec
    assert {d.source.charset for d in documents} == {charset}
    guess = () if codec in ("utf-16", "utf-8-sig") else ("charset-guessed",)
    assert [d.notes for d in documents] == [guess, () if charset == codec else guess, guess]
    assert [tables.row_source(row, "headline,text") for _, row in tables.table_rows(path)] == [
        d.text for d in documents
    ]
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    assert len(pieces) == (1 if packed else 3)
    assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == found
    columns = sources.columns_of(path, Origin())
    assert columns
    assert columns.charset == charset


@pytest.mark.parametrize("codec", ["cp1251", "cp1250", "gbk"])
def test_a_table_in_an_encoding_that_is_not_known_is_not_guessed(
    tmp_path: Path, codec: str
) -> None:
    said = {
        "cp1251": "Паром остаётся, сказал совет порта.",
        "cp1250": "Prom został, mówiła pani, że będzie pływał; są dwa łódzkie, źle święta.",
        "gbk": "港口委员会周一听取了发言人的意见。",
    }[codec]
    path = tmp_path / "dump.csv"
    path.write_bytes(f"title,text\nA,It stays.\nB,{said}\n".encode(codec))
    document, problem = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert isinstance(problem, Problem)
    assert problem.message == "row 2: not UTF-8; mend it"


def test_letters_of_a_table_are_cut_by_no_block(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    for ahead in (0, 1):
        text = "x" * ((2 << 20) - len("text\n") - 1 + ahead) + "é" + "x" * (1 << 20)
        path.write_text(f"text\n{text}\n", "utf-8")
        assert tables.charset(path) == "utf-8"
    path.write_bytes("text\nShe was in the café".encode("cp1252"))
    assert tables.charset(path) == "cp1252"


def test_half_a_letter_of_a_table_in_utf_16_costs_its_row(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    rows = "title,text\nA,one\nB,two @\nC,three\n".encode("utf-16-le")
    path.write_bytes(b"\xff\xfe" + rows.replace(b"@\0", b"\0\xd8"))
    found = list(sources.read(path, Origin()))
    assert [type(f) for f in found] == [Document, Problem, Document]
    assert isinstance(found[1], Problem)
    assert found[1].message == "row 2: not UTF-16; mend it"


def test_the_usual_names_of_columns_are_known_in_any_case(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text(f'Text, Headline ,URL,url\n"{PARAGRAPHS[0]}",Ferry,x,y\n', "utf-8")
    found = sources.columns_of(path, Origin())
    taken = (("headline", " Headline "), ("text", "Text"), ("url", "url"))
    assert found == tables.Columns(taken, ("URL",))


@pytest.mark.parametrize(
    ("source", "url"), [("https://quay.example/1", "https://quay.example/1"), ("The Quay", "")]
)
def test_a_column_source_is_the_address_where_it_holds_one(
    tmp_path: Path, source: str, url: str
) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text(json.dumps({"text": PARAGRAPHS[0], "source": source}), "utf-8")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.fields.get("url", "") == url


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (1, "no row in it below its first line, which has to name its columns"),
        (2, "its first line is an article; put a line that names its columns before it"),
    ],
)
def test_a_csv_without_the_names_of_its_columns_is_told_so(
    tmp_path: Path, rows: int, says: str
) -> None:
    path = tmp_path / "dump.csv"
    path.write_text(f'https://quay.example/1,"{PARAGRAPHS[0]}"\n' * rows, "utf-8")
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.message == says


def test_each_row_has_its_own_publisher_where_a_column_is_named_for_it(tmp_path: Path) -> None:
    path = tmp_path / "mixed" / "dump.csv"
    path.parent.mkdir()
    path.write_text(f'outlet,text\n The  Quay,"{PARAGRAPHS[0]}"\n,"{PARAGRAPHS[0]}"\n', "utf-8")
    named = Origin(columns={"publisher": "outlet"})
    assert [d.publisher for d in of_documents(sources.read(path, named))] == ["The Quay", "mixed"]
    assert [d.publisher for d in of_documents(sources.read(path, Origin()))] == ["mixed"] * 2


def test_the_publisher_is_the_host_of_each_address_where_that_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "mixed" / "dump.jsonl"
    path.parent.mkdir()
    urls = ("https://www.Quay.example:8080/1", "http://news.pier.example", "")
    rows = (json.dumps({"text": PARAGRAPHS[0], "url": url}) for url in urls)
    path.write_text("\n".join(rows), "utf-8")
    found = of_documents(sources.read(path, Origin("{host}")))
    assert [d.publisher for d in found] == ["quay.example", "news.pier.example", "mixed"]


@pytest.mark.parametrize(
    ("url", "publisher"),
    [
        ("https://ada:pass@word@Quay.example:8080/a", "quay.example"),
        ("https://quay.example\\@other.example/a", "quay.example"),
        ("https://quay.example./a", "quay.example"),
        ("http://[2001:db8::1]:80/a", "[2001:db8::1]"),
        ("https://xn--ber-goa.example", "xn--ber-goa.example"),
        ("https://../a", "raw"),
        ("https://quay example/a", "raw"),
        ("", "raw"),
    ],
)
def test_the_host_is_the_one_that_a_browser_asks(url: str, publisher: str) -> None:
    assert Origin("{host}").named(Path("raw/a.jsonl"), url) == publisher


def of_documents(found: Iterable[Document | Problem]) -> list[Document]:
    """What was read, all of it documents."""
    each = list(found)
    assert all(isinstance(one, Document) for one in each)
    return [one for one in each if isinstance(one, Document)]


@pytest.mark.parametrize(
    "answer",
    [
        '{"status": "ok", "articles": [ROW]}',
        '{"response": {"total": 1, "results": [ROW]}}',
        '{"hits": {"total": {"value": 1}, "hits": [ROW]}}',
        '{"links": [], "data": [ROW], "tags": ["a"]}\n',
        '{"articles": [\nROW\n]}',
        "ROW",
    ],
)
def test_the_articles_in_an_answer_of_an_interface_are_rows(tmp_path: Path, answer: str) -> None:
    row = {"title": "Ferry stays", "text": PARAGRAPHS[0], "source": {"name": "The Quay"}}
    path = tmp_path / "answer.json"
    path.write_text(answer.replace("ROW", json.dumps(row)), "utf-8")
    article = article_of(path)
    assert article.headline == "Ferry stays"
    assert article.source.row == 1
    masked = msgspec.structs.replace(article, text="", headline="")
    (restored,) = hydrate.hydrate(hydrate.Wanted([masked]), [path], convert)
    assert isinstance(restored, hydrate.Restored)


def test_a_column_within_another_is_named_with_a_dot(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    fields = {"headline": "Ferry stays", "body": PARAGRAPHS[0]}
    path.write_text(json.dumps({"id": 1, "fields": fields}), "utf-8")
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert "fields.headline, fields.body" in problem.message
    named = Origin(columns={"text": "fields.body", "headline": "fields.headline"})
    (document,) = of_documents(sources.read(path, named))
    article = convert(document)
    assert isinstance(article, Article)
    assert article.headline == "Ferry stays"
    masked = msgspec.structs.replace(article, text="", headline="")
    (restored,) = hydrate.hydrate(hydrate.Wanted([masked]), [path], convert)
    assert isinstance(restored, hydrate.Restored)


def test_the_beginning_of_an_article_is_none(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text(json.dumps({"text": PARAGRAPHS[0] + "… [+1034 chars]"}), "utf-8")
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.row"
    assert "[+1034 chars]" in problem.message


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.jsonl", '{"text": "one"}\n'.encode("utf-16"), "UTF-16"),
        ("a.json", '[{"text": "one"}]'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_table_of_another_form_is_told_once(
    tmp_path: Path, name: str, data: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    (problem,) = [d for piece in pieces for d in sources.read(path, Origin(), piece)]
    assert isinstance(problem, Problem)
    assert problem.rule == "source.encoding"
    assert why in problem.message


@pytest.mark.parametrize(
    ("name", "data", "texts"),
    [
        ("a.json", '[{"text": "one"}, {"text": "two"}]', ["one", "two"]),
        (
            "a.json",
            '[\n {"text": "one"},\n 7, {"text": NaN, "body": "two"}\n]\n',
            ["one", "", "two"],
        ),
        ("a.jsonl", '{\n "text": "one"\n}\n', ["one"]),
        ("a.json", '{"text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        ("a.ndjson", '{"text": "one"}\n{"text": "two"}\n', ["one", "two"]),
        ("a.jl.gz", '{"text": "one"}\n', ["one"]),
        ("a.json", '[{"text": "one"}, {"te', [""]),
    ],
)
def test_json_is_read_in_whatever_form_a_scraper_writes_it(
    tmp_path: Path, name: str, data: str, texts: list[str]
) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(data.encode()) if name.endswith(".gz") else data.encode())
    pieces = [piece for piece, _ in sources.pieces(path, Size(1, 1 << 30))]
    found = [d for piece in pieces for d in sources.read(path, Origin(), piece)]
    assert [d.text if isinstance(d, Document) else "" for d in found] == texts
    assert {d.rule for d in found if isinstance(d, Problem)} <= {"json.malformed"}
    rows = [d.source.row for d in found if isinstance(d, Document)]
    assert rows == [row for row, text in enumerate(texts, 1) if text]


def test_an_article_of_a_json_list_is_hydrated(tmp_path: Path) -> None:
    path = tmp_path / "dump.json"
    path.write_text(json.dumps([{"text": "-"}, {"text": "\n\n".join(PARAGRAPHS)}]), "utf-8")
    _, article = (convert(d) for d in sources.read(path, Origin("q")) if isinstance(d, Document))
    assert isinstance(article, Article)
    masked = msgspec.structs.replace(article, text="", headline="")
    (restored,) = hydrate.hydrate(hydrate.Wanted([masked]), [path], convert)
    assert isinstance(restored, hydrate.Restored)
    assert restored.article.text == article.text


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.txt", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "pdftotext"),
        ("a.html", b"PK\x03\x04\x14\0\0\0\x08\0", "zip"),
        ("a.html", gzip.compress(b"<p>One.</p>" * 9, mtime=0), ".gz"),
        ("a.txt", rb"{\rtf1\ansi The ferry is late.}", ".txt"),
        ("a.txt", b'{\n "title": "Ferry", "text": "It is late."}', "JSON"),
        ("a.txt", b"<!-- kept -->\n<!DOCTYPE html>\n<html><body><p>Late.</p>", ".html"),
        ("a.txt", b"<p>The ferry is late.</p>\n<p>It is.</p>", ".html"),
        ("a.html", b'<?xml version="1.0"?>\n<rss version="2.0"><channel>', "feed"),
        ("a.html", b"<urlset><url><loc>https://quay.example/1</loc></url>", "sitemap"),
        ("a.txt", b"From: desk@quay.example\nReceived: a\n\tb\nMIME-Version: 1.0\n\nHi.", "e-mail"),
    ],
)
def test_a_file_of_another_kind_than_its_name_says_is_set_aside(
    tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (found,) = sources.read(path, Origin())
    problem = found if isinstance(found, Problem) else convert(found)
    assert isinstance(problem, Problem)
    assert problem.rule == "source.kind"
    assert says in problem.message


def mhtml(*parts: tuple[str, bytes], end: bytes = b"--bound--\r\n") -> bytes:
    """A page as a browser saves it in one file, with parts of these headers and contents."""
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; type="text/html";\r\n'
    head += b'\tboundary="bound"\r\n\r\n'
    told = [f"--bound\r\n{headers}\r\n\r\n".encode() + data for headers, data in parts]
    return head + b"\r\n".join([*told, end])


PICTURE = ("Content-Type: image/png\r\nContent-Transfer-Encoding: base64", b"iVBORw0KGgo=")
FRAME = ("Content-Type: text/html\r\nContent-Location: https://ads.example/", b"<p>Buy now.</p>")


@pytest.mark.parametrize("declared", ["", "; charset=windows-1252"])
@pytest.mark.parametrize("coding", ["quoted-printable", "base64", "8bit"])
def test_a_page_saved_in_one_file_is_the_page_that_was_saved(
    tmp_path: Path, coding: str, declared: str
) -> None:
    charset = "cp1252" if declared else "utf-8"
    page = f"<html><body><article><h1>Café</h1><p>{'</p><p>'.join(PARAGRAPHS)}</p></article>"
    data = page.encode(charset)
    packed = {"quoted-printable": quopri.encodestring, "base64": base64.encodebytes}
    headers = f"Content-Type: text/html{declared}\r\nContent-Transfer-Encoding: {coding}\r\n"
    headers += "Content-Location: https://quay.example/cafe?utm_source=x"
    path = tmp_path / "a.mhtml"
    path.write_bytes(mhtml((headers, packed.get(coding, bytes)(data)), FRAME, PICTURE))
    plain = tmp_path / "a.html"
    plain.write_bytes(data)
    article = article_of(path)
    assert article.headline == "Café"
    assert article.text == article_of(plain).text
    assert article.url == "https://quay.example/cafe"
    assert article.source.bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (mhtml(PICTURE), "no page"),
        (mhtml(PICTURE, ("Content-Type: text/html", b"<p>It is la"), end=b""), "cut short"),
        (mhtml(("Content-Type: multipart/related; boundary=bound", b"")), "no page"),
        (b"<html><body><p>Late.</p>", "no page"),
        (b"--\n" * 9, "no page"),
        (mhtml(("Content-Type: text/html\r\n" + PICTURE[0][25:], b"PHA+a")), "damaged"),
        (mhtml(*[PICTURE] * 20_000), "more than 16384 parts"),
    ],
)
def test_a_page_that_is_not_in_its_one_file_is_told(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "a.mht"
    path.write_bytes(data)
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.unreadable"
    assert says in problem.message


def test_a_boundary_that_begins_another_ends_no_part(tmp_path: Path) -> None:
    """A mail program nests what it writes twice, and numbers its boundaries."""
    inner = b"--bound1\r\nContent-Type: text/html\r\n\r\n<p>Sketch.</p>\r\n--bound1--\r\n"
    nested = ("Content-Type: multipart/alternative; boundary=bound1", inner)
    path = tmp_path / "a.mht"
    path.write_bytes(mhtml(nested, ("Content-Type: text/html", b"<p>The page.</p>")))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == "<p>The page.</p>"


def test_a_part_of_many_lines_fills_no_memory() -> None:
    data = mhtml(
        ("Content-Type: text/html", b"<p>The page.</p>"),
        ("Content-Type: text/css", b"a\n" * 500_000),
    )
    tracemalloc.start()
    try:
        assert isinstance(saved_page(data), Saved)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 * len(data)


def test_a_pasted_letter_is_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("From: the harbour desk\nSubject: ferries\n\n" + "\n\n".join(PARAGRAPHS))
    assert PARAGRAPHS[0] in article_of(path).text


@pytest.mark.parametrize("undone", [tables.unescaped, str])
def test_what_is_plainly_escaped_in_pasted_text_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undone: Callable[[str], str]
) -> None:
    """And a text that was admitted with what is escaped in it comes back."""
    path = tmp_path / "a.txt"
    escaped = "Lund &amp; Marr say that they can&#8217;t sail before the summer."
    path.write_text("\n\n".join(["Ferry stays", *PARAGRAPHS, escaped]), "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(sources, "unescaped", undone)
        article = article_of(path)
    told = "Lund & Marr say that they can’t sail before the summer."
    assert article.text.endswith(told if undone is not str else escaped)
    masked = msgspec.structs.replace(article, text="", headline="")
    (restored,) = hydrate.hydrate(hydrate.Wanted([masked]), [path], convert)
    assert isinstance(restored, hydrate.Restored)
    assert restored.article.text == article.text


def test_no_number_is_no_value_and_costs_no_row(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    row = {"title": "Ferry stays", "text": PARAGRAPHS[0], "url": float("nan")}
    path.write_text(json.dumps(row | {"score": float("-inf")}), "utf-8")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.fields["url"] == ""


def test_a_named_column_is_for_the_tables_that_have_it(tmp_path: Path) -> None:
    own, usual = tmp_path / "own.csv", tmp_path / "usual.jsonl"
    own.write_text("kop,inhoud,title\nDe kade,Zij blijft open.,x\n", encoding="utf-8")
    row = {"title": "The quay", "text": "It stays open.", "desk": "city"}
    usual.write_text(json.dumps(row), encoding="utf-8")
    origin = Origin(columns={"headline": "kop", "text": "inhoud"})
    found = [d for path in (own, usual) for d in sources.read(path, origin)]
    assert [d.source.field for d in found if isinstance(d, Document)] == [
        "kop,inhoud",
        "title,text",
    ]
    taken = (("headline", "title"), ("text", "text"))
    assert sources.columns_of(usual, origin) == tables.Columns(taken, ("desk",))


def test_what_columns_are_taken_for_is_known_before_the_rows(tmp_path: Path) -> None:
    table = tmp_path / "dump.csv.gz"
    table.write_bytes(gzip.compress(b"title,pubdate,body,desk\nA,2031-03-04,b,news\n"))
    taken = (("headline", "title"), ("text", "body"))
    assert sources.columns_of(table, Origin()) == tables.Columns(taken, ("pubdate", "desk"))
    dated = Origin(columns={"date_published": "pubdate"})
    found = sources.columns_of(table, dated)
    assert found == tables.Columns((*taken, ("date_published", "pubdate")), ("desk",))
    # Rows of JSON lines have columns of their own.
    path = tmp_path / "dump.jsonl"
    rows = [{"text": "one"}, {"note": "two"}, {"title": "T", "text": "three", "tags": ["a"]}]
    path.write_text("\n\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = sources.columns_of(path, Origin())
    taken = (("headline", "title"), ("text", "text"))
    assert found == tables.Columns(taken, ("note", "tags"))
    for data in (b"", b"a,b\n1,2\n", b"text\n"):
        (tmp_path / "bad.csv").write_bytes(data)
        assert sources.columns_of(tmp_path / "bad.csv", Origin()) is None


def test_a_row_without_the_columns_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    path.write_text('{"text": "one"}\n{"note": "two"}\n{"text": "three"}\n', encoding="utf-8")
    first, problem, last = sources.read(path, Origin())
    assert isinstance(first, Document)
    assert isinstance(last, Document)
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.line) == ("source.columns", 2)
    assert "there are note" in problem.message


def test_folders_are_searched_in_order_and_never_left(tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text(STORY, encoding="utf-8")
    inside = tmp_path / "in"
    (inside / "b").mkdir(parents=True)
    (inside / ".hidden").mkdir()
    for name in ("b/z.txt", "a.html", "notes.md", ".hidden/x.txt"):
        (inside / name).write_text(STORY, encoding="utf-8")
    (inside / "link.txt").symlink_to(tmp_path / "outside.txt")
    found = list(sources.find([inside]))
    paths = [p.relative_to(inside).as_posix() for p in found if isinstance(p, Path)]
    assert paths == ["a.html", "b/z.txt"]
    (problem,) = (p for p in found if isinstance(p, Problem))
    assert problem.rule == "source.outside"


def test_what_a_browser_saved_beside_a_page_is_passed_over(tmp_path: Path) -> None:
    for name in ("ferry_files", "bridge-Dateien", "case_files"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "frame.html").write_bytes(PAGE)
    for name in ("ferry.html", "bridge.htm"):
        (tmp_path / name).write_bytes(PAGE)
    others = Counter[str]()
    found = list(sources.find([tmp_path], others))
    names = ["bridge.htm", "case_files/frame.html", "ferry.html"]
    assert found == [tmp_path / name for name in names]
    assert others == {sources.SAVED: 2}


def test_a_page_that_wget_saved_with_what_it_asked_for_is_one(tmp_path: Path) -> None:
    names = ["a.html?id=3", "b.htm@id=3.5", "c.HTML?x", "d.xhtml@y.gz"]
    for name in names:
        data = gzip.compress(PAGE) if name.endswith(".gz") else PAGE
        (tmp_path / name).write_bytes(data)
    for name in ("e.css?page=1.html", "f.php?id=3", "g@html"):
        (tmp_path / name).write_bytes(PAGE)
    found = list(sources.find([tmp_path]))
    assert found == [tmp_path / name for name in (*names, "e.css?page=1.html")]
    for path in tmp_path.glob("[a-d]*"):
        (document,) = sources.read(path, Origin())
        assert isinstance(document, Document)
        assert (document.html, document.text) == (True, PAGE.decode())


def test_a_page_in_xhtml_is_read_in_the_charset_of_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "story.xhtml"
    page = '<?xml version="1.0" encoding="iso-8859-2"?><html><body><p>Łódź czeka</p></body></html>'
    path.write_bytes(page.encode("iso-8859-2"))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.source.charset, document.html) == (page, "iso-8859-2", True)


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    (problem,) = sources.find([tmp_path])
    assert isinstance(problem, Problem)
    assert problem.rule == "source.empty"


@pytest.mark.parametrize("name", ["gone.txt", "song.mp3"])
def test_a_named_source_that_cannot_be_is_a_wrong_use(tmp_path: Path, name: str) -> None:
    (tmp_path / "song.mp3").write_bytes(b"x")
    with pytest.raises(UsageError):
        list(sources.find([tmp_path / name]))


def test_the_folder_is_the_publisher(tmp_path: Path) -> None:
    folder = tmp_path / "tarrow-times"
    folder.mkdir()
    (folder / "a.txt").write_text(STORY, encoding="utf-8")
    (document,) = sources.read(folder / "a.txt", Origin())
    assert isinstance(document, Document)
    assert document.publisher == "tarrow-times"


def test_mojibake_is_repaired_and_marks_stay(tmp_path: Path) -> None:
    good = (
        "Café opens\n\n“It’s ours,” said Zoë, and the ‘old’ straight 'ones' stayed: \"so\" – fin."
    )
    path = tmp_path / "story.txt"
    path.write_text(good.encode().decode("latin-1"), "utf-8")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == good
    assert document.source.charset == "utf-8+ftfy"
    assert document.notes == ("mojibake-repaired",)
    path.write_text(good, "utf-8")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.notes) == (good, ())


PAGE = b"<html><body><h1>Bridge</h1><p>It opened.</p></body></html>"


def warc(
    *pages: tuple[str, bytes],
    packed: bool = True,
    headers: dict[str, str] | None = None,
    status: str = "200 OK",
    kind: str = "response",
) -> bytes:
    from io import BytesIO

    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    out = BytesIO()
    writer = WARCWriter(out, gzip=packed)
    stated = {"Content-Type": "text/html; charset=cp1252"} | (headers or {})
    for url, body in pages:
        http = StatusAndHeaders(status, list(stated.items()), "HTTP/1.0")
        writer.write_record(
            writer.create_warc_record(url, kind, payload=BytesIO(body), http_headers=http)
        )
    return out.getvalue()


@pytest.mark.parametrize("archive", [False, True])
def test_a_source_more_takes_the_same_work_however_many_there_are(
    tmp_path: Path, archive: bool
) -> None:
    """Pages of one name in folders of their own, and the pages of one archive."""

    def work(number: int) -> int:
        """The instructions that it takes to hydrate so many articles."""
        bodies = [PAGE.replace(b"It", f"Bridge {n}".encode()) for n in range(number)]
        paths = [tmp_path / f"{number}" / f"{n}" / "index.html" for n in range(number)]
        if archive:
            paths = [tmp_path / f"{number}.warc"]
            pages = [(f"https://e.example/{n}", body) for n, body in enumerate(bodies)]
            bodies = [warc(*pages, packed=False)]
        for path, body in zip(paths, bodies, strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        sheet = synthetic.article([("body", "It opened.")])
        read = (d for path in paths for d in sources.read(path, Origin()))
        masked = [
            msgspec.structs.replace(
                sheet, id=f"a-{n}", text="", text_sha256=sha256(d.text), source=d.source
            )
            for n, d in enumerate(read)
            if isinstance(d, Document)
        ]
        count = 0

        def traced(frame: FrameType, event: str, _: object) -> Any:
            nonlocal count
            if frame.f_code.co_filename != hydrate.__file__:
                return None
            frame.f_trace_opcodes = True
            count += event == "opcode"
            return traced

        before = sys.gettrace()
        sys.settrace(traced)
        try:
            wanted = hydrate.Wanted(masked)
            told = list(hydrate.hydrate(wanted, paths, lambda d: crashed(paths[0])))
        finally:
            sys.settrace(before)
        assert len(told) == number
        assert all(isinstance(each, hydrate.Restored) for each in told)
        return count

    assert work(80) < 12 * work(10)


def test_a_web_archive_gives_its_pages(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    page = "<html><body><h1>Café opens</h1><p>“Ours,” said Zoë.</p></body></html>"
    path.write_bytes(warc(("https://e.example/1", page.encode("cp1252"))))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == page
    assert document.fields == {"url": "https://e.example/1"}
    assert (document.html, document.source.row, document.source.charset) == (True, 1, "cp1252")
    (document,) = of_documents(sources.read(path, Origin("{host}")))
    assert document.publisher == "e.example"


def test_a_page_of_an_archive_is_told_by_its_type_in_capitals_too(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(warc(("https://e.example/1", PAGE), headers={"Content-Type": "Text/HTML"}))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == PAGE.decode()


def test_what_a_server_answers_instead_of_a_page_is_passed_over_and_counted(tmp_path: Path) -> None:
    page = ("https://e.example/1", PAGE)
    answers = ["404 Not Found", "301 Moved", "404 Not Found", "500 Internal Server Error", "206"]
    path = tmp_path / "crawl.warc"
    path.write_bytes(
        b"".join(warc(page, packed=False, status=status) for status in answers)
        + warc(page, packed=False, kind="revisit")
        + warc(page, packed=False, status="404 Not Found", headers={"Content-Type": "image/png"})
        + warc(page, packed=False, headers={"Content-Type": ""})
        + warc(page, packed=False, status="203 Changed")
        + warc(page, packed=False)
    )
    found = list(sources.read(path, Origin()))
    assert [f.source.row for f in found if isinstance(f, Document)] == [9, 10]
    assert len(found) == 2
    passed = Counter[str]()
    (piece,) = (piece for piece, _ in sources.pieces(path, Size(100, 1 << 30), passed))
    assert piece.documents == 10
    assert passed == {
        "without Content-Type": 1,
        "status 404": 2,
        "status 301": 1,
        "status 500": 1,
        "status 206": 1,
        "revisit": 1,
    }


def test_convert_says_what_of_an_archive_is_no_page(tmp_path: Path) -> None:
    page = ("https://e.example/1", PAGE)
    with (tmp_path / "crawl.warc").open("wb") as file:
        for status in ("404 Not Found", "200 OK", "301 Moved", "404 Not Found"):
            file.write(warc(page, packed=False, status=status))
    said = "3 records of web archives without a page skipped: 2 status 404, 1 status 301\n"
    for what in (["--out", "a.jsonl"], ["--explain"]):
        told = onrecord("convert", "crawl.warc", "--publisher", "E", *what, cwd=tmp_path)
        assert said in told.stderr
    assert "Bridge" in told.stdout


def chunked(data: bytes) -> bytes:
    parts = (data[:30], data[30:], b"")
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


@pytest.mark.parametrize(
    ("sent", "headers"),
    [
        (chunked, {"Transfer-Encoding": "Chunked"}),
        (lambda data: chunked(gzip.compress(data)), {"Transfer-Encoding": "gzip, chunked"}),
        (gzip.compress, {"Transfer-Encoding": "gzip"}),
        (gzip.compress, {"Content-Encoding": "x-gzip"}),
        (lambda data: data, {"Transfer-Encoding": "identity", "Content-Encoding": "identity"}),
        # The answer was unpacked or put together before it was kept, its headers were not changed.
        (lambda data: data, {"Content-Encoding": "gzip", "Content-Length": "20"}),
        (lambda data: data, {"Transfer-Encoding": "chunked"}),
    ],
)
def test_a_page_of_an_archive_is_unpacked_and_put_together(
    tmp_path: Path, sent: Callable[[bytes], bytes], headers: dict[str, str]
) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(warc(("https://e.example/1", sent(PAGE)), headers=headers))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.text == PAGE.decode()


@pytest.mark.parametrize(
    ("stated", "body", "headers", "why"),
    [
        (b"WARC-Truncated: length\r\n", PAGE, {}, "WARC-Truncated: length"),
        (b"WARC-Segment-Number: 1\r\n", PAGE, {}, "other records"),
        (b"", gzip.compress(PAGE, mtime=0)[:-20], {"Content-Encoding": "gzip"}, "cut short"),
        (b"", PAGE[:-20], {"Content-Length": str(len(PAGE))}, "cut short"),
        (b"", chunked(PAGE)[:50], {"Transfer-Encoding": "chunked"}, "cut short"),  # in a chunk
        (b"", chunked(PAGE)[:-5], {"Transfer-Encoding": "chunked"}, "cut short"),  # behind one
    ],
)
def test_the_beginning_of_a_page_is_not_taken_for_it(
    tmp_path: Path, stated: bytes, body: bytes, headers: dict[str, str], why: str
) -> None:
    path = tmp_path / "crawl.warc"
    cut = warc(("https://e.example/1", body), packed=False, headers=headers)
    whole = warc(("https://e.example/2", PAGE), packed=False)
    path.write_bytes(cut.replace(b"WARC-Type:", stated + b"WARC-Type:", 1) + whole)
    problem, document = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.line) == ("source.unreadable", 1)
    assert why in problem.message
    assert isinstance(document, Document)


def test_a_page_without_an_answer_of_a_server_is_one_and_what_was_made_of_one_is_counted(
    tmp_path: Path,
) -> None:
    head = b"WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://e.example/1\r\n"
    head += b"Content-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n"
    path = tmp_path / "crawl.warc"
    path.write_bytes(b"".join(head % (k, len(PAGE), PAGE) for k in (b"conversion", b"resource")))
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.fields["url"]) == (PAGE.decode(), "https://e.example/1")
    passed = Counter[str]()
    assert list(sources.pieces(path, Size(100, 1 << 30), passed))
    assert passed == {"conversion": 1}


def test_an_archive_that_is_packed_as_a_whole_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    page = ("https://e.example/1", PAGE)
    path.write_bytes(gzip.compress(warc(page, packed=False) * 2))
    _, problem = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert "all records are packed as one" in problem.message


def test_a_page_of_an_archive_that_cannot_be_unpacked_says_how_it_is_packed(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    body = b"\x28\xb5\x2f\xfd\0\xff\xff"
    path.write_bytes(warc(("https://e.example/1", body), headers={"Content-Encoding": "zstd"}))
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.encoding"
    assert problem.message.startswith("packed as zstd, which is not unpacked here")


@pytest.mark.parametrize(
    ("packed", "behind", "row"),
    [
        (True, 0.5, 2),  # inside the headers
        (True, 0.95, 2),
        (False, 0.05, 2),
        (False, 0.5, 2),
        (False, 0.95, 2),
        (False, b"WARC/1.0\r\nContent-Length: 9\r\n\r\nno type!!\r\n\r\n", 2),
        (True, b"\x1f\x8bno archive at all", 2),
    ],
)
def test_a_broken_record_is_reported_and_what_stands_before_it_is_read(
    tmp_path: Path, packed: bool, behind: float | bytes, row: int
) -> None:
    path = tmp_path / ("crawl.warc.gz" if packed else "crawl.warc")
    good = warc(("https://e.example/1", PAGE), packed=packed)
    rest = behind if isinstance(behind, bytes) else good[: int(len(good) * behind)]
    path.write_bytes(good + rest)
    document, problem = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert document.source.row == 1
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.line) == ("source.unreadable", row)


def records(*names: str, packed: bool) -> list[bytes]:
    """The records of an archive, a page each."""
    return [warc((f"https://e.example/{name}", PAGE), packed=packed) for name in names]


HEAD = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://e.example/2\r\n"


@pytest.mark.parametrize(
    ("packed", "broken"),
    [
        (False, lambda record: record[:90]),
        (False, lambda record: record[:-30]),
        (False, lambda record: re.sub(rb"Content-Length: 1", b"Content-Length: 999991", record)),
        (False, lambda record: re.sub(rb"Content-Length: \d+", b"Content-Length: 9", record)),
        (False, lambda record: re.sub(rb"Content-Length: \d+", b"Content-Length: many", record)),
        (False, lambda record: re.sub(rb"WARC/1.0", b"WARC/9.9", record)),
        (False, lambda record: re.sub(rb"WARC-Type", b"a" * 300_000, record)),
        (False, lambda record: b"\0" * 5000),
        (True, lambda record: record[:90]),
        (True, lambda record: record[:-30]),
        (True, lambda record: record[:90] + b"\xff" * 20 + record[110:]),
        (True, lambda record: b"\x1f\x8bnothing" * 20),
        (True, lambda record: b"\x1f\x8b\x08\0" * 2000),
        (True, lambda record: gzip.compress(HEAD + b"a" * 300_000)),
        (True, lambda record: gzip.compress(HEAD + b"a: b\r\n" * 30_000)),
    ],
)
@pytest.mark.parametrize("size", [1, 100])
def test_behind_a_broken_record_the_next_one_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packed: bool,
    broken: Callable[[bytes], bytes],
    size: int,
) -> None:
    monkeypatch.setattr(archives, "MAX_HEADERS", 20_000)
    first, bad, third, last = records("1", "2", "3", "4", packed=packed)
    path = tmp_path / ("crawl.warc.gz" if packed else "crawl.warc")
    path.write_bytes(first + broken(bad) + third + last)
    found = list(sources.read(path, Origin()))
    assert [(type(f), f.source.row if isinstance(f, Document) else f.line) for f in found] == [
        (Document, 1),
        (Problem, 2),
        (Document, 3),
        (Document, 4),
    ]
    pieces = [piece for piece, _ in sources.pieces(path, Size(size, 1 << 30))]
    assert [d for piece in pieces for d in sources.read(path, Origin(), piece)] == found
    assert sum(piece.documents for piece in pieces) == 4


def test_a_gzip_bomb_in_an_archive_costs_a_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MAX_OVER", 1 << 20)
    monkeypatch.setattr(archives, "MAX_PAGE", 1 << 19)
    first, last = records("1", "3", packed=True)
    head = HEAD + b"Content-Length: 9000000\r\n\r\nHTTP/1.0 200 OK\r\nContent-Type: %s\r\n\r\n"
    path = tmp_path / "crawl.warc.gz"
    for kind, row in ((b"text/html", ["source.too-large"]), (b"video/mp4", [])):
        bomb = gzip.compress(head % kind + bytes(8_000_000))
        path.write_bytes(first + bomb + last)
        found = list(sources.read(path, Origin()))
        assert [f.source.row for f in found if isinstance(f, Document)] == [1, 3]
        assert [f.rule for f in found if isinstance(f, Problem)] == row


def test_an_archive_is_not_read_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "ROOM", 0)
    records = [HEAD + b"Content-Length: 99999999\r\n\r\nHTTP/1.0 200 OK\r\n\r\n"] * 3000
    path = tmp_path / "crawl.warc"
    path.write_bytes(b"\r\n".join(records) * 5)
    found = list(sources.read(path, Origin()))
    assert 1 < len(found) < 50
    assert isinstance(found[-1], Problem)
    assert found[-1].message.endswith("what is behind it was not read")


def test_what_is_no_archive_or_holds_no_page_is_said(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc"
    for data, rule in ((b"no archive at all\r\n\r\n", "source.unreadable"), (b"", "source.empty")):
        path.write_bytes(data)
        (problem,) = sources.read(path, Origin())
        assert isinstance(problem, Problem)
        assert problem.rule == rule


def test_of_two_columns_of_the_same_name_none_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text("title,text,text\nBridge,It opened.,draft 3\n", "utf-8")
    (problem,) = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert problem.rule == "source.columns"
    assert "there are title, text (more than once)" in problem.message
    path.write_text("title,text,title,,\nBridge,It opened.,News,,\n", "utf-8")
    (document,) = sources.read(path, Origin())
    assert isinstance(document, Document)
    assert (document.text, document.fields) == ("It opened.", {})
    columns = sources.columns_of(path, Origin())
    assert columns is not None
    assert columns.left == ("title (more than once)", "")


def test_a_line_that_would_fill_the_memory_costs_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "MAX_PAGE", 1000)
    path = tmp_path / "dump.jsonl"
    good = '{"title": "T", "text": "It opened."}\n'
    path.write_text('{"text": "' + "a" * 5000 + '"}\n' + good, "utf-8")
    problem, document = sources.read(path, Origin())
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.line) == ("source.too-large", 1)
    assert isinstance(document, Document)
    assert document.source.row == 2


def test_a_file_that_changes_or_goes_costs_itself(tmp_path: Path) -> None:
    path = tmp_path / "dump.jsonl"
    row = json.dumps({"title": "T", "text": "It opened."}) + "\n"
    path.write_text(row * 4, "utf-8")
    pieces = [piece for piece, _ in sources.pieces(path, Size(2, 1 << 30))]
    os.utime(path, ns=(1, 1))
    path.write_text(row[:-2] + "\n" + row * 4, "utf-8")
    for piece in pieces:
        (problem,) = sources.read(path, Origin(), piece)
        assert isinstance(problem, Problem)
        assert problem.rule == "source.changed"
    path.unlink()
    (problem,) = sources.read(path, Origin(), pieces[0])
    assert isinstance(problem, Problem)
    assert (problem.rule, problem.message) == (
        "source.unreadable",
        "No such file or directory; fetch it again",
    )


def test_a_file_name_is_never_a_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "a..b"
    folder.mkdir(parents=True)
    (folder / "a%2f..%2fetc.txt").write_text(STORY, "utf-8")
    (path,) = sources.find([tmp_path / "in"])
    assert isinstance(path, Path)
    (document,) = sources.read(path, Origin(publisher="../../etc"))
    assert isinstance(document, Document)
    assert document.source.file == path.as_posix()
