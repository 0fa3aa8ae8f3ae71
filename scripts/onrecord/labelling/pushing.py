"""Sends batches to the labelling room, and their differences to a third reader."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from onrecord.gold.differences import differences
from onrecord.gold.documents import settled_of
from onrecord.gold.works import Works
from onrecord.labelling import adjudicating, tasks
from onrecord.labelling.batches import Batch, read_batch
from onrecord.labelling.interface import adjudication_instructions, label_config
from onrecord.labelling.room import adjudication_title, ensure_projects, titles_of
from onrecord.labelling.rows import batches
from onrecord.ledger import House
from onrecord.records import Annotation, Article, DataError, UsageError, many, some
from onrecord.shelf import Shelf
from onrecord.text import sha256

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room
    from onrecord.labelling.sending import PushResult

Suggestions = Callable[[str], list[Annotation]]
"""Article id -> the annotations to suggest."""


class Pushed(NamedTuple):
    """The result of a push for one project."""

    title: str
    result: PushResult
    suggested: int | None
    """Articles with a suggestion; None for an annotator who is to see none."""
    other: int
    """Articles whose suggestions are all for another text and thus not shown."""
    more: int
    """Tasks in the project that the batch does not give to its annotator (any more)."""


def push(
    house: House,
    rooms: Callable[[str], AbstractContextManager[Room]],
    name: str,
    articles: Callable[[], Iterable[Article]] | None,
    suggestions: Suggestions,
    progress: Callable[[int], None],
    suggest_to: Collection[str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Pushed]:
    """Send a batch to the room, one project per annotator. Running it again changes nothing.

    `rooms` gives the room of an annotator: the shared one, or their own. `articles` opens a stream
    of whole articles; default: the batch's admitted and hydrated ones. Suggestions go to the
    annotators in `suggest_to`; default: to all.

    Raises DataError if a text is missing or not the admitted one, UsageError if `suggest_to` names
    somebody who has no part in the batch, and what `room.titles_of` refuses.
    """
    shelf = Shelf(house)
    batch = read_batch(house, name)
    if articles is None:
        _refuse_textless(batch, name, shelf)
    plan = batch or Batch(name, {"": []})
    titles = titles_of(name, plan.assigned)
    if strangers := sorted(set(suggest_to or ()) - plan.assigned.keys()):
        raise UsageError(
            f"--suggest-to names {', '.join(strangers)}, who has no part in batch {name}",
            f"corpus/batches/{name}.csv says who labels",
        )
    done = 0
    for annotator, ids in plan.assigned.items():
        title, wanted = titles[annotator], set(ids)
        sees = not suggest_to or annotator in suggest_to
        source = articles() if articles else map(shelf.article, ids)
        source = (article for article in source if not batch or article.id in wanted)
        made = _Tasks(source, shelf, suggestions if sees else None)
        with rooms(annotator) as room:
            project = ensure_projects(room, [title])[title]
            result = room.push(
                *(project, made), progress=lambda n, base=done: progress(base + n), say=say
            )
            more = max(0, room.count(project) - len(ids)) if batch else 0
        done += result.created + result.present
        yield Pushed(title, result, made.suggested if sees else None, made.other, more)


def _refuse_textless(batch: Batch | None, name: str, shelf: Shelf) -> None:
    """Raises UsageError without a batch, DataError for one whose articles or texts are not here."""
    if batch is None:
        raise UsageError(
            f"there is no corpus/batches/{name}.csv",
            "`onrecord assign` writes it, or name a file of articles to push",
        )
    if missing := [a for a in batch.articles if a not in shelf]:
        raise DataError(f"batch {name} names articles that were not admitted: {some(missing)}")
    if bare := [a for a in batch.articles if not shelf.article(a).text]:
        raise DataError(
            f"no text here of {many(len(bare), 'article')} of batch {name}: {some(bare)}\n"
            "restore them with `onrecord hydrate --from PATH`"
        )


@dataclass
class _Tasks:
    """The tasks of a project, each made when it is sent; counted as in `Pushed` meanwhile."""

    articles: Iterable[Article]
    shelf: Shelf
    suggestions: Suggestions | None
    suggested: int = 0
    other: int = 0

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for article in self.articles:
            _check_text(article, self.shelf)
            found = self.suggestions(article.id) if self.suggestions else ()
            # Offsets from another text would mark other words.
            offered = [row for row in found if row.text_sha256 == article.text_sha256]
            self.suggested += bool(offered)
            self.other += bool(found and not offered)
            yield tasks.task_of(article, offered)


def _check_text(article: Article, shelf: Shelf) -> None:
    if not article.text:
        raise _textless(article)
    if sha256(article.text) != article.text_sha256:
        raise DataError(f"{article.id}: text_sha256 is not that of its text: convert it again")
    if article.id in shelf and shelf.record(article.id).text_sha256 != article.text_sha256:
        raise DataError(f"{article.id}: this is not the text that was admitted")


def _textless(article: Article) -> DataError:
    return DataError(f"{article.id} is here without its text: `onrecord hydrate --from PATH`")


class Adjudicating(NamedTuple):
    """What `adjudicate` did: new and existing tasks, the number of articles without a difference,
    those that were adjudicated, or begun, before their annotations changed, and the number of tasks
    that were deleted, as nobody had begun them and nothing is left to ask."""

    result: PushResult
    agreed: int
    stale: list[str]
    deleted: int


def adjudicate(
    house: House,
    room: Room,
    name: str,
    progress: Callable[[int], None],
    say: Callable[[str], None] = lambda _: None,
) -> Adjudicating:
    """Send the differences between annotators to the room. Running it again changes nothing.

    A task that is not as it would be made now is replaced, or deleted where none would be made, if
    nobody has worked on it. Raises DataError if a text is missing.
    """
    config = label_config("adjudication_config.xml")
    project = room.ensure_project(adjudication_title(name), config, adjudication_instructions())
    stale: list[str] = []
    agreed = deleted = 0

    def stream() -> Iterator[dict[str, Any]]:
        nonlocal agreed, deleted
        for chunk in batches(Works(house, name), 100):
            known = room.tasks(project, [work.article.id for work in chunk])
            for work in chunk:
                article, old = work.article, known.get(work.article.id)
                task, state = None, ""
                if len(work.submitted) > 1:
                    if not article.text:
                        raise _textless(article)
                    disputed = settled_of(work).disputed
                    agreed += not disputed
                    if disputed or old:
                        found = differences(work.submitted, text=article.text)
                        state = found.digest()
                        task = adjudicating.task_of(article, found) if disputed else None
                # Other annotations, or the same that an earlier version asked about otherwise.
                wanted = task["data"] if task else {"state": None}
                if old and any(old.data.get(key) != value for key, value in wanted.items()):
                    if not (old.submitted or old.skipped or room.has_draft(old.id)):
                        room.delete_task(old.id)
                        deleted += task is None
                    elif old.data.get("state") != state:
                        stale.append(old.doc_id)
                        continue
                if task:
                    yield task

    result = room.push(project, stream(), progress=progress, say=say)
    return Adjudicating(result, agreed, stale, deleted)
