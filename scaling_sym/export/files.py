"""Writing files whole or not at all.

Algorithm: write to a new file in the same folder, flush it to disk, and rename it over the target; renaming within a
folder is atomic (POSIX `rename`, Windows `MoveFileEx`). Whatever interrupts the writing, Ctrl-C included, the target
is the old file or the new one, and the temporary file is removed. A symbolic link is followed, not replaced. What is no
ordinary file, such as `/dev/stdout`, is written to directly: there is nothing to rename.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from scaling_sym.errors import BadInputError


def write_text_atomically(path: str | os.PathLike[str], text: str) -> None:
    """Write UTF-8 text with line ends as given; raises `BadInputError` where the file cannot be written."""
    write_bytes_atomically(path, text.encode("utf-8"))


def write_bytes_atomically(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes; raises `BadInputError` where the file cannot be written."""
    try:
        target = Path(path).resolve()
        if target.is_dir():
            raise BadInputError(f"{target} is a folder: the name of a file is allowed")
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target, data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadInputError(f"{path} cannot be written: {reason}") from error


def _replace(target: Path, data: bytes) -> None:
    temporary = target.parent / f".{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as stream:
            if target.exists():
                os.chmod(temporary, target.stat().st_mode)
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
