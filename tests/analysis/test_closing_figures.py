"""What the events of a call leave for its closing figures."""

import math

from cxaudio.analysis.closing_figures import ClosingFigures
from cxaudio.model.events import RateEstimate, Side, SideFigures, Turn


def rate(side: Side, baseline: float | None) -> RateEstimate:
    return RateEstimate(
        start=0,
        end=80,
        decided_at=80,
        side=side,
        syllables_per_s=None,
        std_error=None,
        confidence=0.0,
        n_nuclei=0,
        speech=0,
        baseline=baseline,
    )


def made(closing: ClosingFigures, side: Side = Side.AGENT, **given: float) -> SideFigures:
    measured = {"level_dbov": -26.0, "noise_dbov": -60.0, "snr_db": 12.0, "rate_error": 0.08, "rate_known": True}
    return closing.make(side, 800, **(measured | given))  # type: ignore[arg-type]


def turn(side: Side) -> Turn:
    return Turn(start=0, end=80, decided_at=80, side=side, speech=80, n_nuclei=0, level_dbov=-26.0)


def test_the_latest_baseline_that_is_known_stands() -> None:
    closing = ClosingFigures()
    closing.watch([rate(Side.AGENT, 4.0), rate(Side.CUSTOMER, 5.0)])
    closing.watch([rate(Side.AGENT, 4.5), rate(Side.AGENT, None)])
    assert [4.5, 5.0] == [
        closing.make(
            side, 800, level_dbov=-26.0, noise_dbov=-60.0, snr_db=34.0, rate_error=0.08, rate_known=True
        ).baseline_rate
        for side in Side
    ]


def test_the_first_turn_names_the_first_speaker() -> None:
    closing = ClosingFigures()
    assert closing.first_speaker is None
    closing.watch([rate(Side.AGENT, 4.0), turn(Side.CUSTOMER), turn(Side.AGENT)])
    assert Side.CUSTOMER is closing.first_speaker
    closing.reset()
    assert closing.first_speaker is None


def test_a_figure_that_is_not_finite_is_unknown() -> None:
    assert SideFigures(
        start=0,
        end=800,
        decided_at=800,
        side=Side.AGENT,
        level_dbov=None,
        noise_dbov=None,
        snr_db=12.0,
        baseline_rate=None,
    ) == ClosingFigures().make(
        Side.AGENT, 800, level_dbov=math.nan, noise_dbov=-math.inf, snr_db=12.0, rate_error=math.inf, rate_known=True
    )
