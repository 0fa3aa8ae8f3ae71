"""What users of other datasets report, each with a test that it cannot happen here.

Labels: flipped class ids; ids that nobody explains; -1 for hidden test labels; no negatives.
Columns: one missing or too many in some file; nulls; integers that became floats; dates that
became timestamps; a field that is empty at first; structs as a dict of lists.
Files: a wrong number of examples; data taken for another format; a script that no longer runs;
splits that are not there; rows that streaming gives otherwise (test_hub).
Versions: an old cache; an old revision offline; a tag that moves (test_publish).
Text: offsets that are not the text's; tokens that no tokenizer can follow; unclear licences.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, List, load_dataset
from huggingface_hub import DatasetCard, HfApi

import hubdouble
import synthetic
import wordpiece
from onrecord.dataset import building, hub, publish
from onrecord.labels import load

CONFIGS = ["documents", "entities", "quotes", "stance", "annotations"]
SPLITS = ["train", "validation", "test"]

pytestmark = pytest.mark.usefixtures("offline")


def front(folder: Path) -> dict[str, Any]:
    return DatasetCard.load(folder / "README.md").data.to_dict()


def schemas(folder: Path) -> dict[str, list[pa.Schema]]:
    return {c: [pq.read_schema(p) for p in (folder / c).glob("*.parquet")] for c in CONFIGS}


def classes(config: str) -> dict[str, ClassLabel]:
    columns = hub.features(load())[config]
    inner = {n: k.feature if isinstance(k, List) else k for n, k in columns.items()}
    return {name: kind for name, kind in inner.items() if isinstance(kind, ClassLabel)}


def first_rows(folder: Path, config: str, split: str, cache: Path) -> list[dict[str, Any]]:
    data: Any = load_dataset(str(folder), config, split=split, cache_dir=str(cache))
    return list(data)


# --- labels -------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS)
def test_features_are_the_same_in_card_parquet_and_memory(
    built: building.BuildReport, tables: dict[str, Any], config: str
) -> None:
    wanted = hub.features(load())[config]
    front = DatasetCard.load(built.folder / "README.md").data.to_dict()
    (info,) = (i for i in front["dataset_info"] if i["config_name"] == config)
    assert datasets.Features._from_yaml_list(info["features"]) == wanted
    for split in SPLITS:
        schema = pq.read_schema(built.folder / config / f"{split}.parquet")
        stored = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"]
        assert datasets.Features.from_dict(stored) == wanted
        assert tables[config][split].features == wanted
    assert {s["name"]: s["num_examples"] for s in info["splits"]} == {
        s: n for c, s, n in built.rows if c == config
    }


def test_a_card_whose_classes_were_reordered_by_hand_is_not_published(
    built: building.BuildReport, tmp_path: Path
) -> None:
    """The YAML wins over the Parquet, and every label flips without a word."""
    folder = Path(shutil.copytree(built.folder, tmp_path / "hub"))
    path = folder / "README.md"
    text = path.read_text("utf-8")
    one, two = "'0': direct\n", "'1': indirect\n"
    assert one in text
    assert two in text
    flipped = text.replace(one, "'0': indirect\n").replace(two, "'1': direct\n")
    path.write_text(flipped, "utf-8")
    wrong: Any = load_dataset(str(folder), "quotes", split="train", cache_dir=str(tmp_path / "c"))
    assert wrong.features["quote_type"].names[0] == "indirect", "the trap is still there"
    assert [p.rule for p in publish.audit(folder)] == ["publish.damaged"]


def test_every_class_id_is_explained(built: building.BuildReport) -> None:
    with (built.folder / "class_ids.csv").open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    assert all(row["means"] for row in told)
    for config in CONFIGS:
        for column, kind in classes(config).items():
            mine = [r for r in told if (r["config"], r["column"]) == (config, column)]
            assert [(int(r["id"]), r["label"]) for r in mine] == list(enumerate(kind.names))
    (begins,) = (r for r in told if r["label"] == "B-PERSON")
    assert begins["means"] == "begins: A named person, real or fictional."
    assert begins["example"] == "Ines Calder"


def test_every_split_has_its_labels(tables: dict[str, Any]) -> None:
    """No -1, in no split: the labels of the test split are there."""
    for config in CONFIGS:
        for column, kind in classes(config).items():
            for split in SPLITS:
                found = [
                    label
                    for value in tables[config][split][:][column]
                    for label in (value if isinstance(value, list) else [value])
                ]
                assert found
                assert set(found) <= set(range(len(kind.names)))
    assert any(any(row["ner_tags"]) for row in tables["entities"]["test"])


def test_there_are_negatives(tables: dict[str, Any]) -> None:
    none = classes("stance")["polarity"].str2int("none")
    for split in SPLITS:
        sides = tables["stance"][split][:]["polarity"]
        assert none in sides
        assert set(sides) != {none}
        assert any(not any(row["quote_tags"]) for row in tables["entities"][split])


# --- columns ------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", CONFIGS)
def test_every_file_of_a_config_has_the_same_columns_and_no_other(
    built: building.BuildReport, config: str
) -> None:
    wanted = hub.features(load())[config].arrow_schema
    for schema in schemas(built.folder)[config]:
        assert schema.names == wanted.names
        assert schema.types == wanted.types
    (info,) = (i for i in front(built.folder)["dataset_info"] if i["config_name"] == config)
    assert [column["name"] for column in info["features"]] == wanted.names


@pytest.mark.parametrize("config", CONFIGS)
def test_nothing_is_null_and_no_column_is_of_type_null(
    built: building.BuildReport, config: str
) -> None:
    """A nullable integer is a float in pandas and torch; a null type fails at the first value."""

    def nulls(array: Any) -> int:
        kind = array.type
        inside = 0
        if pa.types.is_list(kind):
            inside = nulls(array.flatten())
        elif pa.types.is_struct(kind):
            inside = sum(nulls(array.field(n)) for n in range(kind.num_fields))
        assert not pa.types.is_null(kind)
        return array.null_count + inside

    for path in (built.folder / config).glob("*.parquet"):
        for column in pq.read_table(path).columns:
            assert sum(nulls(chunk) for chunk in column.chunks) == 0


def test_numbers_stay_whole_in_pandas(tables: dict[str, Any]) -> None:
    frame = tables["stance"]["train"].to_pandas()
    assert {str(frame[c].dtype) for c in ("polarity", "role", "holder_level")} == {"int64"}
    assert str(frame["start"].dtype) == "int32"


def test_dates_stay_what_they_are(tables: dict[str, Any]) -> None:
    row = tables["documents"]["train"][0]
    assert row["date_published"] == "2024-02-29"
    assert tables["annotations"]["train"][0]["created_at"] == "2024-03-01T09:30:00Z"


def test_lists_of_structs_are_lists_of_dicts(tables: dict[str, Any]) -> None:
    row = tables["documents"]["train"][0]
    assert isinstance(row["mentions"], list)
    assert row["mentions"][0]["type"]
    assert row["quotes"][0]["spans"][0][1] > row["quotes"][0]["spans"][0][0]


# --- files --------------------------------------------------------------------------------------


def test_the_card_counts_the_rows_that_are_there(
    built: building.BuildReport, tables: dict[str, Any]
) -> None:
    for info in front(built.folder)["dataset_info"]:
        told = {split["name"]: split["num_examples"] for split in info["splits"]}
        loaded = tables[info["config_name"]]
        assert told == {split: rows.num_rows for split, rows in loaded.items()}


def test_a_config_takes_its_own_files_alone(built: building.BuildReport) -> None:
    taken = [f["path"] for c in front(built.folder)["configs"] for f in c["data_files"]]
    there = [p.relative_to(built.folder).as_posix() for p in built.folder.rglob("*.parquet")]
    assert sorted(taken) == sorted(there)
    assert not any("*" in path for path in taken)


def test_there_is_no_script(built: building.BuildReport) -> None:
    assert not [p.name for p in built.folder.rglob("*") if p.suffix in (".py", ".sh", ".pkl")]


def test_more_markdown_and_json_than_data_does_not_hide_the_data(
    built: building.BuildReport, tmp_path: Path
) -> None:
    folder = tmp_path / "hub"
    shutil.copytree(built.folder, folder)
    for number in range(60):
        (folder / "guidelines" / f"{number}.md").write_text("# a\n")
        (folder / "schema" / f"{number}.json").write_text("{}\n")
    assert len(first_rows(folder, "entities", "train", tmp_path / "cache")) > 5


# --- versions -----------------------------------------------------------------------------------


def test_a_changed_folder_is_not_served_from_a_stale_cache(tmp_path: Path) -> None:
    """The change leaves every size as it was: only the version tells load_dataset of it."""
    sheet = synthetic.weather(story=synthetic.story("train"))
    loaded = []
    for date in ("2024-02-28", "2024-02-29"):
        sheet.article.date_published = date
        report = building.build(synthetic.furnish(tmp_path, [sheet]))
        assert {c["version"] for c in front(report.folder)["configs"]} == {report.version}
        (row,) = first_rows(report.folder, "documents", "train", tmp_path / "cache")
        loaded.append((report.version, row["date_published"]))
    assert [date for _, date in loaded] == ["2024-02-28", "2024-02-29"]
    assert loaded[0][0] != loaded[1][0]


PINNED = """
import sys
from datasets import load_dataset
from huggingface_hub import snapshot_download

repo, *tags = sys.argv[1:]
for tag in tags:
    path = snapshot_download(repo, repo_type="dataset", revision=tag)
    print(load_dataset(path, split="train")[0]["date_published"])
"""


def test_an_old_tag_is_the_old_data_also_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """load_dataset(revision=) gives main's data offline (datasets 7928), the card's way not."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "own"))
    sheet = synthetic.weather(story=synthetic.story("train"))
    env = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    env |= {"HF_HOME": str(tmp_path / "user"), "HF_HUB_DISABLE_XET": "1"}
    arguments = [sys.executable, "-c", PINNED, "house/news", "v1.0.0", "v1.0.1"]

    def run(**more: str) -> list[str]:
        done = subprocess.run(
            arguments, env=env | more, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    dates = ["2024-02-28", "2024-02-29"]
    with hubdouble.serve() as double:
        api = HfApi(endpoint=double.url, token=hubdouble.TOKEN)
        for date, version in zip(dates, ("1.0.0", "1.0.1"), strict=True):
            sheet.article.date_published = date
            house = synthetic.furnish(tmp_path / "root", [sheet])
            folder = building.build(house, release=version).folder
            publish.send(api, publish.plan(api, "house/news", folder), folder)
        assert run(HF_ENDPOINT=double.url) == dates
    assert run(HF_HUB_OFFLINE="1") == dates


# --- text ---------------------------------------------------------------------------------------


def test_the_surface_is_the_text_between_the_offsets(tables: dict[str, Any]) -> None:
    texts = {d["article_id"]: d["text"] for s in SPLITS for d in tables["documents"][s]}
    checked = 0

    def same(row: dict[str, Any], spans: list[list[int]], surfaces: list[str]) -> None:
        nonlocal checked
        text = texts[row["article_id"]]
        assert [text[s:e] for s, e in spans] == surfaces
        checked += len(spans)

    def mentions(row: dict[str, Any], found: list[dict[str, Any]]) -> None:
        same(row, [[m["start"], m["end"]] for m in found], [m["text"] for m in found])

    for split in SPLITS:
        for row in tables["documents"][split]:
            mentions(row, row["mentions"])
            for quote in row["quotes"]:
                same(row, quote["spans"], quote["text"])
        for row in tables["entities"][split]:
            same(row, [[row["start"], row["end"]]], [row["paragraph"]])
            same(row, row["offsets"], row["tokens"])
        for row in tables["quotes"][split]:
            same(row, [[row["start"], row["end"]]], [row["context"]])
            same(row, row["spans"], row["text"])
            same(row, row["cue"], row["cue_text"])
            mentions(row, row["speaker"] + row["addressee"])
        for row in tables["stance"][split]:
            same(row, [[row["start"], row["end"]]], [row["context"]])
            same(row, row["evidence"], row["evidence_text"])
            mentions(row, row["holder"] + row["target"])
        for row in tables["annotations"][split]:
            mentions(row, row["spans"])
    assert checked > 400


def test_offsets_count_code_points_also_after_emoji_and_flags(tables: dict[str, Any]) -> None:
    (row,) = (r for r in tables["documents"]["train"] if "🚋" in r["text"])
    assert len(row["text"].encode("utf-16-le")) // 2 > len(row["text"])
    late = [m for m in row["mentions"] if m["start"] > row["text"].index("🇳🇴")]
    assert late
    assert all(row["text"][m["start"] : m["end"]] == m["text"] for m in late)


def test_the_cards_alignment_follows_a_real_tokenizer(
    built: building.BuildReport, tables: dict[str, Any]
) -> None:
    """A WordPiece tokenizer, trained here, cuts the words; the tags that come back are the same."""
    text = (built.folder / "README.md").read_text("utf-8")
    (source,) = re.findall(r"(?ms)^```python\n(def align\(.*?)^```", text)
    card: dict[str, Any] = {}
    exec(source, card)
    rows = [row for split in SPLITS for row in tables["entities"][split] if row["ner_tags"]]
    tokenizer = wordpiece.trained(row["paragraph"] for row in rows)
    cut = 0
    for row in rows:
        encoded = tokenizer.encode(row["tokens"], is_pretokenized=True)
        aligned = card["align"](encoded.word_ids, row["ner_tags"])
        assert len(aligned) == len(encoded.ids)
        assert aligned[0] == aligned[-1] == -100
        assert [tag for tag in aligned if tag != -100] == row["ner_tags"]
        cut += len(encoded.ids) - 2 - len(row["tokens"])
    assert cut > 50, "words were cut into pieces"


def test_every_article_says_its_licence_and_what_to_show(
    built: building.BuildReport, tables: dict[str, Any]
) -> None:
    with (built.folder / "attribution.csv").open(encoding="utf-8", newline="") as file:
        told = {row["article_id"]: row for row in csv.DictReader(file)}
    rows = [row for split in SPLITS for row in tables["documents"][split]]
    assert told.keys() == {row["article_id"] for row in rows}
    for row in rows:
        line = told[row["article_id"]]
        assert line["licence"] == row["licence"] != ""
        assert line["line"] == row["attribution"]
        assert line["text_available"] == str(row["text_available"]).lower()
        if row["text_available"]:
            assert row["headline"] in row["attribution"]
    assert front(built.folder)["license"] == ["cc-by-2.5", "cc-by-4.0"]
