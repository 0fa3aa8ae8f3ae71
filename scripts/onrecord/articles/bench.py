"""Measured beside others in one run: extraction of article text.

The measure is that of scrapinghub/article-extraction-benchmark: 4-gram multisets of `\\w+` tokens,
true and false positives as shares of each document, precision and recall averaged over documents,
F1 of the two means. The text is deck, subheads and body.
"""

from __future__ import annotations

import re
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from onrecord import ledger
from onrecord.alone import Died, alone
from onrecord.articles import sources
from onrecord.articles.documents import Document, Origin
from onrecord.records import Article, UsageError

T = TypeVar("T")
R = TypeVar("R")
Extract = Callable[[str], str]
"""Markup (or pasted text) to the article's text."""

_TOKEN = re.compile(r"\w+")
SIZE = 4
ROUNDS = 3
"""Every extractor goes over the pages so often; the least time counts, for others use the CPU."""


class Score(NamedTuple):
    """Means over documents, 0 to 1; documents a second of CPU; peak memory in MB."""

    name: str
    precision: float
    recall: float
    f1: float
    per_second: float
    memory: float


def grams(text: str) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text, counted; a shorter text is one gram, an empty one has none."""
    words = _TOKEN.findall(text)
    found = (tuple(words[i : i + SIZE]) for i in range(max(1, len(words) - SIZE + 1)))
    return Counter(gram for gram in found if gram)


def overlap(truth: str, found: str) -> tuple[float, float]:
    """`(precision, recall)` of one document; NaN where the measure leaves it out."""
    a, b = grams(truth), grams(found)
    hit = (a & b).total()
    extra, lost = (b - a).total(), (a - b).total()
    if not extra and not lost:
        return (1.0, 1.0) if hit else (float("nan"), float("nan"))
    return (
        hit / (hit + extra) if hit + extra else float("nan"),
        hit / (hit + lost) if hit + lost else float("nan"),
    )


def means(pairs: Iterable[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean precision, mean recall and the F1 of the two."""
    rows = list(pairs)
    p, r = (
        statistics.mean([v for v in column if v == v] or [0.0])
        for column in zip(*rows, strict=True)
    )
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def body_text(article: Article) -> str:
    """Deck, subheads and body of an article."""
    kept = (s for s in article.segments if s.role in ("deck", "subhead", "body"))
    return "\n\n".join(article.text[s.start : s.end] for s in kept)


# --- the others -------------------------------------------------------------------------------


def _trafilatura(**options: Any) -> Callable[[], Extract]:
    def make() -> Extract:
        import trafilatura

        def extract(markup: str) -> str:
            found = trafilatura.bare_extraction(
                markup, with_metadata=True, include_comments=False, include_tables=False, **options
            )
            return (getattr(found, "text", "") or "") if found else ""

        return extract

    return make


def _newspaper() -> Extract:
    import newspaper  # pyright: ignore[reportMissingImports]

    def extract(markup: str) -> str:
        page = newspaper.Article("https://page.example/", language="en", fetch_images=False)
        page.download(input_html=markup)
        page.parse()
        return page.text

    return extract


def _readability() -> Extract:
    import readability  # pyright: ignore[reportMissingImports]
    from lxml import html

    def extract(markup: str) -> str:
        return html.fromstring(readability.Document(markup).summary()).text_content()

    return extract


def _resiliparse() -> Extract:
    from resiliparse.extract import html2text  # pyright: ignore

    return lambda markup: html2text.extract_plain_text(markup, main_content=True, alt_texts=False)


PAGES: dict[str, Callable[[], Extract]] = {
    "trafilatura": _trafilatura(),
    "trafilatura, precision": _trafilatura(favor_precision=True),
    "trafilatura, recall": _trafilatura(favor_recall=True),
    "trafilatura, fast": _trafilatura(fast=True),
    "newspaper4k": _newspaper,
    "readability-lxml": _readability,
    "resiliparse": _resiliparse,
}
PASTED: dict[str, Callable[[], Extract]] = {"everything kept": lambda: lambda text: text}


# --- the run ----------------------------------------------------------------------------------

Converter = Callable[[Iterable[Document]], Iterable[Article | None]]
"""Our own conversion of documents in their order, None for what is no article."""


def convert(pages: Path, truth: Path, ours: Converter, limit: int = 0) -> list[Score]:
    """Score our conversion and the others on the pages that `truth` names.

    `truth` is JSON lines of `{id, text}`; a page is `<id>.html.gz`, `<id>.html` or `<id>.txt` in
    `pages`. Every extractor runs in a process of its own. Raises UsageError where no page is found.
    """
    rows = [row for _, row in ledger.rows(truth)][: limit or None]
    files = {row["id"]: _page(pages, row["id"]) for row in rows}
    if not rows or None in files.values():
        missing = next((key for key, path in files.items() if path is None), "no rows")
        raise UsageError(f"{pages} has no page for {missing} of {truth}")
    texts = {row["id"]: row["text"] for row in rows}
    origins = {row["id"]: row.get("outlet", "") for row in rows}
    pasted = all(path and path.suffix == ".txt" for path in files.values())

    def documents() -> Iterable[Document]:
        for key, path in files.items():
            assert path is not None
            for document in sources.read(path, Origin(publisher=origins[key])):
                if isinstance(document, Document):
                    yield document

    scores = [_score("onrecord", lambda: _ours(documents, ours), texts)]
    for name, make in (PASTED if pasted else PAGES).items():
        scores.append(_score(name, lambda make=make: _theirs(documents, make), texts))
    return scores


def _page(folder: Path, key: str) -> Path | None:
    names = (folder / f"{key}{end}" for end in (".html.gz", ".html", ".txt"))
    return next((path for path in names if path.exists()), None)


def _ours(documents: Callable[[], Iterable[Document]], ours: Converter) -> tuple[list[str], float]:
    read = list(documents())
    found, spent = _timed(lambda each: list(ours(each)), read)
    return [body_text(article) if article else "" for article in found], spent


def _theirs(
    documents: Callable[[], Iterable[Document]], make: Callable[[], Extract]
) -> tuple[list[str], float]:
    read = [document.text for document in documents()]
    extract = make()

    def whole(texts: list[str]) -> list[str]:
        found = []
        for text in texts:
            try:
                found.append(extract(text))
            except Exception:  # what another extractor cannot take counts as nothing found
                found.append("")
        return found

    return _timed(whole, read)


def _timed(work: Callable[[list[T]], list[R]], read: list[T]) -> tuple[list[R], float]:
    """What the work gives, and the least CPU seconds of `ROUNDS`, models and imports loaded."""
    work(read[:1])
    found, times = [], []
    for _ in range(ROUNDS):
        began = time.process_time()
        found = work(read)
        times.append(time.process_time() - began)
    return found, min(times)


def _score(name: str, work: Callable[[], tuple[list[str], float]], truth: dict[str, str]) -> Score:
    """The score of work that is done in a process of its own, so that memory is its own.

    A row of zeros where the work's package is not installed or its process died.
    """

    def scored() -> tuple[tuple[float, float, float], float]:
        found, spent = work()
        pairs = [overlap(t, f) for t, f in zip(truth.values(), found, strict=True)]
        return means(pairs), len(found) / max(spent, 1e-9)

    try:
        ((precision, recall, f1), rate), memory = alone(scored, forked=True)
    except ImportError:
        return Score(f"{name} (not installed: onrecord[bench])", 0, 0, 0, 0, 0)
    except Died as died:
        return Score(f"{name} ({died})", 0, 0, 0, 0, 0)
    return Score(name, precision, recall, f1, rate, memory)
