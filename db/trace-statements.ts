import type postgres from "postgres";
import { maskText } from "#lib/core/mask.ts";
import { currentSpan, inSpan, type Span, startSpan } from "#lib/core/observability/tracing.ts";

/** The parts of a pending query of postgres.js that are not in its types. */
type Query = {
  handle: () => Promise<void>;
  executed: boolean;
  resolve: (result: unknown) => void;
  reject: (error: unknown) => void;
  strings: readonly string[];
};

const system = { "db.system.name": "postgresql" };
const maxTextLength = 2_000;

/**
 * Returns the connection pool with a span per statement and per transaction, inside the span of a request or
 * job. The spans contain the statements' texts, which have placeholders in place of values.
 */
export function traceStatements(sql: postgres.Sql): postgres.Sql {
  return new Proxy(sql, {
    apply: (target, self, args) => traceQuery(Reflect.apply(target, self, args)),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name === "unsafe") return (...args: unknown[]) => traceQuery(call(value, target, args));
      if (name === "begin") return (...args: unknown[]) => traceTransaction(value, target, args);
      return value;
    },
  });
}

function traceTransaction(begin: unknown, target: object, args: unknown[]): Promise<unknown> {
  if (currentSpan() === undefined) return call(begin, target, args) as Promise<unknown>; // `begin` is async.
  const work = args.at(-1);
  const options = { kind: "client", attributes: system } as const;
  return inSpan("transaction", options, async () =>
    call(begin, target, [
      ...args.slice(0, -1),
      (tx: postgres.TransactionSql) => call(work, undefined, [traceTransactionStatements(tx)]),
    ]),
  );
}

function traceTransactionStatements(tx: postgres.TransactionSql): postgres.TransactionSql {
  return new Proxy(tx, {
    apply: (target, self, args) => traceQuery(Reflect.apply(target, self, args)),
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name === "unsafe") return (...args: unknown[]) => traceQuery(call(value, target, args));
      if (name !== "savepoint") return value;
      return (...args: unknown[]) => {
        const work = args.at(-1);
        const inner = (savepoint: postgres.TransactionSql) =>
          call(work, undefined, [traceTransactionStatements(savepoint)]);
        return call(value, target, [...args.slice(0, -1), inner]);
      };
    },
  });
}

function call(fn: unknown, self: unknown, args: unknown[]): unknown {
  if (typeof fn !== "function") throw new TypeError("The driver has no such function.");
  return Reflect.apply(fn, self, args);
}

/** A query runs when it is awaited; a fragment of another query never does. */
function traceQuery(made: unknown): unknown {
  if (!isQuery(made)) return made;
  const { handle, resolve, reject } = made;
  let span: Span | undefined;
  made.handle = function traced(this: Query) {
    if (!this.executed && currentSpan() !== undefined) span ??= startStatement(this.strings);
    return handle.call(this);
  };
  made.resolve = (result) => {
    span?.end();
    resolve(result);
  };
  made.reject = (error) => {
    span?.end(error);
    reject(error);
  };
  return made;
}

function isQuery(value: unknown): value is Query {
  return value instanceof Promise && "handle" in value && "strings" in value && "resolve" in value;
}

function startStatement(strings: readonly string[]): Span | undefined {
  const text = strings.join("?").replace(/\s+/g, " ").trim();
  const attributes = { ...system, "db.query.text": maskText(text.slice(0, maxTextLength)) };
  return startSpan(summarize(text), { kind: "client", attributes });
}

/** "select conversations", "select load_generation_starts": the operation and what it is applied to. */
function summarize(text: string): string {
  const [operation = "statement"] = /^\w+/.exec(text.toLowerCase()) ?? [];
  const [, target] = /\b(?:from|into|update)\s+"?(?:\w+"?\."?)?(\w+)/i.exec(text) ?? [];
  const [, called] = /^select\s+(\w+)\s*\(/i.exec(text) ?? [];
  return [operation, called ?? target].filter((part) => part !== undefined).join(" ");
}
