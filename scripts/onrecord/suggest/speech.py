"""What marked words look like: speech, a title, a heading, a word in marks."""

from __future__ import annotations

from onrecord.suggest import english

_SMALL = {"a", "an", "the", "of", "in", "on", "and", "or", "for", "to", "at", "by", "with", "from"}


def title_like(words: str) -> bool:
    """Whether marked words are a title: capitals throughout, no stop inside the marks."""
    inner = words.strip("“”\"'‘’«»„‚ ")
    parts = [p for p in inner.split() if p[0].isalpha()]
    big = sum(p[0].isupper() for p in parts)
    return (
        bool(parts)
        and inner[-1] not in ".!?,…"
        and big / len(parts) > 0.6
        and parts[0][0].isupper()
    )


def capitalised(words: str) -> bool:
    """Whether all words of a stretch but the small ones have a capital: a heading, a title."""
    parts = [p for p in words.strip("“”\"'‘’«»„‚ ").split() if p[0].isalpha() and p not in _SMALL]
    return len(parts) > 1 and all(p[0].isupper() for p in parts)


def exclaimed(words: str) -> bool:
    """Whether marked words that are a sentence of their own are one in form: “Never.”"""
    inner = words.strip("“”\"'‘’«»„‚ ")
    return len(inner) > 1 and inner[0].isupper() and inner[-1] in ".!?…"


def speech_like(words: str) -> bool:
    """Whether marked words are speech rather than a name, a title or a word in marks.

    A stop or comma inside the marks, or four words with a verb or pronoun among them and not all
    of them capitalised.
    """
    inner = words.strip("“”\"'‘’«»„‚ ")
    parts = inner.split()
    if not parts:
        return False
    capitals = sum(p[0].isupper() for p in parts if p[0].isalpha())
    letters = sum(p[0].isalpha() for p in parts) or 1
    if capitalised(words) and len(parts) > 2 and inner[-1] not in "!?":
        return False
    if len(parts) >= 2 and capitals / letters > 0.6 and inner[-1] not in "!?":
        return len(parts) >= 2 and inner[-1] == "." and capitals / letters < 0.9
    if inner[-1] in ".!?,…" and len(parts) >= 2:
        return True
    if len(parts) < 4:
        return False
    lows = {p.lower().strip(".,!?") for p in parts}
    return bool(
        lows & (english.AUXILIARIES | english.SUBJECT_PRONOUNS | english.OBJECT_PRONOUNS)
    ) or (len(parts) >= 6)
