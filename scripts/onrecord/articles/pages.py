"""Pages: the article in HTML, by trafilatura, with what it drops put back.

trafilatura (https://trafilatura.readthedocs.io) decides which part of a page is text, in its fast
mode; its slower fallbacks are asked only where that finds too little. Before it, boxes that a page
sets into the story are taken out; after it go the lines that no story holds. Where the publisher
states the text of the article (schema.org `articleBody`), that statement decides about paragraphs.

The parts: `elements` parses, `statements` has what the page states about its article, `layout`
makes the tree ready for trafilatura, `figures` finds captions; here they become paragraphs.
"""

from __future__ import annotations

import html as html_entities
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from lxml.etree import XPath, strip_elements

from onrecord.articles import bylines, elements, figures, layout, lexicon, statements
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

MIN_OPENING = 4
"""Words: a shorter sentence before the first running text is a label."""

NEARLY_ALL = 0.9
"""Share of the running text whose least element is that of the story."""

AWAY = 2
"""Elements up from that of the story to one that holds a paragraph too, which stands well away."""

MOST_TIMES = 2
"""A line that is no sentence and stands more often is none of the story."""

MIN_AGAIN = 100
"""Code points: longer paragraphs that come back say that a page holds its story twice."""

MIN_FOUND = 250
"""Code points of running text: where the fast mode finds less, the slower one is asked."""

MIN_RUNNING = 20
"""Words from which on a paragraph is running text without ending like a sentence."""

MIN_STATED = 120
"""Words: a shorter `articleBody` is a summary and says nothing about the paragraphs."""

_BETWEEN = re.compile(rf"""(?<=[{lexicon.ENDS}])["'”’»)\]」』）]*\s+""")
_MARKS = re.compile(r"""^[\s"'“”‘’«»]+|[\s"'“”‘’«».,]+$""")
_OPENS_QUOTE = '"“‘«'

_DECK_CLASS = re.compile(
    r"(?<![a-z])(deck|dek|stand-?first|sub-?title|sub-?head(ing|line)?|strap(line)?|(?<!with-)summary|lead-?in"
    r"|excerpt|intro)(?![a-z])|[a-z]Dek(?![a-z])",
    re.I,
)
_SUB_CLASS = re.compile(r"(?<![a-z])sub(?![a-z])", re.I)

_POINTS_CLASS = re.compile(
    r"(?<![a-z])(key|story|main|bullet)[-_]?(point|takeaway|fact)s?|takeaways|highlights", re.I
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
    r"|\b(sign up|newsletter|subscribe|in your inbox|delivered every)\b|^\W+$"
    r"|^\W*(published\b.{0,40})?https?://\S+\W*$",
    re.I,
)

# The same in other languages: rights, errors, what is kept for subscribers, who edited it, where
# to follow, from whom it is, who its author is.
_UNDER_ABROAD = re.compile(
    r"\balle rechte(n)? (vorbehalten|voorbehouden)|\btous droits réservés"
    r"|\btod[oa]s (los derechos|os direitos) (están )?reservados|\btutti i diritti (sono )?riservati"
    r"|\bвсе права защищены|\bwszelkie prawa zastrzeżone|\btüm hakları saklıdır"
    r"|无断转载|無断転載|無斷轉載|禁止转载|무단 ?전재"
    r"|^\W*(report[ae]r?|notificar?|comunicar?|informar?|segnala|signaler) (de )?(une? |um )?err(or|o|eur|ore)\b"
    r"|^fehler (melden|gefunden|entdeckt)\b|^(нашли|сообщить об) ошибк|^zgłoś błąd\b|^\W*纠错"
    r"|\b(exclusiv\w+|s[oó]lo|apenas|réservée?s?|riservat\w+|nur|только|tylko|alleen)"
    r" (para|aux?|à|agli|für|для|dla|voor) (\w+ )?"
    r"(registrad\w+|suscriptor\w+|assinantes|abonn\w+|abbonati|подписчиков|abonent\w+)"
    r"|^\W*(责任编辑|责编|编辑|責任編輯|校对|редактор|redacci[oó]n|redação|rédaction)\s?[:：]"
    r"|^(folgen sie uns|suivez[- ]nous|s[ií]guenos|siga[- ]nos|seguici|volg ons|følg os|följ oss"
    r"|śledź nas|подписывайтесь|подпишитесь|abonnez-vous|suscr[ií](bete|base)|assine (já|agora)"
    r"|jetzt abonnieren|abbonati|iscriviti|zapisz się)\b"
    r"|^(quellen?|fuentes?|fontes?|bron|źródło|källa|kilde|источник|来源|來源|出典|kaynak)\s?[:：].{0,80}$"
    r"|^[^.!?]{0,60}\b(redakteur|korrespondent|volontär)(in)? (in|im|der|des|bei|beim|für)\b[^.!?]{0,80}\.?$",
    re.I,
)
_PLACEHOLDER = re.compile(r"\W*\{\{[^{}]{0,80}\}\}\W*$")

# What follows a name in a sentence that presents its bearer.
_WHO = re.compile(r",? (?:is|was|has been|has worked|covers?|writes?|works|joined|edits|reports)\b")

_EARNS = re.compile(
    r"\b(may|might|can) (earn|receive|make|get) (an? |some )?(\w+ )?(commission|revenue)\b", re.I
)

_SENTENCE_END = re.compile(rf"""[{lexicon.ENDS}]["'”’»)\]」』）]*\s*$""")
_AFTER = XPath("following::*[position() <= 150]")

_BLOCKS = XPath(
    ".//body//*[self::p or self::li or self::h2 or self::h3 or self::h4 or self::blockquote"
    " or self::div[text()[normalize-space()]]][not(ancestor::figure)]"
    "[not(.//p or .//li or .//div or .//table or .//h2 or .//h3 or .//h4 or .//section)]"
)


Paragraphs = list[tuple[str, str]]
"""`(role, text in normal form)` in page order."""

Cuts = list[tuple[str, str]]
"""`(text, rule)` of what went."""


def read(markup: str) -> Page | None:
    """The article of a page, or None where trafilatura finds no text in it."""
    tree = elements.parse(markup)
    if tree is None:
        return None
    # lxml makes an element anew for every look at it, unless somebody holds it.
    _held = list(tree.iter())
    stated = statements.json_ld(tree)
    meta = statements.meta(tree)
    strip_elements(tree, "script", "style", "svg", "noscript", "template", with_tail=False)
    h1, headline = statements.headline(tree, stated, meta)
    # The elements behind the headline, before anything is taken out of them.
    top = _AFTER(h1) if h1 is not None else []
    place = h1 if h1 is not None else statements.shown(tree, headline)
    near = top or (_AFTER(place) if place is not None else [])
    authors = statements.authors(stated, meta, near)
    url = statements.url(tree, stated, meta)
    published = statements.published(stated, meta, tree, near, url)
    captions = figures.captions(tree, top)
    points = _key_points(h1, top)
    decks = [] if points else _decks(top, stated, meta)
    blocks = _blocks(tree)
    figures.emptied(captions)
    layout.drop_under(tree, h1)
    layout.drop_asides(tree)
    layout.drop_teasers(tree, url)
    layout.unwrap_code(tree)
    layout.wrap_loose_text(tree)
    layout.drop_links(tree)
    layout.mark_story(tree, h1)
    found = [
        (role, text)
        for role, text in _paragraphs(tree, statements.string(stated.get("articleBody")))
        if text.casefold() != headline.casefold()
    ]
    body, cuts = _story(found, authors)
    body = _inside(body, blocks, cuts)
    deck = points or _deck(decks, headline, body)
    said = [(role, text) for role, text in body if text not in deck]
    if any(role == "body" for role, _ in said):
        body = said
    else:  # All that the page says is its description.
        deck = []
    body, credits = figures.outside(body, captions)
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
    paragraphs += figures.placed(tree, body, captions)
    return Page(
        paragraphs,
        [*(credit for _, _, credit in captions if credit), *credits],
        dateline,
        authors,
        published,
        url,
        statements.first_string(stated.get("articleSection")) or meta.get("article:section", ""),
        statements.language(tree, stated),
        elements.located(markup, cuts),
    )


def _paragraphs(tree: Any, stated: str) -> Paragraphs:
    """The paragraphs of the article, as far as the publisher's own statement confirms them."""
    found = _extract(tree, fast=True)
    if _running(found) < MIN_FOUND:
        found = max(found, _extract(tree, fast=False), key=_running)
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


def _running(paragraphs: Paragraphs) -> int:
    """The code points of running text: the menu of a page may be one long line."""
    return sum(len(text) for _, text in paragraphs if _is_running(text))


def _words(text: str) -> list[str]:
    return elements.WORD.findall(text.casefold())


def _extract(tree: Any, *, fast: bool) -> list[tuple[str, str]]:
    from trafilatura import bare_extraction

    document = bare_extraction(tree, fast=fast, include_comments=False, include_tables=False)
    if document is None or isinstance(document, dict) or document.body is None:
        return []
    return [(role, text) for role, text in _body(document.body) if text]


_WHOLE = ("p", "quote", "item", "code")
"""Elements of trafilatura's whose text is taken whole, whatever stands in it."""


def _body(body: Any) -> Iterator[tuple[str, str]]:
    for node in body.iter("head", "p", "quote", "item", "ab", "code"):
        if any(parent.tag in _WHOLE for parent in node.iterancestors()):
            continue
        inner = node.findall(".//p") if node.tag == "quote" else []
        for part in inner or [node]:
            breaks = list(part.iter("lb"))
            for line in breaks:
                line.tail = f"\n{line.tail or ''}"
            role = {"head": "subhead", "code": "code"}.get(part.tag, "body")
            whole = "".join(part.itertext())
            for text in re.split(r"\n\s*\n", whole) if breaks else [whole]:
                yield role, normalise(text)


def _story(paragraphs: Paragraphs, authors: list[str]) -> tuple[Paragraphs, Cuts]:
    """The paragraphs without what pasted text would lose too, captions told by their looks."""
    cuts: Cuts = []
    kept: Paragraphs = []
    paragraphs = _once(paragraphs, cuts)
    noted = -1  # how many paragraphs stand above an editor's note: it is the first one's place
    rules = [
        "" if role == "code" or len(text) > elements.MAX_LINE else _page_rule(text)
        for role, text in paragraphs
    ]
    paragraphs = [("body" if role == "code" else role, text) for role, text in paragraphs]
    _spread_appeals(paragraphs, rules)
    for (role, text), rule in zip(paragraphs, rules, strict=True):
        rule = rule or ("author" if _presents(text, authors) else "")
        if rule:
            cuts.append((text, rule))
            if noted < 0 and rule == "control" and lexicon.EDITORS_NOTE.match(text):
                noted = len(kept)
        elif _is_credit(text):
            cuts.append((text, "credit"))
        else:
            kept.append(("caption" if role == "body" and lexicon.is_caption(text) else role, text))
    kept = _trimmed(kept, noted, cuts)
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


def _spread_appeals(paragraphs: Paragraphs, rules: list[str]) -> None:
    """Give the rule of an appeal to the paragraphs beside it that ask too, and to its title."""
    for at in [i for i, rule in enumerate(rules) if rule == "appeal"]:
        first = last = at
        while first and (rules[first - 1] == "appeal" or lexicon.asks(paragraphs[first - 1][1])):
            first -= 1
        while last + 1 < len(rules) and not rules[last + 1]:
            if not lexicon.asks(paragraphs[last + 1][1]):
                break
            last += 1
        if last > first and first and paragraphs[first - 1][0] == "subhead":
            first -= 1
        rules[first : last + 1] = ["appeal"] * (last + 1 - first)


def _presents(text: str, authors: list[str]) -> bool:
    """Whether a paragraph says who an author is: by name, and in the third person."""
    name = next((name for name in authors if text.startswith(name)), "")
    return bool(name) and bool(_WHO.match(text, len(name)))


def _trimmed(paragraphs: Paragraphs, noted: int, cuts: Cuts) -> Paragraphs:
    """The paragraphs from the first running text on, without what stands under the last."""
    said = [i for i, (role, _) in enumerate(paragraphs) if role != "caption"]
    first = next((n for n, i in enumerate(said) if _is_running(paragraphs[i][1])), 0)
    while first and _is_opening(*paragraphs[said[first - 1]]):
        first -= 1
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
        alone = lexicon.is_prose(text) or (text[0] in _OPENS_QUOTE and len(said.split()) > 2)
        if role == "body" and alone and whole.count(said) > times[said]:
            cuts.append((text, "pull-quote"))
        elif planned and role == "subhead":
            kept.append((role, text))
        elif times[said] > MOST_TIMES and " " in text and not lexicon.ends_sentence(text):
            cuts.append((text, "again"))
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
    return lexicon.words(text) >= MIN_RUNNING and lexicon.capitals(words) <= lexicon.CAPITALS


def _is_opening(role: str, text: str) -> bool:
    """Whether a short sentence may open a story, and is not what the page quotes from it."""
    said = role == "body" and text[0] not in _OPENS_QUOTE and lexicon.ends_sentence(text)
    return said and lexicon.words(text) >= MIN_OPENING


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
        if text := elements.text(node):
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


def _inside(body: Paragraphs, blocks: list[_Block], cuts: Cuts) -> Paragraphs:
    """The paragraphs without the last ones outside the element that holds nearly all of the story.

    What stands well away from it goes, and labels from right beside it on. What is set like its
    paragraphs is a piece of the story.
    """
    first: dict[str, _Block] = {}
    for block in blocks:
        first.setdefault(block.text, block)
    placed = [first.get(text) for _, text in body]
    mass: Counter[Any] = Counter()
    whole = 0
    for block in filter(None, placed):
        if _is_running(block.text):
            whole += len(block.text)
            for node in block.around:
                mass[node] += len(block.text)
    enough = [node for node, held in mass.items() if held >= NEARLY_ALL * whole]
    if not enough:
        return body
    # The elements that hold so much hold one another: the least of them is the deepest.
    story = max(enough, key=lambda node: sum(1 for _ in node.iterancestors()))
    above = [story, *story.iterancestors()]
    settings = {_setting(block) for block in filter(None, placed) if story in block.around}
    outside: set[int] = set()
    for i in range(len(body) - 1, -1, -1):
        block, running = placed[i], _is_running(body[i][1])
        if block is None:
            # Loose text, or a part of a block: nobody knows where it stands.
            if running:
                break
            continue
        away = next(n for n, node in enumerate(above) if node in block.around)
        piece = block.around[0].get("class") and _setting(block) in settings
        if piece or not away or (away < AWAY and running):
            break
        outside.add(i)
    cuts += [(body[i][1], "outside") for i in sorted(outside)]
    return [paragraph for i, paragraph in enumerate(body) if i not in outside]


def _setting(block: _Block) -> tuple[str, str]:
    """What the element around a paragraph is called."""
    return block.around[0].tag, block.around[0].get("class", "")


def _rule_beside(text: str, authors: list[str]) -> str:
    """The rule for a line among the paragraphs that is none: it may be kept as a field."""
    if bylines.DATE_LINE.match(text):
        return "date"
    by = len(text) <= MAX_BYLINE and any(author in text for author in authors)
    return "byline" if by else "not-story"


def _page_rule(text: str) -> str:
    if lexicon.EDITORS_NOTE.match(text):
        return "control"
    if "{{" in text and _PLACEHOLDER.match(text):
        return "code"
    if rule := lexicon.is_page_line(text):
        return rule
    lower = text.lower()
    earns = ("commission" in lower or "revenue" in lower) and _EARNS.search(text)
    return "earnings" if earns else ""


def _is_under(text: str) -> bool:
    found = _UNDER.search(text) or lexicon.is_note(text) or lexicon.AUTHOR.match(text)
    return len(text.split()) < 80 and bool(found or _UNDER_ABROAD.search(text))


def _decks(top: list[Any], stated: dict[str, Any], meta: dict[str, str]) -> list[str]:
    """The texts behind the headline that are a deck by their class or by the page's description."""
    descriptions = {
        normalise(html_entities.unescape(statements.first_string(stated.get("description")))),
        meta.get("description", ""),
        meta.get("og:description", ""),
    }
    found = []
    for node in statements.until_prose(top):
        if node.tag not in ("p", "h2", "h3", "div", "span"):
            continue
        labelled = _DECK_CLASS.search(node.get("class", ""))
        if node.tag in ("div", "span") and not labelled and len(node):
            continue
        text = elements.text(node)
        # A bar of buttons may be called a subhead.
        if len(node) and 2 * elements.linked(node) > len(text):
            continue
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
    for node in statements.until_prose(top):
        if node.tag not in ("ul", "ol"):
            continue
        labelled = _POINTS_CLASS.search(node.get("class", ""))
        points = [elements.text(item) for item in node.iter("li")]
        if (
            (labelled or node.getprevious() is h1)
            and len(points) > 1
            and node.find(".//a") is None
            and all(3 < len(point.split()) < 40 for point in points)
        ):
            return points
    return []
