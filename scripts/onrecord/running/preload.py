"""What every worker needs, imported and warmed once by the process that they are forked from."""

import gc

import onrecord.articles.lines
import onrecord.articles.stories
import onrecord.running.passes
import onrecord.suggest.engine  # noqa: F401
from onrecord.articles.convert import convert, identifier
from onrecord.articles.sources import Document
from onrecord.records import Source

_SOURCE = Source(file="", media_type="", charset="", bytes=0, sha256="0" * 64)
_TEXT = "The harbour board will meet on Monday to hear what the ferry costs the town. " * 5
convert(Document(_SOURCE, "", f"<html><body><h1>A meeting</h1><p>{_TEXT}</p>", {}, html=True))
convert(Document(_SOURCE, "", f"A meeting\n\n{_TEXT}", {}))
identifier()  # what reads as English does not ask for it
gc.freeze()  # shared with the workers, who need not look through it
