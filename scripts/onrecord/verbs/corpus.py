"""The articles of the corpus, their texts and rights: admit, hydrate, rights."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import typer

from onrecord import ledger
from onrecord.articles.moves import Moves
from onrecord.console import counted, result, say, show_problems, table
from onrecord.ledger import House
from onrecord.records import (
    Adjudication,
    Annotation,
    Article,
    DataError,
    Problem,
    UsageError,
    many,
    some,
)
from onrecord.shelf import Shelf, hydrated
from onrecord.verbs.options import FormatOption, RootOption, corpus_of, house_of

if TYPE_CHECKING:
    from onrecord.articles.admit import Outcome

R = TypeVar("R")

FLUSH = 200
"""Lines between two writes to the ledgers."""
GRANT = "a row there says what may be published: pattern,licence,release,basis,attribution"
"""What to do about an article that rights.csv does not mention."""


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
    if not house.corpus.exists():
        say(f"a new corpus begins in {house.corpus.resolve()}; --root names the folder of another")
    if not ranked:
        say(f"{house.name(house.rights)} grants nothing: every text will be withheld")
        say(f"  {GRANT}, then `onrecord admit {file} --readmit`")
    moving = ledger.answers(house) if readmit else nullcontext()
    with ledger.locked(house, "admit"), moving:
        for path in ledger.article_files(house):
            ledger.mend(path)
        shelf = Shelf(house)
        incoming = Shelf(house, [file], fresh=True)

        def article_of(article_id: str) -> Article:
            if article_id not in shelf:
                return incoming.record(article_id)
            admitted = shelf.article(article_id)
            if not admitted.text and article_id in incoming:
                with suppress(DataError):  # a malformed line is refused where its turn comes
                    fresh = incoming.record(article_id)
                    if fresh.text_sha256 == admitted.text_sha256:
                        return msgspec.structs.replace(admitted, text=fresh.text)
            return admitted

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
    aside = file.with_name(f"{file.name}.refused.jsonl")
    if told.problems:
        if told.is_foreign:
            show_problems(told.problems)
            raise DataError(f"{file} holds no article: `admit` takes what `convert` wrote")
        ledger.write(aside, told.problems)
        show_problems(told.problems)
        raise DataError(f"{many(len(told.problems), 'article')} refused, listed in {aside}")
    aside.unlink(missing_ok=True)
    if not told.articles:
        raise DataError(f"{file} holds no article")


def _fix_splits(house: House, stories: set[str]) -> None:
    """Add the stories that corpus/splits.csv lacks, including those of a killed run."""
    from onrecord.splits import split_of

    fixed = ledger.splits(house).keys()
    lines = [ledger.csv_line((s, split_of(s))) for s in sorted(stories - fixed)]
    if lines:
        head = [] if house.splits.exists() else [ledger.csv_line(ledger.SPLITS)]
        ledger.append(house.splits, [*head, *lines])


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
    from onrecord.rights import WITHHELD

    told = _Admission()
    held: list[tuple[Path, Article]] = []
    labels: _Labels | None = None

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
            labels = labels or _Labels(house)
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


class _Place(msgspec.Struct):
    article_id: str


class _Labels:
    """The annotations of a root, to be moved to new texts: the files are written where they change.

    In memory are the places of the rows, and the moved ones until `write`. It writes one file after
    another, and running the command again finishes what was cut short: a row of the new text is
    left alone. Raises DataError (`json.malformed`) for a line that is no row.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._files: dict[str, list[Path]] = {}
        self._offsets: dict[Path, dict[str, list[int]]] = {}
        self._moved: dict[Path, dict[int, Annotation]] = {}
        self._decided: dict[str, list[Path]] = {}
        for path in sorted(house.annotations.glob("*/*.jsonl")):
            self._find(path)
            for key in self._offsets[path]:
                self._files.setdefault(key, []).append(path)
        for path in sorted(house.adjudications.glob("*.jsonl")):
            for key in {row.article_id for row in ledger.read(path, Adjudication)}:
                self._decided.setdefault(key, []).append(path)

    def _find(self, path: Path) -> None:
        """Note at which bytes the rows of each article begin."""
        found: dict[str, list[int]] = {}
        offset = 0
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not ledger.blank(line):
                    key = self._row(path, line, number, _Place).article_id
                    found.setdefault(key, []).append(offset)
                offset += len(line)
        self._offsets[path] = found

    def _row(self, path: Path, line: bytes, number: int, kind: type[R]) -> R:
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError as error:
            raise ledger.malformed(self._house.name(path), number, str(error)) from None

    def move(self, article_id: str, moves: Moves) -> Problem | None:
        """Move every annotation of an article, or say what would break and move none."""
        from onrecord.articles import moves as moving
        from onrecord.text import sha256

        new = sha256(moves.new)
        broken: list[str] = []
        moved: list[tuple[Path, int, Annotation]] = []
        for path in self._files.get(article_id, []):
            with path.open("rb") as file:
                for offset in self._offsets[path][article_id]:
                    file.seek(offset)
                    row = self._row(path, file.readline(), 0, Annotation)
                    if row.text_sha256 != new:
                        there, lost = moving.annotation(row, moves)
                        moved.append((path, offset, there))
                        place = f"{row.batch}/{row.annotator}"
                        broken += [f"{place}: {s.label} {s.start}-{s.end}" for s in lost]
        for path in self._decided.get(article_id, []):
            name = self._house.name(path)
            broken.append(f"{name}: its decisions refer to offsets of the admitted text")
        if broken:
            return Problem(
                file=self._house.name(self._house.annotations),
                line=0,
                rule="admit.breaks-annotations",
                id=article_id,
                message=f"labels whose words are not in the new text: {some(broken)}",
            )
        for path, offset, row in moved:
            self._moved.setdefault(path, {})[offset] = row
        return None

    def write(self) -> None:
        """Write the files of which rows were moved since the last time."""
        for path, moved in sorted(self._moved.items()):
            offset = 0
            with path.open("rb") as old, ledger.replacing(path) as file:
                for line in old:
                    file.write(ledger.encode(moved[offset]) if offset in moved else line)
                    offset += len(line)
            self._find(path)
        self._moved.clear()


def hydrate(
    from_: Annotated[
        list[Path],
        typer.Option(
            "--from",
            metavar="PATH",
            help="A file or folder with copies of the sources; default: fetch them from their "
            "pinned addresses.",
            exists=True,
        ),
    ] = [],  # noqa: B006 - typer copies it
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="A published dataset's folder, to be copied to --out with the texts of --from.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The folder that --dataset writes.", file_okay=False),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Restore the texts that may not be stored in the corpus.

    They are written to build/text/, never to a tracked file, and only if they are byte for byte
    the texts that were admitted. What could not be restored is listed. With --dataset no corpus is
    needed: that folder is copied to --out with the texts in it.
    """
    if dataset is not None or out is not None:
        _restore(dataset, from_, out)
        return
    from onrecord.articles import fetch, sources
    from onrecord.articles.convert import convert as convert_document
    from onrecord.articles.hydrate import Wanted
    from onrecord.articles.hydrate import hydrate as hydrate_articles

    house = corpus_of(root)
    problems: list[Problem] = []
    restored = 0
    # A take-down beside it would be undone by a text that is written behind it.
    with ledger.locked(house, "admit", "hydrate"):
        shelf = Shelf(house)
        records = (shelf.record(article_id) for article_id in shelf)
        masked = [a for a in records if not a.text]
        waiting = [a for a in masked if hydrated(house, a) is None]
        wanted = Wanted(waiting)
        if from_:
            paths: Any = (p for p in sources.find(from_) if isinstance(p, Path))
        else:
            paths = fetch.fetched(waiting, house.build / "fetch", problems.append, say)
        for outcome in hydrate_articles(wanted, counted(paths, "files"), convert_document):
            if isinstance(outcome, Problem):
                problems.append(outcome)
            else:
                path = house.text / f"{outcome.article.id}.json"
                ledger.write_bytes(path, ledger.encode(outcome.article))
                restored += 1
    here, missing = len(masked) - len(waiting), len(wanted.articles)
    say(f"{many(restored, 'text')} restored, {here} were there already, {missing} still missing")
    _tell_missing(list(wanted.articles.values()), copies=bool(from_))
    if problems:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'source')} could not be used")


def _tell_missing(articles: list[Article], *, copies: bool) -> None:
    """List the articles without a text, by source."""
    by_source: dict[tuple[str, str], list[str]] = {}
    for article in articles:
        place = article.source.url or Path(article.source.file).name
        by_source.setdefault((place, article.rights.release), []).append(article.id)
    for (place, release), ids in by_source.items():
        whose = "its" if len(ids) == 1 else "their"
        say(f"  missing: {some(ids)} ({release}; {whose} source is {place})")
    if articles and not copies:
        say("with copies of these sources: `onrecord hydrate --from FOLDER`")
    if articles and copies:
        say("a copy is that source, or a file that contains exactly the text or converts to it;")
        say("  a file named ID.txt or ID.html that gives another text is reported")


def _restore(dataset: Path | None, copies: list[Path], out: Path | None) -> None:
    from onrecord.dataset.restore import restore

    if dataset is None or out is None or not copies:
        raise UsageError("--dataset FOLDER needs --from COPIES and --out NEW_FOLDER")
    told = restore(dataset, copies, out)
    say(f"{many(len(told.restored), 'text')} restored, {len(told.missing)} still missing")
    _tell_missing(told.missing, copies=True)
    say(f"version {told.version}, not for publication")
    result(told.folder.as_posix())
    if told.problems:
        show_problems(told.problems)
        raise DataError(f"{many(len(told.problems), 'copy', 'copies')} could not be used")


def rights(format_: FormatOption = "table", root: RootOption = Path()) -> None:
    """Show what may be published, and why.

    One line per publisher and release: the number of articles, how many texts are available, the
    licence and the basis for it, as admitted. The most specific pattern of corpus/rights.csv
    decides. Articles that it now treats differently are named, with the commands to run.
    """
    from onrecord import rights as stage

    house = corpus_of(root)
    shelf = Shelf(house)
    ranked = stage.granted(house)
    groups: dict[tuple[str, ...], list[int]] = {}
    stale = uncovered = 0
    narrowed: list[str] = []
    idle = {rule.pattern for rule in ranked}
    for article in map(shelf.article, shelf):
        held = article.rights
        key = (article.publisher, held.release, held.licence, held.basis)
        count = groups.setdefault(key, [0, 0])
        count[0] += 1
        count[1] += bool(article.text)
        rule = stage.rule_of(article, ranked)
        now = rule.rights if rule else stage.WITHHELD
        uncovered += rule is None
        idle.discard(rule.pattern if rule else "")
        if stage.narrowed(held, now):
            narrowed.append(article.id)
        else:
            stale += now != held
    columns = ["publisher", "release", "articles", "with_text", "licence", "basis"]
    found = [
        dict(zip(columns, (*key[:2], *groups[key], *key[2:]), strict=True))
        for key in sorted(groups)
    ]
    if format_ == "json":
        result(json.dumps({"rights": found}, indent=1, ensure_ascii=False))
    elif not found:
        say("no article is admitted yet; `onrecord admit FILE` does that")
    else:
        table("", columns, (row.values() for row in found))
    where = house.name(house.rights)
    if uncovered:
        say(f"{many(uncovered, 'article')} withheld, because no pattern of {where} matches")
        say(f"  {GRANT}")
    if found and idle:
        decide = "decides" if len(idle) == 1 else "decide"
        say(f"{many(len(idle), 'pattern')} of {where} {decide} about no article:")
        say(f"  {some(sorted(idle))}; upper and lower case differ, and the most specific one wins")
    if stale:
        say(f"{many(stale, 'article')} with other rights than {where} gives now:")
        say("  onrecord convert … --out FILE, then onrecord admit FILE --readmit")
    if narrowed:
        say(f"{many(len(narrowed), 'text')} in the corpus that {where} no longer allows there;")
        say("a text is removed only with its article and all labels, for good:")
        for article_id in narrowed:
            say(f"  {stage.TAKE_DOWN.format(article=article_id)}")
