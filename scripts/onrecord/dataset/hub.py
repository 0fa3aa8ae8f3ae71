"""The published dataset: a folder that load_dataset reads and `publish` uploads.

    README.md                the card: what a person reads, and the YAML that configures the folder
    <config>/<split>.parquet the five views; a split without rows has no file
    jsonl/<config>-<split>.jsonl  the same rows, class labels as strings
    schema/ guidelines/ LICENSE checksums.txt

The one module that imports `datasets`. Rows are streamed: memory is bounded by the row groups
that are being filled, not by the corpus.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from datasets import ClassLabel, DatasetInfo, Features, List, SplitDict, SplitInfo, Value
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from onrecord import labels, ledger
from onrecord.dataset import card, views
from onrecord.gold.newest import newest_gold
from onrecord.labels import Labels
from onrecord.ledger import House, Say
from onrecord.records import Annotation, DataError, UsageError

BATCH_ROWS = 64
"""Rows that wait as Python objects before they become Arrow."""
GROUP_BYTES = 2 << 20
"""Arrow bytes that wait before they become a row group."""


class BuildReport(NamedTuple):
    """What a build made. `left_out` says, a line each, what is not in it and why."""

    folder: Path
    version: str
    rows: list[tuple[str, str, int]]
    """(config, split, rows); a split without rows is not there."""
    without_text: list[str]
    """Ids of the articles in `documents` whose text is not in the dataset."""
    left_out: list[str]


# --- what the columns are -----------------------------------------------------------------------

_TEXT, _OFFSET = Value("string"), Value("int32")
_TEXTS, _SPANS = List(_TEXT), List(List(_OFFSET))


def _strings(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, _TEXT)


def features(labels: Labels) -> dict[str, Features]:
    """The features of every config, in the order of publication (the first is the default).

    What a model is to predict is a ClassLabel, its ids in the order of labels.toml; every other
    label is a string. Nothing is nullable.
    """

    def classes(value: str) -> ClassLabel:
        return ClassLabel(names=list(labels.values[value]))

    common = _strings("article_id", "publisher", "date_published", "url", "licence", "attribution")
    span = {"start": _OFFSET, "end": _OFFSET}
    mention = {**_strings("id"), **span, **_strings("text", "type", "form", "entity")}
    entity = _strings("id", "name", "type", "kb_id")
    task = {**common, **_strings("id", "label_source"), "role": classes("role")}
    tags = {
        column: List(ClassLabel(names=labels.bio(names)))
        for column, names in views.tag_names(labels).items()
    }
    documents = {
        **common,
        "headline": _TEXT,
        "authors": _TEXTS,
        **_strings("language", "section"),
        "credit": _TEXTS,
        **_strings("dateline", "story", "release"),
        "text_available": Value("bool"),
        **_strings("text_sha256", "text"),
        "segments": List({"role": _TEXT, **span}),
        "layers": _TEXTS,
        "n_annotators": Value("int32"),
        **_strings("settled_by", "label_source"),
        "mentions": List(mention),
        "entities": List(entity),
        "quotes": List(
            {
                **_strings("id", "type"),
                "spans": _SPANS,
                "text": _TEXTS,
                "cue": _SPANS,
                **dict.fromkeys(("speaker", "speaker_entities", "addressee"), _TEXTS),
                "parent": _TEXT,
            }
        ),
        "stances": List(
            {
                **_strings("id", "polarity"),
                "evidence": _SPANS,
                "holder_level": _TEXT,
                **dict.fromkeys(("holder", "holder_entities", "target", "target_entities"), _TEXTS),
                **_strings("target_text", "quote", "basis"),
            }
        ),
    }
    entities = {
        **task,
        "paragraph": _TEXT,
        **span,
        "tokens": _TEXTS,
        "offsets": _SPANS,
        "sentences": _SPANS,
        **tags,
    }
    quotes = {
        **task,
        "context": _TEXT,
        **span,
        "quote_type": classes("quote_type"),
        "spans": _SPANS,
        "text": _TEXTS,
        "cue": _SPANS,
        "cue_text": _TEXTS,
        "speaker": List(mention),
        "speaker_entities": List(entity),
        "addressee": List(mention),
        "parent": _TEXT,
    }
    stance = {
        **task,
        "context": _TEXT,
        **span,
        "sentence": List(_OFFSET),
        "polarity": classes("polarity"),
        "evidence": _SPANS,
        "evidence_text": _TEXTS,
        "holder_level": classes("holder_level"),
        "holder": List(mention),
        "holder_entities": List(entity),
        "target": List(mention),
        "target_entities": List(entity),
        **_strings("target_text", "quote", "basis"),
    }
    annotations = {
        **common,
        **_strings("batch", "annotator", "annotator_kind", "status"),
        "layers": _TEXTS,
        "created_at": _TEXT,
        "lead_time": Value("float64"),
        "flags": _TEXTS,
        "note": _TEXT,
        "entities": List(_strings("id", "name", "kb_id")),
        "spans": List(
            {
                **_strings("id", "label"),
                **span,
                **_strings("text", "entity", "basis", "target_text"),
                "holder_unnamed": Value("bool"),
                "origin": _TEXT,
                "score": Value("float64"),
            }
        ),
        "links": List(_strings("from", "to", "role")),
    }
    return {
        "documents": Features(documents),
        "entities": Features(entities),
        "quotes": Features(quotes),
        "stance": Features(stance),
        "annotations": Features(annotations),
    }


# --- rows to files ------------------------------------------------------------------------------


class _Split:
    """One split of one config: the Parquet file and the JSON lines beside it, row by row."""

    def __init__(self, folder: Path, config: str, split: str, features: Features) -> None:
        self.path = folder / config / f"{split}.parquet"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.rows = self.bytes = self._pending = 0
        self._schema = features.arrow_schema
        self._classes: dict[str, Callable[[Any], Any]] = {
            name: _ids(kind)
            for name, kind in features.items()
            if isinstance(getattr(kind, "feature", kind), ClassLabel)
        }
        self._waiting: list[dict[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        # Statistics and dictionaries as pyarrow has them; nothing in the file tells the time.
        self._writer = pq.ParquetWriter(self.path, self._schema, compression="zstd")
        (folder / "jsonl").mkdir(exist_ok=True)
        self._lines = (folder / "jsonl" / f"{config}-{split}.jsonl").open("wb")

    def add(self, row: dict[str, Any]) -> None:
        self._lines.write(orjson.dumps(row) + b"\n")
        self._waiting.append(row | {name: ids(row[name]) for name, ids in self._classes.items()})
        self.rows += 1
        if len(self._waiting) == BATCH_ROWS:
            self._convert()

    def _convert(self) -> None:
        batch = pa.RecordBatch.from_pylist(self._waiting, schema=self._schema)
        self._waiting = []
        self.bytes += batch.nbytes
        self._batches.append(batch)
        self._pending += batch.nbytes
        if self._pending >= GROUP_BYTES:
            self._write()

    def _write(self) -> None:
        self._writer.write_table(pa.Table.from_batches(self._batches, self._schema))
        self._batches = []
        self._pending = 0

    def close(self) -> None:
        if self._waiting:
            self._convert()
        if self._batches:
            self._write()
        self._writer.close()
        self._lines.close()


def _ids(kind: ClassLabel | List) -> Callable[[Any], Any]:
    """What turns a column's strings into class ids; KeyError for a string that is no class."""
    if isinstance(kind, List):
        inner = {name: number for number, name in enumerate(kind.feature.names)}
        return lambda values: [inner[value] for value in values]
    names: list[str] = kind.names
    return {name: number for number, name in enumerate(names)}.__getitem__


class _Writer:
    """Every config's splits, opened when their first row comes: a split without rows has no file.

    (load_dataset refuses a whole config in which one split has no rows.)
    """

    def __init__(self, folder: Path, features: dict[str, Features], stack: ExitStack) -> None:
        self._folder, self._features, self._stack = folder, features, stack
        self.splits: dict[tuple[str, str], _Split] = {}

    def add(self, config: str, split: str, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            if (config, split) not in self.splits:
                made = _Split(self._folder, config, split, self._features[config])
                self._stack.callback(made.close)
                self.splits[config, split] = made
            self.splits[config, split].add(row)


def _quiet(_line: str) -> None:
    pass


# --- the build ----------------------------------------------------------------------------------


def build(house: House, out: Path | None = None, *, progress: Say = _quiet) -> BuildReport:
    """Make the dataset folder from the ledgers, in `out` (build/hub if left out).

    The new folder takes the place of the old one when it is whole. The same inputs give the same
    bytes. Raises DataError where gold and ledgers do not fit, UsageError where `out` is a folder
    of something else.
    """
    out = (out or house.hub).absolute()
    if out.exists() and not (out / "checksums.txt").exists() and any(out.iterdir()):
        raise UsageError(
            f"{out} is not a dataset that build made", "give --out a new folder, or empty this one"
        )
    part, old = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.old")
    with ledger.locked(house, "build"):
        if old.exists() and not out.exists():  # killed between the two renames below
            old.rename(out)
        for leftover in (part, old):
            shutil.rmtree(leftover, ignore_errors=True)
        part.mkdir(parents=True)
        report = _fill(house, part, progress)
        if out.exists():
            out.rename(old)
        part.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    return report._replace(folder=out)


def _fill(house: House, folder: Path, progress: Say) -> BuildReport:
    known = labels.load()
    columns = features(known)
    tally = card.Tally()
    without_text: list[str] = []
    left_out: list[str] = []
    annotators = {row[0]: row for _, row in _csv(house, house.annotators, ledger.ANNOTATORS)}
    splits = dict(row for _, row in _csv(house, house.splits, ledger.SPLITS))
    shelf = ledger.Shelf(house)
    where: dict[str, str] = {}
    with ExitStack() as stack:
        writer = _Writer(folder, columns, stack)
        for gold in newest_gold(house):
            if gold.article_id not in shelf:
                raise DataError(
                    f"gold of {gold.article_id}, which is not admitted; run `onrecord check`"
                )
            article = views.public(shelf.article(gold.article_id))
            split = splits.get(article.story, "")
            if split not in known.values["split"]:
                raise DataError(
                    f"{article.id}: its story {article.story} has no split in corpus/splits.csv;"
                    " run `onrecord admit`"
                )
            where[article.id] = split
            if not article.text:
                without_text.append(article.id)
            try:
                writer.add("documents", split, views.documents(article, gold))
                writer.add("entities", split, views.entities(article, gold))
                writer.add("quotes", split, views.quotes(article, gold))
                writer.add("stance", split, views.stance(article, gold))
                tally.add(article, gold, split, known)
            except (KeyError, IndexError) as error:
                raise DataError(
                    f"gold of {article.id} does not fit its article ({error}); run `onrecord check`"
                ) from error
            if len(where) % 1000 == 0:
                progress(f"{len(where):,} articles")
        if not where:
            raise DataError("there is no gold to build from; run `onrecord gold`")
        for annotation in _annotations(house):
            why = ""
            if annotation.article_id not in where:
                continue  # counted below, as an article
            article = shelf.article(annotation.article_id)
            if annotation.status == "draft":
                why = "it is a draft"
            elif annotation.text_sha256 != article.text_sha256:
                why = "it was made on another text"
            elif annotation.annotator not in annotators:
                raise DataError(
                    f"{annotation.annotator} labelled {article.id} and is not in"
                    " corpus/annotators.csv; add a line there"
                )
            if why:
                left_out.append(f"{annotation.batch}/{annotation.annotator} of {article.id}: {why}")
                continue
            kind = annotators[annotation.annotator][1]
            rows = views.annotations(article, annotation, kind)
            writer.add("annotations", where[article.id], rows)
    if unlabelled := sum(1 for key in shelf if key not in where):
        left_out.append(f"{unlabelled:,} admitted articles: they have no gold")
    made = {
        (config, split): writer.splits[config, split]
        for config in columns
        for split in known.values["split"]
        if (config, split) in writer.splits
    }
    counted = [(config, split, made[config, split].rows) for config, split in made]
    _documentation(house, folder, known)

    template = _bundled(house, "DATASET_CARD.md").read_text(encoding="utf-8")
    infos = _infos(columns, made)
    licences = {key[1] for key, count in tally.with_text.items() if count}

    def readme(version: str) -> bytes:
        values = card.fills(tally, counted, annotators.values(), known, version)
        return _card(card.fill(template, values), infos, licences, version)

    version = "0.0." + str(int(_digest([*_checksums(folder), readme("0.0.0").decode()])[:10], 16))
    (folder / "README.md").write_bytes(readme(version))
    (folder / "checksums.txt").write_text("".join(_checksums(folder)), encoding="utf-8")
    return BuildReport(folder, version, counted, without_text, left_out)


def load(folder: Path, config: str) -> dict[str, int]:
    """Rows by split of a config, as a user's load_dataset gives them."""
    from datasets import load_dataset

    return {str(split): rows.num_rows for split, rows in load_dataset(str(folder), config).items()}


def _csv(house: House, path: Path, columns: list[str]) -> Iterator[tuple[int, list[str]]]:
    return ledger.read_csv(path, columns, name=house.name(path))


def _annotations(house: House) -> Iterator[Annotation]:
    for path in sorted(house.annotations.glob("*/*.jsonl")):
        yield from ledger.read(path, Annotation, name=house.name(path))


# --- the card, and what lies beside the data ----------------------------------------------------


def _bundled(house: House, name: str) -> Path:
    """A file that people wrote: the root's own, or the one this installation carries."""
    own = house.root / name
    return own if own.exists() else labels.schema_dir().parent / name


def _documentation(house: House, folder: Path, known: Labels) -> None:
    schema = folder / "schema"
    schema.mkdir()
    for name, data in labels.generated(known, "").items():
        if name.endswith(".schema.json"):
            (schema / name).write_bytes(data)
    source = labels.schema_dir()
    shutil.copyfile(source / "labels.toml", schema / "labels.toml")
    (folder / "guidelines").mkdir()
    for path in sorted((source / "guidelines").glob("*.md")):
        shutil.copyfile(path, folder / "guidelines" / path.name)
    for path in sorted(_bundled(house, "LICENSE").parent.glob("LICENSE*")):
        shutil.copyfile(path, folder / path.name)


def _infos(
    columns: dict[str, Features], made: dict[tuple[str, str], _Split]
) -> dict[str, DatasetInfo]:
    """What load_dataset checks each config's files against."""
    infos = {}
    for config in dict.fromkeys(config for config, _ in made):
        splits = SplitDict()
        for split, file in ((s, f) for (c, s), f in made.items() if c == config):
            splits.add(SplitInfo(split, num_bytes=file.bytes, num_examples=file.rows))
        infos[config] = DatasetInfo(
            features=columns[config],
            splits=splits,
            download_size=sum(f.path.stat().st_size for (c, _), f in made.items() if c == config),
            dataset_size=sum(info.num_bytes for info in splits.values()),
        )
    return infos


def _card(text: str, infos: dict[str, DatasetInfo], licences: set[str], version: str) -> bytes:
    """README.md: the card with the YAML that configures the folder.

    Every config carries the version, which is in the key of load_dataset's cache: without it a
    folder whose files changed goes on loading the old ones. `licences` (SPDX) are those of the
    texts in the folder; they join the labels' own, which the card's front matter names.
    """
    made = DatasetCard(text)
    data = cast(DatasetCardData, made.data)
    data["license"] = sorted(
        {data.get("license")}
        | {"other" if name.startswith("LicenseRef-") else name.lower() for name in licences}
    )
    data["configs"] = [
        {
            "config_name": config,
            "version": version,
            **({"default": True} if number == 0 else {}),
            "data_files": [
                {"split": split, "path": f"{config}/{split}.parquet"} for split in info.splits or ()
            ],
        }
        for number, (config, info) in enumerate(infos.items())
    ]
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return str(made).encode()


def _checksums(folder: Path) -> list[str]:
    """`sha256  path` of every file in the folder but checksums.txt, by path."""
    lines = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        if path.name != "checksums.txt":
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            lines.append(f"{digest}  {path.relative_to(folder).as_posix()}\n")
    return lines


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("".join(parts).encode()).hexdigest()
