"""The published views: what a row says is what the article and its gold say, and no more."""

from __future__ import annotations

import json
import tracemalloc
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic
from onrecord.dataset import views
from onrecord.labels import LAYERS, load
from onrecord.records import Article, Entity, Gold, Mention, Rights, Segment, Stance
from onrecord.suggest.engine import bare

TEXTS = st.text(alphabet=st.sampled_from("aB9é'’s-.,“”? \n🇳🇴🇬👩🏽\u200d🚒e\u0301\u0915\u093f£…_"))


def words(text: str) -> list[str]:
    return [text[s:e] for s, e in views.tokenise(text, 0, len(text))]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Calder’s ex-wife didn't go.", "Calder ’s ex-wife didn't go ."),
        ("the drivers’ CITY'S", "the drivers ’ CITY 'S"),
        ("£2.4 million, 1,000.5 km", "£ 2.4 million , 1,000.5 km"),
        ("“No!” 🇳🇴🇬🇧 👩🏽‍🚒 👍🏿 5️⃣", "“ No ! ” 🇳🇴 🇬🇧 👩🏽‍🚒 👍🏿 5️⃣"),
        ("O’Hare judge‑led 2022-23 a—b", "O’Hare judge‑led 2022-23 a — b"),
        ("हिन्दी e\u0301te\u0301's", "हिन्दी e\u0301te\u0301 's"),
    ],
)
def test_tokens_follow_the_stated_rules(text: str, tokens: str) -> None:
    assert words(text) == tokens.split(" ")


@given(TEXTS, st.sets(st.integers(0, 40)))
def test_tokens_cover_what_is_no_white_space_and_end_at_cuts(text: str, cuts: set[int]) -> None:
    tokens = views.tokenise(text, 0, len(text), cuts)
    covered = [i for start, end in tokens for i in range(start, end)]
    assert covered == sorted(set(covered))
    assert {i for i, c in enumerate(text) if not c.isspace()} == set(covered)
    assert not any(start < cut < end for start, end in tokens for cut in cuts)


@given(TEXTS, st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=6))
def test_tags_give_back_the_spans(text: str, places: list[tuple[int, int]]) -> None:
    spans = views.outermost(
        (start, start + length, "X" if length % 2 else "Y")
        for start, length in places
        if (slice_ := text[start : start + length])
        and len(slice_) == length
        and not (slice_[0].isspace() or slice_[-1].isspace())
    )
    tokens = views.tokenise(text, 0, len(text), {edge for span in spans for edge in span[:2]})
    assert views.tagged_spans(tokens, views.bio_tags(tokens, spans)) == spans


@pytest.mark.parametrize(
    "said",
    [
        [
            "Mr. Vik of the U.S. Navy left.",
            "“Go!” she said.",
            "“We are.”",
            "It cost 2.4 m…",
            "So?",
            "No. 5 won.",
        ],
        [
            "Vik v. Kelso began at 8 p.m. EDT.",
            "By 9 p.m. (1 UTC) it ended.",
            "At 10 p.m.",
            "Vik left.",
        ],
    ],
    ids=["names and marks", "times"],
)
def test_sentences_end_where_the_rules_say(said: list[str]) -> None:
    text = " ".join(said)
    assert [text[s:e] for s, e in views.sentences(text, 0, len(text))] == said


@pytest.mark.parametrize("sheet", synthetic.sample()[:4], ids=lambda s: s.article.id)
def test_entity_tags_are_the_outermost_spans(sheet: synthetic.Sheet) -> None:
    gold, names = sheet.gold(), set(load().name_types)
    rows = list(views.entities(sheet.article, gold))

    def read(column: str) -> list[tuple[int, int, str]]:
        return [s for row in rows for s in views.tagged_spans(row["offsets"], row[column])]

    assert read("ner_tags") == views.outermost(
        (m.start, m.end, m.type) for m in gold.mentions if m.type in names
    )
    assert read("quote_tags") == views.outermost(
        (s, e, "QUOTE") for q in gold.quotes for s, e in q.spans
    )
    assert read("cue_tags") == sorted((s, e, "CUE") for q in gold.quotes for s, e in q.cue)


def test_nested_names_and_quotes_give_way_to_the_outer_one() -> None:
    sheet = synthetic.trams()
    row = list(views.entities(sheet.article, sheet.gold()))[2]
    tagged = {
        column: [
            sheet.article.text[s:e] for s, e, _ in views.tagged_spans(row["offsets"], row[column])
        ]
        for column in ("ner_tags", "quote_tags")
    }
    assert tagged["ner_tags"][3:5] == ["Brackwater Council", "Friday"]
    assert tagged["quote_tags"] == [
        "“The Tern 4 is a bad tram,”",
        "“and the drivers call it ‘a coffin’ every day.”",
    ]


def test_a_name_inside_a_word_is_cut_out_of_it() -> None:
    sheet = synthetic.trams()
    tokens = list(views.entities(sheet.article, sheet.gold()))[3]["tokens"]
    assert tokens[tokens.index("Norwegian") - 1] == "pro-"


def test_a_quote_over_two_paragraphs_is_tagged_in_each() -> None:
    sheet = synthetic.Sheet(synthetic.article([("body", "He said “One."), ("body", "Two.” Then")]))
    sheet.quote("“One.\n\nTwo.”", type="direct", cue=["said"])
    rows = list(views.entities(sheet.article, sheet.gold()))
    assert [r["tokens"][r["quote_tags"].index("B-QUOTE")] for r in rows] == ["“", "Two"]
    (quote,) = views.quotes(sheet.article, sheet.gold())
    assert quote["context"] == sheet.article.text


def test_a_layer_that_was_not_labelled_has_no_tags_instead_of_os() -> None:
    sheet = synthetic.weather()
    (row, _) = views.entities(sheet.article, sheet.gold(["entities"]))
    assert (len(row["ner_tags"]), row["quote_tags"], row["cue_tags"]) == (3, [], [])
    assert list(views.entities(sheet.article, sheet.gold(["stance"]))) == []


def test_quotes_carry_their_words_their_speaker_and_who_that_is() -> None:
    sheet = synthetic.trams()
    split, inner, headline = views.quotes(sheet.article, sheet.gold())
    assert split["text"] == [
        "“The Tern 4 is a bad tram,”",
        "“and the drivers call it ‘a coffin’ every day.”",
    ]
    assert [m["text"] for m in split["speaker"]] == ["Odd Vik"]
    assert [e["name"] for e in split["speaker_entities"]] == ["Odd Vik"]
    assert [m["text"] for m in split["addressee"]] == ["Brackwater Council"]
    assert (inner["parent"], inner["cue_text"]) == (split["id"], ["call it"])
    assert (headline["role"], headline["context"]) == ("headline", sheet.article.headline)


def test_none_pairs_have_no_stance_in_their_sentence() -> None:
    sheet = synthetic.trams()
    rows = list(views.stance(sheet.article, sheet.gold()))
    none = {
        (r["holder"][0]["text"], r["target"][0]["text"], r["holder_level"])
        for r in rows
        if r["polarity"] == "none"
    }
    assert ("Ines Calder", "Odd Vik", "reported") in none
    assert not any(pair[:2] == ("Brackwater Council", "Tern 4") for pair in none)
    assert not any(holder in ("Tern 4", "Kelso Quay") for holder, _, _ in none)
    assert len({r["id"] for r in rows}) == len(rows)


def test_a_none_pair_of_words_with_two_labels_has_an_id_of_its_own() -> None:
    sheet = synthetic.Sheet(synthetic.article([("body", "Odd Vik left Kelso.")]))
    sheet.mention("Odd Vik", "PERSON")
    sheet.mention("Kelso", "GPE")
    sheet.mention("Kelso", "ORG", of="Kelso Rovers")
    gold = sheet.gold()
    for item in (gold.mentions[-1], gold.entities[-1]):  # as gold calls what shares a place
        item.id += "-ORG"
    gold.mentions[-1].entity += "-ORG"
    ids = [row["id"] for row in views.stance(sheet.article, gold)]
    assert len(ids) == 4
    assert len(set(ids)) == 4


def test_a_none_pair_has_the_quote_around_its_target_whoever_speaks_it() -> None:
    """Else a quote beside a holder who does not speak it would be there for stances only."""
    sheet = synthetic.Sheet(
        synthetic.article([("body", "“Bo Dahl and Eva Holm came,” Odd Vik said.")])
    )
    for name in ("Bo Dahl", "Eva Holm"):
        sheet.mention(name, "PERSON")
    vik = sheet.mention("Odd Vik", "PERSON")
    quote = sheet.quote("“Bo Dahl and Eva Holm came,”", type="direct", speaker=[vik])
    told = {
        (r["holder"][0]["text"], r["target"][0]["text"]): (r["holder_level"], r["quote"])
        for r in views.stance(sheet.article, sheet.gold())
    }
    assert told["Odd Vik", "Eva Holm"] == ("quoted", quote)
    assert told["Bo Dahl", "Eva Holm"] == ("reported", quote)
    assert told["Eva Holm", "Odd Vik"] == ("reported", "")


def test_a_none_pair_has_the_smallest_quote_around_its_target() -> None:
    text = "“Bo Dahl said ‘Eva Holm came’ and left,” Odd Vik said."
    sheet = synthetic.Sheet(synthetic.article([("body", text)]))
    bo, _, vik = (sheet.mention(name, "PERSON") for name in ("Bo Dahl", "Eva Holm", "Odd Vik"))
    outer = sheet.quote(text.partition(" Odd")[0], type="direct", speaker=[vik])
    inner = sheet.quote("‘Eva Holm came’", type="direct", speaker=[bo], parent=outer)
    quotes = {r["target"][0]["text"]: r["quote"] for r in views.stance(sheet.article, sheet.gold())}
    assert quotes == {"Bo Dahl": outer, "Eva Holm": inner, "Odd Vik": ""}


def test_a_none_pair_stands_in_its_sentence_as_a_whole() -> None:
    sheet = synthetic.Sheet(
        synthetic.article([("body", "Odd Vik told Bo Dahl of Holm q. Osterby on Friday.")])
    )
    for name, label in (("Odd Vik", "PERSON"), ("Bo Dahl", "PERSON"), ("Holm q. Osterby", "LAW")):
        sheet.mention(name, label)
    rows = list(views.stance(sheet.article, sheet.gold()))
    assert {r["target"][0]["text"] for r in rows} == {"Odd Vik", "Bo Dahl"}
    for row in rows:
        for mention in (*row["holder"], *row["target"]):
            assert row["sentence"][0] <= mention["start"] < mention["end"] <= row["sentence"][1]


def test_none_pairs_are_bounded_and_need_all_three_layers() -> None:
    names = [f"Person{c}" for c in "ABCDEFGHIJ"]
    sheet = synthetic.Sheet(synthetic.article([("body", " ".join(names) + " met.")]))
    for name in names:
        sheet.mention(name, "PERSON")
    assert len(list(views.stance(sheet.article, sheet.gold()))) == views.NONE_PAIRS
    assert list(views.stance(sheet.article, sheet.gold(["entities", "stance"]))) == []


def test_who_can_hold_a_stance_is_a_label() -> None:
    assert {s.name for s in load().spans.values() if s.holds} <= set(load().mention_types)


@pytest.mark.parametrize("release", ["withhold", "", "fetch-masked"])
def test_no_word_of_a_text_that_may_not_be_shown_leaves(release: str) -> None:
    sheet = synthetic.trams("fetch" if release == "fetch-masked" else "withhold")
    article = sheet.article
    if release == "fetch-masked":
        article = synthetic.masked(article)
    article.rights.release = release.removesuffix("-masked")
    gold, annotation = sheet.gold(), sheet.annotation("b1", "ann")
    rows = [
        *views.documents(article, gold),
        *views.entities(article, gold),
        *views.quotes(article, gold),
        *views.stance(article, gold),
        *views.annotations(article, annotation, "model"),
    ]
    assert len(rows) == 2
    assert rows[0]["text_available"] is False
    assert rows[0]["quotes"][0]["text"] == ["", ""]
    url = sheet.article.url
    assert url in rows[0]["attribution"] or release != "fetch-masked"
    assert "“”" not in rows[0]["attribution"]
    said = json.dumps(rows, ensure_ascii=False)
    assert not [w for w in ("bad", "coffin", "asked", "is hard", "🚋", "P. Hoto") if w in said]
    assert all(m["text"] == "" for m in rows[0]["mentions"])


def test_masked_gold_gets_its_words_back_from_a_text_that_may_be_published() -> None:
    sheet = synthetic.trams("fetch")
    gold = sheet.gold()
    assert gold.mentions[0].text == ""
    (row,) = views.documents(sheet.article, gold)
    assert [m["text"] for m in row["mentions"]][:2] == ["Union", "Tern 4"]
    assert row["attribution"] == (
        f"Example News contributors, “{sheet.article.headline}”, {sheet.article.url}, CC BY 2.5"
    )


def test_annotations_are_what_was_drawn() -> None:
    sheet = synthetic.trams()
    annotation = sheet.annotation("b1", "ann")
    (row,) = views.annotations(sheet.article, annotation, "model")
    assert all(s["text"] == sheet.article.text[s["start"] : s["end"]] for s in row["spans"])
    assert {k["role"] for k in row["links"]} >= {"speaker", "cue", "continues", "target"}
    assert (row["annotator_kind"], row["status"]) == ("model", "submitted")


def test_documents_repeat_gold_as_it_is() -> None:
    sheet = synthetic.trams()
    (row,) = views.documents(sheet.article, sheet.gold())
    assert [msgspec.convert(s, Stance) for s in row["stances"]] == sheet.gold().stances


def listed(spans: list[tuple[int, int, int]], width: int) -> tuple[Article, Gold]:
    """An article of one sentence with a mention at each `(start, end, entity)`; every third entity
    is a place."""
    article = bare("desk-000000000000", "x" * width)
    article.rights = Rights(release="ship")
    article.segments = [Segment(role="body", start=0, end=width)]
    mentions = [
        Mention(
            id=f"m{number}",
            start=start,
            end=end,
            text="x" * (end - start),
            type="PERSON" if entity % 3 else "LOC",
            form="name",
            entity=f"e{entity}",
        )
        for number, (start, end, entity) in enumerate(sorted(set(spans)))
    ]
    known = {m.entity: Entity(id=m.entity, name="", type=m.type, kb_id="") for m in mentions}
    return article, Gold(
        article_id=article.id,
        layers=list(LAYERS),
        n_annotators=1,
        settled_by="single",
        label_source="human",
        mentions=mentions,
        entities=list(known.values()),
        quotes=[],
        stances=[],
    )


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 4), st.integers(0, 7)), max_size=12))
def test_none_pairs_are_the_nearest_of_all_pairs(places: list[tuple[int, int, int]]) -> None:
    article, gold = listed([(s, s + size, entity) for s, size, entity in places], 70)
    holds = {e.id: load().spans[e.type].holds for e in gold.entities}
    gaps: dict[tuple[str, str], int] = {}
    for holder, target in permutations(gold.mentions, 2):
        gap = max(holder.start - target.end, target.start - holder.end)
        pair = holder.entity, target.entity
        if gap >= 0 and holds[holder.entity] and holder.entity != target.entity:
            gaps[pair] = min(gap, gaps.get(pair, gap))
    told = [
        max(h["start"] - t["end"], t["start"] - h["end"])
        for row in views.stance(article, gold)
        for h, t in [(row["holder"][0], row["target"][0])]
    ]
    assert told == sorted(gaps.values())[: views.NONE_PAIRS]
    for row in views.stance(article, gold):
        h, t = row["holder"][0], row["target"][0]
        gap = max(h["start"] - t["end"], t["start"] - h["end"])
        assert gaps[h["entity"], t["entity"]] == gap


def test_a_table_without_a_stop_is_no_sentence_of_a_million_pairs() -> None:
    article, gold = listed([(4 * i, 4 * i + 3, 3 * i + 1) for i in range(1000)], 4000)
    tracemalloc.start()
    try:
        rows = list(views.stance(article, gold))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(rows) == views.NONE_PAIRS
    assert most < 10_000_000, "bytes"
