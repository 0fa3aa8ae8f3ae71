"""What a page states about its article: headline, day, authors, address, language.

JSON-LD, then meta elements, then the elements around the headline. Whatever is not stated stays
empty.
"""

from __future__ import annotations

import html as html_entities
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import orjson
from lxml.etree import XPath

from onrecord.articles import bylines, dates, elements, sentences
from onrecord.text import normalise

_NEWS_TYPE = re.compile(r"(Article|BlogPosting|LiveBlogPosting|Report)$")

NAME_CLASS = re.compile(
    r"byline|author|(?<![a-z])(story|post(ed)?|article|written)?[-_]?by(?![a-z])", re.I
)
_MAIL = re.compile(r"(?<!\S)\S+@[^\s@]+\.\w+")
_UPDATE = re.compile(r"updat|modif|revis", re.I)


_ARCHIVED = re.compile(r"https?://[^?#]*/web/\d{4,14}(?:[a-z]{2}_)?/(?=https?://)", re.I)


def canonical_url(url: str) -> str:
    """A web address without tracking parameters, fragment, doubled slashes; "" if it is none.

    Of a page in an archive of the web it is that of the page itself.
    """
    url = _ARCHIVED.sub("", url.strip())
    if not re.match(r"https?://[^/\s]+", url, re.I):
        return ""
    from courlan import normalize_url

    return normalize_url(url.partition("#")[0])


def is_site(url: str) -> bool:
    """Whether an address is that of a site, and so of its front page."""
    return re.fullmatch(r"https?://[^/?]+/?", url) is not None


def json_ld(tree: Any) -> dict[str, Any]:
    """What the page's JSON-LD says about its article, {} where it says nothing.

    Of several articles that is the first one whose headline the title of the page holds.
    """
    found: list[dict[str, Any]] = []
    other: dict[str, Any] = {}
    for script in tree.iter("script"):
        if "ld+json" not in script.get("type", "") or not script.text:
            continue
        nodes = _list(_json(script.text))
        for node in nodes:
            if isinstance(node, dict):
                nodes.extend(_list(node.get("@graph")))
                nodes.extend(_list(node.get("mainEntity")))
                if any(_NEWS_TYPE.search(str(kind)) for kind in _list(node.get("@type"))):
                    found.append(node | {"author": _in_full(node.get("author"), nodes)})
                if not other and node.get("datePublished") and node.get("author"):
                    other = node
    if len(found) > 1 and (whole := next(tree.iter("title"), None)) is not None:
        title = _key(elements.text(whole))
        named = ((_key(html_entities.unescape(first_string(n.get("headline")))), n) for n in found)
        found = [node for key, node in named if key and key in title] or found
    return found[0] if found else other


def _in_full(authors: Any, nodes: list[Any]) -> list[Any]:
    """The authors of an article; one that is only pointed at is looked up among the nodes."""
    known = {str(node["@id"]): node for node in nodes if isinstance(node, dict) and "@id" in node}
    return [
        known.get(str(author.get("@id")), author)
        if isinstance(author, dict) and "name" not in author
        else author
        for author in _list(authors)
    ]


_BROKEN = re.compile(
    r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)?[\s;]*$|,(?=\s*[}\]])"
)


def _json(text: str) -> Any:
    """JSON, or what pages write for it: raw line feeds, trailing commas, comments, entities."""
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    if '"' not in text:
        text = html_entities.unescape(text)
    try:
        return json.loads(_BROKEN.sub("", text), strict=False)
    except (ValueError, RecursionError):
        pass
    if not re.search(r'"@type"\s*:\s*"\w*Article"', text):
        return None
    fields = re.findall(
        r'"(headline|datePublished|articleSection)"\s*:\s*"((?:[^"\\\n]|\\.)*)"', text
    )
    return {"@type": "Article", **dict(reversed(fields))}


def meta(tree: Any) -> dict[str, str]:
    """Name, property or itemprop in lower case -> the first content with it."""
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        content = node.get("content")
        if content:
            for key in ("property", "name", "itemprop"):
                if name := node.get(key):
                    found.setdefault(name.lower(), normalise(content))
    return found


def headline(tree: Any, stated: dict[str, Any], meta: dict[str, str], url: str) -> tuple[Any, str]:
    """The headline, and the h1 that shows it if one does.

    What readers see comes first: an h1 that JSON-LD or the title confirm, or the only one.
    """
    whole = next(tree.iter("title"), None)
    said = [
        text
        for text in (
            normalise(html_entities.unescape(first_string(stated.get("headline")))),
            meta.get("og:title", ""),
            elements.text(whole) if whole is not None else "",
        )
        if text
    ]
    homes = {_key(elements.text(link)) for link in tree.iter("a") if _is_home(link)}
    names = {_key(meta.get("og:site_name", "")), *homes, *_host_names(url)} - {""}
    # A page may state its own title for the name of the site.
    titles = [_key(text) for text in said]
    sites = homes | {name for name in names if not any(t.startswith(name) for t in titles)}
    shown = [
        (node, text)
        for node in tree.iter("h1")
        if (text := _title(node)) and _key(text) not in sites and not _is_logo(node)
    ]
    below = ((node, _title(node)) for node in tree.iter("h2"))
    for node, text in (*shown, *below):
        if _key(text) in sites:
            continue
        for title in said:
            long, short = sorted((title.casefold(), text.casefold()), key=len, reverse=True)
            # Either may have the name of the site or of a section around it.
            confirmed = len(short.split()) > 2 and short in long
            if confirmed or text.casefold() in (title.casefold(), _without_site(title, names)):
                return node, _without_site(plain(node, text, title), names)
    if len(shown) == 1 and len(shown[0][1].split()) > 3:
        return shown[0]
    if said:
        return (shown[0][0] if shown else None), _without_site(said[0], names)
    return shown[0] if shown else (None, "")


_KICKER_CLASS = re.compile(
    r"(?<![a-z])(kicker|overline|eyebrow|topline|dachzeile|spitzmarke|ante-?titulo|sur-?titre)(?![a-z])"
    r"|[a-z](Kicker|Overline|Eyebrow|Topline)(?![a-z])"
)


def _title(node: Any) -> str:
    """What a heading says, its lines in one, without a kicker that stands in it."""
    if not len(node):
        return elements.text(node)
    lines = elements.text_lines(node)
    first = node[0] if len(lines) > 1 else node
    kicker = _KICKER_CLASS.search(first.get("class", "")) and lines[0] == elements.text(first)
    return " ".join(lines[1:] if kicker else lines)


_SET_OFF = re.compile(r"\s*(?:[|·:»«–—/-].*|.*[|·:»«–—/-])?\s*", re.S)


def plain(node: Any, shown: str, stated: str) -> str:
    """Of a heading and a stated title, of which one may hold the other, what has no name around it.

    A title for networks may be the heading cut short: what it lacks counts as a name of a site or
    a section only where a mark sets it off, or the rest stands in an element of its own.
    """
    if len(shown) <= len(stated):
        return shown
    if any(elements.text(part).casefold() == stated.casefold() for part in node.iterdescendants()):
        return stated
    before, _, after = shown.casefold().partition(stated.casefold())
    apart = all(_SET_OFF.fullmatch(beside) for beside in (before, after))
    return stated if apart else shown


_SITE_BESIDE = re.compile(r"(?P<title>.*\S)\s+[|·»«–—-]\s+(?P<site>\S.*)$")


def _without_site(title: str, names: set[str]) -> str:
    """A title without the name of its site behind it."""
    match = _SITE_BESIDE.match(title)
    return match["title"] if match and _key(match["site"]) in names else title


def _key(name: str) -> str:
    """The letters and digits of a name."""
    return "".join(filter(str.isalnum, name.casefold()))


def _host_names(url: str) -> set[str]:
    """What a site may be called after its address: with and without what stands behind the dot."""
    host = re.match(r"https?://(?:www\.)?([^/?#:]+)", url)
    return {_key(host[1]), _key(host[1].rpartition(".")[0])} if host else set()


_HOME = re.compile(r"(?:https?:)?//[^/?#]+/?$|\.?/$", re.I)


def _is_home(link: Any) -> bool:
    """Whether a link leads to the first page of a site."""
    return bool(_HOME.match(link.get("href", "").strip()))


def _is_logo(heading: Any) -> bool:
    """Whether a heading is the name of the site, which leads to its first page."""
    return any(map(_is_home, [*heading.iter("a"), *heading.iterancestors("a")]))


_TITLED = XPath(
    ".//body//*[self::div or self::p or self::span or self::strong or self::b or self::td"
    " or self::h3 or self::h4][not(*) and string-length(normalize-space()) > 7]"
)
LONG_TITLE = 300
"""Code points: no headline is longer."""


def shown(tree: Any, headline: str) -> Any:
    """The element that shows a headline which no h1 or h2 does, None where none is all of it."""
    said = headline.casefold()
    for node in _TITLED(tree) if said else ():
        if len(node.text or "") > LONG_TITLE:
            continue
        text = elements.text(node).casefold()
        # The title of a page may have a section and the name of the site around it.
        if (said.startswith(text) or said.endswith(text)) and 2 * len(text) >= len(said):
            return node
    return None


_DATE_META = (
    "article:published_time", "og:published_time", "article:published", "datepublished",
    "pubdate", "pub_date", "publishdate", "publish-date", "publish_date", "publication_date",
    "publication-date", "article.published", "date_published", "firstpublishedtime",
    "bt:pubdate", "cxenseparse:recs:publishtime", "shareaholic:article_published_time",
    "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.date", "date"
)  # fmt: skip
LONG_DATE = 80
"""Code points: a longer line says more than a day."""
_PRINTED = XPath("//text()[contains(., 'rinted from')]")
_PRINTED_FROM = re.compile(r"\bprinted from:? (https?://\S+)", re.I)
_READING = re.compile(r"(?<!\W)\W*(?<!\d)\d+ ?-?min(ute)?s?( read)?$", re.I)
_CALLED = XPath(
    ".//body//*[@class or @itemprop or @rel]"
    "[not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::li)]"
)
# As blogs call it: `published` of a microformat, `entry-date`, `submitted`.
_PUBLISHED_CLASS = re.compile(
    r"(?<![a-z])(?:published|pub(?:lish|lication)?[-_]?(?:date|time)|date[-_]?published"
    r"|(?:entry|post|article|story)[-_]?(?:date|time)|submitted)(?![a-z])"
)
_AUTHOR_CLASS = re.compile(
    r"(?:^|\s)(?:(?:entry|post|article|story)[-_]{0,2})?(?:author|byline)(?:[-_]{1,2}name)?(?:\s|$)"
)
_URL_DAY = re.compile(r"/(\d{4})[/-](\d{2})[/-](\d{2})(?![\w])")


def published(
    stated: dict[str, Any], meta: dict[str, str], tree: Any, top: list[Any], url: str
) -> str:
    """The day of publication as YYYY-MM-DD, "" where the page does not state it."""
    times = [
        (node, when)
        for node in tree.iter("time")
        if (when := node.get("datetime")) and not _is_update(node)
    ]
    for value in (first_string(stated.get("datePublished")), *map(meta.get, _DATE_META)):
        if value and (day := _day(value)):
            # The same moment as readers were shown it, in the paper's own time.
            shown = (_same_moment(value, when, node.text or "") for node, when in times)
            return next(filter(None, shown), day)
    head = list(until_prose(top))
    marked = [
        when
        for node, when in times
        if node.get("itemprop") == "datePublished" or node.get("pubdate") is not None
    ]
    near = [when for node, when in times if node in head]
    for value in (*marked, *near):
        if day := _day(value):
            return day
    spoken = language(tree, stated)
    for line in (line for node in head if len(node) < 4 for line in elements.text_lines(node)):
        match = dates.DATE_LINE.match(_READING.sub("", line))
        if match and not _UPDATE.search(match["label"] or ""):
            return dates.iso_date(match)
        if len(line) < LONG_DATE and (day := dates.day_elsewhere(line, spoken)):
            return day
        signed = len(line) < LONG_DATE and any(map(BYLINE.match, _FIELDS.split(line)))
        if signed and (day := dates.day_within(line, spoken)):
            return day
    match = _URL_DAY.search(url)
    day = iso_date("-".join(match.groups())) if match else ""
    return day or _called_published(tree, spoken)


def _called_published(tree: Any, spoken: str) -> str:
    """The day in the elements that say they hold it, "" where they hold several.

    Such a line may stand above the headline or under the text; cards of other stories have
    some too. What it states for machines may be the day where readers see the hour alone.
    """
    days: set[str] = set()
    for node in _CALLED(tree):
        called = node.get("itemprop") == "datePublished"
        if called or _PUBLISHED_CLASS.search(node.get("class", "").lower()):
            line = elements.text(node)
            if len(line) < LONG_DATE and not _UPDATE.search(line):
                stated = next(filter(None, map(node.get, ("datetime", "content", "title"))), "")
                days.add(_day(stated) or dates.day_within(line, spoken))
    days.discard("")
    return days.pop() if len(days) == 1 else ""


def until_prose(nodes: list[Any]) -> Iterator[Any]:
    """The elements up to the second paragraph of running text: the first may be the deck."""
    prose = 0
    for node in nodes:
        prose += node.tag == "p" and sentences.is_prose(elements.text(node))
        if prose > 1:
            return
        yield node


def _is_update(node: Any) -> bool:
    # A line may give the day of publication first, and that of its last change behind it.
    text = dates.DATE.split(node.text or "", maxsplit=1)[0]
    said = (node.get("class"), node.get("itemprop"), text, node.getparent().text)
    return "publ" not in str(node.get("class")) and bool(
        _UPDATE.search(" ".join(filter(None, said)))
    )


def _moment(value: str) -> datetime | None:
    value = re.sub(r"\.\d+", "", value.strip())
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _same_moment(value: str, shown: str, said: str) -> str:
    """The day of `shown` if it is the moment `value`, told on another clock.

    `said` is what readers see of it: a day beside that of the moment is the paper's own.
    """
    stated, local = _moment(value), _moment(shown)
    if stated is None or local is None or stated.tzinfo is None or len(shown) < 16:
        return ""
    away = local - stated if local.tzinfo else local - stated.astimezone(UTC).replace(tzinfo=None)
    seconds = away.total_seconds()
    same = seconds == 0 if local.tzinfo else seconds % 1800 == 0 and abs(seconds) <= 14 * 3600
    if not same:
        return ""
    day = local.date()
    match = dates.DATE.search(said)
    own = dates.iso_date(match) if match else ""
    return own if own and abs((date.fromisoformat(own) - day).days) == 1 else day.isoformat()


_EPOCH = re.compile(r"(1[0-8]\d{8}|\d{9})(?:\.\d+|\d{3})?")
"""Seconds since 1970, or thousandths of them, up to 2030: more may be a day and an hour."""


def day_of(value: str, language: str) -> str:
    """The day in a column as YYYY-MM-DD, "" for none; of seconds since 1970 it is that in UTC.

    Which of two figures is the month depends on the language, as in `dates.day_elsewhere`.
    """
    value = value.strip()
    if moment := _EPOCH.fullmatch(value):
        return datetime.fromtimestamp(int(moment[1]), UTC).date().isoformat()
    return iso_date(value) or dates.day_within(value, language or "en")


def _day(value: str) -> str:
    return iso_date(value.strip()) or dates.day_within(value, "en")


def authors(stated: dict[str, Any], meta: dict[str, str], tree: Any, top: list[Any]) -> list[str]:
    """The authors as stated: the people if there are any, and not the site itself."""
    authors = [a if isinstance(a, dict) else {"name": a} for a in _list(stated.get("author"))]
    site = _sites(stated, meta)
    people = [a for a in authors if "Organization" not in str(a.get("@type"))]
    others = [a for a in authors if a not in people and first_string(a.get("name")) not in site]
    for group in (people, others):
        if found := _names(filter(None, (string(n) for a in group for n in _list(a.get("name"))))):
            return found
    if found := _names(
        meta.get(key, "") for key in ("author", "sailthru.author", "parsely-author")
    ) or [n for n in _names([meta.get("article:author", "")]) if n not in site]:
        return found
    if found := _beside(top, language(tree, stated)):
        return found
    named = [
        node
        for node in top
        if (node.get("rel") == "author" or NAME_CLASS.search(node.get("class", "")))
        and not _is_in_figure(node)
    ]
    for node in named:
        # A link within the page leads to a part of it.
        links = (link for link in node.iter("a") if not link.get("href", "").startswith("#"))
        parts = list(links) if len(node) else [node]
        if found := _seen(elements.text(part) for part in parts if len(part) < 2):
            return found
    near = (found for node in named if (found := _seen(elements.text_lines(node))))
    return (
        next(near, [])
        or _called_authors(tree)
        or _signed(top)
        or _names([meta.get("dc.creator", "")])
    )


def _sites(stated: dict[str, Any], meta: dict[str, str]) -> set[str]:
    """What a page calls its site."""
    publisher = next((p for p in _list(stated.get("publisher")) if isinstance(p, dict)), {})
    return {meta.get("og:site_name", ""), first_string(publisher.get("name"))}


def _is_in_figure(node: Any) -> bool:
    return any(above.tag in ("figure", "figcaption") for above in node.iterancestors())


def _seen(lines: Iterable[str]) -> list[str]:
    """The names in lines that readers see, without the day and what to press beside them."""
    return [name for name in _names(map(_undated, lines)) if bylines.is_name(name)]


def _undated(line: str) -> str:
    """A line as far as the day in it."""
    match = dates.DATE.search(line)
    return line[: match.start()] if match else line


_ALSO = re.compile(r"(?:,|&|,? ?and)$")


def _beside(top: list[Any], spoken: str) -> list[str]:
    """The names that stand, each alone, behind a `By` of its own or right above the day.

    What their bearer does for the paper may stand between.
    """
    lines = list(_pieces(node for node in until_prose(top) if not _is_in_figure(node)))
    for i, line in enumerate(lines):
        if not bylines.is_alone(line):
            continue
        found = [line]
        end = i + 1
        while _ALSO.match("".join(lines[end : end + 1])) and bylines.is_alone(
            "".join(lines[end + 1 : end + 2])
        ):
            found.append(lines[end + 1])
            end += 2
        post = bool(bylines.WRITER_WORD.search("".join(lines[end : end + 1]).lower()))
        below = "".join(lines[end + post : end + post + 1])
        by = i > 0 and bylines.BYLINE_LABEL.match(lines[i - 1])
        if by or (len(below) < LONG_DATE and dates.day_within(below, spoken)):
            return found
    return []


def _pieces(nodes: Iterable[Any]) -> Iterator[str]:
    """What elements say themselves, before, between and behind the others, in page order."""
    around: list[Any] = []
    for node in nodes:
        while around and around[-1] is not node.getparent():
            yield from _said(around.pop().tail)
        yield from _said(node.text)
        around.append(node)


def _said(text: str | None) -> list[str]:
    return [said] if text and (said := normalise(text)) else []


_ITEM = re.compile(r"""'([^']+)'|"([^"]+)\"""")
_NOBODY = frozenset(("nan", "none", "null", "n/a", "[]"))
"""What tables have for no value."""


def listed(value: str) -> list[str]:
    """The authors in a column: names between semicolons, commas or bars, or a list in brackets.

    A comma between two single words parts the last name of one person from the first.
    """
    value = value.strip()
    if value.casefold() in _NOBODY:
        return []
    if value.startswith("[") and value.endswith("]"):
        value = (
            "; ".join(single or double for single, double in _ITEM.findall(value)) or value[1:-1]
        )
    found = _names(map(_in_order, re.split(r"[;|\n]", value)))
    people = [name for name in found if not bylines.NO_NAME.search(name)]
    return people or found


_TURNED = re.compile(r"(?P<last>[^\W\d_][\w.’'-]+), (?P<first>[^\W\d_][\w’'-]*\.?)")


def _in_order(name: str) -> str:
    """`Ada Bell` for `Bell, Ada`, anything else as it is: what is all capitals may be an agency."""
    turned = _TURNED.fullmatch(normalise(name))
    if not turned or bylines.NO_NAME.search(name):
        return name
    last, first = turned.groups()
    capitals = last.isupper() or (first.isupper() and len(first.rstrip(".")) > 1)
    return f"{first} {last}" if last[0].isupper() and first[0].isupper() and not capitals else name


_WORD = r"[A-ZÀ-Þ](?:[^\W\d]|[.'’-])+"
_NAME = rf"{_WORD}(?: {_WORD}){{1,3}}"
_WORK = (
    "posted|submitted|written|published|words|text|story"
    "|(?:photos?|photographs|photography|pictures) and (?:words|text|story)"
    "|(?:words|text|story) and (?:photos?|photographs|photography|pictures)"
)
BYLINE = re.compile(
    rf"(?i:(?:(?:{_WORK}) )?by:?) "
    rf"(?P<who>{_NAME}(?: and {_NAME})?)"
    r"(?=$|\W*\d|\s*[|,·•(–—-]| (?:on|in|at|for)\b)"
)
"""A line that begins with who wrote the text, by whole names."""

_FIELDS = re.compile(r"\s+[|•·]\s+")
"""What parts the day, the byline and other things that stand in one line."""


def _signed(top: list[Any]) -> list[str]:
    """The names in the first line behind the headline that begins as a byline does."""
    running = 0
    for node in top:
        length = len(node.text_content()) if len(node) < 4 else LONG_BYLINE
        running += node.tag == "p" and length > elements.RUNNING
        if running > 1:  # the first may be the deck
            return []
        for line in elements.text_lines(node) if length < LONG_BYLINE else ():
            fields = _FIELDS.split(_undated(line)) if len(line) < LONG_DATE else ()
            match = next(filter(None, map(BYLINE.match, fields)), None)
            if match and all(map(bylines.is_name, found := bylines.names(match["who"]))):
                return found
    return []


LONG_BYLINE = 200
"""Code points: an element that says more is no byline, whatever blanks are in it."""


def _called_authors(tree: Any) -> list[str]:
    """The names in the elements that say they hold the author's, [] where they hold others too.

    Such a line may stand above the headline or under the text; cards of other stories and
    readers' comments have some too.
    """
    said: list[list[str]] = []
    for node in _CALLED(tree):
        if (
            node.get("rel") == "author"
            or node.get("itemprop") == "author"
            or _AUTHOR_CLASS.search(node.get("class", ""))
        ):
            found = _seen(elements.text_lines(node))
            said += [found] if found else []
    return said[0] if said and all(found == said[0] for found in said) else []


_BY = re.compile(
    rf"^(?:(?i:(?:(?:{_WORK}) )?by|from|view all posts by|(?:interview|words|text|story):)\s+"
    r"|(?i:por|par|von|door)\s+(?=[A-ZÀ-Þ][\w'’-]+\s+[A-ZÀ-Þ]))"
)
_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w.'’-]+( [\w.'’-]+){1,3}$")


# An address, a day of the week, a label, and who a system is set up by.
_NO_NAME = re.compile(
    r"[@/:]|\bwww\.|(?i:^(?:(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun)(?:day)?$"
    r"|(?:super ?user|user ?admin|admin(?:istrator)?|e-?mail)$"
    r"|(?:created|updated|posted|published|written|mail) "
    r"|(?:photo(?:graph(?:y|s)?|s)?|pictures?|images?|illustrations?|graphics?|artwork) by\b)"
    r"|\bby$)"
)


_FROM = re.compile(r"(?<=\w) in [^\W\d_a-z][\w’'. -]*$")
"""From where somebody wrote, behind the name."""


def _names(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        line = html_entities.unescape(line)
        line = _BY.sub("", _MAIL.sub("", normalise(line)).strip())
        if len(line) > 150 or bylines.is_post(line):
            continue
        line = bylines.without_post(line)
        # No name holds a digit or an address; a line break before them leaves no blank.
        line = re.split(r"\d|\S+@", line)[0].strip()
        line = re.split(r"\s*[|•·]\s*", line)[0]
        parts = re.split(r"\s*[;,]\s*", line)
        several = len(parts) > 1 and all(_FULL_NAME.match(part) for part in parts)
        for name in parts if several else bylines.names(line):
            name = _FROM.sub("", name.rstrip(":"))
            plausible = re.match(r"[^\W\d_]", name) and len(name.split()) < 6
            if plausible and not _NO_NAME.search(name) and name not in found:
                found.append(name)
    return found


_SAVED = re.compile(
    r"<!--\s*(?:saved from url=\(\d+\)|Page saved with SingleFile\s+url: ?)(https?://\S+?)(?:-->|\s)"
)


def saved_from(markup: str) -> str:
    """The address from which a browser says in a comment that it saved a page, "" for none."""
    match = _SAVED.search(markup, 0, SAVED_WITHIN)
    return canonical_url(match[1]) if match else ""


SAVED_WITHIN = 2000
"""Code points from the beginning within which the comment stands."""


def url(tree: Any, stated: dict[str, Any], meta: dict[str, str]) -> str:
    """The canonical address that the page states, "" where it states none."""
    links = (n for n in tree.iter("link") if "canonical" in n.get("rel", "").lower().split())
    link = next((n.get("href", "") for n in links), "")
    return (
        canonical_url(link or first_string(stated.get("url")))
        or canonical_url(meta.get("og:url", ""))
        or next((canonical_url(match[1]) for match in _printed(tree)), "")
    )


def section(stated: dict[str, Any], meta: dict[str, str]) -> str:
    """The section as stated, "" where none is, or only the site itself."""
    said = (first_string(stated.get("articleSection")), meta.get("article:section", ""))
    sites = _sites(stated, meta)
    named = (normalise(html_entities.unescape(name)) for name in said)
    return next((name for name in named if name and name not in sites), "")


def _printed(tree: Any) -> Iterator[re.Match[str]]:
    """Where a printed page says what address it was printed from."""
    for text in _PRINTED(tree):
        if match := _PRINTED_FROM.search(text):
            yield match


def language(tree: Any, stated: dict[str, Any]) -> str:
    """The primary tag of the language that the page states, "" where it states none."""
    said = tree.get("lang") or first_string(stated.get("inLanguage"))
    match = re.match(r"\s*([a-z]{2,3})(?![a-z])", said.lower())
    return match[1] if match and match[1] not in _NO_LANGUAGE else ""


_NO_LANGUAGE = frozenset(("und", "mul", "zxx", "mis", "xx", "zz"))
"""Tags that say that a language is not known, or several, and what templates have for one."""


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def string(value: Any) -> str:
    """A value of JSON-LD if it is a string, else ""."""
    return value if isinstance(value, str) else ""


def first_string(value: Any) -> str:
    """The first string of a value or a list of JSON-LD, in normal form."""
    return normalise(next((v for v in _list(value) if isinstance(v, str)), ""))


def iso_date(value: str) -> str:
    """The day at the beginning of a value as YYYY-MM-DD, "" where none stands there."""
    # Seconds since 1970, which Python may take for a day of 1612.
    is_number = len(value) > len("20310304") and value[:9].isdigit()
    try:
        return "" if is_number else date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return ""
