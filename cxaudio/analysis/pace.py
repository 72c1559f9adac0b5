"""Report the ratio of both rates with its error, and the verdict on the pace, once a second while they change."""

from collections.abc import Iterable, Sequence

from cxaudio.analysis.pace_watch import PaceWatch
from cxaudio.analysis.tick import Tick, in_ticks
from cxaudio.model.events import Event, PaceEstimate, RateEstimate
from cxaudio.model.timebase import Timebase

__all__ = ["PaceTracker"]


class PaceTracker:
    """Step the watch of the pace and report what it finds.

    Parameters
    ----------
    watch : PaceWatch
        The posterior and the verdict; stepped by this tracker.
    renew_s : float
        Seconds between two estimates: those of the rates.
    timebase : Timebase
        The call's clock.

    Notes
    -----
    Must be stepped after the rates: it reads their baselines from `RateEstimate`. Emits `PaceEstimate`; one without a
    ratio says that a ratio that was known no longer is.
    """

    def __init__(self, watch: PaceWatch, *, renew_s: float, timebase: Timebase) -> None:
        self._watch = watch
        self._renew = max(1, in_ticks(renew_s))
        self._length = timebase.tick_length
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self._watch.reset()
        self.due = self._renew
        """Tick of the next renewal: the grid is that of the rates."""

    def step(self, tick: Tick, fresh: Sequence[Event]) -> Iterable[Event]:
        """Follow one tick; return an estimate at a renewal, where something is new."""
        for event in fresh:
            if isinstance(event, RateEstimate):
                self._watch.windows.learn(event)
        if tick.number < self.due:
            self._watch.stand_still()
            return ()
        self.due = (tick.number // self._renew + 1) * self._renew
        if tick.held:  # nothing counts, so nothing can be new
            self._watch.stand_still()
            return ()
        return (self._estimate(tick),) if self._watch.renew(tick) else ()

    def close(self, at: int) -> Iterable[Event]:
        """Return nothing: the last estimate stays in force."""
        return ()

    def _estimate(self, tick: Tick) -> PaceEstimate:
        watch, end = self._watch, (tick.number + 1) * self._length
        shown = watch.shown
        if shown is None or watch.ratio is None:
            return PaceEstimate(start=end, end=end, decided_at=tick.at, pace=watch.pace)
        low, high = shown.interval
        return PaceEstimate(
            start=min(shown.agent.start, shown.customer.start) * self._length,
            end=end,
            decided_at=tick.at,
            pace=watch.pace,
            ratio=shown.ratio,
            low=low,
            high=high,
            faster=watch.beyond[0],
            slower=watch.beyond[1],
            agent_rate=shown.rates[0],
            agent_std_error=shown.rate_errors[0],
            customer_rate=shown.rates[1],
            customer_std_error=shown.rate_errors[1],
        )
