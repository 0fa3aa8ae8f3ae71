"""Names without a model: capitals, what stands beside them, and lists of public names.

`names(reading, known)` is pure and gives typed spans. What a model finds is joined to them by
`entities.joined`. The conventions are those of schema/guidelines/entities.md (E1 to E14).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from onrecord.suggest import beside, english, gazetteer
from onrecord.suggest.reading import Paragraph, Reading, Token
from onrecord.suggest.words import words


class Name(NamedTuple):
    """A typed span of the text.

    `rule` says what found it: list, head, title, first, number, shape, model; a "guess" is a
    capital and nothing else, of use only where a model agrees.
    """

    start: int
    end: int
    label: str
    score: float
    rule: str


# --- what tells the type ------------------------------------------------------------------------

_ORG_HEADS = words(
    """inc corp ltd plc llc gmbh ag co company corporation group holdings university college school
    institute institution academy party union council ministry department bureau agency
    authority commission committee association federation league foundation society
    organisation organization trust bank court police army navy guard force forces office
    parliament congress senate assembly government church club fc united rovers wanderers
    hospital airlines airways motors newspaper times post herald tribune gazette telegraph
    journal mail chronicle observer news radio television tv network media press board
    centre center service services front movement alliance coalition network team orchestra
    band museum theatre theater brigade division regiment corps administration directorate
    inspectorate secretariat tribunal consortium partnership fund chamber guild
    confederation studios records pictures entertainment industries technologies systems
    airlines insurance energy laboratories laboratory clinic"""
)
_LOC_HEADS = words(
    """river lake sea ocean bay gulf strait mountains mountain mount hills hill valley desert
    peninsula island islands isle coast forest canyon plain plateau basin delta reef glacier
    volcano falls cape peak range national-park park brook creek pond reservoir cave caves
    archipelago wetlands formation coastline"""
)
_FAC_HEADS = words(
    """airport bridge street road avenue square stadium arena station tower palace dam canal
    highway motorway boulevard lane quay pier harbour harbor port cathedral castle prison
    jail plaza hall hotel mosque temple cemetery plant terminal lighthouse tunnel camp base line
    dock docks gym rink courthouse junction ave velodrome racecourse circuit speedway aqueduct
    barracks playfield"""
)
_EVENT_HEADS = words(
    """war cup olympics championship championships festival games storm hurricane cyclone typhoon
    revolution uprising crisis summit marathon prix tournament open riots massacre genocide
    holocaust pandemic conference referendum battle siege campaign operation challenge contest
    classic masters trophy tour derby rally expo carnival regatta offensive"""
)
_LAW_HEADS = words(
    """act bill treaty constitution accord accords protocol convention directive amendment law code
    charter pact agreement"""
)
_WORK_HEADS = words("prize award awards medal symphony report review")
_GPE_HEADS = words(
    """city county province state republic kingdom district prefecture oblast region governorate
    emirate territory village town"""
)
_PREFIX = {
    "mount": "LOC",
    "lake": "LOC",
    "river": "LOC",
    "cape": "LOC",
    "university": "ORG",
    "bank": "ORG",
    "ministry": "ORG",
    "department": "ORG",
    "hurricane": "EVENT",
    "storm": "EVENT",
    "typhoon": "EVENT",
    "cyclone": "EVENT",
    "operation": "EVENT",
    "battle": "EVENT",
    "gulf": "LOC",
    "port": "GPE",
    "fort": "GPE",
    "bay": "LOC",
    "isle": "LOC",
    "strait": "LOC",
    "fc": "ORG",
    "afc": "ORG",
    "hms": "PRODUCT",
    "uss": "PRODUCT",
    "mv": "PRODUCT",
    "rms": "PRODUCT",
    "church": "ORG",
    "city": "GPE",
    "house": "ORG",
    "court": "ORG",
    "institute": "ORG",
    "republic": "GPE",
    "treaty": "LAW",
    "museum": "ORG",
    "association": "ORG",
    "federation": "ORG",
    "port-": "FAC",
    "school": "ORG",
    "college": "ORG",
    "office": "ORG",
    "council": "ORG",
    "board": "ORG",
    "committee": "ORG",
    "siege": "EVENT",
    "feast": "EVENT",
    "order": "WORK",
}
_LOWER_HEADS = {
    "council": "ORG",
    "police": "ORG",
    "university": "ORG",
    "college": "ORG",
    "school": "ORG",
    "hospital": "ORG",
    "court": "ORG",
    "airport": "FAC",
    "station": "FAC",
    "bridge": "FAC",
    "port": "FAC",
    "club": "ORG",
    "trust": "ORG",
}
"""Place name + such a noun is one name, even in lower case (E10)."""
_INSIDE = words(
    """of the and for de la le les du des del della di da dos von van der den bin ibn al el ter zu
    & y on in to al- ul ben à"""
)
_PARTICLES = words(
    """de la le du del della di da dos von van der den bin ibn al el ter zu ben ul"""
)
_OWNED = (_ORG_HEADS | _FAC_HEADS | {"row", "yard", "day", "creek", "guild", "trust", "union"}) - {
    "times",
    "post",
    "news",
    "press",
    "government",
    "parliament",
    "police",
    "army",
    "congress",
    "senate",
    "board",
    "office",
    "department",
    "ministry",
    "force",
    "forces",
    "company",
    "party",
    "home",
    "energy",
    "oil",
    "gas",
    "front",
    "center",
    "centre",
    "service",
    "capital",
}
"""What a possessive can be part of a name with: St Anne's Hospital, the Tram Drivers’ Union."""
_NEVER = words(
    """i monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december mr mrs ms dr gmt utc est edt bst
    pst pdt am pm god internet covid covid-19 tv dna gdp hiv aids ceo cfo cto mp mps pm gst
    vat q1 q2 q3 q4 ok photo image file read more advertisement english-language
    tuberculosis ebola"""
)

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_NUMBER = (
    r"(?:\d+(?:[.,]\d+)*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty"
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
_FIGURE = r"\d+(?:[.,]\d+)*"
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
            r"(?:\b(?:in|since|from|until|by|of|to|and|during|early|late|mid|the|for|after|before|between|for)\s+|[(,–-]\s?)$",
            before,
        )
    ) and after not in ("%", "°")


def longest(names: Sequence[Name]) -> list[Name]:
    """Without what overlaps a longer (then higher-scored, then earlier) name."""
    kept: list[Name] = []
    taken: set[int] = set()
    for name in sorted(names, key=lambda n: (n.start - n.end, -n.score, n.start)):
        span = range(name.start, name.end)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(name)
    return sorted(kept)


_SECTION = re.compile(r"\b(?:Section|Article|Clause|Chapter|Part) \d+\w* of the $")
_JUNIOR = re.compile(r",? (?:Jr\.|Sr\.|Jr\b|Sr\b|III\b|II\b|IV\b)")
_CAPITAL_THE = re.compile(r"[\w,;] The $")


def extended(text: str, names: Sequence[Name]) -> list[Name]:
    """A year beside an event or law, an ordinal before a unit or event, belong to the name."""
    out = []
    for name in names:
        if name.label in ("EVENT", "LAW"):
            if match := re.match(r" (?:19|20)\d\d\b", text[name.end : name.end + 6]):
                name = name._replace(end=name.end + match.end())
            if match := re.search(
                r"\b(?:(?:19|20)\d\d|\d+(?:st|nd|rd|th)) $",
                text[max(0, name.start - 8) : name.start],
            ):
                name = name._replace(start=name.start - len(match[0]))
        elif name.label == "ORG" and (
            match := re.search(r"\b\d+(?:st|nd|rd|th) $", text[max(0, name.start - 8) : name.start])
        ):
            name = name._replace(start=name.start - len(match[0]))
        if name.label == "LAW" and (
            match := _SECTION.search(text[max(0, name.start - 40) : name.start])
        ):
            name = name._replace(start=name.start - len(match[0]))
        if name.label == "PERSON" and (match := _JUNIOR.match(text, name.end)):
            name = name._replace(end=match.end())
        if name.label in ("ORG", "WORK") and _CAPITAL_THE.search(
            text[max(0, name.start - 40) : name.start]
        ):
            name = name._replace(start=name.start - 4)
        out.append(name)
    return out


# --- capitals -----------------------------------------------------------------------------------


def names(reading: Reading, known: Mapping[str, str] | None = None) -> list[Name]:
    """The names of an English text, none inside another; `known` is surface -> type, from gold."""
    lists = known or {}
    found: list[Name] = numbers(reading.text)
    dated = {i for n in found for i in range(n.start, n.end)}
    lower = Counter(t.low for p in reading.paragraphs for t in p.tokens if t.text[:1].islower())
    shaped: list[Name] = []
    for paragraph in reading.paragraphs:
        for first, end in _runs(paragraph, lower, dated):
            shaped += _typed(reading.text, paragraph.tokens, first, end, lists)
        titles = _titles(reading.text, paragraph)
        if titles:
            taken = {i for n in titles for i in range(n.start, n.end)}
            shaped = [n for n in shaped if taken.isdisjoint(range(n.start, n.end))] + titles
    return longest([*found, *extended(reading.text, _by_document(reading.text, shaped))])


_COMPASS = {"north", "south", "east", "west"}
_NO_LEAD = {"general", "major", "prime", "officer", "deputy"}
_ORDINARY = words("local state public private city county town village high former new old")
_TITLED = re.compile(
    r"\b(?:album|song|film|novel|single|book|movie|play|opera|track|series|documentary|musical|poem|essay"
    r"|painting|show|programme|program|called|titled|entitled|sang|wrote|EP) $"
)


def _titles(text: str, paragraph: Paragraph) -> list[Name]:
    """Titles between marks: capitals throughout, no stop inside; one word only after "the song"."""
    out = []
    for stretch in [*paragraph.stretches, *paragraph.inner]:
        if stretch.mended or stretch.goes_on:
            continue
        start, end = stretch.start, stretch.end
        while start < end and not text[start].isalnum():
            start += 1
        while start < end and not (text[end - 1].isalnum() or text[end - 1] in "!?"):
            end -= 1
        words = text[start:end].split()
        if not words or len(words) > 9 or text[end : stretch.end].strip()[:1] in (".", "!", "?"):
            continue
        big = [w for w in words if w[0].isupper() or w[0].isdigit()]
        small = [w for w in words if w[0].islower() and w not in _SMALL_IN_TITLES]
        before = text[max(0, stretch.start - 20) : stretch.start]
        surface = text[start:end]
        if small or not big or not words[0][0].isupper() or surface in gazetteer.NAMES:
            continue
        if len(words) > 1 or _TITLED.search(before):
            out.append(
                Name(start, end, "WORK", 0.7 if _TITLED.search(before) else 0.6, "title in marks")
            )
    return out


_SMALL_IN_TITLES = words("a an the of and or in on at to for with by from as is it de la")


def _runs(paragraph: Paragraph, lower: Counter[str], dated: set[int]) -> list[tuple[int, int]]:
    """Ranges of tokens that look like one name: capitals, with particles between them."""
    tokens = paragraph.tokens
    starts = {first for first, _ in paragraph.sentences}
    out = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if not _capital(token) or token.start in dated:
            i += 1
            continue
        opens = i in starts or (i and (tokens[i - 1].tag in '":.-' or tokens[i - 1].text in "([•*"))
        if opens and _common(token, tokens, i, lower):
            i += 1
            continue
        j = i + 1
        while j < len(tokens):
            here = tokens[j]
            if here.start in dated:
                break
            if here.tag == '"' or here.stretch != token.stretch:
                break
            if _capital(here):
                j += 1
                continue
            if (
                here.text[0].isupper()
                and here.tag in "IDCXSPR"
                and j + 1 < len(tokens)
                and _capital(tokens[j + 1])
                and tokens[j + 1].start not in dated
            ):
                j += 2  # a small word with a capital: "Out Of This World"
                continue
            if here.low in _INSIDE and j + 1 < len(tokens) and here.text[0].islower():
                k = j + 1
                if tokens[k].low in ("the", "de", "la") and k + 1 < len(tokens):
                    k += 1
                if _capital(tokens[k]) and tokens[k].start not in dated and _joins(tokens, i, j, k):
                    j = k + 1
                    continue
            if here.text == "&" and j + 1 < len(tokens) and _capital(tokens[j + 1]):
                j += 2
                continue
            if (
                here.tag == "G"
                and j + 1 < len(tokens)
                and _capital(tokens[j + 1])
                and (tokens[j + 1].low in _OWNED and tokens[j - 1].text not in gazetteer.NAMES)
            ):
                j += 2
                continue
            if (
                here.text == "-"
                and j + 1 < len(tokens)
                and here.start == tokens[j - 1].end
                and _capital(tokens[j + 1])
            ):
                j += 2
                continue
            break
        out.append((i, j))
        i = j
    return out


def _capital(token: Token) -> bool:
    text = token.text
    return (
        text[0].isupper()
        and text.lower() not in _NEVER
        and (token.tag in "WN" or (len(text) > 1 and text.isupper()))
    )


def _common(token: Token, tokens: Sequence[Token], i: int, lower: Counter[str]) -> bool:
    """A capital that only opens a sentence: a word that the article also writes small, or one
    before a small word that takes no name before it."""
    if (
        token.low in gazetteer.NAMES
        or token.text in gazetteer.NAMES
        or (token.text.isupper() and len(token.text) > 1)
    ):
        return False
    after = tokens[i + 1] if i + 1 < len(tokens) else None
    if after is not None and after.low in _LOWER_HEADS and not lower[token.low]:
        return token.low in _ORDINARY or token.low.endswith("al")
    if lower[token.low]:
        return True
    if token.low in english.MALE | english.FEMALE and after is not None and after.low == "and":
        return False
    if after is not None and _capital(after):
        return token.low in english.TITLES and token.low not in english.HONORIFICS
    if after is not None and after.tag in "VXEG,":
        return (
            token.low.endswith(("s", "ing", "ly"))
            and token.low not in english.MALE | english.FEMALE
        )
    return True


def _joins(tokens: Sequence[Token], first: int, j: int, k: int) -> bool:
    """Whether a small word joins two capitals to one name: "Bank of England", "Ludwig van Beek"."""
    word = tokens[j].low
    left = tokens[j - 1].low
    if word in _PARTICLES:
        return True
    heads = _ORG_HEADS | _LAW_HEADS | _EVENT_HEADS | set(_PREFIX) | {"secretary", "house", "lord"}
    if word == "of":
        return left in heads | _GPE_HEADS | _FAC_HEADS
    if word in ("for", "on"):
        return left in heads or tokens[first].low in heads
    if word == "and":
        # "Ministry of Health and Welfare": after an of-phrase whose head is a body.
        return (
            any(t.low == "of" or t.low == "for" for t in tokens[first:j])
            and tokens[first].low in heads
            and tokens[k].low not in english.MALE | english.FEMALE
            and tokens[k].text not in gazetteer.NAMES
        )
    return False


def _typed(
    text: str, tokens: Sequence[Token], first: int, end: int, lists: Mapping[str, str]
) -> list[Name]:
    """The names of a run: titles off, known names by the list, the rest by heads and neighbours."""
    words = [t.text for t in tokens[first:end]]
    titled = False
    lead = next(
        (
            k for k in range(min(end - 2, first + 3), first, -1)
            if tokens[k].low.rstrip(".") in english.HONORIFICS - _NO_LEAD
            and tokens[k].low not in _ORG_HEADS and _capital(tokens[k + 1])
        ),
        0,
    )  # fmt: skip
    if (
        lead
        and tokens[lead - 1].low not in _INSIDE
        and text[tokens[first].start : tokens[end - 1].end] not in gazetteer.NAMES
    ):
        before = (
            _typed(text, tokens, first, lead, lists)
            if text[tokens[first].start : tokens[lead - 1].end] in gazetteer.NAMES
            else []
        )
        return [*before, *_typed(text, tokens, lead, end, lists)]
    while (
        first < end
        and tokens[first].low.rstrip(".") in english.HONORIFICS | english.TITLES
        and (first + 1 < end or tokens[first].low.rstrip(".") in english.TITLES)
        and text[tokens[first].start : tokens[end - 1].end] not in gazetteer.NAMES
    ):
        if (
            tokens[first].low in ("st", "st.")
            or (
                first + 2 == end
                and tokens[first + 1].low in _ORG_HEADS | _GPE_HEADS | _LOC_HEADS | {"baseball"}
            )
            or (first + 1 < end and tokens[first + 1].low == "league")
        ):
            break
        if tokens[first].low in (
            "foreign",
            "prime",
            "sister",
            "crown",
            "general",
            "chief",
        ) and not (end - first > 2 or tokens[first].low == "general"):
            break
        titled = tokens[first].low.rstrip(".") in english.TITLES
        first += 1
    if first >= end:
        return []
    while end > first and tokens[end - 1].low in _INSIDE and tokens[end - 1].text[0].islower():
        end -= 1
    span = (tokens[first].start, tokens[end - 1].end)
    surface = text[span[0] : span[1]]
    words = [t.text for t in tokens[first:end]]
    low = [t.low for t in tokens[first:end]]
    label = lists.get(surface) or gazetteer.NAMES.get(surface)
    if label:
        after = tokens[end] if end < len(tokens) else None
        if (
            label == "GPE"
            and after is not None
            and after.low in _LOWER_HEADS
            and end + 1 <= len(tokens)
        ):
            return [Name(span[0], after.end, _LOWER_HEADS[after.low], 0.7, "head")]
        return [Name(*span, label, 0.9, "list")]
    # A nationality before a name: "Norwegian Ines Calder", "Kenyan President".
    for size in (2, 1):
        lead = " ".join(words[:size])
        if (
            len(words) > size
            and lead in gazetteer.NORPS
            and low[-1] not in _ORG_HEADS | _EVENT_HEADS | _LAW_HEADS | _LOC_HEADS | _FAC_HEADS
        ):
            rest = _typed(text, tokens, first + size, end, lists)
            return [
                Name(tokens[first].start, tokens[first + size - 1].end, "NORP", 0.85, "list"),
                *rest,
            ]
    # "Paris, France" never joins; "Senate Democrats" splits.
    if len(words) > 1 and words[-1] in gazetteer.NORPS and low[0] not in _PREFIX:
        return [
            *_typed(text, tokens, first, end - 1, lists),
            Name(tokens[end - 1].start, tokens[end - 1].end, "NORP", 0.8, "list"),
        ]
    after = tokens[end] if end < len(tokens) else None
    if (
        after is not None
        and after.low in _LOWER_HEADS
        and len(words) <= 2
        and not titled
        and (low[0] not in english.MALE | english.FEMALE and words[-1] not in gazetteer.NORPS)
    ):
        return [Name(span[0], after.end, _LOWER_HEADS[after.low], 0.6, "head")]
    if len(words) == 1 and "-" in words[0] and (parts := _hyphened(words[0])):
        return [Name(span[0] + a, span[0] + b, label, 0.85, "list") for a, b, label in parts]
    label, score, rule = _label(tokens, first, end, low, words, titled)
    if not label:
        return []
    if rule == "shape" and (told := beside.of(text, *span)):
        label, score = told, max(score, 0.6)
    return [Name(*span, label, score, rule)]


def _hyphened(word: str) -> list[tuple[int, int, str]]:
    """Known names in a compound: [Norwegian]-born, [Norway]-[Sweden]; two peoples are one (E9)."""
    parts = []
    at = 0
    for piece in word.split("-"):
        label = gazetteer.NAMES.get(piece)
        if label:
            parts.append((at, at + len(piece), label))
        at += len(piece) + 1
    if len(parts) > 1 and all(label == "NORP" for _, _, label in parts):
        return [(parts[0][0], parts[-1][1], "NORP")]
    return parts


def _label(
    tokens: Sequence[Token], first: int, end: int, low: list[str], words: list[str], titled: bool
) -> tuple[str, float, str]:
    before = tokens[first - 1] if first else None
    after = tokens[end] if end < len(tokens) else None
    if before is not None and before.low == "the" and len(words) == 1 and low[0] in _COMPASS:
        return "LOC", 0.75, "head"
    if words == ["Constitution"]:
        return "LAW", 0.6, "head"
    head = low[-1]
    base = low[: low.index("of")] if "of" in low[1:] and low[0] != "of" else low
    inner = base[-1].rstrip(".")
    if titled and len(words) <= 4:
        return "PERSON", 0.9, "title"
    for word in (head.rstrip("."), inner):
        if len(words) > 1:
            for heads, label in (
                (_LAW_HEADS, "LAW"),
                (_EVENT_HEADS, "EVENT"),
                (_ORG_HEADS, "ORG"),
                (_FAC_HEADS, "FAC"),
                (_LOC_HEADS, "LOC"),
                (_WORK_HEADS, "WORK"),
                (_GPE_HEADS, "GPE"),
            ):
                if word in heads:
                    return label, 0.75, "head"
    if low[0] in _PREFIX and len(words) > 1:
        return _PREFIX[low[0]], 0.7, "head"
    first_name = low[0] in english.MALE or low[0] in english.FEMALE
    if first_name:
        return "PERSON", 0.85, "first"
    if len(words) == 1 and words[0].isupper() and 2 <= len(words[0].strip(".")) <= 6:
        return "ORG", 0.65, "shape"
    if after is not None and after.low in _LOWER_HEADS and after.low != "school":
        return ("GPE", 0.5, "shape")
    if before is not None and before.low in ("in", "near", "from", "at") and len(words) <= 2:
        return "GPE", 0.6, "shape"
    if len(words) == 1 and len(words[0]) < 3:
        return "", 0.0, ""
    if 2 <= len(words) <= 4 and all(w[0].isupper() or w.lower() in _PARTICLES for w in words):
        if before is not None and before.low == "the":
            return "ORG", 0.5, "shape"
        return "PERSON", 0.7, "shape"
    if before is not None and before.low == "the":
        return "ORG", 0.45, "shape"
    if after is not None and (after.tag == "V" or after.tag == "X"):
        return "PERSON", 0.5, "shape"
    return ("PERSON", 0.4, "shape") if len(words) == 1 else ("ORG", 0.45, "shape")


_BESIDE = re.compile(
    r"(?:'s|’s)? (?:said|says|told|added|was|is|has|had|who|wrote|won|played|died|became"
    r"|and his|and her)\b"
)


def _unsupported(text: str, name: Name, surface: str) -> bool:
    """Whether a capitalised word is nothing but that: no list, head or title, and nothing beside it
    that a person or body has."""
    return (
        name.rule == "shape"
        and name.label == "PERSON"
        and " " not in surface
        and not _BESIDE.match(text, name.end)
    )


def _by_document(text: str, found: list[Name]) -> list[Name]:
    """One type a surface in a document: last names follow the full name, and what a sure rule
    said once holds for the guesses."""
    sure: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for name in found:
        surface = text[name.start : name.end]
        sure[surface][name.label] += name.score * (0.3 if name.rule == "shape" else 1)
        if name.label == "PERSON":
            parts = surface.split()
            if len(parts) > 1:
                weight = name.score * (0.6 if name.rule == "shape" else 1.2)
                sure[parts[-1]]["PERSON"] += weight
                sure[parts[0]]["PERSON"] += weight / 4
    out = []
    counts = Counter(text[name.start : name.end] for name in found)
    for name in found:
        surface = text[name.start : name.end]
        votes = sure[surface]
        label = max(sorted(votes), key=lambda k: votes[k])
        score = name.score
        if label != name.label:
            score = 0.6
        elif sum(votes.values()) > 2:
            score = min(0.95, score + 0.15)
        name = name._replace(label=label, score=score)
        if _unsupported(text, name, surface) and counts[surface] < 2 and len(votes) == 1:
            name = name._replace(rule="guess", score=0.3)
        out.append(name)
    return out
