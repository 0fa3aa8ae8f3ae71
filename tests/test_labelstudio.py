"""Label Studio's API and its real interface, on a real server."""

from __future__ import annotations

import hashlib
import http.server
import os
import signal
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator

import browser as interface
from onrecord.labelling import accounts, errors, labelstudio, processes, studio
from onrecord.labelling.errors import NoServer
from onrecord.labelling.labelstudio import Room
from onrecord.labelling.rows import Json
from onrecord.labelling.sending import Push, PushResult
from onrecord.labelling.server import Visitor
from parts import own_port

ENTITIES = [{"value": "Vladimir Putin · Q7747", "alias": "Q7747"}]


def task(number: int | str, text: str = "", *, model: str = "", **data: Any) -> Json:
    doc_id = f"doc-{number:04}" if isinstance(number, int) else number
    text = text or f"Article {doc_id}: “Never,” said Mr Ash 🇫🇷 of the law."
    made: Json = {
        "data": {
            "doc_id": doc_id,
            "text": text,
            "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
            "entities": ENTITIES,
            **data,
        }
    }
    if model:
        made["predictions"] = [prediction(model)]
    return made


def region(name: str, start: Any, end: Any, label: str = "ORG") -> Json:
    value = {"start": start, "end": end, "labels": [label]}
    return {"id": name, "from_name": "span", "to_name": "text", "type": "labels", "value": value}


def prediction(model: str, *results: Json) -> Json:
    return {"model_version": model, "score": 0.5, "result": list(results) or [region("r", 0, 7)]}


def stored(room: Room, project: int) -> list[tuple[str, list[str]]]:
    """What the server has: every task's doc_id with its predictions' versions."""
    return sorted(
        (row["data"]["doc_id"], sorted(p["model_version"] for p in row["predictions"]))
        for row in room.export(project, predictions=True)
    )


@pytest.fixture
def annotator(room: Room, studio_root: Path) -> accounts.Account:
    known = accounts.account(studio_root, "ann@onrecord.example")
    token = room.ensure_account(known.email, known.password)
    return accounts.Account(known.email, known.password, token)


# -- projects --------------------------------------------------------------------------------


def test_a_project_is_made_once_and_brought_up_to_date(room: Room, title: str, config: str) -> None:
    made = room.ensure_project(title, config, "<p>Read this</p>")
    assert room.ensure_project(title, config, "<p>Read that</p>", maximum_annotations=2) == made
    assert room.projects()[title] == room.project(title) == made
    have = room.server.json("GET", f"/api/projects/{made}/")
    assert have["expert_instruction"] == "<p>Read that</p>"
    assert have["show_instruction"] is True
    assert have["show_annotation_history"] is False
    assert have["maximum_annotations"] == 2
    assert have["enable_empty_annotation"] is True
    assert set(have["parsed_label_config"]["span"]["labels"]) >= {"PERSON", "QUOTE", "STANCE_MIXED"}


def test_a_project_that_somebody_renamed_is_the_same(room: Room, title: str, config: str) -> None:
    made = room.ensure_project(title, config)
    path = f"/api/projects/{made}/"
    room.server.json("PATCH", path, json={"title": "Harbour, spring"})
    assert room.ensure_project(title, config) == room.project(title) == made
    assert room.server.json("GET", path)["title"] == "Harbour, spring"
    other = room.server.json("POST", "/api/projects/", json={"title": title})["id"]
    assert room.project(title) == other, "what is called so comes first"
    room.delete_project(made)


@pytest.mark.parametrize("bad", ["ab", "x" * 51, " padded "])
def test_a_title_beyond_label_studios_limits_is_refused_here(
    room: Room, config: str, bad: str
) -> None:
    with pytest.raises(errors.ServerRefused, match="3 to 50"):
        room.ensure_project(bad, config)


def test_the_servers_own_words_are_given(room: Room, title: str) -> None:
    with pytest.raises(errors.ServerRefused, match="label_config: Validation failed"):
        room.ensure_project(title, "<View><Labels name='a' toName='nowhere'/></View>")
    with pytest.raises(errors.ServerRefused, match="not XML"):
        room.ensure_project(title, "<View>")


def test_a_label_in_use_cannot_be_taken_away(
    room: Room, project: int, title: str, config: str
) -> None:
    room.push(project, [task(1)])
    without_org = config.replace('value="ORG"', 'value="ORGS"')
    without_law = config.replace('value="LAW"', 'value="LAWS"')
    found = room.tasks(project)["doc-0001"].id
    answer = room.submit(found, [region("a", 0, 7)], lead_time=1)
    assert room.ensure_project(title, without_law) == project  # nobody used it
    with pytest.raises(errors.LabelsInUse, match=r"span=ORG \(1 times\)"):
        room.ensure_project(title, without_org)
    assert 'value="ORG"' in room.server.json("GET", f"/api/projects/{project}/")["label_config"]
    room.server.send("DELETE", f"/api/annotations/{answer}/")
    assert room.ensure_project(title, without_org) == project


# -- push ------------------------------------------------------------------------------------


def test_push_again_changes_nothing(room: Room, project: int) -> None:
    tasks = [task(number, model="m1") for number in range(7)]
    said: list[int] = []
    assert room.push(project, iter(tasks), chunk=3, progress=said.append) == PushResult(created=7)
    assert said == [3, 6, 7]
    before = room.tasks(project)
    assert room.push(project, tasks, chunk=2) == PushResult(present=7, kept=7)
    assert room.tasks(project) == before
    assert before["doc-0003"].data == tasks[3]["data"]
    assert (before["doc-0003"].predictions, before["doc-0003"].submitted) == (1, 0)
    assert list(room.tasks(project, ["doc-0002", "nothing"])) == ["doc-0002"]
    assert room.push(project, [*tasks, task(8)]) == PushResult(created=1, present=7, kept=7)
    assert stored(room, project)[:2] == [("doc-0000", ["m1"]), ("doc-0001", ["m1"])]


def test_a_document_that_comes_twice_in_a_push_is_one_task(room: Room, project: int) -> None:
    room.push(project, [task(1), task(1), task(2), task(1)], chunk=3)
    assert room.count(project) == 2


def test_a_changed_text_is_refused_by_name(room: Room, project: int) -> None:
    room.push(project, [task(number) for number in range(4)])
    changed = [task(0), task(1, "Another text."), task(9), task(3, "And another.")]
    with pytest.raises(errors.ChangedText) as caught:
        room.push(project, changed, chunk=2)
    assert caught.value.doc_ids == ("doc-0001", "doc-0003")
    assert "doc-0003" in str(caught.value)
    assert sorted(room.tasks(project)) == [f"doc-000{number}" for number in range(4)]


def test_missing_predictions_are_added_once_and_the_newest_is_offered(
    room: Room, project: int
) -> None:
    room.push(project, [task(1), task(2, model="m1")])
    again = [task(1, model="m1"), task(2, model="m1")]
    assert room.push(project, again) == PushResult(present=2, predictions=1, kept=1)
    assert room.push(project, again) == PushResult(present=2, kept=2)
    newer = [task(1, model="m2"), task(2, model="m2")]
    assert room.push(project, newer) == PushResult(present=2, predictions=2)
    assert stored(room, project) == [("doc-0001", ["m1", "m2"]), ("doc-0002", ["m1", "m2"])]
    assert room.server.json("GET", f"/api/projects/{project}/")["model_version"] == "m2"


RELATION = {"type": "relation", "from_id": "r", "to_id": "s", "direction": "right"}
CHOICE = {"id": "r", "from_name": "entity", "to_name": "text", "type": "choices"}


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([region("r", 0, 7, "NOPE")], "NOPE"),
        ([region("r", 0, 7) | {"from_name": "spam"}], "spam"),
        ([region("r", 0, 7) | {"to_name": "image"}], "for 'text'"),
        ([region("r", 0, 7000)], "0:7000"),
        ([region("r", 7, 7)], "7:7"),
        ([region("r", -1, 7)], "-1:7"),
        ([region("r", "0", "7")], "integers"),
        ([region("r", True, 7)], "integers"),
        ([region("", 0, 7)], "id of its own"),
        ([region("r", 0, 7), region("r", 8, 9)], "id of its own"),
        ([region("r", 0, 7), RELATION], "'s' names no region"),
        ([region("r", 0, 7), region("s", 8, 9), RELATION | {"labels": ["wife"]}], "wife"),
        ([region("r", 0, 7), region("s", 8, 9), RELATION | {"direction": "up"}], "direction"),
        ([region("r", 0, 7), CHOICE | {"value": {"choices": ["Q1"]}}], "Q1"),
        ([[region("r", 0, 7)]], "not an object"),
    ],
)
def test_predictions_that_the_server_would_swallow_are_refused(
    room: Room, project: int, results: list[Any], words: str
) -> None:
    bad = task(2) | {"predictions": [prediction("m1", *results)]}
    with pytest.raises(errors.BadTask, match="doc-0002") as caught:
        room.push(project, [task(1), bad])
    assert words in str(caught.value)
    assert room.count(project) == 0


def test_a_good_prediction_of_every_shape_is_accepted(room: Room, project: int) -> None:
    results = [
        region("r", 0, 7),
        region("s", 8, 11),
        CHOICE | {"value": {"choices": ["Q7747"]}},
        RELATION,
        RELATION | {"labels": ["holder"], "from_id": "s", "to_id": "r"},
    ]
    room.push(project, [task(1) | {"predictions": [prediction("m1", *results)]}])
    (row,) = room.export(project, predictions=True)
    assert row["predictions"][0]["result"] == results


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"text": "no data"}, "without data"),
        ({"data": {"doc_id": "", "text": "a"}}, "doc_id"),
        ({"data": {"doc_id": "a,b", "text": "a"}}, "commas"),
        ({"data": {"doc_id": "a", "text": 3}}, "text"),
        ({"data": {"doc_id": "a", "text": "b"}}, "entities"),
        (task("a", "NUL \0"), "NUL"),
        ({"data": {"doc_id": "a", "text": "\ud800", "entities": []}}, "surrogate"),
        (task("a", "b", text_sha256="0" * 64), "text_sha256"),
        (task("a") | {"predictions": [{"result": []}]}, "model_version"),
    ],
)
def test_tasks_that_would_break_a_chunk_are_refused(
    room: Room, project: int, bad: Json, words: str
) -> None:
    with pytest.raises(errors.BadTask, match=words):
        room.push(project, [task(1), bad])
    assert room.count(project) == 0


def test_one_document_with_two_texts_in_a_push_is_refused(room: Room, project: int) -> None:
    with pytest.raises(errors.BadTask, match="two texts"):
        room.push(project, [task(1), task(1, "Another.")])


def test_text_comes_back_byte_for_byte(room: Room, project: int) -> None:
    text = (
        "<b>x</b> &amp; {{y}} $text s3://bucket/file é e\u0301 \u200f 🇫🇷👩🏽‍🚒 \\n “”\n\n"
        + "w" * 10_000
    )
    room.push(project, [task("odd", text)])
    assert room.tasks(project)["odd"].data["text"] == text
    (row,) = room.export(project)
    assert row["data"]["text"] == text


Send = Callable[..., Any]


def between(room: Room, monkeypatch: pytest.MonkeyPatch, way: Callable[..., Any]) -> None:
    """Requests of the room go through `way`: `(send, method, path, **options)`."""
    monkeypatch.setattr(room.server, "send", partial(way, room.server.send))


@pytest.mark.parametrize(
    "failure",
    [
        NoServer("dropped", sent=True),
        NoServer("late", sent=True, timed_out=True),
        errors.ServerFailed("after it was committed", 500),
    ],
    ids=["dropped", "timed-out", "500"],
)
def test_a_lost_answer_doubles_nothing(
    room: Room, project: int, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = [failure, failure]

    def lossy(send: Send, method: str, path: str, **options: Any) -> Any:
        answer = send(method, path, **options)
        if path.endswith("/import") and failures:
            raise failures.pop()
        return answer

    between(room, monkeypatch, lossy)
    tasks = [task(number, model="m1") for number in range(10)]
    said: list[str] = []
    assert room.push(project, tasks, chunk=5, say=said.append) == PushResult(created=10)
    assert not failures
    assert len(said) == 2
    assert said[0].startswith(str(failure))
    assert "try 2 of 8" in said[0]
    assert stored(room, project) == [(f"doc-{number:04}", ["m1"]) for number in range(10)]


@pytest.mark.parametrize("body", [b"", b"[]", b"<title>Closed for repairs</title>"])
@pytest.mark.parametrize("where", ["import", "/api/tasks"])
def test_a_success_that_is_not_the_servers_is_none(
    room: Room, project: int, where: str, body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy answers for the server, which has not seen the request."""
    strange = [body]

    def proxied(send: Send, method: str, path: str, **options: Any) -> Any:
        listing = path == where and "query" in (options.get("params") or {})
        if strange and (path.endswith(f"/{where}") or listing):
            request = httpx.Request(method, room.url + path)
            return httpx.Response(200, content=strange.pop(), request=request)
        return send(method, path, **options)

    between(room, monkeypatch, proxied)
    assert room.push(project, [task(1), task(2)]) == PushResult(created=2)
    assert not strange
    assert stored(room, project) == [("doc-0001", []), ("doc-0002", [])]


def test_a_page_in_place_of_the_list_of_projects_is_told(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def proxied(send: Send, method: str, path: str, **options: Any) -> Any:
        request = httpx.Request(method, room.url + path)
        return httpx.Response(200, html="<title>Closed for repairs</title>", request=request)

    between(room, monkeypatch, proxied)
    with pytest.raises(errors.ServerFailed, match=r"GET /api/projects/ .* \(Closed for repairs\)"):
        room.projects()
    assert errors.ServerFailed.exit_code == 1


def test_a_proxy_that_takes_little_at_a_time_gets_little(
    room: Room, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of nginx as it comes: bodies of 1 MB, and addresses of 8,192 characters."""

    def proxied(send: Send, method: str, path: str, **options: Any) -> Any:
        if len(options.get("json") or ()) > 60:
            raise errors.ServerRefused("the server refused (413)", 413)
        asked = httpx.Request(method, room.url + path, params=options.get("params"))
        assert len(asked.url.raw_path) < 8_000
        return send(method, path, **options)

    between(room, monkeypatch, proxied)
    tasks = [task(f"brackwater-evening-courier-{number:012}") for number in range(200)]
    assert room.push(project, tasks) == PushResult(created=200)
    assert room.push(project, tasks) == PushResult(present=200)


@pytest.mark.parametrize("status", [429, 500, 502])
def test_what_only_reads_is_asked_again_when_the_server_failed(
    room: Room, project: int, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    room.push(project, [task(1)])
    failures = [status, status]
    ask = room.server._http.request

    def busy(method: str, url: str, **options: Any) -> httpx.Response:
        if failures:
            return httpx.Response(failures.pop(), request=httpx.Request(method, url))
        return ask(method, url, **options)

    monkeypatch.setattr(room.server._http, "request", busy)
    monkeypatch.setattr("onrecord.labelling.server._PAUSES", (0.0, 0.0))
    assert len(list(room.export(project))) == 1
    assert not failures


@pytest.mark.parametrize("looked_at", ["all", "one"])
def test_a_task_that_goes_while_doubles_are_merged_is_asked_again(
    room: Room, project: int, looked_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another push sends the same, and deletes its task while this one lists it."""
    failures: list[Exception] = [errors.ServerFailed("24", 500)]

    def beside(send: Send, method: str, path: str, **options: Any) -> Any:
        if path.endswith("/import"):
            send(method, path, **options)
        params = options.get("params") or {}
        asked = "one" if "doc-0001" in params.get("query", "") else "all"
        if params.get("fields") == "all" and asked == looked_at and failures:
            raise failures.pop()
        return send(method, path, **options)

    between(room, monkeypatch, beside)
    told = room.push(project, [task(1)])
    assert not failures
    assert told == PushResult(created=1, merged=1)
    assert stored(room, project) == [("doc-0001", [])]


def test_a_server_that_keeps_failing_is_given_up(
    room: Room, project: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = 0

    def dead(send: Send, method: str, path: str, **options: Any) -> Any:
        nonlocal sent
        if path.endswith("/import"):
            sent += 1
            raise NoServer("gone", sent=False)
        return send(method, path, **options)

    between(room, monkeypatch, dead)
    with pytest.raises(NoServer):
        room.push(project, [task(1)], attempts=2)
    assert sent == 2


def test_two_pushes_at_once_leave_each_task_once(
    room: Room, project: int, studio_root: Path
) -> None:
    known = accounts.credentials(studio_root)
    tasks = [task(number, model="m1") for number in range(60)]
    results: list[PushResult] = []
    start = threading.Barrier(2)

    def push() -> None:
        with labelstudio.connect(known.url, known.token) as mine:
            start.wait(30)
            results.append(mine.push(project, tasks, chunk=15, attempts=12))

    threads = [threading.Thread(target=push) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert len(results) == 2
    assert stored(room, project) == [(f"doc-{number:04}", ["m1"]) for number in range(60)]


def test_duplicates_with_work_on_them_are_kept_and_named(room: Room, project: int) -> None:
    def twice() -> list[int]:
        path = f"/api/projects/{project}/import?return_task_ids=true"
        return room.server.json("POST", path, json=[task(1), task(1), task(2), task(2)])["task_ids"]

    first, second, third, fourth = twice()
    room.submit(second, [region("a", 0, 7)], lead_time=1)
    room.submit(third, [region("a", 0, 7)], lead_time=1)
    draft = {"result": [region("b", 0, 7)], "lead_time": 1}
    room.server.json("POST", f"/api/tasks/{fourth}/drafts", json=draft)
    merged, doubled = Push(room.server, project).merge()
    assert (merged, doubled) == (1, ("doc-0002",))
    assert sorted(row["id"] for row in room.export(project)) == [second, third, fourth]
    assert room.tasks(project)["doc-0002"].id == third
    assert first not in {found.id for found in room.tasks(project).values()}


def test_what_an_earlier_push_left_twice_is_merged_by_the_next(room: Room, project: int) -> None:
    """Two pushes at once, both killed before they looked at what they had done."""
    path = f"/api/projects/{project}/import"
    room.server.json("POST", path, json=[task(1), task(1), task(2)])
    assert room.push(project, [task(1), task(2)]) == PushResult(present=2, merged=1)
    assert stored(room, project) == [("doc-0001", []), ("doc-0002", [])]
    (first,) = [row["id"] for row in room.export(project) if row["data"]["doc_id"] == "doc-0001"]
    again = [{"task": first, **prediction("m1")}] * 2
    room.server.json("POST", f"{path}/predictions", json=again)
    room.push(project, [task(1, model="m1"), task(2, model="m1")])
    assert stored(room, project) == [("doc-0001", ["m1"]), ("doc-0002", ["m1"])]


def test_a_server_killed_in_the_middle_of_a_push(spare_root: Path, config: str) -> None:
    running = studio.up(spare_root, port=own_port())
    known = accounts.credentials(spare_root)
    tasks = [task(number, model="m1") for number in range(400)]
    begun = threading.Event()
    restarted: list[studio.Studio] = []

    def kill() -> None:
        begun.wait(60)
        os.kill(running.pid, signal.SIGKILL)
        restarted.append(studio.up(spare_root, port=running.port))

    killer = threading.Thread(target=kill)
    with labelstudio.connect(known.url, known.token) as room:
        project = room.ensure_project("killed", config)
        killer.start()
        result = room.push(project, tasks, chunk=20, attempts=12, progress=lambda done: begun.set())
        killer.join(120)
        assert restarted
        assert restarted[0].pid != running.pid
        assert result == PushResult(created=400)
        assert stored(room, project) == [(f"doc-{number:04}", ["m1"]) for number in range(400)]


# -- export ----------------------------------------------------------------------------------


def test_export_has_submitted_skipped_and_drafts_of_everybody(
    room: Room, project: int, annotator: accounts.Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelstudio, "_EXPORT_PAGE", 2)
    room.push(project, [task(number) for number in range(5)])
    ids = {doc_id: found.id for doc_id, found in room.tasks(project).items()}
    mine = [region("mine", 0, 7)]
    answer = room.submit(ids["doc-0000"], mine, lead_time=12.5, token=annotator.token)
    room.submit(ids["doc-0000"], [], lead_time=1)
    room.submit(ids["doc-0001"], mine, lead_time=2, token=annotator.token, skipped=True)
    draft = {"result": mine, "lead_time": 3}
    on_task = f"/api/tasks/{ids['doc-0002']}/drafts"
    on_answer = f"/api/tasks/{ids['doc-0000']}/annotations/{answer}/drafts"
    for path in (on_task, on_answer):
        room.server.json("POST", path, json=draft, token=annotator.token)
    rows = {row["data"]["doc_id"]: row for row in room.export(project)}
    assert list(rows) == [f"doc-{number:04}" for number in range(5)]
    first, second = rows["doc-0000"]["annotations"]
    assert (first["id"], first["completed_by"]) == (answer, annotator.email)
    assert (first["result"], first["lead_time"], first["was_cancelled"]) == (mine, 12.5, False)
    assert first["ground_truth"] is False
    assert first["created_at"].endswith("Z")
    assert (second["completed_by"], second["result"]) == (accounts.CURATOR, [])
    assert rows["doc-0000"]["drafts"][0]["annotation"] == answer
    assert rows["doc-0001"]["annotations"][0]["was_cancelled"] is True
    assert rows["doc-0002"]["annotations"] == []
    (kept,) = rows["doc-0002"]["drafts"]
    assert (kept["user"], kept["annotation"]) == (annotator.email, None)
    assert (kept["result"], kept["lead_time"]) == (mine, 3)
    found = room.tasks(project)
    assert (found["doc-0000"].submitted, found["doc-0000"].skipped) == (2, 0)
    assert (found["doc-0001"].submitted, found["doc-0001"].skipped) == (0, 1)


def test_a_submission_that_is_repeated_with_its_key_is_one(room: Room, project: int) -> None:
    room.push(project, [task(1)])
    found, key = room.tasks(project)["doc-0001"].id, uuid.uuid4()
    room.submit(found, [], lead_time=1, key=key)
    with pytest.raises(errors.ServerRefused):
        room.submit(found, [], lead_time=1, key=key)
    assert room.tasks(project)["doc-0001"].submitted == 1


def test_a_server_that_dies_between_pages_is_not_the_end(
    spare_root: Path, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labelstudio, "_EXPORT_PAGE", 2)
    running = studio.up(spare_root)
    known = accounts.credentials(spare_root)
    with labelstudio.connect(known.url, known.token) as room:
        project = room.ensure_project("dies", config)
        room.push(project, [task(number) for number in range(5)])
        rows = room.export(project)
        seen = [next(rows), next(rows)]
        os.kill(running.pid, signal.SIGKILL)
        with pytest.raises(NoServer) as caught:
            seen.extend(rows)
    assert len(seen) == 2
    assert "studio up" in caught.value.hint


# -- accounts and addresses ------------------------------------------------------------------


def test_no_account_without_the_invite_link(room: Room) -> None:
    fields = {"email": "eve@onrecord.example", "password": "long enough 1"}
    invite = room.server.json("GET", "/api/invite")["invite_url"]

    def sign_up(path: str) -> int:
        with httpx.Client(base_url=room.url) as outside:
            outside.get("/user/signup/")
            form = {**fields, "csrfmiddlewaretoken": outside.cookies["csrftoken"]}
            return outside.post(path, data=form).status_code

    assert sign_up("/user/signup/") == 403
    assert sign_up("/user/signup/?token=guessed") == 403
    room.ensure_account(f"{uuid.uuid4().hex}@onrecord.example", "long enough 1")
    assert sign_up(invite) == 403  # a link that was used is in the server's log: renewed
    mails = {row["email"] for row in room.server.json("GET", "/api/users/")}
    assert fields["email"] not in mails


def test_an_account_is_made_once_and_has_its_own_token(
    room: Room, annotator: accounts.Account
) -> None:
    assert room.ensure_account(annotator.email, annotator.password) == annotator.token
    with labelstudio.connect(room.url, annotator.token) as theirs:
        assert theirs.email == annotator.email
    with pytest.raises(errors.ServerRefused, match="already exists") as caught:
        room.ensure_account(annotator.email, "another password 1")
    assert "another password 1" not in str(caught.value) + caught.value.hint


@pytest.mark.parametrize("answer", ["it exists", "500"])
def test_an_account_that_another_push_makes_at_the_same_time_is_taken(
    room: Room, annotator: accounts.Account, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """Two first pushes at once: both find no account, and one of them makes it."""
    log_in, form = Visitor.log_in, Visitor.form
    tried: list[bool] = []

    def too_early(self: Visitor, email: str, password: str) -> bool:
        tried.append(len(tried) > 0 and log_in(self, email, password))
        return tried[-1]

    def both(self: Visitor, path: str, fields: Mapping[str, str]) -> str:
        if answer == "500" and "password" in fields and "login" not in path:
            raise errors.ServerFailed("the server failed (500)", 500)
        return form(self, path, fields)

    monkeypatch.setattr(Visitor, "log_in", too_early)
    monkeypatch.setattr(Visitor, "form", both)
    assert room.ensure_account(annotator.email, annotator.password) == annotator.token
    assert tried == [False, True]


def test_a_personal_access_token_is_as_good(room: Room) -> None:
    token = room.server.json("POST", "/api/token/", json={})["token"]
    with labelstudio.connect(room.url, token) as other:
        assert other.email == room.email
        assert token not in repr(other)
    with pytest.raises(errors.BadToken) as caught:
        labelstudio.connect(room.url, token[:-4] + "AAAA")
    assert token[:20] not in str(caught.value)


def test_a_wrong_token_is_named_but_not_shown(room: Room) -> None:
    with pytest.raises(errors.BadToken, match="does not accept the token") as caught:
        labelstudio.connect(room.url, "wrong-token")
    assert "wrong-token" not in str(caught.value) + caught.value.hint


def test_no_server(studio_root: Path) -> None:
    with socket.socket() as unused:
        unused.bind((processes.HOST, 0))
        address = f"http://{processes.HOST}:{unused.getsockname()[1]}"
        with pytest.raises(NoServer, match="nothing answers") as caught:
            labelstudio.connect(address, "t")
    assert not caught.value.sent
    assert caught.value.exit_code == 2
    assert "studio up" in caught.value.hint
    with pytest.raises(errors.ServerRefused, match="not an address"):
        labelstudio.connect("somewhere", "t")


def test_a_server_that_does_not_answer_is_timed_out() -> None:
    with socket.socket() as mute:
        mute.bind((processes.HOST, 0))
        mute.listen()
        with pytest.raises(NoServer, match="in time") as caught:
            labelstudio.connect(
                f"http://{processes.HOST}:{mute.getsockname()[1]}", "t", timeout=0.3
            )
    assert caught.value.timed_out
    assert caught.value.exit_code == 1
    assert "run the same command again" in caught.value.hint


@pytest.fixture
def some_server() -> Iterator[Callable[..., str]]:
    """Start a server that gives one answer to everything; returns its address."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, body: bytes, location: str = "") -> str:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        servers.append(http.server.HTTPServer((processes.HOST, 0), Answer))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://{processes.HOST}:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "error", "words"),
    [
        (200, b"<html>Hello</html>", errors.ServerRefused, "not JSON"),
        (200, b"[]", errors.ServerRefused, "not a Label Studio"),
        (200, b"", errors.ServerRefused, "not a Label Studio"),
        (404, b"<title>Nope</title>", errors.ServerRefused, "not a Label Studio"),
        (403, b'{"detail": "Go away"}', errors.ServerRefused, "Go away"),
        (500, b'{"detail": "Oh dear", "exc_info": "secret"}', errors.ServerFailed, "Oh dear"),
        (502, b"<title>Bad Gateway</title>", errors.ServerFailed, "Bad Gateway"),
    ],
)
def test_other_answers_are_explained(
    some_server: Callable[..., str],
    status: int,
    body: bytes,
    error: type[errors.RoomError],
    words: str,
) -> None:
    with pytest.raises(error, match=words) as caught:
        labelstudio.connect(some_server(status, body), "t")
    assert "secret" not in str(caught.value)


def test_an_address_that_sends_on_is_told_where_to(some_server: Callable[..., str]) -> None:
    moved = some_server(301, b"", location="https://label.example.org/api/current-user/whoami")
    with pytest.raises(errors.ServerRefused, match=r"on to https://label\.example\.org/"):
        labelstudio.connect(moved, "t")


# -- the interface ---------------------------------------------------------------------------

ARTICLE = (
    "😀 “We won’t sign the Seabed Act 🇫🇷,” Ann Quill said.\n\n"
    "Tom Ash rejects the Seabed Act. Critics of “Mr Ash” sang.\n\n"
    + "A long paragraph that goes on and on. "
    * 60
).strip()


def where(words: str, nth: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(nth + 1):
        start = ARTICLE.index(words, start + 1)
    return start, start + len(words)


def test_a_person_labels_in_the_real_interface(
    room: Room, project: int, annotator: accounts.Account, chromium: Browser
) -> None:
    room.push(project, [task("ui", ARTICLE)])
    with interface.Studio(chromium, room.url) as page:
        page.log_in(annotator.email, annotator.password)
        page.open_stream(project)
        assert page.text() == ARTICLE
        quote = page.draw("q", *where("“We won’t sign the Seabed Act 🇫🇷,”"))
        speaker = page.draw("1", *where("Ann Quill"))
        cue = page.draw("c", *where("said"))
        act = page.draw("8", *where("Seabed Act", 1))
        against = page.draw("g", *where("rejects the Seabed Act"))
        holder = page.draw("1", *where("Tom Ash"))
        over = page.draw("g", *where("“We won’t sign the Seabed Act 🇫🇷,”"))
        page.link(speaker["id"], quote["id"])  # drawn one way
        page.link(quote["id"], cue["id"])  # and the other
        page.link(against["id"], act["id"])
        page.link(holder["id"], against["id"], "holder")
        page.choose_entity(speaker["id"], "Vladimir Putin · Q7747")
        page.write(holder["id"], "entity_other", "Tom Ash (minister)")
        page.answer(against["id"], "a", "basis")
        page.answer(over["id"], "h", "holder_unnamed")
        page.write(over["id"], "target_text", "the Seabed Act")
        page.submit()
        assert not page.outside
    (row,) = room.export(project)
    (answer,) = row["annotations"]
    assert answer["completed_by"] == annotator.email
    assert answer["lead_time"] > 0
    result = answer["result"]
    spans = {item["id"]: item for item in result if item["type"] == "labels"}
    drawn = [
        (item["value"]["labels"], ARTICLE[item["value"]["start"] : item["value"]["end"]])
        for item in spans.values()
    ]
    assert drawn == [
        (["QUOTE"], "“We won’t sign the Seabed Act 🇫🇷,”"),
        (["PERSON"], "Ann Quill"),
        (["CUE"], "said"),
        (["LAW"], "Seabed Act"),
        (["STANCE_AGAINST"], "rejects the Seabed Act"),
        (["PERSON"], "Tom Ash"),
        (["STANCE_AGAINST"], "“We won’t sign the Seabed Act 🇫🇷,”"),
    ]
    assert {item["origin"] for item in spans.values()} == {"manual"}
    relations = [
        (item["from_id"], item["to_id"], item["direction"], item.get("labels"))
        for item in result
        if item["type"] == "relation"
    ]
    assert relations == [
        (speaker["id"], quote["id"], "right", None),
        (quote["id"], cue["id"], "right", None),
        (against["id"], act["id"], "right", None),
        (holder["id"], against["id"], "right", ["holder"]),
    ]
    answers = {
        (item["id"], item["from_name"]): (item["type"], item["value"].get("choices"))
        for item in result
        if item["type"] == "choices"
    }
    assert answers == {
        (speaker["id"], "entity"): ("choices", ["Q7747"]),
        (against["id"], "basis"): ("choices", ["action"]),
        (over["id"], "holder_unnamed"): ("choices", ["yes"]),
    }
    texts = {
        (item["id"], item["from_name"]): item["value"]["text"]
        for item in result
        if item["type"] == "textarea"
    }
    assert texts == {
        (holder["id"], "entity_other"): ["Tom Ash (minister)"],
        (over["id"], "target_text"): ["the Seabed Act"],
    }


def test_stray_keys_answer_nothing_that_cannot_be_seen(
    room: Room, project: int, annotator: accounts.Account, chromium: Browser
) -> None:
    room.push(project, [task("ui", ARTICLE)])
    with interface.Studio(chromium, room.url) as page:
        page.log_in(annotator.email, annotator.password)
        page.open_stream(project)
        page.draw("1", *where("Ann Quill"))
        page.unselect()
        for key in "adehijklorstvwxz":
            page.page.keyboard.press(key)
        assert [item["type"] for item in page.result()] == ["labels"]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1920, 1080)])
def test_nothing_overlaps_and_every_control_can_be_reached(
    room: Room,
    project: int,
    annotator: accounts.Account,
    chromium: Browser,
    width: int,
    height: int,
) -> None:
    room.push(project, [task("ui", ARTICLE)])
    with interface.Studio(chromium, room.url, width=width, height=height) as page:
        page.log_in(annotator.email, annotator.password)
        page.open_stream(project)
        stance = page.draw("g", *where("rejects the Seabed Act"))
        page.select_region(stance["id"])
        boxes = page.page.evaluate(
            """() => ['.lsf-richtext__container', '.or-side', '.lsf-bottombar'].map((name) => {
              const box = document.querySelector(name).getBoundingClientRect();
              return [box.left, box.top, box.right, box.bottom];
            })"""
        )
        text, side, bar = boxes
        assert text[2] <= side[0]
        assert side[2] <= width - 320  # Label Studio's own panels
        assert side[3] <= bar[1] + 1
        target = page.page.get_by_placeholder("Target, if no span names it, then Enter")
        _in_view(target, bar[1])
        page.unselect()
        page.page.get_by_text("Flags and a note", exact=True).click()
        _in_view(page.page.get_by_placeholder("Note for the adjudicator, then Enter"), bar[1])


_COVERED = """
() => {
  const span = document.querySelector('.htx-highlight.__active');
  const box = span.getClientRects()[0];
  const top = document.elementFromPoint(box.left + 2, (box.top + box.bottom) / 2);
  return span.contains(top) ? '' : top?.outerHTML.slice(0, 80) ?? 'the edge of the window';
}
"""
"""What lies over the selected span."""


@pytest.mark.parametrize(("width", "height"), [(853, 480), (640, 360)])
def test_a_zoomed_window_has_the_article_what_is_asked_and_submit_in_view(
    room: Room,
    project: int,
    annotator: accounts.Account,
    chromium: Browser,
    width: int,
    height: int,
) -> None:
    """1280 by 720 pixels at 150 and at 200 %."""
    starts = [where("A long", nth)[0] for nth in range(24)]
    named = [region(f"r{start}", start, start + 6) for start in starts]
    room.push(project, [task("ui", ARTICLE) | {"predictions": [prediction("m", *named)]}])
    with interface.Studio(chromium, room.url, width=width, height=height) as page:
        page.log_in(annotator.email, annotator.password)
        page.open_stream(project)
        text = page.page.locator(".or-text").bounding_box()
        assert text is not None
        assert text["width"] > width - 360  # beside the labels, or over them
        submit = page.page.get_by_role("button", name="Submit current annotation").bounding_box()
        assert submit is not None
        assert submit["x"] + submit["width"] <= width
        for number in range(len(named)):
            page.page.keyboard.press("Alt+.")
            page.page.wait_for_function(f"() => ({interface.REGIONS})()[{number}].selected")
            hidden = page.page.evaluate(_COVERED)
            assert not hidden, f"span {number} lies under {hidden}"
        _in_view(page.page.get_by_placeholder("Not listed: name or Qid, then Enter"), submit["y"])


def _in_view(part: Locator, bottom: float) -> None:
    """It stands still within the window, above `bottom`."""
    part.wait_for(state="visible")
    part.page.wait_for_function("() => document.getAnimations().length === 0")
    box = part.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= bottom
