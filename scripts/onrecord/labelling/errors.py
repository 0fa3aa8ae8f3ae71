"""What goes wrong between us and the labelling room; no message holds a token or a password."""

from __future__ import annotations

from collections.abc import Sequence

from onrecord.records import OnrecordError


class RoomError(OnrecordError):
    """Something between us and the labelling room went wrong."""


_RUNNING = "is it running? `onrecord studio status`, `onrecord studio up`"


class NoServer(RoomError):
    """Nothing answers at the address, or the connection broke.

    `sent` tells whether the request may have reached the server, hence may have been carried
    out; `timed_out` whether the server may still be at work on it.
    """

    def __init__(
        self, message: str, *, sent: bool, timed_out: bool = False, hint: str = _RUNNING
    ) -> None:
        if sent:  # it was there: the work was cut short
            self.exit_code = 1
            hint = f"run the same command again; {hint}"
        super().__init__(message, hint)
        self.sent = sent
        self.timed_out = timed_out


class BadToken(RoomError):
    """The server does not accept the token (401)."""


class ServerRefused(RoomError):
    """The server understood and said no (4xx); the message carries its own words."""

    def __init__(self, message: str, status: int, hint: str = "") -> None:
        super().__init__(message, hint)
        self.status = status


class ServerFailed(RoomError):
    """The server broke down over the request (5xx)."""

    exit_code = 1

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message, "the server's log says more; try again")
        self.status = status


class StrangeAnswer(ServerFailed):
    """A success (2xx) that the API does not give: a page of something in between, half an answer.

    Whether the server did as asked is not known.
    """


class BadTask(RoomError):
    """A task or a prediction that the server would take but could not show; nothing was sent."""

    exit_code = 1


class ChangedText(RoomError):
    """The server has tasks of these `doc_ids` with another text; they were left as they are."""

    exit_code = 1

    def __init__(self, doc_ids: Sequence[str]) -> None:
        shown = ", ".join(doc_ids[:20]) + (" ..." if len(doc_ids) > 20 else "")
        super().__init__(
            f"known articles that come with another text: {len(doc_ids)}: {shown}",
            "a text is frozen once people label it: give the new text a new id",
        )
        self.doc_ids = tuple(doc_ids)


class LabelsInUse(RoomError):
    """The new labelling config lacks what annotations use; the project was left as it is."""

    exit_code = 1


class StudioError(OnrecordError):
    """The studio cannot be started, found or stopped."""
