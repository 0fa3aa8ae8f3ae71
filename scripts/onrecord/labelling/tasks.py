"""Articles to labelling tasks, and answers from the labelling room to annotations. Pure.

The two are inverse: `annotation_of(results_of(a))` is `a`. The text of a region is never read: the
annotator's offsets count, applied to the text that was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from onrecord.labels import LAYERS, Labels
from onrecord.records import Annotation, AnnotationEntity, Article, Link, Problem, Span, instant

Json = dict[str, Any]

# The controls of schema/label_config.frame.xml.
TEXT, SPAN = "text", "span"
ENTITY, ENTITY_OTHER = "entity", "entity_other"
TARGET_TEXT, BASIS, UNNAMED = "target_text", "basis", "holder_unnamed"
FLAGS, NOTE = "doc_flags", "note"
LINKED = "linked", "linked_again"
"""Answers that nobody sees and nothing reads. Label Studio saves a draft after a change of a span
or an answer and not after a link: the key of links changes these, too. Two, as the first change
after a pause may be saved at once, before the link is drawn; the second is saved five seconds
later. Numbers, as one that counts on leaves the list of answers alone, which takes no time."""
UNNAMED_YES = "yes"

_KB_ID = re.compile(r"(?:^|[\s·|,(]+)(Q[1-9][0-9]*)\)?$")


# --- out --------------------------------------------------------------------------------------


def task_of(article: Article, suggestions: Iterable[Annotation] = ()) -> Json:
    """The labelling task of an article: `{"data": …, "predictions": […]}`.

    `suggestions` become predictions; their entities are offered for choice.
    """
    suggestions = list(suggestions)
    listed: dict[str, AnnotationEntity] = {}
    for suggestion in suggestions:
        listed |= {entity.id: entity for entity in suggestion.entities}
    return {
        "data": {
            "doc_id": article.id,
            "text_sha256": article.text_sha256,
            "headline": article.headline,
            "publisher": article.publisher,
            "text": article.text,
            "entities": [
                {"value": entity_line(entity), "alias": entity.id} for entity in listed.values()
            ],
        },
        "predictions": [
            {
                "model_version": suggestion.annotator,
                "score": min((span.score for span in suggestion.spans), default=0.0),
                "result": _drawable(results_of(suggestion, article.text, set(listed))),
            }
            for suggestion in suggestions
        ],
    }


def region_id(name: str) -> str:
    """An id that Label Studio can display: it becomes a CSS class, and a region whose id contains a
    blank or starts with a digit has no colour (1.23.2)."""
    safe = re.sub(r"[^\w-]", "_", name)
    return safe if safe[:1].isalpha() else f"r{safe}"


def _drawable(results: list[Json]) -> list[Json]:
    for item in results:
        for name in ("id", "from_id", "to_id"):
            if name in item:
                item[name] = region_id(item[name])
    return results


def entity_line(entity: AnnotationEntity) -> str:
    """An entity as the annotator reads and writes it: `Name · Q42`, `Name` or `Q42`."""
    return " · ".join(part for part in (entity.name, entity.kb_id) if part)


def entity_from_line(line: str) -> AnnotationEntity:
    """The entity that an annotator typed; its id is the Wikidata id, else the name."""
    line = " ".join(line.split())
    match = _KB_ID.search(line)
    kb_id = match[1] if match else ""
    name = line[: match.start()].strip() if match else line
    return AnnotationEntity(id=kb_id or name, name=name, kb_id=kb_id)


def results_of(annotation: Annotation, text: str, listed: set[str] | None = None) -> list[Json]:
    """An annotation as the browser submits it: regions, their answers, relations.

    `listed` are the ids of the entities that the task offers; others are typed out.
    """
    listed = listed or set()
    entities = {entity.id: entity for entity in annotation.entities}
    results: list[Json] = []
    for span in annotation.spans:
        place = {"start": span.start, "end": span.end, "text": text[span.start : span.end]}
        base = {"id": span.id, "to_name": TEXT, "origin": span.origin}

        def answer(name: str, kind: str, **value: Any) -> Json:
            return {**base, "from_name": name, "type": kind, "value": {**place, **value}}  # noqa: B023

        results.append(answer(SPAN, "labels", labels=[span.label]))
        if span.score != 1:
            results[-1]["score"] = span.score
        if span.entity in listed:
            results.append(answer(ENTITY, "choices", choices=[span.entity]))
        elif span.entity:
            results.append(_written(base, ENTITY_OTHER, entity_line(entities[span.entity])))
            results[-1]["value"] |= {"start": span.start, "end": span.end}
        if span.attributes.basis:
            results.append(answer(BASIS, "choices", choices=[span.attributes.basis]))
        if span.attributes.holder_unnamed:
            results.append(answer(UNNAMED, "choices", choices=[UNNAMED_YES]))
        if span.attributes.target_text:
            results.append(_written(base, TARGET_TEXT, span.attributes.target_text))
            results[-1]["value"] |= {"start": span.start, "end": span.end}
    for link in annotation.links:
        relation: Json = {
            "type": "relation",
            "from_id": link.from_,
            "to_id": link.to,
            "direction": "right",
        }
        if link.role in ("addressee", "holder"):
            relation["labels"] = [link.role]
        results.append(relation)
    page = {"id": "flags", "to_name": TEXT, "origin": "manual"}
    if annotation.flags:
        results.append(
            {**page, "from_name": FLAGS, "type": "choices", "value": {"choices": annotation.flags}}
        )
    if annotation.note:
        results.append(_written({**page, "id": "note"}, NOTE, annotation.note))
    return results


def _written(base: Json, name: str, words: str) -> Json:
    return {**base, "from_name": name, "type": "textarea", "value": {"text": [words]}}


# --- back -------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """One annotator's answer to a task, as exported, with a link to it.

    `id` grows with every answer on a server. `updated_at` and `updated_by` (an annotator) are of
    the last change, "" where they are not known. `suggestion` is the id of the one that it began
    with, 0 where that is not known (Label Studio forgets it when the page is reloaded) or none.
    """

    result: list[Json]
    annotator: str
    status: str
    created_at: str
    lead_time: float
    link: str
    """Deep link to the task in the labelling interface."""
    id: int = 0
    updated_at: str = ""
    updated_by: str = ""
    suggestion: int = 0


def annotation_of(
    answer: Answer, data: Json, batch: str, labels: Labels
) -> tuple[Annotation, list[Problem]]:
    """The annotation in an answer, and the problems with it.

    Blanks are trimmed off spans; a link's role follows from its ends, in whichever direction it was
    drawn. Problems: `pull.region` (an impossible label or offset), `pull.link` (ends that no role
    joins), each with the deep link; everything else of the answer is kept.
    """
    problems: list[Problem] = []

    def problem(rule: str, message: str) -> None:
        place = f"{batch}/{answer.annotator}"
        problems.append(problem_of(place, rule, data, message, answer.link))

    spans = _spans(answer, data["text"], labels, problem)
    entities = _entities(answer, data, spans)
    flags: list[str] = []
    note = ""
    for item in answer.result:
        name = item.get("from_name", "")
        if name == FLAGS:
            flags = [flag for flag in labels.values["flag"] if flag in item["value"]["choices"]]
        elif name == NOTE:
            note = words_of(item)
    row = Annotation(
        article_id=data["doc_id"],
        text_sha256=data["text_sha256"],
        batch=batch,
        annotator=answer.annotator,
        status=answer.status,
        layers=list(LAYERS),
        created_at=answer.created_at,
        lead_time=answer.lead_time,
        flags=flags,
        note=note,
        entities=entities,
        spans=sorted(spans.values(), key=lambda s: (s.start, -s.end, s.label, s.id)),
        links=_links(answer, spans, labels, problem),
    )
    return row, problems


def problem_of(file: str, rule: str, data: Json, message: str, link: str) -> Problem:
    """A problem with an answer to a task with `data`; `link` leads to the task."""
    return Problem(
        file=file, line=0, rule=rule, id=data["doc_id"], message=f"{message}; look at {link}"
    )


def _spans(
    answer: Answer, text: str, labels: Labels, problem: Callable[[str, str], None]
) -> dict[str, Span]:
    """The regions of an answer by id; `problem` (rule, message) is called for invalid ones."""
    spans: dict[str, Span] = {}
    for item in answer.result:
        if item["type"] != "labels":
            continue
        value = item["value"]
        label = (value.get("labels") or [""])[0]
        start, end = _trimmed(text, value.get("start"), value.get("end"))
        if label not in labels.spans or start >= end:
            problem("pull.region", f"a region {label or 'without label'} at {value.get('start')}")
            continue
        spans[item["id"]] = Span(
            id=item["id"],
            label=label,
            start=start,
            end=end,
            origin=item.get("origin") or "manual",
            score=float(item["score"]) if isinstance(item.get("score"), int | float) else 1.0,
        )
    return spans


def _entities(answer: Answer, data: Json, spans: dict[str, Span]) -> list[AnnotationEntity]:
    """The entities that an answer names, by id; spans get what was entered for them."""
    listed = {choice["alias"]: entity_from_line(choice["value"]) for choice in data["entities"]}
    for alias, entity in listed.items():
        entity.id = alias
    entities: dict[str, AnnotationEntity] = {}
    for item in answer.result:
        words = words_of(item)
        if words and (span := spans.get(item.get("id", ""))):
            entity = _put(span, item.get("from_name", ""), words, listed)
            if entity is not None:
                entities.setdefault(entity.id, entity)
                span.entity = entity.id
    return [entities[key] for key in sorted(entities)]


def _put(
    span: Span, name: str, words: str, listed: dict[str, AnnotationEntity]
) -> AnnotationEntity | None:
    """Apply what was entered into a control of a region; returns the entity if it was one."""
    if name == ENTITY:
        return listed.get(words) or entity_from_line(words)
    if name == ENTITY_OTHER:
        return entity_from_line(words)
    if name == BASIS:
        span.attributes.basis = words
    elif name == UNNAMED:
        span.attributes.holder_unnamed = True
    elif name == TARGET_TEXT:
        span.attributes.target_text = words
    return None


def words_of(item: Json) -> str:
    """The content of a choice or a text field, as one line."""
    value = item.get("value") or {}
    words = value.get("choices") or value.get("text") or []
    # A text field has a string for each time Enter was pressed.
    return " ".join(" ".join(map(str, words)).split()) if isinstance(words, list) else ""


def _trimmed(text: str, start: Any, end: Any) -> tuple[int, int]:
    """The offsets without blanks at the ends; `(0, 0)` for invalid offsets."""
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
        return 0, 0
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def _links(
    answer: Answer, spans: dict[str, Span], labels: Labels, problem: Callable[[str, str], None]
) -> list[Link]:
    """The links of an answer, each once; `problem` is called for those that no role joins."""
    links: dict[tuple[str, str, str], Link] = {}
    for item in answer.result:
        if item["type"] == "relation":
            link = _link(item, spans, labels)
            if isinstance(link, str):
                problem("pull.link", link)
            else:
                links[link.from_, link.to, link.role] = link
    return [links[key] for key in sorted(links, key=lambda key: _link_order(key, spans))]


def _link(item: Json, spans: dict[str, Span], labels: Labels) -> Link | str:
    """The link of a relation, in the direction of its role, or why there is none."""
    first, second = spans.get(item["from_id"]), spans.get(item["to_id"])
    if first is None or second is None:
        return "a link to a region that is not there"
    if first.id == second.id:
        return f"a link from {first.label} at {first.start} to itself"
    named = next(iter(item.get("labels") or []), "")
    role = labels.role_between(first.label, second.label, named)
    if role is None:
        called = f" called {named}" if named else ""
        return (
            f"a link{called} between {first.label} at {first.start} and {second.label} at"
            f" {second.start}: no role joins these"
        )
    if role.source == role.target:
        forward = (first.start, first.end, first.id) <= (second.start, second.end, second.id)
    else:
        forward = labels.family(first.label) == role.source
    ends = (first, second) if forward else (second, first)
    return Link(from_=ends[0].id, to=ends[1].id, role=role.role)


def _link_order(key: tuple[str, str, str], spans: dict[str, Span]) -> tuple[Any, ...]:
    start, end, role = key
    return (spans[start].start, spans[end].start, role, start, end)


def newest(answers: Iterable[Answer]) -> tuple[dict[str, Answer], list[Answer]]:
    """The answer of each annotator that counts, and the superseded ones, of one server.

    Submitted takes precedence over skipped, skipped over draft; then the one counts that was sent
    last.
    """
    best: dict[str, Answer] = {}
    superseded: list[Answer] = []
    for answer in answers:
        held = best.setdefault(answer.annotator, answer)
        if held is answer:
            continue
        counts = sent_last(held, answer)
        superseded.append(answer if counts is held else held)
        best[answer.annotator] = counts
    return best, superseded


RANK = {"draft": 0, "skipped": 1, "submitted": 2}
"""Which of two answers counts, whenever they were given: the one whose status ranks higher."""


def sent_last(one: Answer, other: Answer) -> Answer:
    """Of two answers the one that counts.

    Their ids are in the order in which they were given, whatever the server's clock said; only that
    the first was changed after the second was given is the clock's to tell.
    """
    first, second = sorted(
        (one, other), key=lambda a: (RANK[a.status], a.id, instant(a.created_at))
    )
    # What was never changed is stored as updated some microseconds after it was made.
    changed = first.updated_at[:_SECONDS] > first.created_at[:_SECONDS]
    if first.status == second.status and changed and sent_at(first) > sent_at(second):
        return first
    return second


_SECONDS = len("2026-03-02T10:00:00")


def sent_at(answer: Answer) -> str:
    """When an answer was sent as it is, as a string that sorts by time."""
    return instant(answer.updated_at or answer.created_at)
