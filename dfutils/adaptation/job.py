"""One adaptation from the face crops to the weights file and its record."""

import contextlib
import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from dfutils.adaptation.batches import BatchMaker
from dfutils.adaptation.budget import Budget, PlanMemory
from dfutils.adaptation.checkpoint import Checkpoint, Progress
from dfutils.adaptation.crops import Crops, cut_crops
from dfutils.adaptation.network import AdaptedNetwork, keep_network, take_network
from dfutils.adaptation.parts import Parts
from dfutils.adaptation.result import Adaptation, scores_path
from dfutils.adaptation.scoring import (
    check_has_crops,
    clip_predictions,
    evaluate_frames,
    sample_crops,
    score_sample,
)
from dfutils.adaptation.settings import AdaptSettings, Fakes
from dfutils.adaptation.trainer import Trainer
from dfutils.errors import StoreError
from dfutils.features import ExtractionSettings, Weights
from dfutils.features.weights_record import (
    SUFFIX,
    SeenClip,
    WeightsRecord,
    mark_as_adapted,
    write_record,
)
from dfutils.frames import FaceCrop, Sampling
from dfutils.tables import write_table

_CROPS_SHARE = 0.25  # of the budget: no further clips are read after that
_FEWEST_CLIPS = 4
_PACKAGES = ("dfutils", "tensorflow", "keras", "numpy", "opencv-python", "av", "mtcnn")


def run_id(run: dict[str, Any]) -> str:
    """Return a hash of everything that the result of an adaptation depends on."""
    return hashlib.sha256(json.dumps(run, sort_keys=True, default=str).encode()).hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Job:
    """One adaptation. The arguments are those of `adapt`, checked and completed.

    Args:
        parts: Parts. The clips and their split.
        root: Path. The folder that the paths are relative to.
        output: Path. The weights file to write.
        start: Weights. The weights to start from.
        settings: AdaptSettings.
        face: FaceCrop.
        budget: Budget.
        checkpoint: Checkpoint.
        memory: PlanMemory.
        run: dict. Everything that the result depends on.
        steps: int or None. The number of steps; None for as many as fit into the budget.
        crops: Path or None. The folder of the crops; None for one that is deleted at the end.
        people: bool. Whether the record holds face embeddings.
        workers: int. Threads.
        show: bool. Show progress bars.
    """

    parts: Parts
    root: Path
    output: Path
    start: Weights
    settings: AdaptSettings
    face: FaceCrop
    budget: Budget
    checkpoint: Checkpoint
    memory: PlanMemory
    run: dict[str, Any]
    steps: int | None
    crops: Path | None
    people: bool
    workers: int
    show: bool

    def work(self, remarks: list[str]) -> Adaptation:
        """Cut the crops, train, and write the weights and the record."""
        state = self.checkpoint.load()
        if state is not None:
            self.budget.spent = state[0].seconds
        crops = self._cut_crops(remarks)
        train, val, test = (self._rows(crops, part) for part in ("train", "val", "test"))
        check_has_crops(train, "training")
        fakes = self._usable_fakes(crops, train, remarks)
        maker = BatchMaker(crops, train, self.settings, fakes)
        validation = sample_crops(crops, val, fakes=fakes, per_clip=self.settings.frames)
        if not validation.has_both_classes:
            remarks.append(
                "The validation clips do not hold both classes, so the last step is kept instead of the best one."
            )
        trainer = Trainer(
            take_network(self.start, self.settings),
            maker,
            crops,
            validation=validation,
            to_score=len(validation) + int(test["frames"].sum()),
            budget=self.budget,
            checkpoint=self.checkpoint,
            memory=self.memory,
            steps=self.steps,
            workers=self.workers,
            show=self.show,
        )
        if state is not None:
            trainer.resume(*state)
        trainer.run()
        done = trainer.progress
        remarks = [*remarks, *done.all_remarks(), *self._words_on_passes(done, train, fakes)]
        per_clip = self._crops_to_score(done, len(validation) + int(test["frames"].sum()))
        results, predictions = [], []
        for split, rows in (("val", val), ("test", test)):
            kind = fakes if split == "val" else "real"
            sample = sample_crops(crops, rows, fakes=kind, per_clip=per_clip)
            scored = score_sample(trainer.network, crops, sample, self.settings)
            results += evaluate_frames(scored, split)
            predictions.append(clip_predictions(crops.table[crops.table["split"] == split], scored))
        record = self._record(
            trainer, pd.concat([train, val]), {"fakes": fakes, "results": results, "remarks": remarks}
        )
        self._write(trainer.network, record, pd.concat(predictions))
        self.checkpoint.remove()
        keep_network(trainer.network, self.start, trainer.first_state)
        return Adaptation(self.output, record)

    def _cut_crops(self, remarks: list[str]) -> Crops:
        limit = _CROPS_SHARE * 60 * self.budget.minutes
        remembered = self.memory.recall().get("clips", 0)
        pseudo = self.parts.fakes != "real"
        table = in_rounds(self.parts.table, self.settings.seed)

        def enough(done: int) -> bool:
            if remembered:
                return done >= remembered
            return self.budget.elapsed > limit and done >= _FEWEST_CLIPS

        crops = cut_crops(
            table,
            self.root,
            self.crops or self.checkpoint.crops,
            ExtractionSettings(sampling=Sampling(frames=self.settings.frames), face=self.face),
            with_landmarks=lambda row: pseudo and row.label == 0 and row.split != "test",
            enough=enough,
            workers=self.workers,
            progress=self.show,
        )
        if len(crops.table) < len(table):
            remarks.append(
                f"Reading clips may take a quarter of the budget: {len(crops.table)} of {len(table)} clips were used. "
                "Give more minutes to use all of them."
            )
        unusable = crops.table[crops.table["status"] != "ok"]
        if len(unusable):
            row = unusable.iloc[0]
            remarks.append(
                f"{len(unusable)} of {len(crops.table)} clips have no face crop, such as {row['clip_id']} "
                f"({row['status']}: {row['reason']})."
            )
        return crops

    def _usable_fakes(self, crops: Crops, train: pd.DataFrame, remarks: list[str]) -> Fakes:
        """Return which fakes to train on. Pseudo-fakes that nobody asked for are left out if there are no faces."""
        fakes = self.parts.fakes
        if self.settings.fakes != "auto" or fakes != "both":
            return fakes
        if any(crops.has_face(key).any() for key in train.loc[train["label"] == 0, "key"]):
            return fakes
        remarks.append("No face was found in any real training crop, so no pseudo-fakes are made.")
        return "real"

    @staticmethod
    def _rows(crops: Crops, split: str) -> pd.DataFrame:
        return crops.table[(crops.table["split"] == split) & (crops.table["status"] == "ok")]

    def _words_on_passes(self, done: Progress, train: pd.DataFrame, fakes: Fakes) -> list[str]:
        """Return a remark if the budget was too small for one pass over the training crops."""
        crops = int(train.loc[(train["label"] == 0) | (fakes != "pseudo"), "frames"].sum())
        seen = done.step * (done.batch_size or self.settings.batch_size)
        if seen >= crops:
            return []
        return [
            f"The budget was too small for one pass over the {crops} training crops: {seen} crops were seen in "
            f"{done.step} steps. Give more minutes."
        ]

    def _crops_to_score(self, done: Progress, total: int) -> int:
        """Return how many crops of each clip are scored at the end."""
        if not done.scored or done.scored >= total:
            return self.settings.frames
        return max(1, int(self.settings.frames * done.scored / total))

    def _record(self, trainer: Trainer, seen: pd.DataFrame, found: dict[str, Any]) -> WeightsRecord:
        done = trainer.progress
        train = self.parts.table[self.parts.table["clip_id"].isin(seen["clip_id"])]
        before = self.start.record
        clips = [
            SeenClip(key=row.key, clip_id=row.clip_id, group=row.group, part=row.split)
            for row in seen.itertuples()
        ]
        people: dict[str, list[list[float]]] = {}
        if self.people:
            from dfutils.data.people import embed_people

            people = embed_people(train, self.root, progress=self.show)
        return WeightsRecord(
            view=self.settings.view,
            until=self.settings.until,
            head=trainer.network.head(),
            seen=(*(before.seen if before else ()), *clips),
            people={**(before.people if before else {}), **people},
            details={
                "run": run_id(self.run),
                "started_from": {
                    "kind": self.start.kind,
                    "identity": self.start.identity,
                    "random": self.start.kind == "random" or bool(before and before.is_from_random),
                },
                "data": _describe_clips(seen, self.root),
                "settings": json.loads(json.dumps(self.run["settings"])),
                "face": self.run["face"],
                "budget_minutes": self.budget.minutes,
                "seconds": round(self.budget.elapsed, 1),
                "steps": done.step,
                "best_step": done.best_step,
                "precision": trainer.network.precision,
                "curves": done.curves,
                **found,
                "versions": _versions(),
            },
        )

    def _write(self, network: AdaptedNetwork, record: WeightsRecord, predictions: pd.DataFrame) -> None:
        """Write the weights, their record and the scores. The weights are last, so that they are never without."""
        partial = self.checkpoint.folder / f"finished{SUFFIX}"
        try:
            network.save(partial)
            mark_as_adapted(partial)
            write_record(partial, record, final=self.output)
            self.output.parent.mkdir(parents=True, exist_ok=True)
            write_table(predictions, scores_path(self.output))
            partial.replace(self.output)
        except OSError as error:
            raise StoreError(
                f"{self.output} cannot be written: {error.strerror or error}. The training is kept. Make room, then "
                "run again to write the weights."
            ) from error


def in_rounds(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Order clips so that the first ones are of many groups, and of both classes in each split.

    Args:
        table: DataFrame. One row per clip, with clip_id, group, label and split.
        seed: int. Seed of the order of the groups.

    Returns:
        DataFrame. The same rows. The order of the rows that are given has no effect.
    """
    table = table.sort_values("clip_id").sample(frac=1, random_state=seed)
    number = table.groupby(["split", "group", "label"]).cumcount()
    place = table.assign(number=number).groupby(["split", "label"])["number"].rank(method="first")
    share = place / table.groupby(["split", "label"])["clip_id"].transform("size")
    return table.iloc[share.to_numpy().argsort(kind="stable")].reset_index(drop=True)


def _describe_clips(seen: pd.DataFrame, root: Path) -> dict[str, Any]:
    fakes = seen[seen["label"] == 1]
    return {
        "name": root.name,
        "clips": len(seen),
        "crops": int(seen["frames"].sum()),
        "groups": int(seen["group"].nunique()),
        "real": int((seen["label"] == 0).sum()),
        "fake": {str(method): int(count) for method, count in fakes["method"].value_counts().items()},
    }


def _versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            versions[package] = version(package)
    return versions
