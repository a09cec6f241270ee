// What the test is told on its command line.

import { parseArgs } from 'node:util';

const USAGE = `usage: node main-job.mjs (--base URL | --binary PATH) [--port N] [--env NAME=VALUE]... [--shots FOLDER] [--chromium PATH]
  --base      a server that runs already
  --binary    start this one in an empty folder, listening on 127.0.0.1 at --port (default 8765), and stop it at the end
  --env       a setting for that server, also in place of the default ERRAND_LISTEN=127.0.0.1:<port>
  --shots     keep screenshots here
  --chromium  default: $CHROMIUM, else /usr/bin/chromium`;

export function options() {
  const { values } = parseArgs({
    options: {
      base: { type: 'string' },
      binary: { type: 'string' },
      port: { type: 'string', default: '8765' },
      env: { type: 'string', multiple: true, default: [] },
      shots: { type: 'string' },
      chromium: { type: 'string', default: process.env.CHROMIUM ?? '/usr/bin/chromium' },
    },
  });
  if ((values.base === undefined) === (values.binary === undefined)) {
    console.error(USAGE);
    process.exit(2);
  }
  return values;
}
