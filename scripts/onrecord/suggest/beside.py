"""What stands beside a name and says what it is: "X, aged 40", "the village of X", "the band X".

For names that no list knows. The words were written down from general knowledge of English; none
of them is a name.
"""

from __future__ import annotations

import re

from onrecord.suggest import gazetteer

WINDOW = 60
"""How many characters are looked at on either side."""

_BORN = re.compile(
    r",? ?\( ?(?:born|b\.|died|c\.|circa|aged"
    r"|(?:[A-Z][a-z]+ )?\d{1,2} ?,? (?:[A-Z][a-z]+ ?)?,? ?\d{4}"
    r"|[A-Z][a-z]+ \d{1,2} ?,? \d{4}|1\d{3} ?[-–—])"
)
_PERSON_AFTER = re.compile(
    r"\s*(?:,? (?:who|whose|aged)\b|, \d\d[,.]|,? born\b|,? himself\b|,? herself\b"
    r"|(?: ?'s| ?’s) (?:wife|husband|son|daughter|father|mother|brother|sister|family|lawyer|death"
    r"|body|house|home|girlfriend|boyfriend|mum|dad|career|parents|children|childhood|widow|life"
    r"|birth|friend|hand|head|uncle|aunt|cousin|nephew|niece|face|eyes|arrest|funeral|biography)\b"
    r"|,? (?:said|says|told|added|adds|explained|insisted|tweeted|recalled|argued|replied"
    r"|admitted|wrote|noted|claimed|died|married|joked|believes|thinks|testified|resigned|retired"
    r"|graduated|studied|attended|noticed|decided|knocked|refused|remembered|realised|realized"
    r"|smiled|laughed|sang|starred|emigrated|grew up|broke up|got married"
    r"|(?:was|is|were) (?:born|elected|re-elected|appointed|arrested|educated|raised|ordained"
    r"|buried|sentenced|jailed|married|drafted|knighted|injured|survived|promoted|murdered)"
    r"|(?:is|was) an? [\w ]{0,30}?(?:player|footballer|writer|author|singer|actor|actress"
    r"|politician|musician|composer|painter|artist|poet|lawyer|physicist|chemist|scientist"
    r"|historian|economist|journalist|officer|soldier|coach|swimmer|cyclist|boxer|driver|man|woman"
    r"|priest|bishop|nun|monk|teacher|professor|businessman|businesswoman|nurse|doctor|farmer))\b)"
)
_SOMEWHERE = re.compile(r"\b(?:in|at|from|near|to) $")
_ROLE = re.compile(
    r"(?:\b(?:spokesman|spokeswoman|spokesperson|minister|analyst|player|captain|striker"
    r"|midfielder|defender"
    r"|goalkeeper|singer|actor|actress|director|author|writer|activist|lawyer|professor"
    r"|teammate|wife|husband"
    r"|son|daughter|brother|sister|father|mother|founder|farmer|resident|student|teacher"
    r"|coach|manager|owner"
    r"|leader|winner|champion|rival|colleague|boss|drummer|producer|engineer|countryman|veteran"
    r"|emperor|composer|painter|poet|officer|inventor|dancer|lawmaker|driver|rider|boxer"
    r"|named|Mr|Mrs|Ms|Dr|Sir|Fr|Rev|by|said|says|added|[a-z]{3,}(?<!l)ist|guitarist"
    r"|vocalist|violinist"
    r"|[a-z]{3,}(?:ician|woman))\.? ?,?) $"
)
_PLACE_BEFORE = re.compile(
    r"\b(?:in|near|outside|around|across|towards?|throughout|visit(?:ed)? to|city of|town of"
    r"|village of|villagers of|port of|parish of|municipality of|district of|county of|suburb of"
    r"|province of|commune of|island of|region of|diocese of|hamlet of|state of|people of"
    r"|capital of"
    r"|mayor of|north of|south of|east of|west of|(?:north|south|east|west)(?:ward)? to|leads to"
    r"|retreat(?:ed)? to|moved to|travel(?:led|ed)? to|returned to|sailed to|fled to"
    r"|based in|born in"
    r"|northern|southern|eastern|western|central|nearby|downtown|capital ?,?"
    r"|(?:shore|coast|plains|banks|outskirts|residents|inhabitants) of) $"
)
_PLACE_AFTER = re.compile(
    r"\s*(?:\([^()]{0,40}\) )?,? ?(?:is|was) an? (?:\w+ ){0,3}?(?:village|town|city|municipality"
    r"|commune|suburb|hamlet|neighbou?rhood|district|county|province|parish|settlement|borough"
    r"|locality|township|region|state|department|prefecture|constituency|census-designated)\b"
)
_WATER_AFTER = re.compile(
    r"\s*(?:\([^()]{0,40}\) )?,? ?(?:is|was) an? (?:\w+ ){0,3}?(?:river|lake|mountain|island|valley"
    r"|peninsula|volcano|desert|bay|reservoir|glacier|tributary|peak|hill)\b"
)
_CONTAINED = re.compile(r" ?, ([A-Z][\w.]*(?: [A-Z][\w.]*)?)")
_BODY_AFTER = re.compile(
    r"(?: ?'s| ?’s)? (?:shares|fans|staff|employees|customers|chairman|chief executive|ceo|CEO"
    r"|spokes(?:man|woman|person)|headquarters|subsidiary|goalkeeper|midfielder|striker)\b"
)
_WORKS = {"album", "song", "film", "novel", "single", "book", "movie", "play", "opera", "poem"}
_BODY_BEFORE = re.compile(
    r"\b(band|group|label|company|magazine|newspaper|club|team|firm|party|channel|network"
    r"|agency|charity"
    r"|startup|retailer|bank|union|airline|quartet|trio|publisher|brand|album|song|film"
    r"|novel|single|book"
    r"|movie|play|opera|poem) ?,? $"
)
_TEAM_BEFORE = re.compile(
    r"\b(?:(?:plays?|played|playing|signed|drafted|debut|scored|captain|appearances?|pitched|goals)"
    r" (?:for|by)(?: the)?|played with(?: the)?|released by(?: the)?|transferred to) $"
)
_PEOPLE_AFTER = re.compile(r"\s*(?:people|language|dialect|culture|tribes?|speakers|descent)\b")


def of(text: str, start: int, end: int) -> str:
    """The type that the words beside `text[start:end]` give it; "" where they say nothing."""
    before, after = text[max(0, start - WINDOW) : start], text[end : end + 2 * WINDOW]
    words = text[start:end].split()
    if body := _BODY_BEFORE.search(before):
        return "WORK" if body[1] in _WORKS else "ORG"
    acronym = len(words) == 1 and words[0].isupper() and len(words[0]) > 1
    if _PLACE_AFTER.match(after):
        return "GPE"
    if _WATER_AFTER.match(after):
        return "LOC"
    if _PEOPLE_AFTER.match(after) and len(words) == 1 and not acronym:
        return "NORP"
    if _BODY_AFTER.match(after):
        return "ORG"
    if _TEAM_BEFORE.search(before) and text[start:end] not in gazetteer.COUNTRIES:
        return "ORG"
    if not acronym and len(words) < 5:
        somewhere = _SOMEWHERE.search(before)
        if _BORN.match(after) or _ROLE.search(before):
            return "PERSON"
        if _PERSON_AFTER.match(after) and not somewhere:
            return "PERSON"
    if len(words) < 4 and not acronym:
        if _PLACE_BEFORE.search(before):
            return "GPE"
        inside = _CONTAINED.match(after)
        if inside and gazetteer.NAMES.get(inside[1].rstrip(".")) == "GPE" and _near(before):
            return "GPE"
    return ""


_NEAR = re.compile(r"(?:\b(?:in|at|from|to|of|near|for|and|between) |^|\( ?)$")


def _near(before: str) -> bool:
    return bool(_NEAR.search(before))
