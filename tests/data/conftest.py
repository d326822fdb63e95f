from collections.abc import Callable, Sequence

import numpy as np
import pytest

from data.rows import Aspect, Rows

MakeRows = Callable[..., Rows]


def _make_rows(
    shape: Sequence[int],
    counts: Sequence[int],
    *,
    groups: Sequence[int] | None = None,
    texts: Sequence[str] | None = None,
) -> Rows:
    """Rows with these counts in the cells, one text and one group each unless given."""
    cells = np.repeat(np.arange(len(counts)), counts)
    aspects = tuple(
        Aspect(f"a{k}", tuple(f"{chr(97 + k)}{c}" for c in range(n))) for k, n in enumerate(shape)
    )
    codes = np.unravel_index(cells, tuple(shape))
    return Rows(
        ids=tuple(f"r{i}" for i in range(len(cells))),
        texts=tuple(texts or [f"text number {i}" for i in range(len(cells))]),
        labels={a.name: c.astype(np.int64) for a, c in zip(aspects, codes, strict=True)},
        groups=np.array(range(len(cells)) if groups is None else groups, dtype=np.int64),
        aspects=aspects,
    )


@pytest.fixture(scope="session")
def make_rows() -> MakeRows:
    return _make_rows
