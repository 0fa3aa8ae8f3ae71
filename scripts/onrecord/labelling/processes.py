"""A server's process and its port on this machine: whether it lives, is free, answers; its end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from onrecord.labelling.errors import StudioError

HOST: Final = "127.0.0.1"
FIRST_PORT: Final = 8080
PORTS_TRIED: Final = 200
# Servers started by this very process: a child that died stays a zombie until it is waited for.
children: dict[int, subprocess.Popen[bytes]] = {}


def start_time(pid: int) -> str:
    """Return when `pid` was started, in the system's own unit; "" when it is not running."""
    child = children.get(pid)
    if child is not None and child.poll() is not None:
        return ""
    try:
        # The name in the second field may hold blanks and brackets: count from its end.
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return "" if fields[0] in (b"Z", b"X") else fields[19].decode()
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    said = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    kind, _, when = said.partition(" ")
    return "" if kind.startswith("Z") else when.strip()


def stop(pid: int, started: str, timeout: float) -> None:
    """Ask `pid` to stop, then kill it; return when it is gone.

    `started` is what `start_time` said of it: a process that has its number since is left alone.
    Raises StudioError where it outlives `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    for number, until in (
        (signal.SIGTERM, time.monotonic() + timeout / 2),
        (signal.SIGKILL, deadline),
    ):
        if started and start_time(pid) != started:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)  # it leads its own session, hence its own group
        while start_time(pid) == started and started and time.monotonic() < until:
            time.sleep(0.02)
    child = children.pop(pid, None)
    if child is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
    if started and start_time(pid) == started:
        raise StudioError(f"process {pid} does not end, not even when killed")


def is_free(port: int) -> bool:
    """Whether a server could listen on a port of HOST."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server does: connections that linger after a stop do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Label Studio refuses a port on which anything answers, on any address.
        return probe.connect_ex((HOST, port)) != 0


def await_free(port: int, deadline: float) -> bool:
    """Wait until a port is free; False where it is not by `deadline` (of time.monotonic)."""
    while not is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def free_port(first: int) -> int:
    """`first` if it is free, else the first that is from FIRST_PORT on.

    Raises StudioError where none of PORTS_TRIED is.
    """
    for port in [first, *range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)]:
        if 0 < port < 65_536 and is_free(port):
            return port
    raise StudioError(
        f"no free port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1}", "name one with --port"
    )


def healthy(url: str) -> bool:
    """Whether a Label Studio answers at `url`."""
    return status(f"{url}/health", {}) == 200


def status(url: str, headers: Mapping[str, str]) -> int:
    """The HTTP status of a GET, 0 where nothing answers."""
    # A proxy named in the environment must not be asked for a loopback address.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=dict(headers)), timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except (OSError, ValueError):
        return 0
