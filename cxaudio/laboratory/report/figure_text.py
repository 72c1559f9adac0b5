"""Write figures for people: value, unit, uncertainty, bound and verdict; for the page and the terminal alike."""

from cxaudio.laboratory.measures.figure import Figure, Limit, Verdict
from cxaudio.laboratory.report.compare import Cause

__all__ = ["cause_text", "figure_text", "limit_text", "value_text", "verdict_words", "wearings_text"]

_BOUNDS = {
    "exact": "",
    "at_most": "\N{LESS-THAN OR EQUAL TO}\N{NO-BREAK SPACE}",
    "at_least": "\N{GREATER-THAN OR EQUAL TO}\N{NO-BREAK SPACE}",
}
_SENSES = {"at_most": "at most", "at_least": "at least", "magnitude_at_most": "at most ±"}
_WORDS = {Verdict.KEPT: "kept", Verdict.BROKEN: "not kept", Verdict.OPEN: "not decided"}


def number_text(value: float, decimals: int) -> str:
    """Write a number with a minus sign and narrow spaces.

    Examples
    --------
    >>> number_text(-61.28, 1), number_text(-0.01, 1), number_text(12345.6, 0)
    ('−61.3', '0.0', '12\u202f346')
    """
    text = f"{value:,.{decimals}f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    if not text.strip("-0.\N{NARROW NO-BREAK SPACE}"):
        text = text.lstrip("-")
    return text.replace("-", "\N{MINUS SIGN}")


def value_text(figure: Figure) -> str:
    r"""Write a value with its bound and the interval that holds it in 95 of 100 measurements, without unit.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> from cxaudio.laboratory.measures.estimate import Count, Estimate
    >>> skew = figure_specs()["clock.skew_ppm"]
    >>> value_text(Figure(spec=skew, value=40.123, estimate=Estimate(error=0.5, dof=4)))
    '40.12\xa0±\xa01.39'
    >>> lost = Count(events=4, exposure=0.4)
    >>> value_text(Figure(spec=figure_specs()["dropouts.per_5min"], value=lost.rate, count=lost))
    '10.0\xa0(2.7–25.6)'
    """
    if figure.value is None:
        return figure.text or "\N{EN DASH}"
    bound = "at_most" if figure.spec.of_chain and figure.bound == "exact" else figure.bound
    text = _BOUNDS[bound] + number_text(figure.value, figure.spec.decimals)
    if figure.count is not None:
        if figure.count.events:
            low, high = (number_text(end, figure.spec.decimals) for end in figure.interval or ())
            text += f"\N{NO-BREAK SPACE}({low}\N{EN DASH}{high})"
        return text
    width = figure.half_width
    if width > 0:
        decimals = figure.spec.decimals
        # An interval that rounds to nothing is written with one more digit.
        while decimals < 4 and round(width, decimals) == 0:
            decimals += 1
        text += f"\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{number_text(width, decimals)}"
    return text


def figure_text(figure: Figure) -> str:
    """Write value and unit, or the finding in words."""
    if figure.value is None:
        return figure.text or "withheld"
    return f"{value_text(figure)}\N{NO-BREAK SPACE}{figure.spec.unit}"


def limit_text(limit: Limit, unit: str) -> str:
    """Write a limit in words.

    Examples
    --------
    >>> limit_text(Limit(value=50.0, sense="magnitude_at_most", badge="indicative", source=""), "ppm")
    'at most ±50 ppm'
    """
    value = f"{limit.value:g}".replace("-", "\N{MINUS SIGN}")
    join = "" if limit.sense == "magnitude_at_most" else " "
    return f"{_SENSES[limit.sense]}{join}{value} {unit}"


def wearings_text(n: int) -> str:
    """Write a number of wearings.

    Examples
    --------
    >>> wearings_text(1), wearings_text(5)
    ('1 wearing', '5 wearings')
    """
    return f"{n} wearing{'' if n == 1 else 's'}"


def verdict_words(verdict: Verdict) -> str:
    """Write a verdict in a word or two."""
    return _WORDS[verdict]


def cause_text(cause: Cause) -> str:
    r"""Write a cause: what the headset does worse, its figure, and that of the best.

    Examples
    --------
    >>> from cxaudio.laboratory.measures import figure_specs
    >>> noise = figure_specs()["noise.a_weighted_dbov"]
    >>> from cxaudio.laboratory.measures.estimate import Estimate
    >>> sure = Estimate(error=0.1, dof=14)
    >>> own, best = (Figure(spec=noise, value=level, estimate=sure) for level in (-56.0, -70.0))
    >>> cause_text(Cause(spec=noise, figure=own, best=best, best_model="A")).replace("\N{NO-BREAK SPACE}", " ")
    'noisier to the ear: −56.0 ± 0.2 dBov(A) against −70.0 ± 0.2 of A'
    """
    spec, own = cause.spec, cause.figure
    text = f"{spec.cause}: "
    if own.value is None:
        return text + (own.detail or "")
    text += figure_text(own)
    if cause.best is not None:
        text += f" against {value_text(cause.best)} of {cause.best_model}"
    elif spec.limits:
        text += ", limit " + limit_text(spec.limits[0], spec.unit)
    return f"{text} ({own.detail})" if own.detail and spec.cause_with_text else text
