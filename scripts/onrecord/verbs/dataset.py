"""Gold to dataset: build; and the generated files of schema/."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onrecord import ledger
from onrecord.console import result, say, table
from onrecord.records import UsageError
from onrecord.verbs.options import RootOption, house_of

if TYPE_CHECKING:
    pass


def build(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder to make; else build/hub.", file_okay=False),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Make the dataset folder that load_dataset takes."""
    from onrecord.dataset import hub

    report = hub.build(house_of(root), out, progress=say)
    table("", ["config", "split", "rows"], report.rows)
    for line in report.left_out:
        say(line)
    if report.without_text:
        say(f"without text: {', '.join(report.without_text)}")
    say(f"version {report.version}")
    result(report.folder.as_posix())


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
