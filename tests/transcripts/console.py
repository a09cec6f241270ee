"""Types what a text prints, writes down what is typed and answered, and compares."""

import json
import shlex
import subprocess

from shapes import differences
from websocket import WebSocket


class Console:
    """Beside a server's `port`; `base` stands before every path, as the text says."""

    def __init__(self, transcript, port, base):
        self.transcript, self.port, self.base, self.token = transcript, port, base, None
        self.steps, self.failures = 0, 0

    def note(self, line=""):
        print(line, file=self.transcript)

    def curl(self, method, path, body=None, *, status, answer=None, token=True, form=None):
        """A request as the text has it; answers the body, once it is as it should be. No `answer`: there must be none. `form` has
        the parts of a multipart body as curl takes them."""
        command = ["curl", "-sS", "-w", "\n%{http_code}", "-X", method, f"http://localhost:{self.port}{self.base}{path}"]
        if token and self.token:
            command += ["-H", f"Authorization: Bearer {self.token}"]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        for part in form or ():
            command += ["-F", part]
        self.note("$ " + shlex.join(command).replace(self.token or "\0", "$TOKEN"))
        output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
        text, _, code = output.rpartition("\n")
        value = json.loads(text) if text else None
        self.note(f"{code} {json.dumps(value, indent=2, ensure_ascii=False) if text else ''}".rstrip())
        wrong = [] if int(code) == status else [f"the status is {code}, not {status}"]
        if answer is None:
            wrong += [f"there is a body: {text!r}"] if text else []
        else:
            wrong += differences(answer, value)
        self.judge(f"{method} {path}", wrong)
        return value

    def open(self, path):
        """A socket as the text has it."""
        self.note(f"$ websocket ws://localhost:{self.port}{path}?token=$TOKEN")
        return WebSocket("localhost", self.port, f"{path}?token={self.token}")

    def send(self, link, frame):
        self.note(f"> {json.dumps(frame, ensure_ascii=False)}")
        link.send(frame)

    def hear(self, link, kind, frame):
        """The next frame of this kind; the others before it are written down, too."""
        heard = link.until(kind)
        self.note(f"< {json.dumps(heard, ensure_ascii=False)}")
        self.judge(f"the frame {kind}", differences(frame, heard))
        return heard

    def refused(self, path, code):
        """A socket without a token is closed with this code."""
        self.note(f"$ websocket ws://localhost:{self.port}{path}")
        closed = WebSocket("localhost", self.port, path).close_code()
        self.note(f"< closed with {closed}")
        self.judge(f"the socket {path}", [] if closed == code else [f"it is closed with {closed}, not {code}"])

    def judge(self, what, wrong):
        self.steps += 1
        for each in wrong:
            self.failures += 1
            self.note(f"! {each}")
            print(f"FAILED  {what}: {each}")
        self.note()

    def log_in(self, name):
        """An account, of which only the texts of two contracts tell; the token is good for all of them."""
        account = {"email": f"{name}@example.com", "username": name, "password": "correct horse battery"}
        base, self.base = self.base, "/api/v1"
        self.curl("POST", "/auth/register", account, status=200, answer={"username": name})
        login = {key: account[key] for key in ("username", "password")}
        self.token = self.curl("POST", "/auth/login", login, status=200, answer={"token_type": "bearer"})["access_token"]
        self.base = base
