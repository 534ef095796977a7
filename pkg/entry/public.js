// What every entry exports, beside its own `getTalkSession`. A snapshot's class is there to be asked `instanceof`.

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
