"""Measure three simulated headsets with known faults through a private PulseAudio, and compare them.

usage: PYTHONPATH=.:tests python -m benchmarks.virtual_headsets --out DIR [--wearings N] [--takes LIST] [--only NAME]

For each take of `cxaudio headset measure`, the sound that the simulated headset would pick up is played into a made
microphone, recorded by the same capture code as a live call, and kept. Then `cxaudio headset compare` makes the page.
It runs in real time: about five minutes for each headset and wearing. Takes that exist are not measured again, so the
headsets may be measured at the same time, each with --only. Linux, with pulseaudio installed.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cxaudio.devices.sound_system import SoundDevice, SoundSystem
from cxaudio.laboratory.analyse import analyse_several, write_comparison
from cxaudio.laboratory.example_takes import EXAMPLES, Example, worn
from cxaudio.laboratory.takes.deck import Deck, Recorded
from cxaudio.laboratory.takes.operator import SilentOperator
from cxaudio.laboratory.takes.protocol import Role, TakePlan
from cxaudio.laboratory.takes.recording_session import Answer, OperatorNotes, RecordingSession, SessionPlan
from cxaudio.laboratory.takes.start_session import chosen_roles
from support.audio_server import MICROPHONE, MICROPHONE_FEED, AudioServer

__all__ = ["MODELS", "main"]

_RATE = 16_000

_CLEAR, _OFFICE, _NARROW = EXAMPLES
MODELS = {
    "Good": _CLEAR,
    "Middle": _OFFICE,
    "Poor": replace(_NARROW, headset=replace(_NARROW.headset, control_slope=0.5)),
}
"""From best to worst."""


class _HeadsetDeck(Deck):
    """Play the sound that the simulated headset picks up, instead of the sound that is sent."""

    def __init__(self, system: SoundSystem, microphone: SoundDevice, feed: SoundDevice, example: Example):
        super().__init__(system, microphone, block_ms=20.0)
        self.feed = feed
        self.example = example
        self.role, self.number = Role.QUIET, 1

    def record(
        self,
        seconds: float,
        *,
        play: NDArray[np.float32] | None = None,
        output: SoundDevice | None = None,
        block_ms: float | None = None,
        meter: Callable[[float, float], None] | None = None,
    ) -> Recorded:
        """Record the sound that the headset picks up."""
        headset = self.example.headset if self.role is Role.OPENING else worn(self.example, self.number)
        rng = np.random.default_rng([list(Role).index(self.role), self.number])
        sent = np.zeros(round((seconds + 1) * _RATE)) if play is None else play.astype(np.float64)
        if self.role is Role.EARPIECE:
            sound = headset.record(rng, earpiece=sent, tail_s=1.0)
        elif self.role is Role.FAR:
            sound = headset.record(rng, room=sent, tail_s=1.0)
        elif self.role is Role.BABBLE:
            sound = headset.record(rng, mouth=sent, room=0.05 * rng.normal(size=len(sent) + _RATE), tail_s=1.0)
        else:
            sound = headset.record(rng, mouth=sent, tail_s=1.0)
        return super().record(seconds, play=sound.astype(np.float32), output=self.feed, block_ms=block_ms, meter=meter)


class _HeadsetSession(RecordingSession):
    """Give the deck the role and the number of each take."""

    def _record(self, plan: TakePlan, number: int, output: SoundDevice | None) -> Answer:
        assert isinstance(self.deck, _HeadsetDeck)
        self.deck.role, self.deck.number = plan.role, number
        return super()._record(plan, number, output)


def _measure(name: str, folder: Path, *, wearings: int, roles: Sequence[Role]) -> None:
    with tempfile.TemporaryDirectory(prefix="cx-pa-") as place:
        server = AudioServer(Path(place))
        server.start()
        try:
            os.environ.update(server.environment)
            from cxaudio.devices.soundcard import open_sound_system

            system = open_sound_system()
            devices = {device.name: device for device in system.devices()}
            feed = devices[MICROPHONE_FEED]
            plan = SessionPlan(
                model=name,
                earpiece=feed,
                mouth=feed,
                wearings=wearings,
                roles=tuple(roles),
                notes=OperatorNotes(os_effects="none", firmware="simulated", notes="through a private sound server"),
            )
            deck = _HeadsetDeck(system, devices[MICROPHONE], feed, MODELS[name])
            _HeadsetSession(deck, plan, folder, SilentOperator()).run()
            system.close()
        finally:
            server.kill()


def main() -> int:
    """Measure the takes that are missing, then compare the headsets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for takes and page")
    parser.add_argument("--wearings", type=int, default=2, help="how often each is put on")
    parser.add_argument("--takes", help="roles with commas; all where left out")
    parser.add_argument("--only", choices=list(MODELS), help="measure this one and do not compare")
    arguments = parser.parse_args()
    roles = chosen_roles(arguments.takes)
    for name in [arguments.only] if arguments.only else list(MODELS):
        _measure(name, arguments.out / name, wearings=arguments.wearings, roles=roles)
    if arguments.only:
        return 0
    reports = analyse_several([arguments.out / name for name in MODELS])
    written = write_comparison(reports, arguments.out / "comparison")
    from cxaudio.laboratory.report.compare import compare_headsets

    standings = compare_headsets(reports).standings
    for each in standings:
        print(f"{each.rank}. {each.model}: {', '.join(str(cause.spec.cause) for cause in each.causes) or 'best'}")
    print(written[0])
    return 0 if [each.model for each in standings] == list(MODELS) else 1


if __name__ == "__main__":
    sys.exit(main())
