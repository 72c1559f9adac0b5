"""Write what was measured as tables in Markdown."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.results import markdown_table
from benchmarks.suppressors.cases import LEVELS_DBFS, STEP_WINDOWS_S, window_name
from benchmarks.suppressors.goals import GOALS, NOISY_RATIOS, Run, notices_after_s, spread
from benchmarks.suppressors.measures import Measure
from benchmarks.suppressors.pairs import CLEAN
from benchmarks.suppressors.scoring import Values, gains, values
from benchmarks.suppressors.suppressor import UNCHANGED, Suppressor

__all__ = ["all_tables", "goal_table", "mean_with_error", "number"]

_RATES = (16, 8)
_SETS = ("mixed 16 kHz", "mixed 8 kHz", "NOIZEUS 8 kHz")


def number(value: float, form: str) -> str:
    """Write a figure; one that is infinite or was not measured is a dash.

    Examples
    --------
    >>> number(0.0621, "{:+.3f}"), number(float("nan"), "{:.1f}")
    ('+0.062', '–')
    """
    return form.format(value) if np.isfinite(value) else "–"


def mean_with_error(found: Values, decimals: int) -> str:
    """Write a mean with its standard error; values that are infinite or were not measured are left out.

    Examples
    --------
    >>> mean_with_error(np.array([0.05, 0.07, np.nan]), 3)
    '+0.060 ± 0.010'
    """
    kept = found[np.isfinite(found)]
    if not len(kept):
        return "–"
    error = kept.std(ddof=1) / np.sqrt(len(kept)) if len(kept) > 1 else float("nan")
    return f"{kept.mean():+.{decimals}f} ± {number(error, f'{{:.{decimals}f}}')}"


def _mean(found: Values, form: str) -> str:
    kept = found[np.isfinite(found)]
    return number(float(kept.mean()), form) if len(kept) else "–"


class _Tables:
    """The tables of one run."""

    def __init__(self, run: Run, suppressors: Sequence[Suppressor], measures: Sequence[Measure]) -> None:
        self.run, self.scores = run, run.scores
        self.suppressors, self.measures = suppressors, measures

    def _rows(self, cells: Callable[[str], list[str]], *, noisy: bool = False) -> list[list[str]]:
        given = [UNCHANGED, *self.suppressors] if noisy else self.suppressors
        return [[each.name, *cells(each.key)] for each in given]

    def by_ratio(self) -> list[str]:
        """Return a table for each set and measure, and one of the mean changes for each set."""
        parts = []
        for name in _SETS:
            judged = self.scores.of(name)
            if not judged:
                continue
            ratios = sorted({each.condition.snr_db for each in judged})
            counts = ", ".join(f"{_ratio(ratio)} {len(self.scores.of(name, ratios=(ratio,)))}" for ratio in ratios)
            parts.append(f"### {name[0].upper()}{name[1:]}\n\nPairs: {counts}.")
            parts += [self._measure(name, measure, ratios) for measure in self.measures]
            parts += [self._changes(name), self._by_noise(name)]
        return parts

    def _measure(self, name: str, measure: Measure, ratios: Sequence[int]) -> str:
        def cells(key: str) -> list[str]:
            by_ratio = (self.scores.of(name, ratios=(ratio,)) for ratio in ratios)
            return [_mean(values(judged, key, measure.name), f"{{:.{measure.decimals}f}}") for judged in by_ratio]

        return markdown_table([measure.name, *map(_ratio, ratios)], self._rows(cells, noisy=True))

    def _changes(self, name: str) -> str:
        judged = self.scores.of(name, ratios=NOISY_RATIOS)
        at_20 = self.scores.of(name, ratios=(20,))

        def cells(key: str) -> list[str]:
            changes = [mean_with_error(gains(judged, key, m.name), m.decimals) for m in self.measures]
            stoi, harmed = gains(judged, key, "STOI"), gains(at_20, key, "STOI")
            under = f"{(stoi < 0).sum()} of {len(stoi)}"
            if not at_20:
                return [*changes, under]
            return [*changes, under, f"{(harmed < 0).sum()} of {len(harmed)}, worst {number(harmed.min(), '{:+.3f}')}"]

        columns = [f"mean change, {NOISY_RATIOS[0]} to {NOISY_RATIOS[-1]} dB", *(m.name for m in self.measures)]
        columns += ["STOI under the input's", *(["at 20 dB"] if at_20 else [])]
        return markdown_table(columns, self._rows(cells))

    def _by_noise(self, name: str) -> str:
        judged = self.scores.of(name, ratios=NOISY_RATIOS)
        noises = list(dict.fromkeys(each.condition.noise for each in judged))

        def cells(key: str) -> list[str]:
            by_noise = (self.scores.of(name, ratios=NOISY_RATIOS, noise=noise) for noise in noises)
            return [_mean(gains(each, key, "STOI"), "{:+.3f}") for each in by_noise]

        return markdown_table(["change of STOI by noise", *noises], self._rows(cells))

    def level(self, rate: int) -> str:
        """Return the gains in STOI at each level."""

        def cells(key: str) -> list[str]:
            by_level = (self.scores.of(f"level {rate} kHz", level_dbfs=level) for level in LEVELS_DBFS)
            return [
                *(_mean(gains(judged, key, "STOI"), "{:+.3f}") for judged in by_level),
                number(spread(self.scores, rate, key), "{:.4f}"),
            ]

        columns = [f"change of STOI, {rate} kHz", *(f"{level:g} dBFS" for level in LEVELS_DBFS), "spread"]
        return markdown_table(columns, self._rows(cells))

    def colleague(self, rate: int) -> str:
        """Return what is left of a colleague."""
        judged = self.scores.of(f"colleague {rate} kHz")

        def cells(key: str) -> list[str]:
            fall, stoi = values(judged, key, "taken off"), gains(judged, key, "STOI")
            return [_mean(fall, "{:.1f}"), number(float(fall.min()), "{:.1f}"), _mean(stoi, "{:+.3f}")]

        columns = [f"colleague, {rate} kHz", "taken off in pauses, dB", "least", "the wearer's STOI"]
        return markdown_table(columns, self._rows(cells))

    def step(self, rate: int) -> str:
        """Return what is taken off after a step of noise."""
        rows = []
        for noise in ("steady", "voices"):
            judged = self.scores.of(f"step {rate} kHz", noise=noise)
            for each in self.suppressors:
                found = [_mean(values(judged, each.key, window_name(window)), "{:.1f}") for window in STEP_WINDOWS_S]
                after = notices_after_s(self.scores, rate, noise, each.key)
                rows.append([f"{each.name}, {noise}", *found, number(after, "{:g} s")])
        columns = [f"after +25 dB, {rate} kHz: dB off", *map(window_name, STEP_WINDOWS_S), "10 dB off from"]
        return markdown_table(columns, rows)

    def cost(self) -> str:
        """Return delays and CPU times."""

        def cells(key: str) -> list[str]:
            found = []
            for rate in _RATES:
                cost = self.run.costs.get(1000 * rate, {}).get(key)
                if cost is None:
                    found += ["–"] * 3
                    continue
                late = f"{cost.nominal_ms:.0f} / {cost.measured_ms:.1f}"
                found.append(late if np.isfinite(cost.measured_ms) else "whole recording")
                found += [number(cost.whole_s, "{:.0f}"), number(cost.blocks_s, "{:.0f}")]
            return found

        heads = ("delay, ms: nominal / found", "CPU s an hour", "in 20 ms blocks")
        return markdown_table(
            ["cost", *(f"{head}, {rate} kHz" for rate in _RATES for head in heads)], self._rows(cells)
        )


def _ratio(snr_db: int) -> str:
    return "clean" if snr_db == CLEAN else f"{snr_db} dB"


def goal_table(run: Run, suppressors: Sequence[Suppressor]) -> str:
    """Return each goal beside what each of ours reaches, and the best of the peers that need no whole recording."""
    ours = [each for each in suppressors if each.own]
    peers = [each for each in suppressors if each.live and not each.own]
    rows = []
    for goal in GOALS:
        cells = []
        for each in ours:
            value = goal.compute(run, each.key)
            cells.append("–" if np.isnan(value) else f"{goal.written(value)}, {_verdict(goal.met(value))}")
        found = {peer.name: goal.compute(run, peer.key) for peer in peers}
        found = {name: value for name, value in found.items() if np.isfinite(value)}
        best = (max if goal.at_least else min)(found, key=found.__getitem__) if found else ""
        cells.append(f"{best} {goal.written(found[best])}" if best else "–")
        if any(cell != "–" for cell in cells):
            rows.append([goal.name, goal.to_reach(), *cells])
    return markdown_table(["goal", "to reach", *(each.name for each in ours), "best peer"], rows)


def identities(suppressors: Sequence[Suppressor]) -> str:
    """Return the table of what was measured: packages and licences."""
    rows = [[each.name, each.release or "–", each.licence] for each in suppressors]
    return markdown_table(["what was measured", "packages", "licence"], rows)


def _verdict(met: bool) -> str:
    return "met" if met else "**not met**"


def all_tables(run: Run, suppressors: Sequence[Suppressor], measures: Sequence[Measure]) -> str:
    """Return all tables of a run; the last one has the goals."""
    tables = _Tables(run, suppressors, measures)
    parts = tables.by_ratio()
    for title, prefix, table in (
        ("Levels", "level", tables.level),
        ("A colleague's voice, 18 dB under the wearer", "colleague", tables.colleague),
        ("A step of noise", "step", tables.step),
    ):
        found = [table(rate) for rate in _RATES if run.scores.of(f"{prefix} {rate} kHz")]
        parts += [f"### {title}", *found] if found else []
    if run.costs:
        parts += ["### Delay and CPU time", tables.cost()]
    parts += ["### Versions", identities(suppressors)]
    return "\n\n".join([*parts, "### Goals", goal_table(run, suppressors)])
