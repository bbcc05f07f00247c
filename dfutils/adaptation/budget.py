"""Plan how many training steps fit into a budget of minutes, and keep to it."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from dfutils.atomic import atomic_path

# The plan fills this share of the time that is left for training, so that a slower minute does not cut it short.
_FILL = 0.95
# A plan of an earlier run is used again if it takes these shares of the time, so that both runs take the same steps.
_LEAST_FILL, _MOST_FILL = 0.75, 1.04


@dataclass
class Budget:
    """The time that an adaptation may take, and the time that it has taken.

    Args:
        minutes: float. The budget, for everything from reading the clips to writing the weights.
        spent: float. Seconds that earlier, interrupted runs have spent.
    """

    minutes: float
    spent: float = 0.0

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds that this run and the interrupted runs before it have taken."""
        return self.spent + time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds until the budget is used up; negative if it is exceeded."""
        return 60 * self.minutes - self.elapsed

    def plan_steps(self, *, seconds_per_step: float, reserved: float, remembered: int) -> int:
        """Return how many further steps fit into the budget, at least 1.

        Args:
            seconds_per_step: float. As measured.
            reserved: float. Seconds to keep for what follows the training.
            remembered: int. The number of steps that an equal run planned on this machine; 0 for none.
        """
        available = max(0.0, self.left - reserved)
        if (
            remembered > 0
            and _LEAST_FILL * available <= remembered * seconds_per_step <= _MOST_FILL * available
        ):
            return remembered
        return max(1, int(_FILL * available / seconds_per_step))


class PlanMemory:
    """Remembers the plans of earlier runs on this machine, so that an equal run takes the same steps.

    The speed that is measured differs a little each time. Without a memory, two runs with the same seed would differ.

    Args:
        name: str. Names the run: a hash of everything that the plan depends on.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self._path = Path(cache) / "dfutils" / "adaptation_plans.json"

    def recall(self) -> dict[str, int]:
        """Return the plan of the latest equal run, or {}."""
        plan = self._plans().get(self._name, {})
        return plan if isinstance(plan, dict) else {}

    def remember(self, plan: dict[str, int]) -> None:
        """Store a plan. Nothing happens if the cache folder cannot be written."""
        plans = self._plans() | {self._name: plan}
        try:
            with atomic_path(self._path) as temporary:
                temporary.write_text(json.dumps(dict(list(plans.items())[-200:]), indent=1))
        except OSError:
            pass

    def _plans(self) -> dict[str, dict[str, int]]:
        try:
            plans = json.loads(self._path.read_text())
        except (OSError, ValueError):
            return {}
        return plans if isinstance(plans, dict) else {}
