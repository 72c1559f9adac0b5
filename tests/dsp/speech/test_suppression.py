import pytest

from dsp.core.errors import ParameterError
from dsp.speech import network_suppressor, suppression
from dsp.speech.network_suppressor import NetworkSuppressor
from dsp.speech.suppression import make_suppressor
from dsp.speech.suppressor import NoiseSuppressor


def test_each_name_makes_its_suppressor():
    assert isinstance(make_suppressor("network", 8000), NetworkSuppressor)
    assert isinstance(make_suppressor("statistical", 8000), NoiseSuppressor)


@pytest.mark.parametrize("damage", ["missing", "empty", "not a zip"])
def test_without_readable_weights_noise_is_reduced_by_statistics_and_it_is_said(damage, tmp_path, monkeypatch):
    file = tmp_path / "suppressor_weights.npz"
    if damage != "missing":
        file.write_bytes(b"" if damage == "empty" else b"PK\x03\x04 cut off")
    monkeypatch.setattr(suppression, "NetworkSuppressor", lambda rate: network_suppressor.load_weights(file))
    with pytest.warns(RuntimeWarning, match="by statistics"):
        assert isinstance(make_suppressor("network", 8000), NoiseSuppressor)


def test_an_unknown_name_is_refused_with_those_that_are_known():
    with pytest.raises(ParameterError, match="'wiener' is not known; choose from network, statistical"):
        make_suppressor("wiener", 8000)


@pytest.mark.parametrize("name", suppression.SUPPRESSORS)
def test_a_rate_that_no_call_has_is_refused_and_not_taken_for_damaged_weights(name):
    with pytest.raises(ParameterError, match="8000 or 16000"):
        make_suppressor(name, 44_100)
