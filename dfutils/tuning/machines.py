"""Say which part this machine plays in a search on several machines, and how the machines talk to each other."""

import json
import os
from dataclasses import dataclass
from typing import Any

from dfutils.errors import SettingsError

_DEFAULT_PORT = 8470
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# The one method that a worker calls. Its request and its answer are JSON objects.
METHOD = "/dfutils.Search/Tell"


@dataclass(frozen=True, kw_only=True)
class Chief:
    """The machine that hands out the trials of a search and collects their results. It trains nothing itself.

    Nothing between chief and workers is encrypted, and no password is asked. Listen only inside a network in which you
    trust every machine.

    Args:
        host: str. The address to listen on. `"0.0.0.0"` listens on all networks of the machine. Defaults to
            `"127.0.0.1"`: only workers on the same machine can connect.
        port: int. The port to listen on; 0 chooses a free one. Defaults to 8470.
        patience: float. Seconds after which a worker that says nothing is lost. Its trial is given to another worker.
            Defaults to 60.

    Raises:
        SettingsError: If the port or the patience is out of range.
    """

    host: str = "127.0.0.1"
    port: int = _DEFAULT_PORT
    patience: float = 60.0

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65536:
            raise SettingsError(f"A port is a number from 0 to 65535. Received: port={self.port}")
        _check_patience(self.patience)

    @property
    def is_public(self) -> bool:
        """Whether other machines can connect."""
        return self.host not in _LOOPBACK


@dataclass(frozen=True)
class Worker:
    """A machine that trains trials which it gets from the chief.

    Args:
        address: str. Where the chief listens: `"HOST:PORT"`.
        patience: float. Seconds to wait for a chief that does not answer. Defaults to 60.

    Raises:
        SettingsError: If the address is not `HOST:PORT`, or the patience is not above 0.
    """

    address: str
    patience: float = 60.0

    def __post_init__(self) -> None:
        host, _, port = self.address.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port) < 65536:
            raise SettingsError(
                f"The address of a chief is HOST:PORT, such as 127.0.0.1:{_DEFAULT_PORT}. Received: {self.address!r}"
            )
        _check_patience(self.patience)


Role = Chief | Worker


def _check_patience(patience: float) -> None:
    if not patience > 0:
        raise SettingsError(f"patience is a number of seconds above 0. Received: patience={patience}")


def refuse_keras_tuner_variables() -> None:
    """Refuse Keras Tuner's own variables for several machines, which this package does not use.

    Raises:
        SettingsError: If they are set.
    """
    if "KERASTUNER_ORACLE_IP" in os.environ:
        raise SettingsError(
            "The environment variable KERASTUNER_ORACLE_IP is set. Remove it. For a search on several machines, run "
            "`dfutils search --chief` and `dfutils search --worker HOST:PORT`, or give `tuning.search` a role."
        )


def load_grpc() -> Any:
    """Import gRPC. Its messages about ports and connections are switched off: errors of dfutils say more."""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    import grpc

    return grpc


def encode(message: dict[str, Any]) -> bytes:
    """Return a request or an answer as bytes."""
    return json.dumps(message).encode()


def decode(data: bytes) -> dict[str, Any]:
    """Return the request or the answer that `encode` turned into bytes."""
    return json.loads(data)
