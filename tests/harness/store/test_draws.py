"""Stored draws come back, are the same for all methods of a draw, and damage is named."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.errors import UserError
from harness.store.draws import draw_key, read_draws, write_draw

IDS = [f"row-{number}" for number in range(300)]
GROUPS = np.arange(300) // 7


def inputs(**changes: Any) -> dict[str, Any]:
    task = {"name": "movies", "options": {}, "sizes": {"train": 10}}
    named = {"task": task, "corpus": {"content": "abc"}, "correlation": 0.85, "seed": 1}
    return {**named, "method": "leace", "settings": {}, **changes}


def test_a_draw_comes_back(tmp_path: Path) -> None:
    path = write_draw(tmp_path, "quick", inputs(), IDS, GROUPS)
    assert path.parent == tmp_path / "quick" / "draws" / "movies"
    found = read_draws(tmp_path, "quick")
    assert list(found) == [draw_key(inputs())]
    draw = found[draw_key(inputs())]
    assert draw.rows[1] == zlib.crc32(b"row-1")
    assert draw.groups.tolist() == GROUPS.tolist()
    assert not any(name in path.read_text() for name in IDS)


def test_methods_share_a_draw_and_seeds_do_not(tmp_path: Path) -> None:
    first = write_draw(tmp_path, "quick", inputs(), IDS, GROUPS)
    before = first.stat().st_mtime_ns
    assert write_draw(tmp_path, "quick", inputs(method="untuned"), IDS, GROUPS) == first
    assert first.stat().st_mtime_ns == before
    for change in ({"seed": 2}, {"correlation": 0.5}, {"corpus": {"content": "abd"}}):
        assert write_draw(tmp_path, "quick", inputs(**change), IDS, GROUPS) != first


def test_a_profile_without_draws_has_none(tmp_path: Path) -> None:
    assert read_draws(tmp_path, "quick") == {}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"schema": 7}, "schema 7"),
        ({"groups": "u1:AAAA"}, "300 rows with 3 groups"),
        ({"rows": "u4:!"}, "delete it"),
        ({"inputs": {"seed": 3}}, "not the hash"),
        ({"inputs": None}, "delete it"),
    ],
)
def test_damage_is_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    path = write_draw(tmp_path, "quick", inputs(), IDS, GROUPS)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(UserError, match=complaint):
        read_draws(tmp_path, "quick")
