"""Ctrl-C and SIGTERM that are not lost, and that can wait."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_came: list[int] = []
"""The signals that came since `listen`."""


class Terminated(KeyboardInterrupt):
    """SIGTERM came. Python ends by SIGINT, whatever the exit code, after a KeyboardInterrupt that
    went through `exec`, as importing does; not after one of another type."""


def listen() -> None:
    """Remember a Ctrl-C, beside raising KeyboardInterrupt. For commands, in the main thread.

    SIGTERM is answered alike: temporary files are removed, and children end. Python drops what is
    raised in the callback of a weak reference, and every import has some.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    _came.append(number)
    if number == signal.SIGINT:
        signal.default_int_handler(number, frame)
    if len(_came) == 1:  # `timeout` sends it twice, and the first is being answered
        raise Terminated


def came() -> bool:
    """Whether Ctrl-C or SIGTERM came since `listen`."""
    return bool(_came)


def again() -> bool:
    """Whether Ctrl-C came since `listen`, and was not the first."""
    return signal.SIGINT in _came[1:]


def code() -> int:
    """The exit code of a command that was stopped, as a shell tells it: 130, or 143 by SIGTERM."""
    return 128 + next(iter(_came), signal.SIGINT)


def silence() -> None:
    """Another signal ends the process at once, with no trace of how Python ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C or SIGTERM came since `listen`, and was dropped."""
    if came():
        raise KeyboardInterrupt


def end_with_parent() -> None:
    """End this worker as soon as the process that started it has ended, however that came."""
    from multiprocessing import parent_process

    parent = parent_process()
    assert parent

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and SIGTERM come when this is over, Ctrl-C never to a process started meanwhile.

    A terminal sends it to every process of the command; one that is just starting, or that is left
    without what it waits for, would end in a trace.
    """
    from multiprocessing import resource_tracker  # every command begins with this module

    # It would let the signal through where it is started later. It warns of what a killed command
    # left, which it removes.
    sys.warnoptions.append("ignore:resource_tracker")
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions.remove("ignore:resource_tracker")
    # The mask is for what is started here, and of this thread alone: where another thread takes the
    # signal (BLAS has some), the main thread is told all the same.
    with later():
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def later() -> Iterator[None]:
    """Ctrl-C and SIGTERM come when this is over."""
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)

    main = threading.current_thread() is threading.main_thread()
    numbers = (signal.SIGINT, signal.SIGTERM) if main else ()
    handlers = {number: signal.signal(number, note) for number in numbers}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            if handler is not None:
                signal.signal(number, handler)
        for number in came[:1]:
            signal.raise_signal(number)
