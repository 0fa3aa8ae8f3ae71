"""What plain models learn from this corpus: trained on train, tuned on validation, told on test.

Three layers, with learners that need minutes on two cores and know nothing but the gold:

* names: a conditional random field over the tokens of a sentence (of the published view);
* quotes: a conditional random field over the tokens of a paragraph, which tags quotes, cues and
  speakers; a speaker and a cue belong to the nearest quote of their paragraph;
* speakers of given quotes: a logistic regression over the mentions near a quote;
* stance: logistic regressions over TF-IDF, one for the polarity of given evidence toward a given
  target, one for which pairs of given mentions stand in a triple.

The measures are those of `quality.measures`, and accuracy and macro-F1 where the answer is one of
a few. Nothing here reads the rules of `suggest`, which stand beside the baselines as what needs no
gold at all. Needs the extra `models`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from onrecord.dataset import choosing
from onrecord.dataset.measured import FORMAT, SHARES, Baselines, Row
from onrecord.dataset.positions import Words, candidates, polarity_rows, stances_found
from onrecord.dataset.tagging import (
    Tagger,
    name_stretches,
    names_found,
    quote_stretches,
    quotes_found,
)
from onrecord.places import scratch
from onrecord.quality import comparing, figures
from onrecord.quality.training import Example, by_words, macro_f1
from onrecord.records import Annotation, Article, DataError, Gold
from onrecord.suggest.trained import needs

DRAWS = 3
"""So often a part of train is drawn (by a hash of the article's id); the mean is told."""


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
    drawn, flat = _spread(len(true), lambda rows: _poles(true, said, rows)), list(chain(*true))
    return {"macro": Score(*drawn, sum(kind in POLES for kind in flat))}


def _poles(true: list[list[str]], said: list[list[str]], rows: Iterable[int]) -> float:
    right, given = ([kind for i in rows for kind in all_[i]] for all_ in (true, said))
    return macro_f1(right, given, POLES)


def _spread(count: int, value: Callable[[list[int]], float]) -> tuple[float, float, float]:
    """The value of `count` articles, with its interval by the bootstrap of `measures`."""
    rng = np.random.default_rng(figures.SEED)
    spread = [value(rng.integers(count, size=count).tolist()) for _ in range(figures.RESAMPLES)]
    edge = (1 - figures.LEVEL) / 2
    low, high = (float(x) for x in np.quantile(spread, [edge, 1 - edge]))
    return value(list(range(count))), low, high


CHOICES = {"all": "accuracy, all mentions given", "names": "accuracy, names alone given"}
"""How often the entity that is chosen is a speaker's, by which mentions are candidates."""


def _choices(examples: Iterable[Example], kind: str) -> list[list[choosing.Choice]]:
    """The quotes with a speaker, by article."""
    found = (list(choosing.choices(e, names=kind == "names")) for e in examples)
    return [choices for choices in found if choices]


def _fit_choosers(examples: Sequence[Example], strength: float) -> dict[str, choosing.Choose]:
    return {kind: choosing.fit(chain(*_choices(examples, kind)), strength) for kind in CHOICES}


def choice_score(
    choosers: Mapping[str, choosing.Choose], examples: Sequence[Example]
) -> dict[str, Score]:
    """The accuracy of each chooser, over the quotes that have a speaker; by what CHOICES names."""
    told = {}
    for kind, choose in choosers.items():
        hits = [[choose(c) in c.right for c in own] for own in _choices(examples, kind)]

        def share(rows: list[int], hits: list[list[bool]] = hits) -> float:
            return sum(sum(hits[i]) for i in rows) / sum(len(hits[i]) for i in rows)

        told[kind] = Score(*_spread(len(hits), share), sum(map(len, hits)))
    return told


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
        "quotes",
        "speaker of given quotes",
        "logistic regression",
        CHOICES,
        "C",
        (0.3, 1.0, 3.0, 10.0),
        lambda rows, strength, _: _fit_choosers(rows, strength),
        lambda model, rows, _: choice_score(model, rows),
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

    Raises UsageError where the extra `models` is missing, DataError where a split has no article
    or none of what is to be learnt.
    """
    needs()
    for name in ("train", "validation", "test"):
        golds = [example.gold for example in splits.get(name, ())]
        if not golds:
            raise DataError(f"no gold article of {name} has its text here: hydrate")
        for what in ("mentions", "quotes", "stances"):
            if not any(getattr(gold, what) for gold in golds):
                raise DataError(f"the gold of {name} has no {what}, so nothing can be measured yet")
        if not any(quote.speaker_entities for gold in golds for quote in gold.quotes):
            raise DataError(f"the gold of {name} has no speakers, so nothing can be measured yet")
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
    tuned = f"{task.setting} = {setting:g}"
    return [
        _row(task, task.system, title, whole[name], curve[name], tuned)
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
    choice = next(task for task in TASKS if task.measures is CHOICES)
    for name, told in choice_score(dict.fromkeys(CHOICES, choosing.nearest), test).items():
        rows.append(_row(choice, "nearest to the cue", CHOICES[name], told))
    polarity = next(task for task in TASKS if "macro" in task.measures)
    for system, answers in (("lexicon of the rules", _by_lexicon), ("all against", _all_against)):
        told = _polarity_score(answers, test)
        rows.append(_row(polarity, system, polarity.measures["macro"], told["macro"]))
    return rows


def _all_against(texts: list[str]) -> list[str]:
    return ["against"] * len(texts)


def _row(
    task: Task, system: str, title: str, told: Score, less: Sequence[float] = (), tuned: str = ""
) -> Row:
    """A row of the table; `less` is what parts of train gave."""
    return Row(
        layer=task.layer,
        task=task.task,
        system=system,
        measure=title,
        curve=[*less, round(told.value, 3)],
        low=round(told.low, 3),
        high=round(told.high, 3),
        n=told.n,
        tuned=tuned,
    )
