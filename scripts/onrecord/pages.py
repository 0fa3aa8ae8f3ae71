"""Pages: the article in HTML, by trafilatura, with what it drops put back.

trafilatura (https://trafilatura.readthedocs.io) decides what is text. Captions, which it leaves
out, come from the page's own figures; metadata from JSON-LD first, then from trafilatura.
"""

from __future__ import annotations

import html as html_entities
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

import orjson
import trafilatura
from courlan import normalize_url
from lxml import html as lxml_html

from onrecord import bylines, lexicon
from onrecord.text import normalise


class Page(NamedTuple):
    """What a page holds. `paragraphs` are `(role, text in normal form)` in page order."""

    paragraphs: list[tuple[str, str]]
    credit: list[str]
    dateline: str
    authors: list[str]
    date_published: str
    url: str
    section: str
    language: str


MAX_ASIDE = 1500
"""Code points: an element with more text than this is never dropped for its class."""

NEWS_TYPES = {"NewsArticle", "Article", "ReportageNewsArticle", "BlogPosting", "LiveBlogPosting"}
_MARKS = re.compile(r"""^[\s"'“”‘’«»]+|[\s"'“”‘’«».,]+$""")
_CREDIT_CLASS = re.compile(r"credit|source|copyright|photographer|byline", re.I)
_DECK_CLASS = re.compile(
    r"\b(deck|dek|standfirst|subtitle|sub-?headline|summary|lead-?in|intro)\b", re.I
)
# What a news page sets between its paragraphs without its being the story.
_ASIDE_CLASS = re.compile(
    r"pull-?quote|newsletter|sign-?up|related|read-?more|promo|author-?bio|\bbio\b|keywords|\btags?\b"
    r"|share|advert|\bcomments?\b|\bby(line)?\b|\bdate(line)?\b|\btime(stamp)?\b",
    re.I,
)


def read(markup: str) -> Page | None:
    """The article of a page, or None where trafilatura finds no text in it."""
    tree = _tree(markup)
    if tree is None:
        return None
    _drop_asides(tree)
    document = trafilatura.bare_extraction(
        lxml_html.tostring(tree, encoding="unicode"),
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        # Dates are taken where the page states them, never searched for in its text.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    if document is None or isinstance(document, dict) or document.body is None:
        return None
    stated = next(_json_ld(markup), {})
    headline = normalise(
        html_entities.unescape(_string(stated.get("headline"))) or _h1(tree) or document.title or ""
    )
    body = _story(
        (role, text)
        for role, text in _body(document.body)
        if text and text.casefold() != headline.casefold()
    )
    deck = _deck(tree)
    body = [(role, text) for role, text in body if text != deck]
    dateline = ""
    for i, (role, text) in enumerate(body):
        if role == "body":
            dateline, rest = bylines.split_dateline(text)
            body[i] = (role, rest)
            break
    captions = _captions(tree)
    paragraphs = [("headline", headline)] if headline else []
    if deck:
        paragraphs.append(("deck", deck))
    paragraphs += _with_captions(tree, body, captions)
    authors = [
        _string(a.get("name") if isinstance(a, dict) else a) for a in _list(stated.get("author"))
    ]
    return Page(
        paragraphs,
        [credit for _, _, credit in captions if credit],
        dateline,
        [normalise(a) for a in authors if a] or _authors(document.author),
        iso_date(_string(stated.get("datePublished"))) or iso_date(document.date or ""),
        canonical_url(_first(tree, "//link[@rel='canonical']/@href") or _string(stated.get("url")))
        or canonical_url(_first(tree, "//meta[@property='og:url']/@content")),
        normalise(_string((_list(stated.get("articleSection")) or [""])[0])),
        (_first(tree, "/html/@lang") or _string(stated.get("inLanguage")))
        .strip()
        .partition("-")[0]
        .lower(),
    )


def canonical_url(url: str) -> str:
    """A web address without tracking parameters, fragment, doubled slashes; "" if it is none."""
    url = url.strip()
    if not re.match(r"https?://[^/\s]+", url, re.I):
        return ""
    return normalize_url(url.partition("#")[0])


# --- the parts --------------------------------------------------------------------------------


def _tree(markup: str) -> Any:
    try:
        # An XML declaration with an encoding makes lxml refuse a string.
        return lxml_html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", markup))
    except (ValueError, lxml_html.etree.ParserError):
        return None


def _drop_asides(tree: Any) -> None:
    for node in tree.xpath("//body//*[@class or @data-module]"):
        label = f"{node.get('class', '')} {node.get('data-module', '')}"
        # A whole page may carry such a class: only what is small beside an article goes.
        small = len(node.text_content()) < MAX_ASIDE and node.tag not in ("article", "main")
        if small and _ASIDE_CLASS.search(label):
            node.drop_tree()


def _body(body: Any) -> Iterator[tuple[str, str]]:
    for node in body.iter("head", "p", "quote", "item", "ab"):
        if any(parent.tag in ("quote", "item", "p") for parent in node.iterancestors()):
            continue
        inner = node.findall(".//p") if node.tag == "quote" else []
        for part in inner or [node]:
            role = "subhead" if part.tag == "head" else "body"
            yield role, normalise("".join(part.itertext()))


def _story(paragraphs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """The paragraphs without what pasted text would lose too, and without pull quotes."""
    kept = [(r, t) for r, t in paragraphs if not lexicon.is_page_line(t)]
    first = next((i for i, (_, t) in enumerate(kept) if lexicon.is_prose(t)), 0)
    kept = [(r, t) for i, (r, t) in enumerate(kept) if i >= first]
    while kept and kept[-1][0] == "subhead":
        kept.pop()
    # A pull quote says again, alone, what a paragraph says.
    bare = [_MARKS.sub("", t) for _, t in kept]
    return [
        (r, t)
        for i, (r, t) in enumerate(kept)
        if not (len(bare[i].split()) >= 3 and any(bare[i] in o for o in bare if o != bare[i]))
        or r == "subhead"
    ]


def _h1(tree: Any) -> str:
    return next((text for h in tree.iter("h1") if (text := normalise(h.text_content()))), "")


def _deck(tree: Any) -> str:
    for node in tree.xpath(
        "//article//p[@class]|//main//p[@class]|//header//p[@class]|//h2[@class]"
    ):
        if _DECK_CLASS.search(node.get("class")):
            return normalise(node.text_content())
    return ""


def _captions(tree: Any) -> list[tuple[Any, str, str]]:
    """`(figcaption, caption, credit)` of the article's figures."""
    found = []
    for node in tree.xpath("//article//figcaption|//main//figcaption"):
        credit = ""
        for part in node.iterdescendants():
            if part.tag == "small" or _CREDIT_CLASS.search(part.get("class") or ""):
                credit = normalise(part.text_content())
                break
        caption = normalise(node.text_content())
        if credit and caption.endswith(credit):
            caption = caption.removesuffix(credit).strip()
        stripped = bylines.split_credit(credit)
        if caption:
            found.append((node, caption, stripped or credit))
    return found


def _with_captions(
    tree: Any, body: list[tuple[str, str]], captions: list[tuple[Any, str, str]]
) -> list[tuple[str, str]]:
    """The captions before the paragraph that follows them in the page."""
    if not captions:
        return body
    nodes = {id(node): caption for node, caption, _ in captions}
    texts = {text for _, text in body}
    before: dict[str, list[str]] = {}
    waiting: list[str] = []
    for node in tree.iter():
        if id(node) in nodes:
            waiting.append(nodes[id(node)])
        elif waiting and node.tag in ("p", "h2", "h3", "li", "blockquote"):
            # A dateline was cut from the first paragraph, so its end decides.
            text = normalise(node.text_content())
            if found := next((t for t in texts if text and text.endswith(t)), ""):
                before.setdefault(found, []).extend(waiting)
                waiting = []
    seen: set[str] = set()
    placed: list[tuple[str, str]] = []
    for role, text in body:
        placed += [("caption", c) for c in (before.get(text, []) if text not in seen else [])]
        placed.append((role, text))
        seen.add(text)
    captioned = {text for _, text, _ in captions}
    rest = [("caption", caption) for caption in waiting]
    return [(r, t) for r, t in placed if r == "caption" or t not in captioned] + rest


def _json_ld(markup: str) -> Iterator[dict[str, Any]]:
    for match in re.finditer(r"(?is)<script[^>]*application/ld\+json[^>]*>(.*?)</script>", markup):
        try:
            data = orjson.loads(match[1])
        except orjson.JSONDecodeError:
            continue
        nodes = _list(data)
        for node in nodes:
            if isinstance(node, dict):
                nodes.extend(_list(node.get("@graph")))
                if NEWS_TYPES & {str(kind) for kind in _list(node.get("@type"))}:
                    yield node


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _first(tree: Any, path: str) -> str:
    return next((str(value) for value in tree.xpath(path)), "")


def _authors(author: str | None) -> list[str]:
    return [name for part in (author or "").split(";") for name in bylines.names(part)]


def iso_date(value: str) -> str:
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return ""
