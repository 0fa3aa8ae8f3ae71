"""What becomes of annotations: which items are settled, and the gold document made of them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path

import msgspec
import pytest

import synthetic
from cli import onrecord
from onrecord import atomic, ledger
from onrecord.gold.documents import gold_document, make, mention_form
from onrecord.gold.newest import newest_batches, newest_by_place, newest_gold
from onrecord.gold.settle import item_key, settle, span_key
from onrecord.ledger import House
from onrecord.records import (
    Adjudication,
    Annotation,
    AnnotationEntity,
    Article,
    Attributes,
    DataError,
    Decision,
    Gold,
    Link,
    Span,
)
from onrecord.rules import RULES

HEADLINE = "Vik rejects levy"
BODY = (
    "“The levy is dead,” Odd Vik told Mara Holt, “and so is the fund.” He had said Holt called it"
    " “a joke” on Monday. Odd Vik praised Trondheim. Holt’s office wants the levy."
)
ARTICLE = synthetic.article([("headline", HEADLINE), ("body", BODY)])
TEXT = ARTICLE.text
KINDS = {"ann": "model", "bob": "model", "cyd": "person"}


class Pen:
    """An annotator at work: spans by their words, links by their spans."""

    def __init__(self, annotator: str = "ann", article: Article = ARTICLE) -> None:
        self.article = article
        self.annotator = annotator
        self.entities: list[AnnotationEntity] = []
        self.spans: list[Span] = []
        self.links: list[Link] = []

    def span(
        self, words: str, label: str, *, nth: int = 1, of: str = "", **attributes: object
    ) -> str:
        start = -1
        for _ in range(nth):
            start = TEXT.index(words, start + 1)
        span = Span(
            id=f"{self.annotator}{len(self.spans)}",
            label=label,
            start=start,
            end=start + len(words),
            entity=of,
            attributes=msgspec.convert(attributes, Attributes),
        )
        self.spans.append(span)
        return span.id

    def link(self, role: str, one: str, other: str) -> None:
        self.links.append(Link(from_=one, to=other, role=role))

    def done(
        self,
        *,
        status: str = "submitted",
        layers: Sequence[str] = ("entities", "quotes", "stance"),
        sha: str = "",
    ) -> Annotation:
        return Annotation(
            article_id=self.article.id,
            text_sha256=sha or self.article.text_sha256,
            batch="b1",
            annotator=self.annotator,
            status=status,
            layers=list(layers),
            entities=self.entities,
            spans=self.spans,
            links=self.links,
        )


def whole(annotator: str = "ann") -> Pen:
    """Everything that stands in the article, in all three layers."""
    pen = Pen(annotator)
    vik = pen.span("Odd Vik", "PERSON")
    holt = pen.span("Mara Holt", "PERSON")
    he = pen.span("He", "MENTION", nth=1)
    pen.link("same", he, vik)
    surname = pen.span("Holt", "PERSON", nth=2)
    pen.link("same", surname, holt)
    levy = pen.span("The levy", "MENTION")
    first = pen.span("“The levy is dead,”", "QUOTE")
    second = pen.span("“and so is the fund.”", "QUOTE")
    pen.link("continues", first, second)
    pen.link("cue", first, pen.span("told", "CUE"))
    pen.link("speaker", vik, first)
    pen.link("addressee", holt, second)
    outer = pen.span("Holt called it “a joke” on Monday", "QUOTE")
    pen.link("cue", outer, pen.span("had said", "CUE"))
    pen.link("speaker", he, outer)
    inner = pen.span("“a joke”", "QUOTE")
    pen.link("cue", inner, pen.span("called it", "CUE"))
    pen.link("speaker", surname, inner)
    pen.span("Monday", "DATE")
    against = pen.span("“The levy is dead,”", "STANCE_AGAINST")
    pen.link("target", levy, against)
    praise = pen.span("praised Trondheim", "STANCE_FAVOR", basis="action")
    pen.link("holder", pen.span("Odd Vik", "PERSON", nth=2), praise)
    pen.link("target", pen.span("Trondheim", "GPE"), praise)
    return pen


def gold_of(*pens: Pen, article: Article = ARTICLE) -> Gold:
    settled = settle([pen.done() for pen in pens])
    assert settled.disputed == []
    return gold_document(article, settled, KINDS)


def decide(*decisions: Decision) -> Adjudication:
    return Adjudication(
        article_id=ARTICLE.id,
        text_sha256=ARTICLE.text_sha256,
        batch="b1",
        adjudicator="cyd",
        created_at="2024-03-02T10:00:00Z",
        decisions=list(decisions),
    )


def words(pairs: Sequence[Sequence[int]]) -> list[str]:
    return [TEXT[start:end] for start, end in pairs]


# --- settling ---------------------------------------------------------------------------------


def test_what_one_annotator_submitted_is_settled() -> None:
    settled = settle([whole().done()])
    assert (settled.settled_by, settled.n_annotators, settled.disputed) == ("single", 1, [])


def test_two_who_drew_the_same_agree_whatever_their_ids() -> None:
    other = whole("bob")
    random.Random(1).shuffle(other.links)
    settled = settle([whole().done(), other.done()])
    assert (settled.settled_by, settled.n_annotators, settled.disputed) == ("agreement", 2, [])
    alone = settle([whole().done()])
    assert (settled.spans, settled.links) == (alone.spans, alone.links)


@pytest.mark.parametrize("status", ["skipped", "draft"])
def test_only_what_is_submitted_counts(status: str) -> None:
    settled = settle([whole().done(), Pen("bob").done(status=status)])
    assert settled.settled_by == "single"
    with pytest.raises(ValueError, match="nothing is submitted"):
        settle([Pen().done(status=status)])


def test_a_span_that_one_did_not_draw_is_disputed_by_its_key() -> None:
    ann, bob = Pen(), Pen("bob")
    ann.span("Trondheim", "GPE")
    start = TEXT.index("Trondheim")
    settled = settle([ann.done(), bob.done()])
    assert settled.disputed == [f"span {start}-{start + 9} GPE"] == [item_key(ann.spans[0])]
    assert settled.spans == []


def test_a_link_that_one_did_not_draw_is_disputed_and_its_spans_are_not() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        pen.span("Odd Vik", "PERSON")
        pen.span("“a joke”", "QUOTE")
    ann.link("speaker", "ann0", "ann1")
    settled = settle([ann.done(), bob.done()])
    assert settled.disputed == [item_key(*ann.spans, role="speaker")]
    assert settled.disputed[0].startswith("link speaker ")
    assert len(settled.spans) == 2


def test_a_link_drawn_the_other_way_round_is_the_same_link() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        pen.span("Odd Vik", "PERSON")
        pen.span("He", "MENTION")
        pen.span("“a joke”", "QUOTE")
    ann.link("same", "ann0", "ann1")
    bob.link("same", "bob1", "bob0")
    ann.link("speaker", "ann1", "ann2")
    bob.link("speaker", "bob2", "bob1")
    assert settle([ann.done(), bob.done()]).disputed == []


def test_attributes_and_entities_must_agree_too() -> None:
    ann, bob = Pen(), Pen("bob")
    ann.span("praised Trondheim", "STANCE_FAVOR", basis="action")
    bob.span("praised Trondheim", "STANCE_FAVOR")
    assert settle([ann.done(), bob.done()]).disputed == [item_key(ann.spans[0])]

    ann, bob = Pen(), Pen("bob")
    ann.entities = [AnnotationEntity(id="e1", name="Trondheim", kb_id="Q25804")]
    bob.entities = [AnnotationEntity(id="x", name="City of Trondheim", kb_id="Q25804")]
    ann.span("Trondheim", "GPE", of="e1")
    bob.span("Trondheim", "GPE", of="x")
    assert settle([ann.done(), bob.done()]).disputed == []
    bob.entities[0].kb_id = "Q1"
    assert settle([ann.done(), bob.done()]).disputed == [item_key(ann.spans[0])]


def test_an_explicit_basis_is_the_default_one() -> None:
    ann, bob = Pen(), Pen("bob")
    ann.span("praised Trondheim", "STANCE_FAVOR", basis="explicit")
    bob.span("praised Trondheim", "STANCE_FAVOR")
    assert settle([ann.done(), bob.done()]).disputed == []


def test_only_layers_that_all_labelled_count() -> None:
    bob = Pen("bob")
    bob.spans = [msgspec.structs.replace(s) for s in whole("bob").spans if s.label in KNOWN_NAMES]
    ann = whole()
    settled = settle([ann.done(), bob.done(layers=["entities"])])
    assert settled.layers == ["entities"]
    assert {span.label for span in settled.spans} <= {*KNOWN_NAMES, "MENTION"}


KNOWN_NAMES = {"PERSON", "GPE", "DATE"}


def test_without_the_entity_layer_only_linked_mentions_stand() -> None:
    pen = whole()
    gold = gold_document(ARTICLE, settle([pen.done(layers=["quotes"])]), KINDS)
    assert gold.layers == ["quotes"]
    assert gold.stances == []
    assert "Monday" not in [m.text for m in gold.mentions]
    assert [m.text for m in gold.mentions if m.id in gold.quotes[0].speaker] == ["Odd Vik"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_annotators_does_not_matter(order: tuple[int, ...]) -> None:
    pens = [whole("ann"), whole("bob"), whole("cyd")]
    pens[1].span("Trondheim", "ORG")
    pens[2].links.pop()
    work = [pen.done() for pen in pens]
    assert settle([work[n] for n in order]) == settle(work)


def test_a_link_to_a_span_that_is_not_there_is_told_not_dropped() -> None:
    pen = Pen()
    pen.span("“a joke”", "QUOTE")
    pen.link("speaker", "gone", "ann0")
    assert settle([pen.done()]).disputed == ["link speaker gone ann0"]


def test_a_link_that_its_role_cannot_make_is_told_not_dropped() -> None:
    pen = Pen()
    pen.span("Odd Vik", "PERSON")
    pen.span("told", "CUE")
    pen.link("speaker", "ann0", "ann1")
    assert settle([pen.done()]).disputed == [item_key(*pen.spans, role="speaker")]


# --- what annotators call an entity -----------------------------------------------------------


def named(pen: Pen, *names: str) -> list[AnnotationEntity]:
    """Give a pen entities of its own, by ids that nobody else has."""
    pen.entities = [
        AnnotationEntity(id=f"{pen.annotator}-e{n}", name=name) for n, name in enumerate(names)
    ]
    return pen.entities


def levies() -> tuple[Pen, Pen]:
    """Both have Odd Vik twice and a "He" that is one of them; Bob calls him something else."""
    ann, bob = Pen(), Pen("bob")
    for pen, name in ((ann, "Odd Vik"), (bob, "Vik, the councillor")):
        (entity,) = named(pen, name)
        for words, label, nth in (("Odd Vik", "PERSON", 1), ("Odd Vik", "PERSON", 2)):
            pen.span(words, label, nth=nth, of=entity.id)
        pen.span("He", "MENTION", of=entity.id)
    return ann, bob


def test_what_an_entity_is_called_is_no_difference_where_its_mentions_are_the_same() -> None:
    ann, bob = levies()
    work = [ann.done(), bob.done()]
    assert len(settle(work).disputed) == 3, "without the text, names must agree"
    settled = settle(work, text=TEXT)
    assert settled.disputed == []
    gold = gold_document(ARTICLE, settled, KINDS)
    assert [entity.name for entity in gold.entities] == ["Odd Vik"]
    assert settle(work[::-1], text=TEXT) == settled


def test_a_choice_left_to_the_surface_is_no_difference() -> None:
    ann, bob = levies()
    for span in bob.spans[:2]:
        span.entity = ""
    bob.spans[2].entity = ""
    bob.link("same", bob.spans[2].id, bob.spans[0].id)
    settled = settle([ann.done(), bob.done()], text=TEXT)
    assert settled.disputed == []
    (entity,) = gold_document(ARTICLE, settled, KINDS).entities
    assert entity.name == "Odd Vik"


def test_chains_of_same_links_need_not_be_the_same_chains() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        for words, label in (("Odd Vik", "PERSON"), ("He", "MENTION"), ("Vik", "PERSON")):
            pen.span(words, label)
    ann.link("same", "ann0", "ann1")
    ann.link("same", "ann1", "ann2")
    bob.link("same", "bob0", "bob1")
    bob.link("same", "bob0", "bob2")
    settled = settle([ann.done(), bob.done()], text=TEXT)
    assert settled.disputed == []
    assert len(gold_document(ARTICLE, settled, KINDS).entities) == 1
    bob.links.pop()
    assert settle([ann.done(), bob.done()], text=TEXT).disputed


def test_other_mentions_and_other_wikidata_ids_are_a_difference() -> None:
    ann, bob = levies()
    bob.entities += [AnnotationEntity(id="bob-e1", name="Another")]
    bob.spans[2].entity = "bob-e1"
    assert item_key(bob.spans[2]) in settle([ann.done(), bob.done()], text=TEXT).disputed

    ann, bob = levies()
    ann.entities[0].kb_id = "Q11"
    settled = settle([ann.done(), bob.done()], text=TEXT)
    assert settled.disputed == []
    assert gold_document(ARTICLE, settled, KINDS).entities[0].kb_id == "Q11"
    bob.entities[0].kb_id = "Q12"
    assert len(settle([ann.done(), bob.done()], text=TEXT).disputed) == 3


def test_two_of_one_name_stay_two() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen, names in ((ann, ("Vik the elder", "Vik the younger")), (bob, ("Vik 1", "Vik 2"))):
        one, other = named(pen, *names)
        pen.span("Odd Vik", "PERSON", nth=1, of=one.id)
        pen.span("Odd Vik", "PERSON", nth=2, of=other.id)
    settled = settle([ann.done(), bob.done()], text=TEXT)
    assert settled.disputed == []
    names = [e.name for e in gold_document(ARTICLE, settled, KINDS).entities]
    assert names == ["Vik the elder", "Vik the younger"]
    bob.spans[1].entity = bob.entities[0].id
    assert settle([ann.done(), bob.done()], text=TEXT).disputed


# --- adjudication -----------------------------------------------------------------------------


def test_a_gold_item_names_its_annotators_or_its_decisions() -> None:
    ann, bob = boundary_dispute()
    for pen in (ann, bob):
        pen.span("Trondheim", "GPE")
    settled = settle([ann.done(), bob.done()], for_ann(ann, bob))
    gold = gold_document(ARTICLE, settled, KINDS)
    assert (gold.annotators, gold.adjudicator) == (["ann", "bob"], "cyd")
    decided = {d.id: d.items for d in gold.decided}
    vik = next(m for m in gold.mentions if m.text == "Odd Vik")
    (quote,) = gold.quotes
    # Both drew the quote, and whose it is was decided; both drew Trondheim.
    link = item_key(ann.spans[0], ann.spans[1], role="speaker")
    assert decided == {vik.id: [item_key(ann.spans[0])], quote.id: [link]}


def test_without_an_adjudication_nothing_is_decided() -> None:
    gold = gold_of(whole(), whole("bob"))
    assert (gold.annotators, gold.adjudicator, gold.decided) == (["ann", "bob"], "", [])


@pytest.mark.parametrize(
    ("decided", "newest"), [({"b1": "01", "b2": "02"}, "b2"), ({"b1": "02"}, "b1"), ({}, "b3")]
)
def test_the_newest_adjudicated_batch_is_an_articles_gold(
    tmp_path: Path, decided: dict[str, str], newest: str
) -> None:
    house = House(tmp_path)
    for batch in ("b1", "b2", "b3"):
        gold = gold_of(whole())
        gold.adjudicator = "cyd" if batch in decided else ""
        ledger.write(house.gold / f"{batch}.jsonl", [gold])
    for batch, day in decided.items():
        row = decide(Decision(item="span 0-1 ORG", chosen="neither"))
        row.created_at = f"2024-03-{day}T10:00:00Z"
        ledger.write(house.adjudications / f"{batch}.jsonl", [row])
    assert newest_batches(house) == {ARTICLE.id: newest}
    assert len(list(newest_gold(house))) == 1


@pytest.mark.parametrize(("day", "newest"), [("03", "b2"), ("01", "b1"), ("", "b1")])
def test_who_agree_count_as_much_as_an_adjudication(tmp_path: Path, day: str, newest: str) -> None:
    """The first guidelines' decisions do not outlive a newer reading that needed none."""
    house = House(tmp_path)
    earlier = gold_of(whole(), whole("bob"))
    earlier.adjudicator, earlier.settled_by = "cyd", "adjudication"
    ledger.write(house.gold / "b1.jsonl", [earlier])
    row = decide(Decision(item="span 0-1 ORG", chosen="neither"))
    row.created_at = "2024-03-02T10:00:00Z"
    ledger.write(house.adjudications / "b1.jsonl", [row])
    ledger.write(house.gold / "b2.jsonl", [gold_of(whole(), whole("bob"))])
    for pen in (whole(), whole("bob")):
        done = pen.done()
        # The later of the two counts; whoever only began counts for nothing.
        done.created_at = day and f"2024-03-{day if pen.annotator == 'ann' else '01'}T10:00:00Z"
        begun = msgspec.structs.replace(
            done, annotator="dee", status="draft", created_at="2024-04-01T10:00:00Z"
        )
        ledger.write(house.annotations / f"b2/{pen.annotator}.jsonl", [done])
        ledger.write(house.annotations / "b2/dee.jsonl", [begun])
    assert newest_batches(house) == {ARTICLE.id: newest}
    assert newest_by_place(house).get(ARTICLE.id) == newest


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2024-03-02T10:00:00Z", "2024-03-02T10:00:00.5Z"),
        ("2024-03-02T10:00:00.5Z", "2024-03-02T10:00:00.51Z"),
    ],
)
def test_a_fraction_of_a_second_later_is_later(tmp_path: Path, earlier: str, later: str) -> None:
    house = House(tmp_path)
    for batch, time in (("b1", later), ("b2", earlier)):
        gold = gold_of(whole())
        gold.adjudicator = "cyd"
        ledger.write(house.gold / f"{batch}.jsonl", [gold])
        row = decide(Decision(item="span 0-1 ORG", chosen="neither"))
        row.created_at = time
        ledger.write(house.adjudications / f"{batch}.jsonl", [row])
    assert newest_batches(house) == {ARTICLE.id: "b1"}


def test_gold_of_a_single_annotator_gives_way_whenever_the_other_was_settled(
    tmp_path: Path,
) -> None:
    house = House(tmp_path)
    ledger.write(house.gold / "b1.jsonl", [gold_of(whole(), whole("bob"))])
    for annotator in ("ann", "bob"):
        # Not made in Label Studio: nothing tells when.
        ledger.write(house.annotations / f"b1/{annotator}.jsonl", [whole(annotator).done()])
    ledger.write(house.gold / "b2.jsonl", [gold_of(whole())])
    assert newest_batches(house) == {ARTICLE.id: "b1"}


def boundary_dispute() -> tuple[Pen, Pen]:
    """Ann has "Odd Vik" as the speaker, Bob only "Vik"."""
    ann, bob = Pen(), Pen("bob")
    ann.span("Odd Vik", "PERSON")
    bob.span("Vik", "PERSON", nth=2)
    for pen in (ann, bob):
        pen.span("“a joke”", "QUOTE")
        pen.link("speaker", pen.spans[0].id, pen.spans[1].id)
    return ann, bob


def for_ann(ann: Pen, bob: Pen) -> Adjudication:
    """The decisions of a boundary dispute in which Ann is right."""
    longer, quote = ann.spans[:2]
    return decide(
        Decision(item=item_key(longer), chosen="ann", spans=[longer]),
        Decision(item=item_key(bob.spans[0]), chosen="neither"),
        # One end by the id of a decided span, the other by the key of a settled one.
        Decision(
            item=item_key(longer, quote, role="speaker"),
            chosen="ann",
            links=[Link(from_=longer.id, to=span_key(quote), role="speaker")],
        ),
    )


def test_decisions_settle_what_differed() -> None:
    ann, bob = boundary_dispute()
    adjudication = for_ann(ann, bob)
    settled = settle([ann.done(), bob.done()], adjudication)
    assert settled.disputed == []
    assert settled.settled_by == "adjudication"
    gold = gold_document(ARTICLE, settled, KINDS)
    assert [m.text for m in gold.mentions] == ["Odd Vik"]
    assert gold.quotes[0].speaker == [gold.mentions[0].id]
    assert (gold.n_annotators, gold.label_source) == (2, "mixed")


def test_ids_of_spans_are_a_decisions_own() -> None:
    """Whoever writes decisions by hand may call the first span of each of them s1."""
    ann = Pen()
    for words, label in (("Odd Vik", "PERSON"), ("“a joke”", "QUOTE"), ("Trondheim", "GPE")):
        ann.span(words, label)
    vik, quote, place = ann.spans
    call = msgspec.structs.replace
    speaks = item_key(vik, quote, role="speaker")
    decisions = [
        Decision(
            item=speaks,
            chosen="new",
            spans=[call(quote, id="s1")],
            links=[Link(from_=span_key(vik), to="s1", role="speaker")],
        ),
        Decision(item=item_key(vik), chosen="new", spans=[call(vik, id="s1")]),
        Decision(item=item_key(place), chosen="new", spans=[call(place, id="s1")]),
    ]
    empty = Pen().done()
    settled = settle([empty], decide(*decisions))
    assert settled.disputed == []
    gold = gold_document(ARTICLE, settled, KINDS)
    (said,) = gold.quotes
    assert {d.id: d.items for d in gold.decided}[said.id] == [speaks]
    assert said.speaker_entities == [gold.entities[0].id]
    assert dict(settled.decided) == {
        speaks: [speaks],
        item_key(quote): [speaks],
        item_key(vik): [item_key(vik)],
        item_key(place): [item_key(place)],
    }


def test_what_nobody_decided_stays_disputed() -> None:
    ann, bob = boundary_dispute()
    only = decide(Decision(item=item_key(ann.spans[0]), chosen="ann", spans=[ann.spans[0]]))
    left = settle([ann.done(), bob.done()], only).disputed
    assert left == sorted(
        [
            item_key(bob.spans[0]),
            item_key(ann.spans[0], ann.spans[1], role="speaker"),
            item_key(bob.spans[0], bob.spans[1], role="speaker"),
        ],
        key=left.index,
    )


def test_a_link_whose_end_was_decided_away_needs_no_decision() -> None:
    ann, bob = boundary_dispute()
    both_away = decide(
        Decision(item=item_key(ann.spans[0]), chosen="neither"),
        Decision(item=item_key(bob.spans[0]), chosen="neither"),
    )
    settled = settle([ann.done(), bob.done()], both_away)
    assert (settled.disputed, settled.links) == ([], [])


def test_an_agreed_link_whose_end_was_decided_away_is_not_dropped_silently() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        pen.span("Odd Vik", "PERSON")
        pen.span("“a joke”", "QUOTE")
        pen.link("speaker", pen.spans[0].id, pen.spans[1].id)
    away = Decision(item=item_key(ann.spans[0]), chosen="neither")
    link = item_key(*ann.spans, role="speaker")
    assert settle([ann.done(), bob.done()], decide(away)).disputed == [link]
    also = Decision(item=link, chosen="neither")
    assert settle([ann.done(), bob.done()], decide(away, also)).disputed == []


def test_a_decision_replaces_what_all_had() -> None:
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        pen.span("Trondheim", "ORG")
    new = msgspec.structs.replace(ann.spans[0], label="GPE")
    settled = settle(
        [ann.done(), bob.done()],
        decide(Decision(item=item_key(ann.spans[0]), chosen="new", spans=[new])),
    )
    assert [(span.label, span.start) for span in settled.spans] == [("GPE", new.start)]
    assert settled.disputed == []


def test_a_decision_puts_nothing_into_a_layer_that_was_not_labelled() -> None:
    ann, third = Pen(), Pen("cyd")
    ann.span("Trondheim", "GPE")
    third.span("“a joke”", "QUOTE")
    third.span("Holt", "MENTION")
    quote, mention = third.spans
    done = ann.done(layers=["entities"])

    def put(span: Span) -> list[str]:
        decision = Decision(item=item_key(span), chosen="new", spans=[span])
        return settle([done], decide(decision)).disputed

    assert put(quote) == [item_key(quote)]
    assert put(mention) == []


def test_a_decision_that_points_at_nothing_is_told() -> None:
    ann, bob = boundary_dispute()
    item = item_key(ann.spans[0], ann.spans[1], role="speaker")
    link = Link(from_="nobody", to="0-1 QUOTE", role="speaker")
    wrong = decide(Decision(item=item, chosen="new", links=[link]))
    assert "link speaker nobody 0-1 QUOTE" in settle([ann.done(), bob.done()], wrong).disputed


# --- the gold document ------------------------------------------------------------------------


def test_everything_in_the_article_comes_out() -> None:
    gold = gold_of(whole())
    outer = gold.quotes[1]
    assert [m.text for m in gold.mentions] == [
        *("The levy", "Odd Vik", "Mara Holt", "He", "Holt", "Monday", "Odd Vik", "Trondheim")
    ]
    assert [m.form for m in gold.mentions][:4] == ["nominal", "name", "name", "pronoun"]
    assert [q.text for q in gold.quotes] == [
        ["“The levy is dead,”", "“and so is the fund.”"],
        ["Holt called it “a joke” on Monday"],
        ["“a joke”"],
    ]
    assert [q.type for q in gold.quotes] == ["direct", "mixed", "direct"]
    assert [words(q.cue) for q in gold.quotes] == [["told"], ["had said"], ["called it"]]
    assert [q.parent for q in gold.quotes] == ["", "", outer.id]
    assert all(m.text == TEXT[m.start : m.end] for m in gold.mentions)


def test_speaker_cue_and_addressee_are_gathered_from_every_piece() -> None:
    gold = gold_of(whole())
    name = {m.id: m.text for m in gold.mentions}
    assert [name[i] for i in gold.quotes[0].speaker] == ["Odd Vik"]
    assert [name[i] for i in gold.quotes[0].addressee] == ["Mara Holt"]


def test_entities_come_from_links_choices_and_names() -> None:
    gold = gold_of(whole())
    by_id = {e.id: e for e in gold.entities}
    entity = {(m.text, m.start): m.entity and by_id[m.entity].name for m in gold.mentions}
    assert {words for (words, _), name in entity.items() if name == "Odd Vik"} == {"Odd Vik", "He"}
    assert {words for (words, _), name in entity.items() if name == "Mara Holt"} == {
        *("Mara Holt", "Holt")
    }
    assert [name for (words, _), name in entity.items() if words == "Monday"] == [""]
    levy = next(e for e in gold.entities if not e.name)
    assert levy.type == "MENTION"


@pytest.mark.parametrize(
    ("labels", "type_"),
    [(["NORP", "NORP", "GPE"], "GPE"), (["NORP"], "NORP"), (["NORP", "ORG", "GPE"], "ORG")],
)
def test_a_country_is_no_nationality_however_many_adjectives_it_has(
    labels: list[str], type_: str
) -> None:
    pen = Pen()
    pen.entities = [AnnotationEntity(id="n", name="Norland")]
    for words, label in zip(["Vik", "Odd", "Mara"], labels, strict=False):
        pen.span(words, label, of="n")
    (entity,) = gold_of(pen).entities
    assert entity.type == type_


def test_a_chosen_entity_names_its_mentions_and_keeps_namesakes_apart() -> None:
    pen = Pen()
    pen.entities = [
        AnnotationEntity(id="a", name="Odd Vik the elder", kb_id="Q5"),
        AnnotationEntity(id="b", name="Odd Vik", kb_id=""),
    ]
    pen.span("Odd Vik", "PERSON", of="a")
    pen.span("Odd Vik", "PERSON", nth=2, of="b")
    pen.span("He", "MENTION", of="a")
    gold = gold_of(pen)
    assert [(e.name, e.kb_id) for e in gold.entities] == [
        ("Odd Vik the elder", "Q5"),
        ("Odd Vik", ""),
    ]
    assert gold.mentions[1].entity == gold.mentions[0].entity != gold.mentions[2].entity


def test_a_quoted_stance_is_the_speakers() -> None:
    (quoted, _) = gold_of(whole()).stances
    gold = gold_of(whole())
    assert quoted.holder_level == "quoted"
    assert quoted.holder == gold.quotes[0].speaker
    assert quoted.holder_entities == gold.quotes[0].speaker_entities
    assert quoted.quote == gold.quotes[0].id
    assert (quoted.polarity, quoted.basis) == ("against", "explicit")


def test_a_stance_with_a_holder_link_is_reported() -> None:
    (_, reported) = gold_of(whole()).stances
    assert (reported.holder_level, reported.basis, reported.quote) == ("reported", "action", "")
    assert reported.holder


def test_a_holder_link_to_the_speaker_himself_is_still_quoted() -> None:
    pen = whole()
    stance = next(s.id for s in pen.spans if s.label == "STANCE_AGAINST")
    pen.link("holder", next(s.id for s in pen.spans if s.label == "MENTION"), stance)
    assert gold_of(pen).stances[0].holder_level == "quoted"
    pen.links[-1].from_ = pen.spans[1].id
    assert gold_of(pen).stances[0].holder_level == "reported"


def test_a_stance_in_nobodys_quote_is_quoted_and_one_outside_is_the_authors() -> None:
    pen = Pen()
    pen.span("“a joke”", "QUOTE")
    pen.span("“a joke”", "STANCE_AGAINST", target_text="the levy")
    pen.span("rejects levy", "STANCE_AGAINST")
    pen.span("wants the levy", "STANCE_FAVOR", holder_unnamed=True)
    author, quoted, unnamed = gold_of(pen).stances
    assert (quoted.holder_level, quoted.holder, quoted.target_text) == ("quoted", [], "the levy")
    assert (author.holder_level, author.holder, author.quote) == ("author", [], "")
    assert unnamed.holder_level == "unnamed"


def test_evidence_in_the_gap_of_a_quote_is_not_inside_it() -> None:
    pen = Pen()
    pen.span("“The levy is dead,”", "QUOTE")
    pen.span("“and so is the fund.”", "QUOTE")
    pen.link("continues", "ann0", "ann1")
    pen.span("told Mara Holt", "STANCE_AGAINST")
    pen.span("“The levy is dead,” Odd Vik told Mara Holt, “and so is the fund.”", "STANCE_AGAINST")
    levels = {words(s.evidence)[0][:4]: s.holder_level for s in gold_of(pen).stances}
    assert levels == {"told": "author", "“The": "quoted"}


def test_the_smallest_quote_settles_the_holder() -> None:
    pen = whole()
    pen.span("“a joke”", "STANCE_AGAINST")
    gold = gold_of(pen)
    stance = next(s for s in gold.stances if words(s.evidence) == ["“a joke”"])
    assert stance.quote == gold.quotes[2].id
    assert stance.holder == gold.quotes[2].speaker


@pytest.mark.parametrize("release", ["fetch", "withhold"])
def test_words_of_a_text_that_may_not_be_here_stay_out(release: str) -> None:
    rights = msgspec.structs.replace(ARTICLE.rights, release=release)
    masked = gold_of(whole(), article=msgspec.structs.replace(ARTICLE, rights=rights))
    shown = gold_of(whole())
    assert {m.text for m in masked.mentions} == {""}
    assert [q.text for q in masked.quotes] == [["", ""], [""], [""]]
    # What is computed from the text, and the names, are the same.
    assert [m.form for m in masked.mentions] == [m.form for m in shown.mentions]
    assert [q.type for q in masked.quotes] == [q.type for q in shown.quotes]
    assert masked.entities == shown.entities


def test_ids_survive_corrections_elsewhere() -> None:
    before = gold_of(whole())
    pen = whole()
    pen.span("Holt’s office", "MENTION")
    pen.span("the levy", "MENTION")
    pen.spans = [span for span in pen.spans if span.label != "DATE"]
    after = gold_of(pen)
    kept = {m.id: (m.start, m.end, m.type) for m in after.mentions}
    assert {m.id: kept[m.id] for m in before.mentions if m.type != "DATE"} == {
        m.id: (m.start, m.end, m.type) for m in before.mentions if m.type != "DATE"
    }
    assert [q.id for q in after.quotes] == [q.id for q in before.quotes]
    assert {e.id for e in before.entities} <= {e.id for e in after.entities}


def test_ids_are_unique_where_items_share_a_place() -> None:
    pen = Pen()
    for label in ("PERSON", "ORG"):
        pen.span("Odd Vik", label)
    for label in ("STANCE_FAVOR", "STANCE_AGAINST"):
        pen.span("praised Trondheim", label)
    pen.span("Odd", "GPE")
    gold = gold_of(pen)
    for items in (gold.mentions, gold.entities, gold.stances):
        assert len({item.id for item in items}) == len(items)
    start = TEXT.index("Odd")
    assert f"{ARTICLE.id}-m{start}-{start + 7}-PERSON" in {m.id for m in gold.mentions}
    assert f"{ARTICLE.id}-e{start}-{start + 3}" in {e.id for e in gold.entities}


@pytest.mark.parametrize(
    ("kinds", "source"),
    [
        ({"ann": "person", "bob": "person"}, "human"),
        ({"ann": "model", "bob": "model"}, "machine-generated"),
        ({"ann": "person", "bob": "model"}, "mixed"),
    ],
)
def test_who_labelled_is_told(kinds: dict[str, str], source: str) -> None:
    settled = settle([whole().done(), whole("bob").done()])
    assert gold_document(ARTICLE, settled, kinds).label_source == source


@pytest.mark.parametrize("sheet", synthetic.sample(), ids=lambda sheet: sheet.article.id)
def test_a_sheet_and_its_annotation_say_the_same(sheet: synthetic.Sheet) -> None:
    made = gold_document(sheet.article, settle([sheet.annotation("b1", "ann")]), KINDS)
    said = sheet.gold()
    assert {m.id: (m.text, m.form) for m in made.mentions} == {
        m.id: (m.text, m.form) for m in said.mentions
    }
    assert {q.id: q for q in made.quotes} == {q.id: q for q in said.quotes}

    def told(gold: Gold) -> Sequence[object]:
        return sorted(
            (s.evidence, s.polarity, s.holder_level, s.holder, s.target) for s in gold.stances
        )

    assert told(made) == told(said)


def test_forms() -> None:
    assert mention_form("PERSON", "She") == "name"
    assert mention_form("MENTION", "She") == "pronoun"
    assert mention_form("MENTION", "these") == "pronoun"
    assert mention_form("MENTION", "no one") == "pronoun"
    assert mention_form("MENTION", "the mayor") == "nominal"


# --- making a batch ---------------------------------------------------------------------------


def house_of(root: Path, *annotations: Annotation, article: Article = ARTICLE) -> House:
    house = House(root)
    kept = article if article.rights.release == "ship" else synthetic.masked(article)
    ledger.write(house.articles / "house-desk.jsonl", [kept])
    people = [[name, kind, "", "", ""] for name, kind in KINDS.items()]
    lines = [ledger.csv_line(row) for row in [["id", "kind", "model", "version", "given"], *people]]
    atomic.write_bytes(house.annotators, b"".join(lines))
    for annotation in annotations:
        ledger.write(house.annotations / "b1" / f"{annotation.annotator}.jsonl", [annotation])
    return house


def test_making_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    house = house_of(tmp_path, whole().done())
    assert make(house, "b1").rows == 1
    first = (house.gold / "b1.jsonl").read_bytes()
    assert make(house, "b1").rows == 1
    assert (house.gold / "b1.jsonl").read_bytes() == first
    (row,) = ledger.read(house.gold / "b1.jsonl", Gold)
    assert row == gold_of(whole())


def test_a_file_among_the_folders_of_batches_is_no_batch(tmp_path: Path) -> None:
    house = house_of(tmp_path, whole().done())
    (house.annotations / "notes.txt").touch()
    assert onrecord("gold", cwd=tmp_path).stderr == "b1: 1 gold document\n"


def test_rows_are_sorted_by_article(tmp_path: Path) -> None:
    sheets = synthetic.sample()[:4]
    house = house_of(tmp_path)
    ledger.write(house.articles / "more.jsonl", [sheet.article for sheet in sheets])
    rows = [sheet.annotation("b1", "ann") for sheet in reversed(sheets)]
    ledger.write(house.annotations / "b1" / "ann.jsonl", rows)
    make(house, "b1")
    made = [row.article_id for row in ledger.read(house.gold / "b1.jsonl", Gold)]
    assert made == sorted(row.article_id for row in rows)


def test_an_undecided_article_is_not_gold_and_is_named(tmp_path: Path) -> None:
    other = whole("bob")
    other.span("Trondheim", "ORG")
    house = house_of(tmp_path, whole().done(), other.done())
    report = make(house, "b1")
    assert report.undecided == {ARTICLE.id: [item_key(other.spans[-1])]}
    assert report.rows == 0
    assert not (house.gold / "b1.jsonl").exists()

    decision = Decision(item=item_key(other.spans[-1]), chosen="neither")
    ledger.write(house.adjudications / "b1.jsonl", [decide(decision)])
    assert make(house, "b1").rows == 1
    (row,) = ledger.read(house.gold / "b1.jsonl", Gold)
    assert (row.settled_by, row.label_source) == ("adjudication", "mixed")


def test_work_on_another_text_is_never_used_and_is_told(tmp_path: Path) -> None:
    house = house_of(tmp_path, whole().done(), Pen("bob").done(sha="f" * 64))
    report = make(house, "b1")
    (problem,) = report.problems
    assert (problem.rule, problem.file) == ("text.other", "corpus/annotations/b1/bob.jsonl")
    (row,) = ledger.read(house.gold / "b1.jsonl", Gold)
    assert row.settled_by == "single"


def test_an_annotator_or_article_that_nobody_knows_is_told(tmp_path: Path) -> None:
    other = synthetic.article([("headline", "Elsewhere"), ("body", TEXT)])
    house = house_of(tmp_path, whole("eve").done(), Pen("ann", other).done())
    report = make(house, "b1")
    assert {p.rule for p in report.problems} == {"annotator.unknown", "article.unknown"}
    assert {p.rule for p in report.problems} <= set(RULES)
    assert report.rows == 0


def test_a_layer_that_one_annotator_left_out_is_told(tmp_path: Path) -> None:
    bare = Pen("bob")
    bare.spans = [s for s in whole("bob").spans if s.label in KNOWN_NAMES]
    ann = whole()
    ann.spans = [s for s in ann.spans if s.label != "MENTION"]
    ann.links = []
    house = house_of(tmp_path, ann.done(), bare.done(layers=["entities"]))
    report = make(house, "b1")
    assert report.partial == {ARTICLE.id: ["quotes", "stance"]}
    assert report.rows == 1


def test_a_row_whose_text_is_not_at_hand_stays_byte_for_byte(tmp_path: Path) -> None:
    rights = msgspec.structs.replace(ARTICLE.rights, release="withhold")
    article = msgspec.structs.replace(ARTICLE, rights=rights)
    house = house_of(tmp_path, whole().done(), article=article)
    assert make(house, "b1").missing == [ARTICLE.id]
    assert not (house.gold / "b1.jsonl").exists()

    atomic.write_bytes(house.text / f"{article.id}.json", ledger.encode(article))
    assert make(house, "b1").rows == 1
    made = (house.gold / "b1.jsonl").read_bytes()
    (house.text / f"{article.id}.json").unlink()
    report = make(house, "b1")
    assert (report.kept, report.missing, report.rows) == ([ARTICLE.id], [], 1)
    assert (house.gold / "b1.jsonl").read_bytes() == made


def test_a_copy_with_another_text_than_the_admitted_one_is_not_at_hand(tmp_path: Path) -> None:
    rights = msgspec.structs.replace(ARTICLE.rights, release="withhold")
    article = msgspec.structs.replace(ARTICLE, rights=rights)
    house = house_of(tmp_path, whole().done(), article=article)
    other = msgspec.structs.replace(article, text=article.text.replace("e", "a"))
    atomic.write_bytes(house.text / f"{article.id}.json", ledger.encode(other))
    assert make(house, "b1").missing == [ARTICLE.id]


def test_without_the_text_other_chains_of_same_links_leave_the_row_as_it_is(tmp_path: Path) -> None:
    rights = msgspec.structs.replace(ARTICLE.rights, release="withhold")
    article = msgspec.structs.replace(ARTICLE, rights=rights)
    ann, bob = Pen(), Pen("bob")
    for pen in (ann, bob):
        for words, label in (("Odd Vik", "PERSON"), ("He", "MENTION"), ("Vik", "PERSON")):
            pen.span(words, label)
        pen.link("same", f"{pen.annotator}0", f"{pen.annotator}1")
    ann.link("same", "ann1", "ann2")
    bob.link("same", "bob0", "bob2")
    house = house_of(tmp_path, ann.done(), bob.done(), article=article)
    text = house.text / f"{article.id}.json"
    atomic.write_bytes(text, ledger.encode(article))
    assert make(house, "b1").rows == 1
    made = (house.gold / "b1.jsonl").read_bytes()
    text.unlink()
    report = make(house, "b1")
    assert (report.undecided, report.kept) == ({}, [ARTICLE.id])
    assert (house.gold / "b1.jsonl").read_bytes() == made


def test_wrong_data_leaves_the_gold_that_was_there(tmp_path: Path) -> None:
    house = house_of(tmp_path, whole().done())
    make(house, "b1")
    before = (house.gold / "b1.jsonl").read_bytes()
    path = house.annotations / "b1" / "ann.jsonl"
    whole_line = path.read_bytes()
    for content, rule in (
        (b'{"article_id": \n', "json.malformed"),
        (b'{"article_id": "x-000000000000"}\n', None),
        (b"[]\n", "schema"),
        (whole_line.replace(b"STANCE_FAVOR", b"STANCE_WARM"), "schema"),
        (whole_line.replace(b'"role":"cue"', b'"role":"clue"'), "schema"),
        (whole_line + whole_line, "annotation.duplicate"),
    ):
        path.write_bytes(content)
        if rule is None:
            assert make(house, "b1", tmp_path / "other.jsonl").rows == 0
            continue
        with pytest.raises(DataError) as caught:
            make(house, "b1")
        assert [p.rule for p in caught.value.problems] == [rule]
        assert (house.gold / "b1.jsonl").read_bytes() == before
        assert list(house.gold.iterdir()) == [house.gold / "b1.jsonl"]


def test_two_files_of_one_annotator_are_not_two_readings(tmp_path: Path) -> None:
    """Gold would say that two agreed."""
    house = house_of(tmp_path, whole().done())
    made, folder = onrecord("gold", cwd=tmp_path), house.annotations / "b1"
    assert "1 gold document" in made.stderr
    before = (house.gold / "b1.jsonl").read_bytes()
    shutil.copy(folder / "ann.jsonl", folder / "copy.jsonl")
    for verb in ("gold", "agree", "report"):
        told = onrecord(verb, cwd=tmp_path, code=1)
        assert (
            f"corpus/annotations/b1/copy.jsonl:1: annotation.duplicate: {ARTICLE.id}: ann has"
            " this article at corpus/annotations/b1/ann.jsonl:1, too"
        ) in told.stderr
    assert (house.gold / "b1.jsonl").read_bytes() == before


def adjudicated(root: Path) -> tuple[House, bytes]:
    """A root with a dispute that is decided, and the gold made of it."""
    other = whole("bob")
    other.span("Trondheim", "ORG")
    house = house_of(root, whole().done(), other.done())
    decision = Decision(item=item_key(other.spans[-1]), chosen="neither")
    ledger.write(house.adjudications / "b1.jsonl", [decide(decision)])
    onrecord("gold", cwd=root)
    return house, (house.gold / "b1.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("gone", "says"),
    [
        ("articles", f"1 article of corpus/articles ({ARTICLE.id})"),
        ("articles/house-desk.jsonl", f"1 article of corpus/articles ({ARTICLE.id})"),
        ("annotators.csv", "3 lines of corpus/annotators.csv (ann, bob, cyd)"),
        ("adjudications", f"1 row of corpus/adjudications/b1.jsonl ({ARTICLE.id})"),
        ("annotations/b1/*", f"1 row of corpus/annotations/b1 ({ARTICLE.id})"),
        ("annotations/b1/bob.jsonl", f"1 row of corpus/annotations/b1/bob.jsonl ({ARTICLE.id})"),
    ],
)
def test_gold_is_not_lost_with_what_it_was_made_from(tmp_path: Path, gone: str, says: str) -> None:
    house, before = adjudicated(tmp_path)
    for path in house.corpus.glob(gone):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    told = onrecord("gold", cwd=tmp_path, code=2)
    assert says in told.stderr
    assert (house.gold / "b1.jsonl").read_bytes() == before


@pytest.mark.parametrize("gone", ["annotations/b1/bob.jsonl", "adjudications/b1.jsonl"])
def test_gold_is_not_lost_with_a_row_of_a_file_that_is_there(tmp_path: Path, gone: str) -> None:
    house, before = adjudicated(tmp_path)
    path = house.corpus / gone
    for left in (path.read_bytes().replace(ARTICLE.id.encode(), b"another"), b""):
        path.write_bytes(left)
        told = onrecord("gold", cwd=tmp_path, code=2)
        assert f"is missing: 1 row of corpus/{gone} ({ARTICLE.id})\n" in told.stderr
        assert (house.gold / "b1.jsonl").read_bytes() == before


def test_gold_goes_by_the_rows_of_annotators_and_not_by_the_names_of_files(tmp_path: Path) -> None:
    house = house_of(tmp_path, whole().done(), whole("bob").done())
    onrecord("gold", cwd=tmp_path)
    before = (house.gold / "b1.jsonl").read_bytes()
    (house.annotations / "b1/bob.jsonl").rename(house.annotations / "b1/bob-2.jsonl")
    onrecord("gold", cwd=tmp_path)
    assert (house.gold / "b1.jsonl").read_bytes() == before
