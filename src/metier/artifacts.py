"""Model folders on disk: written all or nothing, checked when read.

A folder holds `config.json` and the files it lists. `config.json` says what the folder is (`kind`), in which
`format`, which metier wrote it, the SHA-256 of every other file, and the `settings` of the model. Nothing is pickled.
"""

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from metier.errors import DamagedModel, ModelError, UnknownModel

FORMAT: Final = 1
CONFIG_FILE: Final = "config.json"
SHIPPED_FOLDER: Final = Path(__file__).parent / "models"
_NOTES: Final = frozenset({CONFIG_FILE, "README.md", "record.json"})  # may be edited by hand


@dataclass(frozen=True, slots=True)
class Artifact:
    """A model folder whose files are all there and all unchanged."""

    folder: Path
    kind: str
    settings: Mapping[str, Any]
    sha256: str  # over the hashes of the files and the settings: changes when the model does

    @property
    def size_bytes(self) -> int:
        """Bytes on disk, notes included."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    @property
    def name(self) -> str:
        """The folder's name, such as `tagger-en`."""
        return self.folder.name

    @property
    def version(self) -> str:
        """Name and the first eight digits of the content hash, such as `tagger-en@1a2b3c4d`."""
        return f"{self.name}@{self.sha256[:8]}"

    def path(self, file_name: str) -> Path:
        """The full path of one of the files.

        Args:
            file_name: A name listed in `config.json`.

        Returns:
            The path, which exists.

        Raises:
            DamagedModel: If the folder holds no such file.
        """
        path = self.folder / file_name
        if not path.exists():
            raise DamagedModel(f"Model folder {self.folder} lacks {file_name}; copy or train the model again.")
        return path


def write_artifact(folder: Path, *, kind: str, settings: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a model folder: to a temporary folder beside it first, then by one rename.

    Args:
        folder: Where it goes; a model of the same kind already there is replaced.
        kind: What the folder is, such as `tagger`.
        settings: The frozen configuration; plain JSON values.
        files: File name -> content. `README.md` and `record.json` are notes and are not hashed.

    Raises:
        ModelError: If `folder` is there and is not a model folder of this kind, or cannot be written.
    """
    _check_replaceable(folder, kind)
    hashes = {
        name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items()) if name not in _NOTES
    }
    config = {
        "kind": kind,
        "format": FORMAT,
        "metier": version("metier"),
        "sha256": _digest(hashes, settings),
        "settings": dict(settings),
        "files": hashes,
    }
    content = json.dumps(config, indent=1, ensure_ascii=False) + "\n"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as temporary:
            _write_files(Path(temporary) / "new", {**files, CONFIG_FILE: content.encode()})
            if folder.exists():
                folder.rename(Path(temporary) / "old")
            (Path(temporary) / "new").rename(folder)
    except OSError as error:
        raise ModelError(f"{folder} cannot be written ({error.strerror}); give another folder.") from error


def read_artifact(name: str | Path, *, kind: str) -> Artifact:
    """Find a model, and check that it is whole.

    Args:
        name: A shipped model's name, or the path of a folder.
        kind: What the folder must be, such as `tagger`.

    Returns:
        The folder, with every listed file present and its hash right.

    Raises:
        UnknownModel: If there is neither such a model nor such a folder.
        DamagedModel: If a file is missing or changed, or `config.json` cannot be read.
        ModelError: If the folder is of another kind or of a format this metier cannot read.
    """
    folder = _find(name)
    config = _read_config(folder)
    if config["kind"] != kind:
        raise ModelError(f"{folder} is a {config['kind']}, and a {kind} was expected.")
    if config["format"] != FORMAT:
        raise ModelError(
            f"{folder} has format {config['format']}, this metier reads {FORMAT}; "
            f"it was written by metier {config['metier']}: install that version or train again."
        )
    for file_name, expected in config["files"].items():
        _check_file(folder / file_name, expected)
    if _digest(config["files"], config["settings"]) != config["sha256"]:
        raise DamagedModel(f"{folder / CONFIG_FILE} was changed after it was saved; copy or train the model again.")
    return Artifact(folder=folder, kind=kind, settings=config["settings"], sha256=config["sha256"])


def read_encoder(model: Artifact) -> Artifact:
    """Find the folder that holds a model's encoder: its own, or the `encoder` that it names and shares with others.

    Args:
        model: Whose settings may hold `encoder`, a shipped encoder's name or a folder.

    Returns:
        A folder with `encoder/` and `tokenizer.json`.

    Raises:
        ModelError: If the encoder that it names is missing, damaged, or not the one that the model was trained with.
    """
    name = model.settings.get("encoder")
    if name is None:
        return model
    shared = read_artifact(name, kind="encoder")
    found, needed = shared.settings["encoder_sha256"], model.settings["encoder_sha256"]
    if found != needed:
        raise ModelError(
            f"{model.folder} was trained with the encoder {needed[:12]}…, and '{name}' is {found[:12]}…; "
            "export the model again from its weights, or give the encoder it was trained with."
        )
    return shared


def read_kind(name: str | Path) -> str:
    """Say what a model folder is, such as `tagger`.

    Args:
        name: A shipped model's name, or the path of a folder.

    Returns:
        The kind, as it was given to `write_artifact`.

    Raises:
        UnknownModel: If there is neither such a model nor such a folder.
        DamagedModel: If `config.json` cannot be read.
    """
    return str(_read_config(_find(name))["kind"])


def shipped_names() -> list[str]:
    """Names of the models inside the package, sorted."""
    return sorted(path.parent.name for path in SHIPPED_FOLDER.glob(f"*/{CONFIG_FILE}"))


def describe_shipped() -> list[Artifact]:
    """Read every model inside the package.

    Returns:
        Sorted by name.

    Raises:
        DamagedModel: If one of them is not whole.
    """
    folders = [SHIPPED_FOLDER / name for name in shipped_names()]
    return [read_artifact(folder, kind=read_kind(folder)) for folder in folders]


def _check_replaceable(folder: Path, kind: str) -> None:
    """Refuse to replace what is no model: many other things have a `config.json` too."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        found = _read_config(folder)["kind"]
    except DamagedModel as error:
        raise ModelError(f"{folder} is there and is no model folder; give another one.") from error
    if found != kind:
        raise ModelError(f"{folder} is a {found} and would be replaced by a {kind}; give another folder.")


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    for file_name, content in files.items():
        target = folder / file_name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _find(name: str | Path) -> Path:
    for folder in (Path(name), SHIPPED_FOLDER / name):
        if (folder / CONFIG_FILE).is_file():
            return folder.resolve()
    if Path(name).is_dir():
        raise UnknownModel(f"The folder {name} holds no model: it has no {CONFIG_FILE}.")
    shipped = ", ".join(shipped_names()) or "none"
    raise UnknownModel(f"There is no model '{name}': give a folder, or one of the shipped: {shipped}.")


def _read_config(folder: Path) -> dict[str, Any]:
    path = folder / CONFIG_FILE
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DamagedModel(f"{path} cannot be read ({error}); copy the model again.") from error
    missing = {"kind", "format", "metier", "sha256", "settings", "files"} - set(
        config if isinstance(config, dict) else ()
    )
    if missing:
        raise DamagedModel(f"{path} lacks {', '.join(sorted(missing))}; copy the model again.")
    if not isinstance(config["settings"], dict) or not isinstance(config["files"], dict):
        raise DamagedModel(f"{path} has no object under `settings` or `files`; copy the model again.")
    return dict(config)


def _digest(hashes: Mapping[str, str], settings: Mapping[str, Any]) -> str:
    """Hash what makes a model: its files and its settings."""
    return hashlib.sha256(json.dumps([hashes, settings], sort_keys=True).encode()).hexdigest()


def _check_file(path: Path, expected_sha256: str) -> None:
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DamagedModel(f"{path} cannot be read ({error.strerror}); copy the model again.") from error
    if found != expected_sha256:
        raise DamagedModel(
            f"{path} is not the file that was saved (SHA-256 {found[:12]}…, expected "
            f"{expected_sha256[:12]}…); copy or train the model again."
        )
