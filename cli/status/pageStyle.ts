/** Of the page, in light and in dark, on a desk and on a phone. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --panel: #f4f6f8; --text: #1b1f24; --dim: #59626d; --faint: #d7dce2;
  --ok: #146c3c; --attention: #8a6100; --danger: #c2260d; --ok-ground: #ddf3e6; --attention-ground: #fbeecb;
  --danger-ground: #fbdfd9; --active: #0b63c5; --arrow: #5b7fa8; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --panel: #1d2229; --text: #e4e8ee; --dim: #9aa5b3;
  --faint: #333a44; --ok: #6fd39a; --attention: #e5bd5c; --danger: #ff8a73; --ok-ground: #17382a;
  --attention-ground: #3d3214; --danger-ground: #48201a; --active: #7db4ff; --arrow: #7f9dc0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 76rem; background: var(--ground); color: var(--text);
  font: 15px/1.4 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin: 0 0 .5rem; } small { color: var(--dim); font-size: .85em; }
.summary small { white-space: nowrap; }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.5rem; } .tools input[type=search] { font: inherit; width: 12rem;
  padding: .2rem .4rem; color: var(--text); background: var(--panel); border: 1px solid var(--dim); border-radius: .3rem; }
::placeholder { color: var(--dim); opacity: 1; }
.badge { display: inline-block; padding: 0 .45em; border-radius: .6em; font-size: .8em; font-weight: 600; white-space: nowrap; }
.badge.ok { color: var(--ok); background: var(--ok-ground); }
.badge.attention { color: var(--attention); background: var(--attention-ground); }
.badge.danger { color: var(--danger); background: var(--danger-ground); }
.sites, .item { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1.6fr) minmax(0, 1fr); column-gap: 1rem; }
.sites { position: sticky; top: 0; z-index: 1; padding: .4rem 0; background: var(--ground); }
.site { padding: .4rem .7rem; border-radius: .5rem; background: var(--panel); border-top: 3px solid var(--active); }
.site b { font-size: 1.15rem; } .site small { display: block; }
.site.unknown { border-top: 3px dashed var(--danger); }
.item { align-items: center; padding: .6rem 0; border-bottom: 1px solid var(--faint); }
.item[hidden] { display: none; }
.end { padding: .4rem .7rem; border-radius: .5rem; border: 1px solid var(--faint); min-width: 0; }
.end i { display: none; } .end small { display: block; }
.end.active { border: 2px solid var(--active); } .end.active b { color: var(--active); }
.end.unknown { border-style: dashed; border-color: var(--danger); }
.end.runs { border-color: var(--danger); } .end em { margin-left: .6em; color: var(--danger); font-weight: 600; font-style: normal; }
.link { min-width: 0; text-align: center; }
.link b { display: block; }
.arrow { display: block; position: relative; height: 14px; margin: .1rem 0; }
.arrow::before { content: ""; position: absolute; inset: 6px 2px auto 2px; border-top: 2px solid var(--arrow); }
.arrow::after { content: ""; position: absolute; top: 2px; border: 5px solid transparent; }
.right .arrow::after { right: -3px; border-left-color: var(--arrow); }
.left .arrow::after { left: -3px; border-right-color: var(--arrow); }
.none .arrow::before { border-top: 2px dashed var(--faint); }
.item.danger .arrow::before { border-top-color: var(--danger); }
.item.danger .right .arrow::after { border-left-color: var(--danger); }
.item.danger .left .arrow::after { border-right-color: var(--danger); }
.meter { display: block; height: 4px; margin: 0 auto .15rem; max-width: 16rem; border-radius: 2px;
  background: linear-gradient(to right, var(--ok) var(--share), var(--faint) 0); }
.meter.late { background: var(--danger); }
.item details { grid-column: 1 / -1; margin-top: .4rem; } summary { cursor: pointer; color: var(--dim); font-size: .9em; }
details ul { margin: .3rem 0; padding-left: 1.1rem; } details li { margin: .3rem 0; }
.next { list-style: "→ "; } code { font: 13px/1.4 ui-monospace, monospace; background: var(--panel); padding: .1rem .3rem; border-radius: .3rem; }
.dense .item { padding: .25rem 0; } .dense .end { padding: .1rem .6rem; } .dense .end small { display: none; }
.dense .link { display: grid; grid-template-columns: minmax(0, 14rem) minmax(2rem, 1fr) minmax(0, 12rem); align-items: center; gap: .6rem; text-align: left; }
.dense .lag { line-height: 1.2; } .dense .meter { margin-left: 0; } .dense .item details { margin-top: .1rem; }
@media (max-width: 44rem) {
  .sites { grid-template-columns: 1fr 1fr; } .between { display: none; }
  .item { grid-template-columns: 1fr 1fr; } .link { grid-row: 1; grid-column: 1 / -1; margin-bottom: .3rem; }
  .dense .link { grid-template-columns: minmax(0, 1fr) 3rem; } .dense .link .lag { grid-column: 1 / -1; }
  .end i { display: inline; font-style: normal; color: var(--dim); margin-right: .4em; }
}
@media print { .tools { display: none; } .sites { position: static; } }
`;

/** Hides what is not looked for. Without it everything is there to read. */
export const pageScript = `
const find = document.getElementById("find"), open = document.getElementById("open");
const show = () => {
  const items = [...document.querySelectorAll(".item")];
  for (const item of items) {
    const isFound = item.dataset.name.toLowerCase().includes(find.value.trim().toLowerCase());
    item.hidden = !isFound || (open.checked && item.classList.contains("ok"));
  }
  const isNoneShown = items.length > 0 && items.every((item) => item.hidden);
  document.getElementById("none").textContent = isNoneShown ? "None of the " + items.length + " items matches." : "";
};
find.addEventListener("input", show);
open.addEventListener("change", show);
`;
