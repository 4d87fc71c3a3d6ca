"""Reading matrices from files that strangers wrote: `.npy`, `.csv` and IDX (also compressed with gzip).

A file is known by its first bytes, not by its name; only text has to be named `.csv`. Before an array is made, the size
that the header declares is compared with the size that is there, so that neither a truncated file nor a header that
promises terabytes costs memory; of a compressed file no more is unpacked than its header declares. Pickled objects are
never loaded.

Every refusal is a `BadInputError` of one sentence: missing, empty or truncated files, other formats, values that are no
real numbers (objects, text, complex), NaN and infinity, more than `LARGEST` entries.

IDX is the format of MNIST (Y. LeCun): two zero bytes, a type, the number of dimensions, their sizes as big-endian
32-bit integers, the values. Images (three dimensions or more) become one row each.

Not covered: `.npz`, HDF5, images in folders.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from scaling_sym.errors import BadInputError

Array = NDArray[np.float64]

LARGEST: Final = 2**28
"""Entries that may be read: two gigabytes in double precision."""
_IDX_TYPES: Final = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_ALLOWED: Final = "an .npy file, a .csv file of numbers or an IDX file (also .gz) is allowed"


class Readable(Protocol):
    """A stream of bytes, compressed or not."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """`values` in double precision, of one or two dimensions; `precision`: the rounding unit of what the file held."""

    name: str
    values: Array
    precision: float


def read_matrix(path: Path) -> Matrix:
    """Read a file; raises `BadInputError`."""
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
            stream.seek(0)
            values = _read_values(path, stream, head)
    except (OSError, EOFError, zlib.error) as error:
        reason = (error.strerror if isinstance(error, OSError) and error.strerror else "") or "it is damaged or cut short"
        raise BadInputError(f"{path} cannot be read: {reason}") from None
    return _accept(path, values)


def _read_values(path: Path, stream: IO[bytes], head: bytes) -> NDArray[np.generic]:
    if not head:
        raise BadInputError(f"{path} is empty; {_ALLOWED}")
    if head.startswith(b"\x93NUMPY"):
        return _read_npy(path, stream)
    if head.startswith(b"\x1f\x8b"):
        with gzip.open(stream) as unpacked:
            return _read_idx(path, unpacked)
    if head.startswith(b"\0\0"):
        return _read_idx(path, stream)
    if path.suffix.lower() == ".csv":
        return _read_csv(path, stream)
    raise BadInputError(f"{path} has no known format; {_ALLOWED}")


def _read_npy(path: Path, stream: IO[bytes]) -> NDArray[np.generic]:
    try:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read(stream)
    except Exception as error:  # the header is a Python literal, and NumPy lets through whatever its tokenizer raises
        said = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise BadInputError(f"{path} is a damaged .npy file: {said}") from None
    if dtype.hasobject:
        raise BadInputError(f"{path} holds pickled objects, which are never loaded; an array of real numbers is allowed")
    count = _count_entries(path, shape)
    data = _read_exactly(path, stream, count * dtype.itemsize)
    return np.frombuffer(data, dtype=dtype).reshape(shape, order="F" if fortran else "C")


def _read_idx(path: Path, stream: Readable) -> NDArray[np.generic]:
    head = stream.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in _IDX_TYPES or not 1 <= head[3] <= 8:
        raise BadInputError(f"{path} is no IDX file: its first four bytes are {head.hex() or 'missing'}; {_ALLOWED}")
    shape = struct.unpack(f">{head[3]}I", _read_exactly(path, stream, 4 * head[3], more=True))
    dtype = np.dtype(_IDX_TYPES[head[2]])
    values = np.frombuffer(_read_exactly(path, stream, _count_entries(path, shape) * dtype.itemsize), dtype=dtype)
    return values.reshape(shape[0], -1) if len(shape) > 1 else values


def _count_entries(path: Path, shape: tuple[int, ...]) -> int:
    count = 1
    for length in shape:
        count *= length
    if count == 0:
        raise BadInputError(f"{path} is empty: its shape is {shape}")
    if count > LARGEST:
        raise BadInputError(f"{path} declares {count} entries; at most {LARGEST} are allowed")
    return count


def _read_exactly(path: Path, stream: Readable, size: int, more: bool = False) -> bytes:
    """So many bytes, and, unless `more` may follow, not one after them."""
    parts, missing = [], size
    while missing:
        part = stream.read(min(missing, 2**24))
        if not part:
            raise BadInputError(f"{path} is truncated: it declares {size} bytes of data and holds {size - missing}")
        parts.append(part)
        missing -= len(part)
    if not more and stream.read(1):
        raise BadInputError(f"{path} goes on after the {size} bytes of data that its header declares")
    return b"".join(parts)


def _read_csv(path: Path, stream: IO[bytes]) -> NDArray[np.generic]:
    """Numbers between commas; a first line of names is skipped. One column or one line is a list."""
    import warnings

    first = stream.readline(2**24)
    stream.seek(0)
    names = bool(first.strip()) and not any(_is_number(cell) for cell in first.split(b","))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            values = np.loadtxt(stream, delimiter=",", skiprows=int(names), ndmin=2, dtype=np.float64, comments=None,
                                encoding="utf-8")
    except (ValueError, UserWarning, UnicodeError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadInputError(f"{path} is no table of numbers with commas: {reason}") from None
    _count_entries(path, values.shape)
    return values.reshape(-1) if 1 in values.shape else values


def _is_number(cell: bytes) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _accept(path: Path, values: NDArray[np.generic]) -> Matrix:
    """The values in double precision, if they are real, finite and one- or two-dimensional."""
    if values.dtype.kind not in "fiub":
        raise BadInputError(f"{path} holds values of type {values.dtype}; real numbers are allowed")
    if values.ndim not in (1, 2):
        raise BadInputError(f"{path} has {values.ndim} dimensions; one (a spectrum) or two (features or a kernel) are allowed")
    exact = values.dtype.kind != "f" or values.dtype.itemsize >= 8
    precision = float(np.finfo(np.float64 if exact else np.float32 if values.dtype.itemsize == 4 else np.float16).eps)
    doubles = np.ascontiguousarray(values, dtype=np.float64)
    if not np.isfinite(doubles).all():
        wrong = "NaN" if np.isnan(doubles).any() else "infinity"
        place = np.argwhere(~np.isfinite(doubles))[0].tolist()
        raise BadInputError(f"{path} contains {wrong}, first at {tuple(place)}; finite numbers are allowed")
    return Matrix(str(path), doubles, precision)
