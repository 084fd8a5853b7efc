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
.todo .command { position: relative; margin-top: .5rem; }
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
.certificate + .certificate::before { content: "issued by ↓"; position: absolute; top: -2rem; left: 1rem; color: var(--muted); font-size: .85rem; }
.certificate.wrong { border-color: var(--bad); } .certificate.absent { border-style: dashed; border-left-color: var(--muted); background: none; }
.certificate.absent.wrong { border-color: var(--bad); background: var(--bad-bg); }
.certificate p { margin: .2rem 0; } .role { color: var(--muted); font-size: .85rem; } .place { float: right; }
.subject code { font-size: .95rem; font-weight: 600; background: none; padding: 0; } .print { font-size: .85rem; }
.certificate dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .4rem 0; font-size: .88rem; }
.certificate dt { color: var(--muted); } .certificate dd { margin: 0; } .certificate dd code { background: none; padding: 0; }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--text); font: 13px system-ui, "Segoe UI", "Liberation Sans", sans-serif; }
.validity { width: 12rem; height: 14px; display: inline-block; vertical-align: -2px; margin-right: .5rem; }
.validity line { stroke: var(--line); stroke-width: 4; stroke-linecap: round; } .validity .valid { stroke: var(--good); }
.validity .now { stroke: var(--text); stroke-width: 3; } .validity .now.bad { stroke: var(--bad); }
.timeline { min-width: 46rem; } .timeline .grid, .timeline .base { stroke: var(--line); } .timeline .tick { fill: var(--muted); font-size: 12px; }
.timeline .name { font-weight: 600; } .timeline .sum { fill: var(--muted); font-size: 12px; }
.timeline .onset line { stroke: var(--c8); stroke-dasharray: 4 3; } .timeline .onset text { fill: var(--text); font-size: 12px; font-weight: 600; } .timeline .worked { fill: var(--good); }
.lane rect { fill: var(--c8); } .lane.ok rect { fill: var(--good); opacity: .75; } .lane.c1 rect { fill: var(--c1); } .lane.c2 rect { fill: var(--c2); }
.lane.c3 rect { fill: var(--c3); } .lane.c4 rect { fill: var(--c4); } .lane.c5 rect { fill: var(--c5); } .lane.c6 rect { fill: var(--c6); } .lane.c7 rect { fill: var(--c7); }
.ladder { min-width: 46rem; background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.ladder .rail { stroke: var(--muted); stroke-width: 2; } .ladder .end { font-weight: 700; font-size: 14px; } .ladder .address { fill: var(--muted); }
.ladder .end.client { fill: var(--client); } .ladder .end.server { fill: var(--server); }
.ladder .arrow { stroke-width: 1.6; } .client .arrow { stroke: var(--client); } .client .head { fill: var(--client); }
.server .arrow { stroke: var(--server); } .server .head { fill: var(--server); }
.ladder .label { font-weight: 600; } .ladder .detail, .ladder .gap, .ladder .aside { fill: var(--muted); font-size: 11.5px; }
.ladder .column { fill: var(--muted); font-size: 11.5px; } .ladder .frame { font-variant-numeric: tabular-nums; fill: var(--muted); } .ladder .evidence .frame { fill: var(--text); font-weight: 700; }
.ladder .failure { fill: var(--bad-bg); fill-opacity: .6; stroke: var(--bad); } .ladder .failing text, .ladder .silence { fill: var(--bad); }
.ladder .failing .arrow { stroke: var(--bad); stroke-width: 2.4; } .ladder .failing .head { fill: var(--bad); } .ladder .cross { font-size: 17px; font-weight: 700; }
@media (max-width: 40rem) { td:last-child { min-width: 11rem; } .causes li { flex-wrap: wrap; } .causes li > div { flex: 1 1 70%; } .causes li > span:last-child { margin-left: 2.6rem; }
  main, header, footer { padding-inline: 1rem; } .cause { padding: 1rem; } dl.facts, .certificate dl { grid-template-columns: 1fr; gap: 0; }
  dl.facts dd, .certificate dd { margin-bottom: .4rem; } .what { min-width: 0; } }
@media print {
  :root { color-scheme: light; --bg: #fff; --panel: #fff; --text: #000; --muted: #444; --line: #bbb; --code: #f2f2f2; --bad: #a11; --bad-bg: #fdeeec; --good: #161;
    --good-bg: #eef7ef; --warn: #640; --warn-bg: #fff; --client: #0b5cad; --server: #7b3a9c; --link: #000;
    --c1: #c62a1e; --c2: #a85a00; --c3: #7b3ab8; --c4: #0b6bcb; --c5: #0f7b7b; --c6: #b5277c; --c7: #5b6b00; --c8: #59636e; }
  @page { margin: 15mm; } body { font-size: 10pt; } main, header, footer { max-width: none; padding: 0; }
  .skip, .filter, .js .filter, .js .copy { display: none; } .cause { box-shadow: none; border: 0; padding: 0; } .js .command pre { padding-right: .9rem; }
  h2, h3, summary { break-after: avoid; } tr, .certificate, .todo li, .ladder, .timeline { break-inside: avoid; }
  .ladder, .timeline { min-width: 0; } .scroll { overflow: visible; }
  #connections-table { font-size: 7.5pt; } details.connection:not([open]), section:has(> details.connection):not(:has(> details[open])) { display: none; }
  .badge, .failure, .lane rect, tr.failing td, tr.common td, code { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
`.trim();
