"""A real Label Studio, headless, for one root folder: start it, find it, stop it.

Everything it needs and writes is under ``<root>/build/studio/``:

========== ==================================================================
data/      Label Studio's own folder (SQLite database, unless PostgreSQL holds it; media)
log        what the server said since its last start (``log.1``: before that)
state.json pid and start time of the server, its address and port
secrets.json accounts with password and token, where the database is, mode 0600
lock       held while a server is started or stopped
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
import errno
import fcntl
import importlib.util
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from onrecord import ledger
from onrecord.labelling import postgres
from onrecord.labelling.postgres import Database
from onrecord.records import OnrecordError

HOST: Final = "127.0.0.1"
CURATOR: Final = "curator@onrecord.example"
FIRST_PORT: Final = 8080
PORTS_TRIED: Final = 200
#: What `credentials` reads before it looks at the root's own file.
URL_VARIABLE: Final = "LABEL_STUDIO_URL"
TOKEN_VARIABLE: Final = "LABEL_STUDIO_API_KEY"

# `python -c` instead of the label-studio script: the same interpreter for certain, and the
# collector can be told to run less often. Nearly all of the first start goes into rebuilding
# Django's model classes for each migration; with the default thresholds that took 21.4 s and
# 356 MB at its peak, with these 16.2 s and 441 MB (no collection at all: 16.8 s and 1.2 GB).
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

# Servers started by this very process: a child that died stays a zombie until it is waited for.
_children: dict[int, subprocess.Popen[bytes]] = {}


class StudioError(OnrecordError):
    """The studio cannot be started, found or stopped."""


class Studio(msgspec.Struct, frozen=True):
    """A running server: `url` without a slash at its end, the first account's `email`."""

    url: str
    port: int
    pid: int
    email: str
    folder: Path


class Account(msgspec.Struct, frozen=True):
    """One account of the studio. `token` is "" until the account exists on the server."""

    email: str
    password: str
    token: str = ""

    def __repr__(self) -> str:  # A traceback or a log line must not give the secrets away.
        return f"Account(email={self.email!r})"


class Credentials(msgspec.Struct, frozen=True):
    """Where to talk to and as whom; `email` is "" when they came from the environment."""

    url: str
    token: str
    email: str = ""

    def __repr__(self) -> str:
        return f"Credentials(url={self.url!r}, email={self.email!r})"


class _State(msgspec.Struct):
    pid: int
    started: str  # start time of `pid` as the system tells it: a recycled pid has another
    port: int
    url: str
    ready: bool = False


class Vault(msgspec.Struct):
    """What secrets.json holds. `database` is None for SQLite; `public_url` is the address at
    which a proxy offers the server to others."""

    accounts: dict[str, Account]
    settled: bool = False  # the first account has been seen to work on the server
    database: Database | None = None
    public_url: str = ""


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
    folder = folder_of(root)
    private_directory(folder)
    deadline = time.monotonic() + timeout
    with _locked(folder, deadline, say):
        found = _find(folder, wait_until=deadline, say=say)
        if found is not None:
            if port and found.port != port:
                say(f"already running on port {found.port}; `studio down` first to move it")
            vault = _read_secrets(folder)
            if vault and public_url and vault.public_url != public_url:
                say("already running under another address; `studio down` first to change it")
            if vault and database:
                _same_database(folder, vault, database)
            return found
        if importlib.util.find_spec("label_studio") is None:
            raise StudioError(
                "Label Studio is not installed", 'pip install "onrecord[studio]", then try again'
            )
        vault = _first_account(folder, database)
        if public_url and vault.public_url != public_url:
            vault.public_url = public_url
            _write_secrets(folder, vault)
        last = _read_state(folder)
        if last is not None and last.pid and port in (0, last.port):
            # Threads of a server that was just killed hold its port some moments longer than
            # the process itself is to be seen.
            _await_free(last.port, min(deadline, time.monotonic() + 5.0))
        wanted = port or _free_port(last.port if last else 0)
        if port and not _is_free(port):
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
                wanted = _free_port(wanted + 1)
        raise AssertionError("unreachable")


def status(root: Path) -> Studio | None:
    """Return the studio of `root` if its own server runs and answers, else None."""
    folder = folder_of(root)
    return _find(folder) if folder.is_dir() else None


def down(root: Path, *, timeout: float = 30.0) -> bool:
    """Stop the studio of `root`; return whether one was running.

    Waits until the process has gone and its port can be bound again. After half of `timeout`
    seconds the server is killed rather than asked.

    Raises:
        StudioError: the process or its port outlived `timeout`.
    """
    folder = folder_of(root)
    if not folder.is_dir():
        return False
    deadline = time.monotonic() + timeout
    with _locked(folder, deadline, lambda _: None):
        state = _read_state(folder)
        if state is None:
            return False
        running = _is_ours(state)
        if running:
            _stop(state.pid, state.started, timeout)
            if not _await_free(state.port, deadline):
                raise StudioError(f"port {state.port} is still in use after the server went")
        _write_state(folder, _State(0, "", state.port, state.url))
        return running


def credentials(root: Path) -> Credentials:
    """Return the address and token to use for `root`.

    LABEL_STUDIO_URL with LABEL_STUDIO_API_KEY in the environment win over the root's own
    studio, so that a team's server needs no file.

    Raises:
        StudioError: only one of the two is set, or there is no studio in `root`.
    """
    url, token = os.environ.get(URL_VARIABLE, ""), os.environ.get(TOKEN_VARIABLE, "")
    if url and token:
        return Credentials(url.rstrip("/"), token)
    if url or token:
        missing = TOKEN_VARIABLE if url else URL_VARIABLE
        raise StudioError(f"{missing} is not set", "set both of them, or neither")
    return own_credentials(root)


def own_credentials(root: Path) -> Credentials:
    """Return the address and token of the root's own studio, whatever the environment says.

    Raises:
        StudioError: there is no studio in `root`.
    """
    folder = folder_of(root)
    state, vault = _read_state(folder), _read_secrets(folder)
    if state is None or vault is None or CURATOR not in vault.accounts:
        raise StudioError(
            f"no Label Studio is known for {root.absolute()}",
            f"onrecord studio up, or set {URL_VARIABLE} and {TOKEN_VARIABLE}",
        )
    return Credentials(state.url, vault.accounts[CURATOR].token, CURATOR)


def secrets_path(root: Path) -> Path:
    """Return the file (mode 0600) that holds the accounts of the studio of `root`."""
    return folder_of(root) / "secrets.json"


def vault(root: Path) -> Vault | None:
    """Return all that is kept of the studio of `root`, None where there is none."""
    return _read_secrets(folder_of(root))


def keep(root: Path, vault: Vault) -> None:
    """Replace all that is kept of the studio of `root`."""
    folder = folder_of(root)
    private_directory(folder)
    with _locked(folder, time.monotonic() + 60, lambda _: None):
        _write_secrets(folder, vault)


def accounts(root: Path) -> dict[str, Account]:
    """Return the accounts that the studio of `root` knows of, by e-mail."""
    vault = _read_secrets(folder_of(root))
    return dict(vault.accounts) if vault else {}


def account(root: Path, email: str, *, token: str = "") -> Account:
    """Return the account `email`, invented with a random password when it is not known.

    With `token` the account's API token is kept, once the server has given one out.
    """
    folder = folder_of(root)
    private_directory(folder)
    with _locked(folder, time.monotonic() + 60, lambda _: None):
        vault = _read_secrets(folder) or Vault({})
        known = vault.accounts.get(email) or Account(email, _password())
        if token or email not in vault.accounts:
            known = Account(email, known.password, token or known.token)
            vault.accounts[email] = known
            _write_secrets(folder, vault)
        return known


# -- starting --------------------------------------------------------------------------------


class _PortLost(StudioError):
    pass


def _start(folder: Path, vault: Vault, port: int, deadline: float) -> Studio:
    log = folder / "log"
    if log.exists():
        log.replace(folder / "log.1")
    command = [sys.executable, "-P", "-c", _LAUNCHER, "start", "--no-browser"]
    command += ["--internal-host", HOST, "--port", str(port)]
    with log.open("wb") as sink:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=_environment(folder / "data", vault),
            start_new_session=True,  # a Ctrl-C at the terminal is for us, not for the server
        )
    _children[child.pid] = child
    started = _start_time(child.pid)
    try:
        # Written before the wait: should this process be killed, the next `up` or `down`
        # still finds the server it left behind.
        _write_state(folder, _State(child.pid, started, port, f"http://{HOST}:{port}"))
        while True:
            if child.poll() is not None:
                raise _died(log, child.returncode)
            listening = _LISTENING.search(_tail_bytes(log, 65_536))
            if listening:
                # Label Studio moves on to the next port when it finds its own taken; only
                # its own word says where it listens.
                bound = int(listening[1])
                state = _State(child.pid, started, bound, f"http://{HOST}:{bound}")
                if _healthy(state.url):
                    _settle(folder, vault, state)
                    return _studio(folder, state)
            if time.monotonic() > deadline:
                raise StudioError(f"Label Studio did not answer in time\n{_last_lines(log)}")
            time.sleep(0.1)
    except BaseException:  # Ctrl-C included: no orphan
        _stop(child.pid, started, 10.0)
        _write_state(folder, _State(0, "", port, ""))
        raise


def _settle(folder: Path, vault: Vault, state: _State) -> None:
    """Make sure that the server which answers is ours and knows our account."""
    if not _knows(state.url, vault.accounts[CURATOR].token):
        raise StudioError(
            f"the server at {state.url} does not accept the token in {folder / 'secrets.json'}",
            f"the data in {folder / 'data'} was made with other secrets: put their file back, or "
            f"delete {folder} to begin again (what was not pulled is lost)",
        )
    if not vault.settled:
        vault.settled = True
        _write_secrets(folder, vault)
    state.ready = True
    _write_state(folder, state)


def _first_account(folder: Path, database: Database | None) -> Vault:
    vault = _read_secrets(folder)
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
        vault.accounts[CURATOR] = Account(CURATOR, _password(), secrets.token_hex(20))
        vault.database = database
        _write_secrets(folder, vault)
    elif not vault.settled and data.exists():
        # A first start that was cut short may have made the account without our token, which
        # no later start repairs. Nobody can have worked there yet: begin again, but keep the
        # old folder rather than delete anything.
        data.replace(folder / f"data.unfinished-{time.time_ns()}")
    if database and vault.database != database:  # its password may be a new one
        vault.database = database
        _write_secrets(folder, vault)
    if vault.database and not vault.settled:
        known = postgres.tokens(vault.database)
        if known and vault.accounts[CURATOR].token not in known:
            raise StudioError(
                f"{vault.database.where} holds a Label Studio whose accounts are not known here",
                "name an empty database, or restore its backup (onrecord studio restore)",
            )
    private_directory(data)
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
    state = _read_state(folder)
    if state is None or not _is_ours(state):
        return None
    if state.ready and _healthy(state.url):
        return _studio(folder, state)
    if not wait_until:
        return None
    say("a server that was left behind does not answer yet; waiting for it")
    vault = _read_secrets(folder)
    # Half of the time: the other half is for starting anew, should it never answer.
    deadline = (time.monotonic() + wait_until) / 2
    while vault is not None and time.monotonic() < deadline and _is_ours(state):
        listening = _LISTENING.search(_tail_bytes(folder / "log", 65_536))
        if listening:
            state.port = int(listening[1])
            state.url = f"http://{HOST}:{state.port}"
            if _healthy(state.url):
                with contextlib.suppress(StudioError):
                    _settle(folder, vault, state)
                    return _studio(folder, state)
                break
        time.sleep(0.1)
    _stop(state.pid, state.started, 10.0)
    return None


def _studio(folder: Path, state: _State) -> Studio:
    return Studio(state.url, state.port, state.pid, CURATOR, folder)


def _died(log: Path, code: int) -> StudioError:
    lines = _last_lines(log)
    kind = _PortLost if "already in use" in lines else StudioError
    return kind(f"Label Studio stopped with code {code} while starting\n{lines}", f"see {log}")


# -- processes -------------------------------------------------------------------------------


def _start_time(pid: int) -> str:
    """Return when `pid` was started, in the system's own unit; "" when it is not running."""
    child = _children.get(pid)
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


def _is_ours(state: _State) -> bool:
    return state.pid > 0 and bool(state.started) and _start_time(state.pid) == state.started


def _stop(pid: int, started: str, timeout: float) -> None:
    """Ask `pid` to stop, then kill it; return when it is gone."""
    deadline = time.monotonic() + timeout
    for number, until in (
        (signal.SIGTERM, time.monotonic() + timeout / 2),
        (signal.SIGKILL, deadline),
    ):
        if started and _start_time(pid) != started:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)  # it leads its own session, hence its own group
        while _start_time(pid) == started and started and time.monotonic() < until:
            time.sleep(0.02)
    child = _children.pop(pid, None)
    if child is not None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.1, deadline - time.monotonic()))
    if started and _start_time(pid) == started:
        raise StudioError(f"process {pid} does not end, not even when killed")


def _is_free(port: int) -> bool:
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


def _await_free(port: int, deadline: float) -> bool:
    while not _is_free(port):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _free_port(first: int) -> int:
    for port in [first, *range(FIRST_PORT, FIRST_PORT + PORTS_TRIED)]:
        if 0 < port < 65_536 and _is_free(port):
            return port
    raise StudioError(
        f"no free port from {FIRST_PORT} to {FIRST_PORT + PORTS_TRIED - 1}", "name one with --port"
    )


def _healthy(url: str) -> bool:
    return _status(f"{url}/health", {}) == 200


def _knows(url: str, token: str) -> bool:
    return _status(f"{url}/api/current-user/whoami", {"Authorization": f"Token {token}"}) == 200


def _status(url: str, headers: Mapping[str, str]) -> int:
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


# -- files -----------------------------------------------------------------------------------


def folder_of(root: Path) -> Path:
    """Return the folder that holds everything of the studio of `root`."""
    return root.resolve() / "build" / "studio"


def private_directory(path: Path) -> None:
    """Make a folder that only its owner can enter, where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)


def _password() -> str:
    return secrets.token_urlsafe(18)


def _write_state(folder: Path, state: _State) -> None:
    ledger.write_bytes(folder / "state.json", ledger.encode(state), mode=0o600)


def _read_state(folder: Path) -> _State | None:
    # A damaged state is as good as none: the port probe still keeps two servers apart.
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / "state.json").read_bytes(), type=_State)
    return None


def _write_secrets(folder: Path, vault: Vault) -> None:
    ledger.write_bytes(folder / "secrets.json", ledger.encode(vault), mode=0o600)


def _read_secrets(folder: Path) -> Vault | None:
    path = folder / "secrets.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Vault)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        # Never the decoder's words: they may quote a secret.
        raise StudioError(f"{path} cannot be read", "put back a copy that can") from None


def _tail_bytes(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as source:
            source.seek(0, os.SEEK_END)
            source.seek(max(0, source.tell() - size))
            return source.read()
    except FileNotFoundError:
        return b""


def _last_lines(path: Path, count: int = 15) -> str:
    text = _tail_bytes(path, 16_384).decode("utf-8", "replace")
    return "\n".join(f"  {line}" for line in deque(text.splitlines(), maxlen=count))


@contextlib.contextmanager
def _locked(folder: Path, deadline: float, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the folder's lock; the system lets go of it when this process ends, however."""
    with (folder / "lock").open("ab") as handle:
        told = False
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                    raise
            if time.monotonic() > deadline:
                raise StudioError(
                    "another command is starting or stopping this studio", "wait for it, then retry"
                )
            if not told:
                say("another command is starting or stopping this studio; waiting for it")
                told = True
            time.sleep(0.1)
        yield
