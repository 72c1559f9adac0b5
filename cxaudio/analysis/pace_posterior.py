"""Give the posterior of the ratio of both rates from pairs of windows of the newest speech; judges no pace."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cxaudio.analysis.pace_windows import PRESENT, SideWindows, normal_probability
from cxaudio.analysis.spoken_pieces import RateWindow

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
    ...     n, speech = (np.array(row, float) for row in zip(*windows))
    ...     found = tuple(RateWindow(0, 0, int(a), int(b), 2) for a, b in windows)
    ...     return SideWindows(found, np.log(n * 100 / speech), 0.16 / n, 0.0)
    >>> ratio = RatioPosterior(side((36, 600), (60, 1200)), side((24, 600), (48, 1200)))
    >>> estimate = ratio.surest_above(1.25)
    >>> estimate.agent.speech, estimate.customer.speech, round(estimate.ratio, 2), round(estimate.above(1.25), 2)
    (600, 1200, 1.5, 0.98)
    """

    def __init__(self, agent: SideWindows, customer: SideWindows) -> None:
        self._sides = (agent, customer)
        self._mean = agent.log_rates[:, None] - customer.log_rates[None, :]
        variances = agent.variances[:, None] + customer.variances[None, :]
        self._error = np.sqrt(variances + (agent.voice_variance + customer.voice_variance))
        agent_speech, customer_speech = (np.array([window.speech for window in side.windows]) for side in self._sides)
        longer = agent_speech[:, None] / customer_speech[None, :]
        few = [np.array([_is_short(window) for window in side.windows]) for side in self._sides]
        unlike = (longer > _SAME_TIME) | (longer < 1 / _SAME_TIME) | few[0][:, None] | few[1][None, :]
        self._decides = not unlike.all()
        self._apart = np.where(unlike & self._decides, -np.inf, 0.0)

    def above(self, limit: float) -> float:
        """Return the greatest probability of any pair that decides that the ratio is at least `limit`, else 0."""
        return normal_probability(float(self._far_above(limit).max())) if self._decides else 0.0

    def below(self, limit: float) -> float:
        """Return the greatest probability of any pair that decides that the ratio is at most `limit`, else 0."""
        return normal_probability(float(self._far_below(limit).max())) if self._decides else 0.0

    def surest_above(self, limit: float) -> RatioEstimate:
        """Return the pair in which the ratio is most surely at least `limit`; where none decides, of all pairs."""
        return self._at(int(self._far_above(limit).argmax()))

    def surest_below(self, limit: float) -> RatioEstimate:
        """Return the pair in which the ratio is most surely at most `limit`; where none decides, of all pairs."""
        return self._at(int(self._far_below(limit).argmax()))

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
        far = z * self._error - self._apart
        return float((self._mean - far).max()), float((-self._mean - far).max())

    def newest_ratios(self, speech: int) -> list[float]:
        """Return the ratio in pairs of about equal length, the shortest first, up to about `speech` ticks."""
        agent, customer = (side.present(speech) for side in self._sides)
        means = self._mean.tolist()
        return [math.exp(means[min(k, agent)][min(k, customer)]) for k in range(max(agent, customer) + 1)]

    def newest(self, speech: int) -> RatioEstimate:
        """Return the pair of windows of about `speech` ticks, or of the longest there are."""
        agent, customer = (side.present(speech) for side in self._sides)
        return self._at(agent * self._mean.shape[1] + customer)

    def _far_above(self, limit: float) -> NDArray[np.float64]:
        """Return by how many standard errors each pair that decides is above a limit."""
        far: NDArray[np.float64] = (self._mean - math.log(limit)) / self._error + self._apart
        return far

    def _far_below(self, limit: float) -> NDArray[np.float64]:
        far: NDArray[np.float64] = (math.log(limit) - self._mean) / self._error + self._apart
        return far

    def _at(self, number: int) -> RatioEstimate:
        row, column = divmod(number, self._mean.shape[1])
        agent, customer = self._sides
        rates = agent.rate(row), customer.rate(column)
        errors = (
            rates[0] * math.sqrt(agent.variances[row] + agent.voice_variance),
            rates[1] * math.sqrt(customer.variances[column] + customer.voice_variance),
        )
        return RatioEstimate(
            mean=float(self._mean[row, column]),
            error=float(self._error[row, column]),
            agent=agent.windows[row],
            customer=customer.windows[column],
            rates=rates,
            rate_errors=errors,
        )


def _is_short(window: RateWindow) -> bool:
    return window.utterances < _UTTERANCES and window.speech < PRESENT
