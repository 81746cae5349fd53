"""The pages have no fault that axe-core finds in a real browser: light and dark, on a phone and on a desk.

Chromium has to be on the path, and a wheel that carries ``axe.min.js`` installed; else this says what is
missing.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from test_pages import PAGES

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WHEELS = ("axe_playwright_python", "axe_core_python")
SECONDS = 120
# Each page is a frame that looks at itself as if it were alone, and tells the page around it.
FRAME = """<script src="{axe}"></script><script>
addEventListener("load", () => axe.run(document).then(found => parent.postMessage({{
  page: {page}, passes: found.passes.length,
  beyond: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  violations: found.violations.map(rule => ({{
    id: rule.id, help: rule.help, nodes: rule.nodes.map(node => node.html) }})) }}, "*")));
</script></body>"""
AROUND = """<!DOCTYPE html><body style="margin: 0"><pre id="told"></pre><script>
const told = {{}};
addEventListener("message", event => {{
  told[event.data.page] = event.data;
  if (Object.keys(told).length === {count})
    document.getElementById("told").textContent = JSON.stringify(told);
}});
</script>{frames}</body>"""


def needed():
    """The browser and axe-core's script, or a skip that names what is missing."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    specs = [spec for name in WHEELS if (spec := find_spec(name)) and spec.origin]
    scripts = [path for spec in specs if (path := Path(spec.origin).with_name("axe.min.js")).is_file()]
    missing = [] if browser else [f"a browser ({', '.join(BROWSERS)})"]
    missing += [] if scripts else [f"axe.min.js (from {' or '.join(WHEELS)})"]
    if missing:
        pytest.skip(f"pages are not looked at with axe-core: {' and '.join(missing)} not found")
    return browser, scripts[0]


def look(pages, folder, width, scheme):
    """Page -> what axe-core found in it."""
    browser, axe = needed()
    frames = []
    for name, page in pages.items():
        # The copy may run a script; what is folded is unfolded, as it has to be readable too.
        page = re.sub(r"<meta http-equiv=.*?>", "", page, count=1).replace("<details>", "<details open>")
        page = page.replace("</body>", FRAME.format(axe=axe.as_uri(), page=json.dumps(name)))
        style = "border: 0; width: 100%; height: 4000px"
        frames.append(f'<iframe title="{name}" style="{style}" srcdoc="{html.escape(page)}"></iframe>')
    around = folder / "pages.html"
    around.write_text(AROUND.format(count=len(pages), frames="".join(frames)), encoding="utf-8")
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
    ]
    command += [f"--blink-settings=preferredColorScheme={'0' if scheme == 'dark' else '1'}"]
    command += [f"--window-size={width},4000", "--virtual-time-budget=60000", "--dump-dom", around.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True)
    told = re.search(r'<pre id="told">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told is not None
    assert told[1], f"axe-core did not come to an end:\n{done.stderr[-2000:]}"
    return json.loads(html.unescape(told[1]))


@pytest.mark.parametrize(
    ("width", "scheme"), [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
)
def test_axe_finds_no_fault_in_any_page(width, scheme, tmp_path):
    found = look({name: make() for name, make in PAGES.items()}, tmp_path, width, scheme)
    assert {name: page["violations"] for name, page in found.items() if page["violations"]} == {}
    assert set(found) == set(PAGES)
    assert all(page["passes"] > 10 for page in found.values())
    # Wide tables scroll by themselves, the page never does.
    assert {name: page["beyond"] for name, page in found.items() if page["beyond"] > 0} == {}


def test_axe_finds_faults_that_are_there(tmp_path):
    faults = {
        "contrast": lambda page: page.replace("--quiet: #bfc4d0", "--quiet: #333333"),
        "language": lambda page: page.replace(' lang="en"', ""),
        "heading": lambda page: page.replace("<h1>", "<p>").replace("</h1>", "</p>"),
        "image": lambda page: page.replace("</main>", '<img src="x.png" width="2000" height="9"></main>'),
    }
    pages = {name: change(PAGES["feedback"]()) for name, change in faults.items()}
    found = look(pages, tmp_path, 1280, "dark")
    rules = {name: {rule["id"] for rule in page["violations"]} for name, page in found.items()}
    assert {name for name, own in rules.items() if own} == set(faults), rules
    assert rules["contrast"] == {"color-contrast"}
    assert {name for name, page in found.items() if page["beyond"] > 0} == {"image"}
