"""Parts that a test may need and a machine may lack: said where people work, a failure in CI."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn

import pytest

HOME = Path(__file__).resolve().parents[1]


def missing(what: str, line: str) -> NoReturn:
    """End the test for want of a part: CI can have it, so there it fails. `line` is to type."""
    if os.environ.get("CI"):
        pytest.fail(f"{what} is missing, and CI must have it: {line}", pytrace=False)
    pytest.skip(f"not run, {what} is missing: {line}")


def shared(name: str) -> Path:
    """A file or folder of the shared data (ONRECORD_SHARED, default ../shared)."""
    path = Path(os.environ.get("ONRECORD_SHARED") or HOME.parent / "shared")
    path = (path if path.is_absolute() else HOME / path) / name
    if not path.exists():
        missing(f"{name} of the shared data", "export ONRECORD_SHARED=<its folder>")
    return path


def own_port() -> int:
    """A free port that no studio takes by itself: those look upwards from 8080."""
    with socket.create_server(("127.0.0.1", 0)) as ear:
        return ear.getsockname()[1]
