"""What the workers of `check` need, imported once by the process that they are forked from."""

import gc

import onrecord.quality.admitted
import onrecord.quality.labelled  # noqa: F401

gc.freeze()
