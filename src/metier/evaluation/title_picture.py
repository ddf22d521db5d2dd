"""A neighbourhood of titles as a picture: points and labels in SVG, without labels on top of each other."""

from dataclasses import dataclass
from html import escape
from itertools import product
from typing import Final

from metier.evaluation.title_sheet import Neighbourhood

WIDTH: Final = 640
HEIGHT: Final = 460
_MARGIN_X: Final = 110  # room for labels
_MARGIN_Y: Final = 28
_LINE: Final = 16  # height of a label
_LETTER: Final = 7.6  # width of a letter at 13 pixels, rather too wide than too narrow
_LONGEST: Final = 34  # letters shown; all of them under the pointer


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def draw(title: str, side: Neighbourhood) -> str:
    """Draw a title among its neighbours.

    Args:
        title: The one in the middle of attention; drawn larger.
        side: Its neighbours and where they are.

    Returns:
        An SVG element; every label is escaped.
    """
    points = [
        (WIDTH / 2 + x * (WIDTH / 2 - _MARGIN_X), HEIGHT / 2 - y * (HEIGHT / 2 - _MARGIN_Y))
        for x, y in side.places.tolist()
    ]
    taken = [_Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    pieces = []
    for number, (label, (x, y)) in enumerate(zip((title, *side.neighbours), points, strict=True)):
        box = _free_box(label, x, y, taken)
        taken.append(box)
        pieces.append(_point(label, x, y, box, chosen=number == 0))
    pieces.append(pieces.pop(0))  # what is drawn last is on top
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(pieces)}</svg>'


def _shown(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


def _free_box(label: str, x: float, y: float, taken: list[_Box]) -> _Box:
    """Give the place of a label beside its point that is nearest to it and free; beside it, if none is."""
    width = len(_shown(label)) * _LETTER
    boxes = []
    for shift, right in product(range(0, HEIGHT // 2, _LINE // 2), (True, False)):
        for way in (-1, 1):
            left = x + 9 if right else x - 9 - width
            left = min(max(left, 2), WIDTH - width - 2)
            top = y - _LINE / 2 + way * shift
            boxes.append(_Box(left, top, left + width, top + _LINE))
    inside = (box for box in boxes if box.top >= 0 and box.bottom <= HEIGHT)
    return next((box for box in inside if not any(box.meets(other) for other in taken)), boxes[0])


def _point(label: str, x: float, y: float, box: _Box, *, chosen: bool) -> str:
    kind = "chosen" if chosen else "near"
    middle = (box.top + box.bottom) / 2
    end = min(max(x, box.left), box.right)
    line = "" if abs(middle - y) < _LINE else f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{end:.1f}" y2="{middle:.1f}"/>'
    # a label on the left ends at its point, however wide its letters are
    place = f'x="{box.right:.1f}" text-anchor="end"' if box.right < x else f'x="{box.left:.1f}"'
    return (
        f'<g class="{kind}"><title>{escape(label)}</title>{line}'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{6 if chosen else 4}"/>'
        f'<text {place} y="{box.bottom - 4:.1f}">{escape(_shown(label))}</text></g>'
    )
