"""Tensors that several names share are stored once, and what no file holds is refused early."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

from data.errors import UserError
from harness.contract.artifacts import tied_names, untied
from harness.contract.stored import StoredMethod
from harness.encoders.backbones import Backbone
from harness.system.progress import silent


class Tied(StoredMethod):
    """A method whose network uses one weight twice."""

    name = "tied"

    def learn(self, task, *, seed, progress) -> None:
        self.network = self.build()
        nn.init.constant_(self.network["into"].weight, 7.0)

    def build(self) -> nn.ModuleDict:
        network = nn.ModuleDict({"into": nn.Linear(3, 3), "out": nn.Linear(3, 3)})
        network["out"].weight = network["into"].weight
        return network

    def learned(self):
        return {"network": self.network}

    def restore(self, tensors) -> None:
        self.network = self.build()

    def represent(self, texts, aspect):
        return np.zeros((len(texts), 1), dtype=np.float32)


def test_a_tied_weight_is_stored_once_and_stays_tied(toy_task, backbone, tmp_path: Path) -> None:
    method = Tied().fit(toy_task(), backbone, seed=0, progress=silent)
    method.save(tmp_path)
    with safe_open(tmp_path / "model.safetensors", "pt") as stored:
        assert set(stored.keys()) == {"network.into.weight", "network.into.bias"} | {
            "network.out.bias"
        }
    loaded = Tied().load(tmp_path, backbone)
    assert loaded.network["out"].weight is loaded.network["into"].weight
    assert (loaded.network["out"].weight == 7).all()
    assert loaded.trainable_parameters == method.trainable_parameters == 9 + 3 + 3


def test_neighbours_in_one_memory_are_no_ties() -> None:
    whole = torch.arange(6.0)
    state = {"first": whole[:3], "second": whole[3:], "again": whole[:3]}
    assert tied_names(state) == {"again": "first"}
    assert list(untied(state)) == ["first", "second"]
    assert tied_names({"a": whole[:0], "b": whole[:0]}) == {}


def test_what_no_file_holds_is_refused_before_it_is_trained(
    toy_task, backbone: Backbone, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = backbone.copy_model()
    layer = model.encoder.layer[0].attention.self
    weights = torch.randn(40, 32)
    layer.query.weight, layer.key.weight = (nn.Parameter(weights[i : i + 32]) for i in (0, 8))
    overlapping = replace(backbone, model=model)
    monkeypatch.setattr(Tied, "learn", lambda *_, **__: pytest.fail("it was trained"))
    with pytest.raises(UserError, match=r"query\.weight and .*key\.weight share some of their mem"):
        Tied().fit(toy_task(), overlapping, seed=0, progress=silent)
