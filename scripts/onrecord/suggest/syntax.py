"""A spaCy pipeline beside the rules: word classes, subjects and complements by its parse, names.

The only module that imports spaCy (the extra `models`). The pipeline is taken by the name of its
package or the path of its folder; nothing is downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from onrecord.records import UsageError
from onrecord.suggest import contents, engine, english, subjects
from onrecord.suggest.contents import SURFACE
from onrecord.suggest.cues import Cue, Grammar
from onrecord.suggest.entities import Known
from onrecord.suggest.noun_phrases import Range
from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Paragraph, Reading
from onrecord.suggest.spans import Name
from onrecord.suggest.stance import Position
from onrecord.suggest.subjects import Subject

LABELS = {
    "PERSON": "PERSON", "PER": "PERSON", "NORP": "NORP", "ORG": "ORG", "GPE": "GPE", "LOC": "LOC",
    "FAC": "FAC", "EVENT": "EVENT", "PRODUCT": "PRODUCT", "WORK_OF_ART": "WORK", "LAW": "LAW",
    "DATE": "DATE", "MONEY": "MONEY", "QUANTITY": "QUANTITY", "PERCENT": "QUANTITY",
}  # fmt: skip
"""A pipeline's label -> ours; any other is left out."""

_SUBJECTS = {"nsubj", "nsubjpass", "csubj", "nsubj:pass"}
_CLAUSES = {"ccomp", "xcomp"}


def load(name: str) -> SpacyModel:
    """The pipeline of a package's name or a folder.

    Raises UsageError where spaCy or the pipeline is not installed.
    """
    try:
        import spacy
    except ImportError:
        raise UsageError(
            f"--model {name}: spaCy is not installed", 'pip install "onrecord[models]"'
        ) from None
    try:
        return SpacyModel(spacy.load(name))
    except OSError:
        raise UsageError(
            f"--model {name}: no such pipeline is installed, and no such folder",
            "python -m spacy download en_core_web_sm, and --model en_core_web_sm",
        ) from None


class SpacyModel:
    """A pipeline as `engine.Model`."""

    known: Mapping[str, Known] | None = None

    def __init__(self, pipeline: Any) -> None:
        self._pipeline = pipeline
        meta = pipeline.meta
        self.name = (
            f"rules-{engine.VERSION}+{meta.get('lang')}_{meta.get('name')}-{meta.get('version')}"
        )
        self.language: str = str(meta.get("lang") or "")
        self._parses = "parser" in pipeline.pipe_names
        self._docs: list[Any] = []
        self._read: Reading | None = None

    def _parse(self, read: Reading) -> list[Any]:
        """A parse a paragraph; the last text's is kept, since layers ask one after the other."""
        if self._read is not read:
            texts = [read.text[p.start : p.end] for p in read.paragraphs]
            self._docs = list(self._pipeline.pipe(texts))
            self._read = read
        return self._docs

    def grammar(self, read: Reading, /) -> Grammar | None:
        """The parse's grammar; the tags of what was read are set by the parse first."""
        if not self._parses:
            return None
        trees: dict[int, _Tree] = {}
        for paragraph, doc in zip(read.paragraphs, self._parse(read), strict=True):
            tree = _Tree(paragraph, doc)
            tree.retag()
            trees[id(paragraph)] = tree

        def subject(paragraph: Paragraph, i: int, first: int) -> Subject:
            return trees[id(paragraph)].subject(i, first)

        def complement(paragraph: Paragraph, cue: Cue, last: int) -> tuple[Range, str] | None:
            return trees[id(paragraph)].complement(cue, last)

        def is_verb(paragraph: Paragraph, i: int) -> bool:
            return trees[id(paragraph)].is_verb(i)

        return Grammar(subject, complement, is_verb)

    def names(self, read: Reading, /) -> list[Name] | None:
        """The pipeline's entities in our labels, edges as it sets them."""
        if "ner" not in self._pipeline.pipe_names:
            return None
        found = []
        for paragraph, doc in zip(read.paragraphs, self._parse(read), strict=True):
            for ent in doc.ents:
                label = LABELS.get(ent.label_)
                if label:
                    start = paragraph.start + ent.start_char
                    found.append(Name(start, paragraph.start + ent.end_char, label, 0.5, "model"))
        return found

    def quotations(
        self, _read: Reading, found: list[Quotation], /
    ) -> list[tuple[Quotation, float]]:
        return [(q, engine.QUOTE_SCORES.get(q.rule, 0.5)) for q in found]

    def positions(self, _read: Reading, found: list[Position], /) -> list[Position]:
        return found


class _Tree:
    """A paragraph's tokens over the parse's."""

    def __init__(self, paragraph: Paragraph, doc: Any) -> None:
        self.paragraph = paragraph
        self.tokens = paragraph.tokens
        self.doc = doc
        starts = {token.idx + paragraph.start: token for token in doc}
        self.theirs: list[Any] = [starts.get(t.start) for t in self.tokens]
        self.ours: dict[int, int] = {}
        where = 0
        for token in doc:
            at = token.idx + paragraph.start
            while where + 1 < len(self.tokens) and self.tokens[where + 1].start <= at:
                where += 1
            self.ours[token.i] = where

    def retag(self) -> None:
        forms = english.forms()
        for token, their in zip(self.tokens, self.theirs, strict=True):
            if their is None or token.tag not in "NVEWR":
                continue
            if their.pos_ == "VERB":
                token.tag = "V" if token.low in forms else "E"
            elif their.pos_ == "AUX" and token.tag in "NE":
                token.tag = "X"
            elif their.pos_ in ("NOUN", "PROPN", "ADJ") and token.tag in "VE":
                token.tag = "W" if token.text[0].isupper() and their.pos_ == "PROPN" else "N"
            elif their.pos_ == "ADV" and token.tag in "NE":
                token.tag = "R"

    def is_verb(self, i: int) -> bool:
        their = self.theirs[i]
        if their is None:
            return SURFACE.is_verb(self.paragraph, i)
        return their.pos_ in ("VERB", "AUX") or (
            their.dep_ in ("ROOT", "ccomp", "parataxis") and (self.tokens[i].tag == "V")
        )

    def subject(self, i: int, first: int) -> Subject:
        """The surface's subject, moved to the parse's where that has one of its own."""
        found = subjects.subject(self.tokens, i, first)
        their = self.theirs[i]
        if their is None or found.denied:
            return found
        node = next((c for c in their.children if c.dep_ in _SUBJECTS), None)
        if node is None or node.i > their.i:
            return found
        at = self.ours[node.i]
        if not first <= at < i:
            return found
        if self.tokens[at].low in ("who", "which", "that"):
            return found
        start = min([at, *(self.ours[c.i] for c in node.lefts)])
        start = max(first, start)
        if self.tokens[start].tag == '"' or self.tokens[start].stretch != self.tokens[at].stretch:
            start = at
        phrase = (start, at + 1)
        if found.phrase and found.phrase[0] <= at < found.phrase[1]:
            return found
        whole = (start, self.ours[node.right_edge.i] + 1)
        return found._replace(phrase=phrase, whole=whole, start=min(start, found.start))

    def complement(self, cue: Cue, last: int) -> tuple[Range, str] | None:
        found = contents.complement(self.paragraph, cue, last)
        their = self.theirs[cue.at]
        if their is None:
            return found
        clause = next((c for c in their.children if c.dep_ in _CLAUSES and c.i > their.i), None)
        if found is None:
            return self._unread(cue, clause, last)
        (a, b), frame = found
        if clause is not None and frame.startswith("clause"):
            edge = self.ours[clause.right_edge.i] + 1
            if (
                a + 2 < edge < b
                and self.ours[clause.left_edge.i] <= a + 1
                and all(t.stretch < 0 for t in self.tokens[a:b])
            ):
                return (a, edge), frame
        return found

    def _unread(self, cue: Cue, clause: Any, last: int) -> tuple[Range, str] | None:
        """A clause that only the parse sees: "said" and its complement with much between."""
        if clause is None or clause.dep_ != "ccomp" or "c" not in cue.kinds:
            return None
        a, b = self.ours[clause.left_edge.i], self.ours[clause.right_edge.i] + 1
        if a < cue.end or b > last or b - a < 3:
            return None
        if self.tokens[a].low == "that":
            a += 1
        if not any(c.dep_ in _SUBJECTS for c in clause.children):
            return None
        return (a, b), "clause"
