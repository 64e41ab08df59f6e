/** The one stylesheet. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --page: #f6f5f1; --card: #fffefb; --ink: #20242c; --quiet: #5b616e; --line: #d9d6cc;
  --accent: #2f5d50; --on-accent: #ffffff; --bad: #a3271f; --bad-page: #fdf0ee; --good: #1f6b46; --good-page: #edf7f0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #16191d; --card: #1e2227; --ink: #eceae4; --quiet: #a4a9b3; --line: #3a4048;
    --accent: #8ccbb7; --on-accent: #10201b; --bad: #ff9d94; --bad-page: #33201f; --good: #8fd6ae; --good-page: #1b2c24;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--page); color: var(--ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
header, main, footer { width: 100%; max-width: 46rem; margin: 0 auto; padding: 0 1.25rem; }
header {
  display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .25rem 1.5rem;
  padding-top: 1rem; padding-bottom: 1rem;
}
nav { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1.25rem; }
nav a, .brand { display: inline-flex; align-items: center; min-height: 2.75rem; color: inherit; text-decoration: none; }
nav a:hover { text-decoration: underline; text-underline-offset: .25em; }
.brand { font: 600 1.35rem/1 Georgia, "Times New Roman", serif; }
main { flex: 1; padding-top: 1rem; padding-bottom: 3rem; }
footer { padding-top: 1rem; padding-bottom: 1.5rem; color: var(--quiet); font-size: .875rem; }
h1 { margin: 0 0 .75rem; font: 600 clamp(1.75rem, 6vw, 2.5rem)/1.15 Georgia, "Times New Roman", serif; text-wrap: balance; }
h2 { margin: 2rem 0 .5rem; font-size: 1.125rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); text-underline-offset: .2em; }
.lead { max-width: 34rem; font-size: 1.1875rem; color: var(--quiet); }
.quiet, .hint { color: var(--quiet); }
.narrow { max-width: 27rem; margin: 0 auto; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.5rem; }
.card > h2:first-child { margin-top: 0; }
.card > :last-child, .alert > :last-child { margin-bottom: 0; }
.card + .card, .card + .messages, details + .card { margin-top: 1rem; }
dl + form { margin-top: 1.25rem; }
.below { margin-top: 1.25rem; text-align: center; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.75rem 0; }
.field { margin-bottom: 1.125rem; }
label { display: block; margin-bottom: .3rem; font-weight: 600; }
label .quiet { font-weight: 400; }
input:not([type="hidden"]), textarea, select {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--page);
  border: 1px solid var(--quiet); border-radius: .5rem;
}
input[aria-invalid="true"] { border-color: var(--bad); border-width: 2px; }
.hint { margin: .3rem 0 0; font-size: .9rem; }
button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1.25rem;
  font: inherit; font-weight: 600; text-decoration: none; cursor: pointer;
  color: var(--on-accent); background: var(--accent); border: 1px solid var(--accent); border-radius: .5rem;
}
.wide { width: 100%; }
textarea { resize: vertical; }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.row > * { margin: 0; }
.written { white-space: pre-line; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .6rem .75rem .6rem 0; text-align: left; border-bottom: 1px solid var(--line); }
td.long { overflow-wrap: anywhere; }
.scroll { overflow-x: auto; }
.qr { display: block; width: 13rem; max-width: 100%; height: auto; margin: 0 auto 1rem; background: #fff; border-radius: .5rem; }
button.danger { color: var(--bad); background: transparent; border-color: var(--bad); }
.button.second, button.second { color: var(--accent); background: transparent; }
button.plain { padding: 0; color: inherit; font-weight: 400; background: none; border: 0; }
button:hover, .button:hover { filter: brightness(1.08); }
button.plain:hover, main button.plain { text-decoration: underline; text-underline-offset: .25em; }
main button.plain { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: .25rem; }
.alert, .notice { margin: 0 auto 1.25rem; padding: .875rem 1.125rem; border: 1px solid; border-radius: .5rem; }
main:has(> .narrow) :is(.alert, .notice) { max-width: 27rem; }
.alert { color: var(--bad); background: var(--bad-page); }
.alert a { color: inherit; }
.alert p { margin-bottom: .25rem; }
.notice { color: var(--good); background: var(--good-page); }
.code { font: .8125rem/1.4 ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; opacity: .85; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .5rem 1.5rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
.messages { list-style: none; margin: 0; padding: 0; }
.secret { font: 600 1.5rem/1.3 ui-monospace, Menlo, Consolas, monospace; letter-spacing: .12em; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: .5rem; padding: .5rem; background: var(--card); }
@media (max-width: 30rem) {
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .75rem; }
  .card { padding: 1.125rem; }
  th, td { font-size: .9375rem; }
  .actions .button { width: 100%; }
}
`;

/** A notebook, seen from the front. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="6" y="3" width="21" height="26" rx="3" fill="#2f5d50"/><path d="M13 11h9M13 16h9M13 21h5" stroke="#fff" stroke-width="2"/><path d="M4 9h5M4 16h5M4 23h5" stroke="#8ccbb7" stroke-width="2"/></svg>`;
