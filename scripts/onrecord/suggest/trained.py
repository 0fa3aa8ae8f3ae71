"""Models of the corpus's own gold: trained in minutes on two cores, used beside the rules.

Three small learners, each kept only where it beats the rules on articles that it did not see:

* `names`: a conditional random field over tokens, with what the rules say as features;
* `quotes`: logistic regression over the rules' quotes, whether an annotator would keep one;
* `polarity`: TF-IDF (or an encoder's vectors) and logistic regression over the words of evidence.

A model is a folder: README.md (its card), model.json, known.json, names.crfsuite. Weights are JSON
and crfsuite's own format, never a pickle: a folder from elsewhere cannot run code. Same gold,
same bytes. Needs the extra `models`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onrecord import labels, ledger
from onrecord.marks import quote_type
from onrecord.quality import comparing, figures, pairing
from onrecord.records import Article, DataError, Gold, UsageError
from onrecord.suggest import engine, german_quotes, names, quotes, reading
from onrecord.suggest.cues import Grammar
from onrecord.suggest.engine import Knowledge
from onrecord.suggest.entities import Known, learn
from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Reading, Token
from onrecord.suggest.spans import Name, longest
from onrecord.suggest.stance import Position

FORMAT = 1
FOLDS = 5
LEAST_DOCUMENTS = 5
LEAST_EXAMPLES = 20
"""Of each answer, before a learner is trained at all: fewer would only be learnt by heart."""


class Example(NamedTuple):
    """An article whose text is at hand, and its gold."""

    article: Article
    gold: Gold


class Linear(msgspec.Struct, kw_only=True):
    """A logistic regression: feature -> weight per answer, and each answer's bias."""

    answers: list[str]
    weights: dict[str, list[float]]
    bias: list[float]
    idf: dict[str, float] = {}
    """Of words, where the features are TF-IDF."""

    def probabilities(self, features: Mapping[str, float]) -> dict[str, float]:
        sums = list(self.bias)
        for feature, value in features.items():
            for at, weight in enumerate(self.weights.get(feature, ())):
                sums[at] += weight * value
        top = max(sums)
        powers = [math.exp(s - top) for s in sums]
        total = sum(powers)
        return {a: p / total for a, p in zip(self.answers, powers, strict=True)}


class Held(msgspec.Struct, kw_only=True):
    """What a learner was worth on held-out articles, and whether it is used for that."""

    learner: str
    examples: str
    measure: str = ""
    rules: float = 0.0
    trained: float = 0.0
    used: bool = False
    why: str = ""


class Settings(msgspec.Struct, kw_only=True):
    """model.json."""

    format: int
    name: str
    version: str
    gold_sha256: str
    documents: int
    label_source: dict[str, int]
    held: list[Held]
    encoder: str = ""
    quotes: Linear | None = None
    polarity: Linear | None = None


# --- features -----------------------------------------------------------------------------------


def shape(text: str) -> str:
    """The kinds of a word's characters, runs of one cut short: "Xx", "9", "x-x"."""
    return re.sub(r"(.)\1+", r"\1", "".join(
        "X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in text
    ))[:8]  # fmt: skip


def token_features(tokens: Sequence[Token], said: Mapping[int, str]) -> list[list[str]]:
    """The features of each token of a sentence; `said` is what the rules call its characters."""
    rows = []
    own = []
    for token in tokens:
        text = token.text
        own.append(
            [f"w={token.low}", f"s={shape(text)}", f"3={token.low[-3:]}", f"t={token.tag}",
             f"r={said.get(token.start, 'O')}"]
        )  # fmt: skip
    for at in range(len(tokens)):
        row = ["bias", *own[at], f"2={tokens[at].low[-2:]}", f"p={tokens[at].low[:3]}"]
        for step in (-2, -1, 1, 2):
            if 0 <= at + step < len(tokens):
                near = own[at + step]
                row += [f"{step}{f}" for f in (near if abs(step) == 1 else near[:1] + near[4:])]
            else:
                row.append(f"{step}edge")
        rows.append(row)
    return rows


def _said(found: Iterable[Name]) -> dict[int, str]:
    return {i: f"{n.label}/{n.rule}" for n in found for i in range(n.start, n.end)}


def _sentences(read: Reading) -> list[list[Token]]:
    return [p.tokens[a:b] for p in read.paragraphs for a, b in p.sentences if b > a]


def quote_features(text: str, quote: Quotation) -> dict[str, float]:
    """What tells a quote that an annotator keeps: its rule, verb, length, type and speaker."""
    words = sum(len(text[s:e].split()) for s, e in quote.pieces)
    speaker = text[slice(*quote.speaker[0])] if quote.speaker else ""
    kind = "none" if not speaker else "name" if speaker[0].isupper() else "other"
    return {
        f"rule={quote.rule}": 1.0,
        f"verb={quote.verb}": 1.0,
        f"words={min(6, int(math.log2(words + 1)))}": 1.0,
        f"type={quote_type([text[s:e] for s, e in quote.pieces])}": 1.0,
        f"speaker={kind}": 1.0,
        f"pieces={min(3, len(quote.pieces))}": 1.0,
    }


def _terms(words: str) -> Counter[str]:
    tokens = re.findall(r"\w+", words.casefold())
    return Counter([*tokens, *(" ".join(pair) for pair in pairwise(tokens))])


def _tfidf(words: str, idf: Mapping[str, float]) -> dict[str, float]:
    row = {t: (1 + math.log(n)) * idf[t] for t, n in _terms(words).items() if t in idf}
    norm = math.sqrt(sum(v * v for v in row.values())) or 1.0
    return {t: v / norm for t, v in row.items()}


# --- learning -----------------------------------------------------------------------------------


def needs() -> None:
    """Raises UsageError where the extra `models` is not installed."""
    try:
        import pycrfsuite  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError:
        raise UsageError(
            "training needs scikit-learn and python-crfsuite", 'pip install "onrecord[models]"'
        ) from None


def _regression(rows: Sequence[Mapping[str, float]], answers: Sequence[str]) -> Linear:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectors = DictVectorizer(sort=True)
    matrix = vectors.fit_transform(rows)
    fitted = LogisticRegression(max_iter=1000, class_weight="balanced").fit(matrix, answers)
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
        said = _said(names.names(read, {s: k.label for s, k in known.items()}))
        spans = longest(
            [Name(m.start, m.end, m.type, 1.0, "gold") for m in gold.mentions if m.type in wanted]
        )
        tags = {}
        for span in spans:
            for i in range(span.start, span.end):
                tags[i] = f"I-{span.label}"
            tags[span.start] = f"B-{span.label}"
        for sentence in _sentences(read):
            trainer.append(
                token_features(sentence, said), [tags.get(t.start, "O") for t in sentence]
            )
    trainer.train(str(path))


def _quote_rows(examples: Iterable[Example]) -> tuple[list[dict[str, float]], list[str]]:
    rows, answers = [], []
    for article, gold in examples:
        read = reading.read(article.text, article.segments, engine.language_of(article))
        held = [_letters(article.text, q.spans) for q in gold.quotes]
        for quote in _quotations(read):
            own = _letters(article.text, quote.pieces)
            best = max((len(own & h) / len(own | h) for h in held if own or h), default=0.0)
            rows.append(quote_features(article.text, quote))
            answers.append("kept" if best >= pairing.SAME_QUOTE else "deleted")
    return rows, answers


def _quotations(read: Reading) -> list[Quotation]:
    return german_quotes.quotations(read) if read.language == "de" else quotes.quotations(read)


def _letters(text: str, spans: Iterable[Sequence[int]]) -> set[int]:
    return {i for s, e in spans for i in range(s, e) if text[i].isalnum()}


def _evidence(examples: Iterable[Example]) -> tuple[list[str], list[str]]:
    words, answers = [], []
    for article, gold in examples:
        for held in gold.stances:
            words.append(" ".join(article.text[s:e] for s, e in held.evidence))
            answers.append(held.polarity)
    return words, answers


Embed = Callable[[Sequence[str]], list[list[float]]]


def _train_polarity(words: Sequence[str], answers: Sequence[str], embed: Embed | None) -> Linear:
    if embed is not None:
        rows = [{f"e{i}": v for i, v in enumerate(row)} for row in embed(words)]
        return _regression(rows, answers)
    seen = Counter(term for text in words for term in set(_terms(text)))
    idf = {
        term: round(math.log((1 + len(words)) / (1 + n)) + 1, 6)
        for term, n in sorted(seen.items())
        if n > 1
    }
    linear = _regression([_tfidf(text, idf) for text in words], answers)
    linear.idf = idf
    return linear


def encoder(name: str) -> Embed:
    """Vectors by a sentence encoder: an installed package that carries one (its name as for pip),
    a folder, or a name that sentence-transformers downloads.

    Raises UsageError where the library or the encoder is missing.
    """
    try:
        from sentence_transformers import (  # pyright: ignore[reportMissingImports]
            SentenceTransformer,
        )
    except ImportError:
        raise UsageError(
            f"--encoder {name}: sentence-transformers is not installed",
            'pip install "onrecord[encoder]" (about 1 GB with the CPU build of torch)',
        ) from None
    try:
        model = SentenceTransformer(str(carried(name) or name), device="cpu")
    except Exception as error:
        raise UsageError(f"--encoder {name}: {error}") from None

    def embed(texts: Sequence[str]) -> list[list[float]]:
        if not texts:
            return []
        vectors = model.encode(list(texts), batch_size=32, show_progress_bar=False)
        return [[round(float(v), 6) for v in row] for row in vectors]

    return embed


def carried(name: str) -> Path | None:
    """The folder of the encoder that an installed package of this name carries, None without.

    A sentence encoder's folder holds modules.json. The package is not imported.
    """
    module = re.sub(r"[-.]+", "_", name)
    if not module.isidentifier():
        return None
    spec = importlib.util.find_spec(module)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for found in sorted(Path(place).glob("**/modules.json")):
            return found.parent
    return None


# --- training -----------------------------------------------------------------------------------


FILES = {"README.md", "model.json", "known.json", "names.crfsuite", ".names.part"}
"""What a model's folder holds, the last while names are trained."""


def _others(folder: Path) -> set[str]:
    """What a folder holds that is no model's. A card comes last, so none stands alone."""
    held = {path.name for path in folder.iterdir()}
    return held - (FILES if "model.json" in held else FILES - {"README.md"})


def train(examples: Sequence[Example], folder: Path, encoder_name: str = "") -> Settings:
    """Train on the examples and write the folder; what does not beat the rules is not used.

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
        quotes=_regression(rows, answers) if "quotes" in used else None,
        polarity=_train_polarity(words, polarities, embed) if "polarity" in used else None,
    )
    crf = folder / "names.crfsuite"
    if "names" in used:
        _train_names(examples, crf, known)
    else:
        crf.unlink(missing_ok=True)
    ledger.write_bytes(folder / "known.json", msgspec.json.format(msgspec.json.encode(known)))
    ledger.write_bytes(folder / "model.json", msgspec.json.format(msgspec.json.encode(settings)))
    ledger.write_bytes(folder / "README.md", card(settings, known).encode())
    return settings


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
    scratch = folder / ".names.part"
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
        linear = _regression(*_quote_rows(rest))
        for row, answer in zip(*_quote_rows(part), strict=True):
            keeps = linear.probabilities(row)["kept"] >= KEEP
            for key, says in (("rules", True), ("trained", keeps)):
                hits[key][0] += says and answer == "kept"
                hits[key][1] += says
                hits[key][2] += answer == "kept"
    for key, (both, said, true) in hits.items():
        setattr(told, key, round(2 * both / (said + true) if said + true else 0.0, 3))
    return _verdict(told)


KEEP = 0.3
"""The least probability of being kept that a quote is suggested with."""


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
    row = {f"e{i}": v for i, v in enumerate(vector)} if vector else _tfidf(text, linear.idf)
    told = linear.probabilities(row)
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


# --- use ----------------------------------------------------------------------------------------


def _bare() -> Settings:
    return Settings(
        format=FORMAT, name="", version="", gold_sha256="", documents=0, label_source={}, held=[]
    )


def load(folder: Path) -> Trained:
    """A trained model of a folder.

    Raises UsageError where the folder holds none, or one of another format.
    """
    try:
        settings = msgspec.json.decode((folder / "model.json").read_bytes(), type=Settings)
        known = msgspec.json.decode((folder / "known.json").read_bytes(), type=dict[str, Known])
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"--model {folder}: {error}", "onrecord train --out FOLDER") from None
    if settings.format != FORMAT:
        raise UsageError(
            f"--model {folder}: its format is {settings.format}, and this version reads {FORMAT}",
            f"onrecord train --out {folder}",
        )
    crf = folder / "names.crfsuite"
    return Trained(settings, known, crf if crf.exists() else None)


class Trained:
    """A trained model as `engine.Model`."""

    def __init__(self, settings: Settings, known: Mapping[str, Known], crf: Path | None) -> None:
        self.settings = settings
        self.known: Mapping[str, Known] | None = known
        self._types = {surface: fact.label for surface, fact in known.items()}
        self.name = f"rules-{engine.VERSION}+{settings.name}-{settings.version}"
        self._tagger: Any = None
        self._embed: Embed | None = None
        if crf is not None:
            needs()
            import pycrfsuite

            crfsuite: Any = pycrfsuite
            self._tagger = crfsuite.Tagger()
            self._tagger.open(str(crf))

    def grammar(self, _read: Reading, /) -> Grammar | None:
        return None

    def names(self, read: Reading, /) -> list[Name] | None:
        if self._tagger is None:
            return None
        said = _said(names.names(read, self._types))
        found = []
        for sentence in _sentences(read):
            tags = self._tagger.tag(token_features(sentence, said))
            start = 0
            while start < len(tags):
                if tags[start] == "O":
                    start += 1
                    continue
                label = tags[start][2:]
                end = start + 1
                while end < len(tags) and tags[end] == f"I-{label}":
                    end += 1
                first, last = sentence[start].start, sentence[end - 1].end
                found.append(Name(first, last, label, 0.6, "trained"))
                start = end
        return found

    def quotations(self, read: Reading, found: list[Quotation], /) -> list[tuple[Quotation, float]]:
        """The quotes that an annotator is likely to keep, each with how likely."""
        judge = self.settings.quotes
        if judge is None:
            return [(q, engine.QUOTE_SCORES.get(q.rule, 0.5)) for q in found]
        told = [(q, judge.probabilities(quote_features(read.text, q))["kept"]) for q in found]
        return [(q, p) for q, p in told if p >= KEEP]

    def positions(self, read: Reading, found: list[Position], /) -> list[Position]:
        linear = self.settings.polarity
        if linear is None or not found:
            return found
        words = [read.text[p.evidence[0] : p.evidence[1]] for p in found]
        if self.settings.encoder and self._embed is None:
            self._embed = encoder(self.settings.encoder)
        vectors = self._embed(words) if self._embed else [None] * len(words)
        for position, text, vector in zip(found, words, vectors, strict=True):
            row = {f"e{i}": v for i, v in enumerate(vector)} if vector else _tfidf(text, linear.idf)
            told = linear.probabilities(row)
            position.score = round((position.score + told.get(position.polarity, 0.0)) / 2, 2)
        return [p for p in found if p.score >= LEAST_POSITION]


LEAST_POSITION = 0.35
"""Below this mean of the rule's score and the model's a stance is not suggested: better none."""
