"""What every worker needs, imported and warmed once by the process that they are forked from."""

import gc

import onrecord.articles.lines
import onrecord.articles.sources
import onrecord.articles.stories
import onrecord.running.passes
import onrecord.suggest.engine  # noqa: F401
from onrecord.articles.convert import convert
from onrecord.articles.documents import Document
from onrecord.records import Source

_SOURCE = Source(file="", media_type="", charset="", bytes=0, sha256="0" * 64)
_TEXT = "The harbour board will meet on Monday to hear what the ferry costs the town. " * 5
_URL = {"url": "https://harbour.example/a-meeting"}
convert(Document(_SOURCE, "", f"<html><body><h1>A meeting</h1><p>{_TEXT}</p>", _URL, html=True))
convert(Document(_SOURCE, "", f"A meeting\n\n{_TEXT}", {}))
gc.freeze()  # shared with the workers, who need not look through it
