import { invalid } from "#sandbox/stripe/protocol/failure.ts";
import type { World } from "#sandbox/stripe/state/world.ts";

/** Fields that are returned only when expanded: object type -> field -> loader. */
export type Includable = Record<string, Record<string, (world: World, id: string) => unknown>>;

const deepest = 4;

/** Adds fields to those that can be included. */
export function mergeFields(base: Includable, more: Includable): Includable {
  const types = new Set([...Object.keys(base), ...Object.keys(more)]);
  return Object.fromEntries([...types].map((type) => [type, { ...base[type], ...more[type] }]));
}

/** Replaces ids with their objects along each path (`data.customer`, `latest_invoice.payments`). */
export function expandPaths(world: World, includable: Includable, answer: unknown, paths: string[]): unknown {
  let expanded = answer;
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > deepest) {
      throw invalid(
        `You cannot expand more than ${deepest} levels of a property. Property: ${path}`,
        "expand",
      );
    }
    expanded = walk(world, includable, expanded, steps, path);
  }
  return expanded;
}

function walk(world: World, includable: Includable, value: unknown, steps: string[], path: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => walk(world, includable, item, steps, path));
  const fields = fieldsOf(value);
  // A deleted object has no fields to expand; the path itself is valid.
  if (fields.get("deleted") === true) return value;
  const found = fields.has(step) ? fields.get(step) : include(world, includable, fields, step);
  if (found === undefined) throw cannot(path);
  const target = Array.isArray(found)
    ? found.map((item: unknown) => (typeof item === "string" ? findObject(world, item) : item))
    : typeof found === "string"
      ? findObject(world, found)
      : found;
  if (target === undefined || (typeof target !== "object" && rest.length >= 0)) throw cannot(path);
  return { ...Object.fromEntries(fields), [step]: walk(world, includable, target, rest, path) };
}

function include(world: World, includable: Includable, fields: Map<string, unknown>, step: string): unknown {
  const make = includable[String(fields.get("object"))]?.[step];
  return make?.(world, String(fields.get("id")));
}

function fieldsOf(value: unknown): Map<string, unknown> {
  return new Map(typeof value === "object" && value !== null ? Object.entries(value) : []);
}

function cannot(path: string) {
  return invalid(`This property cannot be expanded (${path}).`, "expand");
}

/** Finds an object by id in all tables. */
export function findObject(world: World, id: string): { id: string } | undefined {
  const { tables } = world;
  const table = [
    tables.customers,
    tables.products,
    tables.prices,
    tables.coupons,
    tables.promotionCodes,
    tables.discounts,
    tables.customerBalanceTransactions,
    tables.creditNotes,
    tables.paymentMethods,
    tables.paymentIntents,
    tables.charges,
    tables.refunds,
    tables.setupIntents,
    tables.setupAttempts,
    tables.disputes,
    tables.features,
    tables.fraudWarnings,
    tables.balanceTransactions,
    tables.subscriptions,
    tables.subscriptionSchedules,
    tables.invoices,
    tables.invoiceItems,
    tables.checkoutSessions,
    tables.portalConfigurations,
    tables.testClocks,
    tables.tombstones,
  ].find((candidate) => candidate.get(id) !== undefined);
  return table?.get(id);
}
