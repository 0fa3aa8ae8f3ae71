"""The verb `admit`: articles into the corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from onrecord import ledger, locks
from onrecord.console import counted, say, show_problems
from onrecord.ledger import House
from onrecord.records import Article, DataError, Problem, UsageError, many, some
from onrecord.shelf import Shelf
from onrecord.verbs.options import GRANT, RootOption, house_of

if TYPE_CHECKING:
    from onrecord.articles.admit import Outcome
    from onrecord.articles.relabel import Labels

FLUSH = 200
"""Lines between two writes to the ledgers."""


def admit(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What `convert` wrote.", exists=True, dir_okay=False),
    ],
    readmit: Annotated[
        bool,
        typer.Option(
            "--readmit",
            help="Replace an admitted text by the changed one if the words of all its annotations "
            "are in it unchanged; the annotations are moved. Also take over changed rights.",
        ),
    ] = False,
    stories: Annotated[
        Path | None,
        typer.Option(
            "--stories",
            help="What `stories` wrote for these articles and the admitted ones: use these stories "
            "instead of searching for near-duplicates.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Add articles to the corpus and freeze their texts.

    Joins the rights and fixes id, story and split. Texts that may not ship under corpus/rights.csv
    are masked. Admitting again changes nothing; a changed text for a known id is refused with a
    diff. Refused articles are listed in FILE.refused.jsonl; the others are admitted.
    """
    from onrecord import rights
    from onrecord.articles.admit import Register
    from onrecord.articles.admit import admit as admit_articles
    from onrecord.articles.signatures import Signatures

    house = house_of(root)
    ranked = rights.granted(house)
    _tell_before(house, file, granted=bool(ranked))
    moving = locks.answers(house) if readmit else nullcontext()
    with locks.held(house, "admit"), moving:
        for path in ledger.article_files(house):
            ledger.mend(path)
        shelf = Shelf(house)
        incoming = Shelf(house, [file], fresh=True)
        article_of = partial(_article_of, shelf, incoming)
        clusters = _clusters(stories, shelf, house) if stories else None
        new = any(key not in shelf for key in incoming)
        kept = Signatures(house.signatures) if new and not stories else None
        register = Register(shelf, article_of, stories=new, clusters=clusters, kept=kept)

        def text_of(article_id: str) -> str:
            return shelf.article(article_id).text if article_id in shelf else ""

        outcomes = admit_articles(
            counted(ledger.read_each(file, Article), "articles"),
            register,
            ranked,
            file=file.as_posix(),
            text_of=text_of,
            readmit=readmit,
            withdrawn={value for row in ledger.withdrawn(house) for value in row[:2]},
        )
        told = _written(house, outcomes, shelf)
        _fix_splits(house, {known.story for known in register.by_id.values()})
        if kept:
            kept.write()
    _tell(told, file, house.name(house.rights), granted=bool(ranked))
    if told.new:
        _tell_splits({key: known.story for key, known in register.by_id.items()}, article_of)
    if register.unseen:
        have = "has" if register.unseen == 1 else "have"
        say(
            f"{many(register.unseen, 'admitted article')} {have} no text here, so near-duplicates"
            " of these were not found (`onrecord hydrate` first)"
        )
    _set_aside(told, file)


def _tell_before(house: House, file: Path, *, granted: bool) -> None:
    """Say what is likely an oversight: a corpus that is not there, rights that nobody wrote."""
    if not house.corpus.exists():
        say(f"a new corpus begins in {house.corpus.resolve()}; --root names the folder of another")
    if not granted:
        say(f"{house.name(house.rights)} grants nothing: every text will be withheld")
        say(f"  {GRANT}, then `onrecord admit {file} --readmit`")


def _article_of(shelf: Shelf, incoming: Shelf, article_id: str) -> Article:
    """An article as it was admitted, else as it comes.

    An admitted text that is not here is that of the incoming article if it is the same.
    """
    if article_id not in shelf:
        return incoming.record(article_id)
    admitted = shelf.article(article_id)
    if not admitted.text and article_id in incoming:
        with suppress(DataError):  # a malformed line is refused where its turn comes
            fresh = incoming.record(article_id)
            if fresh.text_sha256 == admitted.text_sha256:
                return msgspec.structs.replace(admitted, text=fresh.text)
    return admitted


def _fix_splits(house: House, stories: set[str]) -> None:
    """Add the stories that corpus/splits.csv lacks, including those of a killed run."""
    from onrecord.splits import split_of

    fixed = ledger.splits(house).keys()
    rows = ((story, split_of(story)) for story in sorted(stories - fixed))
    ledger.append_rows(house.splits, ledger.SPLITS, rows)


@dataclass
class _Admission:
    """The outcomes for the articles of a file.

    `beside` are those of the new ones that tell the story of an earlier article, `again` those
    that have its very text, and of `uncovered` no row of rights.csv says anything. Of the
    `unchanged`, `twice` occurred earlier in the same file, and `stale` would have other rights now.
    """

    new: int = 0
    beside: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    uncovered: int = 0
    unchanged: int = 0
    twice: int = 0
    stale: int = 0
    moved: int = 0
    regranted: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def articles(self) -> int:
        """How many were not refused."""
        return self.new + self.unchanged + self.moved + self.regranted

    @property
    def is_foreign(self) -> bool:
        """Whether the file is of something else: no line could be read as an article."""
        unread = ("json.malformed", "schema")
        return not self.articles and all(problem.rule in unread for problem in self.problems)


def _written(house: House, outcomes: Iterable[Outcome], shelf: Shelf) -> _Admission:
    """Append what is admitted to the ledgers in its order, `FLUSH` lines at a time.

    The order matters across ledgers, too: an article that a killed run left out has to find the
    articles before it when the command is run again, and none of those after it.
    """
    from onrecord.articles.admit import Readmitted, Regranted, Unchanged
    from onrecord.articles.relabel import Labels
    from onrecord.rights import WITHHELD

    told = _Admission()
    held: list[tuple[Path, Article]] = []
    labels: Labels | None = None

    def flush() -> None:
        # The annotations of a readmitted article are those of its new text before that is there.
        if labels:
            labels.write()
        ledger.append_each((path, ledger.encode(article)) for path, article in held)
        held.clear()

    for outcome in outcomes:
        if isinstance(outcome, Problem):
            told.problems.append(outcome)
            continue
        if isinstance(outcome, Unchanged):
            told.unchanged += 1
            told.twice += outcome.article_id not in shelf
            told.stale += outcome.stale
            continue
        if isinstance(outcome, Readmitted):
            labels = labels or Labels(house)
            if problem := labels.move(outcome.article.id, outcome.moves):
                told.problems.append(problem)
                continue
            told.moved += 1
        elif isinstance(outcome, Regranted):
            told.regranted += 1
        else:
            told.new += 1
            told.uncovered += outcome.article.rights == WITHHELD
            if outcome.again:
                told.again.append(outcome.article.id)
            elif outcome.article.story != outcome.article.id:
                told.beside.append(outcome.article.id)
        held.append((_ledger_of(house, outcome.article, shelf), outcome.article))
        if len(held) == FLUSH:
            flush()
    flush()
    return told


def _ledger_of(house: House, article: Article, shelf: Shelf) -> Path:
    """The ledger for a line of an article: that of its earlier line, since the later one counts."""
    from onrecord.text import slug

    return shelf.file(article.id) or house.articles / f"{slug(article.publisher)}.jsonl"


def _tell(told: _Admission, file: Path, rights: str, *, granted: bool) -> None:
    refused = len(told.problems)
    say(f"{many(told.new, 'article')} admitted, {told.unchanged} were known, {refused} refused")
    if told.beside:
        say(
            f"  {len(told.beside)} of the new ones"
            f" {'tells' if len(told.beside) == 1 else 'tell'} the story of an earlier article,"
            f" such as an edited copy: {some(told.beside)}"
        )
    if told.again:
        say(
            f"  {len(told.again)} of the new ones"
            f" {'has' if len(told.again) == 1 else 'have'} the very text of an earlier article,"
            f" of another publisher or under another address: {some(told.again)}"
        )
    if told.uncovered and granted:
        say(
            f"  {told.uncovered} of the new ones"
            f" {'is' if told.uncovered == 1 else 'are'} withheld, because no pattern of {rights}"
            " matches (`onrecord rights` names the patterns that match nothing)"
        )
    if told.twice:
        say(f"  {told.twice} of these are repeated in {file} itself, with the same id and text")
    if told.moved:
        say(
            f"{told.moved} readmitted with a new text and their annotations moved;"
            " run `onrecord gold` again"
        )
    if told.regranted:
        say(f"{told.regranted} now have the rights that {rights} gives them")
    if told.stale:
        say(
            f"{told.stale} known ones have different rights in {rights} now:"
            f" `onrecord admit {file} --readmit` takes them over"
        )


def _set_aside(told: _Admission, file: Path) -> None:
    """List the refused articles beside the file. Raises DataError where there are any, or none."""
    aside = file.with_name(f"{file.name}.refused.jsonl")
    if told.problems:
        show_problems(told.problems)
        if told.is_foreign:
            raise DataError(f"{file} holds no article: `admit` takes what `convert` wrote")
        ledger.write(aside, told.problems)
        raise DataError(f"{many(len(told.problems), 'article')} refused, listed in {aside}")
    aside.unlink(missing_ok=True)
    if not told.articles:
        raise DataError(f"{file} holds no article")


def _tell_splits(stories: dict[str, str], article_of: Callable[[str], Article]) -> None:
    """Say how the corpus is split, and how many articles share a quoted sentence across splits.

    Admission does not prevent that: articles that quote the same sentence may tell different
    stories. As long as nothing is labelled, it is cheap to put them into one split.
    """
    from onrecord.quality.leaks import quoted_across
    from onrecord.splits import SHARES, split_of

    splits = {story: split_of(story) for story in set(stories.values())}
    counts = Counter(splits[story] for story in stories.values())
    shares = ", ".join(f"{split} {counts[split]:,}" for split, _ in SHARES)
    say(f"  the corpus has {many(len(splits), 'story', 'stories')}; articles by split: {shares}")
    if found := quoted_across((article_of(key), splits[s]) for key, s in stories.items()):
        say(
            f"  {many(found, 'article')} with a quoted sentence that is also in another split:"
            " `onrecord check` names them; docs/rules.md says what to do while nothing is labelled"
        )


def _clusters(file: Path, shelf: Shelf, house: House) -> dict[str, str]:
    """Article id -> cluster, from the output of `stories`, which must name all admitted ones."""
    from onrecord.running.stories import Named

    clusters: dict[str, str] = {}
    for _, row in ledger.read_numbered(file, Named):
        clusters.setdefault(row.id, row.story)  # the first of an id is the one that is admitted
    unnamed = [article_id for article_id in shelf if article_id not in clusters]
    if unnamed:
        raise UsageError(
            f"{file} does not name {many(len(unnamed), 'admitted article')}: {some(unnamed)}",
            f"put {house.name(house.articles)}/*.jsonl and the new articles into one file, and run "
            "`onrecord stories` on that",
        )
    return clusters
