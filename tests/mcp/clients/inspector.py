"""The Inspector's command line: nothing to complain of, strict, in both eras, with a token that it is given and with one for which it
sends a person to log in.
"""

import json
import os
import re
import subprocess
import urllib.request

import person

SECONDS = 60

# What it says of a log-in, and of itself, when nothing is wrong.
CONTENT = re.compile(r"$|Please navigate to: |Authorization complete\.$|\[mcp-inspector\] (Secrets are|How the secret store is) ")


class Inspector:
    """It, at `server`, as the user `name`."""

    def __init__(self, program, path, server, name, password):
        self.program, self.server, self.who = program, server, (name, password)
        self.token = server.token(name)
        # Without a terminal it logs in only if it may open a browser.
        own = {"MCP_AUTO_OPEN_ENABLED": "true", "BROWSER": "true", "MCP_INSPECTOR_SECRET_STORE": "memory"}
        self.environment = os.environ | own | {"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(server.folder)}

    def start(self, *arguments):
        command = [self.program, "--cli", f"{self.server.url}/mcp", "--transport", "http", *arguments, "--format", "json"]
        return subprocess.Popen(
            command, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def ask(self, *arguments):
        """How it ended, and what it complained of."""
        process = self.start("--header", f"Authorization: Bearer {self.token}", *arguments)
        _, said = process.communicate(timeout=SECONDS)
        return process.returncode, complaints(said.splitlines())

    def ask_logged_in(self, *arguments):
        """The same, when it is not given a token."""
        process, said = self.start(*arguments), []
        for line in process.stderr:
            if sent := re.search(r"http\S+/oauth/authorize\?\S+", line):
                urllib.request.urlopen(person.allow(sent[0], *self.who), timeout=SECONDS).close()
            said.append(line)
        return process.wait(timeout=SECONDS), complaints(said)


def complaints(said):
    return "\n".join(line.strip() for line in said if not CONTENT.match(line.strip()))


def inspect(inspector):
    """Whether it is content."""
    good = True

    def check(what, seen, expected=0):
        nonlocal good
        code, said = seen
        holds = code == expected and (expected or not said)
        good = good and holds
        print(f"ok      the Inspector: {what}" if holds else f"FAILED  the Inspector: {what}: {code} {said}", flush=True)

    listing = ("--method", "tools/list", "--strict")
    for era in ("legacy", "modern"):
        spoken = ("--protocol-era", era)
        check(f"strict, {era}", inspector.ask(*spoken, *listing))
        check(f"strict, {era}, when it has logged in", inspector.ask_logged_in(*spoken, *listing))
        made = json.dumps({"tasks": [{"title": f"inspected {era}"}]})
        call = ("--method", "tools/call", "--tool-name", "create_tasks", "--tool-args-json", made)
        check(f"a call, {era}", inspector.ask(*spoken, *call))
    refused = inspector.start("--stored-auth-only", *listing)
    check("without a token it is told to log in", (refused.wait(timeout=SECONDS), refused.stderr.read()), expected=3)
    return good
