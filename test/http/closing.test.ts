import { connect } from "node:net";
import { expect, test } from "vitest";
import { aDoor, base, raw, token } from "./house.ts";

const auth = { Authorization: `Bearer ${token}` };
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A door with one request inside that the test lets go. */
async function withOneInside(drainMs = 5000) {
  const { door, side, seen } = aDoor({ tuning: { drainMs } });
  let letGo = () => {};
  side.serve = (_req, res) => void (letGo = () => res.send({ done: true }));
  const { port } = await door.listen("127.0.0.1", 0);
  const inside = fetch(`http://127.0.0.1:${port}${base}/Users`, { headers: auth });
  inside.catch(() => {});
  while (seen.length === 0) await turn();
  return { door, port, inside, letGo: () => letGo() };
}

test("closing answers who is inside, tells them to leave, and then is closed", async () => {
  const { door, port, inside, letGo } = await withOneInside();
  let closed = false;
  const closing = door.close().then(() => void (closed = true));
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow();
  await turn();
  expect(closed).toBe(false);
  letGo();
  const answer = await inside;
  expect(answer.status).toBe(200);
  expect(answer.headers.get("connection")).toBe("close");
  await closing;
  await door.close();
});

test("a request that is still on its way in is 503 with Retry-After, never 401", async () => {
  const { door, side } = aDoor();
  side.serve = (_req, res) => res.send({});
  const { port } = await door.listen("127.0.0.1", 0);
  // Sent in two parts, so that its socket is busy while the door closes.
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk));
  const ended = new Promise((resolve) => socket.on("close", resolve));
  socket.write(`GET ${base}/Users HTTP/1.1\r\nHost: a\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const closing = door.close();
  socket.write(`Authorization: ${token}\r\n\r\n`);
  await ended;
  await closing;
  expect(text).toMatch(/^HTTP\/1\.1 503/);
  expect(text).toMatch(/retry-after: \d+/i);
  expect(text).toMatch(/connection: close/i);
});

test("what does not end in time is cut", async () => {
  const { door, inside } = await withOneInside(50);
  await door.close();
  await expect(inside).rejects.toThrow();
});

test("a port that is taken is an error, not a crash", async () => {
  const { door } = aDoor();
  const { port } = await door.listen("127.0.0.1", 0);
  await expect(aDoor().door.listen("127.0.0.1", port)).rejects.toThrow(/EADDRINUSE/);
  expect((await raw(port, "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).status).toBe(200);
  await door.close();
});
