"""Annotations to gold (gold), and validation of the corpus (check)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onrecord import ledger
from onrecord.console import result, say, say_without_text, show_problems
from onrecord.records import DataError, Problem, many, some
from onrecord.shelf import Shelf
from onrecord.verbs.options import FormatOption, JobsOption, OneBatchOption, RootOption, corpus_of
from onrecord.verbs.quality import batches_of, show_doubts


def gold(batch: OneBatchOption = "", root: RootOption = Path()) -> None:
    """Make gold from annotations and adjudications.

    What all annotators agree on and what an adjudication decided goes to corpus/gold/. An article
    with anything undecided is left out and named; one whose text is not here keeps its old row.
    Where the articles, annotators, annotations or decisions that gold was made from are missing,
    nothing is written.
    """
    from onrecord.gold import documents as gold_stage

    house = corpus_of(root)
    problems: list[Problem] = []
    shelf = Shelf(house)
    names = batches_of(house, batch)
    gold_stage.refuse_loss(house, names, shelf)
    for name in names:
        report = gold_stage.make(house, name, shelf=shelf)
        say(f"{name}: {many(report.rows, 'gold document')}")
        if undecided := report.undecided:
            items = [f"{key} ({many(len(found), 'item')})" for key, found in undecided.items()]
            say(f"  undecided, left out: {many(len(items), 'article')}: {some(items)}")
            say(f"  `onrecord adjudicate --batch {name}` gives these to a third reader")
        if report.partial:
            lacking = [f"{key} ({', '.join(layers)})" for key, layers in report.partial.items()]
            say(f"  not labelled by all: {many(len(lacking), 'article')}: {some(lacking)}")
        if report.kept:
            say(f"  {many(len(report.kept), 'row')} kept, without text here (hydrate)")
        say_without_text(report.missing, so="left out", before="  ")
        problems += report.problems
    if problems:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'annotation')} could not be used")


def check(
    quality: Annotated[
        bool, typer.Option("--quality", help="Instead, list likely label errors for review.")
    ] = False,
    first: Annotated[
        int,
        typer.Option(
            "--first", metavar="N", min=0, help="With --quality, how many places to show; 0: all."
        ),
    ] = 200,
    jobs: JobsOption = 0,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Validate the corpus.

    Checks schemas and rules across files, rebuilds everything after the ledgers and compares. A
    problem names a rule, a file, a line, an id and what to do; docs/rules.md lists the rules.
    With --quality: places in gold with doubtful labels, the likeliest error first, each with a
    link into Label Studio; see docs/quality.md.
    """
    from onrecord.quality import check as check_stage

    house = corpus_of(root)
    if quality:
        show_doubts(house, first, format_)
        return

    def rebuild(folder: Path) -> None:
        from onrecord.dataset import building

        building.rebuild(house, folder)

    told = check_stage.Tally()
    found = sorted(check_stage.check(house, rebuild_hub=rebuild, tally=told, jobs=jobs))
    if format_ == "json":
        result(ledger.indented({"problems": found}))
    else:
        show_problems(found)
        for line in told.lines():
            say(line)
        say(f"{many(len(found), 'problem')}" if found else "no problems")
    if found:
        raise typer.Exit(1)
