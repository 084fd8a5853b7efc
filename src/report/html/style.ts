/** The page's look. Colours meet WCAG AA in both schemes; no meaning is in colour alone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #ffffff; --panel: #f5f6f8; --text: #1c2127; --muted: #59636e; --line: #d5dae0; --code: #eef0f3;
  --bad: #b42318; --bad-bg: #fdeeec; --good: #176f2c; --good-bg: #e9f6ec; --warn: #855300; --warn-bg: #fdf3dc;
  --client: #0b5cad; --server: #7b3a9c; --link: #0b5cad; --shadow: #1c21270f;
  --c1: #c62a1e; --c2: #a85a00; --c3: #7b3ab8; --c4: #0b6bcb; --c5: #0f7b7b; --c6: #b5277c; --c7: #5b6b00; --c8: #59636e;
}
@media (prefers-color-scheme: dark) { :root {
  --bg: #11151a; --panel: #191f26; --text: #e7eaee; --muted: #9ca7b3; --line: #323b45; --code: #222a33;
  --bad: #ff9088; --bad-bg: #3b1d1b; --good: #74d88c; --good-bg: #16301d; --warn: #f0bd62; --warn-bg: #35290f;
  --client: #7db9ff; --server: #d3a6f2; --link: #7db9ff; --shadow: #00000040;
  --c1: #ff8a80; --c2: #f5a742; --c3: #c9a0ff; --c4: #7db9ff; --c5: #5fd0cf; --c6: #ff8cc6; --c7: #c3d35a; --c8: #9ca7b3;
} }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; background: var(--bg); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto,
  "Noto Sans", "Liberation Sans", sans-serif; overflow-wrap: break-word; }
main, header, footer { max-width: 68rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 2rem; } footer { padding-block: 2rem 3rem; color: var(--muted); font-size: .875rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: .2rem 0 .6rem; letter-spacing: -.015em; text-wrap: balance; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .6rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 1.8rem 0 .5rem; }
section { margin: 2.5rem 0; }
p { margin: .5rem 0; } a { color: var(--link); text-underline-offset: .15em; }
a:focus-visible, button:focus-visible, input:focus-visible, select:focus-visible, summary:focus-visible, [tabindex]:focus-visible {
  outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; } .skip:focus { left: 1rem; top: 1rem; background: var(--bg); padding: .5rem 1rem; z-index: 1; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
code, h1, .lead, .files, td:last-child, dd { overflow-wrap: anywhere; }
.w { display: inline-block; max-width: 100%; }
code, bdi, td { unicode-bidi: isolate; }
code { background: var(--code); border-radius: 4px; padding: .1em .35em; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
pre { background: var(--code); border-radius: 6px; padding: .7rem .9rem; margin: 0; overflow-x: auto; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
.kicker { color: var(--muted); font-size: .875rem; margin: 0; }
.files { list-style: none; margin: .4rem 0 1.2rem; padding: 0; color: var(--muted); font-size: .93rem; }
.stats { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.2rem 0; padding: 0; }
.stats div { flex: 1 1 8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem; }
.stats dt { color: var(--muted); font-size: .85rem; } .stats dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.stats .failed { border-color: var(--bad); background: var(--bad-bg); } .stats .failed dd { color: var(--bad); }
.stats .ok dd { color: var(--good); }
.notice { border-left: 4px solid var(--warn); background: var(--warn-bg); padding: .5rem .9rem; border-radius: 0 6px 6px 0; margin: 1rem 0; }
.notice ul { margin: .3rem 0; padding-left: 1.2rem; }
.causes { list-style: none; padding: 0; margin: 1rem 0; }
.causes li { display: flex; gap: .7rem; align-items: baseline; padding: .6rem 0; border-top: 1px solid var(--line); }
.causes li > span:last-child { margin-left: auto; color: var(--muted); white-space: nowrap; font-size: .9rem; }
.causes p { margin: 0; font-size: .93rem; color: var(--muted); } .causes p:first-child { font-size: 1.05rem; font-weight: 600; } .causes p strong { color: var(--text); }
.causes div { min-width: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; min-width: 1.7em; padding: 0 .4em; text-align: center; border-radius: 1em; font-size: .85em; font-weight: 650;
  color: var(--bg); background: var(--c8); font-variant-numeric: tabular-nums; flex: none; }
.c1 .badge, .badge.c1 { background: var(--c1); } .badge.c2 { background: var(--c2); } .badge.c3 { background: var(--c3); } .badge.c4 { background: var(--c4); }
.badge.c5 { background: var(--c5); } .badge.c6 { background: var(--c6); } .badge.c7 { background: var(--c7); }
.cause { border: 1px solid var(--line); border-radius: 12px; padding: 1.4rem 1.6rem; box-shadow: 0 2px 10px var(--shadow); }
.cause h2 .badge { margin-right: .5rem; }
.lead { font-size: 1.08rem; margin: .6rem 0 1rem; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; margin: 1rem 0; }
dl.facts dt { color: var(--muted); } dl.facts dd { margin: 0; }
.todo { list-style: none; padding: 0; margin: 0; }
.todo li { border-left: 4px solid var(--good); background: var(--panel); border-radius: 0 8px 8px 0; padding: .7rem 1rem; margin: .6rem 0; }
.command { position: relative; margin-top: .3rem; max-width: 100%; } dd .command { margin: 0; } dd .command pre { padding-block: .35rem; }
.copy { display: none; position: absolute; top: .35rem; right: .35rem; font: inherit; font-size: .8rem; padding: .1rem .6rem; cursor: pointer;
  border: 1px solid var(--line); border-radius: 5px; background: var(--bg); color: var(--text); }
.js .copy { display: block; } .js .command pre { padding-right: 5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); }
th { color: var(--muted); font-weight: 600; white-space: nowrap; } td.number, th.number { text-align: right; }
td.nowrap { white-space: nowrap; } tr.failing td { background: var(--bad-bg); }
tr:target td { background: var(--warn-bg); }
#connections-table td:last-child { overflow-wrap: normal; white-space: nowrap; }
#connections-table code { background: none; padding: 0; white-space: nowrap; } #connections-table td:nth-child(6) code { white-space: normal; }
#connections-table td:nth-child(-n+3), #connections-table td:nth-child(7) { white-space: nowrap; }
.result.failed { color: var(--bad); font-weight: 600; } .result.established { color: var(--good); } .result.incomplete { color: var(--warn); }
.filter { display: none; flex-wrap: wrap; gap: .6rem 1rem; align-items: end; margin: .8rem 0; }
.js .filter { display: flex; }
.filter label { display: grid; gap: .15rem; align-content: end; font-size: .85rem; color: var(--muted); }
.filter input, .filter select, .filter button { font: inherit; font-size: .95rem; height: 2.3rem; padding: .35rem .6rem; border: 1px solid var(--muted); border-radius: 6px;
  background: var(--bg); color: var(--text); }
.filter label { max-width: 100%; grid-template-columns: minmax(0, 1fr); } .filter input { width: 20rem; } .filter input, .filter select { max-width: 100%; } .filter output { color: var(--muted); font-size: .9rem; padding: .4rem 0; }
details { margin: .5rem 0; } summary { cursor: pointer; padding: .3rem 0; }
details.connection { border: 1px solid var(--line); border-radius: 8px; padding: .2rem .9rem; }
details.matter { border-top: 1px solid var(--line); margin: 0; } .what { display: inline-block; min-width: 16rem; font-weight: 600; }
details .apart { color: var(--warn); } .fault { color: var(--bad); font-weight: 600; } .good { color: var(--good); } .none, .aside { color: var(--muted); } span.aside { font-size: .85rem; }
table.offers td { width: 50%; } tr.common td { background: var(--good-bg); }
figure { margin: .8rem 0; } figcaption { color: var(--muted); font-size: .9rem; }
.chain { list-style: none; margin: .6rem 0 1rem; padding: 0; }
.certificate { border: 1px solid var(--line); border-left: 5px solid var(--good); border-radius: 8px; padding: .6rem 1rem; position: relative; background: var(--panel); }
.certificate + .certificate { margin-top: 2.4rem; }
.certificate:not(:last-child)::after { content: "issued by ↓"; position: absolute; top: calc(100% + .4rem); left: 1rem; color: var(--muted); font-size: .85rem; }
.certificate.wrong { border-color: var(--bad); } .certificate.absent { border-style: dashed; border-left-color: var(--muted); background: none; }
.certificate.absent.wrong { border-color: var(--bad); background: var(--bad-bg); }
.certificate p { margin: .2rem 0; } .role { color: var(--muted); font-size: .85rem; } .place { float: right; }
.subject code { font-size: .95rem; font-weight: 600; background: none; padding: 0; } .print { font-size: .85rem; }
.certificate dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0; font-size: .88rem; }
.certificate dt { color: var(--muted); } .certificate dd { margin: 0; } .certificate dd code { background: none; padding: 0; }
svg { display: block; width: 100%; } svg[viewBox] { height: auto; } svg text { fill: var(--text); font: 13px system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
.validity { width: 12rem; height: 14px; display: inline-block; vertical-align: -2px; margin-right: .5rem; }
.validity line { stroke: var(--line); stroke-width: 4; stroke-linecap: round; } .validity .valid { stroke: var(--good); }
.validity .now { stroke: var(--text); stroke-width: 3; } .validity .now.bad { stroke: var(--bad); }
.timeline .row { display: grid; grid-template-columns: 15rem minmax(0, 1fr); gap: 0 1rem; align-items: start; }
.timeline p { margin: .9rem 0 0; font-size: .93rem; line-height: 1.35; overflow-wrap: anywhere; } .timeline p > * { display: block; }
.timeline p a, .timeline p strong { font-weight: 600; color: var(--text); } .timeline p span { font-size: .82rem; color: var(--muted); } .timeline p span.good { color: var(--good); }
.timeline svg { overflow: visible; } .timeline .grid, .timeline .base { stroke: var(--line); } .timeline text { font-size: 12px; } .timeline .tick { fill: var(--muted); }
.timeline .onset line { stroke: var(--c8); stroke-dasharray: 4 3; } .timeline .onset text { font-weight: 600; }
.bars line { stroke: var(--c8); stroke-width: 4; } .bars.ok line { stroke: var(--good); opacity: .75; } .bars.c1 line { stroke: var(--c1); } .bars.c2 line { stroke: var(--c2); }
.bars.c3 line { stroke: var(--c3); } .bars.c4 line { stroke: var(--c4); } .bars.c5 line { stroke: var(--c5); } .bars.c6 line { stroke: var(--c6); } .bars.c7 line { stroke: var(--c7); }
.aloud { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.ladder { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; border-collapse: separate; border-spacing: 0; padding: .4rem .8rem .8rem 0; margin: .6rem 0; font-size: .9rem; }
.ladder caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.ladder th, .ladder td { border: 0; padding: .3rem .7rem; vertical-align: top; white-space: nowrap; } .ladder th { font-size: .82rem; vertical-align: bottom; text-align: right; }
.ladder .mark { width: 1.6rem; padding-right: 0; color: var(--bad); font-weight: 700; font-size: 1.05rem; line-height: 1.35; text-align: center; }
.ladder .frame { white-space: pre; } .ladder .frame, .ladder .since, .ladder .clock { width: 1%; color: var(--muted); } .ladder .evidence .frame { color: var(--text); font-weight: 700; }
.ladder .ends { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; text-align: left; white-space: normal; color: var(--text); font-size: .88rem; padding-inline: 0; }
.ladder .ends .client { color: var(--client); } .ladder .ends .server { color: var(--server); margin-left: auto; text-align: right; } .ladder code { background: none; padding: 0; }
.ladder .lane { border-inline: 2px solid var(--muted); white-space: normal; overflow-wrap: anywhere; padding: .3rem .8rem .1rem; min-width: 0; }
.ladder .label { display: block; font-weight: 600; line-height: 1.35; } .ladder .detail { display: block; color: var(--muted); font-size: .85rem; line-height: 1.35; }
.ladder .shaft { display: block; position: relative; height: 2px; margin: .3rem -.8rem .25rem; background: var(--client); }
.ladder .shaft::after { content: ""; position: absolute; top: -4px; right: 0; border: 5px solid transparent; border-left: 10px solid var(--client); border-right: 0; }
.ladder .server .lane { text-align: right; } .ladder .server .shaft { background: var(--server); }
.ladder .server .shaft::after { right: auto; left: 0; border-left: 0; border-right: 10px solid var(--server); }
.ladder tr:not(.client, .server) .lane { text-align: center; color: var(--muted); font-size: .85rem; border-inline-style: dashed; padding-block: .3rem; } .ladder .elsewhere .label { font-weight: 400; }
.ladder .failing td { background: var(--bad-bg); } .ladder .failing .lane, .ladder .failing .frame { color: var(--bad); } .ladder .silence.failing .lane { font-weight: 600; color: var(--bad); }
.ladder .failing .shaft { background: var(--bad); } .ladder .client.failing .shaft::after { border-left-color: var(--bad); } .ladder .server.failing .shaft::after { border-right-color: var(--bad); }
.places td:first-child { min-width: 9rem; } .places th { white-space: normal; } p, li { overflow-wrap: anywhere; }
.links { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; font-size: .88rem; margin-top: -.3rem; }
th:has(> .sort) { position: relative; } th:has(> .sort:hover) { color: var(--text); text-decoration: underline; }
.sort { all: unset; cursor: pointer; position: absolute; inset: 0; } .sort:focus-visible { outline: 3px solid var(--link); outline-offset: -2px; }
[aria-sort]::after { content: " ▲" / ""; } [aria-sort="descending"]::after { content: " ▼" / ""; }
@media (max-width: 40rem) { td:last-child { min-width: 11rem; } .places td:last-child { min-width: 0; } .proof { font-size: .82rem; } .proof td:last-child { min-width: 7.5rem; } .ladder .lane { min-width: 0; } .ladder .clock, .timeline .tick.odd { display: none; }
  .timeline .row { grid-template-columns: minmax(0, 1fr); } .ladder { padding-right: .3rem; } .ladder th, .ladder td { padding-inline: .2rem; } .ladder th { white-space: normal; } .ladder td.mark { padding: .3rem 0 .3rem .2rem; width: 1.1rem; }
  .ladder td.frame, .ladder td.since { font-size: .78rem; }
  .ladder .lane { padding-inline: .5rem; } .ladder .shaft { margin-inline: -.5rem; }
  .causes li { flex-wrap: wrap; } .causes li > div { flex: 1 1 70%; } .causes li > span:last-child { margin: 0 0 0 2.3rem; }
  main, header, footer { padding-inline: 1rem; } .cause { padding: 1rem; } dl.facts, .certificate dl { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd, .certificate dd { margin-bottom: .4rem; } .what { min-width: 0; } }
@media print {
  :root { color-scheme: light; --bg: #fff; --panel: #fff; --text: #000; --muted: #444; --line: #bbb; --code: #f2f2f2; --bad: #a11; --bad-bg: #fdeeec; --good: #161;
    --good-bg: #eef7ef; --warn: #640; --warn-bg: #fff; --client: #0b5cad; --server: #7b3a9c; --link: #000;
    --c1: #c62a1e; --c2: #a85a00; --c3: #7b3ab8; --c4: #0b6bcb; --c5: #0f7b7b; --c6: #b5277c; --c7: #5b6b00; --c8: #59636e; }
  @page { margin: 15mm; } body { font-size: 10pt; } main, header, footer { max-width: none; padding: 0; }
  .skip, .filter, .js .filter, .js .copy, .sort { display: none; } .cause { box-shadow: none; border: 0; padding: 0; } .js .command pre { padding-right: .9rem; }
  h2, h3, summary, thead, .cause > p, p:has(+ ul, + .scroll, + .ladder, + .command) { break-after: avoid; } thead, tr, li, .stats, .timeline, .ladder, .proof, .command { break-inside: avoid; }
  .cause > p { break-inside: avoid; } .validity { width: 8rem; } .certificate + .certificate { margin-top: 1rem; } .certificate:not(:last-child)::after { position: static; }
  .scroll { overflow: visible; } .links, .legend, .summary, .ladder .clock, .timeline .tick.odd { display: none; }
  #connections-table { font-size: 7.5pt; } details.connection:not([open]), .cause > details:not([open]), .certificate details:not([open]), li > details:not([open]), section:has(> details.connection):not(:has(> details[open])) { display: none; }
  .badge, .shaft, tr.failing td, tr.common td, code { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`.trim();
