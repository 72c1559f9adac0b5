"""Say in words how a sample was drawn, and why each of its calls."""

from collections.abc import Mapping
from typing import Any

from cxaudio.archive.reviews.samples import Sample, SampledCall
from cxaudio.i18n.figures_in_words import measure_in_words, percent
from cxaudio.workbench.pages.call_place import CallPlace
from cxaudio.workbench.pages.call_reasons import found_texts
from cxaudio.workbench.pages.filter_view import name_of
from cxaudio.workbench.reading.call_filter import CallFilter

__all__ = ["SCRIPT_WORDS", "chance_text", "design_text", "review_address", "why_text"]

SCRIPT_WORDS = (
    "workbench_samples.key",
    "workbench_samples.share_total",
    "workbench_samples.too_many",
    "workbench_samples.at_most",
    "workbench_calibration.agreed_kept",
)
"""Texts that ``statistics.js`` needs, by how their keys begin."""


def why_text(call: SampledCall, words: Mapping[str, str]) -> str:
    """Return why a call was drawn.

    Parameters
    ----------
    call : SampledCall
        With its figures.
    words : mapping of str to str
        Texts.
    """
    why = call.why
    if call.stratum == "worst":
        found = words["index.comma"].join(found_texts(why, words))
        return words["workbench_samples.why_worst"].format(place=why["place"], of=why["n_group"], found=found)
    if call.stratum == "unsure":
        return words["workbench_samples.why_unsure"].format(
            reason=_doubt(why, words), n=why["n_drawn"], of=why["n_from"]
        )
    return words["workbench_samples.why_random"].format(n=why["n_drawn"], of=why["n_from"])


def chance_text(chance: float, words: Mapping[str, str]) -> str:
    """Return the chance of a call to be in the sample: sure, or per cent with as many digits as it needs."""
    if chance >= 1 - 1e-9:
        return words["workbench_samples.sure"]
    if chance >= 0.1:
        return percent(chance, words)
    return words["unit.percent"].format(n=f"{100 * chance:.2g}")


def design_text(sample: Sample, words: Mapping[str, str]) -> str:
    """Return how many calls were drawn and in which shares."""
    design = sample.design
    n = words["workbench_samples.design_per_agent" if design["per_agent"] else "workbench_samples.design_in_all"]
    shares = [
        words[f"workbench_samples.design_{name}"].format(share=percent(design["shares"].get(name, 0.0), words))
        for name in ("random", "worst", "unsure")
        if design["shares"].get(name)
    ]
    return words["index.comma"].join([n.format(n=design["n"]), *shares])


def review_address(call_id: str, *, sample: int, calibration: int | None = None, flag: int | None = None) -> str:
    """Return the address of a call in the list of a sample, in an order that is at random and stays.

    Examples
    --------
    >>> review_address("0a", sample=3, calibration=2)
    '/calls/0a?in=sample%3D3&sort=random-3&calibration=2'
    """
    place = CallPlace(chosen=CallFilter(sample=sample), sort=f"random-{sample}", calibration=calibration)
    return place.call(call_id, flag=flag)


def _doubt(why: Mapping[str, Any], words: Mapping[str, str]) -> str:
    if "rule" not in why:
        return words["workbench_samples.doubted"]
    return words["workbench_samples.near_limit"].format(
        rule=name_of(words, "rule", why["rule"]),
        measured=measure_in_words(why["measured"], why["unit"] or "", words),
        limit=measure_in_words(why["limit"], why["unit"] or "", words),
    )
