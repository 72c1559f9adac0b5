"""Run a small convolutional network over frames in numpy."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.core.errors import ParameterError
from dsp.core.stage import Float32, Open
from dsp.core.tiles import TILE, ExponentialSmoother

__all__ = ["FrameNetwork", "load_weights"]

_PIECE = 8 * TILE  # rows that go through all layers before the next ones, so that arrays stay in the cache


def load_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """Read the arrays of an ``.npz`` file as float32; arrays of text in it are left out.

    Parameters
    ----------
    path : Path
        File written by ``numpy.savez`` or ``savez_compressed``.

    Returns
    -------
    dict of str to ndarray of float32
        Arrays by name.

    Raises
    ------
    OSError
        If the file cannot be read.

    See Also
    --------
    FrameNetwork : Uses these arrays.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "weights.npz"
    ...     np.savez(path, bias0=np.zeros(2, np.float16), about=np.array("two zeros"))
    ...     load_weights(path)
    {'bias0': array([0., 0.], dtype=float32)}
    """
    # opened here, since numpy leaves a damaged file open
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return {name: array.astype(np.float32) for name, array in arrays.items() if array.dtype.kind != "U"}


@lru_cache
def _zeros(n_rows: int, n_columns: int) -> Float32:
    """Return zeros to compare with: with an array the maximum takes a third of the time that it takes with a number."""
    zeros = np.zeros((n_rows, n_columns), np.float32)
    zeros.flags.writeable = False
    return zeros


def _first(rows: Float32, n: int) -> Float32:
    return rows[:n]


class _Layer:
    """Compute one convolution: inputs at fixed offsets, and running averages of some inputs, times a matrix.

    Row k stands at place ``k + lead`` of the tiles, where `lead` is how far this layer and those before it look ahead.
    So rows that a piece of the network's input completes fill whole tiles if those of the piece do.
    """

    def __init__(
        self,
        weight: Float32,
        bias: Float32,
        offsets: tuple[int, ...],
        *,
        memory: tuple[float, int],
        before: "_Layer | None",
        last: bool,
        residual: bool,
    ) -> None:
        time_constant, n_remembered = memory
        self.n_inputs = (weight.shape[0] - n_remembered) // len(offsets)
        self.n_outputs = weight.shape[1]
        self.ahead = max(0, *offsets)
        self.lead: int = self.ahead + (before.lead if before else 0)
        self._behind = max(0, *(-offset for offset in offsets))
        self._firsts = [self._behind + offset for offset in offsets]
        self._weight = np.concatenate((weight, bias[None]), dtype=np.float32)
        self._last = last
        # a layer with as many outputs as inputs learns a correction of its input (He et al. 2016)
        self._residual = residual and not last and self.n_inputs == self.n_outputs
        self._n_remembered = n_remembered
        self._memory = ExponentialSmoother(n_remembered, time_constant=time_constant)
        n_tiles = -(-(_PIECE + self.lead) // TILE) + 1
        self._held = np.empty((self._behind + self.ahead + n_tiles * TILE, self.n_inputs), np.float32)
        self._taps = np.zeros((n_tiles * TILE, len(self._weight)), np.float32)
        self._taps[:, -1] = 1.0  # for the bias
        self._tiles = self._taps.reshape(n_tiles, TILE, -1)
        self._averages = self._taps[:, -1 - n_remembered : -1]
        self._product = np.empty((n_tiles, TILE, self.n_outputs), np.float32)
        self._rows = self._product.reshape(-1, self.n_outputs)
        self._zeros = _zeros(*self._rows.shape)
        self.reset()

    def reset(self) -> None:
        self._held[: self._behind] = 0.0
        self._n_held = self._behind
        self._place = self.lead % TILE
        self._memory.reset()
        self._memory.process(np.zeros((self._place, self._n_remembered), np.float32))

    def room(self, n: int) -> Float32:
        """Return where the layer before writes the next `n` rows, at most a piece, so that they are not copied."""
        return self._held[self._n_held : self._n_held + n]

    def process(self, n_fresh: int, room: Callable[[int], Float32]) -> int:
        """Take the rows written; write those that are now complete to a room; return their number."""
        held, n_held = self._held, self._n_held + n_fresh
        n_kept = self._behind + self.ahead
        n = n_held - n_kept
        if n <= 0:
            self._n_held = n_held
            return 0
        begin = self._place
        end = begin + n
        now = held[self._behind : self._behind + n]
        column = 0
        for first in self._firsts:
            self._taps[begin:end, column : column + self.n_inputs] = held[first : first + n]
            column += self.n_inputs
        if self._n_remembered:
            self._memory.process(now[:, : self._n_remembered], self._averages[begin:end])
        n_tiles = -(-end // TILE)
        np.matmul(self._tiles[:n_tiles], self._weight, out=self._product[:n_tiles])
        y = room(n)
        if self._last:
            y[:] = self._rows[begin:end]
        else:
            np.maximum(self._rows[begin:end], self._zeros[:n], out=y)
        if self._residual:
            y += now
        held[:n_kept] = held[n:n_held]
        self._n_held = n_kept
        self._place = end % TILE
        return n


class FrameNetwork:
    """Compute dilated convolutions over frames; each layer is a matrix product with the frames at some offsets.

    Row k of the output belongs to row k of the input. For every layer, frames before the first and after the last are
    zero. After each layer but the last, ``max(0, x)`` is applied, and a layer with as many outputs as inputs then adds
    its input. The last layer is linear. A layer may also read running averages of some of its inputs, so that it uses
    seconds of the past at the cost of one frame. Withholds `lookahead` rows. Remembers as many rows as its layers read
    back, and the averages.

    Parameters
    ----------
    weights : mapping of str to ndarray of float32
        For each layer i from 0: ``weight{i}`` of shape ``(n_offsets * n_inputs, n_outputs)``, with the rows of one
        offset after those of another, in the order of the offsets; ``bias{i}`` of shape ``(n_outputs,)``;
        ``offsets{i}``, whole numbers of rows, negative for the past. Optional ``memory{i}``: the time constant in rows,
        and how many inputs, from the first, are averaged (`dsp.core.tiles.ExponentialSmoother`); the weights of the
        averages follow those of the offsets. Optional ``residual{i}``: 0 where a layer does not add its input. See
        `load_weights`.

    Raises
    ------
    ParameterError
        If layers are missing, or the number of inputs of a layer is not the number of outputs of the layer before.

    References
    ----------
    .. [1] S. Bai, J. Z. Kolter and V. Koltun, "An empirical evaluation of generic convolutional and recurrent networks
       for sequence modeling", arXiv:1803.01271, 2018.

    Examples
    --------
    >>> mean_of_three = {
    ...     "weight0": np.full((3, 1), 1 / 3, np.float32),
    ...     "bias0": np.zeros(1, np.float32),
    ...     "offsets0": np.array([-1, 0, 1], np.float32),
    ... }
    >>> network = FrameNetwork(mean_of_three)
    >>> network.lookahead, network.process(np.array([[3], [3], [6]], np.float32)).ravel()
    (1, array([2., 4.], dtype=float32))
    >>> network.flush().ravel()
    array([3.], dtype=float32)
    """

    def __init__(self, weights: Mapping[str, NDArray[np.float32]]) -> None:
        n_layers = sum(name.startswith("weight") for name in weights)
        if not n_layers:
            raise ParameterError("the network has no weight0; give at least one layer")
        self._layers: list[_Layer] = []
        for number in range(n_layers):
            try:
                weight, bias, offsets = (weights[f"{name}{number}"] for name in ("weight", "bias", "offsets"))
            except KeyError as missing:
                raise ParameterError(f"layer {number} of the network lacks {missing}; store it with the rest") from None
            shifts = tuple(int(offset) for offset in offsets)
            time_constant, n_remembered = weights.get(f"memory{number}", np.array([1, 0], np.float32))
            memory = (float(time_constant), int(n_remembered))
            before = self._layers[-1] if number else None
            layer = _Layer(
                weight,
                bias,
                shifts,
                memory=memory,
                before=before,
                last=number == n_layers - 1,
                residual=bool(weights.get(f"residual{number}", 1)),
            )
            if number and layer.n_inputs != self._layers[-1].n_outputs:
                raise ParameterError(
                    f"layer {number} takes {layer.n_inputs} inputs but the one before gives "
                    f"{self._layers[-1].n_outputs}; they must be equal"
                )
            self._layers.append(layer)
        self.n_inputs = self._layers[0].n_inputs
        self.n_outputs = self._layers[-1].n_outputs
        self.lookahead = self._layers[-1].lead
        self._n_in = 0
        self._open = Open("FrameNetwork")

    @property
    def latency_samples(self) -> int:
        """Rows withheld: `lookahead`."""
        return self.lookahead

    def process(self, x: Float32, /) -> Float32:
        """Return the rows that are now final, shape ``(m, n_outputs)``."""
        self._open.check()
        n_out = max(0, self._n_in - self.lookahead)
        y = np.empty((max(0, self._n_in + len(x) - self.lookahead) - n_out, self.n_outputs), np.float32)
        at = begin = 0
        while begin < len(x):
            end = min(len(x), begin + _PIECE - self._n_in % _PIECE)
            n = end - begin
            self._layers[0].room(n)[:] = x[begin:end]
            self._n_in += n
            for layer, following in pairwise(self._layers):
                n = layer.process(n, following.room)
            at += self._layers[-1].process(n, partial(_first, y[at:]))
            begin = end
        return y

    def flush(self) -> Float32:
        """Return the last rows, as if frames of zeros followed."""
        self._open.close()
        tail = np.empty((self.lookahead, self.n_outputs), np.float32)
        rooms: list[Callable[[int], Float32]] = [*(layer.room for layer in self._layers[1:]), partial(_first, tail)]
        n = 0
        for layer, room in zip(self._layers, rooms, strict=True):
            layer.room(n + layer.ahead)[n:] = 0.0
            n = layer.process(n + layer.ahead, room)
        return tail[:n]

    def reset(self) -> None:
        """Reset to the initial state."""
        for layer in self._layers:
            layer.reset()
        self._n_in = 0
        self._open.reopen()
