"""Baselines of stance: regressions over the words of marked sentences (scikit-learn)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.dataset import views
from onrecord.quality.training import Example
from onrecord.records import Gold, Mention, Quote, Stance

Pair = tuple[int, int]


class Words:
    """A logistic regression over TF-IDF of marked words; same input, same output."""

    def __init__(self, strength: float) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self._words = TfidfVectorizer(
            ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=r"\S+"
        )
        self._model = LogisticRegression(C=strength, max_iter=2000, class_weight="balanced")
        self._only = ""

    def fit(self, texts: Sequence[str], answers: Sequence[str]) -> Words:
        if len(set(answers)) == 1:
            self._only = answers[0]
        else:
            self._model.fit(self._words.fit_transform(texts), answers)
        return self

    def probabilities(self, texts: Sequence[str]) -> list[dict[str, float]]:
        if self._only or not texts:
            return [{self._only: 1.0} for _ in texts]
        kinds = [str(kind) for kind in self._model.classes_]
        told = self._model.predict_proba(self._words.transform(texts))
        return [dict(zip(kinds, map(float, row), strict=True)) for row in told]

    def answers(self, texts: Sequence[str]) -> list[str]:
        return [max(sorted(p), key=lambda k: p[k]) for p in self.probabilities(texts)]


def marked(text: str, start: int, end: int, places: Mapping[Pair, str]) -> str:
    """The words of `text[start:end]` in lower case, the spans of `places` under other names."""
    out = []
    at = start
    for (first, last), name in sorted(places.items()):
        if first >= at and last <= end:
            out += [text[at:first].lower(), f" {name} "]
            at = last
    out.append(text[at:end].lower())
    return " ".join(_spaced("".join(out)).split())


def _spaced(words: str) -> str:
    return "".join(c if c.isalnum() or c in "_ '’-" else f" {c} " for c in words)


def polarity_rows(examples: Iterable[Example]) -> tuple[list[str], list[str]]:
    """The sentence of each stance, its evidence and target marked, and its polarity."""
    texts, answers = [], []
    for article, gold in examples:
        places = {m.id: (m.start, m.end) for m in gold.mentions}
        for row in views.stance(article, msgspec.structs.replace(gold, layers=[])):
            start, end = row["sentence"]
            target = {places[m["id"]]: "_target_" for m in row["target"]}
            evidence = " ".join(
                f"e:{word}"
                for s, e in row["evidence"]
                for word in marked(article.text, s, e, target).split()
            )
            texts.append(f"{marked(article.text, start, end, target)} {evidence}")
            answers.append(row["polarity"])
    return texts, answers


class _Candidate(NamedTuple):
    """Two mentions that may stand in a triple: an entity, and something else near it."""

    holder: Mention
    target: Mention
    sentence: Pair
    text: str
    polarity: str


def candidates(example: Example) -> list[_Candidate]:
    """The pairs of an article, each ordered pair of entities once a sentence, by its nearest
    mentions: the target in the sentence, the holder in it too or speaking around the target."""
    article, gold = example
    spans = labels.load().spans
    types = {e.id: e.type for e in gold.entities}
    mentions = {m.id: m for m in gold.mentions}
    able = sorted((m for m in gold.mentions if m.entity), key=lambda m: (m.start, m.end))
    stood: list[tuple[Pair, str, str, str]] = []
    for s in gold.stances:
        where = (s.evidence[0][0], s.evidence[-1][1])
        stood += [(where, h, t, s.polarity) for h in s.holder_entities for t in s.target_entities]
    starts = [m.start for m in able]
    out = []
    for segment in article.segments:
        for sentence in views.sentences(article.text, segment.start, segment.end):
            here = able[bisect_right(starts, sentence[0] - 1) : bisect_right(starts, sentence[1])]
            best: dict[tuple[str, str], tuple[int, Mention, Mention, bool]] = {}
            for target in here:
                around = _around(gold.quotes, target)
                said = [mentions[m] for m in around.speaker] if around else []
                for holder in [*here, *said]:
                    gap = max(holder.start - target.end, target.start - holder.end)
                    key = (holder.entity, target.entity)
                    if gap < 0 or not holder.entity or holder.entity == target.entity:
                        continue
                    if not spans[types[holder.entity]].holds:
                        continue
                    if key not in best or gap < best[key][0]:
                        speaks = holder.entity in (around.speaker_entities if around else ())
                        best[key] = (gap, holder, target, speaks)
            for (one, other), (gap, holder, target, speaks) in sorted(best.items()):
                polarity = next(
                    (p for (s, e), h, t, p in stood
                     if (h, t) == (one, other) and s < sentence[1] and sentence[0] < e), "none"
                )  # fmt: skip
                text = _told(article.text, sentence, holder, target, speaks, gap)
                out.append(_Candidate(holder, target, sentence, text, polarity))
    return out


def _around(quotes: Iterable[Quote], mention: Mention) -> Quote | None:
    found = [q for q in quotes if any(s <= mention.start and mention.end <= e for s, e in q.spans)]
    return min(found, key=lambda q: (q.spans[-1][1] - q.spans[0][0], q.id), default=None)


def _told(
    text: str, sentence: Pair, holder: Mention, target: Mention, speaks: bool, gap: int
) -> str:
    """A pair as words: the sentence with both marked, what stands between them, and how."""
    places = {(holder.start, holder.end): "_holder_", (target.start, target.end): "_target_"}
    low, high = sorted([(holder.start, holder.end), (target.start, target.end)])
    between = ""
    if sentence[0] <= low[0] and high[1] <= sentence[1] + 1:
        words = marked(text, low[1], high[0], {}).split()
        between = " ".join(f"b:{word}" for word in words[:12])
    order = "first" if holder.start < target.start else "last"
    how = f"how:{order} how:speaks={speaks} how:gap={min(5, gap // 20)}"
    kinds = f"how:h={holder.form} how:t={target.form} how:{holder.type}>{target.type}"
    return f"{marked(text, *sentence, places)} {between} {how} {kinds}"


def stances_found(example: Example, model: Words, least: float) -> Gold:
    """The gold with the stances that the model sees in place of its own."""
    pairs = candidates(example)
    told = model.probabilities([pair.text for pair in pairs])
    stances = []
    for at, (pair, p) in enumerate(zip(pairs, told, strict=True)):
        kind = max((k for k in sorted(p) if k != "none"), key=lambda k: p[k], default="")
        if not kind or p[kind] < least:
            continue
        stances.append(
            Stance(
                id=f"s{at}", polarity=kind, evidence=[list(pair.sentence)],
                holder_level="reported",
                holder=[pair.holder.id], holder_entities=[pair.holder.entity],
                target=[pair.target.id], target_entities=[pair.target.entity],
                target_text="", quote="", basis="explicit",
            )
        )  # fmt: skip
    return msgspec.structs.replace(example.gold, stances=stances)
