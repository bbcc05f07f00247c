import av
import numpy as np
import pytest

from dfutils.media.mp4_times import display_delays


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize("frames", ["0", "3"])
def test_delays_lead_from_decoding_times_to_display_times(make_encoding, name, frames):
    path = make_encoding(name, count=60, options={"preset": "veryfast", "bf": frames})
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stamps = [(packet.dts, packet.pts) for packet in container.demux(stream) if packet.size]
        delays = display_delays(path, stream.id, 60)
    decoded, shown = np.array(stamps).T
    np.testing.assert_array_equal(decoded + delays, shown)
    assert delays.any() == (frames != "0")


def test_tables_of_other_frames_or_tracks_are_not_used(make_encoding):
    path = make_encoding("a.mp4", count=60)
    assert display_delays(path, 1, 61) is None
    assert display_delays(path, 7, 60) is None


def test_files_without_a_header_have_no_delays(tmp_path, make_encoding):
    content = make_encoding("a.mp4", count=60).read_bytes()
    for name, damaged in (("cut", content[: content.index(b"moov") - 4]), ("none", b"no video")):
        (tmp_path / name).write_bytes(damaged)
        assert display_delays(tmp_path / name, 1, 60) is None


def test_damaged_table_is_not_used(make_encoding):
    path = make_encoding("a.mp4", count=60)
    content = bytearray(path.read_bytes())
    at = content.index(b"ctts") + 12
    content[at : at + 4] = b"\xff" * 4  # four thousand million frames
    path.write_bytes(content)
    assert display_delays(path, 1, 60) is None
