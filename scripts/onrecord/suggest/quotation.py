"""What the rules find: a quote as offsets of the text."""

from __future__ import annotations

from dataclasses import dataclass, field

from onrecord.suggest.reading import Paragraph

Offsets = tuple[int, int]


@dataclass(slots=True)
class Quotation:
    """A quote as offsets of the text; `rule` names what found it."""

    pieces: list[Offsets]
    cue: Offsets | None = None
    speaker: list[Offsets] = field(default_factory=list)
    addressee: list[Offsets] = field(default_factory=list)
    whole: Offsets | None = None
    """The speaker's phrase with its apposition: where a name of the speaker may stand."""
    rule: str = ""
    verb: str = ""
    """The base form of the cue, "" where it is no verb."""

    @property
    def start(self) -> int:
        return self.pieces[0][0]

    @property
    def end(self) -> int:
        return self.pieces[-1][1]


def content(paragraph: Paragraph, a: int, b: int) -> Offsets | None:
    """The offsets of a paragraph's tokens `[a, b)` as content, None where nothing is left of them.

    No full stop, comma or joining mark stands at its edges (Q9), and no stretch between marks is
    cut in half.
    """
    tokens, stretches = paragraph.tokens, paragraph.stretches
    while a < b and tokens[a].stretch < 0 and tokens[a].tag in ",.:;-":
        a += 1
    while b > a and tokens[b - 1].stretch < 0 and tokens[b - 1].tag in ",.:;-":
        b -= 1
    if a >= b:
        return None
    start, end = tokens[a].start, tokens[b - 1].end
    if tokens[a].stretch >= 0:
        start = min(start, stretches[tokens[a].stretch].start)
    if tokens[b - 1].stretch >= 0:
        end = max(end, stretches[tokens[b - 1].stretch].end)
    return start, end
