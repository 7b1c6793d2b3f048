import { builtinIds, type Definition } from "./definition.ts";
import { IdMap } from "./id-map.ts";

/**
 * The types of a stream whose values can hold interface values. Each definition is entered once; what it makes
 * true is passed on to the types that use it, so that all definitions of a stream together cost as much as they
 * have parts.
 */
export class InterfaceHolders {
  readonly #holders = new IdMap<true>();
  /** The types that have a part which is not known to hold an interface. */
  readonly #users = new IdMap<number[]>();

  /** Enters a definition. */
  add(id: number, definition: Definition): void {
    switch (definition.kind) {
      case "struct":
        for (const field of definition.fields) this.#uses(id, field.id);
        break;
      case "map":
        this.#uses(id, definition.key);
        this.#uses(id, definition.elem);
        break;
      case "slice":
      case "array":
        this.#uses(id, definition.elem);
        break;
    }
  }

  /** Whether values of type `id` can hold interface values, by the definitions entered so far. */
  has(id: number): boolean {
    return id === builtinIds.interface || this.#holders.has(id);
  }

  #uses(id: number, part: number): void {
    if (this.has(part)) {
      this.#mark(id);
      return;
    }
    // The other built-in types never will.
    if (part > 0 && part <= builtinIds.interface) return;
    const users = this.#users.get(part);
    if (users === undefined) this.#users.set(part, [id]);
    else if (users.at(-1) !== id) users.push(id);
  }

  #mark(first: number): void {
    const marked = [first];
    for (let id = marked.pop(); id !== undefined; id = marked.pop()) {
      if (this.#holders.has(id)) continue;
      this.#holders.set(id, true);
      for (const user of this.#users.get(id) ?? []) marked.push(user);
      this.#users.delete(id);
    }
  }
}
