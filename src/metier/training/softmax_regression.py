"""Multinomial logistic regression with weight decay, by L-BFGS."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Doubles = NDArray[np.float64]


def fit_softmax(
    blocks: "Sequence[csr_matrix | NDArray[np.floating[Any]]]",
    classes: NDArray[np.int64],
    *,
    n_classes: int,
    decay: float,
    iterations: int,
    offset: Doubles | None = None,
) -> Doubles:
    """Find the weights W that make the classes likely: least sum_i -ln softmax(x_i W + o_i)[c_i] + decay / 2 |W|^2.

    Args:
        blocks: The columns of the features x, side by side: each (n_items, any), sparse or not.
        classes: int64 (n_items,), the class c_i of each.
        n_classes: More than any of `classes`.
        decay: How strongly weights are drawn to 0, above 0.
        iterations: At most; nothing is said where they do not suffice: to stop early does what decay does.
        offset: float64 (n_items, n_classes), o_i, what is added to the scores; None: nothing.

    Returns:
        float64 (n_features, n_classes).
    """
    from scipy.optimize import minimize

    rows = np.arange(len(classes))
    turned = [block.T if isinstance(block, np.ndarray) else block.T.tocsr() for block in blocks]
    ends = np.cumsum([block.shape[1] for block in blocks]).tolist()

    def loss_and_slope(flat: Doubles) -> tuple[float, Doubles]:
        weights = flat.reshape(-1, n_classes)
        scores = np.zeros((len(classes), n_classes)) if offset is None else offset.copy()
        for block, part in zip(blocks, np.split(weights, ends[:-1]), strict=True):
            scores += block @ part
        scores -= scores.max(axis=1, keepdims=True)
        odds = np.exp(scores)
        total = odds.sum(axis=1)
        loss = float((np.log(total) - scores[rows, classes]).sum()) + decay / 2 * float(flat @ flat)
        slope = odds / total[:, None]
        slope[rows, classes] -= 1
        return loss, (np.concatenate([block @ slope for block in turned]) + decay * weights).ravel()

    start = np.zeros(ends[-1] * n_classes)
    found = minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", options={"maxiter": iterations})
    weights: Doubles = found.x.reshape(-1, n_classes)
    return weights
