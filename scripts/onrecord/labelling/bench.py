"""`onrecord bench push`: push and pull of a large, interrupted batch, compared with the raw API.

Articles and suggestions are invented, and the studio is in a temporary folder. The commands run as
a user's would, in processes of their own, whose time and peak memory are measured.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import msgspec

from onrecord import ledger
from onrecord.labelling import accounts, backup, interface, labelstudio, room, studio, tasks
from onrecord.places import scratch
from onrecord.records import Annotation, Article, Converter, Rights, Segment, Source, Span
from onrecord.text import sha256

BATCH = "bench"
_SPANS = 22
"""Suggested spans an article: what a news article of 3,000 characters has of names and quotes."""
_CHUNK = 200
_ANSWERS = 200
"""At most so many tasks are answered: each is a request of its own."""


class Run(msgspec.Struct, kw_only=True):
    """A step: seconds of wall time, and the peak memory of its process in MB (0: this one's)."""

    what: str
    seconds: float
    memory: float = 0.0


class Report(msgspec.Struct, kw_only=True):
    """What was measured. `tasks` and `suggestions` are what stood on the server after the pushes
    that were cut short and the last one; `doubled` are doc_ids with several tasks; `pulled` are
    the rows that a pull brought of `answers` that were given."""

    runs: list[Run]
    cuts: int
    tasks: int
    doubled: int
    suggestions: int
    answers: int
    pulled: int


def measure(
    count: int, cuts: int, seed: int, say: Callable[[str], None], *, like: Path | None = None
) -> Report:
    """Push `count` tasks with suggestions, cut short `cuts` times; answer some; pull.

    A cut is Ctrl-C or a kill at a moment drawn with `seed`. Starts a studio of its own, from a
    copy of the one of the root `like` if that is given.
    """
    with scratch() as root:
        if like is not None:
            copy = root / "like.tar"
            backup.backup(like, copy)
            backup.restore(root, copy)
        articles, suggestions = root / "articles.jsonl", root / "suggestions.jsonl"
        ledger.write(articles, _articles(count))
        ledger.write(suggestions, map(_suggestion, _articles(count)))
        say(f"{count} articles with {_SPANS} suggested spans each")
        studio.up(root, say=say)
        try:
            return _measured(root, articles, suggestions, count, cuts, seed, say)
        finally:
            studio.down(root)


def _measured(
    root: Path,
    articles: Path,
    suggestions: Path,
    count: int,
    cuts: int,
    seed: int,
    say: Callable[[str], None],
) -> Report:
    known = accounts.own_credentials(root)
    runs: list[Run] = []

    def note(run: Run) -> float:
        runs.append(run)
        say(f"{run.what}: {run.seconds:.1f} s, {run.memory:.0f} MB")
        return run.seconds

    with labelstudio.connect(known.url, known.token) as there:
        raw = there.ensure_project("raw API", interface.label_config())
        note(_timed("raw API: import", lambda: _raw_import(known, raw, count)))
        note(_timed("raw API: export", lambda: _raw_export(known, raw)))
        there.delete_project(raw)

        push = ["push", str(articles), "--suggestions", str(suggestions), "--batch"]
        whole = note(_command("push, undisturbed", root, *push, "whole"))
        note(_command("push again, nothing new", root, *push, "whole"))
        there.delete_project(there.projects()[room.title_of("whole", "")])

        dice = random.Random(seed)
        for number in range(cuts):
            after = dice.uniform(0.05, 0.9) * whole
            how = dice.choice([signal.SIGINT, signal.SIGKILL])
            cut = f"push, cut short {number + 1} ({how.name})"
            note(_command(cut, root, *push, BATCH, cut=(after, how)))
        note(_command("push after the cuts", root, *push, BATCH))

        project = there.projects()[room.title_of(BATCH, "")]
        ids: Counter[str] = Counter()
        suggested = 0
        answers: list[int] = []
        for row in there.export(project, predictions=True):
            ids[row["data"]["doc_id"]] += 1
            suggested += len(row["predictions"]) == 1
            answers.append(row["id"])
        answers = answers[: min(_ANSWERS, count // 4)]
        note(_timed(f"{len(answers)} answers", lambda: _answer(known, answers)))
        note(_command("pull", root, "pull", "--batch", BATCH))
        note(_command("pull again", root, "pull", "--batch", BATCH))
        note(_command("status", root, "status", "--batch", BATCH))
    (path,) = (root / "corpus" / "annotations" / BATCH).glob("*.jsonl")
    pulled = {row.article_id for row in ledger.read(path, Annotation) if len(row.spans) == 1}
    return Report(
        runs=runs,
        cuts=cuts,
        tasks=ids.total(),
        doubled=sum(n > 1 for n in ids.values()),
        suggestions=suggested,
        answers=len(answers),
        pulled=len(pulled & ids.keys()),
    )


def _timed(what: str, act: Callable[[], object]) -> Run:
    began = time.monotonic()
    act()
    return Run(what=what, seconds=time.monotonic() - began)


def _command(
    what: str, root: Path, *args: str, cut: tuple[float, signal.Signals] | None = None
) -> Run:
    """Run `onrecord ARGS` as a user would, for its time and peak memory; `cut` ends it early."""
    given = {k: v for k, v in os.environ.items() if not k.startswith("LABEL_STUDIO_")}
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-c", _TELLING, *args, "--root", str(root)],
        env={**given, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    if cut is not None:
        try:
            child.wait(cut[0])
        except subprocess.TimeoutExpired:
            child.send_signal(cut[1])
    said = child.communicate()[1].decode("utf-8", "replace")
    seconds = time.monotonic() - began
    if cut is not None:
        return Run(what=what, seconds=seconds)
    if child.returncode:
        raise RuntimeError(f"{what} ended with {child.returncode}\n{said}")
    return Run(what=what, seconds=seconds, memory=float(said.split()[-1]) / 1024)


# Peak memory as the process itself knows it: what wait4 tells of a child begins with the peak of
# the process that made it.
_TELLING = """
import sys
from onrecord.cli import run
code = run()
with open("/proc/self/status") as status:
    print(next(line for line in status if line.startswith("VmHWM")).split()[1], file=sys.stderr)
sys.exit(code)
"""


# --- the raw API ------------------------------------------------------------------------------


def _client(known: accounts.Credentials) -> httpx.Client:
    headers = {"Authorization": f"Token {known.token}"}
    return httpx.Client(base_url=known.url, headers=headers, timeout=600, trust_env=False)


def _raw_import(known: accounts.Credentials, project: int, count: int) -> None:
    """What a script would do that sends all it has, and asks nothing."""
    with _client(known) as client:
        batch: list[Any] = []
        for article in _articles(count):
            batch.append(tasks.task_of(article, [_suggestion(article)]))
            if len(batch) == _CHUNK:
                client.post(f"/api/projects/{project}/import", json=batch).raise_for_status()
                batch = []
        if batch:
            client.post(f"/api/projects/{project}/import", json=batch).raise_for_status()


def _raw_export(known: accounts.Credentials, project: int) -> None:
    with _client(known) as client:
        path = f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true"
        client.get(path).raise_for_status()


def _answer(known: accounts.Credentials, ids: list[int]) -> None:
    value = {"start": 0, "end": 4, "labels": ["ORG"]}
    region = {"id": "r", "from_name": "span", "to_name": "text", "type": "labels", "value": value}
    with labelstudio.connect(known.url, known.token) as there, ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda id_: there.submit(id_, [region], lead_time=3), ids):
            pass


# --- made up ----------------------------------------------------------------------------------

_SENTENCE = "The Ferry Club of Brackwater said on Monday that its plan for the quay stands. "


def _articles(count: int) -> Iterator[Article]:
    for number in range(count):
        text = f"Note {number} of the harbour office\n\n" + (_SENTENCE * 36).strip()
        head = text.index("\n\n")
        digest = sha256(text)
        yield Article(
            id=f"harbour-office-{digest[:12]}",
            headline=text[:head],
            publisher="Harbour Office",
            language="en",
            rights=Rights(),
            source=Source(
                file="made-up", media_type="text/plain", charset="utf-8", bytes=0, sha256=digest
            ),
            converter=Converter(name="bench", version="1", normaliser="1"),
            segments=[
                Segment(role="headline", start=0, end=head),
                Segment(role="body", start=head + 2, end=len(text)),
            ],
            text_sha256=digest,
            text=text,
        )


def _suggestion(article: Article) -> Annotation:
    body = article.segments[1].start
    size = len(_SENTENCE)
    spans = [
        Span(
            id=f"s{number}",
            label="ORG",
            start=body + number * size + 4,
            end=body + number * size + 14,
            origin="prediction",
            score=0.5,
        )
        for number in range(_SPANS)
    ]
    return Annotation(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch=BATCH,
        annotator="bench-1",
        layers=["entities"],
        spans=spans,
    )
