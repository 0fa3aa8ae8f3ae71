"""The bench: its measure on cases counted by hand, and a run on the bundled pages."""

import json
import math
import os
import signal
from pathlib import Path

import pytest

from cli import onrecord
from onrecord import ledger
from onrecord.articles import bench
from onrecord.gold import documents
from onrecord.labelling import bench as push_bench
from onrecord.pace import documents as pace_documents
from onrecord.pace import stages as pace
from onrecord.quality import check
from onrecord.records import Article
from onrecord.verbs import bench as verb
from parts import HOME


@pytest.mark.parametrize(
    ("truth", "found", "precision", "recall"),
    [
        ("a b c d e", "a b c d e", 1, 1),
        ("a b c d e", "", math.nan, 0),
        # grams: abcd bcde | abcd bcdx: one hit, one extra, one lost
        ("a b c d e", "a b c d x", 1 / 2, 1 / 2),
        # abcd bcde cdef | abcd: one hit, two lost
        ("a b c d e f", "a b c d", 1, 1 / 3),
        ("a b", "a b", 1, 1),
        ("a b", "x y", 0, 0),
    ],
)
def test_overlap_by_hand(truth: str, found: str, precision: float, recall: float) -> None:
    got = bench.overlap(truth, found)
    for value, want in zip(got, (precision, recall), strict=True):
        assert (math.isnan(value) and math.isnan(want)) or value == pytest.approx(want)


def test_means_leave_out_what_the_measure_leaves_out() -> None:
    p, r, f1 = bench.means([(1.0, 0.5), (float("nan"), 0.0)])
    assert (p, r) == (1.0, 0.25)
    assert f1 == pytest.approx(0.4)


def test_a_run_on_the_bundled_pages(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    rows = []
    for case in sorted((HOME / "tests/cases/convert").glob("*.json")):
        want = json.loads(case.read_text("utf-8"))
        if want["source"].endswith(".html"):
            (pages / f"{case.stem}.html").write_bytes((HOME / want["source"]).read_bytes())
            kept = [s["text"] for s in want["segments"] if s["role"] not in ("headline", "caption")]
            rows.append({"id": case.stem, "text": "\n\n".join(kept)})
    truth = tmp_path / "truth.jsonl"
    truth.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    told = onrecord("bench", "convert", "pages", "truth.jsonl", "--format", "json", cwd=tmp_path)
    scores = {row["name"]: row for row in json.loads(told.stdout)}
    assert scores["onrecord"]["f1"] == pytest.approx(1)
    assert 0 < scores["trafilatura"]["f1"] < 1
    assert scores["trafilatura"]["per_second"] > 0
    truth.write_text('{"id": "gone", "text": ""}\n', "utf-8")
    told = onrecord("bench", "convert", "pages", "truth.jsonl", cwd=tmp_path, code=2)
    assert "no page for gone" in told.stderr


def test_a_run_tells_what_died_from_what_is_not_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> bench.Extract:
        raise ModuleNotFoundError("absent")

    def deadly() -> bench.Extract:
        return lambda markup: os.kill(os.getpid(), signal.SIGKILL) or markup

    monkeypatch.setattr(
        bench,
        "PASTED",
        {"absent": absent, "deadly": deadly, "whole": bench.PASTED["everything kept"]},
    )
    (tmp_path / "a.txt").write_text("Rain fell on Tarn Hill.\n", "utf-8")
    truth = tmp_path / "truth.jsonl"
    truth.write_text('{"id": "a", "text": "Rain fell on Tarn Hill."}\n', "utf-8")
    scores = bench.convert(tmp_path, truth, lambda documents: [None for _ in documents])
    assert [(score.name, score.f1, score.memory > 10) for score in scores] == [
        ("onrecord", 0, True),
        ("absent (not installed: onrecord[bench])", 0, False),
        ("deadly (its process died: SIGKILL)", 0, False),
        ("whole", 1, True),
    ]
    shown: list[list[str]] = []
    monkeypatch.setattr(verb, "table", lambda title, columns, rows: shown.extend(rows))
    verb.convert(tmp_path, truth)
    assert [set(row[1:]) == {"–"} for row in shown] == [False, True, True, False]


def test_every_stage_is_paced_over_copies(tmp_path: Path) -> None:
    told = onrecord("bench", "--sizes", "40", "--format", "json", cwd=HOME)  # `scale`, if alone
    rows = {row["stage"]: row for row in json.loads(told.stdout)}
    assert list(rows) == list(pace.STAGES)
    for row in rows.values():
        assert row["documents"] == 40
        assert row["seconds"] > 0
        assert row["memory"] > 10
        assert (row["beside"] > 0) == bool(row["yardstick"])
    by_jobs = [stage for stage, row in rows.items() if row["jobs"] == 2]
    assert by_jobs == ["convert-two-jobs", "convert-local", "check"]
    told = onrecord("bench", "scale", "--sizes", "1k", cwd=tmp_path, code=2)
    assert "not numbers" in told.stderr
    told = onrecord("bench", "scale", "--sizes", "5", cwd=tmp_path, code=2)
    assert "no labelled article that ships" in told.stderr


def test_a_stage_that_fails_is_a_row_and_the_others_are_measured(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: Path) -> tuple[int, float]:
        raise AssertionError("unreachable, for a local function cannot be sent")

    monkeypatch.setitem(pace.STAGES, "gold", pace.Stage(broken))
    lines: list[str] = []
    stages = ["gold", "check-schema"]
    told = list(pace.measure(ledger.House(HOME), [40], stages, lines.append))
    assert [(row.stage, bool(row.fault)) for row in told] == [
        ("gold", True),
        ("check-schema", False),
    ]
    assert "gold: failed" in lines[1]


def test_targets_are_met_or_missed_by_the_largest_size() -> None:
    def of(stage: str, documents: int, seconds: float, memory: float, beside: float) -> pace.Pace:
        return pace.Pace(
            stage=stage,
            documents=documents,
            seconds=seconds,
            memory=memory,
            yardstick="least",
            beside=beside,
        )

    told = [
        of("check", 10, 1.0, 50, 0.1),
        of("check", 100, 10.0, 50, 3.0),
        of("gold", 10, 1.0, 50, 0.1),
        of("gold", 100, 10.0, 50, 0.1),
        of("gold", 1000, 130.0, 60, 0.1),
        of("convert-text", 100, 0.05, 50, 0.0),
        of("convert-text", 1000, 2.0, 50, 0.0),
    ]
    found = {t.what: (round(t.value, 2), t.met) for t in pace.targets(told)}
    assert found == {
        "convert-text, 1,000: documents per second of one core": (500.0, False),
        "check, 100: share of least": (0.3, True),
        "check: time of a document, 100 over 10": (1.0, True),
        "check: memory, 100 over 10": (1.0, True),
        "gold: time of a document, 1,000 over 10": (1.3, False),
        "gold: memory, 1,000 over 100": (1.2, True),
    }


def test_copies_are_sound_alike_in_shape_and_other_in_words(tmp_path: Path) -> None:
    house = ledger.House(HOME)
    made = ledger.House(tmp_path)
    pace_documents.write(house, made, 80)
    first = (made.articles / "copies.jsonl").read_bytes()
    assert documents.make(made, "b000000").rows == 80
    assert list(check.ledgers(made, check.Tally())) == []
    shapes = pace_documents.shapes(house)
    copies = list(ledger.read(made.articles / "copies.jsonl", Article))
    again = copies[len(shapes)]
    assert shapes[0].article.segments == again.segments
    assert copies[0].text == shapes[0].article.text
    words = [set(a.text.split()) for a in (copies[0], again)]
    assert len(words[0] & words[1]) < 0.6 * len(words[0])
    pace_documents.write(house, made, 80)
    assert (made.articles / "copies.jsonl").read_bytes() == first


def test_a_push_that_is_cut_short_ends_with_every_task_once(studio_root: Path) -> None:
    """The small version of `onrecord bench push`; nothing is timed here."""
    told = push_bench.measure(80, 2, 1, lambda _: None, like=studio_root)
    assert (told.tasks, told.doubled, told.suggestions) == (80, 0, 80)
    assert told.answers == told.pulled == 20
