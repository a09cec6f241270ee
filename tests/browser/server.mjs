// The server under test: one that runs already, or a binary started in an empty folder.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** `{base, stop}`. */
export async function server({ base, binary, port, env }) {
  if (base !== undefined) return { base: base.replace(/\/$/, ''), stop: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'errand-browser-'));
  // Without a key the built-in assistant answers, which always says the same.
  const settings = Object.fromEntries(env.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const child = spawn(resolve(binary), [], {
    cwd: folder,
    env: {
      ...process.env,
      HOME: folder,
      OPENAI_API_KEY: '',
      ERRAND_LISTEN: `127.0.0.1:${port}`,
      ERRAND_LISTEN_CHASQUI: 'off',
      ...settings,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await new Promise((done) => child.once('exit', done));
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(`http://127.0.0.1:${port}`, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base: `http://127.0.0.1:${port}`, stop };
}

async function answers(base, child) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (child.exitCode !== null) throw new Error(`the server ended at once with ${child.exitCode}`);
    if (
      await fetch(base).then(
        (response) => response.ok,
        () => false,
      )
    )
      return;
    await sleep(200);
  }
  throw new Error(`no answer from ${base} in 30 s`);
}
