// The files that the next message takes along: chosen with the button, pasted, or dropped onto the
// conversation.

import { announce, fill, h } from "../dom";
import { sizeText } from "./files";
import { previewOf } from "./upload";

/** The most files that are sent at once. */
const MAX_FILES = 10;

export interface Attachments {
  /** The button that opens the file dialog. */
  button: HTMLElement;
  /** The chosen files, above the text. */
  tray: HTMLElement;
  /** Takes files that are pasted into an element. */
  acceptPaste(element: HTMLElement): void;
  /** Takes files that are dropped onto an element, while the composer accepts them. */
  acceptDrop(element: HTMLElement, mayWrite: () => boolean): void;
  isEmpty(): boolean;
  /** Returns the chosen files and removes them from the tray. */
  take(): File[];
}

/** Creates the tray. `onAdd` is called when files are added. */
export function attachments(onAdd: () => void): Attachments {
  const input = h("input", { type: "file", multiple: true, hidden: true, "aria-label": "Files" });
  const button = h(
    "button",
    {
      type: "button",
      class: "icon-button attach",
      "aria-label": "Attach files",
      title: "Attach files",
      onclick: () => input.click(),
    },
    h("span", { "aria-hidden": "true" }, "+"),
  );
  const list = h("ul", { class: "tray", "aria-label": "Files to send" });
  const note = h("p", { class: "wrong", role: "status" });
  let files: { file: File; element: HTMLElement }[] = [];

  input.addEventListener("change", () => {
    add(input.files ?? []);
    // The same file can be chosen again.
    input.value = "";
  });

  function add(chosen: Iterable<File>): void {
    note.textContent = "";
    for (const file of chosen) {
      if (files.length === MAX_FILES) {
        note.textContent = `At most ${MAX_FILES} files are sent at once. The others were left out.`;
        break;
      }
      const entry = { file, element: entryOf(file, () => remove(entry)) };
      files.push(entry);
      list.append(entry.element);
    }
    onAdd();
    announce(`${files.length} ${files.length === 1 ? "file" : "files"} to send`);
  }

  function remove(entry: { file: File; element: HTMLElement }): void {
    files = files.filter((other) => other !== entry);
    entry.element.remove();
    note.textContent = "";
    announce(`${entry.file.name} removed`);
    onAdd();
  }

  return {
    button: h("span", { class: "attach-box" }, input, button),
    tray: h("div", { class: "attachments" }, list, note),
    acceptPaste(element) {
      element.addEventListener("paste", (event) => {
        const pasted = event.clipboardData?.files;
        if (pasted === undefined || pasted.length === 0) return;
        event.preventDefault();
        add(pasted);
      });
    },
    acceptDrop(element, mayWrite) {
      const hasFiles = (event: DragEvent): boolean =>
        mayWrite() && (event.dataTransfer?.types.includes("Files") ?? false);
      element.addEventListener("dragover", (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        element.classList.add("drop-here");
      });
      element.addEventListener("dragleave", (event) => {
        if (!(event.relatedTarget instanceof Node && element.contains(event.relatedTarget)))
          element.classList.remove("drop-here");
      });
      element.addEventListener("drop", (event) => {
        element.classList.remove("drop-here");
        if (!hasFiles(event)) return;
        event.preventDefault();
        add(event.dataTransfer?.files ?? []);
      });
    },
    isEmpty: () => files.length === 0,
    take() {
      const taken = files.map(({ file }) => file);
      files = [];
      fill(list);
      note.textContent = "";
      return taken;
    },
  };
}

function entryOf(file: File, onRemove: () => void): HTMLElement {
  const remove = { type: "button", class: "remove", "aria-label": `Remove ${file.name}`, title: "Remove" };
  return h(
    "li",
    {},
    previewOf(file),
    h(
      "span",
      { class: "file-texts" },
      h("span", { class: "file-name" }, file.name),
      h("span", { class: "hint" }, sizeText(file.size)),
    ),
    h("button", { ...remove, onclick: onRemove }, "×"),
  );
}
