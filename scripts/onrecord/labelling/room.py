"""The labelling room of a root: its servers, and on each the projects and accounts.

`pushing` brings work there, `pulling` fetches it back, both through `labelstudio`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from onrecord import atomic
from onrecord.labelling import accounts, errors, studio, tasks
from onrecord.labelling.batches import annotator_name, is_name
from onrecord.labelling.config import TITLE_LIMITS
from onrecord.labelling.interface import instructions, label_config
from onrecord.ledger import House
from onrecord.records import UsageError, many
from onrecord.text import slug

if TYPE_CHECKING:
    from onrecord.labelling.labelstudio import Room

MAIL_DOMAIN = "onrecord.example"
PRACTICE = "onrecord practice"
_PREFIX = "onrecord "


def title_of(batch: str, annotator: str) -> str:
    """The title of the project for an annotator's part of a batch."""
    return f"{_PREFIX}{batch} / {annotator}" if annotator else f"{_PREFIX}{batch}"


def titles_of(batch: str, annotators: Iterable[str]) -> dict[str, str]:
    """The titles of the projects of a batch, by annotator.

    Raises UsageError where an annotator's id cannot be one, or a title is longer than Label Studio
    takes, or would be that of the practice project.
    """
    titles = {name: title_of(batch, name and annotator_name(name)) for name in annotators}
    for annotator, title in titles.items():
        if title == PRACTICE:
            raise UsageError(
                f"“{PRACTICE}” is the project for practice, whose labels are not kept",
                "give the batch another name",
            )
        if (over := len(title) - TITLE_LIMITS[1]) > 0:
            raise UsageError(
                f"“{title}” is longer than a project's title in Label Studio can be",
                f"shorten {batch!r} or {annotator!r} by {many(over, 'character')}",
            )
    return titles


def adjudication_title(batch: str) -> str:
    """The title of the project in which a batch's differences are adjudicated."""
    return f"adjudicate {batch}"


def parts_of(title: str) -> tuple[str, str] | None:
    """`(batch, annotator)` of a project's title, None if it is not the project of a batch."""
    if not title.startswith(_PREFIX) or title == PRACTICE:
        return None
    batch, slash, annotator = title.removeprefix(_PREFIX).partition(" / ")
    if not is_name(batch) or (slash and not is_name(annotator)):
        return None  # made by hand in Label Studio
    return batch, annotator


def mail_of(annotator: str) -> str:
    """The e-mail of an annotator's account on the server; no mail is ever sent to it."""
    return f"{annotator}@{MAIL_DOMAIN}"


def annotator_of(mail: str) -> str:
    """The id of the annotator behind an account's e-mail, "" for none."""
    return slug(mail.partition("@")[0]) if mail else ""


def open_room(house: House) -> Room:
    """The room at the environment's LABEL_STUDIO_URL, else the root's own studio.

    Raises errors.StudioError if none is known, errors.NoServer and errors.BadToken.
    """
    from onrecord.labelling import labelstudio

    known = accounts.credentials(house.root)
    return labelstudio.connect(known.url, known.token)


def isolated_root(house: House, annotator: str) -> House:
    """The root of an annotator's own server: a studio like any other, in build/isolated."""
    return House(house.build / "isolated" / annotator_name(annotator))


def isolated(house: House) -> list[str]:
    """The annotators with a server of their own."""
    return sorted(path.name for path in (house.build / "isolated").glob("*") if path.is_dir())


def open_isolated(house: House, annotator: str, say: Callable[[str], None]) -> Room:
    """An annotator's own server, started if necessary, with their account."""
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
    """Every server of the root, one after the other: the shared one, then those of annotators.

    Raises what `open_room` raises if there is none at all.
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


def ensure_projects(room: Room, titles: Iterable[str]) -> dict[str, int]:
    """Create the projects of these titles, or update their config."""
    config, guide = label_config(), instructions()
    return {title: room.ensure_project(title, config, guide) for title in titles}


def ensure_practice(room: Room) -> None:
    """Create the practice project with its articles, each of which everybody gets."""
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
"""Answers until a task of the practice project is complete: more than there are annotators."""


class Part(NamedTuple):
    """The project with an annotator's part of a batch; `title` is the one it was made with."""

    batch: str
    annotator: str
    project: int

    @property
    def title(self) -> str:
        return title_of(self.batch, self.annotator)


def projects_of(room: Room, name: str) -> list[Part]:
    """The projects of a batch on the server; "" for all batches.

    Two of the same part, one of them made by hand, are both there.
    """
    found: list[Part] = []
    for project, names in room.names():
        if parts := next(filter(None, map(parts_of, names)), None):
            found.append(Part(*parts, project))
    return sorted(part for part in found if name in ("", part.batch))


def adjudications_of(room: Room, name: str) -> list[tuple[str, int]]:
    """The batches that are adjudicated on the server, with their projects; "" for all batches."""
    start = adjudication_title("")
    return sorted(
        (batch, project)
        for title, project in room.projects().items()
        if title.startswith(start) and is_name(batch := title.removeprefix(start))
        if name in ("", batch)
    )


def ensure_account(house: House, room: Room, annotator: str) -> bool:
    """Create the annotator's account, through the invite link, if there is none.

    Returns whether it is new. An existing one is not changed: its owner may have set a password.
    """
    email = mail_of(annotator_name(annotator))
    if email in room.accounts():
        return False
    account = accounts.account(house.root, email)
    room.ensure_account(account.email, account.password)
    return True


def shared(room: Room) -> bool:
    """Whether several annotators have an account on this server."""
    others = room.accounts() - {accounts.CURATOR}
    return sum(mail.endswith(f"@{MAIL_DOMAIN}") for mail in others) > 1


def reset(house: House, room: Room, annotators: Iterable[str]) -> None:
    """Give new passwords to accounts on the root's own server; `invite` then hands them over.

    Raises UsageError, before anything is changed: somebody has no account, or the room is another
    server, whose curator's password is not known here.
    """
    known = accounts.own_credentials(house.root)
    if room.url != known.url:
        raise UsageError(
            f"{room.url} is not the server of this root",
            f"without {accounts.URL_VARIABLE} it is that of the root; for this one log in to "
            f"{room.url}/admin/users/user/",
        )
    there = room.accounts()
    for annotator in annotators:
        if mail_of(annotator) not in there:
            own = isolated_root(house, annotator).root
            raise UsageError(
                f"{annotator} has no account on {room.url}",
                f"it is on their own server: --root {own}"
                if own.is_dir()
                else "onrecord studio invite, without --reset, creates it",
            )
    for annotator in annotators:
        # First on the server: cut short in between, the same command again gives another one.
        password, curator = accounts.password(), accounts.account(house.root, known.email)
        room.set_password(mail_of(annotator), password, curator.email, curator.password)
        accounts.renew(house.root, mail_of(annotator), password)


def invite(house: House, room: Room, annotator: str) -> Path:
    """Create the annotator's account and write the file (mode 0600) to hand over."""
    new = ensure_account(house, room, annotator)
    if not new and mail_of(annotator) not in accounts.by_email(house.root):
        raise UsageError(
            f"{annotator} has an account whose password is not known here",
            f"onrecord studio invite {annotator} --reset gives it a new one",
        )
    ensure_practice(room)
    account = accounts.account(house.root, mail_of(annotator))
    vault = accounts.vault(house.root)
    address = (vault.public_url if vault else "") or room.url
    words = [
        f"Label Studio: {address}",
        f"E-mail: {account.email}",
        f"Password: {account.password}",
        "Change the password after the first login: your initials at the top right, Account.",
        f"For practice: the project “{PRACTICE}”, two articles whose labels are not kept.",
        f"Your articles: the projects whose names end in “/ {annotator}”; open one and press “Label"
        " All Tasks”. The guidelines open by themselves; “Instructions” opens them again.",
        "If you are a third reader: the projects “adjudicate …”.",
    ]
    folder = accounts.folder_of(house.root) / "invites"
    accounts.private_directory(folder)
    path = folder / f"{annotator}.txt"
    atomic.write_bytes(path, ("\n".join(words) + "\n").encode(), mode=0o600)
    return path
