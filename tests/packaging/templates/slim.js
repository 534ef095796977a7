import * as causerie from "causerie/slim";
import url from "causerie/causerie.wasm?url";
import { run } from "./program.js";

const early = (() => {
  try {
    return causerie.getTalkSession({ appId: "demo", userId: "ada", host: location.origin });
  } catch (error) {
    return error.message;
  }
})();
causerie
  .init(url)
  .then(() => run(causerie, Object.fromEntries(new URLSearchParams(location.search))))
  .catch((error) => ({ failed: String(error), name: error.name, code: error.code }))
  .then((result) => {
    window.result = { ...result, early };
  });
