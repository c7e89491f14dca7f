import { setImmediate as afterThisTurn } from "node:timers/promises";
import type postgres from "postgres";

type Work = (tx: postgres.TransactionSql) => unknown;

/**
 * Makes a transaction whose connection is lost (the database restarts) fail without crashing the process.
 * postgres.js 3.4.9 rejects the transaction, but its function continues, and its next statement or rollback
 * is written to a closed socket, which throws an uncaught exception (porsager/postgres, issue 1208). After a
 * loss this guard ignores the function's result and refuses its statements.
 */
export function guardTransactions(sql: postgres.Sql): void {
  // The overloads differ only in the options; the function is always the last argument.
  const begin = sql.begin.bind(sql) as (...args: unknown[]) => Promise<unknown>;
  const guarded = (...args: unknown[]): Promise<unknown> => {
    const work = args.pop() as Work; // begin(fn) or begin(options, fn)
    let isLost = false;
    const whole = begin(...args, (tx: postgres.TransactionSql) =>
      unlessLost(
        async () => work(refuseAfterLoss(tx, () => isLost)),
        () => isLost,
      ),
    );
    whole.catch(() => {
      isLost = true;
    });
    return whole;
  };
  Object.assign(sql, { begin: guarded });
}

/**
 * Settles like the work, but never after the connection is lost, because postgres.js would write to it then.
 */
function unlessLost(work: () => Promise<unknown>, isLost: () => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    work().then(
      (value) => isLost() || resolve(value),
      async (error) => {
        // A statement is rejected shortly before its transaction.
        await afterThisTurn();
        if (!isLost()) reject(error);
      },
    );
  });
}

/** Returns the transaction with a check that refuses statements after the loss. */
function refuseAfterLoss(tx: postgres.TransactionSql, isLost: () => boolean): postgres.TransactionSql {
  // Drizzle asks a pending query of a select for its `values()`; it is the same rejection.
  const refuse = () => {
    const refused = Promise.reject(new Error("The connection of this transaction was lost."));
    return Object.assign(refused, { values: () => refused });
  };
  return new Proxy(tx, {
    apply: (target, self, args) => (isLost() ? refuse() : Reflect.apply(target, self, args)),
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "unsafe" && name !== "savepoint") return value;
      return (...args: unknown[]) => (isLost() ? refuse() : Reflect.apply(value, target, args));
    },
  });
}
