"""Parts of a video are decoded from the keyframe before them, and only these."""

import numpy as np
import pytest

from dfutils.frames.packets import DecodingRun, PacketReader, decoding_runs
from dfutils.frames.timeline import IrregularVideo, Timeline, VideoFile, scan


def timeline_of(count, keys):
    everything = np.arange(count)
    return Timeline(
        times=everything / 25,
        visible=everything,
        keys=np.array(keys),
        key_positions=np.array(keys),
        packets=everything,
        stamps=list(range(count)),
        damaged=0,
        spoilt=0,
        start=0.0,
        step=1 / 25,
    )


def test_frames_of_one_chain_are_decoded_in_one_run():
    runs = list(decoding_runs(timeline_of(100, [0, 50]), [10, 30, 70, 90]))
    assert runs == [DecodingRun(0, 50, [10, 30]), DecodingRun(50, 100, [70, 90])]


def test_neighbours_stay_together_across_a_keyframe():
    runs = list(decoding_runs(timeline_of(100, [0, 50]), [48, 49, 50, 51]))
    assert runs == [DecodingRun(0, 100, [48, 49, 50, 51])]


def test_chains_without_a_wanted_frame_are_left_out():
    runs = list(decoding_runs(timeline_of(100, [0, 20, 40, 60, 80]), [5, 85]))
    assert runs == [DecodingRun(0, 20, [5]), DecodingRun(80, 100, [85])]


def test_frames_that_are_stored_after_the_next_keyframe_are_decoded_with_their_own_chain():
    timeline = timeline_of(100, [0, 50])
    timeline.key_positions[1] = 52
    timeline.packets[50:53] = [51, 52, 50]
    assert list(decoding_runs(timeline, [10, 51])) == [DecodingRun(0, 53, [10, 51])]
    assert list(decoding_runs(timeline, [51, 90])) == [DecodingRun(0, 100, [51, 90])]
    assert list(decoding_runs(timeline, [10, 60])) == [DecodingRun(0, 50, [10]), DecodingRun(50, 100, [60])]


@pytest.fixture
def open_packets(make_encoding):
    """A function that encodes a video with a keyframe every 50 frames, and returns it with its timeline."""

    def make(name, count, **how):
        path = make_encoding(name, count=count, options={"preset": "veryfast", "g": "50"}, **how)
        video = VideoFile(path, max_side=1280, threads=0)
        return video, scan(video)

    return make


def times_of(frames, timeline):
    return [round(frame.pts * timeline.step - timeline.start, 3) for frame in frames]


def test_a_run_gives_every_frame_of_its_chain(open_packets):
    video, timeline = open_packets("a.mp4", 200)
    everything = np.ones(200, bool)
    with PacketReader(video, timeline) as packets:
        for first in (50, 150):
            frames = packets.decode(packets.go_to(first), first + 50, everything)
            np.testing.assert_allclose(
                times_of(frames, timeline), np.arange(first, first + 50) / 25, atol=1e-3
            )


def test_frames_that_no_other_frame_builds_on_are_skipped(open_packets):
    video, timeline = open_packets("a.mp4", 100)
    with PacketReader(video, timeline) as packets:
        frames = times_of(packets.decode(packets.go_to(0), 50, np.zeros(100, bool)), timeline)
    assert 5 < len(frames) < 50
    assert set(frames) <= set(timeline.times.round(3).tolist())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_seeking_far_leads_to_the_same_packet_as_reading(open_packets, name):
    video, timeline = open_packets(name, 1200)
    first, end = timeline.keys[timeline.keys > 900][:2]
    with PacketReader(video, timeline) as packets:
        frames = times_of(packets.decode(packets.go_to(first), end, np.ones(1200, bool)), timeline)
    np.testing.assert_allclose(frames, timeline.times[first:end], atol=2e-3)


def test_packet_after_the_end_makes_a_video_irregular(open_packets):
    video, timeline = open_packets("a.mp4", 60)
    with PacketReader(video, timeline) as packets:
        assert packets.go_to(60) is None
    with PacketReader(video, timeline) as packets, pytest.raises(IrregularVideo):
        packets.go_to(61)
