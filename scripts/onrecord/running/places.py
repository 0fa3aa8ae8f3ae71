"""Where files are: paths of this machine, or URLs where the extra `scale` is installed."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from onrecord import ledger
from onrecord.records import UsageError

SCRATCH = "onrecord-scratch-"
"""How the names of all temporary folders begin."""


@contextmanager
def scratch(beside: Path | None = None) -> Generator[Path]:
    """A temporary folder, of the system's or in the folder `beside`, whose disk has the room.

    What a process left there that was ended by SIGKILL goes first.

    A folder in use is one whose `lock` is held: a number of a process says nothing where several
    machines or containers share a disk.
    """
    home = beside or Path(tempfile.gettempdir())
    for left in home.glob(f"{SCRATCH}*"):
        with suppress(OSError, UsageError), ledger.holding(left / "lock", "in use", make=False):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=home, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with ledger.holding(folder / "lock.new", "in use"):
            (folder / "lock.new").rename(folder / "lock")  # held from the moment it is there
            (work := folder / "work").mkdir()
            yield work


def needs_scale(what: str) -> UsageError:
    """The error of a part that is not installed."""
    return UsageError(f"{what} needs the extra `scale`", 'pip install "onrecord[scale]"')


def place(name: str) -> Path:
    """The path of a name. A URL (`s3://bucket/raw`) becomes one by fsspec, with the same methods.

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
    """Whether a name is an address (`s3://bucket/raw`)."""
    return "://" in name


def local(path: Path) -> bool:
    """Whether a path is of this machine's disk."""
    return not far(str(path))


FETCHED = 1 << 20
"""Bytes that are asked of a remote address at once; s3fs by itself asks for 50 MB."""


def reading(path: Path) -> IO[bytes]:
    """A file to read. What fsspec opens finds lines slowly, and no line up to a limit."""
    if local(path):
        return path.open("rb")
    far: Any = path.open("rb", buffering=FETCHED)
    return io.BufferedReader(far, 1 << 16)


def picking(path: Path) -> IO[bytes]:
    """A file to read here and there. Of a remote one 64 MB at most are held, and no piece of it
    is asked for again while it is."""
    if local(path):
        return path.open("rb")
    far: Any = path
    return far.open("rb", buffering=_BLOCK, cache_type="blockcache", cache_options=_BLOCKS)


_BLOCK = 1 << 18
_BLOCKS = {"maxblocks": 256}


@contextmanager
def writing(path: Path, folder: Path | None = None) -> Generator[IO[bytes]]:
    """A file that is there whole or not at all.

    On a disk by a rename, the beginnings lying in `folder`; object stores show an object when it
    is closed.
    """
    if local(path):
        with ledger.replacing(path, folder=folder) as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        yield file


@contextmanager
def here(folder: Path, *, fetch: str | None = None, bring: bool = False) -> Generator[Path]:
    """A folder on this machine's disk: itself, or a temporary one that stands in for an address.

    `fetch` names what is taken over from there first ("": all), with `bring` what is made here is
    brought there at the end, many files at once. What works with small pieces of files is seconds
    that way and minutes at an object store, where each piece is a request.
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
    """Remove a folder and what is in it, if it is there.

    On a disk all of it at once: a part would be taken for what a run left that can be gone on with.
    What a killed one left goes with the next.
    """
    if local(folder):
        gone = folder.with_name(f"{folder.name}.gone")
        shutil.rmtree(gone, ignore_errors=True)
        with suppress(OSError):
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)  # where it could not be renamed
    elif folder.exists():
        far: Any = folder
        far.fs.rm(far.path, recursive=True)
