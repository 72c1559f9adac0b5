"""Imported only by the process that workers are started from: a signal to all processes of a run must not end it.

Its workers would end with it, and could not finish the calls that they judge. It ends by itself when the driver ends.
"""

import signal

__all__: list[str] = []

signal.signal(signal.SIGTERM, signal.SIG_IGN)
