"""Compare cxaudio with what people would use instead, on the same sound with exact truth.

usage: python -m benchmarks.peers --shared DIR [--sets NAME ...] [--seeds SCORED CHOSEN] [--calls N] [--only NAME ...]
                                  [--jobs N] [--out DIR] [--results [FILE]] [--speed-only]

DIR contains ``data/`` and ``tools/``. Sets: ``calls`` (construct_calls.py), ``unheard`` (the same tool with voices and
noises that no weights of cxaudio know), ``stress`` (construct_stress.py), ``line`` (line_cases.py), ``rates``
(construct_rates.py). Every detector of speech runs as its package ships it and also tuned on calls of the second seed;
cxaudio runs as it ships. Differences have 95 % intervals of a paired bootstrap over calls.

Every result is kept in ``--out``: a second run measures only what has changed. With ``--speed-only`` only CPU time and
memory are measured, one process after the other on one core.

Peers are installed with ``pip install 'cxaudio[peers]'``; docs/peers.md says which and under which licences. One that
is missing is named, and the others run.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.peers import call_ai_metrics, own
from benchmarks.peers.bootstrap import N_DRAWS, weights_of
from benchmarks.peers.cost import cost_table
from benchmarks.peers.decision import Decision, DevelopmentCall, tune
from benchmarks.peers.entries import COUNT_PEERS, PEERS, SPEECH_PEERS
from benchmarks.peers.line import judge, line_table
from benchmarks.peers.measured import Measured, available
from benchmarks.peers.peer import CountPeer, Setting, SpeechPeer, digest, release
from benchmarks.peers.plots import write_dots, write_scatter
from benchmarks.peers.rates import choose, rate_tables, rates_of
from benchmarks.peers.recordings import SETS, Recording, make_set
from benchmarks.peers.speech import Scored, f1_with_interval, score_set, speech_table, to_runs
from benchmarks.peers.ticks import Runs
from benchmarks.peers.timed import OWN_DETECTOR
from benchmarks.peers.whole_job import whole_job_table
from benchmarks.results import add_results_option, command_of, markdown_table, write_section

__all__ = ["main"]

_DEVELOPMENT_CALLS = 8
_DEVELOPMENT_VOICES = 120
_LEAST_F1 = {"speech F1": 0.8, "overlap F1": 0.4}  # left ends of the plot's panels

_NOTE = """\
Each detector runs as its package ships it; *tuned* means that threshold, hysteresis and shifts of the edges (or, of a
counter, its limits) were chosen on development calls made by the same tools, which is an advantage for the peers: the
shipped settings of cxaudio are not chosen on them. Two advantages are those of cxaudio: its weights were taught on many
of the voices of the constructed calls and of the rates (docs/training.md names them; the set *unheard* has voices and
noises that no weights know), and the truth of all calls is a rule of level on the clean clips like that of its
training. A difference in bold has a 95 % interval without 0, over eight calls or more."""


@dataclass(frozen=True)
class Variant:
    """A detector with a way to decide: as shipped, or tuned."""

    name: str
    peer: SpeechPeer
    decision: Decision


class Comparison:
    """One run: where things are kept, what can run, and on which seeds."""

    def __init__(self, options: argparse.Namespace, out: Path) -> None:
        self.options = options
        self.measured = Measured(out / "kept", jobs=options.jobs)
        self._sets = out / "sets"
        self.keys, self.missing = available(_asked(options))
        for sentence in self.missing:
            print(sentence, file=sys.stderr)

    @property
    def speech_peers(self) -> list[SpeechPeer]:
        """Detectors that can run and are not only timed."""
        return [peer for peer in SPEECH_PEERS if peer.key in self.keys and not peer.cost_only]

    @property
    def count_peers(self) -> list[CountPeer]:
        """Counters that can run."""
        return [peer for peer in COUNT_PEERS if peer.key in self.keys]

    def recordings(self, name: str, *, chosen: bool = False) -> list[Recording]:
        """Make or find a set; `chosen` is the one to choose settings on."""
        seed = self.options.seeds[1 if chosen else 0]
        calls = _DEVELOPMENT_CALLS if chosen else self.options.calls
        voices = _DEVELOPMENT_VOICES if chosen else 0
        return make_set(self.options.shared, self._sets, name, seed=seed, calls=calls, voices=voices)

    def variants(self) -> list[Variant]:
        """Return every detector as it ships, and the best setting of each family tuned on development calls."""
        found = [Variant(peer.name, peer, Decision(peer.threshold)) for peer in self.speech_peers]
        if not found:
            return found
        calls = self.recordings("calls", chosen=True)
        families: dict[str, list[tuple[float, Variant]]] = {}
        for peer in self.speech_peers:
            development = [
                DevelopmentCall(recording.truth, scores)
                for recording, scores in zip(calls, self.measured.scores(peer, calls), strict=True)
            ]
            decision, reached = tune(peer, development)
            variant = Variant(f"{peer.name}, tuned ({decision})", peer, decision)
            families.setdefault(peer.family, []).append((reached, variant))
        return found + [max(tuned, key=lambda each: each[0])[1] for tuned in families.values()]

    def runs(self, recordings: Sequence[Recording], variants: Sequence[Variant]) -> dict[str, list[dict[str, Runs]]]:
        """Return who spoke when by name: cxaudio first, then call-ai-metrics, then the detectors."""
        found = {own.NAME: [to_runs(each["speech"]) for each in self.measured.reports(own.KEY, recordings)]}
        if call_ai_metrics.KEY in self.keys:
            reports = self.measured.reports(call_ai_metrics.KEY, recordings)
            found[call_ai_metrics.NAME] = [to_runs(each["speech"]) for each in reports]
        for variant in variants:
            scores = self.measured.scores(variant.peer, recordings)
            found[variant.name] = [
                {side: variant.decision.runs(own_scores) for side, own_scores in each.items()} for each in scores
            ]
        return found

    def speech(self, variants: Sequence[Variant]) -> tuple[list[str], dict[str, dict[str, Scored]]]:
        """Return the tables of the sets of calls, and what was scored by set and name."""
        tables, scored = [], {}
        for name in ("calls", "unheard", "stress"):
            if name not in self.options.sets:
                continue
            recordings = self.recordings(name)
            found = self.runs(recordings, variants)
            by_name = {each: score_set(each, recordings, runs) for each, runs in found.items()}
            scored[name] = by_name
            ours, *peers = by_name.values()
            hours = sum(recording.duration_s for recording in recordings) / 3600
            tables.append(f"### Speech and overlap: {SETS[name]} ({len(recordings)} recordings, {hours:.1f} h)")
            tables.append(speech_table(recordings, ours, peers))
        return tables, scored

    def lines(self, variants: Sequence[Variant]) -> list[str]:
        """Return the table of the line cases."""
        if "line" not in self.options.sets:
            return []
        recordings = self.recordings("line")
        judged = {
            name: [judge(recording, each) for recording, each in zip(recordings, runs, strict=True)]
            for name, runs in self.runs(recordings, variants).items()
        }
        text = (
            "All cases are one call of two voices with one fault each, so the intervals are over faults, not over "
            "voices; cxaudio was developed on cases of the same kinds, of other seeds."
        )
        return [f"### Speech in {SETS['line']} ({len(recordings)})", text, line_table(recordings, judged)]

    def whole_job(self) -> list[str]:
        """Return the table of turns and shares, if call-ai-metrics is there."""
        if "calls" not in self.options.sets or call_ai_metrics.KEY not in self.keys:
            return []
        recordings = self.recordings("calls")
        reports = {
            name: [each["speech"] for each in self.measured.reports(key, recordings)]
            for name, key in (("cxaudio", own.KEY), ("call-ai-metrics", call_ai_metrics.KEY))
        }
        text = (
            "Figures of call-ai-metrics by its own definitions, from who spoke when in truth, as it finds it, and as "
            "cxaudio finds it."
        )
        return ["### Whole job", text, whole_job_table(recordings, reports)]

    def rates(self) -> tuple[list[str], dict[str, list[int]]]:
        """Return the tables of the counters, and the counts."""
        if "rates" not in self.options.sets:
            return [], {}
        recordings = self.recordings("rates")
        counts = {own.NAME: [each["syllables"] or 0 for each in self.measured.reports(own.KEY, recordings)]}
        tuned: dict[str, list[int]] = {}
        if self.count_peers:
            development = self.recordings("rates", chosen=True)
            true, _ = rates_of(development)
        for peer in self.count_peers:
            counts[peer.name] = self.measured.syllables(peer, recordings, peer.settings[0])
            tried = [self.measured.syllables(peer, development, setting) for setting in peer.settings]
            setting = peer.settings[choose(true, tried)]
            tuned[f"{peer.name}, tuned ({_named(setting)})"] = self.measured.syllables(peer, recordings, setting)
        counts |= tuned
        return [f"### Syllables: {SETS['rates']} ({len(recordings)})", rate_tables(recordings, counts)], counts

    def identities(self) -> str:
        """Return the table of what was measured: versions, models, licences."""
        rows = []
        peers: list[SpeechPeer | CountPeer] = [p for p in PEERS if p.key in self.keys]
        for peer in peers:
            models = peer.models() if isinstance(peer, SpeechPeer) else []
            hashes = ", ".join(f"{model.name} `{digest(model)[:16]}`" for model in models)
            rows.append([peer.name, release(peer.packages) or "–", hashes or "–", peer.licence])
        if call_ai_metrics.KEY in self.keys:
            name, packages = call_ai_metrics.NAME, call_ai_metrics.PACKAGES
            rows.append([name, release(packages), "–", call_ai_metrics.LICENCE])
        return markdown_table(["what was measured", "packages", "model files, SHA-256", "licence"], rows)


def _asked(options: argparse.Namespace) -> list[str]:
    """Return the keys that the sets and ``--only`` ask for."""
    speech = options.speed_only or bool({"calls", "unheard", "stress", "line"} & set(options.sets))
    rates = options.speed_only or "rates" in options.sets
    keys = [peer.key for peer in SPEECH_PEERS if speech and (options.speed_only or not peer.cost_only)]
    keys += [call_ai_metrics.KEY] if speech else []
    keys += [peer.key for peer in COUNT_PEERS if rates]
    return [key for key in keys if not options.only or any(part in key for part in options.only)]


def _named(setting: Setting) -> str:
    return ", ".join(f"{name} {value}" for name, value in setting.items()) or "its own limits"


def _plot_speech(file: Path, recordings: dict[str, list[Recording]], scored: dict[str, dict[str, Scored]]) -> None:
    panels: dict[str, dict[str, dict[str, tuple[float, float, float]]]] = {name: {} for name in _LEAST_F1}
    for set_name, by_name in scored.items():
        weights = weights_of([recording.call for recording in recordings[set_name]])
        for title, figure in zip(_LEAST_F1, ("speech", "overlap"), strict=True):
            panels[title][set_name] = {
                name.partition(" tuned (")[0] + " tuned" * (" tuned (" in name): f1_with_interval(
                    getattr(each, figure), weights
                )
                for name, each in by_name.items()
            }
    write_dots(file, panels, least=_LEAST_F1)


def _compared(options: argparse.Namespace, parser: argparse.ArgumentParser, out: Path) -> None:
    comparison = Comparison(options, out)
    variants = comparison.variants()
    tables, scored = comparison.speech(variants)
    tables += comparison.lines(variants) + comparison.whole_job()
    rate_part, counts = comparison.rates()
    tables += rate_part
    plots = (options.results or out / "RESULTS.md").parent / "plots"
    plots.mkdir(parents=True, exist_ok=True)
    if scored:
        recordings = {name: comparison.recordings(name) for name in scored}
        _plot_speech(plots / "peers-speech.svg", recordings, scored)
        tables.append("![F1 of each program with 95 % intervals over calls](plots/peers-speech.svg)")
    if counts:
        true, seconds = rates_of(comparison.recordings("rates"))
        # A tuned count follows its own and has the same short name, so it is the one that is drawn.
        short = {name.split(",")[0]: np.array(own_counts, float) / seconds for name, own_counts in counts.items()}
        write_scatter(plots / "peers-rate.svg", true / seconds, short)
        tables.append("![Counted against true syllables a second](plots/peers-rate.svg)")
    tables += ["### Versions", comparison.identities(), *comparison.missing]
    text = "\n\n".join(tables)
    seeds = (
        f"{options.seeds[0]} is scored, {options.seeds[1]} was used to tune the peers; {N_DRAWS} draws of the bootstrap"
    )
    _written(options, parser, "Side by side with peers", seeds, text, _NOTE)


def _timed(options: argparse.Namespace, parser: argparse.ArgumentParser, out: Path) -> None:
    comparison = Comparison(options, out)
    named = {peer.key: peer.name for peer in PEERS if peer.key in comparison.keys}
    programs = {own.KEY: own.NAME, OWN_DETECTOR: "cxaudio, speech detector alone"}
    if call_ai_metrics.KEY in comparison.keys:
        programs[call_ai_metrics.KEY] = call_ai_metrics.NAME
    recordings = comparison.recordings("calls")
    table = cost_table(recordings, {**programs, **named}, minutes=options.minutes, runs=options.runs)
    note = (
        f"A call of two sides of {options.minutes:g} minutes at 8 kHz, one core, one process for each, median of "
        f"{options.runs}. *Own work* leaves out the start of Python, the reading of the file and resampling. Only "
        "cxaudio and call-ai-metrics do a whole job; all others answer one question."
    )
    text = "\n\n".join([table, comparison.identities(), *comparison.missing])
    _written(options, parser, "CPU time beside peers", f"{options.seeds[0]} made the sound", text, note)


def _written(
    options: argparse.Namespace, parser: argparse.ArgumentParser, name: str, seeds: str, text: str, note: str
) -> None:
    print(f"{note}\n\n{text}")
    if options.results:
        command = command_of("benchmarks.peers", parser, options)
        write_section(options.results, name, command=command, seeds=seeds, tables=text, note=note)


def main() -> None:
    """Make the sound, run the programs, score them, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shared", type=Path, required=True, help="folder with data/ and tools/")
    parser.add_argument("--sets", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument(
        "--seeds",
        type=int,
        nargs=2,
        default=[6101, 6001],
        metavar=("SCORED", "CHOSEN"),
        help="to score, and to tune on",
    )
    parser.add_argument("--calls", type=int, default=16, help="constructed calls, 8 or more; a quarter is clean")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="peers whose key contains one of these")
    parser.add_argument("--jobs", type=int, default=1, help="processes at once")
    parser.add_argument("--out", dest="keep", type=Path, help="keep sound and results in this folder")
    parser.add_argument("--speed-only", action="store_true", help="measure CPU time and memory, and nothing else")
    parser.add_argument("--minutes", type=float, default=60, help="length of the call with --speed-only")
    parser.add_argument("--runs", type=int, default=1, help="processes of each program with --speed-only")
    add_results_option(parser)
    options = parser.parse_args()
    for folder in ("data", "tools"):
        if not (options.shared / folder).is_dir():
            parser.error(f"{options.shared} has no folder {folder}; give the folder that holds data/ and tools/")
    if options.calls < 8:
        parser.error(f"--calls {options.calls} gives fewer than two clean calls; give 8 or more")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory() as scratch:
        out = options.keep or Path(scratch)
        (_timed if options.speed_only else _compared)(options, parser, out)


if __name__ == "__main__":
    main()
