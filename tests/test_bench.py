"""The bench: its measure on cases counted by hand, and a run on the bundled pages."""

import json
import math
from pathlib import Path

import pytest

import synthetic
from cli import onrecord
from onrecord import bench
from onrecord.labelling import bench as push_bench
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


def test_a_build_is_timed_beside_the_tables_alone(tmp_path: Path) -> None:
    synthetic.furnish(tmp_path, synthetic.sample())
    told = onrecord("bench", "build", "9", "--format", "json", cwd=tmp_path)
    (row,) = json.loads(told.stdout)
    assert row["documents"] == 9
    assert row["rows"] > 9 * 3, "documents, paragraphs, annotations"
    assert row["seconds"] > row["tables"] > 0
    assert row["memory"] > 50
    assert not (tmp_path / "build" / "hub").exists()


def test_a_push_that_is_cut_short_ends_with_every_task_once(studio_root: Path) -> None:
    """The small version of `onrecord bench push`; nothing is timed here."""
    told = push_bench.measure(80, 2, 1, lambda _: None, like=studio_root)
    assert (told.tasks, told.doubled, told.suggestions) == (80, 0, 80)
    assert told.answers == told.pulled == 20
