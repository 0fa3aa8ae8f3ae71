"""What a build makes of a corpus: what is in the folder, what is left out, and what is refused."""

from __future__ import annotations

import hashlib
import re
import shutil
from pathlib import Path

import msgspec
import pytest
from datasets import load_dataset

import synthetic
from cli import onrecord
from onrecord import labels, ledger
from onrecord.dataset import building, card, folder
from onrecord.dataset.folder import rows as rows_of
from onrecord.quality import stale
from onrecord.records import Article, DataError, UsageError
from onrecord.shelf import Shelf

pytestmark = pytest.mark.usefixtures("offline")


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rewrite_gold(house: ledger.House, sheets: list[synthetic.Sheet], batch: str = "b1") -> None:
    ledger.write(house.gold / f"{batch}.jsonl", [sheet.gold() for sheet in sheets])


def test_a_withheld_text_stays_away_even_where_it_is_at_hand(tmp_path: Path) -> None:
    closed = synthetic.trams("withhold", "Closed Times", synthetic.story("train"))
    house = synthetic.furnish(tmp_path, [closed, synthetic.weather()], hydrate=["withhold"])
    assert Shelf(house).article(closed.article.id).text
    report = building.build(house)
    assert report.without_text == [closed.article.id]
    rows = [
        row
        for config, split, _ in report.rows
        for row in rows_of(report.folder, config, split)
        if row["article_id"] == closed.article.id
    ]
    assert len(rows) == 2  # in documents and annotations alone
    assert rows[0]["text_available"] is False
    files = b"".join(p.read_bytes() for p in report.folder.rglob("*.[!p]*") if p.is_file())
    assert "is hard" not in str(rows)  # a note cites the text
    for word in ("bad tram", "coffin", "She had"):
        assert word not in str(rows)
        assert word.encode() not in files


def test_an_open_text_that_is_not_at_hand_is_told(tmp_path: Path) -> None:
    sheet = synthetic.harbour("fetch", "Example News", synthetic.story("train"))
    house = synthetic.furnish(tmp_path, [sheet])
    report = building.build(house)
    assert report.without_text == [sheet.article.id]
    assert [row[:2] for row in report.rows] == [("documents", "train"), ("annotations", "train")]
    told = onrecord("build", cwd=tmp_path).stderr
    assert f"1 without their text: {sheet.article.id}\n" in told
    assert "onrecord hydrate" in told
    synthetic.furnish(tmp_path, [sheet], hydrate=["fetch"])
    assert building.build(house).without_text == []


def test_a_config_lacks_only_the_splits_it_has_no_row_for(tmp_path: Path) -> None:
    """load_dataset refuses all of a config whose card names a split of no rows."""
    sheets = [
        synthetic.trams(story=synthetic.story("train")),
        synthetic.weather(story=synthetic.story("test")),
    ]
    report = building.build(synthetic.furnish(tmp_path, sheets))
    cache = str(tmp_path / "cache")
    assert list(load_dataset(str(report.folder), "documents", cache_dir=cache)) == ["train", "test"]
    assert list(load_dataset(str(report.folder), "quotes", cache_dir=cache)) == ["train"]
    assert "| `quotes` | 3 | 0 | 0 |" in (report.folder / "README.md").read_text("utf-8")


def test_the_newest_batch_is_an_articles_gold(tmp_path: Path) -> None:
    sheets = synthetic.sample()[:3]
    house = synthetic.furnish(tmp_path, sheets)
    rewrite_gold(house, [synthetic.Sheet(sheets[0].article)], "b2")
    report = building.build(house)
    rows = list(rows_of(report.folder, "documents", "train"))
    mentions = {row["article_id"]: len(row["mentions"]) for row in rows}
    assert len(mentions) == len(rows) == 3
    assert mentions[sheets[0].article.id] == 0
    assert mentions[sheets[1].article.id] == len(sheets[1].mentions)


def test_what_is_left_out_is_told(tmp_path: Path) -> None:
    sheets = synthetic.sample()[:3]
    house = synthetic.furnish(tmp_path, sheets)
    rewrite_gold(house, sheets[:2])
    other = sheets[1].annotation("b1", "ann")
    other.text_sha256 = "0" * 64
    draft = sheets[0].annotation("b1", "ann", status="draft")
    ledger.write(house.annotations / "b1" / "ann.jsonl", [draft, other])
    report = building.build(house)
    assert report.left_out == [
        f"1 draft: b1/ann of {sheets[0].article.id}",
        f"1 annotation of another text: b1/ann of {sheets[1].article.id}",
        "1 admitted article without gold",
        "the config annotations: it has no rows",
    ]
    assert "annotations" not in {config for config, _, _ in report.rows}


# --- the folder ---------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(built: building.BuildReport, tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample(), hydrate=["fetch", "withhold"])
    again = building.build(house, tmp_path / "elsewhere")
    assert contents(again.folder) == contents(built.folder)
    building.build(house, tmp_path / "elsewhere")
    assert contents(again.folder) == contents(built.folder)
    assert not list(tmp_path.glob(".elsewhere*"))


def test_checksums_cover_every_file(built: building.BuildReport) -> None:
    lines = (built.folder / "checksums.txt").read_text("utf-8").splitlines()
    stated = {path: digest for digest, path in (line.split("  ") for line in lines)}
    found = contents(built.folder)
    del found["checksums.txt"]
    assert stated == found
    assert {"README.md", "schema/labels.toml", "schema/gold.schema.json"} <= set(found)
    assert re.fullmatch(r"0\.0\.\d+", built.version)


@pytest.mark.parametrize("changed", ["guideline", "card", "licence", "citation"])
def test_the_version_covers_everything_in_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    schema = tmp_path / "installed" / "schema"
    shutil.copytree(labels.schema_dir(), schema)
    (schema / "guidelines").mkdir(exist_ok=True)
    card_text = (Path(__file__).parents[1] / "DATASET_CARD.md").read_text("utf-8")
    (tmp_path / "installed" / "DATASET_CARD.md").write_text(card_text, "utf-8")
    shutil.copy(Path(__file__).parents[1] / "CITATION.cff", tmp_path / "installed")
    monkeypatch.setattr(labels, "schema_dir", lambda: schema)
    house = synthetic.furnish(tmp_path / "root", synthetic.sample()[:1])
    first = building.build(house)
    path = {
        "guideline": schema / "guidelines" / "new.md",
        "card": tmp_path / "root" / "DATASET_CARD.md",
        "licence": tmp_path / "installed" / "LICENSE",
        "citation": tmp_path / "root" / "CITATION.cff",
    }[changed]
    path.write_text(card_text + "One more line.\n", "utf-8")
    assert building.build(house).version != first.version


def test_a_build_that_fails_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:2])
    folder = building.build(house).folder
    before = contents(folder)

    def full(*_: object) -> str:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(card, "fill", full)
        with pytest.raises(OSError, match="no space"):
            building.build(house)
    assert contents(folder) == before
    assert contents(building.build(house).folder) == before
    assert [p.name for p in folder.parent.iterdir() if "hub" in p.name] == ["hub"]


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("DATASET_CARD.md", b"The {{versoin}}.", "unknown placeholder versoin"),
        ("DATASET_CARD.md", b"Le caf\xe9.", "DATASET_CARD.md is not UTF-8"),
        ("CITATION.cff", b"title: Le caf\xe9", "CITATION.cff is not UTF-8"),
        ("CHANGELOG.md", b"## Le caf\xe9", "CHANGELOG.md is not UTF-8"),
        ("CHANGELOG.md", b"## 1.0.0", "does not say what changed in 1.1.0"),
    ],
)
def test_what_people_wrote_is_read_before_the_articles_are(
    tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    """Of two faults, the other in the first line of gold, it is the one that is told."""
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    (path,) = house.gold.iterdir()
    path.write_text("{")
    (tmp_path / name).write_bytes(data)
    with pytest.raises((DataError, UsageError), match=says):
        building.build(house, release="1.1.0")


def test_a_card_that_is_missing_is_told_before_the_articles_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    schema = tmp_path / "installed" / "schema"
    shutil.copytree(labels.schema_dir(), schema)
    monkeypatch.setattr(labels, "schema_dir", lambda: schema)
    house = synthetic.furnish(tmp_path / "root", synthetic.sample()[:1])
    (path,) = house.gold.iterdir()
    path.write_text("{")
    with pytest.raises(DataError, match=r"DATASET_CARD\.md is missing"):
        building.build(house)


def test_a_build_killed_while_the_folders_change_places_is_mended(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:2])
    folder = building.build(house).folder
    before = contents(folder)
    folder.rename(folder.with_name(".hub.old"))
    rewrite_gold(house, [])
    with pytest.raises(DataError):
        building.build(house)
    assert contents(folder) == before


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    with pytest.raises(UsageError, match="not a dataset"):
        building.build(house, tmp_path / "corpus")
    assert house.splits.exists()


def test_a_folder_on_another_disk_stays_there(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    far = tmp_path / "far"
    far.mkdir()
    house.build.mkdir(exist_ok=True)
    house.hub.symlink_to(far)
    for _ in range(2):
        building.build(house)
        assert house.hub.is_symlink()
        assert (far / "checksums.txt").exists()
    assert [path.name for path in house.build.iterdir() if path.name != ".build.lock"] == ["hub"]


def test_what_a_file_manager_leaves_is_nothing_else(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    house.hub.mkdir(parents=True)
    (house.hub / ".DS_Store").touch()  # somebody looked into the new folder
    building.build(house)
    (house.hub / ".DS_Store").touch()
    (house.hub / "quotes" / "Thumbs.db").touch()
    assert list(stale.hub_stale(house, lambda out: building.rebuild(house, out))) == []
    assert folder.damaged(house.hub) == []
    building.build(house)
    assert not (house.hub / ".DS_Store").exists()


def test_what_lies_beside_a_dataset_is_not_removed_with_it(tmp_path: Path) -> None:
    """Such as the history of a clone, with what was not pushed."""
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    clone = building.build(house, tmp_path / "clone").folder
    (clone / ".git").mkdir()
    (clone / ".git" / "HEAD").write_text("ref: refs/heads/main\n", "utf-8")
    told = onrecord("build", "--out", "clone", cwd=tmp_path, code=2)
    assert "clone holds something else than a dataset (.git/HEAD)" in told.stderr
    assert (clone / ".git" / "HEAD").exists()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("no gold", "onrecord gold"),
        ("no split", "onrecord admit"),
        ("not admitted", "not admitted"),
        ("another text", "does not fit"),
        ("annotator", "annotators.csv"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(tmp_path: Path, fault: str, says: str) -> None:
    sheet = synthetic.trams()
    house = synthetic.furnish(tmp_path, [sheet])
    if fault == "no gold":
        shutil.rmtree(house.gold)
    elif fault == "no split":
        house.splits.write_text("story,split\n")
    elif fault == "not admitted":
        rewrite_gold(house, [synthetic.weather()])
    elif fault == "another text":
        short: Article = msgspec.structs.replace(
            sheet.article, segments=sheet.article.segments[:1], text=sheet.article.headline
        )
        ledger.write(house.articles / "house-desk.jsonl", [short])
    elif fault == "annotator":
        house.annotators.write_text("id,kind,model,version,given\n")
    with pytest.raises(DataError, match=says):
        building.build(house)
    assert not house.hub.exists()
