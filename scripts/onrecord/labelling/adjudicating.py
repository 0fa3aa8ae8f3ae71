"""Differences to adjudication tasks, and the third reader's answers to an adjudication. Pure.

The text shows what is settled, with its labels, and every version of what differs, with the letter
of the version. Next to it, each difference is a question with a button for each version. One more
question, which must be answered, says what becomes of the differences without an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from onrecord.gold.decisions import BOTH, NEITHER, Answer, adjudication_of, decide
from onrecord.gold.differences import Difference, Differences, Version
from onrecord.gold.settle import item_of, span_key
from onrecord.labelling import tasks
from onrecord.labels import VERSIONS, Labels
from onrecord.records import (
    Adjudication,
    Annotation,
    AnnotationEntity,
    Article,
    Attributes,
    DataError,
    Link,
    Problem,
    Span,
)
from onrecord.text import PARAGRAPH_BREAK

Json = dict[str, Any]

CHOICE, WHY = "choice_", "why_"
REST, OPEN = "rest", "open"
"""The question about all differences without an answer, and the answer that they stay open."""
MODEL_VERSION = "agreed"
_WORDS = 72
"""Characters of a span that a question shows."""
_AROUND = 32
"""Characters that it shows of the words on either side."""
_KEYS = [
    *(f"shift+{key}" for key in "1234567890qwertyuiopasdfghjklzxcvbnm"),
    *(f"alt+shift+{key}" for key in "qwertyuiopasdfghjklzxcvbnm"),
]
"""The keys of the options, from the first question on, in the order of a keyboard. With Shift, as
keys alone draw labels; Label Studio has Alt+Shift with a digit, and browsers much with Ctrl."""
_NO_KEY = "ω"
"""A key that no keyboard code stands for. Without any, Label Studio would give an option a single
letter, and a stray keypress would decide."""
_KINDS = {
    "mention": "Name",
    "quote": "Quote",
    "cue": "Cue",
    "stance": "Stance",
    "entity": "Who or what",
    "speaker": "Speaker of",
    "addressee": "Addressee of",
    "continues": "Next piece of",
    "target": "Target of",
    "holder": "Holder of",
    "same": "The same as",
}


_OF_FIRST = ("speaker", "addressee", "cue")
"""Roles of links that hang on the first piece of a quote only."""


def task_of(article: Article, found: Differences) -> Json:
    """The adjudication task of an article. Raises DataError beyond five annotators."""
    if len(found.annotators) > len(VERSIONS):
        raise DataError(f"{article.id}: more than {len(VERSIONS)} annotators cannot be told apart")
    task = tasks.task_of(article, [_settled(article, found)])
    task["data"]["state"] = found.digest()
    keys = list(_KEYS)
    task["data"]["differences"] = [
        {
            "what": f"{number} · {_title(difference, article.text)}",
            "where": _place(difference, article.text),
            "versions": _options(difference, found, article.text, keys),
        }
        for number, difference in enumerate(found.asked, 1)
    ]
    task["data"][REST] = _rest_options(found)
    (shown,) = task["predictions"]
    shown["model_version"] = MODEL_VERSION
    shown["result"] += _versions_shown(article, found)
    return task


def _settled(article: Article, found: Differences) -> Annotation:
    """What is settled, as an annotation to be shown in the text.

    The id of an entity is its key, since two annotators may use one id for two entities.
    """
    return Annotation(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch="",
        annotator=MODEL_VERSION,
        layers=found.settled.layers,
        entities=[
            AnnotationEntity(id=key, name=entity.name or entity.kb_id or key, kb_id=entity.kb_id)
            for key, entity in sorted(found.settled.entities.items())
        ],
        spans=[msgspec.structs.replace(s, origin="prediction") for s in found.settled.spans],
        links=found.settled.links,
    )


# --- what the reader sees ---------------------------------------------------------------------


def letters_of(version: Version, found: Differences) -> list[str]:
    """The letters under which the adjudicator sees the annotators of a version."""
    return [list(VERSIONS)[found.annotators.index(name)] for name in version.annotators]


def _region_id(letters: list[str], key: str) -> str:
    return tasks.region_id(f"{'-'.join(letters)} {key}")


def _versions_shown(article: Article, found: Differences) -> list[Json]:
    """The regions and relations of every version, each with its letters."""
    shown: list[Json] = []
    regions: dict[str, list[str]] = {
        span_key(s): [tasks.region_id(span_key(s))] for s in found.settled.spans
    }
    for version in (v for d in found.asked for v in d.versions):
        letters = letters_of(version, found)
        for value in version.items.values():
            if not isinstance(value, Span):
                continue
            id_ = _region_id(letters, span_key(value))
            held = regions.setdefault(span_key(value), [])
            if id_ in held:
                continue
            held.append(id_)
            shown.append(
                {
                    "id": id_,
                    "from_name": tasks.SPAN,
                    "to_name": tasks.TEXT,
                    "type": "labels",
                    "origin": "prediction",
                    "value": {
                        "start": value.start,
                        "end": value.end,
                        "text": article.text[value.start : value.end],
                        "labels": [*letters, value.label],
                    },
                }
            )

    def region(key: str, letters: list[str]) -> str:
        wanted = _region_id(letters, key)
        held = regions.get(key, [])
        return wanted if wanted in held else next(iter(held), "")

    for version in (v for d in found.asked for v in d.versions):
        letters = letters_of(version, found)
        for value in version.items.values():
            if isinstance(value, Link):
                ends = region(value.from_, letters), region(value.to, letters)
                if all(ends):
                    shown.append(
                        {
                            "type": "relation",
                            "from_id": ends[0],
                            "to_id": ends[1],
                            "direction": "right",
                            "labels": letters,
                        }
                    )
    return shown


def _title(difference: Difference, text: str) -> str:
    kind = _KINDS[difference.kind]
    if difference.about:
        kind = "Cue of" if difference.kind == "cue" else kind
        start, end = map(int, difference.about.split(" ")[0].split("-"))
        return f"{kind} {_short(text[start:end])}"
    if difference.kind != "entity":
        widest = max(difference.spans, key=lambda s: s.end - s.start)
        return f"{kind}: {_short(text[widest.start : widest.end])}"
    words = list(dict.fromkeys(_short(text[s.start : s.end], 28) for s in difference.spans))
    more = f" and {len(words) - 4} more" if len(words) > 4 else ""
    return f"{kind}: {', '.join(words[:4])}{more}"


def _place(difference: Difference, text: str) -> str:
    """Where a question is about: its paragraph, counted from 1, and the words around."""
    if difference.about:
        start, end = map(int, difference.about.split(" ")[0].split("-"))
    elif difference.kind == "entity":  # wherever it is mentioned: the first place
        start, end = min((span.start, span.end) for span in difference.spans)
    else:
        start = min(span.start for span in difference.spans)
        end = max(span.end for span in difference.spans)
    paragraph = text.count(PARAGRAPH_BREAK, 0, start) + 1
    before = text[:start].rpartition(PARAGRAPH_BREAK)[2]
    after = text[end:].partition(PARAGRAPH_BREAK)[0]
    if len(before) > _AROUND:
        before = f"…{before[-_AROUND:].partition(' ')[2]}"
    if len(after) > _AROUND:
        after = f"{after[:_AROUND].rpartition(' ')[0]} …"
    return f"Paragraph {paragraph}: {before}{_short(text[start:end], _WORDS // 2)}{after}"


def _options(
    difference: Difference, found: Differences, text: str, keys: list[str]
) -> list[dict[str, str]]:
    """The options of a question. It takes its keys from `keys`, while there are enough for all."""
    options = [
        (f"{', '.join(letters_of(version, found))}: {words}", str(place))
        for place, (version, words) in enumerate(
            zip(difference.versions, _in_words(difference, found, text), strict=True)
        )
    ]
    if difference.joinable:
        options.append(("both", BOTH))
    if all(version.items for version in difference.versions):
        options.append(("neither", NEITHER))
    own = keys[: len(options)]
    if len(own) < len(options):
        own = [_NO_KEY] * len(options)
    del keys[: len(options)]
    return _keyed(options, own)


def _rest_options(found: Differences) -> list[dict[str, str]]:
    letters = list(VERSIONS)[: len(found.annotators)]
    options = [(f"as {letter} has them", letter) for letter in letters]
    options.append(("there are none, or they stay open", OPEN))
    return _keyed(options, [f"alt+{alias[0].lower()}" for _, alias in options])


def _keyed(options: Sequence[tuple[str, str]], keys: Sequence[str]) -> list[dict[str, str]]:
    """Options from `(words, alias)`, with their keys, which stand after the words."""
    return [
        {
            "value": words if key == _NO_KEY else f"{words}  ⟨{key.title()}⟩",
            "alias": alias,
            "hotkey": key,
        }
        for (words, alias), key in zip(options, keys, strict=True)
    ]


def _in_words(difference: Difference, found: Differences, text: str) -> list[str]:
    """Each version in words, with Wikidata ids only if the versions do not differ otherwise.

    If only one annotator gives ids, an id would reveal whose version it is.
    """
    words: list[str] = []
    for ids in (False, True):
        words = [_version_words(difference, v, found, text, ids) for v in difference.versions]
        if len(set(words)) == len(words):
            break
    return words


def _version_words(
    difference: Difference, version: Version, found: Differences, text: str, ids: bool
) -> str:
    """A version in words: the marked text and its attributes."""
    if not version.items:
        return "nothing"
    links = [value for value in version.items.values() if isinstance(value, Link)]
    if links:
        ends = [end for link in links for end in (link.from_, link.to) if end != difference.about]
        return "; ".join(dict.fromkeys(_place_words(end, text) for end in ends))
    spans = [value for value in version.items.values() if isinstance(value, Span)]
    if difference.kind == "entity":
        return _entity_words(spans[0].entity, found, ids) or "nobody chosen"
    return "; ".join(_span_words(span, found, text, ids) for span in spans)


def _place_words(key: str, text: str) -> str:
    place, _, label = key.partition(" ")
    start, end = map(int, place.split("-"))
    return f"{_short(text[start:end])} {label}"


def _span_words(span: Span, found: Differences, text: str, ids: bool) -> str:
    said = [f"{span.label} {_short(text[span.start : span.end])}"]
    if span.entity:
        said.append(f"→ {_entity_words(span.entity, found, ids)}")
    if span.attributes.basis not in ("", "explicit"):
        said.append(f"({span.attributes.basis})")
    if span.attributes.target_text:
        said.append(f"target: {span.attributes.target_text}")
    if span.attributes.holder_unnamed:
        said.append("holder unnamed")
    return " ".join(said)


def _entity_words(key: str, found: Differences, ids: bool) -> str:
    entity = found.settled.entities.get(key)
    if entity is None:
        return ""
    return tasks.entity_line(entity) if ids else entity.name or entity.kb_id


def _short(words: str, length: int = _WORDS) -> str:
    """The words, shortened in the middle, because versions may differ in their boundaries."""
    words = " ".join(words.split())
    if len(words) > length:
        half = length // 2
        words = f"{words[:half].rstrip()} … {words[-half:].lstrip()}"
    return f"[{words}]"


# --- back -------------------------------------------------------------------------------------


class Read(NamedTuple):
    """An adjudication, the number of differences that stay open without an answer, the number that
    were decided by the answer for all others, and the problems."""

    adjudication: Adjudication
    open: int
    rest: int
    problems: list[Problem]


def read(answer: tasks.Answer, data: Json, batch: str, found: Differences, labels: Labels) -> Read:
    """The adjudication in a third reader's answer to a task of `found`.

    Problems: those of `tasks.annotation_of`, and `pull.decision` for an answer that could not be
    applied, each with a deep link.
    """
    answers, result = _answers(answer.result, found), list(_drawn(answer.result))
    rest = _rest(answer.result, found, answers)
    answers |= rest
    drawn, problems = tasks.annotation_of(answer._replace(result=result), data, batch, labels)
    keys = {span.id: span_key(span) for span in drawn.spans}
    # A shown version is not drawn by the reader, unless it was moved, or something said of it.
    versions = _shown_spans(found)
    said = {item.get("id") for item in result if item["type"] in ("choices", "textarea")}
    untouched = versions.keys() - said
    for span in drawn.spans:
        if span.id in versions and span.id in said:
            _rest_of(versions[span.id].attributes, span.attributes)
    shown = {
        item["id"]
        for item in result
        if item.get("id") in untouched
        and item["type"] == "labels"
        and item["id"].endswith(_key(item))
    }
    on_version = [link for link in drawn.links if {link.from_, link.to} & shown]
    drawn.spans = [span for span in drawn.spans if span.id not in shown]
    drawn.links = [link for link in drawn.links if link not in on_version]
    decided = decide(
        found,
        answers,
        drawn,
        [Link(from_=keys[x.from_], to=keys[x.to], role=x.role) for x in on_version],
    )
    place = f"{batch}/{answer.annotator}"
    problems += [
        tasks.problem_of(place, "pull.decision", data, words, answer.link) for words in decided.left
    ]
    row = adjudication_of(decided, drawn)
    return Read(row, len(found.asked) - len(answers), len(rest), problems)


def _answers(result: list[Json], found: Differences) -> dict[int, Answer]:
    """The answers to single differences, by number from 0."""
    chosen: dict[int, str] = {}
    why: dict[int, str] = {}
    for item in result:
        name = item.get("from_name", "")
        for prefix, kept in ((CHOICE, chosen), (WHY, why)):
            number = name.removeprefix(prefix)
            if name.startswith(prefix) and number.isdecimal():
                kept[int(number)] = tasks.words_of(item)
    return {
        number: Answer(int(choice) if choice.isdecimal() else choice, why.get(number, ""))
        for number, choice in chosen.items()
        if number < len(found.asked)
    }


def _rest(
    result: list[Json], found: Differences, answered: Mapping[int, Answer]
) -> dict[int, Answer]:
    """The answers to the other differences: the version of the annotator chosen for them.

    What was chosen as the next piece of a quote has no speaker, addressee or cue of its own: there
    it is the version without one.
    """
    words = {item.get("from_name"): tasks.words_of(item) for item in result}
    letter, why = words.get(f"{CHOICE}{REST}", ""), words.get(f"{WHY}{REST}", "")
    pieces = _next_pieces(found, answered)
    answers: dict[int, Answer] = {}
    for number, difference in enumerate(found.asked):
        held = [letter in letters_of(version, found) for version in difference.versions]
        if number in answered or not any(held):
            continue
        bare = [not version.items for version in difference.versions]
        follows = difference.kind in _OF_FIRST and difference.about in pieces and any(bare)
        answers[number] = Answer((bare if follows else held).index(True), why)
    return answers


def _next_pieces(found: Differences, answered: Mapping[int, Answer]) -> set[str]:
    """The quotes that were chosen as the next piece of another, as questions are about them."""
    chosen = (
        value
        for number, answer in answered.items()
        if (difference := found.asked[number]).kind == "continues"
        for place, version in enumerate(difference.versions)
        if answer.chosen in (place, BOTH)
        for value in version.items.values()
    )
    ends = (item_of(value.to) for value in chosen if isinstance(value, Link))
    return {found.clusters.get(end, end).removeprefix("span ") for end in ends}


def _rest_of(shown: Attributes, said: Attributes) -> None:
    """Complete what the reader said of a version by what the version says."""
    said.basis = said.basis or shown.basis
    said.target_text = said.target_text or shown.target_text
    said.holder_unnamed = said.holder_unnamed or shown.holder_unnamed


def _shown_spans(found: Differences) -> dict[str, Span]:
    """The spans of the versions, by the id of the region that shows them."""
    return {
        _region_id(letters_of(version, found), span_key(value)): value
        for difference in found.asked
        for version in difference.versions
        for value in version.items.values()
        if isinstance(value, Span)
    }


def _key(item: Json) -> str:
    """The suffix of the id of a region that is still where it was shown."""
    value = item["value"]
    return f"_{value.get('start')}-{value.get('end')}_{''.join(value.get('labels') or ())}"


def _drawn(result: list[Json]) -> Iterator[Json]:
    """What the reader drew or kept: without answers, letters and shown relations."""
    for item in result:
        if item["type"] == "relation":
            if not set(item.get("labels") or ()) & set(VERSIONS):
                yield item
        elif item["type"] == "labels":
            value = item["value"]
            real = [label for label in value.get("labels") or [] if label not in VERSIONS]
            yield {**item, "value": {**value, "labels": real}}
        elif not item.get("from_name", "").startswith((CHOICE, WHY)):
            yield item
