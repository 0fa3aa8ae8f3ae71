"""What plain models learn from this corpus: trained on train, tuned on validation, told on test.

Three layers, with learners that need minutes on two cores and know nothing but the gold:

* names: a conditional random field over the tokens of a sentence (of the published view);
* quotes: a conditional random field over the tokens of a paragraph, which tags quotes, cues and
  speakers; a speaker and a cue belong to the nearest quote of their paragraph;
* stance: logistic regressions over TF-IDF, one for the polarity of given evidence toward a given
  target, one for which pairs of given mentions stand in a triple.

The measures are those of `quality.measures`. Nothing here reads the rules of `suggest`, which
stand beside the baselines as what needs no gold at all. Needs the extra `models`.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np

from onrecord import labels
from onrecord.dataset import views
from onrecord.dataset.measured import FORMAT, SHARES, Baselines, Row
from onrecord.quality import comparing, figures
from onrecord.records import (
    Annotation,
    Article,
    DataError,
    Gold,
    Link,
    Mention,
    Quote,
    Span,
    Stance,
)
from onrecord.running.places import scratch
from onrecord.suggest.trained import needs, shape
from onrecord.suggest.training import Example, by_words, macro_f1

DRAWS = 3
"""So often a part of train is drawn (by a hash of the article's id); the mean is told."""

Pair = tuple[int, int]


# --- conditional random fields ------------------------------------------------------------------

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
    types = set(labels.load().name_types) - {"MENTION"}
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
        before = "O"
        whole = []
        for tag in tags:
            # A continuation without a beginning begins.
            broken = tag.startswith("I-") and before[2:] != tag[2:]
            whole.append(f"B-{tag[2:]}" if broken else tag)
            before = tag
        return views.tagged_spans(tokens, whole)


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
        spans=sorted(spans, key=lambda s: (s.start, -s.end, s.label)),
        links=links,
    )


# --- stance -------------------------------------------------------------------------------------


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


# --- the tasks ----------------------------------------------------------------------------------


class Score(NamedTuple):
    """A figure with its 95 % interval over articles, and how many things it is about."""

    value: float
    low: float
    high: float
    n: int


class Task(NamedTuple):
    """A baseline: how it is trained at a setting, and what it is worth.

    `measures` are told, measure -> title; validation chooses among `settings` by the first.
    """

    layer: str
    task: str
    system: str
    measures: dict[str, str]
    setting: str
    settings: tuple[float, ...]
    fit: Callable[[Sequence[Example], float, Path], Any]
    score: Callable[[Any, Sequence[Example], float], dict[str, Score]]


def _compared(
    found: Callable[[Example], Annotation | Gold], examples: Sequence[Example]
) -> dict[str, Score]:
    compared = []
    for example in examples:
        made = found(example)
        read = made if isinstance(made, Gold) else comparing.reading(example.article, made)
        compared.append(comparing.compare(example.article.text, example.gold, read))
    told = figures.figures(compared)
    return {name: Score(f.value, f.low, f.high, f.n) for name, f in told.items()}


POLES = ("favor", "against")
"""The polarities that macro-F1 is over: neutral and mixed stances are too rare to say anything."""


def _polarity_score(
    answers: Callable[[list[str]], list[str]], examples: Sequence[Example]
) -> dict[str, Score]:
    """Macro-F1 of the two poles, its interval by the bootstrap of `measures`."""
    true: list[list[str]] = []
    said: list[list[str]] = []
    for example in examples:
        texts, right = polarity_rows([example])
        if texts:
            true.append(right)
            said.append(answers(texts))
    rng = np.random.default_rng(figures.SEED)
    spread = []
    for _ in range(figures.RESAMPLES):
        drawn = rng.integers(len(true), size=len(true))
        right, given = ([kind for i in drawn for kind in rows[i]] for rows in (true, said))
        spread.append(macro_f1(right, given, POLES))
    edge = (1 - figures.LEVEL) / 2
    low, high = (float(x) for x in np.quantile(spread, [edge, 1 - edge]))
    flat = list(chain(*true))
    value = macro_f1(flat, list(chain(*said)), POLES)
    return {"macro": Score(value, low, high, sum(kind in POLES for kind in flat))}


def _by_lexicon(texts: list[str]) -> list[str]:
    """The polarity of marked sentences by the words of their evidence alone."""
    evidence = (" ".join(w[2:] for w in text.split() if w.startswith("e:")) for text in texts)
    return [by_words(words) for words in evidence]


TASKS = (
    Task(
        "entities",
        "names",
        "CRF",
        {"entities.exact": "names, exact F1"},
        "c2",
        (0.01, 0.1, 1.0),
        lambda rows, ridge, path: Tagger(path, ridge).fit(rows, name_stretches),
        lambda model, rows, _: _compared(lambda e: names_found(model, e.article), rows),
    ),
    Task(
        "quotes",
        "quotes with their speaker",
        "CRF",
        {"quotes.attributed": "attributed quotes, F1", "quotes.content": "quotes, content F1"},
        "c2",
        (0.01, 0.1, 1.0),
        lambda rows, ridge, path: Tagger(path, ridge).fit(rows, quote_stretches),
        lambda model, rows, _: _compared(lambda e: quotes_found(model, e.article), rows),
    ),
    Task(
        "stance",
        "polarity toward a given target",
        "TF-IDF, logistic regression",
        {"macro": "macro-F1 of favor and against"},
        "C",
        (0.3, 1.0, 3.0, 10.0),
        lambda rows, strength, _: Words(strength).fit(*polarity_rows(rows)),
        lambda model, rows, _: _polarity_score(model.answers, rows),
    ),
    Task(
        "stance",
        "triples of given mentions",
        "TF-IDF, logistic regression",
        {"stance.triples": "triples, F1"},
        "least probability",
        (0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        lambda rows, _, __: _fit_triples(rows),
        lambda model, rows, least: _compared(lambda e: stances_found(e, model, least), rows),
    ),
)


def _fit_triples(examples: Iterable[Example]) -> Words:
    pairs = [pair for example in examples for pair in candidates(example)]
    return Words(1.0).fit([p.text for p in pairs], [p.polarity for p in pairs])


Suggest = Callable[[Article], Annotation]


def measure(
    splits: Mapping[str, Sequence[Example]],
    suggesters: Mapping[str, Suggest],
    digest: str,
    say: Callable[[str], None] = lambda _: None,
) -> Baselines:
    """Train, tune and test every baseline; what `suggesters` find stands beside, on test.

    Raises UsageError where the extra `models` is missing, DataError where a split has no article.
    """
    needs()
    for name in ("train", "validation", "test"):
        if not splits.get(name):
            raise DataError(f"no gold article of {name} has its text here: hydrate")
    train, tune, test = (
        sorted(splits[name], key=lambda e: e.article.id) for name in ("train", "validation", "test")
    )
    rows: list[Row] = []
    with scratch() as folder:
        for task in TASKS:
            rows += _curve(task, train, tune, test, folder)
            for row in rows[-len(task.measures) :]:
                say(f"{row.task}, {row.measure}: " + " ".join(f"{v:.3f}" for v in row.curve))
    rows += _beside(suggesters, test)
    return Baselines(
        format=FORMAT,
        gold_sha256=digest,
        articles={name: len(splits[name]) for name in ("train", "validation", "test")},
        draws=DRAWS,
        rows=sorted(rows, key=lambda r: ORDER.index((r.layer, r.task))),
    )


ORDER = list(dict.fromkeys((t.layer, t.task) for t in TASKS))


def _curve(
    task: Task,
    train: Sequence[Example],
    tune: Sequence[Example],
    test: Sequence[Example],
    folder: Path,
) -> list[Row]:
    first = next(iter(task.measures))
    best, setting, model = -1.0, 0.0, None
    for tried in task.settings:
        made = task.fit(train, tried, folder / f"{task.layer}-{tried}")
        value = task.score(made, tune, tried)[first].value
        if value > best:
            best, setting, model = value, tried, made
    whole = task.score(model, test, setting)
    curve: dict[str, list[float]] = {name: [] for name in task.measures}
    for share in SHARES[:-1]:
        sums = dict.fromkeys(task.measures, 0.0)
        for draw in range(DRAWS):
            part = drawn(train, share, draw)
            less = task.fit(part, setting, folder / f"{task.layer}-part")
            told = task.score(less, test, setting)
            for name in sums:
                sums[name] += told[name].value if name in told else 0.0
        for name, total in sums.items():
            curve[name].append(round(total / DRAWS, 3))
    return [
        Row(
            layer=task.layer,
            task=task.task,
            system=task.system,
            measure=title,
            curve=[*curve[name], round(whole[name].value, 3)],
            low=round(whole[name].low, 3),
            high=round(whole[name].high, 3),
            n=whole[name].n,
            tuned=f"{task.setting} = {setting:g}",
        )
        for name, title in task.measures.items()
    ]


def drawn(examples: Sequence[Example], share: float, draw: int) -> list[Example]:
    """A part of the examples by a hash of the article's id: a smaller share of a draw lies in the
    larger one."""

    def place(example: Example) -> str:
        return hashlib.sha256(f"{draw} {example.article.id}".encode()).hexdigest()

    count = max(1, round(share * len(examples)))
    return sorted(sorted(examples, key=place)[:count], key=lambda e: e.article.id)


def _beside(suggesters: Mapping[str, Suggest], test: Sequence[Example]) -> list[Row]:
    """What needs no training here, on the same test articles."""
    rows = []
    for system, suggest in suggesters.items():
        told = _compared(lambda e, suggest=suggest: suggest(e.article), test)
        for task in TASKS:
            for name, title in task.measures.items():
                if name in told:
                    rows.append(_row(task, system, title, told[name]))
    polarity = next(task for task in TASKS if "macro" in task.measures)
    for system, answers in (("lexicon of the rules", _by_lexicon), ("all against", _all_against)):
        told = _polarity_score(answers, test)
        rows.append(_row(polarity, system, polarity.measures["macro"], told["macro"]))
    return rows


def _all_against(texts: list[str]) -> list[str]:
    return ["against"] * len(texts)


def _row(task: Task, system: str, title: str, told: Score) -> Row:
    return Row(
        layer=task.layer,
        task=task.task,
        system=system,
        measure=title,
        curve=[round(told.value, 3)],
        low=round(told.low, 3),
        high=round(told.high, 3),
        n=told.n,
    )
