"""Sources from their pinned addresses, of a server that fails in every way."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

import synthetic
from onrecord.articles.fetch import fetched
from onrecord.records import Article, Problem

PAGE = "The ferry is late.\n\nNobody minds.\n" * 400


class Library(http.server.HTTPServer):
    """Gives `answers` one after the other, each a status, a body and the length it says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Shelf)
        self.answers: list[tuple[int, bytes, int]] = []

    def pinned(self) -> Article:
        """An article whose source is here."""
        article = synthetic.article([("body", "The ferry is late.")], release="fetch")
        source = msgspec.structs.replace(
            article.source,
            url=f"http://127.0.0.1:{self.server_port}/ferry.txt",
            sha256=hashlib.sha256(PAGE.encode()).hexdigest(),
        )
        return msgspec.structs.replace(article, source=source)


class Shelf(http.server.BaseHTTPRequestHandler):
    server: Library  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        status, body, length = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Library() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("status", "body", "length", "rule"),
    [
        (500, b"oh dear", 7, "fetch.failed"),
        (200, PAGE.encode()[:5000], len(PAGE), "fetch.failed"),
        (200, PAGE.encode()[:5000], 5000, "fetch.other-source"),
        (200, b"<html>Back soon</html>", 22, "fetch.other-source"),
    ],
    ids=["500", "cut", "half", "page"],
)
def test_what_is_not_the_pinned_source_is_told_and_asked_for_again(
    library: Library, tmp_path: Path, status: int, body: bytes, length: int, rule: str
) -> None:
    library.answers = [(status, body, length), (200, PAGE.encode(), len(PAGE))]
    article, problems = library.pinned(), list[Problem]()
    assert list(fetched([article], tmp_path, problems.append, lambda _: None)) == []
    assert [(p.rule, p.id) for p in problems] == [(rule, article.id)]
    assert files(tmp_path) == []
    (path,) = fetched([article], tmp_path, problems.append, lambda _: None)
    assert path.read_text("utf-8") == PAGE
    assert len(problems) == 1
    assert list(fetched([article], tmp_path, problems.append, lambda _: None)) == [path]


def test_a_source_has_the_name_of_its_file_whatever_its_address(
    library: Library, tmp_path: Path
) -> None:
    """By it a page is read as a page."""
    library.answers = [(200, PAGE.encode(), len(PAGE))]
    article = library.pinned()
    source = msgspec.structs.replace(
        article.source, url=article.source.url + "/%00?name=ferry.html", file="raw/ferry.html"
    )
    article = msgspec.structs.replace(article, source=source)
    (path,) = fetched([article], tmp_path, lambda _: None, lambda _: None)
    assert path.name == "ferry.html"
    assert path.read_text("utf-8") == PAGE


@pytest.mark.parametrize("url", ["http://127.0.0.1:port/a.txt", "archive/a.txt", "ftp://a/a.txt"])
def test_what_is_no_address_costs_its_article_and_no_other(
    library: Library, tmp_path: Path, url: str
) -> None:
    library.answers = [(200, PAGE.encode(), len(PAGE))]
    article, problems = library.pinned(), list[Problem]()
    source = msgspec.structs.replace(article.source, url=url, sha256="0" * 64)
    lost = msgspec.structs.replace(article, id="lost-0123456789ab", source=source)
    assert len(list(fetched([lost, article], tmp_path, problems.append, lambda _: None))) == 1
    assert [(p.rule, p.id) for p in problems] == [("fetch.failed", lost.id)]
    assert f"{url} is no address to fetch from" in problems[0].message


def test_another_file_is_never_where_the_pinned_one_belongs(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even for the moment in which the command is killed."""
    library.answers = [(200, b"another", 7)]

    def killed(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(Path, "unlink", killed)
    assert list(fetched([library.pinned()], tmp_path, lambda _: None, lambda _: None)) == []
    assert files(tmp_path) == []
