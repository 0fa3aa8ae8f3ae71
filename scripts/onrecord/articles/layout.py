"""The elements of a page made ready: boxes and links out, loose text wrapped, the story marked."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml.etree import XPath

from onrecord.articles import elements, lexicon

MAX_ASIDE = 1500
"""Code points: an element with more text than this is never dropped for its class."""

MAX_SAYING = 300
"""Code points: an element with more text outside links is never dropped for its class."""

RUNNING = 80
"""Code points: a longer `p` is running text."""

LONG_LABEL = 160
"""Code points: a longer text alone in its box is a paragraph even if no sentence ends with it."""

NEARLY_ALL = 0.9
"""Share of a page's running text from which on an element is no part of it that could go."""

MIN_NAMED = 250
"""Code points: an element with less text is no story whatever its name."""

LEAST_NAMED = 0.25
"""Share of the running text of `main` below which an element is no more than a part of it."""

MOST = 0.6
"""Share of an element's running text that makes one of its children the place of the story."""

MOST_BESIDE = 0.8
"""The same for a child beside which others are set alike: the story may come in pieces."""

MAX_CARD = 600
"""Code points: a box with more text is no card."""

MAX_BOX = 1000
"""Code points: a box with more text is none that a story is interrupted for."""

MAX_BUTTON = 40
"""Code points: a longer link at the end of a box is a title."""

MIN_PULLED = 5
"""Words: a shorter quote without an end may be said elsewhere by chance."""

MANY_TIMES = 3
"""So many times as much as boxes say the paragraphs beside them."""

MAX_BESIDE = 20
"""Code points that may stand beside the link of a line that is one."""

LONG_LINK = 30
"""Code points: a shorter link alone in its paragraph may be what the text is about."""

LONG_ITEM = 120
"""Code points an item: a list of longer ones says something itself."""

MOSTLY_LINKED = 0.4
"""Share of a list from which on its links are what it is there for."""

MOST_CARDS = 0.4
"""Share of a page's running text from which on boxes of one kind are the story."""

MIN_PIECES = 3
"""Boxes under one headline from which on they may be its pieces."""

NAMES = 3
"""Of trafilatura's expressions for the story, those that name more than a column of the page."""

# What a news page sets between its paragraphs without its being the story; in small letters,
# which are found much faster than letters of either case.
_ASIDE_CLASS = re.compile(
    r"pull-?quote|newsletter|sign-?up|subscri|related|recirc|promo|trending|most-(read|popular)"
    r"|disclaimer|disclosure|consent|keywords|share|advert|podcast|shop-?card"
    r"|author-?(bio|box|card)|twitter-tweet|instagram-media|tiktok-embed|sr-only|visually-?hidden"
    r"|(?<![a-z])nl-?box|\b(bio|tags?|comments?|by(line)?|date(line)?|time(stamp)?)\b"
)

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
_BOXES = ("div", "section", "ol", "ul", "aside")

# How a box says that it looks otherwise than the text, or that it explains.
_SET_OFF = re.compile(
    r"background|border|(?:fact|info)[-_]?box|fakta|encadr|kasten|recuadro|explainer|callout"
)
_LINE_END = re.compile(rf"""[{lexicon.ENDS}:]["'”’»)\]」』）]*\s*$""")
_BESIDE = XPath(".//body//*[@role='complementary'][not(self::article or self::main)]")
_TITLES = ("h2", "h3", "h4")
_ADDRESS_FIELDS = XPath(
    ".//body//input[@type='email' or contains(@name, 'mail') or contains(@placeholder, 'mail')]"
)
_POST = re.compile(
    r"https?://(?:\w+\.)?(?:(?:twitter|x)\.com/\w+/status/|instagram\.com/(?:p|reel|tv)/"
    r"|tiktok\.com/@[\w.]+/video/|bsky\.app/profile/[\w.:-]+/post/)"
)
_WALLS = XPath(
    ".//body//*[self::div or self::section or self::aside]"
    "[contains(@class, 'paywall') or contains(@id, 'paywall')]"
)
_HEADINGS = XPath(".//h2 | .//h3 | .//h4")
_LETTER = re.compile(r"[^\W\d_]")
_STATED = XPath(".//*[@itemprop='articleBody']")
_BROKEN_OFF = "br/following-sibling::*[1][self::br]"

_BROAD = ("div", "p", "ul", "ol")
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
_LISTS = XPath(".//body//ul[count(li) > 2]")
_CARDS = ("a", "article", "div", "li", "section")
# An archive writes its own address before that of the page, whose slashes may have become one.
_HOST = re.compile(r"\s*(?:https?:/.*)?https?:/{1,2}(?:www\.)?([^/?#\s]+)", re.I | re.S)
_NO_PAGE = ("#", "mailto:", "javascript:")
_CODE_TABLES = XPath(".//body//table[.//pre]")
_TABLES = XPath(".//body//table")
_HIDDEN = XPath(".//body//*[@hidden or contains(@style, 'hidden')]")
_FOLD_NAME = re.compile(
    r"(?<![a-z])(?:hid(?:e|den)|expand\w*|overlay|options|blurred|obfuscated|premium|slide|noprint)(?![a-z])"
)
_UNSEEN = re.compile(r"\b(?:visibility\s*:\s*hidden|display\s*:\s*none)", re.I)
# What a page sets around what is no story, and what of an element says something by itself.
_SHELLS = ("aside", "button", "dialog", "fieldset", "footer", "form", "header", "nav", "noscript")
_SHELLS_OF_PROSE = ("a", "details", "figure", "pre", "summary", "table", "tbody", "td", "tr")
_CONTENT = ("href", "src", "alt")
_LINES = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "figcaption")
_QUOTED = " \"'“”‘’«»„"


def name_customs(nodes: list[Any]) -> None:
    """Make of the elements that a site defines itself boxes, or pieces of a line, like others."""
    for node in [node for node in nodes if type(node.tag) is str and "-" in node.tag]:
        node.tag = "span" if _is_leaf(node) and _is_in_line(node) else "div"


def _is_in_line(node: Any) -> bool:
    """Whether an element stands in a line of text, and not as one by itself."""
    around = node.getparent()
    if around.tag in _LINES or around.tag in elements.INLINE:
        return True
    return bool((around.text or "").strip()) or any((c.tail or "").strip() for c in around)


def drop_asides(tree: Any, place: Any) -> None:
    """Take out the boxes that a page sets between its paragraphs.

    No name takes more prose from `place`, where most of the page's stands, than it leaves there:
    a site may call its paragraphs so.
    """
    known: dict[tuple[str, str], bool] = {}
    boxes: dict[tuple[str, str], list[Any]] = {}
    taken: dict[tuple[str, str], int] = {}
    for node in elements.within_body(tree, "*"):
        label = (node.get("class", ""), node.get("data-module", ""))
        if label not in known:
            known[label] = bool(_ASIDE_CLASS.search(" ".join(label).lower()))
        if not known[label] or node.tag in ("article", "main", "body"):
            continue
        # A whole page, or a story behind a button, may carry such a class: only what is small
        # beside an article goes, or is all links.
        length = elements.extent(node.text_content())
        if length >= MAX_ASIDE:
            continue
        said = length - elements.linked(node) if length > RUNNING else 0
        if said < MAX_SAYING:
            boxes.setdefault(label, []).append(node)
            if said > RUNNING:
                taken[label] = taken.get(label, 0) + said
    for label, nodes in boxes.items():
        if taken.get(label, 0) > MAX_SAYING and _takes_most(nodes, place):
            for node in nodes:
                node.attrib.pop("class", None)
            continue
        for node in nodes:
            if node.getparent() is not None:
                node.drop_tree()


def unlink_titles(tree: Any) -> None:
    """Make headings that link to themselves plain: the others lead to other stories."""
    titles = elements.within_body(tree, *_TITLES)
    for link in dict.fromkeys(link for title in titles for link in title.iter("a")):
        if link.get("href", "#").startswith("#"):
            link.drop_tag()


def _takes_most(nodes: list[Any], place: Any) -> bool:
    """Whether boxes hold more of what a place says outside links than they leave."""
    own = [node for node in nodes if _holds(place, node)]
    return bool(own) and 2 * sum(map(_said, own)) > _said(place)


def _said(node: Any) -> int:
    """The code points of an element outside links."""
    return elements.extent(node.text_content()) - elements.linked(node)


def drop_beside(tree: Any, place: Any) -> None:
    """Take out what a page says is beside its story by `role`, unless most of its text is there."""
    most = MOST_CARDS * _running(tree)
    for node in _BESIDE(tree):
        if node.getparent() is None or _running(node) > most or _holds(node, place):
            continue
        node.drop_tree()


def _holds(outer: Any, inner: Any) -> bool:
    """Whether an element is another one or stands around it; None holds nothing."""
    return inner is not None and (outer is inner or outer in inner.iterancestors())


def _above(node: Any) -> set[Any]:
    """What stands around an element, if there is one."""
    return set() if node is None else set(node.iterancestors())


def _unname(node: Any, *names: str) -> None:
    """Take from an element its class and id, and other attributes by which it might go."""
    for name in ("class", "id", *names):
        node.attrib.pop(name, None)


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


def open_shells(tree: Any) -> None:
    """Make boxes for what is no story, and pictures or links around text, boxes like others."""
    for node in list(tree.iter(*_SHELLS, *_SHELLS_OF_PROSE)):
        in_line = node.tag == "a" and _is_leaf(node)
        if node.tag in _SHELLS or (not in_line and _has_running(node)):
            node.tag = "div"


def lay_bare(tree: Any, place: Any) -> None:
    """Leave of a page one element, without names or roles by which anything in it might go."""
    for node in list(place.iter()):
        if not isinstance(node.tag, str):
            continue
        for name in set(node.attrib).difference(_CONTENT):
            del node.attrib[name]
    body = place.makeelement("body")
    root = tree.getroottree().getroot()
    article = place.makeelement("article")
    place.tail = None
    if place is root or place.tag == "body":
        place.tag = "div"
    article.append(place)
    body.append(article)
    for child in list(root):
        if child.tag != "head":
            root.remove(child)
    root.append(body)


def drop_under(tree: Any, named: list[Any], h1: Any) -> None:
    """Take out what says by its name that it stands under the story, as `under` finds it."""
    over = _above(h1)
    most = NEARLY_ALL * _running(tree) if named else 0
    for node in named:
        if node in over or node.getparent() is None:
            continue
        # A page may call the place of its story so too: an opinion is a comment.
        if _running(node) <= most:
            node.drop_tree()
        else:
            _unname(node)


def drop_others(tree: Any, h1: Any) -> set[Any]:
    """Take out, and give, the articles behind the one with the headline that have an h1 too.

    A page may go on with its next stories, each as whole as the first.
    """
    own = next(h1.iterancestors("article"), None) if h1 is not None else None
    articles = list(tree.iter("article"))
    # Where the headline stands in a box of its own, the story may be one of the others.
    if own is None or own is articles[-1] or not _running(own):
        return set()
    others = {
        each
        for each in articles[articles.index(own) + 1 :]
        if own not in each.iterancestors() and next(each.iter("h1"), None) is not None
    }
    for each in others:
        each.drop_tree()
    return others


def _running(node: Any) -> int:
    """The code points of running text in an element."""
    lengths = (elements.extent(p.text_content()) for p in node.iter("p"))
    return sum(length for length in lengths if length > RUNNING)


def _loose(node: Any) -> int:
    """The code points that stand in no paragraph, in the boxes with more than a line of them."""
    total = 0
    for box in node.iter("div", "section", "article", "td"):
        own = len(box.text or "") + sum(len(child.tail or "") for child in box)
        total += own if own > RUNNING else 0
    return total


def most_running(tree: Any) -> int:
    """The code points of running text in the `article` or `main` with most of it."""
    return max(_masses(tree, "article", "main").values(), default=0)


def drop_links(tree: Any, url: str) -> None:
    """Take out paragraphs and headings that are nothing but a link, and lists of links.

    A link to another site is a source, or what the sentence before it announces.
    """
    own = _site(url)
    for node in list(elements.within_body(tree, "p", *_TITLES)):
        links = elements.linked(node)
        if links > LONG_LINK and len(said := node.text_content().strip()) - links < MAX_BESIDE:
            if node.tag == "p" and said[-1:] != ":" and _leads_away(node, own):
                for link in list(node.iter("a")):
                    link.drop_tag()  # trafilatura takes a long one for a menu
                continue
            node.drop_tree()
    for node in _LISTS(tree):
        items = node.findall("li")
        if all(next(item.iter("a"), None) is not None for item in items):
            length = len(node.text_content())
            short = length < LONG_ITEM * len(items)
            linked = short and elements.linked(node) > MOSTLY_LINKED * length
            if linked and not _leads_away(node, own):
                node.drop_tree()


def keep_sources(tree: Any) -> None:
    """Make the line that says who is quoted a paragraph, where it closes a quote by itself.

    What the text says anyway is a pull-quote, and goes with its line.
    """
    whole = ""
    for node in list(tree.iter("footer", "cite")):
        quote = next(node.iterancestors("blockquote"), None)
        if quote is None or (node.tag == "cite" and not _closes(node, quote)):
            continue
        whole = whole or elements.text(tree)
        said = elements.text(quote).removesuffix(elements.text(node)).strip(_QUOTED)
        if whole.count(said) == 1:
            node.tag = "p"


def drop_pull_quotes(tree: Any) -> None:
    """Take out the quotes in few words, with no end, that a longer paragraph says too."""
    quotes = {
        quote: said
        for quote in tree.iter("blockquote")
        if len(text := elements.text(quote)) <= LONG_LABEL
        and not _LINE_END.search(text)
        and len((said := text.strip(_QUOTED)).split()) >= MIN_PULLED
    }
    if not quotes:
        return
    told = [elements.text(p) for p in tree.iter("p")]
    for quote, said in quotes.items():
        # Set alone, it opens with a capital wherever its sentence begins.
        if any(said[1:] in text and len(text) > len(said) + RUNNING for text in told):
            quote.drop_tree()


def drop_walls(tree: Any) -> None:
    """Take out the small boxes that offer the rest of a story for money, and hold none of it."""
    for box in _WALLS(tree):
        small = box.getparent() is not None and elements.extent(box.text_content()) <= MAX_CARD
        if small and not _running(box) and next(box.iter("a", "button"), None) is not None:
            box.drop_tree()


def _closes(node: Any, quote: Any) -> bool:
    """Whether an element stands by itself behind all else that a quote holds."""
    behind = (node.tail or "").strip() or node.getnext() is not None
    before = (quote.text or "").strip() or node.getprevious() is not None
    return node.getparent() is quote and bool(before) and not behind


def drop_hidden(tree: Any) -> None:
    """Take out what no browser shows, unless most of the page waits so for its reader.

    What is only clipped at its edges is shown; trafilatura goes by the word.
    """
    marked = _HIDDEN(tree)
    hidden = [node for node in marked if node.get("hidden", "until-found") != "until-found"]
    most = MOST_CARDS * (_running(tree) + _loose(tree)) if hidden else 0
    for node in hidden:
        if node.getparent() is not None and _running(node) + _loose(node) <= most:
            node.drop_tree()
    for node in marked:
        if not _UNSEEN.search(node.get("style", "")):
            node.attrib.pop("style", None)


def show(place: Any, h1: Any) -> None:
    """Make an element, those around it and large parts of it seen: a script may open a fold.

    Neither their style nor a name for a fold says otherwise. Parts called alike count as one: a
    list comes in slides, with the parts of a slide folded too. What shares no box with the headline
    may be a notice over the whole page, and stays as it is.
    """
    over = _above(h1)
    around = [place, *place.iterancestors()]
    if over.isdisjoint(node for node in around if node.tag not in ("body", "html")):
        return
    folded: dict[str, list[Any]] = {}
    for part in place:
        if part.tag in ("div", "section") and _may_be_folded(part):
            folded.setdefault(part.get("class", ""), []).append(part)
    least = LEAST_NAMED * _running(place) if folded else 0
    parts = [
        node
        for alike in folded.values()
        if sum(map(_running, alike)) > least
        for part in alike
        # A single part may hold what is hidden for good.
        for node in (part.iter("div", "section", "p") if len(alike) > 1 else [part])
    ]
    for node in (*around, *parts):
        if _UNSEEN.search(node.get("style", "")):
            del node.attrib["style"]
        if node.get("aria-hidden"):
            del node.attrib["aria-hidden"]
        for name in ("class", "id"):
            if _FOLD_NAME.search(node.get(name, "").lower()):
                del node.attrib[name]


def _may_be_folded(node: Any) -> bool:
    """Whether something says of an element that it is seen only when a reader asks for it."""
    said = f"{node.get('class', '')} {node.get('id', '')}".lower()
    unseen = node.get("aria-hidden") or _UNSEEN.search(node.get("style", ""))
    return bool(unseen or _FOLD_NAME.search(said))


def drop_embedded(tree: Any) -> None:
    """Take out posts of social networks, and small boxes in which readers give their address."""
    extents = _Extents()
    for node in list(tree.iter("blockquote")):
        links = node.findall(".//a[@href]")
        if links and _POST.match(links[-1].get("href")) and extents[node] < MAX_ASIDE:
            node.drop_tree()
    for field in _ADDRESS_FIELDS(tree):
        box = None
        for above in field.iterancestors(*_BOXES, "form"):
            if extents[above] > MAX_SAYING:
                break
            box = above
        # Another field may have taken it along.
        if box is not None and box.getparent() is not None:
            box.drop_tree()


def drop_set_in(tree: Any) -> None:
    """Take out the boxes with a heading that a page sets between the paragraphs of its story.

    Each tells shortly of something else: it ends with a link to it, or it says by its name or
    style that it is set off, and the story goes on behind it as it stood before, without a heading
    of its own. The paragraphs say far more than all such boxes between them: a story may come in
    boxes too.
    """
    linked: dict[Any, list[Any]] = {}
    titled: list[Any] = []
    for heading in elements.within_body(tree, *_TITLES):
        box = heading.getparent()
        if box.tag not in ("div", "section", "aside") or box[0] is not heading:
            continue
        if _ends_in_link(box):
            linked.setdefault(box.getparent(), []).append(box)
        elif _is_set_off(box):
            titled.append(heading)
    for place, held in linked.items():
        _drop_if_less(held, place.findall("p"))
    for settings, held in _set_between(tree, titled).items():
        if len(held) < MIN_PIECES:
            _drop_if_less(held, [p for p in tree.iter("p") if _around(p) == settings])


def _is_set_off(box: Any) -> bool:
    """Whether a box, or one that holds nothing else, says that it looks otherwise than the text."""
    if box.tag == "aside":
        return True
    said = f"{box.get('class', '')} {box.get('style', '')}".lower()
    if _SET_OFF.search(said):
        return True
    around = box.getparent()
    return around.tag in ("div", "section", "aside") and _is_shell(around) and _is_set_off(around)


def _drop_if_less(boxes: list[Any], paragraphs: list[Any]) -> None:
    """Take out boxes beside which these paragraphs say far more."""
    said = (elements.extent(p.text_content()) for p in paragraphs)
    told = sum(length for length in said if length > RUNNING)
    if told > MANY_TIMES * sum(elements.extent(box.text_content()) for box in boxes):
        for box in boxes:
            box.drop_tree()


def _set_between(tree: Any, headings: list[Any]) -> dict[tuple[str, str], list[Any]]:
    """How paragraphs are set -> the small boxes with one of these headings between two of them."""
    found: dict[tuple[str, str], list[Any]] = {}
    if not headings:
        return found
    lines = list(elements.within_body(tree, "p", "li", *_TITLES))
    at = {line: i for i, line in enumerate(lines)}
    for heading in headings:
        box = heading.getparent()
        first, last = at[heading], at[heading] + sum(1 for _ in box.iter("p", "li", *_TITLES))
        if first == 0 or last == len(lines) or not last - first > 1:
            continue
        before, after = lines[first - 1], lines[last]
        settings = _around(before)
        if (
            settings == _around(after) != _around(heading)
            and _is_running(before)
            and _is_running(after)
            and elements.extent(box.text_content()) <= MAX_BOX
        ):
            found.setdefault(settings, []).append(box)
    return found


def _around(node: Any) -> tuple[str, str]:
    """What the element around a paragraph is called."""
    return node.getparent().tag, node.getparent().get("class", "")


def _ends_in_link(box: Any) -> bool:
    """Whether a small box says something and, behind the last sentence, what to press."""
    link = next(box.iterchildren("p", "a", reversed=True), None)
    if link is not None and link.tag == "p":
        link = next(link.iterchildren("a", reversed=True), None)
    if link is None or not link.get("href"):
        return False
    said = elements.text(link)
    if not 0 < len(said) <= MAX_BUTTON or _LINE_END.search(said):
        return False
    text = elements.text(box)
    told = text.removesuffix(said).rstrip()
    return len(told) < len(text) <= MAX_CARD and bool(_LINE_END.search(told))


def drop_teasers(tree: Any, url: str) -> None:
    """Take out the cards by which a page leads to others of its site.

    They are boxes of one kind side by side, each with a heading that is a link and little else.
    Boxes with most of the page's text are a story in pieces.
    """
    host = _host(url)
    seen: set[Any] = set()
    groups: list[list[Any]] = []
    extents = _Extents()
    for heading in elements.within_body(tree, *_TITLES):
        if heading in seen or not _leads_within(heading, host):
            continue
        for card in heading.iterancestors(*_CARDS):
            if extents[card] > MAX_CARD:
                break
            alike = [
                other
                for other in card.getparent()
                if other.tag == card.tag and other.get("class") == card.get("class")
            ]
            within = [[h for h in _HEADINGS(other) if _is_linked(h)] for other in alike]
            if sum(map(bool, within)) > 1:
                seen.update(h for each in within for h in each)
                if all(
                    len(each) == 1 and _leads_within(each[0], host) and extents[other] <= MAX_CARD
                    for each, other in zip(within, alike, strict=True)
                ):
                    groups.append(alike)
                break
    most = MOST_CARDS * _running(tree) if groups else 0
    for group in groups:
        if sum(map(_running, group)) <= most:
            for card in group:
                if card.getparent() is not None:
                    card.drop_tree()


def unwrap_code(tree: Any) -> None:
    """Put code that is set in a table, beside the numbers of its lines, in the table's place."""
    for table in _CODE_TABLES(tree):
        code = [pre for pre in table.iter("pre") if _LETTER.search(pre.text_content())]
        length = sum(len(pre.text_content()) for pre in code)
        if code and 2 * length > len(table.text_content()):
            box = table.makeelement("div")
            box.tail = table.tail
            for pre in code:
                pre.tail = None
                box.append(pre)
            table.getparent().replace(table, box)


def unwrap_columns(tree: Any) -> None:
    """Put what a table says in its place, where it is no data but a box or the page's columns.

    Such a table has one column with running text, or several paragraphs of it in one cell;
    trafilatura takes every table for data.
    """
    for table in _TABLES(tree):
        rows = [*table.findall("tr"), *table.findall("*/tr")]
        cells = [cell for row in rows for cell in row]
        single = all(len(row) < 2 for row in rows) and any(map(_has_running, cells))
        frame = len(rows) == 1 and any(_blocks_in(cell) for cell in cells)
        if not single and not frame and not any(map(_is_column, cells)):
            if table.getparent().tag == "blockquote":
                table.drop_tree()
            continue
        for cell in cells:
            cell.tag = "p" if _is_leaf(cell) else "div"
        for part in (table, *table.findall("*"), *rows):
            part.tag = "div"


def _blocks_in(cell: Any) -> bool:
    """Whether a cell holds paragraphs or boxes."""
    return next(cell.iter("p", "div", "ul", "ol", "h2", "h3"), None) is not None


def _is_column(cell: Any) -> bool:
    """Whether a cell of a table is a column of a page: it holds several paragraphs or boxes."""
    parts = islice((part for part in cell.iter("p", "div", "br") if _opens(part)), MIN_PIECES)
    return len(list(parts)) == MIN_PIECES


def _opens(part: Any) -> bool:
    """Whether running text stands in a paragraph or box itself, or behind a line break."""
    text = part.tail if part.tag == "br" else part.text_content() if part.tag == "p" else part.text
    return len(text or "") > RUNNING


def _has_running(node: Any) -> bool:
    """Whether an element holds running text that is no list of links."""
    text = node.text_content().rstrip()
    return _reads_on(text) and 2 * elements.linked(node) < len(text)


def _reads_on(text: str) -> bool:
    """Whether a text is long and ends as a sentence does."""
    return len(text) > RUNNING and bool(_LINE_END.search(text))


def wrap_loose_text(tree: Any) -> None:
    """Put text that stands loose in a container into paragraphs; two line breaks end one."""
    spans = elements.within_body(tree, "span")
    for node in [span for span in spans if any(part.tag in _BROAD for part in span)]:
        node.drop_tag()
    _name_paragraphs(tree)
    for node in _LOOSE(tree):
        if not _is_label(node):
            _wrap(node)


def _name_paragraphs(tree: Any) -> None:
    """Make of the boxes that hold a line of text and nothing else paragraphs, and of those beside.

    That is where one ends as a sentence does; what is set the same way is one too, however short.
    """
    done: set[tuple[Any, str]] = set()
    for node in _LEAVES(tree):
        # A line may have boxes of its own around it.
        box = node
        while box.getparent().tag == "div" and _is_shell(box.getparent()):
            box = box.getparent()
        label, place = node.get("class", ""), box.getparent()
        if _LINE_END.search(node.text_content()):
            node.tag = "p"
            if (place, label) not in done:
                done.add((place, label))
                for other in map(_core, place.findall("div")):
                    if other.tag != "div" or other.get("class", "") != label:
                        continue
                    plain = not node.attrib and not other.attrib
                    said = label or plain or _LINE_END.search(other.text_content())
                    if said and _is_leaf(other):
                        other.tag = "p"


def _wrap(node: Any) -> None:
    """Put what an element says itself into paragraphs between the boxes that it holds."""
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
        if child.tag not in elements.INLINE:
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


def _is_shell(node: Any) -> bool:
    """Whether an element holds another one and nothing else."""
    return len(node) == 1 and not (node.text or "").strip() and not (node[0].tail or "").strip()


def _core(node: Any) -> Any:
    """The element within boxes that hold nothing else."""
    while _is_shell(node) and node[0].tag == "div":
        node = node[0]
    return node


class _Extents(dict[Any, int]):
    """Element -> its code points, blanks between its words counted once; looked at only once."""

    def __missing__(self, node: Any) -> int:
        self[node] = extent = len(" ".join(node.text_content().split()))
        return extent


def _is_linked(heading: Any) -> bool:
    """Whether a heading is nothing but a link, or part of one."""
    if any(above.get("href") for above in heading.iterancestors("a")):
        return True
    said = len(heading.text_content().strip())
    return 0 < said <= elements.linked(heading) + MAX_BESIDE


def _leads_within(heading: Any, host: str) -> bool:
    """Whether a linked heading leads to another page of the same site."""
    if not _is_linked(heading):
        return False
    address = _address(heading)
    if there := _host(address):
        return there == host
    return bool(address) and not address.startswith(_NO_PAGE)


def _address(heading: Any) -> str:
    """Where the first link in a heading or around it leads to, "" where none leads anywhere."""
    links = (*heading.iter("a"), *heading.iterancestors("a"))
    return next((link.get("href") for link in links if link.get("href")), "")


def _host(address: str) -> str:
    """The host in an address without its "www", "" where it names none."""
    there = _HOST.match(address)
    return there[1].lower() if there else ""


def _site(address: str) -> str:
    """The last two labels of the host in an address, "" where it names none."""
    return ".".join(_host(address).split(".")[-2:])


def _leads_away(node: Any, own: str) -> bool:
    """Whether every link in an element leads to another site than this one, or to a mailbox."""
    addresses = [link.get("href", "") for link in node.iter("a")]
    return bool(own and addresses) and all(
        address.startswith("mailto:") or _site(address) not in ("", own) for address in addresses
    )


def _is_label(node: Any) -> bool:
    """Whether loose text is the title of a picture or a film: short, in one piece, without end."""
    text = "" if len(node) or not node.get("class") else (node.text or "").strip()
    return 0 < len(text) < LONG_LABEL and not _LINE_END.search(text)


def _is_leaf(node: Any) -> bool:
    return all(part.tag in elements.INLINE for part in node.iterdescendants())


def mark_story(tree: Any, h1: Any) -> None:
    """Say which element is the story where the page does not.

    From the body down, always into the child with most of the running text, as long as one has
    and none between it and the headline has any: the story would lose its opening. Below the
    headline, siblings of one class are taken for pieces of the story. Where an element within
    says by its name that it is the story, trafilatura finds it better.
    """
    articles = list(tree.iter("article"))
    stated = _STATED(tree)
    says = bool(stated) or next(tree.iterdescendants("article", "main"), None) is not None
    several = articles[1:] or stated[1:]
    if says and not several and not (_is_card(tree, *articles) if articles else _is_piece(tree)):
        return
    mass = _masses(tree)
    pieces = any(_are_pieces(each, mass, h1) for each in (articles, stated))
    if says and several and not pieces:
        if not stated:
            _mark_article(tree, articles, mass)
        return
    over = _above(h1)
    node = tree
    while True:
        held = sorted((c for c in node if c in mass), key=lambda c: mass[c], reverse=True)
        if not held:
            break
        own = next((child for child in held if child in over), None)
        if own is not None and _are_others(own, held, mass[node], mass):
            node = own
            continue
        alike = held[0] not in over and any(
            other.get("class") == held[0].get("class") for other in held[1:]
        )
        if mass[held[0]] <= (MOST_BESIDE if alike else MOST) * mass[node]:
            break
        if _has_opening(held[0], mass, over, h1):
            # Folded until a reader asks for more; trafilatura goes by such a name.
            _unname(held[0], "style")
            break
        node = held[0]
    if node.tag in ("div", "section", "main") and not _named(tree, node, mass):
        node.set("itemprop", "articleBody")


def _are_others(own: Any, held: list[Any], whole: int, mass: dict[Any, int]) -> bool:
    """Whether the boxes beside the one with the headline hold other stories, each with its own.

    A place whose `whole` running text is not in boxes is a story around its headline.
    """
    if len(held) < 2 or mass[own] <= MIN_NAMED:
        return False
    if sum(mass[box] for box in held) < NEARLY_ALL * whole:
        return False
    return all(box is own or next(box.iter("h1"), None) is not None for box in held)


def _masses(tree: Any, *tags: str) -> dict[Any, int]:
    """Element, of these names or any -> the code points of running text in it, if it holds any."""
    mass: dict[Any, int] = {}
    for node in tree.iter("p"):
        length = elements.extent(node.text_content())
        if length > RUNNING:
            for above in node.iterancestors(*tags):
                mass[above] = mass.get(above, 0) + length
    return mass


def _mark_article(tree: Any, articles: list[Any], mass: dict[Any, int]) -> None:
    """Say which of several articles is the story, where the first has no running text.

    trafilatura takes the first, which may be the card of another story.
    """
    story = max(articles, key=lambda article: mass.get(article, 0))
    if articles[0] in mass or story not in mass:
        return
    if not _named(tree, story, mass):
        story.set("itemprop", "articleBody")


def _are_pieces(boxes: list[Any], mass: dict[Any, int], h1: Any) -> bool:
    """Whether boxes below one headline are pieces of a story, as the posts of a live blog are.

    They are set alike, from the first that has text on, and none has most of it. Boxes whose
    headings lead to other pages, or one of which holds the headline, are stories of their own.
    """
    over = _above(h1)
    held = [box for box in boxes if box in mass and not _within(box, boxes)]
    alike = [box for box in held if _place(box) == _place(held[0])]
    if h1 is None or len(alike) < MIN_PIECES or not over.isdisjoint(held):
        return False
    if max(mass[box] for box in alike) > MOST * sum(mass[box] for box in held):
        return False
    return not any(map(_leads_on, (heading for box in alike for heading in _HEADINGS(box))))


def _within(box: Any, boxes: list[Any]) -> bool:
    return any(above in boxes for above in box.iterancestors(box.tag))


def _place(box: Any) -> tuple[str, str, str]:
    """How a box is called, and what stands around it."""
    around = box.getparent()
    return box.get("class", ""), around.tag, around.get("class", "")


def _leads_on(heading: Any) -> bool:
    """Whether a heading is a link to another page, be it of the same site or not."""
    address = _address(heading)
    return bool(address) and not address.startswith((*_NO_PAGE, "?")) and _is_linked(heading)


def _has_opening(story: Any, mass: dict[Any, int], over: set[Any], h1: Any) -> bool:
    """Whether running text stands in an element between the headline and one of its siblings."""
    if h1 is None or story in over:
        return False
    for before in story.itersiblings(preceding=True):
        if before is h1 or before in over:
            return before in mass
        if before in mass or _is_running(before):
            return True
    return False


def _is_running(node: Any) -> bool:
    """Whether an element is a paragraph of its own, and no row of labels."""
    return node.tag == "p" and _reads_on(node.text_content())


def _is_card(tree: Any, article: Any) -> bool:
    """Whether the only article of a page has little of its running text: it may lead elsewhere."""
    own = _running(article)
    return own < MAX_ASIDE and own < LEAST_NAMED * _running(tree)


def _is_piece(tree: Any) -> bool:
    """Whether trafilatura takes a small part of `main` for the story: parts have such names too."""
    from trafilatura.xpaths import BODY_XPATH

    if next(tree.iter("main"), None) is None:
        return False
    own, _, parts = BODY_XPATH[:NAMES]
    found = [] if own(tree) else parts(tree)
    main = next(found[0].iterancestors("main"), None) if found else None
    return main is not None and _running(found[0]) < LEAST_NAMED * _running(main)


def _named(tree: Any, node: Any, mass: dict[Any, int]) -> bool:
    """Whether trafilatura knows the story by its name: most of what stands in `node`, or beside it.

    Beside it stand the openings of other stories, or what the house says at the foot of the page.
    """
    from trafilatura.xpaths import BODY_XPATH

    for find in BODY_XPATH[:NAMES]:
        if found := find(tree):
            around = set(found[0].iterancestors())
            if node in around:
                return mass.get(found[0], 0) > MOST * mass[node]
            if found[0] not in set(node.iterancestors()) and found[0] is not node:
                return len(elements.text(found[0])) > MIN_NAMED
            return False
    return False
