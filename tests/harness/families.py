"""A small random checkpoint of each family of encoders that the suite works on."""

import torch
from transformers import (
    AutoModel,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    MPNetConfig,
    RobertaConfig,
)

from harness.encoders.backbones import Backbone

COMMON = {
    "vocab_size": 100,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "num_hidden_layers": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 140,
    "pad_token_id": 0,
}
FAMILIES = {
    "bert": BertConfig(**COMMON),
    "roberta": RobertaConfig(**COMMON),
    "electra": ElectraConfig(**COMMON, embedding_size=16),
    "mpnet": MPNetConfig(**COMMON),
    "modernbert": ModernBertConfig(**COMMON, global_attn_every_n_layers=2, local_attention=4),
    "distilbert": DistilBertConfig(
        vocab_size=100, dim=32, n_heads=4, n_layers=4, hidden_dim=64, pad_token_id=0
    ),
}


def of_family(name: str, backbone: Backbone) -> Backbone:
    """A random encoder of a family, with the tokenizer of another backbone."""
    torch.manual_seed(0)
    model = AutoModel.from_config(FAMILIES[name], attn_implementation="eager")
    model = model.eval().requires_grad_(False)
    return Backbone(name, backbone.folder, None, "0" * 64, model, backbone.tokenizer)
