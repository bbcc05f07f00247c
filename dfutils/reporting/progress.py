"""Say what a report is doing: a line when a notebook starts and ends, and a bar with the cells and the time left."""

import time

from dfutils.reporting.execution import Finished
from dfutils.reporting.plan import Plan
from dfutils.reporting.timing import in_words


class Progress:
    """The progress of a report, on standard output. In a terminal, a bar counts the cells of all notebooks.

    Args:
        plan: Plan. What the report runs.
    """

    def __init__(self, plan: Plan):
        import nbformat
        from tqdm import tqdm

        self.status = {stem: "earlier" if stem in plan.kept else "not run" for stem in plan.series}
        self.seconds = dict.fromkeys(plan.series, 0.0)
        self.seconds |= {stem: plan.before["provenance"]["seconds"][stem] for stem in plan.kept}
        self._timing, self._order = plan.timing, [job.name for job in plan.jobs]
        self._cells = {job.name: len(nbformat.read(job.path, as_version=4).cells) for job in plan.jobs}
        self._done: dict[str, int] = {}
        self._starts: dict[str, float] = {}
        self._say = tqdm.write
        self._say(_announcement(plan))
        self._bar = tqdm(
            total=sum(self._cells.values()),
            disable=None,  # no bar where the output is not a terminal
            leave=False,
            bar_format="{percentage:3.0f}% |{bar:24}| {desc}",
        )

    @property
    def running(self) -> list[str]:
        """The names of the notebooks that are running."""
        return list(self._starts)

    def start(self, stem: str) -> None:
        """Say that a notebook starts."""
        self._starts[stem] = time.perf_counter()
        self._say(f"[{self._order.index(stem) + 1}/{len(self._order)}] {stem} …")
        self.advance(stem, 0)

    def advance(self, stem: str, cells: int) -> None:
        """Move the bar: this many cells of a notebook are finished."""
        self._done[stem] = min(cells, self._cells[stem])
        self._bar.n = sum(self._done.values())
        self._bar.set_description_str(", ".join(filter(None, [*self._counts(), self._left()])))

    def end(self, finished: Finished) -> None:
        """Say that a notebook is finished, how long it took, and how long is left."""
        stem, trouble, took = finished
        self.seconds[stem], self.status[stem] = round(took, 1), "failed" if trouble else "ok"
        del self._starts[stem]
        self._timing.finish(stem, took)
        left = self._left()
        rest = f": {trouble}" if trouble else f", {left}" if left else ""
        self._say(f"      {stem} {self.status[stem]} in {took:.0f} s{rest}")
        self.advance(stem, self._cells[stem])

    def close(self, line: str) -> None:
        """Remove the bar and say how the report ended."""
        self._bar.close()
        self._say(line)

    def _counts(self) -> list[str]:
        return [f"{name} {self._done.get(name, 0)}/{self._cells[name]}" for name in self._starts]

    def _left(self) -> str:
        now = time.perf_counter()
        left = self._timing.seconds_left({name: now - start for name, start in self._starts.items()})
        return f"{in_words(left)} left" if left else ""


def _announcement(plan: Plan) -> str:
    """Return the first lines of the output: what will happen and how long it will take."""
    seconds = plan.timing.seconds_left({})
    duration = (
        f"This takes {in_words(seconds)} on this machine, as far as is known."
        if seconds
        else "How long this takes depends on the clips. A second run takes a few minutes."
    )
    how = f", {plan.at_a_time} at a time" if plan.at_a_time > 1 else ""
    return (
        f"Report {plan.name!r} with profile {plan.facts['profile']!r}, into {plan.directory}\n"
        f"Notebooks: {len(plan.jobs)}{how}. {duration}"
    )
