"""The training loop of the adaptation: steps, checks, checkpoints, and the budget."""

import math
import time
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from dfutils.adaptation.batches import Batch, BatchMaker
from dfutils.adaptation.budget import Budget, PlanMemory
from dfutils.adaptation.checkpoint import Checkpoint, Progress
from dfutils.adaptation.crops import Crops
from dfutils.adaptation.network import AdaptedNetwork
from dfutils.adaptation.scoring import Sample
from dfutils.adaptation.validation_check import ValidationCheck
from dfutils.errors import SettingsError
from dfutils.keras_runtime import is_out_of_memory

_CHECKS = 10
_PATIENCE = 5  # checks with a lower AUC than the best one, in the second half, after which training stops
_WARM_STEPS = 20  # the learning rate rises over these steps
_TIMED = slice(2, 12)  # the first steps are slower, because TensorFlow traces its graphs
_SAVE_SHARE, _SAVE_SECONDS = (
    0.03,
    10.0,
)  # between two checkpoints: this share of the budget, and at least so long
_FINISH_SECONDS = 8.0
_SCORING_SHARE = 0.1  # of the budget, for scoring the validation and test clips at the end
_OVERRUN = 1.05  # training ends at the latest when this much of the budget is used
_MOST_DIVERGENCES = 3
_MOST_FAILURES = 3  # batches in a row whose loss or gradient is not finite, after which training goes back
_LATEST_EXTENSION = 0.6  # the plan is never changed after this share of it
_WASTED = 0.85  # a plan that uses less than this share of the time is extended to the share below
_WASTED_FILL = 0.95


class Trainer:
    """Trains a network and keeps its best weights.

    Args:
        network: AdaptedNetwork.
        maker: BatchMaker.
        crops: Crops.
        validation: Sample. The validation crops; empty for none.
        to_score: int. The number of crops that will be scored at the end.
        budget: Budget.
        checkpoint: Checkpoint.
        memory: PlanMemory.
        steps: int or None. The number of steps; None for as many as fit into the budget.
        show: bool. Show a progress bar.
    """

    def __init__(
        self,
        network: AdaptedNetwork,
        maker: BatchMaker,
        crops: Crops,
        *,
        validation: Sample,
        to_score: int,
        budget: Budget,
        checkpoint: Checkpoint,
        memory: PlanMemory,
        steps: int | None,
        workers: int,
        show: bool,
    ) -> None:
        self.network, self.maker, self.crops = network, maker, crops
        self.budget, self.checkpoint, self.memory = budget, checkpoint, memory
        self.steps, self.workers, self.show = steps, workers, show
        self.to_score = to_score
        self.progress, self.best = Progress(), list[np.ndarray]()
        self._losses: list[float] = []
        self._timings: list[float] = []
        self._failures = 0
        self.first_state = network.state()
        self.validation = ValidationCheck(crops, validation, network.settings)
        self._saved_at = time.monotonic()

    def resume(self, progress: Progress, arrays: dict[str, list[np.ndarray]]) -> None:
        """Go on from a state that `Checkpoint.load` returned."""
        self.progress = progress
        self.network.set_state(arrays["state"])
        self.best = arrays.get("best", [])
        if progress.batch_size:
            self.maker.settings = replace(self.maker.settings, batch_size=progress.batch_size)

    def run(self) -> None:
        """Train until the plan is done, the budget ends or the AUC no longer rises. Then set the best weights."""
        done = self.progress
        if not done.began:
            done.began = self.budget.elapsed
        if self.steps:
            done.planned = self.steps
        bar = tqdm(
            total=done.planned or None,
            initial=done.step,
            desc="adapting",
            unit=" steps",
            disable=not self.show,
        )
        batches = self.maker.stream(done.step + done.skipped, workers=self.workers)
        with bar:
            try:
                while not self._is_over():
                    restarted = self._take_step(next(batches))
                    done = self.progress  # another one if the step went back to a checkpoint
                    if restarted:
                        batches.close()
                        batches = self.maker.stream(done.step + done.skipped, workers=self.workers)
                    bar.total = done.planned or None
                    bar.n = done.step
                    bar.set_postfix_str(self._words(), refresh=True)
            except KeyboardInterrupt:
                self.save()
                raise
            finally:
                batches.close()
        if not done.curves or done.curves[-1]["step"] != done.step:
            self._check()
        self.network.set_weights(self.best)
        self.save()

    def _is_over(self) -> bool:
        done = self.progress
        if done.step == 0:
            return False
        return bool(done.planned and done.step >= done.planned) or self._time_share() >= 1

    def _time_share(self) -> float:
        """Return how much of the time for training is used: 1 at the end."""
        end = _OVERRUN * 60 * self.budget.minutes - max(self.progress.reserved, _FINISH_SECONDS)
        began = self.progress.began
        return (self.budget.elapsed - began) / (end - began) if end > began else 1.0

    def _rate(self) -> float:
        """Return the learning rate of the next step as a share of the highest one."""
        done = self.progress
        share = 0.0
        if done.planned:
            # If the machine became slower, the learning rate follows the clock, so that it still reaches 0.
            share = min(1.0, max(done.step / done.planned, self._time_share()))
        warm = min(1.0, (done.step + 1) / _WARM_STEPS)
        return done.rate * warm * (0.5 + 0.5 * math.cos(math.pi * share))

    def _take_step(self, batch: Batch) -> bool:
        """Take one step, then plan, check or save if it is time to. Return whether the batches must be made again."""
        done, started = self.progress, time.monotonic()
        try:
            loss = self.network.step(batch.pictures, batch.labels, rate=self._rate())
        except Exception as error:
            if not is_out_of_memory(error) or len(batch.labels) <= 2:
                raise
            self._use_smaller_batches()
            return True
        if math.isfinite(loss):
            self._losses.append(loss)
            self._failures = 0
        else:
            # With low precision, a gradient can overflow by chance. Such a batch has changed nothing.
            self._failures += 1
            if self._failures == _MOST_FAILURES or not self.network.is_finite():
                self._go_back()
                return True
            done.skipped += 1
            return False
        done.step += 1
        if not done.planned:
            self._timings.append(time.monotonic() - started)
            if len(self._timings) >= _TIMED.stop:
                self._plan()
        elif done.step in self._check_steps():
            self._check()
            self._extend_plan()
            self._stop_early()
            self.save()
        elif time.monotonic() - self._saved_at > max(_SAVE_SECONDS, _SAVE_SHARE * 60 * self.budget.minutes):
            self.save()
        return False

    def _check_steps(self) -> set[int]:
        return {round(self.progress.planned * number / _CHECKS) for number in range(1, _CHECKS + 1)}

    def _plan(self) -> None:
        """Plan the number of steps from the speed of the first steps."""
        done, remembered = self.progress, self.memory.recall()
        per_step = float(np.median(self._timings[_TIMED]))
        per_crop = self._seconds_per_crop()
        done.scored = remembered.get("scored", 0)
        if not done.scored:
            affordable = _SCORING_SHARE * 60 * self.budget.minutes / per_crop
            done.scored = int(min(self.to_score, max(affordable, 1)))
        done.reserved = done.scored * per_crop + _FINISH_SECONDS
        checks = _CHECKS * len(self.validation.pictures) * per_crop
        left = self.budget.plan_steps(
            seconds_per_step=per_step,
            reserved=done.reserved + checks,
            remembered=remembered.get("steps", 0) - done.step,
        )
        done.planned = done.step + left
        plan = {"steps": done.planned, "scored": done.scored, "clips": len(self.crops.table)}
        self.memory.remember(plan)

    def _extend_plan(self) -> None:
        """Take more steps if the machine turns out to be much faster than during the first steps."""
        done = self.progress
        if self.steps or done.step > _LATEST_EXTENSION * done.planned:
            return
        share = self._time_share() * _OVERRUN
        if share * done.planned / done.step < _WASTED:
            done.planned = int(done.step * _WASTED_FILL / share)
            self.memory.remember(self.memory.recall() | {"steps": done.planned})

    def _seconds_per_crop(self) -> float:
        pictures = self.validation.pictures[:64]
        if not len(pictures):
            pictures = self.maker.batch(0).pictures
        self.network.score(pictures)  # TensorFlow traces the graph
        began = time.monotonic()
        self.network.score(pictures)
        return (time.monotonic() - began) / len(pictures)

    def _check(self) -> None:
        """Score the validation crops, and keep the weights if they are the best ones so far."""
        done = self.progress
        entry = {
            "step": done.step,
            "seconds": round(self.budget.elapsed, 1),
            "loss": float(np.mean(self._losses)) if self._losses else math.nan,
            "learning_rate": self.network.settings.learning_rate * self._rate(),
        }
        self._losses = []
        averaged = self.network.averaged_weights()
        auc, highest, loss = self.validation.score(self.network, averaged)
        entry |= {"val_loss": loss, "val_auc": auc}
        done.curves.append({name: value for name, value in entry.items() if not math.isnan(value)})
        # A later check has a lower learning rate. It replaces the best one unless its AUC is lower by more than chance.
        if not self.best or not highest < done.best:
            self.best = averaged
            done.best_step = done.step
        done.best = auc if math.isnan(done.best) else max(done.best, auc)

    def _stop_early(self) -> None:
        done = self.progress
        later = sum(entry["step"] > done.best_step for entry in done.curves)
        if later >= _PATIENCE and done.step >= done.planned / 2 and done.step < done.planned:
            done.remarks.append(
                f"Training stopped after {done.step} of {done.planned} steps: the validation AUC was lower than at "
                f"step {done.best_step}, by more than chance explains."
            )
            done.planned = done.step

    def _go_back(self) -> None:
        """Return to the latest checkpoint with half the learning rate, because the loss is not finite."""
        done = self.progress
        done.divergences += 1
        if done.divergences > _MOST_DIVERGENCES:
            raise SettingsError(
                f"The training loss was not finite {done.divergences} times, although the learning rate was halved "
                "each time. Choose a lower learning_rate, or other weights to start from."
            )
        rate, divergences, failed_at = done.rate / 2, done.divergences, done.step + 1
        state = self.checkpoint.load()
        if state is not None:
            self.resume(*state)
        else:
            self.progress = done.from_start()
            self.network.set_state(self.first_state)
        self.progress.rate, self.progress.divergences, self._failures = rate, divergences, 0
        self.progress.remarks.append(
            f"The training loss was not finite at step {failed_at}. Training went back to step {self.progress.step}, "
            "with half the learning rate."
        )

    def _use_smaller_batches(self) -> None:
        done, settings = self.progress, self.maker.settings
        smaller = max(2, settings.batch_size // 4 * 2)
        self.maker.settings = replace(settings, batch_size=smaller)
        done.batch_size, done.planned, self._timings = smaller, self.steps or 0, []
        done.remarks.append(
            f"The GPU has too little memory for batches of {settings.batch_size}: they hold {smaller} crops now."
        )

    def save(self) -> None:
        """Write a checkpoint."""
        self.progress.seconds = self.budget.elapsed
        self.checkpoint.save(self.progress, state=self.network.state(), best=self.best)
        self._saved_at = time.monotonic()

    def _words(self) -> str:
        done = self.progress
        words = [f"loss {np.mean(self._losses[-20:]):.3f}"] if self._losses else []
        if not math.isnan(done.best):
            words.append(f"validation AUC {done.curves[-1]['val_auc']:.3f}")
        words.append(f"{max(0, self.budget.left) / 60:.0f} min left")
        return ", ".join(words)
