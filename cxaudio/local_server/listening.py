"""Open the socket of a server that only this machine can reach."""

import socket
import sys

from cxaudio.errors import UsageError

__all__ = ["listen"]


def listen(port: int) -> socket.socket:
    """Return a socket that listens on 127.0.0.1.

    Parameters
    ----------
    port : int
        0: any that is free.

    Raises
    ------
    UsageError
        If the port is taken, or is none.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # On Windows another program could otherwise share the port; elsewhere a port just left may be taken again.
    if sys.platform == "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as exc:
        listening.close()
        raise UsageError(f"port {port} of 127.0.0.1 cannot be had ({exc}); use port 0 for any that is free") from exc
    listening.listen(64)
    listening.setblocking(False)
    return listening
