// The reactions under a message: how many used each emoji, whether I did, and who, for those who point at one.

import type { MessageRef, ReactionsSummarySnapshot } from "causerie";

import { perform } from "../calls";
import { h } from "../dom";
import { type Row, keyed } from "../keyed";

/** What the page offers. Any emoji that others used can be joined, too. */
export const OFFERED = ["👍", "❤️", "😂", "😮", "🎉", "🙏"];

export interface Reactions {
  element: HTMLElement;
  update(reactions: readonly ReactionsSummarySnapshot[]): void;
}

/** The row of reactions to a message. */
export function reactionsRow(message: MessageRef): Reactions {
  const element = h("ul", { class: "reactions", "aria-label": "Reactions" });
  const show = keyed<ReactionsSummarySnapshot>(element, {
    keyOf: ({ emoji }) => emoji,
    make: (reaction) => chip(message, reaction),
  });
  return {
    element,
    update(reactions) {
      element.hidden = reactions.length === 0;
      show(reactions);
    },
  };
}

function chip(message: MessageRef, first: ReactionsSummarySnapshot): Row<ReactionsSummarySnapshot> {
  const count = h("span", { class: "count" });
  const button = h(
    "button",
    { type: "button", class: "reaction" },
    h("span", { "aria-hidden": "true" }, first.emoji),
    count,
  );
  let shown = first;
  button.addEventListener("click", () => void react(message, shown.emoji, !shown.currentUserReacted));
  button.addEventListener("pointerenter", () => void tellWho());
  button.addEventListener("focus", () => void tellWho());

  async function tellWho(): Promise<void> {
    const { emoji } = shown;
    // Only a help: where it fails, the count still stands.
    const who = await message
      .reactions(emoji)
      .getFirstReactions()
      .catch(() => null);
    if (who === null) return;
    const names = who.map(({ user }) => user.name);
    if (shown.count > names.length) names.push(`${shown.count - names.length} more`);
    button.title = `${emoji} ${names.join(", ")}`;
  }

  const row: Row<ReactionsSummarySnapshot> = {
    element: h("li", {}, button),
    update(next) {
      shown = next;
      count.textContent = `${next.count}`;
      button.ariaLabel = `${next.emoji} ${next.count}`;
      button.ariaPressed = String(next.currentUserReacted);
      button.title = "";
      if (button.matches(":hover, :focus")) void tellWho();
    },
  };
  row.update(first);
  return row;
}

/** Adds a reaction of mine, or takes it back. */
export async function react(message: MessageRef, emoji: string, wanted: boolean): Promise<void> {
  const reactions = message.reactions(emoji);
  const code = `await message.reactions(${JSON.stringify(emoji)}).${wanted ? "add" : "remove"}();`;
  await perform(code, () => (wanted ? reactions.add() : reactions.remove()));
}
