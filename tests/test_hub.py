"""The published dataset as its users meet it: loaded by the real `datasets`, offline."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from datasets import ClassLabel, List, load_dataset

import synthetic
import wordpiece
from cli import onrecord
from onrecord.dataset import building, folder, writing
from onrecord.labels import load
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


def everything(folder: Path, config: str, split: str, cache: Path) -> list[dict[str, Any]]:
    data: Any = load_dataset(str(folder), config, split=split, cache_dir=str(cache))
    return list(data)


def test_every_config_loads_offline_with_all_splits_streaming_and_not(
    built: building.BuildReport, tmp_path: Path
) -> None:
    printed = run_offline(tmp_path, OFFLINE_LOAD, str(built.folder), *CONFIGS)
    loaded = [tuple(line.split()) for line in printed.splitlines()]
    assert loaded == [(c, s, str(n)) for c, s, n in built.rows]
    assert [row[:2] for row in loaded] == [(c, s) for c in CONFIGS for s in SPLITS]


def test_documents_is_the_default_config(built: building.BuildReport, cache: str) -> None:
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


def snippets(built: building.BuildReport) -> list[str]:
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


def test_torch_takes_it_offline(built: building.BuildReport, tmp_path: Path) -> None:
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


def test_json_lines_say_the_same_in_words(
    built: building.BuildReport, tables: dict[str, Any]
) -> None:
    for config in CONFIGS:
        data = tables[config]["test"]
        lines = (built.folder / "jsonl" / f"{config}-test.jsonl").read_text("utf-8").splitlines()
        for line, row in zip(map(json.loads, lines), data, strict=True):
            for name, kind in data.features.items():
                inner = kind.feature if isinstance(kind, List) else kind
                said = inner.int2str(row[name]) if isinstance(inner, ClassLabel) else row[name]
                assert line[name] == said


def test_a_large_split_is_several_files_and_the_same_rows(
    built: building.BuildReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlcroissant

    for bound in ("BATCH_BYTES", "GROUP_BYTES", "PART_GROUPS"):
        monkeypatch.setattr(writing, bound, 2)
    house = synthetic.furnish(tmp_path, synthetic.sample(), hydrate=["fetch"])
    report = building.build(house)
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
    built: building.BuildReport, tmp_path: Path
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

    # Every mention of an entity opens and closes in the coreference file.
    lines = (tmp_path / "train.coref").read_text("utf-8").splitlines()
    links = [line.rsplit("\t", 1)[-1] for line in lines if "\t" in line]
    rows = folder.rows(built.folder, "documents", "train")
    able = sum(bool(m["entity"]) for row in rows if row["text"] for m in row["mentions"])
    assert sum(link.count("(") for link in links) == able > 0
    assert sum(link.count(")") for link in links) == able

    # What the tagger wrote is what the card's line measures, in the layer that it labelled.
    card = (built.folder / "README.md").read_text("utf-8")
    (line,) = (line for line in card.splitlines() if line.startswith("onrecord evaluate"))
    verb = line.replace("path/to/this/folder", str(built.folder)).split()[1:]
    told = json.loads(onrecord(*verb, "--format", "json", cwd=tmp_path).stdout)
    assert told["articles"] > 0
    assert told["figures"]["entities.exact"]["n"] > 0
    assert {name.split(".")[0] for name in told["figures"]} <= {"entities", "coreference"}

    # A speaker is right by any mention of its entity, so the card's line has the entity of each.
    lines = (tmp_path / "speakers.jsonl").read_text("utf-8").splitlines()
    said = {line["article_id"]: line for line in map(json.loads, lines)}
    right: list[bool] = []
    for row in folder.rows(built.folder, "documents", "test"):
        entity = {mention["id"]: mention["entity"] for mention in row["mentions"]}
        given = {span["id"]: span.get("entity") for span in said[row["article_id"]]["spans"]}
        assert given.items() >= {each for each in entity.items() if each[1]}
        says = {at["to"]: entity.get(at["from"]) for at in said[row["article_id"]]["links"]}
        for quote in row["quotes"] if row["text"] else []:
            speaker = says.get(f"{quote['id']}-0")
            right.append(([speaker] if speaker else []) == quote["speaker_entities"])
    verb[verb.index("mine.jsonl")] = "speakers.jsonl"
    told = json.loads(onrecord(*verb, "--format", "json", cwd=tmp_path).stdout)
    assert told["figures"]["quotes.speaker"]["value"] == pytest.approx(sum(right) / len(right))
