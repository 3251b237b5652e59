"""Whether a page of the site scrolls sideways on a phone: `python -m docs.site.narrow`, after `python -m docs.site`.

A browser without a window shows every page in a frame that is 390 px wide, and says how wide the content is. Wide
tables, code and formulas scroll inside their own boxes. The theme lets the text of a page scroll in a box of its own,
which counts as the page. Without chromium nothing is measured, which is said.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

SITE = Path(__file__).parents[2] / "build" / "site"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: Width of the frame in px, and the longest time in seconds for all pages.
WIDTH, LONGEST = 390, 300
FRAME = """<!doctype html><iframe style="width:%dpx;height:844px;border:0"></iframe><pre></pre><script>
(async () => {
  const frame = document.querySelector("iframe"), found = {};
  for (const page of %s) {
    await new Promise(shown => { frame.onload = shown; frame.src = "/" + page; });
    const shown = frame.contentDocument, boxes = [shown.documentElement, ...shown.querySelectorAll(".content")];
    found[page] = Math.max(...boxes.map(box => box.scrollWidth - box.clientWidth + shown.body.clientWidth));
  }
  document.querySelector("pre").textContent = JSON.stringify(found);
})();
</script>"""


class Pages(SimpleHTTPRequestHandler):
    """The files of the site, and under /frame the page that shows them one after the other."""

    frame = b""

    def do_GET(self) -> None:
        """Answer with the frame or a file."""
        if self.path != "/frame":
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.frame)

    def log_message(self, *said: object) -> None:
        """Say nothing of each file."""


def widths(browser: str, site: Path) -> dict[str, int]:
    """The width of the content of each page of a site in px, by its path."""
    pages = sorted(
        str(page.relative_to(site)) for page in site.rglob("*.html") if "_static" not in page.parts
    )
    Pages.frame = (FRAME % (WIDTH, json.dumps(pages))).encode()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # time in the page runs as fast as it loads, up to this number of ms
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
        f"--virtual-time-budget={1000 * LONGEST}",
    ]
    address = f"http://127.0.0.1:{server.server_port}/frame"
    try:
        told = subprocess.run(
            [browser, *options, address], capture_output=True, text=True, timeout=LONGEST, check=True
        )
    finally:
        server.shutdown()
    found = re.search("<pre>(.+)</pre>", told.stdout)
    if found is None:
        sys.exit(f"{browser} did not show all {len(pages)} pages: {told.stderr.strip()[-300:]}")
    measured: dict[str, int] = json.loads(html.unescape(found[1]))
    return measured


def main() -> None:
    """Print the pages that are too wide, and fail if there is one."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"not measured: none of {', '.join(BROWSERS)} is installed")
        return
    if not (SITE / "index.html").is_file():
        sys.exit("build the site first: python -m docs.site")
    found = widths(browser, SITE)
    wide = {page: width for page, width in found.items() if width > WIDTH}
    print(
        "\n".join(
            [f"{page} is {width} px wide" for page, width in wide.items()]
            or [f"{len(found)} pages fit {WIDTH} px"]
        )
    )
    sys.exit(bool(wide))


if __name__ == "__main__":
    main()
