"""Shares hold everything once, in order, and what is done in processes is what is done here."""

from math import sqrt
from pathlib import Path

import loky
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import made_record, stored, usual_records

from data.errors import UserError
from harness.outputs.tables import write_tables
from harness.store import records
from harness.store.records import read_records, write_record
from harness.system import parallel as shares


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes, however few trials there are and cores."""
    monkeypatch.setattr(shares, "LEAST", 1)
    monkeypatch.setattr(loky, "cpu_count", lambda: 2)
    records._read_all.cache_clear()


@given(st.lists(st.integers()), st.integers(0, 10**6))
def test_shares_hold_everything_in_order(items, trials):
    dealt = shares.shares(items, trials=trials)
    assert [item for share in dealt for item in share] == items
    assert len(dealt) <= max(1, trials // shares.LEAST)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_work_is_done_for_every_part_and_errors_come_back():
    assert shares.in_processes(sqrt, [4.0]) == [2.0]
    assert shares.in_processes(sqrt, [4.0, 9.0, 16.0]) == [2.0, 3.0, 4.0]
    with pytest.raises(ValueError, match="math domain"):
        shares.in_processes(sqrt, [4.0, -1.0])


@pytest.mark.usefixtures("two")
def test_records_read_in_shares_are_those_read_alone(tmp_path):
    written = usual_records(3)
    for record in written:
        write_record(tmp_path, "quick", record)
    found = read_records(tmp_path, "quick")
    assert sorted(found, key=lambda r: r.key) == sorted(written, key=lambda r: r.key)
    last = max((tmp_path / "quick/records").rglob("*.json"))
    last.write_text(last.read_text()[:-9])
    with pytest.raises(UserError, match=last.name):
        read_records(tmp_path, "quick")


def test_tables_made_in_shares_are_those_made_alone(tmp_path, request):
    def tables(folder: Path) -> dict[str, bytes]:
        everything = [
            *usual_records(3),
            *usual_records(2, task="tweets"),
            *usual_records(2, task="letters"),
            made_record("elsewhere", task="tweets"),
            *(made_record("oracle", seed=s, target=0.95, balanced=True) for s in range(3)),
        ]
        return {p.name: p.read_bytes() for p in write_tables(stored(folder, everything), "quick")}

    alone = tables(tmp_path / "alone")
    request.getfixturevalue("two")
    assert tables(tmp_path / "shared") == alone
