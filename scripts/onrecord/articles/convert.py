"""Decoded documents to article records. Pure: a document in, an article or a problem out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import cache
from itertools import compress, count, pairwise
from typing import Any

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
    url = date = language = ""
    if document.html:
        from onrecord.articles import pages, statements  # a quarter of a second, not for text

        page = pages.read(document.text)
        if page is None or not any(role == "body" for role, _ in page.paragraphs):
            return _no_text(document)
        paragraphs = [(role, text, []) for role, text in page.paragraphs]
        removed = [
            Removed(start=start, end=end, reason=pages.REASONS[rule], rule=rule)
            for start, end, rule in page.removed
        ]
        credit, dateline, authors = page[1:4]
        date = statements.iso_date(page.date_published)
        # What the page says of itself, else where it was fetched from.
        url = page.url or statements.canonical_url(fields.get("url", ""))
        section, language = page.section, page.language
        listing = page.listing or statements.is_site(url)
        name, review = "trafilatura", ["listing"] if listing else []
    else:
        parts = pasted.read(document.text, fields.get("headline", ""), repeated)
        if not any(role == "body" for role, _, _ in parts.paragraphs):
            return _no_text(document)
        paragraphs, removed, credit, dateline = parts[:4]
        # An export has an imprint with each article, and most texts that are pasted have none.
        if own and "imprint" in parts.review and (count := kinds.articles(document.text)) > 1:
            return _several(document, count)
        authors, date, section = parts.authors, parts.date_published, ""
        name, review = "pasted", parts.review
    if not own:
        from onrecord.articles import statements

        url = url or statements.canonical_url(fields.get("url", ""))
        authors = authors or statements.listed(fields.get("authors", ""))
        language = language or statements.language({}, {"inLanguage": fields.get("language")})
        if stated := fields.get("date_published", ""):
            date = statements.day_of(stated, language)
        section = section or normalise(fields.get("section", ""))
    body = [text for role, text, _ in paragraphs if role == "body"]
    headline = next((t for role, t, _ in paragraphs if role == "headline"), "")
    if notices.is_notice(body, [cut.rule for cut in removed], bool(authors), headline):
        return _no_article(document)
    text, segments = assemble(paragraphs)
    return Article(
        id=article_id(document.publisher, url, headline, body[0]),
        headline=headline,
        publisher=document.publisher,
        url=url,
        authors=authors,
        date_published=date,
        language=language or detect_language(text),
        section=section,
        credit=credit,
        dateline=dateline,
        rights=Rights(),
        source=document.source,
        removed=removed,
        converter=Converter(name=name, version=VERSION, normaliser=NORMALISER),
        review=sorted([*review, *document.notes]),
        segments=segments,
        text_sha256=sha256(text),
        text=text,
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


def _several(document: Document, count: int) -> Problem:
    return _problem(
        document,
        "convert.several",
        f"it holds {count:,} articles, as databases export them; make a file of each (`csplit`)",
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
