"""Texts put back into a published dataset, by whoever has a copy of the articles.

Needs the dataset folder and the copies, nothing else: no corpus, no network. Fails closed: a text
is used only if it is, byte for byte, the one that was labelled.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec
import orjson

from onrecord import labels, ledger
from onrecord.dataset import folder, hub
from onrecord.places import scratch
from onrecord.records import Article, DataError, Problem, UsageError, many
from onrecord.rights import attribution

NOTE = f"""{folder.RESTORED} {{texts}} put back into version {{version}} from own copies.
> What follows describes the published version, its counts too.

"""


class Restored(NamedTuple):
    """What was put back: ids in order, and the articles that still have no text.

    `problems` are copies that hold another text, or could not be read.
    """

    folder: Path
    version: str
    restored: list[str]
    missing: list[Article]
    problems: list[Problem]


def restore(dataset: Path, copies: Iterable[Path], out: Path) -> Restored:
    """Make in `out` the dataset with the texts that the copies hold.

    `copies` are files and folders: pages, pasted texts, tables, as `convert` reads them. The new
    folder has a version of its own. Raises UsageError where `dataset` is no dataset folder, or
    `out` is it or a folder of something else, DataError where `dataset` is damaged, and where no
    copy is of use and `out` has what an earlier run restored.
    """
    from onrecord.articles import sources
    from onrecord.articles.convert import convert
    from onrecord.articles.hydrate import Wanted, hydrate

    known = labels.load()
    folder.whole(dataset)
    if out.exists() and out.samefile(dataset):
        raise UsageError(f"--out {out} is the dataset itself", "give --out a new folder")
    bare = (article for _, article, _ in folder.documents(dataset, known) if not article.text)
    wanted = Wanted(bare)
    problems: list[Problem] = []
    with scratch() as texts, folder.replacing(out, restored=True) as part:
        files = (p for p in sources.find(list(copies)) if isinstance(p, Path))
        restored: list[str] = []
        for outcome in hydrate(wanted, files, convert):
            if isinstance(outcome, Problem):
                problems.append(outcome)
                continue
            restored.append(outcome.article.id)
            ledger.write(texts / f"{outcome.article.id}.json", [outcome.article])
        if wanted.articles and not restored and (out / folder.CHECKSUMS).exists():
            found = "".join(f"{problem}\n" for problem in problems)
            raise DataError(f"{found}no text could be restored; {out} stays as it was")
        version = _fill(dataset, part, texts, set(restored))
    missing = sorted(wanted.articles.values(), key=lambda article: article.id)
    return Restored(out, version, sorted(restored), missing, problems)


def _fill(dataset: Path, part: Path, texts: Path, restored: set[str]) -> str:
    known = labels.load()

    def whole(article_id: str) -> Article:
        path = texts / f"{article_id}.json"
        article = msgspec.json.decode(path.read_bytes(), type=Article)
        # To the views it is a text that may be shown: it is the reader's own.
        return msgspec.structs.replace(
            article, rights=msgspec.structs.replace(article.rights, release="ship")
        )

    licences: set[str] = set()
    lines: dict[str, str] = {}
    with ExitStack() as stack:
        made = hub.Views(part, known, stack)
        for split, article, gold in folder.documents(dataset, known):
            release = article.rights.release
            if article.id in restored:
                article = whole(article.id)
                licences.add(article.rights.licence)
                lines[article.id] = attribution(article)
            made.document(article, gold, split, release)
        for split in folder.splits(dataset, "annotations", known):
            for row in folder.rows(dataset, "annotations", split):
                if row["article_id"] not in restored:
                    made.rows("annotations", split, [row])
                    continue
                article = whole(row["article_id"])
                annotation = folder.annotation_of(row, article.text_sha256)
                made.annotation(article, annotation, row["annotator_kind"], split)
    _beside(dataset, part, lines)

    card, old = folder.card(dataset)
    for name in ("configs", "dataset_info"):
        card.data.pop(name)
    card.text = NOTE.format(texts=many(len(restored), "text"), version=old) + card.text.lstrip()
    text = str(card)
    about = orjson.loads((dataset / "croissant.json").read_bytes())
    about = {
        name: value
        for name, value in about.items()
        if name.startswith("rai:") or name == "datePublished"
    }
    version = f"0.0.{hub.content_of(part, text, made.columns)}"
    hub.finish(part, text, made, licences, version, about)
    return version


def _beside(dataset: Path, part: Path, restored: dict[str, str]) -> None:
    """What lies beside the data, as it was; attribution.csv says which texts are there now, with
    their lines, by id."""
    again = {"README.md", "croissant.json", "attribution.csv"}
    for name in folder.checksums(dataset):
        if not name.endswith(".parquet") and not name.startswith("jsonl/") and name not in again:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(dataset / name, part / name)
    at = folder.ATTRIBUTION.index("text_available")

    def credits() -> Iterator[bytes]:
        yield ledger.csv_line(folder.ATTRIBUTION)
        for _, row in ledger.read_csv(dataset / "attribution.csv", folder.ATTRIBUTION):
            line = restored.get(row[0])
            yield ledger.csv_line(row if line is None else [*row[:at], "true", line])

    with (part / "attribution.csv").open("wb") as file:
        file.writelines(credits())
