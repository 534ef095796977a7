// Files in messages: images and videos in their own proportions, sounds with a player, and everything else as
// a card. The space of a picture is reserved before it loads, so that nothing moves then.

import type { FileBlock, ImageBlock, VideoBlock } from "causerie";

import { type Child, h } from "../dom";

/** Creates the view of a file. */
export function fileView(block: FileBlock): HTMLElement {
  if (!/^https?:\/\//i.test(block.url))
    return card(block, "cannot be opened: its address is not a web address");
  switch (block.subtype) {
    case "image":
      return imageView(block);
    case "video":
      return figure(
        block,
        h("video", { controls: true, preload: "metadata", src: block.url, ...sizeOf(block) }),
      );
    case "audio":
    case "voice":
      return figure(block, h("audio", { controls: true, preload: "none", src: block.url }));
    default:
      return card(block);
  }
}

/** Returns a word for what a block is, for places that show no pictures. */
export function fileSummary(block: FileBlock): string {
  const symbol = { image: "🖼", video: "🎬", audio: "🎵", voice: "🎤", none: "📎" }[block.subtype ?? "none"];
  return `${symbol} ${block.subtype === "voice" ? "Voice message" : block.filename}`;
}

function imageView(block: ImageBlock): HTMLElement {
  const image = h("img", {
    src: block.url,
    alt: block.filename,
    loading: "lazy",
    decoding: "async",
    ...sizeOf(block),
  });
  const link = h(
    "a",
    { class: "picture-link", href: block.url, target: "_blank", rel: "noopener noreferrer" },
    image,
  );
  const view = figure(block, link);
  image.addEventListener("error", () => view.replaceWith(card(block, "could not be loaded")));
  return view;
}

/** Returns the attributes from which the browser computes the proportions before it loads anything. */
function sizeOf({ width, height }: ImageBlock | VideoBlock): Record<string, number> {
  return width !== undefined && height !== undefined && width > 0 && height > 0 ? { width, height } : {};
}

function figure(block: FileBlock, media: Child): HTMLElement {
  const kind = block.subtype ?? "generic";
  return h("figure", { class: `file-media is-${kind}` }, media, kind !== "image" && caption(block));
}

function caption(block: FileBlock): HTMLElement {
  return h("figcaption", { class: "hint" }, `${block.filename} · ${facts(block)}`);
}

function card(block: FileBlock, problem?: string): HTMLElement {
  const texts = h(
    "span",
    { class: "file-texts" },
    h("span", { class: "file-name" }, block.filename),
    h("span", { class: "hint" }, problem ?? facts(block)),
  );
  const icon = h("span", { class: "file-icon", "aria-hidden": "true" }, extensionOf(block.filename));
  if (problem !== undefined) return h("p", { class: "file-card" }, icon, texts);
  const link = { class: "file-card", href: block.url, target: "_blank", rel: "noopener noreferrer" };
  return h("a", { ...link, download: block.filename }, icon, texts);
}

function facts(block: FileBlock): string {
  const duration =
    "duration" in block && block.duration !== undefined ? ` · ${durationText(block.duration)}` : "";
  return sizeText(block.size) + duration;
}

/** Returns the extension of a file name, for its icon. */
export function extensionOf(filename: string): string {
  const found = /\.([a-z0-9]{1,4})$/i.exec(filename)?.[1];
  return found?.toUpperCase() ?? "FILE";
}

const UNITS = ["kilobyte", "megabyte", "gigabyte"] as const;

/** Returns a size with its unit, as in "2.4 MB". */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  const step = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** step;
  const maximumFractionDigits = value < 10 ? 1 : 0;
  const unit = UNITS[step - 1] ?? "gigabyte";
  return new Intl.NumberFormat("en", { style: "unit", unit, maximumFractionDigits }).format(value);
}

function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
