"""A Label Studio server: projects, tasks in, annotations out, accounts.

With its parts the one module that knows Label Studio's API: `server` makes the requests, `listing`
reads tasks, `sending` sends them, `errors` are what may go wrong, `config`, `sendable` and `rows`
read what is sent and what comes back. They work on plain dicts and know nothing of articles: a task
is ``{"data": {"doc_id", "text", ...}, "predictions": [...]}``, and what comes back is the server's
own JSON with e-mails in place of account numbers.

Two properties hold throughout:

- **Identity is `data.doc_id`.** Task ids are reused by SQLite after a deletion.
- **Nothing that writes is repeated blindly.** After a failure or a time-out the server is asked
  what it has before anything is sent again.

Everything here was measured against Label Studio 1.23.2.
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from urllib.parse import urlsplit

from onrecord.labelling import listing, sending
from onrecord.labelling.config import RELATIONS, TITLE_LIMITS, Config, values_of
from onrecord.labelling.errors import LabelsInUse, ServerFailed, ServerRefused
from onrecord.labelling.rows import Json, Row, Task, by_id, condition, keeper, row_of
from onrecord.labelling.server import READ_TIMEOUT, Server, Visitor

_EXPORT_PAGE: Final = 50
_ANNOTATION_FIELDS: Final = (
    "id,result,completed_by,updated_by,was_cancelled,ground_truth,created_at,updated_at,"
    "draft_created_at,lead_time,parent_prediction,parent_annotation,last_action"
)


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
        """Return the id of every project by its title, or the one it was made with.

        Of several alike it is the lowest, of a title that one has and another was made with the
        one that has it.
        """
        projects = sorted(self.names(), reverse=True)
        made = {names[-1]: project for project, names in projects}
        return made | {names[0]: project for project, names in projects}

    def names(self) -> list[tuple[int, tuple[str, str]]]:
        """Return the id of every project with its title and the one it was made with.

        The latter stands in its description, and is found where somebody has renamed the project.
        """
        found: list[tuple[int, tuple[str, str]]] = []
        for page in itertools.count(1):
            params = {"include": "id,title,description", "page": page, "page_size": 200}
            answer = self.server.object(
                *("GET", "/api/projects/", "results", "next"), params=params
            )
            for row in answer["results"]:
                title = row["title"]
                found.append((int(row["id"]), (title, row.get("description") or title)))
            if not answer["next"]:
                break
        return found

    def project(self, title: str) -> int | None:
        """Return the id of the project `title`, or None."""
        return self.projects().get(title)

    def ensure_project(
        self, title: str, config_xml: str, instructions_html: str = "", **settings: Any
    ) -> int:
        """Make the project `title`, or bring it up to date; return its id.

        One that was made with this title and renamed since is brought up to date, and keeps its
        name.

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
            body = {"title": title, "description": title, "label_config": config_xml, **wanted}
            made = int(self.server.object("POST", "/api/projects/", "id", json=body)["id"])
            # Two pushes that both saw no project have both made one: the lower id stays.
            found = self.projects().get(title, made)
            if found != made:
                self.delete_project(made)
            else:
                return made
        have = self.server.object("GET", f"/api/projects/{found}/", "label_config")
        change = {name: value for name, value in wanted.items() if have.get(name) != value}
        if not have.get("description"):
            change["description"] = title
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
        self.server.gone(f"/api/projects/{project}/", timeout=sending.IMPORT_TIMEOUT)

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
        rows = listing.rows(self.server, project, doc_ids)
        return {doc_id: keeper(group) for doc_id, group in rows.items()}

    def count(self, project: int) -> int:
        """Return the number of tasks in `project`."""
        return listing.count(self.server, project)

    def push(
        self,
        project: int,
        tasks: Iterable[Mapping[str, Any]],
        *,
        chunk: int = 200,
        attempts: int = sending.ATTEMPTS,
        progress: Callable[[int], None] = lambda _: None,
        say: Callable[[str], None] = lambda _: None,
    ) -> sending.PushResult:
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
            say: gets a line before a chunk is tried again.

        Raises:
            BadTask: a task or prediction is not valid; nothing of its chunk was sent.
            ChangedText: known doc_ids with another text. Nothing of the chunk in which the
                first was met, or of a later one, was sent; all of them are named.
            NoServer, ServerFailed: the server did not come back. What was sent is kept: push
                again to go on.
        """
        return sending.Push(self.server, project, attempts, say).run(tasks, chunk, progress)

    # -- annotations -------------------------------------------------------------------------

    def counts(self, project: int) -> Iterator[Row]:
        """Yield every task without its text: numbers of what was done, one page in memory."""
        include = "id,total_annotations,cancelled_annotations,total_predictions,draft_exists"
        # Without `fields` Label Studio leaves `draft_exists` out; it takes no longer with it.
        for row in listing.pages(
            self.server, project, listing.PAGE, [], fields="all", include=include
        ):
            yield row_of({"data": {}, **row})

    def export(
        self, project: int, *, predictions: bool = False, answered: bool = False
    ) -> Iterator[Json]:
        """Yield every task with everything anybody has done on it, in the order of task ids.

        A task is ``{"id", "data", "annotations": [...], "drafts": [...]}``, with `predictions`
        also ``"predictions"``. An annotation has `id`, `result`, `completed_by` (an e-mail, "" of
        an account that was removed), `updated_by` (who changed it last), `was_cancelled`
        (skipped), `ground_truth`, `lead_time` (seconds), `created_at`, `updated_at` (ISO 8601,
        UTC), `parent_prediction` (the id of the one it began with, or None); a draft has `id`,
        `result`, `user` (an e-mail), `annotation` (the id of the annotation it would change, or
        None), `lead_time`, `created_at`, `updated_at`. All annotators' drafts are there, although
        Label Studio's own task list gives only those of the account that asks.

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
        for row in listing.pages(
            self.server, project, _EXPORT_PAGE, filters, fields="all", include=include
        ):
            drafts: list[Json] = []
            if row["draft_exists"]:
                drafts = self.server.rows("GET", f"/api/tasks/{row['id']}/drafts")
            for answer in row["annotations"]:
                for who in ("completed_by", "updated_by"):
                    answer[who] = self._email(answer.get(who))
            task = {
                "id": row["id"],
                "data": row["data"],
                "annotations": sorted(row["annotations"], key=by_id),
                "drafts": sorted(drafts, key=by_id),
            }
            if predictions:
                task["predictions"] = sorted(row["predictions"], key=by_id)
            yield task

    def has_draft(self, task: int) -> bool:
        """Return whether anybody has begun an answer to a task that is not submitted."""
        return bool(self.server.rows("GET", f"/api/tasks/{task}/drafts"))

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
        made = self.server.object(
            "POST", f"/api/tasks/{task_id}/annotations/", "id", json=body, token=token
        )
        return int(made["id"])

    def delete_task(self, task: int) -> None:
        """Delete a task with all that was done on it; one that is gone is no error."""
        self.server.gone(f"/api/tasks/{task}/")

    # -- accounts ----------------------------------------------------------------------------

    def accounts(self) -> set[str]:
        """Return the e-mails of all accounts that were not removed."""
        return set(self._mails().values())

    def ensure_account(self, email: str, password: str) -> str:
        """Make sure that `email` can log in with `password`; return its own API token.

        The account is made as a person would make it, through the invite link, which is then
        renewed: the server's log shows the link that was used.

        Raises:
            ServerRefused: the account exists with another password, or the server does not
                like the e-mail or the password.
        """
        with Visitor(self.url, self.server.timeout) as browser:
            if not browser.log_in(email, password):
                self._sign_up(browser, email, password)
            return browser.own_token()

    def set_password(self, email: str, password: str, admin: str, admin_password: str) -> None:
        """Give an account another password, as `admin` does on the server's page for that.

        Nothing else of it changes: its answers, drafts and token stay. Where it is logged in, it
        is logged out.

        Raises:
            ServerRefused: there is no account `email`, `admin` cannot log in or may not change
                accounts, or the server does not like the password.
        """
        users = [user for user, mail in self._mails().items() if mail == email]
        if not users:
            raise ServerRefused(f"there is no account {email} at {self.url}", 404)
        with Visitor(self.url, self.server.timeout) as browser:
            if not browser.log_in(admin, admin_password):
                raise ServerRefused(
                    f"{self.url} does not take the password of {admin}",
                    403,
                    "if it was changed there, write the new one into build/studio/secrets.json",
                )
            fields = {"password1": password, "password2": password, "usable_password": "true"}
            complaint = browser.form(
                f"/admin/users/user/{users[0]}/password/", fields | {"set-password": ""}
            )
        if complaint:
            raise ServerRefused(f"no new password for {email}: {complaint}", 400)

    def _sign_up(self, browser: Visitor, email: str, password: str) -> None:
        """Make an account and log in to it, unless another push has just made it."""
        invite = self.server.object("GET", "/api/invite", "invite_url")["invite_url"]
        # The path is what counts; a server behind a proxy may not know its own name.
        parts = urlsplit(invite)
        fields = {"email": email, "password": password, "allow_newsletters": ""}
        failed = None
        try:
            complaint = browser.form(f"{parts.path}?{parts.query}", fields)
        except (ServerFailed, ServerRefused) as error:  # made meanwhile, or the link renewed
            complaint, failed = str(error), error
        self._users.clear()
        if not complaint:
            self.server.json("POST", "/api/invite/reset-token", json={})
        elif not browser.log_in(email, password):
            raise failed or ServerRefused(
                f"no account for {email}: {complaint}",
                400,
                "an account of that e-mail may exist with another password",
            )

    def _email(self, user: int | Json | None) -> str:
        if isinstance(user, dict):
            return str(user["email"])
        if user is None:
            return ""
        if user not in self._users:
            self._users = self._mails()
        return self._users.setdefault(user, "")

    def _mails(self) -> dict[int, str]:
        """The accounts' e-mails. A member who was removed is there as "Deleted", and annotations
        of a deleted account have none: neither says whose they are."""
        rows = self.server.rows("GET", "/api/users/")
        return {int(row["id"]): row["email"] for row in rows if "@" in str(row["email"])}
