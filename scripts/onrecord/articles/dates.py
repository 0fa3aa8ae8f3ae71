"""Lines that give a day, and datelines, parsed."""

from __future__ import annotations

import re
from datetime import date

from onrecord.text import later, normalise

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
MAY_BE_DAY = re.compile(r"\d(?:\d\d\d\D{1,3}\d|\D{1,24}\d\d\d\d)")
"""A year and, near it, another number: no day of any of these patterns is without. So spelt, `re`
looks for the first digit before it tries."""
_DATELINE = re.compile(
    r"^(?P<where>(?P<place>[^\W\d_a-z](?:[^\W\d_a-z]|['’. -]){2,30})"
    r"(?:, [A-Z][A-Za-z.]{1,20}(?: [A-Z][A-Za-z.]{1,20})?)?"
    rf"(?P<day>, (?i:{_MONTH}) \d{{1,2}})?)"
    r"(?P<agency> \([A-Za-z ]{2,20}\))?\s*(?P<dash>[—–]|--?)\s*(?=\S)"
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
    "januar januari jänner janvier enero janeiro gennaio stycznia января січня ocak"
    " ιανουαρίου ledna tammikuuta ianuarie gener",
    "februar februari feber février febrero fevereiro febbraio lutego февраля лютого şubat"
    " φεβρουαρίου února helmikuuta februarie febrer",
    "märz mars marts maart marzo março marca марта березня mart μαρτίου maret března"
    " maaliskuuta martie març",
    "april avril abril aprile kwietnia апреля квітня nisan απριλίου dubna huhtikuuta aprilie",
    "mai maj mei mayo maio maggio maja мая травня mayıs μαΐου května toukokuuta maig",
    "juni juin junio junho giugno czerwca июня червня haziran ιουνίου června kesäkuuta iunie juny",
    "juli juillet julio julho luglio lipca июля липня temmuz ιουλίου července heinäkuuta"
    " iulie juliol",
    "august augusti augustus août agosto sierpnia августа серпня ağustos αυγούστου agustus"
    " srpna elokuuta agost",
    "september septembre septiembre setembro settembre września сентября вересня eylül"
    " σεπτεμβρίου září syyskuuta septembrie setembre",
    "oktober octobre octubre outubro ottobre października октября жовтня ekim οκτωβρίου října"
    " lokakuuta octombrie",
    "november novembre noviembre novembro listopada ноября листопада kasım νοεμβρίου"
    " listopadu marraskuuta noiembrie",
    "dezember december desember décembre diciembre dezembro dicembre grudnia декабря грудня"
    " aralık δεκεμβρίου prosince joulukuuta decembrie desembre",
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
_BESIDE_DAY = later(
    r"\d{1,2}(?:[:.]\d\d){1,2}(?!\d)|\d{1,2}\s?h(?:\d\d)?\b|\b(?:"
    r"veröffentlicht|erstellt|publié|publicado|publicada|publicación|pubblicato|gepubliceerd|geplaatst"
    r"|opublikowano|publicerad|publisert|udgivet|опубликовано|опубліковано|yayınlanma|yayın|tarihi"
    r"|publiceret|publikováno|julkaistu|publicat|la"
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
_FIELD_BESIDE = later(
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
    rest = _FIELD_BESIDE().sub(" ", line[: match.start()] + " " + line[match.end() :])
    return "" if re.search(r"\w", _BESIDE_DAY().sub(" ", rest)) else _day_of(match, language)


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


PUBLISHED = re.compile(r"(?:publish|post|creat|releas)ed\b|\bdate\b", re.I)
UPDATED = re.compile(r"(?:updat|modifi|correct|revis)ed\b|\blast\b", re.I)
DATE_WORDS = re.compile(
    r"(?i:\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b"
    r"|\b(?:at|on|first|last|published|posted|updated|modified|date|a\.?m|p\.?m|min(?:ute)?s?"
    r"|read|source|by|hours?|shares?|views?|comments?|reads)(?:\b|(?=\d)))|\b[A-Z]{2,4}\b"
)
WEEKDAY = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day, [^:]*$", re.I)
