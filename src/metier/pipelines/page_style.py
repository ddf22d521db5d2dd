"""The style sheet of the page that `metier annotate --html` writes."""

from typing import Final

STYLE: Final = """
:root { --ink: #1c2430; --soft: #5d6a7a; --line: #dfe4ea; --paper: #ffffff; --ground: #f4f6f8;
  --skill: #ffe2b8; --skill-edge: #d98a1f; --knowledge: #cfe3ff; --knowledge-edge: #2f6fd0;
  --both: #e6d3f7; --required: #1c7a43; --preferred: #1f6d8c; --negated: #b3372f; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ef; --soft: #97a4b3; --line: #303a46; --paper: #1a2028; --ground: #12161c;
    --skill: #553a12; --skill-edge: #e0a04a; --knowledge: #17375f; --knowledge-edge: #6ea6f2;
    --both: #45305c; --required: #6ccf93; --preferred: #6fc1e0; --negated: #f08a82; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.65 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
header { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--line); }
.legend { max-width: 1180px; margin: 0 auto; padding: .55rem 1.5rem; font-size: .85rem; color: var(--soft); }
.legend .m { margin-right: .6rem; }
main { max-width: 1180px; margin: 0 auto; padding: 1.5rem; }
article { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; margin-bottom: 1.75rem;
  padding: 1.5rem 1.75rem 1rem; }
h1 { font-size: 1.4rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: .78rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); margin: 0 0 .4rem; }
.about { color: var(--soft); margin: .2rem 0 1.2rem; font-size: .88rem; overflow-wrap: anywhere; }
.columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 2rem; }
.text section { position: relative; border-left: 3px solid var(--line); padding: .15rem 0 .15rem .95rem;
  margin-bottom: .8rem; }
.text section.requirements { border-color: var(--required); }
.text section.duties { border-color: var(--knowledge-edge); }
.text section.company, .text section.benefits, .text section.legal { color: var(--soft); }
.text p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.label { display: block; font-size: .7rem; letter-spacing: .07em; text-transform: uppercase; color: var(--soft); }
.m { padding: .08em 0; border-bottom: 2px solid transparent; cursor: help; -webkit-box-decoration-break: clone;
  box-decoration-break: clone; color: var(--ink); }
.m.skill { background: var(--skill); border-color: var(--skill-edge); }
.m.knowledge { background: var(--knowledge); border-color: var(--knowledge-edge); }
.m.skill.knowledge { background: var(--both); border-color: var(--knowledge-edge); }
.m.first { border-top-left-radius: 4px; border-bottom-left-radius: 4px; padding-left: .2em; }
.m.last { border-top-right-radius: 4px; border-bottom-right-radius: 4px; padding-right: .2em; }
.m.unlinked { border-bottom-style: dashed; }
.m.negated { text-decoration: line-through; text-decoration-color: var(--negated); }
aside { font-size: .9rem; }
table { width: 100%; border-collapse: collapse; margin-bottom: 1.4rem; }
th { text-align: left; padding: .5rem .6rem .2rem 0; font-size: .85rem; }
th.required { color: var(--required); } th.preferred { color: var(--preferred); }
th.negated { color: var(--negated); }
td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top; line-height: 1.4; }
td a { color: inherit; text-decoration: none; } td a:hover { text-decoration: underline; }
.surfaces { display: block; color: var(--soft); font-size: .82rem; overflow-wrap: anywhere; }
.group, .probability { white-space: nowrap; color: var(--soft); font-variant-numeric: tabular-nums; }
.probability { text-align: right; padding-right: 0; }
meter { width: 3rem; height: .5rem; margin-right: .45rem; }
.keywords { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .35rem; }
.keywords li { border: 1px solid var(--line); border-radius: 999px; padding: .05rem .65rem; font-size: .85rem; }
footer { color: var(--soft); font-size: .75rem; border-top: 1px solid var(--line); margin-top: 1.2rem;
  padding-top: .6rem; overflow-wrap: anywhere; }
.nothing { color: var(--soft); }
@media (max-width: 760px) { .columns { grid-template-columns: 1fr; } main { padding: .75rem; } }
@media print { header { display: none; } body, article { background: none; border: 0; } }
"""
