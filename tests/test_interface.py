"""The labelling interface in a real browser: hostile text, readable colours, few actions."""

from __future__ import annotations

import hashlib
import itertools
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

import actions
import browser as ui
import correcting
from colours import WHITE, Rgb, channels, contrast, over
from onrecord import labels
from onrecord.labelling import accounts, effort, labelstudio, tasks
from onrecord.labelling.interface import instructions

HOSTILE = (
    "<b>bold</b> &amp; <script>window.pwned = 1</script> <img src=x onerror='window.pwned = 2'>\n\n"
    '<View><Text name="text" value="$text"/></View> {{idx}} $text [[Choices]] \\n </pre></textarea>'
    "\n\n\u200fשלום\u200e \u202eright to left\u202c 😀👩🏽\u200d🚒🇫🇷 𝔸 e\u0301 “quoted” then"
    " Odd Vik spoke.\n\n" + "w" * 10_000 + " after the long word came Tove Lund."
)


@pytest.fixture(scope="module")
def curator(studio_root: Any) -> accounts.Account:
    return accounts.account(studio_root, accounts.CURATOR)


def test_hostile_text_is_shown_as_text_and_comes_back_byte_for_byte(
    room: labelstudio.Room, project: int, chromium: Browser, curator: accounts.Account
) -> None:
    data = {
        "doc_id": "hostile",
        "text": HOSTILE,
        "text_sha256": hashlib.sha256(HOSTILE.encode()).hexdigest(),
        "entities": [{"value": "<i>Vik</i> & co", "alias": "<i>Vik</i> & co"}],
    }
    room.push(project, [{"data": data}])
    with ui.Studio(chromium, room.url) as window:
        said: list[str] = []
        window.page.on("dialog", lambda dialog: said.append(dialog.message))
        window.log_in(curator.email, curator.password)
        window.open_stream(project)
        assert window.text() == HOSTILE
        first, later = (window._point(HOSTILE.index(sign)) for sign in ("ש", "😀"))
        assert first[0] > later[0], "a paragraph that begins from the right reads from the right"
        box = window.page.locator(".lsf-richtext__container").first
        assert box.locator("b, script, img, textarea").count() == 0
        drawn = [
            window.draw("1", HOSTILE.index(name), HOSTILE.index(name) + len(name))
            for name in ("Odd Vik", "Tove Lund")
        ]
        window.choose_entity(drawn[0]["id"], "<i>Vik</i> & co")
        window.submit()
        assert window.page.evaluate("() => window.pwned === undefined")
        assert not said
        assert not window.outside
    (row,) = room.export(project)
    assert row["data"]["text"].encode() == HOSTILE.encode()
    (answer,) = row["annotations"]
    given = tasks.Answer(answer["result"], "ann", "submitted", answer["created_at"], 1.0, "")
    annotation, problems = tasks.annotation_of(given, row["data"], "b1", labels.load())
    assert not problems
    assert [HOSTILE[s.start : s.end] for s in annotation.spans] == ["Odd Vik", "Tove Lund"]
    assert annotation.spans[0].entity == "<i>Vik</i> & co"


# --- colours ----------------------------------------------------------------------------------

_SEEN = """
() => [...document.querySelectorAll('.lsf-richtext__container .htx-highlight')].map((node) => {
  const style = getComputedStyle(node);
  let page = null;
  for (let at = node.parentElement; at && !page; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/, 0\\)$/.test(colour) && colour !== 'transparent') page = colour;
  }
  return [node.textContent, style.color, style.backgroundColor, page];
})
"""

_LINES = """
() => {
  const text = document.querySelector('.lsf-richtext__container').getBoundingClientRect();
  const overlay = document.querySelector('.relations-overlay');
  return [...overlay.querySelectorAll('path[marker-end], g[text-anchor] rect')].map((part) => {
    const box = part.getBoundingClientRect();
    return [part.tagName, box.top - text.top, box.bottom - text.top];
  });
}
"""
LINE = 30
"""Pixels of a line of the article, of which the letters take the middle 20."""


def test_every_label_is_readable_in_both_themes_and_under_links(
    room: labelstudio.Room, project: int, chromium: Browser, curator: accounts.Account
) -> None:
    names = list(labels.load().spans)
    text = "\n\n".join(names)
    regions = []
    for name in names:
        start = text.index(name) if name != "MENTION" else text.index("\nMENTION") + 1
        value = {"start": start, "end": start + len(name), "labels": [name]}
        region = {"id": name, "from_name": "span", "to_name": "text", "type": "labels"}
        regions.append(region | {"value": value})
    linked = "\n\nOdd Vik told Tove Lund that it rained, and that it had rained for days."
    for words, label in (("Odd Vik", "PERSON"), ("Tove Lund", "PERSON"), ("rained", "QUOTE")):
        start = len(text) + linked.index(words)
        value = {"start": start, "end": start + len(words), "labels": [label]}
        region = {"id": words[:3], "from_name": "span", "to_name": "text", "type": "labels"}
        regions.append(region | {"value": value})
    link = {"type": "relation", "direction": "right", "to_id": "rai"}
    regions.append(link | {"from_id": "Odd"})
    regions.append(link | {"from_id": "Tov", "labels": ["addressee"]})
    text += linked
    data = {"doc_id": "colours", "text": text, "entities": []}
    prediction = {"model_version": "m", "score": 1, "result": regions}
    room.push(project, [{"data": data, "predictions": [prediction]}])
    with ui.Studio(chromium, room.url) as window:
        window.log_in(curator.email, curator.password)
        window.open_stream(project)
        window.page.wait_for_selector(".relations-overlay g[text-anchor] rect", state="attached")
        drawn = window.page.evaluate(_LINES)
        seen = {"light": window.page.evaluate(_SEEN)}
        window.dark()
        seen["dark"] = window.page.evaluate(_SEEN)
    for theme, rows in seen.items():
        assert len(rows) == len(names) + 3
        for words, colour, behind, page in rows:
            ground = over(channels(behind), over(channels(page or "rgb(255,255,255)"), WHITE))
            found = contrast(over(channels(colour), ground), ground)
            assert found >= 4.5, f"{theme}: {words} has a contrast of {found:.2f}"
    assert {name for name, _, _ in drawn} == {"path", "rect"}
    for name, top, bottom in drawn:
        # An arrow runs along its top edge; a role stands around it.
        middle = top if name == "path" else (top + bottom) / 2
        away = min(middle % LINE, LINE - middle % LINE)
        assert away <= 5, f"a {name} runs {away:.0f} pixels from where two lines meet"
        assert name == "path" or bottom - top <= 16


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
_BLINDNESS = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
}


def lab(colour: str, blindness: str = "") -> Rgb:
    """CIELAB (D65) of a #rrggbb as somebody sees it."""
    rgb = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in rgb]
    if blindness:
        rows = _BLINDNESS[blindness]
        linear = [
            min(1.0, max(0.0, sum(a * b for a, b in zip(row, linear, strict=True)))) for row in rows
        ]
    red, green, blue = linear
    xyz = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: str, other: str, blindness: str = "") -> float:
    """CIE76 distance; 2.3 is just noticeable."""
    pairs = zip(lab(one, blindness), lab(other, blindness), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


LEAST = {"": 25, "protanopia": 15, "deuteranopia": 15}
"""The least CIE76 distance of two labels: what is drawn over a text has three tenths of it, and 2.3
is just noticeable."""


@pytest.mark.parametrize("blindness", LEAST)
def test_labels_of_one_view_are_told_apart(blindness: str) -> None:
    """No two labels look alike, and none by a red and a green alone; so do no two versions."""
    colours = {name: span.colour for name, span in labels.load().spans.items()}
    for (one, mine), (other, theirs) in itertools.combinations(colours.items(), 2):
        found = apart(mine, theirs, blindness)
        assert found >= LEAST[blindness], f"{one} and {other} are {found:.1f} apart"
    versions = list(labels.VERSIONS.values())[:3]
    for one, other in itertools.combinations(versions, 2):
        assert apart(one, other, blindness) > 15, (one, other, blindness)


def test_flags_are_shown_as_words_and_come_back_by_their_names(
    room: labelstudio.Room, project: int, chromium: Browser, curator: accounts.Account
) -> None:
    text = "Advertisement. Odd Vik spoke."
    room.push(project, [{"data": {"doc_id": "flags", "text": text, "entities": []}}])
    with ui.Studio(chromium, room.url) as window:
        window.log_in(curator.email, curator.password)
        window.open_stream(project)
        window.page.get_by_text("Flags and a note", exact=True).click()
        for words in labels.load().titles["flag"].values():
            expect(window.page.get_by_text(words)).to_be_visible()
        window.page.get_by_text("The page is no news article").click()
        window.submit()
    ((answer,),) = (row["annotations"] for row in room.export(project))
    (flags,) = (item for item in answer["result"] if item["from_name"] == tasks.FLAGS)
    assert flags["value"]["choices"] == ["not_news"]


_SAVED = """
() => {
  const {versions, serializeAnnotation} = Htx.annotationStore.selected;
  return JSON.stringify(versions.draft) === JSON.stringify(serializeAnnotation({fast: true}));
}
"""
"""Nothing that the next draft would save is waiting."""

_LATER = "() => { const now = Date.now; Date.now = () => now() + 6_000; }"
"""Six seconds pass without a change, by the clock. The next may be saved at once, and a link that
follows it is then not in that draft."""


def test_the_instructions_say_what_happens(
    room: labelstudio.Room, title: str, config: str, chromium: Browser, curator: accounts.Account
) -> None:
    """A section opens with a click, each key changes a selected span, a link is saved, and what was
    done to it last by leaving; what did not arrive, or of nobody known, is sent afterwards."""
    spans = labels.load().spans
    project = room.ensure_project(title, config, instructions())
    for text in ("Odd Vik spoke.", "Tove Lund left."):
        room.push(project, [{"data": {"doc_id": text[:3], "text": text, "entities": []}}])
    with ui.Studio(chromium, room.url) as window:
        window.log_in(curator.email, curator.password)
        window.open_stream(project, instructions=True)
        page = window.page
        section = page.locator("details", has=page.locator("summary", has_text=re.compile("^ORG$")))
        inside = section.get_by_text("Definition", exact=True)
        expect(inside).to_be_hidden()
        section.locator("summary").click()
        expect(inside).to_be_visible()
        expect(page.get_by_text("“Failed to fetch”")).to_be_visible()
        firm = section.get_by_text("Southern Ferries").locator("xpath=ancestor-or-self::div[1]")
        lines = firm.inner_text().splitlines()
        assert [line[:3] for line in lines] == ["• [", "Why"]
        assert "]ORG of [Malta]GPE." in lines[0]
        page.get_by_role("button", name="Close modal").first.click()

        window.draw("1", 0, len("Odd Vik"))
        window.context.set_offline(True)
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Failed to fetch", exact=True)).to_be_visible()
        window.context.set_offline(False)
        page.get_by_role("button", name="OK").click()
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.keyboard.press("Control+Enter")
        assert sent.value.ok

        page.wait_for_function("() => document.body.innerText.includes('Tove Lund left.')")
        name = window.draw("1", 0, len("Tove Lund"))["id"]
        verb = window.draw("m", len("Tove Lund "), len("Tove Lund left"))["id"]
        window.select_region(name)
        for span in [*spans.values(), spans["PERSON"]]:
            page.keyboard.press(span.hotkey)
            page.wait_for_function(f"() => ({ui.REGIONS})()[0].labels[0] === '{span.name}'")
        page.wait_for_function(_SAVED)
        with page.expect_request(lambda asked: "relation" in (asked.post_data or "")):
            window.link(name, verb)
        window.unlink(name, verb)
        with page.expect_response(lambda answer: "/drafts" in answer.url):
            page.get_by_role("link", name="Projects").click()
        window.open_stream(project)
        assert "relation" not in {item["type"] for item in window.result()}
        page.evaluate(_LATER)
        with page.expect_request(lambda asked: "relation" in (asked.post_data or "")):
            window.link(name, verb)
        page.get_by_text("Flags and a note", exact=True).click()
        page.locator("[name=note]").fill("Who is she?")
        page.mouse.click(*window._point(len("Tove Lund left")))
        window.context.clear_cookies()
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("Annotation is not saved").first).to_be_visible()
        window.log_in(curator.email, curator.password, window.context.new_page())
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.keyboard.press("Control+Enter")
        assert sent.value.ok
    first, second = (row["annotations"][0]["result"] for row in room.export(project))
    (value,) = (item["value"] for item in first)
    assert (value["start"], value["end"], value["labels"]) == (0, len("Odd Vik"), ["PERSON"])
    kinds = [item.get("from_name", item["type"]) for item in second if item["type"] != "number"]
    assert kinds == [tasks.SPAN, tasks.SPAN, tasks.NOTE, "relation"]


# --- actions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scenario",
    [s for s in actions.SCENARIOS if "quote" in s.what and s.most and s.given != actions.Given()]
    + [s for s in actions.SCENARIOS if s.what.startswith("A direct quote") and s.most == 12],
    ids=lambda s: f"{s.what}, suggested: {s.suggested}",
)
def test_a_quote_takes_few_actions(
    room: labelstudio.Room, chromium: Browser, curator: accounts.Account, scenario: actions.Scenario
) -> None:
    assert scenario.most is not None
    assert actions.count(chromium, room, curator, scenario) <= scenario.most


def test_every_kind_of_edit_costs_what_the_browser_counts(
    room: labelstudio.Room, chromium: Browser, curator: accounts.Account
) -> None:
    costs, wrong = correcting.kinds(chromium, room, curator)
    assert costs == {kind: {cost} for kind, cost in effort.COSTS.items()}
    assert wrong == []
