import numpy as np
import pytest
from matching_fakes import PROFILES, small_market

from metier.data.market import Market, write_market
from metier.errors import ConfigError, InputError
from metier.matching.whole_document import WholeDocument
from metier.training.export import export_model
from metier.training.fine_tuned import FineTunedConfig, train_fine_tuned


@pytest.fixture(scope="module")
def market_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("market")
    write_market(small_market(), folder)
    return folder


def _train(market, encoder, output, *, progress=lambda doing, share: None, **values):
    small = {"steps": 4, "steps_per_checkpoint": 2, "batch_size": 8, "text_size": 32, "bfloat16": False}
    config = FineTunedConfig(**{"encoder": str(encoder), **small, **values})
    return train_fine_tuned(config, data=market, output=output, progress=progress)


def test_feedback_is_learnt_and_the_export_reads_documents(market_folder, tiny_encoder, tmp_path):
    record = _train(market_folder, tiny_encoder, tmp_path / "w", steps=40, steps_per_checkpoint=20, learning_rate=3e-3)
    first, last = record["measures"]["history"]
    assert last["loss"] < first["loss"]
    assert last["validation_auc"] > 0.6
    export_model(tmp_path / "w", tmp_path / "out", quantization="int8")
    encoder = WholeDocument.load(tmp_path / "out", threads=1)
    vectors = encoder.encode_profiles(PROFILES)
    np.testing.assert_allclose(np.linalg.norm(np.delete(vectors, 1, axis=0), axis=1), 1, atol=1e-5)
    assert not vectors[1].any()


class _Stop(Exception):
    pass


def test_an_interrupted_run_ends_as_one_that_was_not(market_folder, tiny_encoder, tmp_path):
    def stop(doing, share):
        if doing.startswith("step 3/4"):
            raise _Stop

    with pytest.raises(_Stop):
        _train(market_folder, tiny_encoder, tmp_path / "one", progress=stop)
    _train(market_folder, tiny_encoder, tmp_path / "one")
    _train(market_folder, tiny_encoder, tmp_path / "two")
    one, two = ((tmp_path / name / "weights" / "model.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two
    assert not (tmp_path / "one.unfinished").exists()


def test_no_feedback_and_impossible_values_are_refused(market_folder, tiny_encoder, tmp_path):
    market = small_market()
    write_market(
        Market(profiles=market.profiles, projects=market.projects, interactions=[], split_at=market.split_at),
        tmp_path / "market",
    )
    with pytest.raises(InputError, match="no feedback"):
        _train(tmp_path / "market", tiny_encoder, tmp_path / "out")
    for values in ({"steps": 0}, {"random_share": 1.0}, {"text_size": 2}):
        with pytest.raises(ConfigError):
            _train(market_folder, tiny_encoder, tmp_path / "out", **values)
