/**
 * Interned refs: the same IDs give the same object while the program holds it. Refs are held weakly, so that
 * a page which has shown ten thousand users holds only those it uses.
 */
export class Interned {
  constructor() {
    this.refs = new Map();
    this.sweepAt = 256;
  }
  /** Returns the ref with this key, or `undefined`. */
  get(key) {
    return this.refs.get(key)?.deref();
  }
  /** Stores a ref. Removes dead entries each time the number has doubled: constant time per ref. */
  set(key, ref) {
    const { refs } = this;
    if (refs.size >= this.sweepAt) {
      for (const [other, weak] of refs) if (!weak.deref()) refs.delete(other);
      this.sweepAt = 2 * refs.size + 256;
    }
    refs.set(key, new WeakRef(ref));
  }
}
