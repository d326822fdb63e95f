"""Tables as aligned text for a terminal."""

from harness.outputs.aligned import aligned
from harness.outputs.tables.layout import Document, Table


def render(document: Document) -> str:
    """All tables under each other; `*` follows what is not distinguishable from the best."""
    parts = []
    for table in document.tables:
        parts.append("\n".join([table.title, *_grid(table)]))
        notes = [f"[{i + 1}] {note}" for i, note in enumerate(table.notes)]
        parts.append("\n".join([*notes, table.left_out] if table.left_out else notes))
    remarks = [remark.replace("Bold", "*") for remark in document.remarks]
    return "\n\n".join(part for part in (*parts, "\n".join(remarks)) if part)


def _grid(table: Table) -> list[str]:
    lines = [[*table.keys, *(column.full_name for column in table.columns)]]
    for row in table.rows:
        first = row.keys[0] + "".join(f" [{note + 1}]" for note in row.notes)
        cells = [f"{cell.text}{'*' if cell.best else ' '}" for cell in row.cells]
        lines.append([first, *row.keys[1:], *cells])
    left = len(table.keys)
    return aligned(lines, right=range(left, left + len(table.columns)))
