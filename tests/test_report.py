"""The report: the same numbers twice, readable anywhere, and every disagreement a way there and
back."""

from __future__ import annotations

import json
import random
import re
import shutil
from pathlib import Path
from typing import Literal

import msgspec
import pytest
from playwright.sync_api import Browser, Page

import synthetic
from cli import onrecord
from colours import WHITE, channels, contrast, over
from onrecord import atomic, ledger
from onrecord.gold import documents
from onrecord.gold.settle import settle, span_key
from onrecord.ledger import House
from onrecord.quality.check import Tally, ledgers
from onrecord.quality.page import OPEN, page
from onrecord.quality.report import Dispute, Report, collect, form
from onrecord.records import Adjudication, Annotation, Decision, Gold, Link, Span

ANNOTATORS = """id,kind,model,version,given
ann,person,,,
bob,person,,,
cyd,person,,,
lm-a,model,A Model,1,the guidelines
lm-b,model,A Model,1,the guidelines
"""
EVIL = "<script>alert(1)</script>\x1b[31m\u202e"


def edited(row: Annotation, name: str, seed: int) -> Annotation:
    """The row as another annotator would have it: things left out, one name of another type."""
    rng = random.Random(seed)
    row.annotator = name
    row.lead_time = 300.0 + 60 * seed
    row.spans = [
        msgspec.structs.replace(s, origin=rng.choice(["manual", "prediction"]))
        for s in row.spans
        if rng.random() < 0.9
    ]
    kept = {span.id for span in row.spans}
    row.links = [k for k in row.links if {k.from_, k.to} <= kept]
    for span in row.spans:
        if span.label == "GPE":
            span.label = "LOC"
            break
    return row


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people and two runs of a model on four articles; two articles are adjudicated."""
    root = tmp_path_factory.mktemp("report")
    sheets = synthetic.sample()[:4]
    house = synthetic.furnish(root, sheets)
    house.annotators.write_text(ANNOTATORS, encoding="utf-8")
    rows: dict[str, list[Annotation]] = {}
    for number, sheet in enumerate(sheets):
        for seed, name in enumerate(("ann", "bob", "lm-a", "lm-b")):
            row = edited(sheet.annotation("b1", name), name, 7 * number + seed)
            row.note = EVIL
            if name.startswith("lm"):
                row.batch = "b2"
            rows.setdefault(f"{row.batch}/{name}", []).append(row)
    for place, found in rows.items():
        ledger.write(house.annotations / f"{place}.jsonl", found)
    (house.annotations / "b1" / "lm-a.jsonl").unlink(missing_ok=True)
    for batch, names in (("b1", ("ann", "bob")), ("b2", ("lm-a", "lm-b"))):
        lines = [[s.article.id, name] for s in sheets for name in names]
        table = b"".join(map(ledger.csv_line, [ledger.BATCH, *lines]))
        atomic.write_bytes(house.batches / f"{batch}.csv", table)
    decided = []
    for at, sheet in enumerate(sheets[:2]):
        pair = [rows["b1/ann"][at], rows["b1/bob"][at]]
        decided.append(adjudicated(sheet, pair))
    ledger.write(house.adjudications / "b1.jsonl", decided)
    for batch in ("b1", "b2"):
        documents.make(house, batch)
    return root


def adjudicated(sheet: synthetic.Sheet, pair: list[Annotation]) -> Adjudication:
    """Whatever either drew stands, but for the invented LOC."""
    text = sheet.article.text
    decisions = []
    for item in settle(pair, text=text).disputed:
        row = next((r for r in pair if item in items_of(r)), pair[0])
        value = items_of(row).get(item)
        spans = [value] if isinstance(value, Span) and " LOC" not in item else []
        links = [value] if isinstance(value, Link) and " LOC" not in item else []
        chosen = row.annotator if spans or links else "neither"
        decisions.append(
            Decision(item=item, chosen=chosen, spans=spans, links=links, why=f"as drawn {EVIL}")
        )
    return Adjudication(
        article_id=sheet.article.id,
        text_sha256=sheet.article.text_sha256,
        batch="b1",
        adjudicator="cyd",
        created_at="2024-03-02T10:00:00Z",
        decisions=decisions,
    )


def items_of(row: Annotation) -> dict[str, Span | Link]:
    settled = settle([row])
    own = {span_key(s): s for s in row.spans}
    items: dict[str, Span | Link] = {f"span {s.id}": own[s.id] for s in settled.spans}
    items |= {f"link {k.role} {k.from_} {k.to}": k for k in settled.links}
    return items


@pytest.fixture(scope="module")
def report(root: Path) -> Report:
    told, problems = collect(House(root), ["b1", "b2"])
    assert problems == []
    return told


def test_check_counts_shared_names_as_the_report_does(tmp_path: Path) -> None:
    """Two batches have gold of the same articles, and other names in it: the newest counts."""
    house = synthetic.furnish(tmp_path, synthetic.sample())
    older = list(ledger.read(house.gold / "b1.jsonl", Gold))
    for gold in older:
        for entity in gold.entities:
            entity.name += " the Elder"
    ledger.write(house.gold / "b0.jsonl", older)
    tally = Tally()
    list(ledgers(house, tally))
    assert tally.overlaps == collect(house, [])[0].overlaps
    assert "9 of 9 named entities in validation are in train too" in tally.lines()


@pytest.fixture(scope="module")
def written(root: Path) -> Path:
    onrecord("report", cwd=root)
    return root / "build" / "report"


@pytest.fixture
def shown(written: Path, chromium: Browser) -> Page:
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    tab = context.new_page()
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto((written / "index.html").as_uri())
    assert asked == [(written / "index.html").as_uri()], "the page asks for nothing else"
    return tab


# --- numbers ----------------------------------------------------------------------------------


def test_the_corpus_table_counts_what_there_is(root: Path, report: Report) -> None:
    lines = {line.publisher: line for line in report.publishers}
    assert lines["House Desk"].articles == 3
    assert lines["House Desk"].splits == {"train": 3}
    assert sum(split.gold for split in report.splits) == 2
    assert sum(sum(split.lengths) for split in report.splits) == 4
    train = report.splits[0]
    (path,) = House(root).gold.glob("*.jsonl")
    golds = ledger.read(path, Gold)
    assert sum(train.labels["entities"].values()) == sum(len(gold.mentions) for gold in golds)


def test_time_and_suggestions_are_counted_by_annotator(root: Path, report: Report) -> None:
    ann = next(line for line in report.labour if line.annotator == "ann")
    rows = list(ledger.read(House(root).annotations / "b1" / "ann.jsonl", Annotation))
    assert (ann.submitted, ann.timed) == (4, 4)
    assert ann.seconds == sum(row.lead_time for row in rows)
    assert ann.articles_per_hour == pytest.approx(3600 * 4 / ann.seconds, abs=0.001)
    assert ann.manual + ann.kept == ann.spans == sum(len(row.spans) for row in rows)
    assert ann.suggested == 0
    given = [msgspec.structs.replace(row, spans=[*row.spans, gone(row)]) for row in rows]
    told, _ = collect(House(root), ["b1"], suggestions=given)
    ann = next(line for line in told.labour if line.annotator == "ann")
    assert (ann.suggested, ann.deleted) == (ann.spans + 4, 4)


def test_who_was_shown_no_suggestions_deleted_none(tmp_path: Path) -> None:
    """One of two readings is from the bare text: `push --suggest-to ann`."""
    sheet = synthetic.trams()
    house = synthetic.furnish(tmp_path, [sheet])
    house.annotators.write_text(ANNOTATORS, encoding="utf-8")
    given = sheet.annotation("b1", "lm-a")
    shown, bare = (sheet.annotation("b1", name) for name in ("ann", "bob"))
    for span in shown.spans:
        span.origin = "prediction"
    for span in bare.spans:
        span.id = f"own {span.id}"
    bare.links = []
    lost = shown.spans.pop()
    shown.links = [link for link in shown.links if lost.id not in (link.from_, link.to)]
    for row in (shown, bare):
        ledger.write(house.annotations / "b1" / f"{row.annotator}.jsonl", [row])
    told, _ = collect(house, ["b1"], suggestions=[given])
    labour = {line.annotator: (line.suggested, line.deleted) for line in told.labour}
    assert labour == {"ann": (len(given.spans), 1), "bob": (0, 0)}


def gone(row: Annotation) -> Span:
    return msgspec.structs.replace(row.spans[0], id="a suggestion that was deleted")


def test_people_and_model_stand_apart(report: Report) -> None:
    assert [group.kind for group in report.agreement.groups] == ["people", "self-consistency"]
    html = page(report)
    people, model = (html.index(f'id="group-{k}"') for k in ("people", "self-consistency"))
    assert people < html.index('class="peer" style') < model
    assert 'class="peer" style' not in html[model:]


def test_every_disagreement_has_its_fate(report: Report) -> None:
    fates = {(d.batch, d.fate) for d in report.disputes}
    assert ("b1", "decided") in fates
    assert ("b2", "open") in fates
    kinds = {d.item.split()[0] + " " + d.item.split()[1] for d in report.disputes}
    assert any(kind.startswith("link ") for kind in kinds)
    assert any(d.gold for d in report.disputes)
    assert any(d.fate == "decided" and not d.gold for d in report.disputes)


def test_without_its_text_an_entity_is_no_open_disagreement(tmp_path: Path) -> None:
    """Two who call one entity differently agree, and only the text tells that they do."""
    sheet = next(s for s in synthetic.sample() if s.article.rights.release == "withhold")
    house = synthetic.furnish(tmp_path, [sheet])
    house.annotators.write_text(ANNOTATORS, encoding="utf-8")
    rows = [sheet.annotation("b1", name) for name in ("ann", "bob")]
    for entity in rows[1].entities:
        entity.name, entity.kb_id = f"{entity.name} himself", ""
    for row in rows:
        ledger.write(house.annotations / "b1" / f"{row.annotator}.jsonl", [row])
    assert not (house.text / f"{sheet.article.id}.json").exists()
    told, _ = collect(house, ["b1"])
    assert told.disputes == []


def test_long_words_are_cut_between_words(tmp_path: Path) -> None:
    said = (
        "Engineers thought that neither the northern nor the southern viaduct, on which the"
        " express had been standing since morning, would withstand another winter like the last"
    )
    body = f"{said}, Vik said."
    sheet = synthetic.Sheet(synthetic.article([("headline", "Bridge"), ("body", body)]))
    speaker = sheet.mention("Vik", "PERSON")
    sheet.quote(said, type="indirect", speaker=[speaker])
    house = synthetic.furnish(tmp_path, [sheet])
    house.annotators.write_text(ANNOTATORS, encoding="utf-8")
    rows = [sheet.annotation("b1", name) for name in ("ann", "bob")]
    rows[1].spans = [span for span in rows[1].spans if span.label != "QUOTE"]
    rows[1].links = []
    for row in rows:
        ledger.write(house.annotations / "b1" / f"{row.annotator}.jsonl", [row])
    told, _ = collect(house, ["b1"])
    shown = next(d.words for d in told.disputes if d.item.startswith("span"))
    first, last = shown.split(" … ")
    assert said.startswith(f"{first} ")
    assert said.endswith(f" {last}")


def test_the_page_and_the_json_say_the_same(written: Path, report: Report) -> None:
    written_form = json.loads((written / "report.json").read_text(encoding="utf-8"))
    assert msgspec.convert(written_form, Report) == report
    html = (written / "index.html").read_text(encoding="utf-8")
    for group in report.agreement.groups:
        for figure in group.figures.values():
            assert f"<b>{figure.value:.3f}</b> {figure.low:.2f} to {figure.high:.2f}" in html


def test_the_page_has_the_first_disagreements_and_the_json_has_all(
    root: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onrecord.quality.report.MOST", 3)
    every: list[Dispute] = []
    told, _ = collect(House(root), ["b1", "b2"], each=every.append)
    assert every == report.disputes
    assert told.disputes == every[:3]
    assert f"<p>{len(every)} items that not all annotators have" in page(told)
    assert "The first 3 are here, all are in report.json" in page(told)
    assert msgspec.json.decode(b"".join(form(told, every)), type=Report) == report


def test_twice_gives_the_same_bytes(root: Path, written: Path) -> None:
    before = [path.read_bytes() for path in sorted(written.iterdir())]
    onrecord("report", "--out", "again", cwd=root, env={"PYTHONHASHSEED": "2"})
    assert [path.read_bytes() for path in sorted((root / "again").iterdir())] == before


# --- the page ---------------------------------------------------------------------------------


def test_what_is_in_the_corpus_is_never_markup(written: Path) -> None:
    html = (written / "index.html").read_text(encoding="utf-8")
    assert EVIL not in html
    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert "&lt;/script&gt;\\u001b[31m\\u202e<" in html, "nor does it steer what shows it"


def test_a_disagreement_can_be_walked_to_its_gold_and_back(shown: Page) -> None:
    shown.locator("nav a[href='#disagreements']").click()
    behind = "(node) => getComputedStyle(node).backgroundColor"
    assert shown.locator(":target").evaluate(behind) == "rgba(0, 0, 0, 0)", "a chapter is no find"
    row = shown.locator("#disagreements tr[id^='item:b1']", has=shown.locator("a[href^='#gold']"))
    item = row.first.get_attribute("id") or ""
    row.first.locator("a[href^='#decision']").click()
    decision = shown.locator("tr:target")
    assert decision.get_attribute("id") == item.replace("item:", "decision:", 1)
    decision.locator("a[href^='#gold']").first.click()
    gold = shown.locator("tr:target")
    assert (gold.get_attribute("id") or "").startswith("gold:")
    back = gold.locator("a[href^='#item']")
    hrefs = [back.nth(n).get_attribute("href") for n in range(back.count())]
    back.nth(hrefs.index(f"#{item}")).click()
    assert shown.locator("tr:target").get_attribute("id") == item


def test_every_decision_is_a_way_there_and_back(written: Path, report: Report) -> None:
    html = (written / "index.html").read_text(encoding="utf-8")
    rows = {}
    for id_, row in re.findall(r'<tr id="([^"]+)">(.*?)</tr>', html):
        rows[id_] = set(re.findall(r'href="#([^"]+)"', row))
    decided = [d for d in report.disputes if d.fate == "decided"]
    kinds = {" ".join(d.item.split()[:2]) if "link" in d.item else "span" for d in decided}
    assert len(kinds) >= 4, kinds
    for d in decided:
        key = f"{d.batch}:{d.article_id}:{d.item}".replace(" ", "_")
        gold = {f"gold:{id_}" for id_ in d.gold}
        assert rows[f"item:{key}"] == {f"decision:{key}", *gold}
        assert rows[f"decision:{key}"] == {f"item:{key}", *gold}
        for id_ in gold:
            assert {f"item:{key}", f"decision:{key}"} <= rows[id_]


def test_every_link_has_its_place(written: Path) -> None:
    html = (written / "index.html").read_text(encoding="utf-8")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids)


def test_a_long_table_is_folded_and_a_link_opens_it(
    chromium: Browser, report: Report, tmp_path: Path
) -> None:
    many = [
        msgspec.structs.replace(
            d, article_id=f"{d.article_id}-{n}", gold=[f"{id_}-{n}" for id_ in d.gold]
        )
        for n in range(40)
        for d in report.disputes
        if d.fate == "decided"
    ]
    path = tmp_path / "long.html"
    longer = msgspec.structs.replace(report, fates={**report.fates, "decided": len(many)})
    longer.disputes = many
    path.write_text(page(longer), encoding="utf-8")
    shown = chromium.new_page()
    shown.goto(path.as_uri())
    assert shown.locator("#disagreements tbody tr:visible").count() == 3 * OPEN
    assert shown.locator("tr[id^='item:']").count() == len(many), "nothing is lost"
    folded = shown.locator("tr[id^='decision:']").last
    assert not folded.is_visible()
    first = shown.locator("#disagreements details tr[id^='item:']").last
    shown.locator("#disagreements summary").first.click()
    first.locator("a[href^='#decision']").click()
    folded.wait_for(state="visible")
    assert folded.evaluate("(row) => row.matches(':target')")
    shown.emulate_media(media="print")
    assert shown.locator("tr[id^='item:']").last.is_visible()
    shown.close()


@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_fits_a_phone_and_a_desk(shown: Page, width: int) -> None:
    shown.set_viewport_size({"width": width, "height": 800})
    wide = shown.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, "the page itself never scrolls sideways"
    dots = shown.locator(".track .dot")
    for number in (0, dots.count() - 1):
        box = dots.nth(number).bounding_box()
        assert box
        assert 0 <= box["x"] <= width


# The words of a page, each with its colour and the grounds under its first letter, topmost first.
_WORDS = """
() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const range = document.createRange();
    range.selectNodeContents(node);
    const [box] = range.getClientRects();
    if (!node.data.trim() || !box || !node.parentElement.checkVisibility()) continue;
    const under = document.elementsFromPoint(box.left + 1, box.top + box.height / 2)
      .flatMap((at) => [at, ...(at.matches('td') ? [at.parentElement] : [])]);  // no row is hit
    const grounds = under.map((at) => getComputedStyle(at).backgroundColor);
    found.push([node.data, getComputedStyle(node.parentElement).color, grounds]);
  }
  return found;
}
"""


def brightness(colour: str) -> float:
    return sum(channels(colour)[:3]) / 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_is_readable_on_a_light_and_a_dark_screen(
    shown: Page, scheme: Literal["light", "dark"]
) -> None:
    shown.emulate_media(color_scheme=scheme)
    tall = shown.evaluate("document.documentElement.scrollHeight")
    shown.set_viewport_size({"width": 1200, "height": tall})
    shown.locator("a[href^='#decision']").first.click()
    assert shown.locator("tr:target").is_visible()
    words = shown.evaluate(_WORDS)
    assert len(words) > 500
    assert any(len({*grounds} - {"rgba(0, 0, 0, 0)"}) > 1 for _, _, grounds in words)
    page_ground = shown.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert (brightness(page_ground) < 128) == (scheme == "dark")
    for text, colour, grounds in words:
        ground = WHITE
        for layer in reversed(grounds):
            ground = over(channels(layer), ground)
        found = contrast(over(channels(colour), ground), ground)
        assert found >= 4.5, f"{text!r} has a contrast of {found:.2f}"


def test_a_dark_screen_prints_on_white(shown: Page) -> None:
    shown.emulate_media(media="print", color_scheme="dark")
    ground = shown.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    assert channels(ground) == [*WHITE, 1.0]


def test_the_page_prints(shown: Page) -> None:
    assert shown.pdf(format="A4").startswith(b"%PDF")
    shown.emulate_media(media="print")
    assert not shown.locator("nav").is_visible()
    assert shown.locator(".track .dot").first.is_visible()


def test_without_articles_the_report_that_was_there_stays(tmp_path: Path) -> None:
    house = synthetic.furnish(tmp_path, synthetic.sample()[:2])
    onrecord("report", cwd=tmp_path)
    before = {path: path.read_bytes() for path in (house.build / "report").iterdir()}
    shutil.rmtree(house.articles)
    told = onrecord("report", cwd=tmp_path, code=2)
    assert "corpus/articles holds no article" in told.stderr
    assert {path: path.read_bytes() for path in before} == before


def test_an_article_edited_after_labelling_is_refused(root: Path, tmp_path: Path) -> None:
    house = House(root)
    path = house.annotations / "b1" / "bob.jsonl"
    whole = path.read_bytes()
    rows = list(ledger.read(path, Annotation))
    rows[0].text_sha256 = "0" * 64
    try:
        ledger.write(path, rows)
        told = onrecord("report", "--out", str(tmp_path / "out"), cwd=root, code=1)
    finally:
        path.write_bytes(whole)
    assert "text.other" in told.stderr
    assert f'"articles": {len(rows) - 1}' in (tmp_path / "out" / "report.json").read_text("utf-8")
