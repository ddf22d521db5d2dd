import pytest
import torch

from metier.training.schedule import set_learning_rates


@pytest.mark.parametrize(
    ("share", "warmup", "factor"),
    [
        (0.0, 0.1, 0.0),
        (0.05, 0.1, 0.5),  # half of the way up
        (0.1, 0.1, 1.0),
        (0.55, 0.1, 0.5),  # 0.45 of the 0.9 that go down
        (0.91, 0.1, 0.1),
        (0.0, 0.0, 1.0),  # no way up
        (0.75, 0.0, 0.25),
    ],
)
def test_rates_go_up_then_down_in_straight_lines(share, warmup, factor):
    parameters = [torch.nn.Parameter(torch.zeros(1)) for _ in range(2)]
    groups = [{"params": [parameters[0]], "peak": 1e-3}, {"params": [parameters[1]], "peak": 4.0}]
    optimizer = torch.optim.SGD(groups, lr=7.0)
    set_learning_rates(optimizer, share=share, warmup=warmup)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([1e-3 * factor, 4.0 * factor])
