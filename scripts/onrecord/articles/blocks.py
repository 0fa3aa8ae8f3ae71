"""The blocks of a page as it came, and where in it the story stands."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, NamedTuple

from onrecord.articles import elements, sentences
from onrecord.articles.edges import Cuts, Paragraphs, is_running

MAX_BLOCKS = 2000
"""Blocks: of a page with more nothing is told."""

NEARLY_ALL = 0.9
"""Share of the running text whose least element is that of the story."""

LONG = 80
"""Code points: a longer block that ends as a sentence does is prose."""

SHARES = (6, 3, 2)
"""What prose counts, in sixths, for the element around it, and for the two around that."""

AWAY = 2
"""Elements up from that of the story to one that holds a paragraph too, which stands well away."""

_BLOCKS = ("p", "li", "h2", "h3", "h4", "blockquote", "div")
_PARTING = ("p", "li", "h2", "h3", "h4", "div", "table", "section")
"""What stands in no block: an element around one of these is several."""
_BLANKS = " \t\r\n"


_SENTENCE_END = re.compile(rf"""[{sentences.ENDS}][{sentences.CLOSES}]*$""")


class Block(NamedTuple):
    """A paragraph, heading or item of a page as it came, and the elements around it."""

    text: str
    around: list[Any]


def found(tree: Any) -> list[Block]:
    """What a page sets as paragraphs, in its order, before anything is taken out of it."""
    parted: set[Any] = set()
    for node in elements.within_body(tree, *_PARTING):
        above = node.getparent()
        while above is not None and above not in parted:
            parted.add(above)
            above = above.getparent()
    around: dict[Any, list[Any]] = {}
    pictured: dict[Any, bool] = {}
    nodes = []
    for node in elements.within_body(tree, *_BLOCKS):
        if node in parted or (node.tag == "div" and not _has_loose_text(node)):
            continue
        place = node.getparent()
        if place not in around:
            around[place] = list(node.iterancestors())
            pictured[place] = any(above.tag == "figure" for above in around[place])
        if not pictured[place]:
            nodes.append(node)
    return [
        Block(text, around[node.getparent()])
        for node in (nodes if len(nodes) < MAX_BLOCKS else [])
        if (text := elements.text(node))
    ]


def _has_loose_text(node: Any) -> bool:
    """Whether an element says something itself, outside the elements in it."""
    own = (node.text or "").strip(_BLANKS)
    return bool(own) or any((child.tail or "").strip(_BLANKS) for child in node)


def densest(blocks: list[Block], beside: set[Any]) -> tuple[Any, int]:
    """The element with the most prose right in it, and how many code points of it it holds.

    `beside` are elements that say they hold something else: they count only where little is said
    outside them. `(None, 0)` where no block is prose.
    """
    prose = [block for block in blocks if len(block.text) > LONG and _ends(block.text)]
    own = [block for block in prose if beside.isdisjoint(block.around)] if beside else prose
    if _length(own) < (1 - NEARLY_ALL) * _length(prose):
        own = prose
    score: Counter[Any] = Counter()
    for text, around in own:
        for node, share in zip(around, SHARES, strict=False):
            score[node] += share * len(text)
    if not score:
        return None, 0
    # Of equals the outer one, which was counted later.
    most = max(score.values())
    place = [node for node, held in score.items() if held == most][-1]
    return place, _length([block for block in own if place in block.around])


def begins_before(body: Paragraphs, place: Any, blocks: list[Block]) -> bool:
    """Whether a text has prose above an element that holds blocks."""
    kept = {text for _, text in body}
    for block in blocks:
        if place in block.around:
            return False
        if len(block.text) > LONG and block.text in kept:
            return True
    return False


def _length(blocks: list[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _ends(text: str) -> bool:
    return bool(_SENTENCE_END.search(text[-5:]))


def passed_over(
    blocks: list[Block],
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
    # Paragraphs may be broken in two, or be parts of one block; a line break is no blank there.
    said = [*(text for _, text in found), *beside]
    whole = _without_blanks(" ".join(said))
    known = set(said)
    return [
        block.text
        for block in blocks
        if place in block.around
        and block.text not in known
        and _without_blanks(block.text) not in whole
    ]


def _without_blanks(text: str) -> str:
    return "".join(text.split())


def inside(body: Paragraphs, blocks: list[Block], cuts: Cuts) -> Paragraphs:
    """The paragraphs without the last ones outside the element that holds nearly all of the story.

    What stands well away from it goes, and labels from right beside it on. What is set like its
    paragraphs is a piece of the story.
    """
    every: dict[str, list[Block]] = {}
    for block in blocks:
        every.setdefault(block.text, []).append(block)
    placed = [every.get(text, []) for _, text in body]
    mass: Counter[Any] = Counter()
    whole = 0
    for (_, text), same in zip(body, placed, strict=True):
        if same and is_running(text):
            whole += len(text)
            for node in same[0].around:
                mass[node] += len(text)
    enough = [node for node, held in mass.items() if held >= NEARLY_ALL * whole]
    if not enough:
        return body
    # The elements that hold so much hold one another: the least of them is the deepest.
    story = max(enough, key=lambda node: sum(1 for _ in node.iterancestors()))
    above = [story, *story.iterancestors()]
    settings = {_setting(block) for same in placed for block in same if story in block.around}
    outside: set[int] = set()
    for i in range(len(body) - 1, -1, -1):
        running = is_running(body[i][1])
        if not placed[i]:
            # Loose text, or a part of a block: nobody knows where it stands.
            if running:
                break
            continue
        away = min(_away(block, above) for block in placed[i])
        set_alike = (settings.intersection([_setting(block)]) for block in placed[i])
        piece = any(name for each in set_alike for _, name in each)
        if piece or not away or (away < AWAY and running):
            break
        outside.add(i)
    cuts += [(body[i][1], "outside") for i in sorted(outside)]
    return [paragraph for i, paragraph in enumerate(body) if i not in outside]


def _away(block: Block, above: list[Any]) -> int:
    """How many elements up from the first of these is one that holds the block too."""
    return next(n for n, node in enumerate(above) if node in block.around)


def _setting(block: Block) -> tuple[str, str]:
    """What the element around a paragraph is called."""
    return block.around[0].tag, block.around[0].get("class", "")
