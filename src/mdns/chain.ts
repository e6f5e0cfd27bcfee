/**
 * A doubly linked list whose links are kept by its items, so that an item leaves from the middle or
 * goes to the end in constant time, and belonging to a list costs no object.
 */

/** What can be in one chain at a time. */
export interface Linked<T extends Linked<T>> {
  chain: Chain<T> | undefined;
  previous: T | undefined;
  next: T | undefined;
}

export class Chain<T extends Linked<T>> {
  #first: T | undefined;
  #last: T | undefined;

  get first(): T | undefined {
    return this.#first;
  }

  /** Puts the item at the end, taking it out of the chain it was in. */
  append(item: T): void {
    item.chain?.remove(item);
    item.chain = this;
    item.previous = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.next = item;
    this.#last = item;
  }

  /** Takes out an item that is in this chain. */
  remove(item: T): void {
    if (item.previous === undefined) this.#first = item.next;
    else item.previous.next = item.next;
    if (item.next === undefined) this.#last = item.previous;
    else item.next.previous = item.previous;
    item.chain = undefined;
    item.previous = undefined;
    item.next = undefined;
  }

  /** From first to last. The item that was just yielded may be taken out. */
  *[Symbol.iterator](): IterableIterator<T> {
    let item = this.#first;
    while (item !== undefined) {
      const next: T | undefined = item.next;
      yield item;
      item = next;
    }
  }
}
