"""The script of the page that `metier match map --html` writes."""

from typing import Final

SCRIPT: Final = """
"use strict";
const map = JSON.parse(document.getElementById("map").textContent);
const canvas = document.querySelector("canvas"), pen = canvas.getContext("2d");
const tip = document.getElementById("tip"), by = document.getElementById("by");
const legend = document.getElementById("legend"), density = document.getElementById("density");
const every = { by: "nothing", names: ["people"], colours: ["#0072B2"], of: map.places.map(() => 0) };
const groupings = map.groupings.length ? map.groupings : [every];
let grouping = groupings[0], hidden = new Set(), zoom = 1, left = 0, top_ = 0, at = -1, drag = null, waiting = false;

const side = () => 0.94 * Math.min(canvas.clientWidth, canvas.clientHeight);
function place(number) {
  const [x, y] = map.places[number], size = side() * zoom;
  return [canvas.clientWidth / 2 + left + (x - 0.5) * size, canvas.clientHeight / 2 + top_ - (y - 0.5) * size];
}

// one kernel of the density, drawn once: the fainter, the more people there are, so that heaps do not fill up
const strength = Math.round(Math.max(8, Math.min(38, 12000 / map.places.length))).toString(16).padStart(2, "0");
function blob(colour, radius) {
  const one = document.createElement("canvas");
  one.width = one.height = 2 * radius;
  const ink = one.getContext("2d"), shade = ink.createRadialGradient(radius, radius, 0, radius, radius, radius);
  shade.addColorStop(0, colour + strength);
  shade.addColorStop(1, colour + "00");
  ink.fillStyle = shade;
  ink.fillRect(0, 0, 2 * radius, 2 * radius);
  return one;
}

function draw() {
  waiting = false;
  const scale = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  canvas.width = width * scale;
  canvas.height = height * scale;
  pen.scale(scale, scale);
  const shown = map.places.map((_, number) => number).filter(number => !hidden.has(grouping.of[number]));
  const points = shown.map(number => [number, ...place(number)])
    .filter(([, x, y]) => x > -60 && y > -60 && x < width + 60 && y < height + 60);
  if (density.checked) {
    const radius = Math.round(Math.max(14, 0.04 * side()));
    const blobs = grouping.colours.map(colour => blob(colour, radius));
    for (const [number, x, y] of points) {
      const group = grouping.of[number];
      if (grouping.names[group] !== map.other) pen.drawImage(blobs[group], x - radius, y - radius);
    }
  }
  const size = Math.min(7, 2.4 + 0.6 * Math.log2(zoom));
  pen.strokeStyle = getComputedStyle(document.body).backgroundColor;
  pen.lineWidth = 0.7;
  for (const [number, x, y] of points) {
    pen.fillStyle = grouping.colours[grouping.of[number]];
    pen.beginPath();
    pen.arc(x, y, number === at ? size + 3 : size, 0, 7);
    pen.fill();
    pen.stroke();
  }
}
function redraw() { if (!waiting) { waiting = true; requestAnimationFrame(draw); } }

function fillLegend() {
  const counts = grouping.names.map(() => 0);
  for (const group of grouping.of) counts[group] += 1;
  legend.replaceChildren(...grouping.names.map((name, group) => {
    const button = document.createElement("button"), dot = document.createElement("i");
    const label = document.createElement("span"), count = document.createElement("span");
    dot.style.setProperty("--c", grouping.colours[group]);
    label.className = "name";
    label.textContent = name;  // a text, whatever it holds
    count.className = "n";
    count.textContent = counts[group].toLocaleString("en");
    button.append(dot, label, count);
    button.setAttribute("aria-pressed", String(!hidden.has(group)));
    button.addEventListener("click", () => {
      if (!hidden.delete(group)) hidden.add(group);
      button.setAttribute("aria-pressed", String(!hidden.has(group)));
      redraw();
    });
    const row = document.createElement("li");
    row.append(button);
    return row;
  }));
}

function zoomBy(factor, x = canvas.clientWidth / 2, y = canvas.clientHeight / 2) {
  const next = Math.min(60, Math.max(0.5, zoom * factor));
  const dx = x - canvas.clientWidth / 2, dy = y - canvas.clientHeight / 2;
  left = dx - (dx - left) * next / zoom;  // what is under the pointer stays there
  top_ = dy - (dy - top_) * next / zoom;
  zoom = next;
  redraw();
}

function point(event) {
  const box = canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best = 12 * 12;
  at = -1;
  map.places.forEach((_, number) => {
    if (hidden.has(grouping.of[number])) return;
    const [px, py] = place(number), far = (px - x) ** 2 + (py - y) ** 2;
    if (far < best) [best, at] = [far, number];
  });
  tip.hidden = at < 0;
  if (at >= 0) {
    tip.children[0].textContent = map.titles[at] || "without a title";
    tip.children[1].textContent = map.categories[at] || "category not known";
    const [px, py] = place(at);
    tip.style.left = Math.max(4, Math.min(px + 14, canvas.clientWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = Math.max(4, Math.min(py + 14, canvas.clientHeight - tip.offsetHeight - 4)) + "px";
  }
  redraw();
}

canvas.addEventListener("wheel", event => {
  event.preventDefault();
  const box = canvas.getBoundingClientRect();
  zoomBy(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
canvas.addEventListener("pointerdown", event => {
  drag = [event.clientX - left, event.clientY - top_];
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", event => {
  if (!drag) return point(event);
  [left, top_] = [event.clientX - drag[0], event.clientY - drag[1]];
  tip.hidden = true;
  redraw();
});
for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { drag = null; });
canvas.addEventListener("pointerleave", () => { at = -1; tip.hidden = true; redraw(); });
canvas.addEventListener("keydown", event => {
  const moves = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
  if (event.key in moves) { left += moves[event.key][0]; top_ += moves[event.key][1]; redraw(); }
  else if (event.key === "+") zoomBy(1.4);
  else if (event.key === "-") zoomBy(1 / 1.4);
  else if (event.key === "0") whole();
  else return;
  event.preventDefault();
});
function whole() { zoom = 1; left = top_ = 0; redraw(); }
function choose(groups) { hidden = new Set(groups); fillLegend(); redraw(); }
document.getElementById("in").addEventListener("click", () => zoomBy(1.4));
document.getElementById("out").addEventListener("click", () => zoomBy(1 / 1.4));
document.getElementById("reset").addEventListener("click", whole);
document.getElementById("every").addEventListener("click", () => choose([]));
document.getElementById("none").addEventListener("click", () => choose(grouping.names.keys()));
density.addEventListener("change", redraw);
by.append(...groupings.map(one => new Option(one.by)));
by.addEventListener("change", () => { grouping = groupings[by.selectedIndex]; choose([]); });
new ResizeObserver(redraw).observe(canvas);
choose([]);
"""
