"""What has a form of its own: dates, money, quantities, numbered roads.

The forms are those of schema/guidelines/entities.md.
"""

from __future__ import annotations

import re

from onrecord.suggest.spans import Name, longest

# No number has more commas and points; to follow a list of figures to its end from each of them
# would take time with the square of its length.
_FIGURE = r"\d++(?:[.,]\d++){0,9}+"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NUMBER = (
    rf"(?:{_FIGURE}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty"
    r"|thirty|forty|fifty|sixty|several|many|recent|a few|a couple of)"
)
_UNIT_TIME = r"(?:days?|weeks?|months?|years?|decades?|centur(?:y|ies)|weekends?)"
_PERIOD = r"(?:week|month|year|weekend|decade|century|spring|summer|autumn|fall|winter)"
_YEAR = r"(?:1[6-9]\d\d|20[0-4]\d)"
_HOLIDAY = (
    r"(?:Christmas(?:\s+(?:Eve|Day))?|Easter(?:\s+(?:Sunday|Monday))?|Ramadan|Thanksgiving"
    r"|New\s+Year(?:['’]s\s+(?:Eve|Day))?|Halloween|Good\s+Friday|Boxing\s+Day)"
)


def _any(*patterns: str) -> re.Pattern[str]:
    """One pattern of several that all start at a word: elsewhere it fails at once."""
    return re.compile(r"\b(?:" + "|".join(patterns) + ")")


DATE = _any(
    rf"(?:{_DAY},?\s+)?\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+{_MONTH}(?:,?\s+\d{{4}})?",
    rf"(?:{_DAY},?\s+)?{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?(?!\d)",
    rf"(?:{_DAY},?\s+)?{_MONTH},?\s+\d{{4}}",
    rf"{_DAY}s?\b",
    r"(?:19|20)\d\d[-–/](?:19|20)?\d\d\b",
    r"\d{4}-\d{2}-\d{2}\b",
    r"\d{1,2}/\d{1,2}/\d{4}\b",
    r"(?:1[5-9]|20)\d0s\b",
    r"(?:the\s+)?\d{1,2}(?:st|nd|rd|th)[\s-]century\b",
    rf"(?:[Ll]ast|[Nn]ext|[Tt]his|past|previous|following)\s+(?:{_PERIOD}|{_DAY}|{_MONTH})\b",
    rf"(?:the\s+(?:past|last|next|first|previous|coming)\s+)?{_NUMBER}[\s-]{_UNIT_TIME}"
    r"(?:[\s-]old|\s+ago|\s+earlier|\s+later)?\b",
    r"(?:[Yy]esterday|[Tt]oday|[Tt]omorrow|next\s+day)\b",
    r"(?<=\b[Ff]or\s)a\s+(?:day|week|month|year|decade|century)\b",
    r"(?<=\b[Ii]n\sthe\s)(?:spring|summer|autumn|winter)\b",
    rf"{_YEAR}\b(?!\s+(?:people|metres|meters|km|votes|jobs|troops|homes))",
    rf"{_HOLIDAY}\b",
    rf"{_MONTH}\b(?=\s+(?:and|to|or|when|after|by|with|this|last|\d{{4}}))",
    *(
        rf"(?<=\b{word}\s){_MONTH}\b"
        for word in ("[Ii]n", "[Ss]ince", "[Bb]y", "[Uu]ntil", "[Ll]ast")
    ),
)
_SCALE = r"(?:\s?(?:thousand|million|billion|trillion|crore|lakh|k|m|mn|bn|b|tn)\b)"
_CURRENCY = (
    r"(?:dollars?|euros?|pounds?|yen|yuan|rubles?|roubles?|rupees?|pesos?|won|francs?|kroner"
    r"|kronor|crowns?|cents|pence|rand|lira|dirhams?|riyals?|shillings?|naira|baht|ringgit|zloty"
    r"|reais|real)"
)
_SIGN = (
    r"(?:(?:US|A|C|NZ|HK|S|COP|R|AU|CA)?\$|[£€¥₹₽₩]|\bRs\.?\s?|\bUSD\s?|\bEUR\s?|\bGBP\s?|\bCHF\s?"
    r"|\bR\s?(?=\d))"
)
_COUNT = rf"(?:{_FIGURE}|one|two|three|four|five|six|seven|eight|nine|ten)"
_CROWD = (
    rf"(?:{_COUNT}|half\s+a|a|hundreds\s+of(?:\s+thousands\s+of)?|thousands\s+of|several|tens\s+of)"
)
_LAND = r"(?:\s+(?:US|Australian|Canadian|American|Hong\s+Kong))"
MONEY = re.compile(
    rf"{_SIGN}\s?{_FIGURE}(?:[-–]{_FIGURE})?(?:-plus)?{_SCALE}?"
    rf"|\b{_CROWD}{_SCALE}?{_LAND}?\s+{_CURRENCY}\b"
)
_UNIT = (
    r"(?:kilomet(?:re|er)s?|met(?:re|er)s?|centimet(?:re|er)s?|miles?|feet|foot|inch(?:es)?|acres?"
    r"|hectares?|tonnes?|tons?|kilograms?|kilos?|kg|km/h|km|mph|megawatts?|gigawatts?|MW|GW|kWh"
    r"|lit(?:re|er)s?|gallons?|barrels?|square\s+(?:miles?|kilomet(?:re|er)s?|met(?:re|er)s?|feet)"
    r"|degrees(?:\s+(?:Celsius|Fahrenheit))?|magnitude)(?:\s+an\s+hour)?"
)
QUANTITY = _any(
    rf"{_FIGURE}(?:\s+to\s+{_FIGURE})?(?:\s?%|\s+per\s?cent\b|\s+percent\b|\s+percentage\s+points?\b)",
    rf"{_COUNT}(?:\s?(?:million|billion|thousand))?[\s-]?{_UNIT}\b",
    r"\d+(?:\.\d+)?\s?°\s?[CF]?\b",
)


PANDEMIC = re.compile(r"\b(?:[Cc][Oo][Vv][Ii][Dd](?:-19)?|[Cc]oronavirus) pandemic\b")
ROAD = re.compile(r"(?<=\bthe )[AM][1-9]\d{0,2}\b(?! ?[%-])")


def numbers(text: str) -> list[Name]:
    """DATE, MONEY and QUANTITY by their form; the longest wins where two overlap."""
    found = [
        Name(m.start(), m.end(), label, score, "number")
        for label, pattern, score in (
            ("MONEY", MONEY, 0.9),
            ("QUANTITY", QUANTITY, 0.85),
            ("DATE", DATE, 0.8),
        )
        for m in pattern.finditer(text)
    ]
    found += [Name(m.start(), m.end(), "EVENT", 0.9, "number") for m in PANDEMIC.finditer(text)]
    found += [Name(m.start(), m.end(), "FAC", 0.8, "number") for m in ROAD.finditer(text)]
    out = []
    for name in longest(found):
        words = text[name.start : name.end]
        if words.lower().startswith("the "):
            name = name._replace(start=name.start + 4)
        if words.isdigit() and not _is_year(text, name):
            continue
        out.append(name)
    return out


def _is_year(text: str, name: Name) -> bool:
    """A bare number of four digits is a year after "in", "since", before an event, in brackets."""
    before = text[max(0, name.start - 12) : name.start].lower()
    after = text[name.end : name.end + 1]
    return bool(
        re.search(
            r"(?:\b(?:in|since|from|until|by|of|to|and|during|early|late|mid|the|for|after|before|between)\s+|[(,–-]\s?)$",
            before,
        )
    ) and after not in ("%", "°")
