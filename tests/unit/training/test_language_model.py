import json
from dataclasses import replace

import pytest
from unit.training.test_relation_pairs import taxonomy

from metier.artifacts import read_artifact
from metier.errors import ConfigError, InputError
from metier.tagging.network import TaggerNetwork
from metier.training.language_model import LanguageModelConfig, _read_corpus, train_language_model


@pytest.fixture(scope="module")
def postings(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "postings.jsonl"
    rows = [
        {
            "id": n,
            "title": "Cook",
            "description": "You cook, clean and bake bread. You know C++ and SQL. " * (n % 5 + 2) + str(n),
        }
        for n in range(40)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, rows[0]]))
    return path


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return LanguageModelConfig(
        encoder=str(tiny_encoder),
        relations=True,
        window_size=32,
        relation_window_size=32,
        batch_size=4,
        relation_batch_size=3,
        steps=30,
        checkpoint_steps=15,
        learning_rate=5e-3,
        head_learning_rate=5e-3,
        bfloat16=False,
    )


def train(config, postings, output, progress=lambda text, share: None):
    return train_language_model(config, texts=[postings], taxonomies=[taxonomy()], output=output, progress=progress)


@pytest.fixture(scope="module")
def trained(config, postings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "language-model"
    messages = []
    record = train(config, postings, folder, progress=lambda text, share: messages.append(text))
    return folder, record, messages


def test_the_held_out_cost_falls(trained):
    history = trained[1]["measures"]["dev"]
    assert [entry["step"] for entry in history] == [0, 15, 30]
    assert history[-1]["masked_loss"] < 0.8 * history[0]["masked_loss"]
    assert 0 <= history[-1]["relation_accuracy"] <= 1


def test_progress_tells_tokens_per_second_and_the_time_left(trained):
    assert any("tokens/s" in text and "min left" in text and ", loss" in text for text in trained[2])


def test_a_tagger_takes_the_weights_with_their_casing(trained, tiny_encoder):
    weights = read_artifact(trained[0], kind="language-model-weights").path("weights")
    network = TaggerNetwork(str(weights), layers=["skill"], crf=False, dropout=0.0, cased=True)
    types = network.encoder.embeddings.token_type_embeddings.weight
    assert len(types) == 5
    assert not (types[0] == types[1]).all()  # what was learnt about capital letters is kept


@pytest.mark.parametrize("stop_at", ["step 20/", "step 16/"])
def test_an_interrupted_run_goes_on_to_the_same_weights(trained, config, postings, tmp_path, stop_at):
    def interrupt(text, share):
        if text.startswith(stop_at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, postings, tmp_path / "lm", progress=interrupt)
    seen = []
    train(config, postings, tmp_path / "lm", progress=lambda text, share: seen.append(text))
    assert not any(text.startswith("step 15/") for text in seen)
    files = [json.loads((folder / "config.json").read_text())["files"] for folder in (trained[0], tmp_path / "lm")]
    assert files[0] == files[1]
    assert [path.name for path in tmp_path.iterdir()] == ["lm"]


def test_repeated_postings_are_read_once_and_windows_keep_whole_words(config, postings, tiny_encoder):
    from metier.nn.starting_weights import load_tokenizer

    windows = _read_corpus([postings], load_tokenizer(str(tiny_encoder)), config)
    once = _read_corpus([postings], load_tokenizer(str(tiny_encoder)), replace(config, window_size=400))
    assert len(once) == 40
    for window in windows:
        assert len(window.pieces) <= 30
        assert window.words[0] == 0
    assert sum(len(window.pieces) for window in windows) > 0.9 * sum(len(window.pieces) for window in once)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"masked_share": 0.0}, "masked_share is 0.0"),
        ({"steps": 0}, "steps is 0"),
        ({"window_size": 4}, "window_size is 4"),
    ],
)
def test_values_out_of_range_are_refused(config, postings, tmp_path, change, message):
    with pytest.raises(ConfigError, match=message):
        train(replace(config, **change), postings, tmp_path / "x")


def test_too_little_text_is_refused(config, tmp_path):
    (tmp_path / "one.txt").write_text("You cook.")
    with pytest.raises(InputError, match="too few to train on"):
        train(config, tmp_path / "one.txt", tmp_path / "x")
