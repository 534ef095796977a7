// Files: chosen, pasted and dropped, sent with progress, cancelled, refused, and shown to both users.
import assert from "node:assert/strict";

import { bubble, composer, createPair, messages, openForBoth, pending, row } from "./chat.mjs";
import { png } from "./png.mjs";
import { pageTest, until, urlOf } from "./support.mjs";

const tray = (page) => page.getByRole("list", { name: "Files to send" }).getByRole("listitem");
const send = (page) => page.getByRole("button", { name: "Send", exact: true }).click();
const choose = (page, ...files) => page.locator("input[type=file]").setInputFiles(files);
const picture = (name, width = 400, height = 200) => ({
  name,
  mimeType: "image/png",
  buffer: png(width, height),
});
const note = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("Bring tea.\n") };

pageTest("pictures and files are sent in order, and both users see them", {}, async (page, { open }) => {
  const { id, other } = await openForBoth(page, open);
  await choose(page, picture("sea.png"), note);
  assert.equal(await tray(page).count(), 2);
  await tray(page).first().locator("canvas").waitFor();
  await composer(page).fill("From *yesterday*");
  await send(page);
  assert.equal(await tray(page).count(), 0);
  for (const one of [page, other]) {
    await until("all have arrived", async () => (await messages(one).count()) === 3);
    await until("nothing is pending", async () => (await pending(one).count()) === 0);
    await messages(one).nth(0).getByText("From yesterday").waitFor();
    const image = messages(one).nth(1).getByRole("img", { name: "sea.png" });
    await until("the picture is loaded", () =>
      image.evaluate((img) => img.complete && img.naturalWidth === 400),
    );
    // Its size is known before it is loaded, so that nothing moves.
    assert.deepEqual([await image.getAttribute("width"), await image.getAttribute("height")], ["400", "200"]);
    const { width, height } = await image.boundingBox();
    assert.ok(Math.abs(width / height - 2) < 0.02, `${width} × ${height}`);
    const link = messages(one).nth(2).getByRole("link", { name: "notes.txt" });
    await link.getByText("11 bytes").waitFor();
    const response = await one.request.get(await link.getAttribute("href"));
    assert.equal(await response.text(), "Bring tea.\n");
    assert.match(response.headers()["content-disposition"], /attachment/);
  }
  await until("the list names the file", async () => /notes\.txt/.test(await row(page, id).innerText()));
});

pageTest("a file can be taken out of the tray, and pasted and dropped into it", {}, async (page) => {
  const { ann, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  const give = (selector, kind, name) =>
    page.evaluate(
      ([selector, kind, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["text"], name, { type: "text/plain" }));
        // Firefox gives no files to an event that a script makes with its own constructor.
        const event = new Event(kind, { bubbles: true, cancelable: true });
        const member = kind === "paste" ? "clipboardData" : "dataTransfer";
        Object.defineProperty(event, member, { value: data });
        return document.querySelector(selector).dispatchEvent(event);
      },
      [selector, kind, name],
    );
  assert.equal(await give(".composer textarea", "paste", "pasted.txt"), false, "the page handles it");
  assert.equal(await give(".thread-log", "dragover", "dropped.txt"), false);
  assert.equal(await give(".thread-log", "drop", "dropped.txt"), false);
  assert.equal(await tray(page).count(), 2);
  await page.getByRole("button", { name: "Remove pasted.txt" }).click();
  await send(page);
  await messages(page).getByRole("link", { name: "dropped.txt" }).waitFor();
  assert.equal(await messages(page).count(), 1);
  await choose(page, ...Array.from({ length: 12 }, (_, number) => ({ ...note, name: `${number}.txt` })));
  assert.equal(await tray(page).count(), 10);
  await page.getByText("At most 10 files are sent at once.").waitFor();
});

// The request is held back, which Playwright does only in Chromium for uploads.
pageTest("an upload shows its progress and can be cancelled", { only: "chromium" }, async (page) => {
  const { ann, id } = await createPair();
  await page.goto(urlOf({ user: ann, conversation: id }));
  await composer(page).waitFor();
  let held;
  await page.route("**/v1/demo/files", (route) => (held = route));
  await choose(page, picture("slow.png"));
  await send(page);
  await pending(page).getByRole("progressbar", { name: "Upload of slow.png" }).waitFor();
  await until("the upload has begun", () => held !== undefined);
  await page.getByRole("button", { name: "Cancel slow.png" }).click();
  await until("it is gone", async () => (await pending(page).count()) === 0);
  await page.unroute("**/v1/demo/files");
  await choose(page, note);
  await send(page);
  await messages(page).getByRole("link", { name: "notes.txt" }).waitFor();
  assert.equal(await messages(page).count(), 1, "the cancelled picture was not sent");
});

pageTest(
  "a file that is not what it says is refused with the reason",
  { ignoredErrors: /Failed to load resource: the server responded with a status of 400/ },
  async (page) => {
    const { ann, id } = await createPair();
    await page.goto(urlOf({ user: ann, conversation: id }));
    await composer(page).waitFor();
    await choose(page, { ...note, name: "fake.png", mimeType: "image/png" });
    await send(page);
    const alert = pending(page).getByRole("alert");
    await alert.waitFor();
    assert.match(await alert.innerText(), /image\/png/);
    await page.getByRole("button", { name: "Discard" }).click();
    assert.equal(await pending(page).count(), 0);
    assert.equal(await messages(page).count(), 0);
    await composer(page).fill("Text still works");
    await send(page);
    await bubble(page, "Text still works").waitFor();
  },
);
