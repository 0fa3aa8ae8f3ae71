"""What every worker needs, imported and warmed once by the process that they are forked from."""

import onrecord.articles.lines
import onrecord.articles.stories
import onrecord.running.passes
import onrecord.suggest.engine  # noqa: F401
from onrecord.articles.convert import detect_language

detect_language("")
