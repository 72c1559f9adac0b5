"""Issue links that open a page once, and know the browsers that were let in by them."""

import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

__all__ = ["OneTimeLinks", "same_secret"]

_LINK_LIFETIME_S = 600.0  # Chosen: enough for a short absence, too short to stay usable in a shell's history.
_MOST_SESSIONS = 8  # Chosen: browsers that one person has open at once; the oldest is forgotten.

Holder = TypeVar("Holder")


class OneTimeLinks(Generic[Holder]):
    """Issue tokens of links, exchange each once for a session, and know whose a session is; all end with the process.

    Parameters
    ----------
    clock : callable, optional
        Seconds, never going back; decides when a link is too old.

    Examples
    --------
    >>> links = OneTimeLinks()
    >>> session = links.exchange(links.token("anna"))
    >>> links.holder(session), links.holder("guessed"), links.exchange("guessed")
    ('anna', None, None)
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._links: dict[str, tuple[Holder, float]] = {}  # token: for whom, and when it was made
        self._sessions: OrderedDict[str, Holder] = OrderedDict()

    def token(self, holder: Holder) -> str:
        """Return a token for a link; the same one until it is used or too old."""
        self._forget_old()
        for token, (known, _) in self._links.items():
            if known == holder:
                return token
        token = secrets.token_urlsafe(32)
        self._links[token] = (holder, self._clock())
        return token

    def exchange(self, token: str) -> str | None:
        """Return a new session for a link's token, which is void from then on; None for any other token."""
        self._forget_old()
        found = [known for known in self._links if same_secret(token, known)]
        if not found:
            return None
        holder, _ = self._links.pop(found[0])
        session = secrets.token_urlsafe(32)
        own = [known for known, whose in self._sessions.items() if whose == holder]
        for old in own[: max(0, len(own) - _MOST_SESSIONS + 1)]:
            del self._sessions[old]
        self._sessions[session] = holder
        return session

    def holder(self, session: str) -> Holder | None:
        """Return whose session this is; None where it was not issued here."""
        # A list of all, so that the time taken does not depend on the match.
        found = [holder for known, holder in tuple(self._sessions.items()) if same_secret(session, known)]
        return found[0] if found else None

    def _forget_old(self) -> None:
        now = self._clock()
        self._links = {token: link for token, link in self._links.items() if now - link[1] <= _LINK_LIFETIME_S}


def same_secret(given: str, known: str) -> bool:
    """Return whether two secrets are the same, in a time that does not depend on where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode())
