"""The small lines around an article: credits, datelines, bylines and dates, parsed."""

from __future__ import annotations

import re
from datetime import date

from onrecord.text import normalise

CREDIT_LABEL = r"(?:photos?|pictures?|images?|credits?|photographs?|illustrations?|graphics?)"
CREDIT_LINE = re.compile(
    rf"^\(?{CREDIT_LABEL}(?: (?:by|courtesy of)|\s*[:/])\s*(?P<who>[^)]{{2,80}})\)?$", re.I
)
_MONTHS = ("january", "february", "march", "april", "may", "june")
_MONTHS += ("july", "august", "september", "october", "november", "december")
_MONTH = rf"(?:{'|'.join(m[:3] + '(?:' + m[3:] + ')?' for m in _MONTHS)})\.?"
DATE = re.compile(
    rf"(?:(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? (?P<m2>{_MONTH}),? (?P<y2>\d{{4}})"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}}))",
    re.I,
)
DATE_LINE = re.compile(
    r"^(?:(?P<label>published|posted|first published|updated|last updated|date)(?: on)?:?\s*)?"
    r"(?:\d{1,2}[:.]\d\d(?:\s*[ap]\.?m\.?)?,?\s+)?"
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\.?,?\s+)?"
    rf"{DATE.pattern}(?P<rest>(?:[\s,|·–-]+(?:at\s+)?[\d:.]+\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{{2,4}})?)?)\.?$",
    re.I,
)
_DATELINE = re.compile(
    r"^(?P<place>[A-Z][A-Z'’. -]{2,30}(?:, [A-Z][A-Za-z. ]{1,20})?)"
    r"(?: \([A-Za-z ]{2,20}\))?\s*[—–]\s*(?=\S)"
)


def split_dateline(paragraph: str) -> tuple[str, str]:
    """`(place, rest)` of a paragraph that opens with a dateline, else `("", paragraph)`."""
    match = _DATELINE.match(paragraph)
    return (normalise(match["place"]), paragraph[match.end() :]) if match else ("", paragraph)


def split_credit(line: str) -> str:
    """Who a line with a label ("Photo: …") credits, "" where it has none."""
    match = CREDIT_LINE.match(line)
    return normalise(match["who"]) if match else ""


def iso_date(match: re.Match[str]) -> str:
    """The date in a `DATE` match as YYYY-MM-DD, "" for one that no calendar has."""
    year = match["y1"] or match["y2"] or match["y3"]
    month = match["m1"] or match["m2"] or match["m3"]
    day = match["d1"] or match["d2"] or match["d3"]
    number = (
        int(month)
        if month.isdigit()
        else 1 + next(i for i, name in enumerate(_MONTHS) if name.startswith(month[:3].lower()))
    )
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return ""


def names(byline: str) -> list[str]:
    """The people of a byline: `A and B`, `A, B and C`; what follows a lone comma is their paper."""
    byline = normalise(byline)
    if re.search(r",.*\b(?:and|&)\b", byline):
        parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", byline)
    else:
        parts = [part.split(",")[0] for part in re.split(r"\s+(?:and|&)\s+", byline)]
    return [part.strip() for part in parts if part.strip()]
