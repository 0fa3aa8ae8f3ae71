"""Reading what arrives: one fault a file, each reported, none fatal for its neighbours."""

import gzip
import json
from pathlib import Path

import pytest

from onrecord import sources
from onrecord.records import Problem, UsageError
from onrecord.sources import Document, Origin

STORY = "Bridge opens\n\nThe café on the bridge opened on Monday, and “everybody” came to see it.\n"

FAULTS = {
    "empty.txt": (b"", "source.empty", "empty"),
    "blank.txt": (b" \n\n", "source.empty", "empty"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "source.encoding", "NUL byte at 8"),
    "nul.txt": (b"Bridge\0opens", "source.encoding", "NUL byte at 6"),
    "control.txt": (bytes(range(1, 32)) * 9 + b"\xff", "source.encoding", "binary"),
    "surrogate.txt": (b"Bridge \xed\xa0\x80 opens", "source.encoding", "lone surrogate at byte 7"),
    "truncated.txt": ("Café – caf".encode() + b"\xc3", "source.encoding", "not valid UTF-8"),
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
        (STORY.encode("cp1252"), "cp1252", True),
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
    assert (document.source.charset, document.guessed) == (charset, guessed)
    assert document.source.bytes == len(data)


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


def test_csv_reports_a_row_of_another_length(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text('title,text\nA,"one, two"\nB\nC,three\n', encoding="utf-8")
    found = list(sources.read(path, Origin()))
    assert [type(f) for f in found] == [Document, Problem, Document]
    (problem,) = (p for p in found if isinstance(p, Problem))
    assert (problem.rule, problem.line) == ("source.row", 3)


def test_columns_by_a_map(tmp_path: Path) -> None:
    path = tmp_path / "dump.csv"
    path.write_text("Überschrift,Inhalt\nA,b\n", encoding="utf-8")
    origin = Origin(columns={"headline": "Überschrift", "text": "Inhalt"})
    (document,) = sources.read(path, origin)
    assert isinstance(document, Document)
    assert document.source.field == "Überschrift,Inhalt"
    with pytest.raises(UsageError, match="Überschrift, Inhalt"):
        list(sources.read(path, Origin()))
    with pytest.raises(UsageError, match="no column 'nix'"):
        list(sources.read(path, Origin(columns={"text": "nix"})))


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
