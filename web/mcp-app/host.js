// The line to the host, an MCP client that shows this page in a frame: JSON-RPC over `postMessage`, as the extension
// MCP Apps (2026-01-26) has it.

const PROTOCOL = '2026-01-26';
const APP = { name: 'errand-board', title: 'Errand', version: '1.0.0' };
const UNKNOWN_METHOD = -32601;

/** What a tool or the host refused, in words for the reader. */
export class Refused extends Error {}

/**
 * Events, all with what was told as detail: `context` (how the host looks, whole), `input` (the arguments of the call
 * that this page shows), `result` (its result), `cancelled`.
 */
export class Host extends EventTarget {
  capabilities = {};
  context = {};
  #asked = new Map();
  #last = 0;

  constructor() {
    super();
    addEventListener('message', ({ source, data }) => source === parent && data?.jsonrpc === '2.0' && this.#hear(data));
  }

  async connect() {
    const answer = await this.#request('ui/initialize', {
      appInfo: APP,
      appCapabilities: { availableDisplayModes: ['inline', 'fullscreen'] },
      protocolVersion: PROTOCOL,
    });
    this.capabilities = answer.hostCapabilities ?? {};
    this.#learn(answer.hostContext);
    this.#send({ method: 'ui/notifications/initialized', params: {} });
  }

  /** Whether tools can be called from here. */
  get callsTools() {
    return this.capabilities.serverTools !== undefined;
  }

  /** Calls a tool; answers its structured result, or throws what it refused. */
  async call(name, args) {
    return structured(await this.#request('tools/call', { name, arguments: args }));
  }

  /** What the model shall know of what was done here; it replaces what was said before. */
  tellModel(text) {
    if (this.capabilities.updateModelContext === undefined) return;
    // The model may go without it: what is done is done, and its next call shows it.
    this.#request('ui/update-model-context', { content: [{ type: 'text', text }] }).catch(() => {});
  }

  tellHeight(height) {
    this.#send({ method: 'ui/notifications/size-changed', params: { height } });
  }

  #request(method, params) {
    this.#last += 1;
    const id = this.#last;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => this.#asked.set(id, { resolve, reject }));
  }

  #send(message) {
    // Who frames this page is not known beforehand; nothing secret is said before the host has shown itself to be one.
    parent.postMessage({ jsonrpc: '2.0', ...message }, '*');
  }

  #hear(message) {
    if (message.method === undefined) this.#answered(message);
    else if (message.id === undefined) this.#told(message.method, message.params ?? {});
    else this.#asks(message);
  }

  #answered({ id, result, error }) {
    const waiting = this.#asked.get(id);
    this.#asked.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Refused(error.message));
  }

  /** To understand one more notification: a line here. */
  #told(method, params) {
    const TELLS = {
      'ui/notifications/host-context-changed': () => this.#learn(params),
      'ui/notifications/tool-input': () => this.#tell('input', params.arguments ?? {}),
      'ui/notifications/tool-result': () => this.#tell('result', params),
      'ui/notifications/tool-cancelled': () => this.#tell('cancelled', params),
    };
    if (Object.hasOwn(TELLS, method)) TELLS[method]();
  }

  /** Nothing here has to be kept, so the page may go at any time. */
  #asks({ id, method }) {
    if (method === 'ping' || method === 'ui/resource-teardown') this.#send({ id, result: {} });
    else this.#send({ id, error: { code: UNKNOWN_METHOD, message: `there is no ${method} here` } });
  }

  /** The host tells only what has changed. */
  #learn(context = {}) {
    this.context = { ...this.context, ...context };
    this.#tell('context', this.context);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The structured part of a tool's result; some hosts pass only the text on, which is the same as JSON. */
export function structured({ isError, structuredContent, content = [] }) {
  const text = content.find((block) => block.type === 'text')?.text ?? '';
  if (structuredContent === undefined && !isError) return JSON.parse(text);
  if (isError) throw new Refused(why(structuredContent) ?? text);
  return structuredContent;
}

const why = (output) => output?.errors?.map(({ message }) => message).join('; ');
