"""The whole way, with a real Label Studio and a real browser: what a person does arrives."""

import contextlib
import errno
import itertools
import json
import os
import shutil
import signal
import socket
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

import browser as ui
from cli import onrecord
from onrecord.labelling import accounts, studio
from onrecord.labelling import room as room_module
from parts import own_port
from test_running import until

TEXT = """Ferry pier closes 🌊 after storm

The pier at Brackwater closed on Monday 🇳🇴, and nobody in the town was surprised by it.

“We will not reopen it before 🛟 checks are done,” said Inés Calder, the harbour master.

The union condemned the closure, which it had heard about from the newspapers.
"""


class Desk:
    """A root with one admitted article, pushed for one annotator, and how to reach the room."""

    def __init__(self, root: Path, server: Path, admitted: Path) -> None:
        self.root = shutil.copytree(admitted, root, dirs_exist_ok=True)
        known = accounts.credentials(server)
        self.url = known.url
        self.env = {accounts.URL_VARIABLE: known.url, accounts.TOKEN_VARIABLE: known.token}
        unique = uuid.uuid4().hex[:8]
        self.batch, self.annotator = f"b-{unique}", f"ann-{unique}"
        corpus = root / "corpus"
        (corpus / "batches").mkdir()
        (corpus / "annotators.csv").write_text(
            f"id,kind,model,version,given\n{self.annotator},person,,,the guidelines\n", "utf-8"
        )
        self.article = json.loads((root / "articles.jsonl").read_text("utf-8"))
        (corpus / f"batches/{self.batch}.csv").write_text(
            f"article,annotator\n{self.article['id']},{self.annotator}\n", "utf-8"
        )

    def __call__(self, *args: str, code: int = 0) -> Any:
        return onrecord(*args, cwd=self.root, code=code, env=self.env)

    @property
    def text(self) -> str:
        return self.article["text"]

    def at(self, words: str) -> tuple[int, int]:
        start = self.text.index(words)
        return start, start + len(words)

    def rows(self) -> list[dict[str, Any]]:
        path = self.root / f"corpus/annotations/{self.batch}/{self.annotator}.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def project(self, room: Any) -> int:
        return room.projects()[room_module.title_of(self.batch, self.annotator)]

    def tasks(self) -> int:
        return json.loads(self("status", "--batch", self.batch, "--format", "json").stdout)["tasks"]


@pytest.fixture(scope="module")
def admitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with the article, converted and admitted. Not to be changed."""
    root = tmp_path_factory.mktemp("admitted")
    (root / "corpus").mkdir()
    (root / "corpus/rights.csv").write_text(
        "pattern,licence,release,basis,attribution\n*,CC0-1.0,ship,a test,\n", "utf-8"
    )
    (root / "harbour-post").mkdir()
    (root / "harbour-post/pier.txt").write_text(TEXT, "utf-8")
    onrecord("convert", "harbour-post", "--out", "articles.jsonl", cwd=root)
    onrecord("admit", "articles.jsonl", cwd=root)
    return root


@pytest.fixture
def desk(tmp_path: Path, studio_root: Path, admitted: Path) -> Desk:
    return Desk(tmp_path, studio_root, admitted)


@pytest.fixture
def window(desk: Desk, chromium: Browser, room: Any) -> Iterator[ui.Studio]:
    """The annotator at the first task of the label stream."""
    desk("push", "--batch", desk.batch)
    account = accounts.account(desk.root, room_module.mail_of(desk.annotator))
    with ui.Studio(chromium, desk.url) as window:
        window.log_in(account.email, account.password)
        window.open_stream(desk.project(room))
        yield window


def surfaces(row: dict[str, Any], text: str) -> dict[str, str]:
    return {span["id"]: text[span["start"] : span["end"]] for span in row["spans"]}


@pytest.mark.parametrize("forward", [True, False], ids=["drawn forward", "drawn backward"])
def test_what_is_drawn_in_the_browser_becomes_the_right_record(
    desk: Desk, window: ui.Studio, forward: bool
) -> None:
    assert window.text().startswith(desk.text.split("\n")[0])

    def draw(key: str, words: str) -> str:
        return window.draw(key, *desk.at(words))["id"]

    def link(first: str, second: str) -> None:
        window.link(*((first, second) if forward else (second, first)))

    quote = draw("q", "“We will not reopen it before 🛟 checks are done,”")
    cue = draw("c", "said")
    speaker = draw("1", "Inés Calder")
    place = draw("3", "Brackwater")
    target = draw("m", "the closure")
    stance = draw("g", "The union condemned the closure")
    holder = draw("m", "The union")
    link(quote, cue)
    link(speaker, quote)
    link(target, stance)
    window.link(*((holder, stance) if forward else (stance, holder)), role="holder")
    window.write(place, "entity_other", "Brackwater · Q42")
    window.answer(stance, "a", "basis")
    window.submit()

    desk("pull", "--batch", desk.batch)
    (row,) = desk.rows()
    words = surfaces(row, desk.text)
    labels = {span["id"]: span["label"] for span in row["spans"]}
    assert {(labels[i], words[i]) for i in labels} == {
        ("QUOTE", "“We will not reopen it before 🛟 checks are done,”"),
        ("CUE", "said"),
        ("PERSON", "Inés Calder"),
        ("GPE", "Brackwater"),
        ("MENTION", "the closure"),
        ("STANCE_AGAINST", "The union condemned the closure"),
        ("MENTION", "The union"),
    }
    assert {(li["role"], words[li["from"]], words[li["to"]]) for li in row["links"]} == {
        ("cue", words[quote], "said"),
        ("speaker", "Inés Calder", words[quote]),
        ("target", "the closure", "The union condemned the closure"),
        ("holder", "The union", "The union condemned the closure"),
    }
    spans = {span["id"]: span for span in row["spans"]}
    assert spans[stance]["attributes"] == {"basis": "action"}
    assert spans[place]["entity"] == "Q42"
    assert row["entities"] == [{"id": "Q42", "name": "Brackwater", "kb_id": "Q42"}]
    assert (row["status"], row["annotator"]) == ("submitted", desk.annotator)
    assert {span["origin"] for span in row["spans"]} == {"manual"}
    assert row["lead_time"] > 0
    assert not window.outside, "the page asked for something outside"

    desk("gold")
    (gold,) = map(
        json.loads, (desk.root / f"corpus/gold/{desk.batch}.jsonl").read_text("utf-8").splitlines()
    )
    (said,) = gold["quotes"]
    assert said["type"] == "direct"
    assert said["text"] == [words[quote]]
    (against,) = gold["stances"]
    assert (against["polarity"], against["holder_level"]) == ("against", "reported")
    assert gold["label_source"] == "human"
    desk("check")
    desk("build")


def test_pulling_again_changes_nothing_and_an_impossible_link_is_told(
    desk: Desk, window: ui.Studio
) -> None:
    cue = window.draw("c", *desk.at("said"))["id"]
    place = window.draw("3", *desk.at("Brackwater"))["id"]
    window.link(cue, place)
    window.submit()
    told = desk("pull", "--batch", desk.batch, code=1)
    assert "pull.link" in told.stderr
    assert f"{desk.url}/projects/" in told.stderr
    (row,) = desk.rows()
    assert len(row["spans"]) == 2, "the rest of the answer is kept"
    assert row["links"] == []
    before = {p: p.read_bytes() for p in (desk.root / "corpus").rglob("*.jsonl")}
    desk("pull", "--batch", desk.batch, code=1)
    assert {p: p.read_bytes() for p in (desk.root / "corpus").rglob("*.jsonl")} == before


def test_pushing_again_doubles_nothing(desk: Desk) -> None:
    told = desk("push", "--batch", desk.batch)
    assert "1 task new, 0 were there" in told.stderr
    told = desk("push", "--batch", desk.batch)
    assert "0 tasks new, 1 were there" in told.stderr
    assert desk.tasks() == 1
    told = desk("pull", "--batch", desk.batch)
    assert "nothing has been labelled yet" in told.stderr


def test_a_file_of_articles_is_a_batch_without_assignment(desk: Desk) -> None:
    name = f"x-{desk.annotator[4:]}"
    desk("push", "articles.jsonl", "--batch", name)
    told = json.loads(desk("status", "--batch", name, "--format", "json").stdout)
    assert told["tasks"] == 1
    assert told["parts"][0]["annotator"] == ""


def test_a_text_changed_after_the_push_is_refused(desk: Desk) -> None:
    desk("push", "articles.jsonl", "--batch", f"y-{desk.annotator[4:]}")
    path = desk.root / "harbour-post/pier.txt"
    path.write_text(path.read_text("utf-8").replace("newspapers", "radio"), "utf-8")
    desk("convert", "harbour-post", "--out", "articles.jsonl")
    (desk.root / "corpus/articles/harbour-post.jsonl").unlink()
    told = desk("push", "articles.jsonl", "--batch", f"y-{desk.annotator[4:]}", code=1)
    assert "another text" in told.stderr
    assert desk.article["id"] in told.stderr


def test_suggestions_can_be_kept_changed_or_deleted(
    desk: Desk, chromium: Browser, room: Any
) -> None:
    def span(name: str, label: str, words: str) -> dict[str, Any]:
        start, end = desk.at(words)
        return {
            "id": name,
            "label": label,
            "start": start,
            "end": end,
            "entity": "Q42" if name == "p1" else "",
            "attributes": {},
            "origin": "prediction",
            "score": 0.75,
        }

    suggestion = {
        "article_id": desk.article["id"],
        "text_sha256": desk.article["text_sha256"],
        "batch": desk.batch,
        "annotator": "rules-1",
        "status": "submitted",
        "layers": ["entities", "quotes", "stance"],
        "created_at": "",
        "lead_time": 0.0,
        "flags": [],
        "note": "",
        "entities": [{"id": "Q42", "name": "Inés Calder", "kb_id": "Q42"}],
        "spans": [span("p1", "PERSON", "Inés Calder"), span("p2", "ORG", "Brackwater")],
        "links": [],
    }
    path = desk.root / "suggestions.jsonl"
    path.write_text(json.dumps(suggestion) + "\n", "utf-8")
    desk("push", "--batch", desk.batch, "--suggestions", "suggestions.jsonl")
    account = accounts.account(desk.root, room_module.mail_of(desk.annotator))
    with ui.Studio(chromium, desk.url) as window:
        window.log_in(account.email, account.password)
        window.open_stream(desk.project(room))
        for label in ("PERSON", "ORG"):  # by the keyboard alone, as the guidelines say
            window.page.keyboard.press("Alt+.")
            window.page.wait_for_function(
                "(label) => Htx.annotationStore.selected.regionStore.regions.some("
                "(region) => region.inSelection && region.labels.includes(label))",
                arg=label,
            )
        window.page.keyboard.press("Backspace")
        window.page.wait_for_function(
            "() => Htx.annotationStore.selected.regionStore.regions.length === 1"
        )
        window.submit()
    desk("pull", "--batch", desk.batch)
    (row,) = desk.rows()
    (kept,) = row["spans"]
    assert (kept["label"], kept["origin"], kept["entity"]) == ("PERSON", "prediction", "Q42")
    assert row["entities"] == suggestion["entities"]


def test_the_server_dies_during_a_push_and_nothing_is_lost_or_doubled(
    spare_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    running = studio.up(spare_root, port=own_port())
    known = accounts.credentials(spare_root)
    env = {accounts.URL_VARIABLE: known.url, accounts.TOKEN_VARIABLE: known.token}
    work = tmp_path_factory.mktemp("dies")
    folder = work / "tarrow-times"
    folder.mkdir()
    (work / "dump.csv").write_text(
        "title,text,url\n"
        + "".join(
            f'"Story {i}","The council met on day {i} and said that it would meet again.",'
            f"https://e.example/{i}\n"
            for i in range(600)
        ),
        "utf-8",
    )
    onrecord("convert", "dump.csv", "--out", "a.jsonl", cwd=work)
    os.kill(running.pid, signal.SIGKILL)
    until(lambda: refuses(running.port))  # else it may break a connection that it still took
    told = onrecord("push", "a.jsonl", "--batch", "many", cwd=work, env=env, code=2)
    assert "onrecord studio up" in told.stderr
    assert known.token not in told.stderr
    studio.up(spare_root, port=running.port)
    onrecord("push", "a.jsonl", "--batch", "many", cwd=work, env=env)
    told = onrecord("status", "--batch", "many", "--format", "json", cwd=work, env=env)
    assert json.loads(told.stdout)["tasks"] == 600


def refuses(port: int) -> bool:
    """Whether nothing listens at a port of this machine any more."""
    with socket.socket() as own:
        return own.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


class Cut:
    """A way to a server that goes dead after so many bytes of its answers."""

    def __init__(self, url: str, after: int) -> None:
        self.left = after
        self.to = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
        self.ear = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.ear.getsockname()[1]}"
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self) -> None:
        while self.left > 0:
            near, _ = self.ear.accept()
            far = socket.create_connection(self.to)
            threading.Thread(target=self.pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self.pump, args=(far, near, True), daemon=True).start()

    def pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while self.left > 0 and (data := source.recv(4096)):
                if counted:
                    data, self.left = data[: self.left], self.left - len(data)
                sink.sendall(data)
            if self.left <= 0:
                self.ear.close()
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def test_a_server_that_dies_during_a_pull_loses_and_doubles_nothing(desk: Desk, room: Any) -> None:
    desk("push", "--batch", desk.batch)
    account = accounts.account(desk.root, room_module.mail_of(desk.annotator))
    token = room.ensure_account(account.email, account.password)
    (task,) = room.tasks(desk.project(room)).values()
    start, end = desk.at("Inés Calder")
    value = {"start": start, "end": end, "labels": ["PERSON"]}
    region = {"from_name": "span", "to_name": "text", "type": "labels", "value": value}
    results = [{**region, "id": f"r{i}", "origin": "manual"} for i in range(200)]
    room.submit(task.id, results, lead_time=3.0, token=token)

    whole = Cut(desk.url, 10**9)
    onrecord(
        *("pull", "--batch", desk.batch),
        cwd=desk.root,
        env=desk.env | {accounts.URL_VARIABLE: whole.url},
    )
    needed = 10**9 - whole.left
    path = desk.root / f"corpus/annotations/{desk.batch}/{desk.annotator}.jsonl"
    before = path.read_bytes()
    for after, old in itertools.product((0.2, 0.6, 0.95), (before, None)):
        if old is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(old)
        told = onrecord(
            *("pull", "--batch", desk.batch),
            cwd=desk.root,
            env=desk.env | {accounts.URL_VARIABLE: Cut(desk.url, int(needed * after)).url},
            code=1,
        )
        assert "onrecord studio up" in told.stderr
        left = path.read_bytes() if path.exists() else None
        assert left == old, f"a pull that ends after {after} of it is whole or nothing"
    desk("pull", "--batch", desk.batch)
    assert path.read_bytes() == before


def test_a_wrong_token_is_told_and_never_shown(desk: Desk) -> None:
    wrong = "feedc0de" * 5
    told = onrecord(
        "push",
        "articles.jsonl",
        "--batch",
        "any",
        cwd=desk.root,
        env={accounts.URL_VARIABLE: desk.url, accounts.TOKEN_VARIABLE: wrong},
        code=2,
    )
    assert "token" in told.stderr
    assert wrong not in told.stderr + told.stdout
