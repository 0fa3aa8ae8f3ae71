"""Annotations and adjudications from the labelling room."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from onrecord import atomic, ledger
from onrecord.gold.differences import Differences, differences
from onrecord.gold.works import Works
from onrecord.labelling import adjudicating, tasks
from onrecord.labelling.room import adjudication_title, annotator_of, projects_of
from onrecord.labelling.spool import Spool
from onrecord.labels import Labels
from onrecord.ledger import House
from onrecord.records import Adjudication, Annotation, Problem, instant
from onrecord.rights import repeats
from onrecord.shelf import Shelf
from onrecord.text import sha256

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room


class Given(NamedTuple):
    """What counts of an annotator about an article, with the problems with it; `row` is the number
    of its row in the pull's spool.

    `masked`: its note repeats words of a text that does not ship; it stays on the server. `unsent`:
    its annotator changed it after submitting and did not send that. `changed_by`: whoever else
    changed what was submitted, "" for nobody.
    """

    row: int
    status: str
    problems: list[Problem]
    link: str
    sent_at: str
    masked: bool
    unsent: bool
    changed_by: str


@dataclass
class Pulled:
    """The result of a pull, of all servers together. The rows are on disk: a hundred labels take
    70 kB in memory.

    `faults` are problems with answers that are left on the server. `superseded` answers are another
    one's elders. `unlabelled` tasks have no answer, not even a draft. `nameless` are the addresses
    of answers of accounts that were removed, in a project of nobody's: they stay on the server.
    """

    projects: int = 0
    given: dict[tuple[str, str], Given] = field(default_factory=dict)
    """By annotator and article."""
    faults: list[Problem] = field(default_factory=list)
    superseded: int = 0
    unlabelled: int = 0
    nameless: list[str] = field(default_factory=list)
    spool: Spool[Annotation] = field(default_factory=lambda: Spool(Annotation))

    def of(self, annotator: str) -> dict[str, Given]:
        """What counts of an annotator, by article."""
        return {key[1]: given for key, given in self.given.items() if key[0] == annotator}

    def rows(self, annotator: str) -> Iterator[Annotation]:
        """The rows of an annotator, by article."""
        return (self.spool[given.row] for _, given in sorted(self.of(annotator).items()))

    @property
    def problems(self) -> list[Problem]:
        """All problems."""
        return [*self.faults, *(p for given in self.given.values() for p in given.problems)]

    @property
    def masked(self) -> int:
        """The number of notes that stay on the server."""
        return sum(given.masked for given in self.given.values())

    def put(self, annotator: str, article_id: str, given: Given) -> None:
        """Add what counts on one task, which may have a double, on another server, too."""
        key = annotator, article_id
        held = self.given.get(key)
        if held is not None:
            self.superseded += 1
            given = max(held, given, key=lambda g: (tasks.RANK[g.status], g.sent_at))
        self.given[key] = given

    def write(self, path: Path, annotator: str, name: str) -> tuple[bool, int]:
        """Write an annotator's file: what counts of them, and rows of before that no server has
        any more; sorted by article. Returns whether it changed, and how many rows of before stay.

        Raises DataError for a row of before that cannot be read.
        """
        new = self.of(annotator)
        with path.open("rb") if path.exists() else nullcontext(BytesIO()) as file:
            old = {
                row.article_id: offset
                for offset, row in ledger.read_placed(path, Annotation, name=name)
                if row.article_id not in new
            }

            def lines() -> Iterator[bytes]:
                for key in sorted(old.keys() | new):
                    yield ledger.encode(
                        self.spool[new[key].row]
                        if key in new
                        else ledger.read_at(file, old[key], Annotation)
                    )

            told = hashlib.sha256()
            for line in lines():
                told.update(line)
            changed = not path.exists() or told.hexdigest() != ledger.digest(path)
            if changed:
                with atomic.replacing(path) as replaced:
                    replaced.writelines(lines())
        return changed, len(old)


def pull(room: Room, name: str, labels: Labels, shelf: Shelf, into: Pulled | None = None) -> Pulled:
    """All answers in the batch's projects on a server, added to those of others in `into`.

    Problems: those of `tasks.annotation_of`, and `pull.other-text` for an answer to another text
    than the admitted one (it stays on the server).
    """
    pulled = into or Pulled()
    gone = {row[0] for row in ledger.withdrawn(shelf.house)}
    for part in projects_of(room, name):
        pulled.projects += 1
        for task in room.export(part.project):
            data = task["data"]
            if not isinstance(data.get("doc_id"), str) or not isinstance(data.get("text"), str):
                continue  # made by hand in Label Studio
            if data["doc_id"] in gone:
                continue  # withdrawn, but its task is still on the server
            link = f"{room.url}/projects/{part.project}/data?task={task['id']}"
            answers = list(answers_of(task, link, part.annotator))
            best, more = tasks.newest(a for a in answers if a.annotator)
            pulled.superseded += sum(answer.status != "draft" for answer in more)
            pulled.unlabelled += not answers
            pulled.nameless += [link] * any(not answer.annotator for answer in answers)
            for annotator, answer in best.items():
                if fault := _other_text(data, shelf):
                    pulled.faults.append(
                        tasks.problem_of(part.title, "pull.other-text", data, fault, link)
                    )
                    continue
                row, found = tasks.annotation_of(answer, data, name, labels)
                unsent = is_unsent(task, answer, functools.partial(read_of, data, name, labels))
                masked = not _may_stand(row.note, data, shelf)
                if masked:
                    row.note = ""
                other = answer.updated_by if answer.updated_by != annotator else ""
                number = pulled.spool.add(row)
                sent = tasks.sent_at(answer)
                given = Given(number, row.status, found, link, sent, masked, unsent, other)
                pulled.put(annotator, row.article_id, given)
    return pulled


def read_of(data: dict[str, Any], batch: str, labels: Labels, answer: tasks.Answer) -> Annotation:
    """The annotation in an answer to a task with `data`."""
    return tasks.annotation_of(answer, data, batch, labels)[0]


def is_unsent(
    task: dict[str, Any], answer: tasks.Answer, read: Callable[[tasks.Answer], object]
) -> bool:
    """Whether an annotator changed an exported answer after it was submitted, and did not send it.

    What they began may be an update, or, in a second tab, an answer of its own, which the server
    does not take any more. It is a change where `read` makes something else of it.
    """
    return answer.status != "draft" and any(
        read(answer._replace(result=draft["result"] or [])) != read(answer)
        for draft in task["drafts"]
        if annotator_of(draft["user"]) == answer.annotator
        and (draft["annotation"] or instant(draft["updated_at"]) > tasks.sent_at(answer))
    )


def _may_stand(words: str, data: dict[str, Any], shelf: Shelf) -> bool:
    """Whether a note or a reason may be stored in the corpus, given the article's rights."""
    doc_id = data["doc_id"]
    ships = doc_id in shelf and shelf.record(doc_id).rights.release == "ship"
    return ships or not repeats(words, data["text"])


def answers_of(task: dict[str, Any], link: str, owner: str = "") -> Iterator[tasks.Answer]:
    """The answers to an exported task: submitted, skipped and unfinished.

    One of an account that was removed is of the project's `owner`, unless that has one of their own
    there; else its annotator is "".
    """
    known = {annotator_of(answer["completed_by"]) for answer in task["annotations"]}
    for answer in task["annotations"]:
        status = "skipped" if answer["was_cancelled"] else "submitted"
        annotator = annotator_of(answer["completed_by"]) or (owner if owner not in known else "")
        yield _answer(answer, annotator, status, link)
    for draft in task["drafts"]:
        if draft.get("annotation") is None:
            yield _answer(draft, annotator_of(draft["user"]), "draft", link)


def _answer(answer: dict[str, Any], annotator: str, status: str, link: str) -> tasks.Answer:
    return tasks.Answer(
        answer["result"] or [],
        annotator,
        status,
        answer["created_at"],
        round(float(answer.get("lead_time") or 0.0), 3),
        link,
        answer.get("id") or 0,
        answer.get("updated_at") or "",
        annotator_of(answer.get("updated_by") or ""),
        answer.get("parent_prediction") or 0,
    )


def _other_text(data: dict[str, Any], shelf: Shelf) -> str:
    if sha256(data["text"]) != data.get("text_sha256"):
        return "the task's text was changed on the server"
    doc_id = data["doc_id"]
    if doc_id in shelf and shelf.record(doc_id).text_sha256 != data["text_sha256"]:
        return "the task holds another text than the admitted article"
    return ""


@dataclass
class Adjudicated:
    """The adjudications of a pull, with the problems.

    `open` is the number of differences that stay without an answer, `rest` of those that the answer
    for all others decided. Addresses of answers: `nameless` of accounts that were removed (they
    stay on the server), `begun` and not submitted, `unsent` changed after submitting, without
    Update.
    """

    rows: list[Adjudication] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    open: int = 0
    rest: int = 0
    nameless: list[str] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    unsent: list[str] = field(default_factory=list)


class Exported(NamedTuple):
    """The adjudication tasks of a batch, as exported, and the address of their project."""

    address: str
    tasks: Spool[dict[str, Any]] | list[dict[str, Any]]


def adjudication_tasks(room: Room, name: str, *, answered: bool = False) -> Exported:
    """Export the adjudication tasks of a batch to disk, so that a pull is all or nothing.

    With `answered` only those that somebody has submitted.
    """
    project = room.project(adjudication_title(name))
    tasks: Spool[dict[str, Any]] = Spool(dict)
    for task in () if project is None else room.export(project, answered=answered):
        tasks.add(task)
    return Exported(f"{room.url}/projects/{project}", tasks)


def adjudicated(
    house: House, servers: Iterable[Exported], name: str, labels: Labels
) -> Adjudicated:
    """The adjudications submitted for a batch on `servers`, of each article the one sent last.

    Compares them with the annotations in the corpus, so write these first.

    Problems: those of `adjudicating.read`; `pull.stale` for an answer about annotations that have
    changed since (it stays on the server); `pull.other-text`.
    """
    told = Adjudicated()
    works, shelf = Works(house, name), Shelf(house)
    best: dict[str, tuple[str, adjudicating.Read]] = {}
    for address, task in ((there.address, task) for there in servers for task in there.tasks):
        data = task["data"]
        link = f"{address}/data?task={task['id']}"
        answers = list(answers_of(task, link))
        submitted = [a for a in answers if a.status == "submitted"]
        told.nameless += [link] * any(not a.annotator for a in submitted)
        submitted = [a for a in submitted if a.annotator]
        if data.get("doc_id") not in shelf:
            continue
        if not submitted:
            told.begun += [link] * any(a.status == "draft" for a in answers)
            continue
        answer = functools.reduce(tasks.sent_last, submitted)
        found = _asked(data, name, works, shelf, link)
        if isinstance(found, Problem):
            told.problems.append(found)
            continue
        read = adjudicating.read(answer, data, name, found, labels)
        decisions = functools.partial(_decided, data, name, found, labels)
        told.unsent += [link] * is_unsent(task, answer, decisions)
        for decision in read.adjudication.decisions:
            if not _may_stand(decision.why, data, shelf):
                decision.why = ""
        held = best.get(data["doc_id"])
        if held is None or held[0] < tasks.sent_at(answer):
            best[data["doc_id"]] = tasks.sent_at(answer), read
    for _, read in best.values():
        told.rows.append(read.adjudication)
        told.problems += read.problems
        told.open += read.open
        told.rest += read.rest
    return told


def _asked(
    data: dict[str, Any], name: str, works: Works, shelf: Shelf, link: str
) -> Differences | Problem:
    """The differences that a task with `data` asks about, if they are still those of the corpus."""
    work = works.of(data["doc_id"])
    found = differences(work.submitted, text=data["text"]) if work and work.submitted else None
    if fault := _other_text(data, shelf):
        return tasks.problem_of(adjudication_title(name), "pull.other-text", data, fault, link)
    if found is None or found.digest() != data["state"]:
        message = (
            "the annotations have changed since this was adjudicated: delete the task and"
            f" adjudicate again (onrecord adjudicate --batch {name})"
        )
        return tasks.problem_of(adjudication_title(name), "pull.stale", data, message, link)
    return found


def _decided(
    data: dict[str, Any], batch: str, found: Differences, labels: Labels, answer: tasks.Answer
) -> Adjudication:
    """The adjudication in a third reader's answer to a task with `data`."""
    return adjudicating.read(answer, data, batch, found, labels).adjudication
