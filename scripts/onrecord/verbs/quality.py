"""The quality of the labels: agree, check --quality, report."""

from __future__ import annotations

import importlib.util
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from onrecord import atomic, ledger
from onrecord.console import in_turn, result, say, say_without_text, show_problems, table
from onrecord.gold.newest import newest_batches, newest_gold
from onrecord.places import scratch
from onrecord.records import Annotation, DataError, UsageError, many
from onrecord.shelf import Shelf
from onrecord.verbs.options import FormatOption, OneBatchOption, RootOption, corpus_of

if TYPE_CHECKING:
    from onrecord.quality.agree import Agreement, Confused, Group
    from onrecord.quality.doubts import Doubt


def agree(
    batch: OneBatchOption = "",
    itself: Annotated[
        bool, typer.Option("--self", help="Compare each annotator with itself: every figure is 1.")
    ] = False,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure inter-annotator agreement.

    Over the articles that two or more annotators submitted. Finding (is it marked?) is kept apart
    from judging (what is said about what both marked), and two runs of one model from people.
    docs/agreement.md defines every measure.
    """
    from onrecord.quality import agree as agree_stage

    house = corpus_of(root)
    names = in_turn(batches_of(house, batch), "agree", "batches")
    told, problems = agree_stage.of_batches(house, names, itself=itself)
    if format_ == "json":
        peers = [peer._asdict() for peer in agree_stage.PEERS]
        form = {**msgspec.to_builtins(told), "peers": peers}
        result(ledger.indented(form))
    else:
        _show(told)
    say_without_text(told.without_text, so="not compared")
    if problems:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'annotation')} could not be used")


def batches_of(house: ledger.House, batch: str) -> list[str]:
    """The batch, or all with annotations. Raises UsageError for a batch without."""
    from onrecord.labelling.batches import batch_name

    names = [batch_name(batch)] if batch else ledger.batch_names(house.annotations, "")
    if batch and not (house.annotations / batch).is_dir():
        raise UsageError(f"batch {batch!r} has no annotations", f"onrecord pull --batch {batch}")
    if not names:
        say("there are no annotations yet: push a batch, label it, pull it")
    return names


def _show(told: Agreement) -> None:
    from onrecord.quality.agree import PEERS

    if not told.groups:
        say("no article has two submitted annotations, so there is no agreement to measure")
    for group in told.groups:
        names = sorted({name for pair in group.pairs for name in (pair.first, pair.second)})
        result(f"{group.heading} ({', '.join(names)}; {many(group.articles, 'article')})")
        result(group.about)
        table("", *_figures(group))
        for name, title in (
            ("entities", "types of mentions"),
            ("quotes", "types of shared quotes"),
            ("stance", "polarity of shared pairs"),
        ):
            if confused := group.confusions[name]:
                table(f"\nConfusion: {title}", *matrix(confused))
        if len(group.pairs) > 1:
            for pair in group.pairs:
                title = f"\n{pair.first} and {pair.second} ({many(pair.articles, 'article')})"
                table(title, *_figures(group, pair.figures))
        result("")
    if any(group.kind not in ("people", "itself") for group in told.groups):
        # In a table of their own, never in a column with the figures of a model.
        table(
            "Agreement between people that other corpora published",
            ["corpus", "figure", "what", "nearest measure here"],
            ([p.corpus, f"{p.value:.3f}", p.what, p.measure] for p in PEERS),
        )


def _figures(group: Group, only: object = None) -> tuple[list[str], Iterator[list[str]]]:
    from onrecord.quality.agree import PEERS
    from onrecord.quality.measures import MEASURES, measure

    shown = group.figures if only is None else only
    assert isinstance(shown, dict)
    columns = ["layer", "", "measure", "value", "95 %", "n", "articles"]
    people = group.kind == "people"
    if people:
        columns.append("published elsewhere")

    def rows() -> Iterator[list[str]]:
        for name, figure in shown.items():
            kind = measure(name)
            title = kind.title if name in MEASURES else f"· {kind.title}"
            row = [kind.layer, kind.side, title, f"{figure.value:.3f}"]
            row += [f"{figure.low:.3f} to {figure.high:.3f}", str(figure.n), str(figure.documents)]
            if people:
                peers = (str(p) for p in PEERS if p.measure == name)
                row.append(", ".join(peers))
            yield row

    return columns, rows()


def matrix(confused: list[Confused]) -> tuple[list[str], list[list[str]]]:
    """A confusion matrix: one annotator's kinds as rows, the other's as columns."""
    from onrecord.quality.agree import kinds_of

    kinds = kinds_of(confused)
    counts = {(c.one, c.other): c.count for c in confused}
    rows = [
        [kind or "not marked", *(str(counts.get((kind, other), "")) for other in kinds)]
        for kind in kinds
    ]
    return ["", *(kind or "not marked" for kind in kinds)], rows


def show_doubts(house: ledger.House, first: int, format_: str) -> None:
    """Print the places of gold that are most likely wrong, with their links."""
    from onrecord.quality.doubts import doubts
    from onrecord.quality.usual import Page

    shelf = Shelf(house)
    without: set[str] = set()

    def pages() -> Iterator[Page]:
        for gold in newest_gold(house):
            if gold.article_id in shelf:
                article = shelf.article(gold.article_id)
                if article.text:
                    yield Page(article, gold)
                else:
                    without.add(article.id)

    model = importlib.util.find_spec("sklearn") is not None
    if not model:
        say('without out-of-fold confidence; it needs pip install "onrecord[models]"')
    shown, number = doubts(pages, first=first or None, model=model)
    links = links_of(house, {doubt.article_id for doubt in shown}) if shown else {}
    for doubt in shown:
        doubt.link = links.get(doubt.article_id, "")
        if shelf.record(doubt.article_id).rights.release != "ship":
            # Words are shown only where the text is public.
            doubt.why = [re.sub("“[^”]*”", "“…”", why) for why in doubt.why]
    if format_ == "json":
        result(ledger.indented({"places": shown, "all": number}))
    else:
        table("", ["likely", "article", "at", "kinds", "why", "link"], map(_doubt_row, shown))
    if without:
        say(f"not checked: {many(len(without), 'article')} without text here (hydrate)")
    say(f"{len(shown)} of {many(number, 'place')}; see docs/quality.md")


def _doubt_row(doubt: Doubt) -> list[str]:
    place = f"{doubt.start}-{doubt.end}"
    why = "; ".join(doubt.why)
    return [f"{doubt.score:.2f}", doubt.article_id, place, ", ".join(doubt.kinds), why, doubt.link]


def links_of(house: ledger.House, articles: set[str]) -> dict[str, str]:
    """Article id -> its address in Label Studio, in the project of its first annotator.

    Empty if no server is running, with a message: the links are optional.
    """
    from onrecord.labelling import room
    from onrecord.labelling.errors import RoomError
    from onrecord.labelling.studio import StudioError

    batches = newest_batches(house)
    wanted: dict[str, set[str]] = defaultdict(set)
    for gold in newest_gold(house):
        if gold.article_id in articles and gold.annotators:
            title = room.title_of(batches[gold.article_id], gold.annotators[0])
            wanted[title].add(gold.article_id)
    found: dict[str, str] = {}
    try:
        with room.open_room(house) as connection:
            projects = connection.projects()
            for title, ids in wanted.items():
                if project := projects.get(title):
                    for doc_id, task in connection.tasks(project, sorted(ids)).items():
                        link = f"{connection.url}/projects/{project}/data?task={task.id}"
                        found[doc_id] = link
    except (RoomError, StudioError) as error:
        say(f"no links into Label Studio: {error}")
        return {}
    if missing := len(articles - found.keys()):
        say(f"{missing} of the articles have no task on this Label Studio, so no link")
    return found


def report(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="The folder for index.html and report.json; default: build/report.",
            file_okay=False,
        ),
    ] = None,
    batch: OneBatchOption = "",
    suggestions: Annotated[
        Path | None,
        typer.Option(
            "--suggestions",
            help="The annotations (JSONL) that were pushed as suggestions.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Write a report on the corpus and the quality of its labels.

    One HTML page that needs no network, and the same figures as JSON: the corpus, agreement with
    intervals, confusions, labels and lengths in each split, annotators' time and what became of
    suggestions, and every disagreement with its decision and its gold item.
    """
    from onrecord.quality import report as report_stage
    from onrecord.quality.page import page

    house = corpus_of(root)
    names = batches_of(house, batch)
    if names and not any(path.stat().st_size for path in ledger.article_files(house)):
        where = house.name(house.articles)
        raise UsageError(
            f"{where} holds no article, and there are annotations", f"put {where} back"
        )
    given = ledger.read(suggestions, Annotation) if suggestions else ()
    folder = out or house.build / "report"
    atomic.refuse_unwritable(folder / "report.json")
    with scratch() as spilled:
        disputes = spilled / "disputes.jsonl"
        with disputes.open("wb") as file:
            told, problems = report_stage.collect(
                house,
                in_turn(names, "report", "batches"),
                suggestions=given,
                each=lambda dispute: file.write(ledger.encode(dispute)),
            )
        with atomic.replacing(folder / "report.json") as file, disputes.open("rb") as lines:
            each = (msgspec.json.decode(line, type=report_stage.Dispute) for line in lines)
            file.writelines(report_stage.form(told, each))
    atomic.write_bytes(folder / "index.html", page(told).encode())
    kinds = many(len(told.agreement.groups), "kind")
    say(f"{many(sum(told.fates.values()), 'disagreement')}, {kinds} of agreement")
    result(str(folder / "index.html"))
    if problems:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'annotation')} could not be used")
