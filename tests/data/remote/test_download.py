"""Downloads: whole, resumed, verified, or one clear error."""

import errno
import hashlib
import io
import json
import re
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from loopback import Loopback

from data.errors import UserError
from data.remote import download as module
from data.remote.download import LOCK_NAME, download
from data.remote.sources import SOURCES, Source

BODY = np.random.default_rng(0).bytes(700_000)


def get(source: Source, folder: Path) -> Path:
    return download(source, folder / "file.bin", lock=folder / LOCK_NAME)


def left_over(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_file_arrives_whole_and_is_locked(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    assert get(source, tmp_path).read_bytes() == BODY
    assert left_over(tmp_path) == {"file.bin", LOCK_NAME}
    entry = json.loads((tmp_path / LOCK_NAME).read_text())[source.url]
    assert entry == {"sha256": hashlib.sha256(BODY).hexdigest(), "bytes": len(BODY)}


def test_second_call_asks_the_server_nothing(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    get(source, tmp_path)
    before = len(server.requests)
    get(source, tmp_path)
    assert len(server.requests) == before == 1


def test_truncated_body_is_continued(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    server.cuts["a.bin"] = [300_000, 100_000]
    assert get(source, tmp_path).read_bytes() == BODY
    ranges = [wanted for _, wanted in server.requests]
    assert ranges[0] is None
    assert len(ranges) == 3
    assert all(wanted and wanted.startswith("bytes=") for wanted in ranges[1:])
    assert ranges[1] != "bytes=0-"


def test_partial_file_of_an_earlier_run_is_continued(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    (tmp_path / "file.bin.part").write_bytes(BODY[:1000])
    assert get(source, tmp_path).read_bytes() == BODY
    assert server.requests == [("a.bin", "bytes=1000-")]


def test_server_without_ranges_starts_over(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    server.ranges = False
    server.cuts["a.bin"] = [300_000]
    assert get(source, tmp_path).read_bytes() == BODY
    assert len(server.requests) == 2


def test_file_that_changed_in_between_is_not_mixed(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    server.cuts["a.bin"] = [300_000] * module.ATTEMPTS
    server.ranges = False
    with pytest.raises(UserError, match="cannot download"):
        get(source, tmp_path)
    assert (tmp_path / "file.bin.part").stat().st_size > 0
    server.ranges = True
    changed = BODY[::-1]
    server.put("a.bin", changed)
    assert get(source, tmp_path).read_bytes() == changed


def test_partial_file_longer_than_the_original_starts_over(
    server: Loopback, tmp_path: Path
) -> None:
    source = server.put("a.bin", BODY)
    (tmp_path / "file.bin.part").write_bytes(BODY + b"more")
    assert get(source, tmp_path).read_bytes() == BODY


def test_server_errors_that_pass_are_waited_out(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    server.failures["a.bin"] = [503, 429]
    assert get(source, tmp_path).read_bytes() == BODY


def test_attempts_end(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    server.failures["a.bin"] = [500] * 100
    with pytest.raises(UserError, match=r"after 5 attempts.*answered 500"):
        get(source, tmp_path)
    assert len(server.requests) == module.ATTEMPTS


def test_missing_file_is_one_error_at_once(server: Loopback, tmp_path: Path) -> None:
    source = Source(f"http://127.0.0.1:{server.port}/nothing")
    with pytest.raises(UserError, match="answered 404"):
        get(source, tmp_path)
    assert len(server.requests) == 1
    assert left_over(tmp_path) == set()


@pytest.mark.parametrize("algorithm", ["md5", "sha256"])
def test_pin_is_checked(server: Loopback, tmp_path: Path, algorithm: str) -> None:
    right = hashlib.new(algorithm, BODY).hexdigest()
    good = server.put("a.bin", BODY, pin=f"{algorithm}:{right}")
    assert get(good, tmp_path).read_bytes() == BODY
    (tmp_path / "file.bin").unlink()
    wrong = hashlib.new(algorithm, b"other").hexdigest()
    bad = server.put("a.bin", BODY, pin=f"{algorithm}:{wrong}")
    with pytest.raises(UserError, match=f"expected {algorithm} {wrong}, got {right}"):
        get(bad, tmp_path)
    assert left_over(tmp_path) == {LOCK_NAME}


def test_changed_original_without_a_pin_is_refused(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    get(source, tmp_path).unlink()
    server.put("a.bin", b"forged")
    got = hashlib.sha256(b"forged").hexdigest()
    with pytest.raises(UserError, match=f"has changed.*got {got}"):
        get(source, tmp_path)
    assert left_over(tmp_path) == {LOCK_NAME}


def test_pin_outranks_the_lock_file(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    get(source, tmp_path).unlink()
    digest = hashlib.sha256(b"new edition").hexdigest()
    pinned = server.put("a.bin", b"new edition", pin=f"sha256:{digest}")
    assert get(pinned, tmp_path).read_bytes() == b"new edition"
    assert json.loads((tmp_path / LOCK_NAME).read_text())[source.url]["sha256"] == digest


def test_damaged_local_file_is_fetched_again(server: Loopback, tmp_path: Path) -> None:
    source = server.put("a.bin", BODY)
    get(source, tmp_path).write_bytes(b"damaged")
    assert get(source, tmp_path).read_bytes() == BODY


def test_unreadable_lock_file_is_one_error(server: Loopback, tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("[1, 2")
    with pytest.raises(UserError, match="not a readable lock file"):
        get(server.put("a.bin", BODY), tmp_path)


def test_no_network_is_one_error(server: Loopback, tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        closed = probe.getsockname()[1]
    with pytest.raises(UserError, match=r"cannot download .* check the network") as caught:
        get(Source(f"http://127.0.0.1:{closed}/a.bin"), tmp_path)
    assert "\n" not in str(caught.value)
    assert left_over(tmp_path) == set()


def test_address_of_no_kind_is_one_error(server: Loopback, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not-an-address"):
        get(Source("not-an-address"), tmp_path)


def test_full_disk_is_one_error_and_keeps_the_part(
    server: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = server.put("a.bin", BODY)

    class FullDisk(io.FileIO):
        def write(self, block: Any) -> int:
            if self.tell() + len(block) > 200_000:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(block)

    def full(path: Path, mode: str) -> io.IOBase:
        return FullDisk(path, mode) if mode in ("ab", "wb") else io.FileIO(path, mode)

    monkeypatch.setattr(module, "open", full, raising=False)
    with pytest.raises(UserError, match="No space left on device; free space"):
        get(source, tmp_path)
    kept = (tmp_path / "file.bin.part").stat().st_size
    assert 0 < kept < len(BODY)
    monkeypatch.delattr(module, "open")
    assert get(source, tmp_path).read_bytes() == BODY
    assert server.requests[-1] == ("a.bin", f"bytes={kept}-")


def test_bar_is_silent_away_from_a_terminal(
    server: Loopback, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    source = server.put("a.bin", BODY)
    get(source, tmp_path)
    assert capfd.readouterr() == ("", "")


def test_publishers_digests_are_pinned() -> None:
    assert {name: source.pin for name, source in SOURCES["movies"].items()} == {
        "aclimdb": "md5:7c2ac02c03563afcf9b574c7e56c153a",
        "movielens": "md5:6b51fb2759a8657d3bfcbfc42b592ada",
    }


def test_no_git_source_without_a_digest_points_at_a_moving_branch() -> None:
    for name, source in {
        **SOURCES["movies"],
        **SOURCES["tweets"],
        **SOURCES["ptb"],
        **SOURCES["yelp"],
        **SOURCES["captions"],
    }.items():
        at_commit = re.search(r"raw\.githubusercontent\.com/[^/]+/[^/]+/[0-9a-f]{40}/", source.url)
        assert source.pin or at_commit, name
        if source.pin:
            algorithm, _, digest = source.pin.partition(":")
            assert re.fullmatch("[0-9a-f]+", digest), name
            assert len(digest) == {"md5": 32, "sha256": 64}[algorithm], name


def test_pinned_sha256_are_those_of_the_real_tweets() -> None:
    """The files hold a label or a tweet a line; the table holds them in the same order."""
    path = Path(__file__).parents[4] / "shared" / "data" / "tweets.parquet"
    if not path.exists():
        pytest.skip(f"no real tweets at {path}")
    frame = pd.read_parquet(path)
    for (corpus, part), rows in frame[frame["split"] != "all"].groupby(["corpus", "split"]):
        stem = f"{corpus.removeprefix('tweeteval_')}-{part}"
        for kind, lines in (("text", rows["text"]), ("labels", rows["toxic"])):
            content = "".join(f"{line}\n" for line in lines).encode()
            expected = f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert SOURCES["tweets"][f"{stem}-{kind}"].pin == expected, (stem, kind)
