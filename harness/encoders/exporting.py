"""Encoders as folders that Sentence Transformers loads, and `AutoModel` where no map follows.

The folder is a checkpoint of the backbone's own family with three modules: transformer, mean
pooling and, where there is an affine map, a dense layer without activation. Source: the format
that https://sbert.net describes under *Creating Custom Models*.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from data.errors import UserError
from harness.encoders import adapted as code
from harness.encoders.adapted import AdaptedMap
from harness.encoders.architectures import without_sharing
from harness.encoders.plain_encoder import Affine, PlainEncoder

if TYPE_CHECKING:
    from transformers import PreTrainedModel

ENCODER_BESIDE_DECODER = frozenset({"bart", "bigbird_pegasus", "led", "mbart", "plbart"})
"""Encoder-decoders of which Sentence Transformers, up to 6.2, cannot load the encoder alone.

It runs them whole, and the encoder's states are one of the outputs.
"""


def write_encoder(encoder: PlainEncoder, folder: Path, card: str) -> None:
    """Write an encoder into an existing folder; OSError where that fails.

    `card`: the text of README.md, behind the lines that the model hub reads and an example of use.
    """
    adapted = {
        path: module.up.weight.shape
        for path, module in encoder.model.named_modules()
        if isinstance(module, AdaptedMap)
    }
    if adapted and encoder.backbone.whole is not None:
        raise UserError(
            "no library loads an encoder with adapters out of an encoder-decoder; "
            "export it from an encoder, or keep the method with its save(folder)"
        )
    _write_checkpoint(encoder, folder)
    if adapted:
        _write_code(encoder.model, adapted, folder)
    width, family = encoder.backbone.width, encoder.model.config.model_type
    transformer: dict[str, Any] = {"max_seq_length": encoder.max_tokens, "do_lower_case": False}
    if family in ENCODER_BESIDE_DECODER:
        output = {"method": "forward", "method_output_name": "encoder_last_hidden_state"}
        transformer["modality_config"] = {"text": output}
        transformer["module_output_name"] = "token_embeddings"
    _write_json(folder / "sentence_bert_config.json", transformer)
    pooling: dict[str, Any] = {"word_embedding_dimension": width}
    for way in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens"):
        pooling[f"pooling_mode_{way}"] = way == "mean_tokens"
    _write_json(folder / "1_Pooling" / "config.json", pooling)
    modules = [("", "Transformer"), ("1_Pooling", "Pooling")]
    if encoder.affine is not None:
        modules.append(("2_Dense", "Dense"))
        _write_dense(encoder.affine, folder / "2_Dense")
    listed = [
        {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for i, (path, kind) in enumerate(modules)
    ]
    _write_json(folder / "modules.json", listed)
    use = _use(encoder, ", trust_remote_code=True" if adapted else "")
    (folder / "README.md").write_text(f"{use}{card}", encoding="utf-8")


def _write_checkpoint(encoder: PlainEncoder, folder: Path) -> None:
    backbone = encoder.backbone
    if backbone.whole is None:
        written = copy.deepcopy(encoder.model)
        without_sharing(written)
    else:
        # Weights that it ties to the decoder's, such as embeddings, change there as well.
        written = copy.deepcopy(backbone.whole)
        written.get_encoder().load_state_dict(encoder.model.state_dict())
    written.save_pretrained(folder)
    tokenizer = copy.deepcopy(backbone.tokenizer)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token
    tokenizer.save_pretrained(folder)


def _write_code(model: PreTrainedModel, adapted: Mapping[str, Sequence[int]], folder: Path) -> None:
    """Write what builds the model's family with adapters, and say so in its configuration.

    The name of its kind is new, so that nothing loads the encoder and leaves the adapters out.
    """
    family, source = model.config.model_type, Path(str(code.__file__)).read_text(encoding="utf-8")
    for ours, theirs in (
        ("adapted-bert", f"adapted-{family}"),
        ("BertConfig", type(model.config).__name__),
        ("BertModel", type(model).__name__),
    ):
        source = source.replace(ours, theirs)
    (folder / "adapted.py").write_text(source, encoding="utf-8")
    file = folder / "config.json"
    about = json.loads(file.read_text(encoding="utf-8"))
    about |= {"model_type": f"adapted-{family}", "architectures": ["AdaptedModel"]}
    about["auto_map"] = {f"Auto{kind}": f"adapted.Adapted{kind}" for kind in ("Config", "Model")}
    about["adapted"] = {path: list(shape) for path, shape in adapted.items()}
    _write_json(file, about)


def _write_dense(affine: Affine, folder: Path) -> None:
    from safetensors.torch import save_file

    out, into = affine.weight.shape
    activation = "torch.nn.modules.linear.Identity"
    about = {"in_features": into, "out_features": out, "bias": True}
    _write_json(folder / "config.json", {**about, "activation_function": activation})
    parts = {"linear.weight": affine.weight, "linear.bias": affine.bias}
    tensors = {
        name: torch.from_numpy(np.ascontiguousarray(part, dtype=np.float32))
        for name, part in parts.items()
    }
    save_file(tensors, folder / "model.safetensors")


def _write_json(file: Path, content: object) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _use(encoder: PlainEncoder, trust: str) -> str:
    """What the model hub reads, and how vectors are had from the folder.

    `trust` is what loading it asks for beside its name.
    """
    called = "model" if encoder.backbone.whole is None else "model.get_encoder()"
    behind = "" if encoder.affine is None else ", with the affine map of `2_Dense` behind it"
    return f"""---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
tags:
- sentence-transformers
- feature-extraction
---

```python
from sentence_transformers import SentenceTransformer

vectors = SentenceTransformer("FOLDER"{trust}).encode(["a text"])  # float32 [1, {encoder.width}]
```

With `model = AutoModel.from_pretrained("FOLDER"{trust})` of `transformers` alone:

- a vector is the mean over the tokens of `{called}(...).last_hidden_state`{behind};
- texts are cut to {encoder.max_tokens} tokens, and padding does not count.

"""
