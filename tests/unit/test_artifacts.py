import hashlib
import json
from pathlib import Path

import pytest

from metier import artifacts
from metier.artifacts import describe_shipped, read_artifact, read_kind, shipped_names, write_artifact
from metier.errors import DamagedModel, ModelError, UnknownModel

FILES = {"weights.bin": b"\x00\x01", "encoder/model.bin": b"deep", "README.md": b"# A card"}


@pytest.fixture
def folder(tmp_path):
    write_artifact(tmp_path / "mine", kind="tagger", settings={"layers": ["skill"], "é": 1}, files=FILES)
    return tmp_path / "mine"


def edit_config(folder, **changes):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **changes}))


def test_what_was_written_is_read(folder):
    artifact = read_artifact(folder, kind="tagger")
    assert artifact.settings == {"layers": ["skill"], "é": 1}
    assert artifact.path("encoder/model.bin").read_bytes() == b"deep"
    assert artifact.path("encoder").is_dir()
    assert artifact.name == "mine"
    assert artifact.version == f"mine@{artifact.sha256[:8]}"
    assert artifact.size_bytes == sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert read_kind(folder) == "tagger"


def test_the_config_lists_the_hash_of_every_file_but_the_notes(folder):
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["files"] == {
        name: hashlib.sha256(FILES[name]).hexdigest() for name in ("encoder/model.bin", "weights.bin")
    }


def test_a_setting_changed_by_hand_is_refused(folder):
    edit_config(folder, settings={"layers": ["knowledge"], "é": 1})
    with pytest.raises(DamagedModel, match="changed after it was saved"):
        read_artifact(folder, kind="tagger")


def test_notes_may_be_edited(folder):
    (folder / "README.md").write_text("better words")
    assert read_artifact(folder, kind="tagger").version == read_artifact(folder, kind="tagger").version


def test_the_hash_changes_with_the_settings_and_with_the_files(folder, tmp_path):
    write_artifact(tmp_path / "other", kind="tagger", settings={"layers": ["knowledge"]}, files=FILES)
    write_artifact(
        tmp_path / "third", kind="tagger", settings={"layers": ["skill"], "é": 1}, files={"weights.bin": b""}
    )
    assert len({read_artifact(found, kind="tagger").sha256 for found in tmp_path.iterdir()}) == 3


@pytest.mark.parametrize("name", ["weights.bin", "encoder/model.bin"])
def test_a_changed_file_is_refused(folder, name):
    (folder / name).write_bytes(b"tampered")
    with pytest.raises(DamagedModel, match=rf"{Path(name).name} is not the file that was saved"):
        read_artifact(folder, kind="tagger")


def test_a_missing_file_is_refused(folder):
    (folder / "encoder" / "model.bin").unlink()
    with pytest.raises(DamagedModel, match=r"model\.bin cannot be read"):
        read_artifact(folder, kind="tagger")


def test_a_file_that_was_never_there_is_named(folder):
    with pytest.raises(DamagedModel, match=r"lacks heads\.npz"):
        read_artifact(folder, kind="tagger").path("heads.npz")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'"kind"', b"{}"])
def test_a_config_that_cannot_be_read_is_refused(folder, content):
    (folder / "config.json").write_bytes(content)
    with pytest.raises(DamagedModel, match=r"config\.json"):
        read_artifact(folder, kind="tagger")


@pytest.mark.parametrize("changes", [{"files": []}, {"settings": None}, {"files": "weights.bin"}])
def test_a_config_with_values_of_the_wrong_type_is_refused(folder, changes):
    edit_config(folder, **changes)
    with pytest.raises(DamagedModel, match="no object"):
        read_artifact(folder, kind="tagger")


def test_a_model_of_another_kind_is_refused(folder):
    with pytest.raises(ModelError, match=r"is a tagger, and a linker was expected"):
        read_artifact(folder, kind="linker")


def test_a_newer_format_names_the_version_that_reads_it(folder):
    edit_config(folder, format=99, metier="7.1")
    with pytest.raises(ModelError, match=r"format 99, this metier reads 1; it was written by metier 7\.1"):
        read_artifact(folder, kind="tagger")


def test_an_unknown_name_lists_the_shipped_models(monkeypatch, tmp_path):
    for name in ("zebra", "ant"):
        write_artifact(tmp_path / name, kind="tagger", settings={}, files={})
    monkeypatch.setattr(artifacts, "SHIPPED_FOLDER", tmp_path)
    assert shipped_names() == ["ant", "zebra"]
    assert [model.name for model in describe_shipped()] == ["ant", "zebra"]
    assert read_artifact("ant", kind="tagger").name == "ant"
    with pytest.raises(UnknownModel, match=r"no model 'bee': .* one of the shipped: ant, zebra"):
        read_artifact("bee", kind="tagger")


def test_a_folder_without_a_model_is_told_from_an_unknown_name(tmp_path):
    with pytest.raises(UnknownModel, match="holds no model"):
        read_artifact(tmp_path, kind="tagger")


def test_a_model_replaces_one_of_its_kind(folder):
    write_artifact(folder, kind="tagger", settings={"new": True}, files={"only.bin": b"1"})
    assert read_artifact(folder, kind="tagger").settings == {"new": True}
    assert sorted(path.name for path in folder.iterdir()) == ["config.json", "only.bin"]
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_an_empty_folder_is_filled(tmp_path):
    (tmp_path / "empty").mkdir()
    write_artifact(tmp_path / "empty", kind="tagger", settings={}, files=FILES)
    assert read_artifact(tmp_path / "empty", kind="tagger").kind == "tagger"


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    with pytest.raises(ModelError, match="no model folder"):
        write_artifact(tmp_path / "photos", kind="tagger", settings={}, files=FILES)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


def test_a_folder_with_the_config_of_another_program_is_left_alone(tmp_path):
    (tmp_path / "bert").mkdir()
    (tmp_path / "bert" / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="no model folder"):
        write_artifact(tmp_path / "bert", kind="tagger", settings={}, files=FILES)
    assert (tmp_path / "bert" / "config.json").read_text() == '{"model_type": "bert"}'


def test_a_model_of_another_kind_is_left_alone(folder):
    with pytest.raises(ModelError, match="is a tagger and would be replaced by a linker"):
        write_artifact(folder, kind="linker", settings={}, files=FILES)
    assert read_artifact(folder, kind="tagger").kind == "tagger"


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ModelError):
        write_artifact(tmp_path / "file", kind="tagger", settings={}, files=FILES)
    with pytest.raises(ModelError, match="cannot be written"):
        write_artifact(tmp_path / "file" / "below", kind="tagger", settings={}, files=FILES)
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_an_interrupted_write_leaves_the_old_model_and_nothing_else(folder, monkeypatch, error):
    def stop(self, content):
        raise error

    before = read_artifact(folder, kind="tagger").version
    monkeypatch.setattr(Path, "write_bytes", stop)
    with pytest.raises((KeyboardInterrupt, ModelError)):
        write_artifact(folder, kind="tagger", settings={}, files=FILES)
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]
    assert read_artifact(folder, kind="tagger").version == before


def test_settings_that_are_not_json_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(TypeError):
        write_artifact(tmp_path / "mine", kind="tagger", settings={"path": tmp_path}, files=FILES)
    assert list(tmp_path.iterdir()) == []
