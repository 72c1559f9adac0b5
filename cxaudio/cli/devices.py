"""The commands ``devices`` and ``doctor``: parse, print, nothing else."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxaudio.cli.options import Json, print_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cxaudio.devices.sound_system import DeviceChoice, SoundDevice
    from cxaudio.live.doctor import Diagnosis, Finding, Step
    from cxaudio.model.policy import HeadsetProfile

__all__ = ["device_choice", "register"]

_Microphone = Annotated[
    str | None,
    typer.Option(
        "--microphone",
        "--agent-device",
        metavar="NAME",
        help="The agent's microphone: its name, or a pattern of it; NAME#0 its channel.",
    ),
]
_FarEnd = Annotated[
    str | None,
    typer.Option(
        "--far-end",
        "--customer-device",
        metavar="NAME",
        help="The input with the sound of the earpiece; NAME#1 its second channel.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command()(devices)
    app.command()(doctor)


def devices(json_: Json = False) -> int:
    """List the sound devices, what each delivers, and the headset profile that fits."""
    from cxaudio.devices.profiles import fitting_profile
    from cxaudio.devices.soundcard import open_sound_system
    from cxaudio.settings import headset_profiles

    profiles = headset_profiles()
    sound = open_sound_system()
    try:
        found = sound.devices()
        name = sound.name
    finally:
        sound.close()
    rows = [_row(device, fitting_profile(device, profiles)) for device in found]
    choice = _chosen(found, lambda device: fitting_profile(device, profiles))
    if json_:
        print_json({"system": name, "devices": rows, "chosen": choice})
        return 0
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(name, markup=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("", "device", "name", "host", "in", "out", "Hz", "hears", "profile"):
        table.add_column(heading, justify="right" if heading in ("in", "out", "Hz") else "left", overflow="fold")
    for row in rows:
        sign = "".join(letter for letter, key in (("A", "microphone"), ("C", "far_end")) if row["name"] == choice[key])
        profile = _profile_text(row["profile"], profiles)
        hears = row["monitor_of"] or ("muted" if row["muted"] else "")
        numbers = (str(row["inputs"] or ""), str(row["outputs"] or ""), str(row["sample_rate"]))
        texts = (sign, row["description"], row["name"], row["host"], *numbers, hears, profile)
        table.add_row(*(text.replace("[", r"\[") for text in texts))
    console.print(table)
    for key, letter, side in (("microphone", "A", "agent"), ("far_end", "C", "customer")):
        if choice[key] is None:
            console.print(f"{side}: {choice['why_not'][key]}", markup=False)
        else:
            console.print(f"{letter} is what would hear the {side}", markup=False)
    return 0


def doctor(
    microphone: _Microphone = None,
    far_end: _FarEnd = None,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="S", help="How long to wait for a word.", min=0.5, max=600)
    ] = 4.0,
    skew: Annotated[
        bool, typer.Option("--skew", help="Also measure for 25 s by how much the devices' clocks differ.")
    ] = False,
    json_: Json = False,
) -> int:
    """Check the sound of both sides: ask for a word, play a soft tone, and say which side has none and what helps.

    Exit code 0: both sides have sound. 4: a side has none.
    """
    from cxaudio.devices.far_end import choose_customer, choose_microphone
    from cxaudio.devices.profiles import fitting_profile
    from cxaudio.devices.soundcard import open_sound_system
    from cxaudio.live.doctor import examine
    from cxaudio.settings import headset_profiles

    profiles = headset_profiles()
    requested = [device_choice(microphone), device_choice(far_end)]
    sound = open_sound_system()
    try:
        there = sound.devices()
        mic = choose_microphone(there, requested[0], profile_of=lambda device: fitting_profile(device, profiles))
        far = choose_customer(there, requested[1], microphone=mic)
        channels = (
            None if requested[0] is None else requested[0].channel,
            None if requested[1] is None else requested[1].channel,
        )
        diagnosis = examine(
            sound,
            mic,
            far,
            channels=channels,
            word_s=seconds,
            listen_s=25.0 if skew else 0.0,
            tell=_teller(quiet=json_),
        )
    finally:
        sound.close()
    if json_:
        print_json(diagnosis.to_dict() | {"profile": fitting_profile(mic, profiles)})
    else:
        _print_diagnosis(diagnosis, _profile_text(fitting_profile(mic, profiles), profiles))
    return 0 if diagnosis.both_heard else 4


def device_choice(text: str | None) -> "DeviceChoice | None":
    """Read a device from a command line: a name or a pattern of it in any case; ``#0`` behind it is its channel."""
    from cxaudio.devices.sound_system import DeviceChoice, name_pattern
    from cxaudio.errors import UsageError

    if text is None:
        return None
    name, _, number = text.partition("#")
    if number and not number.isdigit():
        raise UsageError(f"{text!r} names no channel; write NAME#0 or NAME#1")
    return DeviceChoice(pattern=name_pattern(name), channel=int(number) if number else None)


def _profile_text(name: str | None, profiles: "Mapping[str, HeadsetProfile]") -> str:
    """Write a profile's name with the maker and the model of the headset; nothing where no profile fits."""
    return "" if name is None else f"{name} ({profiles[name].maker} {profiles[name].model})"


def _row(device: "SoundDevice", profile: str | None) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(device) | {"profile": profile}


def _chosen(found: "tuple[SoundDevice, ...]", profile_of: "Callable[[SoundDevice], str | None]") -> dict[str, Any]:
    from cxaudio.devices.far_end import choose_customer, choose_microphone, far_end_way
    from cxaudio.errors import DeviceError

    chosen: dict[str, Any] = {"microphone": None, "far_end": None, "far_end_way": None, "why_not": {}}
    try:
        mic = choose_microphone(found, profile_of=profile_of)
        chosen["microphone"] = mic.name
    except DeviceError as error:
        chosen["why_not"] = {"microphone": str(error), "far_end": "no microphone, no far end"}
        return chosen
    try:
        far = choose_customer(found, microphone=mic)
        chosen["far_end"], chosen["far_end_way"] = far.name, far_end_way(far).value
    except DeviceError as error:
        chosen["why_not"] = {"far_end": str(error)}
    return chosen


def _teller(*, quiet: bool) -> "Callable[[Step, tuple[float, float]], None]":
    """Say what to do, and show both levels on a terminal."""
    import sys

    said: set[str] = set()
    orders = {
        "word": "Say a word into the headset.",
        "tone": "A soft tone is played into the earpiece.",
        "skew": "Listening to both clocks; nothing to do.",
    }

    def tell(step: "Step", levels: tuple[float, float]) -> None:
        if quiet:
            return
        live = sys.stderr.isatty()
        if step.value not in said:
            said.add(step.value)
            print(("\r\033[K" if live else "") + orders[step.value], file=sys.stderr)
        if live:
            bars = [f"{side} {_bar(level)}" for side, level in zip(("agent", "customer"), levels, strict=True)]
            print("\r\033[K" + "   ".join(bars), end="", file=sys.stderr, flush=True)

    return tell


def _bar(level_dbov: float) -> str:
    filled = max(0, min(20, round((max(level_dbov, -70.0) + 70) / 3)))
    return "#" * filled + "." * (20 - filled)


def _print_diagnosis(diagnosis: "Diagnosis", profile: str) -> None:
    import sys

    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    print(diagnosis.system)
    for finding in (diagnosis.agent, diagnosis.customer):
        print(f"{finding.side}: {_sentence(finding)}")
        print(f"  {finding.device} ({finding.name}), {finding.host}, {finding.sample_rate} Hz, {finding.channels} ch")
        if finding.cure:
            print(f"  cure: {finding.cure}")
    tone = {True: "the far end hears the tone", False: "the far end does not hear the tone", None: "no tone was played"}
    print(f"{tone[diagnosis.tone_heard]}; headset profile: {profile or 'none fits, generic is used'}")
    if diagnosis.skew_ppm is not None:
        print(f"the customer's device runs {diagnosis.skew_ppm:+.0f} ppm slower than the agent's; this is corrected")


def _sentence(finding: "Finding") -> str:
    level = "" if finding.level_dbov is None else f", at most {finding.level_dbov:.0f} dBov"
    trouble = f" ({finding.trouble.replace('_', ' ')})" if finding.trouble else ""
    says = {
        "heard": "is heard",
        "quiet": "is deaf: sound comes, but not what was asked for",
        "zeros": "is deaf: digital silence comes",
        "muted": "is deaf: the device is muted",
        "lost": "is deaf: no sound comes",
    }
    return says[finding.state] + level + trouble
