import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModel

from metier.artifacts import read_artifact
from metier.domain import Skill
from metier.errors import ConfigError, InputError
from metier.taxonomy.facts import Facts
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.distillation import DistillationConfig, agreement, distil_encoder

SKILL = Skill("s1", "bake bread", ("baking", "bread baking"))


@pytest.fixture(scope="module")
def taxonomy():
    facts = Facts(name="Own", version="1", languages=("en",), skills=(SKILL,), parents=((),))
    return Taxonomy(facts, descriptions={"s1": "Baking all sorts of bread."})


@pytest.fixture(scope="module")
def postings(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "postings.jsonl"
    rows = [{"id": n, "title": "Cook", "description": f"You cook soup {'well ' * n}. You know C++."} for n in range(12)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return DistillationConfig(
        teacher=str(tiny_encoder),
        layers=(0,),
        epochs=12,
        batch_size=8,
        learning_rate=2e-2,
        checkpoint_steps=10,
        bfloat16=False,
    )


def distil(config, postings, taxonomy, output, progress=lambda text, share: None):
    return distil_encoder(config, texts=[postings], taxonomy=taxonomy, output=output, progress=progress)


def test_agreement_is_the_mean_cosine_of_pieces_and_of_means():
    seen = torch.tensor([[[1.0, 0.0], [1.0, 0.0], [9.0, 9.0]]])
    shown = torch.tensor([[[1.0, 0.0], [0.0, 1.0], [-9.0, -9.0]]])
    of_pieces, of_texts = agreement(seen, shown, torch.tensor([[1.0, 1.0, 0.0]]))
    assert of_pieces.item() == pytest.approx(0.5)  # cosines 1 and 0; the third piece does not count
    assert of_texts.item() == pytest.approx(0.5**0.5)  # (1, 0) against (1/2, 1/2)


def test_a_student_with_fewer_layers_comes_nearer_to_its_teacher(config, postings, taxonomy, tmp_path):
    record = distil(config, postings, taxonomy, tmp_path / "student")
    history = record["measures"]["agreement"]
    assert history[-1]["cosine_of_pieces"] > history[0]["cosine_of_pieces"] + 0.05
    assert record["measures"]["n_texts"] == 17  # 13 different sentences of postings, 3 labels, 1 description
    student = AutoModel.from_pretrained(tmp_path / "student" / "weights")
    assert student.config.num_hidden_layers == len(student.encoder.layer) == 1
    assert read_artifact(tmp_path / "student", kind="encoder-weights").path("record.json").exists()


def test_a_student_with_all_layers_is_its_teacher(config, postings, taxonomy, tmp_path):
    whole = replace(config, layers=(0, 1), epochs=1, learning_rate=0.0)
    first = distil(whole, postings, taxonomy, tmp_path / "student")["measures"]["agreement"][0]
    # the student reads with dropout, and so the two differ a little
    assert 0.8 < first["cosine_of_texts"] <= 1
    teacher = load_file(f"{config.teacher}/model.safetensors")
    student = load_file(tmp_path / "student" / "weights" / "model.safetensors")
    assert all(torch.equal(teacher[name], student[name]) for name in student)


def test_an_interrupted_run_goes_on_to_the_same_weights(config, postings, taxonomy, tmp_path):
    class Interrupted(Exception):
        pass

    def stop(text, share):
        if text.startswith("step 10:"):
            raise Interrupted

    short = replace(config, epochs=4, checkpoint_steps=5)
    distil(short, postings, taxonomy, tmp_path / "whole")
    with pytest.raises(Interrupted):
        distil(short, postings, taxonomy, tmp_path / "cut", progress=stop)
    distil(short, postings, taxonomy, tmp_path / "cut")
    whole = load_file(tmp_path / "whole" / "weights" / "model.safetensors")
    resumed = load_file(tmp_path / "cut" / "weights" / "model.safetensors")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert not (tmp_path / "cut.unfinished" / "checkpoint.json").exists()


def test_a_layer_that_the_teacher_lacks_is_an_error(config, postings, taxonomy, tmp_path):
    with pytest.raises(ConfigError, match=r"layers is \[2\]; expected some of 0 to 1"):
        distil(replace(config, layers=(2,)), postings, taxonomy, tmp_path / "student")


def test_no_text_is_an_error(config, tmp_path):
    empty = Taxonomy(Facts(name="Own", version="1", languages=("en",), skills=(), parents=()))
    with pytest.raises(InputError, match="no text to learn from"):
        distil_encoder(config, texts=[], taxonomy=empty, output=tmp_path / "s", progress=lambda text, share: None)
