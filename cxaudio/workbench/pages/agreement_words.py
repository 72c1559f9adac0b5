"""Put together what the page of a calibration shows of agreement and of differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cxaudio.archive.asking.intervals import Interval
from cxaudio.archive.reviews.calibrations import Calibration
from cxaudio.i18n.figures_in_words import clock_text, measure_in_words, percent
from cxaudio.workbench.judging.calibration_report import Difference, RuleAgreement
from cxaudio.workbench.pages.filter_view import name_of
from cxaudio.workbench.pages.people_words import FigureTexts
from cxaudio.workbench.pages.sample_words import review_address
from cxaudio.workbench.pages.share_drawing import SharePlot, share_plot

__all__ = ["AgreementRow", "DifferenceRow", "agreement_rows", "difference_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementRow:
    """How far reviewers agree on one rule, as text and drawing."""

    rule: str  # empty: all rules together
    n_items: int
    n_calls: int
    observed: str  # empty: nothing to compare
    observed_interval: str  # as all intervals, empty: none
    kind: str  # "kappa" or "alpha": which coefficient is shown
    plot: SharePlot | None  # from -1 to 1; None: the coefficient is not defined
    value: str
    interval: str
    pabak: str
    pabak_interval: str
    wrong: str  # share of verdicts that say wrong
    on_happened: str  # agreement on flags that happened
    on_wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferenceRow:
    """A flag that reviewers judged differently, as text."""

    call_id: str
    n: int
    address: str
    agent: str
    rule: str
    time: str
    measured: str
    verdicts: Sequence[tuple[str, str]]  # decision, empty without one, and note of each reviewer of the calibration
    about_fact: bool
    agreed: str  # empty: nothing yet


def agreement_rows(found: Sequence[RuleAgreement], words: Mapping[str, str]) -> list[AgreementRow]:
    """Return how far reviewers agree.

    Parameters
    ----------
    found : sequence of RuleAgreement
        All rules together first.
    words : mapping of str to str
        Texts.

    Returns
    -------
    list of AgreementRow
        Cohen's kappa for two reviewers, else Krippendorff's alpha; over all four verdicts. What is about
        prevalence is of the question whether a flag happened.
    """
    return [_agreement_row(each, words) for each in found]


def _agreement_row(each: RuleAgreement, words: Mapping[str, str]) -> AgreementRow:
    verdicts, happened = each.verdicts, each.happened
    two = verdicts.n_reviewers == 2
    value, interval = (verdicts.kappa, verdicts.kappa_interval) if two else (verdicts.alpha, verdicts.alpha_interval)
    texts = FigureTexts(words)
    on_happened, on_wrong = happened.per_category
    return AgreementRow(
        rule=name_of(words, "rule", each.rule) if each.rule else "",
        n_items=verdicts.n_items,
        n_calls=verdicts.n_calls,
        observed="" if verdicts.observed is None else percent(verdicts.observed, words),
        observed_interval=_shares(verdicts.observed_interval, texts),
        kind="kappa" if two else "alpha",
        plot=share_plot(value, interval, low=-1.0),
        value="" if value is None else _coefficient(value),
        interval=_coefficients(interval, words),
        pabak="" if verdicts.pabak is None else _coefficient(verdicts.pabak),
        pabak_interval=_coefficients(verdicts.pabak_interval, words),
        wrong=percent(happened.shares[1], words) if happened.shares else "",
        on_happened="" if on_happened is None else texts.number(on_happened, "share"),
        on_wrong="" if on_wrong is None else texts.number(on_wrong, "share"),
    )


def difference_rows(
    found: Sequence[Difference], calibration: Calibration, words: Mapping[str, str]
) -> list[DifferenceRow]:
    """Return the flags that reviewers judged differently, with the verdict and the note of each.

    Parameters
    ----------
    found : sequence of Difference
        In their order.
    calibration : Calibration
        Whose reviewers are named in its order.
    words : mapping of str to str
        Texts.
    """
    rows = []
    for each in found:
        row, facts = each.call.row, each.flag.facts
        known = facts["measured"] is not None
        rows.append(
            DifferenceRow(
                call_id=row["call_id"],
                n=facts["n"],
                address=review_address(row["call_id"], sample=calibration.sample, flag=facts["n"]),
                agent=row["agent"] or words["workbench_samples.unknown_agent"],
                rule=name_of(words, "rule", facts["rule"]),
                time=clock_text(facts["start_s"]) if facts["type"] == "flag" and facts["start_s"] is not None else "",
                measured=measure_in_words(facts["measured"], facts["unit"] or "", words) if known else "",
                verdicts=[(each.decisions.get(name, ""), each.notes.get(name, "")) for name in calibration.reviewers],
                about_fact=each.about_fact,
                agreed=each.flag.agreed or "",
            )
        )
    return rows


def _coefficient(value: float) -> str:
    text = f"{value:.2f}"
    return ("0.00" if text == "-0.00" else text).replace("-", "\N{MINUS SIGN}")


def _shares(interval: Interval | None, texts: FigureTexts) -> str:
    return "" if interval is None else texts.interval(interval, "share")


def _coefficients(interval: Interval | None, words: Mapping[str, str]) -> str:
    if interval is None:
        return ""
    low, high = (_coefficient(end) for end in interval)
    return words["workbench_people.interval"].format(low=low, high=high)
