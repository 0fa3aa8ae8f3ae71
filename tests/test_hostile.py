"""Sources made to do harm, and a run that dies: each costs a reported file and nothing else."""

import gzip
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from cli import confined, onrecord
from parts import HOME

STORY = "\n\n".join(
    [
        "Harbour bell rings again after a winter of silence",
        "The bell on Orrin quay rang on Monday for the first time since the storm of November.",
        "“We had forgotten how loud it is,” said the harbour master, Isla Renwick, at the quay.",
        "The repair was paid for by the boats that moor there, at eleven pounds a metre.",
    ]
)
MB = 1 << 20


def hole(path: Path, before: bytes, size: int, behind: bytes) -> None:
    """A file with a line of `size` bytes, most of them a hole that takes no room on the disk."""
    with path.open("wb") as file:
        file.write(before)
        file.seek(size, os.SEEK_CUR)
        file.write(behind)


def deep(folder: Path, name: str, levels: int) -> None:
    """Folders in folders, with a text in the last: its path may be longer than paths can be."""
    place = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=place)
        inside = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inside
    text = os.open("deep.txt", os.O_WRONLY | os.O_CREAT, dir_fd=place)
    os.write(text, STORY.encode())
    os.close(text)
    os.close(place)


def archive() -> bytes:
    """Three records of a WARC, the second one overwritten with other bytes."""
    parts = []
    for number in range(3):
        out = io.BytesIO()
        writer = WARCWriter(out, gzip=True)
        body = "".join(f"<p>{line}</p>" for line in STORY.split("\n\n"))
        record = writer.create_warc_record(
            f"https://orrin.example/{number}",
            "response",
            payload=io.BytesIO(f"<html><body><article>{body}</article></body></html>".encode()),
            http_headers=StatusAndHeaders("200 OK", [("Content-Type", "text/html")]),
        )
        writer.write_record(record)
        parts.append(out.getvalue())
    return parts[0] + b"\x1f\x8bnothing" * 20 + parts[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    base = tmp_path_factory.mktemp("hostile")
    raw = base / "raw"
    raw.mkdir()
    (raw / "good.txt").write_text(STORY, "utf-8")
    hole(raw / "long.txt", b"The bell ", 200 * MB, b" rang.\n")
    row = json.dumps({"headline": STORY.split("\n")[0], "text": STORY}).encode()
    hole(raw / "long.jsonl", b'{"text": "', 70 * MB, b'"}\n' + row + b"\n")
    hole(raw / "long.csv", b'headline,text\nBell,"', 70 * MB, b'"\n')
    (raw / "deep.html").write_text("<div>" * 20_000 + STORY + "</div>" * 20_000, "utf-8")
    names = " ".join(f"a{i}=1" for i in range(60_000))
    (raw / "names.html").write_text(f"<html><body><p {names}>{STORY}</p>", "utf-8")
    (raw / "bomb.txt.gz").write_bytes(gzip.compress(bytes(20 * MB)))
    (raw / "broken.warc.gz").write_bytes(archive())
    (base / "secret.txt").write_text(STORY, "utf-8")
    (raw / "link.txt").symlink_to(base / "secret.txt")
    (raw / "..%2f..%2fout.txt").write_text(STORY, "utf-8")
    (raw / "\x1b[31mred.txt").write_text("", "utf-8")
    (raw / "two\nlines.txt").write_text("", "utf-8")
    (raw / "unseen.txt").write_text("\u200b\n\u200b\n", "utf-8")
    os.mkfifo(raw / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as ear:
        ear.bind(os.path.relpath(raw / "ear.txt"))  # a socket's name is short
    deep(raw, "e", 1100)
    deep(raw, "f" * 250, 17)
    (raw / "twin").symlink_to("e")
    (raw / "..txt").write_text(STORY, "utf-8")
    (raw / ".hidden.txt").write_text(STORY, "utf-8")
    (raw / ".hidden").mkdir()
    (raw / "letter.doc").write_text(STORY, "utf-8")
    (raw / "head.csv").write_text("title,text\n", "utf-8")
    row = json.dumps({"text": {"title": STORY}}) + "\n" + json.dumps({"text": STORY * 30_000})
    (raw / "rows.jsonl").write_text(row + "\n", "utf-8")
    (base / "elsewhere").mkdir()
    (raw / "elsewhere").symlink_to(base / "elsewhere")
    (raw / "gone.txt").symlink_to("nowhere.txt")
    Path(os.fsdecode(os.fsencode(raw) + b"/latin-\xe9.txt")).write_text(STORY, "utf-8")
    yield base
    subprocess.run(["rm", "-rf", raw], check=True)  # deeper than `shutil` goes, and so pytest


def test_a_pipe_that_is_named_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    told = onrecord("convert", "pipe.txt", "--explain", cwd=tmp_path, code=1)
    assert "pipe.txt: source.unreadable: not a file" in told.stderr


@pytest.mark.parametrize("verb", ["check", "agree", "gold", "report"])
@pytest.mark.parametrize("kind", ["annotations/b1/ann.jsonl", "adjudications/b1.jsonl"])
def test_a_pipe_in_the_corpus_is_not_waited_for(tmp_path: Path, kind: str, verb: str) -> None:
    shutil.copytree(HOME / "tests/cases/check/base", tmp_path, dirs_exist_ok=True)
    (tmp_path / "corpus" / kind).unlink()
    os.mkfifo(tmp_path / "corpus" / kind)
    told = onrecord(verb, cwd=tmp_path, code=1, timeout=60)
    assert f"{kind}: json.malformed: not a file; remove it" in told.stderr


def test_what_is_explained_does_not_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "two\n- lines\x1b[31m\u202e.txt").write_text(STORY, "utf-8")
    told = onrecord("convert", ".", "--explain", cwd=tmp_path)
    assert told.stdout.startswith("two\\n- lines\\u001b[31m\\u202e.txt: ")


def test_a_publisher_of_two_lines_is_one_row(tmp_path: Path) -> None:
    folder = tmp_path / "raw/Tarrow\nTimes\x1b[31m"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("Pier opens\n\nThe pier on the Tarrow is open again.\n", "utf-8")
    (tmp_path / "corpus").mkdir()
    onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    head, row = onrecord("rights", cwd=tmp_path).stdout.splitlines()
    assert row.startswith("Tarrow\\nTimes\\u001b[31m  withhold")
    assert head.index("release") == row.index("withhold")


def test_a_hostile_folder_costs_its_files_and_nothing_else(folder: Path) -> None:
    before = {*folder.iterdir(), *(folder / "raw").iterdir()}
    told = onrecord("convert", "raw", "--out", "articles.jsonl", cwd=folder, code=1)
    rows = [json.loads(row) for row in (folder / "articles.jsonl").read_bytes().splitlines()]
    assert [(row["source"]["file"], row["source"]["row"]) for row in rows] == [
        ("raw/broken.warc.gz", 1),
        ("raw/broken.warc.gz", 3),
        ("raw/" + "e/" * 1100 + "deep.txt", 0),
        ("raw/good.txt", 0),
        ("raw/long.jsonl", 2),
    ]
    aside = (folder / "articles.jsonl.problems.jsonl").read_bytes().splitlines()
    problems = list(map(json.loads, aside))
    assert [p["rule"] for p in problems if p["file"] == "raw/rows.jsonl"] == [
        "source.row",
        "source.too-large",
    ]
    rules = {p["file"].split("/")[-1]: p["rule"] for p in problems}
    assert rules == {
        "rows.jsonl": "source.too-large",
        "long.txt": "source.too-large",
        "long.jsonl": "source.too-large",
        "long.csv": "source.row",
        "deep.html": "convert.no-text",
        "names.html": "convert.no-text",
        "bomb.txt.gz": "source.too-large",
        "broken.warc.gz": "source.unreadable",
        "link.txt": "source.outside",
        "elsewhere": "source.outside",
        "gone.txt": "source.unreadable",
        "pipe.txt": "source.unreadable",
        "latin-\\xe9.txt": "source.name",
        "..%2f..%2fout.txt": "source.name",
        "unseen.txt": "convert.no-text",
        "ear.txt": "source.unreadable",
        "twin": "source.link",
        "..txt": "source.name",
        "head.csv": "source.empty",
        "f" * 250: "source.unreadable",
        "\x1b[31mred.txt": "source.empty",
        "two\nlines.txt": "source.empty",
    }
    assert "2 hidden files or folders skipped" in told.stderr
    assert "1 file of other types skipped, by extension: 1 .doc" in told.stderr
    assert "\x1b" not in told.stderr, "a file's name must not reach the terminal as a command"
    assert "raw/two\\nlines.txt: source.empty: the file is empty\n" in told.stderr
    after = {*folder.iterdir(), *(folder / "raw").iterdir()} - {folder / "build"}
    assert {path.name for path in after - before} == {
        "articles.jsonl",
        "articles.jsonl.problems.jsonl",
    }


def test_a_folder_whose_name_is_not_utf_8_is_a_wrong_use(tmp_path: Path) -> None:
    base = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    (base / "raw").mkdir(parents=True)
    (base / "raw/a.txt").write_text(STORY, "utf-8")
    for verb, source in (("convert", "raw"), ("stories", "raw/a.txt")):
        told = subprocess.run(
            [sys.executable, "-m", "onrecord", verb, source, "--out", "out.jsonl"],
            cwd=base,
            env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, told.stdout) == (2, "")
        assert "is not UTF-8\n  rename its folders" in told.stderr


LINE = ("convert", "raw", "--out", "out/articles.jsonl", "--root", "house")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pages and what a run that nobody disturbs makes of it."""
    base = tmp_path_factory.mktemp("undisturbed")
    for number in range(600):
        path = base / f"raw/paper-{number % 3}" / f"{number:03}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = STORY.replace("Orrin", f"Orrin {number}").split("\n\n")
        page = ["Home", "News from the quay", *lines, f"Puzzles of paper {number % 3}", "Log in"]
        path.write_text("\n".join(page), "utf-8")
    for name in ("out", "house"):
        (base / name).mkdir()
    onrecord(*LINE, cwd=base)
    return base


@pytest.mark.parametrize("moment", ["at once", "what is repeated is known", "a shard is written"])
def test_a_conversion_killed_at_any_moment_and_typed_again_gives_the_same_bytes(
    tmp_path: Path, undisturbed: Path, moment: str
) -> None:
    made = (undisturbed / "out/articles.jsonl").read_bytes()
    assert made.count(b"\n") == 600
    for name in ("out", "house"):
        (tmp_path / name).mkdir()
    (tmp_path / "raw").symlink_to(undisturbed / "raw")

    def there() -> bool:
        if moment == "at once":
            return True
        if moment == "what is repeated is known":
            return (tmp_path / "house/build/lines").exists()
        return any((tmp_path / "out").rglob("convert/*.rows"))

    process = subprocess.Popen(
        [sys.executable, "-m", "onrecord", *LINE],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
        stderr=subprocess.DEVNULL,
    )
    while not there() and process.poll() is None:
        pass
    process.kill()
    process.wait()
    onrecord(*LINE, cwd=tmp_path)
    assert (tmp_path / "out/articles.jsonl").read_bytes() == made
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"articles.jsonl"}
    tables = [(base / "house/build/lines").read_bytes() for base in (undisturbed, tmp_path)]
    assert tables[0] == tables[1]


def test_a_full_disk_is_said_and_the_same_line_goes_on(tmp_path: Path, undisturbed: Path) -> None:
    for name in ("out", "house"):
        (tmp_path / name).mkdir()
    (tmp_path / "raw").symlink_to(undisturbed / "raw")
    kept = list[Path]()
    for most in (20_000, 400_000):  # while it learns, while it gathers
        told = confined(*LINE, cwd=tmp_path, room=most)
        assert (told.returncode, "Traceback" in told.stderr) == (1, False), told.stderr
        fault, advice = told.stderr.splitlines()[-2:]
        assert fault.startswith("onrecord: "), told.stderr
        assert "longer than a file may be here" in fault
        assert advice == "  make room and run it again"
        kept = list((tmp_path / "out").rglob("*.rows"))
    assert len(kept) > 1
    assert not list((tmp_path / "out").rglob("*.texts")), (
        "what was kept of texts goes with the rows"
    )
    onrecord(*LINE, cwd=tmp_path)
    made = (undisturbed / "out/articles.jsonl").read_bytes()
    assert (tmp_path / "out/articles.jsonl").read_bytes() == made
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"articles.jsonl"}


def test_a_result_among_its_sources_is_refused(tmp_path: Path) -> None:
    (tmp_path / "raw/paper").mkdir(parents=True)
    (tmp_path / "raw/paper/a.txt").write_text(STORY, "utf-8")
    for out in ("raw/paper/a.jsonl", "raw/made"):  # beside it, raw/made.problems.jsonl
        told = onrecord("convert", "raw", "--out", out, cwd=tmp_path, code=2)
        assert "lies in the source raw" in told.stderr
    onrecord("convert", "raw/paper/a.txt", "--out", "raw/paper/a.jsonl", cwd=tmp_path)


@pytest.mark.parametrize(
    ("verb", "empty"),
    [("convert", "void"), ("convert", "none.csv"), ("stories", "none"), ("suggest", "none")],
)
def test_a_run_that_finds_nothing_leaves_the_result_of_an_earlier_one(
    tmp_path: Path, verb: str, empty: str
) -> None:
    (tmp_path / "void").mkdir()
    (tmp_path / "none.csv").write_text("headline,text\n")
    (tmp_path / "none").touch()
    made, aside = tmp_path / "made.jsonl", tmp_path / "made.jsonl.problems.jsonl"
    told = onrecord(verb, empty, "--out", made.name, cwd=tmp_path, code=1)
    assert "made.jsonl was not written" in told.stderr
    assert not made.exists()
    made.write_text("yesterday's")
    aside.write_text("yesterday's problems")
    told = onrecord(verb, empty, "--out", made.name, cwd=tmp_path, code=1)
    assert "made.jsonl stays as it was" in told.stderr
    assert made.read_text() == "yesterday's"
    if verb == "convert":  # its list says what was wrong with the sources that were named last
        assert json.loads(aside.read_text())["rule"] == "source.empty"
    else:
        assert aside.read_text() == "yesterday's problems"


@pytest.mark.parametrize("verb", ["convert", "stories", "suggest"])
def test_a_result_never_replaces_what_it_is_made_from(tmp_path: Path, verb: str) -> None:
    given, list_ = tmp_path / "given.jsonl", tmp_path / "given.jsonl.problems.jsonl"
    row = {"id": "corvane-1", "headline": "Corvane votes", "text": STORY}
    given.write_text(json.dumps(row) + "\n")
    list_.write_bytes(given.read_bytes())
    (tmp_path / "link.jsonl").symlink_to(given)
    for source, out in (
        (given.name, given.name),
        (given.name, "link.jsonl"),
        (list_.name, given.name),
    ):
        told = onrecord(verb, source, "--out", out, cwd=tmp_path, code=2)
        assert f"--out {out} would replace {source}" in told.stderr
    assert given.read_bytes() == list_.read_bytes() == json.dumps(row).encode() + b"\n"


@pytest.mark.parametrize("verb", ["convert", "stories", "suggest"])
def test_no_result_lies_in_the_corpus(tmp_path: Path, verb: str) -> None:
    given, gold = tmp_path / "given.jsonl", tmp_path / "corpus/gold/first.jsonl"
    given.write_text(json.dumps({"id": "corvane-1", "headline": "Corvane", "text": STORY}) + "\n")
    gold.parent.mkdir(parents=True)
    gold.write_text("labels\n")
    told = onrecord(verb, given.name, "--out", "corpus/gold/first.jsonl", cwd=tmp_path, code=2)
    assert "lies in corpus" in told.stderr
    assert "such as build/first.jsonl" in told.stderr
    assert gold.read_text() == "labels\n"
