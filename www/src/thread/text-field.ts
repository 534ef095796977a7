// The text field of the composer: it grows with its text, sends by Enter, and counts the characters near the
// limit.

import { h, uniqueId } from "../dom";

/** The most characters (code points) of a message; docs/limits.md lists it. The server judges. */
export const MAX_CHARACTERS = 10_000;
/** The count is shown from this many characters on. */
const COUNT_FROM = 9_000;

export interface TextField {
  input: HTMLTextAreaElement;
  /** The input in a box of the height of its text. */
  box: HTMLElement;
  /** Says why the text cannot be sent, or how many characters are left. */
  note: HTMLElement;
  text(): string;
  setText(text: string): void;
  /** Replaces the selection, or inserts at the cursor, as typing does. */
  insert(text: string): void;
  /** Whether the text can be sent; otherwise the note says why not, and the field has the focus. */
  check(): boolean;
}

/** Creates the field. `onInput` is called when the user changes the text, `onEnter` when it is to be sent. */
export function textField(hintId: string, onInput: () => void, onEnter: () => void): TextField {
  const noteId = uniqueId();
  const note = h("p", { class: "count hint", id: noteId });
  const input = h("textarea", {
    rows: 1,
    name: "message",
    placeholder: "Write a message",
    "aria-label": "Message",
    "aria-describedby": `${hintId} ${noteId}`,
    enterkeyhint: "send",
  });
  const box = h("div", { class: "field" }, input);

  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
    event.preventDefault();
    onEnter();
  });
  input.addEventListener("input", () => {
    update();
    onInput();
  });

  /** Fits the height to the text, and shows the count. */
  function update(): void {
    // The style shows this text invisibly in the same place, which gives the box its height. To measure the
    // field itself, it would have to shrink, and the messages above it would be scrolled.
    box.dataset["text"] = `${input.value} `;
    const left = MAX_CHARACTERS - countOf(input.value.trim());
    const isTooLong = left < 0;
    note.classList.toggle("wrong", isTooLong);
    note.removeAttribute("role");
    if (isTooLong) note.textContent = `${count(-left)} too many`;
    else note.textContent = left <= MAX_CHARACTERS - COUNT_FROM ? `${count(left)} left` : "";
    if (!isTooLong) input.removeAttribute("aria-invalid");
  }

  return {
    input,
    box,
    note,
    text: () => input.value.trim(),
    setText(text) {
      input.value = text;
      update();
    },
    insert(text) {
      input.setRangeText(text, input.selectionStart, input.selectionEnd, "end");
      input.dispatchEvent(new Event("input", { bubbles: true }));
      input.focus();
    },
    check() {
      const tooMany = countOf(input.value.trim()) - MAX_CHARACTERS;
      if (tooMany <= 0) return true;
      input.setAttribute("aria-invalid", "true");
      // An alert is announced when its text changes, so the role comes first.
      note.setAttribute("role", "alert");
      note.textContent = `The message is too long: ${count(tooMany)} more than the ${NUMBERS.format(MAX_CHARACTERS)} allowed. Shorten it, or send it in parts.`;
      input.focus();
      return false;
    },
  };
}

/**
 * Whether a key press belongs to an input method, such as the Enter that takes a suggestion. Safari sends it
 * after `compositionend`, so that `isComposing` is false already; the key code is 229 in all browsers.
 */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** Counts code points, as the server does. */
function countOf(text: string): number {
  // Only a long text is counted exactly: a text has at most as many code points as UTF-16 units.
  if (text.length <= COUNT_FROM) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

const NUMBERS = new Intl.NumberFormat("en");

function count(characters: number): string {
  return `${NUMBERS.format(characters)} ${characters === 1 ? "character" : "characters"}`;
}
