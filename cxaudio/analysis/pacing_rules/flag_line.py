"""Write the lines of one flag: raised, perhaps escalated, ended; knows no rule."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import count

from cxaudio.model.events import FlagState, PacingFlag, Severity, Side

__all__ = ["Evidence", "FlagLine", "flag_ids"]

Evidence = Mapping[str, float | str | None]


def flag_ids() -> Iterator[int]:
    """Return an iterator of numbers for the flags of one call, from 1 on, shared by all rules."""
    return count(1)


class FlagLine:
    """Write the lines of a rule's flags, at most one of them open at a time.

    Parameters
    ----------
    rule : str
        Name of the rule.
    ids : iterator of int
        Numbers of flags.
    low_is_worse : bool, optional
        Whether a smaller figure is the worse one, as for a ratio below its limit.
    """

    def __init__(self, rule: str, ids: Iterator[int], *, low_is_worse: bool = False) -> None:
        self._rule = rule
        self._ids = ids
        self._low_is_worse = low_is_worse
        self._last: PacingFlag | None = None

    @property
    def severity(self) -> Severity | None:
        """Return the severity of the open flag; None while none is open."""
        return None if self._last is None else self._last.severity

    @property
    def unit(self) -> str | None:
        """Return the unit of the open flag's figure; None while none is open."""
        return None if self._last is None else self._last.unit

    def reaches(self, severity: Severity) -> bool:
        """Return whether the open flag has at least that severity."""
        return self._last is not None and self._last.severity >= severity

    def say(
        self,
        severity: Severity,
        *,
        start: int,
        at: int,
        measured: float,
        limit: float,
        unit: str,
        evidence: Evidence,
    ) -> PacingFlag:
        """Raise the flag, or escalate the open one.

        Parameters
        ----------
        severity : Severity
            The present severity.
        start : int
            Where the condition began, in samples; an open flag keeps its own.
        at : int
            Sample at which this could first be known.
        measured, limit : float
            The figure, and the limit that it has passed.
        unit : str
            Of both.
        evidence : mapping
            Further figures behind the decision.
        """
        last = self._last
        self._last = PacingFlag(
            start=start if last is None else last.start,
            end=None,
            decided_at=at,
            flag_id=next(self._ids) if last is None else last.flag_id,
            state=FlagState.RAISED if last is None else FlagState.ESCALATED,
            rule=self._rule,
            side=Side.AGENT,
            severity=severity,
            measured=measured,
            limit=limit,
            unit=unit,
            evidence=evidence,
        )
        return self._last

    def worsen(self, measured: float, evidence: Evidence | None = None, *, judged_by: str | None = None) -> None:
        """Keep the worst figure, and its evidence, for the flag's last line.

        Parameters
        ----------
        measured : float
            The figure.
        evidence : mapping, optional
            Further figures behind it; those of the worst figure so far by default.
        judged_by : str, optional
            The figure of `evidence` that says which is worst; `measured` by default. With the nearer limit of an
            interval, a figure that is surely bad is worse than one that is perhaps very bad.
        """
        last = self._last
        if last is None:
            return
        new, old = measured, last.measured
        if judged_by is not None and evidence is not None:
            bound, last_bound = evidence.get(judged_by), last.evidence.get(judged_by)
            if isinstance(bound, float) and isinstance(last_bound, float):
                new, old = bound, last_bound
        if new < old if self._low_is_worse else new > old:
            self._last = replace(last, measured=measured, evidence=last.evidence if evidence is None else evidence)

    def end(self, end: int, at: int) -> PacingFlag:
        """End the open flag, and return its last line with the worst figure."""
        last = self._last
        assert last is not None
        self._last = None
        return replace(last, end=max(end, last.start), decided_at=at, state=FlagState.ENDED)
