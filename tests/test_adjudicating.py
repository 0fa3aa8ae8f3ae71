"""Adjudication tasks on a real server: asked once, replaced while nobody works on them, and an
answer about annotations that changed is not taken."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import browser as ui
import synthetic
from cli import onrecord
from onrecord import labels, ledger
from onrecord.gold import documents
from onrecord.gold.differences import differences
from onrecord.gold.works import Works
from onrecord.labelling import accounts, adjudicating, interface, labelstudio, pulling, pushing
from onrecord.labelling.room import adjudication_title
from onrecord.ledger import House
from onrecord.records import Annotation


class Case:
    """A root with one article that two annotators labelled, differing in one span."""

    def __init__(self, root: Path) -> None:
        self.house, self.batch = House(root), f"j-{uuid.uuid4().hex[:6]}"
        self.sheet = synthetic.sample()[0]
        ledger.write(self.house.articles / "desk.jsonl", [self.sheet.article])
        (root / "corpus/annotators.csv").write_text(
            "id,kind,model,version,given\nann,person,,,\nbob,person,,,\ncurator,person,,,\n",
            "utf-8",
        )
        self.label("ann")
        self.label("bob", without=0)

    def label(self, who: str, without: int | None = None) -> None:
        row = self.sheet.annotation(self.batch, who)
        if without is not None:
            gone = row.spans.pop(without)
            row.links = [x for x in row.links if gone.id not in (x.from_, x.to)]
        ledger.write(self.house.annotations / self.batch / f"{who}.jsonl", [row])

    def adjudicate(self, room: labelstudio.Room) -> pushing.Adjudicating:
        return pushing.adjudicate(self.house, room, self.batch, lambda _: None)

    def task(self, room: labelstudio.Room) -> dict[str, Any]:
        (row,) = room.export(room.projects()[adjudication_title(self.batch)], predictions=True)
        return row

    def answer(self, room: labelstudio.Room, choice: str) -> None:
        """Answer every difference with the option `choice`."""
        row = self.task(room)
        result = list(row["predictions"][0]["result"])
        for number in range(len(row["data"]["differences"])):
            item = {"id": f"c{number}", "from_name": f"choice_{number}", "to_name": "text"}
            result.append(item | {"type": "choices", "value": {"choices": [choice]}})
        room.submit(row["id"], result, lead_time=5)

    def pull(self, room: labelstudio.Room) -> pulling.Adjudicated:
        exported = pulling.adjudication_tasks(room, self.batch)
        return pulling.adjudicated(self.house, [exported], self.batch, labels.load())


@pytest.fixture
def case(tmp_path: Path, room: labelstudio.Room) -> Iterator[Case]:
    case = Case(tmp_path)
    yield case
    project = room.project(adjudication_title(case.batch))
    if project is not None:
        room.delete_project(project)


def test_an_adjudication_comes_back_and_gold_uses_it(case: Case, room: labelstudio.Room) -> None:
    assert case.adjudicate(room).result.created == 1
    assert case.pull(room).rows == [], "nobody has answered"
    case.answer(room, "0")
    pulled = case.pull(room)
    (row,) = pulled.rows
    assert (pulled.problems, pulled.open, row.adjudicator) == ([], 0, "curator")
    ledger.write(case.house.adjudications / f"{case.batch}.jsonl", pulled.rows)
    assert documents.make(case.house, case.batch).rows == 1
    again = case.adjudicate(room)
    assert (again.result.created, again.agreed, again.stale) == (0, 1, [])
    assert case.task(room)["annotations"], "what is decided stays there"


def test_who_it_is_can_be_said_at_a_version_that_is_shown(
    case: Case, room: labelstudio.Room, chromium: Browser, studio_root: Path
) -> None:
    """Both readers have the wrong country: neither, and the right one for the name in the text."""
    case.label("bob")
    path = case.house.annotations / case.batch / "bob.jsonl"
    (row,) = ledger.read(path, Annotation)
    name = next(span for span in row.spans if span.label == "NORP")
    name.entity = row.spans[0].entity
    ledger.write(path, [row])
    case.adjudicate(room)
    curator = accounts.account(studio_root, accounts.CURATOR)
    with ui.Studio(chromium, room.url) as window:
        window.log_in(curator.email, curator.password)
        window.open_stream(room.projects()[adjudication_title(case.batch)])
        window.decide("neither", by_key=True)
        window.decide("there are none", by_key=True)
        shown = next(r for r in window.regions() if r["labels"] == ["A", "NORP"])
        window.write(shown["id"], "entity_other", "Sweden")
        window.submit()
    pulled = case.pull(room)
    assert pulled.problems == []
    (adjudication,) = pulled.rows
    (span,) = (span for decision in adjudication.decisions for span in decision.spans)
    assert (span.label, span.start, span.end) == ("NORP", name.start, name.end)
    assert [(e.id, e.name) for e in adjudication.entities] == [(span.entity, "Sweden")]


def test_an_adjudication_of_annotations_made_elsewhere_is_pulled(
    case: Case, room: labelstudio.Room, studio_root: Path
) -> None:
    """Nobody has labelled the batch on this server: its annotations are files."""
    status = ("status", "--batch", case.batch)
    case.adjudicate(room)
    case.answer(room, "0")
    known = accounts.credentials(studio_root)
    env = {accounts.URL_VARIABLE: known.url, accounts.TOKEN_VARIABLE: known.token}
    told = onrecord("pull", "--batch", case.batch, cwd=case.house.root, env=env)
    assert "1 adjudicated" in told.stderr
    assert "nothing has been labelled" not in told.stderr
    assert "without Update" not in told.stderr

    # Another choice, without Update; what is saved unchanged is none.
    task = case.task(room)
    (answer,) = task["annotations"]
    path = f"/api/tasks/{task['id']}/annotations/{answer['id']}/drafts"
    for choice, unsent in (("0", 0), ("1", 1)):
        saved = [
            x | {"value": {"choices": [choice]}} if x.get("from_name", "")[:7] == "choice_" else x
            for x in answer["result"]
        ]
        room.server.json("POST", path, json={"result": saved, "lead_time": 6})
        assert len(case.pull(room).unsent) == unsent
    told = onrecord("pull", "--batch", case.batch, cwd=case.house.root, env=env)
    assert "1 answer changed after submitting, without Update:" in told.stderr
    assert f"/data?task={task['id']}\n" in told.stderr
    told = onrecord(*status, "--format", "json", cwd=case.house.root, env=env)
    (part,) = json.loads(told.stdout)["adjudications"]
    assert (part["tasks"], part["submitted"], part["drafts"]) == (1, 1, 0)
    assert (part["unsent"], part["stale"]) == (1, 0)
    case.label("bob", without=1)
    told = onrecord(*status, cwd=case.house.root, env=env)
    assert re.search(rf"{case.batch} +1 +1 +0 +0 +0 +1\n", told.stdout), "it is stale"


def test_a_task_is_replaced_when_annotations_change_before_anybody_answered(
    case: Case, room: labelstudio.Room
) -> None:
    case.adjudicate(room)
    before = case.task(room)
    case.label("bob", without=1)
    told = case.adjudicate(room)
    assert (told.result.created, told.stale) == (1, [])
    assert case.task(room)["data"]["state"] != before["data"]["state"]
    case.label("bob")
    told = case.adjudicate(room)
    assert (told.deleted, told.agreed) == (1, 1)
    assert not pulling.adjudication_tasks(room, case.batch).tasks, "they agree: nothing to ask"


def test_a_task_that_somebody_has_begun_is_not_replaced(case: Case, room: labelstudio.Room) -> None:
    case.adjudicate(room)
    task = case.task(room)
    begun = {"result": task["predictions"][0]["result"], "lead_time": 5}
    room.server.json("POST", f"/api/tasks/{task['id']}/drafts", json=begun)
    case.label("bob", without=1)
    told = case.adjudicate(room)
    assert (told.result.created, told.stale) == (0, [case.sheet.article.id])
    assert case.task(room)["drafts"], "hours of work may be in it"
    case.label("bob")
    told = case.adjudicate(room)
    assert (told.deleted, told.stale) == (0, [case.sheet.article.id])
    (link,) = case.pull(room).begun
    assert link.endswith(f"/data?task={task['id']}")


def test_a_task_that_does_not_ask_for_the_rest_is_replaced(
    case: Case, room: labelstudio.Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def earlier(*given: Any) -> dict[str, Any]:
        task = task_of(*given)
        del task["data"]["rest"]
        return task

    task_of, config = adjudicating.task_of, interface.label_config("adjudication_config.xml")
    with monkeypatch.context() as patch:
        patch.setattr(adjudicating, "task_of", earlier)
        patch.setattr(pushing, "label_config", lambda _: config.replace("$rest", "$entities"))
        case.adjudicate(room)
    assert "rest" not in case.task(room)["data"]
    told = case.adjudicate(room)
    assert (told.result.created, told.stale) == (1, [])
    assert case.task(room)["data"]["rest"]
    assert case.adjudicate(room).result.created == 0


def test_an_answer_about_annotations_that_changed_is_not_taken(
    case: Case, room: labelstudio.Room
) -> None:
    case.adjudicate(room)
    case.answer(room, "0")
    case.label("bob", without=1)
    told = case.adjudicate(room)
    assert told.stale == [case.sheet.article.id]
    pulled = case.pull(room)
    (problem,) = pulled.problems
    assert problem.rule == "pull.stale"
    assert f"{room.url}/projects/" in problem.message
    assert pulled.rows == []


@pytest.mark.parametrize("servers", [["ab"], ["a", "b"], ["b", "a"]])
def test_of_two_adjudications_the_later_one_counts(tmp_path: Path, servers: list[str]) -> None:
    """By half a second, too: Label Studio leaves the fraction out where it is 0."""
    case = Case(tmp_path)
    work = Works(case.house, case.batch).of(case.sheet.article.id)
    assert work is not None
    found = differences(work.submitted, text=work.article.text)
    task = adjudicating.task_of(work.article, found) | {"id": 7, "drafts": []}
    answer = {"result": [], "completed_by": "curator", "was_cancelled": False}
    times = {"a": "2026-01-02T03:04:05Z", "b": "2026-01-02T03:04:05.500000Z"}
    exported = [
        pulling.Exported(
            "http://x",
            [task | {"annotations": [answer | {"created_at": times[one]} for one in answers]}],
        )
        for answers in servers
    ]
    (row,) = pulling.adjudicated(case.house, exported, case.batch, labels.load()).rows
    assert row.created_at == "2026-01-02T03:04:05.500000Z"
