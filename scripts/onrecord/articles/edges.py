"""The edges of a story in a page: where it begins, and what stands under it."""

from __future__ import annotations

import re

from onrecord.articles import bylines, lexicon, sentences

Paragraphs = list[tuple[str, str]]
"""`(role, text in normal form)` in page order."""

Cuts = list[tuple[str, str]]
"""`(text, rule)` of what went."""

MIN_RUNNING = 20
"""Words from which on a paragraph is running text without ending like a sentence."""

MIN_OPENING = 4
"""Words: a shorter sentence before the first running text is a label."""

MIN_ENDED = 5
"""Lines that end as a sentence or a clause does, from which on they are a text."""

MIN_SECTIONS = 2
"""Headings further down, from which on one above the first running text is a heading too."""

LEAST_ABOVE = 250
"""Code points of running text above a heading that closes a story."""

LESS = 0.4
"""Share of it below which what follows is about the author."""

_CLAUSE = frozenset(",;，；、")
OPENS_QUOTE = '"“‘«'

# What stands under a story: about its author, where it first stood, how to follow on.
_UNDER = re.compile(
    r"^(you can )?(follow|contact|e-?mail|reach|write to)\b.{0,160}"
    r"(@|\bat\b|\bon (twitter|x|facebook)\b)"
    r"|^(this|the) (article|story|piece|post|column|interview)\b.{0,40}\b(originally|first)"
    r" (appeared|ran|published)|^read the (original|full) (article|story)\b"
    r"|^((additional )?(reporting|writing|editing) by [A-Z\W].{0,200}|our standards:.{0,80})$"
    r"|^(got|have) an? (\w+ )?(tip|idea)\?"
    r"|^\W*(lead |featured |top )?(image|photo|picture)s?( credits?)?( via| by| courtesy|:)"
    r"|^\W*[^\W\d][^.!?“\"]{3,60} is an? [^.!?“\"]{0,60}\b(reporter|writer|journalist|columnist"
    r"|correspondent|contributor|editor|freelancer?|contributing)\b"
    r"|\b(sign up|newsletter|subscribe|in your inbox|delivered every)\b|^[\W_]+$"
    r"|^(join|start|continue) the (conversation|discussion)\b|^please keep (your )?comments\b"
    r"|\b(sign (up|in)|log in|register|subscribe)\b.{0,30} to (continue|keep) reading\b"
    r"|^\W*(published\b.{0,40})?https?://\S+\W*$"
    r"|^\d{1,2}[:.]\d\d( ?[ap]\.?m\.?)?( [A-Z]{2,4})?$"
    r"|^[^!?“\"]{3,120} contributed (reporting )?(to|for|from) th(is|e) (report|story|article)\W*$"
    r"|^update\b[^.!?]{0,40}:|^copyright\b.{0,80}\b(19|20)\d\d\b",
    re.I,
)

# The same in other languages: rights, errors, what is kept for subscribers, who edited it, where
# to follow, from whom it is, who its author is.
_UNDER_ABROAD = re.compile(
    r"\balle rechte(n)? (vorbehalten|voorbehouden)|\btous droits réservés"
    r"|\btod[oa]s (los derechos|os direitos) (están )?reservados"
    r"|\btutti i diritti (sono )?riservati"
    r"|\bвсе права защищены|\bwszelkie prawa zastrzeżone|\btüm hakları saklıdır"
    r"|\bctrl ?\+ ?enter\b|无断转载|無断転載|無斷轉載|禁止转载|무단 ?전재"
    r"|^\W*(加载|查看|阅读)更多|^\W*扫(描|码)|(扫描|长按)\S{0,6}二维码"
    r"|^\W*(report[ae]r?|notificar?|comunicar?|informar?|segnala|signaler) (de )?(une? |um )?"
    r"err(or|o|eur|ore)\b"
    r"|n[’']engage(?:nt)? que (?:leurs?|son|sa|ses|l[’']) ?aut(?:eur|rice)s?\b"
    r"|^fehler (melden|gefunden|entdeckt)\b|^(нашли|сообщить об) ошибк|^zgłoś błąd\b|^\W*纠错"
    r"|\b(exclusiv\w+|s[oó]lo|apenas|réservée?s?|riservat\w+|nur|только|tylko|alleen)"
    r" (para|aux?|à|agli|für|для|dla|voor) (\w+ )?"
    r"(registrad\w+|suscriptor\w+|assinantes|abonn\w+|abbonati|подписчиков|abonent\w+)"
    r"|^(über )?dieses thema (im programm|berichtete)\b"
    r"|^\W*(责任编辑|责编|编辑|責任編輯|校对|редактор|redacci[oó]n|redação|rédaction)\s?[:：]"
    r"|^(folgen sie uns|suivez[- ]nous|s[ií]guenos|siga[- ]nos|seguici|volg ons|følg os|följ oss"
    r"|śledź nas|подписывайтесь|подпишитесь|abonnez-vous|suscr[ií](bete|base)|assine (já|agora)"
    r"|jetzt abonnieren|abbonati|iscriviti|zapisz się)\b"
    r"|^(quellen?|fuentes?|fontes?|bron|źródło|källa|kilde|источник|来源|來源|出典|kaynak)\s?[:：].{0,80}$"
    r"|^[^.!?]{0,60}\b(redakteur|korrespondent|volontär)(in)? (in|im|der|des|bei|beim|für)\b"
    r"[^.!?]{0,80}\.?$",
    re.I,
)

# The heading above what readers wrote, and above who the author is.
_READERS = re.compile(
    r"(\d+|one|no) (responses?|comments?|thoughts?|repl(y|ies)|kommentare?|antwort(en)?"
    r"|commentaires?|réponses?|comentarios?|respuestas?|comentários?|respostas?|reacties?"
    r"|commenti|risposte|kommentarer|komentarz\w*|комментари\w+)"
    r"( (to|on|zu|auf|à|sur|a|en|em|op|su|til|på|do|к) [“”\"«„‘].*)?\W*$",
    re.I,
)
# The same without a number: a text may have a part of that name, if hardly as its last.
_READERS_PART = re.compile(
    r"\W*((readers?['’]?s?|users?|all|latest|recent|leave|add|your)( an?)? )?"
    r"(comments?|discussion|conversation|kommentare?|commentaires|comentarios|comentários|reacties|commenti|kommentarer|komentarze"
    r"|комментарии)\W*$",
    re.I,
)
_WHO_WROTE = re.compile(
    r"(about the (authors?|writers?)|über (den autor|die autorin|die autoren)"
    r"|à propos de l['’]aut(eur|rice)s?|sobre (el|la|o|a|los|las|os|as) autor(a|es|as)?"
    r"|sobre la firma|over de auteurs?|об авторе|o autor(ze|ce))\W*$",
    re.I,
)

# The heading above what the house adds under a text; and headings that a story may have too, with
# what is said under one that the house adds.
_ADDED = re.compile(
    r"(data (and|&) (code|materials|methods|software)|(data|code) availability"
    r"|(journal|paper) references?|how we reported this( story)?"
    r"|about this (story|article|interview|report))\W*$",
    re.I,
)
_ADDED_NOTES = (
    (
        re.compile(r"corrections?( (and|&) clarifications?)?\W*$", re.I),
        re.compile(
            r"\b(we|this|an earlier|previous)\b.{0,80}\b(correct|clarif|version|amend|error)", re.I
        ),
    ),
    (
        re.compile(r"funeral (arrangements|details)\W*$", re.I),
        re.compile(r"\b(repos|funeral|service|mass|burial|cremation|donation|flowers)", re.I),
    ),
)

# What follows a name in a sentence that presents its bearer.
_WHO = re.compile(r",? (?:is|was|has been|has worked|covers?|writes?|works|joined|edits|reports)\b")


def is_running(text: str) -> bool:
    """Whether a paragraph is running text, be it without a full stop."""
    if sentences.is_prose(text):
        return True
    words = text.split()
    if sentences.words(text) < MIN_RUNNING:
        return False
    # Where no blanks stand between words, the few pieces may well begin with a name in capitals.
    return sentences.capitals(words) <= sentences.CAPITALS or sentences.unspaced(text) > len(words)


def _is_opening(role: str, text: str) -> bool:
    """Whether a short sentence may open a story, and is not what the page quotes from it."""
    said = role == "body" and text[0] not in OPENS_QUOTE and sentences.ends_sentence(text)
    return said and sentences.words(text) >= MIN_OPENING


def _short_lines(above: Paragraphs) -> int:
    """How many of the last lines above the first running text are a text set in short lines.

    Most of them end as a sentence or a clause does, which labels do not.
    """
    most = ended = 0
    for n, (role, text) in enumerate(reversed(above), start=1):
        if role != "body":
            break
        ends = sentences.ends_sentence(text) or text[-1:] in _CLAUSE
        ended += ends
        if ends and ended >= MIN_ENDED and 3 * ended >= 2 * n:
            most = n
    return most


def _opens_section(paragraphs: Paragraphs, first: int) -> bool:
    """Whether the heading right above the first running text is one of several in the text."""
    role, text = paragraphs[first - 1] if first else ("", "")
    if role != "subhead" or bylines.BYLINE.match(text):
        return False
    return sum(role == "subhead" for role, _ in paragraphs[first:]) >= MIN_SECTIONS


def _is_under(text: str) -> bool:
    found = _UNDER.search(text) or lexicon.is_note(text) or bylines.AUTHOR.match(text)
    return len(text.split()) < 80 and bool(found or _UNDER_ABROAD.search(text))


def presents(text: str, authors: list[str]) -> bool:
    """Whether a paragraph says who an author is: by name, and in the third person."""
    name = next((name for name in authors if text.startswith(name)), "")
    return bool(name) and bool(_WHO.match(text, len(name)))


def _rule_under(paragraphs: Paragraphs, authors: list[str]) -> str:
    """The rule for what stands under the first of these, a heading; "" where it may be the story's.

    What the house adds goes where every further heading stands above such things too.
    """
    heading = paragraphs[0][1]
    if _READERS.match(heading) or _READERS_PART.match(heading):
        return "comments"
    if heading in authors or _WHO_WROTE.match(heading):
        return "author"
    parts: list[list[str]] = []
    for role, text in paragraphs:
        if role == "subhead":
            parts.append([text])
            if not _ADDED.match(text) and not any(name.match(text) for name, _ in _ADDED_NOTES):
                return ""
        else:
            parts[-1].append(text)
    return "under-story" if all(_is_added(*part) for part in parts) else ""


def _is_added(heading: str, *said: str) -> bool:
    """Whether the house adds what is said under a heading."""
    return bool(_ADDED.match(heading)) or any(
        name.match(heading) and any(map(note.search, said)) for name, note in _ADDED_NOTES
    )


def closed(paragraphs: Paragraphs, authors: list[str], cuts: Cuts) -> Paragraphs:
    """The paragraphs down to the heading above what readers wrote, or what the house adds.

    Who the author is stands under one with the name alone.
    """
    above = 0
    for i, (role, text) in enumerate(paragraphs):
        above += len(text) if is_running(text) else 0
        if above < LEAST_ABOVE or role != "subhead":
            continue
        if not (rule := _rule_under(paragraphs[i:], authors)):
            continue
        # A heading that counts what readers wrote may stand above more than the story.
        counted = _READERS.match(text)
        if not counted and sum(len(text) for _, text in paragraphs[i:]) >= LESS * above:
            continue
        cuts += [(text, rule) for _, text in paragraphs[i:]]
        return paragraphs[:i]
    return paragraphs


def trimmed(paragraphs: Paragraphs, noted: int, cuts: Cuts) -> Paragraphs:
    """The paragraphs from the first running text on, without what stands under the last."""
    said = [i for i, (role, _) in enumerate(paragraphs) if role != "caption"]
    first = next((n for n, i in enumerate(said) if is_running(paragraphs[i][1])), 0)
    while first and _is_opening(*paragraphs[said[first - 1]]):
        first -= 1
    first -= _short_lines([paragraphs[i] for i in said[:first]])
    first -= _opens_section([paragraphs[i] for i in said], first)
    if noted >= 0:
        first = min(first, sum(i < noted for i in said))
    last = len(said)
    while last > first:
        role, text = paragraphs[said[last - 1]]
        if role != "subhead" and not (last - first > 2 and _is_under(text)):
            break
        last -= 1
    rules = dict.fromkeys(said[:first], "before-text") | dict.fromkeys(said[last:], "under-story")
    cuts += [(paragraphs[i][1], rule) for i, rule in rules.items()]
    return [paragraph for i, paragraph in enumerate(paragraphs) if i not in rules]
