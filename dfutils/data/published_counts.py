"""The published numbers of clips of the known data sets, each with its source.

A number is here only if its source was read. Where sources contradict each other, or give no number for a part, the
part is not here. `dfutils.data.completeness` compares a catalog with these numbers.
"""

from dataclasses import dataclass

_FFPP_METHODS = ("Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures", "FaceShifter")
_DEEPER_VARIANTS = (
    *("end_to_end", "reenact_postprocess", "end_to_end_random_level"),
    *(f"end_to_end_level_{level}" for level in range(1, 6)),
    *(f"end_to_end_mix_{count}_distortions" for count in range(2, 5)),
)
# KoDF's two parts at AI Hub: (real, {method: fakes}).
_KODF = {
    "train": (49_419, {"dfl": 27_680, "dffs": 28_962, "fsgan": 18_796, "fo": 49_586, "audio-driven": 14_927}),
    "val": (6_093, {"dfl": 3_153, "dffs": 3_501, "fsgan": 2_503, "fo": 5_853, "audio-driven": 1_884}),
}


@dataclass(frozen=True)
class Part:
    """A part of a data set and its published number of clips.

    Args:
        name: str. What the part is called in the table.
        expected: int. The published number of clips.
        label: int or None. Only clips with this label are of the part; None: any label.
        method: str. Only fakes of this method, `""`: any method. Case is ignored.
        split: str. Only clips of this published split, `""`: any split.
        path: str. Only clips in whose path this regular expression is found, `""`: any path. Case is ignored. The path
            starts with the name of the data set's folder.
        where: tuple of (column, value). Only clips with these values in the columns that `completeness` adds.
    """

    name: str
    expected: int
    label: int | None = None
    method: str = ""
    split: str = ""
    path: str = ""
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Published:
    """What is published on a version of a data set.

    Args:
        version: str. The name of the data set, with its version.
        source: str. Where the numbers are from.
        parts: tuple of Part.
        note: str. What the numbers do not say. Defaults to `""`.
        covers_all: bool. Whether each clip of the data set is in one of the parts, so that another clip is one too
            many. Defaults to True.
    """

    version: str
    source: str
    parts: tuple[Part, ...]
    note: str = ""
    covers_all: bool = True


def _by_method(expected: int, methods: tuple[str, ...]) -> tuple[Part, ...]:
    return tuple(Part(method, expected, label=1, method=method) for method in methods)


FACEFORENSICS = Published(
    "FaceForensics++",
    "README of ondyari/FaceForensics: 1,000 originals, each method made from all of them",
    (Part("YouTube originals", 1000, label=0), *_by_method(1000, _FFPP_METHODS)),
)
_DFD_PARTS = (Part("DFD, actors", 363, label=0), Part("DFD, fakes", 3068, label=1))
_DFD_SOURCE = "DeepFakeDetection at ondyari/FaceForensics: 363 videos of 28 actors, 3,068 fakes"
DFD = Published("DeepFakeDetection", _DFD_SOURCE, _DFD_PARTS)
CELEBDF_1 = Published(
    "Celeb-DF v1",
    "READMEs of yuezunli/celeb-deepfakeforensics: 408 original videos (158 of celebrities, 250 others), 795 fakes",
    (
        Part("Celeb-real", 158, label=0, path="/celeb-real/"),
        Part("YouTube-real", 250, label=0, path="/youtube-real/"),
        Part("Celeb-synthesis", 795, label=1),
    ),
)
_CELEBDF_REALS = (
    Part("Celeb-real", 590, label=0, path="/celeb-real/"),
    Part("YouTube-real", 300, label=0, path="/youtube-real/"),
)
CELEBDF_2 = Published(
    "Celeb-DF v2",
    "README of yuezunli/celeb-deepfakeforensics: 590, 300 and 5,639 videos, 518 in the test list",
    (*_CELEBDF_REALS, Part("Celeb-synthesis", 5639, label=1), Part("test list", 518, split="test")),
)
CELEBDF_PP = Published(
    "Celeb-DF++",
    "README of OUC-VAS/Celeb-DF-PP: 22 methods, the reals and real test videos of Celeb-DF v2; 53,196 fakes in the "
    "inventory of dfwb-research/deepfake-workbench; 5,240 fakes in the test list, by two evaluations of 5,418 videos",
    (
        *_CELEBDF_REALS,
        Part("fakes of all 22 methods", 53_196, label=1),
        Part("test list, real", 178, label=0, split="test"),
        Part("test list, fake", 5240, label=1, split="test"),
    ),
    "The number of fakes of each method is not published.",
)
DFDC = Published(
    "DFDC",
    "Dolhansky et al. 2020: 128,154 videos, 119,154 of them in the 50 parts for training",
    (
        Part("training parts, real", 19_154, label=0, path="dfdc_train_part_"),
        Part("training parts, fake", 100_000, label=1, path="dfdc_train_part_"),
    ),
    "The validation and the test part are not compared.",
    covers_all=False,
)
DFDC_SAMPLE = Published(
    "DFDC's sample on Kaggle",
    "metadata.json of train_sample_videos: 77 real, 323 fake",
    (Part("real", 77, label=0), Part("fake", 323, label=1)),
)
DEEPERFORENSICS = Published(
    "DeeperForensics-1.0",
    "dataset/README.md of EndlessSora/DeeperForensics-1.0: 11 variants of 1,000 fakes; its reals are FaceForensics++'s",
    (Part("YouTube originals at c23", 1000, label=0), *_by_method(1000, _DEEPER_VARIANTS)),
)
SDFVD = Published(
    "SDFVD",
    "the data set's page on Kaggle: 53 pairs",
    (Part("videos_real", 53, label=0), Part("videos_fake", 53, label=1)),
)
FAKEAVCELEB = Published(
    "FakeAVCeleb v1.2",
    "inventory of version 1.2 in dfwb-research/deepfake-workbench (the total of 21,544 is also in the README of "
    "SCLBD/DeepfakeBench-MM)",
    (
        Part("RealVideo-RealAudio", 500, path="/realvideo-realaudio/"),
        Part("RealVideo-FakeAudio", 500, path="/realvideo-fakeaudio/"),
        Part("FakeVideo-RealAudio", 9709, path="/fakevideo-realaudio/"),
        Part("FakeVideo-FakeAudio", 10_835, path="/fakevideo-fakeaudio/"),
    ),
)
WILDDEEPFAKE = Published(
    "WildDeepfake",
    "Zi et al. 2020: 7,314 sequences; their parts in the inventory of dfwb-research/deepfake-workbench",
    (
        Part("real_train", 3409, label=0, split="train"),
        Part("fake_train", 3099, label=1, split="train"),
        Part("real_test", 396, label=0, split="test"),
        Part("fake_test", 410, label=1, split="test"),
    ),
)
KODF = Published(
    "KoDF",
    "preprocess/kodf/README.md of HanMoonSub/DeepGuard, on the two parts at AI Hub",
    tuple(
        part
        for split, (real, fakes) in _KODF.items()
        for part in (
            Part(f"{split}, real", real, label=0, split=split),
            *(
                Part(f"{split}, {name}", count, label=1, method=name, split=split)
                for name, count in fakes.items()
            ),
        )
    ),
    "In all, 62,166 real and 175,776 fake clips are published. The others are in a test part, which AI Hub's two "
    "folders do not hold.",
)
UADFV = Published(
    "UADFV",
    "README of DASH-Lab/FakeAVCeleb: 49 real and 49 fake videos",
    (Part("real", 49, label=0), Part("fake", 49, label=1)),
)
DEEPFAKETIMIT = Published(
    "DeepfakeTIMIT with VidTIMIT",
    "Korshunov and Marcel 2018: 320 videos in each quality; VidTIMIT has 10 sentences of 43 people",
    (
        Part("VidTIMIT", 430, label=0),
        *_by_method(320, ("higher_quality", "lower_quality")),
    ),
)
FFIW = Published(
    "FFIW-10K",
    "inventory in dfwb-research/deepfake-workbench: 9,988 clips of each class",
    tuple(
        Part(f"{folder}, {split}", count, label=label, split=split)
        for split, count in (("train", 8000), ("val", 250), ("test", 1738))
        for label, folder in ((0, "source"), (1, "target"))
    ),
)
_DEEPSPEAK_SOURCE = "inventory of the release on Hugging Face in dfwb-research/deepfake-workbench"
DEEPSPEAK_1 = Published(
    "DeepSpeak v1.1",
    _DEEPSPEAK_SOURCE,
    (Part("real", 6667, label=0), Part("fake", 6796, label=1)),
    "Version 1.0 has fewer people and fewer clips. Its numbers are not known here.",
)
DEEPSPEAK_2 = Published(
    "DeepSpeak v2", _DEEPSPEAK_SOURCE, (Part("real", 9376, label=0), Part("fake", 7209, label=1))
)
