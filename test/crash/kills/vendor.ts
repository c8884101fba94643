/**
 * The lenient vendor as a process of its own, to be killed: `vendor.ts PORT CONTROL_PORT STATE_FILE`. Says `ready` once it listens.
 *
 * @module
 */
import { startLenientVendor } from "../../support/lenient-vendor.ts";

const [port, controlPort, stateFile] = process.argv.slice(2);
await startLenientVendor({ port: Number(port), controlPort: Number(controlPort), ...(stateFile !== undefined && { stateFile }) });
console.log("ready");
