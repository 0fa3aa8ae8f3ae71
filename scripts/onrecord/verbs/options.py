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
        "--batch", metavar="NAME", help="The batch; corpus/batches/NAME.csv says who labels what."
    ),
]
OneBatchOption = Annotated[
    str, typer.Option("--batch", metavar="NAME", help="One batch; default: all.")
]
GRANT = "a row there says what may be published: pattern,licence,release,basis,attribution"
"""What to do about an article that rights.csv does not mention."""


def house_of(root: Path) -> House:
    """The house at a root. Raises UsageError where the folder does not exist."""
    if not root.is_dir():
        raise UsageError(f"--root {root}: no such folder")
    return House(root)


def corpus_of(root: Path) -> House:
    """The house at a root with a corpus. Raises UsageError where there is none.

    For verbs that look at a whole corpus: anywhere else they would find nothing, and end as if all
    were well.
    """
    house = house_of(root)
    if not house.corpus.is_dir():
        raise UsageError(
            f"{house.corpus}: no such folder", "--root is the folder that holds corpus/"
        )
    return house


def known_format(name: str) -> str:
    """The name of a `--format`. Raises UsageError for any other."""
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
    typer.Option("--jobs", metavar="N", min=0, help="Number of processes; 0: one per processor."),
]
EngineOption = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|ray|slurm|FILE.toml",
        help="Run on datatrove's executors instead (needs the extra `scale`; see docs/scale.md).",
    ),
]
