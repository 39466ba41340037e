"""The morning report as one file that needs nothing else: no script, no font, no network."""

from __future__ import annotations

from html import escape

from cockpit.report.audit import Audit
from cockpit.report.chart import Staircase, svg
from cockpit.report.morning import Section, sections

STYLE = """
:root { color-scheme: light dark; --ink: #1f2428; --dim: #667; --paper: #fdfdfb; --line: #d8d8d0;
  --good: #0a7d4b; --band: #0a7d4b22; --doubt: #b35900; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e6e2; --dim: #98a0a6; --paper: #15181b;
  --line: #33383d; --good: #57c98f; --band: #57c98f2e; --doubt: #f0a35e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p.data { color: var(--dim); margin: 0 0 1rem; } ul { padding-left: 1.1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; vertical-align: top; padding: .2rem .7rem .2rem 0;
  border-bottom: 1px solid var(--line); } th { color: var(--dim); font-weight: 500; }
tr.suspicious td:nth-child(2) { color: var(--doubt); font-weight: 600; }
tr.real td:nth-child(2) { color: var(--good); }
pre { background: #8881; padding: .7rem; overflow-x: auto; } svg { width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--dim); } .grid { stroke: var(--line); }
.band { fill: var(--band); } .best { fill: none; stroke: var(--good); stroke-width: 2; }
.keep { fill: var(--good); } .other { fill: var(--dim); opacity: .55; }
"""


def report_html(audit: Audit, stairs: Staircase) -> str:
    """Return the whole page; everything in it is escaped, for models wrote some of it."""
    first, *others = sections(audit)
    body = [
        f"<h1>{escape(audit.session)}</h1>",
        f'<p class="data">{escape(audit.data)}</p>',
        _section(first),
        svg(stairs),
        *(_section(section) for section in others),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(audit.session)}: morning report</title>\n<style>{STYLE}</style>\n"
        "</head>\n<body>\n" + "\n".join(body) + "\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    out = [f"<h2>{escape(section.title)}</h2>"]
    if section.lines:
        out.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in section.lines) + "</ul>")
    if section.table:
        head, *rows = section.table
        out.append("<table><tr>" + "".join(f"<th>{escape(t)}</th>" for t in head) + "</tr>")
        for row in rows:
            kind = escape(row[1]) if head[1] == "is" else ""
            cells = "".join(f"<td>{escape(text)}</td>" for text in row)
            out.append(f'<tr class="{kind}">{cells}</tr>')
        out.append("</table>")
    if section.code:
        out.append(f"<pre>{escape(section.code.rstrip())}</pre>")
    return "\n".join(out)
