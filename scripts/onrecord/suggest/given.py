"""What `suggest` is given and what it can give back besides annotations: plain offsets."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from itertools import accumulate
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
    target_span: tuple[int, int] | None = None


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
    ends = _ends(annotation)
    row: dict[str, Any] = {
        "id": given.id,
        "quotes": _flat(quotes(given.text, annotation)),
        "entities": [
            {"start": s.start, "end": s.end, "label": s.label, "entity": s.entity, "score": s.score}
            for s in _outermost(names)
        ],
        "stances": [
            {
                "polarity": s.label.removeprefix("STANCE_").lower(),
                "evidence": [[s.start, s.end]],
                "holder": ends["holder", s.id],
                "target": ends["target", s.id],
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
    ends = _ends(annotation)
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
                "cue": ends["cue", span.id],
                "speaker": ends["speaker", span.id],
                "addressee": ends["addressee", span.id],
                "type": quote_type([text[s:e] for s, e in content]),
                "score": span.score,
            }
        )
    return found


def _ends(annotation: Annotation) -> dict[tuple[str, str], list[list[int]]]:
    """A role and the id of a quote or stance -> the offsets of what fills that role, in order."""
    spans = {span.id: span for span in annotation.spans}
    found: dict[tuple[str, str], list[list[int]]] = defaultdict(list)
    for link in annotation.links:
        # A cue is what its quote points to; everybody else points to the quote or stance.
        own, other = (link.from_, link.to) if link.role == "cue" else (link.to, link.from_)
        insort(found[link.role, own], [spans[other].start, spans[other].end])
    return found


def _flat(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without the quotes inside a piece of another."""
    pieces = sorted((s, -e) for q in found for s, e in q["content"])
    reach = [0, *accumulate((-end for _, end in pieces), max)]
    out = []
    for quote in found:
        start, end = quote["content"][0][0], quote["content"][-1][1]
        before = bisect_left(pieces, (start, -end))  # those that begin earlier or hold more
        if reach[before] < end:
            out.append(quote)
    return out


def _outermost(spans: list[Span]) -> list[Span]:
    """Without the names inside others, as flat entity schemes have them."""
    out: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not out or span.start >= out[-1].end:
            out.append(span)
    return out
