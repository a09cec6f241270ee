// What a test says while it runs: a line a check, screenshots where they are asked for, and a last line that counts.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

export class Report {
  #passed = 0;
  #failed = 0;
  #shots;

  /** `shots` is the folder for screenshots; none are made without one. */
  constructor({ shots }) {
    this.#shots = shots;
  }

  check = async (name, work) => {
    try {
      await work();
      this.#passed += 1;
      console.log(`ok    ${name}`);
    } catch (error) {
      this.#failed += 1;
      console.log(`FAIL  ${name}\n      ${String(error.message).replaceAll('\n', '\n      ')}`);
    }
  };

  async shot(page, name, settings = {}) {
    if (this.#shots === undefined) return;
    await mkdir(this.#shots, { recursive: true });
    await page.screenshot({ path: join(this.#shots, `${name}.png`), animations: 'disabled', ...settings });
  }

  /** Counts, and makes the exit code 0 if nothing failed. */
  end() {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    process.exitCode = this.#failed === 0 ? 0 : 1;
  }
}
