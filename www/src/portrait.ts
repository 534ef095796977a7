// Faces for the demo's people, drawn, so that the demo asks nothing of any other place.

interface Face {
  ground: string;
  hair: string;
  skin: string;
  shirt: string;
  /** Whether the hair is. */
  long: boolean;
}

/** A face as a `data:` URL, which a user's `photoUrl` may be. */
export function portrait({ ground, hair, skin, shirt, long }: Face): string {
  const back = long ? `<path d="M17 50V29a15 15 0 0 1 30 0v21z" fill="${hair}"/>` : "";
  const svg = [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">',
    `<path d="M0 0h64v64H0z" fill="${ground}"/>`,
    back,
    `<path d="M12 64a20 17 0 0 1 40 0z" fill="${shirt}"/>`,
    `<path d="M27 40h10v9a5 5 0 0 1-10 0z" fill="${skin}"/>`,
    `<ellipse cx="32" cy="31" rx="11.500" ry="13.500" fill="${skin}"/>`,
    `<path d="M19.500 30C18 16 27 13 33 13c8 0 14 6 11.500 17-2-5-5-8-9-9-5 4-11 3-16 9z" fill="${hair}"/>`,
    '<circle cx="27.500" cy="32" r="1.400"/><circle cx="36.500" cy="32" r="1.400"/>',
    '<path d="M28 38c2.500 2.500 5.500 2.500 8 0" fill="none" stroke="#000" stroke-width="1.300"/>',
    "</svg>",
  ].join("");
  // Only what a URL cannot have is escaped: the photo travels with every body of its user.
  return `data:image/svg+xml,${svg.replace(/[#<>" ]/g, (one) => (one === '"' ? "'" : encodeURIComponent(one)))}`;
}
