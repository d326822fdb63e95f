"""Hidden states on disk: equal, checked, bounded, shared, and never in the way."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness import prefix_cache
from harness.prefix import SplitEncoder
from harness.prefix_cache import PrefixCache, entry_key


@pytest.fixture(autouse=True)
def small_states_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix_cache, "SMALLEST_BYTES", 0)


def states(rows: int = 10, fill: float = 1.5) -> torch.Tensor:
    return torch.full((rows, 4), fill, dtype=torch.bfloat16)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32], ids=str)
def test_what_was_written_is_read_without_being_loaded(dtype: torch.dtype, tmp_path: Path) -> None:
    cache = PrefixCache(tmp_path)
    assert cache.read("a") is None
    kept = torch.randn(50, 4).to(dtype)
    cache.write("a", kept)
    found = cache.read("a")
    assert found is not None
    assert torch.equal(found, kept)
    assert found.dtype == dtype
    # What is changed in memory stays out of the file.
    found.fill_(0)
    again = cache.read("a")
    assert again is not None
    assert torch.equal(again, kept)


@pytest.mark.parametrize("damage", ["states", "about", "missing"])
def test_a_damaged_entry_is_dropped_and_made_anew(tmp_path: Path, damage: str) -> None:
    cache = PrefixCache(tmp_path)
    cache.write("a", states())
    raw, about = tmp_path / "a" / "states.raw", tmp_path / "a" / "about.json"
    if damage == "states":
        content = bytearray(raw.read_bytes())
        content[7] ^= 1
        raw.write_bytes(bytes(content))
    elif damage == "about":
        about.write_text("{")
    else:
        raw.unlink()
    assert cache.read("a") is None
    cache.write("a", states(fill=2.5))
    found = cache.read("a")
    assert found is not None
    assert torch.equal(found, states(fill=2.5))


@given(content=st.binary(max_size=60) | st.builds(str.encode, st.text(max_size=60)))
def test_no_description_of_an_entry_can_break_a_reader(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = PrefixCache(folder)
    cache.write("a", states())
    (folder / "a" / "about.json").write_bytes(content)
    assert cache.read("a") is None


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    size = states().nbytes
    cache = PrefixCache(tmp_path, limit_bytes=2 * size)
    for second, name in enumerate("ab"):
        cache.write(name, states())
        os.utime(tmp_path / name, (second, second))
    assert cache.read("a") is not None
    cache.write("c", states())
    assert cache.read("b") is None
    assert cache.read("a") is not None
    assert cache.read("c") is not None
    cache.write("too large", states(rows=100))
    assert cache.read("too large") is None


def test_two_writers_of_one_entry(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: PrefixCache(tmp_path).write("a", states(5000)), range(12)))
    found = PrefixCache(tmp_path).read("a")
    assert found is not None
    assert torch.equal(found, states(5000))
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = PrefixCache(tmp_path / "file" / "below")
    cache.write("a", states())
    assert cache.read("a") is None


def test_keys_follow_from_all_that_the_states_follow_from() -> None:
    ids = [torch.tensor([1, 2]), torch.tensor([3])]
    keys = {
        entry_key("x", 1, ids, torch.bfloat16),
        entry_key("y", 1, ids, torch.bfloat16),
        entry_key("x", 2, ids, torch.bfloat16),
        entry_key("x", 1, ids[::-1], torch.bfloat16),
        entry_key("x", 1, [torch.tensor([1]), torch.tensor([2, 3])], torch.bfloat16),
        entry_key("x", 1, ids, torch.float32),
    }
    assert len(keys) == 6
    assert entry_key("x", 1, ids, torch.bfloat16) in keys


def test_a_split_encoder_takes_its_states_from_the_cache(
    backbone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE", str(tmp_path))
    texts = ("one text", "another one")
    first = SplitEncoder(backbone, 1).prefixes(texts, 20)
    split = SplitEncoder(backbone, 1)
    monkeypatch.setattr(split, "_computed", lambda *_: pytest.fail("computed again"))
    assert torch.equal(split.prefixes(texts, 20).states, first.states)
    # An entry of another shape under the same name would be somebody's mistake: it is not used.
    (entry,) = (tmp_path / "prefixes").iterdir()
    about = json.loads((entry / "about.json").read_text())
    about["shape"] = [about["shape"][0] // 2, about["shape"][1] * 2]
    (entry / "about.json").write_text(json.dumps(about))
    anew = SplitEncoder(backbone, 1).prefixes(texts, 20)
    assert torch.equal(anew.states, first.states)


def test_the_limit_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE_GIB", "0")
    cache = PrefixCache(tmp_path)
    cache.write("a", states())
    assert cache.read("a") is None
    monkeypatch.setenv("DISENTANGLE_CACHE_GIB", "many")
    assert prefix_cache._limit() == prefix_cache.DEFAULT_GIB * 2**30
