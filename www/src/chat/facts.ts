// Shows a ConversationSnapshot: every property by its name, with its value in words.

import type { ConversationSnapshot } from "causerie";

import { codeBlock } from "../code";
import { type Child, h } from "../dom";
import { customList } from "../profile/card";

/** Creates the list of properties; `isOpen` is whether the JSON of the snapshot is expanded. */
export function factsView(snapshot: ConversationSnapshot, isOpen: boolean): HTMLElement {
  const custom = Object.entries(snapshot.custom);
  return h(
    "div",
    { "data-testid": "conversation" },
    h(
      "dl",
      { class: "properties" },
      ...property("id", snapshot.id),
      ...property("subject", snapshot.subject ?? none("null")),
      ...property("photoUrl", photoLink(snapshot.photoUrl)),
      ...property("access", inWords(snapshot.access, ACCESS)),
      ...property("notify", inWords(String(snapshot.notify), NOTIFY)),
      ...property("unreadMessageCount", String(snapshot.unreadMessageCount)),
      ...property("isUnread", snapshot.isUnread ? "yes" : "no"),
      ...property("lastMessage", lastMessage(snapshot)),
      ...property("lastMessageAt", date(snapshot.lastMessageAt)),
      ...property("createdAt", date(snapshot.createdAt)),
      ...property("joinedAt", date(snapshot.joinedAt)),
      ...property("readUntil", date(snapshot.readUntil)),
      ...property("everyoneReadUntil", date(snapshot.everyoneReadUntil)),
      ...property("welcomeMessages", welcomeMessages(snapshot.welcomeMessages)),
      ...property("custom", custom.length > 0 ? customList(custom) : none("{}")),
    ),
    h(
      "details",
      { open: isOpen },
      h("summary", {}, "The snapshot as JSON"),
      codeBlock(JSON.stringify(snapshot, null, 2), "json", "the snapshot as JSON"),
    ),
  );
}

const ACCESS: Record<string, string> = { ReadWrite: "read and send", Read: "read only" };

const NOTIFY: Record<string, string> = {
  true: "every message",
  false: "nothing",
  MentionsOnly: "mentions with an @",
};

function inWords(value: string, words: Record<string, string>): HTMLElement {
  return h("span", {}, h("code", {}, value), h("span", { class: "words" }, ` ${words[value] ?? ""}`));
}

function property(name: string, value: Child): HTMLElement[] {
  return [h("dt", {}, h("code", {}, name)), h("dd", { "data-property": name, dir: "auto" }, value)];
}

function none(text: string): HTMLElement {
  return h("code", { class: "none" }, text);
}

function lastMessage({ lastMessage }: ConversationSnapshot): Child {
  return lastMessage === null ? none("null") : h("code", {}, lastMessage.id);
}

function photoLink(url: string | null): Child {
  if (url === null) return none("null");
  if (!/^https?:/i.test(url))
    return h("span", { class: "long" }, url.length > 60 ? `${url.slice(0, 60)}…` : url);
  return h("a", { class: "long", href: url, target: "_blank", rel: "noreferrer" }, url);
}

function welcomeMessages(messages: readonly string[]): Child {
  if (messages.length === 0) return none("[]");
  return h("ul", { class: "plain" }, ...messages.map((message) => h("li", { dir: "auto" }, message)));
}

const DATES = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Creates a time in the reader's locale and time zone, with the timestamp as its title. */
function date(time: number): HTMLElement {
  return h("time", { datetime: new Date(time).toISOString(), title: `${time}` }, DATES.format(time));
}
