/** One change of the state: a row's new value, or its removal. */
export type Change = [table: string, id: string, row: unknown];

/** Called for each change, with a function that undoes it without being recorded. */
export type Recorder = (change: Change, undo: () => void) => void;

/**
 * Rows of one kind in creation order. Rows are never modified: a new value replaces the old one, so an event
 * can keep the value that it recorded.
 */
export class Table<T extends { id: string }> {
  readonly name: string;
  readonly #rows = new Map<string, T>();
  readonly #record: Recorder;
  readonly #keyOf: ((row: T) => string) | undefined;
  readonly #byKey = new Map<string, Set<string>>();

  /** `keyOf` returns the index key of a row; it must not change. */
  constructor(name: string, record: Recorder, keyOf?: (row: T) => string) {
    this.name = name;
    this.#record = record;
    this.#keyOf = keyOf;
  }

  get(id: string): T | undefined {
    return this.#rows.get(id);
  }

  /** All rows, oldest first. */
  all(): T[] {
    return [...this.#rows.values()];
  }

  filter(wanted: (row: T) => boolean): T[] {
    return this.all().filter(wanted);
  }

  /** The rows with an index key, oldest first. */
  under(key: string): T[] {
    return [...(this.#byKey.get(key) ?? [])].flatMap((id) => this.#rows.get(id) ?? []);
  }

  get size(): number {
    return this.#rows.size;
  }

  put(row: T): T {
    const before = this.#rows.get(row.id);
    this.#set(row);
    const undo = () => (before === undefined ? this.#rows.delete(row.id) : this.#set(before));
    this.#record([this.name, row.id, row], undo);
    return row;
  }

  delete(id: string): void {
    const before = this.#rows.get(id);
    if (before === undefined) return;
    this.#rows.delete(id);
    this.#record([this.name, id, null], () => this.#set(before));
  }

  clear(): void {
    for (const id of [...this.#rows.keys()]) this.delete(id);
  }

  /** Restores a row from the journal (null removes it) without recording a change. */
  load(id: string, row: unknown): void {
    // The journal contains what this table's `put` recorded, so the row has this table's type. Validation
    // would have to repeat the SDK's types.
    if (row === null) this.#rows.delete(id);
    else this.#set(row as T);
  }

  #set(row: T): void {
    this.#rows.set(row.id, row);
    const key = this.#keyOf?.(row);
    if (key === undefined) return;
    const ids = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, ids.add(row.id));
  }
}
