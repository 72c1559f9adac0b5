"""What the driver needs of whatever judges calls: processes of this machine, or a cluster."""

from collections.abc import Iterator
from typing import Protocol

from cxaudio.archive.job import Job
from cxaudio.archive.outcome import Outcome

__all__ = ["Engine", "HandedOver"]


class HandedOver(Protocol):
    """A call that was leased and is to be judged."""

    @property
    def job(self) -> Job:
        """Return the call."""
        ...


class Engine(Protocol):
    """Judge calls in any order, several at once; a call that goes wrong becomes a `Failure` and harms no other."""

    @property
    def slots(self) -> int:
        """Return how many calls may be handed over and not yet returned; may change."""
        ...

    def submit(self, leased: HandedOver, limit_s: float) -> None:
        """Take a call, which may take `limit_s` seconds from the moment it is begun; does not wait."""
        ...

    def results(self, timeout_s: float) -> Iterator[Outcome]:
        """Wait at most `timeout_s` for the first outcome, then yield all that are there; each call has one."""
        ...

    def withdraw(self) -> list[str]:
        """Take back the calls that nobody has begun to judge, and return the keys of their jobs."""
        ...

    def close(self) -> None:
        """Stop at once what is still being judged, and free everything; raises nothing."""
        ...
