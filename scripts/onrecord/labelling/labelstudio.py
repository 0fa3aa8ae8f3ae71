"""Talk to a Label Studio server: projects, tasks in, annotations out, accounts.

The one module that knows Label Studio's API. It works on plain dicts and knows nothing of
articles: a task is ``{"data": {"doc_id", "text", ...}, "predictions": [...]}``, and what comes
back is the server's own JSON with e-mails in place of account numbers.

Three properties hold throughout:

- **Identity is `data.doc_id`.** Task ids are reused by SQLite after a deletion.
- **Nothing that writes is repeated blindly.** After a failure or a time-out the server is asked
  what it has before anything is sent again.
- **A time-out on every request**, and one exception hierarchy (`RoomError`) whose messages never
  contain a token or a password.

Requests are made with httpx. The SDK (label-studio-sdk 2.1.2) is imported only to exchange a
personal access token: importing its client takes 1.2 s and 190 MB against 0.12 s for httpx, its
retries duplicate tasks, and its models cannot express every prediction.

Everything here was measured against Label Studio 1.23.2.
"""

from __future__ import annotations

import hashlib
import html
import ipaddress
import itertools
import json
import re
import time
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

#: Label Studio's own limits on a project's title, in characters (PROJECT_TITLE_MIN/MAX_LEN).
TITLE_LIMITS: Final = (3, 50)

Json = dict[str, Any]
_T = TypeVar("_T")

_READ_TIMEOUT: Final = 60.0
# 200 tasks with 22 predicted results each took 0.4 s; a loaded machine may be much slower, and
# giving up early is what makes the outcome unknown.
_IMPORT_TIMEOUT: Final = 300.0
_EXPORT_PAGE: Final = 50
_LIST_PAGE: Final = 500
_ANNOTATION_FIELDS: Final = (
    "id,result,completed_by,was_cancelled,ground_truth,created_at,updated_at,draft_created_at,"
    "lead_time,parent_prediction,parent_annotation,last_action"
)


class RoomError(Exception):
    """Something between us and the labelling room went wrong; `hint` says what to do.

    `exit_code` is the command's: 2 where it was used wrongly, 1 where the data is wrong.
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class NoServer(RoomError):
    """Nothing answers at the address, or the connection broke.

    `sent` tells whether the request may have reached the server, hence may have been carried
    out; `timed_out` whether the server may still be at work on it.
    """

    def __init__(self, message: str, *, sent: bool, timed_out: bool = False) -> None:
        super().__init__(message, "is it running? `onrecord studio status`, `onrecord studio up`")
        self.sent = sent
        self.timed_out = timed_out


class BadToken(RoomError):
    """The server does not accept the token (401)."""


class ServerRefused(RoomError):
    """The server understood and said no (4xx); the message carries its own words."""

    def __init__(self, message: str, status: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


class ServerFailed(RoomError):
    """The server broke down over the request (5xx)."""

    exit_code = 1

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, "the server's log says more; try again")
        self.status = status


class BadTask(RoomError):
    """A task or a prediction that the server would take but could not show; nothing was sent."""

    exit_code = 1


class ChangedText(RoomError):
    """The server has tasks of these `doc_ids` with another text; they were left as they are."""

    exit_code = 1

    def __init__(self, doc_ids: Sequence[str]) -> None:
        shown = ", ".join(doc_ids[:20]) + (" ..." if len(doc_ids) > 20 else "")
        super().__init__(
            f"{len(doc_ids)} known document(s) come with another text: {shown}",
            "a text is frozen once people label it: give the new text a new id",
        )
        self.doc_ids = tuple(doc_ids)


class LabelsInUse(RoomError):
    """The new labelling config lacks what annotations use; the project was left as it is."""

    exit_code = 1


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
class PushResult:
    """What `Room.push` did, in numbers of tasks.

    `created` were sent and are there, `present` were there before, `predictions` were there and
    got the predictions they lacked, `merged` were empty duplicates that were deleted, `doubled`
    are doc_ids that have several tasks which people worked on: left alone.
    """

    created: int = 0
    present: int = 0
    predictions: int = 0
    merged: int = 0
    doubled: tuple[str, ...] = ()


def connect(url: str, token: str, *, timeout: float = _READ_TIMEOUT) -> Room:
    """Return a `Room` for the server at `url`, having checked that `token` is good.

    Raises:
        NoServer, BadToken, ServerRefused (not a Label Studio), ServerFailed.
    """
    return Room(url, token, timeout=timeout)


class Room:
    """A server, seen as the account of one token. Use as a context manager, or `close` it."""

    def __init__(self, url: str, token: str, *, timeout: float = _READ_TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._access: tuple[str, float] = ("", 0.0)
        self._users: dict[int, str] = {}
        self._http = httpx.Client(
            # A proxy from the environment is for the outside world, not for loopback.
            trust_env=not _is_loopback(self.url),
            timeout=httpx.Timeout(timeout, connect=10.0),
        )
        try:
            me = self._json("GET", "/api/current-user/whoami")
            if not isinstance(me, dict) or "email" not in me:
                raise ServerRefused(f"{self.url} is not a Label Studio server", 200)
        except ServerRefused as error:
            self.close()
            if error.status == 404:
                raise ServerRefused(f"{self.url} is not a Label Studio server", 404) from None
            raise
        except BaseException:
            self.close()
            raise
        self.email: str = me["email"]

    def __repr__(self) -> str:
        return f"Room(url={self.url!r}, email={getattr(self, 'email', '')!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the room cannot be used afterwards."""
        self._http.close()

    # -- projects ----------------------------------------------------------------------------

    def projects(self) -> dict[str, int]:
        """Return the id of every project by its title; of several alike, the lowest id."""
        return {title: min(ids) for title, ids in self._titles().items()}

    def project(self, title: str) -> int | None:
        """Return the id of the project `title`, or None."""
        return self.projects().get(title)

    def ensure_project(
        self,
        title: str,
        config_xml: str,
        instructions_html: str = "",
        *,
        blind: bool = True,
        predictions: bool = True,
        annotations_per_task: int = 1,
        **settings: Any,
    ) -> int:
        """Make the project `title`, or bring it up to date; return its id.

        Args:
            title: 3 to 50 characters (Label Studio's limits).
            config_xml: the labelling config.
            instructions_html: shown to an annotator before the first task, and on demand.
            blind: an annotator does not see the history of others' annotations. In the
                open-source server this goes no further than the label stream.
            predictions: whether predictions are offered to start from.
            annotations_per_task: how many annotators' answers finish a task.
            settings: any other field of Label Studio's project.

        Raises:
            ServerRefused: the title or the config is not acceptable.
            LabelsInUse: annotations or drafts use a label, choice or control that the new
                config lacks. The server itself would accept that (1.23.2).
        """
        low, high = TITLE_LIMITS
        if not low <= len(title) <= high or title != title.strip():
            raise ServerRefused(
                f"a project's title has {low} to {high} characters, this has {len(title)}: "
                f"{title!r}",
                400,
                "use a shorter batch name",
            )
        config = _Config.parse(config_xml)
        wanted: Json = {
            "expert_instruction": instructions_html,
            "show_instruction": bool(instructions_html),
            # An article without a single quote is an answer, and so is "I cannot label this".
            "enable_empty_annotation": True,
            "show_skip_button": True,
            "skip_queue": "REQUEUE_FOR_OTHERS",
            "show_annotation_history": not blind,
            "show_collab_predictions": predictions,
            "reveal_preannotations_interactively": False,
            "maximum_annotations": annotations_per_task,
            "sampling": "Sequential sampling",
            **settings,
        }
        found = self.project(title)
        if found is None:
            body = {"title": title, "label_config": config_xml, **wanted}
            made = int(self._json("POST", "/api/projects/", json=body)["id"])
            # Two pushes that both saw no project have both made one: the lower id stays.
            found = self.projects().get(title, made)
            if found != made:
                self.delete_project(made)
            else:
                return made
        have = self._json("GET", f"/api/projects/{found}/")
        change = {name: value for name, value in wanted.items() if have.get(name) != value}
        if have.get("label_config", "").strip() != config_xml.strip():
            lost = _Config.parse(have["label_config"]).lost_in(config)
            if lost:
                self._refuse_if_used(found, lost)
            change["label_config"] = config_xml
        if change:
            self._json("PATCH", f"/api/projects/{found}/", json=change)
        return found

    def delete_project(self, project: int) -> None:
        """Delete a project with all its tasks and annotations; one that is gone is no error."""
        self._gone(f"/api/projects/{project}/", timeout=_IMPORT_TIMEOUT)

    def _titles(self) -> dict[str, list[int]]:
        titles: dict[str, list[int]] = {}
        for page in itertools.count(1):
            params = {"include": "id,title", "page": page, "page_size": 200}
            answer = self._json("GET", "/api/projects/", params=params)
            for row in answer["results"]:
                titles.setdefault(row["title"], []).append(int(row["id"]))
            if not answer["next"]:
                break
        return titles

    def _refuse_if_used(self, project: int, lost: Mapping[str, frozenset[str] | None]) -> None:
        used: dict[str, int] = {}
        for task in self.export(project):
            for answer in itertools.chain(task["annotations"], task["drafts"]):
                for item in answer["result"] or []:
                    name = item.get("from_name") or _RELATIONS
                    if name not in lost:
                        continue
                    gone = lost[name]
                    values = set(_values(item))
                    if gone is not None and not values & gone:
                        continue
                    for value in sorted(values & gone) if gone is not None else [""]:
                        key = f"{name}={value}" if value else name
                        used[key] = used.get(key, 0) + 1
        if used:
            counts = ", ".join(f"{key} ({count} times)" for key, count in sorted(used.items()))
            raise LabelsInUse(
                f"the new labelling config lacks what annotations use: {counts}",
                "keep these labels in the config, or begin a new batch with the new one",
            )

    # -- tasks -------------------------------------------------------------------------------

    def tasks(self, project: int, doc_ids: Iterable[str] | None = None) -> dict[str, Task]:
        """Return the tasks of `project` by doc_id: all, or those of `doc_ids` that exist.

        A task without a doc_id (made by hand in Label Studio) is left out. Where a doc_id has
        several tasks, the one that `push` would keep is given.
        """
        rows = self._rows(project, doc_ids)
        return {doc_id: _keeper(group) for doc_id, group in rows.items()}

    def count(self, project: int) -> int:
        """Return the number of tasks in `project`."""
        params = {"project": project, "include": "id", "page_size": 1}
        return int(self._json("GET", "/api/tasks", params=params)["total"])

    def push(
        self,
        project: int,
        tasks: Iterable[Mapping[str, Any]],
        *,
        chunk: int = 200,
        attempts: int = 8,
        progress: Callable[[int], None] = lambda _: None,
    ) -> PushResult:
        """Bring `tasks` to `project`, each doc_id once, however often this is done.

        Before each chunk the server is asked what it has, and only what it lacks is sent. After
        an error or a time-out it is asked again: up to `attempts` times a chunk, with growing
        pauses (45 s in all for 8), so a server that restarts is lived through.

        Args:
            project: the project's id.
            tasks: ``{"data": {"doc_id", "text", "text_sha256", ...}, "predictions": [...]}``;
                consumed chunk by chunk.
            chunk: tasks to a request.
            attempts: tries for a chunk before the error is raised.
            progress: called with the number of tasks that are on the server so far.

        Raises:
            BadTask: a task or prediction is not valid; nothing of its chunk was sent.
            ChangedText: known doc_ids with another text. Nothing of the chunk in which the
                first was met, or of a later one, was sent; all of them are named.
            NoServer, ServerFailed: the server did not come back. What was sent is kept: push
                again to go on.
        """
        config = _Config.parse(self._json("GET", f"/api/projects/{project}/")["label_config"])
        before = self.count(project)
        created = present = repaired = done = 0
        changed: list[str] = []
        seen: dict[str, str] = {}
        version = ""
        for batch in _batches(tasks, chunk):
            fresh = _checked(batch, config, seen)
            ids = list(fresh)
            there: set[str] | None = None  # what was there before this push sent any of it
            for attempt in itertools.count(1):
                try:
                    # Asked outside the request that sends, so that every failure of either
                    # leads back to the question.
                    known = self._rows(project, ids, full=_any_predictions(fresh))
                    changed += [
                        doc_id
                        for doc_id, group in known.items()
                        if any(not _same_text(task, fresh[doc_id]["data"]) for task in group)
                    ]
                    if changed:
                        break
                    if there is None:
                        there = set(known)
                    missing = [fresh[doc_id] for doc_id in ids if doc_id not in known]
                    if missing:
                        self._import(project, missing)
                    repaired += self._repair(project, fresh, known, there)
                    created += len(fresh) - len(there)
                    present += len(there)
                    break
                except (NoServer, ServerFailed) as error:
                    if attempt >= attempts:
                        raise
                    self._settle(project, ids, error, attempt)
            done += len(fresh)
            if not changed:
                for task in fresh.values():
                    for prediction in task.get("predictions") or ():
                        version = str(prediction["model_version"])
                progress(done)
        if changed:
            raise ChangedText(sorted(set(changed)))
        merged, doubled = 0, ()
        if self.count(project) != before + created:
            merged, doubled = self._merge(project)
        if version:
            self._offer(project, version)
        return PushResult(created, present, repaired, merged, doubled)

    def _import(self, project: int, tasks: list[Json]) -> None:
        path = f"/api/projects/{project}/import"
        self._send("POST", path, json=tasks, timeout=_IMPORT_TIMEOUT)

    def _settle(self, project: int, ids: list[str], error: RoomError, attempt: int) -> None:
        """Wait until it is known what became of a failed request, as far as that can be."""
        time.sleep(min(0.25 * 2**attempt, 15.0))
        if not (isinstance(error, NoServer) and error.sent):
            return
        # The server may still be working on a request whose answer we did not wait for; it
        # commits a chunk as a whole. What comes later than this is met by `_merge`.
        until = time.monotonic() + (60.0 if error.timed_out else 2.0)
        while time.monotonic() < until:
            try:
                if len(self._rows(project, ids)) == len(ids):
                    return
            except (NoServer, ServerFailed):
                return  # the next attempt meets the same and counts it
            time.sleep(0.5)

    def _repair(
        self,
        project: int,
        fresh: Mapping[str, Json],
        known: Mapping[str, list[_Row]],
        there: set[str],
    ) -> int:
        """Send the predictions that tasks on the server lack; return how many tasks got any.

        The server commits tasks before their predictions and answers 500 when those fail, so a
        task may stand there bare; and a known task may be offered by a new model.
        """
        lacking: list[Json] = []
        counted: set[str] = set()
        for doc_id, group in known.items():
            task = _keeper(group)
            for prediction in fresh[doc_id].get("predictions") or ():
                if prediction["model_version"] not in task.versions:
                    lacking.append({"task": task.id, **prediction})
                    counted.add(doc_id)
        if lacking:
            path = f"/api/projects/{project}/import/predictions"
            self._send("POST", path, json=lacking, timeout=_IMPORT_TIMEOUT)
        return len(counted & there)

    def _offer(self, project: int, version: str) -> None:
        """Show the predictions of `version`: the project holds on to the first it ever saw."""
        have = self._json("GET", f"/api/projects/{project}/", params={"include": _OFFERED})
        if have["show_collab_predictions"] and have["model_version"] != version:
            self._json("PATCH", f"/api/projects/{project}/", json={"model_version": version})

    def _merge(self, project: int) -> tuple[int, tuple[str, ...]]:
        """Undo what two pushes at once did twice, the same way whoever does it.

        Empty duplicates of a task are deleted, and predictions that a task has twice; tasks
        that people worked on are only reported. Returns (number deleted, doc_ids reported).
        """
        merged = 0
        doubled: set[str] = set()
        for doc_id, group in self._rows(project, None, full=True).items():
            if len(group) > 1:  # looked at again: somebody may have begun to label one of them
                group = self._rows(project, [doc_id], full=True).get(doc_id, group)
            keep = _keeper(group)
            for task in group:
                if task is keep:
                    continue
                if task.worked_on or not _same_text(task, keep.data):
                    doubled.add(doc_id)
                elif self._gone(f"/api/tasks/{task.id}/"):
                    merged += 1
            if keep.predictions > len(keep.versions):
                rows = self._json("GET", "/api/predictions/", params={"task": keep.id})
                first: list[Json] = []
                for row in sorted(rows, key=_by_id):
                    made = {name: row[name] for name in ("model_version", "score", "result")}
                    if made not in first:
                        first.append(made)
                    else:
                        self._gone(f"/api/predictions/{row['id']}/")
        return merged, tuple(sorted(doubled))

    def _gone(self, path: str, timeout: float | None = None) -> bool:
        """Delete; return False when it was gone already, because another push was faster."""
        try:
            self._send("DELETE", path, timeout=timeout)
        except ServerRefused as error:
            if error.status != 404:
                raise
            return False
        return True

    def _rows(
        self,
        project: int,
        doc_ids: Iterable[str] | None,
        *,
        full: bool = False,
    ) -> dict[str, list[_Row]]:
        """Ask for tasks by doc_id, every duplicate included, in the order of their ids."""
        include = "id,data,total_annotations,cancelled_annotations,total_predictions"
        params: Json = {}
        if full:  # filled only when all fields are asked for, at a price
            params["fields"] = "all"
            include += ",predictions_model_versions,draft_exists"
        pages = [None] if doc_ids is None else _batches(doc_ids, 200)
        rows: dict[str, list[_Row]] = {}
        for wanted in pages:
            filters = [] if wanted is None else [_filter("data.doc_id", "in_list", wanted)]
            for row in self._pages(project, _LIST_PAGE, filters, include=include, **params):
                task = _row(row)
                if task.doc_id:
                    rows.setdefault(task.doc_id, []).append(task)
        return rows

    def _pages(self, project: int, size: int, filters: list[Json], **params: Any) -> Iterator[Json]:
        """Yield tasks in the order of their ids, one page in memory at a time.

        Each page is "the first tasks after the last id seen", not "page n": a task that is
        added or deleted meanwhile shifts nothing.
        """
        after = 0
        while True:
            items = [*filters, _filter("id", "greater", after, "Number")]
            query = {
                "filters": {"conjunction": "and", "items": items},
                "ordering": ["tasks:id"],
            }
            answer = self._json(
                "GET",
                "/api/tasks",
                params={
                    "project": project,
                    "page_size": size,
                    # Otherwise a text that looks like a cloud address may come back rewritten.
                    "resolve_uri": "false",
                    "query": json.dumps(query, ensure_ascii=False, separators=(",", ":")),
                    **params,
                },
            )
            yield from answer["tasks"]
            if not answer["tasks"] or answer["total"] <= len(answer["tasks"]):
                return
            after = int(answer["tasks"][-1]["id"])

    # -- annotations -------------------------------------------------------------------------

    def counts(self, project: int) -> Iterator[Task]:
        """Yield every task without its text: numbers of what was done, one page in memory."""
        include = "id,total_annotations,cancelled_annotations,total_predictions"
        for row in self._pages(project, _LIST_PAGE, [], include=include):
            yield _row({"data": {}, **row})

    def export(
        self, project: int, *, predictions: bool = False, answered: bool = False
    ) -> Iterator[Json]:
        """Yield every task with everything anybody has done on it, in the order of task ids.

        A task is ``{"id", "data", "annotations": [...], "drafts": [...]}``, with `predictions`
        also ``"predictions"``. An annotation has `id`, `result`, `completed_by` (an e-mail),
        `was_cancelled` (skipped), `ground_truth`, `lead_time` (seconds), `created_at`,
        `updated_at` (ISO 8601, UTC); a draft has `id`, `result`, `user` (an e-mail),
        `annotation` (the id of the annotation it would change, or None), `lead_time`,
        `created_at`, `updated_at`. All annotators' drafts are there, although Label Studio's
        own task list gives only those of the account that asks.

        The iterator ends without an exception only when the server has said that there is no
        more; 50 tasks are in memory at a time. With `answered` tasks that nobody has submitted
        are left out.

        Raises:
            NoServer, BadToken, ServerRefused, ServerFailed: at any point; what was yielded
            until then is not all.
        """
        # `include` holds for nested objects too: without their own fields named here,
        # annotations come back as bare ids.
        include = f"data,annotations,draft_exists,{_ANNOTATION_FIELDS}"
        if predictions:
            include += ",predictions,model_version,score"
        filters = [_filter("total_annotations", "greater", 0, "Number")] if answered else []
        for row in self._pages(project, _EXPORT_PAGE, filters, fields="all", include=include):
            drafts: list[Json] = []
            if row["draft_exists"]:
                drafts = self._json("GET", f"/api/tasks/{row['id']}/drafts")
            for answer in row["annotations"]:
                answer["completed_by"] = self._email(answer["completed_by"])
            task = {
                "id": row["id"],
                "data": row["data"],
                "annotations": sorted(row["annotations"], key=_by_id),
                "drafts": sorted(drafts, key=_by_id),
            }
            if predictions:
                task["predictions"] = sorted(row["predictions"], key=_by_id)
            yield task

    def submit(
        self,
        task_id: int,
        results: Sequence[Mapping[str, Any]],
        *,
        lead_time: float,
        token: str = "",
        skipped: bool = False,
        key: uuid.UUID | None = None,
    ) -> int:
        """Leave an answer to a task as the browser of `token`'s account would; return its id.

        The body is what the interface of 1.23.2 was seen to send. It says nothing of
        `ground_truth`, which is then false.

        Args:
            task_id: the task.
            results: the regions, per-region answers and relations.
            lead_time: seconds spent.
            token: the annotator's; "" is this room's own account.
            skipped: as the Skip button does.
            key: names this answer. The server takes one answer of a key and refuses another
                with ServerRefused, so a submission that may have got lost can be repeated.
        """
        begun = datetime.now(UTC) - timedelta(seconds=lead_time)
        body: Json = {
            "lead_time": lead_time,
            "result": list(results),
            "draft_id": 0,
            "parent_prediction": None,
            "parent_annotation": None,
            "started_at": begun.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "unique_id": str(key or uuid.uuid4()),
        }
        if skipped:
            body["was_cancelled"] = True
        made = self._json("POST", f"/api/tasks/{task_id}/annotations/", json=body, token=token)
        return int(made["id"])

    def delete_task(self, task: int) -> None:
        """Delete a task with all that was done on it; one that is gone is no error."""
        self._gone(f"/api/tasks/{task}/")

    def delete_annotation(self, annotation: int) -> None:
        """Delete an annotation, whoever made it."""
        self._send("DELETE", f"/api/annotations/{annotation}/")

    # -- accounts ----------------------------------------------------------------------------

    def accounts(self) -> set[str]:
        """Return the e-mails of all accounts."""
        return {str(row["email"]) for row in self._json("GET", "/api/users/")}

    def ensure_account(self, email: str, password: str) -> str:
        """Make sure that `email` can log in with `password`; return its own API token.

        The account is made as a person would make it, through the invite link, which is then
        renewed: the server's log shows the link that was used.

        Raises:
            ServerRefused: the account exists with another password, or the server does not
                like the e-mail or the password.
        """
        with self._browser() as browser:
            if not self._log_in(browser, email, password):
                invite = self._json("GET", "/api/invite")["invite_url"]
                # The path is what counts; a server behind a proxy may not know its own name.
                parts = urlsplit(invite)
                page = self._form(
                    browser,
                    f"{parts.path}?{parts.query}",
                    {"email": email, "password": password, "allow_newsletters": ""},
                )
                if page is not None:
                    raise ServerRefused(
                        f"no account for {email}: {_form_error(page)}",
                        400,
                        "an account of that e-mail may exist with another password",
                    )
                self._json("POST", "/api/invite/reset-token", json={})
                self._users.clear()
            answer = self._checked(self._wire(browser, "GET", f"{self.url}/api/current-user/token"))
            return str(_decoded(answer)["token"])

    def _browser(self) -> httpx.Client:
        return httpx.Client(
            trust_env=not _is_loopback(self.url), timeout=self._http.timeout, headers={}
        )

    def _log_in(self, browser: httpx.Client, email: str, password: str) -> bool:
        return self._form(browser, "/user/login/", {"email": email, "password": password}) is None

    def _form(self, browser: httpx.Client, path: str, fields: Mapping[str, str]) -> str | None:
        """Fill in a form of Django's; return None when it was accepted, else the page."""
        self._checked(self._wire(browser, "GET", self.url + path))
        answer = self._wire(
            browser,
            "POST",
            self.url + path,
            data={**fields, "csrfmiddlewaretoken": browser.cookies.get("csrftoken", "")},
            headers={"Referer": self.url + path.partition("?")[0]},
        )
        if answer.is_redirect:
            return None
        self._checked(answer)
        return answer.text

    def _email(self, user: int | Json | None) -> str:
        if isinstance(user, dict):
            return str(user["email"])
        if user is None:
            return ""
        if user not in self._users:
            rows = self._json("GET", "/api/users/")
            self._users = {int(row["id"]): str(row["email"]) for row in rows}
        # An account that was deleted keeps its annotations but has no name any more.
        return self._users.setdefault(user, f"user-{user}")

    # -- the wire ----------------------------------------------------------------------------

    def _json(self, method: str, path: str, **options: Any) -> Any:
        return _decoded(self._send(method, path, **options))

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        token: str = "",
        timeout: float | None = None,
    ) -> httpx.Response:
        """The one way to the API: authenticates, times out, turns failures into our errors."""
        headers = {}
        content = None
        if json is not None:
            content = msgspec.json.encode(json)
            headers["Content-Type"] = "application/json"
        answer = self._wire(
            self._http,
            method,
            self.url + path,
            params=params,
            content=content,
            headers=headers,
            auth=_Authorization(self._authorization(token or self._token)),
            **({} if timeout is None else {"timeout": httpx.Timeout(timeout, connect=10.0)}),
        )
        return self._checked(answer)

    def _wire(self, client: httpx.Client, method: str, url: str, **options: Any) -> httpx.Response:
        try:
            return client.request(method, url, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise NoServer(f"nothing answers at {self.url}", sent=False) from None
        except httpx.TimeoutException:
            raise NoServer(
                f"{self.url} did not answer in time", sent=True, timed_out=True
            ) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol):
            raise ServerRefused(f"not an address of a server: {self.url!r}", 0) from None
        except httpx.HTTPError as error:
            raise NoServer(
                f"the connection to {self.url} broke ({type(error).__name__})", sent=True
            ) from None

    def _checked(self, answer: httpx.Response) -> httpx.Response:
        status = answer.status_code
        if status < 400 and not answer.is_redirect:
            return answer
        if status == 401:
            raise BadToken(
                f"{self.url} does not accept the token",
                "check LABEL_STUDIO_API_KEY, or `onrecord studio up` for the root's own server",
            )
        request = answer.request
        what = f"{request.method} {request.url.path}"
        if status >= 500:
            raise ServerFailed(f"the server failed ({status}) on {what}: {_words(answer)}", status)
        raise ServerRefused(f"the server refused ({status}) {what}: {_words(answer)}", status)

    def _authorization(self, token: str) -> str:
        if token.count(".") != 2:
            return f"Token {token}"
        # A personal access token is a JWT that buys access tokens of 300 s.
        access, until = self._access
        if not access or time.monotonic() > until:
            access = self._exchange(token)
            self._access = (access, time.monotonic() + 240.0)
        return f"Bearer {access}"

    def _exchange(self, token: str) -> str:
        try:
            from label_studio_sdk.client import LabelStudio
            from label_studio_sdk.core.api_error import ApiError
        except ImportError:
            raise RoomError(
                "a personal access token needs the Label Studio SDK",
                "pip install label-studio-sdk, or use a legacy token",
            ) from None
        try:
            sdk = LabelStudio(
                base_url=self.url, api_key=token, httpx_client=self._http, max_retries=0
            )
            return sdk.tokens.refresh(refresh=token).access
        except ApiError:
            raise BadToken(
                f"{self.url} does not accept the personal access token", "make a new one"
            ) from None
        except httpx.HTTPError:
            raise NoServer(f"nothing answers at {self.url}", sent=False) from None


class _Authorization(httpx.Auth):
    """The header that says who asks, out of sight of whatever prints a call's arguments."""

    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = self._value
        yield request


# -- rows ------------------------------------------------------------------------------------

_OFFERED: Final = "show_collab_predictions,model_version"


@dataclass(frozen=True, slots=True)
class _Row(Task):
    versions: frozenset[str] = frozenset()
    draft: bool = False

    @property
    def worked_on(self) -> bool:
        return bool(self.submitted or self.skipped or self.draft)


def _row(row: Json) -> _Row:
    data = row["data"]
    return _Row(
        id=int(row["id"]),
        doc_id=str(data.get("doc_id") or ""),
        text_sha256=str(data.get("text_sha256") or ""),
        submitted=int(row.get("total_annotations") or 0),
        skipped=int(row.get("cancelled_annotations") or 0),
        predictions=int(row.get("total_predictions") or 0),
        data=data,
        versions=frozenset(
            name.strip()
            for name in (row.get("predictions_model_versions") or "").split(",")
            if name.strip()
        ),
        draft=bool(row.get("draft_exists")),
    )


def _keeper(group: Sequence[_Row]) -> _Row:
    """Of tasks with one doc_id: the lowest id that has annotations, else the lowest."""
    return min(group, key=lambda task: (not (task.submitted or task.skipped), task.id))


def _same_text(task: Task, data: Mapping[str, Any]) -> bool:
    ours = data.get("text_sha256")
    if ours and task.text_sha256:
        return ours == task.text_sha256
    return task.data.get("text") == data.get("text")


def _filter(column: str, operator: str, value: Any, kind: str = "String") -> Json:
    return {"filter": f"filter:tasks:{column}", "operator": operator, "value": value, "type": kind}


def _by_id(row: Json) -> int:
    return int(row["id"])


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch


# -- checking before sending -----------------------------------------------------------------

_RELATIONS: Final = "<Relations>"


@dataclass(frozen=True, slots=True)
class _Control:
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
class _Config:
    """What a labelling config can express: controls by name, the relation labels, and as
    `variables` the keys that task data must have."""

    controls: Mapping[str, _Control]
    objects: frozenset[str]
    relations: frozenset[str]
    variables: frozenset[str]

    @classmethod
    def parse(cls, xml: str) -> _Config:
        try:
            root = ET.fromstring(xml)
        except ET.ParseError as error:
            raise ServerRefused(f"the labelling config is not XML: {error}", 400) from None
        controls: dict[str, _Control] = {}
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
                controls[name] = _Control(
                    tag.tag.lower(),
                    tag.get("toName", ""),
                    frozenset(children) if fixed else None,
                    value[1:] if tag.tag == "Choices" and value.startswith("$") else "",
                )
            elif name:
                objects.add(name)
        return cls(controls, frozenset(objects), frozenset(relations), frozenset(variables))

    def lost_in(self, new: _Config) -> dict[str, frozenset[str] | None]:
        """Return what `new` lacks: values by control, None for a control that is gone."""
        lost: dict[str, frozenset[str] | None] = {}
        for name, control in self.controls.items():
            other = new.controls.get(name)
            if other is None or (other.kind, other.target) != (control.kind, control.target):
                lost[name] = None
            elif control.values is not None and control.values - (other.values or control.values):
                lost[name] = control.values - (other.values or control.values)
        if self.relations - new.relations:
            lost[_RELATIONS] = self.relations - new.relations
        return lost


def _values(item: Mapping[str, Any]) -> list[str]:
    """Return the labels or choices that a result item uses."""
    if item.get("type") == "relation":
        return [str(label) for label in item.get("labels") or ()]
    value = item.get("value") or {}
    found = value.get("labels") or value.get("choices") or ()
    return [str(label) for label in found]


def _checked(
    batch: Iterable[Mapping[str, Any]], config: _Config, seen: dict[str, str]
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
    where: str, result: Any, text: str, data: Mapping[str, Any], config: _Config
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
            if kind != "textarea" and not _values(item):
                raise BadTask(f"{what}: no {kind}")
        unknown = sorted(set(_values(item)) - known) if known is not None else []
        if unknown:
            raise BadTask(f"{what}: not in the config: {', '.join(unknown)}")


def _check_offsets(what: str, value: Mapping[str, Any], text: str) -> None:
    start, end = value.get("start"), value.get("end")
    if type(start) is not int or type(end) is not int:  # bool is an int, and strings are taken
        raise BadTask(f"{what}: offsets must be integers, not {start!r} and {end!r}")
    if not 0 <= start < end <= len(text):
        raise BadTask(f"{what}: {start}:{end} is not inside a text of {len(text)} characters")


def _any_predictions(fresh: Mapping[str, Json]) -> bool:
    return any(task.get("predictions") for task in fresh.values())


# -- answers ---------------------------------------------------------------------------------


def _decoded(answer: httpx.Response) -> Any:
    try:
        return msgspec.json.decode(answer.content) if answer.content else None
    except msgspec.DecodeError:
        raise ServerRefused(
            f"{answer.request.url.host} answered with something that is not JSON",
            answer.status_code,
            "is this the address of a Label Studio?",
        ) from None


def _words(answer: httpx.Response) -> str:
    """Return what the server said, short, without a traceback."""
    try:
        body = msgspec.json.decode(answer.content)
    except msgspec.DecodeError:
        title = re.search(r"<title>(.*?)</title>", answer.text, re.DOTALL | re.IGNORECASE)
        return html.unescape(title[1].strip())[:200] if title else answer.reason_phrase
    if not isinstance(body, dict):
        return str(body)[:500]
    said = [str(body.get("detail") or "")]
    for name, problems in (body.get("validation_errors") or {}).items():
        words = problems if isinstance(problems, list) else [problems]
        said.append(f"{name}: {' '.join(str(word) for word in words)}")
    return "; ".join(part for part in said if part)[:500] or answer.reason_phrase


def _form_error(page: str) -> str:
    """Return the form's own complaint, as far as the page shows it."""
    found = re.findall(r'<p class="[^"]*error[^"]*"[^>]*>(.*?)</p>', page, re.DOTALL)
    found += re.findall(r'<ul class="errorlist[^"]*"[^>]*>(.*?)</ul>', page, re.DOTALL)
    found += re.findall(r"User with this email already exists", page)
    words = [html.unescape(re.sub(r"<[^>]+>|\s+", " ", part)).strip() for part in found]
    return "; ".join(dict.fromkeys(word for word in words if word)) or "the form was not accepted"


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
