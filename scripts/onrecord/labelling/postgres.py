"""The PostgreSQL database of a team's Label Studio: named by a DSN, its password kept apart.

A DSN is what `psql` takes (``postgresql://user@host/name`` or ``host=… dbname=…``). A password in
it would stand in the process list, so it is refused: PGPASSWORD or ~/.pgpass hold it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import msgspec

from onrecord.records import UsageError

PASSWORD_VARIABLE: Final = "PGPASSWORD"
_CLIENT: Final = "the PostgreSQL client; on Debian: apt-get install postgresql-client"


class Database(msgspec.Struct, frozen=True):
    """Where a database is. `password` is "" where libpq finds it by itself (~/.pgpass)."""

    host: str
    port: int
    name: str
    user: str
    sslmode: str = ""
    password: str = ""

    def __repr__(self) -> str:  # A traceback or a log line must not give the password away.
        return f"Database({self.where!r})"

    @property
    def where(self) -> str:
        """The address without the password."""
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.name}"

    def same_place(self, other: Database) -> bool:
        return (self.host, self.port, self.name) == (other.host, other.port, other.name)

    def studio_environment(self) -> dict[str, str]:
        """What makes Label Studio use it (its own settings)."""
        given = {
            "DJANGO_DB": "default",
            "POSTGRE_HOST": self.host,
            "POSTGRE_PORT": str(self.port),
            "POSTGRE_NAME": self.name,
            "POSTGRE_USER": self.user,
            # Empty rather than missing: Label Studio would take "postgres" for it.
            "POSTGRE_PASSWORD": self.password,
        }
        return given | ({"PGSSLMODE": self.sslmode} if self.sslmode else {})

    def client_environment(self) -> dict[str, str]:
        """What libpq's programs read; nothing of it is an argument."""
        given = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGDATABASE": self.name,
            "PGUSER": self.user,
            "PGCONNECT_TIMEOUT": "10",
        }
        given |= {"PGSSLMODE": self.sslmode} if self.sslmode else {}
        given |= {PASSWORD_VARIABLE: self.password} if self.password else {}
        return {k: v for k, v in os.environ.items() if not k.startswith("PG") or k in _KEPT} | given


_KEPT: Final = ("PGPASSFILE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY")


def database_of(dsn: str) -> Database:
    """The database that a DSN names, with the password of PGPASSWORD where that is set.

    Raises UsageError for what is no DSN, for one with a password, and without psycopg (which
    comes with Label Studio).
    """
    psycopg = _psycopg()
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts: dict[str, Any] = conninfo_to_dict(dsn)
        port = int(parts.get("port") or 5432)  # several hosts have several
    except (psycopg.ProgrammingError, ValueError):
        # Never the parser's words: they may quote a password.
        raise UsageError(
            "--postgres is no PostgreSQL address", "--postgres postgresql://USER@HOST/DATABASE"
        ) from None
    if parts.get("password"):
        raise UsageError(
            "a password on the command line is there for every account of the machine to see",
            f"take it out of --postgres and set {PASSWORD_VARIABLE}, or write ~/.pgpass",
        )
    user = str(parts.get("user") or os.environ.get("PGUSER") or os.environ.get("USER") or "")
    return Database(
        host=str(parts.get("host") or "localhost"),
        port=port,
        name=str(parts.get("dbname") or user),
        user=user,
        sslmode=str(parts.get("sslmode") or ""),
        password=os.environ.get(PASSWORD_VARIABLE, ""),
    )


def tokens(database: Database) -> list[str] | None:
    """The API tokens of the Label Studio in a database, None where there is none.

    Raises UsageError where the database cannot be reached, or the account may not read it.
    """
    with _connected(database) as connection:
        there = connection.execute("SELECT to_regclass('authtoken_token')").fetchone()
        if there is None or there[0] is None:
            return None
        return [row[0] for row in connection.execute("SELECT key FROM authtoken_token")]


def empty(database: Database) -> None:
    """Take everything out of a database. Raises UsageError as `tokens` does."""
    with _connected(database) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")


def dump(database: Database, path: Path) -> None:
    """Write a database to a file as pg_dump's custom format; a server at work is no obstacle."""
    _run(database, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges"], path, "wb")


def load(database: Database, path: Path) -> None:
    """Read a dump into an empty database: all of it, or nothing where it fails."""
    command = ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error"]
    _run(database, [*command, "--single-transaction", f"--dbname={database.name}"], path, "rb")


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError:
        raise UsageError(
            "Label Studio is not installed", 'pip install "onrecord[studio]", then try again'
        ) from None
    return psycopg


@contextlib.contextmanager
def _connected(database: Database) -> Generator[Any]:
    psycopg = _psycopg()
    given = {
        "host": database.host,
        "port": database.port,
        "dbname": database.name,
        "user": database.user,
        "connect_timeout": 10,
    }
    given |= {"password": database.password} if database.password else {}
    given |= {"sslmode": database.sslmode} if database.sslmode else {}
    try:
        with psycopg.connect(**given, autocommit=True) as connection:
            yield connection
    except psycopg.Error as error:
        words = str(error).strip().replace(database.password or "\0", "…")
        if isinstance(error, psycopg.OperationalError):
            raise UsageError(
                f"no connection to {database.where}: {words}",
                f"is it running, is {PASSWORD_VARIABLE} set, does the database exist (createdb)?",
            ) from None
        raise UsageError(
            f"{database.where}: {words}", "name the account that owns the database"
        ) from None


def _run(database: Database, command: list[str], path: Path, mode: str) -> None:
    if shutil.which(command[0]) is None:
        raise UsageError(f"{command[0]} is missing", f"install {_CLIENT}")
    with path.open(mode) as file:
        done = subprocess.run(
            command,
            stdin=file if mode == "rb" else subprocess.DEVNULL,
            stdout=file if mode == "wb" else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=database.client_environment(),
            check=False,
        )
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = " ".join(words[:3]).replace(database.password or "\0", "…")
        raise UsageError(f"{command[0]} failed on {database.where}: {said}")
