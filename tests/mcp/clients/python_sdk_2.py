"""The Python SDK 2: both eras over HTTP, logged in by OAuth, and stdio.

    python python_sdk_2.py URL COMMAND…
"""

import asyncio
import contextlib
import sys

import httpx2
import mcp_types as types
import login
import story
from mcp import Client, StdioServerParameters
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


class Told:
    """The story's calls, by this SDK."""

    def __init__(self, client, questions, changes):
        self.client, self.questions, self.changes = client, questions, changes

    async def tools(self):
        return [tool.name for tool in (await self.client.list_tools()).tools]

    async def call(self, name, arguments, progress=None):
        async def tell(done, _total, _message):
            progress(done)

        result = await self.client.call_tool(name, arguments, progress_callback=progress and tell)
        if result.is_error:
            raise story.Failed(f"{name}: {result.content}")
        return result.structured_content

    @contextlib.asynccontextmanager
    async def watch(self, uri):
        if self.client.mode == "legacy":
            await self.client.session.subscribe_resource(uri)
            yield lambda: asyncio.wait_for(self.changes.get(), 5)
            await self.client.session.unsubscribe_resource(uri)
            return
        async with self.client.listen(resource_subscriptions=[uri]) as events:
            yield lambda: asyncio.wait_for(first(events), 5)


async def first(events):
    async for event in events:
        return str(event.uri)


async def drive(target, mode):
    questions, changes = [], asyncio.Queue()

    async def asked(_context, question):
        questions.append(question.message)
        fields = question.requested_schema["properties"]
        return types.ElicitResult(action="accept", content={name: True for name in fields})

    async def heard(message):
        if isinstance(message, types.ResourceUpdatedNotification):
            await changes.put(str(message.params.uri))

    async with Client(target, mode=mode, elicitation_callback=asked, message_handler=heard) as client:
        print(f"--      protocol {client.session.protocol_version}")
        await story.tell(Told(client, questions, changes))


def provider(url):
    """OAuth as a host does it, with a person at the browser."""
    visit = login.Visit()

    async def callback():
        query = await visit.back()
        return AuthorizationCodeResult(code=query["code"], state=query.get("state"), iss=query.get("iss"))

    metadata = OAuthClientMetadata(client_name="Python 2", redirect_uris=["http://127.0.0.1:3999/callback"])
    return OAuthClientProvider(url, metadata, login.Storage(), visit.redirect, callback)


async def main():
    url, *command = sys.argv[1:]
    for mode in ("auto", "legacy", "2026-07-28"):
        print(f"==> HTTP, {mode}", flush=True)
        async with httpx2.AsyncClient(auth=provider(url), timeout=30) as http:
            await drive(streamable_http_client(url, http_client=http), mode)
    print("==> stdio", flush=True)
    await drive(StdioServerParameters(command=command[0], args=command[1:]), "auto")


asyncio.run(main())
