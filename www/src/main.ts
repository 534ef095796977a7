// The page: sign in as somebody → a session → the chat and the profile of that user. What is shown is in the address; each
// change of the address draws the page again.

import { type TalkSession, getTalkSession } from "causerie";

import { callsPanel, showSetup } from "./calls";
import { chatPanel } from "./chat/chat";
import { byId, fill, h } from "./dom";
import { header } from "./header";
import { PEOPLE, ensure, picker } from "./people";
import { type Place, go, here } from "./place";
import { problemOf, problemView } from "./problem";
import { profilePanel } from "./profile/panel";
import { keepWatch } from "./reach";
import { transportSwitch } from "./transport";
import { welcome } from "./welcome";

const people = picker((user) => visit({ user }));
const top = header(byId("top"), {
  onView: (view) => visit({ view }),
  onLeave: () => mayLeave() && visit({ user: null, conversation: null, view: "chat" }),
});
const chat = chatPanel({
  app: () => here().app,
  onOpen: (conversation) => visit({ conversation, view: "chat" }),
  onUnread: (count) => {
    unread = count;
    drawTitle();
  },
});
const profile = profilePanel();
const transport = transportSwitch(mayLeave);
const calls = callsPanel(transport.element);
const fatal = h("div");
const intro = welcome();
const views = h("div", { class: "views" }, chat.element, profile.element);

let unread = 0;
/** Whose session is shown. */
let drawn: TalkSession | null = null;

function draw(): void {
  const place = here();
  const session = place.user === null ? null : sessionOf(place, place.user);
  intro.hidden = people.element.hidden = session !== null;
  views.hidden = calls.hidden = session === null;
  if (session !== drawn) {
    drawn = session;
    unread = 0;
    fill(fatal);
    if (session !== null && place.user !== null) {
      showSetup(place, place.user);
      void ensure(session, place.user);
    }
    profile.show(session?.currentUser ?? null);
  }
  top.show(session, place.view);
  transport.show(place.transport);
  chat.element.hidden = place.view !== "chat";
  views.classList.toggle("is-profile", place.view === "profile");
  profile.element.hidden = place.view !== "profile";
  chat.show(session, place.conversation);
  drawTitle();
}

function drawTitle(): void {
  const { user } = here();
  const count = unread > 0 ? `(${unread}) ` : "";
  document.title = user === null ? "Causerie demo" : `${count}${PEOPLE[user]?.name ?? user} · Causerie demo`;
}

/** The same user gives the same session, until a fatal error ends it. */
function sessionOf(place: Place, userId: string): TalkSession | null {
  try {
    const session = getTalkSession({ appId: place.app, userId, transport: place.transport });
    listen(session);
    return session;
  } catch (thrown) {
    people.blame(problemOf(thrown));
    return null;
  }
}

const heard = new WeakSet<TalkSession>();

function listen(session: TalkSession): void {
  if (heard.has(session)) return;
  heard.add(session);
  session.onError((error) => {
    if (drawn === session) fill(fatal, problemView(problemOf(error), draw), startAgain());
  });
}

function startAgain(): HTMLElement {
  return h(
    "p",
    { class: "actions" },
    h("button", { type: "button", class: "button", onclick: draw }, "Start a new session"),
  );
}

/** Shows another place, in the same page. */
function visit(change: Partial<Place>): void {
  go(change);
  draw();
}

function mayLeave(): boolean {
  return !profile.isDirty() || confirm("The profile has changes that were not saved. Leave them?");
}

addEventListener("popstate", draw);
fill(byId("main"), people.element, fatal, intro, views, calls);
draw();
keepWatch();
