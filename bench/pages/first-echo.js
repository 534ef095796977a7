// The floor of first use: from the evaluation of the page's module to the first answer of a raw WebSocket echo. What
// a page, a browser and a new connection cost before anyone's SDK does anything. Where the echo is stands in the
// address after the `#`.
const start = performance.now();

async function firstEcho({ echo }) {
  const socket = new WebSocket(echo);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error(`no echo at ${echo}`));
  });
  const opened = performance.now();
  const answer = new Promise((resolve) => {
    socket.onmessage = (event) => resolve(event.data);
  });
  socket.send("hello");
  if ((await answer) !== "hello") throw new Error("the echo answered with something else");
  return { totalMs: performance.now() - start, openMs: opened - start };
}

const figures = firstEcho(JSON.parse(decodeURIComponent(location.hash.slice(1))));
// The runner asks for it, and would be told of the failure then; it must not be reported before.
figures.catch(() => {});
globalThis.bench = () => figures;
