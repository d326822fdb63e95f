"""The audit itself: rows are drawn, probes fitted, and vectors held against others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.details import details_of
from data.errors import UserError
from data.rows import Aspect, Detail, IntArray, Rows
from harness.analysis.evidence.effects import Clusters, row_interval
from harness.analysis.statistics import Interval
from harness.evaluation import probes
from harness.evaluation.probes import Features, Fold, ProbeInput, ProbeResult
from harness.evaluation.probes.folds import fold_of_rows
from harness.evaluation.retention.detail import detail
from harness.evaluation.retention.neighbours import kept_of_rows, neighbours, neighbours_chance
from harness.evaluation.retention.ridge import CrossRidge, recovered
from harness.evaluation.retention.spectrum import effective_rank, linear_cka
from harness.outputs.audit.result import Audit, Kept, Reading, Representation

MOST_ROWS = 5_000
"""As many are measured; where there are more, they are drawn."""

LEAST_A_CELL = 50
"""With fewer rows of some combination of classes, rows are taken as they are."""

ALONE = "vectors"
"""The name of a representation that serves all aspects."""

BLOCK = 8_192
"""Rows of a file that are looked through at once."""


def audit(
    vectors: NDArray[Any] | Mapping[str, NDArray[Any]],
    labels: Mapping[str, Sequence[Any]],
    *,
    groups: Sequence[Any] | None = None,
    against: NDArray[Any] | None = None,
    details: Mapping[str, Sequence[Any]] | None = None,
    seed: int = 0,
) -> Audit:
    """Measure what can be read from vectors of any encoder, and what they keep of others.

    At most 5,000 rows are measured. With two aspects or more they are drawn equally from all
    combinations of classes, so that no aspect is told by way of another, where each combination has
    50 rows or more. Equal arguments give equal results. UserError where numbers of rows differ, a
    value is missing or no number, an aspect has a single class or no representation of its own, or
    a class or the groups are too few to cross-fit.

    Parameters
    ----------
    vectors : numbers [n, width]; or, for each aspect by its name, those of the representation that
        is meant to tell it. An array that is mapped from a file is read row by row.
    labels : for each aspect n labels, of two classes or more.
    groups : n values; rows of equal ones, such as one author's, are never on both sides of a fit,
        and count together in intervals. By default each row is a group of its own.
    against : numbers [n, any width], such as the vectors of the encoder before it was changed.
    details : n values of columns that refine an aspect, such as the rating behind a sentiment: each
        by its name where all its values stand in one class of a single aspect, or as
        `aspect:name`. Missing or empty values are not known.
    seed : of draws, folds and probes.
    """
    alone = not isinstance(vectors, Mapping)
    some = vectors if isinstance(vectors, Mapping) else {ALONE: vectors}
    given = {name: np.asanyarray(held) for name, held in some.items()}
    if not labels:
        raise UserError("there is no aspect; give the labels of one or more")
    if not alone and set(given) != set(labels):
        raise UserError(
            f"the representations are for {', '.join(given) or 'nothing'} and the aspects are "
            f"{', '.join(labels)}; give one representation for each aspect, or a single one"
        )
    known = {name if alone else f"vectors for {name}": held for name, held in given.items()}
    if against is not None:
        known["vectors held against"] = np.asanyarray(against)
    columns = {**labels, **(details or {}), **({} if groups is None else {"groups": groups})}
    for name, held in known.items():
        _check(name, held)
    count = len(next(iter(known.values())))
    lengths = [(name, len(held)) for name, held in known.items()]
    lengths += [(name, len(held)) for name, held in columns.items()]
    for name, length in lengths:
        if length != count:
            raise UserError(
                f"{next(iter(known))!r} has {count:,} rows and {name!r} has {length:,}; they must "
                "be of the same rows in the same order"
            )
    every = replace(_rows(labels, groups), details=_details(labels, details or {}))
    picked, balanced = draw(every, seed=seed)
    rows = every.take(picked)
    parts = {name: _numbers(name, held, picked) for name, held in given.items()}
    beside = None if against is None else _numbers("vectors held against", against, picked)
    with probes.single_threaded() as threads:
        folds = probes.group_folds(rows, seed=seed)
        probing = _Probing(rows, folds, seed, threads)
        readings = [each for name, part in parts.items() for each in probing.readings(name, part)]
        keeping = _Keeping(rows, folds, beside)
        representations = tuple(keeping.representation(name, part) for name, part in parts.items())
    return Audit(
        rows=count,
        used=len(rows),
        groups=len(np.unique(rows.groups)),
        balanced=balanced,
        seed=seed,
        classes={aspect.name: aspect.classes for aspect in rows.aspects},
        chance={name: probes.chance_level(codes) for name, codes in rows.labels.items()},
        readings=tuple(readings),
        representations=representations,
        notes=(*_drawing(count, rows, balanced), *probing.notes),
    )


def draw(rows: Rows, *, seed: int) -> tuple[IntArray, bool]:
    """int64 [m]: the positions that are measured, ascending, and whether cells count equally.

    Groups come in a seeded order, so that those drawn are as whole as can be.
    """
    random = np.random.default_rng(seed)
    names, codes = np.unique(rows.groups, return_inverse=True)
    order = np.argsort(random.permutation(len(names))[codes], kind="stable")
    sizes = np.array(list(rows.cell_counts().values()))
    if len(rows.aspects) < 2 or sizes.min() < LEAST_A_CELL:
        equal = len(rows.aspects) > 1 and len(set(sizes)) == 1 and len(rows) <= MOST_ROWS
        return np.sort(order[:MOST_ROWS]), equal
    each = min(int(sizes.min()), MOST_ROWS // len(sizes))
    picked = [order[rows.cells[order] == cell][:each] for cell in range(len(sizes))]
    return np.sort(np.concatenate(picked)), True


class _Probing:
    """The probes of all representations, over the same folds."""

    def __init__(self, rows: Rows, folds: Sequence[Fold], seed: int, threads: int) -> None:
        self._rows, self._folds, self._seed, self._threads = rows, folds, seed, threads
        self._clusters = Clusters.of([rows.cells], [rows.groups])
        self.notes: list[str] = []

    def readings(self, name: str, vectors: Features) -> list[Reading]:
        """For each aspect what every family reads, and the strongest of them."""
        rows = self._rows
        given = ProbeInput.of(vectors, len(rows), seed=self._seed)
        self.notes += [f"{name}: {warning}" for warning in given.warnings]
        read = probes.read_factors(
            given, rows, self._folds, families=[*probes.PROBES.values()], threads=self._threads
        )
        found = []
        for aspect, told in read.items():
            own = "target" if aspect == name else "leakage"
            for probe, result in told.results.items():
                found.append(
                    Reading(
                        representation=name,
                        aspect=aspect,
                        probe=probe,
                        role="reading" if name == ALONE else own,
                        accuracy=row_interval(result.correct.astype(np.float64), self._clusters),
                        usable_bits=self._usable(result),
                        description_length=told.code_bits.get(probe),
                    )
                )
        return found

    def _usable(self, result: ProbeResult) -> Interval:
        """Bounded from below, and so is its interval."""
        found = row_interval(result.entropy - result.bits, self._clusters)
        return Interval(result.usable_bits, max(found.low, 0.0), max(found.high, 0.0))


class _Keeping:
    """What representations keep, all held against the same vectors."""

    def __init__(self, rows: Rows, folds: Sequence[Fold], beside: Features | None) -> None:
        self._rows, self._folds, self._beside = rows, fold_of_rows(folds), beside
        self._groups = np.unique(rows.groups, return_inverse=True)[1].astype(np.int64)
        self._near = None if beside is None else neighbours(beside, self._groups)

    def representation(self, name: str, vectors: Features) -> Representation:
        """Its geometry, what it keeps, and the details that it tells."""
        aspects = [aspect.name for aspect in self._rows.aspects if name in (aspect.name, ALONE)]
        told: dict[str, float] = {}
        for aspect in aspects:
            told |= detail(vectors, self._rows, aspect, self._folds)
        rank = effective_rank(vectors)
        return Representation(name, vectors.shape[1], rank, self._kept(vectors), told)

    def _kept(self, vectors: Features) -> Kept | None:
        if self._beside is None or self._near is None:
            return None
        shares = kept_of_rows(self._near, neighbours(vectors, self._groups))
        ridge = CrossRidge(vectors, self._rows.cells, self._folds)
        return Kept(
            neighbours=row_interval(shares, Clusters.of([self._rows.cells], [self._groups])),
            neighbours_chance=neighbours_chance(self._groups),
            recovered=recovered(ridge, self._beside),
            linear_cka=linear_cka(self._beside, vectors),
        )


def _rows(labels: Mapping[str, Sequence[Any]], groups: Sequence[Any] | None) -> Rows:
    """The rows without their texts; classes are sorted by name."""
    aspects, codes = [], {}
    for name, held in labels.items():
        classes, found = _coded(held)
        if "" in map(str.strip, classes):
            raise UserError(f"a label of {name!r} is missing; fill it in or leave the row out")
        if len(classes) < 2:
            raise UserError(
                f"all labels of {name!r} are {classes[0]!r}; an aspect needs two classes or more"
                if len(classes)
                else "there are no rows; give vectors and labels of some"
            )
        aspects.append(Aspect(name, classes))
        codes[name] = found
    count = len(next(iter(codes.values())))
    blank = ("",) * count
    if groups is not None and pd.isna(pd.Series(list(groups))).any():
        raise UserError("a group is missing; fill it in, or leave the groups out")
    numbers = _coded(range(count) if groups is None else groups)[1]
    return Rows(blank, blank, codes, numbers, tuple(aspects))


def _coded(values: Sequence[Any]) -> tuple[tuple[str, ...], IntArray]:
    """The sorted names of values, an empty one for those that are missing, and int64 [n]."""
    found, codes = np.unique(_texts(values).to_numpy(dtype=object), return_inverse=True)
    return tuple(map(str, found)), codes.astype(np.int64)


def _texts(values: Sequence[Any]) -> pd.Series:
    column = pd.Series(list(values))
    return column.astype("str").where(column.notna(), "")


def _details(
    labels: Mapping[str, Sequence[Any]], details: Mapping[str, Sequence[Any]]
) -> Mapping[str, Detail]:
    frame = pd.DataFrame({name: _texts(held) for name, held in labels.items()})
    for name, held in details.items():
        aspect, _, column = name.partition(":")
        column = column if column and aspect in labels else name
        if column in labels:
            raise UserError(f"the detail column {column!r} is an aspect too; rename one")
        frame[column] = _texts(held)
    return details_of(frame, list(details), list(labels))


def _check(name: str, vectors: NDArray[Any]) -> None:
    """Refuse what is no table of finite numbers, reading a block of rows at a time."""
    if vectors.dtype.kind not in "fiu":
        raise UserError(f"{name!r} holds {vectors.dtype} and not numbers; give a table of vectors")
    if vectors.ndim != 2 or 0 in vectors.shape:
        raise UserError(
            f"{name!r} has the shape {vectors.shape}; vectors are a table with a row for each text"
        )
    for start in range(0, len(vectors), BLOCK):
        fine = np.isfinite(vectors[start : start + BLOCK]).all(axis=1)
        if not fine.all():
            raise UserError(
                f"{name!r} has a value that is no finite number in row "
                f"{start + int(np.argmin(fine)) + 1:,}; leave the row out or make it again"
            )


def _numbers(name: str, vectors: NDArray[Any], picked: IntArray) -> Features:
    with np.errstate(over="ignore"):
        found = np.asarray(vectors[picked], dtype=np.float32)
    if not np.isfinite(found).all():
        raise UserError(f"{name!r} has values that are too large for float32; scale them down")
    return found


def _drawing(count: int, rows: Rows, balanced: bool) -> list[str]:
    """What was done to the rows, in words."""
    found = []
    if len(rows) < count:
        how = ", equally from all combinations of classes" if balanced else ""
        found.append(f"{len(rows):,} of the {count:,} rows are measured, drawn by group{how}")
    if len(rows.aspects) > 1 and not balanced:
        counts = rows.cell_counts()
        scarcest = min(counts, key=lambda name: counts[name])
        found.append(
            f"combinations of classes are unequal, with {counts[scarcest]:,} rows of {scarcest}: "
            "where labels go together, one aspect is told in part by way of the other"
        )
    return found
