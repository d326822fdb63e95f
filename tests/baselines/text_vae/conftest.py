"""Both families of backbones, and texts with a few words."""

import pytest
from tiny_t5 import write_t5

from harness.encoders.backbones import Backbone, resolve

TEXTS = (
    "a red cat sits here",
    "the blue dog runs",
    "the owl sleeps now here",
    "a cat runs",
    "a blue owl sits now",
    "the red dog sleeps here now",
    "a dog",
    "the cat sits now",
)


@pytest.fixture(scope="session")
def t5(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return resolve(str(write_t5(tmp_path_factory.mktemp("t5"))))


@pytest.fixture(params=["random-bert", "t5"])
def seq2seq(request: pytest.FixtureRequest, backbone: Backbone, t5: Backbone) -> Backbone:
    """Both families."""
    return t5 if request.param == "t5" else backbone


@pytest.fixture
def texts() -> tuple[str, ...]:
    return TEXTS
