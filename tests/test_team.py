"""A team at work: two label blind, a third adjudicates, gold comes out right; on both databases."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser

import browser as ui
from cli import onrecord
from onrecord.labelling import accounts, errors, labelstudio, practice, room, studio
from onrecord.ledger import House

STORIES = {
    "pier": "Ferry pier closes\n\nThe pier at Brackwater closed on Monday.\n\n"
    "“We will not reopen it,” said Inés Calder, the harbour master.\n\n"
    "The union condemned the closure in a short note that it sent to everybody in town.\n",
    "tram": "Tram drivers vote\n\nDrivers in Skerrow voted on Friday.\n\n"
    "“No tram will run,” Tove Lund told the Ferry Club, which had asked her about it.\n\n"
    "Nobody at the council wanted to say anything about the vote before the weekend.\n",
    "quay": "Quay plan returns\n\nA plan for the quay returned to Tarrow council.\n\n"
    "Odd Vik called it “a mistake” and left the room, and the others went on without him.\n\n"
    "The council will meet again next week to hear what the pilots think of the plan.\n",
}


class Team:
    """A root with three admitted articles, and a way to label them as a browser leaves it."""

    def __init__(self, root: Path, server: Path, *, connect: bool = True) -> None:
        self.root, self.server = root, server
        self.env: dict[str, str] = {}
        if connect:
            self.known = accounts.credentials(server)
            self.env = {
                accounts.URL_VARIABLE: self.known.url,
                accounts.TOKEN_VARIABLE: self.known.token,
            }
        unique = uuid.uuid4().hex[:6]
        self.batch = f"t-{unique}"
        self.one, self.two, self.third = (f"{name}-{unique}" for name in ("ann", "bob", "cyd"))
        corpus = root / "corpus"
        (corpus / "batches").mkdir(parents=True)
        (corpus / "rights.csv").write_text(
            "pattern,licence,release,basis,attribution\n*,CC0-1.0,ship,a test,\n", "utf-8"
        )
        people = "".join(f"{name},person,,,the guidelines\n" for name in self.people)
        (corpus / "annotators.csv").write_text(f"id,kind,model,version,given\n{people}", "utf-8")
        (root / "harbour-post").mkdir()
        for name, text in STORIES.items():
            (root / f"harbour-post/{name}.txt").write_text(text, "utf-8")
        self("convert", "harbour-post", "--out", "articles.jsonl")
        self("admit", "articles.jsonl")
        lines = (root / "articles.jsonl").read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        by_headline = {text.split("\n")[0]: name for name, text in STORIES.items()}
        self.articles = {by_headline[row["headline"]]: row for row in rows}
        both = [part for who in (self.one, self.two) for part in ("--annotator", who)]
        self("assign", "--batch", self.batch, *both, "--twice", "1")

    @property
    def people(self) -> tuple[str, str, str]:
        return self.one, self.two, self.third

    def __call__(self, *args: str, code: int = 0) -> Any:
        return onrecord(*args, cwd=self.root, code=code, env=self.env)

    def rows(self, path: str) -> dict[str, Any]:
        lines = (self.root / path).read_text("utf-8").splitlines()
        names = {row["id"]: name for name, row in self.articles.items()}
        return {names[row["article_id"]]: row for row in map(json.loads, lines)}

    def at(self, story: str, words: str) -> tuple[int, int]:
        start = self.articles[story]["text"].index(words)
        return start, start + len(words)

    def account(self, name: str) -> accounts.Account:
        return accounts.account(self.root, room.mail_of(name))


class Hand:
    """An annotator's answer to one article, in the shape in which a browser leaves it."""

    def __init__(self, team: Team, story: str) -> None:
        self.team, self.story = team, story
        self.result: list[dict[str, Any]] = []

    def span(self, label: str, words: str) -> str:
        start, end = self.team.at(self.story, words)
        name = f"r{len(self.result)}"
        value = {"start": start, "end": end, "text": words, "labels": [label]}
        region = {"id": name, "from_name": "span", "to_name": "text", "type": "labels"}
        self.result.append(region | {"origin": "manual", "value": value})
        return name

    def link(self, first: str, second: str) -> None:
        relation = {"type": "relation", "from_id": first, "to_id": second, "direction": "right"}
        self.result.append(relation)


def label(hand: Hand, who: int) -> None:
    """What annotator 0 and annotator 1 make of a story: the same but for what is said below."""
    if hand.story == "pier":
        # 0 takes the harbour master for an organisation; 1 finds no cue.
        quote = hand.span("QUOTE", "“We will not reopen it,”")
        speaker = hand.span("ORG" if who == 0 else "PERSON", "Inés Calder")
        hand.link(speaker, quote)
        if who == 0:
            hand.link(hand.span("CUE", "said"), quote)
        hand.span("GPE", "Brackwater")
    elif hand.story == "tram":
        # 1 leaves the comma inside out of the quote and links the wrong speaker.
        quote = hand.span("QUOTE", "“No tram will run,”" if who == 0 else "No tram will run")
        lund, club = hand.span("PERSON", "Tove Lund"), hand.span("ORG", "Ferry Club")
        hand.link(quote, hand.span("CUE", "told"))
        hand.link(lund if who == 0 else club, quote)
    else:  # the quay: nothing differs
        quote = hand.span("QUOTE", "“a mistake”")
        hand.link(hand.span("PERSON", "Odd Vik"), quote)
        hand.link(quote, hand.span("CUE", "called it"))


@pytest.fixture(params=["sqlite", "postgres"])
def team(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Team]:
    server = "studio_root" if request.param == "sqlite" else "postgres_root"
    team = Team(tmp_path, request.getfixturevalue(server))
    yield team
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        for title, project in connection.projects().items():
            if team.batch in title:
                connection.delete_project(project)


def test_two_label_blind_a_third_adjudicates_and_gold_comes_out_right(
    team: Team, chromium: Browser
) -> None:
    team("push", "--batch", team.batch)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        projects = {
            who: connection.projects()[room.title_of(team.batch, who)]
            for who in (team.one, team.two)
        }
        # The first labels one article in the browser and the rest, like the second, as one.
        done = label_in_browser(team, chromium, projects[team.one])
        for number, who in enumerate((team.one, team.two)):
            tasks = connection.tasks(projects[who])
            for story, row in team.articles.items():
                if not (number == 0 and story == done):
                    hand = Hand(team, story)
                    label(hand, number)
                    task = tasks[row["id"]]
                    token = token_of(team, connection, who)
                    connection.submit(task.id, hand.result, lead_time=9, token=token)
        for who in (team.one, team.two):
            authors = {
                answer["completed_by"]
                for task in connection.export(projects[who])
                for answer in task["annotations"]
            }
            assert authors == {room.mail_of(who)}, "nobody's answers stand in another's project"

    team("pull", "--batch", team.batch)
    told = json.loads(team("status", "--batch", team.batch, "--format", "json").stdout)
    assert told["tasks"] == 6
    assert [(p["assigned"], p["submitted"], p["skipped"]) for p in told["parts"]] == [(3, 3, 0)] * 2
    assert all(part["median_time"] > 0 for part in told["parts"])
    (agreement,) = told["agreement"]
    assert (agreement["heading"], agreement["articles"]) == ("Agreement between people", 3)
    assert agreement["measures"]["quotes.speaker"] < 1 <= agreement["measures"]["quotes.content"]
    told = team("gold")
    assert "undecided, left out: 2 articles: " in told.stderr
    assert "1 gold document\n" in told.stderr
    told = team("adjudicate", "--batch", team.batch, "--adjudicator", "nobody", code=2)
    assert "not in corpus/annotators.csv: nobody" in told.stderr
    told = team("adjudicate", "--batch", team.batch, "--adjudicator", team.third)
    assert "labelled this batch" not in told.stderr
    assert "2 tasks new" in told.stderr
    told = team("adjudicate", "--batch", team.batch, "--adjudicator", team.one)
    assert "0 tasks new, 2 were there" in told.stderr
    assert f"{team.one} also labelled this batch" in told.stderr

    adjudicate_in_browser(team, chromium)
    told = team("pull", "--batch", team.batch)
    assert "2 adjudicated" in told.stderr
    assert "decided by the answer for all others: 1\n" in told.stderr
    decided = team.rows(f"corpus/adjudications/{team.batch}.jsonl")
    assert {row["adjudicator"] for row in decided.values()} == {team.third}
    (why,) = {d["why"] for d in decided["pier"]["decisions"] if d["item"].endswith("PERSON")}
    assert why == "She is a person."
    chosen = {d["item"].split()[-1]: d["chosen"] for d in decided["pier"]["decisions"]}
    assert chosen["PERSON"] == chosen["ORG"] == team.two
    assert chosen["CUE"] == team.one

    told = team("gold")
    assert "3 gold documents" in told.stderr
    assert "undecided" not in told.stderr
    gold = team.rows(f"corpus/gold/{team.batch}.jsonl")
    assert {name: row["settled_by"] for name, row in gold.items()} == {
        "pier": "adjudication",
        "tram": "adjudication",
        "quay": "agreement",
    }
    assert {row["n_annotators"] for row in gold.values()} == {2}
    said = {name: facts(team, name, row) for name, row in gold.items()}
    assert said == {
        "pier": ("“We will not reopen it,”", ["Inés Calder"], ["PERSON"], ["said"]),
        "tram": ("“No tram will run,”", ["Tove Lund"], ["PERSON"], ["told"]),
        "quay": ("“a mistake”", ["Odd Vik"], ["PERSON"], ["called it"]),
    }
    team("check")
    told = team("adjudicate", "--batch", team.batch)
    assert "0 tasks new" in told.stderr
    assert "3 articles" in told.stderr


def facts(team: Team, story: str, gold: dict[str, Any]) -> tuple[Any, ...]:
    """The one quote of a gold document: its words, its speakers, their types, its cues."""
    text = team.articles[story]["text"]
    mentions = {mention["id"]: mention for mention in gold["mentions"]}
    (quote,) = gold["quotes"]
    speakers = [mentions[id_] for id_ in quote["speaker"]]
    return (
        " ".join(text[start:end] for start, end in quote["spans"]),
        [text[m["start"] : m["end"]] for m in speakers],
        [m["type"] for m in speakers],
        [text[start:end] for start, end in quote["cue"]],
    )


class Window(Hand):
    """The same hand at a real browser."""

    KEYS: ClassVar = {"QUOTE": "q", "CUE": "c", "PERSON": "1", "ORG": "2", "GPE": "3"}

    def __init__(self, team: Team, story: str, window: ui.Studio) -> None:
        super().__init__(team, story)
        self.window = window

    def span(self, label: str, words: str) -> str:
        return self.window.draw(self.KEYS[label], *self.team.at(self.story, words))["id"]

    def link(self, first: str, second: str) -> None:
        self.window.link(first, second)


def label_in_browser(team: Team, chromium: Browser, project: int) -> str:
    """The first annotator labels what the stream gives first; returns which story that was."""
    account = team.account(team.one)
    with ui.Studio(chromium, team.known.url) as window:
        window.log_in(account.email, account.password)
        window.open_stream(project)
        shown = window.text()
        story = next(n for n, row in team.articles.items() if row["text"] == shown)
        label(Window(team, story, window), 0)
        window.submit()
    return story


def adjudicate_in_browser(team: Team, chromium: Browser) -> None:
    """The third reader: a key or a click a difference and a reason, or one for all others."""
    account = team.account(team.third)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        project = connection.projects()[room.adjudication_title(team.batch)]
    with ui.Studio(chromium, team.known.url, height=900) as window:
        window.log_in(account.email, account.password)
        for _ in range(2):
            window.open_stream(project)
            seen = window.page.content()
            assert team.one not in seen
            assert team.two not in seen
            assert [r["labels"] for r in window.regions() if "A" in r["labels"]]
            assert [r["labels"] for r in window.regions() if "B" in r["labels"]]
            if window.text().startswith("Ferry pier"):
                window.decide("PERSON [Inés Calder]", by_key=True)
                questions = window.page.locator(".or-differences").inner_text()
                assert "said [Inés Calder], the" in questions
                window.why("PERSON [Inés Calder]", "She is a person.")
                window.decide(f"as {window.version('[said] CUE')} has them", by_key=True)
            else:
                window.decide("QUOTE [“No tram will run,”]", by_key=True)
                window.decide("[Tove Lund] PERSON")
                assert "what becomes of differences without an answer" in window.refused()
                window.decide("there are none, or they stay open")
            window.submit()
        assert not window.outside


# -- accounts and secrets --------------------------------------------------------------------


def test_suggestions_go_only_to_those_who_are_to_see_them(
    studio_root: Path, tmp_path: Path
) -> None:
    team = Team(tmp_path, studio_root)
    team("suggest", "articles.jsonl", "--out", "suggestions.jsonl")
    twice = tmp_path / "suggestions.jsonl"  # of a page that was scraped twice
    twice.write_bytes(twice.read_bytes() * 2)
    # Of one article only the text that another copy of its page had was read.
    rows = [json.loads(line) for line in twice.read_text("utf-8").splitlines()]
    odd = team.articles["quay"]["id"]
    for row in rows:
        if row["article_id"] == odd:
            row["text_sha256"] = "0" * 64
    twice.write_text("".join(json.dumps(row) + "\n\n" for row in rows), "utf-8")
    offer = ("push", "--batch", team.batch, "--suggestions", "suggestions.jsonl", "--suggest-to")
    told = team(*offer, team.third, code=2)
    assert team.third in told.stderr
    told = team(*offer, team.two)
    assert "1 without: suggestions.jsonl has only suggestions for another text" in told.stderr
    assert "2 of them with suggestions of suggestions.jsonl" in told.stderr
    assert "0 of them" not in told.stderr
    assert "without suggestions, as --suggest-to names others" in told.stderr
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        for who, suggested in ((team.one, 0), (team.two, 1)):
            project = connection.projects()[room.title_of(team.batch, who)]
            for row in connection.export(project, predictions=True):
                shown = suggested * (row["data"]["doc_id"] != odd)
                assert len(row["predictions"]) == shown
                # The entities to choose from would tell what was suggested, too.
                assert bool(row["data"]["entities"]) == bool(shown)
            connection.delete_project(project)
    told = team("push", "--batch", team.batch, "--suggest-to", team.two, code=2)
    assert "--suggestions" in told.stderr


def test_what_is_begun_and_not_submitted_is_told_apart(studio_root: Path, tmp_path: Path) -> None:
    team = Team(tmp_path, studio_root)
    team("push", "--batch", team.batch)
    hand = Hand(team, "quay")
    label(hand, 0)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        projects = [connection.projects()[room.title_of(team.batch, w)] for w in team.people[:2]]
        task = connection.tasks(projects[0])[team.articles["quay"]["id"]]
        begun = {"result": hand.result, "lead_time": 5}
        token = token_of(team, connection, team.one)
        connection.server.json("POST", f"/api/tasks/{task.id}/drafts", json=begun, token=token)
        told = team("status", "--batch", team.batch, "--format", "json")
        drafts = {part["annotator"]: part["drafts"] for part in json.loads(told.stdout)["parts"]}
        assert drafts == {team.one: 1, team.two: 0}
        assert " drafts " in team("status", "--batch", team.batch).stdout
        told = team("pull", "--batch", team.batch)
        assert "1 answer begun and not submitted" in told.stderr
        assert "5 tasks not begun" in told.stderr
        connection.submit(task.id, hand.result, lead_time=5, token=token)
        told = team("status", "--batch", team.batch, "--format", "json")
        assert not any(part["drafts"] for part in json.loads(told.stdout)["parts"])
        for project in projects:
            connection.delete_project(project)


def test_a_change_after_submitting_counts_only_once_it_is_sent(
    studio_root: Path, tmp_path: Path, chromium: Browser
) -> None:
    team = Team(tmp_path, studio_root)
    team("push", "--batch", team.batch)
    row = team.articles["quay"]
    at = row["text"].index("Odd Vik")
    path = f"corpus/annotations/{team.batch}/{team.one}.jsonl"
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        projects = [connection.projects()[room.title_of(team.batch, w)] for w in team.people[:2]]
        task = connection.tasks(projects[0])[row["id"]].id
        account = team.account(team.one)
        with ui.Studio(chromium, team.known.url) as window:
            window.log_in(account.email, account.password)
            window.open_task(projects[0], task)
            window.draw("1", at, at + len("Odd Vik"))
            window.submit()
            window.open_task(projects[0], task, spans=1)
            with window.page.expect_response(re.compile(r"/annotations/\d+/drafts")):
                window.draw("c", at + len("Odd Vik "), at + len("Odd Vik called"))
            told = team("pull", "--batch", team.batch).stderr
            assert "1 answer changed after submitting, without Update" in told
            assert f"/projects/{projects[0]}/data?task={task}" in told
            assert [span["label"] for span in team.rows(path)["quay"]["spans"]] == ["PERSON"]
            with window.page.expect_response(re.compile(r"/api/annotations/\d+\?")):
                window.page.keyboard.press("Control+Enter")
        assert "Update" not in team("pull", "--batch", team.batch).stderr
        assert len(team.rows(path)["quay"]["spans"]) == 2
        for project in projects:
            connection.delete_project(project)


def test_whose_an_answer_is_and_which_one_counts(studio_root: Path, tmp_path: Path) -> None:
    """An account is removed, another deleted; a second tab; somebody in another's project."""
    team = Team(tmp_path, studio_root)
    team("push", "--batch", team.batch)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        api = connection.server.json
        ids = {row["email"]: row["id"] for row in api("GET", "/api/users/")}
        tokens = [token_of(team, connection, who) for who in team.people[:2]]
        parts = room.projects_of(connection, team.batch)
        there = [connection.tasks(part.project) for part in parts]
        answers: list[int] = []
        hands = [Hand(team, story) for _ in tokens for story in ("pier", "quay")]
        for at, hand in enumerate(hands):
            label(hand, at // 2)
            task = there[at // 2][team.articles[hand.story]["id"]].id
            token = tokens[at // 2]
            answers.append(connection.submit(task, hand.result, lead_time=3, token=token))
        # A second tab of the first keeps what it cannot submit; the second's answer is another's.
        begun = {"result": hands[-1].result[:1], "lead_time": 1}
        quay = there[0][team.articles["quay"]["id"]]
        api("POST", f"/api/tasks/{quay.id}/drafts", json=begun, token=tokens[0])
        api("PATCH", f"/api/annotations/{answers[-1]}/", json={"result": []}, token=tokens[0])
        # The first has the quay twice, and has begun on the double.
        api("POST", f"/api/projects/{parts[0].project}/import", json=[{"data": quay.data}])
        double = max(row["id"] for row in connection.export(parts[0].project))
        api("POST", f"/api/tasks/{double}/drafts", json=begun, token=tokens[0])
        told = team("pull", "--batch", team.batch).stderr
        assert f"data?task={quay.id}\n" in told.partition("without Update:")[2]
        assert f"(by {team.one})" in told.partition("by another than its annotator")[2]
        told = json.loads(team("status", "--batch", team.batch, "--format", "json").stdout)
        assert [part["unsent"] for part in told["parts"]] == [1, 0]
        path = f"corpus/annotations/{team.batch}/{{}}.jsonl"
        assert len(team.rows(path.format(team.one))["quay"]["spans"]) == 3

        first, second = (ids[room.mail_of(who)] for who in team.people[:2])
        connection.server.send("DELETE", f"/api/organizations/1/memberships/{first}/")
        connection.server.send("DELETE", f"/api/users/{second}/")
        told = team("pull", "--batch", team.batch).stderr
        assert "annotators.csv" not in told
        assert "no longer has" not in told
        for who in team.people[:2]:
            assert set(team.rows(path.format(who))) == {"pier", "quay"}
        for part in parts:
            connection.delete_project(part.project)


def test_suggestions_that_came_later_are_not_what_an_answer_began_with(
    studio_root: Path, tmp_path: Path
) -> None:
    team = Team(tmp_path, studio_root)
    offer = ("push", "--batch", team.batch, "--suggestions", "suggestions.jsonl")
    team("suggest", "articles.jsonl", "--out", "suggestions.jsonl")
    team(*offer)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        first, second = room.projects_of(connection, team.batch)
        row = next(connection.export(first.project, predictions=True))
        token = token_of(team, connection, team.one)
        connection.submit(row["id"], row["predictions"][0]["result"], lead_time=3, token=token)
        told = team("status", "--batch", team.batch).stdout
        newer = tmp_path / "suggestions.jsonl"
        newer.write_text(newer.read_text("utf-8").replace('"annotator":"', '"annotator":"n-', 1))
        said = team(*offer).stderr
        assert "got a missing suggestion" in said
        assert "keep what they had under the same name" in said
        assert team("status", "--batch", team.batch).stdout == told
        for part in (first, second):
            connection.delete_project(part.project)


def token_of(team: Team, connection: labelstudio.Room, who: str) -> str:
    account = team.account(who)
    return connection.ensure_account(account.email, account.password)


def test_a_task_that_was_given_to_somebody_else_since_is_counted(
    studio_root: Path, tmp_path: Path
) -> None:
    team = Team(tmp_path, studio_root)
    team("push", "--batch", team.batch)
    batch = tmp_path / f"corpus/batches/{team.batch}.csv"
    line = f"{team.articles['quay']['id']},{team.one}\n"
    batch.write_text(batch.read_text("utf-8").replace(line, ""), "utf-8")
    told = team("push", "--batch", team.batch).stderr
    assert told.count("gives to others or to nobody") == 1
    assert "  1 more there" in told
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        for part in room.projects_of(connection, team.batch):
            connection.delete_project(part.project)


def test_an_answer_of_nobody_who_labels_is_told_when_it_is_pulled(
    studio_root: Path, tmp_path: Path
) -> None:
    """Somebody at the curator's browser answers one article in two projects."""
    team = Team(tmp_path, studio_root)
    team("push", "--batch", team.batch)
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        projects = [connection.projects()[room.title_of(team.batch, w)] for w in team.people[:2]]
        for project in projects:
            task = connection.tasks(project)[team.articles["quay"]["id"]]
            connection.submit(task.id, [], lead_time=1)
        told = team("pull", "--batch", team.batch)
        for project in projects:
            connection.delete_project(project)
    assert "not in corpus/annotators.csv, so their work is not used: curator" in told.stderr
    assert "no longer has" not in told.stderr


def test_an_invite_makes_an_account_and_hands_its_password_over_in_a_private_file(
    spare_root: Path, chromium: Browser
) -> None:
    told = onrecord("studio", "invite", "ann", "curator", "--reset", cwd=spare_root, code=2)
    assert "curator is your own account" in told.stderr
    studio.up(spare_root)
    annotators = spare_root / "corpus" / "annotators.csv"
    annotators.parent.mkdir()
    told = onrecord("studio", "invite", "ann", cwd=spare_root)
    assert "--isolated" not in told.stderr, "nobody else's answers are there"
    assert "not in corpus/annotators.csv, so their work is not used: ann\n" in told.stderr
    annotators.write_text("id,kind,model,version,given\nann,person,,,\n", encoding="utf-8")
    told = onrecord("studio", "invite", "ann", "bob", cwd=spare_root)
    assert "not in corpus/annotators.csv, so their work is not used: bob\n" in told.stderr
    assert "can open and change the others' answers" in told.stderr
    known = accounts.own_credentials(spare_root)
    for name in ("ann", "bob"):
        path = accounts.folder_of(spare_root) / "invites" / f"{name}.txt"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        fields = dict(line.split(": ", 1) for line in path.read_text("utf-8").splitlines()[:3])
        assert fields["Password"] not in told.stderr + told.stdout
        with (
            labelstudio.connect(known.url, known.token) as connection,
            ui.Studio(chromium, known.url) as window,
        ):
            window.log_in(fields["E-mail"], fields["Password"])
            # Whoever came before has practised too: each is given both articles.
            for article, suggested in zip(practice.articles(), (False, True), strict=True):
                window.open_stream(connection.projects()[room.PRACTICE])
                assert window.text() == article.text
                assert bool(window.regions()) == suggested
                window.submit()
        assert f"“/ {name}”" in path.read_text("utf-8"), "which articles are theirs"
    again = onrecord("studio", "invite", "ann", cwd=spare_root)
    assert "ann.txt" in again.stderr
    assert "--reset" in again.stderr
    onrecord("studio", "up", cwd=spare_root)
    with labelstudio.connect(known.url, known.token) as connection:
        assert connection.count(connection.projects()[room.PRACTICE]) == 2
    told = onrecord("studio", "invite", "Ann Smith", cwd=spare_root, code=2)
    assert "'Ann Smith'" in told.stderr

    # Ann has chosen a password of her own and forgotten it.
    ann = accounts.account(spare_root, room.mail_of("ann"))
    with labelstudio.connect(known.url, known.token) as connection:
        practised = list(connection.export(connection.projects()[room.PRACTICE]))
        connection.set_password(ann.email, "of her own 1", *curator_of(spare_root))
        told = onrecord("studio", "invite", "ann", "eve", "--reset", cwd=spare_root, code=2)
        assert "eve has no account" in told.stderr
        assert connection.ensure_account(ann.email, "of her own 1"), "nothing was changed"
        assert reset_of(spare_root, "ann") not in (ann.password, "of her own 1")
        with pytest.raises(errors.ServerRefused, match="no account for ann"):
            connection.ensure_account(ann.email, "of her own 1")
        assert list(connection.export(connection.projects()[room.PRACTICE])) == practised
    env = {accounts.URL_VARIABLE: "http://127.0.0.1:9", accounts.TOKEN_VARIABLE: "abc"}
    told = onrecord("studio", "invite", "ann", "--reset", cwd=spare_root, env=env, code=2)
    assert "nothing answers at http://127.0.0.1:9" in told.stderr


def curator_of(root: Path) -> tuple[str, str]:
    account = accounts.by_email(root)[accounts.CURATOR]
    return account.email, account.password


def reset_of(root: Path, name: str) -> str:
    """Give an annotator a new password; return it, having seen that it lets them in."""
    told = onrecord("studio", "invite", name, "--reset", cwd=root)
    path = accounts.folder_of(root) / "invites" / f"{name}.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    fields = dict(line.split(": ", 1) for line in path.read_text("utf-8").splitlines()[:3])
    assert fields["Password"] not in told.stderr + told.stdout
    known = accounts.own_credentials(root)
    with labelstudio.connect(known.url, known.token) as connection:
        assert connection.ensure_account(fields["E-mail"], fields["Password"])
    return fields["Password"]


def test_an_isolated_annotator_has_a_server_that_knows_nobody_else(
    tmp_path: Path, spare_root: Path
) -> None:
    team = Team(tmp_path / "root", spare_root, connect=False)
    # Their servers start from a copy of a database, in 2 s and not in 20.
    for who in (team.one, team.two):
        own = room.isolated_root(House(team.root), who).root
        shutil.copytree(accounts.folder_of(spare_root), accounts.folder_of(own))
    try:
        team("push", "--batch", team.batch, "--isolated")
        for who, other in ((team.one, team.two), (team.two, team.one)):
            own = room.isolated_root(House(team.root), who).root
            known = accounts.own_credentials(own)
            account = accounts.account(own, room.mail_of(who))
            with labelstudio.connect(known.url, known.token) as curator:
                token = curator.ensure_account(account.email, account.password)
            with labelstudio.connect(known.url, token) as theirs:
                titles = theirs.projects()
                assert room.title_of(team.batch, who) in titles
                assert room.title_of(team.batch, other) not in titles
                assert room.mail_of(other) not in theirs.accounts()
                tasks = theirs.tasks(titles[room.title_of(team.batch, who)])
                hand = Hand(team, "quay")
                label(hand, 0)
                task = tasks[team.articles["quay"]["id"]]
                theirs.submit(task.id, hand.result, lead_time=4)
        told = json.loads(team("status", "--batch", team.batch, "--format", "json").stdout)
        assert told["tasks"] == 6
        assert len({part["url"] for part in told["parts"]}) == 2
        team("pull", "--batch", team.batch)
        team("gold")
        assert set(team.rows(f"corpus/gold/{team.batch}.jsonl")) == {"quay"}
        assert team("studio", "down").stderr.count("stopped the server of") == 2
    finally:
        for who in (team.one, team.two):
            studio.down(room.isolated_root(House(team.root), who).root)


def test_no_token_or_password_is_where_others_could_read_it(team: Team, studio_root: Path) -> None:
    """Process list, logs, every file that is not private, and what the commands say."""
    said = ""
    name = f"dee-{team.batch}"
    onrecord("studio", "invite", name, cwd=team.server)
    former = accounts.account(team.server, room.mail_of(name)).password
    assert reset_of(team.server, name) != former
    for args in (
        ("push", "--batch", team.batch),
        ("status", "--batch", team.batch, "--format", "json"),
        ("pull", "--batch", team.batch),
        ("push", "--batch", "none"),
    ):
        told = onrecord(*args, cwd=team.root, env=team.env, code=2 if args[-1] == "none" else 0)
        said += told.stdout + told.stderr
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            said += line.read_bytes().decode("utf-8", "replace")
    for root in (team.root, team.server):
        for path in root.rglob("*"):
            if path.is_file() and path.stat().st_mode & 0o077:
                said += "" if inside_data(path) else path.read_text("utf-8", "replace")
            if path.name in ("log", "log.1"):
                said += path.read_text("utf-8", "replace")
    with labelstudio.connect(team.known.url, team.known.token) as connection:
        secrets = [token_of(team, connection, who) for who in team.people[:2]]
    secrets += [team.known.token, former]
    for root in (team.root, team.server):
        for account in accounts.by_email(root).values():
            secrets += [account.password, account.token]
    assert len([secret for secret in secrets if secret]) >= 7
    assert not [secret for secret in secrets if secret and secret in said]
    assert stat.S_IMODE(accounts.folder_of(team.server).stat().st_mode) == 0o700


def inside_data(path: Path) -> bool:
    """Label Studio's own folder lies in a folder that only its owner can enter."""
    return "studio" in path.parts and "data" in path.parts
