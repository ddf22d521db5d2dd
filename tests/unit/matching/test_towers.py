import numpy as np
import pytest

from metier.artifacts import read_artifact, write_artifact
from metier.domain import Facts, Profile, Project
from metier.errors import DamagedModel, ModelError
from metier.matching.head import Head, HeadShape
from metier.matching.token_vectors import TokenBackbone
from metier.matching.towers import Tower, Towers, reading_limits
from metier.protocols import DocumentEncoder

PIECES = {"title": 8, "description": 20, "skills": 12, "category": 6, "query": 10}


@pytest.fixture(scope="module")
def backbone(tiny_runtime, tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoders") / "tiny"
    names = [f"encoder/{path.name}" for path in (tiny_runtime / "encoder").iterdir()] + ["tokenizer.json"]
    files = {name: (tiny_runtime / name).read_bytes() for name in names}
    write_artifact(folder, kind="encoder", settings={"encoder_sha256": "0" * 64}, files=files)
    return TokenBackbone.load(folder)


def tower(limits, *, seed):
    shape = HeadShape(n_sections=len(limits), dim=32, n_layers=1, n_heads=4, n_inner=16, projections=False)
    draw = np.random.default_rng(seed)
    sizes = {"joined": (96, 32), "mixed": (32, 32), "up": (16, 32), "down": (32, 16)}
    arrays = {"sections": draw.normal(size=(len(limits), 32)) / 2}
    for name, size in sizes.items():
        arrays |= {f"layers.0.{name}.weight": draw.normal(size=size) / 5, f"layers.0.{name}.bias": np.zeros(size[0])}
    for name in ("attention_norm", "feed_norm"):
        arrays |= {f"layers.0.{name}.weight": np.ones(32), f"layers.0.{name}.bias": np.zeros(32)}
    rounded = {name: array.astype(np.float16) for name, array in arrays.items()}
    return Tower(limits, Head(shape, rounded))


def towers_of(backbone, *, queries=True):
    limits = reading_limits(PIECES)
    sides = ("profiles", "projects", "queries") if queries else ("profiles", "projects")
    made = {side: tower(limits[side], seed=number) for number, side in enumerate(sides)}
    return Towers(version="tiny", backbone=backbone, towers=made, training={"seed": 1})


PROFILES = [
    Profile("a", {"title": "data engineer", "description": "sql and python"}, ("sql",), Facts(category="data")),
    Profile("b"),
    Profile("c", {"title": "éclairagiste 🙂"}),
    Profile("d", {"title": "!!! ..."}),
]
PROJECT = Project("p", {"mission": "needs data", "title": "data engineer"}, ("sql",), ("python",))


def test_documents_become_unit_rows_and_one_without_a_word_becomes_zeros(backbone):
    towers: DocumentEncoder = towers_of(backbone)
    found = towers.encode_profiles(PROFILES)
    assert found.dtype == np.float32
    assert found.shape == (4, towers.dim)
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 0, 1, 0], abs=1e-5)
    assert np.linalg.norm(towers.encode_projects([PROJECT]), axis=1) == pytest.approx([1], abs=1e-5)
    assert towers.encode_profiles([]).shape == (0, 32)


def test_order_and_company_change_nothing(backbone):
    towers = towers_of(backbone)
    many = [Profile(str(n), {"title": "job " * (n % 7), "description": f"text {n}"}) for n in range(150)]
    together = towers.encode_profiles(many)
    assert np.allclose(towers.encode_profiles(many[::-1])[::-1], together, atol=1e-5)
    assert np.allclose(towers.encode_profiles(many[140:141])[0], together[140], atol=1e-5)


def test_the_towers_have_weights_of_their_own(backbone):
    towers = towers_of(backbone)
    profile = Profile("x", {"title": "data engineer"})
    project = Project("x", {"title": "data engineer"})
    assert towers.encode_profiles([profile])[0] @ towers.encode_projects([project])[0] < 0.999


def test_save_then_load_changes_nothing(backbone, tmp_path):
    towers = towers_of(backbone)
    towers.save(tmp_path / "model", notes={"record.json": b"{}"})
    loaded = Towers.load(tmp_path / "model")
    assert loaded.version.startswith("model@")
    assert np.array_equal(loaded.encode_profiles(PROFILES), towers.encode_profiles(PROFILES))
    assert np.array_equal(loaded.encode_projects([PROJECT]), towers.encode_projects([PROJECT]))
    assert np.array_equal(loaded.encode_queries(["data, Lyon"]), towers.encode_queries(["data, Lyon"]))
    loaded.save(tmp_path / "again")
    settings = [read_artifact(tmp_path / name, kind="retriever").settings for name in ("model", "again")]
    assert settings[0] == settings[1]


def test_kept_token_vectors_give_the_vectors_of_read_ones_and_are_read_once(backbone, tmp_path, monkeypatch):
    towers_of(backbone).save(tmp_path / "model")
    read = Towers.load(tmp_path / "model").encode_profiles(PROFILES)
    kept = Towers.load(tmp_path / "model", cache=tmp_path / "cache").encode_profiles(PROFILES)
    assert np.allclose(kept, read, atol=2e-3)  # kept in float16
    again = Towers.load(tmp_path / "model", cache=tmp_path / "cache")
    monkeypatch.setattr(TokenBackbone, "encode", lambda *_, **__: pytest.fail("read a second time"))
    assert np.array_equal(again.encode_profiles(PROFILES), kept)


def test_queries_need_their_tower(backbone):
    assert towers_of(backbone).encode_queries(["data", ""]).shape == (2, 32)
    towers = towers_of(backbone, queries=False)
    assert not towers.reads_queries
    with pytest.raises(ModelError, match="queries = true"):
        towers.encode_queries(["data"])


def test_a_text_of_two_hundred_thousand_words_is_read(backbone):
    long = Profile("long", {"description": "sql python " * 100_000})
    short = Profile("short", {"description": "sql python " * 20})
    towers = towers_of(backbone)
    found = towers.encode_profiles([long, short])
    assert np.allclose(found[0], found[1], atol=1e-6)


def test_a_shipped_encoder_is_named_and_not_copied(tmp_path):
    backbone = TokenBackbone.load("encoder-multilingual")
    limits = reading_limits(PIECES)
    head = Head(HeadShape(n_sections=5, dim=backbone.dim, n_layers=0, section_vectors=False, projections=False), {})
    towers = Towers(version="x", backbone=backbone, towers={"profiles": Tower(limits["profiles"], head)}, training={})
    towers.save(tmp_path / "model")
    assert not (tmp_path / "model" / "encoder").exists()
    assert Towers.load(tmp_path / "model").encode_profiles(PROFILES)[0] @ towers.encode_profiles(PROFILES)[0] > 0.9999


def test_a_damaged_folder_is_told(backbone, tmp_path):
    towers_of(backbone).save(tmp_path / "model")
    (tmp_path / "model" / "heads.npz").write_bytes(b"no")
    with pytest.raises(DamagedModel, match="not the file that was saved"):
        Towers.load(tmp_path / "model")


def test_categories_can_be_left_unread():
    limits = reading_limits(PIECES, category_text=False)
    assert list(limits["profiles"]) == ["title", "description", "skills"]
    assert limits["projects"] == {"mission": 8, "title": 8, "description": 20, "skills": 12, "bonus_skills": 12}
    assert list(reading_limits(PIECES)["profiles"]) == ["title", "description", "family", "category", "skills"]
