"""The measures against cases computed by hand, against other implementations, and as identities."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import permutations, product
from typing import Literal

import krippendorff
import msgspec
import numpy as np
import pytest
from nervaluate import Evaluator

import synthetic
from onrecord.quality import comparing, coreference, measures
from onrecord.quality.comparing import Comparison, compare
from onrecord.quality.figures import RANKS, figures
from onrecord.records import Entity, Gold, Mention, Quote, Stance

TEXT = "0123456789" * 12
"""Every offset is a letter or digit, so offsets can be reckoned with."""
THIRD = pytest.approx(1 / 3)


def gold(
    mentions: Sequence[tuple[int, int, str, str]] = (),
    quotes: Sequence[Quote] = (),
    stances: Sequence[Stance] = (),
    layers: Sequence[str] = ("entities", "quotes", "stance"),
    article: str = "a",
) -> Gold:
    """A reading from `(start, end, type, entity)`; a mention's id is its offsets."""
    entities = dict.fromkeys(entity for *_, entity in mentions if entity)
    return Gold(
        article_id=article,
        layers=list(layers),
        n_annotators=1,
        settled_by="single",
        label_source="machine-generated",
        mentions=[
            Mention(id=f"{s}-{e}", start=s, end=e, text="", type=t, form="name", entity=entity)
            for s, e, t, entity in mentions
        ],
        entities=[Entity(id=id_, name="", type="ORG", kb_id="") for id_ in entities],
        quotes=list(quotes),
        stances=list(stances),
    )


def quote(
    *spans: tuple[int, int],
    type: str = "direct",
    cue: Iterable[tuple[int, int]] = (),
    speaker: Sequence[str] = (),
    addressee: Sequence[str] = (),
) -> Quote:
    return Quote(
        id=str(spans),
        type=type,
        spans=[list(span) for span in spans],
        text=[],
        cue=[list(span) for span in cue],
        speaker=list(speaker),
        speaker_entities=[],
        addressee=list(addressee),
        parent="",
    )


def stance(
    evidence: tuple[int, int],
    polarity: str,
    holder: Sequence[str] = (),
    target: Sequence[str] = (),
    level: str = "reported",
    target_text: str = "",
) -> Stance:
    return Stance(
        id=f"{evidence} {polarity}",
        polarity=polarity,
        evidence=[list(evidence)],
        holder_level=level,
        holder=list(holder),
        holder_entities=[],
        target=list(target),
        target_entities=[],
        target_text=target_text,
        quote="",
        basis="explicit",
    )


def values(first: Gold, second: Gold) -> dict[str, float]:
    told = figures([compare(TEXT, first, second)], resamples=10)
    return {name: figure.value for name, figure in told.items()}


# --- by hand ----------------------------------------------------------------------------------


def test_names_by_hand() -> None:
    first = gold([(0, 4, "PERSON", "p"), (6, 9, "ORG", "o"), (20, 30, "GPE", "g")])
    second = gold(
        [(0, 4, "PERSON", "p"), (6, 9, "LOC", "o"), (25, 35, "GPE", "g"), (50, 52, "GPE", "x")]
    )
    told = values(first, second)
    assert told["entities.spans"] == pytest.approx(4 / 7)  # two of three and four
    assert told["entities.spans_overlap"] == pytest.approx(6 / 7)
    assert told["entities.type"] == 0.5
    assert told["entities.exact"] == pytest.approx(2 / 7)
    assert told["entities.overlap"] == pytest.approx(4 / 7)
    assert told["entities.exact.PERSON"] == 1
    assert told["entities.exact.GPE"] == 0
    assert told["entities.overlap.GPE"] == pytest.approx(2 / 3)
    assert told["entities.exact.ORG"] == told["entities.exact.LOC"] == 0
    assert "entities.exact.LAW" not in told


def test_a_pronoun_is_no_name_and_stands_in_the_confusion() -> None:
    first = gold([(0, 4, "PERSON", "p"), (6, 9, "MENTION", "p")])
    second = gold([(0, 4, "PERSON", "p"), (6, 9, "ORG", "o"), (11, 15, "ORG", "q")])
    found = compare(TEXT, first, second)
    assert found.counts["entities.exact"] == (1, 1, 3)
    assert found.confusions["entities"] == {
        ("PERSON", "PERSON"): 1,
        ("MENTION", "ORG"): 1,
        (measures.UNMARKED, "ORG"): 1,
    }


def test_each_span_has_one_partner_and_equal_spans_find_each_other_first() -> None:
    # 0-10 meets both 0-9 and 0-10; the inner one must not take it from its equal.
    first = gold([(0, 10, "ORG", "a"), (20, 30, "ORG", "b")])
    second = gold(
        [(0, 9, "ORG", "a"), (0, 10, "ORG", "c"), (20, 24, "ORG", "d"), (25, 30, "ORG", "e")]
    )
    found = compare(TEXT, first, second)
    assert found.counts["entities.spans"] == (1, 2, 4)
    assert found.counts["entities.spans_overlap"] == (2, 2, 4)


def test_quotes_by_hand() -> None:
    people = [(100, 102, "PERSON", "p"), (104, 106, "PERSON", "q"), (108, 110, "MENTION", "p")]
    first = gold(
        people,
        [
            quote((0, 10), cue=[(12, 16)], speaker=["100-102"]),
            quote((20, 30), speaker=["100-102"], type="mixed"),
            quote((40, 50), (60, 70), speaker=["104-106"], addressee=["100-102"]),
            quote((80, 90)),
        ],
    )
    second = gold(
        people,
        [
            quote((0, 10), cue=[(14, 18)], speaker=["108-110"]),  # the same person by a pronoun
            quote((25, 35), speaker=["100-102"]),  # 5 of 15: another quote
            quote((40, 50), (60, 65), speaker=["100-102"]),  # 15 of 20: shared, another speaker
        ],
    )
    told = values(first, second)
    assert told["quotes.content"] == pytest.approx(4 / 7)
    assert told["quotes.exact"] == pytest.approx(2 / 7)
    assert told["quotes.content.direct"] == pytest.approx(4 / 6)
    assert told["quotes.content.mixed"] == 0
    assert told["quotes.type"] == 1
    assert told["quotes.speaker"] == 0.5
    assert told["quotes.cue"] == 1
    assert told["quotes.addressee"] == 0.5
    assert told["quotes.addressee_marked"] == 0
    assert told["quotes.attributed"] == pytest.approx(2 / 7)


def test_half_of_the_content_makes_a_quote_and_marks_do_not_count() -> None:
    text = "“Aaaa bb!” c"
    whole, inside, less = (0, 10), (1, 8), (1, 5)
    assert compare(text, gold(quotes=[quote(whole)]), gold(quotes=[quote(inside)])).counts[
        "quotes.exact"
    ] == (1, 1, 1)
    # Four of six letters are enough, two of six are not.
    assert compare(text, gold(quotes=[quote(whole)]), gold(quotes=[quote(less)])).counts[
        "quotes.content"
    ] == (1, 1, 1)
    assert compare(text, gold(quotes=[quote(whole)]), gold(quotes=[quote((6, 8))])).counts[
        "quotes.content"
    ] == (0, 1, 1)


def test_speakers_differ_where_both_marked_both_mentions_and_linked_another() -> None:
    # "Vik" inside "Vik's deputy": overlap alone would make them one.
    people = [(100, 103, "PERSON", "v"), (100, 110, "MENTION", "d")]
    first = gold(people, [quote((0, 10), speaker=["100-103"])])
    second = gold(people, [quote((0, 10), speaker=["100-110"])])
    assert values(first, second)["quotes.speaker"] == 0
    # Who marked one span only meant the other's.
    alone = gold([(102, 110, "MENTION", "d")], [quote((0, 10), speaker=["102-110"])])
    assert values(second, alone)["quotes.speaker"] == 1


def test_stance_by_hand() -> None:
    people = [
        (100, 102, "PERSON", "p"),
        (104, 106, "ORG", "o"),
        (108, 110, "MENTION", "o"),
        (112, 114, "LAW", "l"),
    ]
    first = gold(
        people,
        stances=[
            stance((0, 10), "against", ["100-102"], ["104-106"]),
            stance((20, 30), "against", ["100-102"], ["108-110"]),  # the same triple again
            stance((40, 50), "favor", ["104-106"], ["112-114"]),
            stance((60, 70), "favor", [], ["112-114"], level="author"),
        ],
    )
    second = gold(
        people,
        stances=[
            stance((5, 12), "against", ["100-102"], ["108-110"]),
            stance((40, 50), "neutral", ["104-106"], ["112-114"]),
            stance((60, 70), "favor", [], ["112-114"], level="unnamed"),
        ],
    )
    told = values(first, second)
    assert told["stance.evidence"] == pytest.approx(6 / 7)
    assert told["stance.holder"] == pytest.approx(2 / 3)  # the author is not nobody
    assert told["stance.target"] == 1
    assert told["stance.evidence_polarity"] == pytest.approx(2 / 3)
    assert told["stance.pairs"] == pytest.approx(4 / 6)  # three pairs each, two shared
    assert told["stance.polarity"] == 0.5
    assert told["stance.triples"] == pytest.approx(2 / 6)


def test_several_holders_are_several_triples() -> None:
    people = [(100, 102, "PERSON", "p"), (104, 106, "ORG", "o"), (112, 114, "LAW", "l")]
    both = gold(people, stances=[stance((0, 9), "favor", ["100-102", "104-106"], ["112-114"])])
    one = gold(people, stances=[stance((0, 9), "favor", ["100-102"], ["112-114"])])
    assert compare(TEXT, both, one).counts["stance.triples"] == (1, 2, 1)


def test_a_target_without_a_mention_agrees_by_its_place_and_never_by_its_name() -> None:
    def only(evidence: tuple[int, int], target: str) -> Gold:
        return gold(stances=[stance(evidence, "favor", [], [], "unnamed", target)])

    near = compare(TEXT, only((0, 10), "the inquiry"), only((5, 12), "an inquiry"))
    far = compare(TEXT, only((0, 10), "the inquiry"), only((20, 30), "the inquiry"))
    assert near.counts["stance.triples"].shared == 1
    assert far.counts["stance.triples"].shared == 0


def test_names_of_entities_and_their_ids_decide_nothing() -> None:
    first = gold([(0, 4, "ORG", "x"), (6, 9, "ORG", "x")])
    second = gold([(0, 4, "ORG", "one id"), (6, 9, "ORG", "one id")])
    second.entities[0].name = "another name"
    assert set(values(first, second).values()) == {1.0}


# Clusters of the usual worked example: {a b c} {d e f g} against {a b} {c d} {f g h i}.
KEY = [{(0, 1), (2, 3), (4, 5)}, {(6, 7), (8, 9), (10, 11), (12, 13)}]
RESPONSE = [{(0, 1), (2, 3)}, {(4, 5), (6, 7)}, {(10, 11), (12, 13), (14, 15), (16, 17)}]


def test_fractions_add_up_whichever_python_adds_them() -> None:
    """Ten tenths are one; `sum` says so from Python 3.12 on only."""
    whole = [{(at, at + 1) for at in range(10)}]
    apart = [{span} for span in sorted(whole[0])]
    recall, precision = coreference.b_cubed(whole, apart)
    assert (recall.shared, precision.shared) == (1, 10)


def test_coreference_by_hand() -> None:
    assert coreference.muc(KEY, RESPONSE) == (2, 5, 5)
    recall, precision = coreference.b_cubed(KEY, RESPONSE)
    assert recall.shared / 7 == pytest.approx(0.41667, abs=1e-5)
    assert precision.shared / 8 == 0.5
    assert coreference.ceaf_e(KEY, RESPONSE) == (pytest.approx(1.3), 2, 3)

    def side(clusters: list[set[tuple[int, int]]]) -> Gold:
        return gold([(s, e, "ORG", str(n)) for n, c in enumerate(clusters) for s, e in sorted(c)])

    told = values(side(KEY), side(RESPONSE))
    muc, b_cubed, ceaf_e = 0.4, 2 * 0.5 * (35 / 84) / (0.5 + 35 / 84), 2 * 1.3 / 5
    assert told["coreference.b_cubed"] == pytest.approx(b_cubed)
    assert told["coreference.conll"] == pytest.approx((muc + b_cubed + ceaf_e) / 3)


def test_entities_are_aligned_as_well_as_can_be() -> None:
    rng = random.Random(3)
    for _ in range(200):
        spans = [(2 * n, 2 * n + 1) for n in range(8)]
        first, second = (_partition(spans, rng) for _ in range(2))
        wide, narrow = sorted((first, second), key=len, reverse=True)
        phi = [[2 * len(a & b) / (len(a) + len(b)) for b in narrow] for a in wide]
        best = max(
            sum(phi[i][j] for j, i in enumerate(rows))
            for rows in permutations(range(len(wide)), len(narrow))
        )
        assert coreference.ceaf_e(first, second).shared == pytest.approx(best)


def _partition(spans: list[tuple[int, int]], rng: random.Random) -> list[set[tuple[int, int]]]:
    parts: dict[int, set[tuple[int, int]]] = {}
    for span in spans:
        parts.setdefault(rng.randrange(4), set()).add(span)
    return list(parts.values())


def test_an_interval_and_what_it_is_about() -> None:
    hit = gold([(0, 4, "ORG", "o")])
    miss = gold([(50, 54, "ORG", "o")])
    one = figures([compare(TEXT, hit, hit)])["entities.exact"]
    assert (one.value, one.low, one.high, one.n, one.documents) == (1, 0, 1, 1, 1)
    # 40 articles of one name each, 30 shared: by the binomial 0.75 lies in about .60 to .875.
    found = [compare(TEXT, hit, hit)] * 30 + [compare(TEXT, hit, miss)] * 10
    mixed = [each._replace(article_id=str(n)) for n, each in enumerate(found)]
    told = figures(mixed)["entities.exact"]
    assert told.value == 0.75
    assert 0.55 < told.low < 0.65
    assert 0.84 < told.high < 0.9
    assert (told.n, told.documents) == (50, 40)
    assert figures(mixed) == figures(mixed)
    assert figures(reversed(mixed)) == figures(mixed)


def test_precision_and_recall_take_the_first_reading_as_truth() -> None:
    truth = gold([(0, 4, "ORG", "o"), (6, 9, "ORG", "p"), (11, 15, "ORG", "q")])
    found = gold([(0, 4, "ORG", "o"), (50, 54, "ORG", "p")])
    told = figures([compare(TEXT, truth, found)])["entities.exact"]
    assert (told.precision, told.recall) == (0.5, THIRD)


def test_nothing_to_measure_is_no_figure() -> None:
    assert figures([]) == {}
    assert values(gold(), gold()) == {}
    told = values(gold([(0, 4, "ORG", "o")]), gold(layers=["quotes"]))
    assert told == {}, "a layer that one did not label is not one without labels"


def test_readings_of_two_articles_are_refused() -> None:
    with pytest.raises(ValueError, match="two articles"):
        compare(TEXT, gold(article="a"), gold(article="b"))


def test_a_reading_of_an_edited_text_is_refused() -> None:
    sheet = synthetic.trams()
    row = sheet.annotation("b1", "ann")
    assert comparing.reading(sheet.article, row).quotes
    row.text_sha256 = "0" * 64
    with pytest.raises(ValueError, match="another text"):
        comparing.reading(sheet.article, row)


# --- other implementations --------------------------------------------------------------------


def _random_names(rng: random.Random) -> list[tuple[int, int, str, str]]:
    names, at = [], 0
    while at < 110:
        at += rng.randrange(1, 8)
        end = at + rng.randrange(1, 5)
        names.append((at, end, rng.choice(["PERSON", "ORG", "GPE"]), f"e{at}"))
        at = end
    return names


def test_names_are_what_nervaluate_says() -> None:
    rng = random.Random(5)
    documents = []
    for _ in range(20):
        names = _random_names(rng)
        noisy = [
            (s, e + rng.choice([0, 0, 1]), t if rng.random() < 0.8 else "GPE", entity)
            for s, e, t, entity in names
            if rng.random() < 0.9
        ]
        documents.append((names, noisy))
    told = figures([compare(TEXT, gold(a), gold(b)) for a, b in documents], resamples=10)

    def theirs(side: int) -> list[list[dict[str, object]]]:
        return [
            [{"label": t, "start": s, "end": e} for s, e, t, _ in pair[side]] for pair in documents
        ]

    evaluator = Evaluator(theirs(0), theirs(1), tags=["PERSON", "ORG", "GPE"])
    overall = evaluator.evaluate()["overall"]
    for name, scheme in (("entities.exact", "strict"), ("entities.spans", "exact")):
        assert told[name].value == pytest.approx(overall[scheme].f1)
        assert told[name].precision == pytest.approx(overall[scheme].precision)
        assert told[name].recall == pytest.approx(overall[scheme].recall)


def _polarities(pairs: Sequence[tuple[str, str]]) -> list[Comparison]:
    """An article for each pair of polarities that two readings give one holder and target."""
    people = [(100, 102, "PERSON", "p"), (112, 114, "LAW", "l")]
    return [
        compare(
            TEXT,
            *(
                gold(
                    people,
                    stances=[stance((0, 10), polarity, ["100-102"], ["112-114"])],
                    article=str(number),
                )
                for polarity in pair
            ),
        )
        for number, pair in enumerate(pairs)
    ]


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_what_krippendorff_says(seed: int) -> None:
    rng = random.Random(seed)
    kinds = ["against", "neutral", "mixed", "favor"]
    pairs = [(rng.choice(kinds), rng.choice(kinds)) for _ in range(15)]
    pairs += [(kind, kind) for kind in kinds]
    told = figures(_polarities(pairs), resamples=10)
    levels: tuple[tuple[str, Literal["nominal", "ordinal"], dict[str, int]], ...] = (
        ("stance.alpha", "nominal", {kind: n for n, kind in enumerate(kinds)}),
        ("stance.alpha_ordinal", "ordinal", RANKS),
    )
    for name, level, code in levels:
        table = np.array([[code[pair[side]] for pair in pairs] for side in (0, 1)], dtype=float)
        theirs = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
        assert told[name].value == pytest.approx(theirs)


def test_alpha_is_silent_where_only_one_polarity_is_known() -> None:
    told = figures(_polarities([("favor", "favor")] * 3))
    assert told["stance.polarity"].value == 1
    assert "stance.alpha" not in told


# --- identities -------------------------------------------------------------------------------

SHEETS = (synthetic.trams(), synthetic.harbour(), synthetic.weather())


def test_a_reading_agrees_with_itself_in_everything() -> None:
    found = [compare(s.article.text, s.gold(), s.gold()) for s in SHEETS]
    told = figures(found)
    assert set(measures.MEASURES) <= set(told)
    assert {name: figure.value for name, figure in told.items() if figure.value != 1} == {}


def test_the_order_of_the_readings_does_not_matter() -> None:
    rng = random.Random(11)
    forth, back = [], []
    for number, sheet in product(range(10), SHEETS):
        readings = [_disturbed(sheet.gold(), rng) for _ in range(2)]
        key = f"{number} {sheet.article.id}"
        forth.append(compare(sheet.article.text, *readings)._replace(article_id=key))
        back.append(compare(sheet.article.text, *reversed(readings))._replace(article_id=key))
    one, other = figures(forth, resamples=50), figures(back, resamples=50)
    assert one.keys() == other.keys()
    for name, figure in one.items():
        mirrored = other[name]
        assert figure.value == pytest.approx(mirrored.value), name
        assert (figure.low, figure.high) == pytest.approx((mirrored.low, mirrored.high)), name
        assert (figure.n, figure.documents) == (mirrored.n, mirrored.documents), name
        assert figure.precision == pytest.approx(mirrored.recall), name


def _disturbed(reading: Gold, rng: random.Random) -> Gold:
    """A reading with some ends moved, some things dropped, some judgements changed."""
    copy = msgspec.json.decode(msgspec.json.encode(reading), type=Gold)
    types = ["PERSON", "ORG", "GPE"]
    for m in copy.mentions:
        m.start += rng.choice([0, 0, 1])
        if m.type != "MENTION" and rng.random() < 0.3:
            m.type = rng.choice(types)
        if rng.random() < 0.3:
            m.entity = rng.choice(copy.entities).id
    copy.quotes = [q for q in copy.quotes if rng.random() < 0.8]
    for q in copy.quotes:
        q.spans[0][0] += rng.choice([0, 0, 6])
        q.speaker = q.speaker if rng.random() < 0.7 else [rng.choice(copy.mentions).id]
    for s in copy.stances:
        s.polarity = s.polarity if rng.random() < 0.7 else rng.choice(["favor", "neutral"])
        s.target = s.target if rng.random() < 0.7 else [rng.choice(copy.mentions).id]
    return copy


def test_shuffled_labels_are_near_chance() -> None:
    rng = random.Random(7)
    kinds = ["against", "favor", "neutral"]
    pairs = [(rng.choice(kinds), rng.choice(kinds)) for _ in range(600)]
    told = figures(_polarities(pairs))
    assert abs(told["stance.alpha"].value) < 0.08
    assert told["stance.alpha"].low < 0 < told["stance.alpha"].high
    assert told["stance.polarity"].value == pytest.approx(1 / 3, abs=0.06)

    types = ["PERSON", "ORG", "GPE", "LOC"]
    names = [(n * 4, n * 4 + 2, "ORG", f"e{n}") for n in range(25)]
    shuffled = [
        [gold([(s, e, rng.choice(types), entity) for s, e, _, entity in names]) for _ in range(2)]
        for _ in range(40)
    ]
    told = figures([compare(TEXT, *pair) for pair in shuffled])
    assert told["entities.spans"].value == 1
    assert told["entities.type"].value == pytest.approx(1 / 4, abs=0.04)
