// The exports of every entry, besides its own `getTalkSession`. The classes of snapshots are exported for
// `instanceof`.

export {
  ConversationRef,
  MessageRef,
  ParticipantRef,
  ReactionsRef,
  TalkSession,
  UserRef,
  isCauserieError,
  registerPolyfills,
} from "./instance.js";
export { CauserieError } from "../built/error.js";
export {
  ConversationSnapshot,
  MessageSnapshot,
  ParticipantSnapshot,
  ReferencedMessageSnapshot,
  UserSnapshot,
} from "../built/snapshots.js";
