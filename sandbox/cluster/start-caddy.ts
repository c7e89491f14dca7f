import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Certificate } from "#sandbox/cluster/certificate.ts";
import { untilOutput } from "#sandbox/cluster/until-output.ts";
import { type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";

const caddyfile = fileURLToPath(new URL("../../deploy/Caddyfile", import.meta.url));

type Options = {
  program: string;
  appUrl: string;
  /** host:port of each app. */
  addresses: string[];
  certificate: Certificate;
  /** The port on which http is redirected to https. */
  httpPort: number;
  /** For Caddy's own files. */
  folder: string;
};

/** Starts the proxy that terminates TLS. */
export async function startCaddy(options: Options): Promise<GuardedProcess> {
  const { program, appUrl, addresses, certificate, httpPort, folder } = options;
  await mkdir(folder, { recursive: true });
  const env = {
    ...process.env,
    XDG_DATA_HOME: folder,
    XDG_CONFIG_HOME: folder,
    APP_URL: appUrl,
    APP_ADDRESSES: addresses.join(" "),
    HTTP_PORT: String(httpPort),
    TLS_DIRECTIVE: `tls ${certificate.certPath} ${certificate.keyPath}`,
  };
  const args = ["run", "--config", caddyfile, "--adapter", "caddyfile"];
  return untilOutput("Caddy", /serving initial configuration/, (onLine) =>
    startGuarded({ command: program, args, cwd: folder, env, onLine }),
  );
}
