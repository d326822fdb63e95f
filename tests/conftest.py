"""What all tests share: the random backbone and a small labelled task."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from toys import make_rows, make_task

from data.rows import Rows, TrainingTask
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.device import device
from harness.encoders.precision import compute_dtype
from harness.system.processor import PRECISION_VARIABLE

# How long an example takes says more about the machine than about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first, so that no worker is left alone with one of them at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test reads or writes the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISENTANGLE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def on_the_processor() -> Iterator[None]:
    """Tests say the same on every machine; those that need a GPU ask for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("torch.cuda.is_available", lambda: False)
        device.cache_clear()
        yield


@pytest.fixture
def in_float32(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever the machine multiplies in, results differ by the order of sums at most."""
    monkeypatch.setenv(PRECISION_VARIABLE, "float32")
    compute_dtype.cache_clear()
    yield
    compute_dtype.cache_clear()


@pytest.fixture(scope="session")
def backbone() -> Backbone:
    return resolve("random-bert")


@pytest.fixture(scope="session")
def toy_rows() -> Callable[..., Rows]:
    return make_rows


@pytest.fixture
def toy_task() -> Callable[..., TrainingTask]:
    return make_task
