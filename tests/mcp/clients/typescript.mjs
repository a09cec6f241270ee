// The TypeScript SDK's client: both eras over HTTP, logged in by OAuth, and stdio.
//
//     node typescript.mjs URL COMMAND…

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const run = promisify(execFile);
const CALLBACK = "http://127.0.0.1:3997/callback";

function check(what, holds, saw) {
  if (!holds) throw new Error(`${what}: ${JSON.stringify(saw)}`);
  console.log(`ok      ${what}`);
}

// OAuth as a host does it, with a person at the browser.
class Login {
  redirectUrl = CALLBACK;
  clientMetadata = { client_name: "TypeScript", redirect_uris: [CALLBACK], token_endpoint_auth_method: "none" };

  clientInformation() { return this.client; }
  saveClientInformation(client) { this.client = client; }
  tokens() { return this.kept; }
  saveTokens(tokens) { this.kept = tokens; }
  codeVerifier() { return this.verifier; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }

  async redirectToAuthorization(address) {
    const { stdout } = await run("python3", ["-B", new URL("person.py", import.meta.url).pathname, address.href]);
    this.sent = new URL(stdout.trim());
  }
}

async function connected(client, url) {
  const login = new Login();
  const transport = () => new StreamableHTTPClientTransport(new URL(url), { authProvider: login });
  const first = transport();
  try {
    await client.connect(first);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await first.finishAuth(login.sent.searchParams);
    await client.connect(transport());
  }
}

// What the other clients do too, in the same order: story.py.
async function tell(client, questions, changes) {
  const call = async (name, args, onprogress) => {
    const result = await client.callTool({ name, arguments: args }, { onprogress });
    if (result.isError) throw new Error(`${name}: ${JSON.stringify(result.content)}`);
    return result.structuredContent;
  };
  const { tools } = await client.listTools();
  check("the tools are listed", tools.length === 8, tools);
  const told = [];
  const tasks = Array.from({ length: 12 }, (_, n) => ({ title: `Task ${n}` }));
  const ids = (await call("create_tasks", { tasks }, ({ progress }) => told.push(progress))).tasks.map(({ id }) => id);
  check("twelve tasks are made", ids.length === 12, ids);
  const grows = told.every((step, place) => place === 0 || step > told[place - 1]);
  // This client gives up the last step when it comes in one piece with the answer.
  check("with progress that grows to ten or twelve", grows && told.at(-1) >= 10, told);
  const due = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const changed = await call("update_tasks", { updates: [{ id: ids[0], title: "Call Ann", due }] });
  check("one is changed", changed.tasks[0].title === "Call Ann", changed);
  const stop = await watch(client, `task://${ids[1]}`);
  const done = await call("complete_tasks", { ids: ids.slice(1, 3) });
  check("two are completed", done.tasks.every(({ status }) => status === "completed"), done);
  check("and who watches one is told", (await changes.next()) === `task://${ids[1]}`);
  await stop();
  const asked = questions.length;
  const gone = await call("delete_tasks", { ids: [ids[3]] });
  check("one is deleted", gone.deleted[0].id === ids[3], gone);
  check("after a question that names it", questions.slice(asked).some((text) => text.includes("Task 3")), questions);
  const left = (await call("list_tasks", { limit: 100 })).tasks.map(({ id }) => id);
  const listed = left.filter((id) => ids.includes(id)).sort(); // there may be tasks of a story that was told before
  check("what is left is listed", listed.join() === [ids[0], ...ids.slice(4)].sort().join(), left);
  const back = await call("undo", {});
  check("and undo brings it back", back.tasks[0].id === ids[3], back);
}

async function watch(client, uri) {
  if (client.getNegotiatedProtocolVersion() < "2026") {
    await client.subscribeResource({ uri });
    return () => client.unsubscribeResource({ uri });
  }
  const subscription = await client.listen({ resourceSubscriptions: [uri] });
  return () => subscription.close();
}

class Changes {
  heard = [];
  waiting = undefined;

  add(uri) {
    this.heard.push(uri);
    this.waiting?.();
  }

  async next() {
    if (this.heard.length === 0) {
      await Promise.race([
        new Promise((wake) => (this.waiting = wake)),
        new Promise((_, fail) => setTimeout(fail, 5000, new Error("no change was told"))),
      ]);
    }
    return this.heard.shift();
  }
}

async function drive(mode, connect) {
  const questions = [], changes = new Changes();
  const client = new Client(
    { name: "typescript", version: "1" },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode } },
  );
  client.setRequestHandler("elicitation/create", ({ params }) => {
    questions.push(params.message);
    return { action: "accept", content: Object.fromEntries(Object.keys(params.requestedSchema.properties).map((name) => [name, true])) };
  });
  client.setNotificationHandler("notifications/resources/updated", ({ params }) => changes.add(params.uri));
  await connect(client);
  console.log(`--      protocol ${client.getNegotiatedProtocolVersion()}`);
  await tell(client, questions, changes);
  await client.close();
}

const [url, command, ...args] = process.argv.slice(2);
for (const mode of ["auto", "legacy", { pin: "2026-07-28" }]) {
  console.log(`==> HTTP, ${JSON.stringify(mode)}`);
  await drive(mode, (client) => connected(client, url));
}
console.log("==> stdio");
await drive("auto", (client) => client.connect(new StdioClientTransport({ command, args })));
process.exit(0);
