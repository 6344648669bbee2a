"""The error of a file that is not a recording."""

from __future__ import annotations

from scaleglove.errors import ScaleGloveError


class RecordingError(ScaleGloveError):
    """A file that is not a recording.

    The message names the file and the column or line and says what to do; `code` (docs/reference/codes.md), `column`
    and `line` say the same to programs.
    """

    def __init__(self, text: str, *, code: str = "damaged", column: str | None = None, line: int | None = None) -> None:
        super().__init__(text)
        self.code = code
        self.column = column
        self.line = line

    def in_file(self, name: object) -> RecordingError:
        """Return the same error with the file's name in front."""
        return RecordingError(f"{name}: {self}", code=self.code, column=self.column, line=self.line)
