"""The report that several files of tests read."""

from pathlib import Path

import pytest
from made_records import stored
from report_pages import RECORDS, Page

from harness.outputs.report import write_report


@pytest.fixture(scope="package")
def page(tmp_path_factory) -> tuple[Path, str, Page]:
    folder = stored(tmp_path_factory.mktemp("report"), RECORDS)
    text = write_report(folder, "quick").read_text(encoding="utf-8")
    return folder, text, Page(text)
