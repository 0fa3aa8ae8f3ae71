"""The command, as a user types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from parts import HOME


def onrecord(
    *args: str,
    cwd: Path,
    code: int = 0,
    env: dict[str, str] | None = None,
    timeout: float = 300,
) -> subprocess.CompletedProcess[str]:
    """Run `onrecord ARGS` in `cwd` and hold it to its exit code."""
    given = {k: v for k, v in os.environ.items() if not k.startswith("LABEL_STUDIO_")}
    given |= {"PYTHONPATH": str(HOME / "scripts"), "PYTHONUTF8": "1", **(env or {})}
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
