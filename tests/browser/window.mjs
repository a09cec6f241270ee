// One browser window of the user, with words for what a person does in it and sees in it.

/**
 * Everything a window complains about; cutting the line makes the browser itself complain, and that is no fault of the
 * page.
 */
const EXPECTED = /ERR_INTERNET_DISCONNECTED|ERR_CONNECTION_REFUSED|WebSocket connection to/;

export class Window {
  complaints = [];

  static async open(browser, base, settings) {
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      timezoneId: 'Europe/Madrid',
      colorScheme: 'light',
      ...settings,
    });
    const page = await context.newPage();
    const window = new Window(context, page);
    page.on('pageerror', (error) => window.complaints.push(`${error.stack}`));
    page.on(
      'console',
      (line) =>
        ['error', 'warning'].includes(line.type()) &&
        !EXPECTED.test(line.text()) &&
        window.complaints.push(line.text()),
    );
    page.setDefaultTimeout(10_000);
    await page.goto(base);
    return window;
  }

  constructor(context, page) {
    this.context = context;
    this.page = page;
  }

  async register(user) {
    await this.page.getByRole('button', { name: 'Create an account' }).click();
    await this.page.getByLabel('E-mail').fill(`${user.name}@example.org`);
    await this.#enter(user, 'Create account');
  }

  async logIn(user) {
    await this.#enter(user, 'Log in');
  }

  async #enter({ name, password }, button) {
    await this.page.getByLabel('Username').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.locator('#welcome-submit', { hasText: button }).click();
    await this.live();
  }

  live() {
    return this.page.locator('#connection[data-state=live]').waitFor();
  }

  async say(sentence) {
    await this.box.fill(sentence);
    await this.box.press('Enter');
  }

  get box() {
    return this.page.getByLabel('Message to Errand');
  }

  /** The last answer of the assistant, once the turn is over. */
  async answer() {
    await this.page.locator('#messages > .message.assistant').last().waitFor();
    await this.page.locator('#stop').waitFor({ state: 'hidden' });
    return this.page.locator('#messages > .message.assistant .prose').last().innerText();
  }

  toolCards() {
    return this.page.locator('#messages > .tool[data-state=done]');
  }

  /** The card of a task in a column (`pending`, `in_progress`, `completed`). */
  card(title, status) {
    return this.page.locator(`.column[data-status=${status}] .card`, {
      has: this.page.getByRole('heading', { name: title, exact: true }),
    });
  }

  /** How much wider than the window the page is; anything above 0 scrolls sideways. */
  overflow() {
    return this.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  }

  close() {
    return this.context.close();
  }
}
