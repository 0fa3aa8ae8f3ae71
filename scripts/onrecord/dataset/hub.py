"""The published dataset: a folder that load_dataset reads and `publish` uploads.

    README.md                the card: what a person reads, and the YAML that configures the folder
    <config>/<split>.parquet the five views; a split without rows has no file, a large one several
    jsonl/<config>-<split>.jsonl  the same rows, class labels as strings
    croissant.json CITATION.cff CHANGELOG.md LICENSE checksums.txt
    class_ids.csv            what each id of a class label means
    attribution.csv          licence and attribution of each article
    withdrawn.csv            articles that were taken out, if any were
    schema/ guidelines/

This module writes the folder: the views, the card's YAML, the checksums. `fields` says what the
columns are; `building` fills a folder from a corpus, and `restore` from a published one. The only
module that imports `datasets`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import orjson
from datasets import ClassLabel, DatasetInfo, Features, List, SplitDict, SplitInfo, Value
from datasets.info import DatasetInfosDict
from huggingface_hub import DatasetCard, DatasetCardData

from onrecord import ledger
from onrecord.dataset import card, croissant, fields, folder, views, writing
from onrecord.labels import Labels
from onrecord.records import Annotation, Article, DataError, Gold

# --- what the columns are -----------------------------------------------------------------------


def features(labels: Labels) -> dict[str, Features]:
    """The features of every config, in the order of publication (the first is the default)."""
    return {
        config: Features({column.name: _feature(column.kind) for column in columns})
        for config, columns in fields.configs(labels).items()
    }


def _feature(kind: fields.Kind) -> Any:
    """What `datasets` calls a kind of value."""
    match kind:
        case fields.Classes():
            return ClassLabel(names=list(kind.names))
        case fields.Many():
            return List(_feature(kind.of))
        case fields.Inside():
            return {field.name: _feature(field.kind) for field in kind.fields}
        case _:
            return Value(kind)


def class_ids(known: Labels) -> Iterator[list[object]]:
    """The meaning of each id of each class label, for readers of the integers."""
    yield ["config", "column", "id", "label", "means", "example"]
    tags = views.tag_names(known)
    place = {"B": "begins: ", "I": "goes on: "}
    for config, columns in fields.configs(known).items():
        for field in columns:
            for number, name in enumerate(fields.classes(field)):
                means, example = known.values.get(field.name, {}).get(name, ""), ""
                if field.name in tags and name == "O":
                    means = "Outside: in no such span."
                elif field.name in tags:
                    span = known.spans[name[2:]]
                    means, example = place[name[0]] + span.means, span.example
                yield [config, field.name, number, name, means, example]


def _ids(field: fields.Field) -> Callable[[Any], Any]:
    """A function from a column's strings to class ids; KeyError for an unknown class."""
    ids = {name: number for number, name in enumerate(fields.classes(field))}
    if isinstance(field.kind, fields.Many):
        return lambda values: [ids[value] for value in values]
    return ids.__getitem__


# --- the folder ---------------------------------------------------------------------------------


class Views:
    """Writes the five configs of a dataset to a folder, document by document."""

    def __init__(self, folder: Path, known: Labels, stack: ExitStack) -> None:
        self.labels = known
        self.columns = features(known)
        self.tally = card.Tally()
        columns = {
            config: writing.Columns(
                self.columns[config].arrow_schema,
                {field.name: _ids(field) for field in said if fields.classes(field)},
            )
            for config, said in fields.configs(known).items()
        }
        self._writer = writing.Writer(folder, columns, stack)

    def document(self, article: Article, gold: Gold, split: str, release: str = "") -> None:
        """Add a gold document to the four configs made from it.

        `release` overrides the article's own. Raises DataError if gold and article do not fit.
        """
        try:
            rows = views.documents(article, gold)
            self._writer.add(
                "documents", split, ({**r, "release": release or r["release"]} for r in rows)
            )
            self._writer.add("entities", split, views.entities(article, gold))
            self._writer.add("quotes", split, views.quotes(article, gold))
            self._writer.add("stance", split, views.stance(article, gold))
            self.tally.add(article, gold, split, self.labels)
        except (KeyError, IndexError) as error:
            raise DataError(
                f"gold of {article.id} does not fit its article ({error}); run `onrecord check`"
            ) from error

    def annotation(self, article: Article, annotation: Annotation, kind: str, split: str) -> None:
        """Add a submitted annotation."""
        self._writer.add("annotations", split, views.annotations(article, annotation, kind))

    def rows(self, config: str, split: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows unchanged, with class labels as strings."""
        self._writer.add(config, split, rows)

    @property
    def made(self) -> dict[tuple[str, str], writing.Split]:
        """The files by config and split, in the order of publication."""
        return {
            (config, split): self._writer.splits[config, split]
            for config in self.columns
            for split in self.labels.values["split"]
            if (config, split) in self._writer.splits
        }


def content_of(out: Path, text: str, columns: dict[str, Features]) -> str:
    """The number that identifies a folder's content: ten hex digits of a sha256, in decimal.

    Computed from the rows, since Parquet bytes differ between versions of pyarrow.
    """
    kinds = {config: kind.to_dict() for config, kind in columns.items()}
    parts = [text, json.dumps(kinds, sort_keys=True)]
    for path in folder.files(out):
        if path.suffix != ".parquet":
            parts += [path.relative_to(out).as_posix(), ledger.digest(path)]
    return str(int(hashlib.sha256("\0".join(parts).encode()).hexdigest()[:10], 16))


def finish(
    out: Path, text: str, made: Views, licences: set[str], version: str, about: dict[str, Any]
) -> None:
    """Write the card, croissant.json and the checksums of a folder whose data is complete.

    `text` is the card with its front matter; `licences` (SPDX) are those of the texts in it;
    `about` are Croissant's RAI statements and the day it counts as published on.
    """
    infos = _infos(made.columns, made.made)
    paths = {
        (config, split): f"{config}/{split}{'-*' if len(file.parts) > 1 else ''}.parquet"
        for (config, split), file in made.made.items()
    }
    (out / "README.md").write_bytes(_card(text, infos, paths, licences, version))
    files = {
        key: [
            croissant.File(
                path.relative_to(out).as_posix(), ledger.digest(path), path.stat().st_size
            )
            for path in file.parts
        ]
        for key, file in made.made.items()
    }
    read = DatasetCard(text)
    own = read.data.to_dict()
    front = {
        "name": own.get("pretty_name", "dataset"),
        "description": card.abstract(read.text),
        "citation": card.citation(read.text),
        "licences": sorted({str(own.get("license", "")).upper(), *licences} - {""}),
    }
    told = croissant.document(front, about, fields.configs(made.labels), files, version)
    (out / "croissant.json").write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
    lines = [f"{ledger.digest(p)}  {p.relative_to(out).as_posix()}\n" for p in folder.files(out)]
    (out / folder.CHECKSUMS).write_text("".join(lines), encoding="utf-8")


def _infos(
    columns: dict[str, Features], made: dict[tuple[str, str], writing.Split]
) -> dict[str, DatasetInfo]:
    """The infos that load_dataset checks each config's files against."""
    infos = {}
    for config in dict.fromkeys(config for config, _ in made):
        splits = SplitDict()
        for split, file in ((s, f) for (c, s), f in made.items() if c == config):
            splits.add(SplitInfo(split, num_bytes=file.bytes, num_examples=file.rows))
        infos[config] = DatasetInfo(
            features=columns[config],
            splits=splits,
            download_size=sum(
                path.stat().st_size
                for (c, _), file in made.items()
                if c == config
                for path in file.parts
            ),
            dataset_size=sum(info.num_bytes for info in splits.values()),
        )
    return infos


def _card(
    text: str,
    infos: dict[str, DatasetInfo],
    paths: dict[tuple[str, str], str],
    licences: set[str],
    version: str,
) -> bytes:
    """README.md: the card with the YAML that configures the folder.

    Every config has the version, which is part of the key of load_dataset's cache: without it, a
    folder whose files changed would keep loading the old ones. `licences` (SPDX) are those of the
    texts in the folder; they join the labels' own, which the card's front matter names.
    """
    made = DatasetCard(text)
    data = cast(DatasetCardData, made.data)
    own = data.get("license")
    data["license"] = sorted(
        set(own if isinstance(own, list) else [own])
        | {"other" if name.startswith("LicenseRef-") else name.lower() for name in licences}
    )
    data["configs"] = [
        {
            "config_name": config,
            "version": version,
            **({"default": True} if number == 0 else {}),
            "data_files": [
                {"split": split, "path": paths[config, split]} for split in info.splits or ()
            ],
        }
        for number, (config, info) in enumerate(infos.items())
    ]
    DatasetInfosDict(infos).to_dataset_card_data(data)
    return str(made).encode()


# --- as load_dataset gives it ------------------------------------------------------------------


def load(folder: Path, config: str, cache: Path | None = None) -> dict[str, int]:
    """Rows by split of a config, as load_dataset gives them to a user."""
    return _loaded(str(folder), config, cache)


def load_files(files: Mapping[str, Sequence[Path]], cache: Path) -> dict[str, int]:
    """Rows by split of plain Parquet files, without any configuration."""
    return _loaded("parquet", None, cache, {s: list(map(str, f)) for s, f in files.items()})


def _loaded(
    path: str, config: str | None, cache: Path | None, files: dict[str, list[str]] | None = None
) -> dict[str, int]:
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    found = load_dataset(path, config, data_files=files, cache_dir=str(cache) if cache else None)
    return {str(split): rows.num_rows for split, rows in found.items()}
