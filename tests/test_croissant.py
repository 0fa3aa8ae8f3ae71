"""croissant.json as its users meet it: mlcroissant validates it and loads its records."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import mlcroissant
import pytest

from onrecord import ledger
from onrecord.dataset import building, card, croissant, folder


@pytest.fixture(scope="module")
def described(built: building.BuildReport) -> dict[str, Any]:
    return json.loads((built.folder / "croissant.json").read_text("utf-8"))


def plain(value: Any) -> Any:
    """A record of mlcroissant as a row: texts come back as bytes, fields under their ids."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(v) for name, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value


@pytest.fixture(scope="module")
def made(built: building.BuildReport) -> mlcroissant.Dataset:
    return mlcroissant.Dataset(jsonld=str(built.folder / "croissant.json"))


def test_it_is_valid(made: mlcroissant.Dataset, described: dict[str, Any]) -> None:
    assert made.metadata.ctx.issues.errors == set()
    assert made.metadata.ctx.issues.warnings == set()
    assert described["datePublished"] == "2024-03-01", "the last label's day, not the clock's"


def test_its_records_are_the_rows(built: building.BuildReport, made: mlcroissant.Dataset) -> None:
    seen = 0
    for config, split, count in built.rows:
        records = [plain(record) for record in made.records(f"{config}/{split}")]
        rows = list(folder.rows(built.folder, config, split))
        assert len(records) == count
        assert records == rows
        seen += count
    assert seen > 60


def test_a_file_that_is_not_the_one_described_is_noticed(
    built: building.BuildReport, described: dict[str, Any], tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(built.folder, tmp_path / "hub"))
    for entry in described["distribution"]:
        assert entry["sha256"] == ledger.digest(built.folder / entry["contentUrl"])
        assert entry["contentSize"] == f"{(built.folder / entry['contentUrl']).stat().st_size} B"
    shutil.copyfile(copy / "quotes/test.parquet", copy / "quotes/train.parquet")
    names = folder.damaged(copy)
    assert names == ["quotes/train.parquet"]


def test_every_field_is_described(described: dict[str, Any]) -> None:
    def fields(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return entries + [f for e in entries for f in fields(e.get("subField", []))]

    found = [f for records in described["recordSet"] for f in fields(records["field"])]
    assert len(found) > 500
    assert [f["@id"] for f in found if not f.get("description")] == []
    assert len({f["@id"] for f in found}) == len(found)
    told = {f["@id"]: f["description"] for f in found}
    assert told["documents/train/text"].startswith("its paragraphs")
    assert told["documents/train/quotes/text"].startswith("their words")
    assert told["documents/train/release"] == "ship, fetch or withhold, see Rights"
    assert told["documents/train/quotes/parent"].endswith("; empty if none does")


def test_what_it_says_of_the_data_is_what_the_card_says(
    built: building.BuildReport, described: dict[str, Any]
) -> None:
    text = (built.folder / "README.md").read_text("utf-8")
    told = card.sections(text)
    for key, heading in croissant.RAI.items():
        assert described[f"rai:{key}"] == told[heading] != ""
    assert described["rai:machineAnnotationTools"] == ["a-model 1"]
    assert described["rai:annotationsPerItem"] == "1"
    assert "rai:dataAnnotationPlatform" not in described, "a model does not use Label Studio"
    assert described["version"] == built.version
    assert described["description"].startswith("News articles labelled with who is named")
    assert described["license"] == [
        "https://spdx.org/licenses/CC-BY-2.5",
        "https://spdx.org/licenses/CC-BY-4.0",
    ]
    assert built.version in described["citeAs"]


def test_a_model_that_ran_twice_is_one_tool() -> None:
    told = croissant.rai({}, people=False, models=["b 1", "a 2", "b 1"], annotations_per_item="2")
    assert told["rai:machineAnnotationTools"] == ["b 1", "a 2"]
