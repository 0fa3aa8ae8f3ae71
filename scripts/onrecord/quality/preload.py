"""What the workers of `check` need, imported once by the process that they are forked from.

See `onrecord.running.preload`: Ctrl-C is not for it.
"""

import gc
import signal

_before = signal.signal(signal.SIGINT, signal.SIG_IGN)

import onrecord.quality.admitted  # noqa: E402
import onrecord.quality.labelled  # noqa: E402, F401

gc.freeze()
signal.signal(signal.SIGINT, _before)
