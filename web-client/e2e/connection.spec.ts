import { expect, test } from "./test";

test("a daemon that dies and comes back is followed without a reload", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  await daemon.call("music.v1.MusicService/Play", { trackId: track?.id });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await daemon.kill();
  await expect(page.getByTestId("connection")).toHaveText(/Offline/);
  await expect(page.getByText(/This is what was known/)).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  const next = page.getByRole("group", { name: "Player" }).getByRole("button", { name: /^Next/ });
  await expect(next).toHaveAttribute("title", "The device cannot be reached.");
  await daemon.start();
  await expect(page.getByTestId("connection")).toHaveText(/Live/, { timeout: 40_000 });
  await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.42 });
  await expect(page.getByTestId("volume")).toHaveText("42 %");
});

test("a restart is announced and survived", async ({ page, open }) => {
  await open("/system");
  await page.getByRole("button", { name: "Restart", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Restart" }).click();
  await expect(page.getByTestId("connection")).toHaveText(/Restarting/, { timeout: 15_000 });
  await expect(page.getByTestId("connection")).toHaveText(/Live/, { timeout: 40_000 });
});

test("without the daemon the page opens with the last snapshot and its age, and sends nothing", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  await page.evaluate(() => navigator.serviceWorker.ready);
  await daemon.call("music.v1.MusicService/Play", { trackId: track?.id });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await page.reload();
  await expect(page.getByTestId("connection")).toHaveText(/Live/);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await page.waitForTimeout(11_000);
  await daemon.kill();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await expect(page.getByText(/This is what was known/)).toBeVisible();
  const commands: string[] = [];
  page.on("request", (request) => request.url().includes("MusicService/") && commands.push(request.url()));
  await page.getByRole("group", { name: "Player" }).getByRole("button", { name: /^Next/ }).click({ force: true });
  await page.keyboard.press("n");
  expect(commands).toEqual([]);
  await daemon.start();
});
