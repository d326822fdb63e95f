"""The report in a real browser: both widths, both themes, with its script and without."""

import html
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from made_records import made_record, stored, usual_records

from harness.outputs.report import write_report

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))),
    None,
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium among the system's packages"),
]

WIDTHS = {"desktop": 1280, "phone": 390}
DARK = "--blink-settings=preferredColorScheme=0"
LIGHT = "--blink-settings=preferredColorScheme=1"

Open = Callable[..., str]


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Path:
    records = [
        *usual_records(3),
        *(
            made_record(f"a-method-with-a-rather-long-name-{i}", seed=s, leakage=0.6 + i / 20)
            for i in range(4)
            for s in range(2)
        ),
    ]
    return write_report(stored(tmp_path_factory.mktemp("browser"), records), "quick")


@pytest.fixture
def opened(page: Path, tmp_path: Path) -> Open:
    """The page as a browser has it after a script, which may ask it questions."""

    def visit(script: str, *options: str, text: str = "") -> str:
        asked = tmp_path / "asked.html"
        text = text or page.read_text(encoding="utf-8")
        asked.write_text(text.replace("</body>", f"<script>{script}</script></body>"))
        profile = f"--user-data-dir={tmp_path / 'profile'}"
        done = subprocess.run(
            [
                str(BROWSER),
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                profile,
                "--window-size=1400,900",
                *options,
                "--dump-dom",
                asked.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=180,
            check=True,
        )
        return done.stdout

    return visit


def answer(dom: str) -> str:
    found = re.search(r'data-answer="([^"]*)"', dom)
    assert found is not None
    return found[1]


def asking(expression: str) -> str:
    return f"document.documentElement.dataset.answer = {expression};"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_is_no_wider_than_its_window(opened: Open, page: Path, width: int) -> None:
    """Only tables and charts scroll sideways, each in a frame of its own."""
    # In an inner window, since a browser's own is never narrower than 500 pixels.
    inner = html.escape(page.read_text(encoding="utf-8"))
    outer = f'<iframe id="inner" style="width:{width}px;height:900px;border:0" srcdoc="{inner}">'
    script = """
      const inner = document.getElementById('inner');
      inner.addEventListener('load', () => {
        const found = inner.contentDocument;
        found.querySelectorAll('details').forEach((part) => { part.open = true; });
        const widest = found.documentElement.scrollWidth;
        const frames = [...found.querySelectorAll('.scroll')];
        const scroll = Math.max(...frames.map((frame) => frame.scrollWidth));
        document.documentElement.dataset.answer =
          [inner.contentWindow.innerWidth, widest, scroll].join();
      });
    """
    dom = opened(script, text=f"<!DOCTYPE html><html><body>{outer}</iframe></body></html>")
    window, widest, scrolled = map(int, answer(dom).split(","))
    assert window == width
    assert widest <= width
    # The control: on a phone tables are wider, and scroll.
    assert scrolled > width or width == WIDTHS["desktop"]


@pytest.mark.parametrize(("theme", "dark"), [(LIGHT, False), (DARK, True)], ids=["light", "dark"])
def test_the_theme_is_that_of_the_reader(opened: Open, theme: str, dark: bool) -> None:
    script = asking("getComputedStyle(document.body).backgroundColor")
    colours = [int(number) for number in re.findall(r"\d+", answer(opened(script, theme)))]
    assert (max(colours) < 60) if dark else (min(colours) > 240)


def test_heads_sort_rows_and_say_so(opened: Open) -> None:
    script = """
      const table = [...document.querySelectorAll('table.sortable')].find(
        (found) => found.caption.textContent === 'Means over representations');
      const head = [...table.tHead.rows[1].cells].find((cell) => cell.dataset.column === '4');
      const order = () => [...table.tBodies[0].rows].map((row) => row.cells[0].textContent);
      const before = order();
      head.querySelector('button').click();
      const up = order(), said = head.getAttribute('aria-sort');
      head.querySelector('button').click();
      document.documentElement.dataset.answer =
        [before, up, order()].map((names) => names.join()).join('|') + '|' + said;
    """
    before, up, down, said = answer(opened(script)).split("|")
    assert said == "ascending"
    assert up != before
    assert up.split(",")[:-1] == down.split(",")[:-1][::-1]
    # The line of chance stays below, wherever its numbers would put it.
    assert up.split(",")[-1] == down.split(",")[-1] == before.split(",")[-1] == "chance"
    assert up.split(",")[0] == "masked-weights"


def test_the_main_table_fits_and_its_buttons_are_large_enough(opened: Open) -> None:
    """No scrolling sideways at 1280 pixels; WCAG 2.2, AA: 24 pixels for what is clicked."""
    script = """
      document.documentElement.style.width = '1280px';
      const captions = [...document.querySelectorAll('caption')];
      const tables = captions.filter((c) => c.textContent === 'Means over representations');
      const frame = tables[0].closest('.scroll');
      const buttons = [...frame.querySelectorAll('thead button')];
      const sizes = buttons.map((button) => button.getBoundingClientRect());
      document.documentElement.dataset.answer = [
        frame.scrollWidth, frame.clientWidth, Math.min(...sizes.map((size) => size.height)),
        Math.min(...sizes.map((size) => size.width)), buttons.length].join();
    """
    needed, there, height, width, buttons = map(float, answer(opened(script)).split(","))
    assert 1000 < there < 1280
    assert needed <= there
    assert height >= 24
    assert width >= 24
    assert buttons > 8


def test_a_link_opens_what_holds_its_target(opened: Open) -> None:
    script = """
      const link = document.querySelector('a[href^="#source-"]');
      const part = document.getElementById(link.hash.slice(1)).closest('details');
      const closed = part.open;
      addEventListener('hashchange', () => setTimeout(() => {
        document.documentElement.dataset.answer = [closed, part.open].join(); }, 0));
      link.click();
    """
    assert answer(opened(script, "--virtual-time-budget=2000")) == "false,true"
