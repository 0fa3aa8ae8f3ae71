"""Which measures there are of two readings of an article, and what each counts.

`comparing` counts what two readings share, `figures` turns the counts of many articles into
measures with intervals. Everything is symmetric in the two readings but for precision and recall.
docs/agreement.md says how to read the measures.
"""

from __future__ import annotations

from typing import NamedTuple

UNMARKED = ""
"""In a confusion: the other reading has nothing there."""


class Measure(NamedTuple):
    """What a figure is. `side`: "finding" (is it marked at all), "judging" (what is said about
    what both marked), "both". Alphas run from -1 to 1, all others from 0 to 1."""

    layer: str
    side: str
    title: str
    means: str


MEASURES: dict[str, Measure] = {
    "entities.spans": Measure(
        "entities", "finding", "name spans, exact", "F1 of names by their offsets alone"
    ),
    "entities.spans_overlap": Measure(
        "entities", "finding", "name spans, overlap", "F1 of names that share a character"
    ),
    "entities.type": Measure(
        "entities", "judging", "type on shared names", "share with one type, of names both marked"
    ),
    "entities.exact": Measure(
        "entities", "both", "names, exact", "F1 of names by offsets and type"
    ),
    "entities.overlap": Measure(
        "entities", "both", "names, overlap", "F1 of names of one type that share a character"
    ),
    "coreference.muc": Measure("entities", "both", "coreference MUC", "F1 of coreference links"),
    "coreference.b_cubed": Measure(
        "entities", "both", "coreference B³", "F1 of each mention's entity"
    ),
    "coreference.ceaf_e": Measure(
        "entities", "both", "coreference CEAFe", "F1 of entities aligned one to one"
    ),
    "coreference.conll": Measure(
        "entities", "both", "coreference CoNLL", "the mean of MUC, B³ and CEAFe"
    ),
    "quotes.content": Measure(
        "quotes", "finding", "quotes, content", "F1 of quotes that share half of their content"
    ),
    "quotes.exact": Measure(
        "quotes", "finding", "quotes, exact", "F1 of quotes with the same content"
    ),
    "quotes.type": Measure(
        "quotes", "judging", "type on shared quotes", "share with one type, of shared quotes"
    ),
    "quotes.speaker": Measure(
        "quotes", "judging", "speaker on shared quotes", "share with the same speakers"
    ),
    "quotes.cue": Measure(
        "quotes", "judging", "cue on shared quotes", "share whose cues meet, or without one in both"
    ),
    "quotes.addressee": Measure(
        "quotes", "judging", "addressee on shared quotes", "share with the same addressees"
    ),
    "quotes.addressee_marked": Measure(
        "quotes", "judging", "addressee where marked", "the same, where a reading has an addressee"
    ),
    "quotes.attributed": Measure(
        "quotes", "both", "attributed quotes", "F1 of quotes shared with the same speakers"
    ),
    "stance.evidence": Measure(
        "stance", "finding", "evidence, overlap", "F1 of evidence that meets"
    ),
    "stance.pairs": Measure(
        "stance", "finding", "holder and target", "F1 of pairs of a holder and a target"
    ),
    "stance.holder": Measure(
        "stance", "judging", "holder on shared evidence", "share with the same holders"
    ),
    "stance.target": Measure(
        "stance", "judging", "target on shared evidence", "share with the same targets"
    ),
    "stance.evidence_polarity": Measure(
        "stance", "judging", "polarity on shared evidence", "share with one polarity"
    ),
    "stance.polarity": Measure(
        "stance", "judging", "polarity on shared pairs", "share with one polarity"
    ),
    "stance.alpha": Measure(
        "stance",
        "judging",
        "polarity, nominal alpha",
        "Krippendorff's alpha of polarity on shared pairs, all differences alike",
    ),
    "stance.alpha_ordinal": Measure(
        "stance",
        "judging",
        "polarity, ordinal alpha",
        "the same, against < neutral and mixed < favor",
    ),
    "stance.triples": Measure(
        "stance", "both", "triples", "F1 of holder, target and polarity, each triple once"
    ),
}
"""Every measure but those of one type: "entities.exact.PERSON", "quotes.content.direct", where a
thing counts as shared only if both readings give it that type."""


def measure(name: str) -> Measure:
    """The measure of a name, those of one type included. Raises KeyError for any other."""
    if name in MEASURES:
        return MEASURES[name]
    base, _, kind = name.rpartition(".")
    found = MEASURES[base]
    return found._replace(side="both", title=kind, means=f"{found.means}; {kind} only")


class Counts(NamedTuple):
    """What a measure counts in an article: how many things either reading has, and how many are
    shared. F1 is `2 shared / (first + second)`; with first as truth, recall is `shared / first`
    and precision `shared / second`. A share of n things has n on both sides."""

    shared: float
    first: float
    second: float
