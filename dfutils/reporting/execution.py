"""Run notebooks with papermill, one by one or several at a time."""

import contextlib
import functools
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, NamedTuple

from dfutils.errors import DfutilsError
from dfutils.reporting.parameters import quiet_papermill

_TIME_TO_STOP = 60  # seconds that a notebook gets to stop its kernel after an interruption
# Processes are forked from a small server process. A fork of this process would stop for ever if a thread of
# TensorFlow held a lock.
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


class NotebookJob(NamedTuple):
    """A notebook to run.

    Args:
        path: Path. The notebook.
        executed: Path. Where the executed notebook is written.
        values: dict. Its parameters.
        needs: frozenset of str. The names of the notebooks that must be finished before it starts.
        urgency: float. Of the notebooks that can start, the most urgent one starts first. Defaults to 0.
        cell_limit: int or None. How many seconds each cell may take. Defaults to None: no limit.
        threads: int. With how many threads TensorFlow computes in it, if several notebooks run at the same time. Two
            notebooks with as many threads as cores would slow each other down. Defaults to 0: as many as cores.
    """

    path: Path
    executed: Path
    values: dict[str, Any]
    needs: frozenset[str]
    urgency: float = 0.0
    threads: int = 0
    cell_limit: int | None = None

    @property
    def name(self) -> str:
        """The notebook's file name without its suffix."""
        return self.path.stem


class Finished(NamedTuple):
    """A notebook that was run.

    Args:
        name: str. The name of the notebook.
        trouble: str. The error in one line, or `""` if there was none.
        seconds: float. How long it took.
    """

    name: str
    trouble: str
    seconds: float


def run_notebooks(
    jobs: list[NotebookJob],
    *,
    at_a_time: int = 1,
    started: Callable[[str], None] = lambda name: None,
    advanced: Callable[[str, int], None] = lambda name, cells: None,
    ended: Callable[[Finished], None] = lambda finished: None,
) -> Iterator[Finished]:
    """Run notebooks in order, and yield each one when it is finished and the next ones are started.

    A notebook starts as soon as those that it needs are finished. After the first failure, no further notebook starts.

    Args:
        jobs: list of NotebookJob. In an order in which each needs only earlier ones.
        at_a_time: int. How many notebooks may run at the same time, each in a process of its own. Defaults to 1: one
            after the other, in this process.
        started: function. Called with the name of each notebook that starts. Defaults to one that does nothing.
        advanced: function. Called with the name of a notebook and the number of its finished cells, after each cell.
            Defaults to one that does nothing.
        ended: function. Called with each notebook as soon as it is finished. Defaults to one that does nothing.
    """
    if at_a_time > 1:
        yield from _run_in_processes(jobs, at_a_time, started, advanced, ended)
        return
    for job in jobs:
        started(job.name)
        began = time.perf_counter()
        trouble = _execute(job, functools.partial(advanced, job.name))
        finished = Finished(job.name, trouble, time.perf_counter() - began)
        ended(finished)
        yield finished
        if trouble:
            return


def _run_in_processes(
    jobs: list[NotebookJob],
    at_a_time: int,
    started: Callable[[str], None],
    advanced: Callable[[str, int], None],
    ended: Callable[[Finished], None],
) -> Iterator[Finished]:
    waiting, finished = list(jobs), list[Finished]()
    running: dict[Connection, tuple[NotebookJob, BaseProcess, float]] = {}
    done, failed = set[str](), False
    try:
        while True:
            ready = [job for job in waiting if job.needs <= done and not failed]
            ready.sort(key=lambda job: -job.urgency)
            for job in ready[: at_a_time - len(running)]:
                waiting.remove(job)
                started(job.name)
                receiver, process = _start(job)
                running[receiver] = job, process, time.perf_counter()
            yield from finished  # what the caller does with them takes time, and the next ones run already
            if not running:
                return
            finished = []
            for receiver in set(running) & set(wait(list(running))):
                job, process, began = running[receiver]
                news = _receive(receiver)
                if isinstance(news, int):
                    advanced(job.name, news)
                    continue
                del running[receiver]
                receiver.close()
                process.join()
                one = Finished(job.name, news, time.perf_counter() - began)
                failed |= bool(one.trouble)
                done.add(job.name)
                finished.append(one)
                ended(one)
    finally:
        _stop([process for _, process, _ in running.values()])


def _start(job: NotebookJob) -> tuple[Connection, BaseProcess]:
    """Start a process that runs a notebook. Return the end of a pipe that gets its messages, and the process."""
    context: Any = multiprocessing.get_context(_METHOD)
    context.set_forkserver_preload([__name__, "papermill"])  # imported once for all notebooks
    receiver, sender = context.Pipe(duplex=False)
    place = dict(os.environ), str(Path.cwd())  # the server process has those of its start
    process = context.Process(target=_execute_apart, args=(job, sender, *place), name=job.name)
    process.start()
    sender.close()  # the process has a copy; when it ends, the receiver notices
    return receiver, process


def _receive(receiver: Connection) -> int | str:
    """Return what a process has sent: how many cells are finished, or at its end the error, `""` if there was none."""
    try:
        news: int | str = receiver.recv()
    except EOFError:
        return "the process that ran it ended without a result"
    return news


def _stop(processes: list[BaseProcess]) -> None:
    """Interrupt processes, so that they stop their kernels, and wait for their end."""
    for process in processes:
        if process.is_alive() and process.pid:
            os.kill(process.pid, signal.SIGINT)
    for process in processes:
        process.join(_TIME_TO_STOP)
        if process.is_alive():
            process.kill()


def _execute_apart(job: NotebookJob, sender: Connection, environment: dict[str, str], folder: str) -> None:
    """Run a notebook in a process of its own. Send how many cells are finished, and then the error in one line."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()  # Ctrl-C in a terminal reaches only the first process, which then interrupts this one once
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if job.threads:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(job.threads))
    with contextlib.suppress(KeyboardInterrupt):
        sender.send(_execute(job, sender.send))


def _execute(job: NotebookJob, advanced: Callable[[int], None]) -> str:
    """Run one notebook. Return the error in one line, or `""` if there was no error."""
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    # Use the kernel of this Python, even if the user's Jupyter has another kernel with the name python3.
    os.environ.setdefault("JUPYTER_PREFER_ENV_PATH", "1")
    job.executed.unlink(missing_ok=True)
    try:
        with quiet_papermill():
            papermill.execute_notebook(
                str(job.path),
                str(job.executed),
                job.values,
                kernel_name="python3",
                progress_bar=False,
                engine_name=_counting_engine(advanced),
                execution_timeout=job.cell_limit,
                # Hide the kernel's messages, which would appear between the progress lines.
                extra_arguments=["--log-level=CRITICAL"],
            )
    except KeyboardInterrupt:
        _mark_stopped_cell(job.executed, "The notebook was interrupted in this cell.")
        raise
    except papermill.PapermillExecutionError as error:
        return f"{error.ename}: {_first_line(error.evalue)}"
    except DfutilsError:
        raise
    except Exception as error:  # the kernel died, a cell took too long, or the kernel could not start
        if not job.executed.is_file():
            shutil.copyfile(job.path, job.executed)
        trouble = f"{type(error).__name__}: {_first_line(str(error))}"
        if isinstance(error, CellTimeoutError):
            trouble = f"A cell took longer than the limit of {job.cell_limit} seconds (--cell-limit)."
        elif isinstance(error, DeadKernelError):
            trouble = "The kernel died. Often, it was stopped because it needed too much memory."
        _mark_stopped_cell(job.executed, trouble)
        return trouble
    return ""


def _counting_engine(advanced: Callable[[int], None]) -> str:
    """Return the name of an engine of papermill that calls a function with the number of finished cells."""
    from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines

    class CountingEngine(NBClientEngine):
        @classmethod
        def execute_managed_notebook(
            cls, nb_man: NotebookExecutionManager, *args: Any, **options: Any
        ) -> Any:
            complete = nb_man.cell_complete

            def count(cell: Any, cell_index: int = 0, **facts: Any) -> None:
                complete(cell, cell_index, **facts)
                advanced(cell_index + 1)

            nb_man.cell_complete = count
            return super().execute_managed_notebook(nb_man, *args, **options)

    papermill_engines.register("dfutils", CountingEngine)
    return "dfutils"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""


def _mark_stopped_cell(executed: Path, trouble: str) -> None:
    """Add an error to the cell that was running when a notebook was stopped, so that its page shows the place."""
    import nbformat

    if not executed.is_file():
        return
    notebook = nbformat.read(executed, as_version=4)
    started = [cell for cell in notebook.cells if cell.metadata.get("papermill", {}).get("start_time")]
    if started:
        error = nbformat.v4.new_output("error", ename="", evalue=trouble, traceback=[trouble])
        started[-1].outputs = [*started[-1].get("outputs", []), error]
        nbformat.write(notebook, executed)
