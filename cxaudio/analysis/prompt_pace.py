"""Keep the present verdict on the pace, the ratio and the rates behind it, for a live display."""

from cxaudio.model.events import Event, Pace, PaceEstimate, RateEstimate, Side, Tempo, TempoState

__all__ = ["PromptPace"]


class PromptPace:
    """Follow the verdict, rates and tempo.

    While the ratio is known, the rates are those of the windows that show the verdict; before, each side's latest.
    """

    def __init__(self) -> None:
        self._latest: list[float | None] = [None, None]
        self._estimate: PaceEstimate | None = None
        self.tempo = TempoState.UNKNOWN
        """The customer's tempo."""

    @property
    def pace(self) -> Pace:
        """The agent's rate compared with the customer's."""
        return Pace.UNKNOWN if self._estimate is None else self._estimate.pace

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Syllables per second, agent and customer; None while unknown."""
        if self._estimate is not None and self._estimate.ratio is not None:
            return self._estimate.agent_rate, self._estimate.customer_rate
        return self._latest[Side.AGENT], self._latest[Side.CUSTOMER]

    @property
    def ratio(self) -> float | None:
        """Agent's rate over the customer's; None while one of them is unknown."""
        return None if self._estimate is None else self._estimate.ratio

    @property
    def is_against_tempo(self) -> bool:
        """Whether the agent is faster than a customer in no hurry, or slower than one in a hurry."""
        hurried = self.tempo is TempoState.HURRIED
        return self.pace.is_slower if hurried else self.pace.is_faster

    def take(self, event: Event) -> None:
        """Take an event; other kinds than estimates and tempo change nothing."""
        if isinstance(event, PaceEstimate):
            self._estimate = event
        elif isinstance(event, RateEstimate):
            self._latest[event.side] = event.syllables_per_s
        elif isinstance(event, Tempo):
            self.tempo = event.state
