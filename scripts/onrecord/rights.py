"""What may be published: corpus/rights.csv joined to articles, and the masking of texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

import msgspec

from onrecord import ledger
from onrecord.ledger import House
from onrecord.records import Article, Problem, Rights, refused
from onrecord.text import slug

WITHHELD = Rights(
    licence="LicenseRef-all-rights-reserved",
    release="withhold",
    basis="no pattern of rights.csv covers it",
    attribution="",
)
"""The rights of an article that no row matches."""

_WORD = re.compile(r"\w+")
_FIELD = re.compile(r"\{[^{}]*\}?")

_STRICTNESS = {"ship": 0, "fetch": 1, "withhold": 2}
_TEMPLATE = ("{headline}", "{url}")
"""The placeholders of an attribution."""


class Rule(NamedTuple):
    """A row of rights.csv. `pattern` is a glob (`*`, `?`) over a publisher as it is named or its
    slug, an article's id or its URL; upper and lower case differ."""

    pattern: str
    rights: Rights

    def covers(self, article: Article) -> bool:
        name = article.publisher
        keys = (name, slug(name), article.id, article.url)
        pattern = self.pattern.replace("[", "[[]")  # it opens no class of letters
        return any(fnmatchcase(key, pattern) for key in keys if key)

    @property
    def rank(self) -> tuple[int, int]:
        """More literal characters are more specific; among equals, the stricter release wins."""
        literal = len(self.pattern) - self.pattern.count("*") - self.pattern.count("?")
        return literal, _STRICTNESS.get(self.rights.release, 2)


def rules(rows: Iterable[list[str]]) -> list[Rule]:
    """The rows of rights.csv (`ledger.RIGHTS`) as rules, the most specific first."""
    found = [
        Rule(pattern, Rights(licence=licence, release=release, basis=basis, attribution=line))
        for pattern, licence, release, basis, line in rows
    ]
    return sorted(found, key=lambda rule: (rule.rank, rule.pattern), reverse=True)


def fault(row: Sequence[str]) -> str:
    """What is wrong with the values of a row of rights.csv, "" for nothing (rule csv.value)."""
    pattern, licence, release, _, line = row
    if not pattern:
        return "the pattern is empty; * covers every article"
    if release not in _STRICTNESS:
        return f"{release!r} is none of {', '.join(_STRICTNESS)}"
    if not licence and release != "withhold":
        return f"a text of release {release} needs its licence, such as CC-BY-4.0"
    for field in _FIELD.findall(line):
        if field not in _TEMPLATE:
            return f"{field} is no field of an attribution; {' and '.join(_TEMPLATE)} are"
    return ""


def granted(house: House) -> list[Rule]:
    """The rules of corpus/rights.csv, the most specific first. Raises DataError (csv.*).

    An invalid row is refused, because what it grants would be frozen with the articles, and so is
    a second one of the same pattern.
    """
    name = house.name(house.rights)
    rows: dict[str, list[str]] = {}
    for line, row in ledger.read_csv(house.rights, ledger.RIGHTS, name=name):
        rule, wrong = "csv.value", fault(row)
        if not wrong and row[0] in rows:
            rule, wrong = "csv.repeat", "the pattern is on an earlier line, too; keep one of them"
        if wrong:
            raise refused(Problem(file=name, line=line, rule=rule, id=row[0], message=wrong))
        rows[row[0]] = row
    return rules(rows.values())


def rule_of(article: Article, ranked: list[Rule]) -> Rule | None:
    """The rule that decides about an article, None where none covers it."""
    return next((rule for rule in ranked if rule.covers(article)), None)


def rights_of(article: Article, ranked: list[Rule]) -> Rights:
    """The rights of an article under `rules()`; `WITHHELD` where none covers it."""
    rule = rule_of(article, ranked)
    return rule.rights if rule else WITHHELD


def narrowed(old: Rights, new: Rights) -> bool:
    """Whether a text that is stored in the corpus no longer may be.

    The ledger is never rewritten, so such a text is removed only with its article: TAKE_DOWN.
    """
    return old.release == "ship" != new.release


TAKE_DOWN = 'onrecord withdraw {article} --reason "permission taken back"'
"""The command for an article whose text may no longer be stored in the corpus."""


def masked(article: Article) -> Article:
    """The article for the ledger: without any string of a text that may not be stored here."""
    if article.rights.release == "ship":
        return article
    return msgspec.structs.replace(article, text="", headline="", credit=[])


def attribution(article: Article) -> str:
    """The attribution line: its template with the headline and the URL filled in.

    Where one is unknown, the URL stands for it, else the article's id. A text that is not here
    leaves `{headline}`: whoever has the text fills it in.
    """
    place = article.url or article.id
    line = article.rights.attribution
    if article.text:
        line = line.replace("{headline}", article.headline or place)
    return line.replace("{url}", place)


RUN = 4
"""Consecutive words that count as repeating a text; fewer may be a name or a reason."""


def repeats(words: str, text: str) -> bool:
    """Whether `words` (a note, a reason) repeat four consecutive words of `text`, in any case."""
    said, known = (_WORD.findall(part.casefold()) for part in (words, text))
    runs = {tuple(known[i : i + RUN]) for i in range(len(known) - RUN + 1)}
    return any(tuple(said[i : i + RUN]) in runs for i in range(len(said) - RUN + 1))
