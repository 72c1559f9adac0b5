"""How often each rule is right by the verdicts so far, as several pages show it."""

from collections.abc import Mapping

from cxaudio.workbench.judging.judged_calls import agreed_flags
from cxaudio.workbench.judging.rule_report import rule_precisions
from cxaudio.workbench.pages.sample_state import agreed_in_closed
from cxaudio.workbench.reading.where import EVERY, Where
from cxaudio.workbench.serving.asked import Asked
from cxaudio.workbench.statistics.precision import Precision

__all__ = ["measured_precisions"]


def measured_precisions(asked: Asked, where: Where = EVERY) -> Mapping[str, Precision]:
    """Return the precision of each rule with a verdict.

    Parameters
    ----------
    asked : Asked
        The request.
    where : Where
        Of which calls.
    """
    snapshot, agreed = asked.snapshot, agreed_in_closed(asked)
    return snapshot.kept(
        ("precisions", where, len(agreed)),
        lambda: rule_precisions(snapshot, agreed=agreed_flags(snapshot, agreed), where=where),
    )
