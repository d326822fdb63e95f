"""Gradual pruning of the frozen weights under the masks, by magnitude or by score."""

import torch
from torch import Tensor

from data.errors import UnknownNameError, UserError
from masking.masks import MaskedLinear
from masking.packed_masks import put_mask

RULES = ("magnitude", "score")

END = 0.5
"""Share of the training steps after which the final sparsity is reached; what is validated and
kept later has all of it."""


def cubic_sparsity(step: int, steps: int, final: float) -> float:
    """Share of the weights that are pruned at a step: `s_f (1 - (1 - t / n)^3)`, then `s_f`.

    Zhu and Gupta 2018, equation 1, from no sparsity at step 0, with n = `END` of all steps.

    Parameters
    ----------
    step : from 0.
    steps : of the whole training; with none the final sparsity holds at once.
    final : s_f, from 0 to below 1.
    """
    passed = min(step / (END * steps), 1.0) if steps else 1.0
    return float(final * (1 - (1 - passed) ** 3))


class Pruner:
    """Takes the weights away from each map that are worth least, the same for all aspects.

    By `magnitude` a weight is worth |w|. Ranks are taken once, from the float32 weights: what is
    pruned stays pruned while the sparsity grows, and ties, which are many in bfloat16, are broken
    alike on every machine. By `score` it is worth `|w| max_k s_k` over aspects k: what every aspect
    closes goes first, then the least `|w s|`. That follows the scores as they are, so a weight may
    return while others go.

    Parameters
    ----------
    maps : the masked maps; their `weight` is replaced.
    originals : their weights in float32, [out, in] each.
    by : one of `RULES`.

    Raises
    ------
    UnknownNameError : there is no such rule.
    UserError : masks are coarser than one score for every weight, which `score` needs.
    """

    def __init__(self, maps: list[MaskedLinear], originals: list[Tensor], by: str) -> None:
        if by not in RULES:
            raise UnknownNameError("pruning", by, RULES)
        if by == "score" and any(masked.grid != masked.weight.shape for masked in maps):
            raise UserError(
                "pruning by score needs a score for every weight; use masked-weights with the "
                "granularity element, or prune by magnitude"
            )
        self._maps, self._by_score, self._sparsity = maps, by == "score", 0.0
        self._whole = [masked.weight for masked in maps]
        self._worth = [w.abs() if self._by_score else _ranks(w) for w in originals]

    def prune(self, sparsity: float) -> None:
        """Take `round(sparsity * entries)` weights of every map away, and no others."""
        if sparsity == self._sparsity and not self._by_score:
            return
        self._sparsity = sparsity
        for masked, whole, worth in zip(self._maps, self._whole, self._worth, strict=True):
            count = round(sparsity * worth.numel())
            if self._by_score:
                worth = worth * torch.stack([s.detach() for s in masked.scores]).amax(0)
                masked.weight = whole * (worth >= worth.flatten().kthvalue(count + 1).values)
            else:
                masked.weight = whole * (worth >= count)

    def settle(self) -> None:
        """After training by score close what is pruned in the masks, which alone are stored.

        Where all aspects close more than is pruned, what is pruned is then what the masks tell,
        without their scores: an encoder that was loaded walks back over the same weights.
        """
        for masked in self._maps if self._by_score else ():
            for scores, open_ in zip(masked.scores, masked.opened(), strict=True):
                put_mask(scores, (open_ & (masked.weight != 0)).cpu())
        self.prune(self._sparsity)


def _ranks(weight: Tensor) -> Tensor:
    """int32 [out, in]: 0 for the smallest magnitude."""
    order = weight.abs().flatten().argsort(stable=True)
    ranks = torch.empty_like(order, dtype=torch.int32)
    ranks[order] = torch.arange(len(order), dtype=torch.int32, device=order.device)
    return ranks.view(weight.shape)
