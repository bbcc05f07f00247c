"""The errors of dfutils: each says what is wrong and what to do about it."""


class DfutilsError(Exception):
    """A problem that the user can fix. The command line prints its message and exits with status 2."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this: the reader of a notebook sees the message and no traceback.
        return [f"{type(self).__name__}: {self}"]


class DataError(DfutilsError):
    """The data set, its layout, its labels or its split cannot be used as they are."""


class SettingsError(DfutilsError):
    """A setting, profile or parameter is unknown or out of range."""


class MissingArtefactError(DfutilsError):
    """The result of an earlier step is not in the workspace yet."""


class StoreError(DfutilsError):
    """A folder for results cannot be written."""


class WeightsError(DfutilsError):
    """The requested weights are not available."""


class ClipError(DfutilsError):
    """A clip cannot be used.

    Args:
        status: str. `"empty"`, `"unreadable"`, `"too_short"` or `"no_face"`.
        reason: str. Why, in words that a reader of the coverage table understands.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
