"""Raw sources to articles (convert), and which articles tell the same story (stories)."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from onrecord import ledger
from onrecord.console import coloured, counted, result, say, show_problems
from onrecord.ledger import House
from onrecord.records import (
    Adjudication,
    Annotation,
    Article,
    DataError,
    Problem,
    UsageError,
    many,
    on_one_line,
    some,
)
from onrecord.shelf import Shelf
from onrecord.verbs.options import EngineOption, JobsOption, RootOption, house_of

if TYPE_CHECKING:
    from onrecord.articles.documents import Document, Origin
    from onrecord.pieces import Size
    from onrecord.running.convert import Seen
    from onrecord.running.passes import Documents, Stage, Told


def convert(
    source: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE",
            help="Files and folders: .txt, .html, .htm, .xhtml, .mhtml (.mht), .csv, .tsv, .json, "
            ".jsonl (.jl, .ndjson) and .warc, also as .gz.",
        ),
    ],
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The JSONL file to write.")
    ] = "",
    publisher: Annotated[
        str,
        typer.Option(
            "--publisher",
            metavar="NAME",
            help="The publisher's name, with {host} filled in from the address of a row or a "
            "record of a web archive; default: the folder's name.",
        ),
    ] = "",
    column: Annotated[
        list[str],
        typer.Option(
            "--column",
            metavar="FIELD=NAME",
            help="The column that holds a field (headline, text, url, date_published, authors, "
            "section, language, publisher), in tables that have such a column; a.b is column b in "
            "column a. Common names are recognised anyway.",
        ),
    ] = [],  # noqa: B006 - typer copies it
    source_url: Annotated[
        str,
        typer.Option(
            "--source-url",
            metavar="URL",
            help="The pinned address of the sources, with {file} and {revision} filled in, for "
            "`hydrate` to fetch them from.",
        ),
    ] = "",
    revision: Annotated[
        str,
        typer.Option(
            "--revision",
            metavar="REV",
            help="The commit or version that the sources are pinned to.",
        ),
    ] = "",
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show what is kept and what is removed, and by which rule."),
    ] = False,
    first: Annotated[
        int,
        typer.Option(
            "--first",
            metavar="N",
            min=0,
            help="With --explain: only the N most doubtful articles, the most doubtful first.",
            show_default=False,
        ),
    ] = 0,
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            help="Compare with the admitted articles (corpus/articles): what would differ, and "
            "which annotations that would break.",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    jobs: JobsOption = 0,
    engine: EngineOption = "",
    root: RootOption = Path(),
) -> None:
    """Turn raw articles into clean records.

    Texts are included, whatever the rights. Whatever is not part of the article is removed and
    recorded with the reason. Sources that cannot be read or converted are reported and listed in
    FILE.problems.jsonl; the others are converted all the same. A stopped run resumes where it was.
    """
    from onrecord import places
    from onrecord.articles import sources
    from onrecord.running import engines, run

    house = house_of(root)
    columns = _columns(column)
    if sum(map(bool, (out, explain, against))) != 1:
        raise UsageError(
            "say what to do with the sources: exactly one of three",
            "--out FILE writes the articles, --explain shows what is kept and removed,"
            " --against corpus/articles compares with what was admitted",
        )
    if first and not explain:
        raise UsageError("--first goes with --explain", "convert SOURCE --explain --first 20")
    admitted = _house_of_articles(against) if against else None
    origin = _origin(publisher, source_url, revision, columns)
    found = [places.place(name) for name in source]
    chosen = engines.engine(engine)
    others, passed = Counter[str](), Counter[str]()

    def tell(seen: Seen) -> None:
        others.update(seen.others)
        passed.update(seen.passed)
        _tell_columns(seen)
        _in_a_table(columns, seen)
        if out and not publisher and len(seen.folders) > 1:
            names = some(list(seen.folders))
            say(f"{many(len(seen.folders), 'folder')}, each taken for a publisher: {names}")
            say("  if all are of one, name it with --publisher NAME")

    if not out:
        problems: list[Problem] = []
        each = _converted(found, origin, problems, house, tell)
        if explain:
            _explain(_most_doubtful(each, first) if first else each)
        elif admitted is not None:
            _compare(admitted, each)
        _tell_skipped(others, passed)
        if show_problems(problems):
            raise DataError(f"{many(len(problems), 'source')} could not be converted")
        return
    run.refuse_place(out, found, house)
    sources.apart(places.place(out), found)
    run.ahead(found, jobs, chosen)
    from onrecord.running import convert as converting  # while the workers get ready

    def stages(work: Path, size: Size) -> tuple[list[Stage], Documents[Any]]:
        return converting.stages(work, found, origin, house, size, tell)

    told = run.run(out, "convert", stages, jobs, chosen)
    if told is None:
        return
    _tell_converted(told, out)
    _tell_skipped(others, passed)
    run.report(told, out, "source", "no article was found")


def stories(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Articles (JSONL), such as `convert` writes.")
    ],
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="The JSONL file to write: {id, story}.")
    ],
    jobs: JobsOption = 0,
    engine: EngineOption = "",
    root: RootOption = Path(),
) -> None:
    """Find near-duplicates: which articles tell the same story.

    An edited, cut or rearranged copy gets the story of the first such article in FILE; nothing is
    removed. Articles without text are compared if their text was hydrated. With --engine the search
    works on disk, for more articles than fit into memory. `admit` does not need this: it searches
    the corpus by itself.
    """
    from onrecord import places
    from onrecord.running import engines, run
    from onrecord.running import stories as telling

    house = house_of(root)
    if not places.place(file).is_file():
        raise UsageError(f"{file}: no such file")
    run.refuse_place(out, [places.place(file)], house)

    def stages(work: Path, size: Size) -> tuple[list[Stage], Documents[Any]]:
        return telling.stages(work, file, house, size)

    told = run.run(out, "stories", stages, jobs, engines.engine(engine), telling.__name__)
    if told is None:
        return
    if told.records:
        found = many(told.records - told.review, "story", "stories")
        copies = f"{told.review} tell the story of an earlier one"
        say(f"{many(told.records, 'article')} in {out}, {found}: {copies}")
    run.report(told, out, "article", f"{file} holds no article")


def _columns(given: list[str]) -> dict[str, str]:
    """Field -> column, as `--column` names them. Raises UsageError for one that names none."""
    pairs = [pair.partition("=") for pair in given]
    if any(not sep for _, sep, _ in pairs):
        raise UsageError("--column takes FIELD=NAME, for example --column headline=title")
    return {field: name for field, _, name in pairs}


def _origin(publisher: str, url: str, revision: str, columns: dict[str, str]) -> Origin:
    """The origin of all sources. Raises UsageError for a field or for letters that cannot be."""
    from onrecord.articles.documents import Origin
    from onrecord.articles.tables import known_columns

    known_columns(columns)
    if any("\ud800" <= letter <= "\udfff" for letter in f"{publisher}{url}{revision}"):
        raise UsageError("--publisher, --source-url and --revision must be in UTF-8")
    return Origin(publisher, url, revision, columns)


def _tell_converted(told: Told, out: str) -> None:
    """Say how many articles were written, and which of them to read first."""
    if told.records:
        say(
            f"{many(told.records, 'article')} in {out}; {told.review} flagged for review "
            "(the converter had to guess)"
        )
    if told.review:
        say("  the field `review` says why; `onrecord convert SOURCE --explain` shows the lines")
    if told.kinds:
        _tell_kinds(told.kinds)


def _tell_columns(seen: Seen) -> None:
    """Say for each kind of table which column is used for what, and which are not used."""
    from onrecord.articles.tables import COLUMNS

    free = set[str]()
    for alike in seen.tables:
        pairs = some([f"{field} from {name}" for field, name in alike.columns.taken])
        left = some([" ".join(name.split())[:40] for name in alike.columns.left])
        more = f" and {many(alike.count - 1, 'table')} like it" if alike.count > 1 else ""
        charset = alike.columns.charset
        more += f", read as {charset}" if charset != "utf-8" else ""
        say(f"{alike.first}{more}: {pairs}; not used: {left or 'none'}")
        if left:
            free |= COLUMNS.keys() - {field for field, _ in alike.columns.taken}
    if free:
        fields = ", ".join(field for field in COLUMNS if field in free)
        say(f"  `--column FIELD=NAME` names a column for one of the other fields: {fields}")


def _tell_skipped(others: Counter[str], passed: Counter[str]) -> None:
    """Say what of the sources was passed over: files by extension, and records of archives."""
    from onrecord.articles import kinds, sources

    if hidden := others.pop(sources.HIDDEN, 0):
        say(f"{many(hidden, 'hidden file or folder', 'hidden files or folders')} skipped")
    if saved := others.pop(sources.SAVED, 0):
        say(f"{many(saved, 'folder')} skipped that a browser saved beside a page")
    if machines := others.pop(sources.MACHINES, 0):
        say(f"{many(machines, 'file')} skipped that a site has for robots, or a mirror for itself")
    if pages := others.pop(sources.UNNAMED, 0):
        say(f"{many(pages, 'page')} skipped by name: let the names end in .html (as wget -E does)")
    if others:
        each = some([f"{count} {kind or 'without one'}" for kind, count in others.most_common()])
        say(f"{many(others.total(), 'file')} of other types skipped, by extension: {each}")
        for way in kinds.ways(kind for kind, _ in others.most_common()):
            say(f"  {way}")
    if passed:
        each = some([f"{count} {kind}" for kind, count in passed.most_common()])
        say(f"{many(passed.total(), 'record')} of web archives without a page skipped: {each}")


def _tell_kinds(marked: dict[str, int]) -> None:
    """Say how many articles are to be read first, for what; `marked` counts the marks of rows."""
    from onrecord.articles import triage
    from onrecord.running.convert import KIND_MARKS

    count = sum(marked.values())
    command = f"onrecord convert SOURCE --explain --first {count}"
    say(f"{many(count, 'article')} to read first (`{command}` shows them):")
    kinds = {kind: marked.get(mark.decode(), 0) for kind, mark in KIND_MARKS.items()}
    for kind, number in sorted(kinds.items(), key=lambda pair: pair[1], reverse=True):
        if number:
            say(f"  {number:,}: {triage.KINDS[kind]}")


def _in_a_table(given: dict[str, str], seen: Seen) -> None:
    """Raises UsageError for a column that was named and that no table has."""
    if given and not seen.any_table:
        field, name = next(iter(given.items()))
        raise UsageError(f"--column {field}={name}: no table (.csv, .jsonl) is among the sources")
    for field, name in given.items():
        if seen.tables and (field, name) not in seen.taken:
            raise UsageError(f"--column {field}={name}: no table has a column {name!r}")


def _house_of_articles(folder: Path) -> House:
    """The house whose admitted articles a folder holds. Raises UsageError for another folder."""
    for place in (Path(os.path.abspath(folder)), folder.resolve()):  # corpus/ may be a link
        house = House(place.parent.parent)
        if house.articles == place:
            return house
    raise UsageError(f"--against {folder}: no corpus/articles", "--against corpus/articles")


def _converted(
    source: list[Path],
    origin: Origin,
    problems: list[Problem],
    house: House,
    tell: Callable[[Seen], None],
) -> Iterator[tuple[Document, Article]]:
    """Every document of the sources with its article; what fails goes to `problems`."""
    from onrecord import places
    from onrecord.pieces import Size
    from onrecord.running import convert as converting
    from onrecord.running import run
    from onrecord.running.passes import plan

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


def _most_doubtful(
    each: Iterator[tuple[Document, Article]], count: int
) -> list[tuple[Document, Article]]:
    """So many of the articles, the most doubtful first; no more than that are held."""
    from heapq import nlargest

    from onrecord.articles import triage

    return nlargest(count, each, key=lambda pair: triage.doubt(triage.concerns(pair[1])))


def _explain(each: Iterable[tuple[Document, Article]]) -> None:
    from onrecord.articles import triage
    from onrecord.articles.explain import explain

    for document, article in each:
        result(f"{on_one_line(document.source.file)}: {article.id}")
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
            result(f"  for a person to review: {', '.join(article.review)}")
        for concern in triage.concerns(article):
            if concern.weight >= triage.TOLD:
                result(f"  doubtful: {triage.told(concern)}")


def _compare(house: House, each: Iterator[tuple[Document, Article]]) -> None:
    """Say how the admitted articles would differ if converted now, and what that would break."""
    from onrecord.articles import moves
    from onrecord.articles.admit import Register, changes

    shelf = Shelf(house)
    register = Register(list(shelf), shelf.article, stories=False)
    rows: dict[str, list[Annotation]] = {}
    for row in ledger.all_annotations(house):
        rows.setdefault(row.article_id, []).append(row)
    decided = {
        row.article_id
        for path in ledger.rows_files(house.adjudications)
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
            result(f"{key}: differs; the admitted text is missing here (hydrate)")
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
