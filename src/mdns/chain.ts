/**
 * A doubly linked list whose links are kept by its items, so that an item leaves from the middle or
 * goes to the end in constant time, and an empty list costs nothing.
 */

/** An item's place in at most one chain at a time. */
export class ChainLink<T> {
  readonly item: T;
  chain: Chain<T> | undefined = undefined;
  previous: ChainLink<T> | undefined = undefined;
  next: ChainLink<T> | undefined = undefined;

  constructor(item: T) {
    this.item = item;
  }
}

export class Chain<T> {
  #first: ChainLink<T> | undefined;
  #last: ChainLink<T> | undefined;

  get first(): T | undefined {
    return this.#first?.item;
  }

  /** Puts the link at the end, taking it out of the chain it was in. */
  append(link: ChainLink<T>): void {
    link.chain?.remove(link);
    link.chain = this;
    link.previous = this.#last;
    if (this.#last === undefined) this.#first = link;
    else this.#last.next = link;
    this.#last = link;
  }

  /** Takes out a link that is in this chain. */
  remove(link: ChainLink<T>): void {
    if (link.previous === undefined) this.#first = link.next;
    else link.previous.next = link.next;
    if (link.next === undefined) this.#last = link.previous;
    else link.next.previous = link.previous;
    link.chain = undefined;
    link.previous = undefined;
    link.next = undefined;
  }

  /** From first to last. The item that was just yielded may be taken out. */
  *[Symbol.iterator](): IterableIterator<T> {
    let link = this.#first;
    while (link !== undefined) {
      const next: ChainLink<T> | undefined = link.next;
      yield link.item;
      link = next;
    }
  }
}
