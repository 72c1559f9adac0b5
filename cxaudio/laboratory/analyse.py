"""One headset's takes to its report and files."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.errors import UsageError
from cxaudio.versions import versions

if TYPE_CHECKING:
    from cxaudio.laboratory.measures.headset_report import HeadsetReport, Measure

__all__ = ["analyse_several", "analyse_takes", "write_analysis", "write_comparison", "write_profile"]

Progress = Callable[[str], None]


def analyse_takes(
    paths: Path | Iterable[Path], *, model: str | None = None, opinions: bool = False, progress: Progress | None = None
) -> "HeadsetReport":
    """Measure a headset from its takes.

    Parameters
    ----------
    paths : path or iterable of path
        See `cxaudio.laboratory.takes.takes_folder.read_takes`.
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
    from cxaudio.laboratory.measures.call_figures import measure_pacing
    from cxaudio.laboratory.measures.headset_report import measure_headset
    from cxaudio.laboratory.takes.takes_folder import read_takes

    further: list[Measure] = [measure_pacing]
    if opinions:
        from cxaudio.laboratory.measures.opinions import opinion_measures

        further += opinion_measures()
    tell = progress or (lambda text: None)
    tell("reading takes")
    takes = read_takes(paths, model=model)
    tell(f"measuring {takes.model}")
    return measure_headset(takes, further)


def analyse_several(
    folders: Sequence[Path], *, opinions: bool = False, progress: Progress | None = None
) -> "list[HeadsetReport]":
    """Measure several headsets, one a folder.

    Raises
    ------
    UsageError
        If there are fewer than two folders, or a folder holds no takes. Two folders of one name are told apart by
        their paths.
    """
    from dataclasses import replace

    if len(folders) < 2:
        raise UsageError("a comparison needs two headsets or more; name a folder with takes for each")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a folder was named twice; name each headset's folder once")
    reports = [analyse_takes(folder, opinions=opinions, progress=progress) for folder in folders]
    names = [report.model for report in reports]
    return [
        report if names.count(report.model) == 1 else replace(report, model=f"{report.model} ({folder})")
        for report, folder in zip(reports, folders, strict=True)
    ]


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
    from cxaudio.laboratory.report.files import write_report_files
    from cxaudio.laboratory.report.page import render_headsets
    from cxaudio.sinks.files import write_whole

    page = render_headsets([report], versions=versions())
    files = write_report_files(folder, report, versions())
    write_whole(folder / "report.html", page)
    return (folder / "report.html", *files)


def write_comparison(reports: "Sequence[HeadsetReport]", folder: Path) -> Sequence[Path]:
    """Write several headsets side by side: one page, one `comparison.json`, and each one's own files in a folder.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        Two or more, of different names.
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
    import json

    from cxaudio.laboratory.report.compare import compare_headsets
    from cxaudio.laboratory.report.files import comparison_to_dict, file_slug, write_report_files
    from cxaudio.laboratory.report.page import render_headsets
    from cxaudio.sinks.files import write_whole

    page = render_headsets(reports, versions=versions())
    written: list[Path] = []
    for report in reports:
        written += write_report_files(folder / file_slug(report.model), report, versions())
    values = comparison_to_dict(compare_headsets(reports), versions())
    write_whole(folder / "comparison.json", json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    write_whole(folder / "report.html", page)
    return (folder / "report.html", folder / "comparison.json", *written)


def write_profile(
    report: "HeadsetReport", folder: Path | None, *, maker: str | None = None
) -> tuple[Path, Mapping[str, object]]:
    """Write a headset's profile and read it back as a live session will.

    Parameters
    ----------
    report : HeadsetReport
        What was measured.
    folder : Path or None
        Settings folder; None: the user's own.
    maker : str, optional
        Who makes it.

    Returns
    -------
    path, values : Path, mapping
        Where it was written, and what stands in it.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    from dataclasses import asdict

    from cxaudio.laboratory.report import profile
    from cxaudio.laboratory.report.files import file_slug
    from cxaudio.settings import headset_profiles, user_config_folder

    folder = user_config_folder() if folder is None else folder
    known = headset_profiles(folder).get(file_slug(report.model))
    path = profile.write_profile(report, folder, maker=maker, known=known)
    return path, asdict(headset_profiles(folder)[path.stem])
