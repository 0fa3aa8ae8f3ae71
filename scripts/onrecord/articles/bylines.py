"""The small lines around an article: credits, datelines, bylines and dates, parsed."""

from __future__ import annotations

import re
from datetime import date

from onrecord.text import normalise

CREDIT_LABEL = (
    r"(?:photos?|pictures?|pics?|images?|credits?|photograph(?:er)?s?|illustrations?|graphics?)"
)
CREDIT_LINE = re.compile(
    rf"^\(?(?:file )?{CREDIT_LABEL}(?: (?:by|courtesy of)|\s*[:/])\s*(?P<who>[^)]{{2,80}})\)?$",
    re.I,
)
# What a page sets behind a caption for those who want the picture.
_PICTURE = r"(?:picture|photo|image)s?"
_BUTTON = (
    rf"(?:(?:licen[cs]e|buy|order|purchase|enlarge|view|download) (?:this|the) {_PICTURE}"
    r"|(?:buy|purchase) licen[cs]ing rights?)"
)
_NAME = r"[^\W\d_a-z][\w.&'’-]*"
_NAMES = rf"{_NAME}(?: {_NAME}){{0,3}}"
CREDIT_TAIL = re.compile(
    # One of these begins it: no other place need be tried.
    r"^(?P<caption>.*\S)(?=[\s(]|(?i:[picgf]))(?:[\s\u00a0]{2,}(?P<plain>\S.{1,70})"
    rf"|\s*(?P<labelled>\((?i:(?:file )?{CREDIT_LABEL})\s*[:/][^)]{{2,80}}\)"
    rf"|(?<!\()\b(?i:(?:file )?{CREDIT_LABEL}):\s*[^.]{{2,70}}?"
    r"|(?<=[.!?)\]\"”’|–—-]\s)©\s*[^.©]{2,60}?"
    rf"|(?<=[.!?)\]\"”’]\s){_NAMES}/{_NAMES}))"
    rf"(?:\s+(?i:{_BUTTON}))?\s*$",
    re.S,
)
"""A caption with its credit behind it: a label, a copyright sign, or `Agency/Name`."""

_PLACE = r"\d{1,3} ?(?:of|/) ?\d{1,3}"
_COUNTED = r"(?:item|image|photo|picture|slide)"
COUNTER = re.compile(rf"\W*(?:{_COUNTED} )?{_PLACE}\W*$", re.I)
"""A line that says which picture of how many is shown: `1 of 6`, `[1/3]`, `Image 2 of 9 |`."""

COUNTED = re.compile(
    rf"(?:(?i:{_COUNTED}) {_PLACE}|\[{_PLACE}\]|{_PLACE} ?\|)[\s:.|–—-]*(?=[^\W\d_]|[\"'“‘])"
)
"""The same before a caption, on its line."""

CREDITED_TO = re.compile(rf"{_NAMES}(?:(?:, ?| ?/ ?| ?\| ?){_NAMES}){{0,2}}$")
"""A line of nothing but names: the photographer, and the paper or agency."""

CAPTION_NAMES = re.compile(
    r"[.!?](?:(?<=[a-z]{3}.)|(?<=[\d)].)|(?<=-[A-Z].))[\"”’]?"
    r"(?P<credit> (?:(?:Courtesy|Photo)(?: of| by)? )?"
    r"(?P<who>(?:[A-Z@][\w@.’'-]*(?: ?[/|] ?| |$)){1,4}))$"
)
"""A sentence and, behind it, a name without an end."""

LEAST_SAID = 4
"""Words at least of a caption with a name behind it."""

PICTURE_BUTTON = re.compile(rf"\s*\b{_BUTTON}\W*$", re.I)
_MONTHS = ("january", "february", "march", "april", "may", "june")
_MONTHS += ("july", "august", "september", "october", "november", "december")
LAST_MONTH = 12
_MONTH = rf"(?:{'|'.join(m[:3] + '(?:' + m[3:] + ')?' for m in _MONTHS)}|sept)\.?"
_TIME = r"\d{1,2}[:.]\d\d(?:\s*[ap]\.?m\.?)?"
DATE = re.compile(
    # The first letter says of most words that no day begins there.
    rf"(?=[\djfmasond])(?:(?P<y1>\d{{4}})-(?P<m1>\d\d)-(?P<d1>\d\d)"
    rf"|(?P<d2>\d{{1,2}})(?:st|nd|rd|th)? (?P<m2>{_MONTH}),? (?P<y2>\d{{4}})"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y3>\d{{4}}))",
    re.I,
)
DATE_LINE = re.compile(
    r"^(?:(?P<label>published|posted|first published|updated|last updated|date)(?: on)?:?\s*)?"
    rf"(?:{_TIME}(?:\s*[A-Z]{{2,4}})?,?\s+)?"
    r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
    rf"{DATE.pattern}(?P<rest>(?:[\s,|·–-]+(?:at\s+)?[\d:.]+\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{{2,4}})?)?)\.?$",
    re.I,
)
_DATELINE = re.compile(
    r"^(?P<where>(?P<place>[^\W\d_a-z](?:[^\W\d_a-z]|['’. -]){2,30})"
    r"(?:, [A-Z][A-Za-z.]{1,20}(?: [A-Z][A-Za-z.]{1,20})?)?"
    rf"(?P<day>, (?i:{_MONTH}) \d{{1,2}})?)"
    r"(?P<agency> \([A-Za-z ]{2,20}\))?\s*(?P<dash>[—–]|--?)\s*(?=\S)",
)


def split_dateline(paragraph: str) -> tuple[str, str]:
    """`(where and when, rest)` of a paragraph that opens with a dateline, else `("", paragraph)`.

    `LONDON — `, `LYON, France – `, `LIMA, Peru, Nov 20 (Agency) - `: a hyphen needs day or agency.
    """
    match = _DATELINE.match(paragraph)
    if not match or not match["place"].isupper():
        return "", paragraph
    spaced = match[0][-1:].isspace() and (match["day"] or match["agency"])
    if match["dash"].startswith("-") and not spaced:
        return "", paragraph
    return normalise(match["where"]), paragraph[match.end() :]


def split_name(caption: str) -> re.Match[str] | None:
    """The `credit` of a caption that has nothing but a name, `who`, behind its last sentence."""
    named = CAPTION_NAMES.search(caption)
    if not named or named["who"][-1] == "." or re.search(r"\.\.|\d", named["who"]):
        return None
    return named if caption.count(" ", 0, named.start("credit")) >= LEAST_SAID - 1 else None


def without_place(caption: str) -> str:
    """A caption without the place of its picture among others."""
    match = COUNTED.match(caption)
    return caption[match.end() :] if match else caption


def split_caption(text: str) -> tuple[str, str]:
    """`(caption, credit)` of a caption in normal form that may end with its credit."""
    text = without_place(text)
    match = CREDIT_TAIL.match(text)
    if not match or not match["labelled"]:
        text = PICTURE_BUTTON.sub("", text)
        named = split_name(text)
        return (text[: named.start("credit")], named["who"]) if named else (text, "")
    # Before the credit may stand a dash or stroke, or a label again and no caption.
    caption = match["caption"].rstrip(" /|–—-")
    said = re.search(r"\w{3}", caption) and not re.fullmatch(CREDIT_LABEL, caption, re.I)
    credit = split_credit(match["labelled"]) or match["labelled"]
    return (caption if said else ""), credit


def split_credit(line: str) -> str:
    """Who a line with a label ("Photo: …", "© …") credits, "" where it has none."""
    if line.startswith("©"):
        return line[1:].strip()
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


_MONTHS_ELSEWHERE = (
    "januar januari jänner janvier enero janeiro gennaio stycznia января січня ocak ιανουαρίου",
    "februar februari feber février febrero fevereiro febbraio lutego февраля лютого şubat"
    " φεβρουαρίου",
    "märz mars marts maart marzo março marca марта березня mart μαρτίου maret",
    "april avril abril aprile kwietnia апреля квітня nisan απριλίου",
    "mai maj mei mayo maio maggio maja мая травня mayıs μαΐου",
    "juni juin junio junho giugno czerwca июня червня haziran ιουνίου",
    "juli juillet julio julho luglio lipca июля липня temmuz ιουλίου",
    "august augusti augustus août agosto sierpnia августа серпня ağustos αυγούστου agustus",
    "september septembre septiembre setembro settembre września сентября вересня eylül σεπτεμβρίου",
    "oktober octobre octubre outubro ottobre października октября жовтня ekim οκτωβρίου",
    "november novembre noviembre novembro listopada ноября листопада kasım νοεμβρίου",
    "dezember december desember décembre diciembre dezembro dicembre grudnia декабря грудня aralık"
    " δεκεμβρίου",
)
_MONTH_NUMBER = {
    name: number for number, names in enumerate(_MONTHS_ELSEWHERE, 1) for name in names.split()
}
_DAY_ELSEWHERE = re.compile(
    r"(?<!\d)(?:(?P<d1>\d{1,2})(?:\.|er)? (?:de )?(?P<m1>[^\W\d]{3,12})\.?,? (?:de )?(?P<y1>\d{4})"
    r"|(?P<d2>\d{1,2})(?P<by>[./])(?P<m2>\d{1,2})(?P=by)(?P<y2>\d{4})"
    r"|(?P<m4>[^\W\d]{3,12})\.? (?P<d4>\d{1,2}), (?P<y4>\d{4})"
    r"|(?P<y3>\d{4})\s?[年년./-]\s?(?P<m3>\d{1,2})\s?[月월./-]\s?(?P<d3>\d{1,2})[日일.]?)(?!\d)"
)
# What may stand beside a day in a line that tells when a page was published.
_BESIDE_DAY = re.compile(
    r"\d{1,2}(?:[:.]\d\d){1,2}(?!\d)|\d{1,2}\s?h(?:\d\d)?\b|\b(?:"
    r"veröffentlicht|erstellt|publié|publicado|publicada|publicación|pubblicato|gepubliceerd|geplaatst"
    r"|opublikowano|publicerad|publisert|udgivet|опубликовано|опубліковано|yayınlanma|yayın|tarihi"
    r"|δημοσιεύ[θτ]ηκε|diterbitkan|data|datum|date|fecha|tanggal"
    r"|[ap]m|vom|um|uhr|le|à|el|las|il|alle|ore|em|às|de|del|den|kl|op|om|dnia|godz|в|г|года|о|об|року"
    r"|saat|στις|ώρα|pukul|jam|wib"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|lundi|mardi|mercredi|jeudi|vendredi|samedi"
    r"|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|domenica|sabato"
    r"|(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?|(?:lune|marte|mercole|giove|vener)dì"
    r"|(?:maan|dins|woens|donder|vrij|zater|zon)dag"
    r"|(?:man|mån|tirs|tis|ons|tors|fre|lør|lör|søn|sön)dag"
    r"|poniedziałek|wtorek|środa|czwartek|piątek|sobota|niedziela|понедельник|вторник|среда|четверг"
    r"|пятница|суббота|воскресенье|понеділок|вівторок|середа|четвер|п[’']ятниця|субота|неділя"
    r"|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar"
    r"|senin|selasa|rabu|kamis|jumat|sabtu|minggu"
    r"|δευτέρα|τρίτη|τετάρτη|πέμπτη|παρασκευή|σάββατο|κυριακή"
    r"|发布(?:时间|日期|于)?|发表于?|日期|公開日?|掲載日?|配信日?|投稿日?|등록|입력|게시)\b",
    re.I,
)
# Other fields of such a line: from where, by whom, how often read; how large it is to be set.
_FIELD_BESIDE = re.compile(
    r"\b(?:来源|作者|记者|编辑|责任编辑|责编|浏览次数|浏览量|点击|阅读|出典|출처|기자)\s?[:：]\s?[^\s|｜]*"
    r"|\b(?:字号|字体|字體)\s?[:：].*"
)


def day_elsewhere(line: str, language: str) -> str:
    """The day as YYYY-MM-DD of a line that says when a page of another language was published.

    "" for a line that says anything else. `10/01/2023` is read as the tenth of January where the
    page states a language and that is not English. In English it is no day, and `10/13/2023` one.
    """
    match = _DAY_ELSEWHERE.search(line)
    if not match:
        return ""
    rest = _FIELD_BESIDE.sub(" ", line[: match.start()] + " " + line[match.end() :])
    return "" if re.search(r"\w", _BESIDE_DAY.sub(" ", rest)) else _day_of(match, language)


def day_within(line: str, language: str) -> str:
    """The first day that a line names, as YYYY-MM-DD, "" where it names none; slashes as above."""
    if (match := DATE.search(line)) and (day := iso_date(match)):
        return day
    match = _DAY_ELSEWHERE.search(line)
    return _day_of(match, language) if match else ""


def _day_of(match: re.Match[str], language: str) -> str:
    """The date in a `_DAY_ELSEWHERE` match as YYYY-MM-DD, "" for one that no calendar has."""
    month = match["m1"] or match["m2"] or match["m3"] or match["m4"]
    number = int(month) if month.isdigit() else _MONTH_NUMBER.get(month.lower(), 0)
    year = match["y1"] or match["y2"] or match["y3"] or match["y4"]
    day = int(match["d1"] or match["d2"] or match["d3"] or match["d4"])
    if match["by"] == "/" and language in ("", "en"):
        # Either may come first: it is a day where only one order is.
        if language != "en" or (day <= LAST_MONTH) == (number <= LAST_MONTH):
            return ""
        day, number = max(day, number), min(day, number)
    try:
        return date(int(year), number, day).isoformat()
    except ValueError:
        return ""


def names(byline: str) -> list[str]:
    """The people of a byline: `A and B`, `A, B and C`; what follows a lone comma is their paper."""
    byline = re.sub(r" (?:und|et|och|og|и) (?=[^\W\d_a-z])", " and ", normalise(byline))
    if re.search(r",.*\b(?:and|&)\b", byline):
        parts = re.split(r",\s*(?:and\s+)?|\s+(?:and|&)\s+", byline)
    else:
        parts = [part.split(",")[0] for part in re.split(r"\s+(?:and|&)\s+", byline)]
    return [part.strip() for part in parts if part.strip()]
