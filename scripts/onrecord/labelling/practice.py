"""What everybody labels first: two invented articles, which belong to no batch and no corpus."""

from __future__ import annotations

from onrecord.records import Article
from onrecord.suggest import engine

FROM_NOTHING = """Ferry fares to rise in Orrin Bay

Passengers between Orrin Bay and Skell Island will pay £6.50 from 1 May, the Orrin Harbour \
Trust said on Tuesday.

“Nobody likes a dearer crossing,” said Maud Tierney, who chairs the trust, “but the boat is forty \
years old.” She told councillors that a new engine had to be bought this winter.

Callum Reyes, who runs the bakery on Skell Island, is against the increase. “My flour comes by \
that boat,” he said. According to Reyes, the trust “asked nobody who lives here”.

The Skell Islanders’ Association welcomed the engine, but not the fare.
"""

FROM_SUGGESTIONS = """Library vote put off

Larch Green Town Council has put off its vote on the library in Mill Street until June.

Mayor Petra Holloway said that the plans had come too late. “I want to read them before I vote on \
them,” she told the Larch Green Courier.

The architect, Idris Penn, called the delay a disgrace. “We handed everything in on 3 March,” he \
said.

Readers backed the library in a petition with 2,400 names, which Holloway praised.
"""


def articles() -> list[Article]:
    """The two articles: one to label from nothing, one to correct what is suggested."""
    texts = {"practice-1": FROM_NOTHING, "practice-2": FROM_SUGGESTIONS}
    return [engine.bare(id_, text.strip(), "en") for id_, text in texts.items()]
