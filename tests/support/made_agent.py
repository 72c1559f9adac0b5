"""A made agent who hears a made earpiece and answers in the microphone, and what both heard of each other, exactly."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from cxaudio.made.customers import RATE, Customer, Manners, cut_turns
from cxaudio.made.script import Phase, Script, Surroundings, chance_line
from cxaudio.made.synthetic import make_call
from cxaudio.model.events import Side
from dsp.synthesis.voice import Voice
from support.fake_soundcard import FakeDevice, FakeSoundSystem, Int16

__all__ = ["EARPIECE", "MICROPHONE", "MadeAgent", "headset", "spoken_lines", "talkative"]

MICROPHONE, EARPIECE = "headset-mic", "headset-ear"
_LOUD = 10 ** (-45 / 20)
_TICK = RATE // 100


def spoken_lines(side: Side, n_lines: int, *, seed: int) -> tuple[NDArray[np.float32], list[tuple[int, int]]]:
    """Make lines of one spurt each; return the sound, and where each begins and ends."""
    rng = np.random.default_rng(seed)
    lines = tuple(
        chance_line(side, rng, n_syllables=int(rng.integers(7, 11)), rate=5.5, gap_s=1.5, spurt=(11, 11))
        for _ in range(n_lines)
    )
    script = Script(
        phases=(Phase(rule="neutral", elements=lines),),
        voices=(Voice(f0_hz=125), Voice(f0_hz=190, tract=1.1, band="telephone")),
        surroundings=(Surroundings(noise_db=60.0), Surroundings(level_dbov=-24.0, noise_db=50.0)),
        call_id="lines",
    )
    call = make_call(script, seed=seed, sample_rate=RATE)
    return call.samples[side], [(line.start, line.end) for line in call.truth.lines]


def talkative(n_turns: int, manners: Manners, *, seed: int = 1) -> Customer:
    """Make a customer of `n_turns` short turns."""
    sound, spans = spoken_lines(Side.CUSTOMER, n_turns, seed=seed)
    customer = cut_turns("talkative", sound, spans)
    return Customer(name=customer.name, turns=customer.turns, manners=manners, edge_s=customer.edge_s)


def headset(agent: "MadeAgent", *, playing_s: float, recording_s: float, told: bool = True) -> FakeSoundSystem:
    """Make a headset whose two devices are late, and put it on the agent's head."""
    mic = FakeDevice(
        MICROPHONE, sample_rate=RATE, content=agent.speak, latency_s=recording_s, jitter_s=0.001, tells_latency=told
    )
    ear = FakeDevice(EARPIECE, inputs=0, outputs=1, sample_rate=RATE, playing_latency_s=playing_s, tells_latency=told)
    agent.earpiece = ear
    return FakeSoundSystem(mic, ear)


@dataclass
class MadeAgent:
    """Answers the customer's turns after the given waits, in seconds, then says no more."""

    waits_s: list[float]
    seed: int = 2
    earpiece: FakeDevice | None = None
    heard: list[NDArray[np.float32]] = field(default_factory=list)
    spoken: list[NDArray[np.float32]] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)  # sample of `heard` at which each answer begins
    ended: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        sound, spans = spoken_lines(Side.AGENT, len(self.waits_s), seed=self.seed)
        self._answers = [sound[start:end] for start, end in spans]
        self._to_say = np.zeros(0, np.float32)
        self._noise = np.random.default_rng(self.seed)
        self._quiet: int | None = None  # samples since the customer's last sound; None: the customer said nothing new
        self._n = 0

    def speak(self, first: int, n: int, rate: float) -> Int16:
        """Return the microphone's samples, having heard the earpiece during them."""
        assert self.earpiece is not None
        heard = np.zeros(n, np.int16)
        for begin, run in self.earpiece.played.items():
            low, high = max(begin, first), min(begin + len(run), first + n)
            if low < high:
                heard[low - first : high - first] = run[low - begin : high - begin]
        self.heard.append(heard / np.float32(32768))
        said = self._said(n, loud=float(np.sqrt(np.mean(self.heard[-1] ** 2))) > _LOUD)
        self._n += n
        hiss = 10 ** (-75 / 20) * self._noise.standard_normal(n)
        self.spoken.append((said + hiss).astype(np.float32))
        return np.round(self.spoken[-1] * 32767).astype(np.int16)

    def _said(self, n: int, *, loud: bool) -> NDArray[np.float32]:
        out = np.zeros(n, np.float32)
        if loud:
            self._quiet = 0
        elif self._quiet is not None:
            self._quiet += n
        k = len(self.begun)
        if self._quiet is not None and k < len(self._answers) and self._quiet >= self.waits_s[k] * RATE:
            self._to_say, self._quiet = self._answers[k], None
            self.begun.append(self._n)
            self.ended.append(self._n + len(self._to_say))
        out[: len(self._to_say[:n])] = self._to_say[:n]
        self._to_say = self._to_say[n:]
        return out

    def turns_heard(self, customer: Customer) -> list[tuple[int, int]]:
        """Return where the first and the last sound of each of the customer's turns were heard, to the sample."""
        heard = np.concatenate(self.heard)
        edge = round(customer.edge_s * RATE)
        found = []
        for turn in customer.turns:
            voice = turn[edge : len(turn) - edge]
            begin = int(np.argmax(fftconvolve(heard, voice[::-1], mode="valid")))
            found.append((begin, begin + len(voice)))
        return found
