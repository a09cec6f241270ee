"""The binary as a server of its own, for the tests that look at it from outside."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

PASSWORD = "correct horse battery"

# What would reach into a server that is to be as nobody configured it.
OURS = ("ERRAND_", "OPENAI_", "JWT_", "JWKS_", "DATABASE_URL", "REDIS_URL")


class Server:
    """The binary, serving in `folder` on two free ports; `settings` are added to its environment.

    As a context it is ready inside and stopped behind; then what its log complained of is printed.
    """

    def __init__(self, binary, folder, **settings):
        self.binary, self.folder = pathlib.Path(binary).resolve(), pathlib.Path(folder)
        self.port, self.chasqui = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        home = str(self.folder / "home")
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.environment |= {
            "ERRAND_LISTEN": f"127.0.0.1:{self.port}",
            "ERRAND_LISTEN_CHASQUI": f"127.0.0.1:{self.chasqui}",
            "HOME": home,
            "XDG_STATE_HOME": home,
        } | settings
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            [self.binary], cwd=self.folder, env=self.environment, stdout=self.log, stderr=self.log
        )

    def __enter__(self):
        if not self.wait_until_ready():
            self.process.kill()
            log = (self.folder / "log").read_text(encoding="utf-8")
            raise SystemExit(f"the server does not answer; its log:\n{log}")
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        finally:
            self.process.kill()
            self.log.close()
            for line in (self.folder / "log").read_text(encoding="utf-8").splitlines():
                if " ERROR " in line or "panicked" in line:
                    print("the server's log:", line)

    def wait_until_ready(self, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.process.poll() is None:
            try:
                return self.request("GET", "/health")[0] == 200
            except OSError:
                time.sleep(0.05)
        return False

    def request(self, method, path, body=None, token=None, port=None):
        """Status and JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=60)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, json.loads(text) if text else None

    def token(self, name):
        """Of an account, which is made if it is not there."""
        account = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
        self.request("POST", "/api/v1/auth/register", account)
        return self.request("POST", "/api/v1/auth/login", account)[1]["access_token"]

    def command(self, *arguments, stdin="", **variables):
        """What a command of the binary does, in the server's folder."""
        return subprocess.run(
            [self.binary, *arguments],
            cwd=self.folder, env=self.environment | variables, input=stdin, capture_output=True, text=True, timeout=120,
        )

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
