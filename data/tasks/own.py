"""Any two or more label columns of a user's own data."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.corpora.places import files_at, title
from data.corpora.tables import Columns, text_columns
from data.corpus import Corpus
from data.details import column_of, details_of
from data.errors import UserError
from data.minimal_pairs import pairs_of
from data.quotas import VALID_SHARE, Sizes
from data.rows import Aspect, IntArray, Pairs, Rows
from data.splits import Pool
from data.tasks.labelled import LabelledTask, numbered
from data.tasks.task import joined

MOST_TRAINING = 8_000
MOST_EVALUATION = 4_000
"""Rows drawn of however many there are, as on the real corpora: more cost time and decide little.

Methods of the suite train on 6,400 texts or fewer; at 4,000 rows the standard error of an accuracy
is at most .008.
"""

LEAST_A_CELL = 10
"""Evaluation rows of a cell that the limit leaves in any case."""


class Own(LabelledTask):
    """Any two or more label columns of your own data, with any number of classes.

    Classes stand in the order of their names. Where no sizes are asked, half of the scarcest cell
    serves for evaluation, and the rest gives as many training rows as fit, both up to a limit.
    """

    name = "data"
    corpus = "own"
    local_sizes = Sizes()

    @dataclass(frozen=True)
    class Options:
        """The data, their column of texts, and columns of labels, groups, details and pairs if any.

        `data` is what `data.corpora.places.files_at` takes. A detail is a column, or
        `aspect:column`; see `data.details.details_of`. Equal values in the column `pair` name the
        rows of a minimal pair, see `data.minimal_pairs.pairs_of`; elsewhere it is blank.
        """

        data: str | Path = ""
        text: str = "text"
        aspects: Sequence[str] = ()
        group: str | None = None
        details: Sequence[str] = ()
        pair: str | None = None

    def __init__(self, options: Options | None = None) -> None:
        super().__init__(options)
        options = self.options
        if not str(options.data):
            raise UserError(
                "the task data needs a file, a folder or a dataset; give it as --data FILE"
            )
        if len(options.aspects) < 2:
            raise UserError("two or more aspects are needed; name their columns, as --aspects A B")
        self._may_be_blank = [column_of(named, options.aspects) for named in options.details]
        self._may_be_blank += [] if options.pair is None else [options.pair]
        group = [] if options.group is None else [options.group]
        self._wanted = [options.text, *options.aspects, *group, *self._may_be_blank]
        for place, column in enumerate(self._wanted):
            if column in self._wanted[:place]:
                raise UserError(
                    f"the column {column!r} is named for two purposes; name it once, as the text, "
                    "an aspect, the group, a detail or the pair"
                )
        # The aspects are named too, or a later run on others would take the place of this one.
        self.name = joined("data", title(str(options.data)), *options.aspects)

    @property
    def settings(self) -> dict[str, Any]:
        """The columns and limits; the content hash of the corpus stands for the data."""
        options = self.options
        return {
            "text": options.text,
            "aspects": list(options.aspects),
            "group": options.group,
            "details": list(options.details),
            "most": [MOST_TRAINING, MOST_EVALUATION],
            # Named only where it is so, for the keys of records that never had it.
            **({} if options.pair is None else {"pair": options.pair}),
        }

    def identity(self, corpus: Corpus) -> str:
        """A hash of the columns that a draw follows from, with their names.

        Details take no part: whoever names some later keeps the rows.
        """
        digest = hashlib.sha256()
        named = (self.options.text, *self.options.aspects, self.options.group)
        for column in (*named, *filter(None, [self.options.pair])):
            digest.update(b"" if column is None else corpus.column_hashes[column].encode())
        return f"data-{digest.hexdigest()[:16]}"

    def load(self, data_dir: Path | None) -> Corpus:
        """The corpus of the data, of one name whatever they are; a folder of corpora plays no part.

        Labels are taken as written, less surrounding white space. Details and pairs may be blank.
        UserError where a file cannot be read, a column is missing, or another value is blank; rows
        are numbered from 1 in each file, a header left out.
        """
        named = str(self.options.data)
        columns: Columns = {name: [] for name in self._wanted}
        for file in files_at(named):
            for name, values in text_columns(file, self._wanted).items():
                if name not in self._may_be_blank and "" in values:
                    raise UserError(
                        f"{file.name}: column {name!r} is blank in row {values.index('') + 1}; "
                        "fill it in or remove the row"
                    )
                columns[name] += values
        frame = pd.DataFrame(columns, dtype="str")
        return Corpus("own", "own", frame, "the user's own data", f"the user's own data {named}")

    def pool(self, corpus: Corpus) -> Pool:
        """Every row of the data."""
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
            labels={aspect.name: aspect.codes(frame[aspect.name]) for aspect in aspects},
            groups=self._groups(frame),
            aspects=aspects,
            details=details_of(frame, options.details, options.aspects),
        )
        return Pool.without_official_split(rows)

    def _groups(self, frame: pd.DataFrame) -> IntArray:
        """int64 [n]: of the column of groups, or else of the pairs, and a row by itself."""
        options = self.options
        if options.group is not None:
            return numbered(frame[options.group].tolist())
        pairs = [""] * len(frame) if options.pair is None else frame[options.pair].tolist()
        return numbered([(name, place * (not name)) for place, name in enumerate(pairs)])

    def pairs(self, corpus: Corpus, pool: Pool, sizes: Sizes) -> Pairs | None:
        """The rows that name one; UserError where they are none, or blank throughout."""
        column = self.options.pair
        if column is None:
            return None
        names = corpus.frame[column].to_numpy()
        picked = np.flatnonzero(names != "")
        if not len(picked):
            raise UserError(f"the pair column {column!r} is blank throughout; leave it out")
        return pairs_of(pool.rows.take(picked), names[picked].tolist())

    def most(self, rows: Rows) -> Sizes:
        """Rows to draw at most, however many there are."""
        each = MOST_EVALUATION // len(rows.cell_names)
        valid = math.ceil(MOST_TRAINING * VALID_SHARE)
        return Sizes(MOST_TRAINING, valid, max(each, LEAST_A_CELL))
