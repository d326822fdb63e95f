"""Numbers that others have published, each with its unit and its source.

They stand beside what is measured here and are never mixed with it: corpora, trainings and tokens
differ. None of them is of the papers that this project reproduces.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

TEXT_VAES = Path(__file__).parent / "text_vaes.csv"


@dataclass(frozen=True)
class Published:
    """One published number.

    `corpus`, `system`, `metric`: what was measured, and on what. `unit`: such as `nats per
    sentence` or `per word`. `source`: where it stands.
    """

    corpus: str
    system: str
    metric: str
    value: float
    unit: str
    source: str


def text_vaes() -> tuple[Published, ...]:
    """Published numbers of variational autoencoders of texts, in the order of the file."""
    with TEXT_VAES.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        return tuple(Published(value=float(row.pop("value")), **row) for row in rows)
