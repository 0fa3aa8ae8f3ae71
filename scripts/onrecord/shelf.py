"""Articles by id, with their texts if available: shipped, or hydrated in build/text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from onrecord import ledger
from onrecord.compact import Numbers
from onrecord.ledger import House
from onrecord.records import Article
from onrecord.text import sha256


class _Id(msgspec.Struct):
    id: str


_FILE = 44
"""Bits of a place that hold the offset; the others hold the number of the file."""


class Shelf:
    """The admitted articles of a root, by id, with their texts if available.

    Keeps the place of each article's line in memory (about 30 bytes), not the article. With
    `files`, the articles of these JSON lines files instead. If they are not admitted yet (`fresh`),
    the first line of an id counts, and malformed lines are skipped.
    """

    def __init__(
        self, house: House, files: Iterable[Path] | None = None, *, fresh: bool = False
    ) -> None:
        self.house = house
        self._fresh = fresh
        self._files = list(ledger.article_files(house) if files is None else files)
        self._places = Numbers()
        for number, path in enumerate(self._files):
            for key, offset in self._ids(path):
                # In a ledger, a re-admission is a later line.
                if not (fresh and key in self):
                    self._places[key] = number << _FILE | offset

    def _ids(self, path: Path) -> Iterator[tuple[str, int]]:
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    key = ledger.decoded(line, _Id).id
                except msgspec.DecodeError as error:
                    if not (self._fresh or ledger.blank(line)):
                        raise ledger.malformed(self.house.name(path), number, str(error)) from None
                else:
                    yield key, offset
                offset += len(line)

    def __contains__(self, article_id: str) -> bool:
        return self._places.get(article_id) is not None

    def __iter__(self) -> Iterator[str]:
        for number, path in enumerate(self._files):
            for key, offset in self._ids(path):
                if self._places.get(key) == number << _FILE | offset:
                    yield key

    def __len__(self) -> int:
        return len(self._places)

    def file(self, article_id: str) -> Path | None:
        """The file that the article's line is in, None if there is none."""
        place = self._places.get(article_id)
        return None if place is None else self._files[place >> _FILE]

    def record(self, article_id: str) -> Article:
        """The article as in the ledger (masked if its text may not be stored here)."""
        place = self._places.get(article_id)
        if place is None:
            raise KeyError(article_id)
        path, offset = self._files[place >> _FILE], place & (1 << _FILE) - 1
        with path.open("rb") as file:
            file.seek(offset)
            line = file.readline()
        try:
            return ledger.decoded(line, Article)
        except msgspec.DecodeError as error:
            raise ledger.malformed(self.house.name(path), 0, f"{article_id}: {error}") from None

    def article(self, article_id: str) -> Article:
        """The article with its text if it is shipped or hydrated, else as in the ledger."""
        article = self.record(article_id)
        return article if article.text else hydrated(self.house, article) or article


def hydrated(house: House, article: Article) -> Article | None:
    """The hydrated copy of an article from build/text, or None.

    A copy with another text than the admitted one counts as missing; `hydrate` replaces it.
    """
    path = house.text / f"{article.id}.json"
    try:
        copy = ledger.decoded(path.read_bytes(), Article)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    if copy.id != article.id or sha256(copy.text) != article.text_sha256:
        return None
    return copy
