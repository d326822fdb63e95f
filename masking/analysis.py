"""What masks look like: how much of the encoder each aspect uses, and how much two share."""

from collections.abc import Sequence
from itertools import combinations

from harness.contract.heatmap_data import Heatmap
from harness.contract.scores import Score
from harness.training.changed_layers import Place
from masking.attachment import MaskedLayers
from masking.masks import MaskedLinear


def mask_scores(layers: MaskedLayers, aspects: Sequence[str]) -> list[Score]:
    """Density for each aspect and overlap for each pair, over all masked maps.

    Density is the share of the masked maps' weights that an aspect uses, overlap the share that
    two use, both after pruning; coarse masks count with every weight that they cover.
    """
    scores = [
        Score("mask_density", _share(layers.everywhere, k), representation=name)
        for k, name in enumerate(aspects)
    ]
    for (i, first), (j, second) in combinations(enumerate(aspects), 2):
        shared = _share(layers.everywhere, i, j)
        scores.append(Score("mask_overlap", shared, representation=first, factor=second))
    return scores


def mask_heatmaps(layers: MaskedLayers, aspects: Sequence[str]) -> list[Heatmap]:
    """Density and overlap by transformer layer (rows) and linear map (columns)."""
    grids = [_grid(layers, f"mask density, {name}", k) for k, name in enumerate(aspects)]
    for (i, first), (j, second) in combinations(enumerate(aspects), 2):
        grids.append(_grid(layers, f"mask overlap, {first} and {second}", i, j))
    return grids


def _grid(layers: MaskedLayers, name: str, *users: int) -> Heatmap:
    numbers = tuple(dict.fromkeys(place.layer for place in layers.everywhere))
    roles = tuple(dict.fromkeys(place.changed.role for place in layers.everywhere))
    at = {(place.layer, place.changed.role): place for place in layers.everywhere}
    values = tuple(tuple(_share([at[n, role]], *users) for role in roles) for n in numbers)
    # Layers count from 1, the lowest first, as the papers number them.
    return Heatmap(name, tuple(f"layer {n + 1}" for n in numbers), roles, values)


def _share(places: Sequence[Place[MaskedLinear]], *users: int) -> float:
    """Share of the maps' weights that all of these aspects use."""
    used = entries = 0
    for place in places:
        shared = place.changed.used(users[0])
        for user in users[1:]:
            shared = shared & place.changed.used(user)
        used, entries = used + int(shared.sum()), entries + shared.numel()
    return used / entries
