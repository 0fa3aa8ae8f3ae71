"""Transcripts: turns that a name in capitals opens."""

from __future__ import annotations

import re

from onrecord.suggest.quotation import Quotation
from onrecord.suggest.reading import Paragraph, Reading
from onrecord.suggest.words import words

_TURN = re.compile(r"[“\"‘'«„]?(?P<who>[A-Z][A-Z.’'-]+(?: [A-Z][A-Z.’'-]*){0,4}):\s+(?=\S)")
_ASIDE = re.compile(r"[“\"]?[(\[].*[)\]][.”\"]*")
_LABELS = words("PHOTO PHOTOS VIDEO WATCH READ RELATED UPDATE UPDATED NOTE CORRECTION MORE ALSO")


def transcript(reading: Reading) -> tuple[list[Quotation], list[Paragraph]]:
    """The turns of a transcript ("CALDER: We will appeal."), and the paragraphs outside it.

    A name in capitals and a colon open a turn where one speaks twice or three speak; marked
    paragraphs without a name go on with it. A turn is a quote without marks of its own.
    """
    turns = [_TURN.match(reading.text, p.start, p.end) for p in reading.paragraphs]
    names = [turn["who"] for turn in turns if turn and turn["who"] not in _LABELS]
    if len(names) < 2 or len(names) == len(set(names)) == 2:
        return [], reading.paragraphs
    found: list[Quotation] = []
    rest: list[Paragraph] = []
    going_on = False
    for paragraph, turn in zip(reading.paragraphs, turns, strict=True):
        opened = bool(paragraph.stretches) and paragraph.stretches[0].start == paragraph.start
        if turn is None and _ASIDE.fullmatch(reading.text, paragraph.start, paragraph.end):
            going_on = False
        elif turn is not None and turn["who"] not in _LABELS:
            found.append(
                Quotation([(turn.end(), paragraph.end)], speaker=[turn.span("who")], rule="turn")
            )
            going_on = opened
        elif going_on and opened and paragraph.stretches[0].mended:
            found[-1].pieces.append((paragraph.start + 1, paragraph.end))
        else:
            going_on = False
            rest.append(paragraph)
    return found, rest
