"""Draw the comparisons as small SVG files, which need no library and are the same for the same figures."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from benchmarks.peers.bootstrap import Floats

__all__ = ["write_dots", "write_scatter"]

_ROW = 18  # height of a row, in units of the drawing
_LABELS = 300  # width of the names
_PANEL = 270
_GAP = 40
_COLOURS = ("#0b6e4f", "#b4540a", "#4a4e9c")
_STYLE = (
    "<style>text{font:11px sans-serif;fill:#222}.rule{stroke:#ccc}.ours{font-weight:bold}.ground{fill:#fff}"
    ".edge{fill:none;stroke:#999}</style>"
)

Interval = tuple[float, float, float]  # value, low, high


def write_dots(
    file: Path, panels: Mapping[str, Mapping[str, Mapping[str, Interval]]], *, least: Mapping[str, float]
) -> None:
    """Draw a row for each program, a panel for each figure, a dot with its interval for each set.

    Parameters
    ----------
    file : Path
        The SVG file to write.
    panels : mapping
        Panel to set to program to (value, low, high). All programs of the first set are drawn, in its order.
    least : mapping
        Left end of each panel; the right end is 1.
    """
    sets = list(next(iter(panels.values())))
    names = list(next(iter(panels.values()))[sets[0]])
    width = _LABELS + len(panels) * (_PANEL + _GAP)
    top = 44
    height = top + len(names) * _ROW + 24
    parts = []
    for k, name in enumerate(sets):
        parts.append(f'<circle cx="{_LABELS + 8 + 190 * k}" cy="12" r="3.5" fill="{_COLOURS[k]}"/>')
        parts.append(f'<text x="{_LABELS + 16 + 190 * k}" y="16">{escape(name)}</text>')
    for row, name in enumerate(names):
        y = top + row * _ROW
        kind = ' class="ours"' if row == 0 else ""
        parts.append(f'<text x="{_LABELS - 8}" y="{y + 13}" text-anchor="end"{kind}>{escape(name)}</text>')
    for number, (title, by_set) in enumerate(panels.items()):
        left, low_end = _LABELS + number * (_PANEL + _GAP), least[title]
        scale = _PANEL / (1 - low_end)
        parts.append(f'<text x="{left}" y="36">{escape(title)}</text>')
        for tick in np.linspace(low_end, 1, 5):
            x = left + (tick - low_end) * scale
            parts.append(f'<path class="rule" d="M{x:.0f} {top}V{height - 20}"/>')
            parts.append(f'<text x="{x:.0f}" y="{height - 6}" text-anchor="middle">{tick:.2f}</text>')
        for k, found in enumerate(by_set.values()):
            for row, name in enumerate(names):
                value, low, high = found[name]
                y = top + row * _ROW + 4 + k * 5
                ends = [left + max(0.0, each - low_end) * scale for each in (low, high, value)]
                parts.append(f'<path stroke="{_COLOURS[k]}" d="M{ends[0]:.1f} {y}H{ends[1]:.1f}"/>')
                fill = _COLOURS[k] if value >= low_end else "none"  # a ring at the left end: less than can be drawn
                parts.append(f'<circle cx="{ends[2]:.1f}" cy="{y}" r="2.5" fill="{fill}" stroke="{_COLOURS[k]}"/>')
    _write(file, width, height, parts)


def write_scatter(file: Path, true: Floats, counted: Mapping[str, Floats]) -> None:
    """Draw counted against true syllables a second, a square for each counter, with the line of equal rates."""
    side, gap, top = 190, 44, 26
    low, high = 1.5, 9.0
    scale = side / np.log(high / low)
    parts = []
    for number, (name, own) in enumerate(counted.items()):
        left = gap + number * (side + gap)
        x = left + np.log(np.clip(true, low, high) / low) * scale
        y = top + side - np.log(np.clip(own, low, high) / low) * scale
        kind = ' class="ours"' if number == 0 else ""
        parts.append(f'<text x="{left}" y="16"{kind}>{escape(name)}</text>')
        parts.append(f'<rect class="edge" x="{left}" y="{top}" width="{side}" height="{side}"/>')
        parts.append(f'<path class="rule" d="M{left} {top + side}L{left + side} {top}"/>')
        for tick in (2, 3, 4, 6, 8):
            at = np.log(tick / low) * scale
            parts.append(f'<text x="{left + at:.0f}" y="{top + side + 14}" text-anchor="middle">{tick}</text>')
            parts.append(f'<text x="{left - 5}" y="{top + side - at + 4:.0f}" text-anchor="end">{tick}</text>')
        dots = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x, y, strict=True))
        colour = _COLOURS[0] if number == 0 else _COLOURS[1]
        parts.append(f'<path d="{dots}" stroke="{colour}" stroke-width="4" stroke-linecap="round" opacity=".6"/>')
    height = top + side + 36
    parts.append(f'<text x="{gap}" y="{height - 6}">true (across) and counted (up) syllables a second</text>')
    _write(file, gap + len(counted) * (side + gap), height, parts)


def _write(file: Path, width: int, height: int, parts: Sequence[str]) -> None:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    ground = f'<rect class="ground" width="{width}" height="{height}"/>'
    file.write_text("\n".join([head, _STYLE, ground, *parts, "</svg>"]) + "\n", encoding="utf-8")
