"""Make the figures of each side that are known only at the end of a call."""

import math
from collections.abc import Iterable

from cxaudio.model.events import Event, RateEstimate, Side, SideFigures, Turn

__all__ = ["ClosingFigures"]


class ClosingFigures:
    """Remember from a call's events what its closing figures need, and make them."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Reset to the initial state."""
        self.first_speaker: Side | None = None
        """Side of the first turn that was reported; None before any."""
        self._baselines: dict[Side, float] = {}

    def watch(self, events: Iterable[Event]) -> None:
        """Take events of the call, in order."""
        for event in events:
            if isinstance(event, Turn) and self.first_speaker is None:
                self.first_speaker = event.side
            elif isinstance(event, RateEstimate) and event.baseline is not None:
                self._baselines[event.side] = event.baseline

    def make(
        self,
        side: Side,
        at: int,
        *,
        level_dbov: float,
        noise_dbov: float,
        snr_db: float,
        rate_error: float,
        rate_known: bool,
    ) -> SideFigures:
        """Return the figures of one side for a call that ends at sample `at`; what is not finite is unknown."""
        return SideFigures(
            start=0,
            end=at,
            decided_at=at,
            side=side,
            level_dbov=_known(level_dbov),
            noise_dbov=_known(noise_dbov),
            snr_db=_known(snr_db),
            baseline_rate=self._baselines.get(side),
            rate_known=rate_known,
            rate_error=_known(rate_error),
        )


def _known(value: float) -> float | None:
    """Return a value, or None where it is not finite."""
    return value if math.isfinite(value) else None
