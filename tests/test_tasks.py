"""Annotations to labelling results and back: an identity, whatever the annotation."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic
from onrecord import labels, ledger
from onrecord.labelling import pulling, tasks
from onrecord.labelling.room import mail_of, title_of
from onrecord.labelling.tasks import (
    Answer,
    annotation_of,
    entity_from_line,
    entity_line,
    results_of,
)
from onrecord.ledger import House
from onrecord.records import Annotation, AnnotationEntity, Attributes, Link, Span
from onrecord.shelf import Shelf
from onrecord.text import sha256

LABELS = labels.load()
TEXT = "“Ja 🇳🇴,” said Inés Calder’s aide, who opposed the ban.\n\nIt was 👩🏽‍🚒 late."
DATA = {"doc_id": "a-0123456789ab", "text": TEXT, "text_sha256": sha256(TEXT), "entities": []}


def answer(result: list[dict[str, Any]], **more: Any) -> Answer:
    given = {"status": "submitted", "created_at": "2026-01-02T03:04:05.000006Z", "lead_time": 1.5}
    return Answer(result=result, annotator="ann", link="http://x/1", **(given | more))


def words(max_size: int = 12) -> st.SearchStrategy[str]:
    plain = st.characters(categories=["L", "N"], include_characters=" &")
    text = st.text(plain, min_size=1, max_size=max_size).map(lambda s: " ".join(s.split()))
    return text.filter(lambda s: s and entity_from_line(s).kb_id == "")


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    entities = {
        e.id: e
        for e in draw(
            st.lists(
                st.builds(
                    lambda name, kb_id: AnnotationEntity(id=kb_id or name, name=name, kb_id=kb_id),
                    words(),
                    st.sampled_from(["", "Q1", "Q42"]),
                ),
                max_size=3,
            )
        )
    }
    spans = []
    for i in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(TEXT) - 1).filter(lambda n: not TEXT[n].isspace()))
        end = draw(st.integers(start + 1, len(TEXT)).filter(lambda n: not TEXT[n - 1].isspace()))
        label = draw(st.sampled_from(list(LABELS.spans)))
        known = LABELS.spans[label]
        spans.append(
            Span(
                id=f"r{i}",
                label=label,
                start=start,
                end=end,
                entity=draw(st.sampled_from(["", *entities])) if known.entity else "",
                attributes=Attributes(
                    basis=draw(st.sampled_from(["", "action"])),
                    target_text=draw(st.one_of(st.just(""), words())),
                    holder_unnamed=draw(st.booleans()),
                )
                if known.polarity
                else Attributes(),
                origin=draw(st.sampled_from(list(LABELS.values["origin"]))),
                score=draw(st.sampled_from([1.0, 0.25])),
            )
        )
    spans.sort(key=lambda s: (s.start, -s.end, s.label, s.id))
    links = {}
    for first in spans:
        for second in spans:
            for named in ("", "addressee", "holder"):
                role = LABELS.role_between(first.label, second.label, named)
                if first is second or role is None or not draw(st.integers(0, 3)):
                    continue
                forward = LABELS.family(first.label) == role.source
                if role.source == role.target:
                    forward = spans.index(first) < spans.index(second)
                if forward and not (
                    role.source == role.target
                    and (first.start, first.end, first.id) > (second.start, second.end, second.id)
                ):
                    links[first.id, second.id, role.role] = Link(
                        from_=first.id, to=second.id, role=role.role
                    )
    used = {span.entity for span in spans}
    by_id = {span.id: span for span in spans}
    return Annotation(
        article_id=DATA["doc_id"],
        text_sha256=DATA["text_sha256"],
        batch="b",
        annotator="ann",
        layers=list(labels.LAYERS),
        created_at="2026-01-02T03:04:05.000006Z",
        lead_time=1.5,
        flags=draw(st.sampled_from([[], ["not_news"], ["has_boilerplate", "discuss"]])),
        note=draw(st.one_of(st.just(""), words(40))),
        entities=sorted((e for e in entities.values() if e.id in used), key=lambda e: e.id),
        spans=spans,
        links=sorted(
            links.values(),
            key=lambda li: (by_id[li.from_].start, by_id[li.to].start, li.role, li.from_, li.to),
        ),
    )


@given(annotations(), st.booleans())
def test_round_trip_is_an_identity(annotation: Annotation, listed: bool) -> None:
    offered = {e.id for e in annotation.entities} if listed else set()
    data = DATA | {
        "entities": [
            {"value": entity_line(e), "alias": e.id} for e in annotation.entities if listed
        ]
    }
    result = results_of(annotation, TEXT, offered)
    back, problems = annotation_of(answer(result), data, "b", LABELS)
    assert problems == []
    assert back == annotation


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("first", "second", "named", "link"),
    [
        ("PERSON", "QUOTE", "", ("speaker", "PERSON", "QUOTE")),
        ("QUOTE", "CUE", "", ("cue", "QUOTE", "CUE")),
        ("MENTION", "STANCE_AGAINST", "", ("target", "MENTION", "STANCE_AGAINST")),
        ("PERSON", "MENTION", "", ("same", "PERSON", "MENTION")),
        ("ORG", "QUOTE", "addressee", ("addressee", "ORG", "QUOTE")),
        ("ORG", "STANCE_FAVOR", "holder", ("holder", "ORG", "STANCE_FAVOR")),
    ],
)
def test_what_is_linked_decides_not_the_direction(
    first: str, second: str, named: str, link: tuple[str, str, str], turned: bool
) -> None:
    def region(name: str, label: str, start: int) -> dict[str, Any]:
        value = {"start": start, "end": start + 4, "labels": [label]}
        return {
            "id": name,
            "from_name": "span",
            "to_name": "text",
            "type": "labels",
            "value": value,
        }

    ends = ["b", "a"] if turned else ["a", "b"]
    relation: dict[str, Any] = {"type": "relation", "from_id": ends[0], "to_id": ends[1]}
    relation["direction"] = "left" if turned else "right"
    if named:
        relation["labels"] = [named]
    result = [region("a", first, 0), region("b", second, 8), relation]
    annotation, problems = annotation_of(answer(result), DATA, "b", LABELS)
    assert problems == []
    (got,) = annotation.links
    label = {span.id: span.label for span in annotation.spans}
    assert (got.role, label[got.from_], label[got.to]) == link


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"start": 0, "end": 4, "labels": ["NOSUCH"]}, "NOSUCH"),
        ({"start": 0, "end": 999, "labels": ["PERSON"]}, "PERSON"),
        ({"start": 4, "end": 4, "labels": ["PERSON"]}, "PERSON"),
        ({"start": "0", "end": "4", "labels": ["PERSON"]}, "PERSON"),
        ({"start": 0, "end": 4, "labels": []}, "without label"),
    ],
)
def test_a_region_that_cannot_be_is_reported_and_the_rest_kept(
    value: dict[str, Any], told: str
) -> None:
    good = {"start": 14, "end": 25, "labels": ["PERSON"], "text": "a wrong text that is not read"}
    rows = [
        {"id": i, "from_name": "span", "to_name": "text", "type": "labels", "value": v}
        for i, v in (("bad", value), ("good", good))
    ]
    annotation, (problem,) = annotation_of(answer(rows), DATA, "b", LABELS)
    assert problem.rule == "pull.region"
    assert told in problem.message
    assert "http://x/1" in problem.message
    assert [TEXT[s.start : s.end] for s in annotation.spans] == ["Inés Calder"]


def test_blanks_at_the_ends_are_trimmed() -> None:
    start = TEXT.index(" Inés")
    value = {"start": start, "end": start + len(" Inés "), "labels": ["PERSON"]}
    row = {"id": "a", "from_name": "span", "to_name": "text", "type": "labels", "value": value}
    annotation, _ = annotation_of(answer([row]), DATA, "b", LABELS)
    assert [TEXT[s.start : s.end] for s in annotation.spans] == ["Inés"]


@pytest.mark.parametrize(
    ("line", "entity"),
    [
        ("Vladimir Putin · Q7747", ("Q7747", "Vladimir Putin", "Q7747")),
        ("Q7747", ("Q7747", "", "Q7747")),
        ("  Ines   Calder ", ("Ines Calder", "Ines Calder", "")),
        ("Norway (Q20)", ("Q20", "Norway", "Q20")),
        ("Studio Q1", ("Q1", "Studio", "Q1")),
        ("GQ Magazine", ("GQ Magazine", "GQ Magazine", "")),
    ],
)
def test_what_an_annotator_writes_for_an_entity(line: str, entity: tuple[str, str, str]) -> None:
    found = entity_from_line(line)
    assert (found.id, found.name, found.kb_id) == entity


def test_a_fraction_of_a_second_later_is_later() -> None:
    """Label Studio leaves the fraction out where it is 0."""
    early = answer([], created_at="2026-01-02T03:04:05Z")
    late = answer([], created_at="2026-01-02T03:04:05.500000Z")
    for order in ([early, late], [late, early]):
        assert tasks.newest(order) == ({"ann": late}, [early])


def test_a_clock_that_was_set_back_does_not_make_an_answer_older() -> None:
    early = answer([], id=7, created_at="2026-01-02T12:00:00Z", updated_at="2026-01-02T12:00:00.1Z")
    late = answer([], id=8, created_at="2026-01-02T09:00:00Z", updated_at="2026-01-02T09:00:00.1Z")
    for order in ([early, late], [late, early]):
        assert tasks.newest(order) == ({"ann": late}, [early])


def test_of_two_answers_the_one_that_was_updated_last_counts() -> None:
    early = answer([], id=7, created_at="2026-01-02T12:00:00Z", updated_at="2026-01-02T15:00:00Z")
    late = answer([], id=8, created_at="2026-01-02T13:00:00Z", updated_at="2026-01-02T13:00:00Z")
    for order in ([early, late], [late, early]):
        assert tasks.newest(order) == ({"ann": early}, [late])


def test_the_submitted_answer_counts_then_the_later_one() -> None:
    early = answer([], created_at="2026-01-01T00:00:00Z")
    late = answer([], created_at="2026-01-03T00:00:00Z")
    draft = answer([], status="draft", created_at="2026-01-09T00:00:00Z")
    best, more = tasks.newest([late, draft, early])
    assert best == {"ann": late}
    assert sorted(a.created_at for a in more) == [early.created_at, draft.created_at]


def answered(numbers: range) -> Any:
    """A room in which ann has answered so many tasks of the batch b1."""
    sheet = synthetic.trams()
    text, digest = sheet.article.text, sheet.article.text_sha256
    given = {
        "result": results_of(sheet.annotation("b1", "ann"), text),
        "completed_by": mail_of("ann"),
        "was_cancelled": False,
        "created_at": "2026-01-02T03:04:05Z",
    }

    def export(project: int, **_: object) -> Iterator[dict[str, Any]]:
        for n in numbers:
            data = DATA | {"doc_id": f"a-{n:012}", "text": text, "text_sha256": digest}
            yield {"id": n, "data": data, "annotations": [given | {"id": n}], "drafts": []}

    return SimpleNamespace(
        url="http://x", export=export, names=lambda: [(1, [title_of("b1", "ann")])]
    )


def test_the_answers_of_a_batch_are_pulled_and_written_without_being_held(tmp_path: Path) -> None:
    """So that a batch of thousands takes the memory of a small one."""
    house, path = House(tmp_path), tmp_path / "ann.jsonl"
    told: list[tuple[bool, int]] = []

    def pull(numbers: range) -> int:
        """Pull so many answers. Returns the memory that it took, in bytes: the first time and
        the first time over an older file with what is loaded once."""
        tracemalloc.start()
        try:
            pulled = pulling.pull(answered(numbers), "b1", LABELS, Shelf(house))
            told.append(pulled.write(path, "ann", "ann.jsonl"))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    _, _, few, many = map(pull, [range(20), range(20), range(20), range(10, 220)])
    assert told == [(True, 0), (False, 0), (False, 0), (True, 10)]
    rows = list(ledger.read(path, Annotation))
    assert [row.article_id for row in rows] == [f"a-{n:012}" for n in range(220)]
    line = path.stat().st_size / len(rows)
    assert (many - few) / 190 < line / 2, "one that is held takes more than its line"
