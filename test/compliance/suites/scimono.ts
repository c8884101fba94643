/**
 * SAP's scimono compliance tests (Java, from the Maven registry), on a strict connection: they hold a server to the letter.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NotRun, type Check, type Suite } from "../suite.ts";
import { installed, must, run } from "../tool.ts";

const pom = fileURLToPath(new URL("../java/scimono.xml", import.meta.url));
export const runSuite = fileURLToPath(new URL("../java/RunSuite.java", import.meta.url));
/** Of the dependency plugin of Maven that copies the jars. */
const copying = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies";

export const scimono: Suite = {
  id: "scimono",
  title: "SAP scimono compliance tests 0.0.24, on a connection with `strict: true`",
  connection: { strict: true },
  async run({ base, basic }) {
    await must(run("java", ["-version"]), "Java 11 or newer is needed");
    const folder = await installed("scimono", await readFile(pom, "utf8"), async (place) => {
      await must(run("mvn", ["--batch-mode", "--quiet", "--strict-checksums", "-f", pom, copying, `-DoutputDirectory=${join(place, "lib")}`, `-Dmaven.repo.local=${join(place, "repository")}`]), "Maven could not fetch it");
    });
    const properties = { "scim.service.url": base, "auth.type": "Basic", "basic.auth.user": basic.user, "basic.auth.password": basic.password };
    const opened = ["java.net", "sun.net.www.protocol.http", "sun.net.www.protocol.https"].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`); // its client sets PATCH by reflection
    const words = [...opened, ...Object.entries(properties).map(([name, value]) => `-D${name}=${value}`), "-cp", join(folder, "lib", "*"), runSuite, "com.sap.scimono.scim.system.tests"];
    const { output, errors } = await run("java", words, { cwd: folder, timeoutMs: 900_000 }); // it writes its log where it stands
    const checks = readLines(output);
    if (checks.length === 0) throw new NotRun(`no test was reported: ${errors.trim().split("\n")[0] ?? ""}`);
    return { kind: "ran", version: "0.0.24", checks };
  },
};

/** What `RunSuite.java` prints. A test that another suite's fixture stopped ("TestAborted") has not run. */
export function readLines(output: string): readonly Check[] {
  return [...output.matchAll(/^check\t(passed|failed|skipped)\t(.*)\t(.*)$/gm)].map(([, result = "", name = "", says = ""]) => ({ name, result: says.includes("TestAbortedException") ? "skipped" : (result as Check["result"]), says }));
}
