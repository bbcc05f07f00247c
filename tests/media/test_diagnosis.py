"""A file that cannot be decoded is named for what it is, with a remedy."""

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from dfutils.errors import ClipError
from dfutils.frames import read_clip
from dfutils.media.diagnosis import explain

ODD_FILES = Path(__file__).resolve().parents[3] / "shared" / "odd-files"


def box(kind, content=b""):
    return struct.pack(">I4s", 8 + len(content), kind) + content


FTYP = box(b"ftyp", b"isom\0\0\2\0isommp42")
MADE = {
    "a web page": (b"<!DOCTYPE html>\n<html><body>404", "is a web page"),
    "a web page with a mark": (b"\xef\xbb\xbf\n  <HTML><head>", "is a web page"),
    "a text": (b"Error: quota exceeded\n", "is a text"),
    "a message in another language": ("Zugriff verweigert für Gäste. ".encode() * 300, "is a text"),
    "JSON": (b'{"error": {"code": 403}}', "is a text"),
    "a playlist": (b"#EXTM3U\n#EXTINF:4,\nseg1.ts\n", "is a playlist"),
    "a pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:00", "git lfs pull"),
    "zeros": (bytes(9000), "holds only zeros"),
    "an MP3": (b"ID3\x04\0\0\0\0\0\0" + bytes(range(256)), r"is a sound \(MP3\)"),
    "an MP3 without tags": (b"\xff\xfb\x90\x64" + bytes(range(256)), r"is a sound \(MP3\)"),
    "a FLAC": (b"fLaC\0\0\0\x22" + bytes(range(256)), r"is a sound \(FLAC\)"),
    "a WAV": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(range(256)), "is a WAV sound"),
    "a ZIP": (b"PK\x03\x04\x14\0" + bytes(range(256)), "is a ZIP archive; unpack it"),
    "a recording that was not finished": (FTYP + box(b"free") + box(b"mdat", bytes(range(256))), "no index"),
    "an unfinished download": (FTYP + struct.pack(">I4s", 5000, b"mdat") + bytes(range(256)), "no index"),
    "a header alone": (
        FTYP + box(b"moov", bytes(100)) + struct.pack(">I4s", 100_000, b"mdat"),
        "99992 of 100132 bytes are missing",
    ),
    "a header alone, large": (
        FTYP + box(b"moov", bytes(100)) + struct.pack(">I4sQ", 1, b"mdat", 10_000_000_000) + b"1234",
        "9999999980 of 10000000132 bytes are missing",
    ),
    "an initialisation segment": (
        FTYP + box(b"moov", box(b"mvex", bytes(8))),
        "its media segments; join them",
    ),
    "a segment": (
        box(b"styp", b"msdh\0\0\0\0") + box(b"moof", bytes(50)) + box(b"mdat", bytes(50)),
        "without its initialisation segment; join them",
    ),
    "an encrypted video": (FTYP + box(b"moov", box(b"encv", bytes(8))) + box(b"mdat", b"x"), "is encrypted"),
    "a scrambled transport stream": (
        (b"\x47\x01\x00\x90" + bytes(range(184))) * 20,
        "is encrypted",
    ),
}


@pytest.mark.parametrize("name", MADE)
def test_a_file_is_named_for_what_it_is(tmp_path, name):
    content, words = MADE[name]
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(ClipError, match=words) as caught:
        read_clip(path)
    assert caught.value.status == "unreadable"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".webp", ".tif"])
def test_a_picture_with_the_suffix_of_a_video_is_to_be_renamed(tmp_path, suffix):
    cv2.imwrite(str(tmp_path / f"a{suffix}"), np.zeros((40, 60, 3), np.uint8))
    path = (tmp_path / f"a{suffix}").rename(tmp_path / "face.mp4")
    with pytest.raises(ClipError, match=rf"with the suffix \.mp4; rename it to face\{suffix}"):
        read_clip(path)


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv", ".flv"])
def test_a_video_with_the_suffix_of_a_picture_is_to_be_renamed(make_encoding, suffix):
    codec = "flv1" if suffix == ".flv" else "mpeg4"
    path = make_encoding(f"a{suffix}", codec=codec, count=5)
    path = path.rename(path.with_name("face.jpg"))
    with pytest.raises(ClipError, match=rf"with the suffix \.jpg; rename it to face\{suffix}"):
        read_clip(path)


def test_nothing_is_said_about_a_file_that_is_not_known(tmp_path):
    (tmp_path / "a.mp4").write_bytes(bytes(range(1, 256)))
    assert explain(tmp_path / "a.mp4") == ""
    assert explain(tmp_path / "gone.mp4") == ""


@pytest.mark.skipif(not ODD_FILES.is_dir(), reason="there are no odd files next to the clone")
def test_odd_files_have_a_reason_and_a_remedy():
    for name, words in (
        ("cenc.mp4", "is encrypted"),
        ("nomoov.mp4", "the recording was not finished"),
        ("headonly.mp4", "432914 of 445914 bytes are missing"),
        ("init.mp4", "without its media segments"),
        ("html.mp4", "is a web page"),
        ("mp3.mp4", "is a sound"),
        ("video.jpg", "rename it to video.mp4"),
    ):
        with pytest.raises(ClipError, match=words) as caught:
            read_clip(ODD_FILES / name)
        assert caught.value.status == "unreadable"
