"""Moving annotations to another text: only what stands there unchanged is moved."""

from __future__ import annotations

import difflib
import re
from typing import NamedTuple

import msgspec

from onrecord.records import Adjudication, Annotation, Decision, Span
from onrecord.text import PARAGRAPH_BREAK, sha256

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Moves:
    """Which stretches of an old text stand in a new one, and by how far they moved."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new
        self._same: list[tuple[int, int, int]] = []
        """`(start, end, shift)` of stretches of the old text, in its order."""
        before, after = _paragraphs(old), _paragraphs(new)
        matcher = difflib.SequenceMatcher(
            None, [old[a:b] for a, b in before], [new[a:b] for a, b in after], autojunk=False
        )
        for tag, i, j, k, m in matcher.get_opcodes():
            if tag == "equal":
                for a, b in zip(before[i:j], after[k:m], strict=True):
                    self._same.append((a[0], a[1], b[0] - a[0]))
            elif tag == "replace" and j - i == m - k:
                # As many paragraphs as before: each was edited where it stands.
                for a, b in zip(before[i:j], after[k:m], strict=True):
                    self._same += self._inside(a, b)

    def _inside(self, a: tuple[int, int], b: tuple[int, int]) -> list[tuple[int, int, int]]:
        first = [m.span() for m in _TOKEN.finditer(self.old, *a)]
        second = [m.span() for m in _TOKEN.finditer(self.new, *b)]
        matcher = difflib.SequenceMatcher(
            None,
            [self.old[s:e] for s, e in first],
            [self.new[s:e] for s, e in second],
            autojunk=False,
        )
        return [
            (
                first[block.a][0],
                first[block.a + block.size - 1][1],
                second[block.b][0] - first[block.a][0],
            )
            for block in matcher.get_matching_blocks()
            if block.size
        ]

    def span(self, span: Span) -> Span | None:
        """The span in the new text, None where its words do not stand there unchanged."""
        for start, end, shift in self._same:
            if start <= span.start and span.end <= end:
                return msgspec.structs.replace(span, start=span.start + shift, end=span.end + shift)
        return None


def _paragraphs(text: str) -> list[tuple[int, int]]:
    found, start = [], 0
    for part in text.split(PARAGRAPH_BREAK):
        found.append((start, start + len(part)))
        start += len(part) + len(PARAGRAPH_BREAK)
    return found


class Moved(NamedTuple):
    """A row on the new text, and the spans of the old one that have no place in it."""

    row: Annotation
    broken: list[Span]


def annotation(row: Annotation, moves: Moves) -> Moved:
    """An annotation on the new text. Links of broken spans go with them."""
    pairs = [(span, moves.span(span)) for span in row.spans]
    kept = [moved for _, moved in pairs if moved is not None]
    ids = {span.id for span in kept}
    new = msgspec.structs.replace(
        row,
        text_sha256=sha256(moves.new),
        spans=kept,
        links=[link for link in row.links if link.from_ in ids and link.to in ids],
    )
    return Moved(new, [span for span, moved in pairs if moved is None])


def adjudication(row: Adjudication, moves: Moves) -> Adjudication | None:
    """An adjudication on the new text, None where one of its spans has no place there.

    Item keys carry offsets, so a moved decision would name another item: only a row whose spans
    stay where they are is taken over.
    """
    decisions: list[Decision] = []
    for decision in row.decisions:
        spans = [moves.span(span) for span in decision.spans]
        if spans != decision.spans:
            return None
        decisions.append(decision)
    return msgspec.structs.replace(row, text_sha256=sha256(moves.new), decisions=decisions)
