"""Hand out the trials of a search to workers on other machines, and collect the results."""

import io
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

from dfutils.errors import MachineError, SettingsError
from dfutils.tuning.machines import METHOD, Chief, decode, encode, load_grpc

TOKEN_FILE = ".chief"
# A trial that ends its worker this often is marked as failed: it may need more memory than there is.
_MOST_RUNS = 3
# Keeps a trial until the first worker asks for one.
_NOBODY = "nobody"


class ChiefServer:
    """Answers workers from a Keras Tuner oracle, which decides what is tried next.

    Keras Tuner's own server waits for ever for a worker that was killed, and its lock stays closed after an error. So
    only the oracle is Keras Tuner's.

    Args:
        oracle: keras_tuner.Oracle. Chooses the trials and saves them.
        search: str. The name of the search. A worker with another name is refused.
        patience: float. Seconds after which a silent worker is lost.
        token: str. What a worker finds in the file `.chief` if it sees the folder of the chief. Defaults to `""`.
        say: function. Called with a line for each event. Defaults to saying nothing.
    """

    def __init__(
        self,
        oracle: Any,
        search: str,
        *,
        patience: float,
        token: str = "",
        say: Callable[[str], None] = lambda line: None,
    ):
        self.over = False
        self.error: Exception | None = None
        self.ended = 0
        self._oracle = oracle
        self._search = search
        self._patience = patience
        self._token = token
        self._say = say
        self._heard: dict[str, float] = {}
        self._lock = threading.RLock()
        # After a kill at the wrong moment, Keras Tuner runs a trial again that has ended.
        oracle._retry_queue = [trial for trial in oracle._retry_queue if trial not in oracle.end_order]
        oracle.verbose = 0
        oracle.max_retries_per_trial = _MOST_RUNS - 1

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a worker's request. Any thread may call this method.

        Args:
            request: dict. `search`, `worker` and `kind` (join, ask, alive, ended, failed or left). If the worker has a
                trial, also `trial` and `values`.

        Returns:
            dict. `refused` for a worker of another search, `over` when the search has ended, else what was asked for.
        """
        with self._lock:
            if request["search"] != self._search:
                return {"refused": self._search}
            name: str = request["worker"]
            handler = self._handlers[request["kind"]]
            reply: dict[str, Any] = {}
            if not self.over:
                if name not in self._heard and request["kind"] != "left":
                    self._say(f"Worker {name} joined.")
                self._heard[name] = time.monotonic()
                with self._errors_end_the_search():
                    reply = handler(self, name, request) or {}
            if self.over:
                self._heard.pop(name, None)
                trials = [trial.get_state() for trial in self._oracle.trials.values()]
                return {"over": True, "error": str(self.error or ""), "trials": trials, "token": self._token}
            return reply

    def look_after_workers(self) -> bool:
        """Give the trials of lost workers back. To be called about once a second.

        Returns:
            bool. Whether the search has ended and every worker knows it.
        """
        with self._lock:
            silent = [name for name, at in self._heard.items() if time.monotonic() - at > self._patience]
            for name in silent:
                if self.over:
                    self._heard.pop(name)
                else:
                    with self._errors_end_the_search():
                        self._forget(name, f"was silent for {self._patience:g} s", counted=True)
            if not self.over and not self._heard:
                # A search that is finished needs no worker to find that out.
                with self._errors_end_the_search():
                    self._next_trial(_NOBODY)
            return self.over and not self._heard

    def _join(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        return {"token": self._token, "patience": self._patience}

    def _ask(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        trial = self._next_trial(name)
        return {"trial": trial and trial.get_state()}

    def _alive(self, name: str, request: dict[str, Any]) -> None:
        self._has_trial(name, request)

    def _ended(self, name: str, request: dict[str, Any]) -> None:
        if not self._has_trial(name, request):
            return  # it was given to another worker, whose result counts
        trial = self._oracle.update_trial(request["trial"], request["metrics"], step=request["step"])
        trial.status = "COMPLETED"
        self._end(trial)
        self.ended += 1
        score = "undefined" if trial.score is None else f"{trial.score:.3f}"
        done, most = len(self._oracle.end_order), self._oracle.max_trials
        self._say(
            f"Trial {trial.trial_id} by {name}: validation AUC {score}. Done: {done}{f' of {most}' if most else ''}."
        )

    def _failed(self, name: str, request: dict[str, Any]) -> None:
        if request["final"]:
            raise SettingsError(request["error"])
        if self._has_trial(name, request):
            self._say(f"{name}: {request['error']}. {self._give_back(name, request['error'])}")

    def _left(self, name: str, request: dict[str, Any]) -> None:
        self._has_trial(name, request)
        self._forget(name, "left", counted=False)

    _handlers: dict[str, Callable[..., Any]] = {  # noqa: RUF012
        "join": _join,
        "ask": _ask,
        "alive": _alive,
        "ended": _ended,
        "failed": _failed,
        "left": _left,
    }

    def _next_trial(self, name: str) -> Any:
        """Return a trial for a worker, or None if it must wait. The search ends here when no trial is left."""
        ongoing = self._oracle.ongoing_trials
        if name not in ongoing and _NOBODY in ongoing:
            ongoing[name] = ongoing.pop(_NOBODY)
        trial = ongoing.get(name) or self._oracle.create_trial(name)
        if trial.status == "RUNNING":
            return trial
        if trial.status == "STOPPED" and not ongoing:
            self.over = True
        return None

    def _has_trial(self, name: str, request: dict[str, Any]) -> bool:
        """Return whether the trial of a request is the worker's own and not ended.

        A worker keeps its trial when the chief was started again, or when the worker was silent for too long, unless
        another worker has got the trial.
        """
        trial = self._oracle.trials.get(request.get("trial"))
        if trial is None or trial.hyperparameters.values != request["values"]:
            return False
        ongoing, waiting = self._oracle.ongoing_trials, self._oracle._retry_queue
        if name not in ongoing and (trial.trial_id in waiting or ongoing.get(_NOBODY) is trial):
            if trial.trial_id in waiting:
                waiting.remove(trial.trial_id)
            else:
                ongoing.pop(_NOBODY)
            trial.status = "RUNNING"
            ongoing[name] = trial
        return ongoing.get(name) is trial

    def _forget(self, name: str, why: str, *, counted: bool) -> None:
        """Remove a worker, and give its trial back."""
        self._heard.pop(name, None)
        self._oracle.tuner_ids.discard(name)
        fate = self._give_back(name, why, counted=counted)
        self._say(f"Worker {name} {why}. {fate}Workers now: {len(self._heard)}.")

    def _give_back(self, name: str, why: str, *, counted: bool = True) -> str:
        """Let another worker have the trial of a worker. Return a sentence on it, with a space at the end."""
        trial = self._oracle.ongoing_trials.get(name)
        if trial is None:
            return ""
        if counted:
            trial.status, trial.message = "INVALID", f"Worker {name}: {why}"
            self._end(trial)
        else:
            self._oracle.ongoing_trials.pop(name)
            self._oracle._retry_queue.append(trial.trial_id)
            self._oracle.save()
        fate = (
            f"failed {_MOST_RUNS} times and counts as failed"
            if trial.status == "FAILED"
            else "is given out again"
        )
        return f"Trial {trial.trial_id} {fate}. "

    def _end(self, trial: Any) -> None:
        try:
            with redirect_stdout(io.StringIO()):  # Keras Tuner prints how often a trial failed
                self._oracle.end_trial(trial)
            self._oracle.save()  # the file that `end_trial` writes still lists the trial as running
        except RuntimeError as error:
            raise SettingsError(f"Too many trials failed one after the other. {trial.message}") from error

    @contextmanager
    def _errors_end_the_search(self) -> Iterator[None]:
        """Keep an error for the chief's own thread. Afterwards, the oracle is not used any more."""
        try:
            yield
        except Exception as error:
            self.error, self.over = error, True


def lead(tuner: Any, chief: Chief, folder: Path, *, say: Callable[[str], None]) -> int:
    """Run the chief of a search until all trials have ended.

    Args:
        tuner: keras_tuner.Tuner. Its oracle holds the trials.
        chief: Chief. Where to listen.
        folder: Path. The folder of the search.
        say: function. Called with a line for each event.

    Returns:
        int. Number of trials that ended.

    Raises:
        MachineError: If the port cannot be used.
        SettingsError: If a training diverged, or too many trials failed.
    """
    tuner.save()
    token = secrets.token_hex(8)
    server = ChiefServer(tuner.oracle, folder.name, patience=chief.patience, token=token, say=say)
    rpc, port = _listen(server, chief)
    (folder / TOKEN_FILE).write_text(token)
    rpc.start()
    try:
        host = socket.gethostname() if chief.host in ("0.0.0.0", "::") else chief.host
        say(f"The chief listens on {chief.host}:{port}. Start workers with --worker {_join_port(host, port)}")
        while not server.look_after_workers():
            time.sleep(0.2)
    finally:
        rpc.stop(grace=2).wait()
        (folder / TOKEN_FILE).unlink(missing_ok=True)
    if server.error is not None:
        raise server.error
    return server.ended


def _listen(server: ChiefServer, chief: Chief) -> tuple[Any, int]:
    """Return a gRPC server and its port.

    Raises:
        MachineError: If the port cannot be used.
    """
    grpc = load_grpc()
    handler = grpc.unary_unary_rpc_method_handler(
        lambda request, context: server.answer(request),
        request_deserializer=decode,
        response_serializer=encode,
    )
    service, method = METHOD.strip("/").split("/")
    # By default, a second program may listen on the same port, and gets a part of the requests.
    rpc = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    rpc.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {method: handler}),))
    address = _join_port(chief.host, chief.port)
    try:
        _try_port(chief)  # gRPC's own error does not say why
        port = rpc.add_insecure_port(address)
    except (OSError, RuntimeError) as error:
        raise MachineError(
            f"The chief cannot listen on {address}: {getattr(error, 'strerror', None) or error}. Another program may "
            "use the port, or the address is not one of this machine. Choose another port, or 0 for a free one."
        ) from error
    return rpc, port


def _try_port(chief: Chief) -> None:
    family, kind, _, _, address = socket.getaddrinfo(chief.host, chief.port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a chief may just have been stopped
        probe.bind(address)


def _join_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
