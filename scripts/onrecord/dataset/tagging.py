"""Baselines that tag tokens: names, and quotes with their cues and speakers (python-crfsuite)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from onrecord import labels
from onrecord.dataset import views
from onrecord.quality.training import Example
from onrecord.records import Annotation, Article, Link, Span, span_order
from onrecord.suggest.trained import shape

Pair = tuple[int, int]

_MARKS = "\"“”„‟«»‘’'"


def _own(word: str) -> list[str]:
    low = word.lower()
    return [f"w={low}", f"s={shape(word)}", f"3={low[-3:]}"]


def token_features(words: Sequence[str]) -> list[list[str]]:
    """Features of each token of a stretch: itself, its shape and ends, two neighbours a side, and
    whether a quotation is open."""
    own = [_own(word) for word in words]
    rows = []
    inside = False
    for at, word in enumerate(words):
        if word in _MARKS:
            inside = not inside if word in "\"'" else word in "“„«‘"
        row = ["bias", *own[at], f"2={word.lower()[-2:]}", f"p={word.lower()[:3]}", f"q={inside}"]
        row.append(f"first={at == 0}")
        for step in (-2, -1, 1, 2):
            if 0 <= at + step < len(words):
                row += [f"{step}{f}" for f in own[at + step][: 3 if abs(step) == 1 else 2]]
            else:
                row.append(f"{step}edge")
        if 0 < at < len(words) - 1:
            row.append(f"w-1+1={words[at - 1].lower()}|{words[at + 1].lower()}")
        rows.append(row)
    return rows


class _Tagged(NamedTuple):
    """A stretch of an article: tokens as offsets of the article, and their BIO tags."""

    tokens: list[Pair]
    tags: list[str]


Stretches = Callable[[Example], Iterator[_Tagged]]


def name_stretches(example: Example) -> Iterator[_Tagged]:
    """Sentences with the outermost names."""
    types = set(labels.load().name_types)
    spans = views.outermost(
        (m.start, m.end, m.type) for m in example.gold.mentions if m.type in types
    )
    text = example.article.text
    for segment in example.article.segments:
        for start, end in views.sentences(text, segment.start, segment.end):
            yield _tagged(text, start, end, spans)


def quote_stretches(example: Example) -> Iterator[_Tagged]:
    """Paragraphs with quotes, and the cues and speakers outside quotes."""
    gold = example.gold
    place = {m.id: (m.start, m.end) for m in gold.mentions}
    quotes = views.outermost((s, e, "QUOTE") for q in gold.quotes for s, e in q.spans)
    others = [(s, e, "CUE") for q in gold.quotes for s, e in q.cue]
    others += [(*place[m], "SPEAKER") for q in gold.quotes for m in q.speaker]
    free = [o for o in others if not any(s < o[1] and o[0] < e for s, e, _ in quotes)]
    spans = views.outermost([*quotes, *free])
    for segment in example.article.segments:
        yield _tagged(example.article.text, segment.start, segment.end, spans)


def _tagged(text: str, start: int, end: int, spans: Sequence[tuple[int, int, str]]) -> _Tagged:
    clipped = [(max(s, start), min(e, end), x) for s, e, x in spans if s < end and start < e]
    cuts = {edge for span in clipped for edge in span[:2]}
    tokens = views.tokenise(text, start, end, cuts)
    return _Tagged(tokens, views.bio_tags(tokens, clipped))


def begun(tags: Iterable[str]) -> list[str]:
    """BIO tags in which every span begins: an I- that continues nothing of its label is a B-."""
    before = "O"
    whole = []
    for tag in tags:
        broken = tag.startswith("I-") and before[2:] != tag[2:]
        whole.append(f"B-{tag[2:]}" if broken else tag)
        before = tag
    return whole


class Tagger:
    """A conditional random field, trained (L-BFGS, elastic net) and applied."""

    def __init__(self, path: Path, ridge: float) -> None:
        self.path, self.ridge = path, ridge
        self._tagger: Any = None

    def fit(self, examples: Iterable[Example], stretches: Stretches) -> Tagger:
        import pycrfsuite

        crfsuite: Any = pycrfsuite
        trainer = crfsuite.Trainer(algorithm="lbfgs", verbose=False)
        trainer.set_params({"c1": 0.1, "c2": self.ridge, "max_iterations": 60, "num_memories": 6})
        for example in examples:
            for stretch in stretches(example):
                words = [example.article.text[s:e] for s, e in stretch.tokens]
                if words:
                    trainer.append(token_features(words), stretch.tags)
        trainer.train(str(self.path))
        self._tagger = crfsuite.Tagger()
        self._tagger.open(str(self.path))
        return self

    def spans(self, text: str, tokens: Sequence[Pair]) -> list[tuple[int, int, str]]:
        """The `(start, end, label)` it finds among the tokens."""
        if not tokens:
            return []
        tags = self._tagger.tag(token_features([text[s:e] for s, e in tokens]))
        return views.tagged_spans(tokens, begun(tags))


def names_found(tagger: Tagger, article: Article) -> Annotation:
    """The names of an article."""
    spans = []
    for segment in article.segments:
        for start, end in views.sentences(article.text, segment.start, segment.end):
            tokens = views.tokenise(article.text, start, end)
            spans += tagger.spans(article.text, tokens)
    return _annotation(article, [_span(*span) for span in spans], [])


NEAR = 60
"""Within so many characters two quotes around one attribution are one quote in two pieces."""


def quotes_found(tagger: Tagger, article: Article) -> Annotation:
    """The quotes of an article with the nearest cue and speaker of their paragraph."""
    spans: list[Span] = []
    links: list[Link] = []
    for segment in article.segments:
        tokens = views.tokenise(article.text, segment.start, segment.end)
        found = tagger.spans(article.text, tokens)
        quotes = [_span(*x) for x in found if x[2] == "QUOTE"]
        if not quotes:
            continue
        cues = [_span(*x) for x in found if x[2] == "CUE"]
        who = [_span(s, e, "PERSON") for s, e, label in found if label == "SPEAKER"]
        first = {q.id: q for q in quotes}
        for one, other in pairwise(quotes):
            between = [x for x in (*cues, *who) if one.end <= x.start and x.end <= other.start]
            if between and other.start - one.end <= NEAR and other.start > one.end:
                links.append(Link(from_=one.id, to=other.id, role="continues"))
                first[other.id] = first[one.id]
        for cue in cues:
            links.append(Link(from_=first[_nearest(cue, quotes).id].id, to=cue.id, role="cue"))
        for speaker in who:
            to = first[_nearest(speaker, quotes).id].id
            links.append(Link(from_=speaker.id, to=to, role="speaker"))
        spans += [*quotes, *cues, *who]
    return _annotation(article, spans, links)


def _nearest(span: Span, quotes: Sequence[Span]) -> Span:
    return min(quotes, key=lambda q: (max(q.start - span.end, span.start - q.end), q.start))


def _span(start: int, end: int, label: str) -> Span:
    return Span(id=f"{label}-{start}-{end}", label=label, start=start, end=end)


def _annotation(article: Article, spans: list[Span], links: list[Link]) -> Annotation:
    return Annotation(
        article_id=article.id,
        text_sha256=article.text_sha256,
        batch="",
        annotator="baseline",
        layers=list(labels.LAYERS),
        spans=sorted(spans, key=span_order),
        links=links,
    )
