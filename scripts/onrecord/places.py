"""Where files are: local paths, or URLs with the extra `scale`."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from onrecord import atomic, locks
from onrecord.records import UsageError

SCRATCH = "onrecord-scratch-"
"""The prefix of all temporary folders."""


@contextmanager
def scratch(beside: Path | None = None) -> Generator[Path]:
    """A temporary folder in the system's one, or in `beside`, to use the room of its disk.

    Folders left by killed processes are removed first. A folder is in use if its `lock` is held:
    process ids mean nothing where several machines or containers share a disk.
    """
    home = beside or Path(tempfile.gettempdir())
    for left in home.glob(f"{SCRATCH}*"):
        with suppress(OSError, UsageError), locks.holding(left / "lock", "in use", make=False):
            shutil.rmtree(left, ignore_errors=True)
        with suppress(OSError):  # killed before it had a lock, it is empty
            left.rmdir()
    with ExitStack() as stack:
        work = None
        while work is None:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(
                        prefix=SCRATCH, dir=home, ignore_cleanup_errors=True
                    )
                )
            )
            # Until it is locked another process may remove it, taking it for such a one.
            with suppress(FileNotFoundError, UsageError):
                stack.enter_context(locks.holding(folder / "lock", "in use"))
                (folder / "work").mkdir()
                work = folder / "work"
        with atomic.naming(work):
            yield work


def for_sockets(room: int) -> str:
    """A temporary folder for sockets: the system's one, or /tmp if its path is too long.

    `room` is the length, in bytes, of what is appended to it. Raises UsageError if neither will do.
    """
    own = tempfile.gettempdir()
    for folder in (own, "/tmp"):
        if len(os.fsencode(folder)) + room <= SOCKET and os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise UsageError(f"{own}: too long a path for sockets", "set TMPDIR to a shorter one")


SOCKET = 103
"""Bytes that the path of a socket may have (macOS; 107 on Linux)."""


def needs_scale(what: str) -> UsageError:
    """The error for a part that is not installed."""
    return UsageError(f"{what} needs the extra `scale`", 'pip install "onrecord[scale]"')


def place(name: str) -> Path:
    """The path for a name. A URL (`s3://bucket/raw`) becomes an fsspec path with the same methods.

    Raises UsageError for a URL without the extra.
    """
    if not far(name):
        return Path(name)
    try:
        from upath import UPath
    except ImportError:
        raise needs_scale(name) from None
    try:
        found: Any = UPath(name)
        _ = found.fs
    except (ImportError, ValueError) as error:
        raise UsageError(f"{name}: {error}", "install what fsspec names for this address") from None
    return found


def far(name: str) -> bool:
    """Whether a name is a URL (`s3://bucket/raw`)."""
    return "://" in name


def local(path: Path) -> bool:
    """Whether a path is on this machine."""
    return not far(str(path))


FETCHED = 1 << 20
"""Bytes per request to a remote address; the default of s3fs is 50 MB."""


def reading(path: Path) -> IO[bytes]:
    """Open a file for reading in order. Buffered, since fsspec's own files find lines slowly."""
    if local(path):
        return path.open("rb")
    far: Any = path.open("rb", buffering=FETCHED)
    return io.BufferedReader(far, 1 << 16)


def picking(path: Path) -> IO[bytes]:
    """Open a file for random access. Caches up to 64 MB of a remote one."""
    if local(path):
        return path.open("rb")
    far: Any = path
    return far.open("rb", buffering=_BLOCK, cache_type="blockcache", cache_options=_BLOCKS)


_BLOCK = 1 << 18
_BLOCKS = {"maxblocks": 256}


@contextmanager
def writing(path: Path, folder: Path | None = None) -> Generator[IO[bytes]]:
    """Open a file for writing that appears as a whole or not at all.

    On a disk by renaming a temporary file in `folder`; object stores show an object only once it is
    closed.
    """
    if local(path):
        with atomic.replacing(path, folder=folder) as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        yield file


@contextmanager
def here(folder: Path, *, fetch: str | None = None, bring: bool = False) -> Generator[Path]:
    """A local folder: `folder` itself, or a temporary one that stands in for a remote address.

    `fetch` names what to download first ("": all); with `bring`, everything is uploaded at the end.
    Work on small pieces of files takes seconds this way, and minutes in an object store, where each
    piece is a request.
    """
    if local(folder):
        yield folder
        return
    far: Any = folder
    with scratch() as near:
        if fetch is not None:
            found = far.fs.find((far / fetch).path)
            far.fs.get(found, [str(near / at.removeprefix(far.path).lstrip("/")) for at in found])
        yield near
        if bring:
            made = [path for path in near.rglob("*") if path.is_file()]
            far.fs.put(
                list(map(str, made)),
                [f"{far.path}/{path.relative_to(near).as_posix()}" for path in made],
            )


def remove(folder: Path) -> None:
    """Remove a folder with its contents, if it exists.

    On a disk it is renamed first, because a run could resume from a partly removed one. What a
    killed process left is removed by the next.
    """
    if local(folder):
        gone = folder.with_name(f"{folder.name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        with suppress(OSError):
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)  # if it could not be renamed
    elif folder.exists():
        far: Any = folder
        far.fs.rm(far.path, recursive=True)
