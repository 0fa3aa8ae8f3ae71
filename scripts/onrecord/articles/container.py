"""The container of a story: the element of its page that holds it, marked where a page does not.

trafilatura looks for it by the names that pages give it, and may find a part of it, or a card that
leads to another story.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from onrecord.articles import elements, links

MIN_NAMED = 250
"""Code points: an element with less text is no story whatever its name."""

LEAST_NAMED = 0.25
"""Share of the running text of a page or its `main` below which an element is only a part of it."""

MOST = 0.6
"""Share of an element's running text that makes one of its children the place of the story."""

NAMES = 3
"""Of trafilatura's expressions for the story, those that name more than a column of the page."""

MOST_BESIDE = 0.8
"""As `MOST`, for a child beside which others are set alike: the story may come in pieces."""


def mark_story(tree: Any, h1: Any, decks: set[Any]) -> None:
    """Say which element is the story where the page does not.

    From the body down, always into the child with most of the running text, as long as one has
    and none between it and the headline has any: the story would lose its opening. Below the
    headline, siblings of one class are taken for pieces of the story. Where an element within
    says by its name that it is the story, trafilatura finds it better. `decks` are known already.
    """
    articles = list(tree.iter("article"))
    stated = [node for node in tree.iterdescendants("*") if node.get("itemprop") == "articleBody"]
    says = bool(stated) or next(tree.iterdescendants("article", "main"), None) is not None
    several = articles[1:] or stated[1:]
    if says and not several and not (_is_card(tree, *articles) if articles else _is_piece(tree)):
        posts = [each for each in articles for each in each.iter(*_POSTS) if _is_post(each)]
        if len(posts) >= MIN_PIECES and _are_pieces(posts, _masses(tree, decks=decks), h1):
            articles[0].set("itemprop", "articleBody")
        return
    mass = _masses(tree, decks=decks)
    pieces = any(_are_pieces(each, mass, h1) for each in (articles, stated))
    if says and several and not pieces:
        if not stated:
            _mark_article(tree, articles, mass)
        return
    over = elements.above(h1)
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
        if _has_opening(held[0], mass, over, h1, decks):
            # Folded until a reader asks for more; trafilatura goes by such a name.
            elements.unname(held[0], "style")
            break
        node = held[0]
    if node.tag in ("div", "section", "main") and not _named(tree, node, mass):
        node.set("itemprop", "articleBody")


_POSTS = ("div", "section")


def _is_post(box: Any) -> bool:
    """Whether trafilatura takes a box for a whole story, by a name that each part may have."""
    return box.get("class") in ("post", "entry")


MAX_CARD = 1500
"""Code points of running text: an article with as many is no card of another story."""


def _is_card(tree: Any, article: Any) -> bool:
    """Whether the only article of a page has little of its running text: it may lead elsewhere."""
    own = elements.running(article)
    return own < MAX_CARD and own < LEAST_NAMED * elements.running(tree)


def _is_piece(tree: Any) -> bool:
    """Whether trafilatura takes a small part of `main` for the story: parts have such names too."""
    from trafilatura.xpaths import BODY_XPATH

    if next(tree.iter("main"), None) is None:
        return False
    own, _, parts = BODY_XPATH[:NAMES]
    found = [] if own(tree) else parts(tree)
    main = next(found[0].iterancestors("main"), None) if found else None
    return main is not None and elements.running(found[0]) < LEAST_NAMED * elements.running(main)


MIN_PIECES = 3
"""Boxes under one headline from which on they may be its pieces."""


def _are_pieces(boxes: list[Any], mass: dict[Any, int], h1: Any) -> bool:
    """Whether boxes below one headline are pieces of a story, as the posts of a live blog are.

    They are set alike, from the first that has text on, and none has most of it. Boxes whose
    headings lead to other pages, or one of which holds the headline, are stories of their own.
    """
    over = elements.above(h1)
    held = [box for box in boxes if box in mass and not _within(box, boxes)]
    alike = [box for box in held if _place(box) == _place(held[0])]
    if h1 is None or len(alike) < MIN_PIECES or not over.isdisjoint(held):
        return False
    if max(mass[box] for box in alike) > MOST * sum(mass[box] for box in held):
        return False
    headings = (each for box in alike for each in box.iterdescendants(*elements.HEADINGS))
    return not any(map(links.leads_on, headings))


def _within(box: Any, boxes: list[Any]) -> bool:
    """Whether a box stands in another of these."""
    return any(above in boxes for above in box.iterancestors(box.tag))


def _place(box: Any) -> tuple[str, str, str]:
    """How a box is called, and what stands around it."""
    around = box.getparent()
    return box.get("class", ""), around.tag, around.get("class", "")


def _mark_article(tree: Any, articles: list[Any], mass: dict[Any, int]) -> None:
    """Say which of several articles is the story, where the first has no running text.

    trafilatura takes the first, which may be the card of another story.
    """
    story = max(articles, key=lambda article: mass.get(article, 0))
    if articles[0] in mass or story not in mass:
        return
    if not _named(tree, story, mass):
        story.set("itemprop", "articleBody")


NEARLY_ALL = 0.9
"""Share of the running text of an element below which what its boxes leave is a story."""


def _are_others(own: Any, held: list[Any], whole: int, mass: dict[Any, int]) -> bool:
    """Whether the boxes beside the one with the headline hold other stories, each with its own.

    A place whose `whole` running text is not in boxes is a story around its headline.
    """
    if len(held) < 2 or mass[own] <= MIN_NAMED:
        return False
    if sum(mass[box] for box in held) < NEARLY_ALL * whole:
        return False
    return all(box is own or next(box.iter("h1"), None) is not None for box in held)


def _has_opening(
    story: Any, mass: dict[Any, int], over: set[Any], h1: Any, decks: set[Any]
) -> bool:
    """Whether running text stands in an element between the headline and one of its siblings."""
    if h1 is None or story in over:
        return False
    for before in story.itersiblings(preceding=True):
        if before is h1 or before in over:
            return before in mass
        if before in mass or (elements.is_paragraph(before) and before not in decks):
            return True
    return False


def _named(tree: Any, node: Any, mass: dict[Any, int]) -> bool:
    """Whether trafilatura knows the story by its name: most of what stands in `node`, or beside it.

    Beside it stand the openings of other stories, or what the house says at the foot of the page.
    """
    from trafilatura.xpaths import BODY_XPATH

    own = set(node.iterancestors())
    for find in BODY_XPATH[:NAMES]:
        for found in find(tree)[:NAMES]:
            if node in found.iterancestors():
                return mass.get(found, 0) > MOST * mass[node]
            if found in own or found is node:
                return False
            if len(elements.text(found)) > MIN_NAMED:
                return True
            # A box with the headline may be called so too, and is none of the text.
            elements.unname(found)
    return False


def most_running(tree: Any) -> int:
    """The code points of running text in the `article` or `main` with most of it."""
    return max(_masses(tree, "article", "main").values(), default=0)


def _masses(tree: Any, *tags: str, decks: Container[Any] = ()) -> dict[Any, int]:
    """Element, of these names or any -> the code points of running text in it, if it holds any.

    The decks are no part of it.
    """
    mass: dict[Any, int] = {}
    for node in tree.iter("p"):
        length = elements.extent(node.text_content())
        if length > elements.RUNNING and node not in decks:
            for above in node.iterancestors(*tags):
                mass[above] = mass.get(above, 0) + length
    return mass
