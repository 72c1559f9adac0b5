"""One recorded call through the whole chain: builds source, analyser and sinks, and runs them.

What is heavy is imported inside, so that ``import cxaudio`` and the command line start at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.errors import UsageError
from cxaudio.replay.interruption import heeded_interruptions

if TYPE_CHECKING:
    from cxaudio.engine import Progress
    from cxaudio.model.ports import Sink, Source
    from cxaudio.model.provenance import Provenance
    from cxaudio.model.report import CallReport
    from cxaudio.settings import Settings
    from cxaudio.sources.recorded.layouts import Layout

__all__ = [
    "BLOCK_MS",
    "EXPORTS",
    "CallFiles",
    "Outputs",
    "export_names",
    "known_layouts",
    "provenance_of",
    "provenance_versions",
    "replay",
    "replay_call",
    "sides_of_one_call",
]

BLOCK_MS = 20_000
"""Length of a recording's blocks: fewer, longer blocks cost fewer calls, and twenty seconds still weigh little."""

EXPORTS = ("textgrid", "rttm", "audacity", "vtt", "csv")
"""What `export` may name."""

_DISTRIBUTIONS = ("numpy", "scipy", "soundfile", "soxr", "webrtcvad-wheels")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFiles:
    """Where a recorded call lies, and whose channel is whose as far as it was told.

    Raises
    ------
    UsageError
        If it names no recording, a recording and sides beside it, or one side only.
    """

    path: Path | None = None  # one recording
    agent_file: Path | None = None  # or one a side
    customer_file: Path | None = None
    agent: str | None = None  # "left", "right" or the number of a channel
    layout: str | None = None  # a name out of layouts.toml

    def __post_init__(self) -> None:
        if self.path is not None and (self.agent_file is not None or self.customer_file is not None):
            raise UsageError(f"{self.path}: give either one recording, or one file a side, not both")
        if self.path is None and self.agent_file is None and self.customer_file is None:
            raise UsageError("no recording was named; give a file, or --agent-file and --customer-file")
        if (self.agent_file is None) != (self.customer_file is None):
            there, missing = ("agent", "customer") if self.agent_file is not None else ("customer", "agent")
            raise UsageError(f"--{there}-file was given without --{missing}-file; name both sides' recordings")
        if self.agent_file is not None and (self.agent is not None or self.layout is not None):
            raise UsageError("one file a side already says whose is whose; leave out --agent and --layout")

    @property
    def recordings(self) -> tuple[Path, ...]:
        """The recording, or the agent's and the customer's."""
        if self.path is not None:
            return (self.path,)
        assert self.agent_file is not None  # checked on construction
        assert self.customer_file is not None
        return (self.agent_file, self.customer_file)

    @property
    def name(self) -> str:
        """What people call it: the file's name without its ending."""
        return self.recordings[0].stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What is written where.

    Raises
    ------
    UsageError
        If an export is unknown.
    """

    folder: Path
    export: tuple[str, ...] = ()
    clean: bool = False  # the suppressed sound as well
    embed_audio: bool = False  # a copy of the recording inside the page
    page_language: str = "en"  # BCP 47

    def __post_init__(self) -> None:
        for name in self.export:
            if name not in EXPORTS:
                raise UsageError(f"export {name!r} is not known; choose from {', '.join(EXPORTS)}")


def replay(
    path: str | Path | None = None,
    *,
    agent: str | None = None,
    layout: str | None = None,
    agent_file: str | Path | None = None,
    customer_file: str | Path | None = None,
    out: str | Path | None = None,
    language: str | None = None,
    config: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    export: str | Sequence[str] = (),
    clean: bool = False,
    embed_audio: bool = False,
    page_language: str | None = None,
    block_ms: int = BLOCK_MS,
    progress: "Progress | None" = None,
) -> "CallReport":
    """Analyse one recorded call.

    Parameters
    ----------
    path : path, optional
        One recording: two channels, one a side, or a mono mix (one-sided figures only).
    agent : str, optional
        Which channel is the agent's: ``"left"``, ``"right"`` or a number from 0.
        Without it, `layout` or the settings must say so.
    layout : str, optional
        A recorder's convention out of ``layouts.toml``, for example ``"amazon-connect"``.
    agent_file, customer_file : path, optional
        In place of `path`: one recording a side, also of different rate and length.
    out : path, optional
        Folder for ``report.json``, ``events.jsonl`` and ``report.html``; nothing is written without it.
    language : str, optional
        Of the call, BCP 47; the settings' own where it is left out.
    config : path, optional
        A settings file over the user's own and the shipped.
    overrides : mapping, optional
        ``"section.key"`` to value, over every file.
    export : str or sequence of str
        Any of `EXPORTS`; in a string, commas between them.
    clean : bool
        Write the suppressed sound to ``clean.wav``.
    embed_audio : bool
        Put a copy of the recording into the page instead of a link.
    page_language : str, optional
        Language that the page opens in, BCP 47; the call's where it is left out.
    block_ms : int
        Length of the blocks, >= 1; any length gives the same report.
    progress : callable, optional
        Told samples heard and samples in all after each block.

    Returns
    -------
    CallReport

    Raises
    ------
    UsageError
        If the roles are not told, or the request contradicts itself.
    ConfigError
        If a setting is unknown, ill-typed or out of its range.
    AudioFormatError
        If the recording cannot be read.
    StoreError
        If a result cannot be written.

    Examples
    --------
    In a notebook::

        report = cxaudio.replay("call.wav", agent="left", out="call-0012")
        report.agent.articulation_rate
    """
    from cxaudio.settings import load_settings

    files = CallFiles(
        path=_path(path),
        agent_file=_path(agent_file),
        customer_file=_path(customer_file),
        agent=agent,
        layout=layout,
    )
    if out is None and (export or clean or embed_audio):
        raise UsageError("there is no folder to write to; name one with --out")
    settings = load_settings(language=language, config_file=config, overrides=overrides)
    spoken = language or settings.pacing.language
    outputs = None
    if out is not None:
        outputs = Outputs(
            folder=Path(out),
            export=export_names(export),
            clean=clean,
            embed_audio=embed_audio,
            page_language=page_language or spoken,
        )
    return replay_call(files, settings, language=spoken, outputs=outputs, block_ms=block_ms, progress=progress)


def export_names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Names of exports out of a list, or out of a string with commas.

    Examples
    --------
    >>> export_names("csv, VTT,"), export_names(["rttm"])
    (('csv', 'vtt'), ('rttm',))
    """
    parts = names.split(",") if isinstance(names, str) else names
    return tuple(name.strip().lower() for name in parts if name.strip())


def replay_call(
    files: CallFiles,
    settings: "Settings",
    *,
    language: str,
    outputs: Outputs | None,
    block_ms: int = BLOCK_MS,
    progress: "Progress | None" = None,
) -> "CallReport":
    """Analyse one call under settings already read; what `replay` and `replay_many` share.

    Parameters
    ----------
    files : CallFiles
        The recording.
    settings : Settings
        In force.
    language : str
        Of the call, BCP 47.
    outputs : Outputs or None
        What to write; None: nothing.
    block_ms : int
        Length of the blocks, >= 1.
    progress : callable, optional
        See `replay`.
    """
    with (
        heeded_interruptions() as check_interrupted,
        make_source(files, settings, language=language, block_ms=block_ms) as source,
    ):
        from cxaudio.analysis.call import CallAnalyser  # what cannot be read is told before the analyser is loaded
        from cxaudio.engine import run

        provenance = provenance_of(settings)
        wants_clean = outputs is not None and outputs.clean
        analyser = CallAnalyser(source.info, settings.analysis, settings.pacing, clean=wants_clean)
        sinks = [] if outputs is None else make_sinks(outputs, provenance, recordings=files.recordings)

        def after_block(heard: int, of: int | None) -> None:
            check_interrupted()
            if progress is not None:
                progress(heard, of)

        return run(source, analyser, sinks, provenance=provenance, progress=after_block)


def make_source(files: CallFiles, settings: "Settings", *, language: str, block_ms: int) -> "Source":
    """The recording as a source; roles that the command does not tell are taken from the settings."""
    from cxaudio.sources.recorded.layouts import channel_number, find_layout
    from cxaudio.sources.recorded.wav import WavPairSource, WavSource

    if files.path is None:
        agent_file, customer_file = files.recordings
        return WavPairSource(agent_file, customer_file, language=language, block_ms=block_ms)
    told = files.agent is not None or files.layout is not None
    agent = files.agent if told else settings.roles.agent
    layout = files.layout if told else settings.roles.layout
    return WavSource(
        files.path,
        agent=None if agent is None else channel_number(agent),
        layout=None if layout is None else find_layout(known_layouts(), layout),
        language=language,
        block_ms=block_ms,
        role_source="settings" if not told and (agent or layout) else None,
    )


def known_layouts() -> "Mapping[str, Layout]":
    """Recorders' conventions: the user's own over the shipped."""
    from cxaudio.settings import config_root, user_config_folder
    from cxaudio.sources.recorded.layouts import read_layouts

    layouts = dict(read_layouts(config_root() / "layouts.toml"))
    own = user_config_folder() / "layouts.toml"
    if own.is_file():
        layouts |= read_layouts(own)
    return layouts


def sides_of_one_call(first: Path, second: Path, *, layout: str | None) -> tuple[Path, Path] | None:
    """Agent's and customer's file, where two recordings given together are the two sides of one call.

    Parameters
    ----------
    first, second : Path
        As given.
    layout : str or None
        A recorder that writes a file a side says which is which.

    Returns
    -------
    tuple of Path, or None
        None: they are two calls.

    Raises
    ------
    UsageError
        If both have one channel and nothing says whether they belong together.
    """
    from cxaudio.errors import AudioFormatError
    from cxaudio.sources.recorded.layouts import find_layout
    from cxaudio.sources.recorded.recording import Recording

    if layout is not None:
        convention = find_layout(known_layouts(), layout)
        return convention.in_order(first, second) if convention.files == 2 else None
    if first.is_dir() or second.is_dir():
        return None
    try:
        for path in (first, second):
            with Recording(path) as recording:
                if recording.channels != 1:
                    return None
    except AudioFormatError:
        return None  # told when its turn comes
    raise UsageError(
        f"{first} and {second} have one channel each; if they are the two sides of one call, say --agent-file and "
        "--customer-file (or --layout NAME); if they are two mono mixes, replay them one by one or as a folder"
    )


def provenance_of(settings: "Settings") -> "Provenance":
    """Settings and versions for a report."""
    from cxaudio.model.provenance import Provenance

    return Provenance(
        digest=f"sha256:{settings.digest}",
        policy=settings.pacing.language,
        values=settings.as_dict(),
        versions=provenance_versions(),
    )


def provenance_versions() -> "Mapping[str, str]":
    """Versions of cxaudio and of what it computes with."""
    import platform
    from importlib.metadata import version

    from cxaudio._version import __version__

    return {"cxaudio": __version__, "python": platform.python_version()} | {
        name: version(name) for name in _DISTRIBUTIONS
    }


def make_sinks(outputs: Outputs, provenance: "Provenance", *, recordings: Sequence[Path]) -> "list[Sink]":
    """Sinks for what is asked for; `report.json` comes last, so that where it stands all the rest does."""
    from cxaudio.sinks.clean_wav import CleanWavSink
    from cxaudio.sinks.exports.annotations import RttmSink, TextGridSink
    from cxaudio.sinks.exports.csv_tables import CsvSink
    from cxaudio.sinks.exports.labels import LabelSink
    from cxaudio.sinks.exports.webvtt import VttSink
    from cxaudio.sinks.files import storing
    from cxaudio.sinks.jsonl import JsonlSink
    from cxaudio.sinks.page.html import HtmlSink
    from cxaudio.sinks.report_json import ReportJsonSink

    folder = outputs.folder
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sinks: list[Sink] = [JsonlSink(folder / "events.jsonl", provenance)]
    if outputs.clean:
        sinks.append(CleanWavSink(folder / "clean.wav"))
    exports: dict[str, Sink] = {
        "textgrid": TextGridSink(folder / "call.TextGrid"),
        "rttm": RttmSink(folder / "call.rttm"),
        "audacity": LabelSink(folder / "labels.txt"),
        "vtt": VttSink(folder / "call.vtt"),
        "csv": CsvSink(folder / "tables"),
    }
    sinks += [exports[name] for name in dict.fromkeys(outputs.export)]
    sinks.append(
        HtmlSink(
            folder / "report.html",
            recordings=recordings,
            embed_audio=outputs.embed_audio,
            language=outputs.page_language,
        )
    )
    sinks.append(ReportJsonSink(folder / "report.json"))
    return sinks


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)
