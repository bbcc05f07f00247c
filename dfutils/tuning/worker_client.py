"""Train trials that a chief on another machine hands out."""

import os
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dfutils.errors import DfutilsError, MachineError, SettingsError
from dfutils.tuning.chief_server import TOKEN_FILE
from dfutils.tuning.machines import METHOD, Worker, decode, encode, load_grpc

_FIRST_TRY = 2.0  # seconds, after which the worker says that it waits
_IDLE = 0.5  # seconds between two questions for a trial


class ChiefClient:
    """Stands in for the oracle of a Keras Tuner tuner, and asks the chief instead.

    Args:
        keras_tuner: module. The imported package.
        worker: Worker. Where the chief listens.
        search: str. The name of the search, which must be the chief's.
        say: function. Called with a line for each event. Defaults to saying nothing.
    """

    def __init__(
        self,
        keras_tuner: Any,
        worker: Worker,
        search: str,
        *,
        say: Callable[[str], None] = lambda line: None,
    ):
        # Two machines may have the same name, and one machine may run several workers.
        self.name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self.objective: Any = None
        self.trials: dict[str, Any] = {}
        self._keras_tuner = keras_tuner
        self._worker = worker
        self._search = search
        self._say = say
        self._trial: Any = None
        self._result: dict[str, Any] = {}
        self._over: dict[str, Any] | None = None
        self._stopped = threading.Event()

    @contextmanager
    def connected(self) -> Iterator[str]:
        """Join the search, and tell the chief again and again that this worker is alive, until the `with` block ends.

        Yields:
            str. What the file `.chief` in the folder of the search contains, if this machine sees the same folder.

        Raises:
            MachineError: If the chief does not answer.
            SettingsError: If the chief runs another search.
        """
        self._grpc = load_grpc()
        options = [
            ("grpc.enable_http_proxy", 0),  # a cluster's proxy does not know the cluster's own machines
            ("grpc.max_reconnect_backoff_ms", 1000),
            ("grpc.max_receive_message_length", -1),
        ]
        with self._grpc.insecure_channel(self._worker.address, options=options) as channel:
            self._call = channel.unary_unary(METHOD, request_serializer=encode, response_deserializer=decode)
            joined = self._send("join")
            self._say(f"Worker {self.name} joined the search {self._search} of {self._worker.address}.")
            pause = min(5.0, joined.get("patience", self._worker.patience) / 4)
            beat = threading.Thread(target=self._stay_alive, args=(pause,), daemon=True)
            beat.start()
            try:
                yield joined.get("token", "")
            except MachineError:
                raise  # the chief does not answer, so there is nobody to tell
            except self._keras_tuner.errors.FatalError as error:
                cause = error.__cause__ or error
                self._tell_once("failed", error=str(cause), final=isinstance(cause, DfutilsError))
                self._tell_once("left")
                raise
            except BaseException:
                self._tell_once("left")
                raise
            finally:
                self._stopped.set()
                beat.join()

    def create_trial(self, tuner_id: str) -> Any:
        """Return the next trial from the chief, a keras_tuner.engine.trial.Trial. Wait while others must finish first.

        Args:
            tuner_id: str. Not used: the chief knows the worker by its own name.

        Raises:
            MachineError: If the chief does not answer.
            SettingsError: If the search ended with an error.
        """
        new = self._keras_tuner.engine.trial.Trial
        while True:
            reply = self._over or self._send("ask")
            if reply.get("over"):
                if reply["error"]:
                    raise SettingsError(f"The chief ended the search. {reply['error']}")
                self.trials = {state["trial_id"]: new.from_state(state) for state in reply["trials"]}
                return new(self._keras_tuner.HyperParameters(), status="STOPPED")
            if reply["trial"]:
                self._trial = new.from_state(reply["trial"])
                return self._trial
            time.sleep(_IDLE)

    def get_trial(self, trial_id: str) -> Any:
        """Return the trial that this worker trains."""
        return self._trial

    def update_trial(self, trial_id: str, metrics: dict[str, Any], *, step: int = 0) -> None:
        """Keep the result of the trial until it is ended."""
        self._result = {"metrics": {name: float(value) for name, value in metrics.items()}, "step": int(step)}

    def end_trial(self, trial: Any) -> None:
        """Send the result of the trial to the chief.

        Raises:
            MachineError: If the chief does not answer.
        """
        if self._over:
            return
        if trial.status == "COMPLETED":
            self._say(f"Trial {trial.trial_id}: validation AUC {self._result['metrics']['val_auc']:.3f}.")
            self._send("ended", **self._result)
        else:  # Keras Tuner could not build the model, and its message is a traceback
            reason = (trial.message or "").strip().rpartition("\n")[2]
            self._say(f"Trial {trial.trial_id} failed: {reason}")
            self._send("failed", error=reason, final=False)
        self._trial = None

    def _send(self, kind: str, **facts: Any) -> dict[str, Any]:
        """Send a request. Wait for a chief that does not answer, as long as the patience lasts."""
        until = time.monotonic() + self._worker.patience
        timeout = min(_FIRST_TRY, self._worker.patience)
        while True:
            try:
                reply = self._call(self._request(kind, facts), timeout=timeout, wait_for_ready=True)
                break
            except self._grpc.RpcError as error:
                left = until - time.monotonic()
                if left <= 0:
                    raise MachineError(
                        f"The chief at {self._worker.address} did not answer for {self._worker.patience:g} s "
                        f"({error.code().name.lower()}). Is `dfutils search --chief` running there, and does no "
                        "firewall close the port? If the search is finished, run it without --worker to read its "
                        "results."
                    ) from None
                if timeout == _FIRST_TRY:
                    self._say(f"Waiting for the chief at {self._worker.address}, for {left:.0f} s.")
                time.sleep(min(0.2, left))
                timeout = max(left, 0.1)
        if "refused" in reply:
            raise SettingsError(
                f"The chief at {self._worker.address} runs the search {reply['refused']}, this worker "
                f"{self._search}. Give both the same clips and options, and the same version of dfutils."
            )
        if reply.get("over"):
            self._over = reply
        return reply

    def _tell_once(self, kind: str, **facts: Any) -> None:
        # A chief that does not hear this finds out when the worker stays silent.
        with suppress(self._grpc.RpcError):
            self._call(self._request(kind, facts), timeout=_FIRST_TRY)

    def _stay_alive(self, pause: float) -> None:
        while self._over is None and not self._stopped.wait(pause):
            try:
                reply = self._call(self._request("alive", {}), timeout=pause)
            except self._grpc.RpcError:
                continue
            if reply.get("over"):
                self._over = reply

    def _request(self, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
        request = {"search": self._search, "worker": self.name, "kind": kind, **facts}
        if trial := self._trial:
            request |= {"trial": trial.trial_id, "values": trial.hyperparameters.values}
        return request


def follow(
    keras_tuner: Any,
    worker: Worker,
    folder: Path,
    make: Callable[[Path], Any],
    *,
    needs_folder: bool,
    say: Callable[[str], None],
) -> Any:
    """Run a worker of a search until the chief has no more trials.

    Args:
        keras_tuner: module. The imported package.
        worker: Worker. Where the chief listens.
        folder: Path. The folder of the search. If it is the chief's too, the weights of the trials are saved in it.
        make: function. Called with a folder, it returns a keras_tuner.Tuner.
        needs_folder: bool. Whether a trial may start from the weights of another worker's trial.
        say: function. Called with a line for each event.

    Returns:
        keras_tuner.Tuner, whose oracle holds all trials of the search.

    Raises:
        MachineError: If the chief does not answer.
        SettingsError: If the chief runs another search, or its folder is needed and not seen from this machine.
    """
    client = ChiefClient(keras_tuner, worker, folder.name, say=say)
    with tempfile.TemporaryDirectory() as temporary, client.connected() as token:
        # The tuner is made elsewhere: in the chief's folder, it would read files that the chief is writing.
        tuner = make(Path(temporary) / folder.name)
        if _read(folder / TOKEN_FILE) == token:
            tuner.directory = str(folder.parent)
        elif needs_folder:
            raise SettingsError(
                f"{folder} is not the folder in which the chief saves the trials. Hyperband goes on with trials of "
                "other workers. Choose a folder that all machines share, or another tuner."
            )
        oracle, client.objective = tuner.oracle, tuner.oracle.objective
        tuner.oracle, tuner.save = client, lambda: None
        tuner.search(verbose=0)
    oracle.trials = client.trials
    tuner.oracle = oracle
    return tuner


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None
