"""What every worker needs, imported once by the process that they are forked from."""

import onrecord.articles.convert
import onrecord.articles.lines
import onrecord.articles.stories
import onrecord.running.passes
import onrecord.suggest.engine  # noqa: F401
