import { setImmediate as afterThisTurn } from "node:timers/promises";
import type postgres from "postgres";

type Work = (tx: postgres.TransactionSql) => unknown;

/**
 * Lets a transaction whose connection is lost (the database restarts) fail without taking the process with it. postgres.js
 * 3.4.9 tells its caller, but what was under way in the transaction goes on by itself: its next statement, or the rollback after
 * its failure, is written to a socket that is no more, which throws where nobody can catch it (porsager/postgres, issue 1208).
 * So from then on nothing is heard of that work, and nothing is written for it.
 */
export function guardTransactions(sql: postgres.Sql): void {
  // Its overloads cannot be told apart here, and need not be: only the last argument is looked at.
  const begin = sql.begin.bind(sql) as (...args: unknown[]) => Promise<unknown>;
  const guarded = (...args: unknown[]): Promise<unknown> => {
    const work = args.pop() as Work; // begin(fn) or begin(options, fn)
    let isLost = false;
    const whole = begin(...args, (tx: postgres.TransactionSql) =>
      unlessLost(
        async () => work(silenced(tx, () => isLost)),
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

/** Settles as the work does, and never once its connection is lost: postgres.js would write to it what comes after. */
function unlessLost(work: () => Promise<unknown>, isLost: () => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    work().then(
      (value) => isLost() || resolve(value),
      async (error) => {
        // A statement hears of the loss a moment before its transaction does.
        await afterThisTurn();
        if (!isLost()) reject(error);
      },
    );
  });
}

/** The same transaction, in which no statement begins any more after the loss. */
function silenced(tx: postgres.TransactionSql, isLost: () => boolean): postgres.TransactionSql {
  const refuse = () => Promise.reject(new Error("The connection of this transaction was lost."));
  return new Proxy(tx, {
    apply: (target, self, args) => (isLost() ? refuse() : Reflect.apply(target, self, args)),
    get: (target, name) => {
      const value = Reflect.get(target, name);
      if (name !== "unsafe" && name !== "savepoint") return value;
      return (...args: unknown[]) => (isLost() ? refuse() : Reflect.apply(value, target, args));
    },
  });
}
