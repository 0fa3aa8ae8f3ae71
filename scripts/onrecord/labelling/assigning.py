"""Distributes a batch's articles over its annotators, some articles to several. Pure.

The same articles and annotators always give the same plan, and a plan only grows: people who are
working keep their articles.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from onrecord.records import UsageError, many
from onrecord.text import sha256

Row = tuple[str, str]
"""An article's id and an annotator's."""


def assign(
    batch: str,
    articles: Iterable[str],
    annotators: Sequence[str],
    *,
    twice: float = 0.0,
    thrice: float = 0.0,
    given: Iterable[Row] = (),
) -> list[Row]:
    """The rows to add to a batch for those of `articles` that `given` does not have.

    `twice` and `thrice` are shares of these articles (0 to 1) that two and three annotators label.
    Which ones is decided by a hash of batch and id and cannot be seen from the order of the rows.
    Everybody gets the same number of tasks, give or take one and counting what they have, and
    shares about as many articles with each other annotator.

    Raises UsageError: no annotator, one named twice, too few for a share, shares above 1.
    """
    _check(annotators, twice, thrice)
    have = list(given)
    there = {article for article, _ in have}
    new = sorted(set(articles) - there, key=lambda article: sha256(f"{batch} {article}"))
    three = round(len(new) * thrice)
    two = round(len(new) * twice)
    loads = Counter(dict.fromkeys(annotators, 0))
    loads.update(name for _, name in have if name in loads)
    pairs = _pairs(have)
    rows: list[Row] = []
    for number, article in enumerate(new):
        count = 3 if number < three else 2 if number < three + two else 1
        chosen = _choose(article, annotators, count, loads, pairs)
        loads.update(chosen)
        pairs.update(itertools.combinations(chosen, 2))
        rows += [(article, name) for name in chosen]
    return sorted(rows, key=lambda row: (sha256(f"order {batch} {row[0]}"), row[1]))


def _check(annotators: Sequence[str], twice: float, thrice: float) -> None:
    if not annotators:
        raise UsageError("nobody to assign to", "--annotator NAME, once for each")
    if len(set(annotators)) < len(annotators):
        raise UsageError("an annotator is named twice", "--annotator NAME, once for each")
    if min(twice, thrice) < 0 or twice + thrice > 1:
        raise UsageError("--twice and --thrice are shares, together at most 1", "--twice 0.2")
    needed = 3 if thrice else 2 if twice else 1
    if len(annotators) < needed:
        raise UsageError(
            f"{many(len(annotators), 'annotator')} cannot label an article {needed} times",
            "name more with --annotator",
        )


def _choose(
    article: str,
    annotators: Sequence[str],
    count: int,
    loads: Mapping[str, int],
    pairs: Mapping[Row, int],
) -> tuple[str, ...]:
    """Those with the fewest tasks; among them those who share least; then by a hash."""
    order = sorted(annotators, key=lambda name: (loads[name], sha256(f"{article} {name}")))
    # Anybody with more tasks than the last one needed cannot be chosen.
    enough = [name for name in order if loads[name] <= loads[order[count - 1]]]
    low = [name for name in enough if loads[name] < loads[order[count - 1]]]
    rest = [name for name in enough if name not in low][:12]
    return min(
        (tuple(sorted([*low, *more])) for more in itertools.combinations(rest, count - len(low))),
        key=lambda names: (
            sum(pairs[pair] for pair in itertools.combinations(names, 2)),
            sha256(f"{article} {' '.join(names)}"),
        ),
    )


def _pairs(rows: Iterable[Row]) -> Counter[Row]:
    by_article: dict[str, list[str]] = {}
    for article, name in rows:
        by_article.setdefault(article, []).append(name)
    return Counter(
        pair for names in by_article.values() for pair in itertools.combinations(sorted(names), 2)
    )
