"""Make the calls of the self-test, replay each like any recording, and score the reports."""

import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cxaudio.errors import CxAudioError, SelfTestError, StoreError, UsageError

if TYPE_CHECKING:
    from cxaudio.selftest.scores import Scores

__all__ = ["CALLS", "SEED", "run_selftest"]

CALLS = 12
"""Calls of a whole self-test: each rule is planted six times and more, at every level of noise."""
SEED = 1


def run_selftest(
    *,
    calls: int = CALLS,
    seed: int = SEED,
    keep: Path | None = None,
    config: Path | None = None,
    overrides: Mapping[str, object] | None = None,
    progress: Callable[[int, int], None] = lambda number, of: None,
) -> "Scores":
    """Make calls with planted faults, replay them with the settings in force, and compare the reports with the truth.

    Parameters
    ----------
    calls : int
        How many, >= 1.
    seed : int
        >= 0; another seed makes other calls.
    keep : Path, optional
        Folder for the calls, their truth (``calls/index.jsonl``) and the reports; without it nothing is kept.
    config : Path, optional
        A settings file over the user's own and the shipped.
    overrides : mapping, optional
        ``"section.key"`` to value, over every file.
    progress : callable, optional
        Called before each call with its number from 1 and the number of calls.

    Returns
    -------
    Scores

    Raises
    ------
    UsageError
        If there are no calls to make, or the seed is negative.
    ConfigError
        If a setting is wrong.
    StoreError
        If a call or a report cannot be written.
    SelfTestError
        If the program itself fails, for example because a part of the installation is missing.
    """
    if calls < 1:
        raise UsageError(f"--calls {calls} leaves nothing to test; use 1 or more, {CALLS} for the whole test")
    if seed < 0:
        raise UsageError(f"--seed {seed} is no seed; use 0 or more")
    from cxaudio.sinks.files import storing

    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cxaudio-"))) if keep is None else keep
        with storing(folder):
            (folder / "calls").mkdir(parents=True, exist_ok=True)
        try:
            return _run(folder, calls, seed, config, overrides, progress, reports=keep is not None)
        except CxAudioError:
            raise
        except Exception as exc:  # whatever is wrong with the installation is what this command is asked to find
            raise SelfTestError(f"cxaudio itself failed ({type(exc).__name__}: {exc}); install it anew") from exc


def _run(
    folder: Path,
    calls: int,
    seed: int,
    config: Path | None,
    overrides: Mapping[str, object] | None,
    progress: Callable[[int, int], None],
    *,
    reports: bool,
) -> "Scores":
    from cxaudio.made.planted_calls import planted_script
    from cxaudio.made.synthetic import make_call
    from cxaudio.replay.one_call import replay
    from cxaudio.selftest.scores import Scores
    from cxaudio.sinks.files import storing

    scores = Scores()
    rows: list[str] = []
    for number in range(calls):
        progress(number + 1, calls)
        script = planted_script(number, seed=seed)
        call = make_call(script, seed=1000 * seed + number)
        recording = folder / "calls" / f"{script.call_id}.wav"
        try:
            call.write_wav(recording, subtype="ULAW" if number % 2 else "PCM_16")
        except (OSError, RuntimeError) as exc:  # libsndfile's errors are RuntimeErrors
            raise StoreError(
                f"{recording}: cannot be written ({exc}); free some space, or name another folder"
            ) from exc
        report = replay(
            recording,
            agent="left",
            language=script.language,
            config=config,
            overrides=overrides,
            out=folder / "reports" / script.call_id if reports else None,
        )
        scores.add(call.truth, report)
        rows += [json.dumps(row) for row in call.truth.rows(recording.name)]
        if not reports:
            recording.unlink()
    if reports:
        with storing(folder):
            (folder / "calls" / "index.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return scores
