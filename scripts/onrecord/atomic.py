"""Files and folders that are replaced as a whole: a reader sees the old one or the new one."""

from __future__ import annotations

import errno
import fcntl
import io
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from onrecord.records import UsageError

_MASK = os.umask(0o077)  # asking sets it, and no thread that makes a file is at work yet
os.umask(_MASK)


@contextmanager
def replacing(
    path: Path, *, mode: int = 0o666, folder: Path | None = None
) -> Generator[io.BufferedWriter]:
    """Open a temporary file that replaces `path` on success, with `mode` less the umask.

    A reader sees the old file or the new one, never a part; a full disk leaves the old one. The
    temporary file of a killed run is overwritten. It is in `folder`, on the same disk, or else next
    to `path`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = _temporary(path.name, folder or path.parent)
    try:
        with naming(path), os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            # Before the lock is released: another process would take the file for its own.
            os.fchmod(file.fileno(), mode & ~_MASK)
            os.replace(temporary, path)
    except BaseException:
        with suppress(FileNotFoundError):  # Ctrl-C came with the last step, which was done
            os.unlink(temporary)
        raise


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
"""Why a file could not grow: the disk, a quota, a limit of the process."""


@contextmanager
def naming(path: Path) -> Generator[None]:
    """Name the file whose writing fails for want of room, which the system does not."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL and error.filename is None:
            error.filename = str(path)
        raise


def refuse_unwritable(path: Path) -> None:
    """Raise the OSError that `replacing` would end in, before the work whose result goes there."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = _temporary(path.name, path.parent)
    os.unlink(temporary)
    os.close(handle)


def _temporary(name: str, folder: Path) -> tuple[int, Path]:
    """Open an empty file in a folder and lock it: `.NAME.part`, even if a killed run left one.

    While another process holds that file, one with a unique name.
    """
    path = folder / f".{name}.part"
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            handle, own = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=folder)
            return handle, Path(own)
        # The other process may have moved the file to its place before releasing the lock.
        stat = os.fstat(handle)
        if stat.st_nlink == 1 and path.exists() and os.path.samestat(stat, os.stat(path)):
            os.ftruncate(handle, 0)
            return handle, path
        os.close(handle)
        if stat.st_nlink > 1:  # somebody else's file by a second name
            path.unlink(missing_ok=True)


@contextmanager
def replacing_folder(out: Path) -> Generator[Path]:
    """A new folder that replaces the folder `out` on success.

    On failure `out` is as it was. What a killed run left is mended or removed by the next. Raises
    UsageError while another command writes `out`.
    """
    out = out.resolve()  # "." has no name; a link to another disk stays one
    part, old = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.old")
    handle = _held(part, out)
    try:
        if old.exists() and not out.exists():  # killed between the two renames below
            old.rename(out)
        shutil.rmtree(old, ignore_errors=True)
        for left in part.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        with naming(out):
            yield part
        if out.exists():
            out.rename(old)
        part.rename(out)
        shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        if old.exists() and not out.exists():  # Ctrl-C between the two renames above
            old.rename(out)
        shutil.rmtree(part, ignore_errors=True)
        raise
    finally:
        os.close(handle)


def _held(part: Path, out: Path) -> int:
    """Make the folder in which `out` is written, and lock it; returns the lock's descriptor."""
    while True:
        part.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(part, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # moved or removed by then
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise UsageError(
                f"another command is writing {out}", "wait until it has ended"
            ) from None
        except OSError:
            pass  # folders cannot be locked there (some network disks)
        # The other command may have moved or removed it before releasing the lock.
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), part.stat()):
                return handle
        os.close(handle)


def write_bytes(path: Path, data: bytes, *, mode: int = 0o666) -> bool:
    """Write a small file atomically. Returns whether its content changed."""
    if path.exists() and path.read_bytes() == data:
        return False
    with replacing(path, mode=mode) as file:
        file.write(data)
    return True
