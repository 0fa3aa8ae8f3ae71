"""Names without a model: capitals, what stands beside them, and lists of public names.

`names(reading, known)` is pure and gives typed spans. What a model finds is joined to them by
`joined`. The conventions are those of schema/guidelines/entities.md (E1 to E14).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from onrecord.suggest import beside, english, gazetteer
from onrecord.suggest.amounts import numbers
from onrecord.suggest.reading import Paragraph, Reading, Token
from onrecord.suggest.spans import Name, longest
from onrecord.suggest.words import by_word, words

# --- what tells the type ------------------------------------------------------------------------

ORG_HEADS = words(
    """inc corp ltd plc llc gmbh ag co company corporation group holdings university college school
    institute institution academy party union council ministry department bureau agency
    authority commission committee association federation league foundation society
    organisation organization trust bank court police army navy guard force forces office
    parliament congress senate assembly government church club fc united rovers wanderers
    hospital airlines airways motors newspaper times post herald tribune gazette telegraph
    journal mail chronicle observer news radio television tv network media press board
    centre center service services front movement alliance coalition team orchestra
    band museum theatre theater brigade division regiment corps administration directorate
    inspectorate secretariat tribunal consortium partnership fund chamber guild
    confederation studios records pictures entertainment industries technologies systems
    insurance energy laboratories laboratory clinic"""
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
_PREFIX = by_word(
    {
        "LOC": "mount lake river cape gulf bay isle strait",
        "ORG": """university bank ministry department fc afc church house court institute museum
        association federation school college office council board committee""",
        "EVENT": "hurricane storm typhoon cyclone operation battle siege feast",
        "GPE": "port fort city republic",
        "PRODUCT": "hms uss mv rms",
        "LAW": "treaty",
        "FAC": "port-",
        "WORK": "order",
    }
)
_LOWER_HEADS = by_word(
    {
        "ORG": "council police university college school hospital court club trust",
        "FAC": "airport station bridge port",
    }
)
"""Place name + such a noun is one name, even in lower case (E10)."""
_INSIDE = words(
    """of the and for de la le les du des del della di da dos von van der den bin ibn al el ter zu
    & y on in to al- ul ben à"""
)
_PARTICLES = words(
    """de la le du del della di da dos von van der den bin ibn al el ter zu ben ul"""
)
_OWNED = (
    ORG_HEADS | _FAC_HEADS | {"row", "yard", "day", "creek", "guild", "trust", "union"}
) - words(
    """times post news press government parliament police army congress senate board office
    department ministry force forces company party home energy oil gas front center centre
    service capital"""
)
"""What a possessive can be part of a name with: St Anne's Hospital, the Tram Drivers’ Union."""
_NEVER = words(
    """i monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december mr mrs ms dr gmt utc est edt bst
    pst pdt am pm god internet covid covid-19 tv dna gdp hiv aids ceo cfo cto mp mps pm gst
    vat q1 q2 q3 q4 ok photo image file read more advertisement english-language
    tuberculosis ebola"""
)

LONGEST = 30
"""Tokens from which on a run of capitals is cut: it is a heading or a list, and no name."""

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
        while j < len(tokens) and (more := _more(tokens, i, j, dated)):
            j = more
        out.append((i, j))
        i = j
    return out


def _more(tokens: Sequence[Token], i: int, j: int, dated: set[int]) -> int:
    """Past what goes on with the name `[i, j)` at `j`, which is no token of a date; 0 for nothing.

    Another capital, or small words, an ampersand, a hyphen or a possessive before one.
    """
    here = tokens[j]
    if here.start in dated or j - i >= LONGEST:
        return 0
    if here.tag == '"' or here.stretch != tokens[i].stretch:
        return 0
    if _capital(here):
        return j + 1
    if j + 1 == len(tokens):
        return 0
    after = tokens[j + 1]
    if _capital(after) and (
        # a small word with a capital: "Out Of This World"
        (here.text[0].isupper() and here.tag in "IDCXSPR" and after.start not in dated)
        or here.text == "&"
        or (here.tag == "G" and after.low in _OWNED and tokens[j - 1].text not in gazetteer.NAMES)
        or (here.text == "-" and here.start == tokens[j - 1].end)
    ):
        return j + 2
    if here.low in _INSIDE and here.text[0].islower():
        k = j + 1
        if tokens[k].low in ("the", "de", "la") and k + 1 < len(tokens):
            k += 1
        if _capital(tokens[k]) and tokens[k].start not in dated and _joins(tokens, i, j, k):
            return k + 1
    return 0


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
    heads = ORG_HEADS | _LAW_HEADS | _EVENT_HEADS | set(_PREFIX) | {"secretary", "house", "lord"}
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
    if lead := _title_inside(text, tokens, first, end):
        before = text[tokens[first].start : tokens[lead - 1].end]
        known = _typed(text, tokens, first, lead, lists) if before in gazetteer.NAMES else []
        return [*known, *_typed(text, tokens, lead, end, lists)]
    name_starts = _behind_titles(text, tokens, first, end)
    titled = name_starts > first and tokens[name_starts - 1].low.rstrip(".") in english.TITLES
    first = name_starts
    if first >= end:
        return []
    while end > first and tokens[end - 1].low in _INSIDE and tokens[end - 1].text[0].islower():
        end -= 1
    span = (tokens[first].start, tokens[end - 1].end)
    surface = text[span[0] : span[1]]
    words = [t.text for t in tokens[first:end]]
    low = [t.low for t in tokens[first:end]]
    after = tokens[end] if end < len(tokens) else None
    head = _LOWER_HEADS.get(after.low, "") if after is not None else ""
    if label := lists.get(surface) or gazetteer.NAMES.get(surface):
        if label == "GPE" and after is not None and head:
            return [Name(span[0], after.end, head, 0.7, "head")]
        return [Name(*span, label, 0.9, "list")]
    if size := _nationality(words, low):
        people = Name(span[0], tokens[first + size - 1].end, "NORP", 0.85, "list")
        return [people, *_typed(text, tokens, first + size, end, lists)]
    # "Paris, France" never joins; "Senate Democrats" splits.
    if len(words) > 1 and words[-1] in gazetteer.NORPS and low[0] not in _PREFIX:
        people = Name(tokens[end - 1].start, span[1], "NORP", 0.8, "list")
        return [*_typed(text, tokens, first, end - 1, lists), people]
    if (
        after is not None
        and head
        and len(words) <= 2
        and not titled
        and (low[0] not in english.MALE | english.FEMALE and words[-1] not in gazetteer.NORPS)
    ):
        return [Name(span[0], after.end, head, 0.6, "head")]
    if len(words) == 1 and "-" in words[0] and (parts := _hyphened(words[0])):
        return [Name(span[0] + a, span[0] + b, label, 0.85, "list") for a, b, label in parts]
    label, score, rule = _label(tokens, first, end, low, words, titled)
    if not label:
        return []
    if rule == "shape" and (told := beside.of(text, *span)):
        label, score = told, max(score, 0.6)
    return [Name(*span, label, score, rule)]


def _title_inside(text: str, tokens: Sequence[Token], first: int, end: int) -> int:
    """Where a title stands in a run behind what is no title; 0 for nowhere."""
    lead = next(
        (
            k for k in range(min(end - 2, first + 3), first, -1)
            if tokens[k].low.rstrip(".") in english.HONORIFICS - _NO_LEAD
            and tokens[k].low not in ORG_HEADS and _capital(tokens[k + 1])
        ),
        0,
    )  # fmt: skip
    whole = text[tokens[first].start : tokens[end - 1].end] in gazetteer.NAMES
    return 0 if whole or tokens[lead - 1].low in _INSIDE else lead


_FOR_A_LONGER_NAME = {"foreign", "prime", "sister", "crown", "chief"}
"""Titles of more than one word; alone before a word they belong to its name."""


def _behind_titles(text: str, tokens: Sequence[Token], first: int, end: int) -> int:
    """Where the name of a run starts, its titles left out."""
    while (
        first < end
        and (low := tokens[first].low.rstrip(".")) in english.HONORIFICS | english.TITLES
        and (first + 1 < end or low in english.TITLES)
        and text[tokens[first].start : tokens[end - 1].end] not in gazetteer.NAMES
    ):
        following = tokens[first + 1].low if first + 1 < end else ""
        whole = first + 2 == end and following in ORG_HEADS | _GPE_HEADS | _LOC_HEADS | {"baseball"}
        if tokens[first].low in ("st", "st.") or whole or following == "league":
            break
        if tokens[first].low in _FOR_A_LONGER_NAME and end - first <= 2:
            break
        first += 1
    return first


def _nationality(words: Sequence[str], low: Sequence[str]) -> int:
    """How many words of a run are a nationality before a name: "Norwegian Ines Calder"."""
    if not low or low[-1] in ORG_HEADS | _EVENT_HEADS | _LAW_HEADS | _LOC_HEADS | _FAC_HEADS:
        return 0
    sizes = (n for n in (2, 1) if len(words) > n and " ".join(words[:n]) in gazetteer.NORPS)
    return next(sizes, 0)


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
                (ORG_HEADS, "ORG"),
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
