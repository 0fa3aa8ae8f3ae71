"""Suggestions: valid whatever the text, held to the guidelines' examples, ready to push; models of
gold, and what they are worth."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import jsonschema_rs
import msgspec
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import guidelines
import synthetic
from cli import confined, onrecord
from onrecord import labels, ledger
from onrecord.dataset import building, folder
from onrecord.gold import graph
from onrecord.labelling import tasks
from onrecord.records import Annotation, Article, DataError, Gold, Span, UsageError
from onrecord.shelf import Shelf
from onrecord.suggest import amounts, engine, reading
from onrecord.suggest.engine import Knowledge
from onrecord.suggest.entities import abbreviates, learn
from onrecord.suggest.given import Given, plain
from onrecord.suggest.stretches import stretches
from onrecord.suggest.toward import toward
from onrecord.text import assemble, normalise
from parts import missing

VALID = jsonschema_rs.validator_for(labels.json_schemas(labels.load())["annotation"])


def article_of(text: str, language: str = "en") -> Article:
    """An article of these paragraphs, in normal form."""
    paragraphs = [p for p in (normalise(part) for part in text.split("\n\n")) if p]
    whole, segments = assemble([("body", p, []) for p in paragraphs or ["-"]])
    return engine.bare("desk-000000000000", whole, language, segments)


def faults(article: Article, made: Annotation) -> list[object]:
    """What the schema and `check` would say of a row."""
    row = orjson.loads(msgspec.json.encode(made))
    return [
        *(error.message for error in VALID.iter_errors(row)),
        *graph.annotation_faults(made, article, article.text),
    ]


# --- any text -------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*"“”\"‘’'«»„,.?!:;—-()…🚋", "''", "``", "said", "Ines Calder", "Calder", "the council", "told",
     "according to", "that", "and", "she", "not", "called", "it", "a betrayal", "welcomed",
     "the plan",
     "in", "Norway", "on Friday", "by", "of", "to", "who", "was", "denied", "£2m", "40%", "2019",
     "e\u0301", "سلام", "東京", "so", "laut", "sagte", "sei", "\n\n", "US-led", "Jr.", "'s",
     "Section 2 of the", "I think", "plans to", "headline:"]
)  # fmt: skip
WORDY = st.lists(PIECES, max_size=60).map(" ".join)
TIGHT = st.lists(PIECES, max_size=30).map("".join)


@given(
    text=st.one_of(WORDY, TIGHT, st.text(max_size=200)), language=st.sampled_from(["en", "de", ""])
)
@settings(max_examples=250, deadline=None)
def test_any_text_has_valid_suggestions(text: str, language: str) -> None:
    article = article_of(text, language)
    made = engine.suggest(article)
    assert faults(article, made) == []
    assert made == engine.suggest(article), "the same text gives the same suggestions"
    assert all(0 <= span.score <= 1 and span.origin == "prediction" for span in made.spans)
    assert (made.lead_time, made.created_at) == (0, ""), "nobody spent any time on them"
    plain(Given(id="x", text=article.text), made)


@given(text=st.text(alphabet="“”\"‘’' ab.,\n", max_size=80))
@settings(max_examples=200, deadline=None)
def test_marks_pair_inside_their_paragraph(text: str) -> None:
    found = stretches(text)
    outer = [s for s in found if not s.depth]
    assert all(0 <= s.start < s.end <= len(text) for s in found)
    assert all(a.end <= b.start for a, b in pairwise(outer))


ODD = {
    "empty": "",
    "no quotes": "The ferry sank on Monday. Nobody saw it.",
    "only quotes": "“Yes.” “No.” “Why?” “Because.”",
    "an odd number of marks": "“We will go, she said. “They will stay,” he said.",
    "marks alone": "“ ” ‘ ’ \" '",
    "one long word": "a" * 5000,
    "no letters": "1 2 3 … ?! — – -",
    "Russian": "«Мы подадим апелляцию», — сказала мэр.",
    "Chinese": "市长说：“我们将上诉。”",
    "Arabic": "قالت رئيسة البلدية: «سنستأنف».",
    "capitals": "COUNCIL SAYS NO TO TRAM: “NEVER” SAYS CALDER",
    "titles and nothing else": "Dr " * 2000,
    "a name with an emoji": "“We go,” said Ines Calder\U0001f3fd. Calder\u200d said it was shut.",
    "not clean": "Share this! © 2024 | Read more >>> “Sign up” today, said nobody.",
}


@pytest.mark.parametrize("case", ODD)
def test_odd_texts(case: str) -> None:
    article = article_of(ODD[case], "")
    assert faults(article, engine.suggest(article)) == []


def test_a_letter_that_takes_two_code_points_is_one() -> None:
    article = article_of(
        "Ṣẹ\u0301gun Bọ\u0301lá said the road was shut. “It is closed,” Bọ\u0301lá said."
    )
    made = engine.suggest(article)
    people = [article.text[s.start : s.end] for s in made.spans if s.label == "PERSON"]
    assert people == ["Ṣẹ\u0301gun Bọ\u0301lá", "Bọ\u0301lá"]
    assert faults(article, made) == []


@pytest.mark.parametrize("words", ["Calder said ", "“We go there now,” ", "Holm of "])
def test_what_runs_on_without_a_stop_is_cut(words: str) -> None:
    (paragraph,) = reading.read(words * 3000, [], "en").paragraphs
    first, *_, last = paragraph.sentences
    assert (first[0], last[1]) == (0, len(paragraph.tokens))
    assert all(a[1] == b[0] for a, b in pairwise(paragraph.sentences))
    assert max(last - first for first, last in paragraph.sentences) < 4000


def test_a_text_of_100_000_characters_and_one_of_only_quotes() -> None:
    part = "“We will appeal,” said Ines Calder, who told the council that it was wrong. "
    article = article_of(part * (100_000 // len(part)))
    made = engine.suggest(article)
    assert faults(article, made) == []
    assert Counter(s.label for s in made.spans)["QUOTE"] > 1500
    one = article_of("“" + "We go. " * 14_000 + "”")
    assert faults(one, engine.suggest(one)) == []


# --- the guidelines -------------------------------------------------------------------------------


def share(name: str, family: str) -> tuple[float, float]:
    """`(precision, recall)` of the exact spans of a family in a guideline's examples."""
    hit = said = true = 0
    definitions = labels.load().spans
    for example in guidelines.examples(name):
        article = engine.bare(
            "desk-000000000000", example.text, "en", reading.paragraphs_of(example.text)
        )
        mine = {
            (s.label, s.start, s.end)
            for s in engine.suggest(article).spans
            if definitions[s.label].family == family
        }
        gold = {span[1:] for span in example.spans if definitions[span[1]].family == family}
        hit, said, true = hit + len(mine & gold), said + len(mine), true + len(gold)
    assert true > 20, "the examples are read"
    return hit / said, hit / true


@pytest.mark.parametrize(
    ("name", "family", "precision", "recall"),
    [
        ("quotes", "quote", 0.9, 0.9),
        ("quotes", "cue", 0.9, 0.9),
        ("entities", "name", 0.75, 0.72),
        # Better none than wrong.
        ("stance", "stance", 0.8, 0.25),
    ],
)
def test_the_examples_of_the_guidelines(
    name: str, family: str, precision: float, recall: float
) -> None:
    """Bounds a little under what the rules reach, so that a change for the worse shows."""
    told = share(name, family)
    assert told[0] >= precision, told
    assert told[1] >= recall, told


# --- entities and stance --------------------------------------------------------------------------


def test_names_that_mean_one_thing_are_one_entity() -> None:
    text = (
        "Ines Calder met the Coastal Rescue Authority (CRA) in Oslo. Calder said the CRA was"
        " ready. "
        "The Norwegian crew and Norway agreed."
    )
    made = engine.suggest(article_of(text))
    names = {e.id: e.name for e in made.entities}
    by_surface = {text[s.start : s.end]: names.get(s.entity) for s in made.spans if s.entity}
    assert by_surface["Calder"] == by_surface["Ines Calder"] == "Ines Calder"
    assert by_surface["CRA"] == by_surface["Coastal Rescue Authority"] == "Coastal Rescue Authority"
    assert by_surface["Norwegian"] == by_surface["Norway"] == "Norway"
    assert {e.kb_id for e in made.entities if e.name == "Norway"} == {"Q20"}


def test_edges_by_the_conventions() -> None:
    text = "Mr Otto Reeve's brother flew from the North Sea to The Hague with Dr Ines Calder, Jr."
    made = engine.suggest(article_of(text))
    shown = {text[s.start : s.end] for s in made.spans if s.label not in ("MENTION",)}
    assert {"Otto Reeve", "North Sea", "The Hague", "Ines Calder, Jr."} <= shown


def test_abbreviations() -> None:
    assert abbreviates("CRA", "Coastal Rescue Authority")
    assert abbreviates("U.N.", "United Nations")
    assert not abbreviates("CRA", "Coastal Rescue")
    assert not abbreviates("It", "Inner Tarrow")


def test_what_gold_knows_is_used_but_not_an_articles_own() -> None:
    sheet = synthetic.Sheet(
        synthetic.article([("headline", "Storm"), ("body", "Velmora closed the pool on Monday.")])
    )
    sheet.mention("Velmora", "ORG")
    gold = sheet.gold()
    known = Knowledge(learn([gold]))

    def label(article: Article) -> str:
        made = engine.suggest(article, knowledge=known)
        text = article.text
        return next((s.label for s in made.spans if text[s.start : s.end] == "Velmora"), "")

    other = article_of("The town said Velmora was late.")
    assert label(other) == "ORG"
    assert label(sheet.article) != "ORG", "an article is not told its own gold"


STANCES = {
    "told": ("Residents condemned the plan on Monday.", "against", "Residents", "the plan"),
    "welcomed": ("The union welcomed the ruling.", "favor", "The union", "the ruling"),
    "an act": ("Six members voted against the scheme.", "against", "Six members", "the scheme"),
    "brushed off": ("The mayor brushed off the letter.", "against", "The mayor", "the letter"),
    "passive": ("The plan was rejected by residents.", "against", "residents", "The plan"),
    "spoken": ("“I oppose the fee,” said Calder.", "against", "", "the fee"),
    "wanted": ("The union wants a toilet.", "favor", "The union", "a toilet"),
    "wanted gone": ("Residents want the fee scrapped.", "against", "Residents", "the fee"),
    "voted to end it": ("The board voted to scrap the fee.", "against", "The board", "the fee"),
    "asked to end it": ("Quill urged Reeve to scrap the fee.", "against", "Quill", "the fee"),
    "against it": ("He is against microphones.", "against", "He", "microphones"),
    "no side": ("The league took no position on the fee.", "neutral", "The league", "the fee"),
    "a suit": ("Six towns filed a lawsuit against the fee.", "against", "Six towns", "the fee"),
    "a condition": ("Doctors support it only if it is cheap.", "mixed", "Doctors", "it"),
    "not for it": ("The union does not support the fee.", "against", "The union", "the fee"),
    "must": ("“The line must stay,” said Calder.", "favor", "", "The line"),
    "judged": ("Reeve called the closure “a betrayal”.", "against", "", "the closure"),
}  # fmt: skip


@pytest.mark.parametrize("case", STANCES)
def test_stances(case: str) -> None:
    text, polarity, holder, target = STANCES[case]
    (told,) = plain(Given(id="x", text=text), engine.suggest(article_of(text)))["stances"]
    assert told["polarity"] == polarity
    assert [text[s:e] for s, e in told["holder"]] == ([holder] if holder else [])
    assert [text[s:e] for s, e in told["target"]] == [target]


def test_an_act_without_a_name_is_the_target_in_words() -> None:
    article = article_of("The florist refused to put up the poster.")
    (stance,) = [s for s in engine.suggest(article).spans if s.label == "STANCE_AGAINST"]
    assert stance.attributes.target_text == "putting up of poster"


NO_STANCE = [
    "Reeve thanked the crew and said the pool would open in May.",
    "Police arrested two men, who denied the claims.",
    "The line lost £2 million, and its future is disputed.",
    "The council did not oppose the plan.",
    "The ban on cars ended, and support for it fell.",
    "The mayor rejected any suggestion that she had lied.",
    "“It was a good match,” said Holm.",
    "The firm refused to comment, and 71 per cent supported it.",
    "She had moved to Alder. The boat was 900 feet from the proposed gate.",
]


@pytest.mark.parametrize("text", NO_STANCE)
def test_no_stance(text: str) -> None:
    assert plain(Given(id="x", text=text), engine.suggest(article_of(text)))["stances"] == []


def test_polarity_toward_a_target() -> None:
    def side(text: str, target: str) -> str:
        start = text.index(target)
        return toward(text, start, start + len(target))

    assert side("Critics condemned Reeve as a corrupt liar.", "Reeve") == "against"
    assert side("Voters praised Calder for her brave decision.", "Calder") == "favor"
    assert side("Calder arrived on Monday.", "Calder") == "neutral"
    assert side("Calder arrived on Monday.", "") == "neutral"


# --- the way to the room and back -----------------------------------------------------------------


def test_suggestions_survive_the_labelling_room() -> None:
    text = (
        "Brackwater Council voted against the scheme.\n\n“The bridge,” said Ines Calder, “was never"
        " safe.” She told The Brackwater Post that Norway’s plan was “a betrayal”."
    )
    article = article_of(text)
    made = engine.suggest(article, batch="b")
    task = tasks.task_of(article, [made])
    (prediction,) = task["predictions"]
    assert prediction["model_version"] == made.annotator
    answer = tasks.Answer(prediction["result"], made.annotator, "submitted", "", 0.0, "")
    back, problems = tasks.annotation_of(answer, task["data"], "b", labels.load())
    assert problems == []
    assert back.spans == made.spans
    assert back.links == made.links
    assert {(e.id, e.name) for e in back.entities} == {(e.id, e.name) for e in made.entities}


# --- the verbs ------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path) -> Path:
    synthetic.furnish(tmp_path, synthetic.sample())
    return tmp_path


def articles_of(root: Path) -> Path:
    path = root / "articles.jsonl"
    path.write_bytes(b"".join(p.read_bytes() for p in sorted(root.glob("corpus/articles/*.jsonl"))))
    return path


def test_suggest_writes_annotations_and_names_what_has_no_text(root: Path) -> None:
    out = root / "made.jsonl"
    told = onrecord("suggest", str(articles_of(root)), "--out", str(out), "--batch", "b1", cwd=root)
    rows = list(ledger.read(out, Annotation))
    assert len(rows) == 4
    assert {row.annotator for row in rows} == {"rules-1"}
    assert {row.batch for row in rows} == {"b1"}
    without = [
        article.id
        for path in sorted(root.glob("corpus/articles/*.jsonl"))
        for article in ledger.read(path, Article)
        if not article.text
    ]
    assert f"no text here, left out (hydrate): 2 articles: {', '.join(without)}\n" in told.stderr
    before = out.read_bytes()
    again = ("suggest", str(articles_of(root)), "--out", str(out), "--batch", "b1")
    onrecord(*again, cwd=root, env={"PYTHONHASHSEED": "2"})
    assert out.read_bytes() == before


def test_suggest_takes_any_row_with_id_and_text(tmp_path: Path) -> None:
    text = "“We will appeal,” said Ines Calder."
    rows = [
        {"id": "any id at all", "text": text, "target_span": [23, 34], "colour": "blue"},
        {"id": "two", "text": "", "label": 1},
    ]
    lines = "".join(json.dumps(r) + "\n" for r in rows)
    (tmp_path / "in.jsonl").write_text(lines, "utf-8-sig")  # with a byte order mark
    onrecord("suggest", "in.jsonl", "--out", "out.jsonl", "--plain", cwd=tmp_path)
    first, second = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    (quote,) = first["quotes"]
    assert [text[s:e] for s, e in quote["speaker"]] == ["Ines Calder"]
    assert first["label"] == "neutral"
    assert second == {"id": "two", "quotes": [], "entities": [], "stances": []}


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([{"text": "no id"}], "schema"),
        ([{"id": "a", "story": "no text"}], "schema"),
        ([{"id": "a", "text": "b"}, None], "schema: Expected `object`, got `null`; a row needs"),
        ([{"id": "a", "text": "b"}, {"id": "a", "text": "c"}], "article.id-duplicate"),
        ([{"id": "a", "text": "b", "target_span": [0]}], "schema"),
        ([{"id": "a", "text": "b", "target_span": [1, 2]}], "span.outside: a: target_span [1, 2]"),
        ([{"id": "a", "text": "b", "segments": [{"role": "body", "start": 0, "end": 9}]}],
         "segments.tile"),
    ],
)  # fmt: skip
def test_wrong_rows_are_refused_with_their_line(
    tmp_path: Path, rows: list[dict[str, object] | None], rule: str
) -> None:
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    told = onrecord("suggest", "in.jsonl", "--out", "out.jsonl", cwd=tmp_path, code=1)
    assert f"in.jsonl:{len(rows)}: {rule}" in told.stderr
    assert not (tmp_path / "out.jsonl").exists()


def test_a_page_that_was_scraped_twice_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id":"a","text":"b"}\n' * 2, "utf-8")
    onrecord("suggest", "in.jsonl", "--out", "out.jsonl", cwd=tmp_path)


def test_an_article_with_two_texts_is_read_in_both_and_measured_in_gold_s(
    root: Path, tmp_path: Path
) -> None:
    """A page that was scraped again after an edit; which text is admitted is not yet known."""
    gold = root / "corpus" / "gold" / "b1.jsonl"
    shelf = Shelf(ledger.House(root))
    admitted = [shelf.article(row.article_id) for row in ledger.read(gold, Gold)]
    articles = [article for article in admitted if article.text]
    edited = msgspec.structs.replace(
        articles[0], text="It was empty.", text_sha256="0" * 64, segments=[]
    )
    ledger.write(tmp_path / "in.jsonl", [edited, *articles])
    onrecord("suggest", "in.jsonl", "--out", "out.jsonl", cwd=tmp_path)
    rows = list(ledger.read(tmp_path / "out.jsonl", Annotation))
    assert [row.text_sha256 for row in rows[1:]] == [a.text_sha256 for a in articles]
    assert not rows[0].spans
    ledger.write(tmp_path / "one.jsonl", rows[1:])
    both, one = (
        onrecord("evaluate", str(gold), str(tmp_path / name), "--format", "json", cwd=root).stdout
        for name in ("out.jsonl", "one.jsonl")
    )
    assert both == one
    onrecord("suggest", "in.jsonl", "--out", "plain", "--plain", cwd=tmp_path, code=1)


def test_a_model_that_is_not_there_is_a_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text('{"id":"a","text":"b"}\n', "utf-8")
    told = onrecord(
        "suggest", "in.jsonl", "--out", "o.jsonl", "--model", "no_such", cwd=tmp_path, code=2
    )
    assert "--model no_such" in told.stderr


def need(*modules: str) -> None:
    for name in modules:
        if importlib.util.find_spec(name) is None:
            missing(name, 'pip install "onrecord[models]"')


def invented(count: int) -> list[synthetic.Sheet]:
    """Articles with one turn of phrase, so that there is something to learn from few of them."""
    people = ["Ines Calder", "Otto Reeve", "Tessa Quill", "Piet Holm", "Mara Lund", "Jon Ask"]
    sheets = []
    for at in range(count):
        one, other = people[at % 6], people[(at + 1) % 6]
        sheet = synthetic.Sheet(
            synthetic.article(
                [
                    ("headline", f"Meeting {at} of the harbour board"),
                    ("body", f"zone Kvell{at} is shut. “We will appeal again,” said {one}."),
                    ("body", f"{other} said the fee was unfair, and zone Kvell{at} must stay."),
                ]
            )
        )
        speaker = sheet.mention(one, "PERSON")
        second = sheet.mention(other, "PERSON")
        place = sheet.mention(f"Kvell{at}", "LOC")
        sheet.mention(f"Kvell{at}", "LOC", nth=2)
        sheet.quote("“We will appeal again,”", type="direct", cue=["said"], speaker=[speaker])
        sheet.stance("“We will appeal again,”", "against", target=[place])
        sheet.stance(f"zone Kvell{at} must stay", "favor", target=[place], holder=[second])
        sheets.append(sheet)
    return sheets


def test_train_learns_from_gold_alone_and_says_what_it_is_worth(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    from onrecord.quality import training

    sheets = invented(20)
    synthetic.furnish(tmp_path, sheets)
    told = onrecord("train", "--out", "model", cwd=tmp_path)
    rows = [training.Example(sheet.article, sheet.gold()) for sheet in reversed(sheets)]
    training.train(rows, tmp_path / "again")
    files = {p.name: p.read_bytes() for p in sorted((tmp_path / "model").iterdir())}
    assert files == {p.name: p.read_bytes() for p in sorted((tmp_path / "again").iterdir())}
    assert {"README.md", "model.json", "known.json", "names.crfsuite"} <= set(files)
    card = files["README.md"].decode()
    assert "20 gold articles" in card
    assert "machine-generated" in card
    # What the rules cannot know (a lower-case kind and an odd name) is learnt from gold.
    held = {h["learner"]: h for h in json.loads(files["model.json"])["held"]}
    assert held["names"]["used"]
    assert held["names"]["trained"] > held["names"]["rules"]
    assert held["quotes"]["used"], "the second quote is never kept by this annotator"
    assert held["polarity"]["trained"] == 1
    assert "names" in told.stdout
    (tmp_path / "new.jsonl").write_text(
        '{"id":"a","text":"zone Kvell99 is shut. Tessa Quill said the fee was unfair."}\n', "utf-8"
    )
    onrecord(
        "suggest", "new.jsonl", "--out", "o.jsonl", "--model", "model", "--plain", cwd=tmp_path
    )
    row = json.loads((tmp_path / "o.jsonl").read_text("utf-8"))
    assert {"label": "LOC", "start": 5, "end": 12}.items() <= row["entities"][0].items()
    assert row["quotes"] == []
    whole = files["names.crfsuite"]
    other = whole[:-99] + b"\xff" * 99  # as long as it says, and kills the process
    for left in (whole[:99], other, None):  # cut short, damaged, forgotten
        path = tmp_path / "model" / "names.crfsuite"
        path.unlink() if left is None else path.write_bytes(left)
        told = onrecord(
            "suggest", "new.jsonl", "--out", "o.jsonl", "--model", "model", cwd=tmp_path, code=2
        )
        assert "names.crfsuite is missing, damaged or of another training" in told.stderr
        assert "onrecord train --out model" in told.stderr


def test_train_where_one_article_holds_all_of_an_answer(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    from onrecord.quality import training

    sheets = []
    for number, count in enumerate([20, 5, 5, 5, 5]):
        lines = [f"Stall {number}{i} is welcome." for i in range(count)]
        paragraphs = [("headline", f"Stalls {number}"), *(("body", line) for line in lines)]
        sheet = synthetic.Sheet(synthetic.article(paragraphs))
        for line in lines:
            sheet.stance(line, "favor" if number else "against", target_text="the stall")
        sheets.append(sheet)
    rows = [training.Example(sheet.article, sheet.gold()) for sheet in sheets]
    settings = training.train(rows, tmp_path / "model")
    (held,) = (h for h in settings.held if h.learner == "polarity")
    assert (held.examples, held.used) == ("20 against, 20 favor", False)


def test_the_people_of_a_country_of_two_words_are_that_country() -> None:
    text = "Three Costa Rican drivers and a New Zealander, Ann Vik, waited in Oslo."
    made = engine.suggest(synthetic.article([("body", text)]))
    ids = {text[s.start : s.end]: s.entity for s in made.spans}
    assert (ids["Costa Rican"], ids["New Zealander"]) == ("Q800", "Q664")


def test_train_refuses_too_little_gold(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    from onrecord.quality import training

    sheets = invented(4)
    with pytest.raises(DataError, match="4 gold articles have their text here"):
        training.train([training.Example(s.article, s.gold()) for s in sheets], tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_train_leaves_a_folder_of_something_else_alone(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    from onrecord.quality import training

    (tmp_path / "README.md").write_text("somebody's\n", "utf-8")
    rows = [training.Example(sheet.article, sheet.gold()) for sheet in invented(5)]
    with pytest.raises(UsageError, match=r"holds something else \(README\.md\)"):
        training.train(rows, tmp_path)
    assert (tmp_path / "README.md").read_text("utf-8") == "somebody's\n"


@pytest.mark.parametrize("short", [0.5, 0.02])
def test_train_on_a_full_disk_says_so_and_leaves_the_old_model(
    tmp_path: Path, short: float
) -> None:
    need("pycrfsuite", "sklearn")
    synthetic.furnish(tmp_path, invented(8))
    onrecord("train", "--out", "model", cwd=tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    synthetic.furnish(tmp_path, invented(9))
    room = int(len(before["names.crfsuite"]) * (1 - short))
    told = confined("train", "--out", "model", cwd=tmp_path, room=room)
    assert told.returncode == 1, told.stderr
    assert "onrecord: model: longer than a file may be here" in told.stderr
    assert "Traceback" not in told.stderr
    after = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}
    assert after == before


def test_an_encoder_is_found_in_the_package_that_carries_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onrecord.suggest import trained

    folder = tmp_path / "a_tiny_encoder" / "model"
    folder.mkdir(parents=True)
    (folder.parent / "__init__.py").write_text("raise ImportError('never imported')", "utf-8")
    (folder / "modules.json").write_text("[]", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert trained.carried("a-tiny-encoder") == folder
    assert trained.carried("a-tiny-encoder-that-is-not-there") is None
    assert trained.carried("somebody/an-encoder") is None


def test_train_with_an_encoder_says_what_it_needs(tmp_path: Path) -> None:
    need("pycrfsuite", "sklearn")
    synthetic.furnish(tmp_path, invented(6))
    encoder = str(tmp_path / "no-encoder")
    told = onrecord("train", "--out", "model", "--encoder", encoder, cwd=tmp_path, code=2)
    assert "no-encoder" in told.stderr
    assert not (tmp_path / "model").exists()


def test_a_model_of_another_format_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "model.json").write_text("{}", "utf-8")
    (tmp_path / "in.jsonl").write_text('{"id":"a","text":"b"}\n', "utf-8")
    told = onrecord("suggest", "in.jsonl", "--out", "o", "--model", "m", cwd=tmp_path, code=2)
    assert "onrecord train" in told.stderr


def test_a_spacy_pipeline_by_its_folder(tmp_path: Path) -> None:
    need("spacy")
    import spacy

    from onrecord.suggest import syntax

    pipeline = spacy.blank("en")
    ruler = pipeline.add_pipe("entity_ruler", name="ner")
    ruler.add_patterns([{"label": "ORG", "pattern": "Velmora Lines"}])  # type: ignore[attr-defined]
    pipeline.to_disk(tmp_path / "pipe")
    article = article_of("All day Velmora Lines was late.")
    made = engine.suggest(article, model=syntax.load(str(tmp_path / "pipe")))
    assert [s.label for s in made.spans] == ["ORG"]
    assert made.annotator.startswith("rules-1+en_")


def test_a_parse_moves_the_subject_and_ends_the_complement() -> None:
    need("spacy")
    import spacy
    from spacy.language import Language
    from spacy.tokens import Doc

    from onrecord.suggest import syntax

    words = ["Clerks", "of", "the", "shop", "Velmora", "closed", "said", "the", "fee", "rose",
             "because", "of", "rain", "."]  # fmt: skip
    heads = [6, 0, 3, 1, 5, 3, 6, 8, 9, 6, 6, 10, 10, 6]
    deps = ["nsubj", "prep", "det", "pobj", "nsubj", "relcl", "ROOT", "det", "nsubj", "ccomp",
            "prep", "pcomp", "pobj", "punct"]  # fmt: skip
    tags = ["NOUN", "ADP", "DET", "NOUN", "PROPN", "VERB", "VERB", "DET", "NOUN", "VERB",
            "SCONJ", "ADP", "NOUN", "PUNCT"]  # fmt: skip

    @Language.component("given_parse")
    def given_parse(doc: Doc) -> Doc:
        return Doc(doc.vocab, words=words, heads=heads, deps=deps, pos=tags)

    pipeline = spacy.blank("en")
    pipeline.add_pipe("given_parse", name="parser")
    article = article_of(" ".join(words))
    made = engine.suggest(article, model=syntax.SpacyModel(pipeline))
    assert faults(article, made) == []
    (told,) = plain(Given(id="a", text=article.text), made)["quotes"]
    assert [article.text[s:e] for s, e in told["content"]] == ["the fee rose"]
    assert [article.text[s:e] for s, e in told["speaker"]] == ["Clerks"]


def test_evaluate_measures_suggestions_against_gold(root: Path) -> None:
    gold = root / "corpus" / "gold" / "b1.jsonl"
    perfect = root / "corpus" / "annotations" / "b1" / "ann.jsonl"
    told = onrecord("evaluate", str(gold), str(perfect), "--format", "json", cwd=root)
    figures = json.loads(told.stdout)["figures"]
    assert {
        figures[k]["value"] for k in ("entities.exact", "quotes.attributed", "stance.triples")
    } == {1}
    rows = list(ledger.read(perfect, Annotation))
    texts = {g.article_id for g in ledger.read(gold, Gold)}
    ledger.write(root / "half.jsonl", rows[:1])
    told = onrecord("evaluate", str(gold), "half.jsonl", "--format", "json", cwd=root)
    half = json.loads(told.stdout)["figures"]
    assert half["entities.exact"]["recall"] < half["entities.exact"]["precision"] == 1
    assert len(texts) > 1
    told = onrecord("evaluate", str(gold), "half.jsonl", cwd=root)
    (line,) = [line for line in told.stderr.splitlines() if "counted as nothing found" in line]
    assert line.startswith("without a row in half.jsonl, ")
    assert rows[1].article_id in line
    assert rows[0].article_id not in line
    ledger.write(root / "one.jsonl", [g for g in ledger.read(gold, Gold) if g.mentions[0].text][:1])
    told = onrecord("evaluate", "one.jsonl", str(perfect), cwd=root)
    assert f"not measured: {len(texts) - 1} article" in told.stderr
    rows[0].article_id = "nobody-000000000000"
    ledger.write(root / "odd.jsonl", rows[:1])
    told = onrecord("evaluate", str(gold), "odd.jsonl", cwd=root, code=1)
    assert "article.unknown: nobody-000000000000" in told.stderr


def test_a_systems_row_needs_no_batch_and_a_slip_in_its_form_is_told_as_one(root: Path) -> None:
    gold = root / "corpus" / "gold" / "b1.jsonl"
    made = root / "corpus" / "annotations" / "b1" / "ann.jsonl"
    row = json.loads(made.read_text("utf-8").splitlines()[0])
    del row["batch"], row["annotator"]
    mine = root / "mine.jsonl"
    mine.write_text(json.dumps(row), "utf-8")
    told = onrecord("evaluate", str(gold), str(mine), "--format", "json", cwd=root)
    assert json.loads(told.stdout)["figures"]["entities.exact"]["precision"] == 1
    del row["layers"]
    mine.write_text(json.dumps(row), "utf-8")
    told = onrecord("evaluate", str(gold), str(mine), cwd=root, code=1)
    assert "mine.jsonl:1: schema" in told.stderr
    assert "`layers`; a row has the article_id and text_sha256" in told.stderr
    assert "another version" not in told.stderr


def test_what_cannot_be_measured_is_named_by_its_line(root: Path) -> None:
    """A system's slip costs its row and is said, where it would lower a figure without a word."""
    gold = root / "corpus" / "gold" / "b1.jsonl"
    rows = list(ledger.read(root / "corpus" / "annotations" / "b1" / "ann.jsonl", Annotation))
    text = next(i for i, row in enumerate(rows) if any(s.label == "QUOTE" for s in row.spans))
    sound = ledger.encode(rows[text])

    def said(**changed: object) -> str:
        row = json.loads(sound) | changed
        ledger.write(root / "slip.jsonl", [msgspec.convert(row, Annotation)])
        told = onrecord("evaluate", str(gold), "slip.jsonl", cwd=root, code=1)
        assert "1 row could not be used" in told.stderr
        (line,) = [line for line in told.stderr.splitlines() if line.startswith("slip.jsonl:1: ")]
        return line

    spans, links = json.loads(sound)["spans"], json.loads(sound)["links"]
    assert "label QUOTATION: one of PERSON" in said(
        spans=[{**span, "label": "QUOTATION"} for span in spans], links=[]
    )
    assert "role says: one of speaker" in said(links=[{**link, "role": "says"} for link in links])
    assert "layer quote: one of entities" in said(layers=["quote"])
    assert "status draft: one of submitted" in said(status="draft")
    assert ": span.outside: " in said(spans=[{**spans[0], "end": 10**6}], links=[])
    assert ": link.end: " in said(links=[{**links[0], "from": "nobody"}])
    assert ": text.other: " in said(text_sha256="0" * 64)


def test_a_row_that_lacks_a_layer_found_nothing_in_it(root: Path) -> None:
    """Else a system that names a layer only where it finds something would be measured there."""
    gold = root / "corpus" / "gold" / "b1.jsonl"
    rows = list(ledger.read(root / "corpus" / "annotations" / "b1" / "ann.jsonl", Annotation))
    spans = labels.load().spans
    bare = next(row for row in rows if any(span.label == "QUOTE" for span in row.spans))
    bare.layers = ["entities"]
    bare.spans = [span for span in bare.spans if spans[span.label].layer == "entities"]
    kept = {span.id for span in bare.spans}
    bare.links = [link for link in bare.links if {link.from_, link.to} <= kept]
    ledger.write(root / "partly.jsonl", rows)
    told = onrecord("evaluate", str(gold), "partly.jsonl", "--format", "json", cwd=root)
    figures = json.loads(told.stdout)["figures"]
    assert figures["quotes.content"]["recall"] < figures["quotes.content"]["precision"] == 1
    assert figures["entities.exact"]["value"] == 1
    assert "without a layer that other rows have" in told.stderr
    assert bare.article_id in told.stderr


def test_offsets_that_are_no_code_points_are_told(root: Path) -> None:
    """They cost recall and precision without a word, as long as they stay inside the text."""
    gold = root / "corpus" / "gold" / "b1.jsonl"
    rows = list(ledger.read(root / "corpus" / "annotations" / "b1" / "ann.jsonl", Annotation))
    told = onrecord("evaluate", str(gold), "corpus/annotations/b1/ann.jsonl", cwd=root)
    assert "inside a word" not in told.stderr
    for row in rows:
        row.spans = [
            msgspec.structs.replace(span, start=span.start - 2, end=span.end - 2)
            for span in row.spans
            if span.start > 1
        ]
        kept = {span.id for span in row.spans}
        row.links = [link for link in row.links if {link.from_, link.to} <= kept]
    ledger.write(root / "shifted.jsonl", rows)
    told = onrecord("evaluate", str(gold), "shifted.jsonl", cwd=root)
    assert re.search(r"\d+ of \d+ spans begin or end inside a word", told.stderr)
    assert "code points" in told.stderr


def test_evaluate_takes_a_published_folder_and_nothing_else(
    built: building.BuildReport, tmp_path: Path
) -> None:
    for split in ("test", "train"):
        documents = folder.documents(built.folder, labels.load())
        rows = [
            Annotation(
                article_id=article.id,
                text_sha256=article.text_sha256,
                batch="",
                annotator="mine",
                layers=["entities"],
                spans=[
                    Span(id=m.id, label=m.type, start=m.start, end=m.end) for m in gold.mentions
                ],
            )
            for name, article, gold in documents
            if name == split and article.text
        ]
        ledger.write(tmp_path / f"{split}.jsonl", rows)
    dataset = str(built.folder)
    told = onrecord("evaluate", dataset, "test.jsonl", "--format", "json", cwd=tmp_path)
    figures = json.loads(told.stdout)["figures"]
    assert "1 article not measured, without text here" in told.stderr, "one is withheld"
    assert "`onrecord hydrate --dataset` puts texts back" in told.stderr
    assert figures["entities.exact"]["value"] == 1
    assert "quotes.attributed" not in figures, "a layer that the system does not label"
    told = onrecord("evaluate", dataset, "train.jsonl", "--split", "train", cwd=tmp_path)
    assert "3 articles" in told.stdout + told.stderr
    told = onrecord("evaluate", dataset, "test.jsonl", "--split", "train", cwd=tmp_path)
    assert "without gold in" in told.stderr, "they stand in another split"
    told = onrecord("evaluate", dataset, "test.jsonl", "--split", "dev", cwd=tmp_path, code=2)
    assert "--split train|validation|test" in told.stderr
    told = onrecord(
        "evaluate", "train.jsonl", "test.jsonl", "--split", "test", cwd=tmp_path, code=2
    )
    assert "is a file" in told.stderr
    told = onrecord("evaluate", str(tmp_path), "test.jsonl", cwd=tmp_path, code=2)
    assert "is no dataset folder" in told.stderr


def test_a_long_list_of_figures_takes_no_time() -> None:
    text = "The harbour counted " + "1," * 100_000 + "2 boats, and 1,250,000 tonnes in 2019."
    found = [(name.label, text[name.start : name.end]) for name in amounts.numbers(text)]
    assert found == [("QUANTITY", "1,250,000 tonnes"), ("DATE", "2019")]


@pytest.mark.parametrize("mark", ["'", '"', '" ', "`", "“„", "«»", "„“ "])
def test_a_long_run_of_marks_takes_no_time(mark: str) -> None:
    found = stretches("The harbour " + (mark * 100_000)[:100_000] + " closed, “again”, and opened.")
    outer = [s for s in found if not s.depth]
    assert all(a.end <= b.start for a, b in pairwise(outer))
