"""Replay one recorded call: make its source, analyser and sinks, and run them.

Heavy modules are imported inside functions, so that ``import cxaudio`` and the command line start at once.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from cxaudio.errors import UsageError
from cxaudio.replay.interruption import watched_interruptions
from cxaudio.replay.request import BLOCK_MS, CallFiles, Outputs, chosen_suppressor, export_names

if TYPE_CHECKING:
    from cxaudio.analysis.rejudging.facts import CallFacts
    from cxaudio.engine import Progress
    from cxaudio.model.ports import Sink, Source
    from cxaudio.model.provenance import Provenance
    from cxaudio.model.report import CallReport
    from cxaudio.settings import Settings
    from cxaudio.sources.recorded.wav import WavPairSource, WavSource

__all__ = ["make_source", "replay", "replay_call", "replay_source"]


def replay(
    path: str | Path | None = None,
    *,
    agent: str | None = None,
    layout: str | None = None,
    agent_file: str | Path | None = None,
    customer_file: str | Path | None = None,
    headset: str | None = None,
    out: str | Path | None = None,
    language: str | None = None,
    config: str | Path | None = None,
    overrides: Mapping[str, object] | None = None,
    export: str | Sequence[str] = (),
    clean: bool = False,
    suppressor: str | None = None,
    embed_audio: bool = False,
    anonymous: bool = False,
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
    headset : str, optional
        Name of the profile of the agent's headset: what was measured of it is used. Without it the recording of a
        live call keeps the headset of that call.
    out : path, optional
        Folder for ``report.json``, ``events.jsonl`` and ``report.html``; nothing is written without it. Results of an
        earlier run in it are replaced, and removed where this run does not write them.
    language : str, optional
        Of the call, BCP 47; the settings' own where it is left out.
    config : path, optional
        A settings file over the user's own and the shipped.
    overrides : mapping, optional
        ``"section.key"`` to value, over every file.
    export : str or sequence of str
        Names of `cxaudio.sinks.exports.EXPORTS`; in a string, separated by commas.
    clean : bool
        Write the suppressed sound to ``clean.wav``.
    suppressor : str, optional
        What reduces its noise: ``"network"``, the usual one, or ``"statistical"``.
    embed_audio : bool
        Put a copy of the recording into the page instead of a link.
    anonymous : bool
        Write no name and no path of a recording: the page plays its copy, or nothing.
    page_language : str, optional
        Language that the page opens in, BCP 47; the call's where it is left out.
    block_ms : int
        Length of the blocks, >= 1; any length gives the same report.
    progress : callable, optional
        Called after each block with the samples read so far and the samples in all.

    Returns
    -------
    CallReport

    Raises
    ------
    UsageError
        If the roles are not given, the headset has no profile, or the request contradicts itself.
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
        headset=headset,
    )
    if out is None and (export or clean or embed_audio):
        raise UsageError("there is no folder to write to; name one with --out")
    chosen = chosen_suppressor(suppressor, wanted=clean, asked_by="--clean")
    settings = load_settings(language=language, config_file=config, overrides=overrides)
    spoken = language or settings.pacing.language
    outputs = None
    if out is not None:
        outputs = Outputs(
            folder=Path(out),
            export=export_names(export),
            suppressor=chosen,
            embed_audio=embed_audio,
            anonymous=anonymous,
            page_language=page_language or spoken,
        )
    return replay_call(files, settings, language=spoken, outputs=outputs, block_ms=block_ms, progress=progress)


def replay_call(
    files: CallFiles,
    settings: "Settings",
    *,
    language: str,
    outputs: Outputs | None,
    block_ms: int = BLOCK_MS,
    progress: "Progress | None" = None,
) -> "CallReport":
    """Analyse one call under settings that were already read.

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
        watched_interruptions() as check_interrupted,
        make_source(files, settings, language=language, block_ms=block_ms) as source,
        ExitStack() as held,
    ):
        from cxaudio.replay.provenance import provenance_of
        from cxaudio.replay.result_sinks import make_sinks
        from cxaudio.sinks.folder_lock import only_writer

        if outputs is not None:
            held.enter_context(only_writer(outputs.folder))
        provenance = provenance_of(settings)
        sinks = [] if outputs is None else make_sinks(outputs, provenance, recordings=files.recordings)

        def after_block(n_read: int, of: int | None) -> None:
            check_interrupted()
            if progress is not None:
                progress(n_read, of)

        suppressor = None if outputs is None else outputs.suppressor
        return replay_source(
            source, settings, sinks, provenance=provenance, suppressor=suppressor, progress=after_block
        )


def replay_source(
    source: "Source",
    settings: "Settings",
    sinks: "Sequence[Sink]",
    *,
    provenance: "Provenance",
    suppressor: str | None = None,
    progress: "Progress | None" = None,
    record: "CallFacts | None" = None,
) -> "CallReport":
    """Analyse a source that was opened.

    Parameters
    ----------
    source : Source
        Entered by the caller, who also leaves it.
    settings : Settings
        In force.
    sinks : sequence of Sink
        What is written.
    provenance : Provenance
        Of `settings`.
    suppressor : str, optional
        Name of the suppressor whose sound a sink wants.
    progress : callable, optional
        See `replay`.
    record : CallFacts, optional
        Empty ones that are filled with what the rules judge, so that the call can be judged again.
    """
    from cxaudio.analysis.call import CallAnalyser  # after the recording was opened: an error in it comes sooner
    from cxaudio.engine import run

    analyser = CallAnalyser(source.info, settings.analysis, settings.pacing, suppressor=suppressor, record=record)
    return run(source, analyser, sinks, provenance=provenance, progress=progress)


def make_source(
    files: CallFiles, settings: "Settings", *, language: str, block_ms: int = BLOCK_MS, longest_s: float | None = None
) -> "WavSource | WavPairSource":
    """Open the recording as a source; roles that the request does not give are taken from the settings.

    Parameters
    ----------
    files : CallFiles
        The recording.
    settings : Settings
        In force.
    language : str
        Of the call, BCP 47.
    block_ms : int
        Length of the blocks, >= 1.
    longest_s : float, optional
        A recording with more sound is refused.
    """
    from cxaudio.replay.roles import checked_roles
    from cxaudio.settings import headset_facts
    from cxaudio.sources.recorded.wav import WavPairSource, WavSource

    facts = headset_facts(files.headset)
    narrowband_hz = settings.analysis.quality.narrowband_hz
    if files.path is None:
        agent_file, customer_file = files.recordings
        return WavPairSource(
            agent_file,
            customer_file,
            language=language,
            block_ms=block_ms,
            headset=files.headset,
            headset_facts=facts,
            narrowband_hz=narrowband_hz,
            longest_s=longest_s,
        )
    requested = files.agent is not None or files.layout is not None
    agent = files.agent if requested else settings.roles.agent
    layout = files.layout if requested else settings.roles.layout
    places = ("--agent", "--layout") if requested else ("the setting roles.agent", "the setting roles.layout")
    channel, convention = checked_roles(agent, layout, agent_from=places[0], layout_from=places[1])
    return WavSource(
        files.path,
        agent=channel,
        layout=convention,
        language=language,
        block_ms=block_ms,
        headset=files.headset,
        headset_facts=facts,
        narrowband_hz=narrowband_hz,
        role_source="settings" if not requested and (agent or layout) else None,
        longest_s=longest_s,
    )


def _path(value: str | Path | None) -> Path | None:
    return None if value is None else Path(value)
