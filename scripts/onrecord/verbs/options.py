"""Options that many verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from onrecord.ledger import House
from onrecord.records import UsageError

RootOption = Annotated[
    Path, typer.Option("--root", help="The folder that holds corpus/ and build/.", file_okay=False)
]
BatchOption = Annotated[
    str,
    typer.Option(
        "--batch", metavar="NAME", help="The batch: corpus/batches/NAME.csv says who labels what."
    ),
]
OneBatchOption = Annotated[
    str, typer.Option("--batch", metavar="NAME", help="One batch; without it, all.")
]


def house_of(root: Path) -> House:
    """The house at a root. Raises UsageError where the folder does not exist."""
    if not root.is_dir():
        raise UsageError(f"--root {root}: no such folder")
    return House(root)


def corpus_of(root: Path) -> House:
    """The house at a root that has a corpus. Raises UsageError where it has none.

    What looks at a whole corpus would find nothing wrong in a folder that is none.
    """
    house = house_of(root)
    if not house.corpus.is_dir():
        raise UsageError(
            f"{house.corpus}: no such folder", "--root is the folder that holds corpus/"
        )
    return house


def known_format(name: str) -> str:
    """The name of a `--format`. Raises UsageError for what is none."""
    if name not in ("table", "json"):
        raise UsageError(f"--format {name}: table or json")
    return name


FormatOption = Annotated[
    str,
    typer.Option(
        "--format",
        help="table for people, json for programs.",
        metavar="table|json",
        callback=known_format,
    ),
]
JobsOption = Annotated[
    int,
    typer.Option("--jobs", min=0, help="Processes at work; 0: as many as there are processors."),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|ray|slurm|FILE.toml",
        help="Run on datatrove's executors instead (the extra `scale`); docs/scale.md.",
    ),
]
