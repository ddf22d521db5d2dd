import json
from dataclasses import dataclass, replace

import pytest

from metier.errors import ConfigError
from metier.training.config import config_sha256, config_values, read_config


@dataclass(frozen=True, kw_only=True)
class Settings:
    encoder: str = "small"
    layers: tuple[str, ...] = ("skill",)
    rate: float = 0.5
    epochs: int = 3
    crf: bool = False


def written(folder, text):
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_fills_the_dataclass_and_what_it_leaves_out_keeps_its_default(tmp_path):
    path = written(tmp_path, 'encoder = "größer"\nlayers = ["skill", "knowledge"]\nrate = 1\ncrf = true\n')
    assert read_config(path, Settings) == Settings(
        encoder="größer", layers=("skill", "knowledge"), rate=1, epochs=3, crf=True
    )
    assert read_config(written(tmp_path, ""), Settings) == Settings()


def test_an_unknown_key_is_an_error_that_lists_the_known(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown key epoch; known are crf, encoder, epochs, layers, rate"):
        read_config(written(tmp_path, "epoch = 3"), Settings)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('epochs = "3"', "epochs is '3', and a value of type int"),
        ("epochs = 3.0", "type int"),
        ("epochs = true", "type int"),
        ("crf = 1", "type bool"),
        ("rate = false", "type float"),
        ('rate = "fast"', "type float"),
        ("encoder = 3", "type str"),
        ('layers = "skill"', "type list"),
        ('layers = ["skill", 2]', "layers with the element is 2, and a value of type str"),
        ("epochs = {a = 1}", "type int"),
    ],
)
def test_a_value_of_the_wrong_type_is_an_error(tmp_path, line, expected):
    with pytest.raises(ConfigError, match=expected):
        read_config(written(tmp_path, line), Settings)


@pytest.mark.parametrize("content", [b"epochs 3", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_not_toml_is_an_error(tmp_path, content):
    (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(ConfigError, match="is not TOML"):
        read_config(tmp_path / "settings.toml", Settings)


def test_a_missing_file_and_a_folder_are_errors(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml cannot be read: No such file"):
        read_config(tmp_path / "nowhere.toml", Settings)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(tmp_path, Settings)


def test_the_hash_changes_with_every_value():
    changes = [{"encoder": "x"}, {"layers": ()}, {"rate": 0.25}, {"epochs": 4}, {"crf": True}]
    hashes = {config_sha256(replace(Settings(), **change)) for change in changes}
    assert len(hashes | {config_sha256(Settings())}) == 6
    assert config_sha256(Settings()) == config_sha256(Settings())
    assert json.loads(json.dumps(config_values(Settings())))["layers"] == ["skill"]
