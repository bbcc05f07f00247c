"""The exceptions that dfutils raises. Each message says what is wrong and what to do."""


class DfutilsError(Exception):
    """Base class of the errors of dfutils, all of which the user can fix.

    The command line prints the message of the error and exits with status 2.
    """

    def _render_traceback_(self) -> list[str]:
        # IPython calls this method, so that a notebook shows the message without a traceback.
        return [f"{type(self).__name__}: {self}"]


class DataError(DfutilsError):
    """The data set, its layout, its labels or its split cannot be used."""


class SettingsError(DfutilsError):
    """A setting, profile or parameter is unknown or out of range."""


class MissingArtefactError(DfutilsError):
    """A file that an earlier notebook saves is missing from the workspace."""


class StoreError(DfutilsError):
    """A folder for results, such as the store of features, cannot be written."""


class MachineError(DfutilsError):
    """Another machine of a search does not answer, or this one cannot listen."""


class WeightsError(DfutilsError):
    """The requested pre-trained weights of a network are not available."""


class ClipError(DfutilsError):
    """A clip cannot be used, because its file is empty or unreadable, it is too short, or no face was found.

    Args:
        status: str. `"empty"`, `"unreadable"`, `"too_short"` or `"no_face"`.
        reason: str. Why the clip cannot be used. The coverage table shows this text.
    """

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
