// Somebody's agent: an MCP client with one person's token, one request at a time (2026-07-28, no sessions).

const VERSION = '2026-07-28';

export class Agent {
  #last = 0;

  constructor(base, token, name) {
    this.base = base;
    this.token = token;
    this.name = name;
  }

  /** The result of a request; `named` is what the header `Mcp-Name` has to say. Throws the error that came instead. */
  async ask(method, params, named) {
    const text = await (await this.#send(method, params, named)).text();
    const { result, error } = JSON.parse(text.replace(/^[^]*?^data: (?=\{)/m, ''));
    if (error !== undefined) throw new Error(`${method} ${named}: ${error.message}`);
    return result;
  }

  /** Whether the token is taken: the status with which a plain request is answered. */
  async status() {
    const response = await this.#send('tools/list', {}, '');
    await response.body?.cancel();
    return response.status;
  }

  #send(method, params, named) {
    this.#last += 1;
    const meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: this.name, version: '1' },
    };
    return fetch(`${this.base}/mcp`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
        Authorization: `Bearer ${this.token}`,
        'MCP-Protocol-Version': VERSION,
        'Mcp-Method': method,
        'Mcp-Name': named,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: this.#last, method, params: { ...params, _meta: meta } }),
    });
  }

  call(name, args = {}) {
    return this.ask('tools/call', { name, arguments: args }, name);
  }

  /** The text of a resource. */
  async read(uri) {
    const { contents } = await this.ask('resources/read', { uri }, uri);
    return contents[0];
  }
}
