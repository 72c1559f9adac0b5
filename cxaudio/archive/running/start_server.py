"""Imported only by the process that workers are started from, to keep it going and quiet.

A signal to all processes of a run must not end it: its workers would end with it, and could not finish the calls that
they judge. It ends by itself when the driver ends. A worker whose pool is given up while it starts prints a traceback,
which is of no use to anybody.
"""

import os
import signal

__all__: list[str] = []

signal.signal(signal.SIGTERM, signal.SIG_IGN)
_nowhere = os.open(os.devnull, os.O_WRONLY)
os.dup2(_nowhere, 2)
os.close(_nowhere)
