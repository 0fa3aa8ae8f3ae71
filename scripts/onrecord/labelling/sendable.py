"""Tasks and predictions checked before they are sent. Pure.

The server takes what its interface then cannot show, and refuses a whole chunk for one fault.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from onrecord.labelling.config import Config, values_of
from onrecord.labelling.errors import BadTask
from onrecord.labelling.rows import Json


def checked(
    batch: Iterable[Mapping[str, Any]], config: Config, seen: dict[str, str]
) -> dict[str, Json]:
    """Return the tasks of `batch` by doc_id, each fit to be sent; `seen` spans the push."""
    fresh: dict[str, Json] = {}
    for task in batch:
        data = task.get("data")
        if not isinstance(data, Mapping):
            raise BadTask("a task without data")
        doc_id, text = data.get("doc_id"), data.get("text")
        if not isinstance(doc_id, str) or not doc_id.strip() or "," in doc_id:
            raise BadTask(f"a task needs a doc_id, a string without commas, not {doc_id!r}")
        if not isinstance(text, str):
            raise BadTask(f"{doc_id}: a task needs a text")
        missing = sorted(config.variables - set(data))
        if missing:  # the server would refuse the whole chunk
            raise BadTask(f"{doc_id}: the labelling config needs {', '.join(missing)} in its data")
        _check_characters(doc_id, data)
        digest = hashlib.sha256(text.encode()).hexdigest()
        if data.get("text_sha256", digest) != digest:
            raise BadTask(f"{doc_id}: text_sha256 is not that of its text")
        if seen.setdefault(doc_id, digest) != digest:
            raise BadTask(f"{doc_id} comes twice, with two texts")
        for number, prediction in enumerate(task.get("predictions") or ()):
            where = f"{doc_id}, prediction {number + 1}"
            if not prediction.get("model_version"):
                raise BadTask(f"{where}: no model_version")
            if "," in prediction["model_version"]:  # the server lists versions with commas
                raise BadTask(f"{where}: a model_version cannot contain a comma")
            _check_result(where, prediction.get("result"), text, data, config)
        fresh.setdefault(doc_id, dict(task))
    return fresh


def _check_characters(doc_id: str, value: Any) -> None:
    """Refuse what PostgreSQL cannot store: there it would fail the whole chunk with a 500."""
    if isinstance(value, str):
        if "\0" in value:
            raise BadTask(f"{doc_id}: its data has a NUL character")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise BadTask(f"{doc_id}: its data has a lone surrogate") from None
    elif isinstance(value, Mapping):
        for part in value.values():
            _check_characters(doc_id, part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _check_characters(doc_id, part)


def _check_result(
    where: str, result: Any, text: str, data: Mapping[str, Any], config: Config
) -> None:
    """Refuse a prediction that the server takes but the browser cannot show as it is meant."""
    if not isinstance(result, (list, tuple)):
        raise BadTask(f"{where}: its result is not a list")
    regions: set[str] = set()
    for item in result:
        if not isinstance(item, Mapping):
            raise BadTask(f"{where}: a result that is not an object: {str(item)[:80]}")
        if item.get("type") == "labels":
            if not isinstance(item.get("id"), str) or not item["id"] or item["id"] in regions:
                raise BadTask(f"{where}: a region without an id of its own: {item.get('id')!r}")
            regions.add(item["id"])
    for item in result:
        kind, what = item.get("type"), f"{where}, {item.get('id') or item.get('type')}"
        if kind == "relation":
            for end in ("from_id", "to_id"):
                if item.get(end) not in regions:
                    raise BadTask(f"{what}: {end} {item.get(end)!r} names no region")
            if item.get("direction", "right") not in ("right", "left", "bi"):
                raise BadTask(f"{what}: unknown direction {item['direction']!r}")
            known = config.relations
        else:
            control = config.controls.get(item.get("from_name", ""))
            if control is None or control.kind != kind:
                raise BadTask(f"{what}: no {kind} control {item.get('from_name')!r} in the config")
            if item.get("to_name") != control.target:
                raise BadTask(f"{what}: {item['from_name']} is for {control.target!r}")
            known = control.allowed(data)
            value = item.get("value")
            if not isinstance(value, Mapping):
                raise BadTask(f"{what}: no value")
            if kind == "labels":
                _check_offsets(what, value, text)
            if kind != "textarea" and not values_of(item):
                raise BadTask(f"{what}: no {kind}")
        unknown = sorted(set(values_of(item)) - known) if known is not None else []
        if unknown:
            raise BadTask(f"{what}: not in the config: {', '.join(unknown)}")


def _check_offsets(what: str, value: Mapping[str, Any], text: str) -> None:
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:  # bool is an int, and strings are taken
        raise BadTask(f"{what}: offsets must be integers, not {start!r} and {end!r}")
    if not 0 <= start < end <= len(text):
        raise BadTask(f"{what}: {start}:{end} is not inside a text of {len(text)} characters")


def any_predictions(fresh: Mapping[str, Json]) -> bool:
    """Whether one of the tasks that are to be sent carries a suggestion."""
    return any(task.get("predictions") for task in fresh.values())
