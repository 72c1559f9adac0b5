"""One headset's takes to its report and files."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.headsets.measure import HeadsetReport, Measure

__all__ = ["analyse_takes", "versions", "write_analysis"]

Progress = Callable[[str], None]


def analyse_takes(
    paths: Path | Iterable[Path], *, model: str | None = None, opinions: bool = False, progress: Progress | None = None
) -> "HeadsetReport":
    """Measure a headset from its takes.

    Parameters
    ----------
    paths : path or iterable of path
        See `cxaudio.laboratory.reading.read_takes`.
    model : str, optional
        Name of the headset.
    opinions : bool
        Ask the optional models (DNSMOS, PLCMOS, STOI), too.
    progress : callable, optional
        Told in a few words what is being done.

    Returns
    -------
    HeadsetReport

    Raises
    ------
    UsageError
        If there are no takes, or `opinions` are asked for and their libraries are not installed.
    """
    from cxaudio.headsets.measure import measure_headset
    from cxaudio.laboratory.pacing import measure_pacing
    from cxaudio.laboratory.reading import read_takes

    further: list[Measure] = [measure_pacing]
    if opinions:
        from cxaudio.laboratory.opinions import opinion_measures

        further += opinion_measures()
    tell = progress or (lambda text: None)
    tell("reading takes")
    takes = read_takes(paths, model=model)
    tell(f"measuring {takes.model}")
    return measure_headset(takes, further)


def write_analysis(report: "HeadsetReport", folder: Path) -> Sequence[Path]:
    """Write a headset's report: page, `report.json` and files for other tools.

    Parameters
    ----------
    report : HeadsetReport
        What was measured.
    folder : Path
        Made where it is missing.

    Returns
    -------
    sequence of Path
        What was written, the page first.

    Raises
    ------
    StoreError
        If something cannot be written.
    UsageError
        If the libraries that draw are not installed.
    """
    from cxaudio.laboratory.writing import write_report_files

    return write_report_files(folder, report, versions())


def versions() -> dict[str, str]:
    """Versions of cxaudio and of what it computes with."""
    from cxaudio.replay import provenance_versions

    return dict(provenance_versions())
