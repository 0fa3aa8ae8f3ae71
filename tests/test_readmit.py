"""A converter that has learnt: what would differ, what it would break, and moving what stands."""

import io
import json
import re
import shlex
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.check.make import make_base
from cli import onrecord
from onrecord import atomic, ledger
from onrecord.articles import moves
from onrecord.articles.admit import Readmitted
from onrecord.ledger import House
from onrecord.records import Adjudication, Annotation, Link, Span
from onrecord.shelf import Shelf
from onrecord.text import sha256
from onrecord.verbs import admit

OLD = (
    "Bridge over the Tarrow opens\n\n"
    "The café on the bridge opened on Monday, and everybody came to see it.\n\n"
    "“It is ours,” said Inés Calder, who had waited nine years for the day.\n\n"
    "The river stayed where it was, and so did most of the ducks on it."
)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article that was admitted, labelled and settled. Not to be changed."""
    base = tmp_path_factory.mktemp("labelled")
    (base / "corpus").mkdir()
    (base / "corpus/rights.csv").write_text(
        "pattern,licence,release,basis,attribution\n*,CC0-1.0,ship,a test,\n", "utf-8"
    )
    (base / "corpus/annotators.csv").write_text(
        "id,kind,model,version,given\nann,person,,,the guidelines\n", "utf-8"
    )
    (base / "tarrow-times").mkdir()
    write(base, OLD)
    onrecord("admit", "articles.jsonl", cwd=base)
    (article,) = admitted(base)
    batch = base / "corpus/batches/one.csv"
    batch.parent.mkdir()
    batch.write_text(f"article,annotator\n{article['id']},ann\n", "utf-8")

    def span(name: str, label: str, words: str) -> Span:
        start = OLD.index(words)
        return Span(id=name, label=label, start=start, end=start + len(words))

    row = Annotation(
        article_id=article["id"],
        text_sha256=sha256(OLD),
        batch="one",
        annotator="ann",
        layers=["entities", "quotes", "stance"],
        spans=[
            span("q", "QUOTE", "“It is ours,”"),
            span("c", "CUE", "said"),
            span("p", "PERSON", "Inés Calder"),
        ],
        links=[Link(from_="p", to="q", role="speaker"), Link(from_="q", to="c", role="cue")],
    )
    ledger.write(base / "corpus/annotations/one/ann.jsonl", [row])
    onrecord("gold", cwd=base)
    onrecord("check", cwd=base)
    return base


@pytest.fixture
def root(labelled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(labelled, tmp_path, dirs_exist_ok=True)


def write(root: Path, text: str) -> None:
    """As if the converter had learnt: the same source, converted to this text."""
    source = root / "tarrow-times/bridge.txt"
    source.write_text(text, "utf-8")
    onrecord("convert", "tarrow-times", "--out", "articles.jsonl", cwd=root)
    row = json.loads((root / "articles.jsonl").read_text("utf-8"))
    row["source"]["sha256"] = sha256("the source that did not change")
    row["source"]["bytes"] = 1
    (root / "articles.jsonl").write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")


def admitted(root: Path) -> list[dict[str, Any]]:
    path = root / "corpus/articles/tarrow-times.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def annotation(root: Path) -> Annotation:
    (row,) = ledger.read(root / "corpus/annotations/one/ann.jsonl", Annotation)
    return row


def test_of_two_other_texts_of_an_article_the_first_is_taken(root: Path) -> None:
    """Labels moved to the one would be taken for labels of the admitted text and moved again."""
    write(root, OLD.replace("The café", "On the quay, the café"))
    first = (root / "articles.jsonl").read_text("utf-8")
    write(root, OLD.replace("everybody", "each and everybody"))
    second = (root / "articles.jsonl").read_text("utf-8")
    (root / "articles.jsonl").write_text(first + first + second, "utf-8")
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert "0 articles admitted, 1 were known, 1 refused" in told.stderr
    assert "1 readmitted with a new text" in told.stderr
    assert "admit.text-changed" in told.stderr
    article = admitted(root)[-1]
    row = annotation(root)
    assert row.text_sha256 == article["text_sha256"]
    words = [article["text"][span.start : span.end] for span in row.spans]
    assert words == ["“It is ours,”", "said", "Inés Calder"]


@pytest.mark.parametrize(
    "change",
    [
        (
            "\n\nThe river stayed",
            "\n\nAn extra paragraph that was cut before stands here.\n\nThe river stayed",
        ),
        ("\n\nThe café on the bridge opened on Monday, and everybody came to see it.", ""),
        ("waited nine years for the day", "waited ten long years for it"),
        ("Bridge over the Tarrow opens", "The bridge over the Tarrow opens at last"),
    ],
    ids=[
        "a paragraph more",
        "a paragraph less",
        "an edit beside",
        "another headline, so another id",
    ],
)
def test_labels_move_along_where_their_words_stand(root: Path, change: tuple[str, str]) -> None:
    before = annotation(root)
    new = OLD.replace(*change)
    write(root, new)
    onrecord("admit", "articles.jsonl", cwd=root, code=1)
    assert annotation(root) == before, "without --readmit nothing moves"
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root)
    assert "1 readmitted" in told.stderr
    first, second = admitted(root)
    assert first["id"] == second["id"]
    assert second["text"] == new
    row = annotation(root)
    words = {s.id: new[s.start : s.end] for s in row.spans}
    assert words == {"q": "“It is ours,”", "c": "said", "p": "Inés Calder"}
    assert row.links == before.links
    assert row.text_sha256 == sha256(new)
    onrecord("gold", cwd=root)
    onrecord("check", cwd=root)
    files = {p: p.read_bytes() for p in (root / "corpus").rglob("*.*")}
    onrecord("admit", "articles.jsonl", "--readmit", cwd=root)
    assert {p: p.read_bytes() for p in (root / "corpus").rglob("*.*")} == files


def test_annotations_are_read_and_written_once_for_all_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_base(tmp_path, texts=True)
    house = House(tmp_path)
    shelf = Shelf(house)
    decided = {
        row.article_id
        for path in house.adjudications.glob("*.jsonl")
        for row in ledger.read(path, Adjudication)
    }
    files = sorted(house.annotations.glob("*/*.jsonl"))
    rows = [row for path in files for row in ledger.read(path, Annotation)]
    ids = sorted({row.article_id for row in rows} - decided)
    assert len(ids) > 1
    texts = {key: shelf.article(key).text for key in ids}
    outcomes = [
        Readmitted(
            msgspec.structs.replace(shelf.record(key), text="", text_sha256=sha256(text + " End.")),
            moves.Moves(text, text + " End."),
        )
        for key, text in texts.items()
    ]
    written = list[Path]()
    replacing = atomic.replacing

    def write(path: Path) -> AbstractContextManager[io.BufferedWriter]:
        written.append(path)
        return replacing(path)

    monkeypatch.setattr(atomic, "replacing", write)
    told = admit._written(house, outcomes, shelf)
    assert told.moved == len(ids)
    assert written
    assert written == sorted(set(written)), "each file once"
    after = [row for path in files for row in ledger.read(path, Annotation)]
    assert [row.spans for row in after] == [row.spans for row in rows]
    assert {
        row.article_id
        for row in after
        if row.text_sha256 == sha256(texts.get(row.article_id, "") + " End.")
    } == set(ids)


def test_a_text_that_would_break_a_label_is_refused(root: Path) -> None:
    files = {p: p.read_bytes() for p in (root / "corpus").rglob("*.*")}
    write(root, OLD.replace("Inés Calder", "Ines Calder"))
    told = onrecord("convert", "tarrow-times", "--against", "corpus/articles", cwd=root)
    assert "1 differ" in told.stderr or "1 are not admitted" in told.stderr
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert "admit.breaks-annotations" in told.stderr
    assert "one/ann: PERSON" in told.stderr
    assert {p: p.read_bytes() for p in (root / "corpus").rglob("*.*")} == files


def test_against_shows_what_would_differ_and_break(root: Path) -> None:
    # The same headline and first paragraph, so the same id.
    (root / "tarrow-times/bridge.txt").write_text(OLD.replace("Inés", "Ines"), "utf-8")
    told = onrecord("convert", "tarrow-times", "--against", "corpus/articles", cwd=root)
    assert "+“It is ours,” said Ines Calder" in told.stdout
    assert re.search(r"one/ann: 1 label would break: PERSON \d+-\d+", told.stdout)
    assert "0 the same, 1 differ" in told.stderr
    assert "--readmit" not in told.stderr
    (root / "tarrow-times/bridge.txt").write_text(OLD.replace("nine years", "ten years"), "utf-8")
    told = onrecord("convert", "tarrow-times", "--against", "corpus/articles", cwd=root)
    assert "1 of those that differ would keep every label" in told.stderr


def test_against_a_corpus_that_is_a_link_to_a_folder_of_another_name(root: Path) -> None:
    (root / "corpus").rename(root / "disk")
    (root / "corpus").symlink_to("disk")
    told = onrecord("convert", "tarrow-times", "--against", "corpus/articles", cwd=root)
    assert "1 the same" in told.stderr


def test_explain_shows_each_line_with_its_rule(root: Path) -> None:
    path = root / "tarrow-times/bridge.txt"
    path.write_text("We use cookies to count readers.\nAccept all\n\n" + OLD, "utf-8")
    told = onrecord("convert", "--explain", "tarrow-times/bridge.txt", cwd=root).stdout
    assert re.search(r"^- cookies +We use cookies to count readers\.$", told, re.M)
    assert re.search(r"^\+ headline +Bridge over the Tarrow opens$", told, re.M)
    assert "cookies: a cookie notice" in told


def test_rights_say_what_may_be_published(root: Path) -> None:
    told = json.loads(onrecord("rights", "--format", "json", cwd=root).stdout)
    assert told["rights"] == [
        {
            "publisher": "tarrow-times",
            "release": "ship",
            "licence": "CC0-1.0",
            "basis": "a test",
            "articles": 1,
            "with_text": 1,
        }
    ]


PARAGRAPHS = st.lists(
    st.sampled_from(["One two three.", "Four “five” six.", "é 🇳🇴 eight.", "Nine."])
)


@given(PARAGRAPHS, PARAGRAPHS, st.data())
def test_what_moves_says_the_same_in_the_new_text(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    before, after = "\n\n".join(old), "\n\n".join(new)
    if not before:
        return
    start = data.draw(st.integers(0, len(before) - 1))
    end = data.draw(st.integers(start + 1, len(before)))
    span = Span(id="a", label="PERSON", start=start, end=end)
    moved = moves.Moves(before, after).span(span)
    if moved is not None:
        assert after[moved.start : moved.end] == before[start:end]
    if before == after and "\n" not in before[start:end]:
        assert moved == span


def test_rights_that_came_late_are_taken_over(root: Path) -> None:
    """Somebody who admits before rights.csv is written is not stuck with texts withheld."""
    rights = root / "corpus/rights.csv"
    rows = rights.read_text("utf-8")
    (root / "corpus/articles/tarrow-times.jsonl").unlink()
    rights.unlink()
    onrecord("admit", "articles.jsonl", cwd=root)
    assert [row["text"] for row in admitted(root)] == [""]
    rights.write_text(rows, "utf-8")
    assert "--readmit" in onrecord("admit", "articles.jsonl", cwd=root).stderr
    assert "rights.stale" in onrecord("check", cwd=root, code=1).stderr
    for _ in range(2):  # and once more: nothing is added
        onrecord("admit", "articles.jsonl", "--readmit", cwd=root)
        assert [row["text"] for row in admitted(root)] == ["", OLD]
    assert "without their text" not in onrecord("check", cwd=root).stderr
    rights.write_text(rows.replace("ship", "withhold"), "utf-8")
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert "admit.rights-narrowed" in told.stderr
    assert len(admitted(root)) == 2


def test_permission_taken_back_names_the_line_to_type(root: Path) -> None:
    """A text that lies in the corpus leaves it only with its article, and the line works."""
    rights = root / "corpus/rights.csv"
    rights.write_text(rights.read_text("utf-8").replace("ship", "withhold"), "utf-8")
    (article,) = admitted(root)
    line = f'onrecord withdraw {article["id"]} --reason "permission taken back"'
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert line in " ".join(told.stderr.split())
    assert line in onrecord("rights", cwd=root).stderr
    onrecord(*shlex.split(line)[1:], cwd=root)
    assert not (root / "corpus/articles/tarrow-times.jsonl").exists()
    assert "withdraw" not in onrecord("rights", cwd=root).stderr


def test_a_changed_text_does_not_pass_by_narrowed_rights(root: Path) -> None:
    """The admitted text would stay in an older line of the ledger."""
    rights = root / "corpus/rights.csv"
    rights.write_text(rights.read_text("utf-8").replace("ship", "withhold"), "utf-8")
    (article,) = admitted(root)
    write(root, OLD + " And more.")
    told = onrecord("admit", "articles.jsonl", "--readmit", cwd=root, code=1)
    assert "admit.rights-narrowed" in told.stderr
    assert admitted(root) == [article]
