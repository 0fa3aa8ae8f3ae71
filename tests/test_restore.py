"""A user who has the published folder and copies of their own, and nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset
from huggingface_hub import DatasetCard

import synthetic
from cli import onrecord
from onrecord.dataset import building, fields, folder, publish
from onrecord.dataset.restore import restore
from onrecord.labels import load
from onrecord.records import UsageError

CONFIGS = ["documents", "entities", "quotes", "stance", "annotations"]


def sheets() -> list[synthetic.Sheet]:
    """Two withheld articles, whose sources are pasted texts, among two that ship."""
    made = [
        synthetic.trams("withhold", "Closed Times", synthetic.story("test")),
        synthetic.weather(story=synthetic.story("train")),
        synthetic.harbour(story=synthetic.story("test", 1)),
        synthetic.weather("withhold", "Closed Times", synthetic.story("train", 1)),
    ]
    for sheet in made:
        sheet.article.dateline = "SKERROW"
        sheet.article.rights.attribution = "{headline}, by leave of the publisher, {url}"
        for segment in sheet.article.segments:
            segment.source = [segment.start, segment.end]
    return made


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """The dataset folder alone: its root is gone."""
    root = tmp_path / "root"
    built = building.build(synthetic.furnish(root, sheets())).folder
    return built.rename(tmp_path / "published")


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    path = tmp_path / "copies"
    path.mkdir()
    return path


def copy(folder: Path, sheet: synthetic.Sheet, name: str = "") -> Path:
    path = folder / (name or Path(sheet.article.source.file).name)
    path.write_text(sheet.article.text, "utf-8")
    return path


def tables(path: Path, tmp_path: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    found = {}
    for config in CONFIGS:
        loaded: Any = load_dataset(str(path), config, cache_dir=str(tmp_path / "cache"))
        found |= {(config, split): list(rows) for split, rows in loaded.items()}
    return found


def test_the_line_of_the_card_puts_a_text_back_with_every_row_that_needs_it(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    trams, _, _, other = sheets()
    copy(copies, trams)
    card = (published / "README.md").read_text("utf-8")
    (line,) = (line for line in card.splitlines() if line.startswith("onrecord hydrate"))
    words = line.replace("path/to/this/folder", "published").replace("my-copies/", "copies/")
    verb = words.split()
    told = onrecord(*verb[1:], cwd=tmp_path)
    assert "1 text restored, 1 still missing" in told.stderr
    source = other.article.source.url or Path(other.article.source.file).name
    assert f"missing: {other.article.id} (withhold; its source is {source})" in told.stderr

    whole = tables(tmp_path / "with-texts", tmp_path)
    (row,) = (r for r in whole["documents", "test"] if r["article_id"] == trams.article.id)
    assert row["text"] == trams.article.text
    assert row["text_available"] is True
    assert row["headline"] == trams.article.headline
    assert row["attribution"].startswith(f"{row['headline']}, by leave of the publisher, https://")
    (bare,) = (r for r in folder.rows(published, "documents", "test") if not r["text"])
    assert bare["attribution"].startswith("{headline}, by leave of the publisher, https://")
    assert row["release"] == "withhold"
    for mention in row["mentions"]:
        assert row["text"][mention["start"] : mention["end"]] == mention["text"] != ""
    for config in ("entities", "quotes", "stance"):
        mine = [r for r in whole[config, "test"] if r["article_id"] == trams.article.id]
        assert mine, config
    (handed,) = (r for r in whole["annotations", "test"] if r["article_id"] == trams.article.id)
    assert all(row["text"][s["start"] : s["end"]] == s["text"] for s in handed["spans"])

    before = tables(published, tmp_path)
    for key, rows in whole.items():
        kept = [r for r in rows if r["article_id"] != trams.article.id]
        assert kept == [r for r in before.get(key, []) if r["article_id"] != trams.article.id]


def test_it_is_what_a_build_with_that_text_to_ship_would_be(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    for sheet in sheets():
        copy(copies, sheet)
    told = restore(published, [copies], tmp_path / "whole")
    assert told.missing == []
    shipped = sheets()
    for sheet in shipped:
        sheet.article.rights.release = "ship"
    built = building.build(synthetic.furnish(tmp_path / "again", shipped))
    mine, wanted = (tables(p, tmp_path) for p in (told.folder, built.folder))
    assert mine.keys() == wanted.keys()
    # What the ledger keeps of a masked article: its credit and notes are gone, and its release
    # stays what it is.
    own = ("release", "credit", "note")
    columns = [field for every in fields.configs(load()).values() for field in every]
    assert {field.name for field in columns if "put back" in field.empty} == {"credit", "note"}
    for key, rows in mine.items():
        for row, other in zip(rows, wanted[key], strict=True):
            assert {k: v for k, v in row.items() if k not in own} == {
                k: v for k, v in other.items() if k not in own
            }
    credits = [
        list(csv.DictReader((each / "attribution.csv").read_text("utf-8").splitlines()))
        for each in (told.folder, built.folder)
    ]
    for line in (line for lines in credits for line in lines):
        line.pop("release")
    assert credits[0] == credits[1]
    names = [
        {p.relative_to(each).as_posix() for p in each.rglob("*") if p.is_file()}
        for each in (told.folder, built.folder)
    ]
    assert names[0] == names[1], "what lies beside the data is there, too"
    for path in (built.folder / "jsonl").glob("documents-*"):
        lines = (told.folder / "jsonl" / path.name).read_text("utf-8").splitlines()
        assert all(json.loads(line)["text"] for line in lines), path.name


def test_who_made_the_picture_is_restored_with_the_text(tmp_path: Path, copies: Path) -> None:
    """Also where the copy has more than the text, and is not converted to it."""
    sheet, credit = synthetic.trams("withhold", "Closed Times"), "  Ida Lund/Holmlight"
    caption = next(s for s in sheet.article.segments if s.role == "caption")
    for segment in sheet.article.segments:
        moved = len(credit) if segment.start > caption.end else 0
        segment.source = [segment.start + moved, segment.end + moved]
    text, at = sheet.article.text, caption.end
    path = copies / Path(sheet.article.source.file).name
    path.write_text(f"{text[:at]}{credit}{text[at:]}\n\nThe union votes again in May.", "utf-8")
    built = building.build(synthetic.furnish(tmp_path / "root", [sheet])).folder
    told = restore(built, [copies], tmp_path / "whole")
    assert told.restored == [sheet.article.id]
    (line,) = (told.folder / "jsonl").glob("documents-*")
    assert json.loads(line.read_text("utf-8"))["credit"] == ["Ida Lund/Holmlight"]


@pytest.mark.parametrize("where", ["name", "id", "content"])
def test_another_text_is_refused_and_named(
    published: Path, copies: Path, tmp_path: Path, where: str
) -> None:
    trams = sheets()[0]
    names = {"name": "", "id": f"{trams.article.id}.txt", "content": "saved.txt"}
    path = copy(copies, trams, names[where])
    path.write_text(trams.article.text.replace("is a bad tram", "is a good tram"), "utf-8")
    told = restore(published, [copies], tmp_path / "with-texts")
    assert told.restored == []
    assert [a.id for a in told.missing] == sorted(
        sheet.article.id for sheet in sheets() if sheet.article.rights.release == "withhold"
    )
    # By its source's name or the article's id it is known whose it should be, so it is told.
    expected = [] if where == "content" else [(trams.article.id, "hydrate.other-text")]
    assert [(p.id, p.rule) for p in told.problems] == expected
    rows = tables(told.folder, tmp_path)
    assert all(r["text"] == "" for r in rows["documents", "test"] if r["release"] == "withhold")
    assert "tram" not in {w for r in rows["entities", "test"] for w in r["tokens"]}


def test_a_copy_under_another_name_counts_by_its_content(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    trams = sheets()[0]
    copy(copies, trams, "what I saved.txt")
    assert restore(published, [copies], tmp_path / "out").restored == [trams.article.id]


def test_the_folder_says_what_it_is_and_cannot_be_published(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    copy(copies, sheets()[0])
    told = restore(published, [copies], tmp_path / "out")
    assert folder.damaged(told.folder) == []
    card = DatasetCard.load(told.folder / "README.md")
    assert card.text.lstrip().startswith("> **Not for publication.** 1 text")
    assert set(card.data.to_dict()["license"]) == {"cc-by-4.0", "other"}
    assert told.version != folder.version(published)
    assert {p.rule for p in publish.audit(told.folder)} == {"publish.withheld"}
    again = restore(published, [copies], tmp_path / "out")
    assert again.version == told.version


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("a file cut short", "published/documents/train.parquet: not the file that was built"),
        ("a file missing", "published/documents/train.parquet: missing"),
        ("no list of one", "published/documents/train.parquet: checksums.txt does not have it"),
        ("another list", "published/checksums.txt:2: not a line"),
        ("half a list", "published/checksums.txt:1: cut short"),
        ("a list in another encoding", "published/checksums.txt:1: not a line"),
        ("no card", "published/README.md: "),
        ("a card without its head", "published/README.md: "),
    ],
)
def test_a_damaged_folder_is_told_file_by_file(
    published: Path, copies: Path, tmp_path: Path, fault: str, says: str
) -> None:
    """As when a download stopped half-way: fewer rows would pass for the whole."""
    table, stated = published / "documents" / "train.parquet", published / "checksums.txt"
    lines = stated.read_text("utf-8").splitlines(keepends=True)
    if fault == "a file cut short":
        table.write_bytes(table.read_bytes()[:2000])
    elif fault == "a file missing":
        table.unlink()
    elif fault == "no list of one":
        stated.write_text("".join(line for line in lines if table.name not in line), "utf-8")
    elif fault == "another list":
        stated.write_text(lines[0] + "README.md\n", "utf-8")
    elif fault == "half a list":
        stated.write_text(lines[0][:-3], "utf-8")
    elif fault == "a list in another encoding":
        stated.write_text("".join(lines), "utf-16")
    elif fault == "no card":
        (published / "README.md").unlink()
    else:
        (published / "README.md").write_text("# A dataset\n", "utf-8")
    (tmp_path / "none.jsonl").touch()
    out = str(tmp_path / "out")
    verbs = [("hydrate", "--dataset", "published", "--from", "copies", "--out", out)]
    if "card" in fault:  # the others read no version
        verbs += [("diff", "published", "published")]
    else:
        verbs += [
            ("export", "--dataset", "published", "--format", "conll", "--out", out),
            ("evaluate", "published", "none.jsonl"),
        ]
    for verb in verbs:
        told = onrecord(*verb, cwd=tmp_path, code=1)
        assert says in told.stderr
        assert "build or download it again" in told.stderr
        assert "Traceback" not in told.stderr


def test_what_a_download_leaves_beside_the_data_is_not_taken_along(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    left = published / ".cache" / "huggingface" / "README.md.metadata"
    left.parent.mkdir(parents=True)
    left.write_text("made by a download\n", "utf-8")
    made = restore(published, [copies], tmp_path / "out").folder
    assert not (made / ".cache").exists()


def test_texts_that_were_restored_stay_where_the_next_copies_have_none(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    copy(copies, sheets()[0])
    made = restore(published, [copies], tmp_path / "out").folder
    before = folder.checksums(made)
    (tmp_path / "void").mkdir()
    line = ("hydrate", "--dataset", "published", "--from", "void", "--out", "out")
    told = onrecord(*line, cwd=tmp_path, code=1)
    assert "no text could be restored; out stays as it was" in told.stderr
    assert folder.checksums(made) == before
    assert not folder.damaged(made)


def test_the_dataset_itself_is_never_replaced(published: Path, copies: Path) -> None:
    copy(copies, sheets()[0])
    before = folder.checksums(published)
    with pytest.raises(UsageError, match="is the dataset itself"):
        restore(published, [copies], published)
    assert folder.checksums(published) == before
    assert not folder.damaged(published)


def test_a_build_does_not_take_restored_texts_away(
    published: Path, copies: Path, tmp_path: Path
) -> None:
    copy(copies, sheets()[-1])
    restore(published, [copies], tmp_path / "mine")
    before = folder.checksums(tmp_path / "mine")
    told = onrecord("build", "--out", str(tmp_path / "mine"), cwd=tmp_path / "root", code=2)
    assert "mine has texts that `onrecord hydrate --dataset` put back" in told.stderr
    restore(published, [copies], tmp_path / "mine")
    assert folder.checksums(tmp_path / "mine") == before


def test_used_wrongly_it_says_how(published: Path, copies: Path, tmp_path: Path) -> None:
    told = onrecord("hydrate", "--dataset", "published", cwd=tmp_path, code=2)
    assert "--from COPIES and --out NEW_FOLDER" in told.stderr
    with pytest.raises(UsageError, match="no dataset folder"):
        restore(copies, [copies], tmp_path / "out")
    (copies / "x.txt").write_text("x\n")
    with pytest.raises(UsageError, match="not a dataset made by"):
        restore(published, [copies], copies)
