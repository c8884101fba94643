/**
 * `drawbridge validate` and `drawbridge schema`.
 *
 * @module
 */
import { type Config, examineConfig, setupOf } from "../config.ts";
import { type Problem, told } from "../config/problem.ts";
import { configJsonSchema } from "../config/schema.ts";
import { openEgress } from "../connectors/kit/egress.ts";
import { checkSetup } from "../connectors/registry.ts";
import { world } from "./world.ts";

export async function validate({ config: file, json }: { readonly config: string; readonly json?: boolean }): Promise<void> {
  const examined = await examineConfig(file, world);
  const problems = [...examined.problems, ...(examined.config ? await settingsProblems(examined.config) : [])];
  if (json) console.log(JSON.stringify({ valid: problems.length === 0, problems, warnings: examined.warnings }, undefined, 2));
  else {
    for (const problem of problems) console.error(`error    ${told(problem)}`);
    for (const warning of examined.warnings) console.error(`warning  ${told(warning)}`);
    if (problems.length === 0) console.log(`${file} is valid: ${examined.config?.connections.length ?? 0} connection(s).`);
    else console.error(`${file}: ${problems.length} mistake(s).`);
  }
  if (problems.length > 0) process.exitCode = 2;
}

/** What only the connectors know: whether their settings are right. */
async function settingsProblems(config: Config): Promise<readonly Problem[]> {
  const all = await Promise.all(
    config.connections.map(async (connection) => {
      const problems = await checkSetup(setupOf(connection, config));
      return problems.map(({ path, message }) => ({ path: `connections.${connection.id}.${path}`, line: undefined, says: message }));
    }),
  );
  return [...all.flat(), ...egressProblems(config)];
}

/** What only the egress guard knows: whether the webhook and the key sets of issuers may be called at all. */
function egressProblems({ alarms, connections, egressAllow }: Config): readonly Problem[] {
  const egress = openEgress(egressAllow);
  const called = [{ path: "alarms.webhook.url", url: alarms.webhook?.url }, ...connections.map(({ id, auth }) => ({ path: `connections.${id}.auth.jwt.jwksUri`, url: auth.jwt?.jwksUri }))];
  return called.flatMap(({ path, url }) => {
    const says = url === undefined ? undefined : egress.refusal(new URL(url));
    return says === undefined ? [] : [{ path, line: undefined, says }];
  });
}

export function configSchema(): void {
  console.log(JSON.stringify(configJsonSchema(), undefined, 2));
}
