import { deepStrictEqual } from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Git knows nothing of this folder. */
const SCREENSHOTS = join(import.meta.dirname, '..', '..', 'screenshots');

const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } } as const;

/** Asked in the browser; without fetching stylesheets once more, which no page of the application may do. */
const AXE = 'axe.run({ preload: false })';

const MOST_TABS = 60;

/** Asked in the browser: how much wider the page is than the window. */
const OVERFLOW = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** What no page may show in full: three parts of a token, five of something sealed that is not in a field of its own. */
const TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/;

/** Somebody at a browser, who looks at every page and uses the keyboard alone. */
export class Person {
  /** @param label names the screenshots of this walk */
  constructor(
    readonly page: Page,
    private readonly label: string,
    private readonly hasScripts: boolean,
  ) {
    mkdirSync(join(SCREENSHOTS, label), { recursive: true });
  }

  /** Opens an address and looks at what is there. */
  async open(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.look(name);
  }

  /** Goes from field to field with Tab, types, and ends with Enter on the button. */
  async fillIn(fields: Readonly<Record<string, string>>, button: string): Promise<void> {
    for (const [name, value] of Object.entries(fields)) {
      await this.tabTo(`[name="${name}"]:not([type="hidden"])`);
      await this.page.keyboard.press('ControlOrMeta+a');
      await this.page.keyboard.type(value);
    }
    await this.press(`button:has-text("${button}")`);
  }

  /** Goes to a link or button with Tab and presses Enter there. */
  async press(selector: string): Promise<void> {
    await this.tabTo(selector);
    await Promise.all([this.page.waitForEvent('load'), this.page.keyboard.press('Enter')]);
  }

  /** Presses Tab until something has the focus. */
  async tabTo(selector: string): Promise<void> {
    const target = this.page.locator(selector).first();
    const hasFocus = async () => (await target.and(this.page.locator(':focus')).count()) === 1;
    for (let tabs = 0; tabs < MOST_TABS && !(await hasFocus()); tabs += 1) await this.page.keyboard.press('Tab');
    if (!(await hasFocus())) throw new Error(`${selector} is out of reach of the keyboard.`);
  }

  /** Looks at the page: on a desk and on a phone, for everybody, and for what must not be there. */
  async look(name: string): Promise<void> {
    const text = await this.page.content();
    deepStrictEqual({ name, token: TOKEN.exec(withoutSealedFields(text)) }, { name, token: null });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await this.page.setViewportSize(viewport);
      await this.page.screenshot({ path: join(SCREENSHOTS, this.label, `${name}-${size}.png`), fullPage: true });
      const overflow = await this.page.evaluate<number>(OVERFLOW);
      deepStrictEqual({ name, size, overflow: Math.max(0, overflow) }, { name, size, overflow: 0 });
    }
    if (this.hasScripts) await this.#askAxe(name);
  }

  async #askAxe(name: string): Promise<void> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<axe.AxeResults>(AXE);
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    deepStrictEqual({ name, found }, { name, found: [] });
  }
}

/** A sealed challenge waits in a hidden field, encrypted; nobody can read it there. */
function withoutSealedFields(text: string): string {
  return text.replaceAll(/<input type="hidden" name="challenge" value="[^"]*"/g, '');
}
