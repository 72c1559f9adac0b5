"""A measure: the figures and curves it defines, and the function that fills them from takes."""

from collections.abc import Callable
from dataclasses import dataclass

from cxaudio.laboratory.measures.figure import CurveSpec, FigureSpec
from cxaudio.laboratory.measures.findings import Findings
from cxaudio.laboratory.takes.take import Takes

__all__ = ["Measure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of a headset.

    Attributes
    ----------
    name : str
        Short name.
    figures : tuple of FigureSpec
        Figures that `fill` puts, in the order in which a report shows them.
    fill : callable
        Compute the figures and curves from the takes and put them into the findings.
    curves : tuple of CurveSpec
        Curves that `fill` draws.
    libraries : tuple of str
        Optional libraries that `fill` imports. Such a measure is run only when model scores are asked for and all of
        its libraries are installed.
    """

    name: str
    figures: tuple[FigureSpec, ...]
    fill: Callable[[Takes, Findings], None]
    curves: tuple[CurveSpec, ...] = ()
    libraries: tuple[str, ...] = ()
