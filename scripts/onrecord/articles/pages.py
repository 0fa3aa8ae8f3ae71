"""Pages: the article in HTML, by trafilatura, with what it drops put back.

trafilatura (https://trafilatura.readthedocs.io) decides which part of a page is text, in its fast
mode; its slower fallbacks are asked only where that finds too little. Before it, boxes that a page
sets into the story are taken out; after it go the lines that no story holds. Where the publisher
states the text of the article (schema.org `articleBody`), that statement decides about paragraphs.

The parts: `elements` parses, `statements` has what the page states about its article, `figures`
finds captions. For trafilatura, `clutter` goes, `layout` is made plain, and the `container` of the
story is marked. Here what it finds becomes paragraphs.
"""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml.etree import XPath, strip_elements

from onrecord.articles import (
    appeals,
    blocks,
    bylines,
    clutter,
    container,
    credits,
    dates,
    edges,
    elements,
    figures,
    footnotes,
    layout,
    lexicon,
    page_lines,
    sentences,
    statements,
)
from onrecord.articles.edges import Cuts, Paragraphs
from onrecord.articles.segment import TWICE_REACH
from onrecord.text import JOINED, JOINER, normalise


class Page(NamedTuple):
    """What a page holds. `paragraphs` are `(role, text in normal form)` in page order.

    `removed` are `(start, end, rule)` in the markup: the lines cut out of what trafilatura took for
    text, where the markup holds them as they stand and only once. `listing` says whether it is a
    list of stories.
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
    listing: bool


REASONS = lexicon.REASONS | {
    "under-story": "it stands under the story: about its author, its source or how to follow",
    "earnings": "a notice about what the site earns",
    "pull-quote": "it says again what a paragraph says",
    "outside": "it stands below the element that holds nearly all of the story, set otherwise",
    "before-text": "it stands before the first paragraph",
    "not-story": "it stands among the paragraphs and was not taken for one of them",
}
"""Rule -> reason, as `removed` carries them."""

MAX_PARAGRAPHS = 2000
"""Paragraphs: in a longer text nothing is compared with everything else."""

MAX_BYLINE = 100
"""Code points: a longer line that names an author is no byline."""

MIN_SAID = 6
"""Words: a shorter sentence may stand twice in a text by chance."""


MIN_PULLED = 5
"""Words: a shorter quote may be said again with a small letter by chance."""

MOST_TIMES = 2
"""A line that is no sentence and stands more often is none of the story."""

MIN_TITLE = 3
"""Words of a headline from which on a heading may hold it behind a kicker."""

MIN_AGAIN = 100
"""Code points: longer paragraphs that come back say that a page holds its story twice."""

MIN_FOUND = 250
"""Code points of running text: where the fast mode finds less, the slower one is asked."""

LEAST_FOUND = 0.25
"""The same as a share of what stands in the element that the page calls its article."""


LEAST_OF_PLACE = 0.4
"""Share of the prose in the densest place of a page below which what was found is doubted."""

NEARLY_ALL = 0.9
"""Share of an article in one piece that its paragraphs must hold for it to be taken apart."""

MIN_STATED = 120
"""Words: a shorter `articleBody` is a summary and says nothing about the paragraphs."""

_TAG = re.compile(r"<[^<>]+>")
_BETWEEN = re.compile(rf"""(?<=[{sentences.ENDS}])[{sentences.CLOSES}]*\s+""")
_MARKS = re.compile(r"""^[\s"'“”‘’«»]+|[\s"'“”‘’«».,]+$""")

_DECK_CLASS = re.compile(
    r"(?<![a-z])(deck|dek|stand-?first|sub-?title|sub-?head(ing|line)?|strap(line)?|(?<!with-)summary|lead-?in"
    r"|excerpt|lead-?text|intro|ingress|chapo|chapeau|vorspann|entradilla|bajada)(?![a-z])|[a-z]Dek(?![a-z])",
    re.I,
)
_SUB_CLASS = re.compile(r"(?<![a-z])sub(?![a-z])", re.I)

_POINTS_CLASS = re.compile(
    r"(?<![a-z])(key|story|main|bullet)[-_]?(point|takeaway|fact)s?|takeaways|highlights", re.I
)

_SUMMARY_CLASS = re.compile(r"(?<![a-z])summary(?![a-z])", re.I)

_CONTINUES = re.compile(r"advert(isement)?\W+(\w+ )?continues\b[\w ]{0,30}\W*$", re.I)
_PLACEHOLDER = re.compile(r"\W*\{\{[^{}]{0,80}\}\}\W*$")

_SPOKEN = re.compile(
    r"This audio (?:is|was|has been) .{0,40}\b(?:auto|generated|produced|created|narrated|read)"
)

_METERED = re.compile(
    r"You(?: have|[’']ve) .{0,30}\b(?:free|complimentary) (?:articles?|stor(?:y|ies))\b.{0,60}$",
    re.I,
)

_EARNS = re.compile(
    r"\b(may|might|can) (earn|receive|make|get) (an? |some )?(\w+ )?(commission|revenue)\b", re.I
)

_SENTENCE_END = re.compile(rf"[{sentences.ENDS}][{sentences.CLOSES}]*\s*$")
_AFTER = XPath("following::*[position() <= 150]")


def read(markup: str) -> Page | None:
    """The article of a page, or None where trafilatura finds no text in it.

    Where that is little beside what the page says in one place, that place is read by itself.
    """
    if JOINER not in markup:
        return _page(markup)
    page = _page(JOINED().sub(_STAND_IN, markup))
    return page and Page._make(map(_joined, page))


_STAND_IN = "\U000e01ef"
"""Stands for a joiner within an emoji, which trafilatura drops; no other page has it."""


def _joined(value: Any) -> Any:
    """What a page holds, its joiners put back."""
    if isinstance(value, str):
        return value.replace(_STAND_IN, JOINER)
    return type(value)(map(_joined, value)) if isinstance(value, list | tuple) else value


def _page(markup: str) -> Page | None:
    tree = elements.parse(markup)
    if tree is None:
        return None
    page, doubt = _read(markup, tree, bare=False)
    if doubt:
        other, _ = _read(markup, elements.parse(markup), bare=True)
        if _running(other.paragraphs) > doubt:
            return other._replace(listing=page.listing)
    return page


def _doubt(said: Paragraphs, came: list[blocks.Block], place: Any, prose: int) -> float:
    """How much running text another reading must find to be taken instead, 0 where none is asked.

    `prose` is what stands in `place`, which has most of the page. Below a story that may be what
    its readers wrote.
    """
    found = _running(said)
    if found < MIN_FOUND:
        return max(found, 1) / LEAST_OF_PLACE
    thin = found < LEAST_OF_PLACE * prose
    return found / LEAST_OF_PLACE if thin and not blocks.begins_before(said, place, came) else 0


class _Stated(NamedTuple):
    """What a page says of itself. `h1` is the element of the headline; `top` are those behind it,
    before anything is taken out of them."""

    url: str
    h1: Any
    headline: str
    top: list[Any]
    authors: list[str]
    published: str


def _stated(tree: Any, markup: str, stated: dict[str, Any], meta: dict[str, str]) -> _Stated:
    url = statements.url(tree, stated, meta) or statements.saved_from(markup)
    h1, headline = statements.headline(tree, stated, meta, url)
    top = _AFTER(h1) if h1 is not None else []
    place = h1
    if place is None and (place := statements.shown(tree, headline)) is not None:
        headline = statements.plain(place, headline, elements.text(place))
    near = top or (_AFTER(place) if place is not None else [])
    authors = statements.authors(stated, meta, tree, near)
    published = statements.published(stated, meta, tree, near, url)
    return _Stated(url, h1, headline, top, authors, published)


def _read(markup: str, tree: Any, *, bare: bool) -> tuple[Page, float]:
    """What a page holds, and the doubt about it. `bare` is its densest place by itself."""
    stated = statements.json_ld(tree)
    meta = statements.meta(tree)
    unseen = () if bare else ("noscript",)
    strip_elements(tree, "script", "style", "svg", "template", *unseen, with_tail=False)
    # lxml makes an element anew for every look at it, unless somebody holds it.
    held = list(tree.iter())
    layout.name_customs(held)
    if "aria-level" in markup:
        layout.name_titles(tree)
    url, h1, headline, top, authors, published = _stated(tree, markup, stated, meta)
    opening = list(statements.until_prose(top))
    captions = figures.captions(tree, top, opening, headline)
    points = _key_points(h1, opening)
    decks = [] if points else _decks(opening, stated, meta, authors)
    if bare:
        layout.open_shells(tree)
    else:
        clutter.drop_hidden(tree)
    layout.keep_sources(tree)
    footnotes.unmark(tree, url)
    came = blocks.found(tree)
    under = clutter.under(tree)
    place, prose = blocks.densest(came, set(under))
    if place is not None and len(list(place.iter("article"))) > 1:
        prose = 0  # What holds several stories says nothing about one.
    figures.emptied(captions)
    listing = False
    if bare:
        if place is not None:
            clutter.drop_asides(tree, place)
            layout.unlink_titles(tree)
            clutter.drop_teasers(tree, url)
            layout.lay_bare(tree, place)
    else:
        others = clutter.drop_others(tree, h1)
        captions = [each for each in captions if others.isdisjoint(each[0].iterancestors())]
        listing = _clear(tree, markup, url, h1, place, under)
    layout.unwrap_code(tree)
    layout.unwrap_columns(tree)
    if "blockquote" in markup:
        layout.part_quotes(tree)
    layout.wrap_loose_text(tree)
    layout.title_named(tree)
    layout.title_bold(tree)
    clutter.drop_links(tree, url)
    container.mark_story(tree, h1, {node for node, _ in decks})
    found = _without_headline(
        _paragraphs(tree, statements.string(stated.get("articleBody"))), headline
    )
    body, cuts = _story(found, authors)
    body = blocks.inside(body, came, cuts)
    deck = points or _deck([text for _, text in decks], headline, body, authors)
    said = [(role, text) for role, text in body if text not in deck]
    if any(role == "body" for role, _ in said):
        body = _unsigned(said, authors, cuts) if len(said) < len(body) else said
    else:  # All that the page says is its description.
        deck = []
    body, named = figures.outside(body, captions)
    named += [credits.split_credit(text) or text for text, rule in cuts if rule == "credit"]
    beside = [*deck, headline, *(text for _, *texts in captions for text in texts)]
    cuts = [(text, rule) for text, rule in cuts if text not in deck]
    cuts += [
        (text, _rule_beside(text, authors))
        for text in blocks.passed_over(came, found, body, beside)
    ]
    dateline = _take_dateline(tree, body)
    paragraphs = [("headline", headline)] if headline else []
    paragraphs += [("deck", text) for text in deck]
    paragraphs = _shown_once(paragraphs + figures.placed(tree, body, captions), cuts)
    page = Page(
        paragraphs,
        [*(credit for _, _, credit in captions if credit), *named],
        dateline,
        authors,
        published,
        url,
        statements.section(stated, meta),
        statements.language(tree, stated),
        elements.located(markup, cuts),
        listing,
    )
    return page, _doubt(paragraphs, came, place, prose)


def _clear(tree: Any, markup: str, url: str, h1: Any, place: Any, under: list[Any]) -> bool:
    """Take out what is set around the story and into it; whether that is a list of stories."""
    clutter.drop_under(tree, under, h1)
    if place is not None:
        layout.show(place, h1)
    if "complementary" in markup:  # few pages say so, and to ask each element takes longer
        clutter.drop_beside(tree, place)
    clutter.drop_embedded(tree)
    clutter.drop_asides(tree, place)
    layout.unlink_titles(tree)
    if "paywall" in markup:
        clutter.drop_walls(tree)
    clutter.drop_pull_quotes(tree)
    clutter.drop_set_in(tree)
    return clutter.drop_teasers(tree, url)


_OPENS_WITH_PLACE = re.compile(r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+){0,2}(?: ?\(\w+\))?\. ")


def _take_dateline(tree: Any, body: Paragraphs) -> str:
    """Cut the dateline off the first paragraph of `body`, and return it; "" for none."""
    for i, (role, text) in enumerate(body):
        if role == "body":
            dateline, rest = dates.split_dateline(text)
            if not dateline and _OPENS_WITH_PLACE.match(text):
                dateline, rest = _set_apart(tree, text)
            body[i] = (role, rest)
            return dateline
    return ""


def _set_apart(tree: Any, text: str) -> tuple[str, str]:
    """The place in bold type that a paragraph opens with, "" for none, and the rest of it."""
    for bold in elements.within_body(tree, "strong", "b"):
        place = elements.text(bold)
        if place and text.startswith(f"{place} ") and _OPENS_WITH_PLACE.fullmatch(f"{place} "):
            around = bold.getparent()
            if around[0] is bold and not (around.text or "").strip():
                return place.rstrip("."), text[len(place) + 1 :]
    return "", text


def _without_headline(paragraphs: Paragraphs, headline: str) -> Paragraphs:
    """The paragraphs without the headline, and without a first heading that ends with it."""
    words = _words(headline)
    kept = []
    for role, text in paragraphs:
        opening = role == "subhead" and not any(role == "body" for role, _ in kept)
        if text.casefold() == headline.casefold():
            continue
        if not opening or len(words) < MIN_TITLE or _words(text)[-len(words) :] != words:
            kept.append((role, text))
    return kept


def _paragraphs(tree: Any, stated: str) -> Paragraphs:
    """The paragraphs of the article, as far as the publisher's own statement confirms them."""
    found = _extract(tree, fast=True)
    if _running(found) < max(MIN_FOUND, LEAST_FOUND * container.most_running(tree)):
        found = max(found, _extract(tree, fast=False), key=_running)
    stated = _TAG.sub("\n\n", html_entities.unescape(stated)).strip()
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
    if confirmed < len(words) / 2 and _running(found) < len(stated):
        return [("body", line) for line in map(normalise, stated.splitlines()) if line]
    # Where most of the page would go, the statement may be no more than its beginning.
    return kept if confirmed > sum(len(_words(text)) for _, text in found) / 2 else found


def _running(paragraphs: Paragraphs) -> int:
    """The code points of running text: the menu of a page may be one long line."""
    return sum(len(text) for _, text in paragraphs if edges.is_running(text))


def _words(text: str) -> list[str]:
    return elements.WORD.findall(text.casefold())


def _extract(tree: Any, *, fast: bool) -> list[tuple[str, str]]:
    from trafilatura import bare_extraction

    document = bare_extraction(tree, fast=fast, include_comments=False, include_tables=False)
    if document is None or isinstance(document, dict) or document.body is None:
        return []
    return _apart(tree, [(role, text) for role, text in _body(document.body) if text])


def _apart(tree: Any, found: Paragraphs) -> Paragraphs:
    """The paragraphs of an article that trafilatura gives in one piece, as its last resort does."""
    if len(found) != 1:
        return found
    whole = found[0][1]
    parts: Paragraphs = []
    at = told = 0
    for node in (each for article in tree.iter("article") for each in article.iter(*_BLOCKS)):
        text = elements.text(node)
        place = whole.find(text, at) if text else -1
        if place < 0:
            continue
        if beside := whole[at:place].strip():
            parts.append(("body", beside))
        parts.append(("subhead" if node.tag in elements.HEADINGS else "body", text))
        at = place + len(text)
        told += len(text)
    if told < NEARLY_ALL * len(whole):
        return found
    rest = whole[at:].strip()
    return [*parts, ("body", rest)] if rest else parts


_BLOCKS = ("p", "li", "h1", *elements.HEADINGS)

_WHOLE = ("p", "quote", "item", "code")
"""Elements of trafilatura's whose text is taken whole, whatever stands in it."""


def _body(body: Any) -> Iterator[tuple[str, str]]:
    for node in body.iter("head", "p", "quote", "item", "ab", "code"):
        if any(parent.tag in _WHOLE for parent in node.iterancestors()):
            continue
        breaks = list(node.iter("lb"))
        for line in breaks:
            line.tail = f"\n{line.tail or ''}"
        # A paragraph of its own within an item or a quote, and an item within an item.
        inner = list(node.iterdescendants("p", "item", "list"))
        # A part of a live blog, which has a heading, may be an item.
        titles = list(node.iterdescendants("head")) if inner and node.tag == "item" else []
        titled = {normalise("".join(title.itertext())) for title in titles}
        for part in (*inner, *titles):
            part.text = f"\n\n{part.text or ''}"
            # Loose behind the paragraphs of a quote stands who a pull-quote is by.
            part.tail = "\n\n" if node.tag == "quote" else f"\n\n{part.tail or ''}"
        role = {"head": "subhead", "code": "code"}.get(node.tag, "body")
        whole = "".join(node.itertext())
        for part in re.split(r"\n\s*\n", whole) if breaks or inner else [whole]:
            text = normalise(part)
            yield "subhead" if text in titled else role, text


def _story(paragraphs: Paragraphs, authors: list[str]) -> tuple[Paragraphs, Cuts]:
    """The paragraphs without what pasted text would lose too, captions told by their looks."""
    cuts: Cuts = []
    kept: Paragraphs = []
    paragraphs = edges.closed(_once(paragraphs, cuts), authors, cuts)
    noted = -1  # how many paragraphs stand above an editor's note: it is the first one's place
    rules = [
        "" if role == "code" or len(text) > elements.MAX_LINE else _page_rule(text)
        for role, text in paragraphs
    ]
    paragraphs = [("body" if role == "code" else role, text) for role, text in paragraphs]
    _spread_appeals(paragraphs, rules)
    _spread_offer(paragraphs, rules)
    _spread_end(paragraphs, rules)
    for (role, text), rule in zip(paragraphs, rules, strict=True):
        rule = rule or ("author" if edges.presents(text, authors) else "")
        if rule:
            cuts.append((text, rule))
            if noted < 0 and rule == "control" and lexicon.EDITORS_NOTE.match(text):
                noted = len(kept)
        elif _is_credit(text):
            cuts.append((text, "credit"))
        else:
            kept.append(("caption" if role == "body" and credits.is_caption(text) else role, text))
    kept = edges.trimmed(kept, noted, cuts)
    return _without_pull_quotes(_without_summary(kept, cuts), cuts), cuts


def _once(paragraphs: Paragraphs, cuts: Cuts) -> Paragraphs:
    """The paragraphs of a story that the page holds twice, word for word, once.

    That is where most of its long paragraphs come back; a report may say one of them again.
    """
    long = [text for role, text in paragraphs if role == "body" and len(text) > MIN_AGAIN]
    times = Counter(long)
    if 2 * (len(long) - len(times)) <= len(times):
        return paragraphs
    seen: set[str] = set()
    kept: Paragraphs = []
    for role, text in paragraphs:
        if text in seen:
            cuts.append((text, "again"))
        else:
            kept.append((role, text))
        seen.add(text)
    return kept


def _shown_once(paragraphs: Paragraphs, cuts: Cuts) -> Paragraphs:
    """The paragraphs without those that stand one or two above too, where several do.

    Teasers and captions come back like that, and pasted text would lose them.
    """
    kept: Paragraphs = []
    again: Cuts = []
    for role, text in paragraphs:
        near = (said for _, said in kept[1 - TWICE_REACH :])
        if text in near and sentences.is_prose(text):
            again.append((text, "again"))
        else:
            kept.append((role, text))
    if len(set(again)) < 2:
        return paragraphs
    cuts += again
    return kept


def _spread_appeals(paragraphs: Paragraphs, rules: list[str]) -> None:
    """Give the rule of an appeal to the paragraphs beside it that ask too, and to its title."""
    for at in [i for i, rule in enumerate(rules) if rule == "appeal"]:
        first = last = at
        while first and (rules[first - 1] == "appeal" or appeals.asks(paragraphs[first - 1][1])):
            first -= 1
        while last + 1 < len(rules) and not rules[last + 1]:
            if not appeals.asks(paragraphs[last + 1][1]):
                break
            last += 1
        if last > first and first and paragraphs[first - 1][0] == "subhead":
            first -= 1
        rules[first : last + 1] = ["appeal"] * (last + 1 - first)


def _spread_offer(paragraphs: Paragraphs, rules: list[str]) -> None:
    """Give the rule of an offer to read on to what stands below, where all the text is above."""
    at = rules.index("account") if "account" in rules else len(rules)
    running = [edges.is_running(text) for _, text in paragraphs] if at < len(rules) else []
    if any(running[:at]) and not any(running[at + 1 :]):
        rules[at:] = ["account"] * (len(rules) - at)


_END_MARK = re.compile(r"[-–—*#\s]*ENDS[-–—*#\s]*$")


def _spread_end(paragraphs: Paragraphs, rules: list[str]) -> None:
    """Take out the mark that ends a release, and the notes to editors below it."""
    at = next((i for i, (_, text) in enumerate(paragraphs) if _END_MARK.match(text)), 0)
    if at and _running(paragraphs[:at]) > _running(paragraphs[at:]):
        rules[at:] = ["under-story"] * (len(rules) - at)


def _without_summary(paragraphs: Paragraphs, cuts: Cuts) -> Paragraphs:
    """The paragraphs without a first one of whole sentences that all stand in others too."""
    first = next((i for i, (role, _) in enumerate(paragraphs) if role == "body"), len(paragraphs))
    text = paragraphs[first][1] if first < len(paragraphs) else ""
    sentences = [_MARKS.sub("", sentence) for sentence in _BETWEEN.split(text)]
    if len(sentences) < 2 or any(len(said.split()) < MIN_SAID for said in sentences):
        return paragraphs
    rest = "\n".join(text for _, text in paragraphs[first + 1 :])
    if not all(said in rest for said in sentences):
        return paragraphs
    cuts.append((text, "pull-quote"))
    return paragraphs[:first] + paragraphs[first + 1 :]


def _without_pull_quotes(paragraphs: Paragraphs, cuts: Cuts) -> Paragraphs:
    """The paragraphs without the sentences that say again, alone, what another one says.

    Nor a line that stands under one thing after another: it is what to press. A short quote says
    so by its quotation marks: items of a list are said again by headings.
    """
    bare = [_MARKS.sub("", text) for _, text in paragraphs]
    times = Counter(bare)
    whole = "\n".join(bare) if len(bare) < MAX_PARAGRAPHS else ""
    kept = []
    heads = {said for (role, _), said in zip(paragraphs, bare, strict=True) if role == "subhead"}
    # Several headings that come back are the plan of a text: one case after another.
    planned = sum(times[said] > MOST_TIMES for said in heads) > 1
    for (role, text), said in zip(paragraphs, bare, strict=True):
        alone = sentences.is_prose(text) or (text[0] in edges.OPENS_QUOTE and len(said.split()) > 2)
        # Set alone, it opens with a capital wherever its sentence begins.
        own = said[1:] if len(said.split()) >= MIN_PULLED else said
        if role == "body" and alone and whole.count(own) > times[said]:
            cuts.append((text, "pull-quote"))
        elif planned and role == "subhead":
            kept.append((role, text))
        elif times[said] > MOST_TIMES and " " in text and not sentences.ends_sentence(text):
            cuts.append((text, "again"))
        else:
            kept.append((role, text))
    return kept


def _is_credit(text: str) -> bool:
    """Whether a line says whose picture stands beside it, and no more."""
    short = text.count(" ") < credits.CREDIT_WORDS and not sentences.is_prose(text)
    return short and bool(credits.CREDIT_ONLY.match(text)) and not credits.is_description(text)


def _rule_beside(text: str, authors: list[str]) -> str:
    """The rule for a line among the paragraphs that is none: it may be kept as a field."""
    if dates.DATE_LINE.match(text):
        return "date"
    by = len(text) <= MAX_BYLINE and any(author in text for author in authors)
    return "byline" if by else "not-story"


def _unsigned(paragraphs: Paragraphs, authors: list[str], cuts: Cuts) -> Paragraphs:
    """The paragraphs below a deck without the byline and the day above the first of them."""
    at = 0
    while at < len(paragraphs) - 1 and not edges.is_running(text := paragraphs[at][1]):
        if (rule := _rule_beside(text, authors)) == "not-story":
            break
        cuts.append((text, rule))
        at += 1
    return paragraphs[at:]


def _page_rule(text: str) -> str:
    if lexicon.EDITORS_NOTE.match(text):
        return "control"
    if text[:6] in ("Advert", "ADVERT", "advert") and _CONTINUES.match(text):
        return "control"
    if "{{" in text and _PLACEHOLDER.match(text):
        return "code"
    if text.startswith("This audio ") and _SPOKEN.match(text):
        return "widget"
    if rule := page_lines.is_page_line(text):
        return rule
    if text[:3] in ("You", "you") and _METERED.match(text):
        return "account"
    lower = text.lower()
    earns = ("commission" in lower or "revenue" in lower) and _EARNS.search(text)
    return "earnings" if earns else ""


def _decks(
    opening: list[Any], stated: dict[str, Any], meta: dict[str, str], authors: list[str]
) -> list[tuple[Any, str]]:
    """What behind the headline is a deck, with its text: by its class, its place before the byline,
    or the page's description.
    """
    descriptions = {
        normalise(html_entities.unescape(statements.first_string(stated.get("description")))),
        meta.get("description", ""),
        meta.get("og:description", ""),
    }
    found = []
    lead = opening[0] if opening else None
    while lead is not None and len(lead) and not (lead.text or "").strip():
        lead = lead[0]
    for node in opening:
        if node.tag not in ("p", "h2", "h3", "div", "span"):
            continue
        labelled = _DECK_CLASS.search(node.get("class", ""))
        box = node.tag in ("div", "span") and len(node)
        # The points of a list are no sentence, and may be decks by themselves; a picture is none.
        if box and (not labelled or next(node.iter("li", "img"), None) is not None):
            continue
        text = elements.text(node)
        # A bar of buttons may be called a subhead.
        if len(node) and 2 * elements.linked(node) > len(text):
            continue
        first = node is lead or _is_bold(node)
        below = first and (
            (node.tag == "h2" and _SUB_CLASS.search(node.get("class", "")))
            or (_is_signed(node, authors) and text != meta.get("og:title"))
        )
        described = text in descriptions and not _goes_on(node)
        if 4 < len(text.split()) < 80 and (labelled or below or described):
            found.append((node, text))
    return found


def _goes_on(node: Any) -> bool:
    """Whether a paragraph of the same kind follows: a page may be described by its first one."""
    behind = node.getnext()
    alike = behind is not None and elements.is_paragraph(node) and elements.is_paragraph(behind)
    return alike and next(node.iter("strong", "b", "em", "i"), None) is None


def _is_bold(node: Any) -> bool:
    """Whether a paragraph is set in bold type as a whole."""
    return node.tag == "p" and elements.is_shell(node) and node[0].tag in ("strong", "b")


def _is_signed(node: Any, authors: list[str]) -> bool:
    """Whether the byline or the day stands right behind an element, or behind the box it closes."""
    behind = node.getnext()
    if behind is None:
        behind = node.getparent().getnext()
    if behind is None or behind.tag == "figure":
        return False
    named = statements.NAME_CLASS.search(behind.get("class", ""))
    if named or next(behind.iter("time"), None) is not None:
        return elements.extent(behind.text_content()) <= elements.MAX_LINE
    line = next(iter(elements.text_lines(behind)), "")
    by = bylines.BYLINE.match(line) and not elements.is_ended(line)
    by = by or (len(line) <= MAX_BYLINE and line.startswith(tuple(authors)))
    return bool(by or statements.BYLINE.match(line) or dates.DATE_LINE.match(line))


def _deck(
    decks: list[str], headline: str, body: list[tuple[str, str]], authors: list[str]
) -> list[str]:
    """The first that the text does not say anyway, further down or as its opening.

    A description may be that of the author.
    """
    whole = " ".join(text for _, text in body[1:])
    said = (d for d in decks if d != headline and d not in whole and not bylines.BYLINE.match(d))
    return [d for d in said if not _page_rule(d) and not edges.presents(d, authors)][:1]


def _key_points(h1: Any, opening: list[Any]) -> list[str]:
    """The points of a list under the headline that sums the story up, [] where there is none."""
    for node in opening:
        if node.tag not in ("ul", "ol"):
            continue
        around = node.getparent()
        labelled = _POINTS_CLASS.search(node.get("class", "")) or (
            len(around) == 1 and _SUMMARY_CLASS.search(around.get("class", ""))
        )
        points = [elements.text(item) for item in node.iter("li")]
        if (
            (labelled or node.getprevious() is h1)
            and len(points) > 1
            and node.find(".//a") is None
            and all((2 if labelled else 3) < len(point.split()) < 40 for point in points)
        ):
            return points
    return []
