// What a conversation is called: its subject, or else who is in it besides me.

import type { ConversationSnapshot, ParticipantSnapshot, TalkSession, UserSnapshot } from "causerie";

import { fill, h } from "../dom";
import type { Scope } from "../live";
import { avatar } from "../people";
import { onlineDot } from "../presence";

export interface Naming {
  /** The picture, with a dot where there is one other person. */
  picture: HTMLElement;
  name: HTMLElement;
  /** Everybody in it. */
  who: HTMLElement;
  update(conversation: ConversationSnapshot): void;
}

/** The name and picture of a conversation, live until the scope ends. */
export function naming(session: TalkSession, id: string, scope: Scope): Naming {
  const picture = h("span", { class: "picture" });
  const name = h("span", { class: "name", dir: "auto" });
  const who = h("p", { class: "who hint", dir: "auto" });
  let conversation: ConversationSnapshot | null = null;
  let others: UserSnapshot[] | null = null;
  let drawn = "";
  let dotOf: { id: string; scope: Scope; dot: HTMLElement } | null = null;

  scope.follow(
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
    who.textContent = others === null ? "" : ["You", ...namesOf(others)].join(", ");
    const only = others?.length === 1 ? others[0] : undefined;
    const photo = conversation.photoUrl ?? (conversation.subject === null ? only?.photoUrl : null) ?? null;
    const looks = JSON.stringify([only?.id, text, photo]);
    if (looks === drawn) return;
    drawn = looks;
    fill(picture, avatar(only?.id ?? id, text, photo, "medium"), dotFor(only));
  }

  function dotFor(user: UserSnapshot | undefined): HTMLElement | null {
    if (dotOf !== null && dotOf.id !== user?.id) {
      dotOf.scope.end();
      dotOf = null;
    }
    if (user === undefined) return null;
    if (dotOf === null) {
      const part = scope.part();
      dotOf = { id: user.id, scope: part, dot: onlineDot(session, user.id, part) };
    }
    return dotOf.dot;
  }

  return {
    picture,
    name,
    who,
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
  const names = users.slice(0, 3).map(({ name }) => name);
  return users.length > 3 ? [...names, "…"] : names;
}
