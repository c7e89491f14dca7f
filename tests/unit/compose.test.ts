import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { appServices, deploymentEnvironment, stopGraceSeconds } from "#sandbox/cluster/app-services.ts";
import { pgbouncerSettings, preparedStatementSettings } from "#sandbox/cluster/start-pgbouncer.ts";

// compose.yaml cannot be run where Docker is missing. It must describe what `npm run cluster` runs.

const serviceSchema = z.object({
  image: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  stop_grace_period: z.string().optional(),
  depends_on: z.record(z.string(), z.unknown()).default({}),
  volumes: z.array(z.string()).default([]),
});
const compose = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(parse(readFileSync("compose.yaml", "utf8"), { merge: true }));
const example = readFileSync(".env.example", "utf8");
/** Hides the passwords that .env contains from the apps. */
const hidden = { POSTGRES_PASSWORD: "", MIGRATION_DATABASE_PASSWORD: "" };

function service(name: string) {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`compose.yaml has no service ${name}.`);
  return found;
}

test("compose.yaml has the services of the cluster", () => {
  const others = ["proxy", "migrate", "pgbouncer", "database"];
  expect(Object.keys(compose.services).sort()).toEqual([...appServices, ...others].sort());
});

test.each(appServices)("the environment of %s is that of the cluster with compose's addresses", (name) => {
  const urlAt = (address: string) => expect.stringMatching(`^postgres://parley_app:.+@${address}/parley$`);
  const expected = deploymentEnvironment(urlAt("pgbouncer:6432"), urlAt("database:5432"), true);
  expect(service(name).environment).toEqual({ ...expected, ...hidden });
  expect(service(name).stop_grace_period).toBe(`${stopGraceSeconds}s`);
  expect(Object.keys(service(name).depends_on)).toContain("migrate");
});

test("S7: only the step that migrates knows the owner and the administrator of the database", () => {
  const knowing = Object.entries(compose.services).filter(([, { environment }]) =>
    Object.values(environment).some((value) => /MIGRATION_DATABASE_PASSWORD|POSTGRES_PASSWORD/.test(value)),
  );
  expect(knowing.map(([name]) => name)).toEqual(["migrate", "database"]);
});

test("PgBouncer has the cluster's settings, and tracks prepared statements", () => {
  const settings = Object.entries({ ...pgbouncerSettings, ...preparedStatementSettings });
  expect(service("pgbouncer").environment).toMatchObject(
    Object.fromEntries(settings.map(([name, value]) => [name.toUpperCase(), value])),
  );
});

test("the proxies of both read the same Caddyfile and set its variables", () => {
  expect(service("proxy").volumes).toContain("./deploy/Caddyfile:/etc/caddy/Caddyfile:ro");
  const caddyfile = readFileSync("deploy/Caddyfile", "utf8");
  const needed = [...caddyfile.matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name ?? "");
  // Without this one, Caddy gets a certificate from Let's Encrypt.
  expect(needed.filter((name) => name !== "TLS_DIRECTIVE").sort()).toEqual(
    Object.keys(service("proxy").environment).sort(),
  );
  const clusterProxy = readFileSync("sandbox/cluster/start-caddy.ts", "utf8");
  for (const name of needed) expect(clusterProxy).toContain(`${name}:`);
});

test("the app's variables in compose.yaml are explained in .env.example, and its programs exist", () => {
  const names = [...appServices, "migrate"].flatMap((name) => Object.keys(service(name).environment));
  for (const name of names.filter((one) => !(one in hidden))) expect(example, name).toContain(`${name}=`);
  const programs = Object.values(compose.services).flatMap(({ command = [] }) =>
    [...command.join(" ").matchAll(/node (\S+\.ts)/g)].map(([, path]) => path ?? ""),
  );
  expect(programs).toEqual(["lib/jobs/worker.ts", "db/create-roles.ts", "lib/jobs/prepare-database.ts"]);
  expect(programs.filter((path) => !existsSync(path))).toEqual([]);
});
