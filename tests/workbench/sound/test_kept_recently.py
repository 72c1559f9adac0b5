"""What was used last is kept within bounds; what is in use is never dropped."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cxaudio.workbench.sound.kept_recently import KeptRecently


def kept(*, most: int = 3, most_bytes: int = 1_000, **options: object) -> tuple[KeptRecently[str, bytes], list[bytes]]:
    dropped: list[bytes] = []
    return KeptRecently(most=most, most_bytes=most_bytes, size_of=len, close=dropped.append, **options), dropped  # type: ignore[arg-type]


def use(values: KeptRecently[str, bytes], key: str, n_bytes: int = 1) -> bytes:
    with values.use(key, lambda: key.encode() * n_bytes) as value:
        return value


def test_the_value_that_was_not_used_for_longest_goes_first():
    values, dropped = kept()
    for key in "abcad":
        use(values, key)
    assert (["c", "a", "d"], [b"b"]) == (values.keys(), dropped)


def test_values_are_dropped_until_their_bytes_fit_and_one_alone_is_kept():
    values, dropped = kept(most_bytes=10)
    for key, n_bytes in (("a", 4), ("b", 4), ("c", 4), ("d", 99)):
        use(values, key, n_bytes)
    assert (["d"], 3) == (values.keys(), len(dropped))


def test_a_value_in_use_is_not_dropped():
    values, dropped = kept(most=1)
    with values.use("a", lambda: b"a"):
        use(values, "b")
        use(values, "c")
        assert b"a" not in dropped
    assert 1 == len(values.keys())


def test_what_was_idle_for_long_is_dropped_at_the_next_use():
    now = [0.0]
    values, dropped = kept(idle_s=10.0, clock=lambda: now[0])
    use(values, "a")
    now[0] = 9.0
    use(values, "b")
    now[0] = 11.0
    use(values, "c")
    assert (["b", "c"], [b"a"]) == (values.keys(), dropped)


def test_a_value_is_made_once_however_many_threads_ask_for_it():
    values, _ = kept()
    made = []
    together = threading.Barrier(8)

    def make() -> bytes:
        made.append(1)
        return b"a"

    def ask(_: int) -> bytes:
        together.wait()
        with values.use("a", make) as value:
            return value

    with ThreadPoolExecutor(8) as threads:
        assert [b"a"] * 8 == list(threads.map(ask, range(8)))
    assert [1] == made


def test_what_cannot_be_made_is_not_kept_and_the_next_one_tries_again():
    values, _ = kept()

    def fail() -> bytes:
        raise OSError("no")

    with pytest.raises(OSError, match="no"), values.use("a", fail):
        pass
    assert [] == values.keys()
    assert b"a" == use(values, "a")


def test_clearing_drops_all_but_what_is_in_use():
    values, dropped = kept()
    use(values, "a")
    with values.use("b", lambda: b"b"):
        values.clear()
        assert ([b"a"], ["b"]) == (dropped, values.keys())
