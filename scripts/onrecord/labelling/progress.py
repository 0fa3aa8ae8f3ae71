"""The progress of labelling: each annotator's part of a batch on a server."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from onrecord.labelling import tasks
from onrecord.labelling.batches import read_batch
from onrecord.labelling.pulling import answers_of
from onrecord.labelling.room import parts_of, projects_of
from onrecord.ledger import House

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room


class Suggested(msgspec.Struct):
    """What became of suggested spans: kept, changed or deleted."""

    kept: int = 0
    changed: int = 0
    deleted: int = 0


class Part(msgspec.Struct, kw_only=True):
    """An annotator's part of a batch on a server, in numbers of tasks.

    `drafts` are begun, and neither submitted nor skipped.
    `median_time` is in seconds over what was submitted, 0 if nothing was.
    """

    batch: str
    annotator: str
    url: str
    project: int
    assigned: int
    tasks: int
    submitted: int
    skipped: int
    drafts: int
    median_time: float
    suggestions: Suggested


def count(house: House, room: Room, name: str) -> Iterator[Part]:
    """The parts of a batch on a server ("": of all batches)."""
    for title, project in sorted(projects_of(room, name).items()):
        batch, annotator = parts_of(title) or ("", "")
        planned = read_batch(house, batch)
        tasks_there = submitted = skipped = drafts = 0
        times: list[float] = []
        suggested = Suggested()
        for task in room.counts(project):
            tasks_there += 1
            submitted += task.submitted > 0
            skipped += task.skipped > 0
            drafts += task.draft and not (task.submitted or task.skipped)
        # Only answered tasks are fetched completely: a batch may have thousands that are not.
        for row in room.export(project, predictions=True, answered=True) if submitted else ():
            best, _ = tasks.newest(answers_of(row, ""))
            for answer in best.values():
                if answer.status == "submitted":
                    times.append(answer.lead_time)
                    _compare(answer.result, row["predictions"], suggested)
        yield Part(
            batch=batch,
            annotator=annotator,
            url=room.url,
            project=project,
            assigned=len(planned.assigned.get(annotator, [])) if planned else tasks_there,
            tasks=tasks_there,
            submitted=submitted,
            skipped=skipped,
            drafts=drafts,
            median_time=round(statistics.median(times), 1) if times else 0.0,
            suggestions=suggested,
        )


def _compare(
    result: list[dict[str, Any]], predictions: list[dict[str, Any]], told: Suggested
) -> None:
    """Count what became of the newest suggestion, which the answer started from."""
    offered = {
        item["id"]
        for item in (predictions[-1]["result"] if predictions else ())
        if item["type"] == "labels"
    }
    left = {item["id"]: item.get("origin") for item in result if item["type"] == "labels"}
    told.kept += sum(left.get(id_) == "prediction" for id_ in offered)
    told.changed += sum(left.get(id_, "prediction") != "prediction" for id_ in offered)
    told.deleted += len(offered - left.keys())
