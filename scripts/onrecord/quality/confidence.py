"""Labels that a model which has not seen their article finds unlikely (scikit-learn)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from onrecord.records import Article, Gold

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
FOLDS = 5
_DOUBTED = 0.25
"""The probability of the given label under which a place is shown."""
_TRUSTED = 200
"""Labels from which a model is half trusted."""


class Unlikely(NamedTuple):
    """A label at `text[start:end]`, the gold item's id, and how likely it is wrong, 0 to 1."""

    article_id: str
    start: int
    end: int
    item: str
    score: float = 0.0
    why: str = ""


def unlikely(pages: Iterable[tuple[Article, Gold]]) -> Iterator[Unlikely]:
    """Places whose label a model that has not seen their article finds unlikely.

    Logistic regression over words and their surroundings, for the type of names and the polarity
    of evidence; folds are whole articles. Raises ModuleNotFoundError without scikit-learn.
    """
    names, stances = Rows(), Rows()
    for article, gold in pages:
        for m in gold.mentions:
            if m.form == "name":
                place = Unlikely(article.id, m.start, m.end, m.id)
                names.add(place, m.type, _features(article.text, m.start, m.end))
        for stance in gold.stances:
            start, end = stance.evidence[0]
            place = Unlikely(article.id, start, end, stance.id)
            words = [word.casefold() for word in WORD.findall(article.text[start:end])]
            stances.add(place, stance.polarity, {f"w={w}": 1.0 for w in words})
    for rows, weight in ((names, 0.8), (stances, 0.5)):
        yield from _out_of_fold(rows, weight)


def _features(text: str, start: int, end: int) -> dict[str, float]:
    surface = text[start:end]
    before = WORD.findall(text[max(0, start - 40) : start])[-2:]
    after = WORD.findall(text[end : end + 40])[:2]
    shape = re.sub(r"[a-zà-ÿ]+", "a", re.sub(r"[A-ZÀ-Þ]+", "A", re.sub(r"\d+", "0", surface)))
    found = {f"shape={shape}": 1.0, f"last={surface.split()[-1].casefold()[-4:]}": 1.0}
    found |= {f"in={word.casefold()}": 1.0 for word in WORD.findall(surface)}
    found |= {f"-{n}={word.casefold()}": 1.0 for n, word in enumerate(reversed(before), 1)}
    found |= {f"+{n}={word.casefold()}": 1.0 for n, word in enumerate(after, 1)}
    return found


class Rows:
    """Places with their labels, and what a model sees of each: hashed as they come, in a tenth of
    the memory of the words."""

    def __init__(self) -> None:
        from sklearn.feature_extraction import FeatureHasher

        self.places: list[Unlikely] = []
        self.given: list[str] = []
        self._hasher = FeatureHasher(2**18)
        self._waiting: list[dict[str, float]] = []
        self._hashed: list[Any] = []

    def add(self, place: Unlikely, label: str, features: dict[str, float]) -> None:
        self.places.append(place)
        self.given.append(label)
        self._waiting.append(features)
        if len(self._waiting) == HASHED:
            self._hash()

    def _hash(self) -> None:
        self._hashed.append(self._hasher.transform(self._waiting))
        self._waiting = []

    def matrix(self) -> Any:
        """A row for each place, a column for each hash that there is: the solver's are dense."""
        import numpy as np
        from scipy.sparse import vstack

        if self._waiting:
            self._hash()
        matrix = vstack(self._hashed).tocsc()
        return matrix[:, np.diff(matrix.indptr) > 0].tocsr()


HASHED = 1000
"""Rows whose words are held before they are hashed."""


def _out_of_fold(rows: Rows, weight: float) -> Iterator[Unlikely]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GroupKFold

    articles = [place.article_id for place in rows.places]
    given = rows.given
    if len(set(articles)) < 2 or len(set(given)) < 2:
        return
    matrix = rows.matrix()
    weight *= len(given) / (len(given) + _TRUSTED)
    folds = GroupKFold(min(FOLDS, len(set(articles))))
    for train, test in folds.split(matrix, given, articles):
        if len({given[at] for at in train}) < 2:
            continue
        # A solver whose steps cost what is in a row, not what is in all columns: with lbfgs, 6,000
        # names took fifty times as long and gave the same order.
        model = LogisticRegression(
            C=5.0, solver="saga", tol=1e-2, max_iter=1000, class_weight="balanced", random_state=0
        )
        model.fit(matrix[train], [given[at] for at in train])
        classes = list(model.classes_)
        for at, chances in zip(test, model.predict_proba(matrix[test]), strict=True):
            # A label that the fold does not know says nothing about the place.
            if given[at] not in classes:
                continue
            own = float(chances[classes.index(given[at])])
            best = classes[int(chances.argmax())]
            if own < _DOUBTED and best != given[at]:
                why = f"{best} ({float(chances.max()):.2f}) rather than {given[at]} ({own:.2f})"
                score = weight * float(chances.max()) * (1 - own)
                yield rows.places[at]._replace(score=score, why=why)
