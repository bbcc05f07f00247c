"""The precision follows what the processor can do."""

import pytest

from dfutils.features import fastest_precision


@pytest.mark.parametrize(
    ("described", "precision"),
    [
        ("processor\t: 0\nflags\t\t: fpu avx2 avx512f amx_bf16 amx_tile\n", "bfloat16"),
        ("vendor_id\t: AuthenticAMD\nflags\t\t: fpu avx2 avx512_bf16\n", "bfloat16"),
        ("vendor_id\t: GenuineIntel\nflags\t\t: fpu avx2 avx512_bf16\n", "float32"),
        ("vendor_id\t: GenuineIntel\nflags\t\t: fpu avx2 avx512_bf16 amx_bf16\n", "bfloat16"),
        ("flags\t\t: fpu avx2 avx512f\n", "float32"),
        ("Features\t: fp asimd bf16\n", "float32"),
        ("", "float32"),
    ],
)
def test_bfloat16_is_chosen_where_the_processor_is_faster_with_it(tmp_path, described, precision):
    (tmp_path / "cpuinfo").write_text(described)
    assert fastest_precision(processor=tmp_path / "cpuinfo") == precision


def test_without_a_description_it_is_float32(tmp_path):
    assert fastest_precision(processor=tmp_path / "missing") == "float32"
