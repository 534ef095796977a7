// Bodies as a server sends them, for benches in pages and in Node.

const NAMES = ["Ada Lovelace", "Emilie du Chatelet", "Sofja Kowalewskaja", "Wang Zhenyi", "Hypatia"];
const WORDS = "the order left this morning and should be with you before noon if the bridge is open".split(
  " ",
);

export const user = (index) => ({
  id: `user-${index}`,
  name: `${NAMES[index % NAMES.length]} ${index}`,
  custom: index % 2 === 0 ? { department: `d${index % 17}`, plan: "team" } : {},
  locale: "en",
  photoUrl: index % 4 === 0 ? null : `https://example.org/photos/${index}.jpg`,
  role: "default",
  welcomeMessage: null,
});

const sentence = (index) =>
  Array.from({ length: 6 + (index % 18) }, (_, at) => WORDS[(index * 7 + at) % WORDS.length]).join(" ");

// A fifth has custom data, a tenth a reaction, a tenth bold words.
export const message = (index, conversation, senders) => ({
  id: `msg_${String(index).padStart(12, "0")}`,
  conversation,
  type: "UserMessage",
  sender: `user-${index % senders}`,
  ...(index % 5 === 0 && { custom: { tone: "kind" } }),
  createdAt: 1_767_225_600_000 + index * 1_000,
  origin: "web",
  plaintext: sentence(index),
  content: [
    {
      type: "text",
      children:
        index % 10 === 1 ? [{ type: "bold", children: ["Listen: "] }, sentence(index)] : [sentence(index)],
    },
  ],
  ...(index % 10 === 2 && { reactions: [{ emoji: "👍", count: 2, currentUserReacted: false }] }),
});

export const conversation = (id, last) => ({
  id,
  subject: `Order ${id}`,
  photoUrl: null,
  welcomeMessages: [],
  custom: { order: id },
  createdAt: 1,
  joinedAt: 2,
  lastMessage: last,
  lastMessageAt: 3,
  unreadMessageCount: 0,
  readUntil: 3,
  everyoneReadUntil: 3,
  isUnread: false,
  access: "ReadWrite",
  notify: true,
});

export function deepFreeze(value) {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
