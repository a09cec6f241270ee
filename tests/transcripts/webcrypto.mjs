// What a browser does for an encrypted room: `node webcrypto.mjs keys`, `… wrap`, `… seal`, `… open`, with JSON on standard input and output.

import { webcrypto } from 'node:crypto';
import { text } from 'node:stream/consumers';

const { subtle } = webcrypto;
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const bytes = (text) => Buffer.from(text, 'base64');
const pem = (der) => `-----BEGIN PUBLIC KEY-----\n${base64(der).match(/.{1,64}/g).join('\n')}\n-----END PUBLIC KEY-----\n`;
const RSA = { name: 'RSA-OAEP', hash: 'SHA-256' };

const DOES = {
  async keys() {
    const pair = { ...RSA, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    const { publicKey } = await subtle.generateKey(pair, true, ['wrapKey', 'unwrapKey']);
    const room = webcrypto.getRandomValues(new Uint8Array(32));
    return { public_key: pem(await subtle.exportKey('spki', publicKey)), room_key: base64(room) };
  },

  async wrap({ public_key, room_key }) {
    const der = bytes(public_key.replaceAll(/-----[A-Z ]+-----|\s/g, ''));
    const key = await subtle.importKey('spki', der, RSA, false, ['encrypt']);
    return { wrapped_key: base64(await subtle.encrypt({ name: 'RSA-OAEP' }, key, bytes(room_key))) };
  },

  async seal({ room_key, text }) {
    const key = await subtle.importKey('raw', bytes(room_key), 'AES-GCM', false, ['encrypt']);
    const iv = webcrypto.getRandomValues(new Uint8Array(12));
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(text));
    return { encrypted_data: base64(sealed), iv: base64(iv) };
  },

  async open({ room_key, encrypted_data, iv }) {
    const key = await subtle.importKey('raw', bytes(room_key), 'AES-GCM', false, ['decrypt']);
    const opened = await subtle.decrypt({ name: 'AES-GCM', iv: bytes(iv) }, key, bytes(encrypted_data));
    return { text: new TextDecoder().decode(opened) };
  },
};

console.log(JSON.stringify(await DOES[process.argv[2]](JSON.parse(await text(process.stdin)))));
