import { connect } from "node:net";
import { expect, test } from "vitest";
import { openAccessTokens } from "../../src/http/access-token.ts";
import type { OAuthSide } from "../../src/http/door.ts";
import type { Verdict } from "../../src/http/federation.ts";
import { eventually } from "../support/house.ts";
import { aDoor, base } from "./house.ts";

/** A side whose issuer takes its time: each assertion waits until the test judges it. */
function aSlowIssuer() {
  const waiting: ((verdict: Verdict) => void)[] = [];
  const side: OAuthSide = {
    tokens: openAccessTokens("key"),
    clients: () => [],
    lifetimeMs: () => 3_600_000,
    trust: () => ({ print: "trust", verify: () => new Promise((resolve) => waiting.push(resolve)) }),
  };
  return { side, waiting };
}

test("whoever goes away while an assertion is judged is not counted as being inside for ever", async () => {
  const { side, waiting } = aSlowIssuer();
  const { door, seen } = aDoor({ oauth: side, tuning: { maxAtOnce: 1 } });
  const { port } = await door.listen("127.0.0.1", 0);
  const closed = new Promise<void>((resolve) => door.server.once("connection", (socket) => socket.once("close", () => resolve())));
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}).write(`GET ${base}/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer aaa.bbb.ccc\r\n\r\n`);
  await eventually(() => waiting.length === 1);
  socket.destroy();
  await closed;
  waiting[0]!({ kind: "right", subject: "gone" });

  const asked = fetch(`http://127.0.0.1:${port}${base}/Users`, { headers: { authorization: "Bearer aaa.bbb.ccc" } });
  await eventually(() => waiting.length === 2);
  waiting[1]!({ kind: "right", subject: "here" });
  expect((await asked).status).toBe(200);
  expect(seen).toHaveLength(1);
  await door.close();
});

test.each([
  ["right", 200],
  ["wrong", 401],
  ["unknown", 503],
] as const)("an assertion that is %s is %i", async (kind, status) => {
  const { side, waiting } = aSlowIssuer();
  const { door } = aDoor({ oauth: side });
  const { port } = await door.listen("127.0.0.1", 0);
  const asked = fetch(`http://127.0.0.1:${port}${base}/Users`, { headers: { authorization: "Bearer aaa.bbb.ccc" } });
  await eventually(() => waiting.length === 1);
  waiting[0]!(kind === "right" ? { kind, subject: "s" } : { kind, reason: "r" });
  expect((await asked).status).toBe(status);
  await door.close();
});

test("without clients and issuers the token endpoint knows nobody", async () => {
  const { door } = aDoor();
  const { port } = await door.listen("127.0.0.1", 0);
  const answer = await fetch(`http://127.0.0.1:${port}/oauth/acme/token`, { method: "POST", body: new URLSearchParams({ grant_type: "client_credentials", client_id: "a", client_secret: "b" }) });
  expect([answer.status, await answer.json()]).toEqual([401, { error: "invalid_client" }]);
  await door.close();
});
