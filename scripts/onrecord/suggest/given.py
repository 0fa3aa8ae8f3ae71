"""What `suggest` is given and what it can give back besides annotations: plain offsets."""

from __future__ import annotations

from typing import Any

import msgspec

from onrecord.marks import quote_type
from onrecord.records import Annotation, Segment, Span
from onrecord.suggest.toward import toward


class Given(msgspec.Struct):
    """A row of ARTICLES.jsonl, an article or less: fields that `suggest` does not need may be
    missing, others are left alone. With `target_span` the polarity toward it is asked for."""

    id: str
    text: str = ""
    language: str = ""
    segments: list[Segment] = []
    text_sha256: str = ""
    target_span: list[int] | None = None


def plain(given: Given, annotation: Annotation) -> dict[str, Any]:
    """An annotation as plain offsets: `{id, quotes, entities, stances}`, and `label` where a
    target was given.

    `quotes [{content, cue, speaker, addressee, type, score}]` with lists of `[start, end]`, no
    quote inside another;
    `entities [{start, end, label, entity, score}]`, no name inside another;
    `stances [{polarity, evidence, holder, target, score}]`. Code points, end exclusive.
    """
    names = [
        s
        for s in annotation.spans
        if s.label not in ("QUOTE", "CUE", "MENTION") and not s.label.startswith("STANCE_")
    ]
    row: dict[str, Any] = {
        "id": given.id,
        "quotes": _flat(quotes(given.text, annotation)),
        "entities": [
            {
                "start": s.start,
                "end": s.end,
                "label": s.label,
                "entity": s.entity,
                "score": s.score,
            }
            for s in _outermost(names)
        ],
        "stances": [
            {
                "polarity": s.label.removeprefix("STANCE_").lower(),
                "evidence": [[s.start, s.end]],
                "holder": _ends(annotation, "holder", s.id),
                "target": _ends(annotation, "target", s.id),
                "score": s.score,
            }
            for s in annotation.spans
            if s.label.startswith("STANCE_")
        ],
    }
    if given.target_span:
        row["label"] = toward(given.text, *given.target_span)
    return row


def quotes(text: str, annotation: Annotation) -> list[dict[str, Any]]:
    """All quotes of an annotation of `text` as `plain` writes them, those inside others too."""
    spans = {span.id: span for span in annotation.spans}
    after = {k.from_: k.to for k in annotation.links if k.role == "continues"}
    later = set(after.values())
    found = []
    for span in annotation.spans:
        if span.label != "QUOTE" or span.id in later:
            continue
        pieces = [span]
        while pieces[-1].id in after:
            pieces.append(spans[after[pieces[-1].id]])
        content = [[p.start, p.end] for p in pieces]
        found.append(
            {
                "content": content,
                "cue": _ends(annotation, "cue", span.id, out=True),
                "speaker": _ends(annotation, "speaker", span.id),
                "addressee": _ends(annotation, "addressee", span.id),
                "type": quote_type([text[s:e] for s, e in content]),
                "score": span.score,
            }
        )
    return found


def _ends(annotation: Annotation, role: str, id_: str, *, out: bool = False) -> list[list[int]]:
    """The other ends of an end's links: those that it is linked to (`out`) or from."""
    spans = {span.id: span for span in annotation.spans}
    found = (
        spans[k.to if out else k.from_]
        for k in annotation.links
        if k.role == role and (k.from_ if out else k.to) == id_
    )
    return sorted([s.start, s.end] for s in found)


def _flat(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the quotes inside others."""
    pieces = [(s, e) for q in found for s, e in q["content"]]
    return [
        q
        for q in found
        if not any(
            s <= q["content"][0][0] and q["content"][-1][1] <= e
            for s, e in pieces
            if [[s, e]] != q["content"]
        )
    ]


def _outermost(spans: list[Span]) -> list[Span]:
    """Without the names inside others, as flat entity schemes have them."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not out or span.start >= out[-1].end:
            out.append(span)
    return out
