"""Give the posterior of the ratio of both rates from pairs of windows of the newest speech; judges no pace."""

import math
from typing import NamedTuple

from cxaudio.analysis.pace_windows import PRESENT, SideWindows, normal_probability
from cxaudio.analysis.piece_row import RateWindow

__all__ = ["RatioEstimate", "RatioPosterior"]

_SAME_TIME = 2.0
"""Windows are compared where the one holds at most so many times the speech of the other: they are of about the same
stretch of the call. Chosen on made calls: with 3 verdicts come 1 s sooner and more are false, with 1.6 they come 3 s
later."""

_UTTERANCES = 2
"""A window that decides has speech of so many utterances of its side, or `PRESENT` of one: a sentence that is said, or
counted, unlike the others shows no pace. Chosen on made calls: without it half as many again are false."""

_OF_90 = 1.645
"""Standard errors on either side of the mean that hold 90 % of a normal distribution."""


class RatioEstimate(NamedTuple):
    """The agent's rate over the customer's in one pair of windows: its logarithm is normal."""

    mean: float  # of the natural logarithm
    error: float  # standard error of it
    agent: RateWindow
    customer: RateWindow
    rates: tuple[float, float]  # syllables/s, agent and customer
    rate_errors: tuple[float, float]  # their standard errors, syllables/s

    @property
    def ratio(self) -> float:
        """Return the ratio as it was measured."""
        return math.exp(self.mean)

    @property
    def interval(self) -> tuple[float, float]:
        """Return the limits of the 90 % interval of the ratio."""
        return math.exp(self.mean - _OF_90 * self.error), math.exp(self.mean + _OF_90 * self.error)

    def above(self, limit: float) -> float:
        """Return the probability that the ratio is at least `limit`."""
        return normal_probability((self.mean - math.log(limit)) / self.error)

    def below(self, limit: float) -> float:
        """Return the probability that the ratio is at most `limit`."""
        return normal_probability((math.log(limit) - self.mean) / self.error)


class RatioPosterior:
    """The ratio of both rates by every pair of windows, one of the agent's and one of the customer's.

    Each pair is a hypothesis: that both have kept their pace since it began. Its likelihood of the logarithm of the
    ratio is normal, with the errors of both rates added in squares; the prior is flat. The pair that fits is the one
    in which a limit is passed most surely: a short one where the pace has just changed, a long one where the
    difference is small. A pair decides where both windows are of about the same time and hold two
    utterances each, or much of one.

    Parameters
    ----------
    agent, customer : SideWindows
        Windows of either side.

    Examples
    --------
    >>> def side(*windows):  # pairs of syllables and ticks, in two utterances each
    ...     found = [RateWindow(0, 0, n, speech, 2) for n, speech in windows]
    ...     return SideWindows(found, [math.log(n * 100 / t) for n, t in windows], [0.16 / n for n, _ in windows], 0.0)
    >>> ratio = RatioPosterior(side((36, 600), (60, 1200)), side((24, 600), (48, 1200)))
    >>> estimate = ratio.surest_above(1.25)
    >>> estimate.agent.speech, estimate.customer.speech, round(estimate.ratio, 2), round(estimate.above(1.25), 2)
    (600, 1200, 1.5, 0.98)
    """

    def __init__(self, agent: SideWindows, customer: SideWindows) -> None:
        self._sides = (agent, customer)
        self._pairs = _deciding(agent, customer)
        self._decides = bool(self._pairs)
        if not self._decides:
            rows, columns = range(len(agent.windows)), range(len(customer.windows))
            self._pairs = [(row, column) for row in rows for column in columns]
        voices, sqrt = agent.voice_variance + customer.voice_variance, math.sqrt
        (a, var_a), (b, var_b) = (agent.log_rates, agent.variances), (customer.log_rates, customer.variances)
        self._means = [a[row] - b[column] for row, column in self._pairs]
        self._errors = [sqrt(var_a[row] + var_b[column] + voices) for row, column in self._pairs]

    def above(self, limit: float) -> float:
        """Return the greatest probability of any pair that decides that the ratio is at least `limit`, else 0."""
        return normal_probability(max(self._far_above(limit))) if self._decides else 0.0

    def below(self, limit: float) -> float:
        """Return the greatest probability of any pair that decides that the ratio is at most `limit`, else 0."""
        return normal_probability(max(self._far_below(limit))) if self._decides else 0.0

    def surest_above(self, limit: float) -> RatioEstimate:
        """Return the pair in which the ratio is most surely at least `limit`; where none decides, of all pairs."""
        return self._surest(self._far_above(limit))

    def surest_below(self, limit: float) -> RatioEstimate:
        """Return the pair in which the ratio is most surely at most `limit`; where none decides, of all pairs."""
        return self._surest(self._far_below(limit))

    def bounds(self, z: float) -> tuple[float, float]:
        """Return the logarithms of the ratio that is surely reached upwards, and downwards, by any pair that decides.

        Parameters
        ----------
        z : float
            Standard errors that make it sure.

        Returns
        -------
        tuple of float
            Positive where the ratio is surely above 1, and where it is surely below 1; minus infinity where no pair
            decides.
        """
        if not self._decides:
            return -math.inf, -math.inf
        pairs = list(zip(self._means, self._errors, strict=True))
        return max(mean - z * error for mean, error in pairs), max(-mean - z * error for mean, error in pairs)

    def newest_ratios(self, speech: int) -> list[float]:
        """Return the ratio in pairs of about equal length, the shortest first, up to about `speech` ticks."""
        agent, customer = (side.log_rates[: side.present(speech) + 1] for side in self._sides)
        longest = max(len(agent), len(customer))
        return [math.exp(agent[min(k, len(agent) - 1)] - customer[min(k, len(customer) - 1)]) for k in range(longest)]

    def newest(self, speech: int) -> RatioEstimate:
        """Return the pair of windows of about `speech` ticks, or of the longest there are."""
        agent, customer = (side.present(speech) for side in self._sides)
        return self._at(agent, customer)

    def _far_above(self, limit: float) -> list[float]:
        """Return by how many standard errors each pair is above a limit."""
        log_limit = math.log(limit)
        return [(mean - log_limit) / error for mean, error in zip(self._means, self._errors, strict=True)]

    def _far_below(self, limit: float) -> list[float]:
        log_limit = math.log(limit)
        return [(log_limit - mean) / error for mean, error in zip(self._means, self._errors, strict=True)]

    def _surest(self, far: list[float]) -> RatioEstimate:
        return self._at(*self._pairs[far.index(max(far))])

    def _at(self, row: int, column: int) -> RatioEstimate:
        agent, customer = self._sides
        rates = agent.rate(row), customer.rate(column)
        errors = (
            rates[0] * math.sqrt(agent.variances[row] + agent.voice_variance),
            rates[1] * math.sqrt(customer.variances[column] + customer.voice_variance),
        )
        return RatioEstimate(
            mean=agent.log_rates[row] - customer.log_rates[column],
            error=math.sqrt(
                agent.variances[row] + customer.variances[column] + (agent.voice_variance + customer.voice_variance)
            ),
            agent=agent.windows[row],
            customer=customer.windows[column],
            rates=rates,
            rate_errors=errors,
        )


def _deciding(agent: SideWindows, customer: SideWindows) -> list[tuple[int, int]]:
    """Return the numbers of the windows of each pair that decides: those of the agent's and of the customer's."""
    rows = [(row, window.speech) for row, window in enumerate(agent.windows) if not _is_short(window)]
    columns = [(column, window.speech) for column, window in enumerate(customer.windows) if not _is_short(window)]
    return [(row, column) for row, a in rows for column, b in columns if a <= _SAME_TIME * b and b <= _SAME_TIME * a]


def _is_short(window: RateWindow) -> bool:
    return window.utterances < _UTTERANCES and window.speech < PRESENT
