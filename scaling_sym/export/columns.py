"""Numbers in columns, as CSV: one heading a column, one line a row, written whole or not at all.

Doubles are written in the shortest form that reads back the same; what is missing is an empty field.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence

from scaling_sym.export.files import write_text_atomically


def write_columns(path: str | os.PathLike[str], columns: Mapping[str, Sequence[object]]) -> None:
    """Write columns of equal length; raises `BadInputError` where the file cannot be written."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_text_atomically(path, stream.getvalue())
