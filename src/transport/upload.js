import { causerieError } from "../interop/error.js";

/** Sends with a request that reports its progress, which `fetch` cannot. */
const sendWithProgress = (url, authorization, body, signal, onProgress) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("authorization", authorization);
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded, total);
    // Also after an error, with the status 0 and no text.
    request.onloadend = () => {
      const { status, response } = request;
      resolve({ ok: status === 200, status, json: () => JSON.parse(response) });
    };
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });

/**
 * Adds the methods that upload to a session. They are in JavaScript, because five methods of the module would
 * take twice as many bytes. `__request` announces a file, and resolves with its token.
 */
export const addUploads = (session, url) => {
  for (const kind of ["File", "Image", "Video", "Audio", "Voice"]) {
    session[`upload${kind}`] = async (body, metadata, options) => {
      /** @type {{ signal?: AbortSignal, onProgress?: (sent: number, all: number) => void }} */
      const { signal, onProgress } = options ?? {};
      const { size, type: contentType } = body ?? {};
      const subtype = kind === "File" ? undefined : kind.toLowerCase();
      const token = await session.__request(0, { ...metadata, size, contentType, subtype });
      const authorization = `Bearer ${token}`;
      let error = { code: "offline", message: "the file could not be sent" };
      let status;
      try {
        signal?.throwIfAborted();
        const response = await (onProgress
          ? sendWithProgress(url, authorization, body, signal, onProgress)
          : fetch(url, { method: "PUT", headers: { authorization }, body, signal }));
        if (response.ok) return token;
        ({ status } = response);
        ({ error } = await response.json());
      } catch {
        signal?.throwIfAborted();
      }
      throw causerieError(error.code, error.message, !(status < 429), error.field, error.retryAfter);
    };
  }
};
