"""Annotations and adjudications from the labelling room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from onrecord import ledger
from onrecord.gold.differences import differences
from onrecord.gold.works import Works
from onrecord.labelling import adjudicating, tasks
from onrecord.labelling.room import adjudication_title, annotator_of, projects_of
from onrecord.labels import Labels
from onrecord.ledger import House
from onrecord.records import Adjudication, Annotation, Problem, instant
from onrecord.rights import repeats
from onrecord.shelf import Shelf
from onrecord.text import sha256

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room


class Pulled(NamedTuple):
    """The result of a pull: rows by annotator, problems, and the number of superseded answers.

    `unlabelled` tasks have no answer, not even a draft. `masked` notes repeat words of a text that
    does not ship; they stay on the server. `unsent` are the addresses of tasks that somebody
    changed after submitting them and did not update: what was submitted counts.
    """

    rows: dict[str, list[Annotation]]
    problems: list[Problem]
    superseded: int
    unlabelled: int
    masked: int
    unsent: list[str]


def pull(room: Room, name: str, labels: Labels, shelf: Shelf) -> Pulled:
    """All answers in the batch's projects, as annotation rows.

    Problems: those of `tasks.annotation_of`, and `pull.other-text` for an answer to another text
    than the admitted one (it stays on the server).
    """
    rows: dict[str, list[Annotation]] = {}
    problems: list[Problem] = []
    gone = {row[0] for row in ledger.withdrawn(shelf.house)}
    superseded = unlabelled = masked = 0
    unsent: list[str] = []
    for title, project in sorted(projects_of(room, name).items()):
        for task in room.export(project):
            data = task["data"]
            if not isinstance(data.get("doc_id"), str) or not isinstance(data.get("text"), str):
                continue  # made by hand in Label Studio
            if data["doc_id"] in gone:
                continue  # withdrawn, but its task is still on the server
            link = f"{room.url}/projects/{project}/data?task={task['id']}"
            best, more = tasks.newest(answers_of(task, link))
            superseded += len(more)
            unlabelled += not best
            for annotator, answer in best.items():
                if fault := _other_text(data, shelf):
                    problems.append(
                        Problem(
                            file=title,
                            line=0,
                            rule="pull.other-text",
                            id=data["doc_id"],
                            message=f"{fault}; look at {link}",
                        )
                    )
                    continue
                row, found = tasks.annotation_of(answer, data, name, labels)
                for begun in _updates(task, answer):
                    if tasks.annotation_of(begun, data, name, labels)[0] != row:
                        unsent.append(link)
                if not _may_stand(row.note, data, shelf):
                    row.note, masked = "", masked + 1
                rows.setdefault(annotator, []).append(row)
                problems += found
    return Pulled(rows, problems, superseded, unlabelled, masked, unsent)


def together(pulls: list[Pulled]) -> Pulled:
    """The results from several servers as one."""
    rows: dict[str, list[Annotation]] = {}
    for annotator, more in (item for p in pulls for item in p.rows.items()):
        rows.setdefault(annotator, []).extend(more)
    return Pulled(
        rows,
        [problem for p in pulls for problem in p.problems],
        superseded=sum(p.superseded for p in pulls),
        unlabelled=sum(p.unlabelled for p in pulls),
        masked=sum(p.masked for p in pulls),
        unsent=[link for p in pulls for link in p.unsent],
    )


def _may_stand(words: str, data: dict[str, Any], shelf: Shelf) -> bool:
    """Whether a note or a reason may be stored in the corpus, given the article's rights."""
    doc_id = data["doc_id"]
    ships = doc_id in shelf and shelf.record(doc_id).rights.release == "ship"
    return ships or not repeats(words, data["text"])


def answers_of(task: dict[str, Any], link: str) -> Iterator[tasks.Answer]:
    """The answers to an exported task: submitted, skipped and unfinished."""
    for answer in task["annotations"]:
        status = "skipped" if answer["was_cancelled"] else "submitted"
        yield _answer(answer, answer["completed_by"], status, link)
    for draft in task["drafts"]:
        if draft.get("annotation") is None:
            yield _answer(draft, draft["user"], "draft", link)


def _updates(task: dict[str, Any], submitted: tasks.Answer) -> Iterator[tasks.Answer]:
    """An annotator's answer to an exported task as it would be if what they began were sent."""
    for draft in task["drafts"]:
        begun = draft.get("annotation") is not None
        if begun and annotator_of(draft["user"]) == submitted.annotator:
            yield submitted._replace(result=draft["result"] or [])


def _answer(answer: dict[str, Any], mail: str, status: str, link: str) -> tasks.Answer:
    return tasks.Answer(
        answer["result"] or [],
        annotator_of(mail),
        status,
        answer["created_at"],
        round(float(answer.get("lead_time") or 0.0), 3),
        link,
    )


def _other_text(data: dict[str, Any], shelf: Shelf) -> str:
    if sha256(data["text"]) != data.get("text_sha256"):
        return "the task's text was changed on the server"
    doc_id = data["doc_id"]
    if doc_id in shelf and shelf.record(doc_id).text_sha256 != data["text_sha256"]:
        return "the task holds another text than the admitted article"
    return ""


class Adjudicated(NamedTuple):
    """The adjudications of a pull: rows, problems, the number of differences that stay open without
    an answer, and the number that were decided by the answer for all others."""

    rows: list[Adjudication]
    problems: list[Problem]
    open: int
    rest: int


class Exported(NamedTuple):
    """The adjudication tasks of a batch, as exported, and the address of their project."""

    address: str
    tasks: list[dict[str, Any]]


def adjudication_tasks(room: Room, name: str) -> Exported:
    """Export the adjudication tasks of a batch into memory, so that a pull is all or nothing."""
    project = room.project(adjudication_title(name))
    tasks = [] if project is None else list(room.export(project))
    return Exported(f"{room.url}/projects/{project}", tasks)


def adjudicated(house: House, exported: Exported, name: str, labels: Labels) -> Adjudicated:
    """The adjudications submitted for a batch, the newest of each article.

    Compares them with the annotations in the corpus, so write these first.

    Problems: those of `adjudicating.read`; `pull.stale` for an answer about annotations that have
    changed since (it stays on the server); `pull.other-text`.
    """
    rows: list[Adjudication] = []
    problems: list[Problem] = []
    unanswered = rest = 0
    if not exported.tasks:
        return Adjudicated(rows, problems, 0, 0)
    works, shelf = Works(house, name), Shelf(house)
    for task in exported.tasks:
        data = task["data"]
        link = f"{exported.address}/data?task={task['id']}"
        submitted = [a for a in answers_of(task, link) if a.status == "submitted"]
        if not submitted or data.get("doc_id") not in shelf:
            continue
        answer = max(submitted, key=lambda a: instant(a.created_at))
        work = works.of(data["doc_id"])
        found = differences(work.submitted, text=data["text"]) if work and work.submitted else None
        fault = _other_text(data, shelf)
        if fault or found is None or found.digest() != data["state"]:
            message = fault or (
                "the annotations have changed since this was adjudicated: delete the task and"
                f" adjudicate again (onrecord adjudicate --batch {name})"
            )
            problems.append(
                Problem(
                    file=adjudication_title(name),
                    line=0,
                    rule="pull.other-text" if fault else "pull.stale",
                    id=data["doc_id"],
                    message=f"{message}; look at {link}",
                )
            )
            continue
        read = adjudicating.read(answer, data, name, found, labels)
        for decision in read.adjudication.decisions:
            if not _may_stand(decision.why, data, shelf):
                decision.why = ""
        rows.append(read.adjudication)
        problems += read.problems
        unanswered += read.open
        rest += read.rest
    return Adjudicated(rows, problems, unanswered, rest)
