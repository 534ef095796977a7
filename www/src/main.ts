// The page: pick a user → a session → the profile and a conversation of that user. What is shown is in the address;
// each change of the address draws the page again.

import { type TalkSession, getTalkSession } from "causerie";

import { callsPanel, showSetup } from "./calls";
import { conversationPanel } from "./conversation/panel";
import { byId, fill, h } from "./dom";
import { picker } from "./people";
import { type Place, addressOf, go, here } from "./place";
import { problemOf, problemView } from "./problem";
import { profilePanel } from "./profile/panel";

const people = picker((user) => {
  if (user === here().user || mayLeave()) visit({ user });
});
const profile = profilePanel();
const conversation = conversationPanel(
  () => ({ app: here().app, user: here().user ?? "", exists: profile.known() !== null }),
  (id) => visit({ conversation: id }),
);
const calls = callsPanel();
const fatal = h("div");
const intro = h(
  "section",
  { class: "card intro" },
  h("h2", {}, "What this is"),
  h(
    "ol",
    { class: "steps" },
    h("li", {}, h("b", {}, "Pick anyone. "), "The demo app asks for no password, and nobody need exist yet."),
    h("li", {}, h("b", {}, "Edit a profile. "), "Every field, with the difference between keeping, setting and resetting it."),
    h("li", {}, h("b", {}, "Open a conversation. "), "See it as this user sees it, or how to make it from a backend."),
  ),
  h("p", { class: "hint" }, "Beside everything you do stands the code that did it."),
);

/** What the panels show now, so that opening a conversation does not load the profile again. */
let drawn: { session: TalkSession; conversation: string | null } | null = null;

function draw(): void {
  const place = here();
  people.show(place.user);
  drawTransport(place);
  document.title = place.user === null ? "Causerie demo" : `${place.user} · Causerie demo`;
  const session = place.user === null ? null : sessionOf(place, place.user);
  intro.hidden = session !== null;
  calls.hidden = session === null;
  if (session === null || place.user === null) {
    drawn = null;
    profile.show(null);
    conversation.show(null, null);
    return;
  }
  const before = drawn;
  drawn = { session, conversation: place.conversation };
  if (before?.session !== session) {
    fill(fatal);
    showSetup(place, place.user);
    profile.show(session.currentUser);
  }
  if (before?.session !== session || place.conversation !== before.conversation || place.conversation !== null) {
    conversation.show(session, place.conversation);
  }
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
    if (drawn?.session === session) fill(fatal, problemView(problemOf(error), startAgain), startAgainLine());
  });
}

function startAgain(): void {
  drawn = null;
  draw();
}

function startAgainLine(): HTMLElement {
  return h("p", { class: "actions" }, h("button", { type: "button", class: "button", onclick: startAgain }, "Start a new session"));
}

/** Shows another place, in the same page. */
function visit(change: Partial<Place>): void {
  go(change);
  draw();
}

function drawTransport(place: Place): void {
  for (const radio of radios()) radio.checked = radio.value === place.transport;
}

function radios(): NodeListOf<HTMLInputElement> {
  return byId("transport").querySelectorAll("input");
}

function mayLeave(): boolean {
  return !profile.isDirty() || confirm("The form has changes that were not saved. Leave them?");
}

// A session keeps the transport it began with, so another transport is another page.
byId("transport").addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  const transport = event.target.value === "http" ? "http" : "auto";
  if (mayLeave()) location.assign(new URL(addressOf({ ...here(), transport }), location.href));
  else drawTransport(here());
});

addEventListener("popstate", draw);

fill(
  byId("main"),
  people.element,
  fatal,
  intro,
  h("div", { class: "columns" }, profile.element, h("div", { class: "column" }, conversation.element, calls)),
);
draw();
