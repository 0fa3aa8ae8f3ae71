"""The published dataset as its users meet it: loaded by the real `datasets`, offline."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from datasets import ClassLabel, List, load_dataset

import synthetic
import wordpiece
from cli import onrecord
from onrecord import ledger
from onrecord.dataset import card, folder, hub, writing
from onrecord.labels import load
from onrecord.records import Article, DataError, UsageError, some
from onrecord.shelf import Shelf
from parts import missing

CONFIGS = ["documents", "entities", "quotes", "stance", "annotations"]
SPLITS = ["train", "validation", "test"]

pytestmark = pytest.mark.usefixtures("offline")


# Without gc.collect() after streaming, 4 of 180 processes on a busy machine aborted as they exited,
# their work done; with it none of 180 (apache/arrow issue 45214).
OFFLINE_LOAD = """
import gc
import sys
from datasets import load_dataset

folder, *configs = sys.argv[1:]
for config in configs:
    plain = load_dataset(folder, config)
    streamed = load_dataset(folder, config, streaming=True)
    assert list(plain) == list(streamed)
    for split in plain:
        assert list(plain[split]) == list(streamed[split])
        assert plain[split].features == streamed[split].features
        print(config, split, plain[split].num_rows)
del plain, streamed
gc.collect()
"""


def run_offline(home: Path, *arguments: str) -> str:
    """What a Python that knows no network and has an empty HF_HOME prints."""
    done = subprocess.run(
        [sys.executable, "-c", *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "HF_HOME": str(home / "hf"),
            "HF_HUB_OFFLINE": "1",
        },
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def everything(folder: Path, config: str, split: str, cache: Path) -> list[dict[str, Any]]:
    data: Any = load_dataset(str(folder), config, split=split, cache_dir=str(cache))
    return list(data)


def rewrite_gold(house: ledger.House, sheets: list[synthetic.Sheet], batch: str = "b1") -> None:
    ledger.write(house.gold / f"{batch}.jsonl", [sheet.gold() for sheet in sheets])


# --- loading ------------------------------------------------------------------------------------


def test_every_config_loads_offline_with_all_splits_streaming_and_not(
    built: hub.BuildReport, tmp_path: Path
) -> None:
    printed = run_offline(tmp_path, OFFLINE_LOAD, str(built.folder), *CONFIGS)
    loaded = [tuple(line.split()) for line in printed.splitlines()]
    assert loaded == [(c, s, str(n)) for c, s, n in built.rows]
    assert [row[:2] for row in loaded] == [(c, s) for c in CONFIGS for s in SPLITS]


def test_documents_is_the_default_config(built: hub.BuildReport, cache: str) -> None:
    assert "segments" in load_dataset(str(built.folder), cache_dir=cache)["train"].features


def test_class_ids_follow_labels_toml(tables: dict[str, Any]) -> None:
    labels = load()
    tags = tables["entities"]["train"].features["ner_tags"].feature
    assert tags.names[:3] == ["O", "B-PERSON", "I-PERSON"]
    assert [n[2:] for n in tags.names[1::2]] == labels.name_types
    assert tables["stance"]["train"].features["polarity"].names == list(labels.values["polarity"])


@pytest.mark.parametrize("config", CONFIGS)
def test_other_tools_read_it(tables: dict[str, Any], config: str) -> None:
    data = tables[config]["train"]
    frame = data.to_pandas()
    assert len(frame) == data.num_rows
    assert not frame.isna().any(axis=None)
    assert data.with_format("polars")[:].shape == (data.num_rows, len(data.features))
    assert len(data.with_format("arrow")[:]) == data.num_rows


@pytest.mark.parametrize("config", CONFIGS)
def test_arrays_can_be_made_of_it(tables: dict[str, Any], config: str) -> None:
    data = tables[config]["train"].with_format("numpy")
    row = data[0]
    assert set(row) == set(data.features)
    if config == "entities":
        assert row["ner_tags"].dtype == "int64"
        assert len(row["ner_tags"]) == len(row["tokens"])


def snippets(built: hub.BuildReport) -> list[str]:
    """The Python of the built card, block by block, reading the built folder."""
    text = (built.folder / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?ms)^```(\w*)\n(.*?)^```", text)
    assert not [code for language, code in blocks if language not in ("python", "bibtex", "sh")]
    return [
        code.replace("path/to/this/folder", str(built.folder))
        for language, code in blocks
        if language == "python"
    ]


TORCH = """
for config in ("documents", "entities", "quotes", "stance", "annotations"):
    data = load_dataset(ONRECORD, config, split="train")
    whole = data.with_format("torch")
    assert set(whole[0]) == set(data.features), config
    streamed = load_dataset(ONRECORD, config, split="train", streaming=True).with_format("torch")
    assert sum(1 for _ in DataLoader(streamed, batch_size=None)) == len(data), config

assert batch.dtype == torch.int64 and batch.dim() == 2
assert batch[0][batch[0] != -100].tolist() == entities[0]["ner_tags"]
held = load_dataset(ONRECORD, "stance", split="train").with_format("torch", columns=["polarity"])
assert next(iter(DataLoader(held, batch_size=2)))["polarity"].dtype == torch.int64
print("tensors")
"""


def test_torch_takes_it_offline(built: hub.BuildReport, tmp_path: Path) -> None:
    """The card's own batches, then every config, whole and streamed.

    torch lies apart from the other packages (`make torch`) and is seen by this test alone: with it
    at hand, others import it too, and all of them start more slowly.
    """
    apart = Path(sys.prefix) / "torch"
    if not apart.exists() and importlib.util.find_spec("torch") is None:
        missing("torch", "make torch")
    first, *rest = snippets(built)
    (torch,) = (code for code in rest if "import torch" in code)
    # At the end of the path: what torch brought with it hides nothing of what is pinned.
    script = f"import sys\nsys.path.append({str(apart)!r})\n{first}\n{torch}{TORCH}"
    assert "tensors" in run_offline(tmp_path, script)


def test_json_lines_say_the_same_in_words(built: hub.BuildReport, tables: dict[str, Any]) -> None:
    for config in CONFIGS:
        data = tables[config]["test"]
        lines = (built.folder / "jsonl" / f"{config}-test.jsonl").read_text("utf-8").splitlines()
        for line, row in zip(map(json.loads, lines), data, strict=True):
            for name, kind in data.features.items():
                inner = kind.feature if isinstance(kind, List) else kind
                said = inner.int2str(row[name]) if isinstance(inner, ClassLabel) else row[name]
                assert line[name] == said


def test_a_large_split_is_several_files_and_the_same_rows(
    built: hub.BuildReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlcroissant

    for bound in ("BATCH_BYTES", "GROUP_BYTES", "PART_GROUPS"):
        monkeypatch.setattr(writing, bound, 2)
    house = synthetic.furnish(tmp_path, synthetic.sample(), hydrate=["fetch"])
    report = hub.build(house)
    assert report.rows == built.rows
    assert report.version == built.version, "the content is the same"
    parts = folder.parts(report.folder, "entities", "train")
    assert len(parts) > 3
    assert parts[1].name == f"train-00001-of-{len(parts):05}.parquet"
    for config, split, _ in report.rows:
        cache = tmp_path / "cache"
        rows = everything(report.folder, config, split, cache)
        assert rows == everything(built.folder, config, split, cache)
        assert rows == list(folder.rows(report.folder, config, split))
    assert folder.damaged(report.folder) == []
    described = mlcroissant.Dataset(jsonld=str(report.folder / "croissant.json"))
    assert described.metadata.ctx.issues.warnings == set()
    assert sum(1 for _ in described.records("entities/train-00001-of-" + parts[1].stem[-5:])) > 0


def test_the_cards_snippets_run_offline_in_a_new_home(
    built: hub.BuildReport, tmp_path: Path
) -> None:
    script = "\n".join(code for code in snippets(built) if "import torch" not in code)
    assert script.count("load_dataset(") >= 6
    paragraphs = (row["paragraph"] for row in folder.rows(built.folder, "entities", "train"))
    tokenizer = wordpiece.saved(paragraphs, tmp_path / "tokenizer")
    script = script.replace("bert-base-cased", str(tokenizer))
    # Nothing is lost on the way: the tags of the first pieces are the row's.
    script += """
for row in data["train"]:
    assert len(row["input_ids"]) == len(row["labels"])
    assert [tag for tag in row["labels"] if tag != -100] == row["ner_tags"]
"""
    printed = run_offline(tmp_path, script)
    assert "('Tern', 'B-PRODUCT'), ('4', 'I-PRODUCT')" in printed
    assert "'[CLS]'" in printed
    assert " | said | " in printed

    # What the tagger wrote is what the card's line measures, in the layer that it labelled.
    card = (built.folder / "README.md").read_text("utf-8")
    (line,) = (line for line in card.splitlines() if line.startswith("onrecord evaluate"))
    verb = line.replace("path/to/this/folder", str(built.folder)).split()[1:]
    told = json.loads(onrecord(*verb, "--format", "json", cwd=tmp_path).stdout)
    assert told["articles"] > 0
    assert told["figures"]["entities.exact"]["n"] > 0
    assert {name.split(".")[0] for name in told["figures"]} <= {"entities", "coreference"}


# --- what is in it, and what is not ---------------------------------------------------------------


def test_a_withheld_text_stays_away_even_where_it_is_at_hand(tmp_path: Path) -> None:
    closed = synthetic.trams("withhold", "Closed Times", synthetic.story("train"))
    house = synthetic.furnish(tmp_path, [closed, synthetic.weather()], hydrate=["withhold"])
    assert Shelf(house).article(closed.article.id).text
    report = hub.build(house)
    assert report.without_text == [closed.article.id]
    rows = [
        row
        for config, split, _ in report.rows
        for row in everything(report.folder, config, split, tmp_path / "cache")
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
    report = hub.build(house)
    assert report.without_text == [sheet.article.id]
    assert [row[:2] for row in report.rows] == [("documents", "train"), ("annotations", "train")]
    told = onrecord("build", cwd=tmp_path).stderr
    assert f"1 without their text: {sheet.article.id}\n" in told
    assert "onrecord hydrate" in told
    synthetic.furnish(tmp_path, [sheet], hydrate=["fetch"])
    assert hub.build(house).without_text == []


def test_of_many_ids_a_message_names_ten() -> None:
    assert some([f"a{n}" for n in range(10)]).endswith("a8, a9")
    assert some([f"a{n}" for n in range(1210)]).endswith("a8, a9 and 1,200 more")


def test_a_config_lacks_only_the_splits_it_has_no_row_for(tmp_path: Path) -> None:
    """load_dataset refuses all of a config whose card names a split of no rows."""
    sheets = [
        synthetic.trams(story=synthetic.story("train")),
        synthetic.weather(story=synthetic.story("test")),
    ]
    report = hub.build(synthetic.furnish(tmp_path, sheets))
    cache = str(tmp_path / "cache")
    assert list(load_dataset(str(report.folder), "documents", cache_dir=cache)) == ["train", "test"]
    assert list(load_dataset(str(report.folder), "quotes", cache_dir=cache)) == ["train"]
    assert "| `quotes` | 3 | 0 | 0 |" in (report.folder / "README.md").read_text("utf-8")


def test_the_newest_batch_is_an_articles_gold(tmp_path: Path) -> None:
    sheets = synthetic.sample()[:3]
    house = synthetic.furnish(tmp_path, sheets)
    rewrite_gold(house, [synthetic.Sheet(sheets[0].article)], "b2")
    report = hub.build(house)
    rows = everything(report.folder, "documents", "train", tmp_path / "cache")
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
    report = hub.build(house)
    assert report.left_out == [
        f"b1/ann of {sheets[0].article.id}: it is a draft",
        f"b1/ann of {sheets[1].article.id}: it was made on another text",
        "1 admitted article without gold",
        "the config annotations: it has no rows",
    ]
    assert "annotations" not in {config for config, _, _ in report.rows}


# --- the folder ---------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(built: hub.BuildReport, tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample(), hydrate=["fetch", "withhold"])
    again = hub.build(house, tmp_path / "elsewhere")
    assert contents(again.folder) == contents(built.folder)
    hub.build(house, tmp_path / "elsewhere")
    assert contents(again.folder) == contents(built.folder)
    assert not list(tmp_path.glob(".elsewhere*"))


def test_checksums_cover_every_file(built: hub.BuildReport) -> None:
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
    shutil.copytree(hub.labels.schema_dir(), schema)
    (schema / "guidelines").mkdir(exist_ok=True)
    card_text = (Path(__file__).parents[1] / "DATASET_CARD.md").read_text("utf-8")
    (tmp_path / "installed" / "DATASET_CARD.md").write_text(card_text, "utf-8")
    shutil.copy(Path(__file__).parents[1] / "CITATION.cff", tmp_path / "installed")
    monkeypatch.setattr(hub.labels, "schema_dir", lambda: schema)
    house = synthetic.furnish(tmp_path / "root", synthetic.sample()[:1])
    first = hub.build(house)
    path = {
        "guideline": schema / "guidelines" / "new.md",
        "card": tmp_path / "root" / "DATASET_CARD.md",
        "licence": tmp_path / "installed" / "LICENSE",
        "citation": tmp_path / "root" / "CITATION.cff",
    }[changed]
    path.write_text(card_text + "One more line.\n", "utf-8")
    assert hub.build(house).version != first.version


def test_a_build_that_fails_leaves_the_old_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:2])
    folder = hub.build(house).folder
    before = contents(folder)

    def full(*_: object) -> str:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(card, "fill", full)
        with pytest.raises(OSError, match="no space"):
            hub.build(house)
    assert contents(folder) == before
    assert contents(hub.build(house).folder) == before
    assert [p.name for p in folder.parent.iterdir() if "hub" in p.name] == ["hub"]


def test_a_build_killed_while_the_folders_change_places_is_mended(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:2])
    folder = hub.build(house).folder
    before = contents(folder)
    folder.rename(folder.with_name(".hub.old"))
    rewrite_gold(house, [])
    with pytest.raises(DataError):
        hub.build(house)
    assert contents(folder) == before


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:1])
    with pytest.raises(UsageError, match="not a dataset"):
        hub.build(house, tmp_path / "corpus")
    assert house.splits.exists()


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
        hub.build(house)
    assert not house.hub.exists()
