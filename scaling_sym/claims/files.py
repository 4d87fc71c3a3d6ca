"""Reading files that strangers hand in: bounded in size, and never waiting for a writer.

Not covered: what the bytes mean.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from scaling_sym.errors import BadInputError


def read_bytes(path: str | os.PathLike[str], most: int) -> bytes:
    """At most `most` + 1 bytes of a file, so that a longer one can be told; raises `BadInputError` where there are none to read.

    A named pipe is refused: to open one waits, without end, for somebody who writes.
    """
    try:
        if stat.S_ISFIFO(Path(path).stat().st_mode):
            raise BadInputError(f"{path} cannot be read: it is a pipe, and a file is allowed")
        with Path(path).open("rb") as stream:
            return stream.read(most + 1)
    except (OSError, ValueError) as error:
        raise BadInputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
