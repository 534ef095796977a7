// Values that must not compile: `tsc` fails if one of them does. So the types that the golden frames satisfy
// are known to be exact.
import type { Batch, BatchResults, ClientFrame, Conversation, ErrorBody, ServerFrame, User } from "./wire";

// @ts-expect-error a frame of an unknown type
({ t: "shout" }) satisfies ClientFrame;
// @ts-expect-error a request without its id
({ t: "request", op: "user.get", params: { user: "ada" } }) satisfies ClientFrame;
// @ts-expect-error the parameters of another operation
({ t: "request", id: 1, op: "conversation.get", params: { user: "ada" } }) satisfies ClientFrame;
({
  t: "request",
  id: 1,
  op: "user.set",
  // @ts-expect-error a name cannot be reset
  params: { user: "ada", data: { name: null } },
}) satisfies ClientFrame;
({
  t: "request",
  id: 1,
  op: "user.createIfNotExists",
  // @ts-expect-error a user cannot be created without a name
  params: { user: "ada", data: {} },
}) satisfies ClientFrame;
({
  t: "request",
  id: 1,
  op: "user.set",
  // @ts-expect-error a push token cannot be false
  params: { user: "ada", data: { pushTokens: { "fcm:1": false } } },
}) satisfies ClientFrame;
// @ts-expect-error the wire has no undefined
({ t: "hello", user: "ada", client: "c", token: undefined }) satisfies ClientFrame;

// @ts-expect-error a value beside an error
({ t: "result", id: 1, value: "ada", error: { code: "offline", message: "" } }) satisfies ServerFrame;
// @ts-expect-error an unknown code
({ code: "oops", message: "" }) satisfies ErrorBody;
// @ts-expect-error another version of the protocol
({ v: 2, user: "ada", client: "c", requests: [] }) satisfies Batch;
// @ts-expect-error a response without results
({ tokenExpiresIn: 1 }) satisfies BatchResults;

declare const user: User;
// @ts-expect-error a private attribute
user.email;
declare const conversation: Conversation;
// @ts-expect-error an absent subject is null, not undefined
conversation.subject satisfies string | undefined;
