"""Say what came in place of settings that earlier versions had."""

from collections.abc import Mapping

__all__ = ["GONE"]

_ERROR = "is gone; take it out, rates.max_error says from which error on a rate is unknown"
_SOONER = "is gone; take it out, pace.probability says how sure a flag must be"

GONE: Mapping[str, str] = {
    "rates.full_nuclei": _ERROR,
    "rates.interval_variation": _ERROR,
    "rates.min_confidence": _ERROR,
    "rates.full_snr_db": _ERROR,
    "rates.no_snr_db": _ERROR,
    "rates.pause_min_s": "is gone; take it out, spurts.bridge_s says what is a pause",
    "rushing.hold_s": _SOONER,
    "dawdling.hold_s": _SOONER,
    "norms.slow_factor": "is gone; take it out, nothing read it",
    "norms.unit": "is gone; take it out, rates are in syllables a second",
}
"""By key: what a message says of a setting that is no more. Without it the nearest key would be offered, which means
something else."""
