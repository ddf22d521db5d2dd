"""Tagged sentences in, whatever the format of the file."""

from pathlib import Path

from metier.data.skillspan import TaggedSentence, read_skillspan


def read_tagged(path: Path) -> list[TaggedSentence]:
    """Read a file of tagged sentences.

    Args:
        path: The file.

    Returns:
        The sentences in file order.
    """
    return read_skillspan(path)
