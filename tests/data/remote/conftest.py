"""A misbehaving file server for the download tests, and no waiting between attempts."""

from collections.abc import Iterator

import pytest
from loopback import Loopback, serve

from data.remote import download


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    monkeypatch.setattr(download, "BACKOFF_SECONDS", 0.0)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    loopback = Loopback()
    running = serve(loopback)
    yield loopback
    running.shutdown()
    running.server_close()
