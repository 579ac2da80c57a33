/** Of the page, in light and in dark. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fff; --text: #1b1f24; --faint: #d7dce2; --bar: #b9c9de; --request: #b5d8c4;
  --wait: #e4dcc0; --critical: #c2410c; --on-critical: #fff; --between: #f3c9b3; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171c; --text: #e4e8ee; --faint: #333a44; --bar: #3d5069;
  --request: #2f5f49; --wait: #5d5436; --critical: #f0803c; --on-critical: #14171c;
  --between: #6b4127; } }
body { margin: 0 auto; padding: 1rem 1rem 5rem; max-width: 90rem; background: var(--ground); color: var(--text);
  font: 15px/1.4 system-ui, sans-serif; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; } h3 { font-size: 1rem; }
.zoom { display: block; margin: .5rem 0; } .zoom input { width: min(20rem, 70vw); vertical-align: middle; }
.scroll { overflow-x: auto; }
.chart { position: relative; min-width: 100%; width: calc(100% * var(--zoom, 1)); }
.axis { position: relative; height: 1.4rem; overflow: hidden; border-bottom: 1px solid var(--faint); }
.axis i { position: absolute; font: normal 11px system-ui, sans-serif; padding-left: 3px; white-space: nowrap;
  border-left: 1px solid var(--faint); }
.axis .before { transform: translateX(-100%); padding: 0 3px 0 0; border: 0; border-right: 1px solid var(--faint); }
.lane { padding: .3rem 0; border-bottom: 1px solid var(--faint); }
.lane b { display: inline-block; position: sticky; left: 0; font-size: 12px; }
.rows { position: relative; height: calc(var(--rows) * 16px); }
.bar { position: absolute; top: calc(var(--row) * 16px); height: 14px; min-width: 2px; box-sizing: border-box; overflow: hidden;
  border-radius: 2px; padding-left: 2px; background: var(--bar); box-shadow: inset 1px 0 var(--ground); font-size: 10px; line-height: 14px; white-space: nowrap; }
.bar.request { background: var(--request); } .bar.wait { background: var(--wait); }
.bar.critical { background: var(--critical); color: var(--on-critical); }
.bar.between { background: var(--between); color: var(--text); } .bar:focus { outline: 2px solid var(--text); z-index: 1; }
table { border-collapse: collapse; font-size: 13px; } th, td { text-align: left; padding: .2rem .6rem; white-space: nowrap;
  border-bottom: 1px solid var(--faint); font-variant-numeric: tabular-nums; }
.meter { min-width: 8rem; } .meter::after { content: ""; display: block; width: var(--share); height: 3px; background: var(--critical); }
#told { position: fixed; inset: auto 0 0 0; padding: .6rem 1rem; background: var(--ground); border-top: 1px solid var(--faint);
  overflow-wrap: anywhere; }
`;

/** Widens the chart, and tells below it what a bar is: a phone has no pointer to rest on one. */
export const pageScript = `
for (const input of document.querySelectorAll(".zoom input")) {
  input.addEventListener("input", () => input.closest("section").style.setProperty("--zoom", input.value));
}
for (const kind of ["click", "focusin", "mouseover"]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.classList && target.classList.contains("bar")) {
      document.getElementById("told").textContent = target.title;
    }
  });
}
`;
