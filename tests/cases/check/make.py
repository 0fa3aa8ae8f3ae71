"""Makes the folders beside it: `base`, a small clean root, and for each rule what breaks it.

    PYTHONPATH=scripts:tests python tests/cases/check/make.py

A folder is named after its rule ("span.blank", or "schema~gold" for a second way to break it) and
holds only the files that replace those of `base`. `build_` stands for build, which git ignores.
Everything in the articles is made up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson

import synthetic
from onrecord import atomic, ledger
from onrecord.gold import documents as gold
from onrecord.gold.settle import item_key, settle
from onrecord.ledger import House
from onrecord.records import Adjudication, Decision
from onrecord.text import assemble, sha256, slug

HERE = Path(__file__).resolve().parent
Fault = Callable[["Files"], None]
FAULTS: dict[str, Fault] = {}


# --- base -------------------------------------------------------------------------------------


APART = (
    "Ferries to the outer islands leave from the old pier until the works are done, and timetables"
    " hang in the ticket hall, the library and both bakeries of the lower town, where coffee is"
    " served from six.",
    "A museum of rope and canvas opened its second floor last winter with forty borrowed knots,"
    " a restored loom, one anchor without a ship, and volunteers who explain everything twice to"
    " visiting school classes.",
    "Nine kilometres of cycle path were resurfaced this spring between the sawmill and the chapel,"
    " paid for by county money that had lain unused since the bridge over the gorge was given up.",
    "Herring prices fell by a tenth at auction while smokehouses bought less than in any autumn"
    " since records began, according to tables that the fish market hangs beside its scales every"
    " evening.",
    "Snow closed the mountain road for eleven hours on Sunday night, ploughs came from three"
    " valleys, and guests of the hostel at the summit played cards by candlelight until morning"
    " without a telephone.",
)
"""What keeps the articles of `base` from being one story; each is its article's last paragraph."""


LAMPS = (
    "The last gas lamps in the upper street were replaced this week by electric ones that look the"
    " same from below, save for the colour of their light on wet stones."
)
OWLS = (
    "Two pairs of owls are nesting in the clock tower again, so that the bells stay silent from"
    " dusk until the young have flown, which the sexton expects for June."
)


def quay(release: str, publisher: str, split: str, number: int) -> synthetic.Sheet:
    """A quote in two pieces with a cue, a speaker, a stance; names, a flag, nothing withheld."""
    sheet = synthetic.Sheet(
        synthetic.article(
            [
                ("headline", f"Pilots reject quay plan {number} 🇳🇴"),
                (
                    "body",
                    "“The plan is a mistake,” Tove Lund said in Skerrow on Friday, “and it will"
                    " sink.” The Ferry Club had drawn it.",
                ),
                ("body", APART[number]),
            ],
            publisher=publisher,
            release=release,
            story=synthetic.story(split, number),
        )
    )
    plan = sheet.mention("The plan", "MENTION", form="nominal")
    lund = sheet.mention("Tove Lund", "PERSON")
    sheet.mention("Skerrow", "GPE")
    sheet.mention("Friday", "DATE")
    sheet.mention("Ferry Club", "ORG")
    pieces = "“The plan is a mistake,”", "“and it will sink.”"
    whole = sheet.quote(*pieces, type="direct", cue=["said"], speaker=[lund])
    sheet.stance(pieces[0], "against", holder=[lund], target=[plan], level="quoted", quote=whole)
    return sheet


def make_base(root: Path, *, texts: bool = False) -> None:
    """Five articles: two annotators and an adjudicator on the first, one on the others, and one
    article that was only skipped; a text that is fetched and one that is withheld, not at hand
    unless `texts` says so."""
    sheets = [
        quay("ship", "House Desk", "train", 0),
        quay("ship", "House Desk", "train", 1),
        quay("ship", "Coast Paper", "validation", 2),
        quay("fetch", "Example News", "test", 3),
        quay("withhold", "Closed Times", "train", 4),
    ]
    first = sheets[0].annotation("b1", "ann")
    other = msgspec.structs.replace(first, annotator="bob")
    other.spans = [msgspec.structs.replace(span) for span in first.spans]
    disputed = next(span for span in other.spans if span.label == "DATE")
    disputed.start -= len("on ")
    items = settle([first, other]).disputed
    kept = next(span for span in first.spans if span.label == "DATE")
    adjudication = Adjudication(
        article_id=first.article_id,
        text_sha256=first.text_sha256,
        batch="b1",
        adjudicator="cyd",
        created_at="2024-03-02T10:00:00Z",
        decisions=[
            Decision(
                item=item,
                chosen="ann",
                spans=[kept] if item == item_key(kept) else [],
                why="the preposition is no part of a date",
            )
            for item in items
        ],
    )
    rows = [sheet.annotation("b1", "ann") for sheet in sheets]
    rows[2] = msgspec.structs.replace(rows[2], status="skipped", spans=[], links=[])

    house = House(root)
    for sheet in sheets:
        article = sheet.article
        line = article if article.rights.release == "ship" else synthetic.masked(article)
        name = article.id.rsplit("-", 1)[0]
        ledger.append(house.articles / f"{name}.jsonl", [ledger.encode(line)])
        if line is not article:
            atomic.write_bytes(house.text / f"{article.id}.json", ledger.encode(article))
    held = {sheet.article.publisher: sheet.article.rights for sheet in sheets}
    rows_of = [
        [slug(name), r.licence, r.release, r.basis, r.attribution] for name, r in held.items()
    ]
    csv(house.rights, [ledger.RIGHTS, *rows_of])
    people = [["ann", "model", "m", "1", "guidelines"], ["bob", "model", "m", "1", "guidelines"]]
    people.append(["cyd", "person", "", "", "both annotations"])
    csv(house.annotators, [ledger.ANNOTATORS, *people])
    splits = ["train", "train", "validation", "test", "train"]
    stories = [sheet.article.story for sheet in sheets]
    csv(house.splits, [["story", "split"], *zip(stories, splits, strict=True)])
    pairs = [(row.article_id, "ann") for row in rows] + [(other.article_id, "bob")]
    csv(house.batches / "b1.csv", [["article", "annotator"], *pairs])
    ledger.write(house.annotations / "b1" / "ann.jsonl", rows)
    ledger.write(house.annotations / "b1" / "bob.jsonl", [other])
    ledger.write(house.adjudications / "b1.jsonl", [adjudication])
    report = gold.make(house, "b1")
    assert report.rows == 4, report
    if not texts:
        shutil.rmtree(house.build)


def csv(path: Path, rows: Any) -> None:
    atomic.write_bytes(path, b"".join(ledger.csv_line(row) for row in rows))


# --- faults -----------------------------------------------------------------------------------

HOUSE, COAST = "corpus/articles/house-desk.jsonl", "corpus/articles/coast-paper.jsonl"
FETCH = "corpus/articles/example-news.jsonl"
ANN, BOB = "corpus/annotations/b1/ann.jsonl", "corpus/annotations/b1/bob.jsonl"
ADJUDICATED, GOLD = "corpus/adjudications/b1.jsonl", "corpus/gold/b1.jsonl"
BATCH, SPLITS = "corpus/batches/b1.csv", "corpus/splits.csv"
RIGHTS, ANNOTATORS = "corpus/rights.csv", "corpus/annotators.csv"


class Files:
    """The files of a fault: read from `base`, written to the fault's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def text(self, name: str, change: Callable[[str], str]) -> None:
        path = HERE / "base" / name
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        new = change(old)
        assert new != old, (self.folder.name, name)
        atomic.write_bytes(self.folder / name, new.encode())

    def row(self, name: str, change: Callable[[dict[str, Any]], object], at: int = 0) -> None:
        """Change a row in place; `change` gets it as plain JSON."""

        def changed(text: str) -> str:
            lines = text.splitlines(keepends=True)
            value = orjson.loads(lines[at])
            change(value)
            lines[at] = orjson.dumps(value).decode() + "\n"
            return "".join(lines)

        self.text(name, changed)


def fault(name: str) -> Callable[[Fault], Fault]:
    def register(make: Fault) -> Fault:
        FAULTS[name] = make
        return make

    return register


def replace(rule: str, name: str, old: str, new: str) -> None:
    """The fault `rule`: in a file of text, the first `old` is `new`."""
    FAULTS[rule] = lambda files: files.text(name, lambda text: text.replace(old, new, 1))


def append(rule: str, name: str, line: Callable[[str], str]) -> None:
    """The fault `rule`: a line more; `line` gets the text of the file."""
    FAULTS[rule] = lambda files: files.text(name, lambda text: text + line(text))


def change(rule: str, name: str, how: Callable[[dict[str, Any]], object], at: int = 0) -> None:
    """The fault `rule`: a row's JSON is another."""
    FAULTS[rule] = lambda files: files.row(name, how, at)


def put(key: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda row: row.__setitem__(key, value)


def span(like: str, /, **values: Any) -> Callable[[dict[str, Any]], object]:
    """Give the row's first span of that label other values; an int is added to an offset."""

    def how(row: dict[str, Any]) -> None:
        found = next(s for s in row["spans"] if s["label"] == like)
        for key, value in values.items():
            found[key] = found[key] + value if isinstance(value, int) else value

    return how


def another_span(like: str, /, **values: Any) -> Callable[[dict[str, Any]], object]:
    """Add a copy of the row's first span of that label with other values."""

    def how(row: dict[str, Any]) -> None:
        found = next(s for s in row["spans"] if s["label"] == like)
        row["spans"].append(found | values)

    return how


def links(how: Callable[[list[dict[str, Any]]], object]) -> Callable[[dict[str, Any]], object]:
    return lambda row: how(row["links"])


def first_line(text: str) -> str:
    return text.splitlines(keepends=True)[0]


def last_line(text: str) -> str:
    return text.splitlines(keepends=True)[-1]


append("json.malformed", BOB, lambda _: '{"article_id": "house-de\n')
append("json.malformed~blank", HOUSE, lambda _: "\n")
FAULTS["json.malformed~no-line-end"] = lambda files: files.text(GOLD, lambda t: t.rstrip("\n"))
change("schema", ANN, span("PERSON", origin="guessed"))
change("schema~article", COAST, lambda row: row.pop("language"))
change("schema~adjudication", ADJUDICATED, put("created_at", "yesterday"))
change("schema~no-such-day", ADJUDICATED, put("created_at", "2023-02-29T10:00:00Z"))
change("schema~no-such-time", BOB, put("created_at", "9999-99-99T99:99:99Z"))
change("schema~gold", GOLD, put("settled_by", "lot"))
change("schema~not-an-integer", COAST, lambda row: row["source"].__setitem__("row", 1.0))
replace("csv.columns", RIGHTS, "licence", "license")
append("csv.row", SPLITS, lambda _: "story-of-old,train,1\n")
replace("csv.value", ANNOTATORS, "ann,model", "ann,robot")
append("csv.value~rights", RIGHTS, lambda _: "nobody-*,,ship,asked,\n")
append("csv.repeat", BATCH, last_line)
append("csv.repeat~annotator", ANNOTATORS, last_line)
change("record.place", BOB, put("batch", "b2"))
change("record.place~adjudication", ADJUDICATED, put("batch", "b2"))

append("article.id-duplicate", COAST, first_line)
append("article.unknown", BATCH, lambda _: "house-desk-000000000000,ann\n")
change("article.unknown~gold", GOLD, put("article_id", "house-desk-000000000000"))


WITHDRAWN = "corpus/withdrawn.csv"


def tombstone(files: Files) -> str:
    """The first article of House Desk, written to withdrawn.csv. Its line in the ledger."""
    line = first_line((HERE / "base" / HOUSE).read_text(encoding="utf-8"))
    row = orjson.loads(line)
    stone = f"{row['id']},{row['text_sha256']},2024-03-05T09:00:00Z,asked for\n"
    files.text(WITHDRAWN, lambda _: ",".join(ledger.WITHDRAWN) + "\n" + stone)
    return line


@fault("csv.value~withdrawn")
def _(files: Files) -> None:
    stone = f"house desk,{'0' * 64},2024-03-05T09:00:00Z,asked for\n"
    files.text(WITHDRAWN, lambda _: ",".join(ledger.WITHDRAWN) + "\n" + stone)


@fault("article.withdrawn")
def _(files: Files) -> None:
    tombstone(files)


@fault("article.withdrawn~annotation")
def _(files: Files) -> None:
    line = tombstone(files)
    files.text(HOUSE, lambda text: text.replace(line, ""))


@fault("article.unknown~annotation")
def _(files: Files) -> None:
    files.text(BATCH, lambda text: f"{text}house-desk-000000000000,ann\n")
    files.row(ANN, put("article_id", "house-desk-000000000000"), at=2)


def spoilt(change: Callable[[str], str], *, hashed: bool = True) -> Callable[[dict], object]:
    """Another text; its segments and (unless not `hashed`) its hash go with it."""

    def how(row: dict[str, Any]) -> None:
        row["text"] = change(row["text"])
        start = 0
        for segment, words in zip(row["segments"], row["text"].split("\n\n"), strict=True):
            segment.update(start=start, end=start + len(words))
            start += len(words) + 2
        if hashed:
            row["text_sha256"] = sha256(row["text"])

    return how


change("text.hash", COAST, spoilt(lambda text: text.replace("Lund", "Land"), hashed=False))
change("text.normal", COAST, spoilt(lambda text: text.replace(" said", "  said")))
change("text.other", BOB, put("text_sha256", "f" * 64))
change("text.other~adjudication", ADJUDICATED, put("text_sha256", "f" * 64))
change("segments.tile", COAST, lambda row: row["segments"][1].update(start=31))
change("segments.tile~masked", FETCH, lambda row: row["segments"][1].update(start=31))


@fault("text.hash~hydrated-copy")
def _(files: Files) -> None:
    article = orjson.loads((HERE / "base" / FETCH).read_bytes())
    article["text"] = "Another text."
    atomic.write_bytes(
        files.folder / "build_/text" / f"{article['id']}.json", orjson.dumps(article)
    )


replace("rights.stale", RIGHTS, "house-desk,CC-BY-4.0,ship", "house-desk,CC-BY-NC-4.0,ship")
replace("rights.stale~now-withheld", RIGHTS, "coast-paper", "other-paper")
change("rights.text-missing", COAST, put("text", ""))
change("rights.text-present", FETCH, put("headline", "Pilots reject quay plan"))
change("rights.text-present~credit", FETCH, put("credit", ["P. Hoto"]))


@fault("rights.text-present~gold")
def _(files: Files) -> None:
    rows = (HERE / "base" / GOLD).read_bytes().splitlines()
    at = next(n for n, row in enumerate(rows) if b'"closed-times-' in row)
    files.row(GOLD, lambda row: row["mentions"][0].update(text="The plan"), at)


FAULTS["split.unknown"] = lambda files: files.text(
    SPLITS, lambda text: text.replace(last_line(text), "")
)
append("split.straddle", SPLITS, lambda t: last_line(t).replace("train", "test"))
replace("split.moved", SPLITS, ",validation", ",train")


def paragraphs(*texts: str) -> Callable[[dict[str, Any]], None]:
    """Another text, of these body paragraphs."""

    def how(row: dict[str, Any]) -> None:
        text, segments = assemble([("body", text, []) for text in texts])
        row.update(text=text, segments=msgspec.to_builtins(segments), url="")

    return how


def articles(*more: tuple[str, Callable[[dict[str, Any]], object]]) -> Fault:
    """The article of validation again, changed, as a story of its own of a split, for each."""

    def how(files: Files) -> None:
        lines, stories = "", ""
        for number, (split, change) in enumerate(more, 7):
            row = orjson.loads((HERE / "base" / COAST).read_bytes())
            row["id"] = f"coast-paper-0123456789a{number}"
            row["story"] = synthetic.story(split, number)
            change(row)
            row["text_sha256"] = sha256(row["text"])
            lines += orjson.dumps(row).decode() + "\n"
            stories += f"{row['story']},{split}\n"
        files.text(COAST, lambda text: text + lines)
        files.text(SPLITS, lambda text: text + stories)

    return how


def page(body: str, url: str) -> Callable[[dict[str, Any]], None]:
    def how(row: dict[str, Any]) -> None:
        paragraphs(body)(row)
        row["url"] = url

    return how


def edited(row: dict[str, Any]) -> None:
    """Some words changed."""
    row["text"] = row["text"].replace("Nine", "Five").replace("county", "public")


SENTENCE = "“We have waited nine winters for that road, and we will not wait another.”"
FAULTS["split.leak"] = articles(("test", lambda _: None))
FAULTS["split.leak-near"] = articles(("test", edited))
# The last paragraph alone is less than half of the article.
FAULTS["split.leak-near~cut"] = articles(("test", paragraphs(APART[2].replace("spring", "year"))))
FAULTS["split.leak-url"] = articles(
    ("train", page(LAMPS, "https://www.coast.example/2024/lamps/")),
    ("test", page(OWLS, "http://coast.example/2024/lamps#top")),
)
FAULTS["split.leak-quote"] = articles(
    ("train", paragraphs(LAMPS, f"{SENTENCE} So said a carter.")),
    ("test", paragraphs(OWLS, f"A carter put it so: {SENTENCE.replace('nine', 'NINE')}")),
)


replace("annotator.unknown", ANNOTATORS, "bob,", "rob,")
append("annotation.duplicate", BOB, first_line)
FAULTS["annotation.unassigned"] = lambda files: files.text(
    BATCH, lambda text: text.replace(last_line(text), "")
)
change("annotation.layer", ANN, put("layers", ["entities", "quotes"]))
append("adjudication.duplicate", ADJUDICATED, first_line)
change("decision.chosen", ADJUDICATED, lambda row: row["decisions"][0].update(chosen="eve"))
change("decision.duplicate", ADJUDICATED, lambda r: r["decisions"].append(r["decisions"][0]))


@fault("decision.layer")
def _(files: Files) -> None:
    def no_stance(row: dict[str, Any]) -> None:
        row["layers"].remove("stance")
        (gone,) = [s for s in row["spans"] if s["label"] == "STANCE_AGAINST"]
        row["spans"].remove(gone)
        row["links"] = [link for link in row["links"] if gone["id"] not in link.values()]

    def one_more(row: dict[str, Any]) -> None:
        like = row["decisions"][1]
        span = like["spans"][0] | {"label": "STANCE_FAVOR"}
        row["decisions"].append(like | {"item": "span 84-90 STANCE_FAVOR", "spans": [span]})

    files.row(BOB, no_stance)
    files.row(ADJUDICATED, one_more)
    article = orjson.loads((HERE / "base" / ADJUDICATED).read_bytes())["article_id"]
    kept = [
        line for line in (HERE / "base" / GOLD).open() if f'{{"article_id":"{article}"' not in line
    ]
    files.text(GOLD, lambda _: "".join(kept))


change("entity.duplicate", ANN, lambda row: row["entities"].append(row["entities"][0]))

change("span.outside", ANN, span("GPE", end=9999))
change("span.outside~empty", ANN, span("DATE", end=-len("Friday")))
change("span.blank", ANN, span("GPE", end=1))
change("span.cuts-word", ANN, span("GPE", end=-1))
change("span.id-duplicate", ANN, another_span("DATE", label="ORG"))
change("span.duplicate", ANN, another_span("DATE", id="again"))
change("span.entity", ANN, span("GPE", entity="nobody"))
change("span.entity~of-a-date", ANN, lambda row: span("DATE", entity=row["entities"][0]["id"])(row))
change("span.attributes", ANN, span("GPE", attributes={"target_text": "the plan"}))
change("link.end", ANN, links(lambda found: found[0].update(to="nowhere")))


@fault("span.cuts-word~flag")
def _(files: Files) -> None:
    flag = len("Pilots reject quay plan 0 🇳")
    where = {"label": "ORG", "id": "flag", "start": 0, "end": flag, "entity": ""}
    files.row(ANN, another_span("DATE", **where))


@fault("span.loose")
def _(files: Files) -> None:
    files.row(ANN, lambda row: row.update(links=[k for k in row["links"] if k["role"] != "cue"]))


@fault("link.roles")
def _(files: Files) -> None:
    def turned(found: list[dict[str, Any]]) -> None:
        link = next(k for k in found if k["role"] == "speaker")
        link["from"], link["to"] = link["to"], link["from"]

    files.row(ANN, links(turned))


@fault("link.roles~continues-backwards")
def _(files: Files) -> None:
    def turned(found: list[dict[str, Any]]) -> None:
        link = next(k for k in found if k["role"] == "continues")
        link["from"], link["to"] = link["to"], link["from"]

    files.row(ANN, links(turned))


LAST = 3  # an article of House Desk, so that its words are there
append("gold.duplicate", GOLD, last_line)
change("gold.id", GOLD, lambda row: row["stances"][0].update(id="s1"))
change("gold.reference", GOLD, lambda row: row["quotes"][0].update(speaker_entities=["nobody"]))
change("gold.untraced", GOLD, lambda row: row["mentions"][-1].update(type="LOC"))
change(
    "gold.untraced~speaker",
    GOLD,
    lambda r: r["quotes"][0]["speaker"].append(r["mentions"][0]["id"]),
)
change("gold.untraced~polarity", GOLD, lambda row: row["stances"][0].update(polarity="favor"))
change("gold.untraced~annotators", GOLD, lambda row: row["annotators"].append("eve"))
change(
    "gold.untraced~decision",
    GOLD,
    lambda row: row["decided"].append({"id": row["mentions"][0]["id"], "items": ["span 1-2 ORG"]}),
    LAST,
)
change(
    "gold.reference~decided",
    GOLD,
    lambda row: row["decided"].append({"id": f"{row['article_id']}-m1-2", "items": []}),
)
change("gold.text", GOLD, lambda row: row["mentions"][0].update(text="The pier"), LAST)
change("gold.text~quote", GOLD, lambda row: row["quotes"][0]["text"].pop(), LAST)

FAULTS["schema.stale"] = lambda files: files.text("schema/gold.schema.json", lambda _: "{}\n")
change("gold.stale", GOLD, lambda row: row["quotes"][0].update(type="mixed"), LAST)
FAULTS["gold.stale~row-missing"] = lambda files: files.text(
    GOLD, lambda text: text.replace(last_line(text), "")
)
# Without the decision the two annotators' article is not gold.
# The decision against Bob's span goes, so the article is undecided again.
change("gold.stale~row-too-many", ADJUDICATED, lambda row: row["decisions"].pop(0))
FAULTS["gold.untraced~no-adjudication"] = lambda files: files.text(ADJUDICATED, lambda _: "")
FAULTS["hub.stale"] = lambda files: files.text("build_/hub/README.md", lambda _: "another\n")


def main() -> int:
    shutil.rmtree(HERE / "base", ignore_errors=True)
    for folder in [path for path in HERE.iterdir() if path.is_dir()]:
        shutil.rmtree(folder)
    with tempfile.TemporaryDirectory() as folder:
        make_base(Path(folder))
        shutil.copytree(folder, HERE / "base")
    for name, make in FAULTS.items():
        make(Files(HERE / name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
