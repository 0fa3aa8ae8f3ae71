"""The texts of the corpus and their rights: hydrate, rights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from onrecord import atomic, ledger, locks
from onrecord.console import counted, result, say, show_problems, table
from onrecord.records import Article, DataError, Problem, UsageError, many, some
from onrecord.shelf import Shelf, hydrated
from onrecord.verbs.options import GRANT, FormatOption, RootOption, corpus_of


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
    with locks.held(house, "admit", "hydrate"):
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
                atomic.write_bytes(path, ledger.encode(outcome.article))
                restored += 1
    here, missing = len(masked) - len(waiting), len(wanted.articles)
    say(
        f"{many(restored, 'text')} restored, {here:,} were there already, {missing:,} still missing"
    )
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
    say(f"{many(len(told.restored), 'text')} restored, {len(told.missing):,} still missing")
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
