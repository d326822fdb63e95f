"""How many entries of a weight matrix share one mask entry.

A mask is a grid [r, c] laid over a weight [out, in]: entry (i, j) covers the tile of out/r rows and
in/c columns at that place. Masks on hidden units are grids with one row, [1, c]: they take away
inputs of the map, `h' = (h * m) W`.
"""

from typing import Literal

from torch import Tensor

from data.errors import UnknownNameError, UserError

Kind = Literal["weights", "units"]
Grid = tuple[int, int]

GRANULARITIES = ("element", "neuron", "head", "block", "layer")
"""`element`: every weight, or every unit, by itself. `neuron`: a row of the weight, the inputs of
one output; for units the same as `element`. `head`: the rows, in the attention's output map the
columns, of one attention head; other maps by neuron. `block`: square tiles; for units runs of
neighbours. `layer`: a linear map as a whole."""


def grid_of(
    shape: tuple[int, int], kind: Kind, granularity: str, *, role: str, heads: int, block: int
) -> Grid:
    """Rows and columns of the mask over a weight.

    Parameters
    ----------
    shape : (out, in) of the weight.
    role : of the map, see `harness.encoders.roles`.
    heads : attention heads of a layer.
    block : side of a block.

    Raises
    ------
    UnknownNameError : no such granularity.
    UserError : blocks of that side do not tile the weight.
    """
    if granularity not in GRANULARITIES:
        raise UnknownNameError("granularity", granularity, GRANULARITIES)
    if granularity == "layer":
        return 1, 1
    rows, columns = _head_grid(shape, kind, role, heads) if granularity == "head" else shape
    if granularity == "neuron":
        columns = 1 if kind == "weights" else columns
    if granularity == "block":
        if shape[0] % block or shape[1] % block:
            raise UserError(f"blocks of {block} do not tile a map of {shape[0]} by {shape[1]}")
        rows, columns = shape[0] // block, shape[1] // block
    return (1, columns) if kind == "units" else (rows, columns)


def _head_grid(shape: tuple[int, int], kind: Kind, role: str, heads: int) -> Grid:
    per_map = {"query": heads, "key": heads, "value": heads, "query-key-value": 3 * heads}
    if role == "attention-output":
        return 1, heads
    if kind == "units":
        # Inputs of the other maps belong to no head.
        return 1, shape[1]
    return per_map.get(role, shape[0]), 1


def spread(mask: Tensor, weight: Tensor) -> Tensor:
    """`weight` with every tile multiplied by its mask entry.

    Parameters
    ----------
    mask : [r, c], r a divisor of out and c of in.
    weight : [out, in].

    Returns
    -------
    [out, in].
    """
    if mask.shape == weight.shape:
        return weight * mask
    rows, columns = mask.shape
    tiles = weight.view(rows, weight.shape[0] // rows, columns, weight.shape[1] // columns)
    return (tiles * mask[:, None, :, None]).view(weight.shape)
