"""Estimate how long a report takes, from measured runs, and how long is left after each notebook."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# The file in the folder of the notebooks that holds measured seconds.
DURATIONS = "durations.yml"


@dataclass
class Timing:
    """How long the notebooks of a report take.

    Args:
        expected: dict. {notebook: seconds} as measured before, here or on another machine. Empty if nothing is known.
        needs: dict. {notebook: names of the notebooks that must be finished before}.
        at_a_time: int. How many notebooks run at the same time.
        factor: float. How much slower this machine is than the one that was measured on.
        measured: dict. {notebook: seconds} of the notebooks that are finished.
    """

    expected: Mapping[str, float]
    needs: Mapping[str, frozenset[str]]
    at_a_time: int = 1
    factor: float = 1.0
    measured: dict[str, float] = field(default_factory=dict)

    def finish(self, name: str, seconds: float) -> None:
        """Note how long a notebook took. The estimate of the others follows."""
        self.measured[name] = seconds
        expected = sum(self.expected.get(name, 0.0) for name in self.measured)
        if expected:
            self.factor = sum(self.measured.values()) / expected

    def urgency(self, name: str) -> float:
        """Return the expected seconds from the start of a notebook until everything that needs it is finished."""
        after = [self.urgency(other) for other, needs in self.needs.items() if name in needs]
        return self.expected.get(name, 0.0) + max(after, default=0.0)

    def shares_the_cores(self, name: str) -> bool:
        """Return whether other notebooks are expected to run during at least half of a notebook's time."""
        if self.at_a_time == 1:
            return False
        related = self._before(name) | {other for other in self.needs if name in self._before(other)}
        others = sum(self.expected.get(other, 0.0) for other in set(self.needs) - related - {name})
        return others > self.expected.get(name, 0.0) / 2

    def _before(self, name: str) -> set[str]:
        """Return the notebooks that are finished before a notebook starts."""
        return set(self.needs[name]).union(*(self._before(other) for other in self.needs[name]))

    def seconds_left(self, running: Mapping[str, float]) -> float | None:
        """Return the estimated seconds until all notebooks are finished; None if it is not known.

        Args:
            running: dict. {notebook: seconds since its start} of the notebooks that are running.
        """
        if not all(name in self.expected for name in self.needs):
            return None
        left = {
            name: max(0.0, self.factor * self.expected[name] - running.get(name, 0.0))
            for name in self.needs
            if name not in self.measured
        }
        now, done, ends = 0.0, set(self.measured), {name: left.pop(name) for name in running if name in left}
        while left or ends:
            ready = [name for name in left if self.needs[name] <= done]
            ready.sort(key=lambda name: -self.urgency(name))
            for name in ready[: self.at_a_time - len(ends)]:
                ends[name] = now + left.pop(name)
            if not ends:  # a notebook that was not run is needed
                return None
            first = min(ends, key=lambda name: ends[name])
            now = ends.pop(first)
            done.add(first)
        return now


def read_durations(folder: Path, profile: str, *, again: bool) -> dict[str, float]:
    """Read the measured seconds of each notebook on the built-in data set.

    Args:
        folder: Path. The folder of the notebooks.
        profile: str. The name of the profile.
        again: bool. True for a second run, which finds clips, features and trainings.

    Returns:
        dict. {notebook: seconds}. Empty if the profile was not measured.
    """
    import yaml

    path = folder / DURATIONS
    if not path.is_file():
        return {}
    measured = yaml.safe_load(path.read_text()).get(profile, {})
    return {name: float(seconds[int(again)]) for name, seconds in measured.items()}


def in_words(seconds: float) -> str:
    """Return a duration in words, such as `about 6 minutes`."""
    if seconds < 90:
        tens = max(10, round(seconds / 10) * 10)
        return f"about {tens} seconds"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60)} minutes"
    return f"about {round(seconds / 3600)} hours"
