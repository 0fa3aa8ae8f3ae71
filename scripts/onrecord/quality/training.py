"""Training on the corpus's own gold: minutes on two cores, same gold, same bytes.

Each learner of `trained` is tried by cross-validation over whole articles and kept only where it
beats the rules. Needs the extra `models`.
"""

from __future__ import annotations

import errno
import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onrecord import atomic, labels
from onrecord.quality import comparing, figures, pairing
from onrecord.records import Article, DataError, Gold, UsageError
from onrecord.suggest import engine, names, reading
from onrecord.suggest.engine import Knowledge
from onrecord.suggest.entities import Known, learn
from onrecord.suggest.spans import Name, longest
from onrecord.suggest.trained import (
    FORMAT,
    KEEP,
    NAMES,
    Embed,
    Held,
    Linear,
    Settings,
    Trained,
    encoder,
    evidence_features,
    hashed,
    needs,
    quotations_of,
    quote_features,
    said_by_rules,
    sentences_of,
    terms,
    tfidf,
    token_features,
)

FOLDS = 5
LEAST_DOCUMENTS = 5
LEAST_EXAMPLES = 20
"""Of each answer, before a learner is trained at all: fewer would only be learnt by heart."""


class Example(NamedTuple):
    """An article whose text is at hand, and its gold."""

    article: Article
    gold: Gold


# --- the learners ------------------------------------------------------------------------------


def regression(
    rows: Sequence[Mapping[str, float]], answers: Sequence[str], strength: float = 1.0
) -> Linear:
    """A logistic regression, all answers of one weight; `strength` is C of scikit-learn."""
    kinds = sorted(set(answers))
    if len(kinds) < 2 or not any(rows):  # all of an answer are in the articles that are held out
        return Linear(answers=kinds, weights={}, bias=[0.0] * len(kinds))
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = DictVectorizer(sort=True)
    matrix = vectors.fit_transform(rows)
    made = LogisticRegression(C=strength, max_iter=1000, class_weight="balanced")
    fitted = made.fit(matrix, answers)
    kinds = [str(kind) for kind in fitted.classes_]
    weights, bias = fitted.coef_, fitted.intercept_
    if len(kinds) == 2:
        # One row for two answers: the other's is its negative.
        weights, bias = [-weights[0] / 2, weights[0] / 2], [-bias[0] / 2, bias[0] / 2]
    return Linear(
        answers=kinds,
        weights={
            str(name): [round(float(row[at]), 6) for row in weights]
            for at, name in enumerate(vectors.feature_names_)
        },
        bias=[round(float(b), 6) for b in bias],
    )


def _train_names(examples: Sequence[Example], path: Path, known: Mapping[str, Known]) -> None:
    import pycrfsuite

    crfsuite: Any = pycrfsuite
    trainer = crfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0.1, "c2": 0.05, "max_iterations": 80, "num_memories": 6})
    wanted = set(labels.load().name_types)
    for article, gold in examples:
        read = reading.read(article.text, article.segments, engine.language_of(article))
        said = said_by_rules(names.names(read, {s: k.label for s, k in known.items()}))
        spans = longest(
            [Name(m.start, m.end, m.type, 1.0, "gold") for m in gold.mentions if m.type in wanted]
        )
        tags = {}
        for span in spans:
            for i in range(span.start, span.end):
                tags[i] = f"I-{span.label}"
            tags[span.start] = f"B-{span.label}"
        for sentence in sentences_of(read):
            trainer.append(
                token_features(sentence, said), [tags.get(t.start, "O") for t in sentence]
            )
    trainer.train(str(path))
    _refuse_cut(path)


MARGIN = 1 << 16
"""Bytes: more than what crfsuite and a disk's last block hold back."""


def _refuse_cut(path: Path) -> None:
    """Raise OSError, naming the folder, if crfsuite could not write all of a model.

    It goes on after a write that failed, and can even note the length that was left as the whole
    one. So something is written behind the model: a disk that had no room for one has none for it.
    """
    folder = path.parent.as_posix()
    try:
        with path.open("r+b") as file:
            magic, length = file.read(4), int.from_bytes(file.read(4), "little")
            end = file.seek(0, os.SEEK_END)
            file.write(os.urandom(MARGIN))
            file.flush()
            os.fsync(file.fileno())
            file.truncate(end)
    except OSError as error:
        raise OSError(error.errno, error.strerror, folder) from None
    if (magic, length) != (b"lCRF", end):  # room was made only afterwards
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), folder)


def _quote_rows(examples: Iterable[Example]) -> tuple[list[dict[str, float]], list[str]]:
    rows, answers = [], []
    for article, gold in examples:
        read = reading.read(article.text, article.segments, engine.language_of(article))
        held = [_letters(article.text, q.spans) for q in gold.quotes]
        for quote in quotations_of(read):
            own = _letters(article.text, quote.pieces)
            best = max((len(own & h) / len(own | h) for h in held if own or h), default=0.0)
            rows.append(quote_features(article.text, quote))
            answers.append("kept" if best >= pairing.SAME_QUOTE else "deleted")
    return rows, answers


def _letters(text: str, spans: Iterable[Sequence[int]]) -> set[int]:
    return {i for s, e in spans for i in range(s, e) if text[i].isalnum()}


def _evidence(examples: Iterable[Example]) -> tuple[list[str], list[str]]:
    words, answers = [], []
    for article, gold in examples:
        for held in gold.stances:
            words.append(" ".join(article.text[s:e] for s, e in held.evidence))
            answers.append(held.polarity)
    return words, answers


def _train_polarity(words: Sequence[str], answers: Sequence[str], embed: Embed | None) -> Linear:
    if embed is not None:
        rows = [{f"e{i}": v for i, v in enumerate(row)} for row in embed(words)]
        return regression(rows, answers)
    seen = Counter(term for text in words for term in set(terms(text)))
    idf = {
        term: round(math.log((1 + len(words)) / (1 + n)) + 1, 6)
        for term, n in sorted(seen.items())
        if n > 1
    }
    linear = regression([tfidf(text, idf) for text in words], answers)
    linear.idf = idf
    return linear


# --- training ----------------------------------------------------------------------------------


FILES = {"README.md", "model.json", "known.json", NAMES}
"""What a model's folder holds."""
PARTS = {f".{name}.part" for name in FILES}
"""What it holds while these are made, and after a command that was killed."""


def _others(folder: Path) -> set[str]:
    """What a folder holds that is no model's. A card comes last, so none stands alone."""
    held = {path.name for path in folder.iterdir()} - PARTS
    return held - (FILES if "model.json" in held else FILES - {"README.md"})


def train(examples: Sequence[Example], folder: Path, encoder_name: str = "") -> Settings:
    """Train on the examples and write the folder; what does not beat the rules is not used.

    Its files are replaced once all of them are written: on a full disk the old model stays.
    Raises DataError for fewer than LEAST_DOCUMENTS examples, UsageError where the extra is not
    installed or the folder holds something else. Deterministic but for an encoder's own arithmetic.
    """
    needs()
    if len(examples) < LEAST_DOCUMENTS:
        raise DataError(
            f"{len(examples)} gold articles have their text here, and training takes"
            f" {LEAST_DOCUMENTS}: label more, or `onrecord hydrate`"
        )
    examples = sorted(examples, key=lambda e: e.article.id)
    if folder.exists() and (others := _others(folder)):
        raise UsageError(
            f"{folder} holds something else ({min(others)})", "give --out a new folder"
        )
    embed = encoder(encoder_name) if encoder_name else None
    folder.mkdir(parents=True, exist_ok=True)
    known = learn(e.gold for e in examples)
    digest = hashlib.sha256(b"".join(msgspec.json.encode(e.gold) for e in examples)).hexdigest()

    held = [_held_names(examples, folder)]
    rows, answers = _quote_rows(examples)
    held.append(_held_quotes(examples, answers))
    words, polarities = _evidence(examples)
    held.append(_held_polarity(examples, polarities, embed))
    used = {h.learner for h in held if h.used}

    settings = Settings(
        format=FORMAT,
        name="onrecord-gold",
        version=f"{len(examples)}.{digest[:8]}",
        gold_sha256=digest,
        documents=len(examples),
        label_source=dict(sorted(Counter(e.gold.label_source for e in examples).items())),
        held=held,
        encoder=encoder_name if "polarity" in used else "",
        quotes=regression(rows, answers) if "quotes" in used else None,
        polarity=_train_polarity(words, polarities, embed) if "polarity" in used else None,
    )
    crf, part = folder / NAMES, _part(folder)
    with ExitStack() as stack:
        stack.callback(part.unlink, missing_ok=True)
        if "names" in used:
            _train_names(examples, part, known)
            settings.names_sha256 = hashed(part)
        files = {
            "README.md": card(settings, known).encode(),  # entered first, so replaced last
            "model.json": msgspec.json.format(msgspec.json.encode(settings)),
            "known.json": msgspec.json.format(msgspec.json.encode(known)),
        }
        for name, data in files.items():
            file = stack.enter_context(atomic.replacing(folder / name))
            file.write(data)
            file.flush()
        if "names" in used:
            part.replace(crf)
        else:
            crf.unlink(missing_ok=True)
    return settings


def _part(folder: Path) -> Path:
    """Where names are trained, until they are the model's."""
    return folder / f".{NAMES}.part"


# --- held out ----------------------------------------------------------------------------------


def _folds(examples: Sequence[Example]) -> list[tuple[list[Example], list[Example]]]:
    count = min(FOLDS, len(examples))
    parts = [list(examples[at::count]) for at in range(count)]
    return [([e for other in parts if other is not part for e in other], part) for part in parts]


def _held_names(examples: Sequence[Example], folder: Path) -> Held:
    """F1 of names, exact, on held-out articles: the rules with what is known, and with the CRF."""
    told = Held(
        learner="names",
        examples=f"{sum(len(e.gold.mentions) for e in examples)} mentions",
        measure="F1 of names, exact",
    )
    pairs: dict[str, list[comparing.Comparison]] = {"rules": [], "trained": []}
    scratch = _part(folder)
    try:
        for rest, part in _folds(examples):
            known = learn(e.gold for e in rest)
            _train_names(rest, scratch, known)
            model = Trained(_bare(), known, scratch)
            for article, gold in part:
                for key, with_ in (("rules", None), ("trained", model)):
                    made = engine.suggest(article, knowledge=Knowledge(known), model=with_)
                    pairs[key].append(
                        comparing.compare(article.text, gold, comparing.reading(article, made))
                    )
    finally:
        scratch.unlink(missing_ok=True)
    for key, found in pairs.items():
        figure = figures.figures(found, resamples=10).get("entities.exact")
        setattr(told, key, round(figure.value if figure else 0.0, 3))
    return _verdict(told)


def _held_quotes(examples: Sequence[Example], answers: Sequence[str]) -> Held:
    counts = Counter(answers)
    told = Held(
        learner="quotes",
        examples=", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())),
        measure="F1 of quotes kept, of those that the rules found",
    )
    if len(counts) < 2 or min(counts.values()) < LEAST_EXAMPLES:
        told.why = f"too few to train: {LEAST_EXAMPLES} of each are needed"
        return told
    hits = {"rules": [0, 0, 0], "trained": [0, 0, 0]}
    for rest, part in _folds(examples):
        linear = regression(*_quote_rows(rest))
        for row, answer in zip(*_quote_rows(part), strict=True):
            keeps = linear.probabilities(row).get("kept", 0.0) >= KEEP
            for key, says in (("rules", True), ("trained", keeps)):
                hits[key][0] += says and answer == "kept"
                hits[key][1] += says
                hits[key][2] += answer == "kept"
    for key, (both, said, true) in hits.items():
        setattr(told, key, round(2 * both / (said + true) if said + true else 0.0, 3))
    return _verdict(told)


def _held_polarity(
    examples: Sequence[Example], answers: Sequence[str], embed: Embed | None
) -> Held:
    counts = Counter(answers)
    told = Held(
        learner="polarity",
        examples=", ".join(f"{n} {kind}" for kind, n in sorted(counts.items())),
        measure="macro-F1 of polarity of given evidence",
    )
    enough = [kind for kind, n in counts.items() if n >= LEAST_EXAMPLES]
    if len(enough) < 2:
        told.why = f"too few to train: {LEAST_EXAMPLES} of two polarities are needed"
        return told
    true: list[str] = []
    said: dict[str, list[str]] = {"rules": [], "trained": []}
    for rest, part in _folds(examples):
        linear = _train_polarity(*_evidence(rest), embed)
        words, polarities = _evidence(part)
        vectors = embed(words) if embed and words else [None] * len(words)
        for text, polarity, vector in zip(words, polarities, vectors, strict=True):
            true.append(polarity)
            said["rules"].append(by_words(text))
            said["trained"].append(_best(linear, text, vector))
    for key, found in said.items():
        setattr(told, key, round(macro_f1(true, found), 3))
    return _verdict(told)


def by_words(text: str) -> str:
    """The lexicon's polarity of evidence: the sum over its words."""
    from onrecord.suggest import attitudes

    total = sum(attitudes.valence().get(w, 0) for w in re.findall(r"\w+", text.casefold()))
    return "favor" if total > 0 else "against"


def _best(linear: Linear, text: str, vector: Sequence[float] | None) -> str:
    told = linear.probabilities(evidence_features(linear, text, vector))
    return max(sorted(told), key=lambda kind: told[kind])


def macro_f1(true: Sequence[str], said: Sequence[str], kinds: Sequence[str] = ()) -> float:
    """The mean F1 over the kinds, if none are given those that are true of anything, 0 to 1."""
    kinds = kinds or sorted(set(true))
    total = 0.0
    for kind in kinds:
        both = sum(a == b == kind for a, b in zip(true, said, strict=True))
        size = sum(a == kind for a in true) + sum(b == kind for b in said)
        total += 2 * both / size if size else 0.0
    return total / len(kinds) if kinds else 0.0


def _verdict(told: Held) -> Held:
    told.used = told.trained > told.rules
    told.why = "better on held-out articles" if told.used else "no better than the rules alone"
    return told


def card(settings: Settings, known: Mapping[str, Known]) -> str:
    """The model card (README.md)."""
    sources = ", ".join(f"{n} {kind}" for kind, n in settings.label_source.items())
    lines = [
        f"# {settings.name} {settings.version}",
        "",
        f"Trained by `onrecord train` on {settings.documents} gold articles of this corpus"
        f" ({sources} labels) and on nothing else. Gold sha256: {settings.gold_sha256}.",
        "",
        f"It knows {len(known)} names from that gold"
        f" ({sum(1 for k in known.values() if k.kb_id)} with a Wikidata id).",
        "",
        "Each learner was tried by cross-validation over whole articles,"
        f" {min(FOLDS, settings.documents)} folds, and is used only where it beat the rules.",
        "",
        "| learner | examples | measure | rules | trained | used | why |",
        "|---|---|---|---|---|---|---|",
    ]
    for held in settings.held:
        values = [f"{held.rules:.3f}", f"{held.trained:.3f}"] if held.measure and (
            held.rules or held.trained
        ) else ["", ""]  # fmt: skip
        row = [held.learner, held.examples, held.measure, *values, "yes" if held.used else "no"]
        lines.append(f"| {' | '.join([*row, held.why])} |")
    size = (
        "Figures from so few articles say little: a different ten would give others."
        if settings.documents < 50
        else "The articles are of this corpus; other newsrooms write otherwise."
    )
    lines += ["", size, "It makes suggestions for annotators. It settles nothing.", ""]
    if "machine-generated" in settings.label_source or "mixed" in settings.label_source:
        lines[-2] += " Labels that it learnt from were made by a language model in part or whole."
    return "\n".join(lines)


def _bare() -> Settings:
    return Settings(
        format=FORMAT, name="", version="", gold_sha256="", documents=0, label_source={}, held=[]
    )
