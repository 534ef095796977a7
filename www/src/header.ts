// The top of the page: who is signed in, the way between chat and profile, and the way to a second window.

import type { TalkSession } from "causerie";

import { fill, h } from "./dom";
import { type Scope, scope } from "./live";
import { PEOPLE, avatar } from "./people";
import { type Place, addressOf } from "./place";

type View = Place["view"];

export interface Header {
  show(session: TalkSession | null, view: View): void;
}

/** What the header tells the page. */
export interface Ways {
  onView(view: View): void;
  onLeave(): void;
}

export function header(element: HTMLElement, { onView, onLeave }: Ways): Header {
  const picture = h("span", { class: "picture" });
  const name = h("span", { class: "name", dir: "auto" });
  const tabs = (["chat", "profile"] as const).map((view) =>
    h(
      "button",
      { type: "button", class: "tab", "data-view": view, onclick: () => onView(view) },
      view === "chat" ? "Chat" : "Profile",
    ),
  );
  const beside = h("span");
  const leave = h("button", { type: "button", class: "button small quiet", onclick: onLeave }, "Switch user");
  const nav = h("nav", { "aria-label": "Views" }, ...tabs);
  const me = h("div", { class: "me" }, picture, name, beside, leave);
  let shown: TalkSession | null = null;
  let held: Scope = scope();
  element.append(nav, me);

  function follow(session: TalkSession): void {
    const { id } = session.currentUser;
    const draw = (called: string, photo: string | null): void => {
      name.textContent = called;
      fill(picture, avatar(id, called, photo, "small"));
    };
    draw(id, null);
    const subscription = session.currentUser.subscribe((user) =>
      draw(user?.name ?? id, user?.photoUrl ?? null),
    );
    held.follow("session.currentUser.subscribe(onSnapshot)", subscription);
  }

  return {
    show(session, view) {
      nav.hidden = me.hidden = session === null;
      for (const tab of tabs) tab.ariaCurrent = tab.dataset["view"] === view ? "page" : null;
      if (session === shown) return;
      shown = session;
      held.end();
      held = scope();
      if (session === null) return;
      follow(session);
      const other = Object.keys(PEOPLE).find((id) => id !== session.currentUser.id) ?? null;
      const href = addressOf({ user: other, conversation: null, view: "chat" });
      fill(beside, h("a", { class: "button small quiet", href, target: "_blank" }, "Second window"));
    },
  };
}
