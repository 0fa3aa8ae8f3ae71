"""The dataset for other tools: what a format can hold comes back, what it cannot is told."""

from __future__ import annotations

import errno
import importlib.util
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic
from cli import onrecord
from onrecord import ledger
from onrecord.dataset import building, exports, folder, views
from onrecord.labels import LAYERS, load
from onrecord.records import DataError, UsageError
from parts import missing


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("root")
    half = synthetic.harbour("ship", "Coast Paper", synthetic.story("validation", 1))
    sheets = [*synthetic.sample(), half]
    house = synthetic.furnish(root, sheets, hydrate=["fetch"])
    golds = [s.gold(["entities"] if s is half else LAYERS) for s in sheets]
    golds[-1].quotes, golds[-1].stances = [], []
    golds.sort(key=lambda gold: gold.article_id)
    ledger.write(house.gold / "b1.jsonl", golds)
    return building.build(house).folder


@pytest.fixture(scope="module")
def spacy_there() -> None:
    if importlib.util.find_spec("spacy") is None:
        missing("spaCy", 'pip install "onrecord[models]"')


# --- CoNLL --------------------------------------------------------------------------------------


def in_words(row: dict[str, Any]) -> dict[str, Any]:
    names = exports.tag_classes()
    kept = {key: row[key] for key in ("article_id", "id", "start", "tokens", "offsets")}
    return kept | {c: [names[c][i] for i in row[c]] for c in exports.TAGS}


def test_conll_gives_back_tokens_offsets_and_tags(dataset: Path, tmp_path: Path) -> None:
    told = exports.export(dataset, "conll", tmp_path / "conll")
    assert [name for name, _ in told.files] == ["train.conll", "validation.conll", "test.conll"]
    with (told.folder / "test.conll").open(encoding="utf-8") as file:
        named = next(file).removeprefix("# global.columns = ").split()
        token = next(line for line in file if "\t" in line).split("\t")
    assert [name.partition(":")[2] or name for name in named] == [
        *("ID", "FORM", "START", "END"),
        *(column.removesuffix("_tags").upper() for column in exports.TAGS),
    ]
    assert len(named) == len(token)
    for split in ("train", "validation", "test"):
        rows = [in_words(row) for row in folder.rows(dataset, "entities", split)]
        assert list(exports.read_conll(told.folder / f"{split}.conll")) == rows


def test_conll_tags_are_the_spans_of_the_outermost_labels(dataset: Path, tmp_path: Path) -> None:
    told = exports.export(dataset, "conll", tmp_path / "conll")
    rows = list(exports.read_conll(told.folder / "train.conll"))
    found = [s for row in rows for s in views.tagged_spans(row["offsets"], row["ner_tags"])]
    known, wanted = load(), []
    for split, _, gold in folder.documents(dataset, known):
        if split == "train":
            names = [m for m in gold.mentions if known.spans[m.type].family == "name"]
            wanted += views.outermost((m.start, m.end, m.type) for m in names)
    assert found == wanted
    assert len(found) > 10


def test_conll_says_what_it_leaves_out(dataset: Path, tmp_path: Path) -> None:
    arguments = ("export", "--format", "conll", "--dataset", str(dataset), "--out", "conll")
    told = onrecord(*arguments, cwd=tmp_path).stderr
    lost = [line.removeprefix("not in it: ") for line in told.splitlines()]
    assert lost == [
        "1 article without its text",
        "2 names inside other names",
        "6 pronouns and noun phrases",
        "32 entities (which mentions are the same)",
        "2 quotes inside other quotes",
        "18 links of a quote to speaker, addressee and cue",
        "8 stances",
    ]
    lines = (tmp_path / "conll" / "train.conll").read_text("utf-8").splitlines()
    assert {len(line.split("\t")) for line in lines if line and line[0] != "#"} == {7}


def test_a_layer_that_was_not_labelled_is_no_row_of_o(dataset: Path, tmp_path: Path) -> None:
    told = exports.export(dataset, "conll", tmp_path / "conll")
    rows = {r["id"]: r for r in exports.read_conll(told.folder / "validation.conll")}
    part = [r for r in rows.values() if not r["quote_tags"]]
    assert part
    assert all(r["ner_tags"] for r in part)
    assert "\t_\t_\t" in (told.folder / "validation.conll").read_text("utf-8")


@given(st.lists(st.sampled_from(["#", "#x", "=", "“", "🇳🇴", "_", "O"]), min_size=1))
def test_no_token_is_taken_for_a_comment(tokens: list[str]) -> None:
    """Not by other readers either, to whom every line that begins with # is one."""
    row = {"article_id": "a", "id": "a-p0", "start": 0, "tokens": tokens}
    row["offsets"] = [[n, n + 1] for n in range(len(tokens))]
    row |= {column: [0] * len(tokens) for column in exports.TAGS}
    write, _ = exports.FORMS["conll"]
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.object(folder, "splits", return_value=["train"]),
        mock.patch.object(folder, "rows", return_value=[row]),
    ):
        assert list(write(Path(scratch), "train", Path(scratch))) == [("train.conll", 1)]
        path = Path(scratch, "train.conll")
        lines = path.read_text("utf-8").split("\n")
        read = [line.split("\t")[1] for line in lines if line and not line.startswith("#")]
        (back,) = exports.read_conll(path)
    assert back["tokens"] == read == tokens


def test_a_file_that_is_cut_short_is_an_error(dataset: Path, tmp_path: Path) -> None:
    told = exports.export(dataset, "conll", tmp_path / "conll")
    path = told.folder / "train.conll"
    text = path.read_text("utf-8")
    path.write_text(text[:-1], "utf-8")
    with pytest.raises(DataError, match="cut short"):
        list(exports.read_conll(path))
    path.write_text(text[: text.index("\t")] + text[text.index("\t") + 1 :], "utf-8")
    with pytest.raises(DataError, match=r"conll:5: not a line of 7 columns"):
        list(exports.read_conll(path))


# --- spaCy --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("spacy_there")
def test_spacy_gives_back_text_gold_and_every_span(dataset: Path, tmp_path: Path) -> None:
    told = exports.export(dataset, "spacy", tmp_path / "spacy")
    assert told.lost == ["1 article without its text"]
    assert [name for name, _ in told.files] == [
        "train/00000.spacy",
        "validation/00000.spacy",
        "test/00000.spacy",
    ]
    known = load()
    kept = {
        article.id: (article, gold)
        for _, article, gold in folder.documents(dataset, known)
        if article.text
    }
    seen = 0
    for doc, gold in exports.read_spacy(told.folder):
        article, wanted = kept.pop(gold.article_id)
        assert doc.text == article.text
        assert gold == wanted
        spans = {
            name: [(s.id_, s.label_, s.start_char, s.end_char) for s in doc.spans[name]]
            for name in ("mentions", "quotes", "cues", "stances")
        }
        assert spans == {
            "mentions": [(m.id, m.type, m.start, m.end) for m in gold.mentions],
            "quotes": [(q.id, q.type, s, e) for q in gold.quotes for s, e in q.spans],
            "cues": [(q.id, "cue", s, e) for q in gold.quotes for s, e in q.cue],
            "stances": [(x.id, x.polarity, s, e) for x in gold.stances for s, e in x.evidence],
        }
        names = [m for m in gold.mentions if known.spans[m.type].family == "name"]
        assert [(e.start_char, e.end_char, e.label_) for e in doc.ents] == views.outermost(
            (m.start, m.end, m.type) for m in names
        )
        seen += 1
    assert seen == 6
    assert not kept


@pytest.mark.usefixtures("spacy_there")
def test_spacy_carries_the_wikidata_id(dataset: Path, tmp_path: Path) -> None:
    from spacy.vocab import Vocab

    sheet = synthetic.weather()
    gold = sheet.gold()
    gold.entities[0].kb_id = "Q42"
    doc = exports.doc_of(sheet.article, gold, load(), Vocab())
    assert {e.text: e.kb_id_ for e in doc.ents} == {"Storm Hedda": "Q42", "Skerrow": ""}


# --- both ---------------------------------------------------------------------------------------


@pytest.mark.usefixtures("spacy_there")
def test_the_same_dataset_gives_the_same_bytes(dataset: Path, tmp_path: Path) -> None:
    """DocBin collects its strings in a set, whose order another process has otherwise."""
    seen = []
    for seed in ("1", "2"):
        arguments = ("export", "--format", "spacy", "--dataset", str(dataset), "--out", "out")
        onrecord(*arguments, cwd=tmp_path, env={"PYTHONHASHSEED": seed})
        files = (p for p in (tmp_path / "out").rglob("*") if p.is_file())
        seen.append({p.name: p.read_bytes() for p in files})
    assert seen[0] == seen[1]


def test_used_wrongly_it_says_how(dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conll or spacy"):
        exports.export(dataset, "brat", tmp_path / "out")
    with pytest.raises(UsageError, match="no dataset folder"):
        exports.export(tmp_path, "conll", tmp_path / "out")
    with pytest.raises(UsageError, match="holds something else"):
        exports.export(dataset, "conll", dataset)


def test_an_export_that_fails_leaves_the_old_one(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    exports.export(dataset, "conll", out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def full(_dataset: Path, _split: str, part: Path) -> list[tuple[str, int]]:
        (part / "train.conll").write_text("half of it")
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setitem(exports.FORMS, "conll", (full, ()))
    with pytest.raises(OSError, match="no space"):
        exports.export(dataset, "conll", out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_second_export_is_refused_while_the_first_writes(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, cannot = exports.FORMS["conll"]

    def meanwhile(*args: Any) -> Iterator[tuple[str, int]]:
        with pytest.raises(UsageError, match="another command is writing"):
            exports.export(dataset, "spacy", tmp_path / "out")
        yield from write(*args)

    monkeypatch.setitem(exports.FORMS, "conll", (meanwhile, cannot))
    made = exports.export(dataset, "conll", tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        name for name, _ in made.files
    )
