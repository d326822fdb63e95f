"""Which rows of a corpus were evaluated, and their groups: once for each draw, without any text.

Evaluation rows follow from the task, its corpus, the correlation and the seed, and are the same
for all methods, so records do not repeat them. Whoever compares seeds needs to know which rows and
groups they share.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import UserError
from harness.store.base64_arrays import pack_codes, unpack_codes
from harness.store.records import folder_name, key_of
from harness.system.storage import write_atomically

IntArray = NDArray[np.int64]

SCHEMA = 1
DETERMINING = ("task", "corpus", "correlation", "seed")
"""The inputs of a trial that its evaluation rows follow from."""


@dataclass(frozen=True, eq=False)
class EvaluationDraw:
    """The evaluation rows of one task and seed, in the order of the records' rows.

    Attributes
    ----------
    rows : int64 [n], CRC-32 of each row's name in its corpus.
    groups : int64 [n], the number of its group in the corpus; rows without groups are their own.
    pair_groups : int64 [m], of the minimal pairs; empty where there are none.
    """

    rows: IntArray
    groups: IntArray
    pair_groups: IntArray


def draw_key(inputs: Mapping[str, Any]) -> str:
    """20 hexadecimal digits for what determines the draw, from the inputs of any trial on it."""
    return key_of({name: inputs.get(name) for name in DETERMINING})


def draw_path(results: Path, profile: str, inputs: Mapping[str, Any]) -> Path:
    """Where the draw of a trial lies, from the inputs of its record."""
    task = folder_name(str(inputs["task"]["name"]))
    return results / profile / "draws" / task / f"{draw_key(inputs)}.json"


def write_draw(
    results: Path,
    profile: str,
    inputs: Mapping[str, Any],
    ids: Sequence[str],
    groups: IntArray,
    pair_groups: IntArray | None = None,
) -> Path:
    """Store the draw of a trial, atomically; a draw that is there already stays as it is.

    UserError where the folder cannot be written.

    Parameters
    ----------
    inputs : those of the trial's record.
    ids : n names of the evaluation rows, unique in their corpus.
    groups : int64 [n].
    pair_groups : int64 [m], of minimal pairs, all from 0 on or all below it.
    """
    path = draw_path(results, profile, inputs)
    if not path.exists():
        rows = np.array([zlib.crc32(name.encode()) for name in ids], dtype=np.int64)
        content = {
            "schema": SCHEMA,
            "inputs": {name: inputs.get(name) for name in DETERMINING},
            "rows": pack_codes(rows),
            "groups": pack_codes(groups),
        }
        if pair_groups is not None:
            content["pair_groups"] = pack_codes(np.abs(pair_groups))
        text = json.dumps(content, indent=1, allow_nan=False)
        write_atomically(path, f"{text}\n", wait=False)
    return path


def read_draws(results: Path, profile: str) -> Mapping[str, EvaluationDraw]:
    """Key to draw, for every draw that a profile has stored.

    UserError where a file is damaged, of another schema, or stored under another name than its key.
    """
    folder = results / profile / "draws"
    return {path.stem: _read(path) for path in sorted(folder.glob("*/*.json"))}


def _read(path: Path) -> EvaluationDraw:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["schema"] != SCHEMA:
            raise ValueError(f"schema {content['schema']!r}, not {SCHEMA}")
        if draw_key(content["inputs"]) != path.stem:
            raise ValueError("the name is not the hash of the inputs")
        pairs = content.get("pair_groups")
        draw = EvaluationDraw(
            unpack_codes(content["rows"]),
            unpack_codes(content["groups"]),
            unpack_codes(pairs) if pairs else np.zeros(0, dtype=np.int64),
        )
        if len(draw.rows) != len(draw.groups):
            raise ValueError(f"{len(draw.rows)} rows with {len(draw.groups)} groups")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{path} holds no evaluation draw that can be read ({error}); delete it and run "
            f"`python -m harness run --profile {path.parents[2].name}`, which writes it again"
        ) from error
    return draw
