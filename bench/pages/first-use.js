// First use: from the evaluation of the page's module to the first answered `get()`: evaluating the SDK's own
// script, compiling and instantiating the wasm, opening the socket, saying hello, asking, being answered.
// It starts by itself, as an app does; whom to ask stands in the address after the `#`.
import { spent, start } from "./clock.js";

import { getTalkSession } from "causerie";

async function firstUse({ host, appId, userId }) {
  const evaluated = performance.now();
  const session = getTalkSession({ appId, userId, host });
  const made = performance.now();
  const user = await session.user(userId).get();
  const answered = performance.now();
  if (user?.id !== userId) throw new Error(`get() did not find ${userId}`);
  if (spent.compileMs === 0) throw new Error("the wasm was compiled by other means than the ones watched");
  return { totalMs: answered - start, evaluateMs: evaluated - start, sessionMs: made - evaluated, ...spent };
}

const figures = firstUse(JSON.parse(decodeURIComponent(location.hash.slice(1))));
// The runner asks for it, and would be told of the failure then; it must not be reported before.
figures.catch(() => {});
globalThis.bench = () => figures;
