"""Which part a machine plays."""

import pytest

from dfutils.errors import SettingsError
from dfutils.tuning import Chief, Worker
from dfutils.tuning.machines import decode, encode, refuse_keras_tuner_variables


@pytest.mark.parametrize("address", ["node1", "node1:", ":8470", "node1:http", "node1:0", "node1:70000"])
def test_address_of_a_chief_is_host_and_port(address):
    with pytest.raises(SettingsError, match=r"HOST:PORT, such as 127.0.0.1:8470. Received: '"):
        Worker(address)


def test_options_out_of_range_are_refused():
    for wrong in (lambda: Chief(port=70000), lambda: Chief(patience=0), lambda: Worker("a:1", patience=-1)):
        with pytest.raises(SettingsError, match="Received"):
            wrong()


def test_chief_listens_on_this_machine_only_unless_told_otherwise():
    assert not Chief().is_public
    assert Chief(host="0.0.0.0").is_public
    assert Worker("[::1]:8470").address == "[::1]:8470"


def test_numbers_arrive_exactly():
    message = {"values": {"learning_rate": 3e-4, "dropout": 0.1 + 0.2, "bidirectional": True}}
    assert decode(encode(message)) == message


def test_keras_tuners_own_variables_are_refused(monkeypatch):
    refuse_keras_tuner_variables()
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    with pytest.raises(SettingsError, match="Remove it.*--chief"):
        refuse_keras_tuner_variables()
