"""Which lines the lexicon knows, and by which rule: its tables compiled, and looked up fast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain

from ahocorasick_rs import BytesAhoCorasick, Implementation

from onrecord.articles.credits import CREDIT_SIGNS
from onrecord.articles.lexicon import (
    LABELS,
    LONGEST_LINE,
    LONGEST_PHRASE,
    OPENINGS,
    OPENS_ABROAD,
    OPENS_LINE,
    PHRASES,
    SAYS_ALONE,
    SHORT_HOLDS,
    TRAIL_MARKS,
    WHOLE,
)
from onrecord.articles.sentences import QUOTED, ends_sentence, is_prose

_LEADERS = " »›>▶►→•*-–—+"
_FIRST_WORD = re.compile(r"\W*(?:\d+ )?(?P<word>[^\W\d]\w*)")
_GROUP = re.compile(r"(?<!\\)\((?!\?)")
# How patterns begin that try any line to its end, and cost more than all the others.
_ANY_OPENING = (".", r"(\w")


def _table(rules: Mapping[str, Iterable[str]]) -> re.Pattern[str]:
    """The rules as one pattern; the group that matches bears the name of the rule."""
    # Only the rule is asked for: groups that nobody remembers are tried a third faster.
    tables = [
        f"(?P<{rule}>(?:{_GROUP.sub('(?:', '|'.join(patterns))})$)"
        for rule, patterns in rules.items()
        if patterns
    ]
    return re.compile("|".join(tables), re.I)


def _tables(rules: dict[str, list[str]]) -> list[re.Pattern[str]]:
    """The patterns of known openings as one, and those that any line may open."""
    return [
        _table(
            {r: [p for p in ps if p.startswith(_ANY_OPENING) is any_] for r, ps in rules.items()}
        )
        for any_ in (False, True)
    ]


# What is left of a page's data among its text, and the mark of a list.
_CODE = re.compile(r'":\s?(?:["\d{\[]|null|true|false)')
CODE = 3
_MARK = re.compile(r"^[*•▪◦‣+–-]\s+(?=\w)")
_MARKS = "*•▪◦‣+–-"
_WHOLE_TABLES, _LABEL_TABLES = _tables(WHOLE), _tables(LABELS)
# A bar between alternatives, in no group.
_OR = re.compile(r"\|(?![^()]*\))")


def _by_word(rules: dict[str, tuple[str, ...]]) -> dict[str, dict[str, list[str]]]:
    """First word -> rule -> the alternatives of the rule that begin with the word."""
    found: dict[str, dict[str, list[str]]] = {}
    for rule, lines in rules.items():
        for alternative in chain.from_iterable(map(_OR.split, lines)):
            match = _FIRST_WORD.match(alternative)
            assert match
            opening = _folded(match["word"])
            found.setdefault(opening, {}).setdefault(rule, []).append(alternative)
    return found


_AS_ASCII = ("İi", "ıi", "ſs")
"""Letters beside those of ASCII that a pattern takes for one of them, whatever their case."""


def _folded(word: str) -> str:
    """The word as each spelling of it that a pattern takes for it: capitals of Turkish, too."""
    for letter, plain in _AS_ASCII:
        word = word.replace(letter, plain)
    return word.casefold()


# Few lines begin with one of these words: no other need be searched.
_OPENS_BY_WORD, _ALONE_BY_WORD = _by_word(OPENS_ABROAD), _by_word(SAYS_ALONE)
_ABROAD_OPENS = _OPENS_BY_WORD.keys() | _ALONE_BY_WORD.keys()
_ABROAD_BEGINS = frozenset(word[:2] for word in _ABROAD_OPENS)


def _abroad(opens: list[str], alone: list[str]) -> list[str]:
    """Patterns of lines that open so, and of such that say no more."""
    return [rf"(?:{'|'.join(opens)})(?!\w).*"] * bool(opens) + [
        rf"(?:\d+ )?(?:{'|'.join(alone)})(?: ?\(\d+\))?\W*"
    ] * bool(alone)


@cache
def _abroad_line(word: str) -> re.Pattern[str]:
    """The rules of lines in other languages whose first word is this, one of `_ABROAD_OPENS`."""
    # Compiled with the first such line: those of all words cost a third of all patterns here.
    opens, alone = _OPENS_BY_WORD.get(word, {}), _ALONE_BY_WORD.get(word, {})
    rules = {**OPENS_ABROAD, **SAYS_ALONE}
    return _table({rule: _abroad(opens.get(rule, []), alone.get(rule, [])) for rule in rules})


def _may_open_abroad(text: str) -> bool:
    """Whether the first word may be one of `_ABROAD_OPENS`; for most lines two letters say no."""
    two = text[:2]
    return not (two.isalpha() and two.isascii()) or two.lower() in _ABROAD_BEGINS


CREDITED, SIDED, _HOLDS, _TRAIL, _OPENS, _CODED = (1 << len(PHRASES) + n for n in range(6))
"""Signs of a line: a word of `CREDIT_SIGNS`, "left" or "right", one of `SHORT_HOLDS`, one of
`TRAIL_MARKS`, one of `OPENINGS` where it begins, what `_CODE` begins with. Bit n is the phrase n.
"""


def _needles() -> dict[str, int]:
    """What is looked for in every line, and the signs it is."""
    found: dict[str, int] = dict.fromkeys(CREDIT_SIGNS, CREDITED)
    found |= {"left": SIDED, "right": SIDED, '":': _CODED}
    found |= {f"\n{word}": _OPENS for word in OPENINGS}
    for needle in SHORT_HOLDS:
        found[needle] = found.get(needle, 0) | _HOLDS
    for needle in TRAIL_MARKS:
        found[needle] = found.get(needle, 0) | _TRAIL
    for number, phrase in enumerate(PHRASES):
        for needle in phrase.needles:
            found[needle] = found.get(needle, 0) | 1 << number
    return found


_NEEDLES = _needles()
_SIGNS = [*_NEEDLES.values(), 0]
_END = len(_NEEDLES)
_find = BytesAhoCorasick(
    [needle.encode() for needle in (*_NEEDLES, "\n")], implementation=Implementation.DFA
)


def signs(lines: list[str]) -> list[int]:
    """The signs of each of the lines, whatever their case: all are looked for in one go."""
    text = "\n".join(["", *lines])  # an opening stands behind a line feed
    # The needles' letters are ASCII's, and in normal form these alone stand for one of them too.
    for letter, plain in _AS_ASCII:
        text = text.replace(letter, plain)
    data = text.encode("utf-8", "surrogatepass").lower()
    found, at = [0] * len(lines), -1
    # They come in the order of their ends, and so do the lines'.
    for needle, _, _ in _find.find_matches_as_indexes(data, overlapping=True):
        if needle == _END:
            at += 1
        else:
            found[at] |= _SIGNS[needle]
    return found


def _short_rule(text: str, held: int) -> str:
    rule = ""
    if held & (_HOLDS | _OPENS) or (not text[:1].isalpha() and OPENS_LINE.match(text)):
        tables = 2 if held & (_HOLDS | _TRAIL) else 1
        rule = _first(WHOLE, _WHOLE_TABLES[:tables], text)
        if not rule and not ends_sentence(text):
            rule = _first(LABELS, _LABEL_TABLES[:tables], text)
    elif held & _TRAIL:
        rule = _first(WHOLE, _WHOLE_TABLES[1:], text)
    if not rule and not ends_sentence(text):
        first = _FIRST_WORD.match(text) if _may_open_abroad(text) else None
        if first and (word := _folded(first["word"])) in _ABROAD_OPENS:
            match = _abroad_line(word).match(text.lstrip(_LEADERS))
            rule = (match.lastgroup or "") if match else ""
    return rule


def _first(rules: Iterable[str], tables: Iterable[re.Pattern[str]], text: str) -> str:
    """The first of the rules that a line falls under by one of their tables, "" for none."""
    found = [match.lastgroup for table in tables if (match := table.match(text))]
    return next(rule for rule in rules if rule in found) if found else ""


def rule_of(text: str, held: int | None = None) -> str:
    """The lexicon rule that a line falls under, "" for none. `held` are its signs if known."""
    if held is None:
        held = signs([text])[0]
    if len(text) <= LONGEST_LINE and (rule := _short_rule(text, held)):
        return rule
    if len(text) > LONGEST_PHRASE:
        return ""
    held &= CREDITED - 1
    while held:
        phrase = PHRASES[(held & -held).bit_length() - 1]
        if phrase.pattern().search(text):
            return phrase.rule
        held &= held - 1
    return ""


def is_page_line(text: str, held: int | None = None) -> str:
    """The lexicon rule under which a paragraph goes, "" where it stays.

    A sentence of the article may hold such words between its quotation marks. `held` are its signs
    if they are known.
    """
    if (held is None or held & _CODED) and len(_CODE.findall(text)) >= CODE:
        return "code"
    if text[:1] in _MARKS and (unmarked := _MARK.sub("", text)) != text:
        text, held = unmarked, None
    rule = rule_of(text, held)
    if rule and is_prose(text) and not rule_of(QUOTED.sub(" ", text)):
        return ""
    return rule
