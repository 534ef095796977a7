import * as causerie from "causerie";
import { run } from "./program.js";

run(causerie, Object.fromEntries(new URLSearchParams(location.search)))
  .catch((error) => ({ failed: String(error), name: error.name, code: error.code }))
  .then((result) => {
    window.result = result;
  });
