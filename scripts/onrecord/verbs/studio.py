"""Label Studio on this machine: up, status, down, invite, backup, restore."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from onrecord.console import result, say
from onrecord.labelling import accounts
from onrecord.records import UsageError
from onrecord.verbs.options import RootOption, house_of

if TYPE_CHECKING:
    from onrecord.labelling.postgres import Database

PostgresOption = Annotated[
    str,
    typer.Option(
        "--postgres",
        help="Use PostgreSQL instead of SQLite; the password comes from PGPASSWORD.",
        metavar="DSN",
    ),
]


def up(
    port: Annotated[
        int,
        typer.Option(
            "--port",
            metavar="N",
            min=0,
            max=65535,
            help="0: the port used before, else the first free one.",
        ),
    ] = 0,
    postgres: PostgresOption = "",
    public_url: Annotated[
        str,
        typer.Option(
            "--public-url", metavar="URL", help="The address at which a proxy serves the team."
        ),
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Start Label Studio on 127.0.0.1.

    With an account, the projects of this root and one for practice. All its data is in
    build/studio/, or in PostgreSQL for a team. If it is running already, its address is printed;
    options are remembered for the next start.
    """
    from onrecord.labelling import errors, labelstudio, room, studio

    house = house_of(root)
    running = studio.up(
        house.root,
        port=port,
        database=_database(postgres),
        public_url=_public_url(public_url),
        say=say,
    )
    known = accounts.own_credentials(house.root)
    with labelstudio.connect(running.url, known.token) as connection:
        room.ensure_practice(connection)
        for title in dict.fromkeys(part.title for part in room.projects_of(connection, "")):
            try:
                room.ensure_projects(connection, [title])
            except errors.LabelsInUse as error:  # of a batch that was labelled by older ones
                say(f"{title} keeps its labels: {error}")
    say(f"log in as {running.email}; the password is in {accounts.secrets_path(house.root)}")
    say(f"to practise, open the project “{room.PRACTICE}”; `onrecord studio down` stops it")
    if elsewhere := os.environ.get(accounts.URL_VARIABLE):
        say(f"{accounts.URL_VARIABLE} is set: push and pull go to {elsewhere}")
    result(running.url)


def status(root: RootOption = Path()) -> None:
    """Say whether the server is running, and where. Exits with 1 if it is not."""
    from onrecord.labelling import studio

    running = studio.status(house_of(root).root)
    if running is None:
        say("no Label Studio is running for this root; `onrecord studio up` starts one")
        raise typer.Exit(1)
    result(running.url)


def down(root: RootOption = Path()) -> None:
    """Stop the server. What was labelled stays in build/studio/."""
    from onrecord.labelling import room, studio

    house = house_of(root)
    stopped = studio.down(house.root)
    for annotator in room.isolated(house):
        if studio.down(room.isolated_root(house, annotator).root):
            say(f"stopped the server of {annotator}")
    say("stopped" if stopped else "no Label Studio was running for this root")


def invite(
    names: Annotated[list[str], typer.Argument(help="Ids of annotators.", metavar="NAME")],
    reset: Annotated[
        bool, typer.Option("--reset", help="Give a new password to those who have lost theirs.")
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Create accounts for annotators. Nobody can sign up on their own.

    Address, e-mail and password of each are written to a file that only you can read; pass it on
    through a private channel. With --reset those who have an account get a new password; what they
    labelled stays. Any account can open every project of the server: where that must be
    impossible, use `onrecord push --isolated`, which needs no invitation.
    """
    from onrecord.gold.works import annotators as annotators_of
    from onrecord.labelling import room
    from onrecord.labelling.batches import ADD_ANNOTATOR, annotator_name

    house = house_of(root)
    for name in names:
        if room.mail_of(annotator_name(name)) == accounts.CURATOR:
            raise UsageError(
                f"{name} is your own account, which may do everything on the server",
                f"its password is in {accounts.secrets_path(house.root)}; nobody else needs it",
            )
    listed = annotators_of(house) if house.corpus.exists() else names  # isolated: no corpus
    with room.open_room(house) as connection:
        known = {room.annotator_of(mail) for mail in connection.accounts()}
        if reset:
            room.reset(house, connection, names)
        for name in names:
            path = room.invite(house, connection, name)
            say(f"{name}: {path}")
        if had := [name for name in names if name in known and not reset]:
            say(f"an account was there, perhaps with another password by now: {', '.join(had)}")
            say("  with --reset they get a new one")
        if strange := [name for name in names if name not in listed]:
            say(f"not in corpus/annotators.csv, so their work is not used: {', '.join(strange)}")
            say(f"  {ADD_ANNOTATOR}")
        if room.shared(connection):
            say("each of them can open and change the others' answers on this server;")
            say("  `onrecord push --isolated` gives everybody a server of their own")


def backup(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file to write.", dir_okay=False)
    ],
    root: RootOption = Path(),
) -> None:
    """Write database, uploads and accounts to one file.

    The server may be running meanwhile. A file that exists is not replaced. The new one contains
    passwords and everybody's answers: only you can read it; keep it that way.
    """
    from onrecord.labelling import backup as stage

    made = stage.backup(house_of(root).root, path)
    say(f"{path}: a {made.database} database of Label Studio {made.label_studio}")


def restore(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="What `studio backup` wrote.", exists=True, dir_okay=False
        ),
    ],
    postgres: PostgresOption = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Move aside what is there, then restore.")
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Restore the studio from a backup.

    On this machine or another. The server must be stopped. Existing data is never deleted.
    """
    from onrecord.labelling import backup as stage

    made = stage.restore(
        house_of(root).root, path, database=_database(postgres), replace=replace, say=say
    )
    say(f"restored the {made.database} database of {made.created}; `onrecord studio up` starts it")


def _database(dsn: str) -> Database | None:
    from onrecord.labelling.postgres import database_of

    return database_of(dsn) if dsn else None


def _public_url(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = None
    if url and not (
        parts
        and parts.scheme in ("http", "https")
        and parts.hostname
        and "@" not in parts.netloc
        and not parts.path.strip("/")
    ):
        raise UsageError("--public-url is not an address", "--public-url https://label.example.org")
    return url.rstrip("/")
