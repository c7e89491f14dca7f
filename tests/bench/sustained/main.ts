import { stdout } from "node:process";
import { parseArgs } from "node:util";
import { checkLedger } from "#tests/bench/sustained/check-ledger.ts";
import { closeConnections } from "#tests/bench/sustained/client.ts";
import { report } from "#tests/bench/sustained/report.ts";
import { startSystem } from "#tests/bench/sustained/start-system.ts";
import { runTraffic, type TrafficOptions, usersFor } from "#tests/bench/sustained/traffic.ts";
import { watchProcess } from "#tests/bench/sustained/watch-process.ts";

const usage = `npm run bench:load -- [options]

Starts the production build, PostgreSQL and a mock model server on loopback, sends chats and API calls, checks
the ledger, and stops. Exits with 1 if a target is missed.

  --seconds N   length of the traffic (300)
  --streams N   answers that stream at any time (200)
  --starts N    new chats per second (50)
  --calls N     API calls per second that use no model (30)
  --lenient     ignore the targets that a busy machine misses: time and memory
`;

const options = {
  seconds: { type: "string", default: "300" },
  streams: { type: "string", default: "200" },
  starts: { type: "string", default: "50" },
  calls: { type: "string", default: "30" },
  lenient: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

async function main(): Promise<number> {
  const { values } = parseArgs({ options });
  if (values.help) {
    stdout.write(usage);
    return 0;
  }
  const traffic: TrafficOptions = {
    seconds: toCount("seconds", values.seconds),
    streams: toCount("streams", values.streams),
    startsPerSecond: toCount("starts", values.starts),
    callsPerSecond: toCount("calls", values.calls),
  };
  const print = (line: string) => void stdout.write(`${line}\n`);
  print("Starting the app, PostgreSQL and the model server ...");
  const system = await startSystem(usersFor(traffic));
  try {
    print(
      `${traffic.streams} open streams, ${traffic.startsPerSecond} new chats and ${traffic.callsPerSecond} calls per second for ${traffic.seconds} s`,
    );
    const watch = watchProcess(system);
    const result = await runTraffic(system.url, system.users, traffic);
    const processReport = await watch.stop();
    const received = [...result.streams, ...result.chats].filter(
      ({ status, failure }) => status === 200 && failure === null,
    );
    const ledger = await checkLedger(system.databaseUrl, received.length);
    const verdicts = report(result, processReport, ledger, print);
    for (const { text, isMet } of verdicts) print(`${isMet ? "met   " : "MISSED"} ${text}`);
    return verdicts.some(({ isMet, isMeasured }) => !isMet && !(isMeasured && values.lenient)) ? 1 : 0;
  } finally {
    closeConnections();
    await system.stop();
  }
}

function toCount(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} must be a number, and is "${text}".`);
  return value;
}

process.exitCode = await main();
