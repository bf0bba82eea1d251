import AxeBuilder from "@axe-core/playwright";
import { expect, openLive, test } from "./test";

const PAGES = [
  { path: "/", heading: /component|failed|work in part/ },
  { path: "/music", heading: /./ },
  { path: "/activity", heading: "Activity" },
  { path: "/map", heading: "Map" },
  { path: "/settings", heading: "Settings" },
  { path: "/api", heading: "API" },
  { path: "/system", heading: "System" },
  { path: "/system?tab=logs", heading: "System" },
  { path: "/system?tab=errors", heading: "System" },
];

for (const { path, heading } of PAGES) {
  test(`${path} opens without a complaint of the browser`, async ({ page, open }) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await open(path);
    await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    await page.waitForTimeout(500);
    expect(complaints).toEqual([]);
  });

  for (const theme of ["light", "dark", "contrast", "stage"]) {
    test(`${path} is accessible in the ${theme} theme`, async ({ page, daemon, open }) => {
      await page.addInitScript((name) => localStorage.setItem("cantina.theme", JSON.stringify(name)), theme);
      const [track] = await daemon.tracks();
      await open(path);
      await daemon.call("music.v1.MusicService/Play", { trackId: track?.id });
      await page.waitForTimeout(700);
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("\n  ")}`);
      expect(told).toEqual([]);
    });
  }

  test(`${path} fits a phone of 360 px`, async ({ page, open }, info) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(path);
    await page.waitForTimeout(400);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    await page.screenshot({ path: info.outputPath("phone.png"), fullPage: true });
  });
}

test("two tabs share one stream, and the second goes on when the first is closed", async ({ context, page, daemon, open }) => {
  await open("/");
  const second = await context.newPage();
  await openLive(second, "/system");
  const { resources } = await daemon.call<{ resources?: { openStreams?: number } }>("system.v1.SystemService/GetStatus");
  expect(resources?.openStreams ?? 0).toBeLessThanOrEqual(1);
  await page.close();
  await expect(second.getByTestId("connection")).toHaveText(/Live/);
  await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.25 });
  await second.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Music" }).click();
  await expect(second.getByTestId("volume")).toHaveText("25 %");
});
