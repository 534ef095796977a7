// CommonJS programs have the same types.
import causerie = require("causerie");
import slim = require("causerie/slim");

const session: causerie.TalkSession = causerie.getTalkSession({ appId: "demo", userId: "ada" });
export const user: Promise<causerie.UserSnapshot | null> = session.currentUser.get();
export const loaded: Promise<void> = slim.init("/causerie.wasm");
// @ts-expect-error get() can return null
export const refused: Promise<causerie.UserSnapshot> = session.currentUser.get();
