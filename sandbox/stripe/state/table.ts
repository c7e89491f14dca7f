/** One change to the state: a row written (its latest whole value) or removed. */
export type Change = [table: string, id: string, row: unknown];

/**
 * The rows of one kind, in the order they were created. Rows are never changed in place: a new value replaces
 * the old, so that an event may keep the value it saw.
 */
export class Table<T extends { id: string }> {
  readonly name: string;
  readonly #rows = new Map<string, T>();
  readonly #record: (change: Change) => void;

  constructor(name: string, record: (change: Change) => void) {
    this.name = name;
    this.#record = record;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  /** Every row, oldest first. */
  all(): T[] {
    return [...this.#rows.values()];
  }

  filter(wanted: (row: T) => boolean): T[] {
    return this.all().filter(wanted);
  }

  get size(): number {
    return this.#rows.size;
  }

  put(row: T): T {
    this.#rows.set(row.id, row);
    this.#record([this.name, row.id, row]);
    return row;
  }

  delete(id: string): void {
    if (this.#rows.delete(id)) this.#record([this.name, id, null]);
  }

  clear(): void {
    for (const id of [...this.#rows.keys()]) this.delete(id);
  }

  /** Takes a change read back from disk, without recording it again. */
  restore(id: string, row: unknown): void {
    // The journal is written by `put` alone, so a row of this table read back from it has this table's shape.
    if (row === null) this.#rows.delete(id);
    else this.#rows.set(id, row as T);
  }
}
