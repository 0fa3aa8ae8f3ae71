"""Splits: a pure function of an article's story, so that no story is ever in two splits."""

from __future__ import annotations

import hashlib

SHARES = (("train", 70), ("validation", 15), ("test", 15))
"""Splits and their shares in percent. A change moves articles: a major version."""


def split_of(story: str) -> str:
    """The split of a story: sha256 of "story " and its id, first 8 bytes modulo 100, cut at the
    shares."""
    digest = hashlib.sha256(f"story {story}".encode()).digest()
    at = int.from_bytes(digest[:8], "big") % 100
    for name, share in SHARES:
        if at < share:
            return name
        at -= share
    raise AssertionError("the shares of all splits make 100")
