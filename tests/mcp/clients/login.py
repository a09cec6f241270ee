"""What a host keeps of its login, and its person at the browser: the same for both Python SDKs."""

import asyncio
import os
import urllib.parse

import person


class Storage:
    """What it keeps."""

    def __init__(self):
        self.tokens = self.client = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client_info):
        self.client = client_info


class Visit:
    """A person is sent to the server, logs in, allows, and is sent back."""

    async def redirect(self, address):
        who = os.environ["ERRAND_USER"], os.environ["ERRAND_PASSWORD"]
        self.sent = await asyncio.to_thread(person.allow, address, *who)

    async def back(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.sent).query))
