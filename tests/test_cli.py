"""The command as a newcomer and as a script meet it: help, exit codes, clear messages."""

import io
import json
import os
import re
import signal
import stat
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import typer.main
from rich.console import Console
from typer.testing import CliRunner

from cli import confined, onrecord
from onrecord import cli, console, ledger
from onrecord.articles import convert
from onrecord.cli import EXAMPLES, FLOW, app_of
from onrecord.records import Annotation, DataError, Problem, some
from parts import HOME

VERBS = [
    "convert", "stories", "admit", "hydrate", "rights", "suggest", "studio", "assign", "push",
    "status", "pull", "adjudicate", "agree", "gold", "train", "evaluate", "check", "report",
    "withdraw", "build", "diff", "publish", "export", "schema", "bench"
]  # fmt: skip
GROUPS = ("studio", "bench")
STORY = "Bridge opens\n\nThe bridge on the Tarrow opened on Monday, and people came to see it.\n"


def test_help_lists_the_verbs_in_flow_order(tmp_path: Path) -> None:
    told = onrecord("--help", cwd=tmp_path).stdout
    listed = re.findall(r"^  (\w+) {2,}\S", told.split("Commands:")[1], re.M)
    assert listed == VERBS
    assert "..." not in told.split("Commands:")[1], "a verb's help is cut off"


@pytest.mark.parametrize("verb", [v for v in VERBS if v not in GROUPS])
def test_every_verb_takes_a_root_after_it_and_explains_itself(tmp_path: Path, verb: str) -> None:
    told = onrecord(verb, "--help", cwd=tmp_path).stdout
    assert "--root" in told
    assert len(told.split("\n\n")) >= 3


HEAVY = {
    *("datasets", "httpx", "lxml", "numpy", "pandas", "pyarrow", "sklearn", "spacy", "trafilatura"),
    *("charset_normalizer", "courlan", "ftfy", "jsonlines", "multiprocessing", "py3langid"),
}
"""What takes a tenth of a second or more to import, or stands for more that does."""


@pytest.mark.parametrize(
    ("args", "needed"),
    [
        (["--help"], set()),
        (["studio", "status"], set()),
        (["convert", "raw", "--out", "a.jsonl"], {"lxml", "multiprocessing", "numpy"}),
        (["admit", "a.jsonl"], {"jsonlines", "numpy"}),
        (["push", "a.jsonl", "--batch", "b"], {"httpx", "jsonlines"}),
        (["check"], {"jsonlines", "multiprocessing", "numpy"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_verb_loads_only_what_it_needs(tmp_path: Path, args: list[str], needed: set[str]) -> None:
    """The commands are typed all day long, and each begins with its imports."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/bridge.txt").write_text(STORY * 3, "utf-8")
    (tmp_path / "a.jsonl").touch()
    code = "import sys; from onrecord import cli; cli.run(sys.argv[1:]); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code, *args],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert HEAVY & set(told.stdout.splitlines()[-1].split()) <= needed, told.stderr


@pytest.mark.parametrize("name", ["bridge.txt", "bridge.html"])
@pytest.mark.parametrize("said", [STORY, "Der Rat tagt am Montag über die Brücke und die Fähre. "])
def test_the_language_model_is_loaded_only_where_it_is_asked(
    tmp_path: Path, name: str, said: str
) -> None:
    """It takes as long as all the rest of a text, and 95 MB."""
    start = "<html><body><p>" if name.endswith("html") else ""
    (tmp_path / name).write_text(start + said * 5, "utf-8")
    code = "import sys; from onrecord import cli; cli.run(sys.argv[1:]); print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", code, "convert", name, "--out", "a.jsonl"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(HOME / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads((tmp_path / "a.jsonl").read_text("utf-8"))["language"] == (
        "en" if said is STORY else "de"
    )
    loaded = "onrecord.articles.language" in told.stdout.splitlines()[-1].split()
    assert loaded == (said is not STORY)


@pytest.mark.parametrize("verb", ["convert", "bench"])
def test_a_verb_set_up_alone_is_the_same(verb: str) -> None:
    def told(verbs: Iterable[str]) -> str:
        return CliRunner().invoke(app_of(verbs), [verb, "--help"], prog_name="onrecord").stdout

    assert list(typer.main.get_command(app_of([verb])).commands) == [verb]  # type: ignore
    assert told([verb]) == told(FLOW) != ""


def test_the_readme_has_every_verb_in_flow_order() -> None:
    readme = (HOME / "README.md").read_text("utf-8")
    block = re.findall(r"(?ms)^```sh\n(.*?)^```", readme)[1]
    assert list(dict.fromkeys(re.findall(r"^onrecord (\w+)", block, re.M))) == VERBS


def test_every_verb_has_an_example_and_the_readme_shows_no_other() -> None:
    def verbs(command: Any, path: str = "") -> dict[str, set[str]]:
        parts = getattr(command, "commands", {}).items()
        found = {k: v for part, sub in parts for k, v in verbs(sub, f"{path} {part}").items()}
        assert found or max(map(len, command.epilog.splitlines())) <= 78, path
        return found or {path.strip(): {name for p in command.params for name in p.opts}}

    known = verbs(typer.main.get_command(app_of(FLOW)))
    assert known.keys() == EXAMPLES.keys()
    for verb, lines in EXAMPLES.items():
        for line in lines:
            assert f"{line} ".startswith(f"onrecord {verb} ")
            assert {word for word in line.split() if word.startswith("--")} <= known[verb]
    readme = (HOME / "README.md").read_text("utf-8")
    block = re.findall(r"(?ms)^```sh\n(.*?)^```", readme)[1]
    shown = {line.partition("#")[0].strip() for line in block.splitlines()}
    assert shown <= {line for lines in EXAMPLES.values() for line in lines}


def test_the_version_is_that_of_the_package_and_of_its_converter(tmp_path: Path) -> None:
    told = onrecord("--version", cwd=tmp_path)
    assert told.stdout == f"onrecord {version('onrecord')}, converter {convert.VERSION}\n"


def test_every_option_and_argument_is_explained() -> None:
    def bare(command: Any, path: str) -> list[str]:
        parts = getattr(command, "commands", {}).items()
        found = [name for part, sub in parts for name in bare(sub, f"{path} {part}")]
        return found + [f"{path}: {p.name}" for p in command.params if not getattr(p, "help", "")]

    assert bare(typer.main.get_command(app_of(FLOW)), "onrecord") == []


@pytest.mark.parametrize(
    "args",
    [
        ["nosuch"],
        ["convert"],
        ["convert", "gone.txt", "--out", "a.jsonl"],
        ["admit", "gone.jsonl"],
        ["push"],
        ["push", "--batch", "Not A Name"],
        ["gold", "--batch", "nosuch"],
        ["status", "--format", "xml"],
        ["check", "--format", "xml"],
        ["check", "--root", "nosuch"],
        ["check"],
        ["check", "--quality", "--first", "-1"],
        ["assign", "--batch", "one", "--annotator", "ann", "--limit", "-1"],
        ["studio", "up", "--port", "70000"],
        ["studio", "up", "--public-url", "https://[label.example"],
        ["studio", "up", "--public-url", "https://me:sesame@label.example.org"],
        ["studio", "up", "--postgres", "postgresql://me@one:1,two:2/labels"],
        ["schema"],
        ["convert", ".", "--against", "."],
        ["convert", ".", "--out", "a.jsonl", "--column", "text"],
        ["convert", ".", "--out", "a.jsonl", "--column", "story=text"],
        ["convert", ".", "--out", "a.jsonl", "--publisher", "Caf\udce9"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2_and_a_sentence(tmp_path: Path, args: list[str]) -> None:
    told = onrecord(*args, cwd=tmp_path, code=2)
    assert told.stderr.strip()
    assert "Traceback" not in told.stderr
    assert list(tmp_path.glob("*.jsonl")) == []


@pytest.mark.parametrize(
    "line",
    [
        "agree",
        "bench actions",
        "bench baselines",
        "bench quality",
        "build",
        "check",
        "gold",
        "hydrate",
        "report",
        "rights",
        "train --out model",
    ],
)
def test_in_a_folder_without_a_corpus_that_is_said_and_nothing_written(
    tmp_path: Path, line: str
) -> None:
    told = onrecord(*line.split(), cwd=tmp_path, code=2)
    assert told.stdout == ""
    assert "corpus: no such folder" in told.stderr
    assert "--root is the folder that holds corpus/" in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_column_is_named_for_one_table_of_a_run_and_for_none_in_vain(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(f'kop,inhoud\nDe kade,"{STORY}"\n', "utf-8")
    (tmp_path / "usual.jsonl").write_text(json.dumps({"title": "The quay", "text": STORY}), "utf-8")
    line = ("convert", "own.csv", "usual.jsonl", "--out", "a.jsonl", "--publisher", "Desk")
    told = onrecord(*line, "--column", "headline=kop", "--column", "text=inhoud", cwd=tmp_path)
    assert "own.csv: headline from kop, text from inhoud" in told.stderr
    assert "usual.jsonl: headline from title, text from text" in told.stderr
    assert "2 articles" in told.stderr
    (tmp_path / "a.jsonl").unlink()
    told = onrecord(*line, "--column", "text=inhuod", cwd=tmp_path, code=2)
    assert "no table has a column 'inhuod'" in told.stderr
    (tmp_path / "page.txt").write_text(STORY, "utf-8")
    pasted = ("convert", "page.txt", "--out", "a.jsonl", "--column", "text=inhoud")
    told = onrecord(*pasted, cwd=tmp_path, code=2)
    assert "--column text=inhoud: no table (.csv, .jsonl) is among the sources" in told.stderr
    assert not (tmp_path / "a.jsonl").exists()


def test_a_place_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a.txt").write_text(STORY, "utf-8")
    (tmp_path / "taken").write_text("a file", "utf-8")
    told = onrecord("convert", "raw", "--out", "taken/a.jsonl", cwd=tmp_path, code=2)
    assert "taken" in told.stderr
    assert "a file is where a folder should be" in told.stderr
    assert "Errno" not in told.stderr


@pytest.mark.parametrize("verb", ["push", "pull", "status"])
def test_without_a_server_the_line_to_type_is_said(tmp_path: Path, verb: str) -> None:
    (tmp_path / "corpus/batches").mkdir(parents=True)
    (tmp_path / "corpus/batches/one.csv").write_text("article,annotator\n", "utf-8")
    told = onrecord(verb, "--batch", "one", cwd=tmp_path, code=2)
    assert "onrecord studio up" in told.stderr


def test_studio_status_and_down_without_a_server(tmp_path: Path) -> None:
    onrecord("studio", "status", cwd=tmp_path, code=1)
    onrecord("studio", "down", cwd=tmp_path)


def test_bad_files_are_set_aside_and_the_good_ones_converted(tmp_path: Path) -> None:
    raw = tmp_path / "raw/tarrow-times"
    raw.mkdir(parents=True)
    (raw / "a.txt").write_bytes(b"")
    (raw / "b.txt").write_text(STORY, "utf-8")
    (raw / "c.txt").write_bytes(b"\0\1\2")
    (raw / "d.jsonl").write_text('{"title": "T", "text": "x', "utf-8")
    told = onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path, code=1)
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [row["source"]["file"] for row in rows] == ["raw/tarrow-times/b.txt"]
    aside = (tmp_path / "a.jsonl.problems.jsonl").read_text("utf-8").splitlines()
    rules = {json.loads(line)["file"][-5:]: json.loads(line)["rule"] for line in aside}
    assert rules == {"a.txt": "source.empty", "c.txt": "source.encoding", "jsonl": "json.malformed"}
    assert "d.jsonl:1: json.malformed" in told.stderr
    for name in ("a.txt", "c.txt", "d.jsonl"):
        (raw / name).unlink()
    onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path)
    assert not (tmp_path / "a.jsonl.problems.jsonl").exists()


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    line = ("convert", str(HOME / "corpus/raw"), "--out")
    for name, seed in (("one.jsonl", "1"), ("two.jsonl", "2")):
        onrecord(*line, name, cwd=tmp_path, env={"PYTHONHASHSEED": seed})
    assert (tmp_path / "one.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_an_edited_file_is_converted_as_if_it_had_never_been_other(tmp_path: Path) -> None:
    paper = "The Tarrow Times is printed on the quay and costs a crown."
    bell = "The bell of the lock rang on Monday for the first time in nine years, said its keeper."
    pages = {
        "bridge": f"{STORY}\n{paper}\n\nNobody who came that day had paid for any of it.\n",
        "bell": f"A bell rings\n\n{bell}\n\n{paper}\n\nIt will ring again at noon in May.\n",
    }
    for name, edits in (("edited", 2), ("fresh", 1)):
        raw = tmp_path / name / "raw/tarrow-times"
        raw.mkdir(parents=True)
        for edit in reversed(range(edits)):
            for page, text in pages.items():
                lines = text if edit == 0 else text.replace("quay", "pier").replace("Mon", "Sun")
                (raw / f"{page}.txt").write_text(lines, "utf-8")
            onrecord("convert", "raw", "--out", "a.jsonl", cwd=tmp_path / name)
    # However the file is named, it is the same file.
    bell_only = str(tmp_path / "edited/raw/tarrow-times/bell.txt")
    onrecord("convert", bell_only, "--out", "b.jsonl", cwd=tmp_path / "edited")
    for written in ("a.jsonl", "build/lines"):
        edited, fresh = (tmp_path / name / written for name in ("edited", "fresh"))
        assert edited.read_bytes() == fresh.read_bytes()
    rows = [
        json.loads(row) for row in (tmp_path / "edited/a.jsonl").read_text("utf-8").splitlines()
    ]
    assert all(paper not in row["text"] for row in rows)


@pytest.mark.parametrize(
    ("name", "data", "rule"),
    [
        ("articles/x.jsonl", b'{"id": "x\n', "json.malformed"),
        ("articles/x.jsonl", b'{"id": "\\ud800"}\n', "json.malformed"),
        ("articles/x.jsonl", b'{"id": "caf\xe9"}\n', "json.malformed"),
        ("articles/x.jsonl", b'{"id": "a-0123456789ab"}\n', "schema"),
        ("rights.csv", b"pattern,licence\n", "csv.columns"),
        ("splits.csv", b"story,split\na\n", "csv.row"),
    ],
)
def test_a_damaged_ledger_is_a_problem_with_a_place(
    tmp_path: Path, name: str, data: bytes, rule: str
) -> None:
    path = tmp_path / "corpus" / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    told = onrecord("check", "--format", "json", cwd=tmp_path, code=1)
    problems = json.loads(told.stdout)["problems"]
    assert rule in {p["rule"] for p in problems}
    assert {p["file"] for p in problems} == {f"corpus/{name}"}


@pytest.mark.parametrize("verb", ["agree", "gold", "report", "build", "rights"])
@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"id": "a-0123456789ab", "x": ' + b"[" * 9999 + b"]" * 9999 + b"}", "nested too deeply"),
        (b'{"id": "caf\xe9-0123456789ab"}', "not UTF-8"),
    ],
)
def test_a_line_that_no_library_takes_is_named_by_every_verb(
    tmp_path: Path, verb: str, line: bytes, why: str
) -> None:
    path = tmp_path / "corpus/articles/x.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(line + b"\n")
    (tmp_path / "corpus/gold").mkdir()
    (tmp_path / "corpus/gold/b1.jsonl").touch()
    told = onrecord(verb, cwd=tmp_path, code=1)
    assert f"onrecord: corpus/articles/x.jsonl:1: json.malformed: {why}; fix" in told.stderr


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        (b"a,train\nb\xff,test\n", "splits.csv:3: csv.row: not UTF-8; save the file as UTF-8 CSV"),
        (b'a,train\n"b,test\nc,test\n', "splits.csv:3: csv.row: .*close its quotation marks"),
        (b'a,train\n"b"c,test\n', "splits.csv:3: csv.row: .*close its quotation marks"),
    ],
)
def test_a_csv_that_cannot_be_read_names_the_line(tmp_path: Path, rows: bytes, says: str) -> None:
    path = tmp_path / "splits.csv"
    path.write_bytes(b"story,split\n" + rows)
    with pytest.raises(DataError, match=says):
        list(ledger.read_csv(path, ledger.SPLITS))


def test_check_of_an_empty_corpus_is_clean(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    told = onrecord("check", "--format", "json", cwd=tmp_path)
    assert json.loads(told.stdout) == {"problems": []}


@pytest.mark.parametrize("verb", ["convert", "admit"])
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, verb: str) -> None:
    (tmp_path / "corpus").mkdir()
    raw = tmp_path / "tarrow-times"
    raw.mkdir()
    (raw / "a.txt").write_text(STORY, "utf-8")
    onrecord("convert", "tarrow-times", "--out", "a.jsonl", cwd=tmp_path)
    onrecord("admit", "a.jsonl", cwd=tmp_path)
    (raw / "b.txt").write_text(STORY.replace("Bridge", "Pier") * 60, "utf-8")
    if verb == "admit":
        onrecord("convert", "tarrow-times", "--out", "a.jsonl", cwd=tmp_path)
    files = [tmp_path / "a.jsonl", *(tmp_path / "corpus").rglob("*.*")]
    before = {path: path.read_bytes() for path in files}
    args = ["convert", "tarrow-times", "--out"] if verb == "convert" else ["admit"]
    told = confined(*args, "a.jsonl", cwd=tmp_path, room=4096)
    assert told.returncode == 1, told.stderr
    full = r"\.a\.jsonl\.shards/.*" if verb == "convert" else "corpus/articles/tarrow-times.jsonl"
    assert re.search(f"onrecord: {full}: longer than a file may be here", told.stderr)
    assert "make room and run it again" in told.stderr
    assert "Traceback" not in told.stderr
    assert {path: path.read_bytes() for path in before} == before
    assert not list(tmp_path.rglob("*.part"))


def test_a_full_disk_of_temporary_files_is_told_from_that_of_the_result(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(STORY * 3, "utf-8")
    onrecord("convert", "a.txt", "--out", "a.jsonl", cwd=tmp_path)
    told = confined("stories", "a.jsonl", "--out", "stories.jsonl", cwd=tmp_path, room=4096)
    assert told.returncode == 1
    assert "onrecord: a temporary file: longer than a file may be here" in told.stderr
    assert "TMPDIR" in told.stderr


def test_a_full_disk_under_the_signatures_of_texts_is_told_as_that(tmp_path: Path) -> None:
    """They gather in a file without a name beside the ones that are kept."""
    (tmp_path / "corpus").mkdir()
    rows = [json.dumps({"headline": f"Pier {n}", "text": f"{n} " * 20}) for n in range(30)]
    (tmp_path / "a.jsonl").write_text("\n".join(rows), "utf-8")
    onrecord("convert", "a.jsonl", "--publisher", "T", "--out", "b.jsonl", cwd=tmp_path)
    told = confined("admit", "b.jsonl", cwd=tmp_path, room=4096)
    assert told.returncode == 1
    assert "onrecord: build/signatures: longer than a file may be here" in told.stderr


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["studio", "up", "--help"]])
def test_a_full_disk_under_what_is_printed_is_told_as_that(tmp_path: Path, args: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "onrecord", *args],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert told.returncode == 1
    assert told.stderr == (
        "onrecord: the disk is full; what was printed is not whole\n"
        "  make room where it is redirected to and run it again\n"
    )


@pytest.mark.parametrize(("mask", "mode"), [(0o077, 0o600), (0o002, 0o664)])
def test_a_result_is_for_whom_the_umask_says(tmp_path: Path, mask: int, mode: int) -> None:
    """Texts that may not be published are not for every user of the machine to read."""
    (tmp_path / "a.txt").write_text(STORY, "utf-8")
    run = f"import os, sys; os.umask({mask}); from onrecord.cli import main; main(sys.argv[1:])"
    told = python(run, "convert", str(tmp_path / "a.txt"), "--out", str(tmp_path / "a.jsonl"))
    assert told.returncode == 0, told.stderr
    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == mode


def test_a_terminal_without_utf_8_sees_codes_for_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(STORY.replace("bridge", "Brücke"), "utf-8")
    ascii_ = {"PYTHONIOENCODING": "ascii"}
    told = onrecord("convert", "page.txt", "--explain", cwd=tmp_path, env=ascii_)
    assert "Br\\xfccke" in told.stdout


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_is_closed_is_nobodys(tmp_path: Path, closed: str) -> None:
    """As a service or a cron job may have them: what would be printed there is not."""
    (tmp_path / "corpus").mkdir()
    for verb in (["check", "--format", "json"], ["rights"]):  # results, and words beside them
        told = subprocess.run(
            ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-m", "onrecord", *verb],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (told.returncode, "Traceback" in told.stderr) == (0, False), told.stderr


def python(code: str, *args: str) -> subprocess.CompletedProcess[str]:
    """What a process of its own does that runs this code with the package of this tree."""
    return subprocess.run(
        [sys.executable, "-c", code, *args],
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def appended(path: Path, code: str) -> str:
    """What a process of its own says that appends to the ledger `path` by this code."""
    first = """
import resource, signal, sys
from pathlib import Path
from onrecord import ledger
path = Path(sys.argv[1])
"""
    return python(first + code, str(path)).stderr


FULL = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
ledger.append(path, [b"story,split\\n"] * 2000)
"""


def test_a_full_disk_leaves_no_part_of_the_lines_in_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "corpus/splits.csv"
    assert "OSError" in appended(path, FULL)
    assert not path.exists(), "an empty table would be refused for want of its first line"
    ledger.append(path, [b"story,split\n"])
    assert "OSError" in appended(path, FULL)
    assert path.read_bytes() == b"story,split\n"


def test_more_ledgers_than_a_process_may_open_are_appended_to(tmp_path: Path) -> None:
    code = """
resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
paths = [path.with_name(f"{number}.jsonl") for number in range(100)]
ledger.append_each((each, line) for line in (b"one\\n", b"two\\n") for each in paths)
"""
    assert appended(tmp_path / "articles/0.jsonl", code) == ""
    made = sorted((tmp_path / "articles").iterdir())
    assert [path.read_bytes() for path in made] == [b"one\ntwo\n"] * 100


@pytest.mark.parametrize(
    ("line", "file", "next_", "by"),
    [
        (["admit", "raw.jsonl"], "raw.jsonl", "the same command continues", signal.SIGINT),
        (["check"], "corpus/articles/p.jsonl", "the same command starts over", signal.SIGTERM),
        (["rights"], "corpus/articles/p.jsonl", "the same command starts over", signal.SIGINT),
    ],
)
def test_a_stop_is_clean_and_says_what_the_same_command_will_do(
    tmp_path: Path, line: list[str], file: str, next_: str, by: signal.Signals
) -> None:
    (tmp_path / "tmp").mkdir()
    fifo = tmp_path / file
    fifo.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(fifo)
    process = subprocess.Popen(
        [sys.executable, "-m", "onrecord", *line],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(HOME / "scripts"), "TMPDIR": str(tmp_path / "tmp")},
        stderr=subprocess.PIPE,
        text=True,
    )
    # Opening a pipe for writing returns when the command has opened it for reading.
    with fifo.open("wb") as pipe:
        pipe.write(b'{"id"')
        pipe.flush()
        process.send_signal(by)
    # The pipe is closed before the wait: a signal that comes just before Python enters a read is
    # handled only when the read returns.
    _, told = process.communicate(timeout=60)
    assert process.returncode == 128 + by, told
    assert next_ in told
    assert "Traceback" not in told
    assert not list((tmp_path / "tmp").iterdir())


def test_timeout_stops_a_command_that_is_just_ending_by_the_first_of_its_two_signals() -> None:
    code = """
import signal
from onrecord import __main__, cli

def twice(args):
    try:
        exec("signal.raise_signal(signal.SIGTERM)")
    except KeyboardInterrupt:
        signal.raise_signal(signal.SIGTERM)
        return cli.STOPPED

cli.run = twice
__main__.main()
"""
    told = python(code)
    assert (told.returncode, told.stderr) == (143, "")


@pytest.mark.parametrize(
    ("line", "module", "next_"),
    [
        ("hydrate", "onrecord.shelf.Shelf.__iter__", "the same command continues"),
        ("studio up", "onrecord.labelling.studio.up", "the same command starts over"),
        (
            "hydrate --dataset hub --from copies --out new",
            "onrecord.dataset.restore.restore",
            "the same command starts over",
        ),
        (
            "hydrate --dataset=hub --from=copies --out=new",
            "onrecord.dataset.restore.restore",
            "the same command starts over",
        ),
    ],
)
def test_a_stopped_verb_continues_or_starts_over_by_what_it_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, module: str, next_: str
) -> None:
    for name in ("corpus", "hub", "copies"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    monkeypatch.setattr(cli, "say", said.append)
    monkeypatch.setattr(module, Mock(side_effect=KeyboardInterrupt))
    assert cli.run(line.split()) == cli.STOPPED
    assert [next_ in told for told in said] == [True]


@pytest.mark.parametrize("error", ["UsageError('install it')", "OSError('gone')", "TypeError()"])
def test_what_fails_because_it_was_stopped_is_told_as_stopped(tmp_path: Path, error: str) -> None:
    """A library that is stopped while it is imported may say that it is not installed."""
    (tmp_path / "corpus").mkdir()
    code = f"""
import signal, sys
from onrecord import __main__
from onrecord.records import UsageError
from onrecord.quality import training

def train(*_):
    try:
        signal.raise_signal(signal.SIGTERM)
    except KeyboardInterrupt:
        raise {error} from None

training.train = train
sys.argv[1:] = ["train", "--out", "model", "--root", {str(tmp_path)!r}]
__main__.main()
"""
    told = python(code)
    assert told.stderr == "stopped; the same command starts over\n"
    assert told.returncode == 143


def test_a_second_ctrl_c_while_python_ends_is_no_trace() -> None:
    code = """
import atexit, os, signal
from onrecord import cli
cli.run = lambda args: cli.STOPPED
atexit.register(os.kill, os.getpid(), signal.SIGINT)
cli.main()
"""
    told = python(code)
    assert told.stderr == ""
    assert told.returncode == -signal.SIGINT  # which a shell tells as 130


def test_a_second_ctrl_c_while_the_first_is_answered_says_nothing_else() -> None:
    code = """
import signal
from onrecord import __main__, cli

def twice(args):
    try:
        signal.raise_signal(signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        signal.raise_signal(signal.SIGINT)
        signal.pause()

cli.run = twice
__main__.main()
"""
    told = python(code)
    assert told.stderr == ""
    assert told.returncode in (130, -signal.SIGINT)


def test_ctrl_c_while_the_command_is_imported_is_no_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from onrecord import __main__

    monkeypatch.setattr(cli, "main", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(SystemExit) as stop:
        __main__.main()
    assert stop.value.code == 130
    assert capsys.readouterr().err == "stopped before anything was done\n"


def test_ctrl_c_while_a_library_begins_crashes_nothing() -> None:
    """orjson imports modules while it sets itself up, and takes for granted that it gets them."""
    code = """
import signal, sys
from onrecord import __main__

class Stop:
    def find_spec(self, name, *_):
        if name == "orjson.orjson":
            sys.modules.pop("uuid", None)
        elif name == "uuid" and "orjson" in sys.modules:
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Stop())
__main__.main()
"""
    told = python(code)
    assert (told.returncode, told.stderr) == (130, "stopped before anything was done\n")


def test_a_wheel_carries_what_every_verb_needs(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    built = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps"),
            *("--no-build-isolation", "--wheel-dir", str(wheels), str(HOME)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.glob("*.whl")
    home = tmp_path / "site"
    subprocess.run([sys.executable, "-m", "zipfile", "-e", str(wheel), str(home)], check=True)
    assert not list(home.rglob("tests"))
    raw = tmp_path / "raw/tarrow-times"
    raw.mkdir(parents=True)
    (raw / "a.txt").write_text(STORY, "utf-8")

    def run(*args: str) -> None:
        onrecord(*args, cwd=tmp_path, env={"PYTHONPATH": str(home), "PYTHONSAFEPATH": "1"})

    run("convert", "raw", "--out", "a.jsonl")
    run("admit", "a.jsonl")
    run("hydrate", "--from", "raw")
    article = json.loads((tmp_path / "a.jsonl").read_text("utf-8"))
    (tmp_path / "corpus/annotators.csv").write_text(
        "id,kind,model,version,given\nann,person,,,the guidelines\n", "utf-8"
    )
    (tmp_path / "corpus/batches").mkdir()
    (tmp_path / "corpus/batches/one.csv").write_text(
        f"article,annotator\n{article['id']},ann\n", "utf-8"
    )
    row = Annotation(
        article_id=article["id"],
        text_sha256=article["text_sha256"],
        batch="one",
        annotator="ann",
        layers=["entities", "quotes", "stance"],
    )
    ledger.write(tmp_path / "corpus/annotations/one/ann.jsonl", [row])
    run("gold")
    run("check")
    run("build")
    run("check")
    version = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert f"onrecord-{version}-" in wheel.name


def test_convert_says_what_it_passes_over(tmp_path: Path) -> None:
    (tmp_path / "in" / "below").mkdir(parents=True)
    story = "The ferry is late\n\n" + "\n\n".join(
        f"The ferry to Kelso Quay was late on day {day}, and the harbour said why in a note."
        for day in range(1, 6)
    )
    for name in ("story.txt", "front.JPG", "below/back.jpg", "a.pdf", "below/NOTICE", ".hidden"):
        (tmp_path / "in" / name).write_text(story, encoding="utf-8")
    (tmp_path / "in" / "robots.txt").write_text("User-agent: *\nDisallow: /desk/\n", "utf-8")
    (tmp_path / "in" / "ferry").write_text("<!DOCTYPE html>\n<html><body>", "utf-8")
    told = onrecord("convert", "in", "--out", "a.jsonl", cwd=tmp_path)
    assert "1 article in a.jsonl" in told.stderr
    said = "4 files of other types skipped, by extension: 2 .jpg, 1 .pdf, 1 without one"
    assert said in told.stderr
    assert "\n  .pdf: make text of it (`pdftotext FILE`)\n" in told.stderr
    assert "1 file skipped that a site has for robots" in told.stderr
    assert "1 page skipped by name: let the names end in .html" in told.stderr


def test_convert_says_which_folders_it_takes_for_publishers(tmp_path: Path) -> None:
    for day in ("03", "04"):
        (tmp_path / "quay" / day).mkdir(parents=True)
        text = "\n\n".join(f"The ferry was late for the {n} day of {day}." for n in ("1st", "2nd"))
        (tmp_path / "quay" / day / "story.txt").write_text(f"The ferry is late\n\n{text}", "utf-8")
    told = onrecord("convert", "quay", "--out", "a.jsonl", cwd=tmp_path)
    assert "2 folders, each taken for a publisher: 03, 04\n" in told.stderr
    for more in (("quay", "--publisher", "Quay"), ("quay/03",)):
        told = onrecord("convert", *more, "--out", "a.jsonl", cwd=tmp_path)
        assert "taken for a publisher" not in told.stderr


def test_a_table_cuts_no_id_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """An id that is cut cannot be copied into the next line."""
    article = "brackwater-courier-1b919af98ca2"
    rows = [[article, 7, "a name that stands beside its cue and is not its speaker", "CC-BY-4.0"]]
    for width in (80, 60, 40):
        shown = io.StringIO()
        terminal = console.Screen(shown)
        terminal.is_terminal = True
        terminal.console = Console(
            file=shown, force_terminal=True, width=width, color_system=None, soft_wrap=True
        )
        monkeypatch.setattr(console, "out", terminal)
        console.table("", ["article", "at", "why", "licence"], rows)
        assert article in shown.getvalue()
        lines = [line.rstrip() for line in shown.getvalue().splitlines()]
        assert all(len(line) <= width for line in lines) == (width > 40)
        assert "CC-BY-4.0" in shown.getvalue()


def test_rights_before_anything_is_admitted_say_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    told = onrecord("rights", cwd=tmp_path)
    assert "no article is admitted yet; `onrecord admit FILE`" in told.stderr
    assert told.stdout == ""


def test_of_many_ids_a_message_names_ten() -> None:
    assert some([f"a{n}" for n in range(10)]).endswith("a8, a9")
    assert some([f"a{n}" for n in range(1210)]).endswith("a8, a9 and 1,200 more")


def test_no_more_than_fifty_problems_are_shown_and_the_others_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(console, "err", console.Screen(shown))
    problems = [
        Problem(file="a.jsonl", line=line, rule="schema", id="", message="no object")
        for line in range(1, 53)
    ]
    assert console.show_problems(problems[:50]) == 50
    assert "more" not in shown.getvalue()
    shown.truncate(shown.seek(0))
    assert console.show_problems(problems) == 52
    told = shown.getvalue().splitlines()
    assert [line.partition(": ")[0] for line in told[:-1]] == [f"a.jsonl:{n}" for n in range(1, 51)]
    assert told[-1] == "… and 2 more"
