"""CoNLL files: a word per line, its skill tag and its knowledge tag, parted by tabs; an empty line ends a sentence.

The form of Kompetencer (Zhang, Jensen and Plank, 2022), whose sentences end with a line of two tabs. A file with one
tag column holds one layer. `# newdoc id = X` (CoNLL-U) and `-DOCSTART-` (CoNLL-2003) begin a posting.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Final

from metier.data.packed_text import read_text, write_whole
from metier.data.skillspan import TaggedSentence
from metier.data.span_tags import joined_words, n_orphans, tagged_spans, to_tagged
from metier.data.spanned_text import LABELS, LabelledSpan, SpannedText
from metier.errors import InputError

_POSTING: Final = "# newdoc id = "
_SOURCE: Final = "# source = "
_DOCUMENT: Final = "-DOCSTART-"
_NOT_ANNOTATED: Final = "_"
_MOST_STRAY: Final = 0.01  # share of tags that are none, above which the column holds something else than tags

_Lines = list[tuple[int, list[str]]]  # the lines of a sentence: number, columns


def read_conll(path: Path, *, tell: Callable[[str], None]) -> list[SpannedText]:
    """Read a CoNLL file.

    Args:
        path: Two columns (word, tag) or three (word, skill tag, knowledge tag), packed with gzip or not. Tags are `B`,
            `I`, `O`, with a type behind or not; `_` for a whole sentence says that the layer was not annotated.
        tell: Called with a sentence if stray tags were read as `O`, or an `I` without a `B` began a span.

    Returns:
        The sentences in file order. One tag column without types holds skills, or what its types say.

    Raises:
        InputError: If the file cannot be read, has other columns, or a column holds something else than tags.
    """
    lines = [(number, line.rstrip("\r")) for number, line in enumerate(read_text(path).split("\n"), start=1)]
    sentences = list(_sentences(lines))
    width = _width([line for _, _, some in sentences for line in some], path)
    labels = []
    for position, default in zip(range(1, width), LABELS, strict=False):
        layer = [[columns[position] for _, columns in some] for _, _, some in sentences]
        _tell_repairs(layer, f"{path}: column {position + 1}", tell)
        labels.append(_types(layer) or (default,))
    return [_sentence(some, labels, posting=posting, source=source, path=path) for posting, source, some in sentences]


def write_conll(rows: Sequence[SpannedText], path: Path) -> None:
    """Write a CoNLL file: one tag column if there is no knowledge layer, else two; comments where a posting begins.

    Args:
        rows: With words; spans begin and end with one. A row without words is left out: CoNLL cannot write it.
        path: The file; it appears when it is whole.

    Raises:
        InputError: If the file cannot be written, a row does not fit two layers of tags, or a word, a posting's name or
            a source holds a tab or a line end.
    """
    sentences = [(row.origin, to_tagged(row)) for row in rows if row.words]
    one_layer = all(sentence.knowledge is None for _, sentence in sentences)
    write_whole(path, "".join(_lines_of(sentences, one_layer=one_layer)))


def _sentences(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[str, str, _Lines]]:
    """Give the posting, the source and the lines of each sentence."""
    posting = source = ""
    n_documents = 0
    some: _Lines = []
    for number, line in chain(lines, [(0, "")]):
        is_mark = "\t" not in line and line.startswith("#")
        columns = line.split("\t")
        if line.strip() and not is_mark and columns[0].split(" ")[0] != _DOCUMENT:
            some.append((number, columns))
            continue
        if some:
            yield posting, source, some
            some = []
        if line.startswith(_POSTING.rstrip()) and is_mark:
            posting = line[len(_POSTING) :]
        elif line.startswith(_SOURCE.rstrip()) and is_mark:
            source = line[len(_SOURCE) :]
        elif line.strip() and not is_mark:
            n_documents += 1
            posting = str(n_documents)


def _width(lines: _Lines, path: Path) -> int:
    width = len(lines[0][1]) if lines else 3
    for number, columns in lines:
        if len(columns) != width or width not in (2, 3):
            raise InputError(
                f"{path}, line {number} has {len(columns)} columns, expected {width if width in (2, 3) else '2 or 3'}: "
                "the word, then one tag or the skill tag and the knowledge tag, parted by tabs."
            )
    return width


def _is_tag(tag: str) -> bool:
    return tag in ("B", "I", "O", _NOT_ANNOTATED) or (tag[:2] in ("B-", "I-") and len(tag) > 2)


def _tell_repairs(layer: Sequence[Sequence[str]], where: str, tell: Callable[[str], None]) -> None:
    tags = [tag for sentence in layer for tag in sentence]
    stray = Counter(tag for tag in tags if not _is_tag(tag))
    if stray.total() > max(1, _MOST_STRAY * len(tags)) or stray.total() == len(tags) > 0:
        raise InputError(f"{where} has '{next(iter(stray))}', which is no tag; expected B, I, O or such as B-Skill.")
    if stray:
        tell(f"{stray.total()} stray tags were read as O: {', '.join(map(repr, sorted(stray)))}")
    if orphans := sum(n_orphans(_clean(sentence)) for sentence in layer):
        tell(f"{orphans} spans began with I instead of B")


def _clean(tags: Sequence[str]) -> list[str]:
    return [tag if _is_tag(tag) and tag != _NOT_ANNOTATED else "O" for tag in tags]


def _types(layer: Sequence[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag[2:] for sentence in layer for tag in sentence if _is_tag(tag) and tag[2:]))


def _sentence(
    lines: _Lines, labels: Sequence[tuple[str, ...]], *, posting: str, source: str, path: Path
) -> SpannedText:
    origin = f"{path}, line {lines[0][0]}"
    texts = [columns[0] for _, columns in lines]
    words = joined_words(texts, origin=origin)
    spans: list[LabelledSpan] = []
    looked_for: list[str] = []
    for position, names in enumerate(labels, start=1):
        tags = [columns[position] for _, columns in lines]
        if set(tags) != {_NOT_ANNOTATED}:
            looked_for += names
            spans += tagged_spans(_clean(tags), words, untyped=names[0])
    return SpannedText(" ".join(texts), words, tuple(sorted(set(spans))), tuple(looked_for), posting, source, origin)


def _lines_of(sentences: Sequence[tuple[str, TaggedSentence]], *, one_layer: bool) -> Iterator[str]:
    before = ("", "")
    for origin, sentence in sentences:
        facts = (sentence.posting, sentence.source)
        for mark, value, old in zip((_POSTING, _SOURCE), facts, before, strict=True):
            if value != old:
                yield f"{mark}{_one_field(value, origin)}\n"
        before = facts
        layers = (sentence.skill,) if one_layer else (sentence.skill, sentence.knowledge)
        columns = [_typed(tags, label, len(sentence.words)) for tags, label in zip(layers, LABELS, strict=False)]
        for row in zip((_one_field(word, origin) for word in sentence.words), *columns, strict=True):
            yield "\t".join(row) + "\n"
        yield "\n"


def _typed(tags: Sequence[str] | None, label: str, n_words: int) -> Sequence[str]:
    if tags is None:
        return [_NOT_ANNOTATED] * n_words
    return [tag if tag == "O" else f"{tag}-{label}" for tag in tags]


def _one_field(value: str, origin: str) -> str:
    if any(character in value for character in "\t\n\r") or value.startswith(_DOCUMENT):
        raise InputError(f"{origin} has {value!r}, which CoNLL has no way to write; give a format of JSON.")
    return value
