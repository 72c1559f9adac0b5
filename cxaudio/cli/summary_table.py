"""Print fair figures of groups of calls: a block for each group, in the order of their names."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cxaudio.archive.asking.groups import MIN_KNOWN, Figure, Group
from cxaudio.cli.options import printable

__all__ = ["print_groups"]

_UNKNOWN = "–"
_NAMES = {  # short, so that a line fits a terminal of 80 letters
    "agent_articulation_rate": "agent, syllables/s",
    "customer_articulation_rate": "customer, syllables/s",
    "in_step_share": "in step, % of known",
    "agent_response_median_s": "response time, s",
    "agent_interruptions_per_hour": "interruptions per h",
    "agent_interruptions_per_100_calls": "interr. per 100 calls",
    "flags_per_hour": "flags per h",
    "flags_per_100_calls": "flags per 100 calls",
    "talk_share_agent": "agent's talk share, %",
    "overlap_share": "overlap, %",
    "silence_share": "long silences, %",
}


def print_groups(groups: Iterable[Group], *, by: str | None, min_group: int, console: Console) -> None:
    """Print each group's number of calls, and a line for each figure.

    Parameters
    ----------
    groups : iterable of Group
        In the order in which they are printed.
    by : str or None
        What the calls are grouped by.
    min_group : int
        Groups of fewer calls have no figures.
    console : Console
        Where to.
    """
    n_shown = n_few = n_alike = 0
    for group in groups:
        n_shown += 1
        name = "all calls" if by is None else f"{by} {_UNKNOWN if group.name is None else printable(group.name)}"
        if group.n is None or group.hours is None:
            console.print(Text(f"{name}: fewer than {min_group} calls\n", style="bold"))
            continue
        console.print(Text(f"{name}: {group.n:,} calls, {group.hours:,.1f} h without holds", style="bold"))
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("")
        for title in (
            "all\ncalls",
            "95 %\ninterval",
            "middle half\nof calls",
            "SD between\ncalls (95 %)",
            "not\nknown",
        ):
            table.add_column(title, justify="right", no_wrap=True)
        for figure in group.figures:
            table.add_row(*_line(figure))
            n_few += figure.value is None or figure.consistency is None
            n_alike += figure.value is not None and figure.interval is None
        console.print(table)
        console.print()
    if n_few:
        console.print(Text(f"few: known in fewer than {max(MIN_KNOWN, min_group)} calls."))
    if n_alike:
        console.print(Text(f"{_UNKNOWN}: no interval, since all calls are alike."))
    if not n_shown:
        console.print(Text("no call was judged yet"))


def _line(figure: Figure) -> tuple[str, ...]:
    scale = 100.0 if figure.metric.unit == "share" else 1.0
    digits = {"share": 1, "per hour": 1, "per 100 calls": 0}.get(figure.metric.unit, 2)

    def number(value: float) -> str:
        return f"{value * scale:.{digits}f}"

    unknown = f"{100 * figure.unknown_share:.0f} %"
    name = _NAMES[figure.metric.name]
    if figure.value is None or figure.consistency is None:
        return name, "few", "", "", "", unknown
    spread = figure.consistency
    ends = _UNKNOWN if figure.interval is None else _range(number(end) for end in figure.interval)
    between = number(spread.std)
    if spread.std_interval is not None:
        between += f" ({_range(number(end) for end in spread.std_interval)})"
    quartiles = _range((number(spread.first_quartile), number(spread.third_quartile)))
    return name, number(figure.value), ends, quartiles, between, unknown


def _range(ends: Iterable[str]) -> str:
    return "–".join(ends)
