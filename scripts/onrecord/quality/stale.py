"""The third group of rules of `check`: rebuild what is made from the ledgers, and compare."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from onrecord import labels, ledger
from onrecord.console import in_turn
from onrecord.gold import documents as gold
from onrecord.ledger import House
from onrecord.places import scratch
from onrecord.records import DataError, Problem, some
from onrecord.rules import problem
from onrecord.shelf import Shelf


def schema_stale(house: House) -> Iterator[Problem]:
    """Generated files of schema/ that differ from what labels.toml and the frame give now."""
    folder = house.root / "schema"
    source, frame = folder / "labels.toml", folder / labels.FRAME
    if not source.exists() or not frame.exists():
        return
    fresh = labels.generated(
        labels.parse(source.read_text(encoding="utf-8")), frame.read_text(encoding="utf-8")
    )
    for name, data in sorted(fresh.items()):
        path = folder / name
        if not path.exists() or path.read_bytes() != data:
            yield problem("schema.stale", house.name(path), 0, "", "it differs")


def gold_stale(house: House) -> Iterator[Problem]:
    """Rows of corpus/gold that differ from what the annotations give now.

    A row whose article has no text here is taken as it is (see `gold.documents.make`).
    """
    batches = {path.name for path in house.annotations.glob("*/") if path.is_dir()}
    batches |= set(ledger.batch_names(house.gold, ".jsonl"))
    shelf = Shelf(house)
    with scratch() as folder:
        for batch in in_turn(sorted(batches), "check, gold", "batches"):
            old, new = house.gold / f"{batch}.jsonl", folder / "gold.jsonl"
            gold.make(house, batch, new, shelf=shelf)
            if new.exists() and not old.exists():
                yield problem("gold.stale", house.name(old), 0, "", "it has not been made yet")
            else:
                for number, id_, message in _differing(old, new):
                    yield problem("gold.stale", house.name(old), number, id_, message)
            new.unlink(missing_ok=True)


def _differing(old: Path, new: Path) -> Iterator[tuple[int, str, str]]:
    """`(line of old, article id, what differs)` of two files sorted by article id."""
    end = "\uffff"
    olds, news = _keyed(old), _keyed(new)
    number, old_id, old_line = next(olds, (0, end, b""))
    _, new_id, new_line = next(news, (0, end, b""))
    while (old_id, new_id) != (end, end):
        if old_id == new_id and old_line != new_line:
            yield number, old_id, "rebuilt, this row differs"
        elif old_id < new_id:
            yield number, old_id, "rebuilt, there is no such row"
        elif old_id > new_id:
            yield 0, new_id, "rebuilt, there is a row that is not in the file"
        behind = min(old_id, new_id)
        if new_id == behind:
            _, new_id, new_line = next(news, (0, end, b""))
        if old_id == behind:
            number, old_id, old_line = next(olds, (0, end, b""))


def _keyed(path: Path) -> Iterator[tuple[int, str, bytes]]:
    if path.exists():
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                yield number, orjson.loads(line)["article_id"], line


def hub_stale(house: House, rebuild: Callable[[Path], object]) -> Iterator[Problem]:
    """Compare build/hub with what `rebuild` writes to an empty folder: at most one problem, however
    many files differ."""
    # On the disk of the folder that it is compared with, which has the room.
    with scratch(house.build) as folder:
        fresh = folder / "hub"
        try:
            rebuild(fresh)
        except DataError as error:
            message = f"it cannot be made again: {error}"
            yield problem("hub.stale", house.name(house.hub), 0, "", message)
            return
        found: list[tuple[str, str]] = []
        names = {p.relative_to(base) for base in (house.hub, fresh) for p in ledger.files(base)}
        for name in sorted(names):
            old, new = house.hub / name, fresh / name
            if not new.exists():
                message = "rebuilt, there is no such file"
            elif not old.exists():
                message = "rebuilt, there is such a file"
            elif not filecmp.cmp(old, new, shallow=False):
                message = "rebuilt, it differs"
            else:
                continue
            found.append((house.name(old), message))
    if len(found) == 1:
        ((name, message),) = found
        yield problem("hub.stale", name, 0, "", message)
    elif found:
        message = f"{len(found)} files differ when rebuilt: {some([n for n, _ in found])}"
        yield problem("hub.stale", house.name(house.hub), 0, "", message)
