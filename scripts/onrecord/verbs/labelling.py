"""Articles to annotators and back: assign, push, pull, adjudicate, status."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from onrecord import ledger, locks
from onrecord.console import progress, result, say, show_problems, table
from onrecord.records import Adjudication, Annotation, Article, DataError, UsageError, many
from onrecord.shelf import Shelf
from onrecord.verbs.options import BatchOption, FormatOption, OneBatchOption, RootOption, house_of

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room
    from onrecord.labelling.pulling import Adjudicated, Pulled
    from onrecord.labelling.pushing import Pushed, Suggestions


def assign(
    batch: BatchOption,
    annotator: Annotated[
        list[str],
        typer.Option("--annotator", help="An annotator; repeat for each.", metavar="NAME"),
    ],
    twice: Annotated[
        float, typer.Option("--twice", help="The share labelled by two.", metavar="SHARE")
    ] = 0.0,
    thrice: Annotated[
        float, typer.Option("--thrice", help="The share labelled by three.", metavar="SHARE")
    ] = 0.0,
    match: Annotated[
        str, typer.Option("--match", help="Only articles whose id matches.", metavar="PATTERN")
    ] = "",
    limit: Annotated[
        int,
        typer.Option(
            "--limit", metavar="N", help="At most N articles in the batch; 0: all.", min=0
        ),
    ] = 0,
    root: RootOption = Path(),
) -> None:
    """Assign articles to annotators: write corpus/batches/BATCH.csv.

    Takes the admitted articles that are in no batch yet. Everybody gets equally many, a share is
    labelled two or three times, and the same command gives the same file. A batch only grows:
    existing assignments stay. You can also write the file by hand.
    """
    from collections import Counter

    from onrecord.labelling import batches, room

    house = house_of(root)
    room.titles_of(batches.batch_name(batch), annotator)  # what `push` could not send
    with locks.held(house, "assign"):
        new = batches.assign(
            *(house, batch, annotator),
            **{"twice": twice, "thrice": thrice, "match": match, "limit": limit},
        )
    loads = Counter(name for _, name in new)
    for name in annotator:
        say(f"{name}: {many(loads[name], 'article')} more")
    times = Counter(Counter(article for article, _ in new).values())
    told = (f"{many(n, 'article')} to {many(t, 'annotator')}" for t, n in sorted(times.items()))
    say(", ".join(told) if times else "nothing new")


def push(
    batch: BatchOption,
    articles: Annotated[
        Path | None,
        typer.Argument(
            metavar="ARTICLES",
            help="Whole articles; default: the batch's admitted and hydrated ones.",
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
    suggest_to: Annotated[
        list[str] | None,
        typer.Option(
            "--suggest-to",
            help="Show suggestions only to this annotator; may be repeated.",
            metavar="ANNOTATOR",
        ),
    ] = None,
    isolated: Annotated[
        bool, typer.Option("--isolated", help="Start a separate server for each annotator.")
    ] = False,
    root: RootOption = Path(),
) -> None:
    """Send a batch's articles to Label Studio, each exactly once.

    Every annotator has a project of their own. Pushing again sends only what is missing; a known
    article with a different text is refused. Any account can open every project of its server:
    where that must be impossible, use --isolated.

    Two readings are independent only if one of them saw no suggestions: --suggest-to names those
    who see them, and everybody else works from the bare text.
    """
    from onrecord.labelling import pushing, room
    from onrecord.labelling.batches import batch_name

    if suggest_to and suggestions is None:
        raise UsageError("--suggest-to without suggestions", "give --suggestions FILE too")

    house = house_of(root)
    batch_name(batch)
    offered = _suggestions(suggestions)
    if articles is not None and next(ledger.read(articles, Article), None) is None:
        raise DataError(f"{articles} holds no article")

    def stream() -> Iterator[Article]:
        assert articles is not None
        return ledger.read(articles, Article)

    with contextlib.ExitStack() as stack:
        shared = None if isolated else stack.enter_context(room.open_room(house))

        def room_of(annotator: str) -> contextlib.AbstractContextManager[Room]:
            if shared is None:
                if not annotator:
                    raise UsageError(
                        "--isolated needs to know who labels",
                        f"write corpus/batches/{batch}.csv: onrecord assign --batch {batch}",
                    )
                return room.open_isolated(house, annotator, say)
            if annotator:
                room.ensure_account(house, shared, annotator)
            return contextlib.nullcontext(shared)

        done = stack.enter_context(progress("tasks"))
        source = stream if articles is not None else None
        for pushed in pushing.push(house, room_of, batch, source, offered, done, suggest_to, say):
            _tell_pushed(pushed, suggestions)
        if shared is not None:
            result(shared.url)


def _tell_pushed(pushed: Pushed, suggestions: Path | None) -> None:
    """Say what a push did to a project, with suggestions of that file."""
    told = pushed.result
    say(f"{pushed.title}: {many(told.created, 'task')} new, {told.present} were there")
    if pushed.suggested is None:
        say("  without suggestions, as --suggest-to names others")
    elif suggestions is not None:
        say(f"  {pushed.suggested} of them with suggestions of {suggestions}")
    if pushed.other:
        say(f"  {pushed.other} without: {suggestions} has only suggestions for another text")
    if told.predictions:
        say(f"  {told.predictions} of those got a missing suggestion")
    if told.kept:
        say(f"  {told.kept} of those keep what they had under the same name")
    if pushed.more:
        say(f"  {pushed.more} more there, which the batch gives to others or to nobody:")
        say("  delete them in Label Studio, or they are labelled all the same")
    if told.doubled:
        say(f"  labelled in two tasks each, please review: {', '.join(told.doubled)}")


def _suggestions(path: Path | None) -> Suggestions:
    """The annotations of a file, by article. Holds the offset of each line, never the line."""
    if path is None:
        return lambda _: []
    places: dict[str, list[int]] = {}
    for start, row in ledger.read_placed(path, Annotation):
        places.setdefault(row.article_id, []).append(start)

    def of(article_id: str) -> list[Annotation]:
        with path.open("rb") as file:
            found: list[Annotation] = []
            for place in places.get(article_id, []):
                row = ledger.read_at(file, place, Annotation)
                if row not in found:  # a page that was scraped twice
                    found.append(row)
            return found

    return of


def pull(batch: BatchOption, root: RootOption = Path()) -> None:
    """Fetch annotations from Label Studio.

    Submitted, skipped and unfinished ones go to corpus/annotations/BATCH/. Pulling again changes
    nothing. What cannot be converted is reported with a link to the task and stays on the server.
    """
    from onrecord.labelling.batches import batch_name

    house = house_of(root)
    batch_name(batch)
    with locks.answers(house):
        _pull(house, batch)


def _pull(house: ledger.House, batch: str) -> None:
    from collections import Counter

    from onrecord import labels
    from onrecord.gold.works import annotators as annotators_of
    from onrecord.labelling import pulling, room
    from onrecord.labelling.batches import ADD_ANNOTATOR

    shelf = Shelf(house)
    pulled = pulling.Pulled()
    exported: list[pulling.Exported] = []
    for connection in room.open_rooms(house):
        pulling.pull(connection, batch, labels.load(), shelf, pulled)
        exported.append(pulling.adjudication_tasks(connection, batch))
    # Of annotations that were not made there the server has only the adjudication.
    if not pulled.projects and not any(there.tasks for there in exported):
        raise _not_there(batch)
    who = {annotator for annotator, _ in pulled.given}
    for annotator in sorted(who):
        path = house.annotations / batch / f"{annotator}.jsonl"
        changed, kept = pulled.write(path, annotator, house.name(path))
        counts = Counter(given.status for given in pulled.of(annotator).values())
        states = ", ".join(
            f"{counts[state]} {state}"
            for state in ("submitted", "skipped", "draft")
            if counts[state]
        )
        say(f"{house.name(path)}: {states}{'' if changed else '; nothing new'}")
        if kept:
            say(f"  kept {many(kept, 'row')} that the server no longer has")
    decided = pulling.Adjudicated()
    if any(there.tasks for there in exported):
        decided = pulling.adjudicated(house, exported, batch, labels.load())
    if decided.rows:
        path = house.adjudications / f"{batch}.jsonl"
        kept = {row.article_id: row for row in ledger.read(path, Adjudication)}
        kept |= {row.article_id: row for row in decided.rows}
        ledger.write(path, (kept[article_id] for article_id in sorted(kept)))
        say(f"{house.name(path)}: {len(decided.rows)} adjudicated")
    if decided.rest:
        say(f"differences decided by the answer for all others: {decided.rest}")
    if decided.open:
        say(f"differences without an answer, which stay disputed: {decided.open}")
    who |= {row.adjudicator for row in decided.rows}
    if strange := sorted(who - annotators_of(house).keys()):
        say(f"not in corpus/annotators.csv, so their work is not used: {', '.join(strange)}")
        say(f"  {ADD_ANNOTATOR}")
    if pulled.projects and not pulled.given:
        say("nothing has been labelled yet")
    if drafts := sum(given.status == "draft" for given in pulled.given.values()):
        say(f"{many(drafts, 'answer')} begun and not submitted")
    _tell_rest(pulled, decided)
    if problems := [*pulled.problems, *decided.problems]:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'item')} could not be pulled")


def _tell_rest(pulled: Pulled, decided: Adjudicated) -> None:
    """Say how much is not done, and what answers there are that somebody should look at."""
    if pulled.unlabelled:
        say(f"{many(pulled.unlabelled, 'task')} not begun")
    if pulled.masked:
        say(f"notes left on the server, as they repeat a text that may not ship: {pulled.masked}")
    if pulled.superseded:
        say(f"answers superseded by a later one of the same annotator: {pulled.superseded}")
    given = pulled.given.values()
    for what, links in (
        ("begun as an adjudication and not submitted", decided.begun),
        (
            "changed after submitting, without Update",
            [g.link for g in given if g.unsent] + decided.unsent,
        ),
        (
            "changed by another than its annotator, and pulled as that",
            [f"{g.link} (by {g.changed_by})" for g in given if g.changed_by],
        ),
        (
            "of a removed account, left on the server, as nobody knows whose it is",
            pulled.nameless + decided.nameless,
        ),
    ):
        if links:
            say(f"{many(len(links), 'answer')} {what}:")
            for link in links:
                say(f"  {link}")


def _not_there(batch: str) -> UsageError:
    return UsageError(
        f"there is no batch {batch!r} on the server", f"onrecord push --batch {batch}"
    )


def adjudicate(
    batch: BatchOption,
    adjudicator: Annotated[
        str,
        typer.Option(
            "--adjudicator",
            metavar="NAME",
            help="The third reader, listed in corpus/annotators.csv; gets an account.",
        ),
    ] = "",
    root: RootOption = Path(),
) -> None:
    """Give the differences between annotators to a third reader.

    What they agree on is shown as settled. Where they differ, the versions are shown side by side
    without names; each difference takes one key or click, and one more answers all others.
    `onrecord pull` fetches the decisions.
    """
    from onrecord.labelling import pushing, room
    from onrecord.labelling.batches import batch_name, known_annotators

    house = house_of(root)
    batch_name(batch)
    known_annotators(house, [adjudicator] if adjudicator else [])
    if not (house.annotations / batch).is_dir():
        raise UsageError(f"batch {batch!r} has no annotations", f"onrecord pull --batch {batch}")
    with room.open_room(house) as connection, progress("tasks") as done:
        if adjudicator and room.ensure_account(house, connection, adjudicator):
            say(f"{adjudicator}: {room.invite(house, connection, adjudicator)}")
        told = pushing.adjudicate(house, connection, batch, done, say)
        say(f"{many(told.result.created, 'task')} new, {told.result.present} were there")
        if told.agreed:
            say(f"no difference left in {many(told.agreed, 'article')} with several annotators")
        if told.deleted:
            say(f"{many(told.deleted, 'task')} deleted, as nothing is left to ask; none was begun")
        for article in told.stale:
            say(f"  its annotations changed after it was begun, delete the task: {article}")
        if (house.annotations / batch / f"{adjudicator}.jsonl").exists():
            say(f"{adjudicator} also labelled this batch and would judge their own work")
        result(connection.url)


def status(
    batch: OneBatchOption = "", format_: FormatOption = "table", root: RootOption = Path()
) -> None:
    """Show the progress of labelling, by batch and annotator.

    Tasks assigned, on the server, submitted, skipped, begun (drafts) and changed after submitting
    without Update (unsent); the median time per article; what became of suggested spans; the same
    of adjudications, where stale ones are about annotations that have changed since; and the
    agreement so far, over what was pulled.
    """
    from onrecord import labels
    from onrecord.labelling import progress as progress_of
    from onrecord.labelling import room
    from onrecord.labelling.batches import batch_name

    house = house_of(root)
    name = batch_name(batch) if batch else ""
    known = labels.load()
    parts: list[progress_of.Part] = []
    third: list[progress_of.Adjudications] = []
    for there in room.open_rooms(house):
        parts += progress_of.count(house, there, name, known)
        third += progress_of.adjudications(house, there, name, known)
    if name and not parts and not third:
        raise _not_there(name)
    groups = _agreement(house, sorted({part.batch for part in parts}))
    tasks = sum(part.tasks for part in parts)
    if format_ == "json":
        told = {"batch": name, "tasks": tasks, "parts": parts}
        result(ledger.indented(told | {"adjudications": third, "agreement": groups}))
        return
    columns = ["batch", "annotator", "assigned", "tasks", "submitted", "skipped", "drafts"]
    columns += ["unsent", "median s", "kept", "changed", "deleted"]
    rows = (
        [
            *(part.batch, part.annotator, part.assigned, part.tasks),
            *(part.submitted, part.skipped, part.drafts, part.unsent, part.median_time),
            *(part.suggestions.kept, part.suggestions.changed, part.suggestions.deleted),
        ]
        for part in parts
    )
    table("", columns, rows)
    if third:
        columns = ["batch", "tasks", "submitted", "skipped", "drafts", "unsent", "stale"]
        table(
            "Adjudication",
            columns,
            ([getattr(part, column) for column in columns] for part in third),
        )
    for group in groups:
        table(
            f"{group.heading}, {group.batch}: {many(group.articles, 'article')}",
            ["measure", "value"],
            ([measure, f"{value:.3f}"] for measure, value in group.measures.items()),
        )
    servers = ", ".join(dict.fromkeys(part.url for part in [*parts, *third])) or "the server"
    say(f"{many(tasks, 'task')} on {servers}")


_SO_FAR = (
    "entities.exact",
    "quotes.content",
    "quotes.speaker",
    "stance.evidence",
    "stance.polarity",
)


class SoFar(msgspec.Struct):
    """A batch's agreement in a few figures; `onrecord agree` has all of them."""

    batch: str
    heading: str
    articles: int
    measures: dict[str, float]


def _agreement(house: ledger.House, batches: list[str]) -> list[SoFar]:
    from onrecord.quality import agree

    return [
        SoFar(
            name,
            group.heading,
            group.articles,
            {m: group.figures[m].value for m in _SO_FAR if m in group.figures},
        )
        for name in batches
        if (house.annotations / name).is_dir()
        for group in agree.of_batches(house, [name], resamples=0)[0].groups
    ]
