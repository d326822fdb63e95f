"""Small arrays as short text, so that a record stays a few kilobytes of plain JSON."""

import base64
import binascii
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def pack_bits(values: NDArray[np.bool_]) -> str:
    """bool [n] as base64 of packed bits."""
    return base64.b64encode(np.packbits(values).tobytes()).decode("ascii")


def unpack_bits(text: str, length: int) -> NDArray[np.bool_]:
    """bool [length] from `pack_bits`; ValueError where the text is damaged or has other bits."""
    raw = check_bits(text, length)
    return np.unpackbits(np.frombuffer(raw, dtype=np.uint8), count=length).astype(np.bool_)


def check_bits(text: str, length: int) -> bytes:
    """The bytes of so many packed bits; ValueError as in `unpack_bits`, which is slower."""
    raw = _bytes(text)
    if len(raw) != (length + 7) // 8:
        raise ValueError(f"{len(raw)} bytes cannot hold {length} bits")
    return raw


def pack_codes(values: NDArray[np.integer[Any]]) -> str:
    """Whole numbers in range(2**32) [n] as base64 behind their width: 1, 2 or 4 bytes each."""
    if len(values) and (values.min() < 0 or values.max() >= 2**32):
        raise ValueError("only codes below 2**32 can be packed")
    largest = values.max() if len(values) else 0
    width = "u1" if largest < 2**8 else "u2" if largest < 2**16 else "u4"
    return f"{width}:{base64.b64encode(values.astype(f'<{width}').tobytes()).decode('ascii')}"


def unpack_codes(text: str) -> NDArray[np.int64]:
    """int64 [n] from `pack_codes`; ValueError where the text is damaged."""
    width, _, packed = text.partition(":")
    if width not in ("u1", "u2", "u4"):
        raise ValueError(f"codes of width {width!r}")
    raw = _bytes(packed)
    if len(raw) % int(width[1]):
        raise ValueError("an odd number of bytes cannot hold codes")
    return np.frombuffer(raw, dtype=f"<{width}").astype(np.int64)


@lru_cache(maxsize=256)
def count_codes(text: str) -> int:
    """How many codes `pack_codes` packed; 0 for an empty text."""
    return len(unpack_codes(text)) if text else 0


def pack_points(points: NDArray[np.floating[Any]]) -> str:
    """Points [n, 2] stretched to the square of 0..255 and stored in two bytes each, as base64."""
    low, high = points.min(axis=0), points.max(axis=0)
    unit = (points - low) / np.where(high > low, high - low, 1.0)
    return base64.b64encode(np.rint(unit * 255).astype(np.uint8).tobytes()).decode("ascii")


def unpack_points(text: str) -> NDArray[np.uint8]:
    """uint8 [n, 2] from `pack_points`; ValueError where the text is damaged."""
    raw = _bytes(text)
    if len(raw) % 2:
        raise ValueError("an odd number of bytes cannot hold points")
    return np.frombuffer(raw, dtype=np.uint8).reshape(-1, 2)


def _bytes(text: str) -> bytes:
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {error}") from error
