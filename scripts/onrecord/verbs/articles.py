"""Raw sources to articles: convert, admit, hydrate, rights."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from onrecord import ledger
from onrecord.articles.moves import Moves
from onrecord.console import coloured, counted, result, say, show_problems, table
from onrecord.ledger import House, Shelf
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
from onrecord.verbs.options import (
    EngineOption,
    FormatOption,
    JobsOption,
    RootOption,
    house_of,
)

if TYPE_CHECKING:
    from onrecord.articles.admit import Outcome
    from onrecord.articles.documents import Document, Origin
    from onrecord.running.convert import Seen
    from onrecord.running.passes import Documents, Stage
    from onrecord.running.shards import Size

FLUSH = 200
"""Articles admitted between two writes to the ledgers."""

GRANT = "a row there says what may be published: pattern,licence,release,basis,attribution"
"""What is to be done where rights.csv says nothing of an article."""


def convert(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Files and folders of .txt, .html, .htm, .csv, .jsonl and .warc (.gz of these).",
        ),
    ],
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The JSONL file to write.")
    ] = "",
    publisher: Annotated[
        str,
        typer.Option(
            "--publisher", metavar="NAME", help="The publisher's name; else the folder's name."
        ),
    ] = "",
    column: Annotated[
        list[str],
        typer.Option(
            "--column",
            metavar="FIELD=NAME",
            help="A table's column for a field: headline, text, url, date_published, authors, "
            "section, language. Common names are found without.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    source_url: Annotated[
        str,
        typer.Option(
            "--source-url",
            metavar="URL",
            help="The pinned address of the sources, {file} and {revision} filled in: where "
            "`hydrate` will find them.",
        ),
    ] = "",
    revision: Annotated[
        str,
        typer.Option(
            "--revision", metavar="REV", help="The commit or version the sources are pinned to."
        ),
    ] = "",
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show what is kept and what is removed, each by its rule."),
    ] = False,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Compare with the admitted articles (corpus/articles): what would differ, and "
            "which annotations it would break.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    jobs: JobsOption = 0,
    engine: EngineOption = "",
    root: RootOption = Path(),
) -> None:
    """Turn raw articles into clean records.

    Texts are included, whatever the rights. What is not the article is cut and recorded with
    its reason. What cannot be read or converted is reported, listed in FILE.problems.jsonl and set
    aside; the others are converted all the same. A run that was stopped goes on where it was.
    """
    from onrecord.articles import sources
    from onrecord.articles.documents import Origin
    from onrecord.articles.tables import known_columns
    from onrecord.running import engines, places, run

    house = house_of(root)
    pairs = [pair.partition("=") for pair in column]
    if any(not sep for _, sep, _ in pairs):
        raise UsageError("--column takes FIELD=NAME, for example --column headline=title")
    if sum(map(bool, (out, explain, against))) != 1:
        raise UsageError(
            "say what to do with the sources, one of three",
            "--out FILE writes the articles, --explain shows what is kept and removed,"
            " --against corpus/articles compares with what was admitted",
        )
    columns = {field: name for field, _, name in pairs}
    known_columns(columns)
    if any("\ud800" <= letter <= "\udfff" for letter in f"{publisher}{source_url}{revision}"):
        raise UsageError("--publisher, --source-url and --revision are to be in UTF-8")
    origin = Origin(publisher, source_url, revision, columns)
    found = [places.place(name) for name in source]
    chosen = engines.engine(engine)
    if not out:
        problems: list[Problem] = []
        each = _converted(found, origin, problems, house, _tell_columns)
        if explain:
            _explain(each)
        elif against is not None:
            _compare(House(against.resolve().parents[1]), each)
        if show_problems(problems):
            raise DataError(f"{many(len(problems), 'source')} could not be converted")
        return
    run.not_a_folder(out)
    sources.apart(places.place(out), found)
    run.ahead(found, jobs, chosen)
    from onrecord.running import convert as converting

    others: Counter[str] = Counter()

    def tell(seen: Seen) -> None:
        others.update(seen.others)
        _tell_columns(seen)

    def stages(work: Path, size: Size) -> tuple[list[Stage], Documents[Any]]:
        return converting.stages(work, found, origin, house, size, tell)

    told = run.run(out, "convert", stages, jobs, chosen)
    if told is None:
        return
    say(
        f"{many(told.records, 'article')} in {out}; {told.review} flagged for review "
        "(the converter had to guess)"
    )
    if told.review:
        say("  their field `review` says why; `onrecord convert SOURCE --explain` shows it by line")
    if hidden := others.pop(sources.HIDDEN, 0):
        say(f"{many(hidden, 'hidden file or folder', 'hidden files or folders')} passed over")
    if others:
        kinds = some([f"{count} {kind or 'without one'}" for kind, count in others.most_common()])
        say(f"{many(others.total(), 'file')} of other types passed over, by extension: {kinds}")
    run.report(told, out, "source")


def stories(
    file: Annotated[str, typer.Argument(help="Articles (JSONL), such as `convert` writes.")],
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The JSONL file to write: {id, story}.")
    ],
    jobs: JobsOption = 0,
    engine: EngineOption = "",
    root: RootOption = Path(),
) -> None:
    """Find near-duplicates: which articles tell the same story.

    A copy that was edited, cut or moved about tells the story of its first article in FILE; nothing
    is removed. Articles without their text are compared where it was hydrated. With --engine the
    search is on disk, for more articles than memory holds. `admit` looks by itself, among what is
    in the corpus.
    """
    from onrecord.running import engines, places, run
    from onrecord.running import stories as telling

    house = house_of(root)
    if not places.place(file).is_file():
        raise UsageError(f"{file}: no such file")
    run.not_a_folder(out)

    def stages(work: Path, size: Size) -> tuple[list[Stage], Documents[Any]]:
        return telling.stages(work, file, house, size)

    told = run.run(out, "stories", stages, jobs, engines.engine(engine), telling.__name__)
    if told is None:
        return
    found = many(told.records - told.review, "story", "stories")
    say(f"{many(told.records, 'article')} in {out}, {found}: {told.review} tell that of an earlier")
    run.report(told, out, "article")
    if not told.records:
        raise DataError(f"{file} holds no article")


def _tell_columns(seen: Seen) -> None:
    """Say of each kind of table which column is taken for what, and which is for nothing."""
    from onrecord.articles.tables import COLUMNS

    free = set[str]()
    for alike in seen.tables:
        pairs = some([f"{field} from {name}" for field, name in alike.columns.taken])
        left = some([" ".join(name.split())[:40] for name in alike.columns.left])
        more = f" and {many(alike.count - 1, 'table')} like it" if alike.count > 1 else ""
        say(f"{alike.first}{more}: {pairs}; not taken: {left or 'none'}")
        if left:
            free |= COLUMNS.keys() - {field for field, _ in alike.columns.taken}
    if free:
        fields = ", ".join(field for field in COLUMNS if field in free)
        say(f"  `--column FIELD=NAME` takes one for a field without: {fields}")


def _converted(
    source: list[Path],
    origin: Origin,
    problems: list[Problem],
    house: House,
    tell: Callable[[Seen], None],
) -> Iterator[tuple[Document, Article]]:
    """Every document of the sources with its article; what cannot be goes to `problems`."""
    from onrecord.running import convert as converting
    from onrecord.running import places, run
    from onrecord.running.passes import plan
    from onrecord.running.shards import Size

    with places.scratch() as work:
        (*learning, _), last = converting.stages(work, source, origin, house, Size(), tell)
        shards = plan(last.folder)
        run.do(learning, "convert", shards.documents, 1)
        for shard in counted((shards[n] for n in range(len(shards))), "shards", len(shards)):
            for document in last.work.read(shard):
                if document is None:
                    continue
                if isinstance(document, Problem):
                    problems.append(document)
                    continue
                article = last.work.article(document)
                if isinstance(article, Problem):
                    problems.append(article)
                else:
                    yield document, article


def _explain(each: Iterator[tuple[Document, Article]]) -> None:
    from onrecord.articles.explain import explain

    for document, article in each:
        result(f"{document.source.file}: {article.id}")
        stated = {
            "date": article.date_published,
            "by": ", ".join(article.authors),
            "dateline": article.dateline,
            "section": article.section,
            "language": article.language,
            "url": article.url,
        }
        result("  " + "; ".join(f"{name} {value or '-'}" for name, value in stated.items()))
        for line in explain(document, article):
            mark = "+" if line.kept else "-"
            coloured(f"{mark} {line.label:15} {line.text}", "green" if line.kept else "red")
        used = sorted(
            {(line.label, line.reason) for line in explain(document, article) if line.reason}
        )
        for rule, reason in used:
            result(f"  {rule}: {reason}")
        if article.review:
            result(f"  to be looked at by a person: {', '.join(article.review)}")


def _compare(house: House, each: Iterator[tuple[Document, Article]]) -> None:
    """Say what another conversion would make of the admitted articles, and break."""
    from onrecord.articles import moves
    from onrecord.articles.admit import Register, changes

    shelf = Shelf(house)
    register = Register(list(shelf), shelf.article, stories=False)
    rows: dict[str, list[Annotation]] = {}
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        for row in ledger.read(path, Annotation, name=house.name(path)):
            rows.setdefault(row.article_id, []).append(row)
    decided = {
        row.article_id
        for path in sorted(house.adjudications.glob("*.jsonl"))
        for row in ledger.read(path, Adjudication, name=house.name(path))
    }
    same = differ = unknown = unseen = whole = 0
    for _, article in each:
        key = register.id_of(article)
        known = register.by_id.get(key)
        if known is None:
            unknown += 1
        elif known.text_sha256 == article.text_sha256:
            same += 1
        elif not (old := shelf.article(key).text):
            unseen += 1
            result(f"{key}: differs; the admitted text is not here to compare (hydrate)")
        else:
            differ += 1
            result(f"{key}: differs\n" + changes(old, article.text))
            breaks = key in decided
            if breaks:
                result("  its adjudication names places in the admitted text")
            for row in rows.get(key, []):
                broken = moves.annotation(row, moves.Moves(old, article.text)).broken
                breaks = breaks or bool(broken)
                told = ", ".join(f"{s.label} {s.start}-{s.end}" for s in broken[:10]) or "none"
                count = many(len(broken), "label")
                result(f"  {row.batch}/{row.annotator}: {count} would break: {told}")
            whole += not breaks
    say(f"{same} the same, {differ + unseen} differ, {unknown} are not admitted")
    if whole:
        say(f"  {whole} of those that differ would keep every label: convert them with --out FILE,")
        say("  then `onrecord admit FILE --readmit`")


def admit(
    file: Annotated[
        Path, typer.Argument(help="What `convert` wrote.", exists=True, dir_okay=False)
    ],
    readmit: Annotated[
        bool,
        typer.Option(
            "--readmit",
            help="Let a changed text take the place of the admitted one where every annotation's "
            "words stand in it unchanged; the annotations move along. Take over changed rights.",
        ),
    ] = False,
    stories: Annotated[
        Path | None,
        typer.Option(
            "--stories",
            help="What `stories` wrote for these articles and the admitted ones: take the stories "
            "from there instead of looking for near-duplicates.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Take articles into the corpus and freeze their texts.

    Rights are joined, id, story and split fixed. Texts that corpus/rights.csv does not let ship
    are masked. Admitting again changes nothing; a changed text for a known id is refused with a
    diff. What is refused is listed in FILE.refused.jsonl, and keeps no other article out.
    """
    from onrecord import rights
    from onrecord.articles.admit import Register
    from onrecord.articles.admit import admit as admit_articles
    from onrecord.splits import split_of

    house = house_of(root)
    ranked = rights.granted(house)
    if not ranked:
        say(f"no rights in {house.name(house.rights)}: every text will be withheld")
        say(f"  {GRANT}, then `onrecord admit {file} --readmit`")
    with ledger.locked(house, "admit"):
        for path in ledger.article_files(house):
            ledger.mend(path)
        shelf = Shelf(house)
        incoming = Shelf(house, [file], fresh=True)

        def article_of(article_id: str) -> Article:
            if article_id not in shelf:
                return incoming.record(article_id)
            admitted = shelf.article(article_id)
            if not admitted.text and article_id in incoming:
                fresh = incoming.record(article_id)
                if fresh.text_sha256 == admitted.text_sha256:
                    return msgspec.structs.replace(admitted, text=fresh.text)
            return admitted

        clusters = _clusters(stories, shelf, house) if stories else None
        register = Register(list(shelf), article_of, clusters=clusters)

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
        # Also the stories whose line a killed run did not come to write.
        fixed = {story for _, (story, _) in ledger.read_csv(house.splits, ledger.SPLITS)}
        stands = sorted({known.story for known in register.by_id.values()})
        lines = [ledger.csv_line((s, split_of(s))) for s in stands if s not in fixed]
        if lines:
            head = [] if house.splits.exists() else [ledger.csv_line(ledger.SPLITS)]
            ledger.append(house.splits, [*head, *lines])
    _tell(told, file, house.name(house.rights))
    if told.new:
        _tell_splits({key: known.story for key, known in register.by_id.items()}, article_of)
    if register.unseen:
        say(
            f"{register.unseen} admitted articles are here without text: near-duplicates of these"
            " were not looked for (`onrecord hydrate` first)"
        )
    aside = file.with_name(f"{file.name}.refused.jsonl")
    if told.problems:
        ledger.write(aside, told.problems)
        show_problems(told.problems)
        raise DataError(f"{many(len(told.problems), 'article')} refused, listed in {aside}")
    aside.unlink(missing_ok=True)
    if not (told.new or told.unchanged or told.moved or told.regranted):
        raise DataError(f"{file} holds no article")


@dataclass
class _Admission:
    """What became of the articles of a file: how many of each outcome, and what was refused.

    Of the `unchanged`, `twice` came earlier in the file itself, and `stale` have other rights now.
    """

    new: int = 0
    unchanged: int = 0
    twice: int = 0
    stale: int = 0
    moved: int = 0
    regranted: int = 0
    problems: list[Problem] = field(default_factory=list)


def _written(house: House, outcomes: Iterable[Outcome], shelf: Shelf) -> _Admission:
    """Append what is admitted to the ledgers, new articles `FLUSH` at a time."""
    from onrecord.articles.admit import Admitted, Readmitted, Regranted, Unchanged
    from onrecord.text import slug

    told = _Admission()
    held: dict[Path, list[Article]] = {}

    def flush() -> None:
        for path, articles in held.items():
            ledger.append(path, map(ledger.encode, articles))
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
        path = house.articles / f"{slug(outcome.article.publisher)}.jsonl"
        if isinstance(outcome, Admitted):
            told.new += 1
            held.setdefault(path, []).append(outcome.article)
            if told.new % FLUSH == 0:
                flush()
        elif isinstance(outcome, Regranted):
            told.regranted += 1
            ledger.append(path, [ledger.encode(outcome.article)])
        elif isinstance(outcome, Readmitted):
            if problem := _move_annotations(house, outcome.article.id, outcome.moves):
                told.problems.append(problem)
                continue
            told.moved += 1
            ledger.append(path, [ledger.encode(outcome.article)])
    flush()
    return told


def _tell(told: _Admission, file: Path, rights: str) -> None:
    refused = len(told.problems)
    say(f"{many(told.new, 'article')} admitted, {told.unchanged} were known, {refused} refused")
    if told.twice:
        say(f"  {told.twice} of these came earlier in {file} itself, with the same id and text")
    if told.moved:
        say(
            f"{told.moved} readmitted on another text; their annotations moved along, gold is to be"
            " made"
        )
    if told.regranted:
        say(f"{told.regranted} stand under the rights that {rights} gives them now")
    if told.stale:
        say(
            f"{told.stale} known ones have other rights in {rights} now:"
            f" `onrecord admit {file} --readmit` takes them over"
        )


def _tell_splits(stories: dict[str, str], article_of: Callable[[str], Article]) -> None:
    """Say how the corpus is split, and what admission does not keep apart: quotes.

    Two articles that quote one sentence may tell two stories, so they are not taken into one split;
    while nothing is labelled it costs nothing to do so.
    """
    from onrecord.quality.leaks import quoted_across
    from onrecord.splits import SHARES, split_of

    splits = {story: split_of(story) for story in set(stories.values())}
    counts = Counter(splits[story] for story in stories.values())
    shares = ", ".join(f"{split} {counts[split]:,}" for split, _ in SHARES)
    say(f"  the corpus has {many(len(splits), 'story', 'stories')}; articles by split: {shares}")
    if found := quoted_across((article_of(key), splits[s]) for key, s in stories.items()):
        say(
            f"  {many(found, 'article')} with a quoted sentence that one of another split has, too:"
            " `onrecord check` names them; docs/rules.md says what to do while nothing is labelled"
        )


def _clusters(file: Path, shelf: Shelf, house: House) -> dict[str, str]:
    """Of each article its cluster, from what `stories` wrote. It must name all admitted ones."""
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


def _move_annotations(house: House, article_id: str, moves: Moves) -> Problem | None:
    """Move every annotation of an article to its new text, or say what would break and move none.

    Files are written one after another; typing the same line again finishes what was cut short.
    """
    from onrecord.articles import moves as moving
    from onrecord.text import sha256

    new = sha256(moves.new)
    broken: list[str] = []
    files: list[tuple[Path, list[Annotation]]] = []
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        rows = list(ledger.read(path, Annotation, name=house.name(path)))
        for i, row in enumerate(rows):
            if row.article_id == article_id and row.text_sha256 != new:
                rows[i], lost = moving.annotation(row, moves)
                place = f"{row.batch}/{row.annotator}"
                broken += [f"{place}: {s.label} {s.start}-{s.end}" for s in lost]
        files.append((path, rows))
    for path in sorted(house.adjudications.glob("*.jsonl")):
        if any(row.article_id == article_id for row in ledger.read(path, Adjudication)):
            broken.append(f"{house.name(path)}: its decisions name places in the admitted text")
    if broken:
        return Problem(
            file=house.name(house.annotations),
            line=0,
            rule="admit.breaks-annotations",
            id=article_id,
            message=f"labels that do not stand in the new text: {some(broken)}",
        )
    for path, rows in files:
        ledger.write_bytes(path, b"".join(map(ledger.encode, rows)))
    return None


def hydrate(
    from_: Annotated[
        list[Path],
        typer.Option(
            "--from",
            metavar="PATH",
            help="A file or folder with copies of the sources; without it they are fetched from "
            "their pinned addresses.",
            exists=True,
        ),
    ] = [],  # noqa: B006 - typer copies it
    dataset: Annotated[
        Path | None,
        typer.Option(
            "--dataset",
            help="A published dataset's folder: make one with the texts of --from in --out.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The folder that --dataset makes.", file_okay=False)
    ] = None,
    root: RootOption = Path(),
) -> None:
    """Put back the texts that the corpus may not carry.

    They go into build/text/, never into a tracked file. Fails closed: a text is written only if
    it is the very one that was admitted. What could not be restored is listed. With --dataset no
    corpus is needed: that folder is copied to --out with the texts in it.
    """
    if dataset is not None or out is not None:
        _restore(dataset, from_, out)
        return
    from onrecord.articles import fetch, sources
    from onrecord.articles.convert import convert as convert_document
    from onrecord.articles.hydrate import Wanted
    from onrecord.articles.hydrate import hydrate as hydrate_articles

    house = house_of(root)
    shelf = Shelf(house)
    records = (shelf.record(article_id) for article_id in shelf)
    masked = [a for a in records if not a.text]
    waiting = [a for a in masked if ledger.hydrated(house, a) is None]
    wanted = Wanted(waiting)
    problems: list[Problem] = []
    if from_:
        paths: Any = (p for p in sources.find(from_) if isinstance(p, Path))
    else:
        paths = fetch.fetched(waiting, house.build / "fetch", problems.append, say)
    restored = 0
    for outcome in hydrate_articles(wanted, counted(paths, "files"), convert_document):
        if isinstance(outcome, Problem):
            problems.append(outcome)
        else:
            path = house.text / f"{outcome.article.id}.json"
            ledger.write_bytes(path, ledger.encode(outcome.article))
            restored += 1
    here = len(masked) - len(waiting)
    say(
        f"{many(restored, 'text')} restored, {here} were here, {len(wanted.articles)} still missing"
    )
    _tell_missing(list(wanted.articles.values()), copies=bool(from_))
    if problems:
        show_problems(problems)
        raise DataError(f"{many(len(problems), 'source')} could not be used")


def _tell_missing(articles: list[Article], *, copies: bool) -> None:
    """The articles without a text, by where one would come from."""
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
        say("a copy is that source, or a file that holds the very text or converts to it;")
        say("  one that is called ID.txt or ID.html and holds another is named")


def _restore(dataset: Path | None, copies: list[Path], out: Path | None) -> None:
    from onrecord.dataset.restore import restore

    if dataset is None or out is None or not copies:
        raise UsageError("--dataset FOLDER takes --from COPIES and --out NEW_FOLDER with it")
    told = restore(dataset, copies, out)
    say(f"{many(len(told.restored), 'text')} put back, {len(told.missing)} still missing")
    _tell_missing(told.missing, copies=True)
    say(f"version {told.version}, not for publication")
    result(told.folder.as_posix())
    if told.problems:
        show_problems(told.problems)
        raise DataError(f"{many(len(told.problems), 'copy', 'copies')} could not be used")


def rights(format_: FormatOption = "table", root: RootOption = Path()) -> None:
    """Show what may be published, and why.

    A line for each publisher and release: how many articles, whose texts are at hand, the licence
    and the ground for it, as admitted. The most specific pattern of corpus/rights.csv decides;
    articles of which it now says something else are named, with the lines to type.
    """
    from onrecord import rights as stage

    house = house_of(root)
    shelf = Shelf(house)
    ranked = stage.granted(house)
    groups: dict[tuple[str, ...], list[int]] = {}
    stale = uncovered = 0
    narrowed: list[str] = []
    for article in map(shelf.article, shelf):
        held = article.rights
        key = (article.publisher, held.release, held.licence, held.basis)
        count = groups.setdefault(key, [0, 0])
        count[0] += 1
        count[1] += bool(article.text)
        now = stage.rights_of(article, ranked)
        uncovered += now is stage.WITHHELD
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
        say("no article is admitted yet; `onrecord admit FILE` joins the rights")
    else:
        table("", columns, (row.values() for row in found))
    where = house.name(house.rights)
    if uncovered:
        say(f"{many(uncovered, 'article')} that no pattern of {where} covers: withheld")
        say(f"  {GRANT}")
    if stale:
        say(f"{many(stale, 'article')} stand under other rights than {where} gives now:")
        say("  onrecord convert … --out FILE, then onrecord admit FILE --readmit")
    if narrowed:
        say(f"{many(len(narrowed), 'text')} in the corpus that {where} no longer lets lie there;")
        say("a text leaves only with its article, labels and all, for good:")
        for article_id in narrowed:
            say(f"  {stage.TAKE_DOWN.format(article=article_id)}")
