"""Where a page speaks to its reader, and asks for what it lives on."""

from __future__ import annotations

import re
from itertools import compress

from onrecord.articles.lexicon import LONGEST_PHRASE
from onrecord.articles.sentences import QUOTED

# Addressing the reader, outside quotation marks.
READER = re.compile(r"\b((?i:we|our|ours|you|your|yours)|[Uu]s)\b")
WE = re.compile(r"\b((?i:we|our|ours)|[Uu]s)\b")
# What an appeal asks for, or from whom: an author may say "we" too.
ASKS = re.compile(
    r"\b(support|donat|contribut|fund|subscri|member|reader|help|journalis|independen|paywall"
    r"|reporting|reporters|newsroom|desks|coverage|investigat|rely|depend|give|gift|cost)",
    re.I,
)


def asks(text: str) -> bool:
    """Whether a paragraph speaks for the house and of what it lives on, outside quotation marks."""
    own = QUOTED.sub(" ", text[:LONGEST_PHRASE])
    return bool(WE.search(own) and ASKS.search(own))


# Whoever runs a page alone says "I".
_SPEAKS = re.compile(rf"{READER.pattern}|\b(I|[Mm]y|me)\b")
_SENTENCE_BREAK = re.compile(r"(?<=[.!?…]) ")


def speaks(text: str) -> bool:
    """Whether a paragraph speaks to its reader, or of the house, in half of its words."""
    sentences = _SENTENCE_BREAK.split(QUOTED.sub(" ", text[:LONGEST_PHRASE]))
    counts = [len(sentence.split()) for sentence in sentences]
    spoken = [_SPEAKS.search(sentence) is not None for sentence in sentences]
    return 2 * sum(compress(counts, spoken)) >= sum(counts)


APPEAL_OPENS = re.compile(
    r"^(dear \w+,?|(a|an) (message|note|appeal|letter) from\b.*"
    r"|why (we are|we're|we’re) asking.*)$",
    re.I,
)
APPEAL_REACH = 14
