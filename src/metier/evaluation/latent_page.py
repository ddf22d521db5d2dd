"""A map of people as one page that stands alone: hover, choose groups, zoom; nothing is loaded."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final, Literal

from metier.data.documents import section_texts
from metier.data.files_out import written_whole
from metier.evaluation.latent_script import SCRIPT
from metier.evaluation.latent_space import OTHER, LatentMap, group_colours

_GROUPED_BY: Final[tuple[Literal["category", "family", "language"], ...]] = ("category", "family", "language")
_LONGEST: Final = 120  # letters of a title that are kept
_STYLE: Final = """
:root { --ink: #1c2430; --soft: #5d6a7a; --line: #dfe4ea; --paper: #ffffff; --ground: #f4f6f8; --near: #2f6fd0; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --soft: #97a4b3; --line: #303a46; --paper: #1a2028; --ground: #12161c; --near: #6ea6f2; } }
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: grid; grid-template: auto 1fr / 1fr 19rem; background: var(--ground);
  color: var(--ink); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { grid-column: 1 / -1; background: var(--paper); border-bottom: 1px solid var(--line); padding: .55rem 1rem;
  display: flex; gap: .4rem 1rem; align-items: baseline; flex-wrap: wrap; }
h1 { font-size: 1.05rem; margin: 0; } header p { margin: 0; color: var(--soft); font-size: .85rem; }
main { position: relative; min-height: 0; overflow: hidden; }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; cursor: grab; touch-action: none; }
canvas:focus-visible { outline: 2px solid var(--near); outline-offset: -3px; }
aside { background: var(--paper); border-left: 1px solid var(--line); padding: .8rem; overflow: auto; }
.row { display: flex; gap: .4rem; margin-bottom: .6rem; flex-wrap: wrap; align-items: center; }
button, select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: 6px; padding: .2rem .55rem; cursor: pointer; }
button:hover, button:focus-visible, select:focus-visible { border-color: var(--near); }
#legend { list-style: none; margin: 0; padding: 0; }
#legend button { display: flex; width: 100%; gap: .5rem; align-items: baseline; border-color: transparent;
  text-align: left; padding: .15rem .35rem; }
#legend i { flex: none; width: .7rem; height: .7rem; border-radius: 50%; background: var(--c); }
#legend .name { flex: 1; overflow-wrap: anywhere; } #legend .n { color: var(--soft); }
#legend button[aria-pressed="false"] { opacity: .4; text-decoration: line-through; }
#tip { position: absolute; pointer-events: none; max-width: 22rem; background: var(--paper); color: var(--ink);
  border: 1px solid var(--line); border-radius: 8px; padding: .4rem .65rem; box-shadow: 0 3px 14px rgb(0 0 0 / .18);
  overflow-wrap: anywhere; }
#tip b, #tip span { display: block; } #tip span { color: var(--soft); font-size: .85rem; }
[hidden] { display: none !important; }
@media (max-width: 760px) { body { grid-template: auto 1fr 40vh / 1fr; }
  aside { border-left: 0; border-top: 1px solid var(--line); } }
"""


def write_map(path: Path, found: LatentMap, *, subject: str) -> None:
    """Write a map as a page, all or nothing.

    Args:
        path: Where it goes.
        found: The map.
        subject: Whose people they are.

    Raises:
        InputError: If nothing can be written there.
    """
    with written_whole(path) as temporary:
        temporary.write_text(render_map(found, subject=subject), encoding="utf-8", errors="replace")


def render_map(found: LatentMap, *, subject: str) -> str:
    """Give a map as HTML.

    Args:
        found: The map.
        subject: Whose people they are.

    Returns:
        A page that loads nothing and runs no script but its own, whatever the titles hold.
    """
    data = json.dumps(map_content(found), ensure_ascii=False).replace("<", "\\u003c")  # no text can end the element
    allowed = b64encode(sha256(SCRIPT.encode()).digest()).decode()  # this script runs, and no other
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    about = f"{len(found.profiles):,} people of {subject} · t-SNE · {found.version}"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<title>People in their space</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>People in their space</h1><p>{escape(about)}. Nearness means likeness; distances far apart mean
little.</p></header>
<main><canvas tabindex="0" role="img" aria-label="Map of people; arrow keys move it, plus and minus zoom"></canvas>
<div id="tip" hidden><b></b><span></span></div></main>
<aside>
<div class="row"><label>Colour by <select id="by"></select></label></div>
<div class="row"><button id="in" aria-label="zoom in">+</button><button id="out" aria-label="zoom out">−</button>
<button id="reset">Whole map</button><label><input type="checkbox" id="density" checked> density</label></div>
<div class="row"><button id="every">All</button><button id="none">None</button></div>
<ul id="legend"></ul>
</aside>
<script type="application/json" id="map">{data}</script>
<script>{SCRIPT}</script>
</body>
</html>
"""


def map_content(found: LatentMap) -> dict[str, object]:
    """Give what the page keeps of a map as plain JSON values: places, titles, and the groups with their colours."""
    groupings = []
    for by in _GROUPED_BY:
        groups = found.groups(by)
        if set(groups) == {OTHER}:
            continue
        colours = group_colours(groups)
        names = list(colours)
        groupings.append(
            {"by": by, "names": names, "colours": list(colours.values()), "of": [*map(names.index, groups)]}
        )
    texts = [section_texts(profile) for profile in found.profiles]
    return {
        "places": found.places.round(4).tolist(),
        "titles": [(text["title"] or text["description"])[:_LONGEST] for text in texts],
        "categories": [text["category"][:_LONGEST] for text in texts],
        "groupings": groupings,
        "other": OTHER,  # of no colour and no density of its own
    }
