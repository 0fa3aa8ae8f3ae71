"""Label Studio's real interface, driven as a person would: a page object over Playwright.

Everything is done with the mouse and the keyboard; Label Studio's own store (`window.Htx`) is
only read, to know when something has happened. Nothing sleeps.
"""

from __future__ import annotations

import contextlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import Browser, Locator, Page, Request, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

# Headless, and nothing that would reach for the network on its own.
FLAGS = [
    "--no-sandbox",
    "--headless=new",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]

# Text and line breaks of the article in the order of the page, each with its length in code
# points: an offset becomes a node and a place in it (in UTF-16 units, which is what ranges
# count). Zero-width handles and labels are drawn by CSS, hence are no text nodes.
_LOCATE = """
(wanted) => {
  const root = document.querySelector('.lsf-richtext__container');
  if (!root) return null;
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let seen = 0;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.ELEMENT_NODE) {
      if (node.tagName === 'BR') seen += 1;
      continue;
    }
    const points = Array.from(node.data);
    if (wanted < seen + points.length) {
      const at = points.slice(0, wanted - seen).join('').length;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + points[wanted - seen].length);
      return range;
    }
    seen += points.length;
  }
  return null;
}
"""

_TEXT = """
() => {
  const root = document.querySelector('.lsf-richtext__container');
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  let text = '';
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) text += node.data;
    else if (node.tagName === 'BR') text += '\\n';
  }
  return text;
}
"""

_CHOSEN = "Htx.annotationStore.selected.names.get('span').selectedLabels"

REGIONS = """
() => Htx.annotationStore.selected.regionStore.regions.map((region) => ({
  id: region.cleanId,
  start: region.globalOffsets ? region.globalOffsets.start : null,
  end: region.globalOffsets ? region.globalOffsets.end : null,
  labels: region.labels,
  selected: region.inSelection || region.selected,
}))
"""


def chromium() -> str | None:
    """Return the path of a Chromium of this machine, or None."""
    found = shutil.which("chromium") or "/usr/bin/chromium"
    return found if Path(found).exists() else None


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Run a headless Chromium for the length of a `with` block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Studio:
    """One annotator at one browser window of `width` by `height` pixels."""

    def __init__(self, browser: Browser, url: str, *, width: int = 1366, height: int = 768) -> None:
        self.url = url.rstrip("/")
        self.context = browser.new_context(viewport={"width": width, "height": height})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.sent: list[tuple[str, str, str]] = []  # method, path with query, body
        self.outside: list[str] = []  # requests to anywhere but the server
        self.page.on("request", self._note)
        self._released = (-100.0, -100.0, 0.0)  # where and when a drag ended last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def _note(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.outside.append(request.url)
        elif request.method != "GET" and "/api/" in request.url:  # never the login form
            self.sent.append(
                (request.method, request.url[len(self.url) :], request.post_data or "")
            )

    # -- going places ------------------------------------------------------------------------

    def log_in(self, email: str, password: str, tab: Page | None = None) -> None:
        """Log in by the form, in another `tab` or in this; what this leads to is not waited for."""
        page = tab or self.page
        page.goto(f"{self.url}/user/login/")
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", password)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")

    def open_task(self, project: int, task: int, *, spans: int = 0) -> None:
        """Open one task from the project's list (not blind: others' answers are there).

        An answer of it comes after the text and takes the place of what was drawn before: it is
        waited for until its `spans` are there.
        """
        self.page.goto(f"{self.url}/projects/{project}/data?task={task}")
        self._ready()
        self._until("(n) => Htx.annotationStore.selected.regionStore.regions.length === n", spans)

    def open_stream(self, project: int, *, instructions: bool = False) -> None:
        """Open the label stream, as an annotator does: the next task that is to be done.

        With `instructions` they stay open, as they are before the first task.
        """
        self.page.goto(f"{self.url}/projects/{project}/data?labeling=1")
        self._ready(instructions)

    def dark(self) -> None:
        """Change to the dark theme."""
        self.page.get_by_role("button", name=re.compile("Light|Auto")).click()
        self._until("() => document.documentElement.dataset.colorScheme === 'dark'")
        self._until("() => document.getAnimations().every((a) => a.playState !== 'running')")

    def _ready(self, instructions: bool = False) -> None:
        self.page.wait_for_function(
            "() => window.Htx && Htx.annotationStore && Htx.annotationStore.selected"
            " && document.querySelector('.lsf-richtext__container')"
        )
        close = self.page.get_by_role("button", name="Close modal")
        if instructions:
            close.first.wait_for(state="visible")
        elif close.count() and close.first.is_visible():  # the instructions, before the first task
            close.first.click()
            close.first.wait_for(state="hidden")

    # -- looking -----------------------------------------------------------------------------

    def text(self) -> str:
        """Return the article as the page shows it, line breaks included."""
        return self.page.evaluate(_TEXT)

    def regions(self) -> list[dict[str, Any]]:
        """Return the regions: id, start, end (code points), labels, selected."""
        return self.page.evaluate(REGIONS)

    def result(self) -> list[dict[str, Any]]:
        """Return what would be submitted now."""
        return self.page.evaluate("() => Htx.annotationStore.selected.serializeAnnotation()")

    def region(self, label: str, number: int = 0) -> dict[str, Any]:
        """Return the region number `number` of those with `label`."""
        return [region for region in self.regions() if label in region["labels"]][number]

    def screenshot(self, path: Path, of: str = "") -> None:
        """Write a picture of the window, or of what is to be seen of the part `of`, a selector."""
        box = self.page.locator(of).first.bounding_box() if of else None
        size = self.page.viewport_size
        if box is None or size is None:
            self.page.screenshot(path=path)
            return
        height = min(box["height"], size["height"] - box["y"])
        clip: Any = {**box, "height": height}
        self.page.screenshot(path=path, clip=clip)

    # -- doing -------------------------------------------------------------------------------

    def draw(self, hotkey: str, start: int, end: int) -> dict[str, Any]:
        """Press a label's key and drag over ``text[start:end]``; return the new region."""
        self.unselect()
        before = {region["id"] for region in self.regions()}
        # The label is chosen before the drag: the text must be in view first, as for a person.
        self._point(start, scroll=True)
        # A label lets go of itself some moments after its region is there, and a key pressed
        # meanwhile is lost.
        self._until(f"() => {_CHOSEN}.length === 0")
        self.page.keyboard.press(hotkey)
        self._until(f"() => {_CHOSEN}.length === 1")
        left, y_start = self._point(start, side="left")
        right, y_end = self._point(end - 1, side="right")
        self._wait_out_double_click(right, y_end)
        mouse = self.page.mouse
        mouse.move(left, y_start)
        mouse.down()
        mouse.move((left + right) / 2, (y_start + y_end) / 2, steps=4)
        mouse.move(right, y_end, steps=4)
        mouse.up()
        self._released = (right, y_end, self.page.evaluate("() => performance.now()"))
        self._until(
            "(n) => Htx.annotationStore.selected.regionStore.regions.length > n", len(before)
        )
        return next(region for region in self.regions() if region["id"] not in before)

    def _wait_out_double_click(self, x: float, y: float) -> None:
        """Let Label Studio's double click pass, if the mouse is to be let go where it just was.

        Two releases within 5 pixels and 450 ms are one double click to it, and the second
        region gets the first one's label whatever key was pressed. A hand is slower.
        """
        last_x, last_y, when = self._released
        if abs(x - last_x) < 20 and abs(y - last_y) < 20:
            self._until("(when) => performance.now() - when > 600", when)

    def unselect(self) -> None:
        """Let go of the selected region, so that a label's key does not change its label."""
        if any(region["selected"] for region in self.regions()):
            self.page.keyboard.press("Escape")
            self._until(
                "() => !Htx.annotationStore.selected.regionStore.regions"
                ".some((region) => region.inSelection || region.selected)"
            )

    def select_region(self, region: str) -> None:
        """Select a region by its id with a click into its text.

        Where regions lie over one another a click takes the innermost; a character that only
        this region covers is preferred, and the label behind its words is the way out.
        """
        self.unselect()
        self._click_until(
            region,
            "(id) => Htx.annotationStore.selected.regionStore.regions"
            ".some((region) => region.cleanId === id && (region.inSelection || region.selected))",
            region,
        )

    def link(self, first: str, second: str, role: str | None = None) -> None:
        """Draw a relation from one region to another: select, Alt+R, click; then its label."""
        self.select_region(first)
        count = "Htx.annotationStore.selected.relationStore.relations.length"
        before = self.page.evaluate(f"() => {count}")
        self.page.keyboard.press("Alt+r")
        self._until("() => Htx.annotationStore.selected.isLinkingMode")
        self._click_until(second, f"(n) => {count} > n", before)
        if role is not None:
            self._role(first, second, role)

    def show_links(self) -> None:
        """Open the list of links, as the instructions say; Label Studio keeps it open."""
        tab = self.page.locator(".lsf-panel-tabs__tab:visible", has_text="Relations")
        if "active" not in (tab.get_attribute("class") or ""):
            tab.click()

    def _link_item(self, first: str, second: str) -> Locator:
        """The line of the link between two regions, under the mouse: only then it has buttons."""
        self.show_links()
        number = self.page.evaluate(
            """([one, other]) => Htx.annotationStore.selected.relationStore.orderedRelations
              .findIndex(({node1, node2}) => [[one, other], [other, one]].some(
                ([a, b]) => node1.cleanId === a && node2.cleanId === b))""",
            [first, second],
        )
        assert number >= 0, f"no relation between {first} and {second}"
        item = self.page.locator(".lsf-relations__item").nth(number)
        item.hover()
        return item

    def _role(self, first: str, second: str, role: str) -> None:
        """Give the link between two regions a label, in the list of links."""
        item = self._link_item(first, second)
        item.get_by_role("button", name="Show Relation Labels").click()
        item.locator(".lsf-relation-meta").get_by_test_id("select-trigger").click()
        self.page.get_by_role("option", name=role).click()
        self._until(
            "(role) => !document.querySelector('[role=option]')"
            " && Htx.annotationStore.selected.relationStore.relations"
            ".some((relation) => (relation.selectedValues || []).includes(role))",
            role,
        )

    def unlink(self, first: str, second: str) -> None:
        """Delete the link between two regions, in the list of links."""
        item = self._link_item(first, second)
        count = "Htx.annotationStore.selected.relationStore.relations.length"
        before = self.page.evaluate(f"() => {count}")
        item.get_by_role("button", name="Delete Relation").click()
        self._until(f"(n) => {count} < n", before)

    def move_edge(self, region: str, edge: str, to: int) -> None:
        """Drag an edge, "left" or "right", of the selected region to the offset `to`."""
        at = to if edge == "left" else to - 1
        self._point(at)
        x, y = self._point(at, side=edge)
        # Its own handle: another region's may be there too.
        place = self.page.evaluate(
            """([id, edge]) => {
              const spans = Htx.annotationStore.selected.regionStore.regions
                .find((region) => region.cleanId === id)._spans;
              const span = edge === 'left' ? spans[0] : spans.at(-1);
              const handle = [...span.children]
                .find((child) => child.classList.contains(`__resize_${edge}`));
              if (!handle) return null;
              const box = handle.getBoundingClientRect();
              return [box.left + box.width / 2, box.top + box.height / 2];
            }""",
            [region, edge],
        )
        assert place is not None, f"{region} has no handle at its {edge}"
        mouse = self.page.mouse
        mouse.move(*place)
        mouse.down()
        mouse.move((place[0] + x) / 2, (place[1] + y) / 2, steps=4)
        mouse.move(x, y, steps=4)
        mouse.up()
        name = "start" if edge == "left" else "end"
        self._until(
            "([id, name, to]) => Htx.annotationStore.selected.regionStore.regions"
            ".some((region) => region.cleanId === id && region.globalOffsets[name] === to)",
            [region, name, to],
        )

    def delete(self, region: str) -> None:
        """Delete a region."""
        self.select_region(region)
        self.page.keyboard.press("Backspace")
        self._until(
            "(id) => !Htx.annotationStore.selected.regionStore.regions"
            ".some((region) => region.cleanId === id)",
            region,
        )

    def relabel(self, region: str, hotkey: str, label: str) -> None:
        """Give a region another label."""
        self.select_region(region)
        self.page.keyboard.press(hotkey)
        self._until(
            "([id, label]) => Htx.annotationStore.selected.regionStore.regions"
            ".some((region) => region.cleanId === id && region.labels.includes(label))",
            [region, label],
        )

    def choose_entity(self, region: str, entity: str) -> None:
        """Choose from the list of entities, by what the list shows, for a region."""
        self.select_region(region)
        self.page.locator('.or-side [data-testid^="select-trigger"]').click()
        self.page.get_by_role("option", name=entity, exact=True).click()
        self._until(
            """(entity) => !document.querySelector('[role=option]') && [
              ...document.querySelectorAll('.or-side [data-testid="choiceOptionText"]')
            ].some((shown) => shown.textContent === entity)""",
            entity,
        )
        self._until_answer(region, "entity")

    def write(self, region: str, field: str, text: str) -> None:
        """Write into a region's text field (`target_text`, `entity_other`)."""
        self.select_region(region)
        box = self.page.locator(f"textarea[name={field}], input[name={field}]")
        box.click()
        self.page.keyboard.insert_text(text)
        box.press("Enter")
        self._until_answer(region, field)

    def answer(self, region: str, hotkey: str, control: str) -> None:
        """Press the key of a region's choice (`basis`, `holder_unnamed`)."""
        self.select_region(region)
        self.page.keyboard.press(hotkey)
        self._until_answer(region, control)

    def _until_answer(self, region: str, control: str) -> None:
        self._until(
            "([id, name]) => Htx.annotationStore.selected.serializeAnnotation()"
            ".some((item) => item.id === id && item.from_name === name)",
            [region, control],
        )

    def submit(self) -> None:
        """Press Submit and wait for the server's answer."""
        with self.page.expect_response(
            lambda answer: bool(
                re.search(r"/api/tasks/\d+/annotations", answer.url)
                and answer.request.method == "POST"
            )
        ) as caught:
            self.page.get_by_role("button", name="Submit current annotation").click()
        assert caught.value.ok, caught.value.text()

    # -- adjudicating ------------------------------------------------------------------------

    def decide(self, words: str, *, by_key: bool = False) -> None:
        """Click the version of a difference that says these words, or press the key it shows."""
        option = self.page.locator(".or-difference label", has_text=words)
        if by_key:
            self.page.keyboard.press(option.inner_text().rpartition("⟨")[2].rstrip("⟩ "))
        else:
            option.click()
        self._until(
            "(words) => [...document.querySelectorAll('.or-difference label')].some("
            "(label) => label.textContent.includes(words) && label.querySelector('input:checked'))",
            words,
        )

    def version(self, words: str) -> str:
        """Return the letter of the version of a difference that says these words."""
        option = self.page.locator(".or-difference label", has_text=words)
        return option.inner_text().strip().partition(":")[0]

    def refused(self) -> str:
        """Submit what cannot be submitted yet; return what is said of it, and let that go."""
        self.page.get_by_role("button", name="Submit current annotation").click()
        told = self.page.locator(".ant-modal-confirm")
        words = told.inner_text()
        told.get_by_role("button").click()
        told.wait_for(state="detached")
        return words

    def why(self, difference: str, words: str) -> None:
        """Say why, for the difference that says `difference`."""
        card = self.page.locator(".or-difference", has_text=difference)
        box = card.locator("textarea, input[type=text]")
        box.fill(words)
        box.press("Enter")
        self._until(
            "(words) => Htx.annotationStore.selected.serializeAnnotation()"
            ".some((item) => item.type === 'textarea' && item.value.text.includes(words))",
            words,
        )

    # -- inside ------------------------------------------------------------------------------

    def _until(self, condition: str, argument: Any = None) -> None:
        self.page.wait_for_function(condition, arg=argument)

    def _point(
        self, offset: int, *, side: str = "middle", scroll: bool = False
    ) -> tuple[float, float]:
        """Return where the character at `offset` is on the screen."""
        box = self.page.evaluate(
            f"""async ([wanted, scroll]) => {{
              const frame = () => new Promise(requestAnimationFrame);
              const bring = (range) => {{
                const first = range.getBoundingClientRect();
                if (!scroll && first.top >= 60 && first.bottom <= innerHeight - 110) return;
                range.startContainer.parentElement.scrollIntoView({{block: 'center'}});
                // A paragraph may be taller than the window: bring the character itself in.
                let box = range.startContainer.parentElement;
                while (box && box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
                const top = range.getBoundingClientRect().top;
                const away = top < 60 || top > innerHeight - 110;
                if (box && away) box.scrollTop += top - innerHeight / 2;
              }};
              // A region's label is drawn after the region and moves the text behind it: look
              // until the character has stood still for some frames. A task that was just opened
              // may be drawn anew: then the text is away, and has to be brought in again.
              let box = null, still = 0;
              for (let frames = 0; still < 6; frames++) {{
                const range = ({_LOCATE})(wanted);
                if (!range && frames > 600) return null;
                if (range && !box) bring(range);
                const now = range && range.getBoundingClientRect();
                still = box && now && now.left === box.left && now.top === box.top ? still + 1 : 0;
                box = now;
                await frame();
              }}
              return [box.left, box.right, (box.top + box.bottom) / 2];
            }}""",
            [offset, scroll],
        )
        assert box is not None, f"no character at {offset}"
        left, right, middle = box
        # A quarter in from the edge: nearer to it than to the character's other side, and not
        # on the neighbour.
        inset = min(1.0, (right - left) / 4)
        x = {"left": left + inset, "right": right - inset, "middle": (left + right) / 2}[side]
        return x, middle

    def _click_until(self, region: str, condition: str, argument: Any) -> None:
        """Click a region until `condition` holds, as a person would who sees nothing happen.

        The first click after a drag may go unheeded: Label Studio takes it for the end of the
        selection. Where the words do not reach the region, the label behind them does.
        """
        for tried, patience in enumerate((1_500, 1_500, 1_500, None)):
            self._click_region(region, at_label=tried > 1)
            try:
                self.page.wait_for_function(condition, arg=argument, timeout=patience)
                return
            except PlaywrightTimeout:
                if patience is None:
                    raise

    def _click_region(self, wanted: str, *, at_label: bool = False) -> None:
        regions = {region["id"]: region for region in self.regions()}
        target = regions.pop(wanted)
        within = range(target["start"], target["end"])
        over = {at: [r for r in regions.values() if r["start"] <= at < r["end"]] for at in within}
        # A click takes the innermost region: where it is alone, else where it is the smallest.
        places = [at for at in within if not over[at]] or [
            at for at in within if all(r["end"] - r["start"] > len(within) for r in over[at])
        ]
        if not places or (at_label and over[places[0]]):
            self._click_label(wanted)
            return
        x, y = self._point(places[len(places) // 2])
        self.page.mouse.click(x, y)

    def _click_label(self, wanted: str) -> None:
        """Click the label behind a region's words: where regions lie over one another, each has
        its own."""
        x, y = self.page.evaluate(
            """(id) => {
              const span = Htx.annotationStore.selected.regionStore.regions
                .find((region) => region.cleanId === id)._spans.at(-1);
              span.scrollIntoView({block: 'center'});  // not under the bar with Submit
              const box = [...span.getClientRects()].at(-1);
              return [box.right - 8, (box.top + box.bottom) / 2];
            }""",
            wanted,
        )
        self.page.mouse.click(x, y)
