"""What a page shows of a filter: its form, its chips, and the addresses of the same calls elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from cxaudio.archive.reviews.reviews import SavedFilter
from cxaudio.archive.reviews.samples import Samples
from cxaudio.workbench.reading.call_filter import CallFilter
from cxaudio.workbench.reading.facets import Facet, facets_of
from cxaudio.workbench.reading.filter_values import NUMBERS, WORDS
from cxaudio.workbench.serving.asked import Asked

__all__ = ["Chip", "FilterView", "address", "chips_of", "filter_view", "name_of"]

_ENDS = tuple(f"{end}_{name}" for name in NUMBERS for end in ("min", "max"))


@dataclass(frozen=True, slots=True)
class Chip:
    """One value of a filter, and the address without it."""

    text: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterView:
    """What the form shows."""

    values: Mapping[str, str]  # of names that stand for one value
    chips: Sequence[Chip]
    facets: Mapping[str, Facet]
    saved: Sequence[tuple[SavedFilter, str]]  # with its address
    pairs: frozenset[tuple[str, str]]
    query: str  # as it stands in an address
    path: str  # of the page
    own_view: bool  # of one agent, to themselves
    ranges: Sequence[str]  # figures that have a range
    words: Mapping[str, Sequence[str]]  # values of names that can only have some
    texts: Mapping[str, str]

    def name_of(self, kind: str, value: str) -> str:
        """Return what a value of a name is called."""
        return name_of(self.texts, kind, value)


def address(path: str, pairs: Sequence[tuple[str, str]], **more: str | None) -> str:
    """Return an address with a query, without what is nothing.

    Examples
    --------
    >>> address("/calls", [("agent", "Ada B")], sort="newest", after=None)
    '/calls?agent=Ada+B&sort=newest'
    """
    query = urlencode([*pairs, *((name, value) for name, value in more.items() if value)])
    return f"{path}?{query}" if query else path


def name_of(words: Mapping[str, str], kind: str, value: str) -> str:
    """Return the name of a rule, a fault of the sound, or another value that has a text; else the value itself."""
    if kind == "rule":
        return words.get(f"rule.{value}") or words.get(f"measure.{value}") or value
    if kind == "notice":
        return words["index.notices_any"] if value == "any" else words.get(f"notice.{value}", value)
    return words.get(f"workbench_filter.{kind}_{value}", value)


def filter_view(asked: Asked, path: str, *, sort: str | None = None) -> FilterView:
    """Return what the form of a page shows.

    Parameters
    ----------
    asked : Asked
        The request.
    path : str
        Address of the page without its query.
    sort : str, optional
        Order of the list, which stays as it is when a chip is removed.
    """
    chosen: CallFilter = asked.filter
    pairs = chosen.to_query()
    saved = () if asked.visitor.own_agent is not None else asked.workbench.reviews.saved_filters()
    return FilterView(
        values=dict(pairs),
        chips=chips_of(_words_with_sample(asked, chosen), pairs, path, sort=sort),
        facets=facets_of(asked.snapshot, chosen),
        saved=[(each, f"{path}?{each.query}") for each in saved],
        pairs=frozenset(pairs),
        query=urlencode(pairs),
        path=path,
        own_view=asked.visitor.own_agent is not None,
        ranges=tuple(NUMBERS),
        words=WORDS,
        texts=asked.words,
    )


def _words_with_sample(asked: Asked, chosen: CallFilter) -> Mapping[str, str]:
    """Return the texts, and in them what the sample of a filter is called."""
    sample = None
    if chosen.sample is not None and asked.visitor.own_agent is None:
        sample = Samples(asked.workbench.reviews).get(chosen.sample)
    return asked.words if sample is None else {**asked.words, f"workbench_filter.sample_{sample.number}": sample.name}


def chips_of(words: Mapping[str, str], pairs: Sequence[tuple[str, str]], path: str, **more: str | None) -> list[Chip]:
    """Return each value of a filter in words, with the address without it.

    Parameters
    ----------
    words : mapping of str to str
        Texts of the language.
    pairs : sequence of (str, str)
        Names and values, as `CallFilter.to_query` returns them.
    path : str
        Address of the page without its query.
    **more
        What else stands in the address, and stays there.
    """
    return [
        Chip(_chip_text(words, name, value), address(path, [*pairs[:place], *pairs[place + 1 :]], **more))
        for place, (name, value) in enumerate(pairs)
    ]


def _chip_text(words: Mapping[str, str], name: str, value: str) -> str:
    """Return what one value says, in words."""
    if name in _ENDS:
        shown = words["unit.percent"].format(n=f"{100 * float(value):g}") if name.endswith("_share") else value
        return words[f"workbench_filter.chip_{name}"].format(value=shown)
    if name == "weekday":
        return words[f"workbench_filter.weekday_{value}"]
    if name == "hour":
        return words["workbench_filter.chip_hour"].format(start=f"{int(value):02d}:00", end=f"{int(value):02d}:59")
    if name in WORDS or name in ("rule", "notice", "sample"):
        value = name_of(words, name, value)
    return words["workbench_filter.chip"].format(name=words[f"workbench_filter.{name}"], value=value)
