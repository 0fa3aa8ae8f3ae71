"""The labelling room: studio, push, pull, status."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from onrecord import ledger
from onrecord.console import progress, result, say, show_problems, table
from onrecord.ledger import Shelf
from onrecord.records import Adjudication, Annotation, Article, DataError, UsageError
from onrecord.verbs.options import BatchOption, FormatOption, RootOption, house_of, known_format

if TYPE_CHECKING:
    from onrecord.labelling.postgres import Database

PostgresOption = Annotated[
    str,
    typer.Option(
        "--postgres",
        help="A PostgreSQL database instead of SQLite; its password comes from PGPASSWORD.",
        metavar="DSN",
    ),
]


def studio_up(
    port: Annotated[
        int, typer.Option("--port", help="0: the one used before, else the first free one.")
    ] = 0,
    postgres: PostgresOption = "",
    public_url: Annotated[
        str, typer.Option("--public-url", help="Where a proxy offers the server to the team.")
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Start Label Studio on 127.0.0.1, with an account and the projects of this root.

    Everything it keeps lies in build/studio/, or for a team in PostgreSQL. Starting it again
    finds the one that runs; a later start needs no option again.
    """
    from onrecord.labelling import labelstudio, room, studio

    house = house_of(root)
    running = studio.up(
        house.root,
        port=port,
        database=_database(postgres),
        public_url=_public_url(public_url),
        say=say,
    )
    known = studio.credentials(house.root)
    with labelstudio.connect(running.url, known.token) as connection:
        titles = [t for t in connection.projects() if room.parts_of(t)]
        room.ensure_projects(connection, [room.PRACTICE, *sorted(titles)])
    say(f"log in as {running.email}; the password stands in {studio.secrets_path(house.root)}")
    say(f"to practise, open the project “{room.PRACTICE}”; `onrecord studio down` stops it")
    result(running.url)


def studio_status(root: RootOption = Path()) -> None:
    """Say whether the server runs and where. Exit 1 where it does not."""
    from onrecord.labelling import studio

    running = studio.status(house_of(root).root)
    if running is None:
        say("no Label Studio runs for this root; `onrecord studio up` starts one")
        raise typer.Exit(1)
    result(running.url)


def studio_down(root: RootOption = Path()) -> None:
    """Stop the server. What was labelled stays in build/studio/."""
    from onrecord.labelling import studio

    stopped = studio.down(house_of(root).root)
    say("stopped" if stopped else "no Label Studio was running for this root")


def studio_invite(
    names: Annotated[list[str], typer.Argument(help="Annotators, by their id.", metavar="NAME...")],
    root: RootOption = Path(),
) -> None:
    """Make accounts for annotators. Nobody can make one for themselves.

    Address, e-mail and password of each go to a file that only you can read; hand it over by a
    way that others cannot read either.
    """
    from onrecord.labelling import room

    house = house_of(root)
    for name in names:
        room.annotator_name(name)
    with room.open_room(house) as connection:
        for name in names:
            path = room.invite(house, connection, name)
            say(f"{name}: {path}")


def studio_backup(
    path: Annotated[Path, typer.Argument(help="The file to write.", dir_okay=False)],
    root: RootOption = Path(),
) -> None:
    """Write database, uploads and accounts to one file.

    The server may be at work meanwhile. The file holds passwords and everybody's answers: only
    you can read it, and that should stay so.
    """
    from onrecord.labelling import backup

    made = backup.backup(house_of(root).root, path)
    say(f"{path}: a {made.database} database of Label Studio {made.label_studio}")


def studio_restore(
    path: Annotated[Path, typer.Argument(help="What `studio backup` wrote.", exists=True)],
    postgres: PostgresOption = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Put aside what is there, and restore.")
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Put the studio back to what a backup holds, on this machine or another.

    The server must be stopped. What is there is never deleted.
    """
    from onrecord.labelling import backup

    made = backup.restore(
        house_of(root).root, path, database=_database(postgres), replace=replace, say=say
    )
    say(f"restored the {made.database} database of {made.created}; `onrecord studio up` starts it")


def _database(dsn: str) -> Database | None:
    from onrecord.labelling.postgres import database_of

    return database_of(dsn) if dsn else None


def _public_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (
        parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/")
    ):
        raise UsageError(
            f"--public-url {url}: no address", "--public-url https://label.example.org"
        )
    return url.rstrip("/")


def push(
    batch: BatchOption,
    articles: Annotated[
        Path | None,
        typer.Argument(
            help="Whole articles; without it the batch's admitted and hydrated ones.",
            exists=True,
            dir_okay=False,
            show_default=False,
        ),
    ] = None,
    suggestions: Annotated[
        Path | None,
        typer.Option(
            "--suggestions",
            help="Annotations (JSONL) to show as suggestions.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Bring a batch's articles to Label Studio, each once.

    Every annotator has a project of their own. Pushing again sends only what is missing; a
    known article with another text is refused.
    """
    from onrecord.labelling import room

    house = house_of(root)
    room.batch_name(batch)
    offered: dict[str, list[Annotation]] = {}
    if suggestions is not None:
        for row in ledger.read(suggestions, Annotation):
            offered.setdefault(row.article_id, []).append(row)
    if articles is not None and next(ledger.read(articles, Article), None) is None:
        raise DataError(f"{articles} holds no article")

    def stream() -> Iterator[Article]:
        assert articles is not None
        return ledger.read(articles, Article)

    with room.open_room(house) as connection, progress("tasks") as done:
        source = stream if articles is not None else None
        for title, told in room.push(house, connection, batch, source, offered, done):
            say(f"{title}: {told.created} tasks new, {told.present} were there")
            if told.doubled:
                say(f"  labelled twice over, look at them: {', '.join(told.doubled)}")
        result(connection.url)


def pull(batch: BatchOption, root: RootOption = Path()) -> None:
    """Bring annotations back from Label Studio.

    Submitted, skipped and begun ones go to corpus/annotations/BATCH/. Pulling again changes
    nothing. What could not be taken over is reported with a link to the task; it stays on the
    server.
    """
    from onrecord import labels
    from onrecord.labelling import room, tasks

    house = house_of(root)
    room.batch_name(batch)
    with room.open_room(house) as connection:
        if not room.projects_of(connection, batch):
            raise UsageError(
                f"there is no batch {batch!r} on {connection.url}", f"onrecord push --batch {batch}"
            )
        pulled = room.pull(connection, batch, labels.load(), Shelf(house))
    for annotator, rows in sorted(pulled.rows.items()):
        path = house.annotations / batch / f"{annotator}.jsonl"
        old = list(ledger.read(path, Annotation, name=house.name(path)))
        merged = list(tasks.merged(old, rows))
        changed = ledger.write_bytes(path, b"".join(map(ledger.encode, merged)))
        states = ", ".join(
            f"{n} {state}"
            for state in ("submitted", "skipped", "draft")
            if (n := sum(row.status == state for row in rows))
        )
        say(f"{house.name(path)}: {states}{'' if changed else '; nothing new'}")
        if kept := len(merged) - len(rows):
            say(f"  {kept} rows that the server no longer has were kept")
    with room.open_room(house) as connection:
        decided = room.pull_adjudications(house, connection, batch, labels.load())
    if decided.rows:
        path = house.adjudications / f"{batch}.jsonl"
        kept = {row.article_id: row for row in ledger.read(path, Adjudication)}
        kept |= {row.article_id: row for row in decided.rows}
        ledger.write(path, (kept[article_id] for article_id in sorted(kept)))
        say(f"{house.name(path)}: {len(decided.rows)} adjudicated")
    if decided.open:
        say(f"{decided.open} differences were left without an answer; they stay disputed")
    pulled.problems.extend(decided.problems)
    if not pulled.rows:
        say("nothing has been labelled yet")
    if pulled.unlabelled:
        say(f"{pulled.unlabelled} tasks wait for an answer")
    if pulled.superseded:
        say(f"{pulled.superseded} answers were left out: the same annotator gave a later one")
    if pulled.problems:
        show_problems(pulled.problems)
        raise DataError(f"{len(pulled.problems)} things could not be taken over")


def adjudicate(
    batch: BatchOption,
    adjudicator: Annotated[
        str, typer.Option("--adjudicator", help="Make an account for this third reader.")
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Bring what annotators differ about to a third reader.

    What they agree on is settled and shown; where they differ, both versions stand side by side,
    without names, each decided with a click. `onrecord pull` brings the decisions back.
    """
    from onrecord.labelling import room

    house = house_of(root)
    room.batch_name(batch)
    if not (house.annotations / batch).is_dir():
        raise UsageError(f"batch {batch!r} has no annotations", f"onrecord pull --batch {batch}")
    with room.open_room(house) as connection, progress("tasks") as done:
        if adjudicator:
            room.ensure_account(house, connection, adjudicator)
        told = room.adjudicate(house, connection, batch, done)
        say(f"{told.result.created} tasks new, {told.result.present} were there")
        say(f"{told.agreed} articles of several annotators have no difference left")
        for article in told.stale:
            say(f"  adjudicated before its annotations changed, delete the task: {article}")
        result(connection.url)


def status(
    batch: Annotated[str, typer.Option("--batch", help="One batch; without it, all.")] = "",
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Say what is on the labelling server."""
    from onrecord.labelling import room

    house = house_of(root)
    known_format(format_)
    with room.open_room(house) as connection:
        told = room.count(house, connection, room.batch_name(batch) if batch else "")
    if format_ == "json":
        result(json.dumps(told, indent=1, ensure_ascii=False))
        return
    columns = ["batch", "annotator", "assigned", "tasks", "submitted", "skipped"]
    table("", columns, ([part[c] for c in columns] for part in told["parts"]))
    say(f"{told['tasks']} tasks on {told['url']}")
