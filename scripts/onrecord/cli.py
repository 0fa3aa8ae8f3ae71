"""The command `onrecord`: the verbs in the order in which data flows.

Exit codes: 0 done; 1 the data is wrong, or the work was cut short; 2 used wrongly (arguments, a
missing file, no server, a wrong token); 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import errno
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
import typer.core

from onrecord import ledger
from onrecord.console import coloured, counted, err, progress, result, say, show_problems, table
from onrecord.ledger import House, Shelf
from onrecord.moves import Moves
from onrecord.records import (
    Adjudication,
    Annotation,
    Article,
    DataError,
    Problem,
    UsageError,
)


class InFlowOrder(typer.core.TyperGroup):
    """Lists the verbs as data flows, groups among them."""

    def list_commands(self, ctx: Any) -> list[str]:
        names = super().list_commands(ctx)
        names.insert(names.index("push"), names.pop(names.index("studio")))
        return names


if TYPE_CHECKING:
    from onrecord.bench import Score
    from onrecord.sources import Document, Origin

app = typer.Typer(
    name="onrecord",
    cls=InFlowOrder,
    help="Turn news articles into an annotated dataset: who is named, who said what, and where "
    "they stand.\n\nThe verbs stand in the order in which data flows: raw articles are converted "
    "and admitted, labelled in Label Studio (push, pull), settled (gold), checked and built.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
studio_app = typer.Typer(
    help="Start and stop Label Studio on this machine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

bench_app = typer.Typer(
    help="Measure a stage beside others, in one run.", no_args_is_help=True, rich_markup_mode=None
)

RootOption = Annotated[
    Path, typer.Option("--root", help="The folder that holds corpus/ and build/.", file_okay=False)
]
BatchOption = Annotated[
    str, typer.Option("--batch", help="The batch: corpus/batches/NAME.csv says who labels what.")
]
FormatOption = Annotated[
    str, typer.Option("--format", help="table for people, json for programs.", metavar="table|json")
]


def house_of(root: Path) -> House:
    """The house at a root. Raises UsageError where the folder does not exist."""
    if not root.is_dir():
        raise UsageError(f"--root {root}: no such folder")
    return House(root)


FLUSH = 200
"""Articles admitted between two writes to the ledgers."""

# --- raw -> articles --------------------------------------------------------------------------


@app.command()
def convert(
    source: Annotated[
        list[Path],
        typer.Argument(help="Files and folders of .txt, .html, .csv and .jsonl (.gz of these)."),
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="The JSONL file to write.", dir_okay=False)
    ] = None,
    publisher: Annotated[
        str, typer.Option("--publisher", help="The publisher's name; else the folder's name.")
    ] = "",
    column: Annotated[
        list[str],
        typer.Option(
            "--column",
            metavar="FIELD=NAME",
            help="A table's column for a field: headline, text, url, date_published, authors, "
            "section, language. Common names are found without.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    source_url: Annotated[
        str,
        typer.Option(
            "--source-url",
            help="The pinned address of the sources, {file} and {revision} filled in: where "
            "`hydrate` will find them.",
        ),
    ] = "",
    revision: Annotated[
        str, typer.Option("--revision", help="The commit or version the sources are pinned to.")
    ] = "",
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show what is kept and what is removed, each by its rule."),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Compare with the admitted articles (corpus/articles): what would differ, and "
            "which annotations it would break.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Turn raw articles into clean records.

    Texts are included, whatever the rights. What is not the article is cut and recorded with
    its reason. A file that cannot be read is reported, listed in FILE.problems.jsonl and set
    aside; the others are converted all the same.
    """
    from onrecord import sources

    house = house_of(root)
    pairs = [pair.partition("=") for pair in column]
    if any(not sep for _, sep, _ in pairs):
        raise UsageError("--column takes FIELD=NAME, for example --column headline=title")
    if sum(map(bool, (out, explain, against))) != 1:
        raise UsageError("one of --out FILE, --explain and --against corpus/articles")
    columns = {field: name for field, _, name in pairs}
    origin = sources.Origin(publisher, source_url, revision, columns)
    problems: list[Problem] = []
    each = _converted(source, origin, problems, house.build / "lines")
    if explain:
        _explain(each)
    elif against is not None:
        _compare(House(against.resolve().parents[1]), each)
    if out is None:
        if show_problems(problems):
            raise DataError(f"{len(problems)} sources could not be converted")
        return
    flagged = 0

    def articles() -> Iterator[Article]:
        nonlocal flagged
        for _, article in each:
            flagged += bool(article.review)
            yield article

    count = ledger.write(out, articles())
    aside = out.with_name(out.name + ".problems.jsonl")
    if problems:
        ledger.write(aside, problems)
    else:
        aside.unlink(missing_ok=True)
    say(f"{count} articles in {out}; {flagged} flagged for review (the converter had to guess)")
    if problems:
        show_problems(problems)
        raise DataError(f"{len(problems)} sources were set aside, listed in {aside}")


def _converted(
    source: list[Path], origin: Origin, problems: list[Problem], lines: Path
) -> Iterator[tuple[Document, Article]]:
    """Every document of the sources with its article; what cannot be goes to `problems`.

    Pasted text is read twice: what a publisher's pages repeat is learnt first, and kept in the
    file `lines`, so that a late article alone is cleaned as well.
    """
    from onrecord import sources
    from onrecord.convert import convert as convert_document
    from onrecord.lines import Lines

    with Lines.open(lines) as known:
        for path in counted(sources.find(source), "files, read once"):
            for document in [] if isinstance(path, Problem) else sources.read(path, origin):
                if isinstance(document, Problem) or document.html:
                    continue
                known.learn(document.publisher, document.text)
        known.save()
        for path in counted(sources.find(source), "files"):
            found = [path] if isinstance(path, Problem) else sources.read(path, origin)
            for document in found:
                if isinstance(document, Problem):
                    problems.append(document)
                    continue
                held = known.beside(document.publisher, document.text)
                article = convert_document(document, held)
                if isinstance(article, Problem):
                    problems.append(article)
                else:
                    yield document, article


def _explain(each: Iterator[tuple[Document, Article]]) -> None:
    from onrecord.explain import explain

    for document, article in each:
        result(f"{document.source.file}: {article.id}")
        for line in explain(document, article):
            mark = "+" if line.kept else "-"
            coloured(f"{mark} {line.label:15} {line.text}", "green" if line.kept else "red")
        used = sorted(
            {(line.label, line.reason) for line in explain(document, article) if line.reason}
        )
        for rule, reason in used:
            result(f"  {rule}: {reason}")
        if article.review:
            result(f"  to be looked at by a person: {', '.join(article.review)}")


def _compare(house: House, each: Iterator[tuple[Document, Article]]) -> None:
    """Say what another conversion would make of the admitted articles, and break."""
    from onrecord import moves
    from onrecord.admit import Register, changes

    shelf = Shelf(house)
    register = Register(list(shelf), shelf.article, stories=False)
    rows: dict[str, list[Annotation]] = {}
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        for row in ledger.read(path, Annotation, name=house.name(path)):
            rows.setdefault(row.article_id, []).append(row)
    same = differ = unknown = unseen = 0
    for _, article in each:
        key = register.id_of(article)
        known = register.by_id.get(key)
        if known is None:
            unknown += 1
        elif known.text_sha256 == article.text_sha256:
            same += 1
        elif not (old := shelf.article(key).text):
            unseen += 1
            result(f"{key}: differs; the admitted text is not here to compare (hydrate)")
        else:
            differ += 1
            result(f"{key}: differs\n" + changes(old, article.text))
            for row in rows.get(key, []):
                broken = moves.annotation(row, moves.Moves(old, article.text)).broken
                told = ", ".join(f"{s.label} {s.start}-{s.end}" for s in broken[:10]) or "none"
                result(f"  {row.batch}/{row.annotator}: {len(broken)} labels would break: {told}")
    say(f"{same} the same, {differ + unseen} differ, {unknown} are not admitted")


@app.command()
def admit(
    file: Annotated[
        Path, typer.Argument(help="What `convert` wrote.", exists=True, dir_okay=False)
    ],
    readmit: Annotated[
        bool,
        typer.Option(
            "--readmit",
            help="Let a changed text take the place of the admitted one where every annotation's "
            "words stand in it unchanged; the annotations move along.",
        ),
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Take articles into the corpus and freeze their texts.

    Rights are joined, id, story and split fixed. Texts that corpus/rights.csv does not let ship
    are masked. Admitting again changes nothing; a changed text for a known id is refused with a
    diff.
    """
    from onrecord import rights
    from onrecord.admit import Admitted, Readmitted, Register, Unchanged
    from onrecord.admit import admit as admit_articles
    from onrecord.splits import split_of
    from onrecord.text import slug

    house = house_of(root)
    rows = ledger.read_csv(house.rights, ledger.RIGHTS, name=house.name(house.rights))
    ranked = rights.rules(values for _, values in rows)
    if not ranked:
        say(f"no rights in {house.name(house.rights)}: every text will be withheld")
    with ledger.locked(house, "admit"):
        for _ in ledger.read_numbered(file, Article):  # a malformed file is refused as a whole
            pass
        for path in ledger.article_files(house):
            ledger.mend(path)
        shelf = Shelf(house)
        incoming = Shelf(house, [file])

        def article_of(article_id: str) -> Article:
            if article_id not in shelf:
                return incoming.record(article_id)
            admitted = shelf.article(article_id)
            if not admitted.text and article_id in incoming:
                fresh = incoming.record(article_id)
                if fresh.text_sha256 == admitted.text_sha256:
                    return msgspec.structs.replace(admitted, text=fresh.text)
            return admitted

        register = Register(list(shelf), article_of)
        problems: list[Problem] = []
        new = unchanged = moved = 0
        held: dict[str, list[Article]] = {}

        def flush() -> None:
            for name, articles in held.items():
                path = house.articles / f"{name}.jsonl"
                ledger.append(path, map(ledger.encode, articles))
            held.clear()

        def text_of(article_id: str) -> str:
            return shelf.article(article_id).text if article_id in shelf else ""

        numbered = counted(ledger.read_numbered(file, Article), "articles")
        for outcome in admit_articles(
            numbered, register, ranked, file=file.as_posix(), text_of=text_of, readmit=readmit
        ):
            if isinstance(outcome, Readmitted):
                if problem := _move_annotations(house, outcome.article.id, outcome.moves):
                    problems.append(problem)
                    continue
                moved += 1
                path = house.articles / f"{slug(outcome.article.publisher)}.jsonl"
                ledger.append(path, [ledger.encode(outcome.article)])
            elif isinstance(outcome, Admitted):
                new += 1
                held.setdefault(slug(outcome.article.publisher), []).append(outcome.article)
                if new % FLUSH == 0:
                    flush()
            elif isinstance(outcome, Unchanged):
                unchanged += 1
            else:
                problems.append(outcome)
        flush()
        # Also the stories whose line a killed run did not come to write.
        fixed = {story for _, (story, _) in ledger.read_csv(house.splits, ledger.SPLITS)}
        stories = sorted({known.story for known in register.by_id.values()})
        lines = [ledger.csv_line((s, split_of(s))) for s in stories if s not in fixed]
        if lines and not house.splits.exists():
            lines.insert(0, ledger.csv_line(("story", "split")))
        ledger.append(house.splits, lines)
    say(f"{new} articles admitted, {unchanged} were known, {len(problems)} refused")
    if moved:
        say(
            f"{moved} readmitted on another text; their annotations moved along, gold is to be made"
        )
    if register.unseen:
        say(
            f"{register.unseen} admitted articles are here without text: near-duplicates of these"
            " were not looked for (`onrecord hydrate` first)"
        )
    if problems:
        show_problems(problems)
        raise DataError(f"{len(problems)} articles of {file} were refused")


def _move_annotations(house: House, article_id: str, moves: Moves) -> Problem | None:
    """Move every annotation of an article to its new text, or say what would break and move none.

    Files are written one after another; typing the same line again finishes what was cut short.
    """
    from onrecord import moves as moving
    from onrecord.text import sha256

    new = sha256(moves.new)
    broken: list[str] = []
    files: list[tuple[Path, list[Annotation]]] = []
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        rows = list(ledger.read(path, Annotation, name=house.name(path)))
        for i, row in enumerate(rows):
            if row.article_id == article_id and row.text_sha256 != new:
                rows[i], lost = moving.annotation(row, moves)
                place = f"{row.batch}/{row.annotator}"
                broken += [f"{place}: {s.label} {s.start}-{s.end}" for s in lost]
        files.append((path, rows))
    for path in sorted(house.adjudications.glob("*.jsonl")):
        if any(row.article_id == article_id for row in ledger.read(path, Adjudication)):
            broken.append(f"{house.name(path)}: its decisions name places in the admitted text")
    if broken:
        return Problem(
            file=house.name(house.annotations),
            line=0,
            rule="admit.breaks-annotations",
            id=article_id,
            message=f"{len(broken)} labels do not stand in the new text: {'; '.join(broken[:5])}",
        )
    for path, rows in files:
        ledger.write_bytes(path, b"".join(map(ledger.encode, rows)))
    return None


@app.command()
def hydrate(
    from_: Annotated[
        list[Path],
        typer.Option(
            "--from",
            help="A file or folder with copies of the sources; without it they are fetched from "
            "their pinned addresses.",
            exists=True,
        ),
    ] = [],  # noqa: B006 - typer copies it
    root: RootOption = Path(),
) -> None:
    """Put back the texts that the corpus may not carry.

    They go into build/text/, never into a tracked file. Fails closed: a text is written only if
    it is the very one that was admitted. What could not be restored is listed.
    """
    from onrecord import fetch, sources
    from onrecord.convert import convert as convert_document
    from onrecord.hydrate import Wanted
    from onrecord.hydrate import hydrate as hydrate_articles

    house = house_of(root)
    shelf = Shelf(house)
    records = (shelf.record(article_id) for article_id in shelf)
    masked = [a for a in records if not a.text]
    waiting = [a for a in masked if ledger.hydrated(house, a) is None]
    wanted = Wanted(waiting)
    problems: list[Problem] = []
    if from_:
        paths: Any = (p for p in sources.find(from_) if isinstance(p, Path))
    else:
        paths = fetch.fetched(waiting, house.build / "fetch", problems.append, say)
    restored = 0
    for outcome in hydrate_articles(wanted, counted(paths, "files"), convert_document):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            path = house.text / f"{outcome.article.id}.json"
            ledger.write_bytes(path, ledger.encode(outcome.article))
            restored += 1
    here = len(masked) - len(waiting)
    say(f"{restored} texts restored, {here} were here, {len(wanted.articles)} still missing")
    for article in wanted.articles.values():
        place = article.source.url or Path(article.source.file).name
        say(f"  missing: {article.id} ({article.rights.release}; its source is {place})")
    if problems:
        show_problems(problems)
        raise DataError(f"{len(problems)} sources could not be used")


# --- labelling --------------------------------------------------------------------------------


@app.command()
def rights(format_: FormatOption = "table", root: RootOption = Path()) -> None:
    """Show what may be published, and why.

    A line for each publisher and release: how many articles, whose texts are at hand, the licence
    and the ground for it. The most specific pattern of corpus/rights.csv decides.
    """
    house = house_of(root)
    _known_format(format_)
    shelf = Shelf(house)
    groups: dict[tuple[str, ...], list[int]] = {}
    for article in map(shelf.article, shelf):
        held = article.rights
        key = (article.publisher, held.release, held.licence, held.basis)
        count = groups.setdefault(key, [0, 0])
        count[0] += 1
        count[1] += bool(article.text)
    columns = ["publisher", "release", "licence", "basis", "articles", "with_text"]
    found = [dict(zip(columns, (*key, *groups[key]), strict=True)) for key in sorted(groups)]
    if format_ == "json":
        result(json.dumps({"rights": found}, indent=1, ensure_ascii=False))
    else:
        table("", columns, (row.values() for row in found))


@studio_app.command("up")
def studio_up(
    port: Annotated[
        int, typer.Option("--port", help="0: the one used before, else the first free one.")
    ] = 0,
    root: RootOption = Path(),
) -> None:
    """Start Label Studio on 127.0.0.1, with an account and the projects of this root.

    Everything it keeps lies in build/studio/. Starting it again finds the one that runs.
    """
    from onrecord import labelstudio, room, studio

    house = house_of(root)
    running = studio.up(house.root, port=port, say=say)
    known = studio.credentials(house.root)
    with labelstudio.connect(running.url, known.token) as connection:
        titles = [t for t in connection.projects() if room.parts_of(t)]
        room.ensure_projects(connection, [room.PRACTICE, *sorted(titles)])
    say(f"log in as {running.email}; the password stands in {studio.secrets_path(house.root)}")
    say(f"to practise, open the project “{room.PRACTICE}”; `onrecord studio down` stops it")
    result(running.url)


@studio_app.command("status")
def studio_status(root: RootOption = Path()) -> None:
    """Say whether the server runs and where. Exit 1 where it does not."""
    from onrecord import studio

    running = studio.status(house_of(root).root)
    if running is None:
        say("no Label Studio runs for this root; `onrecord studio up` starts one")
        raise typer.Exit(1)
    result(running.url)


@studio_app.command("down")
def studio_down(root: RootOption = Path()) -> None:
    """Stop the server. What was labelled stays in build/studio/."""
    from onrecord import studio

    stopped = studio.down(house_of(root).root)
    say("stopped" if stopped else "no Label Studio was running for this root")


app.add_typer(studio_app, name="studio")
app.add_typer(bench_app, name="bench")


@app.command()
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
    from onrecord import room

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


@app.command()
def pull(batch: BatchOption, root: RootOption = Path()) -> None:
    """Bring annotations back from Label Studio.

    Submitted, skipped and begun ones go to corpus/annotations/BATCH/. Pulling again changes
    nothing. What could not be taken over is reported with a link to the task; it stays on the
    server.
    """
    from onrecord import labels, room, tasks

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
    if not pulled.rows:
        say("nothing has been labelled yet")
    if pulled.unlabelled:
        say(f"{pulled.unlabelled} tasks wait for an answer")
    if pulled.superseded:
        say(f"{pulled.superseded} answers were left out: the same annotator gave a later one")
    if pulled.problems:
        show_problems(pulled.problems)
        raise DataError(f"{len(pulled.problems)} things could not be taken over")


@app.command()
def status(
    batch: Annotated[str, typer.Option("--batch", help="One batch; without it, all.")] = "",
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Say what is on the labelling server."""
    from onrecord import room

    house = house_of(root)
    _known_format(format_)
    with room.open_room(house) as connection:
        told = room.count(house, connection, room.batch_name(batch) if batch else "")
    if format_ == "json":
        result(json.dumps(told, indent=1, ensure_ascii=False))
        return
    columns = ["batch", "annotator", "assigned", "tasks", "submitted", "skipped"]
    table("", columns, ([part[c] for c in columns] for part in told["parts"]))
    say(f"{told['tasks']} tasks on {told['url']}")


# --- annotations -> gold -> dataset -----------------------------------------------------------


@app.command()
def gold(
    batch: Annotated[str, typer.Option("--batch", help="One batch; without it, all.")] = "",
    root: RootOption = Path(),
) -> None:
    """Settle what annotators said.

    What they all agree on and what an adjudication decided goes to corpus/gold/. An article
    with something undecided is left out and named; one whose text is not here keeps the row it
    has.
    """
    from onrecord import gold as gold_stage
    from onrecord import room

    house = house_of(root)
    names = [room.batch_name(batch)] if batch else ledger.batch_names(house.annotations, "")
    if batch and not (house.annotations / batch).is_dir():
        raise UsageError(f"batch {batch!r} has no annotations", f"onrecord pull --batch {batch}")
    if not names:
        say("there are no annotations yet: push a batch, label it, pull it")
    problems: list[Problem] = []
    for name in names:
        report = gold_stage.make(house, name)
        say(f"{name}: {report.rows} gold documents")
        for article, items in report.undecided.items():
            say(f"  undecided, left out: {article} ({len(items)} items; the first: {items[0]})")
        for article, layers in report.partial.items():
            say(f"  not labelled by all: {article} ({', '.join(layers)})")
        if report.kept:
            say(f"  {len(report.kept)} kept as they were, their texts are not here (hydrate)")
        for article in report.missing:
            say(f"  no text here, left out: {article} (hydrate)")
        problems += report.problems
    if problems:
        show_problems(problems)
        raise DataError(f"{len(problems)} annotations could not be used")


@app.command()
def check(format_: FormatOption = "table", root: RootOption = Path()) -> None:
    """Hold the corpus to its rules.

    Schemas, rules across files, and everything after the ledgers rebuilt and compared. A
    problem is a rule, a file, a line, an id and what to do; docs/rules.md lists the rules.
    """
    from onrecord import check as check_stage
    from onrecord import hub

    house = house_of(root)
    _known_format(format_)

    def rebuild(folder: Path) -> None:
        hub.build(house, folder)

    told = check_stage.Tally()
    found = sorted(check_stage.check(house, rebuild_hub=rebuild, tally=told))
    if format_ == "json":
        problems = [{f: getattr(p, f) for f in p.__struct_fields__} for p in found]
        result(json.dumps({"problems": problems}, indent=1, ensure_ascii=False))
    else:
        show_problems(found)
        for line in told.lines():
            say(line)
        say(f"{len(found)} problems" if found else "no problems")
    if found:
        raise typer.Exit(1)


@app.command()
def build(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to make; else build/hub.", file_okay=False),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Make the dataset folder that load_dataset takes."""
    from onrecord import hub

    report = hub.build(house_of(root), out, progress=say)
    table("", ["config", "split", "rows"], report.rows)
    for line in report.left_out:
        say(line)
    if report.without_text:
        say(f"without text: {', '.join(report.without_text)}")
    say(f"version {report.version}")
    result(report.folder.as_posix())


@app.command()
def schema(root: RootOption = Path()) -> None:
    """Write the generated files of schema/ anew.

    The JSON Schemas and label_config.xml come from labels.toml, the config's frame and the record
    types.
    """
    from onrecord import labels

    folder = house_of(root).root / "schema"
    if not (folder / "labels.toml").exists():
        raise UsageError(f"{folder} holds no labels.toml", "--root is the checkout of onrecord")
    known = labels.parse((folder / "labels.toml").read_text(encoding="utf-8"))
    frame = (folder / labels.FRAME).read_text(encoding="utf-8")
    for name, data in labels.generated(known, frame).items():
        changed = ledger.write_bytes(folder / name, data)
        say(f"schema/{name}: {'written' if changed else 'as it was'}")


@bench_app.command("convert")
def bench_convert(
    pages: Annotated[
        Path,
        typer.Argument(
            help="Folder of ID.html.gz, ID.html or ID.txt.", exists=True, file_okay=False
        ),
    ],
    truth: Annotated[
        Path, typer.Argument(help="JSONL of id and text.", exists=True, dir_okay=False)
    ],
    limit: Annotated[int, typer.Option("--limit", help="Only the first so many; 0: all.")] = 0,
    format_: FormatOption = "table",
) -> None:
    """Extraction quality and speed beside other extractors.

    4-gram precision, recall and F1 over deck, subheads and body, documents a second of CPU, and
    peak memory of a process of its own. The others come with `pip install "onrecord[bench]"`.
    """
    from onrecord import bench
    from onrecord.convert import convert as convert_document
    from onrecord.lines import Lines

    _known_format(format_)

    def ours(documents: Iterable[Document]) -> Iterator[Article | None]:
        pasted = list(documents)
        with TemporaryDirectory() as folder, Lines.open(Path(folder, "lines")) as known:
            for document in pasted:
                if not document.html:
                    known.learn(document.publisher, document.text)
            known.save()
            for document in pasted:
                held = known.beside(document.publisher, document.text)
                article = convert_document(document, held)
                yield article if isinstance(article, Article) else None

    scores = bench.convert(pages, truth, ours, limit)
    if format_ == "json":
        result(json.dumps([score._asdict() for score in scores], indent=1))
        return
    columns = ["extractor", "precision", "recall", "F1", "docs/s", "MB"]
    table("", columns, (_score_row(score) for score in scores))


def _score_row(score: Score) -> list[str]:
    shares = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
    return [score.name, *shares, f"{score.per_second:.1f}", f"{score.memory:.0f}"]


def _known_format(name: str) -> None:
    if name not in ("table", "json"):
        raise UsageError(f"--format {name}: table or json")


# --- the way in -------------------------------------------------------------------------------


def main(args: list[str] | None = None) -> None:
    """Run the command and exit. Every error a user can cause ends in a sentence, not a trace."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    try:
        app(args, prog_name="onrecord", standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except KeyboardInterrupt:
        say("stopped; what is done is kept, the same command goes on from there")
        return 130
    except DataError as error:
        say(f"onrecord: {error}")
        return 1
    except UsageError as error:
        return _told(error, 2)
    except OSError as error:
        if error.errno == errno.ENOSPC:
            say("onrecord: the disk is full; nothing half-written is left, make room and repeat")
        else:
            say(f"onrecord: {error}")
        return 1
    except Exception as error:
        # The errors of the room carry a hint; anything else is a defect and keeps its trace.
        if not hasattr(error, "hint"):
            raise
        return _told(error, getattr(error, "exit_code", 2))
    return 0


def _told(error: Exception, code: int) -> int:
    say(f"onrecord: {error}")
    if hint := getattr(error, "hint", ""):
        err.print(f"  {hint}", markup=False)
    return code


if __name__ == "__main__":
    main()
