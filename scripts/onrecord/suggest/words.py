"""Word lists as they are written in the lexicons: words between blanks."""

from __future__ import annotations


def words(text: str) -> set[str]:
    """The words of a text, blanks between them."""
    return set(text.split())
