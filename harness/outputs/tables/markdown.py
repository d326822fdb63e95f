"""Tables as GitHub's Markdown."""

import re

from harness.outputs.tables.layout import Cell, Document, Row, Table


def render(document: Document) -> str:
    """The whole file."""
    parts = [f"# {escape(document.title)}"]
    for table in document.tables:
        if table.title:
            parts.append(f"## {escape(table.title)}")
        parts.append(_grid(table))
        notes = [f"{mark((i,))} {escape(note)}  " for i, note in enumerate(table.notes)]
        if table.left_out:
            notes.append(f"{escape(table.left_out)}  ")
        if notes:
            parts.append("\n".join(notes))
    if document.remarks:
        parts.append("\n".join(f"- {escape(remark)}" for remark in document.remarks))
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Text that Markdown shows as it is."""
    flat = " ".join(text.split()).replace("\\", "\\\\")
    flat = re.sub(r"([|*_`\[\]~#])", r"\\\1", flat)
    return flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mark(notes: tuple[int, ...]) -> str:
    """The signs of notes; empty without any."""
    return f"<sup>{', '.join(str(note + 1) for note in notes)}</sup>" if notes else ""


def _grid(table: Table) -> str:
    heads = [*table.keys, *(column.full_name for column in table.columns)]
    aligns = [":--"] * len(table.keys) + ["--:"] * len(table.columns)
    lines = [[escape(head) for head in heads], aligns, *(_row(row) for row in table.rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(row: Row) -> list[str]:
    keys = [escape(key) for key in row.keys]
    if row.apart:
        keys = [f"*{key}*" if key else "" for key in keys]
    keys[0] += mark(row.notes)
    return keys + [_cell(cell) for cell in row.cells]


def _cell(cell: Cell) -> str:
    return f"**{escape(cell.text)}**" if cell.best else escape(cell.text)
