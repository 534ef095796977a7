// CommonJS programs get the same types.
import causerie = require("causerie");
import slim = require("causerie/slim");

const session: causerie.TalkSession = causerie.getTalkSession({ appId: "demo", userId: "ada" });
export const asked: Promise<causerie.UserSnapshot | null> = session.currentUser.get();
export const loaded: Promise<void> = slim.init("/causerie.wasm");
// @ts-expect-error null is promised
export const never: Promise<causerie.UserSnapshot> = session.currentUser.get();
