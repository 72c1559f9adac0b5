"""The command ``selftest``: check an installation on made calls whose faults are known."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxaudio.cli.options import Config, Json, PageLanguage, Set, overrides, print_json
from cxaudio.errors import SelfTestError
from cxaudio.selftest.run import CALLS, SEED, run_selftest

if TYPE_CHECKING:
    from cxaudio.selftest.scores import Scores

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add ``selftest`` to the program."""
    app.command()(selftest)


def selftest(
    calls: Annotated[
        int, typer.Option("--calls", metavar="N", help="How many calls; fewer are a coarser test.")
    ] = CALLS,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another seed makes other calls.")] = SEED,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="DIR", help="Keep the calls, their truth and the reports here.")
    ] = None,
    config: Config = None,
    set_: Set = None,
    page_language: PageLanguage = None,
    json_: Json = False,
) -> int:
    """Measure cxaudio itself on made calls with planted faults; takes about a minute, needs no device and no data.

    Prints for each pacing rule how many faults were planted and found, how many flags are false, and how many seconds
    after the fault the flag came. The settings in force are used, as replay uses them.

    Exit code 0: recall of all faults at least 90 %, precision 85 %, recall of each rule 60 %, holds found 60 %, F1 of
    speech 95 %, F1 of overlap 80 %, and syllable counts at most 10 % off. Exit code 5: less than that, or a part of the
    program failed.
    """
    with _progress(quiet=json_) as show:
        scores = run_selftest(
            calls=calls, seed=seed, keep=keep, config=config, overrides=overrides(set_), progress=show
        )
    if json_:
        from cxaudio.selftest.result_json import selftest_to_dict
        from cxaudio.versions import versions

        print_json(selftest_to_dict(scores, seed=seed) | {"versions": dict(versions())})
    else:
        from rich.console import Console

        from cxaudio.cli.selftest_table import print_scores

        print_scores(scores, Console(highlight=False), seed=seed, language=page_language or "en", kept=keep)
    _judge(scores)
    return 0


def _judge(scores: "Scores") -> None:
    from cxaudio.selftest.levels import below

    missed = [
        f"{level.name} {level.figure(scores):.2f} ({'at most' if level.at_most else 'at least'} {level.limit:.2f})"
        for level in below(scores)
    ]
    if missed:
        raise SelfTestError(
            f"the self-test did not reach {', '.join(missed)}; leave out settings of your own, or install it anew"
        )


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show the number of the call on standard error if it is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda number, of: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield lambda number, of: status.update(f"{number}/{of}")
