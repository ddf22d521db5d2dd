"""The columns of a table that are kept as they came: their names, each once, and their SQL types."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_WHOLE: Final = 1 << 63  # a larger number is no BIGINT
_PLAIN: Final = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR")
_TOLD_AS_TEXT: Final = ("DATE", "TIME", "TIMESTAMP", "DECIMAL", "HUGEINT", "UBIGINT", "UINTEGER", "UUID")


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Name the columns so that each is told from all others, whatever the case.

    Args:
        header: As a file has it; names may be empty, or come twice.

    Returns:
        As many names: an empty one is `column_2` by its place, a second `name` is `name_2`.
    """
    names: list[str] = []
    taken: set[str] = set()
    for place, given in enumerate(header, start=1):
        name = given or f"column_{place}"
        names.append(next(free for free in _numbered(name) if free.casefold() not in taken))
        taken.add(names[-1].casefold())
    return tuple(names)


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}_{number}"
        number += 1


class JsonColumns:
    """Collects the keys of JSON objects, in the order in which they come, and what they hold."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kinds: dict[str, set[str]] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Look at one object."""
        for name, value in row.items():
            kinds = self._kinds.setdefault(name, set())
            if value is not None:
                kinds.add(_kind(value))

    @property
    def types(self) -> dict[str, str]:
        """Name -> SQL type; VARCHAR where the values are of several kinds, or are lists or objects."""
        return {name: _sql_type(kinds) for name, kinds in self._kinds.items()}


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int) and abs(value) < _WHOLE:
        return "BIGINT"
    return "DOUBLE" if isinstance(value, float) else "VARCHAR"


def _sql_type(kinds: set[str]) -> str:
    if len(kinds) == 1:
        return next(iter(kinds))
    return "DOUBLE" if kinds == {"BIGINT", "DOUBLE"} else "VARCHAR"


@dataclass(frozen=True, slots=True)
class ParquetColumns:
    """What to ask a Parquet file for."""

    types: Mapping[str, str]  # name -> SQL type, with which the values can be written again
    selection: str  # after SELECT: gives plain values, or text


def parquet_columns(described: Mapping[str, str]) -> ParquetColumns:
    """Choose plain values, or text, for each column.

    Args:
        described: Name -> SQL type, as the file has them.

    Returns:
        The same columns. Dates and the like come as text and keep their type; lists and records come as text, and
        stay it.
    """
    types, selected = {}, []
    for name, sql_type in described.items():
        quoted = '"' + name.replace('"', '""') + '"'
        plain = sql_type in _PLAIN
        selected.append(quoted if plain else f"CAST({quoted} AS VARCHAR)")
        types[name] = sql_type if plain or sql_type.startswith(_TOLD_AS_TEXT) else "VARCHAR"
    return ParquetColumns(types, ", ".join(selected))
