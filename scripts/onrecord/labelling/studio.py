"""A real Label Studio, headless, for one root folder: start it, find it, stop it.

Everything it needs and writes is under ``<root>/build/studio/``:

========== ==================================================================
data/      Label Studio's own folder (SQLite database, unless PostgreSQL holds it; media)
log        what the server said since its last start (``log.1``: before that)
state.json secrets.json lock   in ``accounts``
========== ==================================================================

The server listens on 127.0.0.1 only, sign-up needs the invite link, telemetry and update
checks are off, and it sees a short list of environment variables rather than the caller's
environment, so that a stray ``DEBUG`` or ``DATABASE_NAME`` changes nothing. Passwords and
tokens reach it through its environment, never through its arguments.

Measured with Label Studio 1.23.2 on 2 cores: first start 16 s (Django runs 261 migrations), up
to 49 s with both cores busy; later starts 1.8 s; stopping 0.07 s.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import secrets
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from onrecord.labelling import accounts, postgres, processes
from onrecord.labelling.accounts import CURATOR, Account, State, Vault
from onrecord.labelling.errors import RoomError, StudioError
from onrecord.labelling.postgres import Database
from onrecord.labelling.processes import HOST

# `python -c` instead of the label-studio script: the same interpreter for certain, and the
# collector can be told to run less often. Nearly all of the first start goes into rebuilding
# Django's model classes for each migration; with the default thresholds that took 21.4 s and
# 356 MB at its peak, with these 16.2 s and 441 MB (no collection at all: 16.8 s and 1.2 GB).
# It begins only when it is told to: `up` has then written down which process it is, and where `up`
# was killed before, it ends by itself.
_GATE: Final = "import sys; sys.stdin.read(1) or sys.exit('nobody waits for it'); "
_LAUNCHER: Final = (
    "import gc, sys; gc.set_threshold(50_000, 20, 100); "
    "from label_studio.server import main; sys.argv[0] = 'label-studio'; sys.exit(main())"
)

# What of the caller's environment the server may see. Label Studio reads names as common as
# HOST, PORT, DEBUG, CI, USERNAME and PASSWORD when they are set.
_PASSED: Final = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"),
        *("VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    }
)

_LISTENING: Final = re.compile(rb"Starting development server at http://127\.0\.0\.1:(\d+)/")


class Studio(msgspec.Struct, frozen=True):
    """A running server: `url` without a slash at its end, the first account's `email`."""

    url: str
    port: int
    pid: int
    email: str
    folder: Path


def up(
    root: Path,
    *,
    port: int = 0,
    database: Database | None = None,
    public_url: str = "",
    timeout: float = 300.0,
    say: Callable[[str], None] = lambda _: None,
) -> Studio:
    """Start the studio of `root`, or find it running; return when it answers.

    Args:
        root: the folder whose ``build/studio`` holds the studio.
        port: 0 takes the port of the last time if it is free, else the first free one from
            8080; any other number is taken or refused. A server that already runs keeps its.
        database: a PostgreSQL database; it is kept, so that later starts need not name it.
        public_url: the address under which a proxy offers the server; kept too.
        timeout: seconds until the server must answer (first start: 16 to 100 s were seen).
        say: gets one line for each thing worth telling.

    Raises:
        StudioError: Label Studio is not installed, the port is taken, the server died (the
            message ends with its last lines) or did not answer in time. No process is left.
    """
    folder = accounts.folder_of(root)
    accounts.private_directory(folder)
    deadline = time.monotonic() + timeout
    with accounts.locked(folder, deadline, say):
        found = _find(folder, wait_until=deadline, say=say)
        if found is not None:
            if port and found.port != port:
                say(f"already running on port {found.port}; `studio down` first to move it")
            vault = accounts.read_secrets(folder)
            if vault and public_url and vault.public_url != public_url:
                say("already running under another address; `studio down` first to change it")
            if vault and database:
                _same_database(folder, vault, database)
            if vault:
                _let_in(folder, vault, found.url)
            return found
        if importlib.util.find_spec("label_studio") is None:
            raise StudioError(
                "Label Studio is not installed", 'pip install "onrecord[studio]", then try again'
            )
        vault = _first_account(folder, database)
        if public_url and vault.public_url != public_url:
            vault.public_url = public_url
            accounts.write_secrets(folder, vault)
        last = accounts.read_state(folder)
        if last is not None and last.pid and port in (0, last.port):
            # Threads of a server that was just killed hold its port some moments longer than
            # the process itself is to be seen.
            processes.await_free(last.port, min(deadline, time.monotonic() + 5.0))
        wanted = port or processes.free_port(last.port if last else 0)
        if port and not processes.is_free(port):
            raise StudioError(
                f"port {port} is in use by another program",
                "name another --port, or none to take the first free one",
            )
        first = not vault.settled
        say("starting Label Studio" + (", the first time: 20 s to 2 minutes" if first else ""))
        for attempt in range(5):
            try:
                return _start(folder, vault, wanted, deadline)
            except _PortLost:
                # Somebody bound it between our look and the server's; with a port asked for
                # by name the next one will not do.
                if port or attempt == 4:
                    raise
                wanted = processes.free_port(wanted + 1)
        raise AssertionError("unreachable")


def status(root: Path) -> Studio | None:
    """Return the studio of `root` if its own server runs and answers, else None."""
    folder = accounts.folder_of(root)
    return _find(folder) if folder.is_dir() else None


def down(root: Path, *, timeout: float = 30.0) -> bool:
    """Stop the studio of `root`; return whether one was running.

    Waits until the process has gone and its port can be bound again. After half of `timeout`
    seconds the server is killed rather than asked.

    Raises:
        StudioError: the process or its port outlived `timeout`.
    """
    folder = accounts.folder_of(root)
    if not folder.is_dir():
        return False
    deadline = time.monotonic() + timeout
    with accounts.locked(folder, deadline, lambda _: None):
        state = accounts.read_state(folder)
        if state is None:
            return False
        running = state.lives()
        if running:
            processes.stop(state.pid, state.started, timeout)
            if not processes.await_free(state.port, deadline):
                raise StudioError(f"port {state.port} is still in use after the server went")
        accounts.write_state(folder, State(0, "", state.port, state.url))
        return running


# -- starting --------------------------------------------------------------------------------


class _PortLost(StudioError):
    pass


def _start(folder: Path, vault: Vault, port: int, deadline: float) -> Studio:
    log = folder / "log"
    if log.exists():
        log.replace(folder / "log.1")
    command = [sys.executable, "-P", "-c", _GATE + _LAUNCHER, "start", "--no-browser"]
    command += ["--internal-host", HOST, "--port", str(port)]
    with log.open("wb") as sink:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(folder / "data", vault),
            start_new_session=True,  # a Ctrl-C at the terminal is for us, not for the server
        )
    processes.children[child.pid] = child
    started = processes.start_time(child.pid)
    try:
        # Written before the wait: should this process be killed, the next `up` or `down`
        # still finds the server it left behind.
        accounts.write_state(folder, State(child.pid, started, port, f"http://{HOST}:{port}"))
        assert child.stdin is not None
        with contextlib.suppress(BrokenPipeError), child.stdin as gate:  # died: the log says why
            gate.write(b"\n")
        while True:
            if child.poll() is not None:
                raise _died(log, child.returncode)
            listening = _LISTENING.search(_tail_bytes(log, 65_536))
            if listening:
                # Label Studio moves on to the next port when it finds its own taken; only
                # its own word says where it listens.
                bound = int(listening[1])
                state = State(child.pid, started, bound, f"http://{HOST}:{bound}")
                if processes.healthy(state.url):
                    _settle(folder, vault, state)
                    return _studio(folder, state)
            if time.monotonic() > deadline:
                raise StudioError(f"Label Studio did not answer in time\n{_last_lines(log)}")
            time.sleep(0.1)
    except BaseException:  # Ctrl-C included: no orphan
        processes.stop(child.pid, started, 10.0)
        accounts.write_state(folder, State(0, "", port, ""))
        raise


def _settle(folder: Path, vault: Vault, state: State) -> None:
    """Make sure that the server which answers is ours and knows our account."""
    _let_in(folder, vault, state.url)
    if not vault.settled:
        vault.settled = True
        accounts.write_secrets(folder, vault)
    state.ready = True
    accounts.write_state(folder, state)


def _let_in(folder: Path, vault: Vault, url: str) -> None:
    """Make sure that the server takes our token, or get the one that it takes with our password.

    A token is renewed with a click, on the page of the account. Raises StudioError where the
    password is another, too.
    """
    curator = vault.accounts[CURATOR]
    if _knows(url, curator.token):
        return
    from onrecord.labelling.server import Visitor

    with Visitor(url) as browser:
        if not browser.log_in(curator.email, curator.password):
            path = folder / "secrets.json"
            raise StudioError(
                f"the server at {url} takes neither the token nor the password in {path}",
                f"if the password of {CURATOR} was changed, write the new one there; if the data "
                f"in {folder / 'data'} was made with other secrets, put their file back",
            )
        token = browser.own_token()
    vault.accounts[CURATOR] = Account(curator.email, curator.password, token)
    accounts.write_secrets(folder, vault)


def _first_account(folder: Path, database: Database | None) -> Vault:
    vault = accounts.read_secrets(folder)
    data = folder / "data"
    if vault and database:
        _same_database(folder, vault, database)
    if vault is None or CURATOR not in vault.accounts:
        if (data / "label_studio.sqlite3").exists():
            raise StudioError(
                f"{data} holds a Label Studio whose {folder / 'secrets.json'} is gone",
                f"put the file back, or delete {folder} to begin again "
                "(what was not pulled is lost)",
            )
        vault = vault or Vault({})
        vault.accounts[CURATOR] = Account(CURATOR, accounts.password(), secrets.token_hex(20))
        vault.database = database
        accounts.write_secrets(folder, vault)
    elif not vault.settled and data.exists():
        # A first start that was cut short may have made the account without our token, which
        # no later start repairs. Nobody can have worked there yet: begin again, but keep the
        # old folder rather than delete anything.
        data.replace(folder / f"data.unfinished-{time.time_ns()}")
    if database and vault.database != database:  # its password may be a new one
        vault.database = database
        accounts.write_secrets(folder, vault)
    if vault.database and not vault.settled:
        known = postgres.tokens(vault.database)
        if known and vault.accounts[CURATOR].token not in known:
            raise StudioError(
                f"{vault.database.where} holds a Label Studio whose accounts are not known here",
                "name an empty database, or restore its backup (onrecord studio restore)",
            )
    accounts.private_directory(data)
    return vault


def _same_database(folder: Path, vault: Vault, database: Database) -> None:
    """A studio stays where its data is. Raises StudioError where another place is asked for."""
    if vault.database is None:
        if vault.settled:
            raise StudioError(
                f"the studio in {folder} keeps its data in SQLite, not in PostgreSQL",
                "pull what was labelled, then begin in another root with --postgres",
            )
    elif not vault.database.same_place(database):
        raise StudioError(
            f"the studio in {folder} keeps its data in {vault.database.where}",
            "start it without --postgres, or restore a backup into the other database",
        )


def _environment(data: Path, vault: Vault) -> dict[str, str]:
    given = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED or name.startswith("LC_")
    }
    given |= {
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
        # A page elsewhere that resolves its own name to 127.0.0.1 gets no answer.
        "LABEL_STUDIO_ALLOWED_HOSTS": f"{HOST},localhost",
        "LABEL_STUDIO_CORS_ALLOW_ALL_ORIGINS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
        "COLLECT_ANALYTICS": "false",
        "LATEST_VERSION_CHECK": "false",
    }
    if vault.database:
        given |= vault.database.studio_environment()
    if vault.public_url:
        public = urlsplit(vault.public_url)
        given |= {
            "LABEL_STUDIO_HOST": vault.public_url,
            "LABEL_STUDIO_ALLOWED_HOSTS": f"{HOST},localhost,{public.hostname}",
            "LABEL_STUDIO_CSRF_TRUSTED_ORIGINS": f"{public.scheme}://{public.netloc}",
        }
    if not vault.settled:  # later starts find the account in the database
        curator = vault.accounts[CURATOR]
        given |= {
            "LABEL_STUDIO_USERNAME": curator.email,
            "LABEL_STUDIO_PASSWORD": curator.password,
            "LABEL_STUDIO_USER_TOKEN": curator.token,
        }
    return given


def _find(
    folder: Path, *, wait_until: float = 0.0, say: Callable[[str], None] = lambda _: None
) -> Studio | None:
    """Return the server that `state.json` names if it is alive, ours and answers.

    With `wait_until` a server that lives but does not answer yet (its `up` was killed while
    it waited) is given that long, then stopped.
    """
    state = accounts.read_state(folder)
    if state is None or not state.lives():
        return None
    if state.ready and processes.healthy(state.url):
        return _studio(folder, state)
    if not wait_until:
        return None
    say("a server that was left behind does not answer yet; waiting for it")
    vault = accounts.read_secrets(folder)
    # Half of the time: the other half is for starting anew, should it never answer.
    deadline = (time.monotonic() + wait_until) / 2
    while vault is not None and time.monotonic() < deadline and state.lives():
        listening = _LISTENING.search(_tail_bytes(folder / "log", 65_536))
        if listening:
            state.port = int(listening[1])
            state.url = f"http://{HOST}:{state.port}"
            if processes.healthy(state.url):
                with contextlib.suppress(StudioError, RoomError):
                    _settle(folder, vault, state)
                    return _studio(folder, state)
                break
        time.sleep(0.1)
    processes.stop(state.pid, state.started, 10.0)
    return None


def _studio(folder: Path, state: State) -> Studio:
    return Studio(state.url, state.port, state.pid, CURATOR, folder)


def _died(log: Path, code: int) -> StudioError:
    lines = _last_lines(log)
    kind = _PortLost if "already in use" in lines else StudioError
    return kind(f"Label Studio stopped with code {code} while starting\n{lines}", f"see {log}")


def _knows(url: str, token: str) -> bool:
    return (
        processes.status(f"{url}/api/current-user/whoami", {"Authorization": f"Token {token}"})
        == 200
    )


def _tail_bytes(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as source:
            source.seek(0, os.SEEK_END)
            source.seek(max(0, source.tell() - size))
            return source.read()
    except FileNotFoundError:
        return b""


def _last_lines(path: Path) -> str:
    text = _tail_bytes(path, 16_384).decode("utf-8", "replace")
    return "\n".join(f"  {line}" for line in deque(text.splitlines(), maxlen=15))
