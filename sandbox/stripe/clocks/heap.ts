/** A binary min-heap. Items that compare equal are popped in insertion order. */
export class Heap<T> {
  readonly #items: { item: T; order: number }[] = [];
  readonly #compare: (a: T, b: T) => number;
  #count = 0;

  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  peek(): T | undefined {
    return this.#items[0]?.item;
  }

  push(item: T): void {
    this.#items.push({ item, order: this.#count });
    this.#count += 1;
    let child = this.#items.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.#isBefore(child, parent)) return;
      this.#swap(child, parent);
      child = parent;
    }
  }

  pop(): T | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (!top || !last || this.#items.length === 0) return top?.item;
    this.#items[0] = last;
    this.#sink();
    return top.item;
  }

  #sink(): void {
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      let smallest = parent;
      if (left < this.#items.length && this.#isBefore(left, smallest)) smallest = left;
      if (right < this.#items.length && this.#isBefore(right, smallest)) smallest = right;
      if (smallest === parent) return;
      this.#swap(smallest, parent);
      parent = smallest;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const first = this.#items[a];
    const second = this.#items[b];
    if (!first || !second) return false;
    const order = this.#compare(first.item, second.item);
    return order === 0 ? first.order < second.order : order < 0;
  }

  #swap(a: number, b: number): void {
    const first = this.#items[a];
    const second = this.#items[b];
    if (!first || !second) return;
    this.#items[a] = second;
    this.#items[b] = first;
  }
}
