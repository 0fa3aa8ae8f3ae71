"""A process that kills what a dead driver leaves behind: `guard.py DRIVER MARK`.

The private Ray of a run survives a driver that is killed: agents and forked workers stay. All of
them were started with MARK in their environment, which identifies them (without /proc, nothing is
done).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

VARIABLE = "ONRECORD_RUN"
LOOK = 0.3


def marked(mark: str) -> list[int]:
    """The processes with the mark, except this one."""
    wanted = f"{VARIABLE}={mark}".encode()
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if wanted in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
        except OSError:
            continue  # gone, or somebody else's
    return found


def main(driver: int, mark: str) -> None:
    """Wait until `driver`, our parent, has ended; then kill all processes with the mark."""
    while os.getppid() == driver:
        time.sleep(LOOK)
    quiet = 0
    while quiet < 3:  # one of them may just have started another
        left = marked(mark)
        for process in left:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        quiet = 0 if left else quiet + 1
        time.sleep(LOOK)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
