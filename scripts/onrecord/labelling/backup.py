"""Backup and restore of a root's studio: database, uploaded files, accounts, in one file.

The file is a tar archive that only its owner can read: it holds everybody's answers and the
accounts' passwords and tokens. ``manifest.json`` says what it is; ``database`` is a copy of the
SQLite file or what pg_dump wrote.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.metadata
import io
import os
import sqlite3
import tarfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from onrecord import atomic
from onrecord.labelling import accounts, postgres
from onrecord.places import scratch
from onrecord.records import DataError, UsageError

_SQLITE: Final = "label_studio.sqlite3"
_DATA: Final = (".env", "media")
"""Of Label Studio's folder, beside the database: its secret key, and what people uploaded."""


class Manifest(msgspec.Struct, forbid_unknown_fields=True):
    """`database` is sqlite or postgresql, `label_studio` its version, `created` UTC."""

    database: str
    label_studio: str
    created: str


def backup(root: Path, path: Path) -> Manifest:
    """Write the studio of `root` to `path` (mode 0600). A server at work is no obstacle.

    Raises UsageError where there is no studio, and where `path` exists: an earlier backup may be
    all that is left of what is in it. DataError where the database is missing or damaged.
    """
    folder, vault = accounts.folder_of(root), accounts.vault(root)
    if vault is None or not vault.settled:
        raise UsageError(f"{root} has no studio to back up", "onrecord studio up")
    if path.exists():
        raise UsageError(f"{path} exists", "name a new file; onrecord studio restore reads one")
    database = vault.database
    manifest = Manifest(
        database="postgresql" if database else "sqlite",
        label_studio=_installed(),
        created=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    # Where the database is, and its password, belong to the machine and not to the backup.
    secrets = msgspec.json.encode(msgspec.structs.replace(vault, database=None))
    with scratch(folder) as held:
        copy = held / "database"
        if database:
            postgres.dump(database, copy)
        else:
            _copy_sqlite(folder / "data" / _SQLITE, copy)
        with (
            atomic.replacing(path, mode=0o600) as file,
            tarfile.open(fileobj=file, mode="w") as tar,
        ):
            for member, content in (
                ("manifest.json", msgspec.json.encode(manifest)),
                ("secrets.json", secrets),
            ):
                entry = tarfile.TarInfo(member)
                entry.size, entry.mode = len(content), 0o600
                tar.addfile(entry, io.BytesIO(content))
            tar.add(copy, "database")
            for part in _DATA:
                if (folder / "data" / part).exists():
                    tar.add(folder / "data" / part, f"data/{part}")
    return manifest


def restore(
    root: Path,
    path: Path,
    *,
    database: postgres.Database | None = None,
    replace: bool = False,
    say: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Put the studio of `root` back to what `path` holds. The server must be stopped.

    `database` is where to put what was in PostgreSQL; without it the one that the root used. A
    studio that is there is replaced only with `replace`, and then put aside, never deleted.

    Raises UsageError: the server runs, something is there, the backup is none or of another kind.
    """
    folder = accounts.folder_of(root)
    accounts.private_directory(folder)
    aside = folder / f"before-restore-{time.time_ns()}"
    with (
        accounts.locked(folder, time.monotonic() + 60, say),  # no server starts meanwhile
        scratch(folder) as held,
    ):
        state, known = accounts.read_state(folder), accounts.vault(root)
        if state is not None and state.lives():
            raise UsageError("the studio is running", "onrecord studio down, then restore")
        manifest, vault = _unpacked(path, held)
        if (here := _installed()) != manifest.label_studio:
            say(f"the backup is of Label Studio {manifest.label_studio}, here is {here or 'none'}")

        def open_aside() -> None:
            accounts.private_directory(aside)
            if known is not None:  # first: without its accounts nothing could be put back
                accounts.write_secrets(aside, known)

        if manifest.database == "postgresql":
            target = database or (known.database if known else None)
            if target is None:
                raise UsageError(
                    "this backup is of a PostgreSQL database: say where to put it",
                    "--postgres postgresql://USER@HOST/DATABASE",
                )
            if postgres.tokens(target) is not None:
                _must(replace, f"{target.where} holds a Label Studio")
                open_aside()
                postgres.dump(target, aside / "database")
                postgres.empty(target)
                say(f"what was in the database is in {aside / 'database'}")
            postgres.load(target, held / "database")
            vault = msgspec.structs.replace(vault, database=target)
        elif database is not None:
            raise UsageError("this backup is of SQLite", "restore it without --postgres")
        elif (folder / "data" / _SQLITE).exists():
            _must(replace, f"{folder} holds a Label Studio")
        if (folder / "data").exists():
            open_aside()
            (folder / "data").replace(aside / "data")
            say(f"what was there is in {aside}")
        accounts.private_directory(folder / "data")
        for part in (held / "data").iterdir() if (held / "data").is_dir() else ():
            part.replace(folder / "data" / part.name)
        accounts.write_secrets(folder, vault)
        if manifest.database == "sqlite":  # last: until then the same command may run again
            (held / "database").replace(folder / "data" / _SQLITE)
    return manifest


def _installed() -> str:
    """The version of Label Studio that is installed here, "" for none."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        return importlib.metadata.version("label-studio")
    return ""


def _must(replace: bool, there: str) -> None:
    if not replace:
        raise UsageError(there, "add --replace to put it aside and restore the backup")


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that a server may be using. Raises DataError where it is missing or damaged,
    OSError where the disk is full."""
    try:
        with (
            # Opened so, it is not made where it is missing.
            closing(sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from None
        raise DataError(f"{source} cannot be copied: {error}; nothing was backed up") from None


def _unpacked(path: Path, folder: Path) -> tuple[Manifest, accounts.Vault]:
    """Unpack a backup; raises UsageError where a part is missing, before anything is replaced."""
    try:
        with tarfile.open(path) as tar:
            tar.extractall(folder, filter="data")
        manifest = msgspec.json.decode((folder / "manifest.json").read_bytes(), type=Manifest)
        vault = msgspec.json.decode((folder / "secrets.json").read_bytes(), type=accounts.Vault)
        if (folder / "database").is_file():
            return manifest, vault
    except (tarfile.TarError, FileNotFoundError, msgspec.DecodeError, EOFError):
        pass
    raise UsageError(f"{path} is no backup of a studio, or a part of one")
