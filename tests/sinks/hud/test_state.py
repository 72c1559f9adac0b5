"""What the agent is shown, from drawings of who speaks: nothing moves that need not, and a nudge comes and goes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from cxaudio.analysis.prompt_speech import PromptSpeech
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.events import (
    Event,
    FlagState,
    Hold,
    HoldKind,
    Nudge,
    PaceEstimate,
    PacingFlag,
    RateEstimate,
    Severity,
    Side,
    Tempo,
    TempoState,
)
from cxaudio.model.live_state import LiveState, LiveStatus, Trouble, TroubleKind
from cxaudio.model.prompt import Pace
from cxaudio.settings import Settings, load_settings
from cxaudio.sinks.hud.page import view_facts
from cxaudio.sinks.hud.state import LEVEL_STEPS, HudState, HudView, NudgeView, Wait
from support.small_call import CLOCK, call_info

SETTINGS = load_settings(language="en", user_folder="/nonexistent")
LISTENING = LiveStatus(state=LiveState.LISTENING, call_id="call")
TICK = CLOCK.tick_length
LETTER = 10  # ticks: 100 ms


class Shown:
    """A state that is fed with drawings, a letter for each 100 ms, and remembers every view."""

    def __init__(self, status: LiveStatus = LISTENING, settings: Settings = SETTINGS) -> None:
        self.state = HudState(settings.pacing)
        self.state.open(call_info())
        self.speech = PromptSpeech(settings.analysis, settings.pacing)
        self.state.take_status(status)
        self.ticks = 0
        self.views: list[HudView] = []

    @property
    def now(self) -> int:
        return self.ticks * TICK

    def take(self, analysed: Analysed) -> None:
        """Take what a session would give, with the prompt facts."""
        self.state.take(replace(analysed, prompt=self.speech.update(analysed)))

    def hear(self, agent: str = "", customer: str = "", *events: Event, seconds: float | None = None) -> HudView:
        """Blocks of 20 ms of a drawing, or of silence; the events come with the first."""
        n = max(len(agent), len(customer)) if seconds is None else round(10 * seconds)
        rows = np.array([[letter not in ". " for letter in line.ljust(n, ".")] for line in (agent, customer)])
        speaking = np.repeat(rows.reshape(2, n), LETTER, axis=1)
        waiting = tuple(events)
        for start in range(0, max(speaking.shape[1], 1), 2):
            part = speaking[:, start : start + 2]
            self.ticks += part.shape[1]
            self.take(_analysed(part, heard_to=self.now, events=waiting))
            waiting = ()
            self.views.append(self.state.view)
        return self.views[-1]

    def told(self, *events: Event) -> HudView:
        """Events with a block that holds no tick."""
        self.take(_analysed(np.zeros((2, 0), bool), heard_to=self.now, events=events))
        self.views.append(self.state.view)
        return self.views[-1]

    def rates(
        self, agent: float | None, customer: float | None, pace: Pace = Pace.IN_STEP
    ) -> tuple[Event, Event, Event]:
        known = agent is not None and customer is not None
        ratio = agent / customer if agent is not None and customer is not None else None
        estimate = PaceEstimate(
            start=0, end=self.now, decided_at=self.now, pace=pace if known else Pace.UNKNOWN, ratio=ratio,
            agent_rate=agent if known else None, customer_rate=customer if known else None,
        )  # fmt: skip
        return _rate(Side.AGENT, agent, self.now), _rate(Side.CUSTOMER, customer, self.now), estimate


def _analysed(speaking, *, heard_to: int, events: tuple[Event, ...] = (), level: float = -26.0) -> Analysed:
    return Analysed(
        heard_to=heard_to,
        clean=AudioBlock(start=0, samples=np.zeros((2, 0), np.float32)),
        events=events,
        first_tick=0,
        level_dbov=np.where(speaking, level, -70.0).astype(np.float32),
        speaking=speaking,
        probability=speaking.astype(np.float32),
    )


def _rate(side: Side, rate: float | None, at: int) -> RateEstimate:
    return RateEstimate(
        start=0,
        end=at,
        decided_at=at,
        side=side,
        syllables_per_s=rate,
        std_error=None,
        confidence=1.0,
        n_nuclei=60,
        speech=at,
    )


def _nudge(at: int, *, nudge_id: int = 1, end: int | None = None, flag_id: int | None = 7, key="rushing.slow_down"):
    return Nudge(
        start=at,
        end=end,
        decided_at=at if end is None else end,
        nudge_id=nudge_id,
        rule=key.partition(".")[0],
        flag_id=flag_id,
        message_key=key,
    )


def _flag(rule: str, at: int, owed_by: str | None, state: FlagState = FlagState.RAISED, **evidence) -> PacingFlag:
    return PacingFlag(
        start=at,
        end=None,
        decided_at=at,
        flag_id=3,
        state=state,
        rule=rule,
        side=Side.AGENT,
        severity=Severity.NOTE,
        measured=3.0,
        limit=3.0,
        unit="s",
        evidence=evidence if owed_by is None else {"owed_by": owed_by, **evidence},
    )


# -- who speaks ------------------------------------------------------------------------------------------------------


def test_a_side_is_shown_as_speaking_within_20_ms_and_not_over_a_pause_in_a_sentence():
    shown = Shown()
    shown.hear("A" * 10 + "...", "")
    speaking = [view.sides[Side.AGENT].speaking for view in shown.views]
    assert speaking[0]
    assert all(speaking)
    assert not shown.hear(seconds=0.2).sides[Side.AGENT].speaking


def test_the_bridge_of_spurts_decides_which_pauses_are_shown_over():
    wide = load_settings(language="en", user_folder="/nonexistent", overrides={"spurts.bridge_s": 0.4})
    default, bridged = Shown(), Shown(settings=wide)
    assert not default.hear("A" * 10 + "." * 6).sides[Side.AGENT].speaking
    assert bridged.hear("A" * 10 + "." * 6).sides[Side.AGENT].speaking


def test_the_bridge_and_the_floor_of_the_settings_decide_who_owes_an_answer():
    """The customer speaks five times for 0.3 s with gaps of 0.3 s: one spurt, or five."""
    wide = load_settings(language="en", user_folder="/nonexistent", overrides={"spurts.bridge_s": 0.4})
    low = {"left_waiting.min_turn_s": 0.3, "turns.floor_alone_s": 0.3}
    easy = load_settings(language="en", user_folder="/nonexistent", overrides=low)
    owed = []
    for settings in (SETTINGS, wide, easy):
        shown = Shown(settings=settings)
        shown.hear("", "CCC..." * 5)
        wait = shown.hear(seconds=3.0).wait
        assert wait is not None
        owed.append(wait.owed_by)
    assert [None, Side.AGENT, Side.AGENT] == owed


def test_a_click_of_10_ms_is_no_speech():
    shown = Shown()
    shown.take(_analysed(np.array([[True], [False]]), heard_to=TICK))
    assert not shown.state.view.sides[Side.AGENT].speaking


def test_of_a_long_block_the_bar_shows_its_end():
    shown = Shown()
    speaking = np.zeros((2, 40), bool)
    speaking[0, :20] = speaking[1, 20:] = True
    shown.take(_analysed(speaking, heard_to=40 * TICK))
    assert [0, 15] == [side.level for side in shown.state.view.sides]


def test_both_may_speak_at_once():
    view = Shown().hear("AAAAA", "CCCCC")
    assert [True, True] == [side.speaking for side in view.sides]


def test_the_bar_rises_at_once_falls_slowly_and_stays_in_its_bounds():
    shown = Shown()
    loud = shown.hear("A").sides[Side.AGENT].level
    assert loud == round(LEVEL_STEPS * 24 / 32)  # -26 dBov on a bar from -50 to -18
    shown.hear(seconds=0.1)
    levels = [view.sides[Side.AGENT].level for view in shown.views[5:]]
    assert levels == [loud - 2 * blocks for blocks in range(1, 6)]
    assert shown.hear(seconds=0.1).sides[Side.AGENT].level == 0
    assert shown.views[0].sides[Side.CUSTOMER].level == 0


# -- who owes the answer ---------------------------------------------------------------------------------------------


def test_after_the_customers_turn_the_agent_owes_the_answer():
    shown = Shown()
    shown.hear("", "C" * 20)
    assert shown.hear(seconds=1.9).wait is None
    assert shown.hear(seconds=0.2).wait == Wait(owed_by=Side.AGENT, seconds=2, late=False)
    assert shown.hear(seconds=3.0).wait == Wait(owed_by=Side.AGENT, seconds=5, late=True)
    assert shown.hear("AA").wait is None


def test_after_the_agents_turn_the_customer_owes_it_and_is_never_late():
    shown = Shown()
    shown.hear("A" * 20)
    assert shown.hear(seconds=12.0).wait == Wait(owed_by=Side.CUSTOMER, seconds=12, late=False)


def test_after_a_short_word_that_may_have_been_a_sign_of_listening_nobody_clearly_owes_it():
    shown = Shown()
    shown.hear("A" * 20, "." * 22 + "CCCC")
    assert shown.hear(seconds=3.0).wait == Wait(owed_by=None, seconds=3, late=False)


def test_a_sign_of_listening_inside_a_turn_does_not_take_the_floor():
    shown = Shown()
    shown.hear("....." + "AAAA", "C" * 30)
    wait = shown.hear(seconds=3.0).wait
    assert wait is not None
    assert wait.owed_by is Side.AGENT


def test_a_noise_of_50_ms_does_not_break_a_silence():
    shown = Shown()
    shown.hear("", "C" * 20)
    shown.hear(seconds=2.5)
    for speaking in ([[True] * 5, [False] * 5], [[False] * 20, [False] * 20]):
        part = np.array(speaking)
        shown.ticks += part.shape[1]
        shown.take(_analysed(part, heard_to=shown.now))
    wait = shown.state.view.wait
    assert wait is not None
    assert wait.seconds == 2


def test_a_rule_that_has_looked_at_the_whole_turn_is_believed():
    shown = Shown()
    shown.hear("A" * 20, "." * 22 + "CCCC")
    shown.hear(seconds=3.0)
    wait = shown.told(_flag("left_waiting", shown.now, "agent")).wait
    assert wait is not None
    assert wait.owed_by is Side.AGENT
    shown.hear("", "C" * 5)  # a new silence is judged anew
    wait = shown.hear(seconds=3.0).wait
    assert wait is not None
    assert wait.owed_by is None


def test_a_flag_that_ends_or_that_speaks_of_a_hold_says_nothing_about_the_silence():
    shown = Shown()
    shown.hear("A" * 20)
    shown.hear(seconds=3.0)
    shown.told(_flag("left_waiting", shown.now, "agent", FlagState.ENDED))
    wait = shown.told(_flag("left_waiting", shown.now, None, hold="music")).wait
    assert wait is not None
    assert wait.owed_by is Side.CUSTOMER


def test_before_anyone_has_spoken_nothing_is_waited_for():
    assert Shown().hear(seconds=8.0).wait is None


def test_in_a_hold_nobody_is_waited_for():
    shown = Shown()
    shown.hear("", "C" * 20)
    shown.hear(seconds=3.0)
    hold = Hold(start=0, end=None, decided_at=shown.now, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    assert (None, HoldKind.MUSIC) == ((view := shown.told(hold)).wait, view.hold)
    over = Hold(start=0, end=shown.now, decided_at=shown.now, kind=HoldKind.MUSIC, side=Side.CUSTOMER)
    assert shown.told(over).hold is None


# -- both rates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "customer", "pace"),
    [
        (4.5, 4.5, Pace.IN_STEP),
        (5.5, 4.5, Pace.IN_STEP),
        (5.7, 4.5, Pace.FASTER),
        (6.6, 4.5, Pace.MUCH_FASTER),
        (3.5, 4.5, Pace.SLOWER),
        (2.8, 4.5, Pace.MUCH_SLOWER),
        (None, 4.5, Pace.UNKNOWN),
        (4.5, None, Pace.UNKNOWN),
    ],
)
def test_both_rates_have_the_word_of_the_verdict(agent, customer, pace):
    shown = Shown()
    view = shown.told(*shown.rates(agent, customer, pace)).pace
    assert (pace, (agent, customer)) == (view.pace, view.rates)


@pytest.mark.parametrize(
    ("pace", "tempo", "minded"),
    [
        (Pace.FASTER, TempoState.NEUTRAL, True),
        (Pace.MUCH_FASTER, TempoState.RELAXED, True),
        (Pace.FASTER, TempoState.HURRIED, False),
        (Pace.SLOWER, TempoState.HURRIED, True),
        (Pace.SLOWER, TempoState.RELAXED, False),
        (Pace.IN_STEP, TempoState.HURRIED, False),
    ],
)
def test_a_pace_is_minded_only_where_it_goes_against_the_customers(pace, tempo, minded):
    shown = Shown()
    customer = Tempo(start=0, end=None, decided_at=0, state=tempo)
    view = shown.told(customer, *shown.rates(4.5, 4.0, pace))
    assert (minded, tempo) == (view.pace.minded, view.pace.tempo)


def test_besides_the_live_line_nothing_changes_oftener_than_every_ten_seconds():
    shown = Shown()
    rng = np.random.default_rng(5)
    changes = []
    for second in range(120):
        before = shown.views[-1].pace if shown.views else None
        shown.hear("A" * 10, "", *shown.rates(float(rng.uniform(2, 8)), float(rng.uniform(2, 8))))
        for view in shown.views[-50:]:
            if before is not None and view.pace != before:
                changes.append(second)
            before = view.pace
    assert len(changes) > 8
    assert min(np.diff(changes)) >= 10


def test_a_difference_that_nobody_notices_changes_nothing():
    shown = Shown()
    first = shown.told(*shown.rates(4.5, 4.5)).pace
    shown.hear(seconds=15)
    assert shown.told(*shown.rates(4.6, 4.4)).pace == first
    assert shown.told(*shown.rates(4.8, 4.4)).pace.rates == (4.8, 4.4)


def test_the_share_of_speech_is_told_from_ten_seconds_of_it():
    shown = Shown()
    assert shown.hear("A" * 60, "." * 60 + "C" * 39).pace.talk_share is None
    shown.hear("", "C" * 21)
    assert shown.hear(seconds=10).pace.talk_share == pytest.approx(0.5, abs=0.1)


# -- nudges ----------------------------------------------------------------------------------------------------------


def test_a_nudge_is_shown_when_it_comes_and_gone_when_it_goes():
    shown = Shown()
    shown.hear("A" * 10)
    at = shown.now
    view = shown.told(_nudge(at))
    assert NudgeView(nudge_id=1, message_key="rushing.slow_down", positive=False, left_s=5.0) == view.nudge
    assert shown.hear(seconds=2.0).nudge is not None
    assert shown.told(_nudge(at, end=shown.now)).nudge is None


def test_a_nudge_whose_end_is_never_told_goes_after_its_time():
    shown = Shown()
    shown.told(_nudge(shown.now))
    nudge = shown.hear(seconds=4.9).nudge
    assert nudge is not None
    assert nudge.left_s == pytest.approx(0.1, abs=0.03)
    assert shown.hear(seconds=0.2).nudge is None


def test_a_nudge_that_comes_too_late_to_be_of_use_is_not_shown():
    shown = Shown()
    shown.hear(seconds=8)
    assert shown.told(_nudge(0)).nudge is None


def test_the_end_of_an_earlier_nudge_does_not_take_the_present_one_away():
    shown = Shown()
    shown.told(_nudge(shown.now, nudge_id=2))
    assert shown.told(_nudge(0, nudge_id=1, end=shown.now)).nudge is not None


def test_a_nudge_without_a_flag_is_a_positive_one():
    shown = Shown()
    nudge = shown.told(_nudge(shown.now, flag_id=None, key="rushing.in_step_again")).nudge
    assert nudge is not None
    assert nudge.positive


def test_while_snoozed_no_nudge_is_shown_and_the_one_that_was_does_not_come_back():
    shown = Shown()
    shown.told(_nudge(shown.now))
    shown.state.take_status(LiveStatus(state=LiveState.LISTENING, snoozed_s=3.0))
    assert shown.state.view.nudge is None
    assert shown.told(_nudge(shown.now, nudge_id=2)).nudge is None
    shown.state.take_status(LISTENING)
    assert shown.state.view.nudge is None
    assert shown.told(_nudge(shown.now, nudge_id=3)).nudge is not None


def test_a_snooze_runs_on_between_two_statuses():
    shown = Shown(LiveStatus(state=LiveState.LISTENING, snoozed_s=120.0))
    assert shown.state.view.snoozed_s == 120
    assert shown.hear(seconds=20).snoozed_s == 100
    shown.hear(seconds=101)
    assert shown.told(_nudge(shown.now)).nudge is not None


# -- what the session is doing ---------------------------------------------------------------------------------------


def test_the_state_is_shown_at_once_whatever_changed_before():
    shown = Shown()
    shown.told(*shown.rates(4.5, 4.5))
    for state in LiveState:
        shown.state.take_status(LiveStatus(state=state))
        assert shown.state.view.state is state


def test_paused_nothing_is_shown_as_heard():
    shown = Shown()
    shown.hear("AAAA", "CCCC", _nudge(0))
    shown.state.take_status(LiveStatus(state=LiveState.PAUSED, call_id="call"))
    view = shown.state.view
    assert [(0, False), (0, False)] == [(side.level, side.speaking) for side in view.sides]
    assert (None, None, None) == (view.nudge, view.wait, view.hold)


def _trouble(kind: TroubleKind, side: Side | None) -> LiveStatus:
    trouble = Trouble(kind=kind, side=side, device="headset", since_s=0.0)
    return LiveStatus(state=LiveState.TROUBLE, call_id="call", troubles=(trouble,))


@pytest.mark.parametrize(
    ("kind", "side", "heard"),
    [
        (TroubleKind.UNPLUGGED, Side.AGENT, (False, True)),
        (TroubleKind.MOVED, Side.CUSTOMER, (True, False)),
        (TroubleKind.SERVER_GONE, None, (False, False)),
        (TroubleKind.OVERFLOW, None, (True, True)),
        (TroubleKind.HANDS_FREE, Side.AGENT, (True, True)),
    ],
)
def test_a_trouble_says_which_side_is_not_to_be_believed(kind, side, heard):
    shown = Shown()
    shown.state.take_status(_trouble(kind, side))
    view = shown.hear("AAAA", "CCCC")
    assert heard == tuple(side.heard for side in view.sides)
    assert heard == tuple(side.speaking for side in view.sides)


def test_with_one_side_deaf_nobody_is_said_to_owe_an_answer_and_no_nudge_is_given():
    shown = Shown()
    shown.hear("", "C" * 20)
    shown.state.take_status(_trouble(TroubleKind.UNPLUGGED, Side.AGENT))
    view = shown.hear(seconds=4, agent="", customer="")
    view = shown.told(_nudge(shown.now))
    assert (None, None) == (view.wait, view.nudge)


def test_on_hold_by_hand_the_look_in_is_shown_and_no_wait():
    shown = Shown(LiveStatus(state=LiveState.ON_HOLD, call_id="call"))
    shown.hear("", "C" * 20)
    shown.hear(seconds=4)
    view = shown.told(_nudge(shown.now, key="left_waiting.check_in"))
    assert view.wait is None
    assert view.nudge is not None


def test_a_new_call_knows_nothing_of_the_one_before():
    shown = Shown()
    shown.hear("A" * 150, "C" * 150, *shown.rates(6.0, 4.0), _nudge(0))
    shown.state.close()
    fresh = HudState(SETTINGS.pacing)
    fresh.take_status(LISTENING)
    assert fresh.view == shown.state.view
    shown.state.open(call_info())
    fresh.open(call_info())
    assert fresh.view == shown.state.view


def test_the_same_facts_give_the_same_views():
    def run() -> list[HudView]:
        shown = Shown()
        shown.hear("A" * 30 + "." * 40 + "A" * 10, "." * 35 + "C" * 20, *shown.rates(5.0, 4.0))
        shown.told(_nudge(shown.now))
        shown.hear(seconds=7)
        return shown.views

    assert run() == run()


# -- as plain values -------------------------------------------------------------------------------------------------


def test_a_view_becomes_plain_values_in_the_words_of_the_catalogues():
    shown = Shown(_trouble(TroubleKind.MUTED, Side.CUSTOMER))
    shown.hear("A" * 50, "", *shown.rates(5.0, 4.0, Pace.FASTER))
    facts = view_facts(shown.state.view)
    assert facts["troubles"] == [{"kind": "muted", "side": "customer", "device": "headset"}]
    assert facts["sides"][1] == {"level": 0, "speaking": False, "heard": False, "rate": 4.0}
    assert facts["pace"] == {"word": "faster", "ratio": 1.25, "share": None, "tempo": "unknown", "minded": True}


def test_only_the_height_of_the_bars_leaves_the_mark_as_it_is():
    shown = Shown()
    shown.hear("A" * 3)
    before, mark = shown.state.view, shown.state.mark
    shown.ticks += 2
    shown.take(_analysed(np.array([[True] * 2, [False] * 2]), heard_to=shown.now, level=-20.0))
    assert before.sides[0].level < shown.state.view.sides[0].level
    assert mark == shown.state.mark
    marks = [mark]
    for change in (
        lambda: shown.hear("", "C"),
        lambda: shown.hear(seconds=0.5),
        lambda: shown.told(*shown.rates(5.0, 4.0)),
        lambda: shown.told(_nudge(shown.now)),
        lambda: shown.told(_nudge(0, end=shown.now)),
        lambda: shown.told(_flag("left_waiting", shown.now, "agent")),
        lambda: shown.told(Hold(start=0, end=None, decided_at=0, kind=HoldKind.BY_HAND, side=None)),
        lambda: shown.state.take_status(LiveStatus(state=LiveState.PAUSED)),
        shown.state.close,
    ):
        change()
        marks.append(shown.state.mark)
    assert all(one != other for one, other in pairwise(marks))
