import { expect, openLive, test } from "./test";

const seconds = (text: string | null) => (text ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0);

test("playing, pausing and seeking show what the daemon does", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  const state = page.getByTestId("playback-state");
  await expect(state).toHaveText("Stopped");
  const row = page.getByRole("row").filter({ hasText: track?.title ?? "" }).first();
  await row.getByRole("button", { name: /^Play/ }).click();
  await expect(state).toHaveText("Playing");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await expect.poll(async () => seconds(await page.getByTestId("position").textContent())).toBeGreaterThan(0);

  const player = page.getByRole("group", { name: "Player" });
  await player.getByRole("button", { name: "Pause" }).click();
  await expect(state).toHaveText("Paused");

  await page.getByRole("slider", { name: "Position" }).focus();
  const before = seconds(await page.getByTestId("position").textContent());
  await page.keyboard.press("PageUp");
  await expect.poll(async () => seconds(await page.getByTestId("position").textContent())).toBeGreaterThan(before + 5);
  const { playback } = await daemon.call<{ playback: { position: { position: string } } }>("music.v1.MusicService/GetPlayback");
  expect(Number.parseFloat(playback.position.position)).toBeGreaterThan(before + 5);

  await player.getByRole("button", { name: "Play" }).click();
  await expect(state).toHaveText("Playing");
});

test("what another client does shows at once", async ({ page, daemon, open }) => {
  const [, track] = await daemon.tracks();
  await open("/music");
  await daemon.call("music.v1.MusicService/Play", { trackId: track?.id });
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(track?.title ?? "");
  await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.33 });
  await expect(page.getByTestId("volume")).toHaveText("33 %");
});

test("the volume is set by keys and kept by the daemon", async ({ page, daemon, open }) => {
  await open("/music");
  await page.getByRole("slider", { name: "Volume" }).focus();
  await page.keyboard.press("Home");
  await expect(page.getByTestId("volume")).toHaveText("0 %");
  await expect
    .poll(async () => (await daemon.call<{ playback: { volume?: number } }>("music.v1.MusicService/GetPlayback")).playback.volume ?? 0)
    .toBe(0);
});

test("the queue is filled, ordered, cleared and put back", async ({ page, daemon, open }) => {
  const tracks = (await daemon.tracks()).slice(0, 3);
  await open("/music");
  const queue = page.getByRole("group", { name: "Tracks of the queue" });
  for (const { title } of tracks) await page.getByRole("button", { name: `Add ${title} to the queue` }).click();
  await expect(queue.getByRole("listitem")).toHaveCount(3);
  const titles = () => queue.locator(".queue-words > span:first-child").allTextContents();

  await page.getByRole("button", { name: `Move ${tracks[0]?.title}`, exact: true }).focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect.poll(titles).toEqual([tracks[1]?.title, tracks[0]?.title, tracks[2]?.title]);
  await page.getByRole("button", { name: `Remove ${tracks[2]?.title}` }).click();
  await expect(queue.getByRole("listitem")).toHaveCount(2);

  const ordered = await titles();
  await page.getByRole("button", { name: "Clear", exact: true }).click();
  await page.getByRole("button", { name: "Put back" }).click();
  await expect.poll(async () => (await titles()).toSorted()).toEqual(ordered.toSorted());
});

test("an item is dragged to another place", async ({ page, daemon, open }) => {
  const tracks = (await daemon.tracks()).slice(0, 3);
  await open("/music");
  await daemon.call("music.v1.MusicService/Enqueue", { trackIds: tracks.map(({ id }) => id) });
  const queue = page.getByRole("group", { name: "Tracks of the queue" });
  await expect(queue.getByRole("listitem")).toHaveCount(3);
  const handle = (place: number) => queue.getByRole("button", { name: `Move ${tracks[place]?.title}`, exact: true });
  await handle(0).hover();
  await page.mouse.down();
  await handle(1).hover();
  await handle(2).hover();
  await page.mouse.up();
  await expect.poll(() => queue.locator(".queue-words > span:first-child").allTextContents()).toEqual([
    tracks[1]?.title,
    tracks[2]?.title,
    tracks[0]?.title,
  ]);
});

test("the library is searched and sorted", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  await page.keyboard.press("/");
  await page.keyboard.type(track?.title ?? "");
  await expect(page.getByRole("grid", { name: "Tracks" }).getByRole("row").nth(1)).toContainText(track?.title ?? "");
  await page.getByRole("searchbox", { name: "Search the library" }).fill("");
  await page.getByRole("button", { name: "Length" }).click();
  await expect(page.getByRole("columnheader", { name: "Length" })).toHaveAttribute("aria-sort", "ascending");
});

test("two tabs show the same music", async ({ context, page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  const other = await context.newPage();
  await openLive(other, "/music");
  await page.getByRole("button", { name: `Play ${track?.title}`, exact: true }).click();
  await expect(other.getByTestId("playback-state")).toHaveText("Playing");
  await other.getByRole("group", { name: "Player" }).getByRole("button", { name: "Pause" }).click();
  await expect(page.getByTestId("playback-state")).toHaveText("Paused");
});
