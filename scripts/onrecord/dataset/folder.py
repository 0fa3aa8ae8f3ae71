"""A dataset folder on disk, made by `build` or downloaded by a user.

Reads with pyarrow, row group by row group, and needs neither `datasets` nor the corpus nor the
texts. Wrong folders raise UsageError, wrong contents DataError.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pyarrow.parquet as pq

from onrecord import atomic, ledger
from onrecord.labels import Labels
from onrecord.records import (
    Annotation,
    AnnotationEntity,
    Article,
    Attributes,
    Converter,
    DataError,
    Gold,
    Link,
    Rights,
    Segment,
    Source,
    Span,
    UsageError,
)

if TYPE_CHECKING:
    from huggingface_hub import DatasetCard

CHECKSUMS = "checksums.txt"
CONFIGS = ("documents", "entities", "quotes", "stance", "annotations")
ATTRIBUTION = ["article_id", "publisher", "url", "licence", "release", "text_available", "line"]
WITHDRAWN = ["article_id", "withdrawn_at", "reason"]
"""The first line of each CSV of the folder."""


RESTORED = "> **Not for publication.**"
"""How the card begins of a folder into which `restore` put texts."""


@contextmanager
def replacing(out: Path, *, restored: bool = False) -> Generator[Path]:
    """A new folder that replaces the dataset folder `out` on success.

    Raises UsageError if `out` is some other folder or has files of something else, such as those of
    a clone, or, unless `restored`, texts from somebody's own copies; and if another command writes
    it.
    """
    if out.exists() and not all(map(ledger.of_desktop, out.iterdir())):
        if not (out / CHECKSUMS).exists():
            raise UsageError(
                f"{out} is not a dataset made by `onrecord build`",
                "give --out a new folder, or empty this one",
            )
        # Not `checksums`, which raises where the list is damaged: that is mended by a new build.
        listed = (out / CHECKSUMS).read_text(encoding="utf-8", errors="replace")
        names = (path.relative_to(out).as_posix() for path in files(out))
        if other := next((name for name in names if f"  {name}\n" not in listed), ""):
            raise UsageError(
                f"{out} holds something else than a dataset ({other})",
                "give --out a new folder, or take that out of this one",
            )
        if not restored and _has_restored(out):
            raise UsageError(
                f"{out} has texts that `onrecord hydrate --dataset` put back",
                "give --out a new folder, or remove this one",
            )
    with atomic.replacing_folder(out) as part:
        yield part


def _has_restored(out: Path) -> bool:
    card = out / "README.md"
    return card.is_file() and f"\n{RESTORED}" in card.read_text(encoding="utf-8", errors="replace")


def checksums(folder: Path) -> dict[str, str]:
    """Path -> sha256 of every file of a folder, as its checksums.txt says.

    Raises UsageError if the folder was not made by `build`, DataError if the list is damaged.
    """
    path = folder / CHECKSUMS
    if not path.is_file():
        raise UsageError(f"{folder} is no dataset folder: it has no {CHECKSUMS}", "onrecord build")
    return parse_checksums(path.read_text(encoding="utf-8", errors="replace"), str(path))


def parse_checksums(text: str, name: str) -> dict[str, str]:
    """Path -> sha256 of the lines of a checksums.txt, called `name` in messages.

    Raises DataError naming the line.
    """
    found = {}
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        match = _STATED.match(line)
        if match is None or not line.endswith("\n"):
            what = "not a line of digest and path" if match is None else "cut short"
            raise DataError(f"{name}:{number}: {what}; {_AGAIN}")
        found[match[2]] = match[1]
    return found


_STATED = re.compile(r"([0-9a-f]{64})  (.+)")
_AGAIN = "build or download it again"


def whole(folder: Path) -> dict[str, str]:
    """`checksums` of a folder of which no row is missing and none was changed.

    Reads every Parquet file; the documentation may have been edited. Raises what `checksums`
    raises, and DataError naming the files that are not as they were built.
    """
    stated = checksums(folder)
    there = {
        f"{config}/{path.name}" for config in CONFIGS for path in folder.glob(f"{config}/*.parquet")
    }
    faults = []
    for name in sorted(there | {name for name in stated if name.endswith(".parquet")}):
        if name not in there:
            faults.append(f"{folder / name}: missing")
        elif name not in stated:
            faults.append(f"{folder / name}: {CHECKSUMS} does not have it")
        elif ledger.digest(folder / name) != stated[name]:
            faults.append(f"{folder / name}: not the file that was built")
    if faults:
        raise DataError("\n".join(faults) + f"; {_AGAIN}")
    return stated


def files(folder: Path) -> list[Path]:
    """Every file of the folder except checksums.txt, by path."""
    return [path for path in ledger.files(folder) if path.name != CHECKSUMS]


def damaged(folder: Path) -> list[str]:
    """Paths that differ from checksums.txt: changed, missing or additional."""
    stated = checksums(folder)
    found = {path.relative_to(folder).as_posix(): ledger.digest(path) for path in files(folder)}
    return sorted(n for n in stated.keys() | found.keys() if stated.get(n) != found.get(n))


def card(folder: Path) -> tuple[DatasetCard, str]:
    """The folder's card and the version that it states. Raises DataError if it states none."""
    from huggingface_hub import DatasetCard

    path = folder / "README.md"
    try:
        read = DatasetCard.load(path)
        return read, str(read.data.to_dict()["configs"][0]["version"])
    except Exception as error:  # of three libraries: YAML has errors of its own
        raise DataError(f"{path}: no version of a dataset ({error}); {_AGAIN}") from error


def version(folder: Path) -> str:
    """The version that the folder's card states. Raises what `checksums` and `card` raise."""
    checksums(folder)
    return card(folder)[1]


def splits(folder: Path, config: str, labels: Labels) -> list[str]:
    """The splits of a config that have rows, in the order of labels.toml."""
    return [s for s in labels.values["split"] if parts(folder, config, s)]


def parts(folder: Path, config: str, split: str) -> list[Path]:
    """The Parquet files of a split, in the order of its rows: one or several."""
    whole = folder / config / f"{split}.parquet"
    return [whole] if whole.exists() else sorted((folder / config).glob(f"{split}-*.parquet"))


def rows(
    folder: Path, config: str, split: str, columns: list[str] | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of a split, lazily; class labels as their ids."""
    for path in parts(folder, config, split):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=64, columns=columns):
                yield from batch.to_pylist()


# --- rows back to records -----------------------------------------------------------------------


def article_of(row: dict[str, Any]) -> Article:
    """The article of a row of `documents`, without `removed` and `converter`.

    `rights.attribution` is the published line: a template, of which `{headline}` at most is left.
    """
    source = dict.fromkeys(("media_type", "charset"), "") | {"bytes": 0} | row["source"]
    return Article(
        id=row["article_id"],
        **{
            name: row[name]
            for name in (
                *("headline", "publisher", "url", "authors", "date_published", "language"),
                *("section", "credit", "dateline", "story", "text_sha256", "text"),
            )
        },
        rights=Rights(
            licence=row["licence"], release=row["release"], attribution=row["attribution"]
        ),
        source=msgspec.convert(source, Source),
        converter=Converter(name="", version="", normaliser=""),
        segments=msgspec.convert(row["segments"], list[Segment]),
    )


def gold_of(row: dict[str, Any]) -> Gold:
    """The gold document of a row of `documents`."""
    return msgspec.convert({name: row[name] for name in Gold.__struct_fields__}, Gold)


def annotation_of(row: dict[str, Any], text_sha256: str) -> Annotation:
    """The annotation of a row of `annotations`."""
    inside = set(Attributes.__struct_fields__)
    own = ("article_id", "batch", "annotator", "status", "layers", "created_at", "lead_time")
    return Annotation(
        **{name: row[name] for name in (*own, "flags", "note")},
        text_sha256=text_sha256,
        entities=msgspec.convert(row["entities"], list[AnnotationEntity]),
        spans=[
            msgspec.convert(
                {name: value for name, value in span.items() if name not in {*inside, "text"}}
                | {"attributes": {name: span[name] for name in inside}},
                Span,
            )
            for span in row["spans"]
        ],
        links=msgspec.convert(row["links"], list[Link]),
    )


def documents(folder: Path, labels: Labels) -> Iterator[tuple[str, Article, Gold]]:
    """`(split, article, gold)` of every row of `documents`.

    Raises DataError for a row made by another version of onrecord.
    """
    for split in splits(folder, "documents", labels):
        for row in rows(folder, "documents", split):
            try:
                yield split, article_of(row), gold_of(row)
            except (KeyError, msgspec.ValidationError) as error:
                raise DataError(
                    f"{folder}: a row of documents is of another version of onrecord ({error});"
                    f" version {version(folder)} is read by the onrecord that built it"
                ) from error
