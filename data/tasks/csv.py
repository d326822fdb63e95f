"""Any two or more label columns of a user's own table."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.corpora.csvfile import read_csv, wanted_columns
from data.corpus import Corpus
from data.details import column_of, details_of
from data.errors import UserError
from data.quotas import Sizes
from data.rows import Aspect, Rows
from data.splits import Pool
from data.tasks.labelled import LabelledTask, coded, numbered


class Csv(LabelledTask):
    """Any two or more label columns of a CSV or TSV file, with any number of classes.

    Classes stand in the order of their names. Where no sizes are asked, half of the scarcest cell
    serves for evaluation, and the rest gives as many training rows as fit.
    """

    name = "csv"
    corpus = "csv"
    local_sizes = Sizes()

    @dataclass(frozen=True)
    class Options:
        """The file, its column of texts, its columns of labels, and of groups and details if any.

        A detail is a column, or `aspect:column`; see `data.details.details_of`.
        """

        file: str | Path = ""
        text: str = "text"
        aspects: Sequence[str] = ()
        group: str | None = None
        details: Sequence[str] = ()

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        if not str(self.options.file):
            raise UserError("the task csv needs a file; give it as --csv FILE")
        wanted_columns(
            self.options.text, self.options.aspects, self.options.group, self._detail_columns
        )
        stem = re.sub(r"[^\w.-]+", "-", Path(self.options.file).stem)
        self.name = f"csv-{stem}"

    @property
    def settings(self) -> dict[str, Any]:
        """The columns; the content hash of the corpus stands for the file."""
        options = self.options
        return {
            "text": options.text,
            "aspects": list(options.aspects),
            "group": options.group,
            # Named only where there are any: without, keys stay what they were.
            **({"details": list(options.details)} if options.details else {}),
        }

    @property
    def _detail_columns(self) -> list[str]:
        return [column_of(named, self.options.aspects) for named in self.options.details]

    def load(self, data_dir: Path | None) -> Corpus:
        """The corpus in the file; a data folder plays no part."""
        options = self.options
        return read_csv(
            Path(options.file),
            options.text,
            aspects=options.aspects,
            group=options.group,
            details=self._detail_columns,
        )

    def pool(self, corpus: Corpus) -> Pool:
        """Every row of the file."""
        frame, options = corpus.frame, self.options
        aspects = tuple(
            Aspect(name, tuple(sorted(set(frame[name].tolist())))) for name in options.aspects
        )
        cells = math.prod(len(aspect.classes) for aspect in aspects)
        if cells > len(frame):
            sizes = ", ".join(f"{aspect.name} {len(aspect.classes)}" for aspect in aspects)
            raise UserError(
                f"{self.name}: the classes ({sizes}) make {cells} cells, more than the "
                f"{len(frame)} rows; choose columns with fewer classes"
            )
        rows = Rows(
            ids=tuple(f"row-{number}" for number in range(1, len(frame) + 1)),
            texts=tuple(frame[options.text].tolist()),
            labels={
                aspect.name: coded(
                    frame[aspect.name].tolist(),
                    {label: position for position, label in enumerate(aspect.classes)},
                )
                for aspect in aspects
            },
            groups=(
                np.arange(len(frame), dtype=np.int64)
                if options.group is None
                else numbered(frame[options.group].tolist())
            ),
            aspects=aspects,
            details=details_of(frame, options.details, options.aspects),
        )
        return Pool.without_official_split(rows)
