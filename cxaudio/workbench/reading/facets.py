"""Count the calls behind each label, rule, headset and fault of the sound, so that a filter can be chosen by sight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cxaudio.workbench.reading.call_filter import LIST_NAMES, CallFilter

if TYPE_CHECKING:
    from cxaudio.workbench.reading.snapshot import Snapshot

__all__ = ["FACETS", "MOST_VALUES", "Facet", "FacetValue", "facets_of"]

FACETS = ("agent", "team", "queue", "direction", "rule", "headset", "notice")
"""Names in a query that have a list of values, in the order of the form."""

MOST_VALUES = 100
"""Values in a list; of more, the most common are there and those that were chosen."""


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value that can be chosen."""

    value: str
    n: int  # calls that would be there with it
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one name in a query, the most common first."""

    name: str
    values: Sequence[FacetValue]
    n_more: int  # values that are left out

    @property
    def n_chosen(self) -> int:
        """Return how many are chosen."""
        return sum(each.chosen for each in self.values)


def facets_of(snapshot: "Snapshot", chosen: CallFilter) -> Mapping[str, Facet]:
    """Return the values of each of `FACETS`.

    Parameters
    ----------
    snapshot : Snapshot
        The calls.
    chosen : CallFilter
        The filter. The values of one name are counted over the calls that all the other names pass, so that another
        value can be chosen beside one that is.

    Returns
    -------
    mapping of str to Facet
        By name. Rules are those with a flag that is no note, and limits of the whole call that were broken.
    """
    return {name: _facet(snapshot, chosen, name) for name in FACETS}


def _facet(snapshot: "Snapshot", chosen: CallFilter, name: str) -> Facet:
    field = LIST_NAMES[name]
    marked: tuple[str, ...] = getattr(chosen, field)
    without: dict[str, Any] = {field: ()}
    open_to_all = replace(chosen, **without)
    counts = snapshot.kept(
        ("facet", name, tuple(open_to_all.to_query())),
        lambda: _counts(snapshot, open_to_all, name),
        of_calls_alone=open_to_all.of_calls_alone,
    )
    listed = counts[:MOST_VALUES]
    there = {value for value, _ in listed}
    known = dict(counts)
    values = [FacetValue(value, n, value in marked) for value, n in listed]
    values += [FacetValue(value, known.get(value, 0), True) for value in marked if value not in there]
    return Facet(name, values, max(0, len(counts) - len(values)))


def _counts(snapshot: "Snapshot", chosen: CallFilter, name: str) -> list[tuple[str, int]]:
    where = chosen.where()
    if name == "rule":
        sql = (
            "SELECT rule AS value, count(DISTINCT worst_rank) AS n FROM flags WHERE severity_rank <> 1 "
            f"AND worst_rank IN (SELECT calls.worst_rank FROM calls WHERE {where.sql}) GROUP BY rule"
        )
    elif name == "notice":
        sql = (
            "SELECT value, count(*) AS n FROM (SELECT unnest(string_split(calls.notices, ' ')) AS value "
            f"FROM calls WHERE calls.notices <> '' AND ({where.sql})) GROUP BY value"
        )
    else:
        sql = (
            f"SELECT calls.{name} AS value, count(*) AS n FROM calls WHERE calls.{name} IS NOT NULL AND ({where.sql}) "
            "GROUP BY value"
        )
    found: list[dict[str, Any]] = snapshot.ask(f"{sql} ORDER BY n DESC, value", where.parameters)
    return [(str(row["value"]), int(row["n"])) for row in found]
