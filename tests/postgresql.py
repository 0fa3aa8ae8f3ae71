"""A PostgreSQL server for the tests: made in a temporary folder, gone with it.

Debian's packages put the programs outside PATH, and initdb refuses root: as root they run as
the user that the package made.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from onrecord.labelling.postgres import Database


def programs() -> Path | None:
    """The folder that holds initdb and pg_ctl, the newest version's; None without PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


class Cluster:
    """A running server: its port, the superuser's name and password."""

    user, password = "keeper", "pass word'1"

    def __init__(self, port: int) -> None:
        self.port = port

    def create(self, name: str) -> Database:
        """A new, empty database."""
        made = Database("127.0.0.1", self.port, name, self.user, password=self.password)
        subprocess.run(
            ["createdb", name],
            env=made.client_environment() | {"PGDATABASE": "postgres"},
            check=True,
            timeout=60,
        )
        return made


@contextlib.contextmanager
def running() -> Iterator[Cluster]:
    """Run a server for the length of a `with` block."""
    bin_ = programs()
    assert bin_ is not None
    # Outside of pytest's folder, which is closed to other users.
    with tempfile.TemporaryDirectory(prefix="onrecord-pg-") as name:
        home = Path(name)
        secret = home / "password"
        secret.write_text(Cluster.password, "utf-8")
        become: list[str] = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for path in (home, secret):
                os.chown(path, owner.pw_uid, owner.pw_gid)
            become = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}"]
            become.append("--clear-groups")
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        def run(program: str, *args: str) -> None:
            done = subprocess.run(
                [*become, str(bin_ / program), *args],
                cwd=home,
                stdout=subprocess.DEVNULL,  # a pipe would be held by the server
                check=False,
                timeout=120,
            )
            assert done.returncode == 0, f"{program} ended with {done.returncode}"

        data = str(home / "data")
        run(
            *("initdb", "-D", data, "-U", Cluster.user, f"--pwfile={secret}"),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
        )
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off"
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield Cluster(port)
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
