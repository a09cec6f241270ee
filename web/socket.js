// The socket: connects, resumes where it stopped, notices when the line is dead, tries again with growing pauses.
// It knows the envelope (`type`, `data`, `seq`) and nothing of what the frames mean: `feed.js` does.

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
/** So long (ms) may a visible page hear nothing before it asks whether the line is alive. */
const QUIET = 60_000;
/** So long (ms) may the answer to that take. */
const ANSWER = 6_000;

/** The token is not good (1008) or not any more (4401): trying again would not help. */
const REFUSED = new Set([1008, 4401]);

/** The user has as many sockets open as they may: there is a place when another window is closed. */
const CROWDED = 4429;

/**
 * Events: `frame` (detail: the frame; a sync_response also has `resumed`: whether the missed events came before it),
 * `state` (see `state`), `refused` (the user has to log in again).
 */
export class Connection extends EventTarget {
  /** `connecting`, `live`, `waiting` (for the next try, at `retryAt`) or `stopped`. */
  state = 'stopped';
  retryAt = 0;
  /** Whether it waits because other windows have all the places. */
  crowded = false;

  #socket = null;
  #token = null;
  #seq = 0;
  #synced = false;
  #tries = 0;
  #heard = 0;
  #retry = 0;
  #asked = false;
  #deadline = 0;

  constructor() {
    super();
    // A change of network says nothing about a server on this machine: ask the line instead of believing it.
    for (const type of ['online', 'offline']) addEventListener(type, () => this.#suspect());
    document.addEventListener(
      'visibilitychange',
      () => !document.hidden && Date.now() - this.#heard > QUIET / 3 && this.#suspect(),
    );
    setInterval(() => !document.hidden && Date.now() - this.#heard > QUIET && this.#suspect(), QUIET / 4);
  }

  /** Connects with this token; on a socket that is open already, the token only renews the old one. */
  start(token) {
    this.#token = token;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#write('auth', { token });
    else this.#connect();
  }

  stop() {
    this.#drop();
    this.#become('stopped');
  }

  /** Sends a frame; false when the line is not live, and then nothing was sent. */
  send(type, data) {
    if (this.state !== 'live') return false;
    this.#write(type, data);
    return true;
  }

  /** Tries now instead of at the end of the pause. */
  retryNow() {
    if (this.state === 'waiting') this.#connect();
  }

  #connect() {
    this.#drop();
    this.#become('connecting');
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws?token=${encodeURIComponent(this.#token)}`);
    this.#socket = socket;
    this.#expectAnswer();
    socket.onopen = () => this.#sync();
    socket.onmessage = (event) => socket === this.#socket && this.#receive(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
  }

  #sync() {
    this.#write('sync_request', this.#synced ? { since: this.#seq } : {});
  }

  #receive(text) {
    this.#heard = Date.now();
    // A long replay is an answer, too.
    if (this.#asked) this.#expectAnswer();
    let frame;
    try {
      frame = JSON.parse(text);
    } catch {
      return; // Not a frame of ours; the next resume brings whatever it was meant to be.
    }
    if (frame.type === 'sync_response') return this.#syncDone(frame);
    // Older than what was seen: a replay that overlapped. Equal ones pass, for applying an event twice changes nothing.
    if (this.#synced && frame.seq !== undefined && frame.seq < this.#seq) return;
    if (this.#synced && frame.seq !== undefined) this.#seq = frame.seq;
    this.#tell('frame', frame);
  }

  #syncDone(frame) {
    this.#expectNothing();
    this.#tries = 0;
    frame.resumed = this.#synced && frame.data.gap !== true;
    const newest = frame.seq ?? this.#seq;
    this.#seq = frame.resumed ? Math.max(this.#seq, newest) : newest;
    this.#synced = true;
    this.crowded = false;
    this.#tell('frame', frame);
    this.#become('live');
  }

  #closed(code) {
    this.#drop();
    if (REFUSED.has(code)) {
      this.#become('stopped');
      this.#tell('refused', code);
      return;
    }
    this.crowded = code === CROWDED;
    // Full jitter: after a restart of the server its clients do not come back all at once.
    const ceiling = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#tries);
    const pause = ceiling / 4 + Math.random() * ceiling * 0.75;
    this.#tries += 1;
    this.retryAt = Date.now() + pause;
    this.#retry = setTimeout(() => this.#connect(), pause);
    this.#become('waiting');
  }

  /** The line may be dead: ask for what was missed; no answer in time closes it. */
  #suspect() {
    if (this.state === 'waiting') this.#connect();
    if (this.state !== 'live') return;
    this.#sync();
    this.#expectAnswer();
  }

  #expectAnswer() {
    this.#expectNothing();
    this.#asked = true;
    this.#deadline = setTimeout(() => this.#closed(1006), ANSWER);
  }

  #expectNothing() {
    this.#asked = false;
    clearTimeout(this.#deadline);
  }

  #drop() {
    clearTimeout(this.#retry);
    this.#expectNothing();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #write(type, data) {
    this.#socket.send(JSON.stringify({ type, data }));
  }

  #become(state) {
    this.state = state;
    this.#tell('state', state);
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
