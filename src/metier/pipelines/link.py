"""Link plain texts: each is taken for one mention that fills it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from metier.domain import Link, Mention, Span
from metier.protocols import Linker

_CHUNK: Final = 256


def link_texts(texts: Iterable[str], *, linker: Linker) -> Iterator[Link]:
    """Link a list of skills, a few hundred at a time.

    Args:
        texts: Such as `python` or `project planning`; none empty.
        linker: Says what they mean.

    Yields:
        One link per text, in order.
    """
    remaining = iter(texts)
    while chunk := list(islice(remaining, _CHUNK)):
        mentions = [[Mention(Span(0, len(text)), text, "skill", 1.0)] for text in chunk]
        for links in linker.link(chunk, mentions):
            yield from links
