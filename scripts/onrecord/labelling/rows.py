"""Tasks as the server lists them: which are the same, and which of several counts. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Json = dict[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the server has it; counts are of annotations and predictions."""

    id: int
    doc_id: str
    text_sha256: str
    submitted: int
    skipped: int
    predictions: int
    data: Json = field(repr=False)


@dataclass(frozen=True, slots=True)
class Row(Task):
    """A task in the server's list, with the model versions of its suggestions."""

    versions: frozenset[str] = frozenset()
    draft: bool = False

    @property
    def worked_on(self) -> bool:
        return bool(self.submitted or self.skipped or self.draft)


def row_of(told: Json) -> Row:
    """A line of the server's list of tasks."""
    data = told["data"]
    return Row(
        id=int(told["id"]),
        doc_id=str(data.get("doc_id") or ""),
        text_sha256=str(data.get("text_sha256") or ""),
        submitted=int(told.get("total_annotations") or 0),
        skipped=int(told.get("cancelled_annotations") or 0),
        predictions=int(told.get("total_predictions") or 0),
        data=data,
        versions=frozenset(
            name.strip()
            for name in (told.get("predictions_model_versions") or "").split(",")
            if name.strip()
        ),
        draft=bool(told.get("draft_exists")),
    )


def keeper(group: Sequence[Row]) -> Row:
    """Of tasks with one doc_id: the lowest id that has annotations, else the lowest."""
    return min(group, key=lambda task: (not (task.submitted or task.skipped), task.id))


def same_text(task: Task, data: Mapping[str, Any]) -> bool:
    """Whether a task holds the text of `data`: by their hashes where both have one."""
    ours = data.get("text_sha256")
    if ours and task.text_sha256:
        return ours == task.text_sha256
    return task.data.get("text") == data.get("text")


def condition(column: str, operator: str, value: Any, kind: str = "String") -> Json:
    """A condition of the server's filters over tasks."""
    return {"filter": f"filter:tasks:{column}", "operator": operator, "value": value, "type": kind}


def by_id(row: Json) -> int:
    """The sort key of rows as the server gives them."""
    return int(row["id"])


def batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The items in lists of `size`, the last one shorter (itertools.batched of Python 3.12)."""
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch
