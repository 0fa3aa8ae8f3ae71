"""Decoded documents to article records. Pure: a document in, an article or a problem out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from itertools import compress, count, pairwise
from typing import Any, NamedTuple

from onrecord.articles import kinds, notices, pasted
from onrecord.articles.documents import Document
from onrecord.records import Article, Converter, Problem, Removed, Rights
from onrecord.text import NORMALISER, assemble, beyond_ascii, normalise, sha256, slug

VERSION = "19"
"""The converter's version: raised whenever the same source could give another text."""

ID_DIGITS = 12


def convert(document: Document, repeated: Callable[[str], int] = lambda _: 0) -> Article | Problem:
    """The article of one document, rights and story still open, the text there in full.

    `repeated` says how many other articles of the publisher hold a line (`lines.Lines.beside`).

    Problems: `source.kind` where the file is no text and no page, `convert.no-text` where nothing
    that reads like an article is found, `convert.no-article` where all that is found is a notice of
    the house, `convert.several` for a text of several articles.
    """
    fields = document.fields
    own = not document.source.field  # no row of a table
    if own and (other := kinds.other(document.text, html=document.html)):
        return _problem(document, "source.kind", other)
    found = _from_page(document) if document.html else _from_text(document, repeated)
    if isinstance(found, Problem):
        return found
    if not own:
        found = _with_row(found, fields)
    body = [text for role, text, _ in found.paragraphs if role == "body"]
    headline = next((t for role, t, _ in found.paragraphs if role == "headline"), "")
    if notices.is_notice(body, [cut.rule for cut in found.removed], bool(found.authors), headline):
        return _no_article(document)
    text, segments = assemble(found.paragraphs)
    return Article(
        id=article_id(document.publisher, found.url, headline, body[0]),
        headline=headline,
        publisher=document.publisher,
        url=found.url,
        authors=found.authors,
        date_published=found.date,
        language=found.language or detect_language(text),
        section=found.section,
        credit=found.credit,
        dateline=found.dateline,
        rights=Rights(),
        source=document.source,
        removed=found.removed,
        converter=Converter(name=found.converter, version=VERSION, normaliser=NORMALISER),
        review=sorted([*found.review, *document.notes]),
        segments=segments,
        text_sha256=sha256(text),
        text=text,
    )


class _Found(NamedTuple):
    """What a document holds, and what it says of itself ("" where it does not)."""

    paragraphs: list[tuple[str, str, list[int]]]
    removed: list[Removed]
    credit: list[str]
    dateline: str
    authors: list[str]
    date: str
    converter: str
    review: list[str]
    url: str = ""
    section: str = ""
    language: str = ""


def _from_page(document: Document) -> _Found | Problem:
    from onrecord.articles import pages, statements  # a quarter of a second, not for text

    page = pages.read(document.text)
    if page is None or not any(role == "body" for role, _ in page.paragraphs):
        return _no_text(document)
    # What the page says of itself, else where it was fetched from.
    url = page.url or statements.canonical_url(document.fields.get("url", ""))
    return _Found(
        [(role, text, []) for role, text in page.paragraphs],
        [
            Removed(start=start, end=end, reason=pages.REASONS[rule], rule=rule)
            for start, end, rule in page.removed
        ],
        page.credit,
        page.dateline,
        page.authors,
        statements.iso_date(page.date_published),
        "trafilatura",
        ["listing"] if page.listing or statements.is_site(url) else [],
        url,
        page.section,
        page.language,
    )


def _from_text(document: Document, repeated: Callable[[str], int]) -> _Found | Problem:
    parts = pasted.read(document.text, document.fields.get("headline", ""), repeated)
    if not any(role == "body" for role, _, _ in parts.paragraphs):
        return _no_text(document)
    if not document.source.field:
        count, command = kinds.articles(document.text)
        if count > 1:
            return _several(document, count, command)
    return _Found(*parts[:6], "pasted", parts.review)


def _with_row(found: _Found, fields: Mapping[str, str]) -> _Found:
    """With what the row of a table says of its text, where that says nothing (the date in any
    case)."""
    from onrecord.articles import statements

    language = found.language or statements.language({}, {"inLanguage": fields.get("language")})
    stated = fields.get("date_published", "")
    return found._replace(
        url=found.url or statements.canonical_url(fields.get("url", "")),
        authors=found.authors or statements.listed(fields.get("authors", "")),
        language=language,
        date=statements.day_of(stated, language) if stated else found.date,
        section=found.section or normalise(fields.get("section", "")),
    )


def article_id(publisher: str, url: str, headline: str, first_body: str) -> str:
    """Publisher slug, hyphen, 12 hex digits of sha256 over the canonical URL.

    Without a URL the hash is over the headline, a line feed and the first body paragraph.
    """
    key = url or f"{headline}\n{first_body}"
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{slug(publisher)}-{digest[:ID_DIGITS]}"


def _no_text(document: Document) -> Problem:
    return _problem(
        document,
        "convert.no-text",
        "no article found in it; is it a list, a login page or a video page?",
    )


def _no_article(document: Document) -> Problem:
    return _problem(
        document,
        "convert.no-article",
        "it holds only what the house says to its reader (an appeal, a paywall, a cookie notice, "
        "a page that is gone); save or paste it again with the article in it, or leave it out",
    )


def _several(document: Document, count: int, command: str) -> Problem:
    return _problem(
        document,
        "convert.several",
        f"it holds {count:,} articles, as databases export them; make a file of each: {command}",
    )


def _problem(document: Document, rule: str, message: str) -> Problem:
    source = document.source
    return Problem(file=source.file, line=source.row, rule=rule, id="", message=message)


# --- language ---------------------------------------------------------------------------------

ENOUGH = 600
"""Code points that are looked at: more cost time (4,000: 0.9 ms, 600: 0.2 ms), not certainty."""

SURE = 0.9
"""The least probability at which py3langid's answer is taken; below, the language is unknown."""


# fmt: off
ENGLISH = frozenset((
    "the", "and", "that", "with", "said", "have", "has", "were", "this", "from", "which", "they",
    "their", "would", "been", "are", "not", "but", "who", "it", "his", "her", "she", "by", "will",
    "after", "when", "there", "than", "about", "had", "be", "its", "what", "you", "your", "could",
    "says", "into", "because", "can",
))
# fmt: on
"""Words of English that hardly stand in another language."""

ENGLISH_WORDS = 8
ENGLISH_KINDS = 2
ENGLISH_GAP = 22
"""So many words of English, so many of them different, and nowhere more words than this without
one: py3langid then says English, and its model (half a second, 95 MB) need not be loaded.

Measured: 511 of 564 news texts that it calls English are such, and of 5,092 others (German news,
single sentences, messages of programs in 97 languages) none. A quotation leaves a gap before or
behind it: of 7,500 such texts with an English one of 90 to 330 letters in them 19 are.
"""
# What is neither Latin nor a sign; said of the other scripts, it takes `re` ten times as long to
# compile.
_OTHER_SCRIPT = re.compile(r"[^\x00-\u024f\u2000-\u2bff]")


@cache
def identifier() -> Any:
    """The language identifier, its model loaded once."""
    # The model lies in the package; loading it takes 0.3 s, so not at import.
    from py3langid.langid import MODEL_FILE

    from onrecord.articles.language import Identifier

    return Identifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect_language(text: str) -> str:
    """BCP 47 primary tag of the text, "" where the identifier is not sure."""
    text = text[:ENOUGH]
    if reads_english(text):
        return "en"
    language, probability = identifier().classify(text)
    return str(language) if probability >= SURE else ""


def reads_english(text: str) -> bool:
    """Whether words that only English has stand all through a text, in no other script."""
    words = text.lower().split()
    own = list(compress(count(), map(ENGLISH.__contains__, words)))
    if len(own) < ENGLISH_WORDS or len({words[at] for at in own}) < ENGLISH_KINDS:
        return False
    gap = max(after - at for at, after in pairwise([-1, *own, len(words)]))
    return gap <= ENGLISH_GAP + 1 and not _OTHER_SCRIPT.search(beyond_ascii(text))
