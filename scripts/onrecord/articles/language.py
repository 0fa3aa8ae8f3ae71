"""py3langid with all bytes of a text looked at together: the same answers in half of the time.

Imported with its first text: py3langid and numpy take a tenth of a second.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from py3langid.langid import LanguageIdentifier

REACH = 6
"""Bytes of the longest feature in py3langid's model (a test holds its answers to py3langid's)."""

REMEMBERED = 1 << 13
"""Features whose row of the model is kept in single precision (5 MB)."""


class Identifier(LanguageIdentifier):
    """py3langid's automaton is in a state that the last bytes alone decide, `REACH` at most.

    So the state at a byte is found by `REACH` steps from the first state, for all bytes at once.
    Two steps from there are looked up as one. Rows of the model are stored in half precision, and
    numpy is slow to convert them: those that were needed are kept.
    """

    __slots__ = ("_firsts", "_found", "_moves", "_places", "_rows", "_single", "_two", "_used")

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._moves = np.asarray(self.tk_nextmove)
        self._rows = np.asarray(self.tk_row).astype("u4") << 8
        self._found = np.asarray(self.tk_output, "i4")
        each = np.arange(1 << 8, dtype="u4")
        one = self._moves.take(self._rows[0] + each)
        self._two = self._moves.take((self._rows.take(one)[:, None] + each).ravel())
        self._firsts = np.zeros(len(self.nb_ptc), "i4")
        self._places = np.full(len(self.nb_ptc), -1, "i2")
        self._single = np.zeros((REMEMBERED, self.nb_ptc.shape[1]), "f4")
        self._used = 0

    def _raw_score(self, text: bytes) -> Any:
        # No text in UTF-8 holds the byte, and it leads back to the first state.
        data = np.frombuffer(b"\xff" * (REACH - 1) + text, "u1").astype("u4")
        size = len(text)
        state = self._two.take((data[:size] << 8) + data[1 : size + 1])
        for step in range(2, REACH):
            state = self._moves.take(self._rows.take(state) + data[step : step + size])
        found = self._found.take(state)
        found = found[found >= 0]
        if not len(found) or len(found) > REMEMBERED:
            return super()._raw_score(text)
        # In the order of the text, as py3langid adds them up: a sum of floats depends on it.
        self._firsts[found] = len(found)
        np.minimum.at(self._firsts, found, np.arange(len(found), dtype="i4"))
        count = np.bincount(self._firsts.take(found))
        first = count.nonzero()[0]
        counts = np.log1p(count.take(first).astype("f4"))
        which = found.take(first)
        return counts @ self._features(which) + self.nb_pc

    def _features(self, which: Any) -> Any:
        """Rows of the model in single precision."""
        places = self._places.take(which)
        new = which[places < 0]
        if len(new):
            if self._used + len(new) > REMEMBERED:
                self._places.fill(-1)
                self._used, new = 0, which
            end = self._used + len(new)
            self._single[self._used : end] = self.nb_ptc[new]
            self._places[new] = np.arange(self._used, end)
            self._used = end
            places = self._places.take(which)
        return self._single.take(places, axis=0)
