"""One definition of the labels: what is generated from it, and the guidelines held to it."""

import filecmp
import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import orjson
import pytest

import synthetic
from cli import onrecord
from onrecord import labels, records
from onrecord.labelling import tasks
from onrecord.records import TOP_LEVEL, Adjudication, DataError, Decision
from parts import HOME

LABELS = labels.load()
SCHEMA = HOME / "schema"
GUIDELINES = {
    layer: (SCHEMA / f"guidelines/{layer}.md").read_text("utf-8") for layer in labels.LAYERS
}


def test_generated_files_are_those_of_the_definition() -> None:
    frame = (SCHEMA / labels.FRAME).read_text("utf-8")
    for name, data in labels.generated(LABELS, frame).items():
        assert (SCHEMA / name).read_bytes() == data, f"{name} is stale: `onrecord schema`"


@pytest.mark.parametrize("name", records.TOP_LEVEL)
def test_schemas_are_valid_2020_12(name: str) -> None:
    schema = json.loads((SCHEMA / f"{name}.schema.json").read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("name", records.TOP_LEVEL)
def test_schemas_are_the_same_from_every_python(name: str) -> None:
    """Python 3.13 removes a docstring's indentation, older ones keep it."""
    schema = labels.json_schemas(LABELS)[name]
    texts = [schema["description"], *(each["description"] for each in schema["$defs"].values())]
    assert any("\n" in text for text in texts)
    assert not [text for text in texts if "\n " in text or text != text.strip()]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[spans.PERSON]", "[spans.PERSON", "is no TOML: .*at line"),
        ("[titles.flag]", "[title.flag]", "has no 'titles'"),
        ("[spans.PERSON]", "[spans.PERSON]\nsound = 1", "'sound'"),
    ],
)
def test_a_slip_in_the_definition_is_told(old: str, new: str, says: str) -> None:
    text = (HOME / "schema" / "labels.toml").read_text("utf-8")
    with pytest.raises(DataError, match=f"schema/labels.toml.*{says}"):
        labels.parse(text.replace(old, new, 1))


def test_the_interface_offers_every_label_with_a_key_of_its_own() -> None:
    config = ET.fromstring((SCHEMA / "label_config.xml").read_text("utf-8"))
    shown = {row.get("value"): row.get("hotkey") for row in config.iter("Label")}
    assert shown == {span.name: span.hotkey for span in LABELS.spans.values()}
    keys = [node.get("hotkey") for node in config.iter() if node.get("hotkey")]
    keys.remove("alt+r")  # of both that make Label Studio save a link
    assert len(keys) == len(set(keys)), "a key does two things"
    names = {node.get("name") for node in config.iter() if node.get("name")}
    assert names == {
        tasks.TEXT,
        tasks.SPAN,
        tasks.ENTITY,
        tasks.ENTITY_OTHER,
        tasks.TARGET_TEXT,
        tasks.BASIS,
        tasks.UNNAMED,
        tasks.FLAGS,
        tasks.NOTE,
        *tasks.LINKED,
    }
    named = {row.get("value") for row in config.iter("Relation")}
    assert named == {link.role for link in LABELS.links.values() if link.named}


@pytest.mark.parametrize("layer", labels.LAYERS)
def test_guidelines_have_a_heading_for_each_label_of_their_layer(layer: str) -> None:
    headings = re.findall(r"^## ([A-Z_]+)$", GUIDELINES[layer], re.M)
    expected = [span.name for span in LABELS.spans.values() if span.layer == layer]
    assert headings == expected


def test_guidelines_have_a_heading_for_each_link() -> None:
    text = "\n".join(GUIDELINES.values())
    assert set(re.findall(r"^## Link: (\w+)$", text, re.M)) == set(LABELS.links)


@pytest.mark.parametrize("name", LABELS.spans)
def test_each_label_is_defined_bounded_and_shown(name: str) -> None:
    guide = GUIDELINES[LABELS.spans[name].layer]
    match = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", guide, re.M | re.S)
    assert match
    parts = re.split(r"^### (.+)$", match[1], flags=re.M)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    assert list(sections) == ["Definition", "Not", "Examples", "Hard cases"]
    assert all(text.strip() for text in sections.values())
    assert sections["Examples"].count(f"{{{name}") >= 3, "three worked examples or more"


@pytest.mark.parametrize("layer", labels.LAYERS)
def test_worked_examples_use_labels_and_roles_that_exist(layer: str) -> None:
    used = set(re.findall(r"\]\{([A-Z_]+)", GUIDELINES[layer]))
    assert used
    assert used <= set(LABELS.spans)
    links = re.findall(r"(?:— |; )\w+ (\w+) \w+(?=;|$)", GUIDELINES[layer], re.M)
    fields = {"entity", "basis", "target_text", "holder_unnamed"}
    assert {role for role in links if role not in fields} <= set(LABELS.links)


@pytest.mark.parametrize(
    ("first", "second", "named", "role"),
    [
        ("PERSON", "QUOTE", "", "speaker"),
        ("QUOTE", "MENTION", "", "speaker"),
        ("QUOTE", "PERSON", "addressee", "addressee"),
        ("CUE", "QUOTE", "", "cue"),
        ("QUOTE", "QUOTE", "", "continues"),
        ("STANCE_MIXED", "LAW", "", "target"),
        ("STANCE_MIXED", "LAW", "holder", "holder"),
        ("MENTION", "GPE", "", "same"),
        ("CUE", "PERSON", "", None),
        ("QUOTE", "STANCE_FAVOR", "", None),
        ("QUOTE", "CUE", "holder", None),
    ],
)
def test_roles_follow_from_the_two_ends(
    first: str, second: str, named: str, role: str | None
) -> None:
    found = LABELS.role_between(first, second, named)
    assert (found.role if found else None) == role


def test_the_keys_in_the_guidelines_are_those_of_the_labels() -> None:
    rows = re.search(r"(?s)\n## Keys\n(.*?)\n## ", GUIDELINES["entities"])
    assert rows
    keys = re.findall(r"(?<=\| )(\w) \| ([A-Z_]{2,})(?= \|)", rows[1])
    assert {name: key for key, name in keys} == {s.name: s.hotkey for s in LABELS.spans.values()}


def test_every_flag_has_words_and_the_guidelines_use_them() -> None:
    assert list(LABELS.titles["flag"]) == list(LABELS.values["flag"])
    ticked = re.findall(r"tick “([^”]+)”", "\n".join(GUIDELINES.values()))
    assert ticked
    assert set(ticked) <= set(LABELS.titles["flag"].values())


# --- the fast way through the schema -----------------------------------------------------------


def bad_lines(kind: str, row: Any) -> Iterator[bytes]:
    """A sound row with one thing wrong, everywhere that something can be."""

    def changed(node: Any, put: Callable[[Any], Any]) -> Iterator[Any]:
        if isinstance(node, dict):
            for key, value in node.items():
                yield put({k: v for k, v in node.items() if k != key})
                yield from changed(value, lambda v, key=key, node=node: put({**node, key: v}))
            yield put({**node, "unknown": ""})
        elif isinstance(node, list):
            for at, value in enumerate(node[:2]):
                yield from changed(
                    value, lambda v, at=at, node=node: put([*node[:at], v, *node[at + 1 :]])
                )
            yield from map(put, ([*node, 1, "x"], {}))
        else:
            yield from map(put, (f"{node}\n", "Nobody", "", None, -1, 1.5, True, "٣", [], 2**70))

    return (orjson.dumps(value) for value in changed(row, lambda v: v) if fits(value))


def fits(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except TypeError:
        return False
    return True


@pytest.mark.parametrize("kind", TOP_LEVEL)
def test_what_is_decoded_is_what_the_schema_allows(kind: str) -> None:
    sheet = synthetic.trams()
    rows: dict[str, Any] = {
        "article": sheet.article,
        "annotation": sheet.annotation("b1", "ann"),
        "gold": sheet.gold(),
    }
    spans = rows["annotation"].spans[:2]
    rows["adjudication"] = Adjudication(
        article_id=sheet.article.id,
        text_sha256=sheet.article.text_sha256,
        batch="b1",
        adjudicator="ann",
        created_at="2024-03-01T09:30:00Z",
        decisions=[Decision(item="span 0-5 ORG", chosen="new", spans=spans)],
    )
    decoder = msgspec.json.Decoder(labels.strict_types(LABELS)[kind])
    validator = jsonschema_rs.validator_for(labels.json_schemas(LABELS)[kind])
    line = msgspec.json.encode(rows[kind])
    assert isinstance(decoder.decode(line), TOP_LEVEL[kind])
    seen = {True: 0, False: 0}
    for bad in bad_lines(kind, orjson.loads(line)):
        allowed = validator.is_valid(orjson.loads(bad))
        seen[allowed] += 1
        if allowed:
            assert decoder.decode(bad)
        else:
            with pytest.raises(msgspec.ValidationError):
                decoder.decode(bad)
    assert seen[False] > 100
    assert seen[True] > 5


def test_without_docstrings_no_other_schemas_are_made(tmp_path: Path) -> None:
    shutil.copytree(SCHEMA, tmp_path / "schema")
    env = {"PYTHONOPTIMIZE": "2"}
    told = onrecord("schema", cwd=tmp_path, env=env, code=2)
    assert "onrecord: Python runs without docstrings" in told.stderr
    assert not filecmp.dircmp(SCHEMA, tmp_path / "schema").diff_files
