"""Figures of single takes: noise, level, bandwidth, gate, gain control, coupling, near and far, drop-outs."""

import numpy as np
from numpy.typing import NDArray

from cxaudio.laboratory.measures.figures import NONE_FOUND, Bound
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.timing import arrival
from cxaudio.laboratory.takes.protocol import Role, signal_of
from cxaudio.laboratory.takes.take import Take, Takes, lead_of, learned_from
from dsp.core.errors import ParameterError
from dsp.core.levels import dbov
from dsp.core.spectrum import power_spectrum
from dsp.measurement.bandwidth import Bandwidth, find_bandwidth
from dsp.measurement.coupling import TELEPHONE_BAND_HZ, find_coupling
from dsp.measurement.defects import find_clipping, find_dc_offset, find_hum, find_idle_noise
from dsp.measurement.delay import find_delay
from dsp.measurement.distortion import tone_distortion
from dsp.measurement.dropouts import find_dropouts
from dsp.measurement.dynamics import Gate, find_gain_control, find_gate
from dsp.measurement.level_p56 import active_level
from dsp.measurement.near_far import Talkers, find_near_far
from dsp.measurement.octave_bands import band_levels_dbov, octave_bands

__all__ = [
    "measure_babble",
    "measure_continuity",
    "measure_coupling",
    "measure_far",
    "measure_levels",
    "measure_quiet",
    "measure_speech",
    "measure_tone",
]

Float64 = NDArray[np.float64]

_LEVEL_DB, _NOISE_DB, _SNR_DB = 0.1, 0.3, 0.4
_LOW_HZ, _HIGH_HZ = 100.0, 7_000.0
_GATED = "a gate was found, so that the noise in pauses is not that under speech"


def _band(sample_rate: int) -> str:
    return f"20 Hz to {sample_rate / 2000:g} kHz"


def without_silent_ends(x: NDArray[np.floating], sample_rate: int) -> NDArray[np.floating]:
    """A take without the zeros that a stream begins and ends with, at most half a second at each end."""
    sounding = np.flatnonzero(x)
    if not len(sounding):
        return x
    most = sample_rate // 2
    first, last = min(int(sounding[0]), most), max(int(sounding[-1]) + 1, len(x) - most)
    return x[first:last] if last - first >= 2 * sample_rate else x


def measure_quiet(take: Take, takes: Takes, found: Findings) -> None:
    """Noise, hum and offset."""
    rate = take.sample_rate
    x = without_silent_ends(take.samples, rate)
    noise = find_idle_noise(x, rate)
    conditions = f"{take.seconds:.0f} s, {_band(rate)}"
    bound: Bound = "exact"
    if noise.muted:
        conditions += f"; gated or muted: {100 * noise.zero_share:.0f} % digital silence"
        bound = "at_least"  # of the microphone: more may be hidden
        found.forbid(
            f"{take.name} is gated or muted ({100 * noise.zero_share:.0f} % digital silence, floor "
            f"{noise.quantiles_dbov[0]:.0f} dBov), so that it does not hold the microphone's noise",
            "snr.quiet_db",
            "snr.drop_db",
        )
    for key, level in (
        ("noise.total_dbov", noise.level_dbov),
        ("noise.a_weighted_dbov", noise.a_weighted_dbov),
        ("noise.psophometric_dbov", noise.psophometric_dbov),
        ("noise.p90_dbov", noise.quantiles_dbov[2]),
    ):
        text = "digital silence" if level == -np.inf else None
        found.put(key, level, uncertainty=_NOISE_DB, bound=bound, conditions=conditions, text=text)
    offset = find_dc_offset(x)
    text = "none" if offset.level_dbov == -np.inf else None
    found.put("dc.level_dbov", offset.level_dbov, uncertainty=0.1, text=text, conditions=f"{take.seconds:.0f} s")
    try:
        hum = find_hum(x, rate)
        lines = ", ".join(f"{line.frequency_hz:.0f}" for line in hum.lines[:6])
        found.put(
            "hum.level_dbov",
            hum.level_dbov,
            uncertainty=1.0,
            text=NONE_FOUND if hum.mains_hz is None else f"mains of {hum.mains_hz:.0f} Hz, lines at {lines} Hz",
            conditions=f"{take.seconds:.0f} s, lines 10 dB out of their neighbourhood",
        )
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "hum.level_dbov")
    if noise.level_dbov > -np.inf:
        bands = octave_bands(50, min(20_000.0, rate / 2 / 1.13))
        found.draw("noise", bands.centres_hz, band_levels_dbov(power_spectrum(x, rate), bands))


def measure_speech(take: Take, takes: Takes, found: Findings) -> None:
    """Level, clipping, bandwidth, gate, speech over noise."""
    rate, x = take.sample_rate, np.asarray(take.samples, np.float64)
    level = active_level(x, rate)
    conditions = f"{take.seconds:.0f} s at {rate} Hz, whole band"
    found.put("level.active_dbov", level.level_dbov, uncertainty=_LEVEL_DB, conditions=conditions)
    found.put("level.activity_percent", 100 * level.activity, uncertainty=1.0, conditions=conditions)
    found.put("level.rms_dbov", level.rms_dbov, uncertainty=0.01, conditions=conditions)
    peak = dbov(float(np.max(np.abs(x))) ** 2)
    found.put("level.peak_dbov", peak, uncertainty=0.01, conditions=conditions)
    found.put("level.crest_db", peak - level.rms_dbov, uncertainty=0.01, conditions=conditions)

    clipping = find_clipping(x, rate)
    per_s = clipping.per_second if clipping.clipped else 0.0
    where = "at full scale" if clipping.at_full_scale else "below full scale: clipped before the gain"
    text = f"{clipping.n_samples} samples {where}" if clipping.clipped else None
    found.put("clipping.per_s", per_s, uncertainty=0.05, text=text, conditions=f"{take.seconds:.0f} s of speech")

    gate = find_gate(x, rate)
    _put_gate(take, gate, found)
    _put_bandwidth(take, find_bandwidth(x, rate), found)
    _put_speech_over_noise(take, takes, gate, found)


def _put_gate(take: Take, gate: Gate, found: Findings) -> None:
    words = {
        "zeros": "found: pauses are digital silence",
        "floor": "found: pauses fall below -95 dBov",
        "closings": f"found: closes {gate.hold_s:.2f} s after speech",
        "none": NONE_FOUND,
    }
    conditions = f"{gate.n_pauses} pauses of {take.name}"
    found.put(
        "gate.depth_db",
        gate.depth_db if gate.evidence == "closings" else None,  # to nothing at all is no depth
        uncertainty=2.0,
        text=words[gate.evidence],
        conditions=conditions,
    )
    if gate.found:
        found.forbid(f"{_GATED} ({words[gate.evidence].removeprefix('found: ')})", "snr.quiet_db", "snr.drop_db")
        found.notes.append("a noise gate is at work: noise figures are those of the closed gate")


def _put_bandwidth(take: Take, band: Bandwidth, found: Findings) -> None:
    rate = take.sample_rate
    limits = {"cliff": "cliff", "noise": "sinks into the noise", "none": "no edge below half the rate"}
    text = f"{band.name}, {limits[band.evidence]}"
    bound: Bound = "exact" if band.evidence == "cliff" or band.image_of_hz else "at_least"
    if band.image_of_hz is not None:
        text += f", really recorded at {band.image_of_hz:g} Hz"
    narrower = band.narrower_than_rate
    if take.played is not None:
        sent = find_bandwidth(take.played, rate)
        if band.upper_hz >= sent.upper_hz - 300:
            bound, narrower = "at_least", False
            text = f"{band.name}, up to where what was played ends"
    found.put(
        "bandwidth.upper_hz",
        band.upper_hz,
        uncertainty=band.uncertainty_hz,
        bound=bound,
        text=text,
        conditions=f"recorded at {rate} Hz",
    )
    if narrower:
        found.notes.append(
            f"recorded at {rate} Hz, it holds sound only up to {band.upper_hz / 1000:.1f} kHz ({band.name}): narrower "
            "than its rate says, as a hands-free profile or a telephone rate on the way leaves it"
        )


def _put_speech_over_noise(take: Take, takes: Takes, gate: Gate, found: Findings) -> None:
    quiet = takes.beside(take, Role.QUIET)
    if quiet is None:
        found.withhold(
            "there is no good quiet take, which the noise is told from; record it as quiet.wav", "snr.quiet_db"
        )
        return
    noise = find_idle_noise(without_silent_ends(quiet.samples, quiet.sample_rate), quiet.sample_rate)
    x = np.asarray(take.samples, np.float64)
    level = active_level(x - x.mean(), take.sample_rate).level_dbov
    found.put(
        "snr.quiet_db",
        level - noise.level_dbov,
        uncertainty=_SNR_DB,
        conditions=f"{take.name} over {quiet.name}, {_band(take.sample_rate)}",
    )


def measure_babble(take: Take, takes: Takes, found: Findings) -> None:
    """Speech over babble, and the drop from the quiet room.

    P.56 counts babble as activity; so the power of the babble alone is taken off the whole, and what is left is laid
    over the activity that the speech take has.
    """
    rate, x = take.sample_rate, np.asarray(take.samples, np.float64)
    lead = lead_of(take)
    if take.played is not None:
        x = x[max(0, arrival(take.played, x, rate) or 0) :]
    speech = takes.beside(take, Role.SPEECH)
    margin = round(0.3 * rate)
    if len(x) < lead + 4 * rate:
        found.withhold(f"{take.name} is too short: it needs 5 s of babble and 5 s of speech", "snr.babble_db")
        return
    alone, both = x[margin : lead - margin], x[lead + margin :]
    if take.played is not None:
        end = min(len(both), len(take.played) - lead)
        both = both[: max(rate, end)]
    noise = power_spectrum(alone, rate).mean_square(_LOW_HZ, _HIGH_HZ)
    whole = power_spectrum(both, rate).mean_square(_LOW_HZ, _HIGH_HZ)
    activity = active_level(np.asarray(speech.samples, np.float64), rate).activity if speech else 1.0
    conditions = f"{_LOW_HZ:g} Hz to {min(_HIGH_HZ, rate / 2) / 1000:g} kHz; babble from the first 5 s of {take.name}"
    if not noise > 1e-12:
        found.withhold(
            f"{take.name}: the first 5 s hold no babble (gated or not played), so that speech over babble is not known",
            "snr.babble_db",
        )
        return
    left = whole - noise
    bound: Bound = "exact" if left > 0.26 * noise else "at_most"
    ratio = dbov(max(left, 0.26 * noise) / max(activity, 0.05) / noise)
    found.put("snr.babble_db", ratio, uncertainty=1.0, bound=bound, conditions=conditions)
    quiet = [each.value for each in found.readings.get("snr.quiet_db", []) if each.value is not None]
    if quiet:
        at = min(take.number, len(quiet)) - 1
        found.put("snr.drop_db", quiet[at] - ratio, uncertainty=1.1, conditions=conditions)
    else:
        found.withhold("speech over noise in the quiet room is not known", "snr.drop_db")


def measure_tone(take: Take, takes: Takes, found: Findings) -> None:
    """THD+N of a steady tone."""
    rate = take.sample_rate
    x = np.asarray(take.samples, np.float64)
    length = rate // 10
    power = np.mean(x[: len(x) // length * length].reshape(-1, length) ** 2, axis=1)
    there = np.flatnonzero(power > 0.25 * np.quantile(power, 0.9))
    first, last = (int(there[0]) + 2) * length, (int(there[-1]) - 1) * length
    try:
        tone = tone_distortion(x[first:last], rate, frequency_hz=997.0)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "thd_n.percent")
        return
    found.put(
        "thd_n.percent",
        100 * tone.thd_n,
        uncertainty=max(0.02, 2.0 * tone.thd_n),
        conditions=f"{tone.low_hz:g} Hz to {tone.high_hz / 1000:g} kHz, fundamental at {tone.level_dbov:.1f} dBov",
    )


def measure_coupling(take: Take, takes: Takes, found: Findings) -> None:
    """Earpiece to microphone."""
    if take.played is None:
        found.withhold(
            f"{take.name} says nothing without what was played; put that beside it as "
            f"{take.name.rsplit('.', 1)[0]}.played.wav",
            "coupling.weighted_db",
            "curve.coupling",
        )
        return
    rate = take.sample_rate
    start = learned_from(take)
    played, recorded = take.played[start:], take.samples[start:]
    n = min(len(played), len(recorded))
    if n < 2 * rate:
        found.withhold(f"{take.name}: less than 2 s are left behind the first {start / rate:g} s", "coupling.")
        return
    # Sound that comes later than it was played is followed; where it is lost in noise nothing is.
    delay = find_delay(played[: n - rate // 2], recorded, rate, most_s=10.0)
    late = round(delay.samples) if delay.accepted else 0
    recorded = recorded[late : late + n]
    quiet = takes.beside(take, Role.QUIET)
    idle = quiet.samples if quiet is not None else None
    try:
        coupling = find_coupling(played[: len(recorded)], recorded, rate, idle=idle, band_hz=TELEPHONE_BAND_HZ)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", "coupling.weighted_db", "curve.coupling")
        return
    volume = f", volume {take.conditions.volume}" if take.conditions.volume else ""
    found.put(
        "coupling.weighted_db",
        coupling.weighted_db,
        uncertainty=0.5,
        bound="at_least" if coupling.weighted_at_least else "exact",
        conditions=f"{coupling.band_hz[0]:g} Hz to {coupling.band_hz[1] / 1000:g} kHz, first {start / rate:g} s left "
        f"out{volume}" + ("" if idle is not None else ", idle noise not known"),
    )
    found.draw("coupling", coupling.bands.centres_hz, coupling.loss_db, bounded=coupling.at_least)


def measure_far(take: Take, takes: Takes, found: Findings, *, gain_controlled: bool) -> None:
    """Near against far talker."""
    keys = ("near_far.mean_db", "curve.near_far")
    near, quiet = takes.beside(take, Role.SPEECH), takes.beside(take, Role.QUIET)
    if near is None:
        found.withhold("there is no good speech take, which is the near talker; record it as speech.wav", *keys)
        return
    if gain_controlled:
        sentence = "gain control was found, so that the levels of two takes cannot be compared"
        found.forbid(sentence, *keys)
        return
    rate = take.sample_rate
    ambient = quiet.samples if quiet is not None else None
    with_reference = near.reference is not None and take.reference is not None
    reference = None
    if with_reference:
        assert near.reference is not None
        assert take.reference is not None
        reference = Talkers(
            near=near.reference, far=take.reference, ambient=quiet.reference if quiet is not None else None
        )
    device = Talkers(near=_as_played(near), far=_as_played(take), ambient=ambient)
    try:
        result = find_near_far(device, rate, reference=reference)
    except ParameterError as error:
        found.withhold(f"{take.name}: {error}", *keys)
        return
    told = "less that of the reference microphone" if with_reference else "no reference microphone: same session only"
    found.put(
        "near_far.mean_db",
        result.mean_db,
        uncertainty=0.5 if with_reference else 1.0,
        bound="at_least" if result.mean_at_least else "exact",
        conditions=f"{result.n_bands} third octaves; {told}" + ("" if ambient is not None else "; ambient not known"),
    )
    found.draw("near_far", result.bands.centres_hz, result.difference_db, bounded=result.at_least)


def _as_played(take: Take) -> NDArray[np.floating]:
    """The stretch in which speech was played, where that is known: silence behind it would lower the level."""
    if take.played is None:
        return take.samples
    start = max(0, arrival(take.played, take.samples, take.sample_rate) or 0)
    return take.samples[start : start + len(take.played)]


def measure_levels(takes: Takes, found: Findings) -> bool:
    """Gain control; whether it was found."""
    controlled = False
    for take in takes.of(Role.LEVELS):
        played = take.played if take.played is not None else signal_of(Role.LEVELS, take.sample_rate)
        assert played is not None
        try:
            whole = find_delay(
                played[: 30 * take.sample_rate], take.samples, take.sample_rate, least_s=-5.0, most_s=15.0
            )
            result = find_gain_control(played, take.samples, take.sample_rate, delay_samples=round(whole.samples))
        except ParameterError as error:
            found.withhold(f"{take.name}: {error}", "agc.slope")
            continue
        found.put(
            "agc.slope",
            result.slope,
            uncertainty=max(0.05, result.slope_error),
            text=f"found: gain varies by {result.gain_range_db:.0f} dB" if result.found else NONE_FOUND,
            conditions=f"speech played over {result.input_range_db:.0f} dB, windows of 3 s",
        )
        controlled |= result.found
    if controlled:
        found.notes.append("gain control is at work: levels of different takes cannot be compared")
        found.forbid(
            "gain control was found: in the quiet room the gain is another than under speech",
            "snr.quiet_db",
            "snr.drop_db",
        )
    return controlled


def measure_continuity(takes: Takes, found: Findings) -> None:
    """Drop-outs in every take that holds sound throughout."""
    heard = (Role.SPEECH, Role.BABBLE, Role.LEVELS, Role.SWEEP_LOUD, Role.CALL, Role.TONE)
    # Flat tops look like repeats of one another.
    clipped = {fault.take for fault in takes.faults if fault.kind == "clipped"}
    used = [take for role in heard for take in takes.of(role) if take.name not in clipped]
    if not used:
        if clipped:
            sentence = "every take with sound is clipped, whose flat tops look like held values; record them again"
            found.withhold(sentence, "dropouts.per_5min", "dropouts.total_ms")
        return
    n, seconds, lost = 0, 0.0, 0.0
    kinds: dict[str, int] = {}
    gated = any(find_gate(take.samples, take.sample_rate).evidence == "zeros" for take in takes.of(Role.SPEECH)[:1])
    for take in used:
        result = find_dropouts(take.samples, take.sample_rate)
        # What was played may hold silences and repeats of its own.
        bursts = [
            each
            for each in result.bursts
            if not (take.role is Role.TONE and each.kind == "repeat") and not (gated and each.kind == "zeros")
        ]
        n += len(bursts)
        seconds += result.duration_s
        lost += sum(each.length for each in bursts) / take.sample_rate
        for each in bursts:
            kinds[each.kind] = kinds.get(each.kind, 0) + 1
    conditions = f"{len(used)} takes, {seconds:.0f} s in all"
    conditions += "; zeros are the gate's and do not count" if gated else ""
    text = ", ".join(f"{count} {kind}" for kind, count in kinds.items()) or None
    # A count of n is sure to its root; none in so many seconds says less than one in these seconds.
    uncertainty = 300 / seconds * max(1.0, np.sqrt(n)) if n else 0.0
    found.put("dropouts.per_5min", 300 * n / seconds, uncertainty=uncertainty, text=text, conditions=conditions)
    found.put("dropouts.total_ms", 1000 * lost, uncertainty=1.0, conditions=conditions)
