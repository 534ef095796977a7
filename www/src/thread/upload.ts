// A file that the user chose: its preview, and its upload by the method of its kind.

import type { FileToken, TalkSession, UploadOptions } from "causerie";

import { type Outcome, perform } from "../calls";
import { callOf } from "../code";
import { h } from "../dom";
import { extensionOf } from "./files";

/** The longest side of a preview, in pixels of the screen. */
const PREVIEW_PX = 160;
/** Larger pictures get no preview: decoding them takes memory and time. */
const PREVIEW_BYTES = 25_000_000;
/** The types that browsers display, and servers accept as images, videos and sounds. Others are files. */
const IMAGES = /^image\/(?:png|jpeg|gif|webp|avif|bmp)$/;
const VIDEOS = /^video\/(?:mp4|quicktime|webm|x-matroska|ogg)$/;
const SOUNDS = /^audio\/(?:mpeg|mp3|aac|mp4|x-m4a|webm|ogg|opus|wave?|x-wav|flac|x-flac)$/;

/** Creates a small picture of a file: of its content if it is an image, otherwise of its kind. */
export function previewOf(file: File): HTMLElement {
  const icon = h("span", { class: "file-icon", "aria-hidden": "true" }, extensionOf(file.name));
  const box = h("span", { class: "preview-box" }, icon);
  if (IMAGES.test(file.type) && file.size <= PREVIEW_BYTES) {
    // Drawn on a canvas: the page's Content-Security-Policy needs no `blob:` URLs. What cannot be decoded
    // keeps its icon.
    void createImageBitmap(file)
      .then((bitmap) => icon.replaceWith(drawn(bitmap)))
      .catch(() => {});
  }
  return box;
}

function drawn(bitmap: ImageBitmap): HTMLCanvasElement {
  const scale = Math.min(1, PREVIEW_PX / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width * scale, bitmap.height * scale].map((side) =>
    Math.max(1, Math.round(side)),
  );
  const canvas = h("canvas", { width: width ?? 1, height: height ?? 1, "aria-hidden": "true" });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas;
}

/** Uploads a file by the method of its kind. */
export function upload(
  session: TalkSession,
  file: File,
  options: Required<UploadOptions>,
): Promise<Outcome<FileToken>> {
  const method = methodOf(file);
  const metadata = { filename: file.name };
  const code = callOf(`const fileToken = await session.${method}(file, `, metadata);
  return perform(code, () => session[method](file, metadata, options));
}

function methodOf({ type }: File): "uploadFile" | "uploadImage" | "uploadVideo" | "uploadAudio" {
  if (IMAGES.test(type)) return "uploadImage";
  if (VIDEOS.test(type)) return "uploadVideo";
  return SOUNDS.test(type) ? "uploadAudio" : "uploadFile";
}
