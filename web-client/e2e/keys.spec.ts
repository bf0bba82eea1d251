import { expect, test } from "./test";

test("everything at hand is reached by keys alone", async ({ page, daemon, open }) => {
  const [track] = await daemon.tracks();
  await open("/");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
  await page.keyboard.press("Escape");
  for (const [key, path] of [["m", "/music"], ["a", "/activity"], ["p", "/map"], ["s", "/settings"], ["i", "/api"], ["y", "/system"], ["l", "/"]] as const) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await expect(page).toHaveURL(new RegExp(`${path}$`));
  }

  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox")).toBeFocused();
  await page.keyboard.type(track?.title ?? "");
  await expect(page.getByRole("option", { name: new RegExp(track?.title ?? "") }).first()).toBeVisible();
  await page.getByRole("option", { name: new RegExp(track?.title ?? "") }).first().hover();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("complementary", { name: "Now playing" })).toContainText(track?.title ?? "");

  const bar = page.getByRole("complementary", { name: "Now playing" });
  await page.keyboard.press("Space");
  await expect(bar.getByRole("button", { name: "Play" })).toBeVisible();
  await page.keyboard.press("Space");
  await expect(bar.getByRole("button", { name: "Pause" })).toBeVisible();

  await page.evaluate(() => window.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", shiftKey: true })));
  await expect(page.getByText("Everything is stopped.", { exact: true })).toBeVisible();
});

test("a row of the library is chosen and played by keys", async ({ page, daemon, open }) => {
  await daemon.tracks();
  await open("/music");
  const grid = page.getByRole("grid", { name: "Tracks" });
  await grid.focus();
  await page.keyboard.press("ArrowDown");
  const chosen = grid.getByRole("row", { selected: true });
  const title = await chosen.locator(".c-title span").first().textContent();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(title ?? "");
});
