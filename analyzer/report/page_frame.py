"""The frame of the HTML page: its head, its style, and where `$title` and `$body` go."""

FRAME = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>$title</title>
<style>
:root { --ink: #1b1f24; --paper: #fff; --faint: #5a6472; --line: #d9dee4; --wash: #f4f6f8; --link: #0b5cad;
  --red: #b3261e; --amber: #8a5a00; --cyan: #0b6477; --green: #1d6b35; --violet: #6b3fa0; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --paper: #14171b; --faint: #9aa5b1; --line: #333a43; --wash: #1d2127; --link: #7ab8ff;
  --red: #ff8a80; --amber: #ffc766; --cyan: #7fd6e8; --green: #86d79c; --violet: #c9a6ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1.25rem 4rem; max-width: 62rem; color: var(--ink); background: var(--paper);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: .2rem 0 .6rem; }
h2 { font-size: 1.05rem; margin: 2rem 0 .5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .35rem 0; }
ul, ol { margin: .3rem 0; padding-left: 1.4rem; }
li { margin: .35rem 0; }
a { color: var(--link); }
code, pre, cite, time { font-family: ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; font-size: .86em; font-style: normal; }
code, cite { overflow-wrap: anywhere; }
pre { margin: .5rem 0; padding: .6rem .8rem; background: var(--wash); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap;
  overflow-wrap: anywhere; }
cite { color: var(--link); }
.dim { color: var(--faint); font-size: .93em; }
.host { color: var(--faint); margin: 0; }
.sentence { font-size: 1.1rem; }
.warning { color: var(--amber); font-weight: 600; }
.verdict { padding: 1rem 1.2rem; border: 1px solid var(--line); border-left: 6px solid var(--faint); border-radius: 6px; background: var(--wash); }
.verdict.confirmed { border-left-color: var(--red); }
.verdict.likely { border-left-color: var(--amber); }
.verdict.not-assessed { border-left-color: var(--violet); }
.level, .state { display: inline-block; font-size: .74em; font-weight: 700; letter-spacing: .04em; text-transform: uppercase; white-space: nowrap;
  padding: .08em .5em; border: 1px solid currentColor; border-radius: 4px; vertical-align: .08em; color: var(--faint); }
.level.confirmed, .state.seen { color: var(--red); }
.level.likely { color: var(--amber); }
.level.possible { color: var(--cyan); }
.level.ruled-out, .state.clear { color: var(--green); }
.level.not-assessed, .state.blind { color: var(--violet); }
.cites { list-style: none; padding: .2rem 0 .2rem .8rem; margin: .2rem 0; border-left: 3px solid var(--line); }
.cites li { margin: .2rem 0; }
.cites code { display: block; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem .8rem; margin: .4rem 0; }
dt { color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .25rem 0; }
table { width: 100%; border-collapse: collapse; font-size: .9em; }
th { text-align: left; color: var(--faint); font-weight: 600; }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td time { white-space: nowrap; }
tr.attempt-start, tr.attempt-end { font-weight: 600; }
tr.silence td, tr.clock-step td { color: var(--amber); }
footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
@media print { :root { --ink: #000; --paper: #fff; --faint: #444; --wash: #fff; --line: #bbb; --link: #000; --red: #900; --amber: #640; --cyan: #045;
    --green: #052; --violet: #407; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } li, tr, pre, .verdict { break-inside: avoid; } h2 { break-after: avoid; }
  details:not([open]) { display: none; } }
</style>
</head>
<body>
$body
</body>
</html>
"""
