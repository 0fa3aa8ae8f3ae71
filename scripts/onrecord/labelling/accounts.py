"""Accounts of a studio, and where it is reached: what its folder keeps, and the lock over it.

========== ==================================================================
secrets.json accounts with password and token, where the database is, mode 0600
state.json pid and start time of the server, its address and port
lock       held while a server is started or stopped, or an account is written
========== ==================================================================
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from onrecord import atomic, ledger
from onrecord.labelling import processes
from onrecord.labelling.errors import NoServer, StudioError
from onrecord.labelling.postgres import Database

CURATOR: Final = "curator@onrecord.example"
#: What `credentials` reads before it looks at the root's own file.
URL_VARIABLE: Final = "LABEL_STUDIO_URL"
TOKEN_VARIABLE: Final = "LABEL_STUDIO_API_KEY"


class Account(msgspec.Struct, frozen=True):
    """One account of the studio. `token` is the curator's own; those of others are not kept."""

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


class State(msgspec.Struct):
    """What state.json holds: the server that was started last; `pid` 0 where it was stopped."""

    pid: int
    started: str  # start time of `pid` as the system tells it: a recycled pid has another
    port: int
    url: str
    ready: bool = False

    def lives(self) -> bool:
        """Whether the process is there, and not another that has its number since."""
        started = bool(self.started) and processes.start_time(self.pid) == self.started
        return self.pid > 0 and started


class Vault(msgspec.Struct):
    """What secrets.json holds. `database` is None for SQLite; `public_url` is the address at
    which a proxy offers the server to others."""

    accounts: dict[str, Account]
    settled: bool = False  # the first account has been seen to work on the server
    database: Database | None = None
    public_url: str = ""


def credentials(root: Path) -> Credentials:
    """Return the address and token to use for `root`.

    LABEL_STUDIO_URL with LABEL_STUDIO_API_KEY in the environment win over the root's own
    studio, so that a team's server needs no file.

    Raises:
        StudioError: only one of the two is set, the address holds a password, or there is no
            studio in `root`.
        NoServer: it does not run.
    """
    url, token = os.environ.get(URL_VARIABLE, ""), os.environ.get(TOKEN_VARIABLE, "")
    if "@" in url:  # messages name the address
        raise StudioError(
            f"{URL_VARIABLE} holds an account",
            f"give the address alone; the token in {TOKEN_VARIABLE} says who asks",
        )
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
        NoServer: it does not run. Whatever else may listen at its address is not given the token.
    """
    folder = folder_of(root)
    state, vault = read_state(folder), read_secrets(folder)
    if state is None or vault is None or CURATOR not in vault.accounts:
        raise StudioError(
            f"no Label Studio is known for {root.absolute()}",
            f"onrecord studio up, or set {URL_VARIABLE} and {TOKEN_VARIABLE}",
        )
    if not state.lives():
        place = "" if root.resolve() == Path.cwd() else f" --root {root}"
        raise NoServer(
            f"the Label Studio of {root.absolute()} does not run",
            sent=False,
            hint=f"onrecord studio up{place}",
        )
    return Credentials(state.url, vault.accounts[CURATOR].token, CURATOR)


def secrets_path(root: Path) -> Path:
    """Return the file (mode 0600) that holds the accounts of the studio of `root`."""
    return folder_of(root) / "secrets.json"


def vault(root: Path) -> Vault | None:
    """Return all that is kept of the studio of `root`, None where there is none."""
    return read_secrets(folder_of(root))


def by_email(root: Path) -> dict[str, Account]:
    """Return the accounts that the studio of `root` knows of, by e-mail."""
    vault = read_secrets(folder_of(root))
    return dict(vault.accounts) if vault else {}


def account(root: Path, email: str) -> Account:
    """Return the account `email`, invented with a random password when it is not known."""
    folder = folder_of(root)
    private_directory(folder)
    with locked(folder, time.monotonic() + 60, lambda _: None):
        vault = read_secrets(folder) or Vault({})
        if email not in vault.accounts:
            vault.accounts[email] = Account(email, password())
            write_secrets(folder, vault)
        return vault.accounts[email]


def renew(root: Path, email: str, password: str) -> None:
    """Keep the password that the account `email` has on the server from now on."""
    folder = folder_of(root)
    with locked(folder, time.monotonic() + 60, lambda _: None):
        vault = read_secrets(folder) or Vault({})
        former = vault.accounts.get(email, Account(email, ""))
        vault.accounts[email] = msgspec.structs.replace(former, password=password)
        write_secrets(folder, vault)


def folder_of(root: Path) -> Path:
    """Return the folder that holds everything of the studio of `root`."""
    return root.resolve() / "build" / "studio"


def private_directory(path: Path) -> None:
    """Make a folder that only its owner can enter, where it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)


def password() -> str:
    """A new one that nobody guesses."""
    return secrets.token_urlsafe(18)


def write_state(folder: Path, state: State) -> None:
    """Replace state.json of a studio's folder."""
    atomic.write_bytes(folder / "state.json", ledger.encode(state), mode=0o600)


def read_state(folder: Path) -> State | None:
    """What state.json holds; None where it is missing or damaged."""
    # A damaged state is as good as none: the port probe still keeps two servers apart.
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / "state.json").read_bytes(), type=State)
    return None


def write_secrets(folder: Path, vault: Vault) -> None:
    """Replace secrets.json of a studio's folder (mode 0600)."""
    atomic.write_bytes(folder / "secrets.json", ledger.encode(vault), mode=0o600)


def read_secrets(folder: Path) -> Vault | None:
    """What secrets.json holds, None where it is missing. Raises StudioError where it is damaged."""
    path = folder / "secrets.json"
    try:
        return msgspec.json.decode(path.read_bytes(), type=Vault)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError):
        # Never the decoder's words: they may quote a secret.
        raise StudioError(f"{path} cannot be read", "put back a copy that can") from None


@contextlib.contextmanager
def locked(folder: Path, deadline: float, say: Callable[[str], None]) -> Iterator[None]:
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
