import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Letter } from "./letter.ts";

export type Filter = {
  /** Part of no address but the whole of one, in any case. */
  to?: string | undefined;
  /** Any part of the subject, in any case. */
  subject?: string | undefined;
  /** A letter's id, or a moment: only what came later. */
  after?: string | undefined;
};

export type Mailbox = ReturnType<typeof openMailbox>;

const keptLetters = 500;

/**
 * The letters that arrived, newest first, 500 at most.
 * @param dataDir keeps them in `letters.json` there; null keeps them in memory alone
 */
export function openMailbox(dataDir: string | null) {
  const file = dataDir === null ? null : join(dataDir, "letters.json");
  if (dataDir !== null) mkdirSync(dataDir, { recursive: true });
  let letters = readKept(file);
  const waiting = new Set<(letter: Letter) => void>();

  function keep(): void {
    if (file === null) return;
    // Written beside and renamed, so that a crash in between leaves the letters as they were.
    writeFileSync(`${file}.new`, JSON.stringify(letters), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  const list = (filter: Filter = {}): Letter[] => since(letters, filter.after).filter(matcher(filter));

  return {
    list,
    find: (id: string): Letter | undefined => letters.find((letter) => letter.id === id),
    add(letter: Letter): void {
      letters = [letter, ...letters].slice(0, keptLetters);
      keep();
      for (const tell of waiting) tell(letter);
    },
    clear(): void {
      letters = [];
      keep();
    },
    /** The newest letter that fits, as soon as there is one; null when none came before the signal. */
    wait(filter: Filter, signal: AbortSignal): Promise<Letter | null> {
      const found = list(filter)[0];
      if (found !== undefined || signal.aborted) return Promise.resolve(found ?? null);
      return new Promise((resolve) => {
        const fits = matcher(filter);
        const end = (letter: Letter | null) => {
          waiting.delete(tell);
          signal.removeEventListener("abort", giveUp);
          resolve(letter);
        };
        const tell = (letter: Letter) => fits(letter) && end(letter);
        const giveUp = () => end(null);
        waiting.add(tell);
        signal.addEventListener("abort", giveUp);
      });
    },
  };
}

function readKept(file: string | null): Letter[] {
  if (file === null || !existsSync(file)) return [];
  return JSON.parse(readFileSync(file, "utf8"));
}

function since(letters: Letter[], after: string | undefined): Letter[] {
  if (after === undefined || after === "") return letters;
  const index = letters.findIndex(({ id }) => id === after);
  if (index !== -1) return letters.slice(0, index);
  // Told apart by form: Date.parse makes something of almost anything.
  if (!/^\d{4}-\d\d-\d\dT/.test(after)) return letters;
  return letters.filter(({ at }) => Date.parse(at) > Date.parse(after));
}

function matcher({ to, subject }: Filter): (letter: Letter) => boolean {
  const address = to?.toLowerCase();
  const words = subject?.toLowerCase();
  return (letter) =>
    (address === undefined || letter.to.some((receiver) => receiver.toLowerCase() === address)) &&
    (words === undefined || letter.subject.toLowerCase().includes(words));
}
