"""What a person sees: progress on a terminal, quiet lines elsewhere, problems as a list.

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO, TypeVar

from onrecord.records import Problem, many, on_one_line, shown, some

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


class Screen:
    """A stream to print lines on.

    What only a terminal needs (rich, and `terminal` that draws with it) takes a tenth of a second,
    and is imported where there is one.
    """

    def __init__(self, file: TextIO) -> None:
        self.file = file

    @cached_property
    def console(self) -> Console:
        from rich.console import Console

        return Console(file=self.file, soft_wrap=True, highlight=False)

    @cached_property
    def is_terminal(self) -> bool:
        # rich decides, and takes nothing else for one.
        likely = self.file.isatty() or "FORCE_COLOR" in os.environ or "TTY_COMPATIBLE" in os.environ
        return likely and self.console.is_terminal

    def print(self, line: str, style: str = "") -> None:
        """Print a line, in a style on a terminal. Text from articles is never read as markup."""
        line = shown(line)
        if self.is_terminal or "\t" in line:  # rich knows how far a tab goes
            from rich.text import Text

            self.console.print(Text(line, style=style if self.is_terminal else ""))
            return
        try:
            self.file.write(f"{line}\n")
            self.file.flush()
        except BrokenPipeError:
            self.console.on_broken_pipe()
        except OSError as error:
            error.filename = self.file.name
            raise


out, err = Screen(sys.stdout), Screen(sys.stderr)

Say = Callable[[str], None]
"""How a long stage reports what it did, one line at a time."""


def show_all_letters() -> None:
    """Print letters that the terminal or pipe lacks as escapes, as standard error does."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


MAX_SHOWN = 50
"""Problems printed one by one before the rest is only counted."""


def say(line: str) -> None:
    """Report a line on standard error."""
    err.print(line)


def coloured(line: str, style: str) -> None:
    """Print a line of results, in colour on a terminal."""
    out.print(line, style)


def result(line: str) -> None:
    """Print a line of results on standard output."""
    out.print(line)


def say_without_text(articles: list[str], *, so: str, before: str = "") -> None:
    """Name articles, if any, whose text is not here, and what was therefore done with them."""
    if articles:
        named = f"{many(len(articles), 'article')}: {some(articles)}"
        say(f"{before}no text here, {so} (hydrate): {named}")


@contextmanager
def progress(what: str, total: int | None = None) -> Generator[Callable[[int], None]]:
    """A progress bar on a terminal. Yields a function that takes how many are done."""
    if not err.is_terminal:
        yield lambda _: None
        return
    from onrecord.terminal import bar

    with bar(err.console, what, total) as done:
        yield done


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

    def line(done: int) -> None:
        rate = done / max(1e-9, time.monotonic() - start)
        pace = f"{rate:,.1f} a second" if rate >= 1 else f"{60 * rate:,.1f} a minute"
        say(f"{what}: {done:,} of {total:,} {per}, {pace}")

    often, showing = QUIET, nullcontext(line)
    if err.is_terminal:
        from onrecord.terminal import bar

        often, showing = FRAME, bar(err.console, what, total, rate=True)

    def told(done: int) -> None:
        nonlocal count, last
        count = done
        if (now := time.monotonic()) - last >= often:
            last = now
            show(done)

    with showing as show:
        yield told
    if time.monotonic() - start >= QUIET:
        line(count)


def counted(items: Iterable[T], what: str, total: int | None = None) -> Iterator[T]:
    """The items, with a progress bar on a terminal."""
    with progress(what, total) as done:
        for number, item in enumerate(items, 1):
            yield item
            done(number)


def in_turn(items: Collection[T], what: str, per: str) -> Iterator[T]:
    """The items one after the other, with the progress of long work over them."""
    return of_total(items, len(items), what, per)


def of_total(items: Iterable[T], total: int, what: str, per: str) -> Iterator[T]:
    """Like `in_turn`, of `total` items that are not all held."""
    with documents(what, total, per) as done:
        number = 0
        for number, item in enumerate(items, 1):
            done(number - 1)
            yield item
        done(number)


def show_problems(problems: Iterable[Problem]) -> int:
    """Print problems, one per line, and return how many there are.

    The text of a rule (see `rules.problem`) is printed only with its first problem.
    """
    from onrecord.rules import RULES

    count = 0
    explained: set[str] = set()
    for count, problem in enumerate(problems, 1):
        if count <= MAX_SHOWN:
            line = str(problem)
            if problem.rule in explained:
                line = line.removesuffix(f": {RULES.get(problem.rule)}")
            explained.add(problem.rule)
            err.print(line, "red")
    if count > MAX_SHOWN:
        say(f"… and {count - MAX_SHOWN} more")
    return count


def table(title: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    """Print a table of results; with lines and wrapping on a terminal that is wide enough."""
    cells = [columns, *([on_one_line(shown(str(value))) for value in row] for row in rows)]
    if out.is_terminal:
        from onrecord.terminal import draw

        if draw(out.console, title, cells):
            return
    if title:
        result(title)
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    for row in cells:
        pairs = zip(row, widths, strict=True)
        result("  ".join(cell.ljust(width) for cell, width in pairs).rstrip())
