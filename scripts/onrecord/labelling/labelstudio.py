"""Talk to a Label Studio server: projects, tasks in, annotations out, accounts.

The one module that knows Label Studio's API (`server` makes the requests, `errors` are what may go
wrong, `config`, `sendable` and `rows` read what is sent and what comes back). It works on plain
dicts and knows nothing of articles: a task is
``{"data": {"doc_id", "text", ...}, "predictions": [...]}``, and what comes back is the server's own
JSON with e-mails in place of account numbers.

Two properties hold throughout:

- **Identity is `data.doc_id`.** Task ids are reused by SQLite after a deletion.
- **Nothing that writes is repeated blindly.** After a failure or a time-out the server is asked
  what it has before anything is sent again.

Everything here was measured against Label Studio 1.23.2.
"""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

from onrecord.labelling.config import RELATIONS, Config, values_of
from onrecord.labelling.errors import (
    ChangedText,
    LabelsInUse,
    NoServer,
    RoomError,
    ServerFailed,
    ServerRefused,
)
from onrecord.labelling.rows import (
    Json,
    Row,
    Task,
    batches,
    by_id,
    condition,
    keeper,
    row_of,
    same_text,
)
from onrecord.labelling.sendable import any_predictions, checked
from onrecord.labelling.server import READ_TIMEOUT, Server, Visitor

#: Label Studio's own limits on a project's title, in characters (PROJECT_TITLE_MIN/MAX_LEN).
TITLE_LIMITS: Final = (3, 50)

# 200 tasks with 22 predicted results each took 0.4 s; a loaded machine may be much slower, and
# giving up early is what makes the outcome unknown.
_ATTEMPTS = 8
_IMPORT_TIMEOUT: Final = 300.0
_EXPORT_PAGE: Final = 50
_LIST_PAGE: Final = 500
_ANNOTATION_FIELDS: Final = (
    "id,result,completed_by,was_cancelled,ground_truth,created_at,updated_at,draft_created_at,"
    "lead_time,parent_prediction,parent_annotation,last_action"
)
_OFFERED: Final = "show_collab_predictions,model_version"


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


def connect(url: str, token: str, *, timeout: float = READ_TIMEOUT) -> Room:
    """Return a `Room` for the server at `url`, having checked that `token` is good.

    Raises:
        NoServer, BadToken, ServerRefused (not a Label Studio), ServerFailed.
    """
    return Room(url, token, timeout=timeout)


class Room:
    """A server, seen as the account of one token. Use as a context manager, or `close` it."""

    def __init__(self, url: str, token: str, *, timeout: float = READ_TIMEOUT) -> None:
        self.server = Server(url, token, timeout=timeout)
        self._users: dict[int, str] = {}

    @property
    def url(self) -> str:
        """The server's address."""
        return self.server.url

    @property
    def email(self) -> str:
        """The account that asks."""
        return self.server.email

    def __repr__(self) -> str:
        return f"Room(url={self.url!r}, email={self.email!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the room cannot be used afterwards."""
        self.server.close()

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
        **settings: Any,
    ) -> int:
        """Make the project `title`, or bring it up to date; return its id.

        An annotator does not see the history of others' annotations (in the open-source server
        this goes no further than the label stream), predictions are offered to start from, and one
        answer finishes a task.

        Args:
            title: 3 to 50 characters (Label Studio's limits).
            config_xml: the labelling config.
            instructions_html: shown to an annotator before the first task, and on demand.
            settings: fields of Label Studio's project that are to be otherwise.

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
        config = Config.parse(config_xml)
        wanted: Json = {
            "expert_instruction": instructions_html,
            "show_instruction": bool(instructions_html),
            # An article without a single quote is an answer, and so is "I cannot label this".
            "enable_empty_annotation": True,
            "show_skip_button": True,
            "skip_queue": "REQUEUE_FOR_OTHERS",
            "show_annotation_history": False,
            "show_collab_predictions": True,
            "reveal_preannotations_interactively": False,
            "maximum_annotations": 1,
            "sampling": "Sequential sampling",
            **settings,
        }
        found = self.project(title)
        if found is None:
            body = {"title": title, "label_config": config_xml, **wanted}
            made = int(self.server.json("POST", "/api/projects/", json=body)["id"])
            # Two pushes that both saw no project have both made one: the lower id stays.
            found = self.projects().get(title, made)
            if found != made:
                self.delete_project(made)
            else:
                return made
        have = self.server.json("GET", f"/api/projects/{found}/")
        change = {name: value for name, value in wanted.items() if have.get(name) != value}
        if have.get("label_config", "").strip() != config_xml.strip():
            lost = Config.parse(have["label_config"]).lost_in(config)
            if lost:
                self._refuse_if_used(found, lost)
            change["label_config"] = config_xml
        if change:
            self.server.json("PATCH", f"/api/projects/{found}/", json=change)
        return found

    def delete_project(self, project: int) -> None:
        """Delete a project with all its tasks and annotations; one that is gone is no error."""
        self.server.gone(f"/api/projects/{project}/", timeout=_IMPORT_TIMEOUT)

    def _titles(self) -> dict[str, list[int]]:
        titles: dict[str, list[int]] = {}
        for page in itertools.count(1):
            params = {"include": "id,title", "page": page, "page_size": 200}
            answer = self.server.json("GET", "/api/projects/", params=params)
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
                    name = item.get("from_name") or RELATIONS
                    if name not in lost:
                        continue
                    gone = lost[name]
                    values = set(values_of(item))
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
        return {doc_id: keeper(group) for doc_id, group in rows.items()}

    def count(self, project: int) -> int:
        """Return the number of tasks in `project`."""
        params = {"project": project, "include": "id", "page_size": 1}
        return int(self.server.json("GET", "/api/tasks", params=params)["total"])

    def push(
        self,
        project: int,
        tasks: Iterable[Mapping[str, Any]],
        *,
        chunk: int = 200,
        attempts: int = _ATTEMPTS,
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
        config = Config.parse(self.server.json("GET", f"/api/projects/{project}/")["label_config"])
        before = self.count(project)
        created = present = repaired = done = 0
        changed: list[str] = []
        seen: dict[str, str] = {}
        version = ""
        for batch in batches(tasks, chunk):
            fresh = checked(batch, config, seen)
            ids = list(fresh)
            there: set[str] | None = None  # what was there before this push sent any of it
            for attempt in itertools.count(1):
                try:
                    # Asked outside the request that sends, so that every failure of either
                    # leads back to the question.
                    known = self._rows(project, ids, full=any_predictions(fresh))
                    changed += [
                        doc_id
                        for doc_id, group in known.items()
                        if any(not same_text(task, fresh[doc_id]["data"]) for task in group)
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
            merged, doubled = self._merge(project, attempts)
        if version:
            self._offer(project, version)
        return PushResult(created, present, repaired, merged, doubled)

    def _import(self, project: int, tasks: list[Json]) -> None:
        path = f"/api/projects/{project}/import"
        self.server.send("POST", path, json=tasks, timeout=_IMPORT_TIMEOUT)

    def _settle(self, project: int, ids: list[str], error: RoomError, attempt: int) -> None:
        """Wait until it is known what became of a failed request, as far as that can be."""
        _wait(attempt)
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
        known: Mapping[str, list[Row]],
        there: set[str],
    ) -> int:
        """Send the predictions that tasks on the server lack; return how many tasks got any.

        The server commits tasks before their predictions and answers 500 when those fail, so a
        task may stand there bare; and a known task may be offered by a new model.
        """
        lacking: list[Json] = []
        counted: set[str] = set()
        for doc_id, group in known.items():
            task = keeper(group)
            for prediction in fresh[doc_id].get("predictions") or ():
                if prediction["model_version"] not in task.versions:
                    lacking.append({"task": task.id, **prediction})
                    counted.add(doc_id)
        if lacking:
            path = f"/api/projects/{project}/import/predictions"
            self.server.send("POST", path, json=lacking, timeout=_IMPORT_TIMEOUT)
        return len(counted & there)

    def _offer(self, project: int, version: str) -> None:
        """Show the predictions of `version`: the project holds on to the first it ever saw."""
        have = self.server.json("GET", f"/api/projects/{project}/", params={"include": _OFFERED})
        if have["show_collab_predictions"] and have["model_version"] != version:
            self.server.json("PATCH", f"/api/projects/{project}/", json={"model_version": version})

    def _merge(self, project: int, attempts: int = _ATTEMPTS) -> tuple[int, tuple[str, ...]]:
        """Undo what two pushes at once did twice, the same way whoever does it.

        Empty duplicates of a task are deleted, and predictions that a task has twice; tasks
        that people worked on are only reported. Returns (number deleted, doc_ids reported).
        """
        merged = 0
        doubled: set[str] = set()
        for doc_id, group in self._lasting(project, None, attempts).items():
            if len(group) > 1:  # looked at again: somebody may have begun to label one of them
                group = self._lasting(project, [doc_id], attempts).get(doc_id, group)
            keep = keeper(group)
            for task in group:
                if task is keep:
                    continue
                if task.worked_on or not same_text(task, keep.data):
                    doubled.add(doc_id)
                elif self.server.gone(f"/api/tasks/{task.id}/"):
                    merged += 1
            if keep.predictions > len(keep.versions):
                rows = self.server.json("GET", "/api/predictions/", params={"task": keep.id})
                first: list[Json] = []
                for row in sorted(rows, key=by_id):
                    made = {name: row[name] for name in ("model_version", "score", "result")}
                    if made not in first:
                        first.append(made)
                    else:
                        self.server.gone(f"/api/predictions/{row['id']}/")
        return merged, tuple(sorted(doubled))

    def _lasting(
        self, project: int, doc_ids: list[str] | None, attempts: int
    ) -> dict[str, list[Row]]:
        """`_rows` while another push merges: the server answers 500 (the bare id) where a task
        that it found is deleted before it is told."""
        for attempt in itertools.count(1):
            try:
                return self._rows(project, doc_ids, full=True)
            except ServerFailed:
                if attempt >= attempts:
                    raise
                _wait(attempt)
        raise AssertionError

    def _rows(
        self,
        project: int,
        doc_ids: Iterable[str] | None,
        *,
        full: bool = False,
    ) -> dict[str, list[Row]]:
        """Ask for tasks by doc_id, every duplicate included, in the order of their ids."""
        include = "id,data,total_annotations,cancelled_annotations,total_predictions"
        params: Json = {}
        if full:  # filled only when all fields are asked for, at a price
            params["fields"] = "all"
            include += ",predictions_model_versions,draft_exists"
        pages = [None] if doc_ids is None else batches(doc_ids, 200)
        rows: dict[str, list[Row]] = {}
        for wanted in pages:
            filters = [] if wanted is None else [condition("data.doc_id", "in_list", wanted)]
            for row in self._pages(project, _LIST_PAGE, filters, include=include, **params):
                task = row_of(row)
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
            items = [*filters, condition("id", "greater", after, "Number")]
            query = {
                "filters": {"conjunction": "and", "items": items},
                "ordering": ["tasks:id"],
            }
            answer = self.server.json(
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
            yield row_of({"data": {}, **row})

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
        filters = [condition("total_annotations", "greater", 0, "Number")] if answered else []
        for row in self._pages(project, _EXPORT_PAGE, filters, fields="all", include=include):
            drafts: list[Json] = []
            if row["draft_exists"]:
                drafts = self.server.json("GET", f"/api/tasks/{row['id']}/drafts")
            for answer in row["annotations"]:
                answer["completed_by"] = self._email(answer["completed_by"])
            task = {
                "id": row["id"],
                "data": row["data"],
                "annotations": sorted(row["annotations"], key=by_id),
                "drafts": sorted(drafts, key=by_id),
            }
            if predictions:
                task["predictions"] = sorted(row["predictions"], key=by_id)
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
        made = self.server.json(
            "POST", f"/api/tasks/{task_id}/annotations/", json=body, token=token
        )
        return int(made["id"])

    def delete_task(self, task: int) -> None:
        """Delete a task with all that was done on it; one that is gone is no error."""
        self.server.gone(f"/api/tasks/{task}/")

    # -- accounts ----------------------------------------------------------------------------

    def accounts(self) -> set[str]:
        """Return the e-mails of all accounts."""
        return {str(row["email"]) for row in self.server.json("GET", "/api/users/")}

    def ensure_account(self, email: str, password: str) -> str:
        """Make sure that `email` can log in with `password`; return its own API token.

        The account is made as a person would make it, through the invite link, which is then
        renewed: the server's log shows the link that was used.

        Raises:
            ServerRefused: the account exists with another password, or the server does not
                like the e-mail or the password.
        """
        with Visitor(self.server) as browser:
            if not browser.log_in(email, password):
                invite = self.server.json("GET", "/api/invite")["invite_url"]
                # The path is what counts; a server behind a proxy may not know its own name.
                parts = urlsplit(invite)
                complaint = browser.form(
                    f"{parts.path}?{parts.query}",
                    {"email": email, "password": password, "allow_newsletters": ""},
                )
                if complaint:
                    raise ServerRefused(
                        f"no account for {email}: {complaint}",
                        400,
                        "an account of that e-mail may exist with another password",
                    )
                self.server.json("POST", "/api/invite/reset-token", json={})
                self._users.clear()
            return browser.own_token()

    def _email(self, user: int | Json | None) -> str:
        if isinstance(user, dict):
            return str(user["email"])
        if user is None:
            return ""
        if user not in self._users:
            rows = self.server.json("GET", "/api/users/")
            self._users = {int(row["id"]): str(row["email"]) for row in rows}
        # An account that was deleted keeps its annotations but has no name any more.
        return self._users.setdefault(user, f"user-{user}")


def _wait(attempt: int) -> None:
    """Before what failed is asked again: longer each time, 15 seconds at most."""
    time.sleep(min(0.25 * 2**attempt, 15.0))
