"""Reads an exported folder without this project, and without Sentence Transformers."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file
from transformers import AutoModel, AutoTokenizer


def vectors_of(folder: Path, texts: Sequence[str]) -> np.ndarray:
    """What the modules that modules.json lists make of the texts, one text at a time."""
    kinds = {
        m["type"].rpartition(".")[2]: folder / m["path"] for m in _json(folder / "modules.json")
    }
    assert list(kinds) in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Dense"])
    settings = _json(folder / "sentence_bert_config.json")
    pooling = _json(kinds["Pooling"] / "config.json")
    ways = {way for way, used in pooling.items() if way.startswith("pooling_mode") and used}
    assert ways == {"pooling_mode_mean_tokens"}
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=True)
    model = AutoModel.from_pretrained(folder, trust_remote_code=True).eval()
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    assert tokenizer.pad_token_id is not None
    means = []
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=settings["max_seq_length"])["input_ids"]
        with torch.no_grad():
            means.append(model(input_ids=torch.tensor([ids])).last_hidden_state[0].mean(0).numpy())
    found = np.stack(means)
    assert found.shape[1] == pooling["word_embedding_dimension"]
    if "Dense" not in kinds:
        return found
    about = _json(kinds["Dense"] / "config.json")
    assert about["activation_function"] == "torch.nn.modules.linear.Identity"
    dense = load_file(kinds["Dense"] / "model.safetensors")
    assert dense["linear.weight"].shape == (about["out_features"], about["in_features"])
    return found @ dense["linear.weight"].T + dense["linear.bias"]


def _json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))
