"""What a person sees: progress on a terminal, quiet lines elsewhere, problems as a list.

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TypeVar

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from onrecord.records import Problem

T = TypeVar("T")

out = Console(file=sys.stdout, soft_wrap=True, highlight=False)
err = Console(file=sys.stderr, soft_wrap=True, highlight=False)

Say = Callable[[str], None]
"""How a long stage reports what it did, one line at a time."""


def show_all_letters() -> None:
    """Print letters that the terminal or pipe lacks as escapes, as standard error does."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


MAX_SHOWN = 50
"""Problems printed one by one before the rest is only counted."""


_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _shown(line: str, style: str = "") -> Text:
    """The line, safe for a terminal: a file name may contain control characters."""
    line = line.encode("utf-8", "backslashreplace").decode()
    return Text(_CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", line), style=style)


def say(line: str) -> None:
    """Report a line on standard error. Text from articles is never read as markup."""
    err.print(_shown(line))


def coloured(line: str, style: str) -> None:
    """Print a line of results, in colour on a terminal."""
    out.print(_shown(line, style if out.is_terminal else ""))


def result(line: str) -> None:
    """Print a line of results on standard output."""
    out.print(_shown(line))


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """A progress bar on a terminal. Yields a function that takes how many are done."""
    if not err.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=err, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


class _Rate(ProgressColumn):
    """The recent rate, in items per second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "")


QUIET = 30.0
"""Seconds between two progress lines without a terminal."""

FRAME = 0.1
"""Seconds between two updates of the bar on a terminal."""


@contextmanager
def documents(what: str, total: int, per: str = "documents") -> Generator[Callable[[int], None]]:
    """Progress and rate of long work: a bar on a terminal, else a line now and then.

    Yields a function that takes how many are done. Work longer than `QUIET` ends with its rate.
    """
    start = last = time.monotonic()
    count = 0
    terminal = err.is_terminal
    often = FRAME if terminal else QUIET
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=err,
        transient=True,
        disable=not terminal,
    )

    def line() -> None:
        rate = count / max(1e-9, time.monotonic() - start)
        say(f"{what}: {count:,} of {total:,} {per}, {rate:,.1f} a second")

    def told(done: int) -> None:
        nonlocal count, last
        count = done
        if (now := time.monotonic()) - last < often:
            return
        last = now
        if terminal:
            bar.update(task, completed=done)
        else:
            line()

    with bar:
        task = bar.add_task(what, total=total)
        yield told
    if time.monotonic() - start >= QUIET:
        line()


def counted(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The items, with a progress bar on a terminal."""
    with progress(what, total) as done:
        for number, item in enumerate(items, 1):
            yield item
            done(number)


def show_problems(problems: Iterable[Problem]) -> int:
    """Print problems, one per line, and return how many there are.

    The text of a rule (see `rules.problem`) is printed only with its first problem.
    """
    from onrecord.quality.rules import RULES

    count = 0
    explained: set[str] = set()
    for count, problem in enumerate(problems, 1):
        if count <= MAX_SHOWN:
            line = str(problem)
            if problem.rule in explained:
                line = line.removesuffix(f": {RULES.get(problem.rule)}")
            explained.add(problem.rule)
            err.print(_shown(line, "red" if err.is_terminal else ""))
    if count > MAX_SHOWN:
        say(f"… and {count - MAX_SHOWN} more")
    return count


_FIGURE = re.compile(r"[-−+.,\d]*")

GAP = 2
"""Cells between two columns."""


def fitting(cells: list[list[str]], width: int) -> list[int] | None:
    """Column widths, in cells, that fit a table with its gaps into `width`.

    The widest column shrinks first, but none below its longest word: ids, links and figures are
    never cut. None if the words alone are wider.
    """
    columns = list(zip(*cells, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    words = [max(cell_len(w) for c in column for w in c.split() or [""]) for column in columns]
    while sum(widths) + GAP * (len(columns) - 1) > width:
        give = [i for i in range(len(columns)) if widths[i] > words[i]]
        if not give:
            return None
        widths[max(give, key=widths.__getitem__)] -= 1
    return widths


def table(title: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table of results; with lines and wrapping on a terminal that is wide enough."""
    cells = [columns, *([str(value) for value in row] for row in rows)]
    if out.is_terminal and (fitted := fitting(cells, out.width)):
        drawn = Table(
            title=title or None,
            title_justify="left",
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            padding=(0, GAP - 1, 0, 0),
        )
        for i, width in enumerate(fitted):
            figures = all(_FIGURE.fullmatch(row[i]) for row in cells[1:])
            drawn.add_column(columns[i], width=width, justify="right" if figures else "left")
        for row in cells[1:]:
            drawn.add_row(*map(_shown, row))
        out.print(drawn)
        return
    if title:
        result(title)
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        pairs = zip(row, widths, strict=True)
        result("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())
