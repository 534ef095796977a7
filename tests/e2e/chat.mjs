// The parts of the chat, and two people who talk: each in a browser of their own.
import assert from "node:assert/strict";

import { at, fresh, origin, rest } from "./world.mjs";

export const composer = (page) => page.getByRole("textbox", { name: "Message", exact: true });
export const messages = (page) => page.locator(".messages:not(.outbox) > .message");
export const bubble = (page, text) =>
  messages(page).filter({ has: page.locator(".content", { hasText: text }) });
export const pending = (page) => page.locator(".outbox > .message");
export const row = (page, id) => page.locator(`[data-conversation="${id}"]`);
export const badge = (page, id) => row(page, id).locator(".badge.unread");
export const participant = (page, id) => page.locator(`[data-participant="${id}"]`);
export const absent = (page) => page.getByTestId("absent");

/** Sends a message by the composer. */
export async function say(page, text) {
  await composer(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Chooses something from the menu of a message. */
export async function choose(page, text, what) {
  const menu = bubble(page, text).locator(".menu");
  await bubble(page, text).hover();
  await menu.locator("summary").click();
  await menu.getByRole("button", { name: what, exact: true }).click();
}

export async function openAbout(page) {
  await page.getByRole("button", { name: "About", exact: true }).click();
  await page.getByRole("complementary").waitFor();
}

/** What the messages say, from the oldest on. */
export async function said(page) {
  return messages(page).locator(".content").allInnerTexts();
}

/** Two people and a conversation of theirs. */
export async function two(host = origin) {
  const [ann, ben, id] = [fresh("ann"), fresh("ben"), fresh("tea")];
  await rest("PUT", `/users/${ann}`, { name: "Ann" }, host);
  await rest("PUT", `/users/${ben}`, { name: "Ben" }, host);
  await rest("PUT", `/conversations/${id}`, { participants: [ann, ben], subject: "Tea" }, host);
  return { ann, ben, id };
}

/** The same, with the conversation open before both. */
export async function talking(page, open, host = origin) {
  const scene = await two(host);
  const other = await open();
  await page.goto(at({ user: scene.ann, conversation: scene.id }, host));
  await other.goto(at({ user: scene.ben, conversation: scene.id }, host));
  await composer(page).waitFor();
  await composer(other).waitFor();
  return { ...scene, other };
}

/** Sends messages by REST, in the order given. */
export async function post(id, sender, texts, host = origin) {
  for (let start = 0; start < texts.length; start += 10) {
    const batch = texts.slice(start, start + 10).map((text) => ({ type: "UserMessage", sender, text }));
    await rest("POST", `/conversations/${id}/messages`, batch, host);
  }
}

/** Waits for a condition in the page, and fails if it took longer than live data may. */
export async function within(ms, what, wait) {
  const since = performance.now();
  await wait();
  const took = performance.now() - since;
  assert.ok(took < ms, `${what} took ${Math.round(took)} ms`);
}
