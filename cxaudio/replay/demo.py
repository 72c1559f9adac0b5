"""Write the made call of ``cxaudio demo`` as a recording, and replay it like any other."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxaudio.engine import Progress
    from cxaudio.model.report import CallReport

__all__ = ["run_demo"]


def run_demo(
    folder: Path,
    *,
    page_language: str = "en",
    progress: "Progress | None" = None,
) -> "tuple[CallReport, Path]":
    """Make the call, write it as ``demo-call.wav`` and replay it.

    Parameters
    ----------
    folder : Path
        For the recording and its report; created where it is missing.
    page_language : str
        Language that the page opens in, BCP 47.
    progress : callable, optional
        Called after each block with the samples read so far and the samples in all.

    Returns
    -------
    CallReport, Path
        The report, and the path of its page.

    Raises
    ------
    StoreError
        If the folder cannot be written to.
    """
    from cxaudio.errors import StoreError
    from cxaudio.made.demo_script import DEMO_SEED, demo_script
    from cxaudio.made.synthetic import make_call
    from cxaudio.replay.one_call import replay
    from cxaudio.sinks.files import storing

    recording = folder / "demo-call.wav"
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        recording.touch()
    try:
        make_call(demo_script(seed=DEMO_SEED), seed=DEMO_SEED).write_wav(recording)
    except (OSError, RuntimeError) as exc:  # libsndfile's errors are RuntimeErrors
        raise StoreError(f"{recording}: cannot be written ({exc}); free some space, or name another folder") from exc
    report = replay(recording, agent="left", out=folder, language="en", page_language=page_language, progress=progress)
    return report, folder / "report.html"
