"""From the ledgers to the dataset folder: gold, submitted annotations, and the documentation.

Rows are streamed to their files; `hub` defines the layout of the folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from onrecord import compact, labels, ledger, locks
from onrecord.console import in_turn, of_total
from onrecord.dataset import card, croissant, folder, hub, measured, versions, views
from onrecord.gold.newest import newest_by_place, newest_gold
from onrecord.labels import Labels
from onrecord.ledger import House
from onrecord.records import Annotation, Article, DataError, many, some
from onrecord.rights import attribution
from onrecord.shelf import Shelf


class BuildReport(NamedTuple):
    """The result of a build. `left_out` has a line for everything that is not in it, with why."""

    folder: Path
    version: str
    rows: list[tuple[str, str, int]]
    """(config, split, rows); splits without rows are left out."""
    without_text: list[str]
    """Ids of the articles in `documents` whose text is not in the dataset."""
    left_out: list[str]


def build(house: House, out: Path | None = None, *, release: str = "") -> BuildReport:
    """Make the dataset folder from the ledgers, in `out` (default: build/hub).

    The new folder replaces the old one when it is complete. The same inputs give the same bytes.
    With `release` the content becomes that version, also in corpus/releases.csv.

    Raises DataError if gold and ledgers do not fit or a release lacks a text, UsageError if `out`
    is some other folder, or has restored texts, or the version is not possible for this content.
    """
    out = out or house.hub
    with locks.held(house, "build"), folder.replacing(out) as part:
        report = _fill(house, part, release, "build")
    return report._replace(folder=out.absolute())


def rebuild(house: House, out: Path) -> None:
    """Make in the new folder `out` what `build` would make now, to be compared with build/hub.

    Touches nothing else, so several may be at work in a root, and a build beside them. Raises what
    `build` does.
    """
    out.mkdir(parents=True)
    _fill(house, out, "", "the dataset again")


def _fill(house: House, out: Path, release: str, told: str) -> BuildReport:
    """Make the folder; its progress is told as that of `told`."""
    known = labels.load()
    papers = _papers(house, known, release)
    annotators = {row[0]: row for _, row in _csv(house, house.annotators, ledger.ANNOTATORS)}
    withdrawn = ledger.withdrawn(house)
    corpus = _Corpus(house, known, {row[0] for row in withdrawn})
    with ExitStack() as stack:
        made = hub.Views(out, known, stack)
        without_text = _documents(corpus, made, out, release, told)
        newest, left_out = _handed_in(corpus, made, annotators, told)
    if unlabelled := sum(1 for key in corpus.shelf if key not in corpus.there):
        left_out.append(f"{many(unlabelled, 'admitted article')} without gold")
    filled = {config for config, _ in made.made}
    left_out += [
        f"the config {config}: it has no rows" for config in made.columns if config not in filled
    ]
    _documentation(house, out, known, withdrawn, papers.changes)

    counted = [(*key, file.rows) for key, file in made.made.items()]
    agreement = _agreement(house, corpus.there, corpus.shelf, told)
    baselines = measured.markdown(measured.current(house))

    def text(version: str) -> str:
        values = card.fills(
            made.tally,
            known,
            rows=counted,
            annotators=annotators.values(),
            withdrawn=[[row[0], *row[2:]] for row in withdrawn],
            agreement=agreement,
            baselines=baselines,
            version=version,
            newest=newest,
        )
        return card.fill(papers.card, values)

    _cite(out, papers.citation, "0.0.0")
    content = hub.content_of(out, text("0.0.0"), made.columns)
    version = _version(house, content, release, papers.changes)
    _cite(out, papers.citation, version)
    hub.finish(
        out,
        text(version),
        made,
        {key[1] for key, count in made.tally.with_text.items() if count},
        version,
        about=_about(text(version), made.tally, annotators.values(), newest),
    )
    return BuildReport(out, version, counted, without_text, left_out)


class _Papers(NamedTuple):
    """What people write and a build takes over as it is."""

    card: str
    citation: str
    changes: str | None
    """The changelog, None where the root has none."""


def _papers(house: House, known: Labels, release: str) -> _Papers:
    """The papers of a root, and whether it may make this release ("": none), as far as that can be
    said before there is a content: a long build is not to end in a slip of the pen.

    Raises DataError if one is missing or faulty, UsageError if the release is not possible.
    """
    paths = [_bundled(house, name) for name in ("DATASET_CARD.md", "CITATION.cff")]
    if (changes := house.root / "CHANGELOG.md").exists():
        paths.append(changes)
    told = [_text(house, path) for path in paths]
    papers = _Papers(told[0], told[1], told[2] if len(told) > 2 else None)
    card.check(papers.card, known)
    if release:
        releases = dict(_releases(house))
        versions.release(release, releases.get(release, ""), releases, papers.changes)
    return papers


def _text(house: House, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(f"{house.name(path)} is missing; write it, or install anew") from None
    except UnicodeDecodeError:
        raise DataError(f"{house.name(path)} is not UTF-8; save it as UTF-8") from None


class _Corpus:
    """What a build looks up in a root: texts, splits, and whose gold counts."""

    def __init__(self, house: House, known: Labels, gone: set[str]) -> None:
        self.house, self.known, self.gone = house, known, gone
        self.shelf = Shelf(house)
        self.there = newest_by_place(house)
        self._splits = compact.Choices()
        for _, (story, split) in _csv(house, house.splits, ledger.SPLITS):
            self._splits[story] = split

    def split(self, article: Article) -> str:
        """The split of an article. Raises DataError if its story has none."""
        split = self._splits.get(article.story)
        if split not in self.known.values["split"]:
            raise DataError(
                f"{article.id}: its story {article.story} has no split in corpus/splits.csv;"
                " run `onrecord admit`"
            )
        return split


def _documents(corpus: _Corpus, made: hub.Views, out: Path, release: str, told: str) -> list[str]:
    """Add every gold document and its line of attribution.csv. Returns the ids of documents without
    text."""
    without_text: list[str] = []
    there = corpus.there
    if not there:
        raise DataError("there is no gold to build from; run `onrecord gold`")
    golds = of_total(newest_gold(corpus.house, there), len(there), f"{told}, articles", "articles")
    with (out / "attribution.csv").open("wb") as credits:
        credits.write(ledger.csv_line(folder.ATTRIBUTION))
        for gold in golds:
            if gold.article_id in corpus.gone or gold.article_id not in corpus.shelf:
                why = "withdrawn" if gold.article_id in corpus.gone else "not admitted"
                raise DataError(f"gold of {gold.article_id}, which is {why}; run `onrecord check`")
            article = views.public(corpus.shelf.article(gold.article_id))
            split = corpus.split(article)
            if not article.text:
                without_text.append(article.id)
                if release and article.rights.release != "withhold":
                    raise DataError(
                        f"{article.id} is to be published with its text, which is missing;"
                        " run `onrecord hydrate` before a release"
                    )
            made.document(article, gold, split)
            credits.write(ledger.csv_line(_credit(article)))
    return without_text


def _handed_in(
    corpus: _Corpus, made: hub.Views, annotators: Mapping[str, Sequence[str]], told: str
) -> tuple[str, list[str]]:
    """Add the submitted annotations of articles with gold.

    Returns the day of the newest one, and a line for each reason why some are left out.
    """
    newest = ""
    drafts, others = list[str](), list[str]()
    house = corpus.house
    annotations = (
        annotation
        for path in in_turn(ledger.annotation_files(house), f"{told}, annotations", "files")
        for annotation in ledger.read(path, Annotation, name=house.name(path))
    )
    for annotation in annotations:
        if annotation.article_id not in corpus.there:
            continue  # counted as an article without gold
        article = corpus.shelf.article(annotation.article_id)
        if annotation.status == "draft":
            left = drafts
        elif annotation.text_sha256 != article.text_sha256:
            left = others
        elif annotation.annotator not in annotators:
            raise DataError(
                f"{annotation.annotator} labelled {article.id} and is not in"
                " corpus/annotators.csv; add a line there"
            )
        else:
            newest = max(newest, annotation.created_at[:10])
            kind = annotators[annotation.annotator][1]
            made.annotation(article, annotation, kind, corpus.split(article))
            continue
        left.append(f"{annotation.batch}/{annotation.annotator} of {article.id}")
    left_out = [f"{many(len(drafts), 'draft')}: {some(drafts)}"] if drafts else []
    if others:
        left_out.append(f"{many(len(others), 'annotation')} of another text: {some(others)}")
    return newest, left_out


def _version(house: House, content: str, release: str, changes: str | None) -> str:
    """The version of a content; `release` assigns one and records it in corpus/releases.csv."""
    releases = _releases(house)
    if release:
        versions.release(release, content, dict(releases), changes)
        if (release, content) not in releases:
            ledger.append_rows(house.releases, ledger.RELEASES, [(release, content)])
    return release or versions.of_build(content, releases)


def _releases(house: House) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for _, row in _csv(house, house.releases, ledger.RELEASES)]


def _about(
    text: str, tally: card.Tally, annotators: Iterable[Sequence[str]], newest: str
) -> dict[str, Any]:
    rows = list(annotators)
    numbers = sorted({number for *_, number in tally.layers})
    # A build has no clock: the same inputs give the same bytes.
    published = {"datePublished": newest} if newest else {}
    return published | croissant.rai(
        card.sections(text),
        people=any(row[1] == "person" for row in rows),
        models=[" ".join(filter(None, row[2:4])) for row in rows if row[1] == "model"],
        annotations_per_item=" to ".join(dict.fromkeys(map(str, (numbers[0], numbers[-1])))),
    )


def _cite(out: Path, citation: str, version: str) -> None:
    (out / "CITATION.cff").write_text(f"{citation}version: {version}\n", encoding="utf-8")


def _csv(house: House, path: Path, columns: list[str]) -> Iterator[tuple[int, list[str]]]:
    return ledger.read_csv(path, columns, name=house.name(path))


def _agreement(house: House, there: compact.Choices, shelf: Shelf, told: str) -> str:
    """The card's section on agreement, over the articles of the dataset that several annotators of
    one batch labelled."""
    from onrecord.gold import works
    from onrecord.quality import agree, measures

    several = [
        name
        for name in ledger.batch_names(house.annotations, "")
        if len(ledger.rows_files(house.annotations / name)) > 1
    ]
    shared = (
        work
        for name in in_turn(several, f"{told}, agreement", "batches")
        for work in works.Works(house, name, shelf)
        if work.article.id in there
    )
    found = agree.agreement(shared, works.annotators(house), workers=0)
    return card.agreement(found, measures.MEASURES)


def _bundled(house: House, name: str) -> Path:
    """A file written by people: the root's own, else the one of this installation."""
    own = house.root / name
    return own if own.exists() else labels.schema_dir().parent / name


def _documentation(
    house: House, out: Path, known: Labels, withdrawn: list[list[str]], changes: str | None
) -> None:
    schema = out / "schema"
    schema.mkdir()
    for name, data in labels.generated(known, "").items():
        if name.endswith(".schema.json"):
            (schema / name).write_bytes(data)
    source = labels.schema_dir()
    shutil.copyfile(source / "labels.toml", schema / "labels.toml")
    (out / "guidelines").mkdir()
    for path in sorted((source / "guidelines").glob("*.md")):
        shutil.copyfile(path, out / "guidelines" / path.name)
    for path in sorted(_bundled(house, "LICENSE").parent.glob("LICENSE*")):
        shutil.copyfile(path, out / path.name)
    if changes and (told := versions.data_notes(changes)):
        (out / "CHANGELOG.md").write_text(told, encoding="utf-8")
    (out / "class_ids.csv").write_bytes(b"".join(map(ledger.csv_line, hub.class_ids(known))))
    if withdrawn:
        rows = [folder.WITHDRAWN, *([row[0], *row[2:]] for row in withdrawn)]
        (out / "withdrawn.csv").write_bytes(b"".join(map(ledger.csv_line, rows)))


def _credit(article: Article) -> list[str]:
    """The line of attribution.csv."""
    held = article.rights
    shown = "true" if article.text else "false"
    row = (article.id, article.publisher, article.url, held.licence, held.release, shown)
    return [*row, attribution(article)]
