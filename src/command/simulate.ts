/**
 * `drawbridge simulate vendor NAME`: a simulated vendor on ports of its own, until a signal ends it.
 *
 * @module
 */
import { simulateVendor } from "../sandbox/simulate.ts";

export async function simulate(name: string, options: { readonly port: string; readonly controlPort: string; readonly state?: string; readonly seed?: string; readonly json?: boolean }): Promise<void> {
  const vendor = await simulateVendor(name, {
    port: Number(options.port),
    controlPort: Number(options.controlPort),
    ...(options.state !== undefined && { stateFile: options.state }),
    ...(options.seed !== undefined && { seed: options.seed }),
  });
  const { url, controlUrl, apiKey } = vendor;
  console.log(options.json ? JSON.stringify({ vendor: name, url, controlUrl, apiKey }) : `Simulated ${name}\n  API          ${url}\n  credential   ${apiKey}\n  control      ${controlUrl}/state  /journal  /options  /faults  /clock  /seed  /reset`);
  await new Promise<void>((resolve) => process.once("SIGTERM", resolve).once("SIGINT", resolve));
  await vendor.stop();
}
