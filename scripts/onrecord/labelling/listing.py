"""The tasks of a project, read from the server page by page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final
from urllib.parse import quote

from onrecord.labelling.rows import Json, Row, condition, row_of
from onrecord.labelling.server import Server

PAGE: Final = 500
"""Tasks to a page of the list."""

_ASKED: Final = 7_000
"""Characters of an address that doc_ids may take: a proxy may refuse one of 8,192 (nginx)."""


def count(server: Server, project: int) -> int:
    """The number of tasks in a project."""
    params = {"project": project, "include": "id", "page_size": 1}
    return int(server.object("GET", "/api/tasks", "total", params=params)["total"])


def rows(
    server: Server, project: int, doc_ids: Iterable[str] | None = None, *, full: bool = False
) -> dict[str, list[Row]]:
    """Tasks by doc_id, every duplicate included, in the order of their ids; all, or of `doc_ids`.

    `versions` and `draft` of a row are filled only with `full`, at a price.
    """
    include = "id,data,total_annotations,cancelled_annotations,total_predictions"
    params: Json = {}
    if full:
        params["fields"] = "all"
        include += ",predictions_model_versions,draft_exists"
    found: dict[str, list[Row]] = {}
    for wanted in [None] if doc_ids is None else _askable(doc_ids):
        filters = [] if wanted is None else [condition("data.doc_id", "in_list", wanted)]
        for told in pages(server, project, PAGE, filters, include=include, **params):
            task = row_of(told)
            if task.doc_id:
                found.setdefault(task.doc_id, []).append(task)
    return found


def _askable(doc_ids: Iterable[str]) -> Iterator[list[str]]:
    """The doc_ids in lists that an address can hold."""
    held: list[str] = []
    length = 0
    for doc_id in doc_ids:
        size = len(quote(doc_id, safe="")) + len("%22%22%2C")
        if held and length + size > _ASKED:
            yield held
            held, length = [], 0
        held.append(doc_id)
        length += size
    if held:
        yield held


def pages(
    server: Server, project: int, size: int, filters: list[Json], **params: Any
) -> Iterator[Json]:
    """Yield tasks in the order of their ids, one page of `size` in memory at a time.

    Each page is "the first tasks after the last id seen", not "page n": a task that is added or
    deleted meanwhile shifts nothing.
    """
    after = 0
    while True:
        items = [*filters, condition("id", "greater", after, "Number")]
        query = {"filters": {"conjunction": "and", "items": items}, "ordering": ["tasks:id"]}
        answer = server.object(
            *("GET", "/api/tasks", "tasks", "total"),
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
