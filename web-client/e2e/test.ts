import { expect, type Page, test as base } from "@playwright/test";
import { Daemon } from "./daemon";

/** A test with a daemon of its own worker, reset before each test, and a page that is live. */
export const test = base.extend<{ open: (path: string) => Promise<void> }, { daemon: Daemon }>({
  daemon: [
    async ({}, use) => {
      const daemon = await Daemon.create();
      await daemon.tracks();
      await use(daemon);
      await daemon.remove();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ daemon }, use) => use(daemon.url),
  open: async ({ page, daemon }, use) => {
    await daemon.reset();
    await use((path) => openLive(page, path));
  },
});

export async function openLive(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByTestId("connection")).toHaveText(/Live/);
}

export { expect };
