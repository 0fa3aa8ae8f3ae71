"""Labels that a model which has not seen their article finds unlikely (scikit-learn)."""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from onrecord.records import Article, Gold

WORD = re.compile(r"\w+(?:[’'-]\w+)*")
FOLDS = 5
_DOUBTED = 0.25
"""The probability of the given label under which a place is shown."""
_TRUSTED = 200
"""Labels from which a model is half trusted."""
LEARNT = 50_000
"""Labels to learn from at most: of more, every second, or every fourth."""
EPOCHS = 100
"""Passes over them at most. Most fits take about fifty; one to many rows may never come to rest."""
HASHED = 1000
"""Rows whose words are held before they are hashed."""

Pages = Iterable[tuple[Article, Gold]]


class Unlikely(NamedTuple):
    """A label at `text[start:end]`, the gold item's id, and how likely it is wrong, 0 to 1."""

    article_id: str
    start: int
    end: int
    item: str
    score: float = 0.0
    why: str = ""


class _Row(NamedTuple):
    """A label, its place, and what a model sees of it."""

    place: Unlikely
    label: str
    features: dict[str, float]


class Models:
    """Logistic regression over words and their surroundings, for the type of names and the polarity
    of evidence; folds are whole articles.

    Keeps the models and a number for each article. Raises ModuleNotFoundError without scikit-learn.
    """

    def __init__(self, pages: Pages) -> None:
        self._kinds = [(_names, _Folds(0.8)), (_stances, _Folds(0.5))]
        for page in pages:
            for rows_of, folds in self._kinds:
                for row in rows_of(*page):
                    folds.add(row)
        for _, folds in self._kinds:
            folds.fit()

    def unlikely(self, pages: Pages) -> Iterator[Unlikely]:
        """Places of these pages, all of which were learnt from, whose label is unlikely to the
        model that has not seen their article. Faster for some tens of pages than for one."""
        pages = list(pages)
        for rows_of, folds in self._kinds:
            yield from folds.unlikely([row for page in pages for row in rows_of(*page)])


def _names(article: Article, gold: Gold) -> Iterator[_Row]:
    for m in gold.mentions:
        if m.form == "name":
            place = Unlikely(article.id, m.start, m.end, m.id)
            yield _Row(place, m.type, _features(article.text, m.start, m.end))


def _stances(article: Article, gold: Gold) -> Iterator[_Row]:
    for stance in gold.stances:
        start, end = stance.evidence[0]
        place = Unlikely(article.id, start, end, stance.id)
        words = [word.casefold() for word in WORD.findall(article.text[start:end])]
        yield _Row(place, stance.polarity, {f"w={w}": 1.0 for w in words})


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


class _Folds:
    """One kind of label: for each fold of articles a model of the labels of the others.

    Keeps a number for each article and, until the models are there, up to LEARNT rows.
    """

    def __init__(self, weight: float) -> None:
        from sklearn.feature_extraction import FeatureHasher

        self._weight = weight
        self._hasher = FeatureHasher(2**18)
        self._times: Counter[str] = Counter()
        """How many rows each article has."""
        self._rows = 0
        self._step = 1
        self._learnt: list[tuple[str, str]] = []
        """Article and label of every `_step`-th row, those that are learnt from."""
        self._waiting: list[dict[str, float]] = []
        self._hashed: list[Any] = []
        self._columns: Any = None
        self._models: list[Any] = []
        self._fold: dict[str, int] = {}
        """The model for each article, one that has not seen it."""

    def add(self, row: _Row) -> None:
        """Take up a row, in the order of the corpus."""
        self._times[row.place.article_id] += 1
        if self._rows % self._step == 0:
            self._learnt.append((row.place.article_id, row.label))
            self._waiting.append(row.features)
            if len(self._waiting) == HASHED:
                self._hash()
            if len(self._learnt) > LEARNT:
                self._learnt = self._learnt[::2]
                self._hashed = [self._matrix()[::2]]
                self._step *= 2
        self._rows += 1

    def _hash(self) -> None:
        self._hashed.append(self._hasher.transform(self._waiting))
        self._waiting = []

    def _matrix(self) -> Any:
        """A row for each that is learnt from, a column for each hash."""
        from scipy.sparse import vstack

        if self._waiting:
            self._hash()
        return vstack(self._hashed, format="csr")

    def fit(self) -> None:
        """Fit the models: none where all rows have one label, or stand in one article."""
        import numpy as np

        if len(self._times) < 2 or len({label for _, label in self._learnt}) < 2:
            return
        matrix = self._matrix()
        # The models are dense: of the columns, they have those that there are.
        self._columns = np.bincount(matrix.indices, minlength=matrix.shape[1]) > 0
        matrix = matrix[:, self._columns]
        self._fold = _folds(self._times)
        for fold in range(1 + max(self._fold.values())):
            train = [n for n, (id_, _) in enumerate(self._learnt) if self._fold[id_] != fold]
            given = [self._learnt[n][1] for n in train]
            self._models.append(fitted(matrix[train], given) if len(set(given)) > 1 else None)
        self._hashed, self._learnt = [], []

    def unlikely(self, rows: Sequence[_Row]) -> Iterator[Unlikely]:
        """Which of these rows, of articles that were taken up, have an unlikely label."""
        weight = self._weight * (self._rows / (self._rows + _TRUSTED))
        by_fold: dict[int, list[_Row]] = defaultdict(list)
        for row in rows:
            by_fold[self._fold.get(row.place.article_id, -1)].append(row)
        for fold, told in by_fold.items():
            if fold < 0 or (model := self._models[fold]) is None:
                continue
            seen = self._hasher.transform([row.features for row in told])[:, self._columns]
            classes = list(model.classes_)
            for (place, label, _), chances in zip(told, model.predict_proba(seen), strict=True):
                # A label that the fold does not know says nothing about the place.
                if label not in classes:
                    continue
                own = float(chances[classes.index(label)])
                most = float(chances.max())
                best = classes[int(chances.argmax())]
                if own < _DOUBTED and best != label:
                    why = f"{best} ({most:.2f}) rather than {label} ({own:.2f})"
                    score = weight * most * (1 - own)
                    yield place._replace(score=score, why=why)


def _folds(times: Mapping[str, int]) -> dict[str, int]:
    """The fold of each article, so that folds have about as many rows: `times`, of each article."""
    import numpy as np
    from sklearn.model_selection import GroupKFold

    articles = sorted(times)
    rows = np.repeat(np.arange(len(articles)), [times[id_] for id_ in articles])
    folds = GroupKFold(min(FOLDS, len(articles))).split(rows, groups=rows)
    return {
        articles[number]: fold
        for fold, (_, of_fold) in enumerate(folds)
        for number in np.unique(rows[of_fold]).tolist()
    }


def fitted(matrix: Any, given: Sequence[str]) -> Any:
    """The model of these rows and their labels."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    # A solver whose steps cost what is in a row, not what is in all columns: with lbfgs, 6,000
    # names took fifty times as long and gave the same order.
    model = LogisticRegression(
        C=5.0, solver="saga", tol=1e-2, max_iter=EPOCHS, class_weight="balanced", random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(matrix, given)
