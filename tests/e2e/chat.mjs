// Locators and actions of the chat, and conversations between two users.
import assert from "node:assert/strict";

import { browserName, urlOf, uniqueId, origin, rest } from "./support.mjs";

export const composer = (page) => page.getByRole("textbox", { name: "Message", exact: true });
export const messages = (page) => page.locator(".messages:not(.outbox) > .message");
export const bubble = (page, text) =>
  messages(page).filter({ has: page.locator(".content", { hasText: text }) });
export const pending = (page) => page.locator(".outbox > .message");
export const row = (page, id) => page.locator(`[data-conversation="${id}"]`);
export const badge = (page, id) => row(page, id).locator(".badge.unread");
export const participant = (page, id) => page.locator(`[data-participant="${id}"]`);
export const absent = (page) => page.getByTestId("absent");

/** Writes a text into the composer. In Firefox, Playwright's own way types long texts too slowly. */
export async function write(page, text) {
  await composer(page).evaluate((input, value) => {
    /** @type {HTMLTextAreaElement} */ (input).value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, text);
}

/** Sends a message through the composer. */
export async function sendMessage(page, text) {
  if (browserName === "firefox") await write(page, text);
  else await composer(page).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

/** Chooses an item from the menu of a message. */
export async function choose(page, text, item) {
  const menu = bubble(page, text).locator(".menu");
  await bubble(page, text).hover();
  await menu.locator("summary").click();
  await menu.getByRole("button", { name: item, exact: true }).click();
}

export async function openAbout(page) {
  await page.getByRole("button", { name: "About", exact: true }).click();
  await page.getByRole("complementary").waitFor();
}

/**
 * Sends a message that the server refuses: a reply to a message which a backend deletes before.
 */
export async function sendRefused(page, id, from, text) {
  await post(id, from, ["Which one?"]);
  await choose(page, "Which one?", "Reply");
  const { data } = await rest("GET", `/conversations/${id}/messages?limit=1`);
  await rest("DELETE", `/conversations/${id}/messages/${data[0].id}`);
  await bubble(page, "Which one?").waitFor({ state: "detached" });
  await sendMessage(page, text);
  await pending(page).getByRole("alert").waitFor();
}

/** Returns the texts of the messages, oldest first. */
export async function messageTexts(page) {
  return messages(page).locator(".content").allInnerTexts();
}

/** Creates two users with a conversation. */
export async function createPair(host = origin) {
  const [ann, ben, id] = [uniqueId("ann"), uniqueId("ben"), uniqueId("tea")];
  await rest("PUT", `/users/${ann}`, { name: "Ann" }, host);
  await rest("PUT", `/users/${ben}`, { name: "Ben" }, host);
  await rest("PUT", `/conversations/${id}`, { participants: [ann, ben], subject: "Tea" }, host);
  return { ann, ben, id };
}

/** Creates two users with a conversation and opens it in two browsers. */
export async function openForBoth(page, open, host = origin) {
  const pair = await createPair(host);
  const other = await open();
  await page.goto(urlOf({ user: pair.ann, conversation: pair.id }, host));
  await other.goto(urlOf({ user: pair.ben, conversation: pair.id }, host));
  await composer(page).waitFor();
  await composer(other).waitFor();
  return { ...pair, other };
}

/** Sends messages by REST, in the given order. */
export async function post(id, sender, texts, host = origin) {
  for (let start = 0; start < texts.length; start += 10) {
    const batch = texts.slice(start, start + 10).map((text) => ({ type: "UserMessage", sender, text }));
    await rest("POST", `/conversations/${id}/messages`, batch, host);
  }
}

/** Awaits a condition and fails if that takes longer than `ms` milliseconds. */
export async function withinTime(ms, description, wait) {
  const start = performance.now();
  await wait();
  const took = performance.now() - start;
  assert.ok(took < ms, `${description} took ${Math.round(took)} ms`);
}
