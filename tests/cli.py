"""The command, as a user types it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from functools import cache
from pathlib import Path

import warm
from parts import HOME

Told = subprocess.CompletedProcess[str]


def onrecord(
    *args: str, cwd: Path, code: int = 0, env: dict[str, str] | None = None, timeout: float = 300
) -> Told:
    """Run `onrecord ARGS` in `cwd` and hold it to its exit code."""
    given = _environment() | (env or {})
    if all(given.get(k) == START.get(k) for k in given.keys() | START if not k.startswith(FREE)):
        told = _warm().run(args, cwd, given, timeout)
    else:
        told = subprocess.run(
            [sys.executable, "-m", "onrecord", *args],
            cwd=cwd,
            env=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
    assert told.returncode == code, f"exit {told.returncode}, not {code}\n{told.stderr}"
    return told


def confined(*args: str, cwd: Path, room: int) -> Told:
    """Run `onrecord ARGS` where no file may be longer than `room` bytes.

    It fails a write as a full disk does, at a known byte.
    """
    run = f"""import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))
from onrecord.cli import main
main(sys.argv[1:])
"""
    return subprocess.run(
        [sys.executable, "-c", run, *args],
        cwd=cwd,
        env=_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


FREE = ("LABEL_STUDIO_", "PYTEST_CURRENT_TEST")
"""Variables that nothing reads while it is imported."""


def _environment() -> dict[str, str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith(FREE)}
    return given | {"PYTHONPATH": str(HOME / "scripts"), "PYTHONUTF8": "1"}


START = _environment()
"""What a command gets unless a test says otherwise."""


class _Warm:
    """A process that runs commands without importing anew; see `warm`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, warm.__file__],
            env=START,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._turn = threading.Lock()
        atexit.register(self._close)

    def run(self, args: tuple[str, ...], cwd: Path, env: dict[str, str], timeout: float) -> Told:
        with tempfile.TemporaryDirectory() as folder, self._turn:
            out, err = (Path(folder) / name for name in ("out", "err"))
            out.touch()
            err.touch()
            files = {"out": str(out), "err": str(err)}
            self._say(json.dumps({"args": args, "cwd": str(cwd), "env": env, **files}))
            pid = int(self._hear())
            late = threading.Timer(timeout, self._end, [pid])
            late.start()
            code = int(self._hear())
            late.cancel()
            said = (path.read_text("utf-8") for path in (out, err))
            return subprocess.CompletedProcess(args, code, *said)

    def _close(self) -> None:
        with self._process:
            pass

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process that runs commands has ended; its traceback is above or below"
        return line

    def _end(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@cache
def _warm() -> _Warm:
    return _Warm()
