"""`fewrel_wiki` and `fewrel_semeval` from their public originals: relation to its examples."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import UserError


def relation_columns(paths: Mapping[str, Path]) -> dict[str, list[Any]]:
    """Columns of the corpus from its one file, relation after relation.

    Of an entity that is marked several times the first place is taken. UserError where the file
    is unreadable or of another form.
    """
    (path,) = paths.values()
    found: dict[str, list[Any]] = {"relation": [], "tokens": []}
    try:
        for relation, examples in json.loads(path.read_text(encoding="utf-8")).items():
            for example in examples:
                found["relation"].append(relation)
                found["tokens"].append(example["tokens"])
                for side in ("head", "tail"):
                    name, entity, places = example[side[0]]
                    for column, value in (("", name), ("_id", entity), ("_positions", places[0])):
                        found.setdefault(side + column, []).append(value)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(f"{path} is not in the form of FewRel ({error}); get it again") from error
    return found
