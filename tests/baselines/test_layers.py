"""What stands behind each layer, and erasure behind all of them."""

import numpy as np
import pytest
import torch
from toys import make_task

from baselines.leace_all_layers import LeaceAllLayers
from baselines.untuned import LAYERS, Untuned
from data.errors import UserError
from data.rows import TrainingTask
from harness.contract.method import Representation
from harness.encoders.backbones import Backbone
from harness.encoders.encoding import mean_pool, tokenise
from harness.system.progress import silent


def untuned(backbone: Backbone, left_out: int) -> Untuned:
    settings = Untuned.Settings(layers_left_out=left_out)
    return Untuned(settings).fit(make_task(), backbone, seed=0, progress=silent)


def hidden_states(backbone: Backbone, texts: tuple[str, ...]) -> list[Representation]:
    """Means of the embeddings and of each layer's token vectors, as the library gives them."""
    ids, mask = tokenise(backbone, texts, 96).batch(np.arange(len(texts)))
    with torch.no_grad():
        found = backbone.model(input_ids=ids, attention_mask=mask, output_hidden_states=True)
    return [mean_pool(states, mask).numpy() for states in found.hidden_states]


@pytest.mark.usefixtures("in_float32")
def test_vectors_are_those_behind_each_layer(backbone: Backbone) -> None:
    texts = make_task().valid.texts
    expected = hidden_states(backbone, texts)
    for left_out, states in enumerate(reversed(expected)):
        found = untuned(backbone, left_out).encode(texts, "colour")
        np.testing.assert_allclose(found, states, atol=1e-4)
    assert np.abs(expected[0] - expected[1]).max() > 0.1


def test_more_layers_than_there_are_and_an_export_of_some_are_refused(backbone: Backbone) -> None:
    method = untuned(backbone, len(hidden_states(backbone, ("a",))))
    with pytest.raises(UserError, match="has 2 layers; leave out 0 to 2"):
        method.encode(("a",), "colour")
    with pytest.raises(UserError, match="set layers_left_out to 0"):
        untuned(backbone, 1).plain_encoder("colour")
    assert [*LAYERS.values()] == [{"layers_left_out": count} for count in range(1, 6)]


def told(vectors: Representation, task: TrainingTask, aspect: str) -> float:
    """The distance between the means of the classes, in deviations."""
    first, second = (vectors[task.train.labels[aspect] == code].mean(0) for code in (0, 1))
    return float(np.linalg.norm(first - second) / vectors.std())


@pytest.mark.usefixtures("in_float32")
def test_behind_every_layer_the_means_of_erased_classes_are_equal(backbone: Backbone) -> None:
    task = make_task()
    method = LeaceAllLayers().fit(task, backbone, seed=0, progress=silent)
    texts = task.train.texts
    for depth in (1, 2):
        behind = method.scrubbed(texts, "animal", depth)
        erased = method.erasers[f"animal.{depth}"](behind)
        assert told(behind, task, "colour") > 0.05
        assert told(erased, task, "colour") < 1e-3
        assert told(erased, task, "animal") > 0.05
    np.testing.assert_array_equal(method.encode(texts, "animal"), erased)
    # What the first eraser leaves is what the second layer runs on.
    assert np.abs(behind - hidden_states(backbone, texts)[2]).max() > 1e-3
    with pytest.raises(UserError, match="no transformer with an affine map"):
        method.plain_encoder("animal")
