"""Say which calls of a store are meant: read from the query of an address, written back, and turned into SQL."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from cxaudio.errors import UsageError
from cxaudio.workbench.reading.filter_values import (
    NUMBERS,
    WORDS,
    read_date,
    read_label,
    read_number,
    read_text,
    read_whole_number,
    read_word,
    searched_words,
    written_number,
)
from cxaudio.workbench.reading.where import Where

__all__ = ["LIST_NAMES", "SEVERITIES", "UNKNOWN", "CallFilter"]

LIST_NAMES: Mapping[str, str] = {
    "agent": "agents",
    "team": "teams",
    "queue": "queues",
    "direction": "directions",
    "rule": "rules",
    "headset": "headsets",
    "notice": "notices",
    "unknown": "unknown",
    "weekday": "weekdays",
    "hour": "hours",
}
"""Names in a query that may stand several times, and the fields of `CallFilter` that they fill."""

_LABELS = ("agents", "teams", "queues", "directions", "headsets")
UNKNOWN: Mapping[str, str] = {
    "pace": "calls.two_sided AND calls.in_step_share IS NULL",
    "sides": "NOT coalesce(calls.two_sided, false)",
    "start": "calls.started_at IS NULL",
    "agent": "calls.agent IS NULL",
    "team": "calls.team IS NULL",
    "queue": "calls.queue IS NULL",
}
"""SQL of what is not known of a call, by the values of ``unknown``."""

_SAID = "calls.worst_rank IN (SELECT j.worst_rank FROM judged_open AS j WHERE j.verdict = '{}' AND j.n IS NOT NULL)"
_VERDICTS: Mapping[str, str] = {
    "some": "calls.worst_rank IN (SELECT j.worst_rank FROM judged_open AS j)",
    "none": "calls.worst_rank NOT IN (SELECT j.worst_rank FROM judged_open AS j)",
    "all": "calls.worst_rank IN (SELECT v.worst_rank FROM verdict_states AS v WHERE v.n_judged >= v.n_flags)",
    **{name: _SAID.format(name) for name in ("right", "wrong", "excused", "unsure")},
    "disputed": "calls.worst_rank IN (SELECT v.worst_rank FROM verdict_states AS v WHERE v.n_disputed > 0)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilter:
    """Which calls are meant; all of them where nothing is given.

    Attributes
    ----------
    since, until : date, optional
        Days of UTC on which calls began, the first and the last of them. A call without a known start passes neither.
    agents, teams, queues, directions, headsets : tuple of str
        Labels; one of them must fit.
    rules : tuple of str
        Rules, or limits of the whole call: a flag of one of them is there, of `severity` or more, or else no note.
    severity : {"note", "flag", "severe", "limit", "none"}, optional
        The least severity of a flag that is there; ``limit``: a limit of the whole call is broken; ``none``: the call
        was judged, and has neither flags nor broken limits.
    min_duration_s, max_duration_s : float, optional
        From (with it) and up to (without it) so many seconds; so are all ranges.
    min_agent_rate, max_agent_rate, min_customer_rate, max_customer_rate : float, optional
        Articulation rate, syllables/s.
    min_agent_response_s, max_agent_response_s : float, optional
        The agent's median response time, s.
    min_silence_share, max_silence_share, min_in_step_share, max_in_step_share : float, optional
        Shares, 0..1.
    verdicts : {"any", "some", "none", "all", "right", "wrong", "excused", "unsure", "disputed"}, optional
        What reviewers said: some or no verdict is there; each flag has one; a flag has this one; reviewers disagree
        about a flag. ``any`` is the same as nothing.
    sample : int, optional
        Number of a sample of calls that were drawn to be judged.
    notices : tuple of str
        Kinds of faults of the sound; one of them is there. ``any``: of whatever kind.
    unknown : tuple of {"pace", "sides", "start", "agent", "team", "queue"}
        What is not known of a call; all of them must be unknown.
    weekdays : tuple of int
        Days on which calls began, 1 (Monday) to 7, UTC.
    hours : tuple of int
        Hours in which they began, 0 to 23, UTC.
    text : str
        Words, of which each begins a word of the call's sentence, its name, its labels, or its ids; upper and lower
        case are the same.

    Examples
    --------
    >>> chosen = CallFilter.from_query([("agent", "Ada"), ("min_duration_s", "60"), ("sort", "newest")])
    >>> chosen.agents, chosen.min_duration_s
    (('Ada',), 60.0)
    >>> chosen.to_query()
    [('agent', 'Ada'), ('min_duration_s', '60')]
    """

    since: date | None = None
    until: date | None = None
    agents: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    severity: str | None = None
    min_duration_s: float | None = None
    max_duration_s: float | None = None
    min_agent_rate: float | None = None
    max_agent_rate: float | None = None
    min_customer_rate: float | None = None
    max_customer_rate: float | None = None
    min_agent_response_s: float | None = None
    max_agent_response_s: float | None = None
    min_silence_share: float | None = None
    max_silence_share: float | None = None
    min_in_step_share: float | None = None
    max_in_step_share: float | None = None
    verdicts: str | None = None
    sample: int | None = None
    headsets: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    weekdays: tuple[int, ...] = ()
    hours: tuple[int, ...] = ()
    text: str = ""

    @classmethod
    def from_query(cls, pairs: Iterable[tuple[str, str]]) -> "CallFilter":
        """Read the names and values of an address's query.

        Parameters
        ----------
        pairs : iterable of (str, str)
            Decoded. A value of nothing or of blanks counts as not given, as in a form that is sent with empty fields.
            Names that are no filter are left out: a page has others beside.

        Returns
        -------
        CallFilter

        Raises
        ------
        UsageError
            If a value is none that its name can have, a name that stands for one value is there twice, or the smaller
            end of a range is the larger one.
        """
        lists: dict[str, set[Any]] = {}
        single: dict[str, Any] = {}
        names = {each.name for each in fields(cls)} - set(LIST_NAMES.values())
        for name, given in pairs:
            value = given.strip()
            if not value:
                continue
            if name in LIST_NAMES:
                lists.setdefault(LIST_NAMES[name], set()).add(_read_item(name, value))
            elif (field := "verdicts" if name == "verdict" else name) in names:
                found = _read_single(name, value)
                if field in single and single[field] != found:
                    raise UsageError(f"{name} is given twice, the second time as {value!r}; give it once")
                single[field] = found
        values = single | {name: tuple(sorted(items)) for name, items in lists.items()}
        made = cls(**values)
        _check_ends(made)
        return made if made.verdicts != "any" else replace(made, verdicts=None)

    def to_query(self) -> list[tuple[str, str]]:
        """Return names and values, always in the same order; of the filter that passes all calls, nothing."""
        pairs: list[tuple[str, str]] = []
        by_field = {field: name for name, field in LIST_NAMES.items()} | {"verdicts": "verdict"}
        for each in fields(self):
            value = getattr(self, each.name)
            name = by_field.get(each.name, each.name)
            if isinstance(value, tuple):
                pairs += [(name, str(item)) for item in value]
            elif isinstance(value, float):
                pairs.append((name, written_number(value)))
            elif value is not None and value != "":
                pairs.append((name, str(value)))
        return pairs

    @property
    def of_calls_alone(self) -> bool:
        """Return whether nothing that reviewers say or draw changes what it passes."""
        return self.verdicts is None and self.sample is None

    def where(self) -> Where:
        """Return the condition for the table ``calls`` of a `cxaudio.workbench.reading.snapshot.Snapshot`."""
        return Where.all_of(self._conditions())

    def _conditions(self) -> Iterator[Where]:
        if self.since is not None:
            yield Where("calls.started_at >= ?", (datetime.combine(self.since, time()),))
        if self.until is not None:
            yield Where("calls.started_at < ?", (datetime.combine(self.until, time()) + timedelta(days=1),))
        for name in _LABELS:
            if values := getattr(self, name):
                yield Where(f"calls.{name.removesuffix('s')} IN ({_marks(values)})", values)
        if condition := self._flags():
            yield condition
        for name, column in NUMBERS.items():
            low, high = getattr(self, f"min_{name}"), getattr(self, f"max_{name}")
            if low is not None:
                yield Where(f"calls.{column} >= ?", (low,))
            if high is not None:
                yield Where(f"calls.{column} < ?", (high,))
        if self.verdicts is not None:
            yield Where(_VERDICTS[self.verdicts])
        if self.sample is not None:
            yield Where("calls.sound_id IN (SELECT s.sound_id FROM sampled AS s WHERE s.sample = ?)", (self.sample,))
        if "any" in self.notices:
            yield Where("calls.notices <> ''")
        elif self.notices:
            yield Where.one_of(Where("contains(' ' || calls.notices || ' ', ?)", (f" {n} ",)) for n in self.notices)
        for name in self.unknown:
            yield Where(UNKNOWN[name])
        if self.weekdays:
            yield Where(f"isodow(calls.started_at) IN ({_marks(self.weekdays)})", self.weekdays)
        if self.hours:
            yield Where(f"hour(calls.started_at) IN ({_marks(self.hours)})", self.hours)
        for word in searched_words(self.text):
            yield Where("contains(calls.search, ?)", (f" {word}",))

    @property
    def flag_condition(self) -> str:
        """Return the SQL by which rows ``f`` of ``flags`` or ``broken`` count where rules are asked for.

        Notes do not count where no severity is given.
        """
        return _FLAG_CONDITIONS.get(self.severity or "", "f.severity_rank <> 1")

    def _flags(self) -> Where | None:
        """Return the condition on the flags of a call."""
        if self.severity is not None and (not self.rules or self.severity == "none"):
            return Where(SEVERITIES[self.severity])
        if not self.rules:
            return None
        return Where(
            "calls.worst_rank IN (SELECT f.worst_rank FROM broken AS f WHERE "
            f"f.rule IN ({_marks(self.rules)}) AND {self.flag_condition})",
            self.rules,
        )


_FLAG_CONDITIONS = {
    "note": "f.severity_rank >= 1",
    "flag": "f.severity_rank >= 2",
    "severe": "f.severity_rank >= 3",
    "limit": "f.severity_rank = 0",
}
SEVERITIES: Mapping[str, str] = {
    "note": "calls.n_note + calls.n_flag + calls.n_severe > 0",
    "flag": "calls.n_flag + calls.n_severe > 0",
    "severe": "calls.n_severe > 0",
    "limit": "calls.n_whole_call > 0",
    "none": "calls.n_flag + calls.n_severe + calls.n_note + calls.n_whole_call = 0",
}
"""SQL of the calls that have a flag, by the values of ``severity``."""


def _check_ends(made: CallFilter) -> None:
    """Refuse a range in which no value can be."""
    if made.since is not None and made.until is not None and made.since > made.until:
        raise UsageError(f"since = {made.since} is after until = {made.until}; give the earlier day as since")
    for name in NUMBERS:
        low, high = getattr(made, f"min_{name}"), getattr(made, f"max_{name}")
        if low is not None and high is not None and low >= high:
            raise UsageError(
                f"min_{name} = {written_number(low)} is not below max_{name} = {written_number(high)}; "
                "give a larger max, or leave one of them out"
            )


def _marks(values: tuple[Any, ...]) -> str:
    return ", ".join("?" * len(values))


def _read_item(name: str, value: str) -> Any:
    if name in ("weekday", "hour"):
        low, high = (1, 7) if name == "weekday" else (0, 23)
        return read_whole_number(name, value, low=low, high=high)
    return read_word(name, value) if name in WORDS else read_label(name, value)


def _read_single(name: str, value: str) -> Any:
    if name in ("since", "until"):
        return read_date(name, value)
    if name == "text":
        return read_text(name, value)
    if name == "sample":
        return read_whole_number(name, value, low=1, high=2**31 - 1)
    return read_word(name, value) if name in WORDS else read_number(name, value)
