"""A page in a real browser, headless."""

import json
import shutil
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BROWSER = "chromium-headless-shell"
PATIENCE_S = 120

# Measures what a page in a frame has drawn and writes it down as JSON.
PROBE = """<!DOCTYPE html><html><head><link rel="icon" href="data:,"></head><body><pre id="probe"></pre>
<iframe id="page" src="page.html" style="width:1100px;height:900px;border:0"></iframe>
<script>
document.getElementById("page").addEventListener("load", () => {
  const page = document.getElementById("page").contentDocument;
  const box = element => { const r = element.getBoundingClientRect(); return [r.width, r.height]; };
  const seen = {
    title: page.title,
    width: page.documentElement.scrollWidth,
    scripts: page.scripts.length,
    charts: [...page.querySelectorAll("figure.chart")].map(figure => ({
      title: figure.querySelector("h2").textContent,
      label: figure.querySelector(":scope > svg").getAttribute("aria-label"),
      size: box(figure.querySelector(":scope > svg")),
      lines: [...figure.querySelectorAll(":scope > svg .line")].map(box),
      marks: [...figure.querySelectorAll(":scope > svg .fill")].map(box),
      texts: [...figure.querySelectorAll(":scope > svg text")].map(text => text.textContent),
      tips: [...figure.querySelectorAll(":scope > svg title")].map(title => title.textContent),
      rows: figure.querySelectorAll("tbody tr").length,
      text_colour: getComputedStyle(figure.querySelector("text")).fill,
      colours: [...new Set([...figure.querySelectorAll(":scope > svg .line")].map(l => getComputedStyle(l).stroke))],
    })),
    tables: [...page.querySelectorAll(".wide")].filter(table => table.clientWidth > 0).map(table => ({
      title: table.closest("section, figure").querySelector("h2").textContent,
      shown: table.clientWidth,
      needed: table.scrollWidth,
    })),
    text: page.body.textContent,
    ground: getComputedStyle(page.body).backgroundColor,
  };
  document.getElementById("probe").textContent = JSON.stringify(seen);
});
</script></body></html>
"""


class _Files(SimpleHTTPRequestHandler):
    def __init__(self, *arguments, requests, **options):
        self.requests = requests
        super().__init__(*arguments, **options)

    def do_GET(self):
        self.requests.append(self.path)
        super().do_GET()

    def log_message(self, *arguments):
        pass


@contextmanager
def _served(folder):
    """The port of a server of a folder, and the list of the paths that are asked for."""
    requests = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=folder, requests=requests)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1], requests
        finally:
            server.shutdown()
            thread.join()


def _run(port, *options):
    """Runs the browser; every name that it could ask for leads to the port, so that nothing leaves the machine."""
    with tempfile.TemporaryDirectory() as profile:
        command = [BROWSER, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}"]
        command += [f"--host-resolver-rules=MAP * 127.0.0.1:{port}", "--enable-logging=stderr", "--v=0"]
        command += ["--virtual-time-budget=10000", *options, f"http://127.0.0.1:{port}/probe.html"]
        return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=PATIENCE_S, check=True)


class Rendered:
    """What a browser made of a page."""

    def __init__(self, seen, requests, console):
        self.seen = seen  # what PROBE wrote down
        self.requests = requests  # paths that were asked for
        self.console = console  # what the browser complained of


def render(page, dark=False):
    """Opens a file of HTML in a browser and measures it."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "probe.html").write_text(PROBE, "utf-8")
        shutil.copyfile(page, Path(folder) / "page.html")
        with _served(folder) as (port, requests):
            options = ["--blink-settings=preferredColorScheme=0"] if dark else []
            done = _run(port, "--dump-dom", *options)
        text = done.stdout.split('<pre id="probe">')[1].split("</pre>")[0]
        console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        return Rendered(json.loads(_unescaped(text)), requests, console)


def _unescaped(text):
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def picture(page, path, width=1100, height=3600):
    """Writes a picture of a page as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(page, Path(folder) / "probe.html")
        with _served(folder) as (port, _):
            _run(port, f"--screenshot={path}", f"--window-size={width},{height}")
    return path
