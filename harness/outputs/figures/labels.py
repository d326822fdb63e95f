"""Where labels go beside points, so that none covers another where there is room."""

from collections.abc import Sequence
from itertools import product
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

REACHES = (0.0, 8.0, 18.0, 30.0, 45.0, 65.0)
"""Gaps between a marker and its label that are tried, from near to far, in pixels."""

DIRECTIONS = 16

CLOSE = 7.0
"""Half of the side of the square, in pixels, that a point's own marker takes up."""


def placed(points: FloatArray, sizes: FloatArray, frame: Sequence[float]) -> FloatArray:
    """Lower left corners of the labels, float [n, 2], each as near to its point as is free.

    Labels are placed in the order of the points: each goes to the first place that covers no
    marker, no label before it and nothing outside the frame, or else where it covers least.

    Parameters
    ----------
    points : float [n, 2], in pixels.
    sizes : float [n, 2], width and height of each label.
    frame : left, bottom, right and top of where labels may stand.
    """
    taken = list(np.hstack([points - CLOSE, points + CLOSE]))
    corners = np.zeros((len(points), 2))
    for i, (point, size) in enumerate(zip(points, sizes, strict=True)):
        candidates = _candidates(point, size)
        boxes = np.hstack([candidates, candidates + size])
        outside = size.prod() - shared(boxes, np.array(frame))
        covered = outside + shared(boxes[:, None], np.array(taken)).sum(axis=1)
        # Rounded, so that what is free in truth counts as free, and the nearest of equals wins.
        best = int(np.argmin(np.round(covered, 6)))
        corners[i] = candidates[best]
        taken.append(boxes[best])
    return corners


def shared(first: FloatArray, second: FloatArray) -> FloatArray:
    """Square pixels that boxes (left, bottom, right, top) [..., 4] have in common."""
    low = np.maximum(first[..., :2], second[..., :2])
    high = np.minimum(first[..., 2:], second[..., 2:])
    return np.asarray(np.maximum(high - low, 0.0).prod(axis=-1))


def _candidates(point: FloatArray, size: FloatArray) -> FloatArray:
    """float [m, 2]: lower left corners around a point: near before far, beside before above."""
    angles = sorted(
        (2 * pi * k / DIRECTIONS for k in range(DIRECTIONS)),
        key=lambda angle: (round(abs(sin(angle)), 6), -cos(angle), angle),
    )
    found = []
    for reach, angle in product(REACHES, angles):
        along = np.array([cos(angle), sin(angle)])
        # On a square around the marker, not a circle, so that every candidate clears it.
        along /= np.abs(along).max()
        found.append(point + along * (CLOSE + reach + size / 2) - size / 2)
    return np.array(found)
