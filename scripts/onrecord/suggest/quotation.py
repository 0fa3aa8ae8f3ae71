"""What the rules find: a quote as offsets of the text."""

from __future__ import annotations

from dataclasses import dataclass, field

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
