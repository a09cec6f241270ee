"""The Python SDK 1, which knows the revisions with sessions: HTTP, logged in by OAuth, and stdio.

    python python_sdk_1.py URL COMMAND…
"""

import asyncio
import contextlib
import sys

import login
import story
from mcp import ClientSession, StdioServerParameters, types
from mcp.client.auth import OAuthClientProvider
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.auth import OAuthClientMetadata
from pydantic import AnyUrl


class Told:
    """The story's calls, by this SDK."""

    def __init__(self, session, questions, changes):
        self.session, self.questions, self.changes = session, questions, changes

    async def tools(self):
        return [tool.name for tool in (await self.session.list_tools()).tools]

    async def call(self, name, arguments, progress=None):
        async def tell(done, _total, _message):
            progress(done)

        result = await self.session.call_tool(name, arguments, progress_callback=progress and tell)
        if result.isError:
            raise story.Failed(f"{name}: {result.content}")
        return result.structuredContent

    @contextlib.asynccontextmanager
    async def watch(self, uri):
        await self.session.subscribe_resource(AnyUrl(uri))
        yield lambda: asyncio.wait_for(self.changes.get(), 5)
        await self.session.unsubscribe_resource(AnyUrl(uri))


async def drive(read, write):
    questions, changes = [], asyncio.Queue()

    async def asked(_context, question):
        questions.append(question.message)
        fields = question.requestedSchema["properties"]
        return types.ElicitResult(action="accept", content={name: True for name in fields})

    async def heard(message):
        if isinstance(message, types.ServerNotification) and isinstance(message.root, types.ResourceUpdatedNotification):
            await changes.put(str(message.root.params.uri))

    async with ClientSession(read, write, elicitation_callback=asked, message_handler=heard) as session:
        hello = await session.initialize()
        print(f"--      protocol {hello.protocolVersion}")
        await story.tell(Told(session, questions, changes))


def provider(url):
    """OAuth as a host does it, with a person at the browser."""
    visit = login.Visit()

    async def callback():
        query = await visit.back()
        return query["code"], query.get("state")

    metadata = OAuthClientMetadata(client_name="Python 1", redirect_uris=["http://127.0.0.1:3998/callback"])
    return OAuthClientProvider(url, metadata, login.Storage(), visit.redirect, callback)


async def main():
    url, *command = sys.argv[1:]
    print("==> HTTP", flush=True)
    async with streamablehttp_client(url, auth=provider(url)) as (read, write, _):
        await drive(read, write)
    print("==> stdio", flush=True)
    async with stdio_client(StdioServerParameters(command=command[0], args=command[1:])) as (read, write):
        await drive(read, write)


asyncio.run(main())
