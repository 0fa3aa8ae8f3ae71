"""The layout of a page, rearranged so that its story reads as paragraphs in one column.

Folds are opened, boxes and tables that only arrange a page become plain, and loose text is put into
paragraphs. What is none of the story is taken out by `clutter`.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from lxml.etree import XPath
from lxml.html import defs

from onrecord.articles import elements


def name_customs(nodes: list[Any]) -> None:
    """Make of the elements that a site defines itself boxes, or pieces of a line, like others.

    Such a name says what they are, but for a word in a line: it may say what the word names.
    """
    for node in nodes:
        if type(node.tag) is not str or node.tag in _KNOWN:
            continue
        if node.tag in _PICTURES:
            node.tag = "img"
            continue
        foreign = "-" not in node.tag
        empty = foreign and not (node.text or "").strip()  # as word processors leave them
        in_line = _is_leaf(node) and (empty or _is_in_line(node))
        if not node.get("class") and not (in_line and foreign):
            node.set("class", node.tag)
        node.tag = "span" if in_line else "div"


def name_titles(tree: Any) -> None:
    """Make of boxes whose role is that of a heading the headings that they are."""
    for node in _TITLES(tree):
        level = node.get("aria-level", "")
        node.tag = f"h{level}" if level in _LEVELS else "h2"


_TITLES = XPath(".//*[self::div or self::p or self::span][@role = 'heading']")
_LEVELS = frozenset("123456")
_PICTURES = ("amp-img", "amp-anim")
# fmt: off
_KNOWN = defs.tags.union((
    "bdi", "data", "dialog", "frame", "image", "listing", "main", "menuitem", "noembed", "noframes",
    "picture", "plaintext", "rb", "rtc", "search", "slot", "template", "xmp",
))
# fmt: on
"""Elements of HTML: those that lxml knows, and later or older ones."""
_LINES = ("p", "li", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "dt", "dd", "figcaption")


def _is_in_line(node: Any) -> bool:
    """Whether an element stands in a line of text, and not as one by itself."""
    around = node.getparent()
    if around.tag in _LINES or around.tag in elements.INLINE:
        return True
    return bool((around.text or "").strip()) or any((c.tail or "").strip() for c in around)


def _is_leaf(node: Any) -> bool:
    """Whether all that an element holds stands in a line of text."""
    return all(part.tag in elements.INLINE for part in node.iterdescendants())


# What a page sets around what is no story, and what it sets around text that may be one.
_SHELLS = ("aside", "button", "dialog", "fieldset", "footer", "form", "header", "nav", "noscript")
_SHELLS_OF_PROSE = ("a", "details", "figure", "pre", "summary", "table", "tbody", "td", "tr")


def open_shells(tree: Any) -> None:
    """Make boxes for what is no story, and pictures or links around text, boxes like others."""
    for node in list(tree.iter(*_SHELLS, *_SHELLS_OF_PROSE)):
        in_line = node.tag == "a" and _is_leaf(node)
        if node.tag in _SHELLS or (not in_line and _has_running(node)):
            node.tag = "div"


def _has_running(node: Any) -> bool:
    """Whether an element holds running text that is no list of links."""
    text = node.text_content().rstrip()
    return elements.reads_on(text) and 2 * elements.linked(node) < len(text)


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
        said = elements.unquoted(elements.text(quote).removesuffix(elements.text(node)))
        if whole.count(said) == 1:
            node.tag = "p"


def _closes(node: Any, quote: Any) -> bool:
    """Whether an element stands by itself behind all else that a quote holds."""
    behind = (node.tail or "").strip() or node.getnext() is not None
    before = (quote.text or "").strip() or node.getprevious() is not None
    return node.getparent() is quote and bool(before) and not behind


def part_quotes(tree: Any) -> None:
    """Make of the boxes in a quote, one for each of its lines, the paragraphs that they are."""
    for quote in elements.within_body(tree, "blockquote"):
        boxes = [box for box in quote.iter("div") if _is_leaf(box)]
        for box in boxes if len(boxes) > 1 else ():
            box.tag = "p"


LEAST_FOLDED = 0.25
"""Share of the running text of an element above which folded parts of it are the story."""

_FOLD_NAME = re.compile(
    r"(?<![a-z])(?:hid(?:e|den)|expand\w*|overlay|options|blurred|obfuscated|premium|slide|noprint)(?![a-z])"
)


def show(place: Any, h1: Any) -> None:
    """Make an element, those around it and large parts of it seen: a script may open a fold.

    Neither their style nor a name for a fold says otherwise. Parts called alike count as one: a
    list comes in slides, with the parts of a slide folded too. What shares no box with the headline
    may be a notice over the whole page, and stays as it is.
    """
    over = elements.above(h1)
    around = [place, *place.iterancestors()]
    if over.isdisjoint(node for node in around if node.tag not in ("body", "html")):
        return
    folded: dict[str, list[Any]] = {}
    for part in place:
        if part.tag in ("div", "section") and _may_be_folded(part):
            folded.setdefault(part.get("class", ""), []).append(part)
    least = LEAST_FOLDED * elements.running(place) if folded else 0
    parts = [
        node
        for alike in folded.values()
        if sum(map(elements.running, alike)) > least
        for part in alike
        # A single part may hold what is hidden for good.
        for node in (part.iter("div", "section", "p") if len(alike) > 1 else [part])
    ]
    for node in (*around, *parts):
        if elements.is_unseen(node):
            del node.attrib["style"]
        if node.get("aria-hidden"):
            del node.attrib["aria-hidden"]
        for name in ("class", "id"):
            if _FOLD_NAME.search(node.get(name, "").lower()):
                del node.attrib[name]


def _may_be_folded(node: Any) -> bool:
    """Whether something says of an element that it is seen only when a reader asks for it."""
    said = f"{node.get('class', '')} {node.get('id', '')}".lower()
    unseen = node.get("aria-hidden") or elements.is_unseen(node)
    return bool(unseen or _FOLD_NAME.search(said))


def unlink_titles(tree: Any) -> None:
    """Make headings that link to themselves plain: the others lead to other stories."""
    titles = elements.within_body(tree, *elements.HEADINGS)
    for link in dict.fromkeys(link for title in titles for link in title.iter("a")):
        if link.get("href", "#").startswith("#"):
            link.drop_tag()


# What of an element says something by itself.
_CONTENT = ("href", "src", "alt")


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


_LETTER = re.compile(r"[^\W\d_]")


def unwrap_code(tree: Any) -> None:
    """Put code that is set in a table, beside the numbers of its lines, in the table's place."""
    for table in list(elements.within_body(tree, "table")):
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
    for table in list(elements.within_body(tree, "table")):
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


MIN_PARTS = 3
"""Paragraphs or boxes from which on a cell is a column of the page."""


def _is_column(cell: Any) -> bool:
    """Whether a cell of a table is a column of a page: it holds several paragraphs or boxes."""
    parts = islice((part for part in cell.iter("p", "div", "br") if _opens(part)), MIN_PARTS)
    return len(list(parts)) == MIN_PARTS


def _opens(part: Any) -> bool:
    """Whether running text stands in a paragraph or box itself, or behind a line break."""
    text = part.tail if part.tag == "br" else part.text_content() if part.tag == "p" else part.text
    return len(text or "") > elements.RUNNING


_BROAD = ("div", "p", "ul", "ol")
_BROKEN_OFF = "br/following-sibling::*[1][self::br]"
_LOOSE = XPath(
    ".//body//*[self::div or self::section or self::article or self::td]"
    f"[text()[string-length(normalize-space()) > {elements.RUNNING}] or {_BROKEN_OFF}]"
    f" | .//body//p[{_BROKEN_OFF}]"
)


def wrap_loose_text(tree: Any) -> None:
    """Put text that stands loose in a container into paragraphs; two line breaks end one."""
    spans = elements.within_body(tree, "span")
    for node in [span for span in spans if any(part.tag in _BROAD for part in span)]:
        node.drop_tag()
    _name_paragraphs(tree)
    for node in _LOOSE(tree):
        if not _is_label(node):
            _wrap(node)


MAX_TITLE = 80
"""Code points: a longer line in bold type is a paragraph."""


_TITLE_CLASS = re.compile(
    r"(?<![a-z])(cross[-_]?head(ing|er)?|sub[-_]?head(ing|line|er)?|inter[-_]?titre|zwischen(titel"
    r"|ueberschrift|überschrift)|ladillo|mellomtittel|tussenkop)(?![a-z])",
    re.I,
)


def title_named(tree: Any) -> None:
    """Make of short lines that are called headings within the text the headings that they are."""
    for node in elements.within_body(tree, "p"):
        if _TITLE_CLASS.search(node.get("class", "")):
            text = node.text_content().strip()
            if 0 < len(text) < MAX_TITLE and not elements.is_ended(text):
                node.tag = "h3"


def title_bold(tree: Any) -> None:
    """Make of short lines in bold type between running paragraphs the headings that they are."""
    for bold in list(elements.within_body(tree, "strong", "b")):
        node = bold.getparent()
        if node.tag != "p" or not elements.is_shell(node):
            continue
        around = (node.getprevious(), node.getnext())
        text = bold.text_content().strip()
        # What stands between paragraphs with an equals sign is a formula.
        if not 0 < len(text) < MAX_TITLE or "=" in text or elements.is_ended(text):
            continue
        linked = next(bold.iter("a", "br"), None) is not None
        if not linked and all(n is not None and _is_told(n) for n in around):
            node.tag = "h3"


def _is_told(node: Any) -> bool:
    """Whether an element is a paragraph, or a list of whole sentences."""
    items = list(node) if node.tag in ("ul", "ol") else []
    ended = len(items) > 1 and all(elements.is_ended(item.text_content()) for item in items)
    return elements.is_paragraph(node) or ended


_LEAVES = XPath(
    ".//body//div[span or text()][not(.//div or .//p or .//ul or .//ol or .//h1 or .//h2 or .//h3"
    " or .//section or .//table or .//blockquote or .//figure or .//form or .//button)]"
    f"[string-length(normalize-space()) > {elements.RUNNING}][not({_BROKEN_OFF})]"
)


def _name_paragraphs(tree: Any) -> None:
    """Make of the boxes that hold a line of text and nothing else paragraphs, and of those beside.

    That is where one ends as a sentence does; what is set the same way is one too, however short.
    """
    done: set[tuple[Any, str]] = set()
    for node in _LEAVES(tree):
        # A line may have boxes of its own around it.
        box = node
        while box.getparent().tag == "div" and elements.is_shell(box.getparent()):
            box = box.getparent()
        label, place = node.get("class", ""), box.getparent()
        if elements.is_ended(node.text_content()):
            node.tag = "p"
            if (place, label) not in done:
                done.add((place, label))
                for other in map(_core, place.findall("div")):
                    if other.tag != "div" or other.get("class", "") != label:
                        continue
                    plain = not node.attrib and not other.attrib
                    said = label or plain or elements.is_ended(other.text_content())
                    if said and _is_leaf(other):
                        other.tag = "p"


def _core(node: Any) -> Any:
    """The element within boxes that hold nothing else."""
    while elements.is_shell(node) and node[0].tag == "div":
        node = node[0]
    return node


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


MAX_LABEL = 160
"""Code points: a longer text alone in its box is a paragraph even if no sentence ends with it."""


def _is_label(node: Any) -> bool:
    """Whether loose text is the title of a picture or a film: short, in one piece, without end."""
    text = "" if len(node) or not node.get("class") else (node.text or "").strip()
    return 0 < len(text) < MAX_LABEL and not elements.is_ended(text)
