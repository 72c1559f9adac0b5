"""Write the signals of the protocol, for takes that are recorded with other tools."""

from collections.abc import Sequence
from pathlib import Path

from cxaudio.errors import UsageError
from cxaudio.laboratory.takes.made_call import made_call_sides
from cxaudio.laboratory.takes.protocol import PROTOCOL, Role, TakePlan
from cxaudio.laboratory.takes.signals import signal_of
from cxaudio.laboratory.takes.wav_bytes import wav_bytes
from cxaudio.sinks.files import write_whole

__all__ = ["write_signals"]

_LOWEST_RATE, _HIGHEST_RATE = 8_000, 192_000
_WHERE = {
    "nothing": "nothing is played",
    "mouth": "from a loudspeaker at the mouth",
    "earpiece": "in the headset's earpiece",
    "loop": "in the headset's earpiece, which lies on the microphone",
}
_OFTEN = {"wearing": "each time the headset is put on", "opening": "ten times, numbered", "once": "once"}
_HEAD = """\
Signals of the cxaudio headset protocol, {rate} Hz, 16 bit, one channel.

Play each file as it says below, record the headset's microphone at {rate} Hz in one channel, and save the recording
in this folder under the name that is given: speech.wav for the first time the headset is put on, speech-2.wav for the
second, and so on. Do not change the gain between takes, and turn effects of the system off.

A recording may begin up to 15 s before the sound. The exceptions are markers and opening: their figure is the delay,
so start playing and recording at the same instant, in one program that keeps both on one clock.

Takes that you leave out cost their own figures only. Then:

    cxaudio headset analyze THIS_FOLDER --model "MAKER MODEL" --out REPORT
"""


def write_signals(folder: Path, *, sample_rate: int) -> Sequence[Path]:
    """Write the signal of every take and a README.txt that says how each is used.

    The files are named ``ROLE.played.wav``, so that recordings named ``ROLE.wav`` in the same folder are analysed
    against them.

    Parameters
    ----------
    folder : Path
        Made where it is missing.
    sample_rate : int
        Hz, 8000 to 192000; the rate of the headset's microphone.

    Returns
    -------
    sequence of Path
        Files written, README.txt first.

    Raises
    ------
    StoreError
        If a file cannot be written.
    UsageError
        If the rate is out of range.
    """
    if not _LOWEST_RATE <= sample_rate <= _HIGHEST_RATE:
        raise UsageError(
            f"--rate {sample_rate} is out of range; give the rate of the headset's microphone, "
            f"{_LOWEST_RATE} to {_HIGHEST_RATE} Hz"
        )
    text = _HEAD.format(rate=sample_rate)
    written = []
    for plan in PROTOCOL:
        signal = made_call_sides(sample_rate)[0] if plan.role is Role.CALL else signal_of(plan.role, sample_rate)
        name = None
        if signal is not None:
            name = f"{plan.role}.played.wav"
            write_whole(folder / name, wav_bytes(signal, sample_rate, subtype="PCM_16"))
            written.append(folder / name)
        text += "\n" + _instructions(plan, name)
    write_whole(folder / "README.txt", text)
    return (folder / "README.txt", *written)


def _instructions(plan: TakePlan, name: str | None) -> str:
    lines = [
        f"{plan.title}: save as {plan.role}.wav",
        f"  play       {name}, {_WHERE[plan.where]}" if name else f"  play       {_WHERE[plan.where]}",
        f"  record     {plan.seconds:g} s, {_OFTEN[plan.repeated]}",
        f"  how        {plan.prompt}",
        f"  gives      {plan.gives}",
    ]
    return "\n".join(lines) + "\n"
