// Shows code: formats values as JavaScript, highlights syntax and adds a copy button.

import { announce, h } from "./dom";

const LINE_WIDTH = 60;

/** Formats a call with its argument, on one line if it fits. */
export function callOf(start: string, argument: unknown): string {
  return `${start}${literal(argument, "", start.length)});`;
}

/** Formats a value as JavaScript source. `taken` is the number of characters already on its line. */
export function literal(value: unknown, indent = "", taken = 0): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((entry) => literal(entry, inner))
    : Object.entries(value).map(([key, entry]) => `${keyOf(key)}: ${literal(entry, inner)}`);
  if (parts.length === 0) return open + close;
  const gap = Array.isArray(value) ? "" : " ";
  const line = `${open}${gap}${parts.join(", ")}${gap}${close}`;
  if (line.length + Math.max(taken, indent.length) <= LINE_WIDTH && !line.includes("\n")) return line;
  return `${open}\n${parts.map((part) => `${inner}${part},\n`).join("")}${indent}${close}`;
}

function keyOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

/** Quotes a word for a shell's command line: in single quotes, with the inner ones escaped. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Creates a block of code with a button that copies it. */
export function codeBlock(text: string, language: "js" | "sh" | "json", label: string): HTMLElement {
  const copy = h("button", { type: "button", class: "copy", "aria-label": `Copy: ${label}` }, "Copy");
  copy.addEventListener("click", async () => {
    const copied = await copyText(text);
    copy.textContent = copied ? "Copied" : "Select it";
    announce(copied ? "Copied" : "The browser did not allow copying: select the text instead");
    setTimeout(() => (copy.textContent = "Copy"), 2_000);
  });
  return h("div", { class: "code" }, copy, h("pre", {}, h("code", {}, ...highlighted(text, language))));
}

/** Copies a text to the clipboard. Resolves with false if the browser refuses. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

const TOKENS = {
  js: /(?<comment>\/\/[^\n]*)|(?<string>"(?:[^"\\]|\\.)*")|(?<word>\b(?:import|from|const|await|null|true|false)\b)/g,
  json: /(?<string>"(?:[^"\\]|\\.)*")|(?<word>\b(?:null|true|false)\b)/g,
  sh: /(?<comment>^#[^\n]*)|(?<string>'(?:[^']|'\\'')*')|(?<word>\bcurl\b|\s-[A-Zd]\b)/gm,
};

function highlighted(text: string, language: keyof typeof TOKENS): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKENS[language])) {
    const token = Object.entries(match.groups ?? {}).find(([, found]) => found !== undefined)?.[0] ?? "";
    parts.push(text.slice(end, match.index), h("span", { class: `token-${token}` }, match[0]));
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
