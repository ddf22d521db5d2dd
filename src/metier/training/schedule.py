"""How the learning rate moves: up in a straight line, then down in a straight line to zero."""

from torch.optim import Optimizer


def set_learning_rates(optimizer: Optimizer, *, share: float, warmup: float) -> None:
    """Set each group's rate for one step.

    Args:
        optimizer: Its groups carry their highest rate as `peak`.
        share: How much of the run is done, in [0, 1).
        warmup: The share of the run over which the rate rises; in [0, 1).
    """
    factor = share / warmup if share < warmup else (1 - share) / (1 - warmup)
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * factor
