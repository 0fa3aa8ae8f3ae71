"""Models of the corpus's own gold, as `training` made them, used beside the rules.

Three small learners, each there only where it beat the rules on articles that it had not seen:

* `names`: a conditional random field over tokens, with what the rules say as features;
* `quotes`: logistic regression over the rules' quotes, whether an annotator would keep one;
* `polarity`: TF-IDF (or an encoder's vectors) and logistic regression over the words of evidence.

A model is a folder: README.md (its card), model.json, known.json, names.crfsuite. Weights are JSON
and crfsuite's own format, never a pickle: a folder from elsewhere cannot run code.
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
from typing import Any

import msgspec

from onrecord.marks import quote_type
from onrecord.records import UsageError
from onrecord.suggest import engine, german_quotes, names, quotes
from onrecord.suggest.cues import Grammar
from onrecord.suggest.entities import Known
from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Reading, Token
from onrecord.suggest.spans import Name
from onrecord.suggest.stance import Position

FORMAT = 2
NAMES = "names.crfsuite"
KEEP = 0.3
"""The least probability of being kept that a quote is suggested with."""
LEAST_POSITION = 0.35
"""Below this mean of the rule's score and the model's a stance is not suggested: better none."""


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
        total = math.fsum(powers)  # the same from every Python
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
    names_sha256: str = ""
    """Of names.crfsuite, "" without one."""
    quotes: Linear | None = None
    polarity: Linear | None = None


# --- features ----------------------------------------------------------------------------------


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


def said_by_rules(found: Iterable[Name]) -> dict[int, str]:
    """What the rules call each character, by its offset: label and rule of its name."""
    return {i: f"{n.label}/{n.rule}" for n in found for i in range(n.start, n.end)}


def sentences_of(read: Reading) -> list[list[Token]]:
    """The tokens of each sentence of an article."""
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


def terms(words: str) -> Counter[str]:
    """The words and pairs of words of a text, each with how often it stands there."""
    tokens = re.findall(r"\w+", words.casefold())
    return Counter([*tokens, *(" ".join(pair) for pair in pairwise(tokens))])


def tfidf(words: str, idf: Mapping[str, float]) -> dict[str, float]:
    """Term -> weight, of length 1; a term that `idf` lacks counts for nothing."""
    row = {t: (1 + math.log(n)) * idf[t] for t, n in terms(words).items() if t in idf}
    norm = math.sqrt(math.fsum(v * v for v in row.values())) or 1.0
    return {t: v / norm for t, v in row.items()}


def evidence_features(
    linear: Linear, text: str, vector: Sequence[float] | None
) -> dict[str, float]:
    """What `polarity` sees of evidence: an encoder's vector, without one its TF-IDF."""
    if vector:
        return {f"e{i}": v for i, v in enumerate(vector)}
    return tfidf(text, linear.idf)


def needs() -> None:
    """Raises UsageError where the extra `models` is not installed."""
    try:
        import pycrfsuite  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError:
        raise UsageError(
            "training needs scikit-learn and python-crfsuite", 'pip install "onrecord[models]"'
        ) from None


def quotations_of(read: Reading) -> list[Quotation]:
    """What the rules of the language find."""
    return german_quotes.quotations(read) if read.language == "de" else quotes.quotations(read)


# --- vectors -----------------------------------------------------------------------------------


Embed = Callable[[Sequence[str]], list[list[float]]]


def encoder(name: str) -> Embed:
    """Vectors by a sentence encoder: an installed package that carries one (its name as for pip),
    a folder, or a name that sentence-transformers downloads.

    Raises UsageError where the library or the encoder is missing.
    """
    try:
        from sentence_transformers import SentenceTransformer  # pyright: ignore[reportMissingImports]
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


# --- use ---------------------------------------------------------------------------------------


def load(folder: Path) -> Trained:
    """A trained model of a folder.

    Raises UsageError where the folder holds none, a part of one, or one of another format.
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
    crf = folder / NAMES
    if not settings.names_sha256:
        return Trained(settings, known, None)
    if not crf.is_file() or hashed(crf) != settings.names_sha256:
        raise UsageError(
            f"--model {folder}: {NAMES} is missing, damaged or of another training",
            f"onrecord train --out {folder}",
        )
    return Trained(settings, known, crf)


def hashed(crf: Path) -> str:
    """The sha256 of a model of crfsuite, which kills the process over one that is damaged."""
    with crf.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
        said = said_by_rules(names.names(read, self._types))
        found = []
        for sentence in sentences_of(read):
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
            told = linear.probabilities(evidence_features(linear, text, vector))
            position.score = round((position.score + told.get(position.polarity, 0.0)) / 2, 2)
        return [p for p in found if p.score >= LEAST_POSITION]
