"""Sources from their pinned addresses: downloaded once, used only if they are what was pinned."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import httpx

from onrecord import atomic
from onrecord.records import Article, Problem


def fetched(
    articles: Iterable[Article],
    folder: Path,
    report: Callable[[Problem], None],
    say: Callable[[str], None],
) -> Iterator[Path]:
    """The sources of the articles as files under `folder`, each downloaded where it is not there.

    Each has the name of the file that was converted: it says its type, which not every address
    does. A file whose sha256 is not the recorded one is never used or kept. Problems
    (`fetch.failed`, `fetch.other-source`) go to `report`.
    """
    wanted = {(a.source.url, a.source.sha256): a for a in articles if a.source.url}
    for (url, digest), article in sorted(wanted.items()):
        path = folder / digest / Path(article.source.file).name
        if not path.exists():
            say(f"fetching {url}")
            try:
                _download(url, path, digest)
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                message = f"{url} is no address to fetch from: {error}"
                report(_problem(article, "fetch.failed", message))
                continue
            except httpx.HTTPError as error:
                why = str(error) or type(error).__name__  # a time-out says nothing
                report(_problem(article, "fetch.failed", f"{url}: {why}; try again later"))
                continue
            except _OtherSource as other:
                message = f"{url} no longer holds the pinned file (sha256 {str(other)[:12]}…)"
                report(_problem(article, "fetch.other-source", message))
                continue
        yield path


class _OtherSource(Exception):
    """What came has this sha256."""


def _download(url: str, path: Path, digest: str) -> None:
    """Stream to `path`. Raises _OtherSource if it is not the digest's; nothing is kept then."""
    seen = hashlib.sha256()
    timeout = httpx.Timeout(30.0)
    with httpx.stream("GET", url, follow_redirects=True, timeout=timeout) as answer:
        answer.raise_for_status()
        with atomic.replacing(path) as file:
            for block in answer.iter_bytes():
                seen.update(block)
                file.write(block)
            if seen.hexdigest() != digest:
                raise _OtherSource(seen.hexdigest())


def _problem(article: Article, rule: str, message: str) -> Problem:
    return Problem(file=article.source.file, line=0, rule=rule, id=article.id, message=message)
