"""Pinned sources: downloaded once, and never kept where they are not what was pinned."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from onrecord.articles.fetch import fetched
from onrecord.records import Article, Problem
from synthetic import article


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the address at which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = partial(SimpleHTTPRequestHandler, directory=folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def pinned(url: str, content: bytes) -> Article:
    made = article([("body", "The bell rang.")])
    digest = hashlib.sha256(content).hexdigest()
    return msgspec.structs.replace(
        made, source=msgspec.structs.replace(made.source, url=url, sha256=digest)
    )


def test_only_what_was_pinned_is_kept(
    tmp_path: Path, served: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = served
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name in ("same.txt", "other.txt"):
        (folder / name).write_bytes(b"The bell rang.\n")
    wanted = [
        pinned(f"{address}/same.txt", b"The bell rang.\n"),
        pinned(f"{address}/other.txt", b"The bell was silent.\n"),
        pinned(f"{address}/gone.txt", b"The bell fell.\n"),
    ]
    problems: list[Problem] = []
    said: list[str] = []
    kept = tmp_path / "kept"
    (path,) = fetched(wanted, kept, problems.append, said.append)
    assert path.read_bytes() == b"The bell rang.\n"
    assert sorted(p.rule for p in problems) == ["fetch.failed", "fetch.other-source"]
    assert [p for p in kept.rglob("*") if p.is_file()] == [path]
    said.clear()
    assert list(fetched(wanted[:1], kept, problems.append, said.append)) == [path]
    assert not said, "what is there is not downloaded again"
