"""The annotations of articles that get a new text: moved in their files."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec

from onrecord import atomic, ledger
from onrecord.articles.moves import Moves, annotation
from onrecord.ledger import House
from onrecord.records import Adjudication, Annotation, Problem, some
from onrecord.text import sha256

R = TypeVar("R")


class _Place(msgspec.Struct):
    article_id: str


class Labels:
    """The annotations of a root, to be moved to new texts: the files are written where they change.

    In memory are the places of the rows, and the moved ones until `write`. It writes one file after
    another, and running the command again finishes what was cut short: a row of the new text is
    left alone. Raises DataError (`json.malformed`) for a line that is no row.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._files: dict[str, list[Path]] = {}
        self._offsets: dict[Path, dict[str, list[int]]] = {}
        self._moved: dict[Path, dict[int, Annotation]] = {}
        self._decided: dict[str, list[Path]] = {}
        for path in ledger.annotation_files(house):
            self._find(path)
            for key in self._offsets[path]:
                self._files.setdefault(key, []).append(path)
        for path in ledger.rows_files(house.adjudications):
            for key in {row.article_id for row in ledger.read(path, Adjudication)}:
                self._decided.setdefault(key, []).append(path)

    def _find(self, path: Path) -> None:
        """Note at which bytes the rows of each article begin."""
        found: dict[str, list[int]] = {}
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not ledger.blank(line):
                    key = self._row(path, line, number, _Place).article_id
                    found.setdefault(key, []).append(offset)
                offset += len(line)
        self._offsets[path] = found

    def _row(self, path: Path, line: bytes, number: int, kind: type[R]) -> R:
        try:
            return ledger.decoded(line, kind)
        except msgspec.DecodeError as error:
            raise ledger.malformed(self._house.name(path), number, str(error)) from None

    def move(self, article_id: str, moves: Moves) -> Problem | None:
        """Move every annotation of an article, or say what would break and move none."""
        new = sha256(moves.new)
        broken: list[str] = []
        moved: list[tuple[Path, int, Annotation]] = []
        for path in self._files.get(article_id, []):
            with path.open("rb") as file:
                for offset in self._offsets[path][article_id]:
                    file.seek(offset)
                    row = self._row(path, file.readline(), 0, Annotation)
                    if row.text_sha256 != new:
                        there, lost = annotation(row, moves)
                        moved.append((path, offset, there))
                        place = f"{row.batch}/{row.annotator}"
                        broken += [f"{place}: {s.label} {s.start}-{s.end}" for s in lost]
        for path in self._decided.get(article_id, []):
            name = self._house.name(path)
            broken.append(f"{name}: its decisions refer to offsets of the admitted text")
        if broken:
            return Problem(
                file=self._house.name(self._house.annotations),
                line=0,
                rule="admit.breaks-annotations",
                id=article_id,
                message=f"labels whose words are not in the new text: {some(broken)}",
            )
        for path, offset, row in moved:
            self._moved.setdefault(path, {})[offset] = row
        return None

    def write(self) -> None:
        """Write the files of which rows were moved since the last time."""
        for path, moved in sorted(self._moved.items()):
            offset = 0
            with path.open("rb") as old, atomic.replacing(path) as file:
                for line in old:
                    file.write(ledger.encode(moved[offset]) if offset in moved else line)
                    offset += len(line)
            self._find(path)
        self._moved.clear()
