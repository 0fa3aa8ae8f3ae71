"""The labels of schema/labels.toml, and everything that is generated from them.

Nothing else in the package spells out a list of labels.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args, get_origin

import msgspec

from onrecord.records import TOP_LEVEL, Attributes, DataError, Record, UsageError

LAYERS = ("entities", "quotes", "stance")


class SpanDef(NamedTuple):
    """A span label; `hotkey` and `colour` are for the labelling interface."""

    name: str
    layer: str
    family: str
    entity: bool
    hotkey: str
    colour: str
    means: str
    example: str
    polarity: str = ""
    holds: bool = False
    derived: bool = False

    @property
    def is_mention(self) -> bool:
        """Names and MENTION: what a link may treat as a mention."""
        return self.family in ("name", "mention")


class LinkDef(NamedTuple):
    """A role of labels.toml: the families it joins, and whether a relation label must name it."""

    role: str
    source: str
    target: str
    named: bool
    means: str


class Labels(NamedTuple):
    """What labels.toml says; `titles` are what the interface shows instead of a value's name."""

    spans: dict[str, SpanDef]
    links: dict[str, LinkDef]
    values: dict[str, dict[str, str]]
    titles: dict[str, dict[str, str]]

    def family(self, label: str) -> str:
        """`mention` for names and MENTION, else the label's own family."""
        span = self.spans[label]
        return "mention" if span.is_mention else span.family

    @property
    def mention_types(self) -> list[str]:
        return [s.name for s in self.spans.values() if s.is_mention]

    @property
    def name_types(self) -> list[str]:
        return [s.name for s in self.spans.values() if s.family == "name"]

    def enum(self, name: str) -> list[str]:
        """The values that a field marked `x-values: name` may take; `name?` allows ""."""
        optional = [""] if name.endswith("?") else []
        name = name.removesuffix("?")
        derived = {
            "spans": list(self.spans),
            "links": list(self.links),
            "mention_types": self.mention_types,
            "layers": list(LAYERS),
            "stance_polarity": [s.polarity for s in self.spans.values() if s.polarity],
        }
        return optional + (derived[name] if name in derived else list(self.values[name]))

    def bio(self, names: list[str]) -> list[str]:
        """`O`, then B- and I- of each name: the class names of a BIO tag column."""
        return ["O", *(f"{p}-{n}" for n in names for p in "BI")]

    def role_between(self, first: str, second: str, named: str) -> LinkDef | None:
        """The link that may join spans of these two labels, in whichever direction.

        `named` is the relation label the annotator gave, `""` for none. None where no role fits.
        """
        ends = {self.family(first), self.family(second)}
        for link in self.links.values():
            if {link.source, link.target} == ends and (
                link.role == named if named else not link.named
            ):
                return link
        return None


def schema_dir() -> Path:
    """schema/ of the installed package (a wheel carries it), or of the checkout."""
    here = Path(__file__).resolve().parent
    inside = here / "schema"
    return inside if inside.is_dir() else here.parents[1] / "schema"


def parse(text: str) -> Labels:
    """Read the text of a labels.toml. Raises DataError for one that says something else."""
    try:
        raw = tomllib.loads(text)
        return Labels(
            {name: SpanDef(name=name, **row) for name, row in raw["spans"].items()},
            {
                role: LinkDef(role, row["from"], row["to"], row["named"], row["means"])
                for role, row in raw["links"].items()
            },
            raw["values"],
            raw["titles"],
        )
    except tomllib.TOMLDecodeError as error:
        raise DataError(f"schema/labels.toml is no TOML: {error}") from None
    except KeyError as error:
        raise DataError(f"schema/labels.toml has no {error}") from None
    except TypeError as error:  # a field too many, or too few
        raise DataError(f"schema/labels.toml: {error}") from None


@cache
def load() -> Labels:
    """The labels that this installation works with."""
    return parse((schema_dir() / "labels.toml").read_text(encoding="utf-8"))


# --- JSON Schemas -----------------------------------------------------------------------------


def json_schemas(labels: Labels) -> dict[str, dict[str, Any]]:
    """A JSON Schema (2020-12) for each top-level record, by its name.

    Every field is required and no other is allowed, but for a span's `attributes`.
    """
    return {name: _schema(name, kind, labels) for name, kind in TOP_LEVEL.items()}


def _schema(name: str, kind: type, labels: Labels) -> dict[str, Any]:
    (ref,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    defs = {key: _close(value, labels) for key, value in components.items()}
    top = defs.pop(ref["$ref"].rsplit("/", 1)[1])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"onrecord:{name}",
        **top,
        "$defs": defs,
    }


def _close(node: Any, labels: Labels) -> Any:
    if isinstance(node, list):
        return [_close(item, labels) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: _close(value, labels) for key, value in node.items() if key != "default"}
    if isinstance(docstring := node.get("description"), str):
        node["description"] = cleandoc(docstring)  # before Python 3.13 it keeps its indentation
    if "x-values" in node:
        node["enum"] = labels.enum(node.pop("x-values"))
    if "properties" in node and node.get("title") != "Attributes":
        node["required"] = list(node["properties"])
    return node


def strict_types(labels: Labels) -> dict[str, type[Record]]:
    """For each top-level record a type that decodes what its JSON Schema allows, and no more.

    The schema's restrictions, met while a line is parsed: every field required, labels from their
    lists. What is decoded is an instance of the record type. (A line that is refused says one
    thing that is wrong with it; the schema says everything.)
    """
    made: dict[type, Any] = {}
    return {name: _strict(kind, labels, made) for name, kind in TOP_LEVEL.items()}


def _strict(kind: Any, labels: Labels, made: dict[type, Any]) -> Any:
    if get_origin(kind) is list:
        return list[_strict(get_args(kind)[0], labels, made)]
    if get_origin(kind) is Annotated:
        inner, *metas = get_args(kind)
        for meta in metas:
            if values := (meta.extra_json_schema or {}).get("x-values"):
                return Literal[*labels.enum(values)]
        return Annotated[_strict(inner, labels, made), *metas]
    if isinstance(kind, type) and issubclass(kind, Record):
        if kind not in made:
            optional = kind is Attributes
            fields = [
                (
                    field.name,
                    _strict(field.type, labels, made),
                    msgspec.field(
                        name=field.encode_name,
                        default=field.default if optional else msgspec.NODEFAULT,
                    ),
                )
                for field in msgspec.structs.fields(kind)
            ]
            made[kind] = msgspec.defstruct(kind.__name__, fields, bases=(kind,), kw_only=True)
        return made[kind]
    return kind


# --- the labelling interface ------------------------------------------------------------------

FRAME = "label_config.frame.xml"
VERSIONS = {"A": "#0072b2", "B": "#d55e00", "C": "#009e73", "D": "#cc79a7", "E": "#56b4e9"}
"""The letters of annotators' versions in an adjudication, with their colours: those of Okabe and
Ito, told apart by colour-blind people too (jfly.uni-koeln.de/color)."""
# Label Studio substitutes {{idx}} with the number of the difference, from 0.
# What becomes of those without an answer is a question itself, and the one that has to be answered.
_DIFFERENCES = """<View className="or-differences">
        <View className="or-difference">
          <Header value="All differences that have no answer below" size="6"/>
          <Choices name="choice_rest" toName="text" value="$rest" choice="single-radio" required="true" requiredMessage="Say at the top what becomes of differences without an answer."/>
          <TextArea name="why_rest" toName="text" rows="1" maxSubmissions="1" editable="true" placeholder="Why? Then Enter (may stay empty)"/>
        </View>
        <Repeater on="$differences" indexFlag="{{idx}}">
          <View className="or-difference">
            <Text name="difference_{{idx}}" value="$differences[{{idx}}].what"/>
            <View className="or-where"><Text name="where_{{idx}}" value="$differences[{{idx}}].where"/></View>
            <Choices name="choice_{{idx}}" toName="text" value="$differences[{{idx}}].versions" choice="single-radio" layout="inline"/>
            <TextArea name="why_{{idx}}" toName="text" rows="1" maxSubmissions="1" editable="true" placeholder="Why? Then Enter (may stay empty)"/>
          </View>
        </Repeater>
      </View>
"""  # noqa: E501 - a line a tag, as in the frame
_GROUPS = {"quote": "Speech", "cue": "Speech", "stance": "Stance"}


def label_config(labels: Labels, frame: str, *, adjudication: bool = False) -> str:
    """The Label Studio labelling config: `frame` with its label lists filled in.

    The frame holds {{differences}}, {{versions}}, {{labels}}, {{relations}}, {{entity_labels}},
    {{stance_labels}}, {{basis}} and {{flags}}. The config of an adjudication has the versions'
    letters as labels of what is shown, a question for each difference, and one for the rest.
    """
    from xml.sax.saxutils import quoteattr

    versions = VERSIONS if adjudication else {}
    named = [link.role for link in labels.links.values() if link.named]
    fills = {
        "differences": f"{_DIFFERENCES}      " if adjudication else "",
        # Nobody draws with a letter: out of sight, and on keys that no hand finds by chance.
        "versions": "".join(
            f'<Label value="{letter}" background="{colour}" hotkey="ctrl+alt+shift+f{number}"/>'
            for number, (letter, colour) in enumerate(versions.items(), 1)
        ).join(['<View className="or-versions">', "</View>\n        "] if versions else [""]),
        "labels": "\n        ".join(_label_rows(labels)),
        "relations": "".join(f"<Relation value={quoteattr(v)}/>" for v in [*named, *versions]),
        "entity_labels": ",".join(s.name for s in labels.spans.values() if s.entity),
        "stance_labels": ",".join(s.name for s in labels.spans.values() if s.polarity),
        # The first letter of each is free as a hotkey.
        "basis": "".join(
            f"<Choice value={quoteattr(v)} hotkey={quoteattr(v[0])}/>"
            for v in labels.values["basis"]
        ),
        # Label Studio would give them single letters, and a stray key would flag the article.
        "flags": "\n            ".join(
            f"<Choice value={quoteattr(labels.titles['flag'][v])} alias={quoteattr(v)}"
            f' hotkey="alt+shift+{number}"/>'
            for number, v in enumerate(labels.values["flag"], 1)
        ),
    }
    for key, value in fills.items():
        frame = frame.replace("{{" + key + "}}", value)
    return frame


def _label_rows(labels: Labels) -> Iterator[str]:
    from xml.sax.saxutils import quoteattr

    groups: dict[str, list[SpanDef]] = {}
    for span in labels.spans.values():
        groups.setdefault(_GROUPS.get(span.family, "Names"), []).append(span)
    for title, spans in groups.items():
        yield f'<Header value={quoteattr(title)} size="6"/>'
        for span in by_key(spans):
            # Names are cut out of words (Putin from Putin's), and a quote, or evidence that is one,
            # ends at its mark, whatever stop follows; a cue is whole words.
            snaps = ' granularity="word"' if span.family == "cue" else ""
            yield (
                f"<Label value={quoteattr(span.name)} hotkey={quoteattr(span.hotkey)}"
                f" background={quoteattr(span.colour)}{snaps}/>"
            )


def by_key(spans: Iterable[SpanDef]) -> list[SpanDef]:
    """As on the keyboard: 1 to 9, 0, then the letters in the order of labels.toml."""
    return sorted(spans, key=lambda span: "1234567890".find(span.hotkey) % 11)


def generated(labels: Labels, frame: str) -> dict[str, bytes]:
    """Every generated file of schema/, by its name.

    Raises UsageError where Python has no docstrings, which are descriptions in the JSON Schemas.
    """
    if not Attributes.__doc__:
        raise UsageError(
            "Python runs without docstrings, and the JSON Schemas are made of them",
            "unset PYTHONOPTIMIZE, or set it to 1",
        )
    files = {
        f"{name}.schema.json": (json.dumps(schema, indent=1, ensure_ascii=False) + "\n").encode()
        for name, schema in json_schemas(labels).items()
    }
    files["label_config.xml"] = label_config(labels, frame).encode()
    files["adjudication_config.xml"] = label_config(labels, frame, adjudication=True).encode()
    return files
