"""Baseline of attribution as a choice: which entity of an article says a given quote.

Given are the gold mentions with their entities, and of every quote its pieces and its cue. Each
mention near a quote is asked whether its entity says it; the likeliest is the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from onrecord.dataset import views
from onrecord.quality.training import Example, regression
from onrecord.records import Mention

Span = Sequence[int]

NEAREST = 10
"""So many mentions are candidates for a quote. Of the 2,700 quotes of this corpus whose speaker has
an entity it is among these in 2,691; in 9 it is farther away, or only in the quote."""


class Choice(NamedTuple):
    """A quote that somebody of the article says: who that is, and who it may be.

    `candidates` are the entities of the mentions nearest to the cue (to the first piece, if there
    is none) and outside the quote, the nearest first. `seen` is what a learner sees of each.
    """

    right: Sequence[str]
    candidates: list[str]
    seen: list[dict[str, float]]


def choices(example: Example, *, names: bool) -> Iterator[Choice]:
    """The quotes whose speaker has an entity; with `names`, mentions that are none are left out."""
    text = example.article.text
    segments = example.article.segments
    sentences = [s for part in segments for s in views.sentences(text, part.start, part.end)]
    able = [m for m in example.gold.mentions if m.entity and (m.form == "name" or not names)]
    quotes = example.gold.quotes
    for quote in quotes:
        if not quote.speaker_entities:
            continue
        at = (quote.cue or quote.spans)[0]
        outside = [m for m in able if not _within(m, quote.spans)]
        near = sorted(outside, key=lambda m: (_gap(m, at), m.start, m.end))[:NEAREST]
        others = [span for other in quotes if other is not quote for span in other.spans]
        sentence = next(((s, e) for s, e in sentences if s <= at[0] < e), (at[0], at[1]))
        cue = text[at[0] : at[1]].lower() if quote.cue else ""
        seen = [_seen(text, m, quote.spans[0], at, cue, sentence, others) for m in near]
        yield Choice(quote.speaker_entities, [m.entity for m in near], seen)


def _seen(
    text: str,
    mention: Mention,
    piece: Span,
    at: Span,
    cue: str,
    sentence: Span,
    others: Sequence[Span],
) -> dict[str, float]:
    first = mention.end <= at[0]
    side = "before" if first else "after"
    here = sentence[0] <= mention.start < sentence[1]
    where = f"{side} {'here' if here else 'elsewhere'}"
    between = text[mention.end : at[0]] if first else text[at[1] : mention.start]
    left = text[sentence[0] : mention.start].lower().split() if here else []
    kind = f"{mention.form} {mention.type}"
    facts = [
        f"where={where}",
        f"where={where} {kind}",
        f"where={where} {'in another quote' if _within(mention, others) else ''}",
        f"gap={side} {min(20, _gap(mention, piece) // 20)}",
        f"cue={side} {cue}",
        f"left={left[-1] if left else ''}",
        *(f"between={side} {word}" for word in between.lower().split()[:6] if here),
    ]
    return dict.fromkeys(facts, 1.0)


def _gap(mention: Mention, span: Span) -> int:
    """How many characters stand between the two."""
    return max(mention.start - span[1], span[0] - mention.end, 0)


def _within(mention: Mention, spans: Iterable[Span]) -> bool:
    return any(start <= mention.start and mention.end <= end for start, end in spans)


Choose = Callable[[Choice], str]


def fit(choices: Iterable[Choice], strength: float) -> Choose:
    """A logistic regression over the candidates of all quotes."""
    seen, answers = [], []
    for choice in choices:
        seen += choice.seen
        answers += ["yes" if one in choice.right else "no" for one in choice.candidates]
    linear = regression(seen, answers, strength)

    def likeliest(choice: Choice) -> str:
        told = [linear.probabilities(facts).get("yes", 0.0) for facts in choice.seen]
        return choice.candidates[told.index(max(told))] if told else ""

    return likeliest


def nearest(choice: Choice) -> str:
    """The entity of the mention nearest to the cue."""
    return choice.candidates[0] if choice.candidates else ""
