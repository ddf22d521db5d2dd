"""Where people lie in the space of an encoder, laid flat: a map, and its picture by group (extra `plots`)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from metier.data.documents import section_texts
from metier.domain import Profile
from metier.errors import InputError, MissingExtra
from metier.evaluation.plots import new_figure, titled
from metier.protocols import DocumentEncoder

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = NDArray[np.float64]

OTHER: Final = "other"
# Okabe and Ito (2008), and Tol's (2021) muted colours; what is left over is grey
COLOURS: Final = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#882255",
    "#44AA99",
    "#999933",
    "#332288",
)
GREY: Final = "#A8AEB6"
_FEWEST: Final = 4  # people: fewer have no neighbourhoods
_NEIGHBOURS: Final = 30  # the perplexity of t-SNE
_FEWEST_FOR_DENSITY: Final = 10
_GRID: Final = 120
_LONGEST: Final = 40  # letters of a group's name in the legend of a picture
_DENSE: Final = 0.35  # of a group's highest density: what is inside is shaded


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentMap:
    """People on a plane: who is near was alike to the encoder; distances far apart say little."""

    profiles: Sequence[Profile]
    places: Floats  # (n_profiles, 2), in [0, 1]
    version: str  # of the encoder

    def groups(self, by: Literal["family", "category", "language"]) -> list[str]:
        """Give each profile's group; `other` for what is rare or not known.

        Args:
            by: What makes a group.

        Returns:
            In the order of the profiles: as many names as there are `COLOURS`, of the most frequent groups.
        """
        names = [_group_name(profile, by) for profile in self.profiles]
        frequent = [name for name, _ in Counter(filter(None, names)).most_common(len(COLOURS))]
        return [name if name in frequent else OTHER for name in names]


def map_profiles(
    encoder: DocumentEncoder, profiles: Sequence[Profile], *, limit: int = 3000, seed: int = 0
) -> LatentMap:
    """Encode people and lay them flat by t-SNE (van der Maaten and Hinton, 2008).

    Args:
        encoder: Gives vectors.
        profiles: Those without a word are left out.
        limit: People on the map; of more, so many are drawn by chance.
        seed: Of the draw and of t-SNE.

    Returns:
        The map, in the order of `profiles`.

    Raises:
        InputError: If fewer than four people have a word.
        MissingExtra: If scikit-learn is not installed.
    """
    drawn = np.sort(np.random.default_rng(seed).permutation(len(profiles))[:limit])
    chosen = [profiles[row] for row in drawn]
    vectors = encoder.encode_profiles(chosen)
    worded = np.flatnonzero(vectors.any(axis=1))
    if len(worded) < _FEWEST:
        raise InputError(f"{len(worded)} of {len(chosen)} profiles have a word; give at least {_FEWEST} to map.")
    flat = _flatten(vectors[worded], seed=seed)
    low, high = flat.min(axis=0), flat.max(axis=0)
    return LatentMap(
        profiles=[chosen[row] for row in worded],
        places=(flat - low) / np.where(high > low, high - low, 1),
        version=encoder.version,
    )


def draw_map(found: LatentMap, *, subject: str) -> "Figure":
    """Draw a map twice: by family and by category, each group with the area where it is dense.

    Args:
        found: The map.
        subject: Whose people they are, for the title.

    Returns:
        The figure; one panel where only one of the two is known.

    Raises:
        MissingExtra: If matplotlib or scipy is not installed.
    """
    known: list[Literal["family", "category"]] = ["family", "category"]
    panels = [by for by in known if set(found.groups(by)) != {OTHER}] or ["category"]
    figure = new_figure(width=0.6 + 5.4 * len(panels), height=7.4)
    maps, legends = figure.subplots(2, len(panels), squeeze=False, height_ratios=[5, 1])
    for axes, legend, by in zip(maps, legends, panels, strict=True):
        _draw_panel(axes, found, by=by)
        _draw_legend(legend, axes)
    caption = (
        f"{len(found.profiles):,} people, t-SNE. Shaded: where the density of a group (Gaussian "
        f"kernels) is above {_DENSE:.0%} of its highest. Nearness means likeness; distances far apart mean little."
    )
    return titled(figure, title=f"People in the space of {found.version}\n{subject}", caption=caption)


def group_colours(groups: Sequence[str]) -> dict[str, str]:
    """Give each group a colour: the most frequent first, `other` grey and last."""
    names = [name for name, _ in sorted(Counter(groups).items(), key=lambda pair: (-pair[1], pair[0]))]
    colours = dict(zip((name for name in names if name != OTHER), COLOURS, strict=False))
    return colours | ({OTHER: GREY} if OTHER in names else {})


def _group_name(profile: Profile, by: Literal["family", "category", "language"]) -> str:
    """The name of a profile's group, empty where it is not known."""
    if by == "language":
        return profile.language or ""
    return (profile.facts.category or "" if by == "category" else "") or section_texts(profile)[by]


def _flatten(vectors: NDArray[np.float32], *, seed: int) -> Floats:
    """Lay vectors of unit length on a plane: float64 (n, 2)."""
    n_neighbours = min(_NEIGHBOURS, (len(vectors) - 1) // 3)
    try:
        from sklearn.manifold import TSNE
    except ImportError:
        raise MissingExtra("plots", "A map of people") from None
    # the distance between vectors of unit length orders as their cosine does
    model = TSNE(perplexity=max(n_neighbours, 1), init="pca", random_state=seed)
    return np.asarray(model.fit_transform(vectors), dtype=np.float64)


def _draw_panel(axes: "Axes", found: LatentMap, *, by: Literal["family", "category"]) -> None:
    groups = np.array(found.groups(by))
    for name, colour in reversed(group_colours(groups.tolist()).items()):  # the frequent ones on top
        inside = found.places[groups == name]
        if name != OTHER:
            _shade(axes, inside, colour=colour)
        axes.scatter(
            inside[:, 0],
            inside[:, 1],
            s=5,
            color=colour,
            alpha=0.7,
            linewidths=0,
            label=f"{shorten(name, _LONGEST, placeholder='…')} ({len(inside):,})",
            zorder=2,
        )
    axes.set_title(f"by {by}", fontsize=9)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.set_aspect("equal")


def _draw_legend(legend: "Axes", axes: "Axes") -> None:
    """Name the groups of a panel under it, the frequent ones first."""
    handles, labels = axes.get_legend_handles_labels()
    legend.legend(
        handles[::-1], labels[::-1], loc="upper center", ncols=2, frameon=False, fontsize=7.5, markerscale=2.5
    )
    legend.axis("off")


def _shade(axes: "Axes", places: Floats, *, colour: str) -> None:
    """Shade where the density of some people is high; nothing where they are too few or on a line."""
    if len(places) < _FEWEST_FOR_DENSITY or np.linalg.matrix_rank(places - places.mean(axis=0)) < places.shape[1]:
        return
    try:
        from scipy.stats import gaussian_kde
    except ImportError:
        raise MissingExtra("plots", "The density of a map") from None
    lines = np.linspace(-0.05, 1.05, _GRID)
    across, up = np.meshgrid(lines, lines)
    # half of Scott's (1992) width: groups lie in several heaps, and his is made for one
    estimate = gaussian_kde(places.T, bw_method=0.5 * len(places) ** (-1 / 6))
    density = estimate(np.stack([across.ravel(), up.ravel()])).reshape(across.shape)
    top = density.max()
    axes.contourf(across, up, density, levels=[_DENSE * top, top], colors=[colour], alpha=0.22, zorder=1)
    axes.contour(across, up, density, levels=[_DENSE * top], colors=[colour], linewidths=0.7, zorder=1)
