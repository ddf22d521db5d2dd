"""Every error that metier raises on purpose.

    MetierError
    ├── InputError            what the caller gave cannot be read: a file, a row, a text
    │   ├── MissingColumn     a table or a row lacks a field that is needed
    │   └── TaxonomyInvalid   a taxonomy file has rows that contradict each other; carries one problem per row
    ├── ConfigError           an option or a configuration file is wrong
    ├── ModelError            a model folder cannot be used
    │   ├── UnknownModel      no such shipped model and no such folder
    │   ├── DamagedModel      a file is missing, or is not the one that was saved
    │   └── TaxonomyMismatch  the linker and the taxonomy index were not built for each other
    ├── VectorIndexError      an index of vectors cannot be read or written
    │   ├── IndexMismatch     the vectors or the model are not those that it was built with
    │   └── IndexBusy         another process is writing to it
    ├── ServiceError          a service on the web gave no answer that can be used
    └── MissingExtra          an optional dependency is not installed

A message says what came, what was expected and what to do, in one sentence or two.
"""

from collections.abc import Sequence


class MetierError(Exception):
    """The root of the tree: catch this to catch everything that metier raises on purpose."""


class InputError(MetierError):
    """What the caller gave cannot be read."""


class MissingColumn(InputError):
    """A table or a row lacks a field that is needed."""


class TaxonomyInvalid(InputError):
    """A taxonomy file has rows that contradict each other."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        """Keep the list of problems beside the message.

        Args:
            message: One sentence for the reader.
            problems: One line per faulty row, each naming its row.
        """
        super().__init__(message)
        self.problems = tuple(problems)


class ConfigError(MetierError):
    """An option or a configuration file is wrong."""


class ModelError(MetierError):
    """A model folder cannot be used."""


class UnknownModel(ModelError):
    """No shipped model and no folder has this name."""


class DamagedModel(ModelError):
    """A file of the model is missing, or is not the one that was saved."""


class TaxonomyMismatch(ModelError):
    """The linker and the taxonomy index were not built for each other."""


class VectorIndexError(MetierError):
    """An index of vectors cannot be read or written."""


class IndexMismatch(VectorIndexError):
    """The vectors or the model are not those that the index was built with."""


class IndexBusy(VectorIndexError):
    """Another process is writing to the index."""


class ServiceError(MetierError):
    """A service on the web gave no answer that can be used."""


class MissingExtra(MetierError):
    """An optional dependency is not installed."""

    def __init__(self, extra: str, purpose: str) -> None:
        """Say what is missing and how to install it.

        Args:
            extra: The name of the extra in `pyproject.toml`.
            purpose: What the caller was trying to do, as a phrase that completes "… needs".
        """
        super().__init__(f"{purpose} needs the extra '{extra}': pip install 'metier[{extra}]'.")
        self.extra = extra
        self.purpose = purpose

    def __reduce__(self) -> tuple[type["MissingExtra"], tuple[str, str]]:
        """Let it pass from one process to another, which makes it anew."""
        return MissingExtra, (self.extra, self.purpose)
