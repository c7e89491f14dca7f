import type Stripe from "stripe";
import { Journal } from "#sandbox/stripe/state/journal.ts";
import type { Change } from "#sandbox/stripe/state/table.ts";
import { openTables, type Tables } from "#sandbox/stripe/state/tables.ts";
import { type ChaosSwitches, calm } from "#sandbox/stripe/webhooks/chaos-switches.ts";

/** The API version that the SDK in use pins; the types of every object here are of this version. */
export const apiVersion = "2026-10-28.endive";

/**
 * Everything the sandbox knows: its tables, its clock, and what the running request is. All work on it is
 * synchronous, so a request is a transaction: nothing else happens between its first read and `commit`.
 */
export class World {
  readonly tables: Tables;
  /** Where this sandbox is reached; addresses of hosted pages begin with it. */
  baseUrl = "";
  /** The request at work, which its events name; null while the clock does due work. */
  request: Stripe.Event.Request | null = null;
  /** Switches that make the sandbox misbehave on purpose. Not kept over a restart. */
  chaos: ChaosSwitches = { ...calm };
  /** Ids of rows written since the due work was last looked through, by table. */
  readonly touched = new Map<string, Set<string>>();
  /** Deliveries still to be made. */
  readonly outbox = new Set<string>();
  /** When the newest event on the sandbox's own clock happened, in seconds; 0 before the first one of this process. */
  lastEventAt = 0;
  /** Moves a test clock; the clockwork sets itself here, so that an endpoint can ask for it. */
  advanceTestClock: (id: string, to: number) => void = () => {};
  /** Called after each transaction, once it is on disk. */
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

  /** The present, in seconds: of a test clock when named, else of the sandbox's own clock. */
  now(testClock: string | null = null): number {
    const clock = testClock === null ? undefined : this.tables.testClocks.get(testClock);
    if (clock) return clock.frozen_time;
    return this.#simulatedNow ?? this.#wallSeconds() + this.offsetSeconds;
  }

  /** How far the sandbox's clock is ahead of the wall clock. */
  get offsetSeconds(): number {
    return this.tables.settings.get("clock-offset")?.value ?? 0;
  }

  /** Holds the sandbox's clock at a moment while due work of that moment is done; null lets it run again. */
  holdClock(at: number | null): void {
    this.#simulatedNow = at;
  }

  /** Sets the sandbox's clock so that it shows `at` now. */
  setClock(at: number): void {
    this.tables.settings.put({ id: "clock-offset", value: at - this.#wallSeconds() });
  }

  /** Ends a transaction: on disk first, then out to the webhooks. */
  commit(): void {
    if (this.#changes.length === 0) return;
    const changes = this.#changes;
    this.#changes = [];
    this.#undos = [];
    this.#journal?.append(changes);
    this.onCommit();
  }

  /** Undoes what the running transaction changed, as if it had never begun. */
  rollBack(): void {
    this.#undo(0);
  }

  /** Does work, and undoes what it changed: what came of it can be looked at without having come about. */
  imagine<T>(work: () => T): T {
    const changesBefore = this.#changes.length;
    try {
      return work();
    } finally {
      this.#undo(changesBefore);
    }
  }

  /** Forgets everything, the clock's offset included; webhook endpoints stay when asked for. */
  reset(keepEndpoints: boolean): void {
    for (const table of Object.values(this.tables)) {
      if (keepEndpoints && (table.name === "webhookEndpoints" || table.name === "endpointSecrets")) continue;
      table.clear();
    }
    this.touched.clear();
    this.outbox.clear();
    this.chaos = { ...calm };
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

  /** Undoes every change but the first few of the running transaction. */
  #undo(kept: number): void {
    for (const undo of this.#undos.splice(kept).reverse()) undo();
    this.#changes.splice(kept);
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
