/**
 * Collections with a stated maximum, for everything that the network can make us keep.
 *
 * Reaching the maximum evicts (map) or refuses (queue) and counts; it never throws and never grows.
 */

/**
 * A map that holds at most `sizeMax` entries and drops the least recently used one to make room.
 * `find` counts as use; `peek` and iteration do not.
 */
export class BoundedMap<K, V> {
  readonly sizeMax: number;
  readonly #entries = new Map<K, V>();
  readonly #onEvict: ((key: K, value: V) => void) | undefined;
  #evictions = 0;
  /** Where the oldest entry is: what lay before it is gone or has moved to the end. */
  #oldest: IterableIterator<[K, V]> | undefined;
  #movesSinceOldest = 0;

  constructor(sizeMax: number, onEvict?: (key: K, value: V) => void) {
    this.sizeMax = sizeMax;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many entries were dropped to make room. */
  get evictions(): number {
    return this.#evictions;
  }

  find(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#append(key, value);
    return value;
  }

  peek(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  set(key: K, value: V): void {
    if (this.#entries.has(key)) this.#entries.delete(key);
    else if (this.#entries.size >= this.sizeMax) this.#evictOldest();
    this.#append(key, value);
  }

  delete(key: K): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
    this.#oldest = undefined;
  }

  keys(): IterableIterator<K> {
    return this.#entries.keys();
  }

  values(): IterableIterator<V> {
    return this.#entries.values();
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }

  /** An iterator holds what the map's memory was when it was made, so none is kept for long. */
  #append(key: K, value: V): void {
    this.#entries.set(key, value);
    this.#movesSinceOldest++;
    if (this.#movesSinceOldest > this.sizeMax) this.#oldest = undefined;
  }

  /** A fresh iterator would have to pass all the places that were given up before the oldest. */
  #evictOldest(): void {
    if (this.#oldest === undefined) {
      this.#oldest = this.#entries.entries();
      this.#movesSinceOldest = 0;
    }
    const oldest = this.#oldest.next();
    if (oldest.done) {
      this.#oldest = undefined;
      return;
    }
    const [key, value] = oldest.value;
    this.#entries.delete(key);
    this.#evictions++;
    this.#onEvict?.(key, value);
  }
}

/** A first-in first-out queue of at most `sizeMax` items; `push` refuses and counts beyond that. */
export class BoundedQueue<T> {
  readonly sizeMax: number;
  #items: T[] = [];
  #head = 0;
  #refusals = 0;

  constructor(sizeMax: number) {
    this.sizeMax = sizeMax;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** How many items were refused because the queue was full. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Returns false when the item was refused. */
  push(item: T): boolean {
    if (this.size >= this.sizeMax) {
      this.#refusals++;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head]!;
    this.#head++;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
