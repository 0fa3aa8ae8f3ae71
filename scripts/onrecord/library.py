"""The package from Python: texts to articles, articles to labels, labels to scores.

`import onrecord` offers these functions. They read files and return records; what the command
keeps in a corpus (`admit`, `push`, `gold`, …) is not among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.articles import sources
from onrecord.articles.convert import convert as converted
from onrecord.articles.documents import Origin
from onrecord.dataset import folder as datasets
from onrecord.quality import comparing, figures
from onrecord.quality.comparing import Comparison, reading
from onrecord.quality.figures import Figure
from onrecord.quality.measures import measure
from onrecord.records import Article, Gold, Problem, Rights, UsageError
from onrecord.suggest import engine
from onrecord.text import sha256

__all__ = ["Row", "annotate", "convert", "evaluate", "load", "reading"]


class Row(NamedTuple):
    """An article of a dataset, with its labels; its text is "" if it is not in the folder."""

    split: str
    article: Article
    gold: Gold


def load(folder: str | Path, split: str = "") -> Iterator[Row]:
    """The articles of a dataset folder, one at a time; of all splits, or of one.

    The folder is what `onrecord build` writes or the Hub has. Raises UsageError if it is none, or
    has no such split, and DataError if it is damaged or another version of onrecord made its rows.
    """
    place, known = Path(folder), labels.load()
    if not place.exists():
        raise UsageError(
            f"there is no folder {folder}; one of the Hub is downloaded first:"
            f' huggingface_hub.snapshot_download("{folder}", repo_type="dataset") gives its path'
        )
    datasets.whole(place)
    there = datasets.splits(place, "documents", known)
    if split and split not in there:
        raise UsageError(f"{folder} has no split {split}", f"it has {', '.join(there)}")
    chosen = [split] if split else there
    return (Row(*row) for row in datasets.documents(place, known) if row[0] in chosen)


def convert(path: str | Path, publisher: str = "") -> Iterator[Article | Problem]:
    """The articles of one file: a page, pasted text, a table, a web archive, or any in gzip.

    What cannot be read, or holds no article, is a Problem. Without a name the publisher is the
    file's folder. `onrecord convert` finds more in pasted text, as it compares the files of a
    publisher.
    """
    for document in sources.read(Path(path), Origin(publisher=publisher)):
        yield document if isinstance(document, Problem) else converted(document)


def annotate(article: Article | str, language: str = "") -> Gold:
    """The labels that rules find: mentions, entities, quotes with speakers, stances.

    A string is taken as it is; offsets are its own. `language` is an ISO 639-1 code ("en", "de"),
    by default the article's, or told from the text. The words of labels (`text`, `name`) are filled
    in as in gold: not for an article that may not be published. docs/suggestions.md says how good
    the rules are.
    """
    if isinstance(article, str):
        article = engine.bare(f"text-{sha256(article)[:12]}", article)
        article.rights = Rights(release="ship")
    if language:
        article = msgspec.structs.replace(article, language=language)
    return reading(article, engine.suggest(article))


def evaluate(pairs: Iterable[tuple[str, Gold, Gold]]) -> dict[str, Figure]:
    """Every measure of docs/agreement.md by its name, over `(text, gold, found)` of each article.

    `found` is another reading of the same article: `annotate` makes one, and `reading` makes one
    of an `Annotation`. Only layers that gold has count; a `found` that lacks a layer which another
    `found` has counts as if nothing was found in it. Holds one pair at a time. Raises ValueError
    for readings of two articles, IndexError for a span outside the text.
    """
    # A layer counts everywhere if it does anywhere, which is known at the end: else a system that
    # names a layer only where it found something would be measured there alone.
    searched: set[str] = set()

    def compared() -> Iterator[Comparison]:
        for text, gold, found in pairs:
            searched.update(found.layers)
            whole = msgspec.structs.replace(found, layers=labels.LAYERS)
            yield comparing.compare(text, gold, whole)

    told = figures.figures(compared())
    return {name: figure for name, figure in told.items() if measure(name).layer in searched}
