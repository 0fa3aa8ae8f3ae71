"""Reading what arrives: files and folders of pasted text, pages and dumps, as decoded documents.

`read` is total: what cannot be read becomes a Problem, and the rest goes on. `pieces` says where a
file can be cut, so that several readers share it, each reading its own stretch.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from onrecord.articles import archives, kinds, mhtml, tables
from onrecord.articles.documents import (
    ARCHIVES,
    MAX_PAGE,
    MAX_TEXT,
    MEDIA_TYPES,
    MHTML,
    PAGES,
    TABLES,
    Document,
    Origin,
    crashed,
    digest,
    media_type,
    packed,
    problem,
    unforeseen,
)
from onrecord.articles.encodings import decode, unescaped
from onrecord.pieces import Piece, Size
from onrecord.places import local
from onrecord.records import Problem, Source, UsageError

FIRST = 1 << 16
"""Bytes of a file that are asked for first: hardly a text is longer, and what is asked for is
allocated."""

HIDDEN = "hidden"
"""As what hidden files and folders are counted; no extension is this."""

SAVED = "saved"
"""As what a folder is counted that a browser saved beside a page."""

MACHINES = "machines"
"""As what is counted that a site has for robots, or a mirror for itself."""

UNNAMED = "pages"
"""As what pages are counted whose names do not say so."""

_FOR_MACHINES = re.compile(
    r"(?:robots|sitemap|(?:app-)?ads|humans|llms(?:-full)?|security|hts-log)\.txt|hts-cache", re.I
)
"""Names of what in the mirror of a site is no article, of HTTrack's notes, too."""

_BESIDE = re.compile(
    r"(?P<page>.+)[-_ ](?:files|dateien|fichiers|archivos|ficheros|arquivos|file|bestanden|filer"
    r"|pliki|файлы|файли|soubory|tiedostot|fájlok|dosyalar|ファイル|文件|檔案|파일)",
    re.I,
)
"""What browsers call the folder of the pictures and frames of a page, in their languages."""

UP = ".."
"""What no name in a folder may begin with: it looks like a way out, and is not merely hidden."""


def find(sources: list[Path], others: Counter[str] | None = None) -> Iterator[Path | Problem]:
    """The files of the sources in a fixed order, folders searched through.

    What a folder holds besides our types is passed over and counted in `others` by its extension,
    what is hidden as `HIDDEN`, what a browser saved beside a page as `SAVED`, what is for robots as
    `MACHINES`, a page whose name does not say so as `UNNAMED`. What has our type or is a folder and
    cannot be taken is a Problem. A link that leads out of the folder is never followed. Raises
    UsageError for a source that is not there or whose type is unknown.
    """
    for source in sources:
        if source.is_dir():
            inside, empty = source.resolve(), True
            for path in _walk(source) if local(source) else _walk_far(source):
                if isinstance(path, Problem):
                    yield path
                    empty = False
                    continue
                try:
                    found = _found(path, inside)
                except OSError as error:  # a name that is too long
                    found = problem(path, "source.unreadable", error.strerror or str(error))
                if isinstance(found, str):
                    if others is not None:
                        others[found] += 1
                    continue
                yield found
                empty = False
            if empty:
                yield problem(source, "source.empty", f"no {', '.join(MEDIA_TYPES)} in here")
        elif not source.exists():
            raise UsageError(f"{source}: no such file or folder")
        elif not media_type(source):
            raise UsageError(
                f"{source}: not one of {', '.join(MEDIA_TYPES)} (.gz of these too)",
                *(kinds.ways([source.suffix.lower()]) or ["rename it to say what it is"]),
            )
        else:
            yield _unfit(source, None) or source


def apart(out: Path, sources: list[Path]) -> None:
    """Raises UsageError for a result that would be found in a folder of sources the next time.

    Whatever its name, that of its list of problems is of our types.
    """
    for source in filter(local, sources):
        inside = local(out) and out.resolve().is_relative_to(source.resolve())
        if inside and source.is_dir():
            raise UsageError(
                f"--out {out} lies in the source {source}, and would be read as one the next time",
                "name a file outside of it",
            )


def _found(path: Path, inside: Path) -> Path | Problem | str:
    """What is found in a folder, or as what it is counted that is passed over."""
    if aside := _aside(path):
        return aside
    if not path.name.startswith(UP) and not media_type(path) and not path.is_dir():
        own = local(path) and path.is_file() and not path.is_symlink()
        if own and path.suffix != ".orig" and kinds.is_page(path):  # not what wget -K keeps
            return UNNAMED
        return path.suffix.lower() if path.suffix.isascii() else ""
    return _unfit(path, inside) or path


def _unfit(path: Path, inside: Path | None) -> Problem | None:
    """Why a path cannot be taken; `inside` is the folder that it was found in."""
    try:
        path.as_posix().encode()
    except UnicodeEncodeError:
        return problem(path, "source.name", "its name is not UTF-8; rename it")
    if inside is None:
        return _no_file(path)
    if path.name.startswith(UP):
        return problem(
            path,
            "source.name",
            f"its name begins with {UP} as a way out of a folder does; rename it",
        )
    if path.is_symlink():
        if not path.exists():
            return problem(path, "source.unreadable", "a link to nothing")
        if not path.resolve().is_relative_to(inside):
            return problem(path, "source.outside", "a link out of the folder: not followed")
        if path.is_dir():
            return problem(path, "source.link", "a link to a folder: not followed")
    return _no_file(path)


def _no_file(path: Path) -> Problem | None:
    """A pipe or a device, which has no end that one could wait for."""
    if local(path) and not path.is_file():
        return problem(path, "source.unreadable", "not a file")
    return None


def _aside(path: Path) -> str:
    """As what a file or folder is counted by its name that is passed over, "" for any other."""
    if path.name.startswith(".") and not path.name.startswith(UP):
        return HIDDEN
    if _is_saved(path):
        return SAVED
    return MACHINES if _FOR_MACHINES.fullmatch(path.name) else ""


def _is_saved(folder: Path) -> bool:
    """Whether a browser saved this folder with the page of its name."""
    called = _BESIDE.fullmatch(folder.name)
    return bool(
        called
        and folder.is_dir()
        and any(folder.with_name(called["page"] + end).exists() for end in (".html", ".htm"))
    )


def _walk(folder: Path) -> Iterator[Path | Problem]:
    """The files below a folder, what is hidden and the links to folders, by name.

    The names of a folder and of those that it lies in are in memory at a time.
    """
    levels = [_listed(folder)]
    while levels:
        for found in levels[-1]:
            if isinstance(found, tuple):
                levels.append(_listed(found[0]))
                break
            yield found
        else:
            levels.pop()


def _listed(folder: Path) -> Iterator[Path | Problem | tuple[Path]]:
    """What is in a folder; a folder to be gone into is a tuple."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError as error:  # it may not be read, is gone, or lies too deep
        yield problem(folder, "source.unreadable", error.strerror or str(error))
        return
    for entry in entries:
        path = folder / entry.name
        yield (path,) if entry.is_dir(follow_symlinks=False) and not _aside(path) else path


def _walk_far(folder: Path) -> Iterator[Path]:
    """Like `_walk` where fsspec lists the files."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir() and not _aside(entry):
            yield from _walk_far(entry)
        else:
            yield entry


def pieces(
    path: Path, size: Size, passed: Counter[str] | None = None
) -> Iterator[tuple[Piece, int]]:
    """The pieces of one file, each with the bytes that are read for it.

    A page is one. A table or an archive is cut where a shard is full; one that is packed as a
    whole (.csv.gz, .jsonl.gz) can only be read from its start and is one. Where a file cannot be
    read on, that is its last piece. `passed` counts the records of archives that are of a page and
    hold none, by kind (`archives.marks`).
    """
    kind = media_type(path)
    try:
        piece = whole(path)
        if kind in TABLES + ARCHIVES and piece.bytes:
            yield from _cut(path, kind, piece, size, Counter() if passed is None else passed)
        else:
            yield piece, piece.bytes
    except Exception as error:
        yield Piece(problem=_unreadable(path, error)), 0


def columns_of(path: Path, origin: Origin) -> tables.Columns | None:
    """What a table's columns are taken for, None where that cannot be said: `read` says why."""
    if media_type(path) not in TABLES:
        return None
    try:
        return tables.columns_of(path, origin)
    except Exception:
        return None


def _unreadable(path: Path, error: Exception) -> Problem:
    """A file that cannot be read, or not to its end."""
    if not isinstance(error, OSError | EOFError | zlib.error):
        return unforeseen(path, error)
    why = (isinstance(error, OSError) and error.strerror) or error
    hint = "let yourself read it" if isinstance(error, PermissionError) else "fetch it again"
    return problem(path, "source.unreadable", f"{why}; {hint}")


def whole(path: Path) -> Piece:
    """A file as one piece, as it is now."""
    stat = path.stat()
    stamp = str(getattr(stat, "st_mtime_ns", "") or stat.st_mtime)
    return Piece(file=path.as_posix(), bytes=stat.st_size, stamp=stamp)


def _cut(
    path: Path, kind: str, whole: Piece, size: Size, passed: Counter[str]
) -> Iterator[tuple[Piece, int]]:
    charset = tables.charset(path) if kind in TABLES else ""
    base = msgspec.structs.replace(whole, sha256=digest(path), charset=charset)
    if kind in TABLES and (tables.is_whole(path) or tables.unfit(path)):
        yield base, base.bytes
        return
    if kind in TABLES:
        marks = tables.marks(path, size, charset)
    else:
        marks = archives.marks(path, size, passed)
    start, any_rows = None, False
    for mark in marks:
        if start is not None:
            any_rows = True
            rows = mark.row - start.row
            piece = msgspec.structs.replace(
                base,
                documents=rows,
                place=start.place,
                row=start.row,
                line=start.line,
                rows=rows if mark.place else 0,  # the last one goes to the end of the file
            )
            yield piece, mark.at - start.at
        start = mark
    if not any_rows:
        yield base, base.bytes  # nothing to be read: `read` says why


def read(path: Path, origin: Origin, piece: Piece | None = None) -> Iterator[Document | Problem]:
    """The documents of one file: itself, or its rows; or those of one piece of it."""
    return (found for found in rows(path, origin, piece) if found is not None)


def rows(
    path: Path, origin: Origin, piece: Piece | None = None, skip: frozenset[int] = frozenset()
) -> Iterator[Document | Problem | None]:
    """What each row of a file or of a piece holds, None for one that holds no document.

    Rows in `skip`, numbered from the first of the piece, are passed over without being decoded.
    """
    kind = media_type(path)
    try:
        if piece and piece.sha256 and piece.stamp != whole(path).stamp:
            why = "it was written to since it was looked through; type the same line again"
            yield problem(path, "source.changed", why, piece.row)
        elif kind in TABLES:
            yield from tables.documents(path, kind, origin, piece, skip)
        elif kind in ARCHIVES:
            yield from archives.pages(path, origin, piece, skip)
        else:
            yield crashed(path) if 0 in skip else _page(path, kind, origin)
    except (OSError, EOFError, zlib.error) as error:
        yield _unreadable(path, error)


def _page(path: Path, kind: str, origin: Origin) -> Document | Problem:
    html = kind in PAGES
    most = MAX_PAGE if html else MAX_TEXT
    with path.open("rb") as file:
        raw = file.read(FIRST)
        if len(raw) == FIRST:
            raw += file.read(most + 1 - FIRST)
    data = raw
    if packed(path) and len(raw) <= most:
        with gzip.open(io.BytesIO(raw)) as unpacked:
            data = unpacked.read(most + 1)
    if len(data) > most:
        return problem(path, "source.too-large", f"more than {most >> 20} MiB: no article")
    if not data.strip():
        return problem(path, "source.empty", "the file is empty")
    stated, fields = "", dict[str, str]()
    if kind == MHTML:
        saved = mhtml.page(data)
        if isinstance(saved, str):
            return problem(path, "source.unreadable", saved)
        data, stated, fields["url"] = saved
    decoded = decode(data, html=html, stated=stated)
    if isinstance(decoded, str):
        if other := kinds.other(data[: kinds.HEAD].decode("latin-1")):
            return problem(path, "source.kind", other)
        return problem(path, "source.encoding", decoded)
    text, charset, notes = decoded
    source = Source(
        file=path.as_posix(),
        media_type=kind,
        charset=charset,
        bytes=len(raw),
        sha256=hashlib.sha256(raw).hexdigest(),
        url=origin.address(path.name),
        revision=origin.revision,
    )
    publisher = origin.named(path, fields.get("url", ""))
    if html or (plain := unescaped(text)) == text:
        return Document(source, publisher, text, fields, notes, html)
    return Document(source, publisher, plain, {}, notes, escaped=text)
