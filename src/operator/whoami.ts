/**
 * Who one is here, and what one may do.
 *
 * @module
 */
import { z } from "zod";
import { roles } from "../model/operator.ts";
import { act } from "./act.ts";

export const whoAmI = act({
  name: "whoami",
  says: "How the journal names whoever asks, and their role.",
  needs: "viewer",
  route: { method: "GET", path: "/whoami" },
  command: "whoami",
  input: z.strictObject({}),
  output: z.strictObject({ name: z.string(), role: z.enum(roles) }),
  run: (_, { name, role }) => Promise.resolve({ name, role }),
});
