"""Admission: an article gets its rights, story and split, and its text is frozen."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import msgspec

from onrecord.records import Article, Problem
from onrecord.rights import Rule, masked, rights_of
from onrecord.text import PARAGRAPH_BREAK, faults, sha256, tiles


class Known(NamedTuple):
    """What admission must remember of an admitted article."""

    text_sha256: str
    story: str


class Admitted(NamedTuple):
    """A new line for the ledger, already masked as its rights say."""

    article: Article


class Unchanged(NamedTuple):
    article_id: str


class Register:
    """The admitted articles, by id and by text; grows as articles are admitted."""

    def __init__(self, articles: Iterable[Article] = ()) -> None:
        self.by_id: dict[str, Known] = {}
        self._story_of_text: dict[str, str] = {}
        for article in articles:
            self.add(article)

    def add(self, article: Article) -> None:
        self.by_id[article.id] = Known(article.text_sha256, article.story)
        self._story_of_text.setdefault(article.text_sha256, article.story)

    def story(self, article: Article) -> str:
        """The near-duplicate cluster an article belongs to, by the id of its first article.

        Here a cluster is made of articles with the very same text.
        """
        return self._story_of_text.get(article.text_sha256, article.id)


def admit(
    articles: Iterable[tuple[int, Article]],
    register: Register,
    ranked: list[Rule],
    *,
    file: str,
    text_of: Callable[[str], str] = lambda _: "",
) -> Iterator[Admitted | Unchanged | Problem]:
    """Admit articles in their order. `articles` are `(line, article)` of `file`.

    Problems: `admit.text-hash`, `admit.text-form`, `admit.segments` (the record contradicts
    itself) and `admit.text-changed` (a known id with another text; the message is a diff where
    `text_of` gives the text that was admitted).
    """
    for line, article in articles:
        known = register.by_id.get(article.id)
        if fault := _fault(article):
            rule, message = fault
            yield _problem(file, line, article, rule, message)
        elif known is None:
            new = msgspec.structs.replace(
                article, rights=rights_of(article, ranked), story=register.story(article)
            )
            register.add(new)
            yield Admitted(masked(new))
        elif known.text_sha256 == article.text_sha256:
            yield Unchanged(article.id)
        else:
            old = text_of(article.id)
            yield _problem(file, line, article, "admit.text-changed", _changed(old, article.text))


def _fault(article: Article) -> tuple[str, str] | None:
    if not article.text or sha256(article.text) != article.text_sha256:
        return "admit.text-hash", "text_sha256 is not that of the text; convert it again"
    if found := faults(article.text):
        return "admit.text-form", f"the text is not in normal form: {found[0]}"
    slices = [article.text[s.start : s.end] for s in article.segments]
    if not tiles(article.segments, len(article.text)) or (
        PARAGRAPH_BREAK.join(slices) != article.text
    ):
        return "admit.segments", "the segments are not the paragraphs of the text"
    return None


def _changed(old: str, new: str) -> str:
    advice = "a frozen text never changes; correct the source's copy or admit it under another URL"
    if not old:
        return f"another text was admitted under this id (it is not at hand to compare); {advice}"
    diff = difflib.unified_diff(
        old.split(PARAGRAPH_BREAK),
        new.split(PARAGRAPH_BREAK),
        "admitted",
        "now",
        lineterm="",
        n=0,
    )
    return f"the text differs from the admitted one; {advice}\n" + "\n".join(diff)


def _problem(file: str, line: int, article: Article, rule: str, message: str) -> Problem:
    return Problem(file=file, line=line, rule=rule, id=article.id, message=message)
