// What must not compile: each line below is an error, and `tsc` fails where one is not. So the types that the
// golden frames satisfy are known to refuse something.
import type { Answers, Batch, ClientFrame, Conversation, ErrorBody, ServerFrame, User } from "./wire";

// @ts-expect-error a frame of an unknown type
({ t: "shout" }) satisfies ClientFrame;
// @ts-expect-error a request without its id
({ t: "request", op: "user.get", params: { user: "ada" } }) satisfies ClientFrame;
// @ts-expect-error the parameters of another operation
({ t: "request", id: 1, op: "conversation.get", params: { user: "ada" } }) satisfies ClientFrame;
// @ts-expect-error a name that is cleared
({
  t: "request",
  id: 1,
  op: "user.set",
  params: { user: "ada", data: { name: null } },
}) satisfies ClientFrame;
// @ts-expect-error a user created without a name
({
  t: "request",
  id: 1,
  op: "user.createIfNotExists",
  params: { user: "ada", data: {} },
}) satisfies ClientFrame;
// @ts-expect-error a push token that is false
({
  t: "request",
  id: 1,
  op: "user.set",
  params: { user: "ada", data: { pushTokens: { "fcm:1": false } } },
}) satisfies ClientFrame;
// @ts-expect-error undefined is not on the wire
({ t: "hello", user: "ada", client: "c", token: undefined }) satisfies ClientFrame;

// @ts-expect-error a value beside an error
({ t: "result", id: 1, value: "ada", error: { code: "offline", message: "" } }) satisfies ServerFrame;
// @ts-expect-error a code that is none
({ code: "oops", message: "" }) satisfies ErrorBody;
// @ts-expect-error another version of the protocol
({ v: 2, user: "ada", client: "c", requests: [] }) satisfies Batch;
// @ts-expect-error an answer without results
({ tokenExpiresIn: 1 }) satisfies Answers;

declare const user: User;
// @ts-expect-error private to the server
user.email;
declare const conversation: Conversation;
// @ts-expect-error null is promised, never undefined
conversation.subject satisfies string | undefined;
