"""Admission: an article gets its rights, story and split, and its text is frozen."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from onrecord.articles.moves import Moves
from onrecord.articles.signatures import Signatures
from onrecord.articles.stories import (
    CONTAINMENT,
    Signature,
    Sketch,
    Stories,
    body,
    containment,
    shingles,
    sketch,
)
from onrecord.records import Article, Problem, Rights
from onrecord.rights import TAKE_DOWN, Rule, masked, narrowed, rights_of
from onrecord.splits import split_of
from onrecord.text import PARAGRAPH_BREAK, faults, sha256, slug, tiles


class Known(NamedTuple):
    """What admission must remember of an admitted article."""

    text_sha256: str
    story: str
    rights: Rights


class Admitted(NamedTuple):
    """A new line for the ledger, already masked as its rights say.

    `again`: an article with the very text is known.
    """

    article: Article
    again: bool = False


class Unchanged(NamedTuple):
    """A known article. `stale`: rights.csv says something else about it now."""

    article_id: str
    stale: bool = False


class Regranted(NamedTuple):
    """A known article under the rights that hold now: a new line for the ledger, masked."""

    article: Article


class Readmitted(NamedTuple):
    """A known article on another text: a new line for the ledger, masked, and its `moves`."""

    article: Article
    moves: Moves


LONGEST = 200
"""Letters of an id, and of a publisher's slug. A file's name has 255 bytes, and what is being
written has a longer one."""


class Refusal(NamedTuple):
    """Why an article is not admitted."""

    rule: str
    message: str


Outcome = Admitted | Unchanged | Regranted | Readmitted | Problem


class Register:
    """The admitted articles: ids, texts by hash, and stories; grows as articles are admitted.

    `article_of` gives an article, also one that is being admitted, with its text where that is at
    hand. Articles whose text is not are compared by hash alone; `unseen` counts them. `kept` has
    signatures that were made before, and gets those that are made now.

    `clusters` says of each article's id which cluster it is in, as `onrecord stories` found them:
    then nothing is looked for, and all of a cluster are near-duplicates.
    """

    def __init__(
        self,
        ids: Iterable[str],
        article_of: Callable[[str], Article],
        *,
        stories: bool = True,
        clusters: Mapping[str, str] | None = None,
        kept: Signatures | None = None,
    ) -> None:
        self._article_of = article_of
        self.by_id: dict[str, Known] = {}
        self.unseen = 0
        self._story_of_text: dict[str, str] = {}
        self._id_of_source: dict[tuple[str, str, int], str] = {}
        self._look = stories and clusters is None
        self._kept = kept
        self._clusters = clusters
        self._stories_of: defaultdict[str, set[str]] = defaultdict(set)
        self._stories = Stories(lambda article_id: body(article_of(article_id)))
        for article_id in ids:
            self.add(article_of(article_id))

    def id_of(self, article: Article) -> str:
        """The id under which this article's source was admitted, else its own.

        Without a URL an id follows from headline and first paragraph, which another converter
        may see otherwise; the source stays the same.
        """
        own = article.id in self.by_id
        return article.id if own else self._id_of_source.get(_source(article), article.id)

    def sketch(self, article: Article) -> Sketch | None:
        """What near-duplicates are looked for with; None where nothing is looked for."""
        return sketch(body(article)) if article.text and self._look else None

    def stories(self, article: Article, seen: Sketch | None) -> list[str]:
        """The stories that an article belongs to, sorted: of the same text, of near-duplicates.

        Sorted, for the order in which articles were admitted is not kept across ledgers. `seen` is
        the article's `sketch`. Raises KeyError where the clusters do not name the article.
        """
        found = set(self._stories.near(seen)) if seen else set[str]()
        if self._clusters is not None:
            found |= self._stories_of[self._clusters[article.id]]
        if same := self._story_of_text.get(article.text_sha256):
            found.add(same)
        return sorted(found)

    def has(self, article: Article) -> bool:
        """Whether an article with the very text is known."""
        return article.text_sha256 in self._story_of_text

    def text(self, article_id: str) -> str:
        """The text that was admitted under an id, "" where it is not at hand."""
        article = self._article_of(article_id)
        same = article.text_sha256 == self.by_id[article_id].text_sha256
        return article.text if same else ""

    def add(self, article: Article, seen: Sketch | None = None) -> None:
        """Remember an article, its story known; `seen` is its `sketch` where that was made."""
        self.by_id[article.id] = Known(article.text_sha256, article.story, article.rights)
        self._id_of_source[_source(article)] = article.id
        self._story_of_text.setdefault(article.text_sha256, article.story)
        if self._clusters is not None:
            self._stories_of[self._clusters[article.id]].add(article.story)
        elif self._look and article.text:
            self._stories.add(article.id, article.story, self._signature(article, seen))
        elif self._look:
            self.unseen += 1

    def _signature(self, article: Article, seen: Sketch | None) -> Signature:
        text = body(article)
        if self._kept and not seen and (signed := self._kept.get(text)):
            return signed
        made = (seen or sketch(text)).signed
        if self._kept:
            self._kept.add(text, made)
        return made


def admit(
    articles: Iterable[tuple[int, Article | Problem]],
    register: Register,
    ranked: list[Rule],
    *,
    file: str,
    text_of: Callable[[str], str] = lambda _: "",
    readmit: bool = False,
    withdrawn: Container[str] = (),
) -> Iterator[Outcome]:
    """Admit articles in their order. `articles` are `(line, article)` of `file`, or what is wrong
    with a line.

    Problems: `admit.text-hash`, `admit.text-form`, `admit.segments` (the record contradicts
    itself), `admit.long-name` (no file can be called that), `admit.text-changed` (a known id with
    another text; the message is a diff where `text_of` gives the text that was admitted),
    `admit.other-article` (a known id, and a text that has little in common with the admitted one)
    and `admit.two-splits` (a near-duplicate of articles in two splits: it is held out).

    `admit.withdrawn` is an article whose id or text hash is in `withdrawn`: it was taken out and
    does not come back. `admit.no-story` is one that the register's clusters do not name.

    With `readmit` a changed text takes the place of the admitted one if that is at hand, once an
    article, and rights that have changed are taken over. `admit.rights-narrowed` is an article
    whose text lies in the ledger and no longer may.
    """
    for line, converted in articles:
        if isinstance(converted, Problem):
            yield converted
            continue
        article = msgspec.structs.replace(converted, id=register.id_of(converted))
        known = register.by_id.get(article.id)
        if fault := _fault(article):
            outcome = fault
        elif article.id in withdrawn or article.text_sha256 in withdrawn:
            message = "it was withdrawn (corpus/withdrawn.csv says why) and stays out"
            outcome = Refusal("admit.withdrawn", message)
        elif known is None:
            outcome = _first(article, register, ranked)
        elif known.text_sha256 != article.text_sha256:
            old = text_of(article.id) if readmit else ""
            outcome = _on_another_text(article, known, register, ranked, old)
        else:
            outcome = _again(article, known, register, ranked, readmit=readmit)
        if isinstance(outcome, Refusal):
            rule, message = outcome
            yield Problem(file=file, line=line, rule=rule, id=article.id, message=message)
        else:
            yield outcome


def _first(article: Article, register: Register, ranked: list[Rule]) -> Admitted | Refusal:
    """Admit an article that is not known."""
    if max(len(article.id), len(slug(article.publisher))) > LONGEST:
        message = (
            f"its id or publisher is longer than the {LONGEST} letters that files here are named "
            "by (is it the right column?); shorten it, or `onrecord convert --publisher NAME`"
        )
        return Refusal("admit.long-name", message)
    seen = register.sketch(article)
    try:
        stories = register.stories(article, seen)
    except KeyError:
        message = "the file of stories does not name it; make one of the ledgers and this"
        return Refusal("admit.no-story", message)
    if len({split_of(story) for story in stories}) > 1:
        return Refusal("admit.two-splits", _joins(stories))
    story = stories[0] if stories else article.id
    new = msgspec.structs.replace(article, rights=rights_of(article, ranked), story=story)
    again = register.has(new)
    register.add(new, seen)
    return Admitted(masked(new), again)


def _again(
    article: Article, known: Known, register: Register, ranked: list[Rule], *, readmit: bool
) -> Unchanged | Regranted | Refusal:
    """Admit a known article with the text that it has; `readmit` takes over changed rights."""
    held = rights_of(article, ranked)
    if held == known.rights or not readmit:
        return Unchanged(article.id, stale=held != known.rights)
    if narrowed(known.rights, held):
        return _narrowed(article.id, held)
    register.by_id[article.id] = known._replace(rights=held)
    return Regranted(masked(msgspec.structs.replace(article, rights=held, story=known.story)))


def _on_another_text(
    article: Article, known: Known, register: Register, ranked: list[Rule], old: str
) -> Readmitted | Refusal:
    """Admit a known article with another text in place of `old`, "" where none may be replaced."""
    if not old or sha256(old) != known.text_sha256:  # it has been readmitted with another text
        return _changed(register.text(article.id), article)
    held = rights_of(article, ranked)
    if narrowed(known.rights, held):
        return _narrowed(article.id, held)
    register.by_id[article.id] = Known(article.text_sha256, known.story, held)
    new = msgspec.structs.replace(article, rights=held, story=known.story)
    return Readmitted(masked(new), Moves(old, article.text))


def _source(article: Article) -> tuple[str, str, int]:
    return slug(article.publisher), article.source.sha256, article.source.row


def _fault(article: Article) -> Refusal | None:
    if not article.text or sha256(article.text) != article.text_sha256:
        return Refusal("admit.text-hash", "text_sha256 is not that of the text; convert it again")
    if found := faults(article.text):
        return Refusal("admit.text-form", f"the text is not in normal form: {found[0]}")
    slices = [article.text[s.start : s.end] for s in article.segments]
    if not tiles(article.segments, len(article.text)) or (
        PARAGRAPH_BREAK.join(slices) != article.text
    ):
        return Refusal("admit.segments", "the segments are not the paragraphs of the text")
    return None


def _narrowed(article_id: str, held: Rights) -> Refusal:
    return Refusal(
        "admit.rights-narrowed",
        f"its text lies in the corpus, and rights.csv now says {held.release}: correct the row, or "
        f"take the article out with its labels, for good: {TAKE_DOWN.format(article=article_id)}",
    )


def _changed(old: str, new: Article) -> Refusal:
    advice = (
        "a frozen text never changes by itself: correct the source's copy, admit it under another "
        "URL, or take the new text with --readmit, which moves the annotations that it leaves whole"
    )
    if not old:
        return Refusal(
            "admit.text-changed",
            f"another text was admitted under this id (it is not at hand to compare); {advice}",
        )
    if containment(shingles(old), shingles(new.text)) < CONTAINMENT:
        same = f"the address {new.url}" if new.url else "headline and first paragraph"
        return Refusal(
            "admit.other-article",
            f"another article was admitted under this id: {same} is the same in both; correct it "
            "in the source's copy (a page may name its front page as its own address)",
        )
    told = f"the text differs from the admitted one; {advice}\n{changes(old, new.text)}"
    return Refusal("admit.text-changed", told)


def changes(old: str, new: str) -> str:
    """A diff of two texts, paragraph by paragraph."""
    diff = difflib.unified_diff(
        old.split(PARAGRAPH_BREAK), new.split(PARAGRAPH_BREAK), "admitted", "now", lineterm="", n=0
    )
    return "\n".join(diff)


def _joins(stories: list[str]) -> str:
    places = ", ".join(f"{story} ({split_of(story)})" for story in stories)
    return f"a near-duplicate of articles in two splits, {places}: held out, or they would leak"
