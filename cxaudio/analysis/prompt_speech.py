"""Follow who speaks and who owes an answer as soon as the detector decides, for a live display.

Spurts and turns are decided later and with more certainty; reports use those. What is computed here reaches a display
with the block itself.
"""

from cxaudio.analysis.pacing_rules import rule_named
from cxaudio.analysis.pacing_rules.left_waiting import LeftWaitingRule
from cxaudio.analysis.prompt_pace import PromptPace
from cxaudio.analysis.tick import in_ticks
from cxaudio.model.blocks import Analysed
from cxaudio.model.events import Event, FlagState, Hold, PacingFlag, Side
from cxaudio.model.policy import AnalysisSettings, PacingPolicy
from cxaudio.model.prompt import PromptFacts
from cxaudio.model.timebase import TICKS_PER_SECOND

__all__ = ["PromptSpeech"]

_ONSET = 2  # ticks of speech after which a side counts as speaking. Chosen: a display must follow speech closely.
_RELEASE_BRIDGES = 2  # it stops after so many bridges of silence. Chosen: pauses in a sentence do not flicker.


class PromptSpeech:
    """Compute `PromptFacts` for one call.

    A side has spoken once its ticks of speech reach ``spurts.shortest_s``, gaps below ``spurts.bridge_s`` left out.
    It holds the floor once it has spoken alone for ``turns.floor_alone_s``, and for ``left_waiting.min_turn_s`` where
    that is longer: after a shorter turn no answer is owed, so a backchannel leaves no debt. A flag that names who owes
    the answer (`PacingRule.names_debtor`) knows it from the whole turn, so it overrides this until somebody speaks.

    Parameters
    ----------
    analysis : AnalysisSettings
        Its ``spurts`` and ``turns`` are used.
    pacing : PacingPolicy
        Its ``left_waiting`` is used.
    """

    def __init__(self, analysis: AnalysisSettings, pacing: PacingPolicy) -> None:
        self._bridge = in_ticks(analysis.spurts.bridge_s)
        self._shortest = max(1, in_ticks(analysis.spurts.shortest_s))
        self._release = max(1, _RELEASE_BRIDGES * self._bridge)
        self._floor = in_ticks(max(analysis.turns.floor_alone_s, pacing.rule(LeftWaitingRule).min_turn_s))
        self._late_s = pacing.rule(LeftWaitingRule).flag_s
        self._pace = PromptPace()
        self._tick = 0
        self._speaking = [False, False]
        self._spoken = [0, 0]  # ticks of speech in each side's present spurt
        self._alone = [0, 0]  # of them, those in which the other side was silent
        self._silent = [0, 0]  # ticks since each side's last tick of speech
        self._speech = [0, 0]  # ticks of speech in the call
        self._holder: Side | None = None  # who holds the floor
        self._last: Side | None = None  # who spoke last
        self._last_tick = 0
        self._flagged: tuple[Side | None] | None = None  # who owes the answer, as a flag named it in this silence
        self._in_hold = False

    def update(self, analysed: Analysed) -> PromptFacts:
        """Take what became known with a block and return the facts at its end."""
        for event in analysed.events:
            self._take(event)
        for agent, customer in analysed.speaking.T.tolist():
            self._tick += 1
            self._step(Side.AGENT, agent, alone=not customer)
            self._step(Side.CUSTOMER, customer, alone=not agent)
        silence_s = None
        if self._last is not None and not self._in_hold:
            silence_s = (self._tick - self._last_tick) / TICKS_PER_SECOND
        owed_by = self._owed_by()
        return PromptFacts(
            speaking=(self._speaking[0], self._speaking[1]),
            speech_ticks=(self._speech[0], self._speech[1]),
            silence_s=silence_s,
            owed_by=owed_by,
            is_late=owed_by is Side.AGENT and silence_s is not None and silence_s >= self._late_s,
            pace=self._pace.pace,
            ratio=self._pace.ratio,
            rates=self._pace.rates,
            tempo=self._pace.tempo,
            is_against_tempo=self._pace.is_against_tempo,
        )

    def _take(self, event: Event) -> None:
        self._pace.take(event)
        if isinstance(event, Hold):
            self._in_hold = event.end is None
        elif (
            isinstance(event, PacingFlag)
            and rule_named(event.rule).names_debtor
            and event.state is not FlagState.ENDED
            and "owed_by" in event.evidence  # not in one about a hold, or about many silences
        ):
            owed_by = event.evidence["owed_by"]
            self._flagged = (next((side for side in Side if side.label == owed_by), None),)

    def _step(self, side: Side, speaks: bool, *, alone: bool) -> None:
        if not speaks:
            self._silent[side] += 1
            if self._silent[side] >= self._bridge:
                self._spoken[side] = self._alone[side] = 0
            if self._silent[side] >= self._release:
                self._speaking[side] = False
            return
        self._silent[side] = 0
        self._spoken[side] += 1
        self._alone[side] += alone
        self._speech[side] += 1
        if self._spoken[side] >= _ONSET:
            self._speaking[side] = True
        if self._spoken[side] >= self._shortest:
            self._last, self._last_tick, self._flagged = side, self._tick, None
            if self._alone[side] >= self._floor:
                self._holder = side

    def _owed_by(self) -> Side | None:
        """Return who should speak next; None where the last speaker does not hold the floor."""
        if self._flagged is not None:
            return self._flagged[0]
        return self._last.other if self._last is not None and self._last is self._holder else None
