"""Configuration files: one TOML file fills one frozen dataclass; an unknown key is an error."""

import dataclasses
import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from metier.errors import ConfigError

Config = TypeVar("Config")


def read_config(path: Path, kind: type[Config]) -> Config:
    """Read a configuration.

    Args:
        path: A TOML file.
        kind: A dataclass; every key of the file is one of its fields.

    Returns:
        The filled dataclass.

    Raises:
        ConfigError: If the file is missing, is not TOML, or has a key or a value that does not fit.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigError(f"{path} is not TOML: {error}.") from error
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(values.keys() - fields.keys())
    if unknown:
        raise ConfigError(f"{path} has the unknown key {unknown[0]}; known are {', '.join(sorted(fields))}.")
    for key, value in values.items():
        _check_type(f"{path}: {key}", value, fields[key].default)
    return kind(**{key: tuple(v) if isinstance(v, list) else v for key, v in values.items()})


def config_values(config: object) -> dict[str, Any]:
    """Give a configuration's values as plain JSON values."""
    values: dict[str, Any] = dataclasses.asdict(config)  # type: ignore[call-overload]
    return values


def config_sha256(config: object) -> str:
    """Hash a configuration: changes whenever a value does.

    Args:
        config: A dataclass of plain values.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(json.dumps(config_values(config), sort_keys=True).encode()).hexdigest()


def _check_type(where: str, value: Any, default: Any) -> None:  # noqa: ANN401  # any TOML value
    if default is dataclasses.MISSING:
        return
    expected = list if isinstance(default, tuple) else type(default)
    fits = isinstance(value, expected) or (expected is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and expected is not bool):
        raise ConfigError(f"{where} is {value!r}, and a value of type {expected.__name__} was expected.")
    if isinstance(default, tuple) and default:
        for element in value:
            _check_type(f"{where} with the element", element, default[0])
