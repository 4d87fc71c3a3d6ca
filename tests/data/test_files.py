"""Files that strangers wrote: what can be read is read, everything else gets one sentence."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest

from scaling_sym.data.files import read_matrix
from scaling_sym.errors import BadInputError


def npy(values: object, **more: bool) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.asarray(values), **more)
    return stream.getvalue()


def idx(values: np.ndarray, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, values.ndim]) + struct.pack(f">{values.ndim}I", *values.shape) + values.tobytes()


TABLE = np.arange(12.0).reshape(3, 4)
IMAGES = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [("x.npy", npy(TABLE), TABLE), ("x.npy", npy(TABLE.T), TABLE.T), ("x.npy", npy(TABLE.astype(np.int16)), TABLE),
     ("x.npy", npy(np.asfortranarray(TABLE)), TABLE), ("x.npy", npy(TABLE.astype(">f4")), TABLE),
     ("x.csv", b"0,1,2,3\n4,5,6,7\n8,9,10,11\n", TABLE), ("x.CSV", b"a,b\n1,2\n3,4\n", np.array([[1.0, 2], [3, 4]])),
     ("x.csv", b"1\n2\n3\n", np.array([1.0, 2, 3])), ("x.csv", b"1,2,3", np.array([1.0, 2, 3])),
     ("images", idx(IMAGES), IMAGES.reshape(2, 12)), ("images.gz", gzip.compress(idx(IMAGES), mtime=0), IMAGES.reshape(2, 12)),
     ("labels", idx(IMAGES[0, 0]), IMAGES[0, 0]), ("reals", idx(TABLE.astype(">f4"), 0x0D), TABLE)],
)
def test_what_can_be_read(tmp_path: Path, name: str, content: bytes, wanted: np.ndarray) -> None:
    (tmp_path / name).write_bytes(content)
    assert read_matrix(tmp_path / name).values.tolist() == wanted.tolist()


def huge_header() -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (10**7, 10**6)})
    return stream.getvalue()


BOMB = gzip.compress(bytes([0, 0, 8, 2]) + struct.pack(">2I", 10, 10) + bytes(10**7))
PROMISE = gzip.compress(bytes([0, 0, 8, 2]) + struct.pack(">2I", 2**31, 2**31))
NOT_A_NUMBER = np.where(TABLE == 5.0, np.nan, TABLE)
HOSTILE = {
    "empty": ("x.npy", b"", "empty"),
    "truncated npy": ("x.npy", npy(TABLE)[:-8], "truncated"),
    "header only": ("x.npy", npy(TABLE)[:40], "damaged"),
    "trailing bytes": ("x.npy", npy(TABLE) + b"x", "goes on"),
    "terabytes": ("x.npy", huge_header(), "at most"),
    "objects": ("x.npy", npy([{}, None], allow_pickle=True), "pickled"),
    "pickle": ("x.npy", pickle.dumps(TABLE), "no known format"),
    "no entries": ("x.npy", npy(np.zeros((0, 3))), "empty"),
    "text": ("x.npy", npy(["a", "b"]), "real numbers"),
    "complex": ("x.npy", npy(TABLE * 1j), "real numbers"),
    "three dimensions": ("x.npy", npy(np.zeros((2, 2, 2))), "3 dimensions"),
    "scalar": ("x.npy", npy(3.0), "0 dimensions"),
    "nan": ("x.npy", npy(NOT_A_NUMBER), r"NaN, first at \(1, 1\)"),
    "infinity": ("x.npy", npy([1.0, np.inf]), "infinity"),
    "npz": ("x.npz", b"PK\x03\x04rest", "no known format"),
    "future version": ("x.npy", b"\x93NUMPY\x09\x00" + bytes(99), "damaged"),
    "ragged": ("x.csv", b"1,2\n3\n", "no table"),
    "words": ("x.csv", b"a,b\nc,d\n", "no table"),
    "csv nan": ("x.csv", b"1\nnan\n", "NaN"),
    "csv binary": ("x.csv", bytes(range(128, 255)), "no table"),
    "csv names only": ("x.csv", b"a,b\n", "no table"),
    "csv gaps": ("x.csv", b"1,,2\n1,2,3\n", "no table"),
    "idx type": ("x", b"\0\0\x07\x01" + bytes(8), "no IDX"),
    "idx cut": ("x", idx(IMAGES)[:-1], "truncated"),
    "idx head": ("x", b"\0\0\x08\x03\0\0", "truncated"),
    "idx longer": ("x", idx(IMAGES) + b"\0", "goes on"),
    "bomb": ("x.gz", BOMB, "goes on"),
    "promise": ("x.gz", PROMISE, "at most"),
    "gzip cut": ("x.gz", gzip.compress(idx(IMAGES), mtime=0)[:-12], "damaged|truncated"),
    "gzip of text": ("x.gz", gzip.compress(b"hello", mtime=0), "no IDX"),
    "gzip damaged": ("x.gz", b"\x1f\x8b" + bytes(range(60)), "cannot be read"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_cannot_be_read(tmp_path: Path, case: str) -> None:
    name, content, said = HOSTILE[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError, match=said) as caught:
        read_matrix(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nothing.npy"):
        with pytest.raises(BadInputError, match="cannot be read"):
            read_matrix(path)


def test_pickles_are_not_run(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (tmp_path / "sprung",)  # type: ignore[return-value]

    np.save(tmp_path / "x.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    with pytest.raises(BadInputError, match="pickled"):
        read_matrix(tmp_path / "x.npy")
    assert not (tmp_path / "sprung").exists()
