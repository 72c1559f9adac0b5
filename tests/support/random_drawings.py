"""Random drawings, whose lengths lie at and around every limit of the definitions."""

from hypothesis import strategies as st

__all__ = ["drawings"]

# Ticks: the smoothing, the floor, backchannels, pauses and turns all change their mind near one of these.
_LENGTHS = st.one_of(
    st.integers(1, 40),
    st.sampled_from([19, 20, 21, 49, 50, 51, 99, 100, 101, 119, 120]),
    st.integers(41, 160),
    st.sampled_from([299, 300, 301, 340]),
)


@st.composite
def drawings(draw: st.DrawFn, *, holds: bool = True) -> tuple[str, str]:
    """Draw two lines, a letter for each tick: runs of silence, of either side, of both, and rarely of a hold."""
    states = ["..", "A.", ".C", "AC", "A.", ".C"] + (["HH", "AH"] if holds else [])
    runs = draw(st.lists(st.tuples(st.sampled_from(states), _LENGTHS), min_size=1, max_size=16))
    return "".join(state[0] * n for state, n in runs), "".join(state[1] * n for state, n in runs)
