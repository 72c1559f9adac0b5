"""The settled account: what is taken back and what replaces it, and that the report is made of what is left."""

from dataclasses import replace

import numpy as np
import pytest

from cxaudio.analysis.call import CallAnalyser
from cxaudio.analysis.settling.differences import reconcile
from cxaudio.analysis.settling.rows import CallRows
from cxaudio.model.blocks import Analysed, AudioBlock
from cxaudio.model.event_io import event_to_dict
from cxaudio.model.events import (
    Event,
    FlagState,
    Nudge,
    PacingFlag,
    QualityKind,
    Response,
    Settled,
    Severity,
    Side,
    Silence,
    Spurt,
    Turn,
)
from cxaudio.model.report import CallReport, ReportBuilder
from cxaudio.settings import load_settings
from support.demo_call import noisy_talk
from support.settled_call import analysed as report_and_events
from support.small_call import call_info, provenance

SETTINGS = load_settings()


def flag(number: int, start: int, *, state: FlagState = FlagState.RAISED, rule: str = "dead_air") -> PacingFlag:
    return PacingFlag(
        flag_id=number,
        rule=rule,
        state=state,
        side=Side.AGENT,
        severity=Severity.FLAG,
        measured=11.0,
        limit=10.0,
        unit="s",
        start=start,
        end=start + 90 if state is FlagState.ENDED else None,
        decided_at=start + 80 if state is FlagState.RAISED else start + 90,
    )


def silence(start: int, end: int) -> Silence:
    return Silence(start=start, end=end, decided_at=end, owed_by=None)


def nudge(flag_id: int | None) -> Nudge:
    return Nudge(
        nudge_id=1, rule="dead_air", flag_id=flag_id, message_key="dead_air.ask", start=90, end=None, decided_at=90
    )


def test_what_stays_true_is_neither_taken_back_nor_repeated():
    issued = [silence(0, 50), flag(1, 100), flag(1, 100, state=FlagState.ENDED)]
    assert ((), ()) == reconcile(issued, list(issued))


def test_only_what_differs_is_replaced():
    retracts, replaced = reconcile([silence(0, 50), silence(60, 90)], [silence(0, 50), silence(70, 90)])
    assert (1,) == retracts
    assert (silence(70, 90),) == replaced


def test_equal_events_are_counted_not_merged():
    """Two rows alike were issued, one is left: one is taken back."""
    retracts, replaced = reconcile([silence(0, 50), silence(0, 50)], [silence(0, 50)])
    assert ((1,), ()) == (retracts, replaced)


def test_a_flag_keeps_its_number_when_an_earlier_one_is_taken_back():
    """Settled flags are numbered from 1 again; the second issued flag is the first settled one."""
    issued = [
        flag(1, 100),
        flag(1, 100, state=FlagState.ENDED),
        nudge(1),
        flag(2, 500),
        flag(2, 500, state=FlagState.ENDED),
    ]
    retracts, replaced = reconcile(issued, [flag(1, 500), flag(1, 500, state=FlagState.ENDED)])
    assert (0, 1, 2) == retracts
    assert (nudge(None),) == replaced, "the agent was shown it, and there is no flag behind it now"


def test_a_flag_of_which_one_line_differs_is_replaced_as_a_whole():
    longer = replace(flag(1, 100, state=FlagState.ENDED), end=230, decided_at=230)
    retracts, replaced = reconcile([flag(1, 100), flag(1, 100, state=FlagState.ENDED)], [flag(1, 100), longer])
    assert (0, 1) == retracts
    assert (flag(1, 100), longer) == replaced


def ringing_then_talk() -> np.ndarray:
    """Ring for 20 s (425 Hz, 1 s on, 4 s off) on the customer's side, then 40 s of talk that begins 0.5 s later."""
    talk = noisy_talk()[0][:, : 40 * 8_000]
    t = np.arange(20 * 8_000) / 8_000
    ring = 0.1 * np.sin(2 * np.pi * 425 * t) * (t % 5 < 1)
    quiet = np.random.default_rng(3).normal(0, 3e-4, (2, len(t) + 4_000))
    quiet[1, : len(t)] += ring
    return np.concatenate((quiet, talk), axis=1).astype(np.float32)


def test_the_report_is_made_of_what_was_not_taken_back_and_of_what_replaces_it():
    x = ringing_then_talk()
    analyser = CallAnalyser(call_info(), SETTINGS.analysis, SETTINGS.pacing)
    first, last = analyser.process(AudioBlock(start=0, samples=x)), analyser.flush()
    events = [*first.events, *last.events]
    settled, *added = last.account
    assert isinstance(settled, Settled)
    left = [event for number, event in enumerate(events) if number not in settled.retracts] + added
    builder = ReportBuilder(call_info(), provenance())
    for event in (*events, *last.account):
        builder.add(event)
    report = builder.build(x.shape[1])
    for side in Side:
        spurts = sorted((e.start, e.end) for e in left if isinstance(e, Spurt) and e.side is side)
        assert spurts == [(spurt.start, spurt.end) for spurt in report.sides[side].spurts]
    clock = call_info().timebase
    head = {"type": "call", "schema": "cxaudio.events/1", "call": call_dict()} | provenance().to_dict()
    lines = [head, *(event_to_dict(event, clock) for event in (*events, *last.account))]
    unknown = {"type": "from_the_future", "decided_at": 1.0}
    end = {"type": "end", "n_samples": x.shape[1]}
    assert report.to_dict() == CallReport.from_events([*lines, end]).to_dict()
    later = [
        event_to_dict(replace(settled, retracts=tuple(n + 1 for n in settled.retracts)), clock),
        *lines[-len(added) :],
    ]
    shifted = [head, unknown, *lines[1 : 1 + len(events)], *later, end]
    assert report.to_dict() == CallReport.from_events(shifted).to_dict(), "lines of a later version are counted"


def settled_events(x: np.ndarray, *, without_syllables: slice) -> list[Event]:
    """Return the settled events of a call in which no syllable is counted on the agent's side in some ticks."""
    analyser = CallAnalyser(call_info(), SETTINGS.analysis, SETTINGS.pacing)
    issued = analyser.process(AudioBlock(start=0, samples=x)).events
    recorded = analyser._recorder.rows

    def rows() -> CallRows:
        kept = recorded()
        nuclei = kept.nuclei[:]
        nuclei[Side.AGENT, without_syllables] = 0
        return replace(kept, nuclei=nuclei)

    analyser._recorder.rows = rows  # type: ignore[method-assign]
    last = analyser.flush()
    first, *added = last.account
    assert isinstance(first, Settled)
    all_issued = [*issued, *last.events]
    return [event for number, event in enumerate(all_issued) if number not in first.retracts] + added


def test_a_short_sound_without_a_syllable_splits_no_silence_and_is_no_turn():
    """Ten seconds after the talk a hum of 0.3 s: with a syllable it ends the silence, without one it does not."""
    talk = noisy_talk()[0][:, : 20 * 8_000]
    quiet = np.random.default_rng(3).normal(0, 3e-4, (2, 14 * 8_000))
    t = np.arange(2_400) / 8_000
    hum = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 12))
    quiet[0, 80_000:82_400] += 0.05 * np.sin(2 * np.pi * t / 0.3) ** 2 * hum  # two swells: the count finds a syllable
    x = np.concatenate((talk, quiet), axis=1).astype(np.float32)
    where = range(30 * 8_000, 30 * 8_000 + 2_480)

    def around(events: list[Event]) -> tuple[bool, list[bool]]:
        """Whether the hum is listed as a sound of the agent's side, and whether each silence near it holds it."""
        spurts = [e for e in events if isinstance(e, Spurt) and e.side is Side.AGENT and e.start in where]
        near = [e for e in events if isinstance(e, Silence) and e.end >= where.start]
        return bool(spurts), [e.start < where.start and where.stop < e.end for e in near]

    assert (True, [False, False]) == around(settled_events(x, without_syllables=slice(0, 0)))
    events = settled_events(x, without_syllables=slice(2_990, 3_040))
    assert (True, [True]) == around(events)
    assert not [e for e in events if isinstance(e, Turn | Response) and where.start - 800 < e.start < where.stop]


def call_dict() -> dict[str, object]:
    from cxaudio.model.call_io import call_to_dict

    return call_to_dict(call_info())


def test_a_plain_call_is_as_it_was_said():
    """Walked again, the trackers say of the same speech what they said while it went on: nothing is taken back."""
    x = noisy_talk()[0][:, 12 * 8_000 : 52 * 8_000]  # no sound in it is without a syllable
    settled = analysed(x).account[0]
    assert isinstance(settled, Settled)
    assert () == settled.retracts


def analysed(x: np.ndarray) -> Analysed:
    """Return the last of what an analyser says of a call."""
    analyser = CallAnalyser(call_info(), SETTINGS.analysis, SETTINGS.pacing)
    analyser.process(AudioBlock(start=0, samples=x))
    return analyser.flush()


def test_an_echo_of_half_a_minute_is_in_no_list_and_the_notice_names_it():
    """The agent's voice comes back on the customer's line 0.6 s later and 14 dB weaker, from 30 to 60 s."""
    clean = noisy_talk()[0]
    x = clean.copy()
    late = np.roll(clean[Side.AGENT], round(0.6 * 8_000)) * np.float32(10 ** (-14 / 20))
    begin, end = 30 * 8_000, 60 * 8_000
    x[Side.CUSTOMER, begin:end] += late[begin:end]

    def settle(sound: np.ndarray) -> tuple[CallReport, np.ndarray]:
        report = report_and_events(sound)[0]
        customer = np.zeros(sound.shape[1] // 80 + 1, np.bool_)
        for spurt in report.sides[Side.CUSTOMER].spurts:
            customer[spurt.start // 80 : spurt.end // 80] = True
        return report, customer

    _, without = settle(clean)
    report, heard = settle(x)
    agent = sum(spurt.end - spurt.start for spurt in report.sides[Side.AGENT].spurts if begin < spurt.start < end)
    assert agent > 10 * 8_000
    assert (
        np.count_nonzero(heard & ~without) < 150
    )  # 0.7 s are a noise on the customer's line that the echo made speech
    assert np.count_nonzero(without & ~heard) < 100
    (notice,) = [n for n in report.notices if n.kind is QualityKind.LEAKAGE and n.side is Side.CUSTOMER]
    assert notice.measured == pytest.approx(-14.0, abs=2.0)
    assert begin - 8_000 <= notice.start < begin + 10 * 8_000
    assert end - 10 * 8_000 < notice.end <= end + 8_000


def test_a_hold_makes_no_side_noisy_and_holds_no_rate():
    """A tone for 80 s behind 40 s of talk raised the customer's noise, and rates of the talk changed on in it."""
    talk = noisy_talk()[0][:, : 40 * 8_000]
    t = np.arange(80 * 8_000) / 8_000
    quiet = np.random.default_rng(4).normal(0, 1e-3, (2, len(t)))
    tone = quiet + np.outer((0.0, 0.1), np.sin(2 * np.pi * 1_000 * t))

    def settle(sound: np.ndarray) -> CallReport:
        x = np.concatenate((talk, sound), axis=1).astype(np.float32)
        analyser = CallAnalyser(call_info(), SETTINGS.analysis, SETTINGS.pacing)
        first, last = analyser.process(AudioBlock(start=0, samples=x)), analyser.flush()
        builder = ReportBuilder(call_info(), provenance())
        for event in (*first.events, *last.events, *last.account):
            builder.add(event)
        return builder.build(x.shape[1])

    report = settle(tone)
    (hold,) = report.holds
    assert hold.start == pytest.approx(40 * 8_000, abs=800)
    assert report.rates
    assert max(rate.end for rate in report.rates) <= hold.start
    only_talk = settle(quiet[:, :8_000]).sides[Side.CUSTOMER]
    assert report.sides[Side.CUSTOMER].noise_dbov == pytest.approx(only_talk.noise_dbov, abs=1.0)
    assert report.sides[Side.CUSTOMER].snr_db == pytest.approx(only_talk.snr_db, abs=1.0)
