"""Agreement between annotators: who agrees with whom, on what, and how surely.

    told = agreement(works, annotators)          # pure
    told, problems = of_batches(house, ["first"])  # from the files

Pairs of annotators are grouped by what they are. Two people agree. Two runs of one model are
consistent with themselves, which says where guidelines are vague and nothing about whether a
label is right; such figures have a heading of their own and stand in no table with human ones.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from itertools import chain, combinations
from typing import NamedTuple

import msgspec

from onrecord import labels
from onrecord.gold.works import Annotator, Work, Works, annotators
from onrecord.ledger import House
from onrecord.quality.comparing import Comparison, compare, reading
from onrecord.quality.figures import RESAMPLES, Counted, Figure
from onrecord.quality.measures import UNMARKED
from onrecord.quality.spread import spread
from onrecord.records import Annotation, Article, Problem
from onrecord.shelf import Shelf

HEADINGS = {
    "people": "Agreement between people",
    "person-model": "Agreement of people with a model",
    "models": "Agreement between different models",
    "self-consistency": "Model self-consistency",
    "itself": "Each annotator against itself",
}
"""The kinds of groups, in the order in which they are told."""

ABOUT = {
    "people": "Two people labelled the same articles.",
    "person-model": "A person and a model labelled the same articles: how near the model comes,"
    " not how far people agree.",
    "models": "Two models labelled the same articles. This is no agreement between people.",
    "self-consistency": "Two runs of one model labelled the same articles. They share their"
    " errors, so this is no agreement between people and no measure of quality; it shows where"
    " the guidelines are vague.",
    "itself": "A check of the measures: every figure must be 1.",
}


class Peer(NamedTuple):
    """Agreement between people that another corpus published, beside the nearest measure here.

    The definitions differ; docs/agreement.md says how.
    """

    measure: str
    corpus: str
    value: float
    what: str
    name: str = ""
    """What the figure is called, where it has a name: "F1"."""

    def __str__(self) -> str:
        return f"{self.corpus} {self.name} {self.value:.3f}".replace("  ", " ")


PEERS = (
    Peer("quotes.content", "PolNeAR", 0.923, "directional agr of attribution content", "agr"),
    Peer("quotes.content", "PolNeAR", 0.754, "Krippendorff's alpha of attribution spans", "alpha"),
    Peer("stance.triples", "SEESAW", 0.534, "F1 of source, target and sentiment", "F1"),
    Peer("stance.polarity", "SEESAW", 0.999, "sentiment of agreed pairs"),
    Peer("stance.alpha", "NewsMTSC", 0.72, "kappa of sentiment towards a given target", "kappa"),
    Peer("entities.exact.PERSON", "UNER", 0.97, "F1 of PER", "F1"),
    Peer("entities.exact.ORG", "UNER", 0.87, "F1 of ORG", "F1"),
    Peer("entities.exact.LOC", "UNER", 0.82, "F1 of LOC, which takes GPE and FAC in", "F1"),
)


class Confused(msgspec.Struct, frozen=True, kw_only=True):
    """How often one annotator said `one` and the other said `other`; "": nothing there.

    In the order of labels.toml, so a disagreement is counted once, whoever said which.
    """

    one: str
    other: str
    count: int


class Between(msgspec.Struct, kw_only=True):
    """Two annotators over the articles that both submitted; figures as `measures.figures`."""

    first: str
    second: str
    articles: int
    figures: dict[str, Figure]


class Group(msgspec.Struct, kw_only=True):
    """All pairs of one kind. `figures` are over all of them, each article resampled as a whole.

    `kind` is a key of HEADINGS. `confusions`: "entities" (types), "quotes" (types), "stance"
    (polarity of shared pairs).
    """

    kind: str
    heading: str
    about: str
    articles: int
    figures: dict[str, Figure]
    confusions: dict[str, list[Confused]]
    pairs: list[Between]


class Agreement(msgspec.Struct, kw_only=True):
    """What `agreement` found.

    `groups` in the order of HEADINGS, those that there are. `single` counts articles that one
    annotator alone submitted; `without_text` are those whose text is not at hand, so that what
    depends on letters could not be compared; `msgspec.to_builtins` gives the JSON form.
    """

    batches: list[str] = []
    groups: list[Group] = []
    single: int = 0
    without_text: list[str] = []

    def group(self, kind: str) -> Group | None:
        """The group of a kind (see HEADINGS), None where there is none."""
        return next((group for group in self.groups if group.kind == kind), None)


def agreement(
    works: Iterable[Work],
    annotators: Mapping[str, Annotator],
    *,
    itself: bool = False,
    resamples: int = RESAMPLES,
    workers: int = 1,
) -> Agreement:
    """How far annotators agree, pairwise over the articles that two or more of them submitted.

    Pure; takes the works one by one and holds counts only. Many are compared by `workers`
    processes (0: one a core), which gives the same. With `itself` each annotator is
    compared with itself instead, where every measure is 1. The order of works and annotators
    does not matter. Raises KeyError for an annotator that is not in `annotators`.
    """
    told = Agreement()
    found: dict[str, _Met] = defaultdict(_Met)

    def jobs() -> Iterator[_Job]:
        for work in works:
            if len(work.submitted) == 1:
                told.single += 1
            if len(work.submitted) < 2 and not (itself and work.submitted):
                continue
            if work.article.text:
                yield _Job(work.article, work.submitted, itself)
            else:
                told.without_text.append(work.article.id)

    for compared in spread(_compared, jobs(), workers=workers):
        for one, other, comparison in compared:
            kind = "itself" if itself else kind_of(annotators[one], annotators[other])
            found[kind].add(one, other, comparison)
    told.groups = [
        _group(kind, found[kind], annotators, resamples) for kind in HEADINGS if kind in found
    ]
    return told


class _Met:
    """All that was compared by pairs of one kind: counts only."""

    def __init__(self) -> None:
        self.counted = Counted()
        self.pairs: dict[tuple[str, str], array[int]] = {}
        """The two annotators -> the numbers of their comparisons."""
        self.confusions: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)

    def add(self, one: str, other: str, comparison: Comparison) -> None:
        self.pairs.setdefault((one, other), array("I")).append(self.counted.add(comparison))
        for name, confused in comparison.confusions.items():
            self.confusions[name].update(confused)

    def articles(self, which: Iterable[int]) -> int:
        return len({self.counted.articles[number] for number in which})


class _Job(NamedTuple):
    article: Article
    rows: list[Annotation]
    itself: bool


def _compared(job: _Job) -> list[tuple[str, str, Comparison]]:
    """The comparisons of one article, by the names of the two."""
    readings = {row.annotator: reading(job.article, row) for row in job.rows}
    names = sorted(readings)
    pairs = [(name, name) for name in names] if job.itself else list(combinations(names, 2))
    return [
        (one, other, compare(job.article.text, readings[one], readings[other]))
        for one, other in pairs
    ]


def kind_of(one: Annotator, other: Annotator) -> str:
    """What a pair of annotators is: people, person-model, models or self-consistency."""
    if one.kind != other.kind:
        return "person-model"
    if one.kind == "person":
        return "people"
    return "self-consistency" if one.model == other.model else "models"


def _group(kind: str, found: _Met, annotators: Mapping[str, Annotator], resamples: int) -> Group:
    def told(which: Iterable[int]) -> dict[str, Figure]:
        return found.counted.figures(array("I", which), resamples=resamples)

    models = {annotators[name].model for pair in found.pairs for name in pair}
    heading = HEADINGS[kind]
    if kind == "self-consistency" and len(models) == 1 and (model := models.pop()):
        heading += f": {model}"
    every = list(chain.from_iterable(found.pairs.values()))
    group = told(every)
    alone = len(found.pairs) == 1
    return Group(
        kind=kind,
        heading=heading,
        about=ABOUT[kind],
        articles=found.articles(every),
        figures=group,
        confusions={
            name: _confused(found.confusions[name]) for name in ("entities", "quotes", "stance")
        },
        pairs=[
            Between(
                first=one,
                second=other,
                articles=found.articles(which),
                figures=group if alone else told(which),
            )
            for (one, other), which in sorted(found.pairs.items())
        ],
    )


def kinds_of(confused: Iterable[Confused]) -> list[str]:
    """The kinds of a confusion in the order of labels.toml, what is not marked last."""
    kinds = {kind for c in confused for kind in (c.one, c.other)}
    return [kind for kind in _in_order(kinds) if kind in kinds]


def _in_order(kinds: Set[str]) -> list[str]:
    """All kinds of that sort, types of mentions or of quotes or polarities, and UNMARKED."""
    known = labels.load()
    sorts = known.mention_types, known.enum("quote_type"), known.enum("polarity")
    return next([*sort, UNMARKED] for sort in sorts if kinds <= {*sort, UNMARKED})


def _confused(said: Mapping[tuple[str, str], int]) -> list[Confused]:
    place = {
        kind: at for at, kind in enumerate(_in_order({kind for pair in said for kind in pair}))
    }
    total: Counter[tuple[int, int]] = Counter()
    for pair, times in said.items():
        one, other = sorted(place[kind] for kind in pair)
        total[one, other] += times
    kinds = list(place)
    return [
        Confused(one=kinds[one], other=kinds[other], count=times)
        for (one, other), times in sorted(total.items())
    ]


def of_batches(
    house: House, batches: Iterable[str], *, itself: bool = False, resamples: int = RESAMPLES
) -> tuple[Agreement, list[Problem]]:
    """The agreement over batches, and the rows that could not be used.

    Raises DataError where rows cannot be read (see `Works`).
    """
    shelf = Shelf(house)
    names: list[str] = []
    problems: list[Problem] = []

    def works() -> Iterator[Work]:
        for name in batches:
            names.append(name)
            room = Works(house, name, shelf)
            yield from room
            problems.extend(room.problems)

    told = agreement(works(), annotators(house), itself=itself, resamples=resamples, workers=0)
    told.batches = names
    return told, problems
