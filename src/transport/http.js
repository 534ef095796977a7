/** A POST request for `fetch`, which can be aborted. */
export class Post {
  constructor(url, token, body) {
    const headers = { "content-type": "application/json" };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    this.controller = new AbortController();
    this.request = new Request(url, { method: "POST", headers, body, signal: this.controller.signal });
  }
  abort() {
    this.controller.abort();
  }
}
