import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { untilOutput } from "#sandbox/cluster/until-output.ts";
import { type Exit, type GuardedProcess, startGuarded } from "#sandbox/guarded-process.ts";
import { findFreePort } from "#sandbox/ports.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** How long running answers may go on after SIGTERM; compose.yaml has the same. */
export const drainSeconds = 25;
/** Docker kills a service after this time; compose.yaml has the same. */
export const stopGraceSeconds = 45;

/**
 * The part of the environment that follows from where the processes run; compose.yaml has the same variables.
 * @param pooledUrl of the app's role through PgBouncer
 * @param directUrl of the app's role, past PgBouncer
 */
export function deploymentEnvironment(pooledUrl: string, directUrl: string, preparesStatements: boolean) {
  return {
    DATABASE_URL: pooledUrl,
    DATABASE_DIRECT_URL: directUrl,
    DATABASE_PREPARED_STATEMENTS: preparesStatements ? "on" : "off",
    MIGRATE_AT_START: "off",
    TRUSTED_PROXIES: "1",
    WORKER: "off",
    DRAIN_SECONDS: String(drainSeconds),
  };
}

/** The services that run Parley's code, by their name in compose.yaml. */
export const appServices = ["app-1", "app-2", "worker"] as const;
export type AppService = (typeof appServices)[number];

type OnLine = (service: AppService, line: string) => void;

export type AppServices = {
  /** The ports of the apps. */
  ports: number[];
  /** Resolves when one exits that nobody stopped. */
  broken: Promise<{ part: string; exit: Exit }>;
  /** Sends SIGTERM to a service, waits until it has exited, and starts it again. */
  restart(service: AppService): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Starts the apps and the worker and waits until they are ready.
 * @param onLine called with each line of their output
 */
export async function startAppServices(env: Record<string, string>, onLine: OnLine): Promise<AppServices> {
  const ports = [await findFreePort(4_801), await findFreePort(4_851)];
  const running = new Map<AppService, GuardedProcess>();
  const broken = Promise.withResolvers<{ part: string; exit: Exit }>();
  const expected = new Set<GuardedProcess>();
  const startOne = async (service: AppService) => {
    const port = { "app-1": ports[0], "app-2": ports[1], worker: undefined }[service];
    const args =
      port === undefined
        ? [`${root}lib/jobs/worker.ts`]
        : [`${root}app/_http/server/serve.ts`, "--port", String(port), "--hostname", "127.0.0.1"];
    const appEnv = {
      ...process.env,
      ...env,
      LOG_LEVEL: port === undefined ? "info" : (env.LOG_LEVEL ?? "warn"),
    };
    const started = await untilOutput(service, /Ready on|The worker is running/, (notice) =>
      startGuarded({
        command: execPath,
        args,
        cwd: root,
        env: appEnv,
        onLine: (line) => {
          notice(line);
          onLine(service, line);
        },
      }),
    );
    running.set(service, started);
    void started.exited.then((exit) => expected.has(started) || broken.resolve({ part: service, exit }));
  };
  const stopOne = async (service: AppService) => {
    const process = running.get(service);
    if (process === undefined) return;
    running.delete(service);
    expected.add(process);
    await terminate(process);
  };
  const stop = async () => void (await Promise.all(appServices.map(stopOne)));
  try {
    await Promise.all(appServices.map(startOne));
  } catch (error) {
    await stop();
    throw error;
  }
  const restart = async (service: AppService) => {
    await stopOne(service);
    await startOne(service);
  };
  return { ports, broken: broken.promise, restart, stop };
}

/** Sends SIGTERM to the process, as Docker does, and kills it when it takes too long. */
async function terminate({ pid, exited, kill }: GuardedProcess): Promise<void> {
  const timer = setTimeout(kill, stopGraceSeconds * 1_000);
  process.kill(-pid, "SIGTERM");
  await exited.finally(() => clearTimeout(timer));
}
