"""Ctrl-C that is not lost, and that can wait."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_came, _again = threading.Event(), threading.Event()


def listen() -> None:
    """Remember a Ctrl-C, beside raising KeyboardInterrupt. For commands, in the main thread.

    Python drops what is raised in the callback of a weak reference, and every import has some.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _stop)


def _stop(number: int, frame: FrameType | None) -> None:
    (_again if _came.is_set() else _came).set()
    signal.default_int_handler(number, frame)


def again() -> bool:
    """Whether Ctrl-C came a second time since `listen`."""
    return _again.is_set()


def check() -> None:
    """Raise KeyboardInterrupt if Ctrl-C came since `listen`, and was dropped."""
    if _came.is_set():
        raise KeyboardInterrupt


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C comes when this is over, and never to a process that is started meanwhile.

    A terminal sends it to every process of the command; one that is just starting, or that is left
    without what it waits for, would end in a trace.
    """
    from multiprocessing import resource_tracker  # every command begins with this module

    resource_tracker.ensure_running()  # it would let the signal through where it is started later
    came = False

    def note(_number: int, _frame: FrameType | None) -> None:
        nonlocal came
        came = True

    # The mask is for what is started here, and of this thread alone: where another thread takes the
    # signal (BLAS has some), the main thread is told all the same.
    main = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, note) if main else None
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)
