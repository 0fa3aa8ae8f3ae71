"""What the labels are worth: agree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from onrecord import ledger
from onrecord.console import result, say, show_problems, table
from onrecord.records import DataError, UsageError
from onrecord.verbs.options import FormatOption, RootOption, house_of, known_format

if TYPE_CHECKING:
    from onrecord.quality.agree import Agreement, Confused, Group


def agree(
    batch: Annotated[str, typer.Option("--batch", help="One batch; without it, all.")] = "",
    itself: Annotated[
        bool, typer.Option("--self", help="Each annotator against itself: every figure is 1.")
    ] = False,
    format_: FormatOption = "table",
    root: RootOption = Path(),
) -> None:
    """Measure how far annotators agree.

    Over the articles that two or more submitted. Finding (is it marked) is told apart from
    judging (what is said about what both marked), two runs of one model are told apart from
    people. docs/agreement.md defines every measure.
    """
    from onrecord.quality import agree as agree_stage

    house = house_of(root)
    known_format(format_)
    told, problems = agree_stage.of_batches(house, batches_of(house, batch), itself=itself)
    if format_ == "json":
        peers = [peer._asdict() for peer in agree_stage.PEERS]
        form = {**msgspec.to_builtins(told), "peers": peers}
        result(msgspec.json.format(msgspec.json.encode(form), indent=1).decode())
    else:
        _show(told)
    for article in told.without_text:
        say(f"no text here, not compared: {article} (hydrate)")
    if problems:
        show_problems(problems)
        raise DataError(f"{len(problems)} annotations could not be used")


def batches_of(house: ledger.House, batch: str) -> list[str]:
    """The batch, or all that have annotations. Raises UsageError where it has none."""
    from onrecord.labelling import room

    names = [room.batch_name(batch)] if batch else ledger.batch_names(house.annotations, "")
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
        result(f"{group.heading} ({', '.join(names)}; {group.articles} articles)")
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
                title = f"\n{pair.first} and {pair.second} ({pair.articles} articles)"
                table(title, *_figures(group, pair.figures))
        result("")
    if any(group.kind not in ("people", "itself") for group in told.groups):
        # Apart, so that they never stand in a column with a model's figures.
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
                peers = (f"{p.corpus} {p.value:.3f}" for p in PEERS if p.measure == name)
                row.append(", ".join(peers))
            yield row

    return columns, rows()


def matrix(confused: list[Confused]) -> tuple[list[str], list[list[str]]]:
    """A confusion as a table: one annotator's kinds down, the other's across, each pair once."""
    from onrecord.quality.agree import kinds_of

    kinds = kinds_of(confused)
    counts = {(c.one, c.other): c.count for c in confused}
    rows = [
        [kind or "not marked", *(str(counts.get((kind, other), "")) for other in kinds)]
        for kind in kinds
    ]
    return ["", *(kind or "not marked" for kind in kinds)], rows
