"""Hidden states on disk: equal, checked, bounded, shared, and never in the way."""

import dataclasses
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from harness.encoders import encoding
from harness.encoders import hidden_state_cache as prefix_cache
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import frozen_vectors, mean_vectors
from harness.encoders.hidden_state_cache import PrefixCache, entry_key, without_cache
from harness.encoders.split_encoder import SplitEncoder


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


@pytest.mark.parametrize("damage", ["states", "about", "cut off", "a folder"])
def test_a_damaged_entry_is_dropped_and_made_anew(tmp_path: Path, damage: str) -> None:
    cache = PrefixCache(tmp_path)
    cache.write("a", states())
    entry = tmp_path / "a"
    content = bytearray(entry.read_bytes())
    if damage == "states":
        content[-7] ^= 1
        entry.write_bytes(bytes(content))
    elif damage == "about":
        entry.write_bytes(b"{" * prefix_cache._HEAD_BYTES + content[prefix_cache._HEAD_BYTES :])
    elif damage == "cut off":
        entry.write_bytes(bytes(content[:-2]))
    else:
        entry.unlink()
        entry.mkdir()
        (entry / "states.raw").write_bytes(b"of an earlier version")
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
    raw = (folder / "a").read_bytes()[prefix_cache._HEAD_BYTES :]
    (folder / "a").write_bytes(content.ljust(prefix_cache._HEAD_BYTES) + raw)
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


def test_of_several_that_need_an_entry_one_computes_it(tmp_path: Path) -> None:
    computed = []

    def compute() -> torch.Tensor:
        computed.append(1)
        time.sleep(0.2)
        return states(5000)

    with ThreadPoolExecutor(6) as pool:
        found = list(
            pool.map(lambda _: PrefixCache(tmp_path).made("a", (5000, 4), compute), range(6))
        )
    assert len(computed) == 1
    assert all(torch.equal(each, states(5000)) for each in found)
    # Another shape than is asked for is nobody's, so it is computed; a lost folder is no harm.
    assert PrefixCache(tmp_path).made("a", (3, 4), lambda: states(3)).shape == (3, 4)
    (tmp_path / "file").touch()
    lost = PrefixCache(tmp_path / "file" / "below")
    assert lost.made("a", (2, 4), lambda: states(2)).shape == (2, 4)


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    cache = PrefixCache(tmp_path)
    for name in (".old", ".new"):
        (tmp_path / name).write_bytes(b"half")
    # Earlier versions kept each entry in a folder.
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "states.raw").write_bytes(b"whole")
    long_ago = time.time() - 2 * prefix_cache.ABANDONED_SECONDS
    for name in (".old", "folder"):
        os.utime(tmp_path / name, (long_ago, long_ago))
    cache.write("a", states())
    assert {entry.name for entry in tmp_path.iterdir()} == {".new", "a"}


def test_a_clock_that_jumps_leaves_the_bound(tmp_path: Path) -> None:
    """Entries from the future count as used last; the newest is kept, and the size is bounded."""
    size = states().nbytes
    cache = PrefixCache(tmp_path, limit_bytes=2 * size)
    ahead = time.time() + 10 * 365 * 86_400
    for name in "ab":
        cache.write(name, states())
        os.utime(tmp_path / name, (ahead, ahead))
    for name in "cd":
        cache.write(name, states())
        assert cache.read(name) is not None
        assert len(list(tmp_path.glob("[!.]*"))) == 2


def test_an_entry_that_is_evicted_while_it_is_read_stays_readable(tmp_path: Path) -> None:
    cache = PrefixCache(tmp_path, limit_bytes=states(5000).nbytes)
    cache.write("a", states(5000))
    found = cache.read("a")
    cache.write("b", states(5000, fill=2.5))
    assert cache.read("a") is None
    assert found is not None
    assert torch.equal(found, states(5000))


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = PrefixCache(tmp_path / "file" / "below")
    cache.write("a", states())
    assert cache.read("a") is None


def test_keys_follow_from_all_that_the_states_follow_from() -> None:
    ids = [torch.tensor([1, 2]), torch.tensor([3])]
    keys = {
        entry_key("x", 1, ids, "cpu torch.bfloat16"),
        entry_key("y", 1, ids, "cpu torch.bfloat16"),
        entry_key("x", 2, ids, "cpu torch.bfloat16"),
        entry_key("x", 1, ids[::-1], "cpu torch.bfloat16"),
        entry_key("x", 1, [torch.tensor([1]), torch.tensor([2, 3])], "cpu torch.bfloat16"),
        entry_key("x", 1, ids, "cpu torch.float32"),
        entry_key("x", 1, ids, "cuda torch.bfloat16"),
    }
    assert len(keys) == 7
    assert entry_key("x", 1, ids, "cpu torch.bfloat16") in keys


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
    (entry,) = (tmp_path / "prefixes").glob("[!.]*")
    head = prefix_cache._HEAD_BYTES
    raw = entry.read_bytes()[head:]
    about = json.loads(entry.read_bytes()[:head])
    about["shape"] = [about["shape"][0] // 2, about["shape"][1] * 2]
    entry.write_bytes(json.dumps(about).encode().ljust(head) + raw)
    again = SplitEncoder(backbone, 1).prefixes(texts, 20)
    assert torch.equal(again.states, first.states)


def test_the_limit_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISENTANGLE_CACHE_GIB", "0")
    cache = PrefixCache(tmp_path)
    cache.write("a", states())
    assert cache.read("a") is None
    monkeypatch.setenv("DISENTANGLE_CACHE_GIB", "many")
    assert prefix_cache._limit() == prefix_cache.DEFAULT_GIB * 2**30


def test_frozen_vectors_are_kept_and_equal_and_can_be_computed_again(
    backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"sentence {i} of a few words" for i in range(20)]
    plain = mean_vectors(backbone, texts, 16)
    computed: list[int] = []

    def counted(*given: Any) -> Any:
        computed.append(1)
        return mean_vectors(*given)

    monkeypatch.setattr(encoding, "mean_vectors", counted)
    for _ in range(2):
        np.testing.assert_array_equal(frozen_vectors(backbone, texts, 16), plain)
    assert len(computed) == 1
    with without_cache():
        np.testing.assert_array_equal(frozen_vectors(backbone, texts, 16), plain)
    assert len(computed) == 2
    frozen_vectors(backbone, texts, 8)
    frozen_vectors(dataclasses.replace(backbone, weights_hash="other"), texts, 16)
    assert len(computed) == 4
