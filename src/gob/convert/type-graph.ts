import type { WireType } from "../dynamic/wire-type.ts";

// Walks over the types of a stream. A sender can make types that share parts at every level, so that walking
// them as a tree would never end, and chains of types deeper than the call stack: each walk here enters a type
// once and keeps its own stack.

/** The types that a type is made of, in order. Parts that the stream never defined are left out. */
export function parts(type: WireType): WireType[] {
  const found: WireType[] = [];
  for (const id of type.partIds()) {
    const part = type.sibling(id);
    if (part !== undefined) found.push(part);
  }
  return found;
}

/** The parts of a slice, array or map; other types have none. */
export function listParts(type: WireType): WireType[] {
  return type.kind === "struct" ? [] : parts(type);
}

/** The types of which each value holds one in place: a struct's fields and an array's elements. */
export function inlineParts(type: WireType): WireType[] {
  return type.kind === "struct" || type.kind === "array" ? parts(type) : [];
}

interface Visit {
  readonly type: WireType;
  readonly parts: readonly WireType[];
  next: number;
}

/** Returns all types that can be reached, parts before wholes as far as recursion allows. */
export function partsFirst(
  types: Iterable<WireType>,
  partsOf: (type: WireType) => readonly WireType[] = parts,
): WireType[] {
  const entered = new Set<WireType>();
  const ordered: WireType[] = [];
  for (const root of types) {
    if (entered.has(root)) continue;
    entered.add(root);
    const stack: Visit[] = [{ type: root, parts: partsOf(root), next: 0 }];
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const part = visit.parts[visit.next++];
      if (part === undefined) {
        ordered.push(visit.type);
        stack.pop();
      } else if (!entered.has(part)) {
        entered.add(part);
        stack.push({ type: part, parts: partsOf(part), next: 0 });
      }
    }
  }
  return ordered;
}

/**
 * Returns a function that tells whether two types contain each other, or one type itself, through the parts
 * that `partsOf` gives. (Tarjan's strongly connected components, in one walk over all types.)
 */
export function cycles(
  types: Iterable<WireType>,
  partsOf: (type: WireType) => readonly WireType[],
): (a: WireType, b: WireType) => boolean {
  const order = new Map<WireType, number>();
  const lowest = new Map<WireType, number>();
  const component = new Map<WireType, number>();
  const selfContained = new Set<WireType>();
  const open: WireType[] = [];
  let components = 0;

  const enter = (type: WireType): Visit => {
    order.set(type, order.size);
    lowest.set(type, order.size - 1);
    open.push(type);
    return { type, parts: partsOf(type), next: 0 };
  };
  const lower = (type: WireType, to: number): void => {
    if (to < lowest.get(type)!) lowest.set(type, to);
  };
  const leave = (type: WireType): void => {
    if (lowest.get(type) !== order.get(type)) return;
    let member = open.pop()!;
    const isSingle = member === type;
    for (;;) {
      component.set(member, components);
      if (!isSingle) selfContained.add(member);
      if (member === type) break;
      member = open.pop()!;
    }
    components++;
  };

  for (const root of types) {
    if (order.has(root)) continue;
    const stack = [enter(root)];
    for (let visit = stack.at(-1); visit !== undefined; visit = stack.at(-1)) {
      const { type } = visit;
      const part = visit.parts[visit.next++];
      if (part === undefined) {
        stack.pop();
        leave(type);
        const outer = stack.at(-1)?.type;
        if (outer !== undefined) lower(outer, lowest.get(type)!);
      } else if (!order.has(part)) {
        stack.push(enter(part));
      } else {
        if (part === type) selfContained.add(type);
        if (!component.has(part)) lower(type, order.get(part)!);
      }
    }
  }
  return (a, b) => selfContained.has(a) && component.get(a) === component.get(b);
}
