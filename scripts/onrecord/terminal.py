"""What only a terminal shows: progress bars, and tables drawn with lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager

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


class _Rate(ProgressColumn):
    """The recent rate, in items per second, or per minute where that is more than none."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        return Text(f"{speed:,.0f}/s" if speed >= 1 else f"{60 * speed:,.0f}/min")


@contextmanager
def bar(
    console: Console, what: str, total: int | None, *, rate: bool = False
) -> Generator[Callable[[int], None]]:
    """A progress bar. Yields a function that takes how many are done."""
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    columns += [_Rate()] if rate else []
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


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


def draw(console: Console, title: str, cells: list[list[str]]) -> bool:
    """Print a table whose first row names its columns; False if the terminal is too narrow."""
    fitted = fitting(cells, console.width)
    if fitted is None:
        return False
    drawn = Table(
        title=title or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, GAP - 1, 0, 0),
    )
    columns, *rows = cells
    for i, width in enumerate(fitted):
        figures = all(_FIGURE.fullmatch(row[i]) for row in rows)
        drawn.add_column(columns[i], width=width, justify="right" if figures else "left")
    for row in rows:
        drawn.add_row(*map(Text, row))
    console.print(drawn)
    return True
