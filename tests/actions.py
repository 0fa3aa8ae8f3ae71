"""Counts what an annotator does in the real interface, and takes the pictures of the docs.

    PYTHONPATH=scripts:tests python tests/actions.py [--pictures]

Writes the table between the markers of docs/labelling-room.md and the pictures beside it. The
browser itself counts: a key with its modifiers is one action, a click or a drag is one (its
press). Everything in the article is made up.
"""

from __future__ import annotations

import contextlib
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from playwright.sync_api import Browser

import browser as ui
import synthetic
from onrecord import atomic
from onrecord.gold.differences import differences
from onrecord.labelling import accounts, adjudicating, interface, labelstudio, studio, tasks
from onrecord.records import Annotation, AnnotationEntity, Link, Span
from parts import HOME

DOCS = HOME / "docs" / "labelling-room.md"
PICTURES = HOME / "docs" / "labelling-room"
LINES = (
    "Pilots turn against quay plan",
    "“The plan is a mistake,” Tove Lund told the Ferry Club in Skerrow on Friday. She had"
    " not been asked before.",
    "Odd Vik of the harbour office condemned the quay plan. He said that the pilots had been"
    " heard twice, and that the office would go on.",
)
ARTICLE = synthetic.article(
    [("headline", LINES[0]), *(("body", line) for line in LINES[1:])], publisher="Skerrow Post"
)

COUNT = """
() => {
  window.counted = 0;
  const plain = (event) => !['Alt', 'Shift', 'Control', 'Meta'].includes(event.key);
  for (const [type, counts] of [['keydown', plain], ['mousedown', () => true]])
    addEventListener(type, (event) => { counted += event.isTrusted && counts(event); }, true);
}
"""


def at(words: str, nth: int = 1) -> tuple[int, int]:
    start = -1
    for _ in range(nth):
        start = ARTICLE.text.index(words, start + 1)
    return start, start + len(words)


class Given(NamedTuple):
    """What is suggested: spans by their words, and links between them."""

    spans: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str, str], ...] = ()

    def annotation(self) -> Annotation:
        vik = AnnotationEntity(id="Odd Vik", name="Odd Vik")
        spans = [
            Span(
                id=words,
                label=label,
                start=at(words)[0],
                end=at(words)[1],
                entity=vik.id if words == vik.name else "",
                origin="prediction",
            )
            for label, words in self.spans
        ]
        return Annotation(
            article_id=ARTICLE.id,
            text_sha256=ARTICLE.text_sha256,
            batch="actions",
            annotator="suggested",
            layers=["entities", "quotes", "stance"],
            entities=[vik],
            spans=spans,
            links=[Link(from_=one, to=other, role=role) for role, one, other in self.links],
        )


QUOTE, CUE, LUND = "“The plan is a mistake,”", "told", "Tove Lund"
STANCE, PLAN, VIK = "condemned the quay plan", "the quay plan", "Odd Vik"
NAMES = (("PERSON", LUND), ("ORG", "Ferry Club"), ("GPE", "Skerrow"), ("PERSON", VIK))
SAID = (("QUOTE", QUOTE), ("CUE", CUE))
JOINED = (("cue", QUOTE, CUE), ("speaker", LUND, QUOTE))
AGAINST = (("STANCE_AGAINST", STANCE), ("MENTION", PLAN))
Act = Callable[[ui.Studio], None]


def entity(window: ui.Studio) -> None:
    window.draw("1", *at(VIK))


def nothing(window: ui.Studio) -> None:
    """It stands there as it should."""


def quote(window: ui.Studio) -> None:
    said = window.draw("q", *at(QUOTE))
    who = window.draw("1", *at(LUND))
    cue = window.draw("c", *at(CUE))
    window.link(who["id"], said["id"])
    window.link(cue["id"], said["id"])


def quote_beside_names(window: ui.Studio) -> None:
    said = window.draw("q", *at(QUOTE))
    window.link(window.region("PERSON")["id"], said["id"])
    cue = window.draw("c", *at(CUE))
    window.link(cue["id"], said["id"])


def quote_of_a_suggested_speaker(window: ui.Studio) -> None:
    said = window.draw("q", *at(QUOTE))
    window.link(window.region("PERSON")["id"], said["id"])


def speaker_of_a_suggested_quote(window: ui.Studio) -> None:
    window.link(window.region("PERSON")["id"], window.region("QUOTE")["id"])


def stance(window: ui.Studio) -> None:
    shown = window.draw("g", *at(STANCE))
    target = window.draw("m", *at(PLAN))
    holder = window.draw("1", *at(VIK))
    window.link(target["id"], shown["id"])
    window.link(holder["id"], shown["id"], "holder")


def stance_beside_names(window: ui.Studio) -> None:
    shown = window.draw("g", *at(STANCE))
    target = window.draw("m", *at(PLAN))
    window.link(target["id"], shown["id"])
    window.link(window.region("PERSON", 1)["id"], shown["id"], "holder")


def holder_of_a_suggested_stance(window: ui.Studio) -> None:
    window.link(window.region("PERSON", 1)["id"], window.region("STANCE_AGAINST")["id"], "holder")


def other_label(window: ui.Studio) -> None:
    window.select_region(window.region("ORG")["id"])
    window.page.keyboard.press("1")
    window.page.wait_for_function(
        "() => Htx.annotationStore.selected.regionStore.regions"
        ".every((region) => !region.labels.includes('ORG'))"
    )


def other_edges(window: ui.Studio) -> None:
    delete(window)
    window.draw("2", *at("Ferry Club"))


def delete(window: ui.Studio) -> None:
    window.select_region(window.region("ORG")["id"])
    window.page.keyboard.press("Backspace")
    window.page.wait_for_function(
        "() => Htx.annotationStore.selected.regionStore.regions"
        ".every((region) => !region.labels.includes('ORG'))"
    )


def he(window: ui.Studio) -> None:
    mention = window.draw("m", *at("He said")[:1], at("He said")[0] + 2)
    window.link(mention["id"], window.region("PERSON")["id"])


def he_suggested(window: ui.Studio) -> None:
    window.link(window.region("MENTION")["id"], window.region("PERSON")["id"])


class Scenario(NamedTuple):
    """Something an annotator does, what was suggested, and the most it may cost (None: open)."""

    what: str
    suggested: str
    given: Given
    act: Act
    most: int | None = None


SCENARIOS = (
    Scenario("An entity", "nothing", Given(), entity, 2),
    Scenario("An entity", "the name", Given(NAMES), nothing, 0),
    Scenario("A direct quote with cue and speaker", "nothing", Given(), quote, 12),
    Scenario("A direct quote with cue and speaker", "names", Given(NAMES), quote_beside_names, 10),
    Scenario(
        "A direct quote and its speaker", "names", Given(NAMES), quote_of_a_suggested_speaker, 5
    ),
    Scenario(
        "A direct quote with cue and speaker",
        "names, quote with cue",
        Given(NAMES + SAID, JOINED[:1]),
        speaker_of_a_suggested_quote,
        5,
    ),
    Scenario(
        "A direct quote with cue and speaker", "all of it", Given(NAMES + SAID, JOINED), nothing, 0
    ),
    Scenario("A stance with holder and target", "nothing", Given(), stance),
    Scenario("A stance with holder and target", "names", Given(NAMES), stance_beside_names),
    Scenario(
        "A stance with holder and target",
        "names, stance with target",
        Given(NAMES + AGAINST, (("target", PLAN, STANCE),)),
        holder_of_a_suggested_stance,
    ),
    Scenario("A suggestion with the wrong label", "names", Given((("ORG", VIK),)), other_label, 2),
    Scenario(
        "A suggestion with the wrong edges",
        "names",
        Given((("ORG", "the Ferry Club"),)),
        other_edges,
        4,
    ),
    Scenario("A suggestion that is nothing", "names", Given((("ORG", "Friday"),)), delete, 2),
    Scenario("“He” linked to a person", "the person", Given((("PERSON", VIK),)), he, 5),
    Scenario(
        "“He” linked to a person",
        "both",
        Given((("PERSON", VIK), ("MENTION", "He"))),
        he_suggested,
        3,
    ),
)


def count(
    browser: Browser, connection: labelstudio.Room, account: accounts.Account, scenario: Scenario
) -> int:
    """The actions that a scenario takes in the browser."""
    title = "count actions"
    project = connection.ensure_project(title, interface.label_config())
    try:
        given = [scenario.given.annotation()] if scenario.given.spans else []
        connection.push(project, [tasks.task_of(ARTICLE, given)])
        with ui.Studio(browser, connection.url) as window:
            window.log_in(account.email, account.password)
            window.open_stream(project)
            window.show_links()
            window.page.evaluate(COUNT)
            scenario.act(window)
            return int(window.page.evaluate("() => counted"))
    finally:
        connection.delete_project(project)


def table(rows: Iterable[tuple[Scenario, int]]) -> str:
    lines = ["| what | suggested | keys, clicks and drags |", "|---|---|---|"]
    lines += [f"| {s.what} | {s.suggested} | {actions} |" for s, actions in rows]
    return "\n".join(lines)


def pictures(
    browser: Browser, connection: labelstudio.Room, account: accounts.Account, folder: Path
) -> None:
    """Take the pictures of the docs: the instructions, and an article labelled, in both themes."""
    title = "Skerrow Post"
    everything = Given(NAMES + SAID + AGAINST, (*JOINED, ("target", PLAN, STANCE)))
    project = connection.ensure_project(title, interface.label_config(), interface.instructions())
    try:
        connection.push(project, [tasks.task_of(ARTICLE, [everything.annotation()])])
        with ui.Studio(browser, connection.url) as window:
            window.log_in(account.email, account.password)
            window.open_stream(project, instructions=True)
            window.screenshot(folder / "instructions.png", ".lsf-modal-ls__content")
            window.open_stream(project)
            window.select_region(window.region("PERSON", 1)["id"])
            window.screenshot(folder / "light.png")
            window.dark()
            window.screenshot(folder / "dark.png")
    finally:
        connection.delete_project(project)
    adjudication(browser, connection, account, everything.annotation(), folder)


def adjudication(
    browser: Browser,
    connection: labelstudio.Room,
    account: accounts.Account,
    first: Annotation,
    folder: Path,
) -> None:
    """Take the picture of an adjudication of two annotators who differ in four ways."""
    first.annotator = "ann"
    other = msgspec.convert(msgspec.to_builtins(first), Annotation)
    other.annotator = "bob"
    changes = {QUOTE: ("QUOTE", -1), LUND: ("ORG", 0), STANCE: ("STANCE_MIXED", 0)}
    for span in other.spans:
        span.label, shift = changes.get(span.id, (span.label, 0))
        span.end += shift
    other.spans = [span for span in other.spans if span.label != "CUE"]
    other.links = [link for link in other.links if link.role != "cue"]
    task = adjudicating.task_of(ARTICLE, differences([first, other], text=ARTICLE.text))
    config = interface.label_config("adjudication_config.xml")
    project = connection.ensure_project("adjudicate first", config)
    try:
        connection.push(project, [task])
        with ui.Studio(browser, connection.url) as window:
            window.log_in(account.email, account.password)
            window.open_stream(project)
            window.decide("PERSON [Tove Lund]")
            window.screenshot(folder / "adjudication.png")
    finally:
        connection.delete_project(project)


def long_article(
    browser: Browser, connection: labelstudio.Room, account: accounts.Account
) -> tuple[int, float, float]:
    """Words of a long article with 500 regions, seconds until it stands there, and until a new
    region does (the drag included)."""
    sentence = "The Ferry Club of Skerrow said on Monday that the quay plan had not changed a bit. "
    text = (sentence * 5 + "\n\n").replace(" \n", "\n") * 63
    text = text.strip()
    starts = [m.start() for m in re.finditer("Ferry Club|Skerrow", text)][:500]
    regions = [
        {
            "id": f"r{start}",
            "from_name": "span",
            "to_name": "text",
            "type": "labels",
            "value": {"start": start, "end": start + 7, "labels": ["ORG"]},
        }
        for start in starts
    ]
    prediction = {"model_version": "m", "score": 1, "result": regions}
    data = {"doc_id": "long", "text": text, "entities": []}
    project = connection.ensure_project("a long article", interface.label_config())
    try:
        connection.push(project, [{"data": data, "predictions": [prediction]}])
        with ui.Studio(browser, connection.url) as window:
            window.log_in(account.email, account.password)
            began = time.monotonic()
            window.open_stream(project)
            window.page.wait_for_function(
                "(n) => document.querySelectorAll('.htx-highlight').length >= n", arg=len(starts)
            )
            shown = time.monotonic() - began
            at = text.rindex("quay plan")
            window.draw("m", text.index("quay plan"), text.index("quay plan") + 9)
            began = time.monotonic()
            window.draw("m", at, at + 9)
            return len(text.split()), shown, time.monotonic() - began
    finally:
        connection.delete_project(project)


def marked(page: str, name: str, text: str) -> str:
    """The page with `text` between the markers of `name`."""
    pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
    assert re.search(pattern, page, re.DOTALL), name
    return re.sub(pattern, lambda m: f"{m[1]}{text}\n{m[2]}", page, flags=re.DOTALL)


@contextlib.contextmanager
def room_of_its_own() -> Iterator[tuple[Browser, labelstudio.Room, accounts.Account]]:
    """A browser, a Label Studio in a folder that goes again, and an account there."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        studio.up(root, say=print)
        try:
            known = accounts.own_credentials(root)
            account = accounts.account(root, known.email)
            with labelstudio.connect(known.url, known.token) as connection, ui.open_browser() as b:
                yield b, connection, account
        finally:
            studio.down(root)


def main() -> None:
    with room_of_its_own() as (b, connection, account):
        PICTURES.mkdir(exist_ok=True)
        pictures(b, connection, account, PICTURES)
        words, shown, drawn = long_article(b, connection, account)
        print(f"{words} words, 500 regions: {shown:.1f} s, a new one {drawn:.1f} s")
        if "--pictures" in sys.argv:
            return
        rows: list[tuple[Scenario, int]] = []
        for scenario in SCENARIOS:
            rows.append((scenario, count(b, connection, account, scenario)))
            print(scenario.what, "|", scenario.suggested, "|", rows[-1][1], flush=True)
    page: Any = DOCS.read_text("utf-8")
    atomic.write_bytes(DOCS, marked(page, "actions", table(rows)).encode())


if __name__ == "__main__":
    main()
