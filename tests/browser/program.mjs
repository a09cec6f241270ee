// Another program that wants to work with somebody's tasks: it registers, sends their browser to be asked, waits on a
// port of its own for the answer and gets its token (OAuth 2.1 with PKCE). All it knows of Errand is where `/mcp` is.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const random = () => randomBytes(32).toString('base64url');

export class Program {
  #base;
  #listener;
  #name;
  #client;
  #verifier;
  #waiting;

  static async start(base, name) {
    const program = new Program();
    program.#base = base;
    program.#name = name;
    program.#listener = createServer((request, response) => program.#answered(request, response));
    program.#listener.listen(0, '127.0.0.1');
    await once(program.#listener, 'listening');
    return program;
  }

  /** The address that the person's browser has to go to. */
  async begin() {
    const challenged = await fetch(`${this.#base}/mcp`, { method: 'POST' });
    const [, metadata] = /resource_metadata="([^"]+)"/.exec(challenged.headers.get('WWW-Authenticate'));
    const { resource, authorization_servers: [issuer], scopes_supported: scopes } = await json(fetch(metadata));
    this.server = await json(fetch(`${issuer}/.well-known/oauth-authorization-server`));
    this.#client = await json(
      fetch(this.server.registration_endpoint, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ client_name: this.#name, redirect_uris: [this.#callback] }),
      }),
    );
    this.#verifier = random();
    this.state = random();
    const asked = {
      response_type: 'code',
      client_id: this.#client.client_id,
      redirect_uri: this.#callback,
      code_challenge: createHash('sha256').update(this.#verifier).digest('base64url'),
      code_challenge_method: 'S256',
      scope: scopes.join(' '),
      state: this.state,
      resource,
    };
    return `${this.server.authorization_endpoint}?${new URLSearchParams(asked)}`;
  }

  /** The parameters with which the browser comes back; to be asked for before it is sent away. */
  answer() {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** The access token for a code. */
  async redeem(code) {
    const form = {
      grant_type: 'authorization_code',
      code,
      code_verifier: this.#verifier,
      client_id: this.#client.client_id,
      redirect_uri: this.#callback,
    };
    const tokens = await json(
      fetch(this.server.token_endpoint, { method: 'POST', body: new URLSearchParams(form) }),
    );
    return tokens.access_token;
  }

  async stop() {
    this.#listener.close();
    this.#listener.closeAllConnections();
    await once(this.#listener, 'close');
  }

  get #callback() {
    return `http://127.0.0.1:${this.#listener.address().port}/callback`;
  }

  #answered(request, response) {
    const url = new URL(request.url, this.#callback);
    response.end('You can close this window.');
    if (url.pathname === '/callback') this.#waiting?.(url.searchParams);
  }
}

async function json(fetched) {
  const response = await fetched;
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.url}: ${response.status} ${text}`);
  return JSON.parse(text);
}
