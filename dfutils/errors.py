"""The errors of dfutils: each names the thing that is wrong and what to do about it."""


class DfutilsError(Exception):
    """A problem the user can mend. The command line prints its message and ends with status 2."""

    def _render_traceback_(self) -> list[str]:
        # IPython asks an exception for this: a reader of a notebook sees the message, not our insides.
        return [f"{type(self).__name__}: {self}"]


class DataError(DfutilsError):
    """The data set, its layout, its labels or its split cannot be used as they are."""


class SettingsError(DfutilsError):
    """A setting, profile or parameter is unknown or out of range."""


class MissingArtefactError(DfutilsError):
    """An earlier step's result is not in the workspace yet."""


class StoreError(DfutilsError):
    """A folder that results are kept in cannot be written."""


class WeightsError(DfutilsError):
    """The weights asked for cannot be had."""


class ClipError(DfutilsError):
    """A clip that cannot be used.

    Args:
        status: str. `"empty"`, `"unreadable"`, `"too_short"` or `"no_face"`.
        reason: str. Why, in words a reader of the coverage table understands.
    """

    def __init__(self, status: str, reason: str):
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
