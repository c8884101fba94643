/**
 * `/livez`: the process answers. `/readyz`: it can do its work.
 *
 * They differ on purpose. A broken store must take the server out of the load balancer, not make somebody restart it; a broken
 * vendor does neither. Both are open to the network and name no person, token or address.
 *
 * @module
 */
import type { Request, Response } from "express";
import type { DoorOptions } from "./door.ts";
import { send, wrongMethod } from "./errors.ts";

const JSON_TYPE = "application/json; charset=utf-8";

/** @returns false: not one of these addresses */
export function health(options: DoorOptions, word: string | undefined, closing: boolean, req: Request, res: Response): boolean {
  if (word !== "livez" && word !== "readyz") return false;
  if (req.method !== "GET" && req.method !== "HEAD") throw wrongMethod("GET, HEAD");
  res.setHeader("cache-control", "no-store");
  if (word === "livez") send(res, 200, JSON_TYPE, { ok: true });
  else if (closing) send(res, 503, JSON_TYPE, { ok: false, detail: { door: "closing" } });
  else void readiness(options, res);
  return true;
}

async function readiness(options: DoorOptions, res: Response): Promise<void> {
  let told: Awaited<ReturnType<DoorOptions["ready"]>> = { ok: false, detail: {} };
  try {
    told = await options.ready();
  } catch (thrown) {
    options.log.error("readiness cannot be told", { error: thrown instanceof Error ? thrown.message : "not an error" });
  }
  if (!res.destroyed) send(res, told.ok ? 200 : 503, JSON_TYPE, { ok: told.ok, detail: told.detail });
}
