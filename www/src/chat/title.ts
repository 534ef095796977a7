// The title of a conversation: its subject, or else the names of the other participants.

import type { ConversationSnapshot, ParticipantSnapshot, TalkSession, UserSnapshot } from "causerie";

import { fill, h } from "../dom";
import type { Scope } from "../scope";
import { avatar } from "../avatar";
import { onlineDot } from "../presence";

export interface ConversationTitle {
  /** The picture, with a presence dot if there is exactly one other participant. */
  picture: HTMLElement;
  name: HTMLElement;
  /** The names of all participants. */
  names: HTMLElement;
  update(conversation: ConversationSnapshot): void;
}

/** Creates the name and picture of a conversation; they are up to date until the scope ends. */
export function conversationTitle(session: TalkSession, id: string, scope: Scope): ConversationTitle {
  const picture = h("span", { class: "picture" });
  const name = h("span", { class: "name", dir: "auto" });
  const names = h("p", { class: "who hint", dir: "auto" });
  let conversation: ConversationSnapshot | null = null;
  let others: UserSnapshot[] | null = null;
  let renderedAppearance = "";
  let currentDot: { id: string; scope: Scope; dot: HTMLElement } | null = null;

  scope.keep(
    "session.conversation(id).subscribeParticipants(onSnapshot)",
    session.conversation(id).subscribeParticipants((participants) => {
      others = othersIn(participants ?? [], session.currentUser.id);
      draw();
    }),
  );

  function draw(): void {
    if (conversation === null) return;
    const text = nameOf(conversation, others);
    if (name.textContent !== text) name.textContent = text;
    names.textContent = others === null ? "" : ["You", ...namesOf(others)].join(", ");
    const single = others?.length === 1 ? others[0] : undefined;
    const photo = conversation.photoUrl ?? (conversation.subject === null ? single?.photoUrl : null) ?? null;
    const appearance = JSON.stringify([single?.id, text, photo]);
    if (appearance === renderedAppearance) return;
    renderedAppearance = appearance;
    fill(picture, avatar(single?.id ?? id, text, photo, "medium"), dotFor(single));
  }

  function dotFor(user: UserSnapshot | undefined): HTMLElement | null {
    if (currentDot !== null && currentDot.id !== user?.id) {
      currentDot.scope.end();
      currentDot = null;
    }
    if (user === undefined) return null;
    if (currentDot === null) {
      const part = scope.child();
      currentDot = { id: user.id, scope: part, dot: onlineDot(session, user.id, part) };
    }
    return currentDot.dot;
  }

  return {
    picture,
    name,
    names,
    update(next) {
      conversation = next;
      draw();
    },
  };
}

function othersIn(participants: readonly ParticipantSnapshot[], me: string): UserSnapshot[] {
  return participants.map(({ user }) => user).filter(({ id }) => id !== me);
}

function nameOf({ subject, id }: ConversationSnapshot, others: readonly UserSnapshot[] | null): string {
  if (subject !== null) return subject;
  if (others === null) return id;
  if (others.length === 0) return "Just you";
  return namesOf(others).join(", ");
}

function namesOf(users: readonly UserSnapshot[]): string[] {
  const first = users.slice(0, 3).map(({ name }) => name);
  return users.length > 3 ? [...first, "…"] : first;
}
