/** One change to the state: a row written (its latest whole value) or removed. */
export type Change = [table: string, id: string, row: unknown];

/** Told of each change, and how it is undone (which is not a change to be told of). */
export type Recorder = (change: Change, undo: () => void) => void;

/**
 * The rows of one kind, in the order they were created. Rows are never changed in place: a new value replaces
 * the old, so that an event may keep the value it saw.
 */
export class Table<T extends { id: string }> {
  readonly name: string;
  readonly #rows = new Map<string, T>();
  readonly #record: Recorder;
  readonly #keyOf: ((row: T) => string) | undefined;
  readonly #byKey = new Map<string, Set<string>>();

  /** `keyOf` names what rows are looked up under; a row keeps its key for life. */
  constructor(name: string, record: Recorder, keyOf?: (row: T) => string) {
    this.name = name;
    this.#record = record;
    this.#keyOf = keyOf;
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

  /** The rows under a key, oldest first, without looking through the others. */
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

  /** Sets a row to what the journal says of it (null: not there), without recording it. */
  load(id: string, row: unknown): void {
    // The journal holds what this table's own `put` recorded, so it has this table's shape; to check that here, each table
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
