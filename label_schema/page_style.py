"""The page's style sheet: readable measure, contrast of at least 4.5 to 1, light and dark, phone and paper."""

STYLE = """
:root {
  --paper: #fbfaf7; --surface: #ffffff; --ink: #1e2329; --soft: #5a636e; --line: #dcd9d1; --link: #0b5cad;
  --label-0: #b3261e; --label-1: #8a5a00; --label-2: #4a4fb5; --label-3: #4d5a66;
  --cry: #c8372d; --fuss: #d9931e; --adult: #5a60d0; --other: #8f9aa5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --surface: #1d2127; --ink: #e8e6e1; --soft: #a9b1ba; --line: #363c45; --link: #86b7f5;
    --label-0: #ff8f85; --label-1: #f0b453; --label-2: #a9adff; --label-3: #b4bec9;
    --cry: #f0665b; --fuss: #e0a23a; --adult: #8186f2; --other: #77828e;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header, main, footer { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3rem; }
h1 { font-size: clamp(1.7rem, 5vw, 2.5rem); line-height: 1.15; margin: 0.25rem 0 1rem; text-wrap: balance; }
h2 { font-size: 1.45rem; line-height: 1.25; margin: 3.5rem 0 1rem; }
h3 { font-size: 1.3rem; margin: 0 0 0.5rem; display: flex; flex-wrap: wrap; align-items: center; gap: 0.6rem; }
h4 { font-size: 0.95rem; margin: 1.25rem 0 0.4rem; color: var(--soft); }
p { margin: 0 0 0.6rem; }
ul { padding-left: 1.2rem; margin: 0 0 0.6rem; }
li { margin-bottom: 0.3rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
code { font-size: 0.85em; }
.date, code { white-space: nowrap; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--surface); padding: 0.5rem 1rem; }
.kicker { color: var(--soft); font-size: 0.95rem; margin: 0; }
.lead { font-size: 1.15rem; max-width: 46rem; }
.cards { list-style: none; padding: 0; margin: 1.75rem 0 0; display: grid; gap: 0.75rem;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); }
.cards li { margin: 0; }
.card { display: grid; grid-template-columns: auto 1fr; column-gap: 0.7rem; align-items: center;
  padding: 0.8rem 0.8rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem;
  border-top: 4px solid var(--label); color: var(--ink); text-decoration: none; }
.card:hover { border-color: var(--label); }
.card kbd { grid-row: span 2; }
.card strong { color: var(--label); font-size: 1.05rem; line-height: 1.3; white-space: nowrap; }
kbd { font: 600 1rem/1.9rem ui-monospace, monospace; width: 2rem; text-align: center; color: var(--ink);
  background: var(--paper); border: 1px solid var(--line); border-bottom-width: 3px; border-radius: 0.35rem; }
.rings { font-size: 0.9rem; font-weight: 400; color: var(--soft); }
.chip { white-space: nowrap; font-weight: 600; font-size: 0.95em; color: var(--label); }
.chip::before { content: ""; display: inline-block; width: 0.6em; height: 0.6em; margin-right: 0.4em;
  border-radius: 50%; background: var(--label); }
.steps { list-style: none; counter-reset: step; padding: 0; margin: 0; display: grid; gap: 0.75rem; }
.steps li { counter-increment: step; position: relative; margin: 0; padding: 1rem 1.2rem 1rem 4rem;
  background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
.steps li::before { content: counter(step); position: absolute; left: 1.3rem; top: 0.8rem;
  font-size: 1.6rem; font-weight: 700; line-height: 1.3; color: var(--soft); }
.answers { display: flex; flex-wrap: wrap; gap: 0.3rem 2rem; margin: 0; }
.answers .chip { margin-left: 0.3em; }
.because .chip { margin-right: 0.3em; }
.legend { display: flex; flex-wrap: wrap; gap: 0.1rem 0.9rem; color: var(--soft); font-size: 0.95rem; }
.key { white-space: nowrap; color: var(--ink); }
.key::before { content: ""; display: inline-block; width: 1.4em; height: 0.7em; margin-right: 0.4em;
  border-radius: 0.2em; background: var(--lane); }
.label { background: var(--surface); border: 1px solid var(--line); border-left: 5px solid var(--label);
  border-radius: 0.6rem; padding: 1.4rem 1.5rem 0.8rem; margin-bottom: 1.25rem; }
.label h3 { color: var(--label); }
.definition { font-size: 1.1rem; font-weight: 500; }
.examples { display: grid; gap: 0 2.5rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); }
.heard { list-style: none; padding: 0; }
.heard > li { padding: 0.7rem 0; border-top: 1px solid var(--line); margin: 0; }
.heard p { margin-bottom: 0.35rem; }
.because { color: var(--soft); font-size: 0.95rem; }
.strip { display: grid; grid-template-columns: 4.6rem 1fr; gap: 0.3rem 0; align-items: center;
  margin: 0.4rem 0 0.6rem; }
.lane-name { font-size: 0.85rem; line-height: 1.2; color: var(--soft); }
.lane { position: relative; height: 0.95rem; border-right: 1px solid var(--line);
  background: repeating-linear-gradient(90deg, var(--line) 0 1px, transparent 1px 20%),
    linear-gradient(var(--paper), var(--paper)); }
.lane i { position: absolute; top: 0.12rem; bottom: 0.12rem; border-radius: 0.2rem; background: var(--lane); }
.lane-cry { --lane: var(--cry); } .lane-fuss { --lane: var(--fuss); }
.lane-adult { --lane: var(--adult); } .lane-other { --lane: var(--other); }
.scroll { overflow-x: auto; background: var(--surface); border: 1px solid var(--line); border-radius: 0.6rem; }
table { border-collapse: collapse; width: 100%; font-size: 1rem; line-height: 1.45; }
th, td { text-align: left; vertical-align: top; padding: 0.65rem 1rem; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: 0.9rem; color: var(--soft); }
tbody th { font-weight: 500; }
.edge-cases tbody th { width: 40%; }
.numbers tbody th, .migration tbody th { white-space: nowrap; }
footer { color: var(--soft); font-size: 0.95rem; padding-top: 3rem; padding-bottom: 3rem; }
@media (max-width: 40rem) {
  .label { padding: 1.1rem 1rem 0.5rem; }
  thead { position: absolute; left: -99rem; }
  tr, tbody th, td { display: block; width: auto; border: 0; padding: 0.1rem 1rem; }
  tbody tr { border-bottom: 1px solid var(--line); padding: 0.7rem 0; }
  tbody tr:last-child { border-bottom: 0; }
}
@media print {
  body { background: #fff; font-size: 11pt; }
  .label, .steps li, tr { break-inside: avoid; }
  .lane i, .key::before, .chip::before { print-color-adjust: exact; }
}
"""
