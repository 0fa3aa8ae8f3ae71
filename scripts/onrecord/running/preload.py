"""What every worker needs, imported and warmed up once by the process that they are forked from.

Ctrl-C goes to every process of a terminal; in the middle of an import it would print a traceback,
so it is ignored meanwhile. The workers, forked later, have the original handler.
"""

import gc
import signal

_before = signal.signal(signal.SIGINT, signal.SIG_IGN)

import onrecord.articles.lines  # noqa: E402
import onrecord.articles.sources  # noqa: E402
import onrecord.articles.stories  # noqa: E402
import onrecord.running.passes  # noqa: E402
import onrecord.suggest.engine  # noqa: E402, F401
from onrecord.articles.convert import convert  # noqa: E402
from onrecord.articles.documents import Document  # noqa: E402
from onrecord.records import Source  # noqa: E402

_SOURCE = Source(file="", media_type="", charset="", bytes=0, sha256="0" * 64)
_TEXT = "The harbour board will meet on Monday to hear what the ferry costs the town. " * 5
_URL = {"url": "https://harbour.example/a-meeting"}
convert(Document(_SOURCE, "", f"<html><body><h1>A meeting</h1><p>{_TEXT}</p>", _URL, html=True))
convert(Document(_SOURCE, "", f"A meeting\n\n{_TEXT}", {}))
gc.freeze()  # shared with the workers, whose collectors can skip it
signal.signal(signal.SIGINT, _before)
