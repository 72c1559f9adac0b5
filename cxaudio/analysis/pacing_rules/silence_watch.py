"""Follow the present silence of both sides and whose reply is owed in it; shared by the rules about silence."""

from cxaudio.analysis.floor import Floor
from cxaudio.analysis.pacing_rules.speech_watch import SpeechWatch
from cxaudio.analysis.tick import Tick
from cxaudio.model.events import Side

__all__ = ["SilenceWatch"]


class SilenceWatch:
    """Follow the present silence; must be stepped with every tick, before the rules that read it.

    Noises that are no speech (`SpeechWatch`) do not break a silence, and what was owed before them still is. The agent
    owes a reply after a turn of the customer of at least `min_turn` ticks; and still, where the customer spoke
    again into the wait, however shortly ("hello?").

    Parameters
    ----------
    min_turn : int
        After a shorter turn of the customer no reply is owed, in ticks.
    """

    def __init__(self, min_turn: int) -> None:
        self._min_turn = min_turn
        self.agent, self.customer = SpeechWatch(Side.AGENT), SpeechWatch(Side.CUSTOMER)
        self.reset()

    def reset(self) -> None:
        """Prepare for another call."""
        self.agent.reset()
        self.customer.reset()
        self.since: int | None = None
        """Tick since which nobody has spoken; None while someone does, in a hold, and before anyone has."""
        self.quiet = False
        """Whether no sound at all comes from either side now, so that the silence can be judged."""
        self.over: int | None = None
        """Tick at which a silence ended that was found just now to be over."""
        self.owed_by: Side | None = None
        """Whose reply is owed in the present silence, None where that is not clear."""
        self.turn_length = 0
        """Ticks of the turn that the present silence follows."""
        self.agent_owes = False
        """Whether the agent is to speak in the present silence."""
        self.agent_spoke = False
        """Whether it was found just now that the agent speaks, or did."""
        self._held = False
        self._from = 0  # tick at which the latest hold ended
        self._waited = False  # the agent has owed a reply since before the customer's latest speech

    @property
    def due(self) -> int:
        """Return the next tick at which it may be decided that a spurt is speech."""
        agent, customer = self.agent.due, self.customer.due
        return agent if agent < customer else customer

    def stand_still(self) -> None:
        """Take a tick at which nothing changed of all that `step` follows: nothing was found just now."""
        self.over = None
        self.agent_spoke = False

    def step(self, tick: Tick, floor: Floor) -> None:
        """Follow one tick; `floor` has been stepped with it."""
        self.over = None
        agent_spoke, customer_spoke = self.agent.step(tick), self.customer.step(tick)
        self.agent_spoke = agent_spoke
        self.quiet = not (tick.held or tick.speaking[0] or tick.speaking[1])
        if tick.held:
            self._finish(tick.number)
            self._waited = False
            self._held = True
            return
        if self._held:
            self._held, self._from = False, tick.number
        if agent_spoke or customer_spoke:
            self._finish(self.agent.start if agent_spoke else self.customer.start)
            self._waited = self._waited and not agent_spoke
        if not self.quiet:
            return
        if self.since is None:
            end = max(self.agent.end, self.customer.end)
            if end == 0:
                return
            self.since = max(end, self._from)
        owed_by = floor.owed_by
        if self.owed_by is None and owed_by is not None:
            assert floor.turn_start is not None
            self._owe(owed_by, max(0, self.since - floor.turn_start))

    def _owe(self, owed_by: Side, turn_length: int) -> None:
        """Note whose reply is owed in the present silence, after a turn of so many ticks."""
        self.owed_by, self.turn_length = owed_by, turn_length
        self.agent_owes = owed_by is Side.AGENT and (self._waited or turn_length >= self._min_turn)
        self._waited = self.agent_owes

    def _finish(self, end: int) -> None:
        """End the present silence, if there is one."""
        if self.since is not None:
            self.over = max(end, self.since)
        self.since = None
        self.owed_by = None
        self.agent_owes = False
        self.turn_length = 0
