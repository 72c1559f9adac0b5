"""Keep numpy's libraries on one thread: our products are small, and a second thread would wait for most of its time."""

import os

__all__ = ["ONE_THREAD", "work_on_one_thread"]

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Environment in which they start no threads."""


def work_on_one_thread() -> None:
    """Let numpy's libraries start no threads in this process, unless its environment says how many.

    Only for our own programs, and before numpy is imported. OpenBLAS otherwise wakes a thread on every core for the
    larger products of a network and lets it spin: on two cores a fifth more CPU time, and no call is done sooner.

    Examples
    --------
    >>> work_on_one_thread()
    >>> "OPENBLAS_NUM_THREADS" in os.environ
    True
    """
    for name, number in ONE_THREAD.items():
        os.environ.setdefault(name, number)
