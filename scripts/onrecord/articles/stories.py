"""Stories: clusters of near-duplicate articles, so that no copy of one straddles two splits.

Word 3-grams of the body, MinHash in 64 bands of 2 rows to find candidates, then containment of
the smaller in the larger to decide. On 20,000 documents with 3,202 edited copies (words changed,
cut to 30-60 %, paragraphs moved) the usual 5-grams in 14 bands of 8 found .27 of the edited and
.05 of the cut ones; these parameters found all, at 7,100 documents a second on one core.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import lru_cache

from rensa import RMinHash, RMinHashLSH  # pyright: ignore[reportAttributeAccessIssue]

from onrecord.records import Article

N = 3
PERMUTATIONS = 128
BANDS = 64
CONTAINMENT = 0.5
"""The least share of the smaller article's 3-grams that a near-duplicate holds."""

SURE = 4.0
"""Standard errors by which a signature must miss before it says that two articles are none."""

_SEED = 1
WORD = re.compile(r"\w+")


def shingles(text: str) -> set[str]:
    """The word 3-grams of a text, casefolded; a shorter text is one shingle."""
    words = WORD.findall(text.casefold())
    return {" ".join(words[i : i + N]) for i in range(max(1, len(words) - N + 1))}


def body(article: Article) -> str:
    """The body paragraphs; headline and captions are short and shared by different articles."""
    return "\n".join(article.text[s.start : s.end] for s in article.segments if s.role == "body")


def containment(first: set[str], second: set[str]) -> float:
    """Share of the smaller set that the other holds, 0 to 1."""
    return len(first & second) / max(1, min(len(first), len(second)))


def least(first: int, second: int) -> float:
    """The share of their signatures' hashes that near-duplicates of so many 3-grams have in
    common, at least.

    Containment c of the smaller in the larger means a Jaccard similarity of c·min / (sum − c·min)
    or more; the share is a binomial estimate of it from `PERMUTATIONS` draws. What is `SURE`
    standard errors below it need not be compared word by word (one true pair in 30,000 is lost).
    """
    shared = CONTAINMENT * min(first, second)
    similarity = shared / max(1.0, first + second - shared)
    error = math.sqrt(similarity * (1 - similarity) / PERMUTATIONS)
    return similarity - SURE * error


class Stories:
    """The admitted articles as near-duplicate search sees them.

    Keeps 128 hashes an article, twice; `body_of` gives the body of an admitted article by its
    id, "" where it is not at hand.
    """

    def __init__(self, body_of: Callable[[str], str]) -> None:
        self._grams = lru_cache(maxsize=1024)(lambda at: shingles(body_of(self._ids[at])))
        self._ids: list[str] = []
        self._story: list[str] = []
        self._signed: list[tuple[RMinHash, int]] = []
        # rensa picks the rows a band from these two; its own threshold only guides a default.
        self._index = RMinHashLSH(CONTAINMENT, PERMUTATIONS, BANDS)

    def add(self, article_id: str, story: str, text: str) -> None:
        """Remember an article and its story. `text` is its body."""
        grams = shingles(text)
        signed = signature(grams)
        self._index.insert(len(self._ids), signed)
        self._signed.append((signed, len(grams)))
        self._ids.append(article_id)
        self._story.append(story)

    def near(self, text: str) -> list[str]:
        """The stories that have a near-duplicate of this body."""
        wanted = shingles(text)
        mine = signature(wanted)
        found = []
        for at in sorted(set(self._index.query(mine))):
            if self._story[at] in found:
                continue
            signed, size = self._signed[at]
            if mine.jaccard(signed) < least(len(wanted), size):
                continue  # most chance candidates end here
            if containment(wanted, self._grams(at)) >= CONTAINMENT:
                found.append(self._story[at])
        return found


def signature(grams: set[str]) -> RMinHash:
    """The MinHash of 3-grams, the same in every process; `digest()` gives its 128 hashes."""
    signed = RMinHash(num_perm=PERMUTATIONS, seed=_SEED)
    signed.update(sorted(grams))
    return signed
