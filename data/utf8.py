"""Reading a text file whose encoding must be UTF-8."""

from pathlib import Path

from data.errors import UserError


def read_utf8(path: Path) -> str:
    """The whole file, line ends as they are, without a byte order mark.

    UserError where it cannot be read, or has another encoding.
    """
    try:
        return decoded(path.read_bytes(), path)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}; check the path") from None


def decoded(content: bytes, file: Path | str, *, remedy: str = "convert the file to UTF-8") -> str:
    """What a file holds as text; otherwise as `read_utf8`."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"{file} is not UTF-8: byte {error.object[error.start]:#04x} at offset {error.start}; "
            f"{remedy}"
        ) from None
