/** Hands back the object that it was given, so that the private fields of a class that extends it are put on that. */
class Carrier {
  constructor(carrier: object) {
    return carrier;
  }
}

/** What is none has no slot, as it is no key of a WeakMap: whoever is asked about nobody answers that nothing is known. */
function isObject(owner: unknown): owner is object {
  return (typeof owner === 'object' && owner !== null) || typeof owner === 'function';
}

/** A place on other objects that nobody sees or reaches but who holds the slot. */
export interface PrivateSlot<Owner extends object, Value> {
  get(owner: Owner): Value | undefined;
  set(owner: Owner, value: Value): void;
}

/**
 * Makes a slot. It does what a WeakMap does, in a private field of the objects themselves: nothing has to be looked up and, what
 * counts more, nothing has to be collected that belongs to two objects at once.
 *
 * Neither a middleware nor a body parser can put a value there, as on a property; copies of an object do not have it, nothing that
 * prints an object shows it, and a frozen object takes it.
 */
export function privateSlot<Owner extends object, Value>(): PrivateSlot<Owner, Value> {
  class Slot extends Carrier {
    #value: Value;

    constructor(owner: Owner, value: Value) {
      super(owner);
      this.#value = value;
    }

    static get(owner: Owner): Value | undefined {
      return isObject(owner) && #value in owner ? owner.#value : undefined;
    }

    static set(owner: Owner, value: Value): void {
      const slot = #value in owner ? owner : new Slot(owner, value);
      slot.#value = value;
    }
  }
  return takesFrozenObjects() ? Slot : new WeakMap<Owner, Value>();
}

/** An engine may come that refuses private fields on frozen objects, as it does properties. */
function takesFrozenObjects(): boolean {
  class Probe extends Carrier {
    #isThere = true;

    static isOn(carrier: object): boolean {
      return #isThere in carrier && carrier.#isThere;
    }
  }
  const frozen = Object.freeze({});
  try {
    return Probe.isOn(new Probe(frozen)) && Probe.isOn(frozen);
  } catch {
    return false;
  }
}
