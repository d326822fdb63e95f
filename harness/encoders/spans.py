"""What the frozen encoder says of parts of a text: means of the token vectors in spans."""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from harness.encoders.backbones import Backbone
from harness.encoders.encoding import encode_batches, mean_pool, tokenise
from harness.encoders.hidden_state_cache import PrefixCache, entry_key
from harness.encoders.precision import autocast, compute_dtype


def span_vectors(
    backbone: Backbone,
    texts: Sequence[str],
    spans: Sequence[Sequence[tuple[int, int]]],
    max_tokens: int,
) -> NDArray[np.float32]:
    """Means of the last token vectors within spans, kept on disk; not to be changed.

    A span without tokens, being empty or behind the cut, has the mean of the whole text.

    Parameters
    ----------
    spans : k of each of the n texts: the first character, and the one behind the last.

    Returns
    -------
    float32 [n, k width].
    """
    tokens, limit = tokenise(backbone, texts, max_tokens), {"max_length": max_tokens}
    cut = backbone.tokenizer(list(texts), truncation=True, return_offsets_mapping=True, **limit)
    inside = [
        torch.tensor(
            [[begin < stop and end > start for begin, end in offsets] for start, stop in of]
        )
        for offsets, of in zip(cut["offset_mapping"], spans, strict=True)
    ]
    count = len(spans[0])

    def forward(index: NDArray[np.int64]) -> Tensor:
        ids, mask = tokens.batch(index)
        with autocast():
            hidden = backbone.model(input_ids=ids, attention_mask=mask).last_hidden_state
        own = mask[:, None].repeat(1, count, 1).cpu()
        for row, i in enumerate(index):
            own[row, :, : inside[i].shape[1]] = inside[i] | ~inside[i].any(1, keepdim=True)
        own = own.to(mask.device)
        return torch.cat([mean_pool(hidden, own[:, place]) for place in range(count)], dim=1)

    digest = hashlib.sha256(repr(spans).encode()).hexdigest()
    made_on, width = f"{backbone.device.type} {compute_dtype()}", count * backbone.width
    found = PrefixCache().made(
        entry_key(backbone.weights_hash, f"spans {digest}", tokens.ids, made_on),
        (len(texts), width),
        lambda: torch.from_numpy(encode_batches(tokens, width, forward)),
    )
    return np.asarray(found)
