"""What a model finds and what the rules find, joined to one list of names.

The rules are sure of public names, titles, heads and amounts; a model is better at where an unknown
name ends. Neither is trusted alone for the type of an unknown name: what stands beside it, and what
the rest of the document calls it, decide with them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from onrecord.suggest import beside, english, gazetteer
from onrecord.suggest.names import ORG_HEADS, extended
from onrecord.suggest.spans import Name, longest
from onrecord.suggest.words import words

EXCERPT = 600
"""A text shorter than this many characters is cut out of a longer one: a last name in it has no
full name before it, as it would have in a whole article."""
NUMBERS = {"DATE", "MONEY", "QUANTITY"}
_SURE = {"list", "title", "head", "first", "known", "title in marks"}
_WHOLE = {"ORG", "EVENT", "LAW", "FAC", "WORK", "LOC"}
_UNSURE = {"FAC", "WORK", "PRODUCT", "LAW", "NORP", "EVENT"}
"""Types that a small model gives to unknown names far too often."""

_NORP_END = (
    "an", "ans", "ese", "ish", "i", "is", "ic", "ics", "ist", "ists", "ite", "ites", "ian",
    "ians"
)  # fmt: skip


def joined(text: str, rules: Sequence[Name], model: Sequence[Name]) -> list[Name]:
    """The names of a text; none lies inside another. `model` is what it found, any edges."""
    numbers = [r for r in rules if r.label in NUMBERS]
    busy = {i for n in numbers for i in range(n.start, n.end)}
    found = [m for m in (trimmed(text, m) for m in split(text, model)) if m]
    found = [m for m in found if m.label not in NUMBERS]
    found = [m for m in found if busy.isdisjoint(range(m.start, m.end))]
    rules = [r for r in rules if r.label not in NUMBERS]
    out: list[Name] = []
    for rule in rules:
        over = [m for m in found if m.start < rule.end and rule.start < m.end]
        same = next((m for m in over if (m.start, m.end) == (rule.start, rule.end)), None)
        longer = next(
            (m for m in over if m.start <= rule.start and rule.end <= m.end and m is not same), None
        )
        if rule.rule in _SURE:
            if (
                longer
                and rule.rule == "list"
                and longer.label in _WHOLE
                and _one_name(text, longer)
            ):
                out.append(
                    longer._replace(score=0.7, label=_head_label(text, longer) or longer.label)
                )
            else:
                out.append(rule._replace(score=min(0.97, rule.score + (0.08 if same else 0))))
        elif same:
            out.append(same._replace(label=_agreed(text, rule, same), score=0.75, rule="both"))
        elif over and _cut_at_hyphen(text, over):
            out.append(rule._replace(label=over[0].label, score=0.5, rule="both"))
        elif over:
            out += [m._replace(score=0.55, rule="model") for m in over]
        elif rule.score >= 0.6 and _stands_alone(text, rule):
            out.append(rule._replace(score=rule.score - 0.15))
    covered = {i for r in rules for i in range(r.start, r.end)}
    for m in found:
        surface = text[m.start : m.end]
        if (
            covered.isdisjoint(range(m.start, m.end))
            and any(c.isupper() for c in surface)
            and surface.lower() not in _NO_NAME
            and (m.label not in ("PRODUCT", "WORK", "LAW") or _in_marks(text, m))
        ):
            out.append(m._replace(score=0.4, rule="model"))
    return longest([*numbers, *_document(text, extended(text, longest(out)))])


_MARKS = "\"“”‘’'«»„"


def _in_marks(text: str, name: Name) -> bool:
    before, after = text[: name.start].rstrip()[-1:], text[name.end :].lstrip()[:1]
    return bool(before and after) and before in _MARKS and after in _MARKS


def _cut_at_hyphen(text: str, model: Sequence[Name]) -> bool:
    return len(model) == 1 and (
        text[model[0].end : model[0].end + 1] == "-" or text[: model[0].start].endswith("-")
    )


def _stands_alone(text: str, rule: Name) -> bool:
    """Whether a guess by shape counts that the model does not share: a person by what stands
    beside it or by being named again."""
    if rule.label != "PERSON":
        return True
    last = text[rule.start : rule.end].rsplit(maxsplit=1)[-1]
    return beside.of(text, rule.start, rule.end) == "PERSON" or text.count(last) > 1


_NO_NAME = {"covid-19", "covid", "justice", "committee", "government", "constitution"}


_COMMA = re.compile(r" ?, ")
_ONE_DESPITE_COMMAS = re.compile(r",? (?:and|&) |, (?:Inc|Ltd|LLC|Jr|Sr|D\.C|PLC|plc|Co)\b")


def split(text: str, model: Iterable[Name]) -> Iterator[Name]:
    """A model's names, one with commas cut at them: "Skerrow , Holmshire" is two places."""
    for name in model:
        surface = text[name.start : name.end]
        bracket = surface.find(" (")
        if bracket > 0 and ")" not in surface:
            surface = surface[:bracket]
            name = name._replace(end=name.start + bracket)
        if name.label in NUMBERS or name.label in ("WORK", "LAW") or "," not in surface:
            yield name
            continue
        if _ONE_DESPITE_COMMAS.search(surface):
            yield name
            continue
        at = name.start
        for part in _COMMA.split(surface):
            start = text.index(part, at)
            at = start + len(part)
            yield name._replace(start=start, end=at)


def trimmed(text: str, name: Name) -> Name | None:
    """A model's span by the guidelines: no article, honorific, possessive or blank at its edges."""
    start, end = name.start, name.end
    while start < end:
        match = _LEAD.match(text, start, end)
        if not match or match.end() == start:
            break
        if match[0].startswith("The ") and text[start:end] in gazetteer.NAMES:
            break
        start = match.end()
    if name.label in ("PERSON", "ORG") and (match := _BASED.match(text, start, end)):
        start = match.end()
    while name.label == "PERSON" and (match := _WORD.match(text, start, end)):
        if match[1].lower().rstrip(".") not in _ROLES:
            break
        start = match.end()
    while start < end and (match := _TAIL.search(text[start:end])):
        end -= len(match[0])
    return name._replace(start=start, end=end) if start < end else None


_BASED = re.compile(r"[A-Z]\w+-(?:based|born|backed|owned|led) (?=[A-Z])")
_WORD = re.compile(r"([A-Z][\w.]+) (?=[A-Z])")
_ROLES = (
    english.TITLES
    | words("student trader guitarist assemblywoman assemblyman pensioner teacher nurse farmer")
) - words("st prince princess king queen pope lord")


_LEAD = re.compile(
    r"(?:(?:the|a|an|this|that|his|her|its|their|our|mr|mrs|ms|dr|sir|president|senator)\b\.?\s+|[^\w$€£]+)",
    re.I,
)
_TAIL = re.compile(r"(?:['’]s?|\s+['’]s|[^\w.)%]+|(?<=[a-z]{3})\.)$")


def _one_name(text: str, name: Name) -> bool:
    """Whether a longer span of a model is one name: no "A's B" of two, no list."""
    surface = text[name.start : name.end]
    if re.search(r"['’]s? |, ", surface):
        return surface.split()[-1].lower() in _HEADS
    return surface.split()[-1] not in gazetteer.NORPS


_HEADS = words(
    "court ministry parliament party council university army police government league union bank"
)


def _head_label(text: str, name: Name) -> str:
    last = text[name.start : name.end].rsplit(maxsplit=1)[-1].lower()
    return "ORG" if last in ORG_HEADS else ""


def _agreed(text: str, rule: Name, model: Name) -> str:
    """The type of an unknown name that both found: by what stands beside it, else the model's,
    but for types that it gives too freely."""
    words = text[rule.start : rule.end].split()
    the = bool(re.search(r"\b[Tt]he $", text[max(0, rule.start - 5) : rule.start]))
    told = beside.of(text, rule.start, rule.end)
    if told == "PERSON" and the:
        told = ""
    if told == "GPE" and model.label == "LOC":
        told = "LOC"
    if told:
        return told
    if the and model.label == "PERSON" and len(words) < 3:
        return rule.label if rule.label != "PERSON" else "ORG"
    excerpt = len(text) < EXCERPT and not the and _plain(words)
    if excerpt and rule.label == "PERSON" and model.label == "ORG":
        return "PERSON"
    if model.label in ("PERSON", "ORG", "GPE", "LOC"):
        return model.label
    if model.label == "NORP":
        return "NORP" if words[-1].endswith(_NORP_END) else rule.label
    return rule.label if model.label in _UNSURE and rule.score >= 0.5 else model.label


def _plain(words: Sequence[str]) -> bool:
    """Whether a name is one word with one capital: a last name rather than a body."""
    return len(words) == 1 and words[0][1:].islower() and words[0].isalpha()


def _document(text: str, names: Sequence[Name]) -> list[Name]:
    """One type a surface in a document, and last names follow the full name."""
    votes: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    fixed: dict[str, str] = {}
    last: set[str] = set()
    for name in names:
        surface = text[name.start : name.end]
        votes[surface][name.label] += name.score
        if name.rule in ("list", "known"):
            fixed[surface] = name.label
        if name.label == "PERSON" and len(parts := surface.split()) > 1 and name.score >= 0.55:
            last.add(parts[-1])
    out = []
    for name in names:
        surface = text[name.start : name.end]
        if surface in fixed:
            label = fixed[surface]
        elif surface in last:
            label = "PERSON"
        else:
            label = max(sorted(votes[surface]), key=lambda k: votes[surface][k])
        out.append(name._replace(label=label))
    return out
