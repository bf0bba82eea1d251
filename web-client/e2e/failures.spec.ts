import { expect, test } from "./test";

test("a typed error stands at the control until it is put away", async ({ page, open }) => {
  await open("/music");
  await page.getByRole("group", { name: "Player" }).getByRole("button", { name: "Next track" }).click();
  const note = page.getByRole("alert").filter({ hasText: "Play a track by its id, or enqueue some." });
  await expect(note).toBeVisible();
  await note.getByText("Details").click();
  await expect(note).toContainText("QUEUE_EMPTY");
  await expect(note).toContainText(/[0-9a-f]{8}-[0-9a-f]{4}-4/);
  await expect(note.getByRole("button", { name: "Try again" })).toHaveCount(0);
  await page.waitForTimeout(3_000);
  await expect(note).toBeVisible();
  await note.getByRole("button", { name: "Put away" }).click();
  await expect(note).toHaveCount(0);
});

test("a method tried by hand names the fields that break a rule", async ({ page, open }) => {
  await open("/api?method=cantina.music.v1.MusicService%2FSetVolume");
  await page.getByLabel("Request in JSON").fill('{"volume": 7}');
  await page.getByRole("button", { name: "Send" }).click();
  const note = page.getByRole("alert");
  await expect(note).toContainText("volume");
  await expect(note).toContainText("Correct the fields that are named");
  await page.getByRole("tab", { name: "Calls of this page" }).click();
  await expect(page.getByRole("listitem").filter({ hasText: "SetVolume" }).first()).toBeVisible();
});

test("STOP ALL latches, blocks with the reason, and is cleared", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/music");
  await daemon.call("music.v1.MusicService/Play", { trackId: track?.id });
  await expect(page.getByTestId("playback-state")).toHaveText("Playing");
  await page.getByRole("button", { name: /^STOP/ }).click();
  await expect(page.getByText("Everything is stopped.", { exact: true })).toBeVisible();
  await expect(page.getByTestId("playback-state")).not.toHaveText("Playing");
  const play = page.getByRole("group", { name: "Player" }).getByRole("button", { name: /^Play/ });
  await expect(play).toHaveAttribute("aria-disabled", "true");
  await expect(play).toHaveAttribute("title", "Everything is stopped. Clear the stop first.");
  await page.getByRole("button", { name: "Clear the stop" }).click();
  await expect(page.getByText("Everything is stopped.", { exact: true })).toHaveCount(0);
  await expect(play).not.toHaveAttribute("aria-disabled", "true");
});

test("settings are checked while they are edited, applied on trial and kept", async ({ page, open }) => {
  await open("/settings");
  const name = page.getByRole("textbox", { name: "Name" });
  await name.fill("");
  await expect(page.locator(".mark")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Apply/ })).toHaveAttribute("aria-disabled", "true");
  await name.fill("Rex");
  await expect(page.locator(".mark")).toHaveCount(0);
  await page.getByRole("button", { name: /^Check only/ }).click();
  await expect(page.getByText("The daemon would accept it.")).toBeVisible();
  await page.getByRole("button", { name: /^Apply/ }).click();
  await expect(page.getByText("New settings are on trial.")).toBeVisible();
  await expect(page.getByRole("banner")).toContainText("Rex");
  await page.getByRole("button", { name: "Keep them" }).click();
  await expect(page.getByText("New settings are on trial.")).toHaveCount(0);
  await page.getByRole("button", { name: "Drop all changes made at run time" }).click();
  await expect(page.getByRole("banner")).toContainText("Cantina");
});

test("the chain of causes leads from an effect to its command", async ({ page, daemon, open }) => {
  await open("/activity?type=music.volume_changed");
  await daemon.call("music.v1.MusicService/SetVolume", { volume: 0.77 });
  await page.getByRole("button", { name: /50 % to 77 %/ }).first().click();
  const why = page.getByRole("region", { name: "Why?" });
  await expect(why).toContainText("by e2e");
  await expect(why.getByRole("button", { name: /command.completed/ })).toBeVisible();
});
