import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from metier.artifacts import read_artifact
from metier.domain import Occupation, Skill
from metier.errors import ConfigError, InputError, ModelError
from metier.linking.encoding import load_text_encoder
from metier.taxonomy.facts import Facts
from metier.taxonomy.parallel import parallel_split
from metier.taxonomy.taxonomy import Taxonomy
from metier.training.export import export_model
from metier.training.multilingual import MultilingualConfig, train_multilingual

WORDS = ["bake", "weld", "teach", "paint", "drive", "clean", "cook", "plan"]
FRENCH = ["cuire", "souder", "enseigner", "peindre", "conduire", "nettoyer", "cuisiner", "planifier"]
THINGS = ["bread", "steel", "maths", "walls", "vans"]
CHOSES = ["pain", "acier", "maths", "murs", "camions"]


@pytest.fixture(scope="module")
def taxonomy():
    pairs = [f"{word} {thing}" for word in WORDS for thing in THINGS]
    skills = tuple(Skill(f"s{row}", label, (f"to {label}",), kind="skill") for row, label in enumerate(pairs))
    jobs = (Occupation("o1", "baker", ("bread baker",), isco="7512"), Occupation("o2", "welder", isco="7212"))
    facts = Facts(
        name="Own", version="1", languages=("en",), skills=skills, occupations=jobs, parents=((),) * (len(skills) + 2)
    )
    return Taxonomy(facts, descriptions={"o1": "Bakes all sorts of bread.", "s0": "Baking."})


@pytest.fixture(scope="module")
def release(taxonomy, tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    labels = [f"{word} {thing}" for word in FRENCH for thing in CHOSES]
    rows = [f"s{row},{label},,{'Cuire.' if row == 0 else ''}" for row, label in enumerate(labels)]
    head = "conceptUri,preferredLabel,altLabels,description"
    (folder / "skills_fr.csv").write_text("\n".join([head, *rows]) + "\n")
    (folder / "skills_en.csv").write_text(head + "\n")
    (folder / "occupations_fr.csv").write_text(
        f"{head}\no1,boulanger,artisan boulanger,Cuit du pain.\no2,soudeur,,\n", encoding="utf-8"
    )
    return folder


@pytest.fixture(scope="module")
def postings(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "postings.jsonl"
    rows = [
        {"id": 1, "title": "Baker", "description": "You bake bread and rolls with us every morning. You like bread."},
        {"id": 2, "title": "Boulanger", "description": "Vous aimez cuire le pain tous les matins avec notre équipe."},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def config(tiny_encoder):
    return MultilingualConfig(
        teacher=str(tiny_encoder),
        student=str(tiny_encoder),
        new_pieces=60,
        steps=60,
        steps_per_checkpoint=20,
        labels_per_batch=24,
        descriptions_per_batch=4,
        own_per_batch=8,
        learning_rate=3e-3,
        piece_learning_rate=2e-2,
        bfloat16=False,
    )


def train(config, release, taxonomy, postings, output, progress=lambda text, share: None):
    return train_multilingual(
        config, release=release, taxonomy=taxonomy, texts=[postings], output=output, progress=progress
    )


@pytest.fixture(scope="module")
def trained(config, release, taxonomy, postings, tmp_path_factory):
    output = tmp_path_factory.mktemp("runs") / "multilingual"
    return train(config, release, taxonomy, postings, output), output


def test_labels_in_the_other_language_come_nearer_to_their_translations(trained):
    history = trained[0]["measures"]["losses"]
    assert history[-1]["skill"] < history[0]["skill"] - 0.1


def test_texts_of_held_out_concepts_are_not_read(trained, taxonomy):
    # every skill has a label and one a description; the jobs have two labels, one alternative and one description
    train_rows = [skill for skill in taxonomy.skills if parallel_split(skill.uri) == "train"]
    assert len(train_rows) < len(taxonomy.skills)
    expected = len(train_rows) + (parallel_split("s0") == "train")
    expected += 3 * (parallel_split("o1") == "train") + (parallel_split("o2") == "train")
    assert trained[0]["measures"]["n_parallel_texts"] == expected
    own = 2 * (parallel_split("o1") == "train") + (parallel_split("o2") == "train")
    assert trained[0]["measures"]["n_own_titles"] == own > 0


def test_the_exported_encoder_reads_both_languages_without_torch_weights(trained, tmp_path):
    export_model(trained[1], tmp_path / "encoder", quantization="float32")
    artifact = read_artifact(tmp_path / "encoder", kind="encoder")
    assert artifact.settings["languages"] == ["en", "fr"]
    vectors = load_text_encoder(tmp_path / "encoder", threads=1).encode(
        ["bake bread", "cuire pain", "planifier acier", ""]
    )
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_an_interrupted_run_ends_as_an_uninterrupted_one(config, release, taxonomy, postings, trained, tmp_path):
    def stop(text, share):
        if text.startswith("step 40/60"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, release, taxonomy, postings, tmp_path / "again", stop)
    record = train(config, release, taxonomy, postings, tmp_path / "again")
    assert record["measures"]["losses"] == [pytest.approx(one, abs=1e-3) for one in trained[0]["measures"]["losses"]]
    whole, parts = (load_file(path / "weights" / "model.safetensors") for path in (trained[1], tmp_path / "again"))
    assert whole.keys() == parts.keys()
    # Sums may differ in their last bits, of which Adam makes steps where a gradient is zero.
    assert all(torch.allclose(whole[name], parts[name], atol=1e-2) for name in whole)
    assert not (tmp_path / "again.unfinished").exists()


def test_another_configuration_does_not_go_on_from_an_unfinished_run(config, release, taxonomy, postings, tmp_path):
    def stop(text, share):
        if text.startswith("step 21/60"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, release, taxonomy, postings, tmp_path / "run", stop)
    with pytest.raises(ConfigError, match="another configuration"):
        train(replace(config, seed=1), release, taxonomy, postings, tmp_path / "run")


def test_a_release_without_other_languages_is_refused(config, taxonomy, postings, tmp_path):
    (tmp_path / "skills_en.csv").write_text("conceptUri,preferredLabel\n")
    with pytest.raises(InputError, match="no language beside"):
        train(config, tmp_path, taxonomy, postings, tmp_path / "out")


def test_a_linker_may_share_the_encoder_it_was_trained_on_and_no_other(trained, tmp_path):
    from metier.artifacts import read_encoder, write_artifact

    export_model(trained[1], tmp_path / "encoder", quantization="int8")
    right = read_artifact(tmp_path / "encoder", kind="encoder").settings["encoder_sha256"]
    for name, sha256 in (("right", right), ("wrong", "0" * 64)):
        settings = {"encoder": str(tmp_path / "encoder"), "encoder_sha256": sha256}
        write_artifact(tmp_path / name, kind="linker", settings=settings, files={"notes.txt": b""})
    shared = read_encoder(read_artifact(tmp_path / "right", kind="linker"))
    assert shared.folder == (tmp_path / "encoder").resolve()
    with pytest.raises(ModelError, match="trained with the encoder"):
        read_encoder(read_artifact(tmp_path / "wrong", kind="linker"))
