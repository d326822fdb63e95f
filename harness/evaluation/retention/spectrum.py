"""How many directions a representation uses, and how like its geometry is to another's."""

import numpy as np

from harness.evaluation.retention.centring import Vectors, centred


def effective_rank(vectors: Vectors) -> float:
    """exp of the entropy of the covariance's normalised eigenvalues.

    Centred and not standardised; between 1 and min(n - 1, width). A constant representation has
    rank 0, as the zero matrix has: the entropy of no variance is not defined. Source: Roy and
    Vetterli 2007, The effective rank, EUSIPCO, on the eigenvalues of the covariance.
    """
    x = centred(vectors)
    gram = x.T @ x if x.shape[0] > x.shape[1] else x @ x.T
    eigenvalues = np.clip(np.linalg.eigvalsh(gram), 0.0, None)
    total = eigenvalues.sum()
    if total == 0:
        return 0.0
    shares = eigenvalues[eigenvalues > 0] / total
    return float(np.exp(-(shares * np.log(shares)).sum()))


def linear_cka(first: Vectors, second: Vectors) -> float:
    """Linear centred kernel alignment, from 0 to 1; 0 where one of the two is constant.

    ||X'Z||^2 / (||X'X|| ||Z'Z||) with Frobenius norms. It weighs directions by their variance, so
    that a single number can score high. Source: Kornblith et al. 2019, ICML, equation 5.

    The widths may differ.
    """
    x, z = centred(first), centred(second)
    scale = np.linalg.norm(x.T @ x) * np.linalg.norm(z.T @ z)
    return float(np.linalg.norm(x.T @ z) ** 2 / scale) if scale > 0 else 0.0
