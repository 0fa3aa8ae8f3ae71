"""The labelling room of a root: batches to projects and back.

Plans are pure; `push`, `pull` and `count` carry them out through `labelstudio`.
"""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from onrecord import ledger
from onrecord.gold.differences import differences
from onrecord.gold.documents import settled_of
from onrecord.gold.works import Works
from onrecord.labelling import accounts, adjudicating, errors, studio, tasks
from onrecord.labelling.batches import Batch, annotator_name, read_batch
from onrecord.labels import Labels, by_key, load, schema_dir
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
from onrecord.rights import repeats
from onrecord.shelf import Shelf
from onrecord.text import sha256, slug

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import PushResult, Room

MAIL_DOMAIN = "onrecord.example"
PRACTICE = "onrecord practice"
HYDRATE = "`onrecord hydrate --from PATH`"
_PREFIX = "onrecord "


def title_of(batch: str, annotator: str) -> str:
    """The project of an annotator's part of a batch; a project each keeps them apart."""
    return f"{_PREFIX}{batch} / {annotator}" if annotator else f"{_PREFIX}{batch}"


def parts_of(title: str) -> tuple[str, str] | None:
    """`(batch, annotator)` of a project's title, None for a project that is no batch's."""
    if not title.startswith(_PREFIX) or title == PRACTICE:
        return None
    batch, _, annotator = title.removeprefix(_PREFIX).partition(" / ")
    return batch, annotator


def mail_of(annotator: str) -> str:
    """The e-mail of an annotator's account on the server; nothing is ever sent there."""
    return f"{annotator}@{MAIL_DOMAIN}"


def annotator_of(mail: str) -> str:
    """The id of the annotator behind an account's e-mail."""
    return slug(mail.partition("@")[0])


def open_room(house: House) -> Room:
    """The room at the environment's LABEL_STUDIO_URL, else the root's own studio.

    Raises errors.StudioError where none is known, errors.NoServer and errors.BadToken.
    """
    from onrecord.labelling import labelstudio

    known = accounts.credentials(house.root)
    return labelstudio.connect(known.url, known.token)


def isolated_root(house: House, annotator: str) -> House:
    """The root of an annotator's own server: a studio like any other, in build/isolated."""
    return House(house.build / "isolated" / annotator_name(annotator))


def isolated(house: House) -> list[str]:
    """The annotators who have a server of their own."""
    return sorted(path.name for path in (house.build / "isolated").glob("*") if path.is_dir())


def open_isolated(house: House, annotator: str, say: Callable[[str], None]) -> Room:
    """An annotator's own server, started where it does not run, with their account."""
    from onrecord.labelling import labelstudio

    own = isolated_root(house, annotator)
    own.root.mkdir(parents=True, exist_ok=True)
    studio.up(own.root, say=say)
    known = accounts.own_credentials(own.root)
    room = labelstudio.connect(known.url, known.token)
    try:
        say(f"{annotator}: {known.url}, {invite(own, room, annotator)}")
    except BaseException:
        room.close()
        raise
    return room


def open_rooms(house: House) -> Iterator[Room]:
    """Every server of the root, one after the other: the shared one, then those of one annotator.

    Raises what `open_room` raises where there is none at all.
    """
    from onrecord.labelling import labelstudio

    alone = isolated(house)
    try:
        shared = open_room(house)
    except errors.StudioError:
        if not alone:
            raise
    else:
        with shared:
            yield shared
    for annotator in alone:
        known = accounts.own_credentials(isolated_root(house, annotator).root)
        with labelstudio.connect(known.url, known.token) as room:
            yield room


def label_config(name: str = "label_config.xml") -> str:
    """A labelling interface of schema/, as the server takes it."""
    return (schema_dir() / name).read_text(encoding="utf-8")


def instructions() -> str:
    """The keys and the guidelines, as HTML that Label Studio shows before the first task.

    A section of the guidelines opens with a click: whoever looks one up has their titles before
    them, not all the words.
    """
    from markdown_it import MarkdownIt

    pages = sorted((schema_dir() / "guidelines").glob("*.md"))
    text = "\n\n".join(page.read_text(encoding="utf-8") for page in pages)
    # Markup in the guidelines is text: only what Markdown makes is HTML.
    page = MarkdownIt("commonmark", {"html": False}).enable("table").render(f"{_keys()}\n\n{text}")
    page = _SECTION.sub(r"<details><summary><b>\1</b></summary>\2</details>", page)
    # Label Studio strips styles and takes all space from headings: smaller ones, with a line above.
    for level in (3, 1):
        page = page.replace(f"<h{level}>", f"<br/><h{level + 1}>")
        page = page.replace(f"</h{level}>", f"</h{level + 1}>")
    return page


_SECTION = re.compile(r"(?s)<h2>(.*?)</h2>(.*?)(?=<h[12]>|\Z)")


def _keys() -> str:
    """Every key, as a page of Markdown."""
    known = load()
    spans = ", ".join(f"**{span.hotkey}** {span.name}" for span in by_key(known.spans.values()))
    return f"""# Keys

Press a label's key, then drag over the words: {spans}.

**Alt+R** on a selected span, then a click on the other, links two spans. **Alt+.** selects the next
span, from the first again after a deletion: so suggestions are looked through without the mouse. A
label's key then changes the span, **Backspace** deletes it, **Esc** lets go of it.
**Ctrl+Z** undoes, **Ctrl+Enter** submits, **Ctrl+Space** skips.

What you do is saved five seconds later, and is there again after the page was closed. Nothing says
that the server is out of reach. If it was, change something before you submit: that saves it all.
If a submission ends in “Failed to fetch”, do not reload: press OK, and **Ctrl+Enter** again when
the server is back, although the page is empty. If Submit stays grey, reload: what was saved is
there.

The guidelines follow; each section opens with a click. Read them all before the first article."""


def ensure_projects(room: Room, titles: Iterable[str]) -> dict[str, int]:
    """Make the projects of these titles, or bring their config up to date."""
    config, guide = label_config(), instructions()
    return {title: room.ensure_project(title, config, guide) for title in titles}


def ensure_practice(room: Room) -> None:
    """Make the project to practise in, with its articles; everybody is given every one of them."""
    from onrecord.labelling import practice
    from onrecord.suggest import engine

    project = room.ensure_project(
        PRACTICE, label_config(), instructions(), maximum_annotations=EVERYBODY
    )
    if not room.count(project):
        bare, suggested = practice.articles()
        offered = [engine.suggest(suggested)]
        room.push(project, [tasks.task_of(bare), tasks.task_of(suggested, offered)])


EVERYBODY = 1000
"""Answers until a task of the practice project is done: more than there are annotators."""


def projects_of(room: Room, name: str) -> dict[str, int]:
    """The projects of a batch on the server, by title; "" for those of every batch."""
    found = {}
    for title, project in room.projects().items():
        parts = parts_of(title)
        if parts is not None and name in ("", parts[0]):
            found[title] = project
    return found


# --- push -------------------------------------------------------------------------------------


Json = dict[str, Any]
Suggestions = Callable[[str], list[Annotation]]
"""The annotations to suggest for an article, by its id."""


class Pushed(NamedTuple):
    """What became of a project."""

    title: str
    result: PushResult
    suggested: int
    """Articles that have a suggestion."""
    other: int
    """Articles whose suggestions are all of another text, and not shown."""


def push(
    house: House,
    rooms: Callable[[str], contextlib.AbstractContextManager[Room]],
    name: str,
    articles: Callable[[], Iterable[Article]] | None,
    suggestions: Suggestions,
    progress: Callable[[int], None],
    suggest_to: Collection[str] | None = None,
) -> Iterator[Pushed]:
    """Bring a batch to the room, a project an annotator. Running it again changes nothing.

    `rooms` gives the room of an annotator: the shared one, or their own. `articles` opens a stream
    of whole articles; without it the batch's admitted and hydrated ones are taken. Suggestions go
    to the annotators in `suggest_to`, without it to all.

    Raises DataError where a text is missing or another one than the admitted, UsageError where
    `suggest_to` names somebody who has no part in the batch.
    """
    shelf = Shelf(house)
    batch = read_batch(house, name)
    if articles is None:
        if batch is None:
            raise UsageError(
                f"there is no corpus/batches/{name}.csv",
                "`onrecord assign` writes it, or name a file of articles to push",
            )
        if missing := [a for a in batch.articles if a not in shelf]:
            raise DataError(f"batch {name} names articles that were not admitted: {some(missing)}")
        bare = [a for a in batch.articles if not shelf.article(a).text]
        if bare:
            raise DataError(
                f"no text here of {many(len(bare), 'article')} of batch {name}: {some(bare)}\n"
                "put it back with `onrecord hydrate --from PATH`"
            )
    plan = batch or Batch(name, {"": []})
    if strangers := sorted(set(suggest_to or ()) - plan.assigned.keys()):
        raise UsageError(
            f"--suggest-to names {', '.join(strangers)}, who has no part in batch {name}",
            f"corpus/batches/{name}.csv says who labels",
        )
    done = suggested = other = 0

    def stream(annotator: str) -> Iterator[dict[str, Any]]:
        nonlocal suggested, other
        wanted = set(plan.assigned[annotator]) if batch else None
        source = articles() if articles else (shelf.article(a) for a in plan.assigned[annotator])
        sees = not suggest_to or annotator in suggest_to
        for article in source:
            if wanted is not None and article.id not in wanted:
                continue
            _check_text(article, shelf)
            found = suggestions(article.id) if sees else ()
            # What was made on another text would stand on other words.
            offered = [row for row in found if row.text_sha256 == article.text_sha256]
            suggested += bool(offered)
            other += bool(found and not offered)
            yield tasks.task_of(article, offered)

    for annotator in plan.assigned:
        suggested = other = 0
        title = title_of(name, annotator)
        with rooms(annotator) as room:
            project = ensure_projects(room, [title])[title]
            result = room.push(
                project, stream(annotator), progress=lambda n, base=done: progress(base + n)
            )
        done += result.created + result.present
        yield Pushed(title, result, suggested, other)


def _check_text(article: Article, shelf: Shelf) -> None:
    if not article.text:
        raise DataError(f"{article.id} is here without its text: {HYDRATE}")
    if sha256(article.text) != article.text_sha256:
        raise DataError(f"{article.id}: text_sha256 is not that of its text: convert it again")
    if article.id in shelf and shelf.record(article.id).text_sha256 != article.text_sha256:
        raise DataError(f"{article.id}: this is not the text that was admitted")


def ensure_account(house: House, room: Room, annotator: str) -> bool:
    """Make the annotator's account, through the invite link, where there is none.

    Returns whether it is new. One that is there is left alone: its password may be its owner's.
    """
    email = mail_of(annotator_name(annotator))
    if email in room.accounts():
        return False
    account = accounts.account(house.root, email)
    token = room.ensure_account(account.email, account.password)
    accounts.account(house.root, account.email, token=token)
    return True


def invite(house: House, room: Room, annotator: str) -> Path:
    """Make the annotator's account; returns the file (mode 0600) to hand over."""
    new = ensure_account(house, room, annotator)
    if not new and mail_of(annotator) not in accounts.by_email(house.root):
        raise UsageError(
            f"{annotator} has an account whose password is not known here",
            "whoever made it has the password; or choose another id",
        )
    ensure_practice(room)
    account = accounts.account(house.root, mail_of(annotator))
    vault = accounts.vault(house.root)
    address = (vault.public_url if vault else "") or room.url
    words = [
        f"Label Studio: {address}",
        f"E-mail: {account.email}",
        f"Password: {account.password}",
        "Change the password after the first login: your letters at the top right, Account.",
        f"To practise: the project “{PRACTICE}”, two articles of which nothing is kept.",
        f"Your articles: the projects whose names end in “/ {annotator}”; open one and press “Label"
        " All Tasks”. The guidelines open by themselves, and by “Instructions”.",
        "Where you are the third reader: the projects “adjudicate …”.",
    ]
    folder = accounts.folder_of(house.root) / "invites"
    accounts.private_directory(folder)
    path = folder / f"{annotator}.txt"
    ledger.write_bytes(path, ("\n".join(words) + "\n").encode(), mode=0o600)
    return path


# --- pull -------------------------------------------------------------------------------------


class Pulled(NamedTuple):
    """What a pull brought: rows by annotator, the problems, and answers that later ones replace.

    `masked` notes repeat words of a text that does not ship; they stay on the server.
    """

    rows: dict[str, list[Annotation]]
    problems: list[Problem]
    superseded: int
    unlabelled: int
    masked: int


def pull(room: Room, name: str, labels: Labels, shelf: Shelf) -> Pulled:
    """Everything that annotators left in the batch's projects, as annotation rows.

    Problems: those of `tasks.annotation_of`, and `pull.other-text` for an answer to a text that
    is not the admitted one (it stays on the server and is not taken).
    """
    rows: dict[str, list[Annotation]] = {}
    problems: list[Problem] = []
    gone = {row[0] for row in ledger.withdrawn(shelf.house)}
    superseded = unlabelled = masked = 0
    for title, project in sorted(projects_of(room, name).items()):
        for task in room.export(project):
            data = task["data"]
            if not isinstance(data.get("doc_id"), str) or not isinstance(data.get("text"), str):
                continue  # made by hand in Label Studio, no task of ours
            if data["doc_id"] in gone:
                continue  # withdrawn, and its task is still on the server
            link = f"{room.url}/projects/{project}/data?task={task['id']}"
            best, more = tasks.newest(answers_of(task, link))
            superseded += len(more)
            unlabelled += not best
            for annotator, answer in best.items():
                if fault := _other_text(data, shelf):
                    problems.append(
                        Problem(
                            file=title,
                            line=0,
                            rule="pull.other-text",
                            id=data["doc_id"],
                            message=f"{fault}; look at {link}",
                        )
                    )
                    continue
                row, found = tasks.annotation_of(answer, data, name, labels)
                if not _may_stand(row.note, data, shelf):
                    row.note, masked = "", masked + 1
                rows.setdefault(annotator, []).append(row)
                problems += found
    return Pulled(rows, problems, superseded, unlabelled, masked)


def together(pulls: list[Pulled]) -> Pulled:
    """What several servers brought, as one."""
    first, *others = pulls
    for other in others:
        for annotator, rows in other.rows.items():
            first.rows.setdefault(annotator, []).extend(rows)
        first.problems.extend(other.problems)
    return first._replace(
        superseded=sum(p.superseded for p in pulls),
        unlabelled=sum(p.unlabelled for p in pulls),
        masked=sum(p.masked for p in pulls),
    )


def _may_stand(words: str, data: dict[str, Any], shelf: Shelf) -> bool:
    """Whether a note or a reason may lie in the corpus beside an article that perhaps may not."""
    doc_id = data["doc_id"]
    ships = doc_id in shelf and shelf.record(doc_id).rights.release == "ship"
    return ships or not repeats(words, data["text"])


def answers_of(task: dict[str, Any], link: str) -> Iterator[tasks.Answer]:
    """What was answered to an exported task: submitted, skipped and begun."""
    for answer in task["annotations"]:
        status = "skipped" if answer["was_cancelled"] else "submitted"
        yield _answer(answer, answer["completed_by"], status, link)
    for draft in task["drafts"]:
        if draft.get("annotation") is None:
            yield _answer(draft, draft["user"], "draft", link)


def _answer(answer: dict[str, Any], mail: str, status: str, link: str) -> tasks.Answer:
    return tasks.Answer(
        answer["result"] or [],
        annotator_of(mail),
        status,
        answer["created_at"],
        round(float(answer.get("lead_time") or 0.0), 3),
        link,
    )


def _other_text(data: dict[str, Any], shelf: Shelf) -> str:
    if sha256(data["text"]) != data.get("text_sha256"):
        return "the task's text was changed on the server"
    doc_id = data["doc_id"]
    if doc_id in shelf and shelf.record(doc_id).text_sha256 != data["text_sha256"]:
        return "the task holds another text than the admitted article"
    return ""


# --- adjudication -----------------------------------------------------------------------------


def adjudication_title(batch: str) -> str:
    """The project in which a batch's differences are settled."""
    return f"adjudicate {batch}"


class Adjudicating(NamedTuple):
    """What `adjudicate` did: tasks new and present, articles without a difference, and those
    that were adjudicated before their annotations changed."""

    result: PushResult
    agreed: int
    stale: list[str]


def adjudicate(
    house: House, room: Room, name: str, progress: Callable[[int], None]
) -> Adjudicating:
    """Bring what annotators differ about to the room. Running it again changes nothing.

    A task whose annotations have changed meanwhile is replaced where nobody has worked on it.
    Raises DataError where a text is not at hand.
    """
    config = label_config("adjudication_config.xml")
    guide = f"{_HOW_TO_ADJUDICATE}{instructions()}"
    project = room.ensure_project(adjudication_title(name), config, guide)
    stale: list[str] = []
    agreed = 0

    def stream() -> Iterator[dict[str, Any]]:
        nonlocal agreed
        for work in Works(house, name):
            article, submitted = work.article, work.submitted
            if len(submitted) < 2:
                continue
            if not article.text:
                raise DataError(f"{article.id} is here without its text: {HYDRATE}")
            if settled_of(work).disputed:
                found = differences(submitted, text=article.text)
                yield adjudicating.task_of(article, found)
            else:
                agreed += 1

    def current(tasks: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        while some := list(itertools.islice(tasks, 100)):
            known = room.tasks(project, [task["data"]["doc_id"] for task in some])
            for task in some:
                old = known.get(task["data"]["doc_id"])
                changed = old and old.data.get("state") != task["data"]["state"]
                # One that was made without the question for the rest could not be submitted now.
                if old and (changed or adjudicating.REST not in old.data):
                    if not (old.submitted or old.skipped):
                        room.delete_task(old.id)
                    elif changed:
                        stale.append(old.doc_id)
                        continue
                yield task

    result = room.push(project, current(stream()), progress=progress)
    return Adjudicating(result, agreed, stale)


_HOW_TO_ADJUDICATE = (
    "<p><b>Adjudication.</b> What both annotators have is settled and stands in the text. Where "
    "they differ, both versions stand there, marked A and B; choose one at the right for each "
    "difference. Say at the top what becomes of those for which you chose none: where one of the "
    "two left out a layer, that is one click for all. If neither is right, choose neither and draw "
    "what is. What is settled can be deleted or changed like any label.</p>"
)


class Adjudicated(NamedTuple):
    """What a pull brought of adjudications: rows, problems, how many differences stay open for want
    of an answer, and how many were decided by the answer for all the rest."""

    rows: list[Adjudication]
    problems: list[Problem]
    open: int
    rest: int


class Exported(NamedTuple):
    """The adjudication tasks of a batch as a server gave them out, and their project's address."""

    address: str
    tasks: list[dict[str, Any]]


def adjudication_tasks(room: Room, name: str) -> Exported:
    """What third readers left for a batch. It is held, so that a pull is whole or nothing."""
    project = room.project(adjudication_title(name))
    tasks = [] if project is None else list(room.export(project))
    return Exported(f"{room.url}/projects/{project}", tasks)


def adjudicated(house: House, exported: Exported, name: str, labels: Labels) -> Adjudicated:
    """The adjudications that were submitted for a batch, the newest of each article.

    Compares them with the annotations that lie in the house: write those first.

    Problems: those of `adjudicating.read`; `pull.stale` for an answer about annotations that are
    no longer what they were (it stays on the server and is not taken), `pull.other-text`.
    """
    rows: list[Adjudication] = []
    problems: list[Problem] = []
    unanswered = rest = 0
    if not exported.tasks:
        return Adjudicated(rows, problems, 0, 0)
    works, shelf = Works(house, name), Shelf(house)
    for task in exported.tasks:
        data = task["data"]
        link = f"{exported.address}/data?task={task['id']}"
        submitted = [a for a in answers_of(task, link) if a.status == "submitted"]
        if not submitted or data.get("doc_id") not in shelf:
            continue
        answer = max(submitted, key=lambda a: a.created_at)
        work = works.of(data["doc_id"])
        found = differences(work.submitted, text=data["text"]) if work and work.submitted else None
        fault = _other_text(data, shelf)
        if fault or found is None or found.digest() != data["state"]:
            message = fault or (
                "the annotations have changed since this was adjudicated: delete the task and"
                f" adjudicate again (onrecord adjudicate --batch {name})"
            )
            problems.append(
                Problem(
                    file=adjudication_title(name),
                    line=0,
                    rule="pull.other-text" if fault else "pull.stale",
                    id=data["doc_id"],
                    message=f"{message}; look at {link}",
                )
            )
            continue
        read = adjudicating.read(answer, data, name, found, labels)
        for decision in read.adjudication.decisions:
            if not _may_stand(decision.why, data, shelf):
                decision.why = ""
        rows.append(read.adjudication)
        problems += read.problems
        unanswered += read.open
        rest += read.rest
    return Adjudicated(rows, problems, unanswered, rest)
