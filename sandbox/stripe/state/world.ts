import type Stripe from "stripe";
import { Journal } from "#sandbox/stripe/state/journal.ts";
import type { Change } from "#sandbox/stripe/state/table.ts";
import { openTables, type Tables } from "#sandbox/stripe/state/tables.ts";
import { type ChaosSwitches, noChaos } from "#sandbox/stripe/webhooks/chaos-switches.ts";

/** The API version that the SDK pins; all objects have the types of this version. */
export const apiVersion = "2026-10-28.endive";

/**
 * The state of the sandbox: tables, clock and the current request. All operations are synchronous, so a
 * request is a transaction: nothing else runs between its first read and `commit`.
 */
export class World {
  readonly tables: Tables;
  /** The base URL of this sandbox, used for hosted pages. */
  baseUrl = "";
  /** The current request, which its events refer to; null while scheduled work runs. */
  request: Stripe.Event.Request | null = null;
  /** Fault injection switches. Not persisted. */
  chaos: ChaosSwitches = { ...noChaos };
  /** Ids of rows written since scheduled work was last collected, by table. */
  readonly touched = new Map<string, Set<string>>();
  /** Pending webhook deliveries. */
  readonly outbox = new Set<string>();
  /**
   * Time of the newest event on the sandbox's clock, in seconds; 0 before the first event of this process.
   */
  lastEventAt = 0;
  /** Advances a test clock; set by the clock advancer so that endpoints can call it. */
  advanceTestClock: (id: string, to: number) => void = () => {};
  /** Called after each event with its type and object; for what follows from changes of other objects. */
  onEvent: (type: string, object: object) => void = () => {};
  /** Called after each transaction is on disk. */
  onCommit: () => void = () => {};
  readonly #journal: Journal | null;
  readonly #wallSeconds: () => number;
  #changes: Change[] = [];
  #undos: (() => void)[] = [];
  #simulatedNow: number | null = null;

  constructor(dataDir?: string, wallSeconds = () => Math.floor(Date.now() / 1000)) {
    this.#wallSeconds = wallSeconds;
    this.tables = openTables((change, undo) => this.#record(change, undo));
    this.#journal = dataDir === undefined ? null : new Journal(dataDir);
    this.#restore();
  }

  /** The current time in seconds, of the given test clock or of the sandbox's clock. */
  now(testClock: string | null = null): number {
    const clock = testClock === null ? undefined : this.tables.testClocks.get(testClock);
    if (clock) return clock.frozen_time;
    return this.#simulatedNow ?? this.#wallSeconds() + this.offsetSeconds;
  }

  /** Seconds by which the sandbox's clock is ahead of the wall clock. */
  get offsetSeconds(): number {
    return this.tables.settings.get("clock-offset")?.value ?? 0;
  }

  /** Freezes the sandbox's clock at a timestamp while its scheduled work runs; null releases it. */
  holdClock(at: number | null): void {
    this.#simulatedNow = at;
  }

  /** Sets the sandbox's clock to `at` (seconds). */
  setClock(at: number): void {
    this.tables.settings.put({ id: "clock-offset", value: at - this.#wallSeconds() });
  }

  /** Commits the transaction: writes it to disk, then triggers webhook delivery. */
  commit(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#undos = [];
    this.#journal?.append(changes);
    this.onCommit();
  }

  /** Rolls back the current transaction. */
  rollBack(): void {
    this.#undo(0);
  }

  /** Runs work, returns its result and undoes its changes. */
  dryRun<T>(work: () => T): T {
    const changesBefore = this.#changes.length;
    try {
      return work();
    } finally {
      this.#undo(changesBefore);
    }
  }

  /** Deletes all state including the clock's offset, except the given groups of tables. */
  reset(keep: { endpoints: boolean; catalog: boolean }): void {
    const keptTables = new Set([
      ...(keep.endpoints ? ["webhookEndpoints", "endpointSecrets"] : []),
      ...(keep.catalog
        ? ["products", "prices", "priceTiers", "priceCurrencies", "features", "productFeatures", "meters"]
        : []),
    ]);
    for (const table of Object.values(this.tables)) if (!keptTables.has(table.name)) table.clear();
    this.touched.clear();
    this.outbox.clear();
    this.chaos = { ...noChaos };
    this.lastEventAt = 0;
    this.commit();
  }

  close(): void {
    this.commit();
    this.#journal?.close();
  }

  #tablesByName() {
    return new Map(Object.values(this.tables).map((table) => [table.name, table]));
  }

  /** Undoes all but the first `count` changes of the current transaction. */
  #undo(count: number): void {
    for (const undo of this.#undos.splice(count).reverse()) undo();
    this.#changes.splice(count);
  }

  #record(change: Change, undo: () => void): void {
    this.#changes.push(change);
    const [table, id] = change;
    this.#undos.push(undo);
    const ids = this.touched.get(table) ?? new Set();
    this.touched.set(table, ids.add(id));
  }

  #restore(): void {
    if (!this.#journal) return;
    const tables = this.#tablesByName();
    for (const [name, id, row] of this.#journal.read()) tables.get(name)?.load(id, row);
    const rows: Change[] = [];
    for (const table of tables.values()) {
      for (const row of table.all()) {
        rows.push([table.name, row.id, row]);
        this.touched.set(table.name, (this.touched.get(table.name) ?? new Set()).add(row.id));
      }
    }
    for (const delivery of this.tables.deliveries.filter((row) => row.state === "pending")) {
      this.outbox.add(delivery.id);
    }
    this.#journal.restart(rows);
  }
}
