"""Find a gain that was changed between takes or inside one, and what it touches.

A gain that the operator states is believed. Otherwise the noise tells it: every take holds stretches in which nothing
sounds but the noise of the microphone, which passes the same gain as speech.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.said import listed, said
from cxaudio.laboratory.takes.gain_control import gain_control_of
from cxaudio.laboratory.takes.gate import gate_of
from cxaudio.laboratory.takes.protocol import MARKER_STEP_S, PROTOCOL, Role
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.take import Fault, FaultKind, Take
from dsp.core.spectrum import Float64
from dsp.measurement.defects import silent_share
from dsp.measurement.delay import find_delay
from dsp.measurement.noise_floor import find_floor_step, floor_gains_db, noise_pieces

__all__ = ["gain_faults"]

_STEP_DB = 2.0  # less may be the room, whose noise changes from wearing to wearing
_PERSON_DB = 6.0  # pauses of a person hold breath and what hands do
_UNEVEN_DB = 1.5  # a gain moves all bands alike
_BY_HAND = 2  # takes within which a hand changes the gain; where more change, the headset does
_TAIL_S = 0.25  # sound dies away in a room
_HEAD_S = 0.05
_SILENT_SHARE = 0.01  # of a quiet take: muted or gated
_HAND_STARTED_S = 15.0
_ALIKE = 0.2  # of a recording and what was played

_COMPARED: Mapping[str, tuple[Role, ...]] = {
    "snr.quiet_db": (Role.QUIET, Role.SPEECH),
    "snr.drop_db": (Role.QUIET, Role.SPEECH, Role.BABBLE),
    "near_far.": (Role.SPEECH, Role.FAR),
    "near_far": (Role.SPEECH, Role.FAR),
    "compression.": (Role.SWEEP_LOUD, Role.SWEEP_SOFT),
    "coupling.": (Role.EARPIECE, Role.SPEECH, Role.QUIET),
    "coupling": (Role.EARPIECE, Role.SPEECH, Role.QUIET),
    "response.sweep_vs_speech_db": (Role.SPEECH, Role.SWEEP_LOUD),
    "noise.": (Role.QUIET, Role.SPEECH),
    "noise": (Role.QUIET, Role.SPEECH),
    "hum.": (Role.QUIET, Role.SPEECH),
    "dc.": (Role.QUIET, Role.SPEECH),
    "level.active_dbov": (Role.SPEECH,),
    "level.rms_dbov": (Role.SPEECH,),
    "level.peak_dbov": (Role.SPEECH,),
}
"""Figures that hold only if the gain is one in all takes of these roles."""

_INSIDE: Mapping[Role, tuple[str, ...]] = {
    Role.QUIET: ("noise.", "noise", "hum.", "dc.", "snr.quiet_db", "snr.drop_db"),
    Role.SPEECH: ("snr.", "near_far.", "near_far", "level.", "response.sweep_vs_speech_db", "coupling.", "coupling"),
    Role.BABBLE: ("snr.babble_db", "snr.drop_db", "snr.cleaned_babble_db", "snr.left_for_ours_db"),
    Role.FAR: ("near_far.", "near_far"),
    Role.SWEEP_LOUD: ("thd.", "thd", "response.", "response", "response_thirds", "mask.", "compression."),
    Role.SWEEP_SOFT: ("compression.",),
    Role.TONE: ("thd_n.percent",),
    Role.LEVELS: ("agc.",),
    Role.EARPIECE: ("coupling.", "coupling"),
    Role.CALL: ("pacing.",),
}
"""Figures that a change inside a take of a role falsifies."""

_ONLY_END = (Role.SWEEP_LOUD, Role.SWEEP_SOFT, Role.TONE)
"""Roles whose noise is heard behind the sound alone, so that a change inside cannot be told from one before."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Floor:
    """The noise of one take relative to that of all."""

    take: Take
    times_s: Float64
    gains_db: Float64

    @property
    def gain_db(self) -> float:
        return float(np.median(self.gains_db))


def gain_faults(takes: Sequence[Take]) -> Iterable[Fault]:
    """Find changes of the gain between takes of one headset or inside one.

    Parameters
    ----------
    takes : sequence of Take
        The good ones.

    Yields
    ------
    Fault
        With the figures that the change touches.
    """
    stated = _by_stated_gain(takes)
    if len(stated) > 1:
        yield _fault(
            said(
                "the gain was changed between takes ({several}), so that their levels cannot be compared; record these "
                "takes again at one gain",
                several=listed((_some(gain, some) for gain, some in stated.items()), "; "),
            ),
            _touched(list(stated.values())),
        )
        return
    yield from _pauses_apart(takes)
    if any(take.role is Role.LEVELS and gain_control_of(take).is_there for take in takes):
        return  # the noise then follows the gain that the sound gets
    floors = _floors(takes)
    steps = {id(floor): find_floor_step(floor.times_s, floor.gains_db, least_db=_STEP_DB) for floor in floors}
    stepping = [floor for floor in floors if steps[id(floor)] is not None]
    if len(stepping) > _BY_HAND:
        yield _fault(
            said(
                "the noise changes within {takes}: the headset processes sound, as a noise suppressor does, so that "
                "noise and levels of different takes cannot be compared; turn it off, if it can be, and record again",
                takes=_names([floor.take for floor in stepping]),
            ),
            # A sweep that is treated otherwise than speech is told by itself.
            [key for key in _touched([[floor.take] for floor in floors]) if key != "response.sweep_vs_speech_db"],
            stepping[0].take,
        )
        return
    whole = []
    for floor in floors:
        step = steps[id(floor)]
        if step is None:
            whole.append(floor)
        else:
            yield _fault(
                said(
                    "the noise of {take} changes by {step:+.1f} dB at {at:.0f} s: the gain was changed there, or the "
                    "headset processes sound; record it again at one gain",
                    take=floor.take.name,
                    step=step.step_db,
                    at=step.at_s,
                ),
                _of(floor.take),
                floor.take,
            )
    groups = _groups(whole)
    if len(groups) < 2:
        return
    main = max(groups, key=len)
    apart = [group for group in groups if group is not main]
    takes_apart = [[floor.take for floor in group] for group in apart]
    usual = np.median([floor.gain_db for floor in main])
    several = listed(
        (_some(f"{np.median([f.gain_db for f in group]) - usual:+.1f} dB", [f.take for f in group]) for group in apart),
        "; ",
    )
    yield _fault(
        said(
            "the noise of takes differs ({several} against the others): the gain was changed between them, so that "
            "their levels cannot be compared; record these takes again at one gain",
            several=several,
        ),
        (
            *_touched([[floor.take for floor in main], *takes_apart]),
            *(key for take in _changed_before(groups) if take.role in _ONLY_END for key in _of(take)),
        ),
        takes_apart[0][0],
    )


def _pauses_apart(takes: Sequence[Take]) -> Iterable[Fault]:
    """Find a changed gain where a person spoke: the noise in the pauses differs from that of the quiet room."""
    for speech in takes:
        quiet = next((take for take in takes if take.role is Role.QUIET and take.number == speech.number), None)
        if speech.role is not Role.SPEECH or speech.played is not None or quiet is None:
            continue
        gate = gate_of(speech)
        if gate.found or gate.n_pauses < 3 or silent_share(quiet.samples, quiet.sample_rate) > _SILENT_SHARE:
            continue
        length = speech.sample_rate // 100
        frames = quiet.samples[: len(quiet.samples) // length * length].reshape(-1, length).astype(np.float64)
        frames = frames - frames.mean()
        levels = 10 * np.log10(np.mean(frames**2, axis=1) + 1e-15)
        apart = gate.closed_dbov - float(np.quantile(levels, 0.2))
        # A soft room may be drowned by breath, so only a fall is sure; a rise has to be larger.
        if apart < -_PERSON_DB or apart > 2 * _PERSON_DB:
            yield _fault(
                said(
                    "the noise in the pauses of {take} lies {apart:+.0f} dB from that of {quiet}: the gain or the room "
                    "was changed between them, or gain control is at work; record both again at one gain",
                    take=speech.name,
                    apart=apart,
                    quiet=quiet.name,
                ),
                ("snr.", "near_far.", "near_far", "noise.", "hum.", "coupling.", "coupling"),
                speech,
            )
            return


def _fault(sentence: str, withheld: Iterable[str], take: Take | None = None) -> Fault:
    return Fault(
        kind=FaultKind.GAIN_CHANGED,
        role=None if take is None else take.role,
        take=None if take is None else take.name,
        refused=False,
        withheld=tuple(dict.fromkeys(withheld)),
        sentence=sentence,
    )


def _of(take: Take) -> tuple[str, ...]:
    """Return the figures that a change inside a take falsifies."""
    return _INSIDE.get(take.role, ())


def _names(takes: Sequence[Take]) -> str:
    """Name the first takes of some."""
    names = listed(take.name for take in takes[:3])
    return said("{takes} and others", takes=names) if len(takes) > 3 else names


def _some(gain: str, takes: Sequence[Take]) -> str:
    """Name a gain and the first takes that have it."""
    return said("{gain} in {takes}", gain=gain, takes=_names(takes))


def _by_stated_gain(takes: Sequence[Take]) -> Mapping[str, list[Take]]:
    found: dict[str, list[Take]] = {}
    for take in takes:
        if take.conditions.gain is not None and take.role is not Role.EARPIECE:
            found.setdefault(take.conditions.gain, []).append(take)
    return found


def _touched(groups: Sequence[Sequence[Take]]) -> Iterable[str]:
    """Return the figures whose takes lie in more than one group."""
    for key, roles in _COMPARED.items():
        if sum(any(take.role in roles for take in group) for group in groups) > 1:
            yield key


def _groups(floors: Sequence[_Floor]) -> list[list[_Floor]]:
    """Sort takes by the level of their noise, and part them where neighbours are apart by a changed gain."""
    if not floors:
        return []
    ordered = sorted(floors, key=lambda floor: floor.gain_db)
    groups = [[ordered[0]]]
    for before, floor in itertools.pairwise(ordered):
        if floor.gain_db - before.gain_db > 0.8 * _STEP_DB:
            groups.append([])
        groups[-1].append(floor)
    if np.median([f.gain_db for f in groups[-1]]) - np.median([f.gain_db for f in groups[0]]) < _STEP_DB:
        return [ordered]
    return [_in_order(group) for group in groups]


def _in_order(floors: Iterable[_Floor]) -> list[_Floor]:
    """Sort takes as the protocol records them."""
    place = {plan.role: k for k, plan in enumerate(PROTOCOL)}
    return sorted(floors, key=lambda floor: (floor.take.number, place[floor.take.role]))


def _changed_before(groups: Sequence[Sequence[_Floor]]) -> Iterable[Take]:
    """Return the takes whose gain is another than that of the take before them."""
    group_of = {id(floor): k for k, group in enumerate(groups) for floor in group}
    ordered = _in_order(floor for group in groups for floor in group)
    for before, floor in itertools.pairwise(ordered):
        if group_of[id(before)] != group_of[id(floor)]:
            yield floor.take


def _floors(takes: Sequence[Take]) -> list[_Floor]:
    """Measure the noise of every take in which it can be heard alone."""
    # A gate that cuts noise off makes the noise of pauses its own. One that is told by weak noise alone is none that
    # opens and closes, and may be no gate at all.
    gates = [gate_of(take) for take in takes if take.role is Role.SPEECH]
    if any(gate.evidence in ("zeros", "closings") for gate in gates):
        return []
    pieces = [(take, noise_pieces(take.samples, take.sample_rate, _silent_stretches(take))) for take in takes]
    pieces = [(take, each) for take, each in pieces if len(each)]
    if len(pieces) < 2:
        return []
    reference = np.median(np.concatenate([each.powers for _, each in pieces]), axis=0)
    found = []
    for take, each in pieces:
        gains, uneven = floor_gains_db(each, reference)
        if np.median(uneven) <= _UNEVEN_DB:
            found.append(_Floor(take=take, times_s=each.times_s, gains_db=gains))
    return found


def _silent_stretches(take: Take) -> NDArray[np.int64]:
    """Return where nothing sounds in a take but its noise, shape (m, 2)."""
    n, rate = len(take.samples), take.sample_rate
    if take.role is Role.QUIET:
        return np.array([[0, n]])
    if take.role is Role.BABBLE:
        return np.empty((0, 2), np.int64)
    if take.role is Role.TONE:
        return _behind_sound(take)
    played = take.played_or_made()
    if played is None and take.role is Role.LEVELS:
        played = signal_of(take.role, rate)  # which a person may have spoken instead: then it is not found
    if played is None:
        return np.empty((0, 2), np.int64)
    late = _arrival(take, played)
    if late is None:
        return np.empty((0, 2), np.int64)
    sounding = np.zeros(n, np.bool_)
    there = np.abs(played) > 1e-4 * float(np.abs(played).max())
    begin, end = max(0, late), min(n, late + len(played))
    sounding[begin:end] = there[begin - late : end - late]
    return _between(sounding, round(_HEAD_S * rate), round(_TAIL_S * rate))


def _arrival(take: Take, played: NDArray[np.floating]) -> int | None:
    """Return the sample at which the played sound begins, or None where the take does not resemble it.

    A skew of the clocks pulls a long piece apart, and noise hides a short one; so both are tried.
    """
    rate = take.sample_rate
    # Markers repeat every few seconds, so only the first is looked for, as late as the next one allows.
    repeats = take.role is Role.MARKERS
    most_s = MARKER_STEP_S - 1.0 if repeats else _HAND_STARTED_S
    for seconds in (MARKER_STEP_S / 2,) if repeats else (5.0, 20.0):
        length = min(len(played), round(seconds * rate))
        if not played[:length].any():
            continue
        delay = find_delay(
            played[:length], take.samples[: length + round(most_s * rate)], rate,
            least_s=0.0 if repeats else -5.0, most_s=most_s, fine=False,
        )  # fmt: skip
        if delay.accepted or abs(delay.correlation) >= _ALIKE:
            return round(delay.samples)
    return None


def _between(sounding: NDArray[np.bool_], head: int, tail: int) -> NDArray[np.int64]:
    """Return the stretches without sound, less what lies shortly before and behind it."""
    edges = np.flatnonzero(np.diff(np.concatenate(([True], sounding, [True])).astype(np.int8)))
    stretches = edges.reshape(-1, 2).astype(np.int64)
    first = sounding[0] if len(sounding) else False
    stretches = stretches + np.array([tail, -head])
    if len(stretches) and not first and stretches[0, 0] == tail:
        stretches[0, 0] = 0
    if len(stretches) and stretches[-1, 1] == len(sounding) - head:
        stretches[-1, 1] = len(sounding)
    return np.asarray(stretches[stretches[:, 1] > stretches[:, 0]])


def _behind_sound(take: Take) -> NDArray[np.int64]:
    """Return the stretch behind the last loud moment of a take."""
    rate = take.sample_rate
    length = rate // 50
    x = take.samples[: len(take.samples) // length * length].astype(np.float64)
    power = np.mean(x.reshape(-1, length) ** 2, axis=1)
    loud = np.flatnonzero(power > 1e-2 * power.max())
    return np.array([[(int(loud[-1]) + 1) * length + round(_TAIL_S * rate), len(x)]])
