"""What a labelling config can express, and what a new one lacks of an old one. Pure."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from onrecord.labelling.errors import ServerRefused

TITLE_LIMITS: Final = (3, 50)
"""Label Studio's own limits on a project's title, in characters (PROJECT_TITLE_MIN/MAX_LEN)."""

RELATIONS: Final = "<Relations>"
"""Stands for the relation labels where controls go by their names."""


@dataclass(frozen=True, slots=True)
class Control:
    """One control: its tag in lower case (the `type` of its results), the object it is for, its
    values (None: any, or those that the task data gives under `variable`)."""

    kind: str
    target: str
    values: frozenset[str] | None
    variable: str = ""

    def allowed(self, data: Mapping[str, Any]) -> frozenset[str] | None:
        """Return the values that are possible in a task with `data`; None: any."""
        if not self.variable:
            return self.values
        options = data.get(self.variable) or ()
        return frozenset(str(option.get("alias") or option.get("value")) for option in options)


@dataclass(frozen=True, slots=True)
class Config:
    """What a labelling config can express: controls by name, the relation labels, and as
    `variables` the keys that task data must have."""

    controls: Mapping[str, Control]
    objects: frozenset[str]
    relations: frozenset[str]
    variables: frozenset[str]

    @classmethod
    def parse(cls, xml: str) -> Config:
        try:
            root = ET.fromstring(xml)
        except ET.ParseError as error:
            raise ServerRefused(f"the labelling config is not XML: {error}", 400) from None
        controls: dict[str, Control] = {}
        objects: set[str] = set()
        relations: set[str] = set()
        variables: set[str] = set()
        for tag in root.iter():
            name, value = tag.get("name"), tag.get("value", "")
            for given in (value, tag.get("on", "")):  # "$differences[{{idx}}].what"
                if given.startswith("$"):
                    variables.add(re.split(r"[.\[]", given[1:])[0])
            if tag.tag == "Relation":
                relations.add(value)
            elif name and tag.get("toName"):
                children = {
                    child.get("alias") or child.get("value", "")
                    for child in tag.iter()
                    if child is not tag and child.tag in ("Label", "Choice")
                }
                fixed = tag.tag in ("Labels", "Choices") and not value.startswith("$")
                controls[name] = Control(
                    tag.tag.lower(),
                    tag.get("toName", ""),
                    frozenset(children) if fixed else None,
                    value[1:] if tag.tag == "Choices" and value.startswith("$") else "",
                )
            elif name:
                objects.add(name)
        return cls(controls, frozenset(objects), frozenset(relations), frozenset(variables))

    def lost_in(self, new: Config) -> dict[str, frozenset[str] | None]:
        """Return what `new` lacks: values by control, None for a control that is gone."""
        lost: dict[str, frozenset[str] | None] = {}
        for name, control in self.controls.items():
            other = new.controls.get(name)
            if other is None or (other.kind, other.target) != (control.kind, control.target):
                lost[name] = None
            elif control.values is not None and control.values - (other.values or control.values):
                lost[name] = control.values - (other.values or control.values)
        if self.relations - new.relations:
            lost[RELATIONS] = self.relations - new.relations
        return lost


def values_of(item: Mapping[str, Any]) -> list[str]:
    """Return the labels or choices that a result item uses."""
    if item.get("type") == "relation":
        return [str(label) for label in item.get("labels") or ()]
    value = item.get("value") or {}
    found = value.get("labels") or value.get("choices") or ()
    return [str(label) for label in found]
