"""Imports all that a rank needs, for the workers of the Local executor."""

import signal

_before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in `preload`

import onrecord.running.preload  # noqa: E402
import onrecord.running.trove  # noqa: E402, F401

signal.signal(signal.SIGINT, _before)
