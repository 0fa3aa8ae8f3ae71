"""The progress of labelling: each annotator's part of a batch on a server."""

from __future__ import annotations

import functools
import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from onrecord.labelling import tasks
from onrecord.labelling.batches import read_batch
from onrecord.labelling.pulling import (
    adjudicated,
    adjudication_tasks,
    answers_of,
    is_unsent,
    read_of,
)
from onrecord.labelling.room import adjudications_of, projects_of
from onrecord.labels import Labels
from onrecord.ledger import House
from onrecord.records import instant

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room


class Suggested(msgspec.Struct):
    """What became of suggested spans: kept, changed or deleted."""

    kept: int = 0
    changed: int = 0
    deleted: int = 0


class Part(msgspec.Struct, kw_only=True):
    """An annotator's part of a batch on a server, in numbers of tasks.

    `drafts` are begun, and neither submitted nor skipped; `unsent` were changed after they were
    submitted, without Update, so what was submitted counts.
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
    unsent: int
    median_time: float
    suggestions: Suggested


class Adjudications(msgspec.Struct, kw_only=True):
    """The adjudication of a batch on a server, in numbers of tasks, as in `Part`.

    Of `stale` ones the annotations have changed since they were submitted: they do not count.
    """

    batch: str
    url: str
    project: int
    tasks: int
    submitted: int
    skipped: int
    drafts: int
    unsent: int
    stale: int


def count(house: House, room: Room, name: str, labels: Labels) -> Iterator[Part]:
    """The parts of a batch on a server ("": of all batches)."""
    for batch, annotator, project in projects_of(room, name):
        planned = read_batch(house, batch)
        tasks_there = submitted = skipped = drafts = unsent = 0
        times: list[float] = []
        suggested = Suggested()
        for task in room.counts(project):
            tasks_there += 1
            submitted += task.submitted > 0
            skipped += task.skipped > 0
            drafts += task.draft and not (task.submitted or task.skipped)
        # Only answered tasks are fetched completely: a batch may have thousands that are not.
        for row in room.export(project, predictions=True, answered=True) if submitted else ():
            best, _ = tasks.newest(answers_of(row, "", annotator))
            for answer in best.values():
                if answer.status == "submitted":
                    times.append(answer.lead_time)
                    _compare(answer, row["predictions"], suggested)
                    read = functools.partial(read_of, row["data"], batch, labels)
                    unsent += is_unsent(row, answer, read)
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
            unsent=unsent,
            median_time=round(statistics.median(times), 1) if times else 0.0,
            suggestions=suggested,
        )


def adjudications(house: House, room: Room, name: str, labels: Labels) -> Iterator[Adjudications]:
    """The adjudications on a server of a batch ("": of all batches)."""
    for batch, project in adjudications_of(room, name):
        there = list(room.counts(project))
        answered = adjudication_tasks(room, batch, answered=True)
        done = adjudicated(house, [answered], batch, labels)
        yield Adjudications(
            batch=batch,
            url=room.url,
            project=project,
            tasks=len(there),
            submitted=sum(task.submitted > 0 for task in there),
            skipped=sum(task.skipped > 0 for task in there),
            drafts=sum(task.draft and not (task.submitted or task.skipped) for task in there),
            unsent=len(done.unsent),
            stale=sum(problem.rule == "pull.stale" for problem in done.problems),
        )


def _compare(answer: tasks.Answer, predictions: list[dict[str, Any]], told: Suggested) -> None:
    """Count what became of the suggestion that the answer started from.

    Where the server does not say which, it is the newest of those that were there: one that came
    later was never shown.
    """
    given = instant(answer.created_at)
    there = [p for p in predictions if instant(p["created_at"]) <= given]
    begun = [p for p in predictions if p["id"] == answer.suggestion] or there[-1:]
    offered = {item["id"] for p in begun for item in p["result"] if item["type"] == "labels"}
    left = {item["id"]: item.get("origin") for item in answer.result if item["type"] == "labels"}
    told.kept += sum(left.get(id_) == "prediction" for id_ in offered)
    told.changed += sum(left.get(id_, "prediction") != "prediction" for id_ in offered)
    told.deleted += len(offered - left.keys())
