import json

import pytest
from unit.training.test_train_tagger import row

from metier.errors import ConfigError
from metier.training.matrix import MatrixConfig, _spread, run_matrix


@pytest.fixture
def data(tmp_path):
    for split, numbers in (("train", range(20)), ("dev", range(20, 32))):
        (tmp_path / f"{split}.json").write_text("".join(json.dumps(row(n)) + "\n" for n in numbers))
    return tmp_path


def test_a_matrix_trains_each_run_once_and_pools_the_layers(data, tiny_encoder, tmp_path):
    config = MatrixConfig(encoders=(str(tiny_encoder),), crf=(True,), seeds=(1, 2), epochs=1, learning_rate=1e-2)
    seen = []

    def run():
        return run_matrix(
            config,
            data=data,
            split="dev",
            output=tmp_path / "runs",
            jobs=2,
            progress=lambda text, share: seen.append(text),
        )

    first = run()
    assert [cell["name"] for cell in first["cells"]] == ["bert, single, crf", "bert, multi, crf"]
    assert len([text for text in seen if text.startswith("trained")]) == 6  # two layers apart, or both, by two seeds
    for cell in first["cells"]:
        assert all(len(cell[figure]["by_seed"]) == 2 for figure in ("skill", "knowledge", "pooled"))
        low, high = sorted((cell["skill"]["mean"], cell["knowledge"]["mean"]))
        assert low <= cell["pooled"]["mean"] <= high
    assert first["gains"] == {}
    made = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("config.json")}
    assert run() == first
    assert made == {path: path.stat().st_mtime_ns for path in (tmp_path / "runs").rglob("config.json")}


def test_spread_is_the_mean_and_the_sample_deviation():
    spread = _spread([1.0, 2.0, 6.0])
    assert spread["mean"] == 3.0
    assert spread["deviation"] == pytest.approx(7**0.5)  # (4 + 1 + 9) / 2
    assert _spread([1.0])["deviation"] is None


def test_an_empty_matrix_is_refused(data, tmp_path):
    with pytest.raises(ConfigError, match="empty"):
        run_matrix(
            MatrixConfig(seeds=()),
            data=data,
            split="dev",
            output=tmp_path / "x",
            jobs=1,
            progress=lambda text, share: None,
        )
