"""Errors are messages for people."""

from dfutils.errors import ClipError, DataError, DfutilsError


def test_a_notebook_shows_the_message_and_no_traceback(displayed):
    from IPython.core.interactiveshell import InteractiveShell

    def run_cell():
        InteractiveShell.instance().run_cell(
            "from dfutils.errors import DataError\nraise DataError('no clips')"
        )

    assert displayed(run_cell) == []
    assert DataError("no clips")._render_traceback_() == ["DataError: no clips"]


def test_a_clip_error_carries_its_status_and_reason():
    error = ClipError("empty", "no video stream")
    assert isinstance(error, DfutilsError)
    assert (error.status, error.reason, str(error)) == ("empty", "no video stream", "empty: no video stream")
