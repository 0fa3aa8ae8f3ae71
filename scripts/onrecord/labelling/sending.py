"""Tasks to a project, each once, whatever fails on the way.

Before each chunk the server is asked what it has, and only what it lacks is sent. After a failure
or a time-out it is asked again, so nothing is sent twice, and what two pushes at once did twice is
undone at the end.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from onrecord.labelling import listing
from onrecord.labelling.config import Config
from onrecord.labelling.errors import ChangedText, NoServer, RoomError, ServerFailed, ServerRefused
from onrecord.labelling.rows import Json, Row, batches, by_id, keeper, same_text
from onrecord.labelling.sendable import any_predictions, checked
from onrecord.labelling.server import Server

ATTEMPTS: Final = 8
IMPORT_TIMEOUT: Final = 300.0
"""Seconds. 200 tasks with 22 predicted results each took 0.4; a loaded machine may be much slower,
and giving up early is what makes the outcome unknown."""


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push did, in numbers of tasks.

    `created` were sent and are there, `present` were there before, `predictions` were there and
    got the predictions they lacked, `merged` were empty duplicates that were deleted, `doubled`
    are doc_ids that have several tasks which people worked on: left alone. `kept` were offered
    predictions of the names that they had: those stay as they are, whatever is in the new ones.
    """

    created: int = 0
    present: int = 0
    predictions: int = 0
    merged: int = 0
    doubled: tuple[str, ...] = ()
    kept: int = 0


class Push:
    """One push to a project; `attempts` are the tries for each chunk."""

    def __init__(
        self,
        server: Server,
        project: int,
        attempts: int = ATTEMPTS,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._server = server
        self._project = project
        self._attempts = attempts
        self._say = say
        self._path = f"/api/projects/{project}/"
        self._created = self._present = self._repaired = self._offered = 0
        self._twice = False  # something that an earlier push sent is there twice
        self._changed: set[str] = set()

    def run(
        self, tasks: Iterable[Mapping[str, Any]], chunk: int, progress: Callable[[int], None]
    ) -> PushResult:
        """Send the tasks; see `labelstudio.Room.push`."""
        config = Config.parse(
            self._server.object("GET", self._path, "label_config")["label_config"]
        )
        before = listing.count(self._server, self._project)
        seen: dict[str, str] = {}
        version = ""
        done = 0
        for batch in batches(tasks, chunk):
            fresh = checked(batch, config, seen)
            self._send(fresh)
            done += len(fresh)
            if not self._changed:
                for task in fresh.values():
                    for prediction in task.get("predictions") or ():
                        version = str(prediction["model_version"])
                progress(done)
        if self._changed:
            raise ChangedText(sorted(self._changed))
        merged, doubled = 0, ()
        after = listing.count(self._server, self._project)
        if self._twice or after != before + self._created:
            merged, doubled = self.merge()
        if version:
            self._offer(version)
        kept = self._offered - self._repaired
        return PushResult(self._created, self._present, self._repaired, merged, doubled, kept)

    def merge(self) -> tuple[int, tuple[str, ...]]:
        """Undo what two pushes at once did twice, the same way whoever does it.

        Empty duplicates of a task are deleted, and predictions that a task has twice; tasks
        that people worked on are only reported. Returns (number deleted, doc_ids reported).
        """
        merged = 0
        doubled: set[str] = set()
        for doc_id, group in self._lasting(None).items():
            if len(group) > 1:  # looked at again: somebody may have begun to label one of them
                group = self._lasting([doc_id]).get(doc_id, group)
            keep = keeper(group)
            for task in group:
                if task is keep:
                    continue
                if task.worked_on or not same_text(task, keep.data):
                    doubled.add(doc_id)
                elif self._server.gone(f"/api/tasks/{task.id}/"):
                    merged += 1
            if keep.predictions > len(keep.versions):
                self._merge_predictions(keep)
        return merged, tuple(sorted(doubled))

    def _merge_predictions(self, task: Row) -> None:
        """Delete the predictions that a task has twice."""
        rows = self._server.rows("GET", "/api/predictions/", params={"task": task.id})
        first: list[Json] = []
        for row in sorted(rows, key=by_id):
            made = {name: row[name] for name in ("model_version", "score", "result")}
            if made not in first:
                first.append(made)
            else:
                self._server.gone(f"/api/predictions/{row['id']}/")

    def _send(self, fresh: Mapping[str, Json]) -> None:
        """Send what the server lacks of a chunk; nothing once a text differs from the server's."""
        ids = list(fresh)
        there: set[str] | None = None  # what was there before this push sent any of it
        for attempt in itertools.count(1):
            try:
                # Asked outside the request that sends, so that every failure of either leads
                # back to the question.
                full = any_predictions(fresh)
                known = self._rows(ids, full=full)
                self._changed |= {
                    doc_id
                    for doc_id, group in known.items()
                    if any(not same_text(task, fresh[doc_id]["data"]) for task in group)
                }
                if self._changed:
                    return
                self._twice |= any(_is_twice(group, full=full) for group in known.values())
                if there is None:
                    there = set(known)
                missing = [fresh[doc_id] for doc_id in ids if doc_id not in known]
                if missing:
                    self._import("import", missing)
                self._repaired += self._repair(fresh, known, there)
            except (NoServer, ServerFailed) as error:
                if attempt >= self._attempts:
                    raise
                again = f"try {attempt + 1} of {self._attempts}"
                self._say(f"{error}; waiting for the server, then {again}")
                self._settle(ids, error, attempt)
            else:
                self._created += len(fresh) - len(there)
                self._present += len(there)
                self._offered += sum(bool(fresh[doc_id].get("predictions")) for doc_id in there)
                return

    def _import(self, what: str, rows: list[Json]) -> None:
        try:
            self._server.object("POST", f"{self._path}{what}", json=rows, timeout=IMPORT_TIMEOUT)
        except ServerRefused as error:
            # A proxy takes so many bytes and no more (nginx: 1 MB), and passes nothing of them on.
            if error.status != 413 or len(rows) == 1:
                raise
            half = len(rows) // 2
            self._import(what, rows[:half])
            self._import(what, rows[half:])

    def _repair(
        self, fresh: Mapping[str, Json], known: Mapping[str, list[Row]], there: set[str]
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
            self._import("import/predictions", lacking)
        return len(counted & there)

    def _settle(self, ids: list[str], error: RoomError, attempt: int) -> None:
        """Wait until it is known what became of a failed request, as far as that can be."""
        _wait(attempt)
        if not (isinstance(error, NoServer) and error.sent):
            return
        # The server may still be working on a request whose answer we did not wait for; it
        # commits a chunk as a whole. What comes later than this is met by `merge`.
        until = time.monotonic() + (60.0 if error.timed_out else 2.0)
        while time.monotonic() < until:
            try:
                if len(self._rows(ids)) == len(ids):
                    return
            except (NoServer, ServerFailed):
                return  # the next attempt meets the same and counts it
            time.sleep(0.5)

    def _offer(self, version: str) -> None:
        """Show the predictions of `version`: the project holds on to the first it ever saw."""
        asked = {"include": "show_collab_predictions,model_version"}
        have = self._server.object(
            *("GET", self._path, "show_collab_predictions", "model_version"), params=asked
        )
        if have["show_collab_predictions"] and have["model_version"] != version:
            self._server.json("PATCH", self._path, json={"model_version": version})

    def _lasting(self, doc_ids: list[str] | None) -> dict[str, list[Row]]:
        """The rows while another push merges: the server answers 500 (the bare id) where a task
        that it found is deleted before it is told."""
        for attempt in itertools.count(1):
            try:
                return self._rows(doc_ids, full=True)
            except ServerFailed:
                if attempt >= self._attempts:
                    raise
                _wait(attempt)
        raise AssertionError

    def _rows(self, doc_ids: list[str] | None, *, full: bool = False) -> dict[str, list[Row]]:
        return listing.rows(self._server, self._project, doc_ids, full=full)


def _is_twice(group: list[Row], *, full: bool) -> bool:
    """Whether a task, or with `full` a prediction of it, is there twice."""
    return len(group) > 1 or (full and group[0].predictions > len(group[0].versions))


def _wait(attempt: int) -> None:
    """Before what failed is asked again: longer each time, 15 seconds at most."""
    time.sleep(min(0.25 * 2**attempt, 15.0))
