// What browsers do, done by Node's WebCrypto, for the tests of `src/crypto`.
//
//   node tests/crypto/webcrypto.mjs vectors > tests/crypto/webcrypto.json
//     makes the vectors anew: nothing in them is used for anything else.
//   node tests/crypto/webcrypto.mjs answer
//     plays a member of a room: reads {public_key, message} from standard input, wraps a new room key for that key, says
//     something in the room, and answers with a wrapped key, an envelope, and a public key of its own. Then reads {wrapped_key, envelope},
//     unwraps and decrypts, and answers with {text}. A JSON object a line.
//   node tests/crypto/webcrypto.mjs room http://127.0.0.1:8000
//     plays two members of a room at a service: they make it, wrap its key for everybody, write to each other, and answer with {room}. For
//     each line that it then reads it answers with what each of them reads in the room.

import { createInterface } from 'node:readline';

const { subtle } = globalThis.crypto;
const OAEP = { name: 'RSA-OAEP', hash: 'SHA-256' };

const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytes = (text) => Buffer.from(text, 'base64');

function pem(spki) {
  return `-----BEGIN PUBLIC KEY-----\n${base64(spki).replace(/.{64}(?=.)/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;
}

function fromPem(text) {
  return bytes(text.replace(/-----[^-]+-----/g, '').replace(/\s/g, ''));
}

const newPair = (modulusLength = 2048) =>
  subtle.generateKey(
    { ...OAEP, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ['wrapKey', 'unwrapKey'],
  );

const newRoomKey = () => subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);

async function seal(key, text) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
  return { encrypted_data: base64(data), iv: base64(iv) };
}

async function open(key, { encrypted_data, iv }) {
  const text = await subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv) }, key, bytes(encrypted_data));
  return new TextDecoder('utf-8', { fatal: true }).decode(text);
}

async function wrap(key, publicKey) {
  return base64(await subtle.wrapKey('raw', key, publicKey, OAEP));
}

async function rooms() {
  const made = [];
  for (const [bits, text] of [
    [2048, 'The hall is booked for Friday.'],
    [2048, ''],
    [3072, 'Grüße aus Köln, 再见 👋🏽'],
    [4096, 'x'.repeat(1_000)],
  ]) {
    const [pair, key] = [await newPair(bits), await newRoomKey()];
    made.push({
      bits,
      public_key: pem(await subtle.exportKey('spki', pair.publicKey)),
      private_key: base64(await subtle.exportKey('pkcs8', pair.privateKey)),
      room_key: base64(await subtle.exportKey('raw', key)),
      wrapped_key: await wrap(key, pair.publicKey),
      ...(await seal(key, text)),
      text,
    });
  }
  return made;
}

/** What must not be taken for a member's public key. */
async function refused() {
  const spki = async (pair) => pem(await subtle.exportKey('spki', pair.publicKey));
  const elliptic = await subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const pair = await newPair();
  return {
    small: await spki(await newPair(1024)),
    elliptic: await spki(elliptic),
    private: pem(await subtle.exportKey('pkcs8', pair.privateKey)),
  };
}

/** A key of 16 bytes, wrapped. */
async function shortKey() {
  const pair = await newPair();
  const key = await subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt']);
  return { private_key: base64(await subtle.exportKey('pkcs8', pair.privateKey)), wrapped_key: await wrap(key, pair.publicKey) };
}

/** A private key as the service stores it: what is stored must be readable by every later version. */
async function atRest() {
  const encoded = (text) => new TextEncoder().encode(text);
  const [secret, owner, pair] = ['not a secret: only for this test', 'a room', await newPair()];
  const base = await subtle.importKey('raw', encoded(secret), 'HKDF', false, ['deriveKey']);
  const hkdf = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: encoded('errand: what is stored encrypted'),
    info: encoded("the assistant's private keys, AES-256-GCM"),
  };
  const key = await subtle.deriveKey(hkdf, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const der = await subtle.exportKey('pkcs8', pair.privateKey);
  const text = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: encoded(owner) }, key, der);
  const sealed = base64(Buffer.concat([Buffer.from([1]), iv, Buffer.from(text)]));
  return { secret, owner, sealed, public_key: pem(await subtle.exportKey('spki', pair.publicKey)) };
}

async function vectors() {
  const all = { rooms: await rooms(), refused: await refused(), short_key: await shortKey(), at_rest: await atRest() };
  console.log(JSON.stringify(all, null, 1));
}

async function answer() {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const read = async () => JSON.parse((await lines.next()).value);
  const [asked, own, key] = [await read(), await newPair(), await newRoomKey()];
  const theirs = await subtle.importKey('spki', fromPem(asked.public_key), OAEP, true, ['wrapKey']);
  console.log(JSON.stringify({
    wrapped_key: await wrap(key, theirs),
    ...(await seal(key, asked.message)),
    public_key: pem(await subtle.exportKey('spki', own.publicKey)),
  }));
  const back = await read();
  const got = await subtle.unwrapKey('raw', bytes(back.wrapped_key), own.privateKey, OAEP, 'AES-GCM', true, ['decrypt']);
  console.log(JSON.stringify({ text: await open(got, back) }));
  process.exit(0);
}

/** Somebody at the service, with keys of their own. */
async function member(base, name) {
  const pair = await newPair();
  const ask = async (method, path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
    const { success, data, error } = await answer.json();
    if (!success) throw new Error(`${method} ${path}: ${JSON.stringify(error)}`);
    return data;
  };
  const { user, access_token: token } = await ask('POST', '/auth/register', {
    username: name,
    email: `${name}@example.com`,
    password: 'correct horse',
    display_name: name,
    public_key: pem(await subtle.exportKey('spki', pair.publicKey)),
  });
  return { id: user.id, pair, ask: (method, path, body) => ask(method, path, body, token) };
}

/** Each version of the room's key that they were given. */
async function keysOf({ ask, pair }, room) {
  const { keys } = await ask('GET', `/chatrooms/${room}/keys`);
  const unwrapped = keys.map(async ({ version, wrapped_key }) => {
    const key = await subtle.unwrapKey('raw', bytes(wrapped_key), pair.privateKey, OAEP, 'AES-GCM', true, ['encrypt', 'decrypt']);
    return [version, key];
  });
  return new Map(await Promise.all(unwrapped));
}

async function reads(one, room) {
  const keys = await keysOf(one, room);
  const { messages } = await one.ask('GET', `/chatrooms/${room}/messages`);
  return Promise.all(messages.map(({ content }) => open(keys.get(content.key_version), content)));
}

async function says(one, room, text) {
  const [key_version, key] = [...(await keysOf(one, room))].at(-1);
  const content = { ...(await seal(key, text)), key_version };
  await one.ask('POST', `/chatrooms/${room}/messages`, { content });
}

async function room() {
  const base = process.argv[3];
  const [ann, bob] = [await member(base, 'ann'), await member(base, 'bob')];
  const { chatroom } = await ann.ask('POST', '/chatrooms', { name: 'The hall', is_private: false });
  const { invitation } = await ann.ask('POST', `/chatrooms/${chatroom.id}/invite`, {});
  await bob.ask('POST', `/chatrooms/join/${invitation.invite_code}`);
  const key = await newRoomKey();
  const { members } = await ann.ask('GET', `/chatrooms/${chatroom.id}/keys`);
  const keys = members.map(async ({ user_id, public_key }) => {
    const theirs = await subtle.importKey('spki', fromPem(public_key), OAEP, true, ['wrapKey']);
    return { user_id, wrapped_key: await wrap(key, theirs) };
  });
  await ann.ask('PUT', `/chatrooms/${chatroom.id}/keys/1`, { keys: await Promise.all(keys) });
  await says(ann, chatroom.id, 'Who books the hall for Friday?');
  await says(bob, chatroom.id, 'I do: Grüße 👋🏽');
  console.log(JSON.stringify({ room: chatroom.id }));
  for await (const _ of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify({ ann: await reads(ann, chatroom.id), bob: await reads(bob, chatroom.id) }));
  }
}

await { answer, room, vectors }[process.argv[2] ?? 'vectors']();
