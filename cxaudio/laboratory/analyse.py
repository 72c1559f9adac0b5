"""Measure headsets from folders of takes and write their reports, comparisons and profiles."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.errors import UsageError
from cxaudio.versions import versions

if TYPE_CHECKING:
    from cxaudio.laboratory.measures.headset_report import HeadsetReport
    from cxaudio.model.policy import HeadsetProfile

__all__ = ["analyse_several", "analyse_takes", "save_profile", "write_analysis", "write_comparison"]

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
        Run also the optional models (DNSMOS, PLCMOS, STOI).
    progress : callable, optional
        Called with a few words at each step.

    Returns
    -------
    HeadsetReport

    Raises
    ------
    UsageError
        If there are no takes, or `opinions` are asked for and their libraries are not installed.
    """
    from cxaudio.laboratory.measures.headset_report import measure_headset
    from cxaudio.laboratory.takes.takes_folder import read_takes

    report_progress = progress or (lambda text: None)
    report_progress("reading takes")
    takes = read_takes(paths, model=model)
    report_progress(f"measuring {takes.model}")
    return measure_headset(takes, opinions=opinions)


def analyse_several(
    folders: Sequence[Path], *, opinions: bool = False, progress: Progress | None = None
) -> "list[HeadsetReport]":
    """Measure several headsets, one a folder.

    Raises
    ------
    UsageError
        If there are fewer than two folders, or a folder holds no takes. Headsets of one name get their folder added
        to it.
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


def write_analysis(report: "HeadsetReport", folder: Path, *, page_language: str = "en") -> Sequence[Path]:
    """Write a headset's report: page, `report.json` and files for other tools.

    Parameters
    ----------
    report : HeadsetReport
        Report of one headset.
    folder : Path
        Made where it is missing.
    page_language : str
        Language of what is shown, BCP 47; files for other tools are English.

    Returns
    -------
    sequence of Path
        Files written, the page first.

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

    page = render_headsets([report], versions=versions(), page_language=page_language)
    files = write_report_files(folder, report, versions())
    write_whole(folder / "report.html", page)
    return (folder / "report.html", *files)


def write_comparison(reports: "Sequence[HeadsetReport]", folder: Path, *, page_language: str = "en") -> Sequence[Path]:
    """Write several headsets side by side: one page, one `comparison.json`, and each one's own report in a folder.

    Parameters
    ----------
    reports : sequence of HeadsetReport
        Two or more, of different names.
    folder : Path
        Made where it is missing.
    page_language : str
        Language of what is shown, BCP 47; files for other tools are English.

    Returns
    -------
    sequence of Path
        Files written, the page first.

    Raises
    ------
    StoreError
        If something cannot be written.
    UsageError
        If the libraries that draw are not installed.
    """
    import json
    from urllib.parse import quote

    from cxaudio.laboratory.report.compare import compare_headsets
    from cxaudio.laboratory.report.files import comparison_to_dict, file_slug
    from cxaudio.laboratory.report.page import render_headsets
    from cxaudio.sinks.files import write_whole

    names = [file_slug(report.model) for report in reports]
    pages = [f"{quote(name)}/report.html" for name in names]
    page = render_headsets(reports, versions=versions(), page_language=page_language, pages=pages)
    written: list[Path] = []
    for report, name in zip(reports, names, strict=True):
        written += write_analysis(report, folder / name, page_language=page_language)
    values = comparison_to_dict(compare_headsets(reports), versions())
    write_whole(folder / "comparison.json", json.dumps(values, ensure_ascii=False, allow_nan=False, indent=2) + "\n")
    write_whole(folder / "report.html", page)
    return (folder / "report.html", folder / "comparison.json", *written)


def save_profile(
    report: "HeadsetReport", folder: Path | None, *, maker: str | None = None
) -> "tuple[Path, HeadsetProfile]":
    """Write a headset's profile into a settings folder and read it back as a live session will.

    Parameters
    ----------
    report : HeadsetReport
        Report of one headset.
    folder : Path or None
        Settings folder; None: the user's own.
    maker : str, optional
        Name of the maker.

    Returns
    -------
    path, profile : Path, HeadsetProfile
        The file that was written, and the profile as a live session reads it.

    Raises
    ------
    ConfigError
        If the profile cannot be read back.
    StoreError
        If it cannot be written.
    """
    from cxaudio.laboratory.report.files import file_slug
    from cxaudio.laboratory.report.profile import write_profile
    from cxaudio.settings import headset_profiles, user_config_folder

    folder = user_config_folder() if folder is None else folder
    known = headset_profiles(folder).get(file_slug(report.model))
    path = write_profile(report, folder, maker=maker, known=known)
    return path, headset_profiles(folder)[path.stem]
