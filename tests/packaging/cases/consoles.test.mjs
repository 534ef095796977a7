// Consoles show the documented class names, whatever bundlers do to the names of classes.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";

import * as vite from "vite";

import { close, open, page, project, run, serve, sessionOptions } from "../harness.mjs";

after(close);

const NAMES = ["TalkSession", "UserRef", "ConversationRef", "ParticipantRef", "MessageRef", "ReactionsRef"];
const OBJECTS = `
  const session = causerie.getTalkSession(${JSON.stringify(sessionOptions())});
  const conversation = session.conversation("c");
  const message = conversation.message("m");
  const objects = [session, session.currentUser, conversation, conversation.participant("p"), message,
    message.reactions("👍")];
`;

for (const [name, load] of [
  ["main.mjs", 'import * as causerie from "causerie"; import { inspect } from "node:util";'],
  ["main.cjs", 'const causerie = require("causerie"); const { inspect } = require("node:util");'],
]) {
  test(`Node's console shows the class names of refs and sessions (${name})`, async () => {
    const print = "console.log(JSON.stringify(objects.map((one) => inspect(one).split(' ')[0])));";
    const folder = project(`consoles-${name}`, [], { [name]: [load, OBJECTS, print].join("\n") });
    const { code, out, err } = await run(process.execPath, [name], { cwd: folder });
    assert.equal(code, 0, err);
    assert.deepEqual(JSON.parse(out), NAMES);
  });
}

test("the class names of refs and sessions survive Vite's minifier", async (t) => {
  const main = `import * as causerie from "causerie"; ${OBJECTS}
    window.result = objects.map((one) => one.constructor.name);`;
  const folder = project("consoles-vite", [], { "index.html": page("/main.js"), "main.js": main });
  await vite.build({ configFile: false, logLevel: "error", root: folder });
  const { result, errors } = await open(t, (await serve(t, join(folder, "dist"))).url);
  assert.deepEqual(errors, []);
  assert.deepEqual(result, NAMES);
});
