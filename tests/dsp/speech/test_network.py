import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.core.errors import ParameterError, StreamStateError
from dsp.core.stage import run
from dsp.speech.network import FrameNetwork, load_weights


def some_weights():
    rng = np.random.default_rng(1)
    shapes = [(7, 8, (0,)), (8, 8, (-1, 0, 1)), (8, 8, (-6, 0)), (8, 2, (0, 2))]
    weights = {}
    for number, (n_in, n_out, offsets) in enumerate(shapes):
        weights[f"weight{number}"] = rng.normal(size=(n_in * len(offsets), n_out)).astype(np.float32) * 0.3
        weights[f"bias{number}"] = rng.normal(size=n_out).astype(np.float32)
        weights[f"offsets{number}"] = np.array(offsets, np.float32)
    weights["memory2"] = np.array([20, 3], np.float32)
    weights["weight2"] = rng.normal(size=(8 * 2 + 3, 8)).astype(np.float32) * 0.3
    return weights


def by_the_row(weights, x):
    """Independent: the same network one row at a time, in double precision."""
    n_layers = sum(name.startswith("weight") for name in weights)
    x = x.astype(float)
    for number in range(n_layers):
        weight, bias = weights[f"weight{number}"].astype(float), weights[f"bias{number}"].astype(float)
        time_constant, n_remembered = weights.get(f"memory{number}", (1, 0))
        decay, average = np.exp(-1 / time_constant), np.zeros(int(n_remembered))
        rows = []
        for k in range(len(x)):
            at = [k + int(offset) for offset in weights[f"offsets{number}"]]
            taps = np.concatenate([x[i] if 0 <= i < len(x) else np.zeros(x.shape[1]) for i in at])
            average = decay * average + (1 - decay) * x[k][: int(n_remembered)]
            y = np.concatenate((taps, average)) @ weight + bias
            if number < n_layers - 1:
                y = np.maximum(y, 0) + (x[k] if len(y) == x.shape[1] else 0)
            rows.append(y)
        x = np.array(rows)
    return x


X = np.random.default_rng(2).normal(size=(150, 7)).astype(np.float32)


def test_the_network_has_the_widths_of_its_first_and_last_layer_and_looks_ahead_by_the_sum_of_all():
    network = FrameNetwork(some_weights())
    assert (7, 2, 1 + 2) == (network.n_inputs, network.n_outputs, network.lookahead)


def test_the_network_is_what_it_says_row_by_row():
    np.testing.assert_allclose(by_the_row(some_weights(), X), run(FrameNetwork(some_weights()), X), atol=1e-4)


def test_many_rows_at_once_are_what_it_says_too():
    """Rows go through the layers in pieces; they must leave no trace at the joints."""
    x = np.random.default_rng(3).normal(size=(700, 7)).astype(np.float32)
    network = FrameNetwork(some_weights())
    network.process(x[:5])
    network.reset()
    np.testing.assert_allclose(by_the_row(some_weights(), x), run(network, x), atol=1e-4)


@settings(max_examples=40, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=12))
def test_rows_cut_anywhere_give_the_same_bits(cuts):
    network = FrameNetwork(some_weights())
    expected = run(network, X)
    network.reset()
    outs, at = [], 0
    for cut in cuts:
        outs.append(network.process(X[at : at + cut]))
        at += cut
        assert sum(map(len, outs)) >= min(at, len(X)) - network.latency_samples
    outs += [network.process(X[at:]), network.flush()]
    np.testing.assert_array_equal(expected, np.concatenate(outs))


def test_lookahead_is_the_sum_of_what_the_layers_look_ahead():
    assert FrameNetwork(some_weights()).lookahead == 3


def test_a_flushed_network_wants_a_reset():
    network = FrameNetwork(some_weights())
    network.flush()
    with pytest.raises(StreamStateError, match="reset"):
        network.process(X)


def test_layers_that_do_not_fit_are_refused():
    weights = some_weights()
    with pytest.raises(ParameterError, match="weight0"):
        FrameNetwork({})
    with pytest.raises(ParameterError, match="lacks 'bias1'"):
        FrameNetwork({name: value for name, value in weights.items() if name != "bias1"})
    with pytest.raises(ParameterError, match="must be equal"):
        FrameNetwork({**weights, "weight2": np.zeros((21, 8), np.float32)})


def test_weights_are_read_back_in_single_precision(tmp_path):
    np.savez(tmp_path / "weights.npz", weight0=np.ones((2, 1), np.float16))
    assert load_weights(tmp_path / "weights.npz")["weight0"].dtype == np.float32
