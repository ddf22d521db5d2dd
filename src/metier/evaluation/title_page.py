"""A sheet of title neighbours as one page that stands alone: two pictures, four choices, answers to download."""

import json
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Final

from metier.data.files_out import written_whole
from metier.evaluation.title_picture import draw
from metier.evaluation.title_sheet import SheetItem, TitleSheet

_STYLE: Final = """
:root { --ink: #1c2430; --soft: #5d6a7a; --line: #dfe4ea; --paper: #ffffff; --ground: #f4f6f8;
  --near: #2f6fd0; --chosen: #d98a1f; --done: #1c7a43; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --soft: #97a4b3; --line: #303a46; --paper: #1a2028; --ground: #12161c;
    --near: #6ea6f2; --chosen: #e0a04a; --done: #6ccf93; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); }
.bar { max-width: 1240px; margin: 0 auto; padding: .55rem 1.5rem; display: flex; gap: 1rem; align-items: center;
  font-size: .88rem; color: var(--soft); flex-wrap: wrap; }
progress { flex: 1; min-width: 8rem; height: .55rem; accent-color: var(--done); }
main { max-width: 1240px; margin: 0 auto; padding: 1.25rem 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .1rem; overflow-wrap: anywhere; }
.ask { color: var(--soft); margin: 0 0 1rem; }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1.25rem; }
figure { margin: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: .6rem; }
figcaption { font-size: .78rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 13px; fill: var(--ink); }
svg .near circle { fill: var(--near); } svg .chosen circle { fill: var(--chosen); }
svg .chosen text { font-weight: 700; }
svg line { stroke: var(--soft); stroke-width: .7; }
.choices { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1.1rem 0 .6rem; }
button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: .55rem .8rem; cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--near); }
button[aria-pressed="true"] { border-color: var(--done); box-shadow: inset 0 0 0 1px var(--done); font-weight: 600; }
button:disabled { opacity: .45; cursor: default; }
kbd { font: inherit; font-size: .78rem; color: var(--soft); border: 1px solid var(--line); border-radius: 4px;
  padding: 0 .35em; margin-left: .35em; }
.moves { display: flex; gap: .75rem; justify-content: space-between; }
@media (max-width: 760px) { .sides, .choices { grid-template-columns: 1fr; } main { padding: .75rem; } }
"""
_SCRIPT: Final = """
"use strict";
const sheet = JSON.parse(document.getElementById("sheet").textContent);
const items = [...document.querySelectorAll("article")];
const key = "metier-titles-" + sheet.id;
const keys = { ArrowLeft: "left", ArrowRight: "right", b: "both", n: "none" };
let choices = {};
try { choices = JSON.parse(localStorage.getItem(key)) || {}; } catch { /* closed storage: kept in memory only */ }
let at = items.findIndex((_, number) => !(number in choices));
if (at < 0) at = items.length - 1;

function show(number) {
  at = Math.max(0, Math.min(items.length - 1, number));
  items.forEach((item, place) => { item.hidden = place !== at; });
  for (const button of document.querySelectorAll("[data-choice]"))
    button.setAttribute("aria-pressed", String(choices[at] === button.dataset.choice));
  const n = Object.keys(choices).length;
  document.querySelector("progress").value = n;
  document.getElementById("count").textContent = `title ${at + 1} of ${items.length}, ${n} judged`;
  document.getElementById("back").disabled = at === 0;
  document.getElementById("next").disabled = at === items.length - 1;
}

function choose(choice) {
  choices[at] = choice;
  try { localStorage.setItem(key, JSON.stringify(choices)); } catch { /* as above */ }
  show(at + 1);
}

function answers() {
  const judged = sheet.items.map((item, number) => ({ ...item, choice: choices[number] }));
  return { sheet: sheet.id, seed: sheet.seed, systems: sheet.systems, answers: judged.filter(item => item.choice) };
}

function download() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([JSON.stringify(answers(), null, 1)], { type: "application/json" }));
  link.download = `title-answers-${sheet.id.slice(0, 8)}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

for (const button of document.querySelectorAll("[data-choice]"))
  button.addEventListener("click", () => choose(button.dataset.choice));
document.getElementById("back").addEventListener("click", () => show(at - 1));
document.getElementById("next").addEventListener("click", () => show(at + 1));
document.getElementById("download").addEventListener("click", download);
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key in keys) choose(keys[event.key]);
  else if (event.key === "ArrowUp" || event.key === "Backspace") show(at - 1);
  else if (event.key === "ArrowDown") show(at + 1);
  else return;
  event.preventDefault();
});
show(at);
"""
_CONTROLS: Final = """<div class="choices">
<button data-choice="left">Left is better<kbd>←</kbd></button>
<button data-choice="right">Right is better<kbd>→</kbd></button>
<button data-choice="both">Both are good<kbd>b</kbd></button>
<button data-choice="none">None is good<kbd>n</kbd></button>
</div>
<div class="moves"><button id="back">Back<kbd>↑</kbd></button><button id="next">Skip<kbd>↓</kbd></button></div>
"""


def write_sheet(path: Path, sheet: TitleSheet) -> None:
    """Write a sheet as a page, all or nothing.

    Args:
        path: Where it goes.
        sheet: What is to be judged.

    Raises:
        InputError: If nothing can be written there.
    """
    with written_whole(path) as temporary:
        temporary.write_text(render_sheet(sheet), encoding="utf-8", errors="replace")


def render_sheet(sheet: TitleSheet) -> str:
    """Give a sheet as HTML.

    Args:
        sheet: What is to be judged.

    Returns:
        A page that loads nothing. It names no system where a judge can see it; the answers that it gives to download
        do, and so `metier.evaluation.title_answers.read_answers` can count them.
    """
    content = sheet_content(sheet)
    data = json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")  # no text can end the element
    allowed = b64encode(sha256(_SCRIPT.encode()).digest()).decode()  # this script runs, and no other
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="color-scheme" content="light dark">
<title>Which titles are near?</title>
<style>{_STYLE}</style>
</head>
<body>
<header><div class="bar"><span id="count"></span><progress max="{len(sheet.items)}" value="0"></progress>
<button id="download">Download answers</button></div></header>
<main>
{"".join(map(_article, sheet.items))}{_CONTROLS}</main>
<script type="application/json" id="sheet">{data}</script>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def sheet_content(sheet: TitleSheet) -> dict[str, object]:
    """Give what the page keeps of a sheet as plain JSON values; `id` is a hash of it all, pictures included."""
    items = [{"title": item.title, "left": item.left, "right": item.right} for item in sheet.items]
    known = [sheet.systems, sheet.seed, items, [[_neighbours(item)] for item in sheet.items]]
    identity = sha256(json.dumps(known).encode()).hexdigest()[:16]
    return {"id": identity, "seed": sheet.seed, "systems": list(sheet.systems), "items": items}


def _neighbours(item: SheetItem) -> list[tuple[str, ...]]:
    return [item.left_side.neighbours, item.right_side.neighbours]


def _article(item: SheetItem) -> str:
    sides = "".join(
        f"<figure><figcaption>{name}</figcaption>{draw(item.title, side)}</figure>"
        for name, side in (("left", item.left_side), ("right", item.right_side))
    )
    return (
        f'<article hidden><h1>{escape(item.title)}</h1><p class="ask">Which side shows the better neighbours of this '
        f'title?</p><div class="sides">{sides}</div></article>\n'
    )
