"""Pages: the article in HTML, by trafilatura, with what it drops put back.

trafilatura (https://trafilatura.readthedocs.io) decides which part of a page is text, in its fast
mode; its slower fallbacks are asked only where that finds too little. Before it, boxes that a page
sets into the story are taken out; after it go the lines that no story holds. Where the publisher
states the text of the article (schema.org `articleBody`), that statement decides about paragraphs.

Metadata is what the page states: JSON-LD, then meta elements, then the elements around the
headline. Whatever is not stated stays empty.
"""

from __future__ import annotations

import html as html_entities
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, NamedTuple

import orjson
from courlan import normalize_url
from lxml.etree import XPath, strip_elements

from onrecord.articles import bylines, lexicon
from onrecord.text import normalise


class Page(NamedTuple):
    """What a page holds. `paragraphs` are `(role, text in normal form)` in page order.

    `removed` are `(start, end, rule)` in the markup: the lines cut out of what trafilatura took for
    text, where the markup holds them as they stand and only once.
    """

    paragraphs: list[tuple[str, str]]
    credit: list[str]
    dateline: str
    authors: list[str]
    date_published: str
    url: str
    section: str
    language: str
    removed: list[tuple[int, int, str]]


REASONS = lexicon.REASONS | {
    "under-story": "it stands under the story: about its author, its source or how to follow",
    "earnings": "a notice about what the site earns",
    "pull-quote": "it says again what a paragraph says",
    "before-text": "it stands before the first paragraph",
    "not-story": "it stands among the paragraphs and was not taken for one of them",
}
"""Rule -> reason, as `removed` carries them."""

MAX_MARKUP = 16_000_000
"""Code points: a longer page is a data dump."""

MAX_ELEMENTS = 100_000
"""Elements of a page: trafilatura's time grows with their square, ten seconds for as many."""

MAX_ATTRIBUTES = 10_000
"""Attributes of an element: libxml2's time grows with their square."""

LONG_TAG = 2 * MAX_ATTRIBUTES
"""Code points of a tag from which on its attributes are counted."""

MAX_PARAGRAPHS = 2000
"""Paragraphs: in a longer text nothing is compared with everything else."""

MAX_LINE = 400
"""Code points: a longer paragraph is no line of the page around the story."""

MAX_ASIDE = 1500
"""Code points: an element with more text than this is never dropped for its class."""

MAX_SAYING = 300
"""Code points: an element with more text outside links is never dropped for its class."""

MAX_LOOKED = 500_000_000
"""Code points looked through for the places of what was cut; the rest of it has no place."""

MAX_BYLINE = 100
"""Code points: a longer line that names an author is no byline."""

MIN_RUNNING = 20
"""Words from which on a paragraph is running text without ending like a sentence."""

MOST_PLACES = 50
"""Places in the markup that are looked at for a text that was cut."""

MOST = 0.6
"""Share of an element's running text that makes one of its children the place of the story."""

MOST_BESIDE = 0.8
"""The same for a child beside which others are set alike: the story may come in pieces."""

MIN_STATED = 120
"""Words: a shorter `articleBody` is a summary and says nothing about the paragraphs."""

_MARKS = re.compile(r"""^[\s"'“”‘’«»]+|[\s"'“”‘’«».,]+$""")
_OPENS_QUOTE = '"“‘«'
_CREDIT_CLASS = re.compile(r"credit|source|copyright|photographer|byline", re.I)
_DECK_CLASS = re.compile(
    r"(?<![a-z])(deck|dek|stand-?first|sub-?title|sub-?head(ing|line)?|strap(line)?|summary|lead-?in"
    r"|excerpt|intro)(?![a-z])|[a-z]Dek(?![a-z])",
    re.I,
)
_SUB_CLASS = re.compile(r"(?<![a-z])sub(?![a-z])", re.I)
_POINTS_CLASS = re.compile(
    r"(?<![a-z])(key|story|main|bullet)[-_]?(point|takeaway|fact)s?|takeaways|highlights", re.I
)
_CAPTION_CLASS = re.compile(r"(?<![a-z])(cap|caption)(?![a-z])", re.I)
_PICTURE_CLASS = re.compile(r"(?<![a-z])(image|photo|pic(ture)?)(?![a-z])", re.I)
# What a news page sets between its paragraphs without its being the story; in small letters,
# which are found much faster than letters of either case.
_ASIDE_CLASS = re.compile(
    r"pull-?quote|newsletter|sign-?up|subscri|related|recirc|promo|trending|most-(read|popular)"
    r"|disclaimer|disclosure|consent|keywords|share|advert|podcast|shop-?card"
    r"|author-?(bio|box|card)|twitter-tweet|instagram-media|tiktok-embed|sr-only|visually-?hidden"
    r"|(?<![a-z])nl-?box|\b(bio|tags?|comments?|by(line)?|date(line)?|time(stamp)?)\b"
)
# What stands under a story: about its author, where it first stood, how to follow on.
_UNDER = re.compile(
    r"^(you can )?(follow|contact|e-?mail|reach|write to)\b.{0,160}"
    r"(@|\bat\b|\bon (twitter|x|facebook)\b)"
    r"|^(this|the) (article|story|piece|post|column|interview)\b.{0,40}\b(originally|first)"
    r" (appeared|ran|published)|^read the (original|full) (article|story)\b"
    r"|^((additional )?(reporting|writing|editing) by [A-Z\W].{0,200}|our standards:.{0,80})$"
    r"|^(got|have) an? (\w+ )?(tip|idea)\?"
    r"|^\W*(lead |featured |top )?(image|photo|picture)s?( credits?)?( via| by| courtesy|:)"
    r"|^\W*[^\W\d][^.!?“\"]{3,60} is an? [^.!?“\"]{0,60}\b(reporter|writer|journalist|columnist"
    r"|correspondent|contributor|editor|freelancer?|contributing)\b"
    r"|\b(sign up|newsletter|subscribe|in your inbox|delivered every)\b|^\W+$",
    re.I,
)
_EARNS = re.compile(
    r"\b(may|might|can) (earn|receive|make|get) (an? |some )?(\w+ )?(commission|revenue)\b", re.I
)
_NEWS_TYPE = re.compile(r"(Article|BlogPosting|LiveBlogPosting|Report)$")
_NAME_CLASS = re.compile(
    r"byline|author|(?<![a-z])(story|post(ed)?|article|written)?[-_]?by(?![a-z])", re.I
)
_MAIL = re.compile(r"\S+@\S+\.\w+")
_UPDATE = re.compile(r"updat|modif|revis", re.I)
_WORD = re.compile(r"\w+")
_LINE_END = re.compile(r"""[.!?…:]["'”’»)\]]*\s*$""")
_SENTENCE_END = re.compile(r"""[.!?…]["'”’»)\]]*\s*$""")
_LABELLED = XPath(".//body//*[@class or @data-module]")
_OWN_ANCHORS = XPath(
    ".//body//*[self::h2 or self::h3 or self::h4]//a[not(@href) or starts-with(@href, '#')]"
)
_HAS_STORY = XPath("boolean(.//article or .//main or .//*[@itemprop='articleBody'])")
_LINKING = XPath(".//body//p[.//a] | .//body//h2[.//a] | .//body//h3[.//a] | .//body//h4[.//a]")
_BROKEN_OFF = "br/following-sibling::*[1][self::br]"
_LOOSE = XPath(
    ".//body//*[self::div or self::section or self::article or self::td]"
    f"[text()[string-length(normalize-space()) > 80] or {_BROKEN_OFF}]"
    f" | .//body//p[{_BROKEN_OFF}]"
)
_LEAVES = XPath(
    ".//body//div[span or text()][not(.//div or .//p or .//ul or .//ol or .//h1 or .//h2 or .//h3"
    " or .//section or .//table or .//blockquote or .//figure or .//form or .//button)]"
    f"[string-length(normalize-space()) > 80][not({_BROKEN_OFF})]"
)
_COUNT = XPath("count(.//*)")
_LISTS = XPath(".//body//ul[count(li) > 2]")
_AFTER = XPath("following::*[position() <= 150]")
_CAPTIONS = XPath(".//article//figcaption | .//main//figcaption")
_SET_AS_PARAGRAPH = XPath("following-sibling::div[@class=$of] | preceding-sibling::div[@class=$of]")
_BLOCKS = XPath(
    ".//body//*[self::p or self::li or self::h2 or self::h3 or self::h4 or self::blockquote"
    " or self::div[text()[normalize-space()]]][not(ancestor::figure)]"
    "[not(.//p or .//li or .//div or .//table or .//h2 or .//h3 or .//h4 or .//section)]"
)
# A character reference to a control character stands for nothing.
_CONTROL = re.compile(
    r"&#(?:[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F])(?![0-9a-fA-F])"
    r"|0*(?:[0-8]|1[124-9]|2\d|3[01])(?!\d));?"
)


def read(markup: str) -> Page | None:
    """The article of a page, or None where trafilatura finds no text in it."""
    tree = _tree(markup)
    if tree is None:
        return None
    # lxml makes an element anew for every look at it, unless somebody holds it.
    _held = list(tree.iter())
    stated = _stated(tree)
    meta = _meta(tree)
    strip_elements(tree, "script", "style", "svg", "noscript", "template", with_tail=False)
    h1, headline = _headline(tree, stated, meta)
    # The elements behind the headline, before anything is taken out of them.
    top = _AFTER(h1) if h1 is not None else []
    authors = _authors(stated, meta, top)
    url = _url(tree, stated, meta)
    published = _published(stated, meta, tree, top, url)
    captions = _captions(tree, top)
    points = _key_points(h1, top)
    decks = [] if points else _decks(top, stated, meta)
    blocks = _blocks(tree)
    _drop_asides(tree)
    _wrap_loose_text(tree)
    _drop_links(tree)
    _mark_story(tree, h1)
    found = [
        (role, text)
        for role, text in _paragraphs(tree, _string(stated.get("articleBody")))
        if text.casefold() != headline.casefold()
    ]
    body, cuts = _story(found)
    deck = points or _deck(decks, headline, body)
    body = [(role, text) for role, text in body if text not in deck]
    body, credits = _outside_figures(body, captions)
    credits += [bylines.split_credit(text) or text for text, rule in cuts if rule == "credit"]
    beside = [*deck, headline, *(text for _, *texts in captions for text in texts)]
    cuts = [(text, rule) for text, rule in cuts if text not in deck]
    cuts += [
        (text, _rule_beside(text, authors)) for text in _passed_over(blocks, found, body, beside)
    ]
    dateline = ""
    for i, (role, text) in enumerate(body):
        if role == "body":
            dateline, rest = bylines.split_dateline(text)
            body[i] = (role, rest)
            break
    paragraphs = [("headline", headline)] if headline else []
    paragraphs += [("deck", text) for text in deck]
    paragraphs += _with_captions(tree, body, captions)
    return Page(
        paragraphs,
        [*(credit for _, _, credit in captions if credit), *credits],
        dateline,
        authors,
        published,
        url,
        _first_string(stated.get("articleSection")) or meta.get("article:section", ""),
        _language(tree, stated),
        _located(markup, cuts),
    )


def canonical_url(url: str) -> str:
    """A web address without tracking parameters, fragment, doubled slashes; "" if it is none."""
    url = url.strip()
    if not re.match(r"https?://[^/\s]+", url, re.I):
        return ""
    return normalize_url(url.partition("#")[0])


# --- the page ---------------------------------------------------------------------------------


def _tree(markup: str) -> Any:
    if len(markup) > MAX_MARKUP:
        return None
    tags = (piece.partition(">")[0] for piece in markup.split("<") if len(piece) > LONG_TAG)
    if any(len(tag.split()) > MAX_ATTRIBUTES for tag in tags if len(tag) > LONG_TAG):
        return None
    # Half a second, which a run over pasted text need not pay.
    from trafilatura.utils import load_html

    # libxml2 itself stops at 256 levels, so no page is too deep for what follows.
    tree = load_html(_CONTROL.sub("", markup))
    return None if tree is None or _COUNT(tree) > MAX_ELEMENTS else tree


def _text(node: Any) -> str:
    return normalise(node.text_content())


def _text_lines(node: Any) -> list[str]:
    """The text of an element, broken where its markup breaks it."""
    lines = [""]
    for part in node.iter():
        if part.tag == "br":
            lines.append("")
        elif part.text:
            lines[-1] += part.text
        if part is not node:
            lines[-1] += part.tail or ""
    return [text for line in lines if (text := normalise(line))]


def _stated(tree: Any) -> dict[str, Any]:
    """What the page's JSON-LD says about its article, {} where it says nothing."""
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
                    return node
                if not other and node.get("datePublished") and node.get("author"):
                    other = node
    return other


_BROKEN = re.compile(
    r"^\s*(?://\s*)?(?:<!--|<!\[CDATA\[)|(?://\s*)?(?:-->|\]\]>)?[\s;]*$|,(?=\s*[}\]])"
)


def _json(text: str) -> Any:
    """JSON, or what pages write for it: raw line feeds, trailing commas, comments around it."""
    try:
        return orjson.loads(text)
    except ValueError:
        pass
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


def _meta(tree: Any) -> dict[str, str]:
    """Name, property or itemprop in lower case -> the first content with it."""
    found: dict[str, str] = {}
    for node in tree.iter("meta"):
        content = node.get("content")
        if content:
            for key in ("property", "name", "itemprop"):
                if name := node.get(key):
                    found.setdefault(name.lower(), normalise(content))
    return found


def _headline(tree: Any, stated: dict[str, Any], meta: dict[str, str]) -> tuple[Any, str]:
    """The headline, and the h1 that shows it if one does.

    What readers see comes first: an h1 that JSON-LD or the title confirm, or the only one.
    """
    whole = next(tree.iter("title"), None)
    said = [
        text
        for text in (
            normalise(html_entities.unescape(_first_string(stated.get("headline")))),
            meta.get("og:title", ""),
            _text(whole) if whole is not None else "",
        )
        if text
    ]
    shown = [(node, text) for node in tree.iter("h1") if (text := _text(node))]
    for node, text in (*shown, *((node, _text(node)) for node in tree.iter("h2"))):
        for title in said:
            long, short = sorted((title.casefold(), text.casefold()), key=len, reverse=True)
            # Either may have the name of the site or of a section around it.
            if len(short.split()) > 2 and short in long:
                return node, min(text, title, key=len)
    if len(shown) == 1 and len(shown[0][1].split()) > 3:
        return shown[0]
    site = meta.get("og:site_name", "")
    for text in said:
        if site and (match := re.search(rf"\s+[|·–—-]\s+{re.escape(site)}$", text, re.I)):
            return (shown[0][0] if shown else None), text[: match.start()]
        return (shown[0][0] if shown else None), text
    return shown[0] if shown else (None, "")


# --- the text ---------------------------------------------------------------------------------


def _drop_asides(tree: Any) -> None:
    """Take out the boxes that a page sets between its paragraphs."""
    known: dict[str, bool] = {}
    for node in _LABELLED(tree):
        label = f"{node.get('class', '')} {node.get('data-module', '')}".lower()
        if label not in known:
            known[label] = bool(_ASIDE_CLASS.search(label))
        if not known[label] or node.tag in ("article", "main", "body"):
            continue
        # A whole page, or a story behind a button, may carry such a class: only what is small
        # beside an article goes, or is all links.
        length = len(node.text_content())
        if length < MAX_ASIDE and (length < MAX_SAYING or length - _linked(node) < MAX_SAYING):
            node.drop_tree()
    for node in _OWN_ANCHORS(tree):
        node.drop_tag()


def _drop_links(tree: Any) -> None:
    """Take out paragraphs and headings that are nothing but a link, and lists of links."""
    for node in _LINKING(tree):
        links = _linked(node)
        if links > 30 and len(node.text_content().strip()) - links < 20:
            node.drop_tree()
    for node in _LISTS(tree):
        items = node.findall("li")
        if all(item.find(".//a") is not None for item in items):
            length = len(node.text_content())
            if length < 120 * len(items) and _linked(node) > 0.4 * length:
                node.drop_tree()


def _linked(node: Any) -> int:
    return sum(len(link.text_content().strip()) for link in node.iter("a"))


_INLINE = {
    *(
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "br",
        "cite",
        "code",
        "data",
        "dfn",
        "em",
        "font",
        "i",
        "kbd",
    ),
    *("mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"),
}


def _wrap_loose_text(tree: Any) -> None:
    """Put text that stands loose in a container into paragraphs; two line breaks end one."""
    done: set[tuple[Any, str]] = set()
    for node in _LEAVES(tree):
        label, place = node.get("class", ""), node.getparent()
        if (place, label) not in done and _LINE_END.search(node.text_content()):
            # What is set the same way beside it is a paragraph too, however short.
            alike = _SET_AS_PARAGRAPH(node, of=label) if label else []
            if label:
                done.add((place, label))
            for other in (node, *alike):
                if other is node or _is_leaf(other):
                    other.tag = "p"
    for node in _LOOSE(tree):
        if node.tag == "p":
            node.tag = "div"
        children = list(node)
        for child in children:
            node.remove(child)
        open_ = node.makeelement("p")
        open_.text, node.text = node.text, None
        node.append(open_)
        breaks = 0
        for child in children:
            breaks = breaks + 1 if child.tag == "br" else 0
            if child.tag not in _INLINE:
                tail, child.tail = child.tail, None
                node.append(child)
            elif breaks > 1:
                tail = child.tail
            else:
                breaks = breaks if not (child.tail or "").strip() else 0
                open_.append(child)
                continue
            if (tail or "").strip():
                breaks = 0
            open_ = node.makeelement("p")
            open_.text = tail
            node.append(open_)


def _is_leaf(node: Any) -> bool:
    return all(part.tag in _INLINE for part in node.iterdescendants())


def _mark_story(tree: Any, h1: Any) -> None:
    """Say which element is the story where the page does not.

    From the body down, always into the child with most of the running text, as long as one has.
    Below the headline, siblings of one class are taken for pieces of the story.
    """
    if _HAS_STORY(tree):
        return
    mass: dict[Any, int] = {}
    for node in tree.iter("p"):
        length = len(node.text_content())
        if length > 80:
            for above in node.iterancestors():
                mass[above] = mass.get(above, 0) + length
    over = set(h1.iterancestors()) if h1 is not None else set()
    node = tree
    while True:
        held = sorted((c for c in node if c in mass), key=lambda c: mass[c], reverse=True)
        if not held:
            break
        alike = held[0] not in over and any(
            other.get("class") == held[0].get("class") for other in held[1:]
        )
        if mass[held[0]] <= (MOST_BESIDE if alike else MOST) * mass[node]:
            break
        node = held[0]
    if node.tag in ("div", "section"):
        node.set("itemprop", "articleBody")


def _paragraphs(tree: Any, stated: str) -> list[tuple[str, str]]:
    """The paragraphs of the article, as far as the publisher's own statement confirms them."""
    found = _extract(tree, fast=True)
    if sum(len(text) for _, text in found) < 250:
        found = max(found, _extract(tree, fast=False), key=lambda f: sum(len(t) for _, t in f))
    stated = html_entities.unescape(stated)
    words = _words(stated)
    if len(words) < MIN_STATED or not _SENTENCE_END.search(stated):
        return found
    said = {*zip(words, words[1:], words[2:], strict=False)}
    kept = []
    for role, text in found:
        mine = _words(text)
        grams = [*zip(mine, mine[1:], mine[2:], strict=False)]
        if not grams or sum(gram in said for gram in grams) >= len(grams) / 2:
            kept.append((role, text))
    confirmed = sum(len(_words(text)) for _, text in kept)
    if confirmed < len(words) / 2:
        lines = [normalise(line) for line in re.sub(r"<[^<>]+>", "\n", stated).splitlines()]
        return [("body", line) for line in lines if line]
    # Where most of the page would go, the statement may be no more than its beginning.
    return kept if confirmed > sum(len(_words(text)) for _, text in found) / 2 else found


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _extract(tree: Any, *, fast: bool) -> list[tuple[str, str]]:
    from trafilatura import bare_extraction

    document = bare_extraction(tree, fast=fast, include_comments=False, include_tables=False)
    if document is None or isinstance(document, dict) or document.body is None:
        return []
    return [(role, text) for role, text in _body(document.body) if text]


def _body(body: Any) -> Iterator[tuple[str, str]]:
    for node in body.iter("head", "p", "quote", "item", "ab"):
        if any(parent.tag in ("quote", "item", "p") for parent in node.iterancestors()):
            continue
        inner = node.findall(".//p") if node.tag == "quote" else []
        for part in inner or [node]:
            breaks = list(part.iter("lb"))
            for line in breaks:
                line.tail = f"\n{line.tail or ''}"
            role = "subhead" if part.tag == "head" else "body"
            whole = "".join(part.itertext())
            for text in re.split(r"\n\s*\n", whole) if breaks else [whole]:
                yield role, normalise(text)


Paragraphs = list[tuple[str, str]]
"""`(role, text in normal form)` in page order."""

Cuts = list[tuple[str, str]]
"""`(text, rule)` of what went."""


def _story(paragraphs: Paragraphs) -> tuple[Paragraphs, Cuts]:
    """The paragraphs without what pasted text would lose too, captions told by their looks."""
    cuts: Cuts = []
    kept: Paragraphs = []
    noted = -1  # how many paragraphs stand above an editor's note: it is the first one's place
    for role, text in paragraphs:
        if len(text) <= MAX_LINE and (rule := _page_rule(text)):
            cuts.append((text, rule))
            if noted < 0 and rule == "control" and lexicon.EDITORS_NOTE.match(text):
                noted = len(kept)
        elif _is_credit(text):
            cuts.append((text, "credit"))
        else:
            kept.append(("caption" if role == "body" and lexicon.is_caption(text) else role, text))
    kept = _trimmed(kept, noted, cuts)
    return _without_pull_quotes(kept, cuts), cuts


def _trimmed(paragraphs: Paragraphs, noted: int, cuts: Cuts) -> Paragraphs:
    """The paragraphs from the first running text on, without what stands under the last."""
    said = [i for i, (role, _) in enumerate(paragraphs) if role != "caption"]
    first = next((n for n, i in enumerate(said) if _is_running(paragraphs[i][1])), 0)
    if noted >= 0:
        first = min(first, sum(i < noted for i in said))
    last = len(said)
    while last > first:
        role, text = paragraphs[said[last - 1]]
        if role != "subhead" and not (last - first > 2 and _is_under(text)):
            break
        last -= 1
    rules = dict.fromkeys(said[:first], "before-text") | dict.fromkeys(said[last:], "under-story")
    cuts += [(paragraphs[i][1], rule) for i, rule in rules.items()]
    return [paragraph for i, paragraph in enumerate(paragraphs) if i not in rules]


def _without_pull_quotes(paragraphs: Paragraphs, cuts: Cuts) -> Paragraphs:
    """The paragraphs without the sentences that say again, alone, what another one says.

    A short one says so by its quotation marks: items of a list are said again by headings.
    """
    bare = [_MARKS.sub("", text) for _, text in paragraphs]
    times = Counter(bare)
    whole = "\n".join(bare) if len(bare) < MAX_PARAGRAPHS else ""
    kept = []
    for (role, text), said in zip(paragraphs, bare, strict=True):
        alone = lexicon.is_prose(text) or (text[0] in _OPENS_QUOTE and len(said.split()) > 2)
        if role == "body" and alone and whole.count(said) > times[said]:
            cuts.append((text, "pull-quote"))
        else:
            kept.append((role, text))
    return kept


def _is_credit(text: str) -> bool:
    """Whether a line says whose picture stands beside it, and no more."""
    short = text.count(" ") < lexicon.CREDIT_WORDS and not lexicon.is_prose(text)
    return short and bool(lexicon.CREDIT_ONLY.match(text)) and not lexicon.is_description(text)


def _is_running(text: str) -> bool:
    """Whether a paragraph is running text, be it without a full stop."""
    if lexicon.is_prose(text):
        return True
    words = text.split()
    return len(words) >= MIN_RUNNING and lexicon.capitals(words) <= lexicon.CAPITALS


class _Block(NamedTuple):
    """A paragraph, heading or item of a page as it came, and the elements around it."""

    text: str
    around: list[Any]


def _blocks(tree: Any) -> list[_Block]:
    """What a page sets as paragraphs, in its order, before anything is taken out of it."""
    found = []
    around: dict[Any, list[Any]] = {}
    nodes = _BLOCKS(tree)
    for node in nodes if len(nodes) < MAX_PARAGRAPHS else []:
        if text := _text(node):
            place = node.getparent()
            if place not in around:
                around[place] = list(node.iterancestors())
            found.append(_Block(text, around[place]))
    return found


def _passed_over(
    blocks: list[_Block],
    found: list[tuple[str, str]],
    body: list[tuple[str, str]],
    beside: list[str],
) -> list[str]:
    """What stands in the element of the story and is neither found in it nor known otherwise."""
    kept = {text for _, text in body}
    story = [block for block in blocks if block.text in kept]
    if not story:
        return []
    inside = set(story[0].around).intersection(*(block.around for block in story[1:]))
    place = next((node for node in story[0].around if node in inside), None)
    # Paragraphs may be broken in two, or be parts of one block.
    whole = " ".join([*(text for _, text in found), *beside])
    return [block.text for block in blocks if place in block.around and block.text not in whole]


def _rule_beside(text: str, authors: list[str]) -> str:
    """The rule for a line among the paragraphs that is none: it may be kept as a field."""
    if bylines.DATE_LINE.match(text):
        return "date"
    by = len(text) <= MAX_BYLINE and any(author in text for author in authors)
    return "byline" if by else "not-story"


_OPENING = re.compile(r"\w+(?: \w+)*")
_OPENED = re.compile(r">(?:&#?\w+;|[^\w<>&])*$")
_CLOSED = re.compile(r"(?:&#?\w+;|[^\w<>&])*<")
_BETWEEN = re.compile(r"(?:<[^<>]*>|&#?\w+;|[^\w<&])*+")


def _located(markup: str, cuts: list[tuple[str, str]]) -> list[tuple[int, int, str]]:
    """`(start, end, rule)` in the markup of what was cut, where it can be told from all else."""
    found = []
    body = max(markup.find("<body"), 0)
    most = MAX_LOOKED // (len(markup) + 1)
    for text, rule in islice(dict(cuts).items(), most):
        start = markup.find(text, body)
        if start >= 0 and markup.find(text, start + 1) < 0:
            found.append((start, start + len(text), rule))
        elif span := _element(markup, text, body):
            found.append((*span, rule))
    return sorted(found)


def _element(markup: str, text: str, start: int) -> tuple[int, int] | None:
    """Where a text is all that an element says, markup and character references between words."""
    words = _WORD.findall(text)
    opening = _OPENING.search(text)
    if not opening:
        return None
    at = start - 1
    for _ in range(MOST_PLACES):
        at = markup.find(opening[0], at + 1)
        if at < 0:
            return None
        if _OPENED.search(markup[max(0, at - 40) : at]):
            end = _end_of(words, markup, at)
            if end and _CLOSED.match(markup, end):
                return at, end
    return None


def _end_of(words: list[str], markup: str, at: int) -> int:
    """Where the words end that begin at a place in the markup, 0 where others stand there."""
    for i, word in enumerate(words):
        if i and (gap := _BETWEEN.match(markup, at)):
            at = gap.end()
        if not markup.startswith(word, at):
            return 0
        at += len(word)
    return at


def _page_rule(text: str) -> str:
    if lexicon.EDITORS_NOTE.match(text):
        return "control"
    if rule := lexicon.is_page_line(text):
        return rule
    lower = text.lower()
    earns = ("commission" in lower or "revenue" in lower) and _EARNS.search(text)
    return "earnings" if earns else ""


def _is_under(text: str) -> bool:
    found = _UNDER.search(text) or lexicon.is_note(text) or lexicon.AUTHOR.match(text)
    return len(text.split()) < 80 and bool(found)


def _decks(top: list[Any], stated: dict[str, Any], meta: dict[str, str]) -> list[str]:
    """The texts behind the headline that are a deck by their class or by the page's description."""
    descriptions = {
        normalise(html_entities.unescape(_first_string(stated.get("description")))),
        meta.get("description", ""),
        meta.get("og:description", ""),
    }
    found = []
    for node in top:
        if node.tag not in ("p", "h2", "h3", "div", "span"):
            continue
        labelled = _DECK_CLASS.search(node.get("class", ""))
        if node.tag in ("div", "span") and not labelled and len(node):
            continue
        text = _text(node)
        below = node.tag == "h2" and node is top[0] and _SUB_CLASS.search(node.get("class", ""))
        if 4 < len(text.split()) < 80 and (labelled or below or text in descriptions):
            found.append(text)
    return found


def _deck(decks: list[str], headline: str, body: list[tuple[str, str]]) -> list[str]:
    """The first of them that the text does not say anyway, further down or as its opening."""
    whole = " ".join(text for _, text in body[1:])
    said = (d for d in decks if d != headline and d not in whole)
    return [d for d in said if not _page_rule(d)][:1]


def _key_points(h1: Any, top: list[Any]) -> list[str]:
    """The points of a list under the headline that sums the story up, [] where there is none."""
    for node in _until_prose(top):
        if node.tag not in ("ul", "ol"):
            continue
        labelled = _POINTS_CLASS.search(node.get("class", ""))
        points = [_text(item) for item in node.iter("li")]
        if (
            (labelled or node.getprevious() is h1)
            and len(points) > 1
            and node.find(".//a") is None
            and all(3 < len(point.split()) < 40 for point in points)
        ):
            return points
    return []


def _captions(tree: Any, top: list[Any]) -> list[tuple[Any, str, str]]:
    """`(element, caption, credit)` of the article's pictures, in page order.

    Where a page has no figures, what stands beside a picture and says so by its class.
    """
    found = []
    nodes = _CAPTIONS(tree)
    if not nodes:
        nodes = [node for node in top if node.tag == "figcaption" or _is_caption(node)]
    told: set[str] = set()
    for node in nodes:
        credit = ""
        for part in node.iterdescendants():
            if part.tag in ("small", "cite") or _CREDIT_CLASS.search(part.get("class") or ""):
                credit = _text(part)
                break
        caption = bylines.PICTURE_BUTTON.sub("", _text(node)) if len(node) else _text(node)
        if credit and caption.endswith(credit):
            caption = caption.removesuffix(credit).strip()
        elif not credit and len(caption) <= MAX_LINE:
            caption, credit = bylines.split_caption(caption)
        only = lexicon.CREDIT_ONLY.match(caption) or bylines.split_credit(caption)
        if only and not lexicon.is_description(caption):
            credit, caption = credit or caption, ""
        stripped = bylines.split_credit(credit)
        if (caption or credit) and (caption not in told or not caption):
            found.append((node, caption, stripped or credit))
        told.add(caption)
    return found


def _is_caption(node: Any) -> bool:
    """Whether a block without a figure is the caption of a picture beside or inside it."""
    label = node.get("class", "")
    if not label or node.tag not in ("div", "p", "span"):
        return False
    if _CAPTION_CLASS.search(label):
        beside = node.getparent().find(".//img") is not None
    else:
        inside = _PICTURE_CLASS.search(label) and {part.tag for part in node.iterdescendants()}
        beside = bool(inside) and inside - _INLINE == {"img"}
    return beside and 0 < len(_text(node)) <= MAX_LINE


def _outside_figures(
    body: list[tuple[str, str]], captions: list[tuple[Any, str, str]]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The paragraphs, captions among them without their credits; and those credits.

    A caption that a figure holds already is left out.
    """
    known = {caption for _, caption, _ in captions}
    found, credits = [], []
    for role, text in body:
        if role == "caption":
            text, credit = bylines.split_caption(text)
            credits += [credit] if credit and text not in known else []
        if role != "caption" or text not in known:
            found.append((role, text))
    return found, credits


def _with_captions(
    tree: Any, body: list[tuple[str, str]], captions: list[tuple[Any, str, str]]
) -> list[tuple[str, str]]:
    """The captions before the paragraph that follows them in the page."""
    if not captions or not body:
        return body
    nodes = {id(node): caption for node, caption, _ in captions if caption}
    texts = {text for _, text in body}
    first = next((text for role, text in body if role == "body"), body[0][1])
    before: dict[str, list[str]] = {}
    waiting: list[str] = []
    for node in tree.iter():
        if id(node) in nodes:
            waiting.append(nodes[id(node)])
        elif waiting and node.tag in ("p", "h2", "h3", "li", "blockquote"):
            # A dateline was cut from the first paragraph, so its end decides.
            text = _text(node)
            found = text if text in texts else text.endswith(first) and first
            if found:
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


# --- what the page states ---------------------------------------------------------------------

_DATE_META = (
    "article:published_time",
    "og:published_time",
    "article:published",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
    "dc.date.issued",
    "dcterms.issued",
    "dc.date",
    "date",
)


_PRINTED = XPath("//text()[contains(., 'rinted from')]")
_PRINTED_FROM = re.compile(r"\bprinted from:? (https?://\S+)", re.I)
_READING = re.compile(r"\W*\d+ ?-?min(ute)?s?( read)?$", re.I)
_URL_DAY = re.compile(r"/(\d{4})[/-](\d{2})[/-](\d{2})(?![\w])")


def _published(
    stated: dict[str, Any], meta: dict[str, str], tree: Any, top: list[Any], url: str
) -> str:
    """The day of publication as YYYY-MM-DD, "" where the page does not state it."""
    times = [
        (node, when)
        for node in tree.iter("time")
        if (when := node.get("datetime")) and not _is_update(node)
    ]
    for value in (_first_string(stated.get("datePublished")), *map(meta.get, _DATE_META)):
        if value and (day := _day(value)):
            # The same moment as readers were shown it, in the paper's own time.
            shown = (_same_moment(value, when, node.text or "") for node, when in times)
            return next(filter(None, shown), day)
    head = list(_until_prose(top))
    marked = [
        when
        for node, when in times
        if node.get("itemprop") == "datePublished" or node.get("pubdate") is not None
    ]
    near = [when for node, when in times if node in head]
    for value in (*marked, *near):
        if day := _day(value):
            return day
    for line in (line for node in head if len(node) < 4 for line in _text_lines(node)):
        match = bylines.DATE_LINE.match(_READING.sub("", line))
        if match and not _UPDATE.search(match["label"] or ""):
            return bylines.iso_date(match)
    match = _URL_DAY.search(url)
    return iso_date("-".join(match.groups())) if match else ""


def _until_prose(nodes: list[Any]) -> Iterator[Any]:
    """The elements up to the second paragraph of running text: the first may be the deck."""
    prose = 0
    for node in nodes:
        prose += node.tag == "p" and lexicon.is_prose(_text(node))
        if prose > 1:
            return
        yield node


def _is_update(node: Any) -> bool:
    # A line may give the day of publication first, and that of its last change behind it.
    text = bylines.DATE.split(node.text or "", maxsplit=1)[0]
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
    match = bylines.DATE.search(said)
    own = bylines.iso_date(match) if match else ""
    return own if own and abs((date.fromisoformat(own) - day).days) == 1 else day.isoformat()


def _day(value: str) -> str:
    if day := iso_date(value.strip()):
        return day
    match = bylines.DATE.search(value)
    return bylines.iso_date(match) if match else ""


def _authors(stated: dict[str, Any], meta: dict[str, str], top: list[Any]) -> list[str]:
    """The authors as stated: the people if there are any, and not the site itself."""
    authors = [a if isinstance(a, dict) else {"name": a} for a in _list(stated.get("author"))]
    publisher = next((p for p in _list(stated.get("publisher")) if isinstance(p, dict)), {})
    site = {meta.get("og:site_name", ""), _first_string(publisher.get("name"))}
    people = [a for a in authors if "Organization" not in str(a.get("@type"))]
    others = [a for a in authors if a not in people and _first_string(a.get("name")) not in site]
    for group in (people, others):
        if found := _names(_first_string(author.get("name")) for author in group):
            return found
    if found := _names(
        meta.get(key, "") for key in ("author", "sailthru.author", "parsely-author")
    ):
        return found
    named = [
        node
        for node in top
        if (node.get("rel") == "author" or _NAME_CLASS.search(node.get("class", "")))
        and not any(above.tag in ("figure", "figcaption") for above in node.iterancestors())
    ]
    for node in named:
        parts = list(node.iter("a")) if len(node) else [node]
        if found := _names(_text(part) for part in parts if len(part) < 2):
            return found
    return next((found for node in named if (found := _names(_text_lines(node)))), [])


_FULL_NAME = re.compile(r"[A-ZÀ-Þ][\w.'’-]+( [\w.'’-]+){1,3}$")


def _names(lines: Iterable[str]) -> list[str]:
    found: list[str] = []
    for line in lines:
        line = lexicon.without_post(_MAIL.sub("", normalise(line)).strip())
        line = re.sub(r"^(by|from|view all posts by)\s+", "", line, flags=re.I)
        if len(line) > 150:
            continue
        # No name holds a digit or an address; a line break before them leaves no blank.
        line = re.split(r"\d|\S+@", line)[0].strip()
        line = re.split(r"\s*[|•·]\s*", line)[0]
        parts = re.split(r"\s*[;,]\s*", line)
        several = len(parts) > 1 and all(_FULL_NAME.match(part) for part in parts)
        for name in parts if several else bylines.names(line):
            plausible = re.match(r"[^\W\d_]", name) and len(name.split()) < 6
            if plausible and not re.search(r"[@/]|https?:", name) and name not in found:
                found.append(name)
    return found


def _url(tree: Any, stated: dict[str, Any], meta: dict[str, str]) -> str:
    link = next((n.get("href", "") for n in tree.iter("link") if n.get("rel") == "canonical"), "")
    return (
        canonical_url(link or _first_string(stated.get("url")))
        or canonical_url(meta.get("og:url", ""))
        or next((canonical_url(match[1]) for match in _printed(tree)), "")
    )


def _printed(tree: Any) -> Iterator[re.Match[str]]:
    """Where a printed page says what address it was printed from."""
    for text in _PRINTED(tree):
        if match := _PRINTED_FROM.search(text):
            yield match


def _language(tree: Any, stated: dict[str, Any]) -> str:
    said = tree.get("lang") or _first_string(stated.get("inLanguage"))
    match = re.match(r"\s*([a-z]{2,3})(?![a-z])", said.lower())
    return match[1] if match else ""


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _first_string(value: Any) -> str:
    return normalise(next((v for v in _list(value) if isinstance(v, str)), ""))


def iso_date(value: str) -> str:
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError:
        return ""
