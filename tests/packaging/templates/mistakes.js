// A program with mistakes that TypeScript would find. Only builds for development warn of them.

export function run(causerie, options) {
  const session = causerie.getTalkSession({ ...options, tokenfetcher: undefined, userID: "ada" });
  const conversation = session.conversation("order");
  const calls = [
    () => session.currentUser.set({ nmae: "Ada", photoURL: "https://example.com/a.png", zodiac: "leo" }),
    () => session.currentUser.set({ nmae: "Ada", custom: { anything: "goes" }, pushTokens: {} }),
    () => session.currentUser.createIfNotExists({ name: "Ada", emial: "a@example.com" }),
    () => conversation.set({ subjct: "Order", isUnread: true, lastMessage: null, lastMessageAt: 0 }),
    () => conversation.send({ text: "Hi", refrencedMessage: "m1", id: "m2", plaintext: "Hi" }),
    () => conversation.send({ content: [{ type: "text", children: [{ type: "bold", childern: [] }] }] }),
    () => conversation.message("m1").edit({ text: "Hi", costum: {} }),
    () => conversation.participant("bob").edit({ acess: "Read", userId: "bob" }),
    () => session.subscribeConversations({ isUnread: true }),
    () => session.subscribeConversations({ filter: ["any", [{ isUnred: true }]] }),
    () => conversation.subscribeMessages(() => {}, { limit: 5 }),
    () => session.user("bob", { name: "Bob" }),
  ];
  for (const call of calls) {
    const result = call();
    result?.unsubscribe?.();
    result?.connected?.catch(() => {});
    result?.catch?.(() => {});
  }
  // Whole records, keys without a value, and the further arguments of `map` are no mistakes.
  const user = { id: "ada", name: "Ada", locale: "en", role: "default", custom: {}, welcomeMessage: null };
  session
    .user("ada")
    .set({ ...user, nickname: undefined })
    .catch(() => {});
  session
    .user("ada")
    .createIfNotExists(user)
    .catch(() => {});
  conversation
    .participant("bob")
    .set({ user, joinedAt: 0, access: "Read", notify: true })
    .catch(() => {});
  ["a", "b"].map(session.user, session);
  return "done";
}

/** The warnings, in order. */
export const WARNINGS = [
  "causerie: getTalkSession: userID: unknown key; did you mean `userId`?",
  "causerie: UserRef.set: nmae: unknown key; did you mean `name`?",
  "causerie: UserRef.set: photoURL: unknown key; did you mean `photoUrl`?",
  "causerie: UserRef.set: zodiac: unknown key",
  "causerie: UserRef.createIfNotExists: emial: unknown key; did you mean `email`?",
  "causerie: ConversationRef.set: subjct: unknown key; did you mean `subject`?",
  "causerie: ConversationRef.send: refrencedMessage: unknown key; did you mean `referencedMessage`?",
  "causerie: ConversationRef.send: content.children.childern: unknown key; did you mean `children`?",
  "causerie: MessageRef.edit: costum: unknown key; did you mean `custom`?",
  "causerie: ParticipantRef.edit: acess: unknown key; did you mean `access`?",
  "causerie: TalkSession.subscribeConversations: isUnread: unknown key; did you mean `filter.isUnread`?",
  "causerie: TalkSession.subscribeConversations: filter.isUnred: unknown key; did you mean `isUnread`?",
  "causerie: ConversationRef.subscribeMessages: takes 1 argument; further ones have no effect",
  "causerie: TalkSession.user: takes 1 argument; further ones have no effect",
];
