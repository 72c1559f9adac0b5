"""Make a headset's profile for live sessions from its report; facts that were not measured are left out."""

import re
from pathlib import Path

from cxaudio.laboratory.measures.figure import Bound, Figure, Presence
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.figure_text import wearings_text
from cxaudio.laboratory.report.files import file_slug
from cxaudio.laboratory.takes.take import conditions_of
from cxaudio.model.policy import HeadsetProfile
from cxaudio.sinks.files import write_whole

__all__ = ["profile_of", "profile_toml", "write_profile"]

_WIDEBAND_HZ = 6_500.0
_WORDS: dict[Bound, str] = {"exact": "", "at_least": "at least ", "at_most": "at most "}


def profile_of(
    report: HeadsetReport, *, maker: str | None = None, known: HeadsetProfile | None = None
) -> HeadsetProfile:
    """Make the profile of a headset.

    Parameters
    ----------
    report : HeadsetReport
        Report of the headset.
    maker : str, optional
        Who makes it; else the first word of the model's name where it has several.
    known : HeadsetProfile, optional
        An earlier profile of the model: its names are kept.

    Returns
    -------
    HeadsetProfile
        None in every field that was not measured. The noise of a closed gate, or at the gain that gain control gives
        silence, is none of the microphone and is left out. Of a coupling loss the least that is known is kept, since
        more loss does no harm; where only the most is known it is left out.
    """
    found_maker, model = _names(report.model, maker) if known is None else (maker or known.maker, known.model)
    noise = report.figure("noise.total_dbov")
    gated = _gate(report)
    coupling = report.figure("coupling.weighted_db")
    band = report.figure("bandwidth.upper_hz")
    latency = report.figure("latency.median_ms")
    return HeadsetProfile(
        model=model,
        maker=found_maker,
        name_patterns=tuple(dict.fromkeys((*(known.name_patterns if known else ()), *_patterns(report)))),
        usb_ids=known.usb_ids if known else (),
        wideband=None if band.value is None else band.value >= _WIDEBAND_HZ,
        microphone_noise_dbov=None if gated or noise.bound != "exact" or noise.known else _rounded(noise, 1),
        coupling_loss_db=None if coupling.bound == "at_most" else _rounded(coupling, 1),
        round_trip_s=None if latency.value is None else round(latency.value / 1000, 4),
        noise_gate=gated,
    )


def profile_toml(report: HeadsetReport, *, maker: str | None = None, known: HeadsetProfile | None = None) -> str:
    """Write the profile as TOML, each fact with the conditions it was measured under.

    Examples
    --------
    >>> import tomllib
    >>> from cxaudio.laboratory.measures.headset_report import measure_headset
    >>> from cxaudio.laboratory.takes.judge import judge_takes
    >>> tomllib.loads(profile_toml(measure_headset(judge_takes("Hion U800", []))))["maker"]
    'Hion'
    """
    profile = profile_of(report, maker=maker, known=known)
    lines = [
        f"# {_line(report.model)}: measured by cxaudio headset, {wearings_text(report.n_wearings)}. A fact not "
        "measured is left out.",
        "schema = 1",
        f"maker = {_text(profile.maker)}",
        f"model = {_text(profile.model)}",
    ]
    if profile.name_patterns:
        lines.append("# Of the device as the system names it.")
    lines.append(f"name_patterns = [{', '.join(map(_text, profile.name_patterns))}]")
    if profile.usb_ids:
        lines.append(f"usb_ids = [{', '.join(map(_text, profile.usb_ids))}]")
    for key, name in (
        ("bandwidth.upper_hz", "wideband"),
        ("noise.total_dbov", "microphone_noise_dbov"),
        ("coupling.weighted_db", "coupling_loss_db"),
        ("latency.median_ms", "round_trip_s"),
        ("gate.depth_db", "noise_gate"),
    ):
        value = getattr(profile, name)
        if value is None:
            continue
        lines.append(f"# {_line(_fact(report.figure(key)))}")
        lines.append(f"{name} = {str(value).lower() if isinstance(value, bool) else value}")
    return "\n".join(lines) + "\n"


def write_profile(
    report: HeadsetReport, folder: Path, *, maker: str | None = None, known: HeadsetProfile | None = None
) -> Path:
    """Write ``headsets/<model>.toml`` under a settings folder, where live and `cxaudio.settings` find it.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    path = folder / "headsets" / f"{file_slug(report.model)}.toml"
    write_whole(path, profile_toml(report, maker=maker, known=known))
    return path


def _names(model: str, maker: str | None) -> tuple[str, str]:
    if maker is not None:
        return maker, model.removeprefix(maker).strip() or model
    first, _, rest = model.partition(" ")
    return (first, rest.strip()) if rest.strip() else ("", model)


def _patterns(report: HeadsetReport) -> tuple[str, ...]:
    """Return patterns for the device's own name, taken literally."""
    names = conditions_of(report.takes.takes).get("device", ())
    return tuple(f"(?i){re.escape(name)}" for name in names[:3])


def _gate(report: HeadsetReport) -> bool | None:
    presence = report.figure("gate.depth_db").presence
    return None if presence is None else presence is Presence.FOUND


def _rounded(figure: Figure, decimals: int) -> float | None:
    return None if figure.value is None else round(figure.value, decimals)


def _fact(figure: Figure) -> str:
    spec = figure.spec
    value = figure.text or ""
    if figure.value is not None:
        width = f" +- {figure.half_width:.{spec.decimals}f}" if figure.half_width else ""
        value = f"{_WORDS[figure.bound]}{figure.value:.{spec.decimals}f}{width} {spec.unit}"
    return f"{spec.name}: {value} ({figure.conditions})"


def _text(value: str) -> str:
    """Write a TOML string: literal where it holds no quote, so that patterns keep their backslashes."""
    if "'" not in value and value.isprintable():
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def _line(text: str) -> str:
    return " ".join(text.split())
