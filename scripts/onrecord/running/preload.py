"""What every worker needs, imported and warmed once by the process that they are forked from.

Ctrl-C goes to every process of a terminal; here it would end in a trace in the middle of an import.
The workers, which are forked later, have it as it was.
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
gc.freeze()  # shared with the workers, who need not look through it
signal.signal(signal.SIGINT, _before)
