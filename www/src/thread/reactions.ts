// The reactions under a message: the count of each emoji, whether the user added it, and the names, on hover.

import type { MessageRef, ReactionsSummarySnapshot } from "causerie";

import { perform } from "../calls";
import { h } from "../dom";
import { type Row, keyed } from "../keyed";

/** The emoji in the menu. Any emoji that others used can be added, too. */
export const QUICK_REACTIONS = ["👍", "❤️", "😂", "😮", "🎉", "🙏"];

export interface Reactions {
  element: HTMLElement;
  update(reactions: readonly ReactionsSummarySnapshot[]): void;
}

/** Creates the row of reactions to a message. */
export function reactionsRow(message: MessageRef): Reactions {
  const element = h("ul", { class: "reactions", "aria-label": "Reactions" });
  const show = keyed<ReactionsSummarySnapshot>(element, {
    keyOf: ({ emoji }) => emoji,
    make: (reaction) => reactionButton(message, reaction),
  });
  return {
    element,
    update(reactions) {
      element.hidden = reactions.length === 0;
      show(reactions);
    },
  };
}

function reactionButton(message: MessageRef, first: ReactionsSummarySnapshot): Row<ReactionsSummarySnapshot> {
  const count = h("span", { class: "count" });
  const button = h(
    "button",
    { type: "button", class: "reaction" },
    h("span", { "aria-hidden": "true" }, first.emoji),
    count,
  );
  let shown = first;
  button.addEventListener("click", () => void react(message, shown.emoji, !shown.currentUserReacted));
  button.addEventListener("pointerenter", () => void showNames());
  button.addEventListener("focus", () => void showNames());

  async function showNames(): Promise<void> {
    const { emoji } = shown;
    // The names are optional: if the request fails, the count is still shown.
    const reactions = await message
      .reactions(emoji)
      .getFirstReactions()
      .catch(() => null);
    if (reactions === null) return;
    const names = reactions.map(({ user }) => user.name);
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
      if (button.matches(":hover, :focus")) void showNames();
    },
  };
  row.update(first);
  return row;
}

/** Adds or removes a reaction of the current user. */
export async function react(message: MessageRef, emoji: string, isAdded: boolean): Promise<void> {
  const reactions = message.reactions(emoji);
  const code = `await message.reactions(${JSON.stringify(emoji)}).${isAdded ? "add" : "remove"}();`;
  await perform(code, () => (isAdded ? reactions.add() : reactions.remove()));
}
