"""Level of the speech take."""

import numpy as np

from cxaudio.laboratory.measures.figure import Badge, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.measures.measure import Measure
from cxaudio.laboratory.said import said
from cxaudio.laboratory.takes.protocol import Role
from cxaudio.laboratory.takes.take import Takes
from dsp.core.levels import dbov
from dsp.measurement.level_p56 import active_level

__all__ = ["LEVEL"]

_ACTIVITY = 1.0  # by which noise and reverberation move the activity, percentage points
_CREST_DB = 0.1  # by which noise moves the highest sample

_FIGURES = (
    FigureSpec(
        key="level.active_dbov",
        fit=1.5,
        name="Active speech level",
        unit="dBov",
        criterion="level",
        role=Role.SPEECH,
        badge=Badge.STANDARD,
        about="ITU-T P.56 method B without the constant part; at the gain listed, so it ranks no headsets.",
        decimals=2,
    ),
    FigureSpec(
        key="level.activity_percent",
        fit=1.0,
        name="Activity",
        unit="% of the time",
        criterion="level",
        role=Role.SPEECH,
        badge=Badge.STANDARD,
        about="ITU-T P.56 method B.",
    ),
    FigureSpec(
        key="level.rms_dbov",
        fit=1.5,
        name="Long-term level",
        unit="dBov",
        criterion="level",
        role=Role.SPEECH,
        badge=Badge.STANDARD,
        about="Root mean square of the whole take.",
        decimals=2,
    ),
    FigureSpec(
        key="level.peak_dbov",
        fit=1.5,
        name="Highest sample",
        unit="dBov",
        criterion="level",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Largest magnitude in the take.",
        decimals=2,
    ),
    FigureSpec(
        key="level.crest_db",
        fit=0.5,
        name="Crest factor",
        unit="dB re RMS",
        criterion="level",
        role=Role.SPEECH,
        badge=Badge.PROJECT,
        about="Highest sample over the long-term level.",
    ),
)


def _fill(takes: Takes, found: Findings) -> None:
    for take in takes.of(Role.SPEECH):
        x = np.asarray(take.samples, np.float64)
        level = active_level(x - np.median(x), take.sample_rate)  # an offset is no activity
        rms_dbov = dbov(float(np.mean(x**2)))
        peak = dbov(float(np.max(np.abs(x))) ** 2)
        conditions = said("{seconds:.0f} s at {rate} Hz, whole band", seconds=take.seconds, rate=take.sample_rate)
        found.put("level.active_dbov", level.level_dbov, error=0.05, conditions=conditions)
        found.put(
            "level.activity_percent", 100 * level.activity, error=1.0, systematic=_ACTIVITY, conditions=conditions
        )
        found.put("level.rms_dbov", rms_dbov, error=0.01, conditions=conditions)
        found.put("level.peak_dbov", peak, error=0.01, conditions=conditions)
        found.put("level.crest_db", peak - rms_dbov, error=0.01, systematic=_CREST_DB, conditions=conditions)


LEVEL = Measure(name="level", figures=_FIGURES, fill=_fill)
