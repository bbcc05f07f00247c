"""Judge files with a detector that was loaded from its folder."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args

import numpy as np

from dfutils.detection.detection import Detection
from dfutils.detection.explanation import frames_around, heat_maps
from dfutils.detection.file_hash import sha256_of_clip, size_of_file
from dfutils.errors import SettingsError
from dfutils.features import FeatureSet, StoredClip
from dfutils.features.clip_job import ClipJob
from dfutils.features.pipeline import run_jobs
from dfutils.features.store import Store
from dfutils.training import SavedDetector, load_detector

Faces = Literal["main", "all"]


@dataclass(frozen=True, eq=False)
class Detector:
    """A saved detector that judges new files.

    Args:
        saved: SavedDetector.

    Example:
        >>> from dfutils import detection
        >>> detector = detection.Detector.load("models/best")
        >>> result = detector.detect("faces/person_000/take0.mp4")
        >>> result.status, len(result.frame_scores)
        ('ok', 4)
    """

    saved: SavedDetector

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Load a detector from its folder.

        Raises:
            MissingArtefactError, DataError, WeightsError: As `training.load_detector`.
        """
        return cls(load_detector(folder))

    def detect(self, path: str | Path, *, explain: bool = False, faces: Faces = "main") -> Detection:
        """Judge one file.

        Args:
            path: str or Path. A video, a picture, or a folder of stills.
            explain: bool. Also compute heat maps, and keep the face crops. Defaults to False.
            faces: str. `"main"`: the main face is judged, as in training. `"all"`: every person is judged, and the
                verdict is the one on the most fake person. Defaults to `"main"`.

        Returns:
            Detection. A file that cannot be judged has a status and a reason, and no score.

        Raises:
            WeightsError: If the weights of InceptionV3 are not available.
            SettingsError: If heat maps are wanted, and the features were not pooled by their mean alone.
        """
        (found,) = self.detect_all([path], explain=explain, faces=faces)
        return found

    def detect_all(
        self,
        paths: Iterable[str | Path],
        *,
        explain: bool = False,
        faces: Faces = "main",
        store: str | Path | None = None,
        workers: int | None = None,
    ) -> Iterator[Detection]:
        """Judge files, and yield each result as soon as it is there, in the order of the files.

        Features are extracted as `features.extract` extracts them: some files are decoded while the network computes
        features of others. A file that is given twice is read once.

        Args:
            paths: iterable of str or Path. Videos, pictures, and folders of stills.
            explain, faces: As for `detect`.
            store: str or Path or None. A folder for the features. Files whose features are in it already are not read,
                unless they are to be explained, or all faces are judged. Defaults to None: features are not kept.
            workers: int or None. Files that are decoded at the same time. Defaults to half the number of CPU cores, but
                at least 2 and at most 8; with a GPU, to all cores.

        Raises:
            SettingsError: If `faces` is unknown.
            StoreError: If the store cannot be written.
            WeightsError: If the weights of InceptionV3 are not available.
        """
        if faces not in get_args(Faces):
            raise SettingsError(f"faces is one of {', '.join(get_args(Faces))}. Received: faces={faces!r}")
        given, everyone = [str(path) for path in paths], faces == "all"
        use_store = not explain and not everyone
        target = None if store is None else Store(store, self.saved.settings)
        if target is not None:
            target.create()
            target.check_writable()
        jobs: dict[str, ClipJob] = {}
        for path in given:
            if path not in jobs:
                job = ClipJob(Path(path), places=[(0, path)], keep_track=explain, everyone=everyone)
                jobs[path] = job
                job.look_up(target) if target and use_store else job.identify()
        results: dict[str, Detection] = {}
        people: dict[str, list[Detection]] = defaultdict(list)
        done = run_jobs(
            list(jobs.values()),
            self.saved.settings,
            store=target if use_store else None,
            workers=workers,
        )
        to_come = Counter(given)
        for path in given:
            while path not in results:
                job = next(done)
                name = job.places[0][1]
                people[name].append(self._judge(job, explain=explain))
                job.result = None  # free the memory of its features
                if len(people[name]) == 1 + len(jobs[name].others):
                    results[name] = Detection.of_people(people.pop(name))
            to_come[path] -= 1
            # Heat maps take 10 MB per file, so a result is kept only for a file that comes again.
            yield results[path] if to_come[path] else results.pop(path)

    def _judge(self, job: ClipJob, *, explain: bool) -> Detection:
        path, began = job.places[0][1], time.perf_counter()
        record: dict[str, Any] = {}
        if explain:
            record = {"sha256": sha256_of_clip(job.path), "size": size_of_file(job.path)}
            if job.key and not job.is_unchanged():  # the hash must be the one of what was judged
                job.refuse("changed or vanished while it was being read", self.saved.settings)
                record = {}
        clip = job.outcome
        if clip.status != "ok":
            return Detection(path=path, status=clip.status, reason=job.reason, seconds=job.seconds, **record)
        clips = self._feature_set([clip])
        score = float(self.saved.score(clips)[0])
        frame_scores, influence = self._by_frame(clip, score)
        (remarks,) = self.saved.familiarity.remarks(clips)
        pictures: dict[str, Any] = {}
        if explain and job.track is not None:
            heat = heat_maps(self.saved, clips, job.track.crops).heat
            pictures, job.track = {"crops": job.track.crops, "heat": heat}, None
        return Detection(
            path=path,
            status="ok",
            reason=job.reason,
            score=score,
            verdict=self.saved.decision.verdict(score),
            remarks=tuple(remarks),
            frame_scores=frame_scores,
            influence=influence,
            times=clip.times,
            boxes=clip.boxes,
            **pictures,
            seconds=job.seconds + time.perf_counter() - began,
            **record,
        )

    def _by_frame(self, clip: StoredClip, score: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the score of the frames around each frame, and how much each frame raised the score of the clip."""
        count = len(clip.times)
        if count == 1:
            return np.array([score]), np.array([np.nan])
        windows = [_part(clip, frames) for frames in frames_around(count)]
        others = [_part(clip, np.delete(np.arange(count), frame)) for frame in range(count)]
        scores = self.saved.score(self._feature_set(windows + others))
        return scores[:count], score - scores[count:]

    def _feature_set(self, clips: list[StoredClip]) -> FeatureSet:
        backbone = self.saved.settings.backbone
        return FeatureSet.of_clips(clips, backbone.layers, pooling=backbone.pooling)


def _part(clip: StoredClip, frames: np.ndarray) -> StoredClip:
    """Return some frames of a clip as a clip."""
    return replace(clip, features=clip.features[frames], times=clip.times[frames], boxes=clip.boxes[frames])
