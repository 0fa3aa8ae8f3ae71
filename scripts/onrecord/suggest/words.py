"""Word lists as they are written in the lexicons: words between blanks."""

from __future__ import annotations


def words(text: str) -> set[str]:
    """The words of a text, blanks between them."""
    return set(text.split())


def by_word(lists: dict[str, str]) -> dict[str, str]:
    """Word -> the name of the list that it is in."""
    return {word: name for name, text in lists.items() for word in text.split()}
