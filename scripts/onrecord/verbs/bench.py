"""Measurements of stages, compared with other tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onrecord import atomic, ledger
from onrecord.console import result, say, say_without_text, table
from onrecord.places import scratch
from onrecord.records import Annotation, Article, DataError, UsageError, many
from onrecord.shelf import Shelf
from onrecord.verbs.options import FormatOption, RootOption, corpus_of, house_of

if TYPE_CHECKING:
    from onrecord.articles.bench import Score
    from onrecord.articles.documents import Document
    from onrecord.ledger import House
    from onrecord.pace.stages import Pace
    from onrecord.quality.bills import Bill
    from onrecord.quality.training import Example


def convert(
    pages: Annotated[
        Path,
        typer.Argument(
            metavar="PAGES",
            help="Folder of ID.html.gz, ID.html or ID.txt.",
            exists=True,
            file_okay=False,
        ),
    ],
    truth: Annotated[
        Path,
        typer.Argument(metavar="TRUTH", help="JSONL of id and text.", exists=True, dir_okay=False),
    ],
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Only the first N; 0: all.")
    ] = 0,
    format_: FormatOption = "table",
) -> None:
    """Compare extraction quality and speed with other extractors.

    4-gram precision, recall and F1 over deck, subheads and body, documents per CPU second, and
    peak memory in a separate process. Install the others with `pip install "onrecord[bench]"`.
    """
    from onrecord.articles import bench
    from onrecord.articles.convert import convert as convert_document
    from onrecord.articles.lines import Lines

    def ours(documents: Iterable[Document]) -> Iterator[Article | None]:
        pasted = list(documents)
        with scratch() as folder, Lines.open(folder / "lines") as known:
            for document in pasted:
                if not document.html:
                    known.learn(document.publisher, document.text)
            known.save()
            for document in pasted:
                if document.html:
                    article = convert_document(document)
                else:
                    held = known.beside(document.publisher, document.text)
                    article = convert_document(document, held)
                yield article if isinstance(article, Article) else None

    scores = bench.convert(pages, truth, ours, limit)
    if format_ == "json":
        result(ledger.indented([score._asdict() for score in scores]))
        return
    columns = ["extractor", "precision", "recall", "F1", "docs/s", "MB"]
    table("", columns, (_score_row(score) for score in scores))


def quality(
    repeats: Annotated[
        int, typer.Option("--repeats", metavar="N", min=1, help="How often to seed errors.")
    ] = 5,
    first: Annotated[
        int,
        typer.Option("--first", metavar="N", min=1, help="How many places the reviewer looks at."),
    ] = 200,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure how many known errors `check --quality` finds.

    Errors of eleven kinds, up to ten of each, are seeded into a copy of the root's gold (articles
    with text). An error counts as found if its item or exactly its span is among the first places.
    Nothing is written.
    """
    from collections import Counter
    from importlib.util import find_spec
    from random import Random

    from onrecord.gold.newest import newest_gold
    from onrecord.quality import seeding
    from onrecord.quality.doubts import doubts
    from onrecord.quality.usual import Page

    house = corpus_of(root)
    shelf = Shelf(house)
    pages = [Page(shelf.article(gold.article_id), gold) for gold in newest_gold(house)]
    pages = [page for page in pages if page.article.text]
    model = find_spec("sklearn") is not None
    if not model:
        say('without out-of-fold confidence; it needs pip install "onrecord[models]"')
    put: Counter[str] = Counter()
    found: Counter[str] = Counter()
    places = 0
    for repeat in range(repeats):
        spoilt, errors = seeding.seed(pages, Random(repeat))
        told, number = doubts(lambda spoilt=spoilt: spoilt, first=first, model=model)
        places += number
        put.update(error.kind for error in errors)
        found.update(error.kind for error in seeding.shown(told, errors, first))
    rows = [(kind, found[kind], put[kind]) for kind in put]
    rows.append(("all", found.total(), put.total()))
    if format_ == "json":
        kinds = [{"kind": kind, "found": hit, "seeded": of} for kind, hit, of in rows]
        form = {"articles": len(pages), "repeats": repeats, "places": places, "kinds": kinds}
        result(ledger.indented(form))
        return
    say(
        f"{many(len(pages), 'article')}, {many(repeats, 'repeat')};"
        f" {places / repeats:.0f} places per repeat"
    )
    shares = ([kind, hit, of, f"{hit / of:.2f}" if of else ""] for kind, hit, of in rows)
    table("", ["kind of error", "found", "seeded", "share"], shares)


def baselines(
    write: Annotated[
        bool,
        typer.Option(
            "--write",
            help="Write corpus/baselines.json, which the card reports, and docs/baselines.md.",
        ),
    ] = False,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure how well simple models learn from the root's gold.

    With a learning curve: trained on 25, 50, 75 and 100 % of train, tuned on validation, scored
    on test, compared with the rules, alone and with models of train. Articles whose text is
    withheld are left out. Needs `pip install "onrecord[models]"`; takes minutes on two cores, and
    the same gold gives the same figures.
    """
    from onrecord.dataset import baselines, measured
    from onrecord.gold.newest import digest
    from onrecord.quality import training
    from onrecord.suggest import engine, trained

    house = corpus_of(root)
    page = house.root / "docs" / "baselines.md"
    if write:
        atomic.refuse_unwritable(house.baselines)
        if page.exists():
            between(page.read_text("utf-8"), "baselines", "")
            atomic.refuse_unwritable(page)
    splits, lost = _by_split(house)
    say_without_text(lost, so="left out")
    if write and lost:
        raise DataError(
            f"{many(len(lost), 'text')} missing: these would be the figures of another corpus"
        )
    with scratch() as folder:

        @cache
        def taught() -> trained.Trained:
            say("the rules with models of train")
            training.train(splits["train"], folder)
            return trained.load(folder)

        def by_gold(article: Article) -> Annotation:
            model = taught()
            return engine.suggest(article, knowledge=engine.Knowledge(model.known), model=model)

        beside = {
            "rules, from the text alone": engine.suggest,
            "the same with models of train": by_gold,
        }
        told = baselines.measure(splits, beside, digest(house), say)
    text = measured.markdown(told)
    data = ledger.indented(told)
    if write:
        atomic.write_bytes(house.baselines, f"{data}\n".encode())
        if page.exists():
            atomic.write_bytes(page, between(page.read_text("utf-8"), "baselines", text).encode())
    result(data if format_ == "json" else text)


def _by_split(house: House) -> tuple[dict[str, list[Example]], list[str]]:
    """The gold of what is not withheld, by split, and the ids of what of it has no text here."""
    from onrecord.verbs.suggest import gold_examples

    split_of = ledger.splits(house)
    examples, without = gold_examples(house)
    shelf = Shelf(house)
    splits: dict[str, list[Example]] = {}
    for example in examples:
        if example.article.rights.release != "withhold":
            splits.setdefault(split_of.get(example.article.story, ""), []).append(example)
    return splits, [i for i in without if shelf.article(i).rights.release != "withhold"]


def between(page: str, name: str, text: str) -> str:
    """The page with `text` between the comments `name` and `/name`. Raises DataError if none."""
    first, start, rest = page.partition(f"<!-- {name} -->\n")
    _, end, last = rest.partition(f"<!-- /{name} -->")
    if not start or not end:
        raise DataError(f"the page has no part <!-- {name} --> to replace")
    return f"{first}{start}{text}\n{end}{last}"


def push(
    tasks: Annotated[
        int, typer.Option("--tasks", metavar="N", help="How many tasks.", min=1)
    ] = 5_000,
    cuts: Annotated[
        int, typer.Option("--cuts", metavar="N", help="How often to interrupt a push.", min=0)
    ] = 5,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", help="Seed for when and how to interrupt.")
    ] = 1,
    format_: FormatOption = "table",
) -> None:
    """Compare push and pull of a large batch, interrupted, with the raw API.

    Starts a separate studio and fills it with made-up articles and suggestions. Reports time and
    peak memory of each step, and whether every task is there once with its suggestion; exits with
    1 if not.
    """
    from onrecord.labelling import bench

    told = bench.measure(tasks, cuts, seed, say)
    if format_ == "json":
        result(ledger.indented(told))
    else:
        rows = ((run.what, f"{run.seconds:.1f}", f"{run.memory:.0f}") for run in told.runs)
        table("", ["step", "s", "MB"], rows)
        say(
            f"{many(told.tasks, 'task')}, {told.doubled} doubled,"
            f" {told.suggestions} with one suggestion;"
            f" {told.pulled} of {told.answers} answers pulled"
        )
    whole = (tasks, 0, tasks, told.answers)
    if (told.tasks, told.doubled, told.suggestions, told.pulled) != whole:
        raise typer.Exit(1)


def actions(
    model: Annotated[
        str, typer.Option("--model", metavar="NAME", help="The model, as for `onrecord suggest`.")
    ] = "rules",
    match: Annotated[
        str, typer.Option("--match", metavar="PATTERN", help="Only articles whose id matches.")
    ] = "wikinews-*",
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="Only the first N, by id.")
    ] = 10,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure what correcting suggestions costs in keys, clicks and drags.

    Compares correcting suggestions with labelling from scratch, on test articles that have gold;
    the suggestions know only the gold of train. Each kind of edit costs what was counted in the
    browser (tests/correcting.py, which also labels whole articles there); the edits are simulated
    and have to result in the gold.
    """
    from onrecord.quality import bills as stage
    from onrecord.verbs.suggest import suggester

    house = corpus_of(root)
    plans = stage.plans(house, suggester(house, model), match=match, limit=limit)
    if not plans:
        raise DataError(f"no test article that matches {match} has gold and its text here: hydrate")
    bills = stage.bills(plans)
    if format_ == "json":
        articles = [plan.article.id for plan in plans]
        result(ledger.indented({"articles": articles, "bills": bills}))
        return
    for plan in plans:
        say(plan.article.id)
    columns = ["", "layer", "from scratch", "from suggestions", "share"]
    table("", columns, (row for bill in bills for row in _bill_rows(bill)))
    dearest = sorted(bills[0].edits.items(), key=lambda item: (-item[1], item[0]))[:12]
    table("most expensive edits of suggestions, every key counted", ["edit", "actions"],
          ([what, f"{cost:,}"] for what, cost in dearest))  # fmt: skip


def _bill_rows(bill: Bill) -> Iterator[list[str]]:
    layers = [*sorted(bill.nothing.keys() | bill.suggested.keys()), "all"]
    for layer in layers:
        sums = [
            sum(side.values()) if layer == "all" else side.get(layer, 0)
            for side in (bill.nothing, bill.suggested)
        ]
        share = f"{sums[1] / sums[0]:.2f}" if sums[0] else ""
        yield [bill.counted, layer, f"{sums[0]:,}", f"{sums[1]:,}", share]


def _score_row(score: Score) -> list[str]:
    if not score.per_second:  # not installed, or its process died
        return [score.name, *5 * ["–"]]
    shares = [f"{value:.3f}" for value in (score.precision, score.recall, score.f1)]
    return [score.name, *shares, f"{score.per_second:.1f}", f"{score.memory:.0f}"]


SizesOption = Annotated[
    str, typer.Option("--sizes", metavar="N,N", help="Numbers of documents, one run each.")
]
StagesOption = Annotated[
    str, typer.Option("--stages", metavar="NAME,NAME", help="Only these stages; default: all.")
]


def bench(
    context: typer.Context,
    sizes: SizesOption = "100,1000",
    stages: StagesOption = "",
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """A small `scale`, if no verb is named."""
    if context.invoked_subcommand is None:
        scale(sizes, stages, format_, root)


def scale(
    sizes: SizesOption = "1000,10000,100000",
    stages: StagesOption = "",
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure speed and memory of every stage.

    Documents per second and peak memory, compared with a yardstick: the work that the stage cannot
    avoid. The documents are made up but realistic: the root's articles that ship, reworded over and
    over. Each stage and each yardstick runs in a separate process; seconds are CPU seconds, except
    wall-clock for what uses two jobs. Lines are printed as they are measured, then the table and
    the targets. Exits with 1 if a stage failed; the others are measured all the same.
    docs/planning.md discusses a run.
    """
    from onrecord.pace import stages as pace

    try:
        numbers = [int(size) for size in sizes.replace("_", "").split(",")]
    except ValueError:
        raise UsageError(f"--sizes {sizes}: not numbers", "--sizes 1000,10000") from None
    if min(numbers) < 1:
        raise UsageError(f"--sizes {sizes}: a size is 1 or more", "--sizes 1000,10000")
    names = stages.split(",") if stages else list(pace.STAGES)
    told = list(pace.measure(house_of(root), numbers, names, say))
    if format_ == "json":
        result(ledger.indented(told))
    else:
        _show(told)
    if failed := [f"{row.stage} at {row.documents:,}" for row in told if row.fault]:
        raise DataError(f"not measured: {', '.join(failed)}")


def _show(told: list[Pace]) -> None:
    from onrecord.pace.stages import targets

    first: dict[str, Pace] = {}
    rows = []
    for row in told:
        if row.fault:
            rows.append([row.stage, row.jobs, f"{row.documents:,}", "failed", *[""] * 5])
            continue
        base = first.setdefault(row.stage, row)
        rows.append(
            [
                row.stage,
                row.jobs,
                f"{row.documents:,}",
                f"{row.rate:,.1f}",
                f"{row.memory:.0f}",
                row.yardstick,
                f"{row.share:.2f}" if row.yardstick else "",
                f"{base.rate / row.rate:.2f}",
                f"{row.memory / base.memory:.2f}",
            ]
        )
    columns = ["stage", "jobs", "documents", "docs/s", "MB", "yardstick", "of its rate"]
    table("", [*columns, "time x first", "memory x first"], rows)
    met = [
        [
            target.what,
            f"{target.value:.2f}",
            f"{'at most' if target.most else 'at least'} {target.bound:.2f}",
            "met" if target.met else "missed",
        ]
        for target in targets(told)
    ]
    if met:
        table("targets", ["of", "is", "should be", ""], met)
