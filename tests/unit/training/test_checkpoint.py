import json

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from metier.errors import ConfigError
from metier.training.checkpoint import load_checkpoint, remove_checkpoint, save_checkpoint

STATE = {"epoch": 1, "history": [{"sum": 0.123456789012345}], "config_sha256": "a"}


class Run:
    """A network, its average and its optimizer, begun from a seed."""

    def __init__(self, seed):
        torch.manual_seed(seed)
        self.network = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 2))
        self.average = AveragedModel(self.network)
        groups = [{"params": list(self.network[0].parameters())}, {"params": list(self.network[2].parameters())}]
        self.optimizer = torch.optim.AdamW(groups, lr=0.1)

    @property
    def parts(self):
        return {"networks": {"network": self.network, "average": self.average}, "optimizer": self.optimizer}

    def step(self):
        self.optimizer.zero_grad()
        self.network(torch.ones(5, 3)).square().sum().backward()
        self.optimizer.step()
        self.average.update_parameters(self.network)

    def weights(self):
        return {**self.network.state_dict(), **self.average.state_dict()}


@pytest.fixture(autouse=True)
def own_random_numbers():
    with torch.random.fork_rng():
        yield


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_a_resumed_run_goes_on_bit_by_bit(tmp_path):
    whole = Run(1)
    for _ in range(3):
        whole.step()
    save_checkpoint(tmp_path / "run", **whole.parts, state=STATE)
    for _ in range(3):
        whole.step()

    resumed = Run(2)
    resumed.step()
    state = load_checkpoint(tmp_path / "run", **resumed.parts, config_sha256="a")
    assert {key: state[key] for key in STATE} == STATE
    for _ in range(3):
        resumed.step()
    assert same(whole.weights(), resumed.weights())


def test_without_a_checkpoint_nothing_is_loaded(tmp_path):
    run = Run(1)
    before = {key: value.clone() for key, value in run.weights().items()}
    assert load_checkpoint(tmp_path / "run", **run.parts, config_sha256="a") is None
    assert same(before, run.weights())


def test_the_checkpoint_of_another_configuration_is_refused(tmp_path):
    run = Run(1)
    save_checkpoint(tmp_path / "run", **run.parts, state=STATE)
    with pytest.raises(ConfigError, match="unfinished run of another configuration; delete it"):
        load_checkpoint(tmp_path / "run", **run.parts, config_sha256="b")


def test_nothing_is_pickled(tmp_path):
    run = Run(1)
    run.step()
    save_checkpoint(tmp_path / "run", **run.parts, state=STATE)
    assert sorted(path.suffix for path in (tmp_path / "run").iterdir()) == [".json", ".safetensors"]
    json.loads((tmp_path / "run" / "checkpoint.json").read_text())


def test_a_save_that_was_stopped_before_its_last_step_is_finished_when_loading(tmp_path):
    run = Run(1)
    save_checkpoint(tmp_path / "run", **run.parts, state=STATE)
    old_state = (tmp_path / "run" / "checkpoint.json").read_bytes()
    run.step()
    save_checkpoint(tmp_path / "run", **run.parts, state={**STATE, "epoch": 2})
    # as it is when the tensors are renamed already and the state is not yet
    (tmp_path / "run" / "checkpoint.json").rename(tmp_path / "run" / "checkpoint.json.new")
    (tmp_path / "run" / "checkpoint.json").write_bytes(old_state)
    other = Run(2)
    assert load_checkpoint(tmp_path / "run", **other.parts, config_sha256="a")["epoch"] == 2
    assert same(run.weights(), other.weights())


def test_a_save_that_was_stopped_early_leaves_the_old_checkpoint(tmp_path):
    run = Run(1)
    save_checkpoint(tmp_path / "run", **run.parts, state=STATE)
    (tmp_path / "run" / "checkpoint.safetensors.new").write_bytes(b"half a file")
    (tmp_path / "run" / "checkpoint.json.new").write_bytes(b"{")
    other = Run(2)
    assert load_checkpoint(tmp_path / "run", **other.parts, config_sha256="a")["epoch"] == 1
    assert same(run.weights(), other.weights())


def test_a_finished_run_takes_its_checkpoint_away_and_leaves_what_is_not_its_own(tmp_path):
    save_checkpoint(tmp_path / "run", **Run(1).parts, state=STATE)
    (tmp_path / "run" / "checkpoint.json.new").write_bytes(b"{")
    remove_checkpoint(tmp_path / "run")
    assert not (tmp_path / "run").exists()
    remove_checkpoint(tmp_path / "run")

    save_checkpoint(tmp_path / "run", **Run(1).parts, state=STATE)
    (tmp_path / "run" / "notes.txt").write_text("mine")
    remove_checkpoint(tmp_path / "run")
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["notes.txt"]
