"""Tables as LaTeX with booktabs, each a float that fits the line."""

import itertools

from harness.outputs.tables.layout import Cell, Document, Row, Table

SIGNS = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "±": r"$\pm$",
    "×": r"$\times$",
    "—": "---",
    "†": r"$^{\dagger}$",
    "‡": r"$^{\ddagger}$",
    "↑": r"$\uparrow$",
    "↓": r"$\downarrow$",
    "ρ": r"$\rho$",
}
"""Characters that LaTeX would read or lose, and what shows them."""


def render(document: Document) -> str:
    """The whole file; `\\input` it in a document that loads booktabs and graphicx."""
    head = "% Needs \\usepackage{booktabs} and \\usepackage{graphicx}.\n"
    return head + "\n".join(_float(document, table, i) for i, table in enumerate(document.tables))


def escape(text: str) -> str:
    """Text that LaTeX shows as it is."""
    return "".join(SIGNS.get(sign, sign) for sign in " ".join(text.split()))


def _float(document: Document, table: Table, position: int) -> str:
    title = document.title if not table.title else f"{document.title}: {table.title}"
    notes = [f"{_mark((i,))} {escape(note)}" for i, note in enumerate(table.notes)]
    notes += [escape(table.left_out)] if table.left_out else []
    if position == len(document.tables) - 1:
        notes += [escape(remark) for remark in document.remarks]
    label = f"{document.name}-{position + 1}" if position else document.name
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escape(title)}}}",
        rf"\label{{tab:{label}}}",
        r"\resizebox{\linewidth}{!}{%",
        rf"\begin{{tabular}}{{{'l' * len(table.keys)}{'r' * len(table.columns)}}}",
        r"\toprule",
        *_heads(table),
        r"\midrule",
    ]
    for apart, rows in itertools.groupby(table.rows, key=lambda row: row.apart):
        if apart:
            lines.append(r"\midrule")
        lines += [_row(row) for row in rows]
    lines += [r"\bottomrule", r"\end{tabular}}"]
    lines += [rf"\par\smallskip\footnotesize\raggedright {note}" for note in notes]
    return "\n".join([*lines, r"\end{table}", ""])


def _heads(table: Table) -> list[str]:
    names = [escape(name) for name in (*table.keys, *(column.name for column in table.columns))]
    heads = " & ".join(names) + r" \\"
    if not any(column.group for column in table.columns):
        return [heads]
    spans, rules = [""] * len(table.keys), ""
    first = len(table.keys) + 1
    for group, members in itertools.groupby(table.columns, key=lambda column: column.group):
        width = len(list(members))
        spans.append(rf"\multicolumn{{{width}}}{{c}}{{{escape(group)}}}")
        rules += rf"\cmidrule(lr){{{first}-{first + width - 1}}}" if group else ""
        first += width
    return [" & ".join(spans) + r" \\", rules, heads]


def _row(row: Row) -> str:
    keys = [escape(key) for key in row.keys]
    if row.apart:
        keys = [rf"\emph{{{key}}}" if key else "" for key in keys]
    keys[0] += _mark(row.notes)
    return " & ".join([*keys, *(_cell(cell) for cell in row.cells)]) + r" \\"


def _cell(cell: Cell) -> str:
    return rf"\textbf{{{escape(cell.text)}}}" if cell.best else escape(cell.text)


def _mark(notes: tuple[int, ...]) -> str:
    return rf"\textsuperscript{{{', '.join(str(n + 1) for n in notes)}}}" if notes else ""
