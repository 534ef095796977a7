// Renders the content of a message. Every text is inserted as text, so that content from users cannot become
// markup. Also converts content back to the markup that produces it, for editing.

import type { ContentBlock, TextNode } from "causerie";

import { h } from "../dom";
import { fileSummary, fileView } from "./files";

/** Renders the blocks of a message. */
export function contentView(content: readonly ContentBlock[]): HTMLElement {
  return h("div", { class: "content", dir: "auto" }, ...content.map(blockView));
}

/** Returns the text of a message on one line, or what it is if it has no text. */
export function summaryOf({
  plaintext,
  content,
}: {
  plaintext: string;
  content: readonly ContentBlock[];
}): string {
  const [block] = content;
  if (block?.type === "file") return fileSummary(block);
  if (block?.type === "location") return "📍 Location";
  return shortened(plaintext);
}

/** Returns the first characters of a text, on one line. */
export function shortened(text: string, length = 120): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > length ? `${[...line].slice(0, length).join("")}…` : line;
}

function blockView(block: ContentBlock): HTMLElement {
  switch (block.type) {
    case "text":
      return h("div", { class: "text" }, ...block.children.map(nodeView));
    case "location": {
      const { latitude, longitude } = block;
      const map = `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=15/${latitude}/${longitude}`;
      return h("p", {}, "📍 ", link(map, [`${latitude.toFixed(4)}, ${longitude.toFixed(4)}`]));
    }
    case "file":
      return fileView(block);
    default:
      return h("p", { class: "hint" }, "This version of the page cannot show this part.");
  }
}

function nodeView(node: TextNode): Node | string {
  if (typeof node === "string") return node;
  switch (node.type) {
    case "bold":
      return h("strong", {}, ...node.children.map(nodeView));
    case "italic":
      return h("em", {}, ...node.children.map(nodeView));
    case "strikethrough":
      return h("s", {}, ...node.children.map(nodeView));
    case "bulletList":
      return h("ul", {}, ...node.children.map(nodeView));
    case "bulletPoint":
      return h("li", {}, ...node.children.map(nodeView));
    case "codeSpan":
      return h("code", {}, node.text);
    case "link":
      return link(node.url, node.children.map(nodeView));
    case "autoLink":
      return link(node.url, [node.text]);
    case "mention":
      return h("span", { class: "mention" }, node.text);
    case "customEmoji":
      return h("span", { class: "custom-emoji" }, node.text);
    case "actionLink":
    case "actionButton":
      // Actions are defined by each app; this one defines none.
      return h("span", { class: "action", title: node.action }, ...node.children.map(nodeView));
    default:
      return unknownView(node);
  }
}

/** Renders a node of a newer server that this page does not know: each has a text or children. */
function unknownView(node: { text?: string; children?: TextNode[] }): Node | string {
  return node.children === undefined ? (node.text ?? "") : h("span", {}, ...node.children.map(nodeView));
}

/** Creates a link if the URL has one of these schemes; a `javascript:` URL would run code. */
function link(url: string, label: (Node | string)[]): Node {
  const isSafe = /^(?:https?|mailto|tel):/i.test(url);
  return isSafe
    ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...label)
    : h("span", {}, ...label);
}

/** Returns the markup that produces this content; `null` if the content is not one text block. */
export function markupOf(content: readonly ContentBlock[]): string | null {
  const block = content[0];
  return content.length === 1 && block?.type === "text" ? block.children.map(nodeMarkup).join("") : null;
}

const DELIMITERS = { bold: "*", italic: "_", strikethrough: "~" } as const;

function nodeMarkup(node: TextNode, index: number, siblings: readonly TextNode[]): string {
  if (typeof node === "string") return node;
  switch (node.type) {
    case "bold":
    case "italic":
    case "strikethrough":
      return `${DELIMITERS[node.type]}${node.children.map(nodeMarkup).join("")}${DELIMITERS[node.type]}`;
    case "codeSpan":
      return `\`\`\`${node.text}\`\`\``;
    case "bulletList": {
      const before = siblings[index - 1];
      const starts = before === undefined || (typeof before === "string" && before.endsWith("\n"));
      return `${starts ? "" : "\n"}${node.children.map(nodeMarkup).join("\n")}${index < siblings.length - 1 ? "\n" : ""}`;
    }
    case "bulletPoint":
      return `- ${node.children.map(nodeMarkup).join("")}`;
    case "customEmoji":
    case "mention":
    case "autoLink":
      return node.text;
    default:
      return "children" in node ? node.children.map(nodeMarkup).join("") : "";
  }
}
