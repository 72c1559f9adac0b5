"""Count the calls behind each label, rule, headset and fault of the sound, so that a filter can be chosen by sight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
    """The values of one name in a query: those that are chosen, then the others, the most common first."""

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
    counts: dict[str, Counts] = {}
    names_of: dict[CallFilter, list[str]] = {}
    for name in FACETS:
        names_of.setdefault(_without(chosen, name), []).append(name)
    for open_to_all, names in names_of.items():  # most have the same filter, which is then applied once
        question = ("facets", tuple(names), tuple(open_to_all.to_query()))
        counts |= snapshot.kept(
            question, partial(_counts, snapshot, open_to_all, names), of_calls_alone=open_to_all.of_calls_alone
        )
    return {name: _facet(name, counts[name], getattr(chosen, LIST_NAMES[name])) for name in FACETS}


Counts = Sequence[tuple[str, int]]  # values with their calls, most first

_SQL: Mapping[str, str] = {
    "rule": "SELECT '{name}' AS name, f.rule AS value, count(*) AS n FROM broken AS f "
    "WHERE {flags} AND f.worst_rank IN (SELECT p.worst_rank FROM passed AS p) GROUP BY value",
    "notice": "SELECT '{name}' AS name, value, count(*) AS n FROM "
    "(SELECT unnest(string_split(p.notices, ' ')) AS value FROM passed AS p WHERE p.notices <> '') GROUP BY value",
}
_OF_LABEL = (
    "SELECT '{name}' AS name, p.{name} AS value, count(*) AS n FROM passed AS p "
    "WHERE p.{name} IS NOT NULL GROUP BY value"
)
_LABELS = ("agent", "team", "queue", "direction", "headset")


def _without(chosen: CallFilter, name: str) -> CallFilter:
    none: dict[str, Any] = {LIST_NAMES[name]: ()}
    return replace(chosen, **none)


def _counts(snapshot: "Snapshot", chosen: CallFilter, names: Sequence[str]) -> dict[str, Counts]:
    where = snapshot.where(chosen)
    columns = ", ".join(f"calls.{name}" for name in ("worst_rank", "notices", *_LABELS))
    each = " UNION ALL ".join(
        _SQL.get(name, _OF_LABEL).format(name=name, flags=chosen.flag_condition) for name in names
    )
    rows = snapshot.ask(
        f"WITH passed AS MATERIALIZED (SELECT {columns} FROM calls WHERE {where.sql}) "
        f"SELECT * FROM ({each}) ORDER BY name, n DESC, value",
        where.parameters,
    )
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    for row in rows:
        found[row["name"]].append((str(row["value"]), int(row["n"])))
    return dict(found)


def _facet(name: str, counts: Counts, marked: Sequence[str]) -> Facet:
    known = dict(counts)
    values = [FacetValue(value, known.get(value, 0), True) for value in marked]
    others = [FacetValue(value, n, False) for value, n in counts if value not in marked]
    shown = others[: max(0, MOST_VALUES - len(values))]
    return Facet(name, [*values, *shown], len(others) - len(shown))
