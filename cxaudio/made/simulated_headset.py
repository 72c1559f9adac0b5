"""A simulated headset whose every property is known.

Sound goes mouth, room and what couples from the earpiece -> distortion -> response and bandwidth -> gain control ->
noise and hum -> gate -> offset, clipping -> clock skew and delay -> drop-outs -> 16 bit. Every step has its own switch,
all off at first.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsp.core.spectrum import Float64
from dsp.measurement.octave_bands import OctaveBands
from dsp.synthesis.signals import hum

__all__ = ["SimulatedHeadset"]


@dataclass(frozen=True, kw_only=True)
class SimulatedHeadset:
    """One model of headset, worn in one way; levels in dBov, gains in dB.

    Attributes are the truth that a measurement has to find.
    """

    sample_rate: int = 48_000
    response: tuple[tuple[float, float], ...] = ((20.0, 0.0), (20_000.0, 0.0))  # Hz, dB; straight over log f
    bandwidth_hz: float | None = None  # nothing above
    quadratic: float = 0.0  # y = x + quadratic x^2 + cubic x^3, before the response
    cubic: float = 0.0
    far_db: float = 0.0  # gain for sound from the room
    coupling_db: float | None = None  # gain from earpiece to microphone
    gate_dbov: float | None = None  # closes when 10 ms lie below this for `gate_hold_s`
    gate_hold_s: float = 0.15
    gate_depth_db: float = np.inf  # inf: digital silence
    control_slope: float = 1.0  # dB out per dB in of gain control about -26 dBov
    control_s: float = 0.5  # its time constant
    noise_dbov: float | None = None  # white, over the whole band
    hum_dbov: float | None = None
    mains_hz: float = 50.0
    offset: float = 0.0  # constant, full scale 1
    clip_at: float = 1.0  # flat tops
    delay_samples: float = 0.0
    skew_ppm: float = 0.0  # > 0: its clock runs faster, so it delivers more samples
    lost: tuple[tuple[float, float], ...] = field(default=())  # seconds: begin, length; zeros instead of sound

    def gain_db(self, hertz: NDArray[np.floating]) -> Float64:
        """Return the response at given frequencies, dB."""
        points = np.array(self.response)
        return np.asarray(np.interp(np.log(np.maximum(hertz, 1.0)), np.log(points[:, 0]), points[:, 1]))

    def _filtered(self, x: Float64) -> Float64:
        """Apply the response with zero phase, so that the delay is `delay_samples` alone."""
        n = 1 << (len(x) + self.sample_rate // 2 - 1).bit_length()
        hertz = np.fft.rfftfreq(n, 1 / self.sample_rate)
        gain = 10 ** (self.gain_db(hertz) / 20)
        if self.bandwidth_hz is not None:  # a cliff of 80 dB within 100 Hz
            gain *= 10 ** (-4 * np.clip((hertz - self.bandwidth_hz) / 100 + 0.5, 0, 1))
            gain[hertz > self.bandwidth_hz + 50] = 0.0
        return np.fft.irfft(np.fft.rfft(x, n) * gain, n)[: len(x)]

    def _controlled(self, x: Float64) -> Float64:
        from scipy.signal import lfilter

        decay = np.exp(-1 / (self.control_s * self.sample_rate))
        power = lfilter([1 - decay], [1, -decay], x**2)
        speaks = np.sqrt(np.maximum.accumulate(power)) > 0
        level = np.where(speaks, 10 * np.log10(np.maximum(power, 1e-7)), -26.0)
        return x * 10 ** ((self.control_slope - 1) * (level + 26.0) / 20)

    def _gated(self, x: Float64, gate_dbov: float) -> Float64:
        length = self.sample_rate // 100
        n_frames = -(-len(x) // length)
        frames = np.zeros(n_frames * length)
        frames[: len(x)] = x
        loud = np.mean(frames.reshape(n_frames, length) ** 2, axis=1) > 10 ** (gate_dbov / 10)
        hold = round(self.gate_hold_s * 100)
        is_open = np.convolve(loud, np.ones(hold + 1))[:n_frames] > 0
        closed = 0.0 if np.isinf(self.gate_depth_db) else 10 ** (-self.gate_depth_db / 20)
        return np.asarray(x * np.repeat(np.where(is_open, 1.0, closed), length)[: len(x)])

    def record(
        self,
        rng: np.random.Generator,
        *,
        mouth: Float64 | None = None,
        room: Float64 | None = None,
        earpiece: Float64 | None = None,
        tail_s: float = 0.0,
    ) -> Float64:
        """Record sound that comes from the mouth, the room and the earpiece.

        Returns
        -------
        ndarray, shape (n,)
            As long as the longest input and the tail.
        """
        given = [x for x in (mouth, room, earpiece) if x is not None]
        n = max(len(x) for x in given) + round(tail_s * self.sample_rate)

        def padded(x: Float64 | None) -> Float64:
            y = np.zeros(n)
            if x is not None:
                y[: len(x)] = x
            return y

        x = padded(mouth) + 10 ** (self.far_db / 20) * padded(room)
        if self.coupling_db is not None:
            x = x + 10 ** (self.coupling_db / 20) * padded(earpiece)
        x = x + self.quadratic * x**2 + self.cubic * x**3
        x = self._filtered(x)
        noise = np.zeros(n)
        if self.noise_dbov is not None:
            noise += rng.normal(0, 10 ** (self.noise_dbov / 20), n)
        if self.hum_dbov is not None:
            noise += hum(n, sample_rate=self.sample_rate, fundamental_hz=self.mains_hz, rms=10 ** (self.hum_dbov / 20))
        if self.control_slope != 1.0:
            x = self._controlled(x)
        x = x + noise
        if self.gate_dbov is not None:
            x = self._gated(x, self.gate_dbov)
        x = np.clip(x + self.offset, -self.clip_at, self.clip_at)
        if self.skew_ppm or self.delay_samples:
            x = self._moved(x)
        for begin_s, length_s in self.lost:
            begin = round(begin_s * self.sample_rate)
            x[begin : begin + round(length_s * self.sample_rate)] = 0.0
        return np.clip(np.round(x * 32768), -32768, 32767) / 32768

    def _moved(self, x: Float64) -> Float64:
        """Shift and stretch: sample k of the recording holds time (k - delay) / (1 + skew)."""
        if not self.skew_ppm and self.delay_samples == round(self.delay_samples):
            return np.concatenate((np.zeros(round(self.delay_samples)), x))
        n = int(np.ceil(len(x) * (1 + self.skew_ppm * 1e-6) + self.delay_samples))
        fine = self._four_times(x)
        at = 4 * (np.arange(n) - self.delay_samples) / (1 + self.skew_ppm * 1e-6) + 2
        k = np.clip(np.floor(at).astype(int), 1, len(fine) - 3)
        t = np.clip(at - k, 0, 1)
        # Lagrange through four points: at four times the rate it errs by less than a thousandth.
        y = (
            fine[k - 1] * (-t * (t - 1) * (t - 2) / 6)
            + fine[k] * ((t + 1) * (t - 1) * (t - 2) / 2)
            + fine[k + 1] * (-(t + 1) * t * (t - 2) / 2)
            + fine[k + 2] * ((t + 1) * t * (t - 1) / 6)
        )
        y[(at < 2) | (at > len(fine) - 4)] = 0.0
        return np.asarray(y)

    @staticmethod
    def _four_times(x: Float64) -> Float64:
        """Return sound at four times the rate, with two zeros before and after it."""
        from scipy.fft import irfft, next_fast_len, rfft

        n = next_fast_len(len(x) + 256, real=True)
        return np.asarray(np.pad(4 * irfft(rfft(x, n), 4 * n)[: 4 * len(x)], 2))

    def band_gain_db(self, bands: OctaveBands) -> Float64:
        """Return the response in bands, mean power over each, dB."""
        share = (np.arange(40)[:, None] + 0.5) / 40
        hertz = bands.lower_hz + share * (bands.upper_hz - bands.lower_hz)
        return np.asarray(10 * np.log10(np.mean(10 ** (self.gain_db(hertz) / 10), axis=0)))
