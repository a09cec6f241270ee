"""As much of RFC 6455 as a client of one JSON frame after the other needs."""

import base64
import hashlib
import json
import os
import socket
import struct
import time

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _CLOSE, _PING = 0x0, 0x1, 0x8, 0x9
_PONG = 0xA


class WebSocket:
    """An open socket; `closed` is the server's close code, once it closed."""

    def __init__(self, host, port, path, seconds=30):
        self.closed = None
        self._socket = socket.create_connection((host, port), timeout=seconds)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._stream = self._socket.makefile("rb")
        status = self._stream.readline().decode()
        headers = {}
        while (line := self._stream.readline().decode().strip()):
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        accept = base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()
        if " 101 " not in status or headers.get("sec-websocket-accept") != accept:
            raise ConnectionError(f"no upgrade: {status.strip()}")

    def send(self, frame):
        """Sends one JSON frame."""
        self._send(_TEXT, json.dumps(frame).encode())

    def receive(self):
        """The next JSON frame; None when the server has closed."""
        parts = []
        while True:
            first, second = self._read(2)
            opcode, length = first & 0x0F, second & 0x7F
            if length == 126:
                (length,) = struct.unpack(">H", self._read(2))
            elif length == 127:
                (length,) = struct.unpack(">Q", self._read(8))
            payload = self._read(length)
            if opcode == _PING:
                self._send(_PONG, payload)
            elif opcode == _CLOSE:
                self.closed = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                return None
            elif opcode in (_TEXT, _CONTINUATION):
                parts.append(payload)
                if first & 0x80:
                    return json.loads(b"".join(parts))

    def until(self, kind, seconds=30):
        """The next frame of this kind; the others before it are passed over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            frame = self.receive()
            if frame is None:
                raise ConnectionError(f"closed with {self.closed} while waiting for {kind}")
            if kind in (frame.get("type"), frame.get("event")):
                return frame
        raise TimeoutError(f"no {kind} in {seconds} s")

    def close_code(self):
        """The code with which the server closes."""
        while self.receive() is not None:
            pass
        return self.closed

    def close(self):
        self._send(_CLOSE, struct.pack(">H", 1000))
        self._stream.close()
        self._socket.close()

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        length = len(payload)
        if length < 126:
            head = struct.pack(">BB", 0x80 | opcode, 0x80 | length)
        elif length < 65536:
            head = struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, length)
        else:
            head = struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, length)
        self._socket.sendall(head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def _read(self, count):
        data = self._stream.read(count)
        if len(data) < count:
            raise ConnectionError("the connection ended without a close frame")
        return data
