"""The main content of a page: the nodes with much text for their tags and links."""

import math

from metier.text.markup import Markup, nodes_at

_LEAST_KEPT = 0.25  # of the visible text: below this the extraction is not believed
_MOST_HINTED = 0.5  # of the visible text: a block this large is no cookie notice, whatever its class says


def content_nodes(markup: Markup) -> list[bool]:
    """Choose the nodes whose own text is the posting.

    A fragment is kept whole, but for what a reader does not see. Of a page, `main`, `article` and the like are kept if
    they hold most of the text; otherwise the dense nodes (Sun, Song and Liao, 2011, "DOM based content extraction
    via text density"). When less than a quarter of the visible text would be left, all of it is kept.

    Args:
        markup: The tree of a page or a fragment.

    Returns:
        One truth value per node.
    """
    visible = [not unseen for unseen in nodes_at(markup, ["unseen"])]
    if not _size(markup, visible):
        visible = [tag not in ("script", "style") for tag in markup.tags]
    if not markup.is_page:
        return visible
    clean = _without_boilerplate(markup, visible)
    kept = _declared(markup, clean) or _dense(markup, clean)
    return kept if _size(markup, kept) >= _LEAST_KEPT * _size(markup, visible) else visible


def _size(markup: Markup, kept: list[bool]) -> int:
    return sum(size for size, keep in zip(markup.sizes, kept, strict=True) if keep)


def _subtree_sums(markup: Markup, values: list[int]) -> list[int]:
    sums = values.copy()
    for node in range(len(sums) - 1, 0, -1):
        sums[markup.parents[node]] += sums[node]
    return sums


def _without_boilerplate(markup: Markup, visible: list[bool]) -> list[bool]:
    seen = [size if keep else 0 for size, keep in zip(markup.sizes, visible, strict=True)]
    sums = _subtree_sums(markup, seen)
    clean = visible.copy()
    for node, role in enumerate(markup.roles):
        junk = role == "boilerplate" or (role == "hinted" and sums[node] < _MOST_HINTED * sums[0])
        clean[node] = clean[node] and not junk and clean[markup.parents[node]]
    return clean


def _declared(markup: Markup, clean: list[bool]) -> list[bool] | None:
    """The outermost `main`, `article` or JobPosting node that holds most of the text, if there is one."""
    sums = _subtree_sums(markup, [size if keep else 0 for size, keep in zip(markup.sizes, clean, strict=True)])
    for node, role in enumerate(markup.roles):
        if role == "content" and clean[node] and sums[node] > sums[0] / 2:
            inside = [False] * len(clean)
            for other in range(node, len(clean)):
                inside[other] = clean[other] and (other == node or inside[markup.parents[other]])
            return inside
    return None


def _dense(markup: Markup, clean: list[bool]) -> list[bool]:
    """Keep what the density of its nodes says is content."""
    densities = _densities(markup, clean)
    n_nodes = len(clean)
    sums = [0.0] * n_nodes  # DensitySum: over the children of a node
    for node in range(1, n_nodes):
        sums[markup.parents[node]] += densities[node]
    best = list(range(n_nodes))  # the node with the largest DensitySum at or below each node
    for node in range(n_nodes - 1, 0, -1):
        parent = markup.parents[node]
        if sums[best[node]] > sums[best[parent]]:
            best[parent] = best[node]
    threshold, node = densities[best[0]], best[0]
    while node > 0:
        threshold = min(threshold, densities[node])
        node = markup.parents[node]
    kept = [False] * n_nodes
    for node in range(n_nodes):
        if clean[node] and densities[node] >= threshold > 0:
            kept[best[node]] = kept[node] = True
    return [keep and markup.tags[node] not in ("", "html", "body") for node, keep in _inherited(markup, kept, clean)]


def _inherited(markup: Markup, kept: list[bool], clean: list[bool]) -> list[tuple[int, bool]]:
    inherited = kept.copy()
    for node in range(1, len(kept)):
        inherited[node] = clean[node] and (kept[node] or inherited[markup.parents[node]])
    return list(enumerate(inherited))


def _densities(markup: Markup, clean: list[bool]) -> list[float]:
    """The composite text density of each node (eq. 3 of the paper).

    CTD = C/T * log_b(C/LC * T/LT) with base b = ln(C/notLC * LC + LC_body/C_body * C + e): C characters, T tags, LC
    characters in links, LT link tags, notLC = C - LC; a count of 0 is read as 1.
    """
    linked = [tag == "a" for tag in markup.tags]
    for node in range(1, len(linked)):
        linked[node] = linked[node] or linked[markup.parents[node]]
    own = [size if keep else 0 for size, keep in zip(markup.sizes, clean, strict=True)]
    characters = _subtree_sums(markup, own)
    link_characters = _subtree_sums(markup, [size if link else 0 for size, link in zip(own, linked, strict=True)])
    tags = _subtree_sums(markup, [int(keep) for keep in clean])
    link_tags = _subtree_sums(markup, [int(keep and tag == "a") for keep, tag in zip(clean, markup.tags, strict=True)])
    body_ratio = link_characters[0] / max(characters[0], 1)
    return [
        _density(c, t=max(t - 1, 1), lc=max(lc, 1), lt=max(lt, 1), body_ratio=body_ratio) if c else 0.0
        for c, t, lc, lt in zip(characters, tags, link_characters, link_tags, strict=True)
    ]


def _density(c: int, *, t: int, lc: int, lt: int, body_ratio: float) -> float:
    base = math.log(c / max(c - lc, 1) * lc + body_ratio * c + math.e)
    return c / t * math.log(max(c / lc * t / lt, 1.0)) / math.log(base)
