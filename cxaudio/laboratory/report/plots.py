"""Draw the curves of headsets as SVG that is part of the page and takes its colours from it.

The only importer of matplotlib and librosa, inside functions.
"""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from cxaudio.errors import UsageError
from cxaudio.laboratory.measures.figure import Curve, CurveSpec
from cxaudio.laboratory.measures.headset_report import HeadsetReport
from cxaudio.laboratory.report.wording import Wording
from dsp.measurement.masks import MICROSOFT_PREMIUM, MICROSOFT_STANDARD, WIDEBAND_SEND, Mask

__all__ = ["N_COLOURS", "Drawing", "draw_all", "need_libraries"]

Axes = Any  # of matplotlib, which is not imported before something is drawn

N_COLOURS = 8
# Placeholders that no other colour of a drawing has; the page's own variables replace them.
_INK, _SOFT, _RULE, _WASH = "#010203", "#010204", "#010205", "#010206"
_MODELS = tuple(f"#0102{16 + k:02x}" for k in range(N_COLOURS))
_VARIABLES = {_INK: "--ink", _SOFT: "--ink-2", _RULE: "--rule", _WASH: "--wash"} | {
    colour: f"--model-{k + 1}" for k, colour in enumerate(_MODELS)
}
_DASHES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (3, 1.5)), (0, (6, 1.5, 1.2, 1.5)), (0, (1.2, 1.2)), "-", "--", ":")
_MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
_WIDE, _HALF, _SMALL = (9.4, 3.5), (4.6, 2.9), (3.05, 2.0)
_TICKS_HZ = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_SPECTROGRAM_S = 6.0
_LEAST_TOP_HZ = 8_500.0


class Drawing:
    """One drawing of the page.

    Parameters
    ----------
    key : str
        Short name.
    title, caption : str
        Text above and below the drawing.
    svg : str
        The drawing.
    label : str, optional
        What it shows, for those who do not see it; the title where left out.
    size : str
        ``wide``, ``half`` or ``small``.
    """

    def __init__(
        self, key: str, title: str, caption: str, svg: str, *, label: str | None = None, size: str = "half"
    ) -> None:
        self.key, self.title, self.caption, self.svg, self.size = key, title, caption, svg, size
        self.label = label or title


def need_libraries() -> None:
    """Refuse to draw, before anything is computed, where it cannot be done.

    Raises
    ------
    UsageError
        If matplotlib or librosa is not installed.
    """
    for name in ("matplotlib", "librosa"):
        if find_spec(name) is None:
            raise UsageError(f"the page's drawings need {name}, which is not installed; pip install 'cxaudio[lab]'")


def draw_all(reports: Sequence[HeadsetReport], words: Wording | None = None) -> tuple[Drawing, ...]:
    """Draw everything that the reports hold curves for.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        One, or several that are drawn over one another.
    words : Wording, optional
        Words of the reader's language; English where left out.

    Returns
    -------
    tuple of Drawing
        The same reports give the same bytes.

    Raises
    ------
    UsageError
        If matplotlib or librosa is not installed.
    """
    need_libraries()
    makers: tuple[Callable[[Sequence[HeadsetReport], Wording], Iterator[Drawing]], ...] = (
        _responses,
        _speech_responses,
        _noises,
        _distortions,
        _couplings,
        _near_far,
        _latencies,
        _spectrograms,
    )
    with _style():
        return tuple(drawing for make in makers for drawing in make(reports, words or Wording()))


def _responses(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    drawn = [(k, _best_response(report)) for k, report in enumerate(reports)]
    known = [(k, curve) for k, curve in drawn if curve is not None]
    if not known:
        return
    figure, axes = _axes(_WIDE)
    _mask(axes, WIDEBAND_SEND, fill=True)
    _mask(axes, MICROSOFT_STANDARD, dashes=(0, (5, 3)))
    _mask(axes, MICROSOFT_PREMIUM, dashes=(0, (1, 2)))
    for k, curve in known:
        _line(axes, k, curve)
    _hertz(axes, 80, _top(known))
    axes.set_ylim(-22, 13)
    axes.set_ylabel(words.text("drawing.response_axis"))
    yield _drawing("response", words, figure, spec=known[0][1].spec, size="wide")


def _best_response(report: HeadsetReport) -> Curve | None:
    for key in ("response", "response_speech"):
        curve = report.curve(key)
        if curve.withheld is None:
            return curve
    return None


def _speech_responses(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    return _curves(reports, words, "response_speech", low_hz=80, range_db=(-22, 13))


def _noises(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    return _curves(reports, words, "noise", low_hz=50, steps=True)


def _distortions(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    known = _known(reports, "thd")
    if not known:
        return
    figure, axes = _axes(_HALF)
    for k, curve in known:
        _line(axes, k, curve, open_marks=True)
    for percent, name in ((2.5, "premium"), (3.2, "standard")):  # Microsoft's
        axes.plot([250, 4_000], [percent, percent], color=_SOFT, linewidth=0.7, linestyle=(0, (5, 3)))
        axes.annotate(words.text(f"drawing.thd_{name}"), (4_000, percent), color=_SOFT, fontsize=7, va="center",
                      xytext=(3, 0), textcoords="offset points", annotation_clip=False)  # fmt: skip
    _hertz(axes, 180, 4_500)
    axes.set_yscale("log")
    low = min(float(np.nanmin(curve.mean)) for _, curve in known)
    high = max(float(np.nanmax(curve.mean)) for _, curve in known)
    axes.set_ylim(max(1e-3, min(0.1, low / 1.5)), max(10.0, 1.5 * high))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_ylabel(words.text("drawing.thd_axis"))
    yield _drawing("thd", words, figure, spec=known[0][1].spec)


def _couplings(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    return _curves(reports, words, "coupling", low_hz=180, open_marks=True)


def _near_far(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    return _curves(reports, words, "near_far", low_hz=180, open_marks=True)


def _curves(
    reports: Sequence[HeadsetReport],
    words: Wording,
    key: str,
    *,
    low_hz: float,
    range_db: tuple[float, float] | None = None,
    steps: bool = False,
    open_marks: bool = False,
) -> Iterator[Drawing]:
    """Draw one curve of each headset over frequency; nothing where none has it."""
    known = _known(reports, key)
    if not known:
        return
    figure, axes = _axes(_HALF)
    for k, curve in known:
        _line(axes, k, curve, steps=steps, open_marks=open_marks)
    _hertz(axes, low_hz, _top(known))
    if range_db is not None:
        axes.set_ylim(*range_db)
    axes.set_ylabel(words.text(f"drawing.{key}_axis"))
    yield _drawing(key, words, figure, spec=known[0][1].spec)


def _drawing(key: str, words: Wording, figure: Any, *, spec: CurveSpec | None = None, size: str = "half") -> Drawing:
    return Drawing(
        key,
        words.text(f"drawing.{key}"),
        words.text(f"drawing.{key}_caption"),
        _svg(figure),
        label=None if spec is None else words.curve(spec),
        size=size,
    )


def _latencies(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    known = [(k, np.array(report.openings_ms)) for k, report in enumerate(reports) if len(report.openings_ms) > 1]
    if not known:
        return
    from matplotlib.figure import Figure

    low = min(float(each.min()) for _, each in known)
    high = max(float(each.max()) for _, each in known)
    room = max(1.0, 0.08 * (high - low))
    edges = np.linspace(low - room, high + room, 41)
    figure = Figure(figsize=(_HALF[0], max(_HALF[1], 0.62 * len(known) + 0.7)))
    rows = np.atleast_1d(figure.subplots(len(known), 1, sharex=True, sharey=True))
    for axes, (k, delays) in zip(rows, known, strict=True):
        axes.hist(delays, bins=edges.tolist(), color=_MODELS[k % N_COLOURS], alpha=0.8)
        axes.axvline(float(np.median(delays)), color=_INK, linewidth=0.9, linestyle=(0, (4, 2)))
        label = words.text("drawing.latency_median", model=reports[k].model, ms=f"{np.median(delays):.1f}")
        axes.set_title(label, loc="left", pad=2, color=_INK, fontsize=7.5)
        _bare(axes)
        axes.yaxis.get_major_locator().set_params(integer=True, nbins=3)
        axes.margins(y=0.1)
    rows[-1].set_xlabel("ms")
    rows[len(rows) // 2].set_ylabel(words.text("drawing.latency_axis"))
    yield _drawing("latency", words, figure)


def _spectrograms(reports: Sequence[HeadsetReport], words: Wording) -> Iterator[Drawing]:
    import librosa

    for k, report in enumerate(reports):
        take = report.excerpt
        if take is None:
            continue
        rate = take.sample_rate
        x = np.asarray(take.samples[: round(_SPECTROGRAM_S * rate)], np.float32)
        length = 2 ** round(np.log2(0.03 * rate))
        power = np.abs(librosa.stft(x, n_fft=length, hop_length=length // 4)) ** 2
        # Relative to a full-scale sine in the same bin: 0 is its RMS of -3 dBov.
        level = 20 * np.log10(np.sqrt(power) * 4 / length + 1e-7)
        from matplotlib.figure import Figure

        size = _HALF if len(reports) == 1 else _SMALL
        figure = Figure(figsize=size)
        axes = figure.subplots()
        axes.imshow(
            level[:: max(1, len(level) // 256)],
            origin="lower",
            aspect="auto",
            extent=(0.0, len(x) / rate, 0.0, rate / 2000),
            vmin=-100,
            vmax=-20,
            cmap="magma",
            interpolation="antialiased",
        )
        axes.set_xlabel("s")
        axes.set_ylabel("kHz")
        _bare(axes, grid=False)
        yield Drawing(
            f"spectrogram-{k + 1}",
            words.text("drawing.spectrogram", model=report.model),
            words.text("drawing.spectrogram_caption", seconds=f"{len(x) / rate:.0f}", take=take.name),
            _svg(figure),
            size="half" if len(reports) == 1 else "small",
        )


def _known(reports: Sequence[HeadsetReport], key: str) -> list[tuple[int, Curve]]:
    found = [(k, report.curve(key)) for k, report in enumerate(reports)]
    return [(k, curve) for k, curve in found if curve.withheld is None and np.isfinite(curve.mean).any()]


def _top(known: Sequence[tuple[int, Curve]]) -> float:
    return max(_LEAST_TOP_HZ, *(float(curve.x[np.isfinite(curve.mean)][-1]) * 1.1 for _, curve in known))


def _axes(size: tuple[float, float]) -> tuple[Any, Axes]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size)
    axes = figure.subplots()
    _bare(axes)
    return figure, axes


def _bare(axes: Axes, *, grid: bool = True) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(_RULE)
    axes.tick_params(colors=_SOFT, labelsize=7.5, length=3, which="both")
    axes.xaxis.label.set_color(_SOFT)
    axes.yaxis.label.set_color(_SOFT)
    if grid:
        axes.grid(True, which="major", color=_RULE, linewidth=0.5)
        axes.set_axisbelow(True)


def _hertz(axes: Axes, low: float, high: float) -> None:
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    ticks = [hertz for hertz in _TICKS_HZ if low <= hertz <= high]
    axes.set_xticks(ticks, [f"{hertz // 1000}k" if hertz >= 1000 else str(hertz) for hertz in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("Hz")


def _line(axes: Axes, k: int, curve: Curve, *, steps: bool = False, open_marks: bool = False) -> None:
    colour = _MODELS[k % N_COLOURS]
    known = np.isfinite(curve.mean)
    x, y = curve.x[known], curve.mean[known]
    axes.plot(
        x,
        y,
        color=colour,
        linewidth=1.5,
        linestyle=_DASHES[k % N_COLOURS],
        drawstyle="steps-mid" if steps else "default",
    )
    if np.isfinite(curve.spread).any():
        width = np.where(np.isfinite(curve.spread[known]), curve.spread[known], 0.0)
        step = "mid" if steps else None
        axes.fill_between(x, y - width, y + width, step=step, color=colour, alpha=0.18, linewidth=0)
    if open_marks:
        bounded = curve.bounded[known]
        axes.plot(x[~bounded], y[~bounded], color=colour, linestyle="none", marker=_MARKS[k % N_COLOURS], markersize=3)
        axes.plot(x[bounded], y[bounded], color=colour, linestyle="none", marker=_MARKS[k % N_COLOURS], markersize=4,
                  markerfacecolor="none", markeredgewidth=0.9)  # fmt: skip


def _mask(axes: Axes, mask: Mask, *, fill: bool = False, dashes: Any = "-") -> None:
    ends = [point[0] for point in (*mask.upper, *mask.lower)]
    hertz = np.geomspace(min(ends), max(ends), 240)
    upper, lower = mask.limits(hertz)
    if fill:
        axes.fill_between(hertz, np.where(np.isfinite(lower), lower, -40), np.where(np.isfinite(upper), upper, 40),
                          where=np.isfinite(upper).tolist(), color=_WASH, linewidth=0)  # fmt: skip
    for line in (upper, lower):
        known = np.isfinite(line)
        axes.plot(hertz[known], line[known], color=_SOFT, linewidth=0.7, linestyle=dashes)


@contextmanager
def _style() -> Iterator[None]:
    import matplotlib

    values: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "cxaudio",
        "font.family": "sans-serif",
        "font.size": 8,
        "axes.labelsize": 8,
        "text.color": _INK,
        "figure.facecolor": "none",
        "axes.facecolor": "none",
        "savefig.facecolor": "none",
        "axes.unicode_minus": True,
        "path.simplify": True,
    }
    with matplotlib.rc_context(values):
        yield


def _svg(figure: Any) -> str:
    """Return the drawing without the head of an SVG file, in the page's colours and fonts."""
    out = io.StringIO()
    with warnings.catch_warnings():
        # The font that lengths are taken from has no Chinese; the page's fonts write it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.tight_layout(pad=0.4)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", text, count=1)
    text = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", text, count=1)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    text = re.sub(r"font-family: [^;\"]+; ?", "", text)
    return _own_ids(text)


def _own_ids(text: str) -> str:
    """Make names unique in the page: each gets a prefix computed from the drawing's content."""
    import hashlib

    prefix = "d" + hashlib.sha256(text.encode()).hexdigest()[:8] + "-"
    names = set(re.findall(r'\bid="([^"]+)"', text))
    text = re.sub(r'\bid="([^"]+)"', lambda found: f'id="{prefix}{found[1]}"', text)
    text = re.sub(r'="#([^"]+)"', lambda found: f'="#{prefix if found[1] in names else ""}{found[1]}"', text)
    return re.sub(r"url\(#([^)]+)\)", lambda found: f"url(#{prefix}{found[1]})", text)
