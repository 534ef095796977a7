// Round pictures of users, and the drawn avatars of the demo's people, so that the demo loads nothing from
// other origins.

import { h } from "./dom";

interface AvatarColors {
  background: string;
  hair: string;
  skin: string;
  shirt: string;
  longHair: boolean;
}

/** Draws a face as a `data:` URL, a valid `photoUrl` of a user. */
export function avatarDataUrl({ background, hair, skin, shirt, longHair }: AvatarColors): string {
  const back = longHair ? `<path d="M17 50V29a15 15 0 0 1 30 0v21z" fill="${hair}"/>` : "";
  const svg = [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">',
    `<path d="M0 0h64v64H0z" fill="${background}"/>`,
    back,
    `<path d="M12 64a20 17 0 0 1 40 0z" fill="${shirt}"/>`,
    `<path d="M27 40h10v9a5 5 0 0 1-10 0z" fill="${skin}"/>`,
    `<ellipse cx="32" cy="31" rx="11.500" ry="13.500" fill="${skin}"/>`,
    `<path d="M19.500 30C18 16 27 13 33 13c8 0 14 6 11.500 17-2-5-5-8-9-9-5 4-11 3-16 9z" fill="${hair}"/>`,
    '<circle cx="27.500" cy="32" r="1.400"/><circle cx="36.500" cy="32" r="1.400"/>',
    '<path d="M28 38c2.500 2.500 5.500 2.500 8 0" fill="none" stroke="#000" stroke-width="1.300"/>',
    "</svg>",
  ].join("");
  // Escapes only the characters that a URL cannot contain, because the photo is sent with every copy of its
  // user.
  return `data:image/svg+xml,${svg.replace(/[#<>" ]/g, (character) =>
    character === '"' ? "'" : encodeURIComponent(character),
  )}`;
}

/**
 * Creates a round picture: the photo, or the initials of the name if there is no photo or it does not load.
 */
export function avatar(id: string, name: string, photoUrl: string | null, size = ""): HTMLElement {
  const letters = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
  const element = h(
    "span",
    { class: `avatar tint-${tintOf(id)} ${size}`.trim(), "aria-hidden": "true" },
    letters,
  );
  if (photoUrl !== null && isLoadable(photoUrl)) {
    const photo = h("img", { alt: "", src: photoUrl, referrerpolicy: "no-referrer" });
    photo.addEventListener("error", () => photo.remove());
    element.append(photo);
  }
  return element;
}

/**
 * Whether a page may load a photo from this URL. A user's `photoUrl` is any text: a relative URL would be a
 * request to the page's own server, and other schemes can run code in some places.
 */
function isLoadable(url: string): boolean {
  return /^(?:https?:\/\/|data:image\/)/i.test(url);
}

/** Returns one of six tints, always the same one for an id. */
function tintOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum % 6;
}
