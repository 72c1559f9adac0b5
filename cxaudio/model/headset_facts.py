"""`HeadsetFacts`: measured facts of the headset that change how a call is analysed."""

from dataclasses import dataclass

__all__ = ["HeadsetFacts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsetFacts:
    """Measured facts of a headset; a fact that was not measured is None."""

    wideband: bool | None = None  # the microphone passes 6.5 kHz or more
    microphone_noise_dbov: float | None = None  # noise of the microphone in a quiet room
    coupling_loss_db: float | None = None  # earpiece to microphone
    round_trip_s: float | None = None  # delay from the earpiece's signal to the microphone's
    noise_gate: bool | None = None  # the headset mutes its microphone between words
