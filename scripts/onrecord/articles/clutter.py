"""Clutter: what a page sets around and between the paragraphs of its story, taken out of its tree.

Each function knows one kind of it, and takes nothing that holds most of what the page says. Above
each stand its own bounds and names; what several ask for stands first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.etree import XPath

from onrecord.articles import elements, links

MAX_ASIDE = 1500
"""Code points: a box with more text is never dropped for its class, nor as a post."""

MAX_SAYING = 300
"""Code points: a box with more text outside links is never dropped for its class, nor as a form."""

MAX_CARD = 600
"""Code points: a box with more text is no card."""

MOST_OF_PAGE = 0.4
"""Share of a page's running text from which on what would go is the story."""

MAX_PARTS = 2
"""Elements in the box of a heading: what opens the fold below may stand beside it."""

MIN_PARTS = 3
"""Boxes set alike from which on they may be parts of the story."""

# What may be one box among others by its tag.
_BOXES = ("div", "section", "ol", "ul", "aside")


class _Extents(dict[Any, int]):
    """Element -> its code points, blanks between its words counted once; looked at only once."""

    def __missing__(self, node: Any) -> int:
        self[node] = extent = len(" ".join(node.text_content().split()))
        return extent


def _holds(outer: Any, inner: Any) -> bool:
    """Whether an element is another one or stands around it; None holds nothing."""
    return inner is not None and (outer is inner or outer in inner.iterancestors())


def drop_hidden(tree: Any) -> None:
    """Take out what no browser shows, unless most of the page waits so for its reader.

    What is only clipped at its edges is shown; trafilatura goes by the word.
    """
    marked = [
        node
        for node in elements.within_body(tree, "*")
        if node.get("hidden") is not None or "hidden" in node.get("style", "")
    ]
    hidden = [node for node in marked if node.get("hidden", "until-found") != "until-found"]
    most = MOST_OF_PAGE * (elements.running(tree) + _loose(tree)) if hidden else 0
    for node in hidden:
        if node.getparent() is not None and elements.running(node) + _loose(node) <= most:
            node.drop_tree()
    for node in marked:
        if not elements.is_unseen(node):
            node.attrib.pop("style", None)


def _loose(node: Any) -> int:
    """The code points that stand in no paragraph, in the boxes with more than a line of them."""
    total = 0
    for box in node.iter("div", "section", "article", "td"):
        own = len(box.text or "") + sum(len(child.tail or "") for child in box)
        total += own if own > elements.RUNNING else 0
    return total


# What stands under a story however long it is, by the whole of a class or an id in small letters:
# what readers wrote, the openings of other stories, and what is asked about cookies.
_UNDER_NAME = re.compile(
    r"(?:(?:article|post|story|user|reader)s?[-_]?)?"
    r"(?:comments?|comentarios?|commentaires?|kommentare?|commenti)"
    r"(?:[-_]?(?:lists?|section|thread|area|wrap(?:per)?|container|block|box|body|text|item"
    r"|content|\d+))*|disqus_thread"
    r"|(?:related|recommended)[-_]?(?:posts?|articles?|stor(?:y|ies)|news|content|links|reading)"
    r"|(?:onetrust|ot-sdk|cookie-?law|cmpbox|qc-cmp2|didomi|cybotcookiebot)[\w-]*"
    r"|(?:cookies?|gdpr|(?:cookie-?)?consent)[-_]{0,2}(?:banner|bar|dialog|modal|notice|notification"
    r"|overlay|popup)(?:[-_]{1,2}\w+)?"
)


def under(tree: Any) -> list[Any]:
    """The elements that say by their name that they stand under the story, in page order."""
    known: dict[str, bool] = {}
    named = []
    for node in tree.iter(*_BOXES):
        label = f"{node.get('class', '')} {node.get('id', '')}".lower()
        if label not in known:
            known[label] = any(map(_UNDER_NAME.fullmatch, label.split()))
        if known[label]:
            named.append(node)
    return named


def drop_others(tree: Any, h1: Any) -> set[Any]:
    """Take out, and give, the articles behind the one with the headline that have an h1 too.

    A page may go on with its next stories, each as whole as the first.
    """
    own = next(h1.iterancestors("article"), None) if h1 is not None else None
    articles = list(tree.iter("article"))
    # Where the headline stands in a box of its own, the story may be one of the others.
    if own is None or own is articles[-1] or not elements.running(own):
        return set()
    others = {
        each
        for each in articles[articles.index(own) + 1 :]
        if own not in each.iterancestors() and next(each.iter("h1"), None) is not None
    }
    for each in others:
        each.drop_tree()
    return others


NEARLY_ALL = 0.9
"""Share of a page's running text from which on an element is no part of it that could go."""


def drop_under(tree: Any, named: list[Any], h1: Any) -> None:
    """Take out what says by its name that it stands under the story, as `under` finds it."""
    over = elements.above(h1)
    most = NEARLY_ALL * elements.running(tree) if named else 0
    for node in named:
        if node in over or node.getparent() is None:
            continue
        # A page may call the place of its story so too: an opinion is a comment.
        if elements.running(node) <= most:
            node.drop_tree()
        else:
            elements.unname(node)


_BESIDE = XPath(".//body//*[@role='complementary'][not(self::article or self::main)]")


def drop_beside(tree: Any, place: Any) -> None:
    """Take out what a page says is beside its story by `role`, unless most of its text is there."""
    most = MOST_OF_PAGE * elements.running(tree)
    for node in _BESIDE(tree):
        if node.getparent() is None or elements.running(node) > most or _holds(node, place):
            continue
        node.drop_tree()


# What a news page sets between its paragraphs without its being the story; in small letters,
# which are found much faster than letters of either case.
_ASIDE_CLASS = re.compile(
    r"pull-?quote|newsletter|sign-?up|subscri(?!ber[-_](only|preview|premium))|related|recirc"
    r"|promo|trending|most-(read|popular)|disclaimer|disclosure|consent|keywords|share|advert"
    r"|podcast|shop-?card|author-?(bio|box|card)|twitter-tweet|instagram-media|tiktok-embed"
    r"|sr-only|visually-?hidden"
    r"|(?<![a-z])(nl-?box|toc(?![a-z])|feedback|(?P<box>cta(?![a-z])|table-of-contents"
    r"|(?P<facts>fact[-_]?box|(article|story)[-_]facts|fakta|infokasten|recuadro)))"
    r"|\b(bio|tags?|comments?|by(line)?|date(line)?|time(stamp)?)\b"
)


def drop_asides(tree: Any, place: Any) -> None:
    """Take out the boxes that a page sets between its paragraphs.

    No name takes more prose from `place`, where most of the page's stands, than it leaves there:
    a site may call its paragraphs so.
    """
    known: dict[tuple[str, str], re.Match[str] | None] = {}
    boxes: dict[tuple[str, str], list[Any]] = {}
    taken: dict[tuple[str, str], int] = {}
    for node in elements.within_body(tree, "*"):
        label = (node.get("class", ""), node.get("data-module", ""))
        if label not in known:
            known[label] = _ASIDE_CLASS.search(" ".join(label).lower())
        if not (called := known[label]) or node.tag in ("article", "main", "body"):
            continue
        if called["box"] and node.tag not in _BOXES:
            continue
        if _ends_in_word(node):
            continue
        # A whole page, or a story behind a button, may carry such a class: only what is small
        # beside an article goes, or is all links.
        length = elements.extent(node.text_content())
        if length >= MAX_ASIDE:
            continue
        said = length - elements.linked(node) if length > elements.RUNNING else 0
        if said < (MAX_CARD if called["facts"] else MAX_SAYING):
            boxes.setdefault(label, []).append(node)
            if said > elements.RUNNING:
                taken[label] = taken.get(label, 0) + said
    for label, nodes in boxes.items():
        if len(nodes) >= MIN_PARTS and (called := known[label]) and called["facts"]:
            continue
        if taken.get(label, 0) > MAX_SAYING and _takes_most(nodes, place):
            for node in nodes:
                node.attrib.pop("class", None)
            continue
        for node in nodes:
            if node.getparent() is not None:
                node.drop_tree()


def _ends_in_word(node: Any) -> bool:
    """Whether a word goes on behind an element: it holds the large letter that opens a text."""
    return (node.tail or "")[:1].islower() and (node.text or "")[-1:].isalpha()


def _takes_most(nodes: list[Any], place: Any) -> bool:
    """Whether boxes hold more of what a place says outside links than they leave."""
    own = [node for node in nodes if _holds(place, node)]
    return bool(own) and 2 * sum(map(_said, own)) > _said(place)


def _said(node: Any) -> int:
    """The code points of an element outside links."""
    return elements.extent(node.text_content()) - elements.linked(node)


_POST = re.compile(
    r"https?://(?:\w+\.)?(?:(?:twitter|x)\.com/\w+/status/|instagram\.com/(?:p|reel|tv)/"
    r"|tiktok\.com/@[\w.]+/video/|bsky\.app/profile/[\w.:-]+/post/)"
)


def _asks_address(field: Any) -> bool:
    """Whether readers are to give their address in a field."""
    named = "mail" in field.get("name", "") or "mail" in field.get("placeholder", "")
    return named or field.get("type") == "email"


def drop_embedded(tree: Any) -> None:
    """Take out posts of social networks, and small boxes in which readers give their address."""
    extents = _Extents()
    for node in list(tree.iter("blockquote")):
        there = node.findall(".//a[@href]")
        if there and _POST.match(there[-1].get("href")) and extents[node] < MAX_ASIDE:
            node.drop_tree()
    for field in filter(_asks_address, list(elements.within_body(tree, "input"))):
        box = None
        for above in field.iterancestors(*_BOXES, "form"):
            if extents[above] > MAX_SAYING:
                break
            box = above
        # Another field may have taken it along.
        if box is not None and box.getparent() is not None:
            box.drop_tree()


_WALLS = XPath(
    ".//body//*[self::div or self::section or self::aside]"
    "[contains(@class, 'paywall') or contains(@id, 'paywall')]"
)


def drop_walls(tree: Any) -> None:
    """Take out the small boxes that offer the rest of a story for money, and hold none of it."""
    for box in _WALLS(tree):
        small = box.getparent() is not None and elements.extent(box.text_content()) <= MAX_CARD
        if small and not elements.running(box) and next(box.iter("a", "button"), None) is not None:
            box.drop_tree()


MAX_PULLED = 160
"""Code points: a longer quote is part of the story even if no sentence ends with it."""

MIN_PULLED = 5
"""Words: a shorter quote without an end may be said elsewhere by chance."""


def drop_pull_quotes(tree: Any) -> None:
    """Take out the quotes in few words, with no end or with who is quoted, that a longer paragraph
    says too.
    """
    quotes: dict[Any, str] = {}
    for quote in tree.iter("blockquote"):
        text = elements.text(quote)
        source = _source(quote)
        if len(text) <= MAX_PULLED and (source or not elements.is_ended(text)):
            said = elements.unquoted(text.removesuffix(source))
            if len(said.split()) >= MIN_PULLED:
                quotes[quote] = said.rstrip(".")
    if not quotes:
        return
    told = [elements.text(p) for p in tree.iter("p")]
    for quote, said in quotes.items():
        # Set alone, it opens with a capital wherever its sentence begins.
        if any(said[1:] in text and len(text) > len(said) + elements.RUNNING for text in told):
            quote.drop_tree()


def _source(quote: Any) -> str:
    """What the last element in a quote says behind others: who is quoted, "" for a sentence."""
    inner = quote
    while elements.is_shell(inner):
        inner = inner[0]
    if len(inner) < 2 or inner[-1].tag in elements.INLINE - {"cite"}:
        return ""
    said = elements.text(inner[-1])
    return "" if elements.is_ended(said) or (inner[-1].tail or "").strip() else said


def drop_set_in(tree: Any) -> None:
    """Take out the boxes with a heading that a page sets between the paragraphs of its story.

    Each tells shortly of something else: it ends with a link to it, or it says by its name or
    style that it is set off, and the story goes on behind it as it stood before, without a heading
    of its own. What holds a list under a line that is no sentence is set off, too. The paragraphs
    say far more than all such boxes between them: a story may come in boxes too.
    """
    linked: dict[Any, list[Any]] = {}
    titled: dict[Any, Any] = {}
    for heading in elements.within_body(tree, *elements.HEADINGS):
        top, box = heading, heading.getparent()
        # A heading may have a box of its own, with what opens the fold below.
        while box.tag == "div" and box[0] is top and not _says_more(box, top):
            top, box = box, box.getparent()
        if box.tag not in ("div", "section", "aside") or box[0] is not top:
            continue
        if _only_links(box, heading):
            box.drop_tree()
        elif _ends_in_link(box) or (_ends_in_button(box) and _tells(box)):
            linked.setdefault(box.getparent(), []).append(box)
        elif _is_set_off(box):
            titled[heading] = box
    folds: dict[Any, list[Any]] = {}
    for box in _between(tree):
        if box.tag == "details":
            folds.setdefault(box.getparent(), []).append(box)
        elif _is_listed(box) or _ends_in_button(box):
            held = linked.setdefault(box.getparent(), [])
            if box not in held:
                held.append(box)
    for place, held in (*linked.items(), *folds.items()):
        if held[0].tag != "details" or len(held) < MIN_PARTS:
            _drop_if_less(held, list(place.iter("p")))
    for settings, held in _set_between(tree, titled).items():
        if len(held) < MIN_PARTS:
            _drop_if_less(held, [p for p in tree.iter("p") if _around(p) == settings])


_SET_IN = ("div", "section", "aside", "details")


def _between(tree: Any) -> Iterator[Any]:
    """The boxes that stand between a running paragraph and another one, or the boxes of such."""
    for before in elements.within_body(tree, "p"):
        around = before
        while (box := around.getnext()) is None and around.getparent().tag in ("div", "section"):
            around = around.getparent()
        if box is not None and box.tag in _SET_IN and elements.is_paragraph(before):
            after = box.getnext()
            if after is not None and _opens_alike(after, around):
                yield box


def _opens_alike(after: Any, around: Any) -> bool:
    """Whether an element is a paragraph as another one is, or is set alike and opens with one."""
    if around.tag == "p" or after.tag != around.tag:
        return after.tag == around.tag
    first = next(after.iter("p"), None)
    opens = first is not None and elements.is_paragraph(first)
    return opens and after.get("class") == around.get("class")


_LABEL_END = ":.!?"
_RUN_ON = elements.INLINE - {"br"}


def _is_listed(box: Any) -> bool:
    """Whether a small box without a heading holds a line that is no sentence, and what it names.

    That is a list, or lines where the box says that it is set off.
    """
    inner = box
    while elements.is_shell(inner):
        inner = inner[0]
    label = inner[0] if len(inner) > 1 and not (inner.text or "").strip() else None
    if (
        label is None
        or (label.tail or "").strip()
        or elements.extent(box.text_content()) > MAX_CARD
    ):
        return False
    said = {part.tag for part in inner.iterdescendants()}
    if said & {"figure", "img", "pre", "blockquote", "table", *elements.HEADINGS}:
        return False
    named = elements.text(label)
    alone = label.tag not in elements.INLINE or label.getnext().tag not in _RUN_ON
    return bool(
        alone
        and 0 < len(named) <= MAX_BUTTON
        and named[-1] not in _LABEL_END
        and (said & {"ul", "ol"} or _is_set_off(box) or _leads_on(inner, named))
    )


def _leads_on(box: Any, label: str) -> bool:
    """Whether all that stands in a box under its label is links."""
    return len(elements.text(box)) - len(label) <= elements.linked(box) + 1 and label != ""


_BUTTON_CLASS = re.compile(r"(?<![a-z])(button|btn)(?![a-z])", re.I)


def _ends_in_button(box: Any) -> bool:
    """Whether a small box ends in a link that is called a button."""
    link = next(box.iter("a"), None)
    if link is None or elements.extent(box.text_content()) > MAX_CARD:
        return False
    said = elements.text(link)
    called = f"{link.get('class', '')} {link.getparent().get('class', '')}"
    return bool(_BUTTON_CLASS.search(called)) and elements.text(box).endswith(said)


def _tells(box: Any) -> bool:
    """Whether a box says something itself: the card of a product only names it."""
    return any(elements.is_ended(line.text_content()) for line in box.iterchildren("p"))


# How a box says that it looks otherwise than the text, or that it explains.
_SET_OFF = re.compile(
    r"background|border|(?:fact|info)[-_]?box|fakta|encadr|kasten|recuadro|explainer|callout"
    r"|toggle|accordion"
)


def _is_set_off(box: Any) -> bool:
    """Whether a box, or one that holds nothing else, says that it looks otherwise than the text."""
    if box.tag == "aside":
        return True
    said = f"{box.get('class', '')} {box.get('style', '')}".lower()
    if _SET_OFF.search(said):
        return True
    around = box.getparent()
    return (
        around.tag in ("div", "section", "aside")
        and elements.is_shell(around)
        and _is_set_off(around)
    )


MANY_TIMES = 3
"""So many times as much as boxes say the paragraphs beside them."""


def _drop_if_less(boxes: list[Any], paragraphs: list[Any]) -> None:
    """Take out boxes beside which these paragraphs say far more."""
    said = (elements.extent(p.text_content()) for p in paragraphs)
    told = sum(length for length in said if length > elements.RUNNING)
    if told > MANY_TIMES * sum(elements.extent(box.text_content()) for box in boxes):
        for box in boxes:
            box.drop_tree()


MAX_BOX = 1000
"""Code points: a box with more text is none that a story is interrupted for."""


def _set_between(tree: Any, titled: dict[Any, Any]) -> dict[tuple[str, str], list[Any]]:
    """How paragraphs are set -> the small boxes under these headings between two of them."""
    found: dict[tuple[str, str], list[Any]] = {}
    if not titled:
        return found
    lines = list(elements.within_body(tree, "p", "li", *elements.HEADINGS))
    at = {line: i for i, line in enumerate(lines)}
    for heading, box in titled.items():
        if heading not in at:  # its box went by what it ends with
            continue
        first = at[heading]
        last = first + sum(1 for _ in box.iter("p", "li", *elements.HEADINGS))
        if first == 0 or last == len(lines) or not last - first > 1:
            continue
        before, after = lines[first - 1], lines[last]
        settings = _around(before)
        if (
            settings == _around(after) != _around(heading)
            and elements.is_paragraph(before)
            and elements.is_paragraph(after)
            and elements.extent(box.text_content()) <= MAX_BOX
        ):
            found.setdefault(settings, []).append(box)
    return found


def _around(node: Any) -> tuple[str, str]:
    """What the element around a paragraph is called."""
    return node.getparent().tag, node.getparent().get("class", "")


MAX_BUTTON = 40
"""Code points: a longer link at the end of a box is a title."""


def _says_more(box: Any, top: Any) -> bool:
    """Whether a box says more than the first element in it, be it beside a button."""
    if len(box) > MAX_PARTS or (top.tail or "").strip():
        return True
    return any(text.strip() for other in box[1:] for text in other.itertext())


def _only_links(box: Any, heading: Any) -> bool:
    """Whether a box holds a plain heading, a list whose items are all links, and nothing else."""
    rows = heading.getnext()
    return (
        len(box) == 2
        and rows is not None
        and rows.tag in ("ul", "ol")
        and next(heading.iter("a"), None) is None
        and all(len(item) == 1 and item[0].tag == "a" and elements.is_shell(item) for item in rows)
    )


def _ends_in_link(box: Any) -> bool:
    """Whether a small box says something and, behind the last sentence, what to press."""
    link = next(box.iterchildren("p", "a", reversed=True), None)
    if link is not None and link.tag == "p":
        link = next(link.iterchildren("a", reversed=True), None)
    if link is None or not link.get("href"):
        return False
    said = elements.text(link)
    if not 0 < len(said) <= MAX_BUTTON or elements.is_ended(said):
        return False
    text = elements.text(box)
    told = text.removesuffix(said).rstrip()
    return len(told) < len(text) <= MAX_CARD and elements.is_ended(told)


_CARDS = ("a", "article", "div", "li", "section")

MANY_CARDS = 3
OF_CARDS = 0.6
"""So many cards with more than this share of a page's running text make it a list of stories.

Of 303 pages the one that has more is a front page, and no other has more than .3.
"""


def drop_teasers(tree: Any, url: str) -> bool:
    """Take out the cards by which a page leads to others of its site, and say whether it is a list.

    They are boxes of one kind side by side, each with a heading that is a link and little else.
    Boxes with most of the page's text are a story in pieces, or all of them are a list of stories:
    a front page, a section, a tag, an author's page, what a search found.
    """
    host = links.host_of(url)
    seen: set[Any] = set()
    groups: list[list[Any]] = []
    extents = _Extents()
    for heading in elements.within_body(tree, *elements.HEADINGS):
        if heading in seen or not links.leads_within(heading, host):
            continue
        for card in heading.iterancestors(*_CARDS):
            if extents[card] > MAX_CARD:
                break
            alike = [
                other
                for other in card.getparent()
                if other.tag == card.tag and other.get("class") == card.get("class")
            ]
            within = [
                [h for h in other.iterdescendants(*elements.HEADINGS) if links.is_linked(h)]
                for other in alike
            ]
            if sum(map(bool, within)) > 1:
                seen.update(h for each in within for h in each)
                if all(
                    len(each) == 1
                    and links.leads_within(each[0], host)
                    and extents[other] <= MAX_CARD
                    for each, other in zip(within, alike, strict=True)
                ):
                    groups.append(alike)
                break
    whole = elements.running(tree) if groups else 0
    held = [sum(map(elements.running, group)) for group in groups]
    for group, running in zip(groups, held, strict=True):
        if running <= MOST_OF_PAGE * whole:
            for card in group:
                if card.getparent() is not None:
                    card.drop_tree()
    return sum(map(len, groups)) >= MANY_CARDS and sum(held) > OF_CARDS * whole


LONG_LINK = 30
"""Code points: a shorter link alone in its paragraph may be what the text is about."""

LONG_ITEM = 120
"""Code points an item: a list of longer ones says something itself."""

MIN_ITEMS = 3
"""Items from which on a list may be a menu."""

MOSTLY_LINKED = 0.4
"""Share of a list from which on its links are what it is there for."""


def drop_links(tree: Any, url: str) -> None:
    """Take out paragraphs and headings that are nothing but a link, and lists of links.

    A link to another site is a source, or what the sentence before it announces.
    """
    own = links.site_of(url)
    for node in list(elements.within_body(tree, "p", *elements.HEADINGS)):
        linked = elements.linked(node)
        if linked <= LONG_LINK:
            continue
        said = node.text_content().strip()
        if len(said) - linked < links.MAX_BESIDE:
            if node.tag == "p" and said[-1:] != ":" and links.leads_away(node, own):
                for link in list(node.iter("a")):
                    link.drop_tag()  # trafilatura takes a long one for a menu
                continue
            node.drop_tree()
    for node in list(elements.within_body(tree, "ul")):
        items = node.findall("li")
        if len(items) >= MIN_ITEMS and all(
            next(item.iter("a"), None) is not None for item in items
        ):
            length = len(node.text_content())
            short = length < LONG_ITEM * len(items)
            menu = short and elements.linked(node) > MOSTLY_LINKED * length
            if menu and not links.leads_away(node, own):
                node.drop_tree()
