"""Explain why a file cannot be decoded, from its first bytes and its parts, and say what to do."""

import os
from pathlib import Path
from typing import BinaryIO

from dfutils.media.files import media_of
from dfutils.media.truncation import top_boxes

ENCRYPTED = "is encrypted (DRM); decrypt it with its key first"
_HEAD = 4096
_LARGEST_INDEX = 1 << 26  # bytes of an index that are searched
_TS_PACKET, _TS_SYNC, _SCRAMBLED = 188, 0x47, 0xC0

_SIGNATURES = (
    (b"\xff\xd8\xff", "a JPEG picture", ".jpg"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", ".png"),
    (b"II*\0", "a TIFF picture", ".tif"),
    (b"MM\0*", "a TIFF picture", ".tif"),
    (b"GIF8", "a GIF animation", ".gif"),
    (b"\x1aE\xdf\xa3", "a Matroska or WebM video", ".mkv"),
    (b"FLV\x01", "an FLV video", ".flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "an ASF or WMV video", ".wmv"),
)
_RIFF = {
    b"WEBP": ("a WebP picture", ".webp"),
    b"AVI ": ("an AVI video", ".avi"),
    b"WAVE": ("a WAV sound", ""),
}
_SOUNDS = (
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"\xff\xf3", "MP3"),
    (b"\xff\xf2", "MP3"),
    (b"\xff\xf1", "AAC"),
    (b"\xff\xf9", "AAC"),
    (b"fLaC", "FLAC"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "ZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\0", "xz"),
)


def explain(path: Path) -> str:
    """Explain why a file cannot be decoded as a video or a picture.

    Args:
        path: Path. A file that could not be decoded.

    Returns:
        str. What the file is or what is missing, and what to do; `""` if nothing is known.
    """
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(_HEAD)
            return _explain_kind(head, path) or _explain_text(head) or _explain_parts(file, head, size, path)
    except OSError:
        return ""


def _explain_text(head: bytes) -> str:
    if not head.strip(b"\0"):
        return "holds only zeros; copy or download it again"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"version https://git-lfs"):
        return "is a Git LFS pointer, not the file itself; run `git lfs pull`"
    if text.startswith((b"<!doctype html", b"<html", b"<head")):
        return "is a web page, not a video or a picture; download the file again (after signing in, if necessary)"
    if text.startswith(b"#extm3u"):
        return "is a playlist of other files; download the video itself, for example with `ffmpeg -i URL -c copy`"
    if _is_text(head):
        return "is a text, not a video or a picture; download the file again"
    return ""


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not a letter that is cut by the end of `head`
            return False
        text = head[: error.start].decode()
    return all(letter.isprintable() or letter in "\r\n\t\f" for letter in text)


def _explain_kind(head: bytes, path: Path) -> str:
    for start, name in _SOUNDS:
        if head.startswith(start):
            return f"is a sound ({name}) without a picture"
    for start, name in _ARCHIVES:
        if head.startswith(start):
            return f"is a {name} archive; unpack it first"
    kinds = [(name, suffix) for start, name, suffix in _SIGNATURES if head.startswith(start)]
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        kinds.append(("a BMP picture", ".bmp"))
    if head[:4] == b"RIFF" and head[8:12] in _RIFF:
        kinds.append(_RIFF[head[8:12]])
    for name, suffix in kinds:
        if not suffix:
            return f"is {name} without a picture"
        if not _is_spelt(path.suffix.lower(), suffix):
            return f"is {name} with the suffix {path.suffix or '(none)'}; rename it to {path.stem}{suffix}"
    return ""


def _is_spelt(suffix: str, usual: str) -> bool:
    others = {".jpg": {".jpeg", ".jfif"}, ".tif": {".tiff"}, ".mkv": {".webm"}, ".wmv": {".asf"}}
    return suffix == usual or suffix in others.get(usual, ())


def _explain_parts(file: BinaryIO, head: bytes, size: int, path: Path) -> str:
    if _is_scrambled(head):
        return ENCRYPTED
    boxes = top_boxes(file, size)
    if not boxes:
        return ""
    if "moov" not in boxes and "moof" in boxes:
        return (
            "is a media segment without its initialisation segment; "
            f"join them: `cat init.mp4 {path.name} > joined.mp4`"
        )
    if "moov" not in boxes:
        if "mdat" in boxes or "ftyp" in boxes:
            return (
                "has no index (moov): the recording was not finished, or the download broke off; download it again, or "
                "repair it with a tool such as untrunc"
            )
        return ""
    moov_begin, moov_length = boxes["moov"]
    file.seek(moov_begin)
    moov = file.read(min(moov_length, _LARGEST_INDEX))
    if b"encv" in moov:
        return ENCRYPTED
    end = max(begin + length for begin, length in boxes.values())
    if end > size:
        return f"the download broke off: {end - size} of {end} bytes are missing; download it again"
    if b"mvex" in moov and "moof" not in boxes and "mdat" not in boxes:
        return (
            "is an initialisation segment without its media segments; "
            f"join them: `cat {path.name} segment1.m4s segment2.m4s > joined.mp4`"
        )
    if media_of(path.name) == "image":
        return f"is an MP4 or MOV video with the suffix {path.suffix}; rename it to {path.stem}.mp4"
    return ""


def _is_scrambled(head: bytes) -> bool:
    """Return whether most packets of an MPEG transport stream are scrambled."""
    flags = head[3::_TS_PACKET]
    if len(flags) < 4 or set(head[::_TS_PACKET]) != {_TS_SYNC}:
        return False
    return 2 * sum(flag & _SCRAMBLED != 0 for flag in flags) > len(flags)
