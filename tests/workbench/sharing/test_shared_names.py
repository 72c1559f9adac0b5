"""Names of calls for people outside."""

import hashlib
import hmac
import re
import stat

import pytest

from cxaudio.archive.store.layout import Layout
from cxaudio.errors import StoreError
from cxaudio.workbench.sharing.shared_names import SharedNames, shared_names

SOUNDS = [f"call-{number:012x}" for number in range(2000)]


def test_the_same_call_has_the_same_name_each_time_and_another_store_another(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = shared_names(tmp_path / "a").of(SOUNDS[0])
    assert first == shared_names(tmp_path / "a").of(SOUNDS[0])
    assert first == shared_names(tmp_path / "a", read_only=True).of(SOUNDS[0])
    assert first != shared_names(tmp_path / "b").of(SOUNDS[0])


def test_names_differ_and_are_written_in_signs_that_people_do_not_mix_up():
    names = [SharedNames(bytes(32)).of(sound) for sound in SOUNDS]
    assert len(SOUNDS) == len(set(names))
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}", name) for name in names)


def test_a_name_is_a_keyed_digest_of_the_sound():
    """Independent: RFC 2104 by the standard library, five bits a sign from the least."""
    key = bytes(range(32))
    number = int.from_bytes(hmac.new(key, b"call-x", hashlib.sha256).digest()[:8], "big")
    signs = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number >> 5 * place & 31] for place in range(12))
    assert f"{signs[:4]}-{signs[4:8]}-{signs[8:]}" == SharedNames(key).of("call-x")


def test_a_name_leads_back_for_those_who_have_the_store(tmp_path):
    names = shared_names(tmp_path)
    name = names.of(SOUNDS[1234])
    assert SOUNDS[1234] == names.find(name, SOUNDS)
    assert SOUNDS[1234] == names.find(name.lower().replace("-", " ").replace("1", "l").replace("0", "o"), SOUNDS)
    for typed in ("", "0000-0000-0000", name[:-1], f"{name}0", "ÄÖÜ!-????-****"):
        assert names.find(typed, SOUNDS) is None


def test_the_key_is_for_its_owner_alone(tmp_path):
    shared_names(tmp_path)
    assert 0o600 == stat.S_IMODE(Layout(tmp_path).sharing_key.stat().st_mode)
    assert ["sharing.key"] == [path.name for path in tmp_path.iterdir()]


def test_a_store_that_is_only_read_gets_no_key(tmp_path):
    assert 14 == len(shared_names(tmp_path, read_only=True).of(SOUNDS[0]))
    assert [] == list(tmp_path.iterdir())


def test_the_key_of_another_process_that_was_first_counts(tmp_path, monkeypatch):
    other = bytes(range(32))

    def first(partial, path):
        path.write_bytes(other)
        raise FileExistsError

    monkeypatch.setattr("os.link", first)
    assert SharedNames(other).of(SOUNDS[0]) == shared_names(tmp_path).of(SOUNDS[0])
    assert ["sharing.key"] == [path.name for path in tmp_path.iterdir()]


def test_a_damaged_key_is_said_to_be_so(tmp_path):
    Layout(tmp_path).sharing_key.write_bytes(b"short")
    with pytest.raises(StoreError, match=r"sharing\.key: is damaged; put back a copy of it"):
        shared_names(tmp_path)
