import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import { apiVersion } from "#sandbox/stripe/state/world.ts";

/** Stripe's API versions by name, from https://docs.stripe.com/changelog; the newest is the SDK's. */
const releases: Record<string, string> = {
  acacia: "2024-09-30 2024-10-28 2024-11-20 2024-12-18 2025-01-27 2025-02-24",
  basil: "2025-03-31 2025-04-30 2025-05-28 2025-06-30 2025-07-30 2025-08-27",
  clover: "2025-09-30 2025-10-29 2025-11-17 2025-12-15 2026-01-28 2026-02-25",
  dahlia: "2026-03-25 2026-04-22 2026-05-27 2026-06-24 2026-07-29 2026-08-26",
  endive: "2026-09-30 2026-10-28",
};
/** Versions before releases had names. */
const unnamed =
  "2015-10-16 2016-02-22 2016-02-23 2016-02-29 2016-03-07 2016-06-15 2016-07-06 2016-10-19 2017-01-27 2017-02-14 2017-04-06 2017-05-25 2017-06-05 2017-08-15 2017-12-14 2018-01-23 2018-02-05 2018-02-06 2018-02-28 2018-05-21 2018-07-27 2018-08-23 2018-09-06 2018-09-24 2018-10-31 2018-11-08 2019-02-11 2019-02-19 2019-03-14 2019-05-16 2019-08-14 2019-09-09 2019-10-08 2019-10-17 2019-11-05 2019-12-03 2020-03-02 2020-08-27 2022-08-01 2022-11-15 2023-08-16 2023-10-16 2024-04-10 2024-06-20";
const known = new Set([
  ...unnamed.split(" "),
  ...Object.entries(releases).flatMap(([name, dates]) => dates.split(" ").map((date) => `${date}.${name}`)),
]);

/** Throws Stripe's error for a version that does not exist. */
export function assertKnownVersion(version: string | undefined): void {
  if (version === undefined || known.has(version)) return;
  throw invalid(`Invalid Stripe API version: ${version}`);
}

/** Whether a requested version is older than a release's first version, for example "2025-03-31". */
export function isBefore(version: string | undefined, date: string): boolean {
  return (version ?? apiVersion).slice(0, 10) < date;
}
