import type { UserSnapshot } from "causerie";
import type { TalkSession } from "causerie/slim";

const name = (snapshot: UserSnapshot, session?: TalkSession): string =>
  snapshot.name + (session?.appId ?? "");
document.title = name({
  id: "a",
  name: "Ada",
  custom: {},
  locale: "en",
  photoUrl: null,
  role: "r",
  welcomeMessage: null,
});
