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

test("the activity page filters, jumps to a time and exports what it shows", async ({ page, daemon, open }) => {
  await open("/activity");
  await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.61 });
  await page.getByRole("combobox", { name: "Type" }).selectOption("music.volume_changed");
  await expect(page.getByRole("button", { name: /50 % to 61 %/ }).first()).toBeVisible();
  await expect(page.getByRole("button", { name: /command.completed/ })).toHaveCount(0);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export" }).click();
  const saved = await (await download).createReadStream();
  const text = (await saved.toArray()).join("");
  expect(new Set((JSON.parse(text) as { type: string }[]).map(({ type }) => type))).toEqual(new Set(["music.volume_changed"]));
  await page.getByLabel("Up to").fill("2020-01-01T00:00:00");
  await expect(page.getByText("Nothing fits this filter.")).toBeVisible();
  await page.getByRole("button", { name: "Back to now" }).click();
  await expect(page.getByRole("button", { name: /50 % to 61 %/ }).first()).toBeVisible();
});

test("the map shows what flows now, and says it in a table too", async ({ page, daemon, open }) => {
  await open("/map");
  for (let step = 0; step < 5; step += 1) await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.1 + step / 10 });
  await expect(page.getByRole("button", { name: /type music.volume_changed, [0-9.]+ a second/ })).toBeVisible();
  await page.getByRole("radio", { name: "Table" }).click();
  await expect(page.getByRole("row", { name: /music.volume_changed/ })).toContainText("dashboard");
});

test("the log follows its end until somebody scrolls", async ({ page, open }) => {
  await page.setViewportSize({ width: 900, height: 420 });
  await open("/system?tab=logs");
  await page.getByRole("combobox", { name: "Least level" }).selectOption("Debug and above");
  await expect(page.getByRole("log").getByRole("listitem").first()).toBeVisible();
  await page.getByRole("searchbox", { name: "Words in the log" }).fill("no line says this");
  await expect(page.getByText("No line fits.")).toBeVisible();
});
