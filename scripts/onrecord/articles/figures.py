"""The captions of a page and their credits: told by their figures, or by their looks."""

from __future__ import annotations

import re
from typing import Any

from onrecord.articles import credits, elements, sentences

_CREDIT_CLASS = re.compile(r"credit|source|attribution|copyright|photographer|byline", re.I)
_CAPTION_CLASS = re.compile(
    r"(?<![a-z])(cap|caption)(?![a-z])|(?-i:[a-z](Cap|Caption)(?![a-z]))", re.I
)
_SPOKEN_CLASS = re.compile(r"visually-?hidden|hide-visually|sr-only|screen-reader", re.I)
_PICTURE_CLASS = re.compile(r"(?<![a-z])(image|photo|pic(ture)?)(?![a-z])", re.I)
_ITSELF = re.compile(r"^(?:#|javascript:)|\.(?:jpe?g|png|gif|webp|avif)\b", re.I)
_FILE_NAME = re.compile(r"\d{8,}[\d_-]*")


MAX_BUTTON = 20
"""Code points: no more stands before a credit that opens a caption, which enlarges the picture."""


def captions(
    tree: Any, top: list[Any], opening: list[Any], headline: str
) -> list[tuple[Any, str, str]]:
    """`(element, caption, credit)` of the article's pictures, in page order.

    `top` is what stands behind the headline, `opening` the part of it before the text. Where a
    page has no figures, what stands beside a picture and says so by its class. A caption that says
    the headline again is none.
    """
    found = []
    nodes = [
        node
        for node in tree.iter("figcaption")
        if next(node.iterancestors("article", "main"), None) is not None
    ]
    if nodes:
        # The first picture may stand between the headline and the article.
        nodes = [node for node in opening if node.tag == "figcaption" and node not in nodes] + nodes
    else:
        nodes = [node for node in top if node.tag == "figcaption" or _is_caption(node)]
    nodes = [node for node in nodes if not _leads_on(node)]
    told: set[str] = set()
    for node in nodes:
        caption, credit = _parts(node)
        caption = credits.without_place(caption)
        if len(node):
            caption = credits.PICTURE_BUTTON().sub("", caption)
        if credit and caption.endswith(credit):
            caption = caption.removesuffix(credit).strip()
        elif credit and caption.find(credit) in range(MAX_BUTTON):
            caption = caption.partition(credit)[2].strip()
        elif not credit and len(caption) <= elements.MAX_LINE:
            caption, credit = credits.split_caption(caption)
        only = credits.CREDIT_ONLY.match(caption) or credits.split_credit(caption)
        if only and not credits.is_description(caption):
            credit, caption = credit or caption, ""
        if _FILE_NAME.fullmatch(caption) or caption.casefold() == headline.casefold():
            caption = ""
        if credits.LABEL_ALONE.fullmatch(credit):
            credit = ""
        stripped = credits.split_credit(credit)
        if (caption or credit) and (caption not in told or not caption):
            found.append((node, caption, stripped or credit))
        told.add(caption)
    return found


MAX_CREDIT = 8
"""Words: what stands behind a caption in an element of its own, and is longer, is part of it."""


def _parts(node: Any) -> tuple[str, str]:
    """What a caption says, without a label that is only read aloud, and its credit, "" for none.

    The credit stands in an element that says so, or in the last one, behind a whole sentence.
    """
    said = elements.text(node)
    for part in node.iterdescendants():
        label = part.get("class") or ""
        credit = elements.text(part)
        # Small type is that of a caption too.
        small = part.tag == "cite" or (part.tag == "small" and credit != said)
        if small or _CREDIT_CLASS.search(label):
            return said, credit
        if label and _SPOKEN_CLASS.search(label):
            said = said.removeprefix(elements.text(part)).lstrip()
    last = node[-1] if len(node) and not (node[-1].tail or "").strip() else None
    if last is None or last.tag not in ("span", "div", "p", "em", "i"):
        return said, ""
    credit = elements.text(last)
    before = said.removesuffix(credit).rstrip()
    short = 0 < len(credit.split()) <= MAX_CREDIT and not elements.is_ended(credit)
    return said, credit if short and sentences.ends_sentence(before) else ""


def _leads_on(node: Any) -> bool:
    """Whether a caption is part of a link to another page: the card of another story."""
    link = next(node.iterancestors("a"), None)
    address = "" if link is None else link.get("href", "")
    return bool(address) and not _ITSELF.search(address)


def _is_caption(node: Any) -> bool:
    """Whether a block without a figure is the caption of a picture beside or inside it."""
    label = node.get("class", "")
    if not label or node.tag not in ("div", "p", "span", "blockquote"):
        return False
    if _CAPTION_CLASS.search(label):
        beside = node.getparent().find(".//img") is not None
    else:
        inside = _PICTURE_CLASS.search(label) and {part.tag for part in node.iterdescendants()}
        beside = bool(inside) and inside - elements.INLINE - {"div"} == {"img"}
    return beside and 0 < len(elements.text(node)) <= elements.MAX_LINE


def emptied(captions: list[tuple[Any, str, str]]) -> None:
    """Empty the boxes of pictures that are no figures: nothing else says that no story is there."""
    for node, _, _ in captions:
        if node.tag == "div":
            node.clear(keep_tail=True)


def outside(
    body: list[tuple[str, str]], captions: list[tuple[Any, str, str]]
) -> tuple[list[tuple[str, str]], list[str]]:
    """The paragraphs, captions among them without their credits; and those credits.

    A caption that a figure holds already is left out.
    """
    known = {caption for _, caption, _ in captions}
    found, named = [], []
    for role, text in body:
        if role == "caption":
            text, credit = credits.split_caption(text)
            named += [credit] if credit and text not in known else []
        if role != "caption" or text not in known:
            found.append((role, text))
    return found, named


def placed(
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
            text = elements.text(node)
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
