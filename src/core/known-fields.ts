/**
 * What a schema says may stand in a body, field by field. It is what the activity log may show of one: a field that no
 * schema names is nobody's word that it is harmless.
 */
import { z } from "zod";

export interface Known {
  /** Words and numbers may stand here. */
  isLeaf: boolean;
  /** Of a list's entries. */
  entry: Known | null;
  fields: ReadonlyMap<string, Known>;
}

export const NOTHING: Known = { isLeaf: false, entry: null, fields: new Map() };
const LEAF: Known = { ...NOTHING, isLeaf: true };

const LEAVES = new Set(["string", "number", "int", "boolean", "bigint", "enum", "literal", "null", "template_literal"]);

const found = new WeakMap<z.core.$ZodType, Known>();

export function knownIn(schema: z.core.$ZodType): Known {
  const before = found.get(schema);
  if (before) return before;
  const known = look(schema);
  found.set(schema, known);
  return known;
}

/** The parts of the library's own definitions that lead further in. */
interface Definition {
  type: string;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  innerType?: z.core.$ZodType;
  options?: readonly z.core.$ZodType[];
  in?: z.core.$ZodType;
  out?: z.core.$ZodType;
  left?: z.core.$ZodType;
  right?: z.core.$ZodType;
}

/** A record, and whatever else names no fields, is known to hold nothing. */
function look(schema: z.core.$ZodType): Known {
  const {
    type,
    shape,
    element,
    innerType,
    options = [],
    in: from,
    out,
    left,
    right,
    // oxlint-disable-next-line no-underscore-dangle -- the library's own door for tools that read schemas
  } = schema._zod.def as unknown as Definition;
  if (LEAVES.has(type)) return LEAF;
  if (shape) {
    const fields = Object.entries(shape).map(([name, inner]) => [name, knownIn(inner)] as const);
    return { ...NOTHING, fields: new Map(fields) };
  }
  if (element) return { ...NOTHING, entry: knownIn(element) };
  const inside = [innerType, ...options, from, out, left, right].flatMap((one) => (one ? [knownIn(one)] : []));
  return inside.reduce(both, NOTHING);
}

function both(a: Known, b: Known): Known {
  const names = new Set([...a.fields.keys(), ...b.fields.keys()]);
  return {
    isLeaf: a.isLeaf || b.isLeaf,
    entry: a.entry && b.entry ? both(a.entry, b.entry) : (a.entry ?? b.entry),
    fields: new Map(
      [...names].map((name) => [name, both(a.fields.get(name) ?? NOTHING, b.fields.get(name) ?? NOTHING)]),
    ),
  };
}

export const isSchema = (value: unknown): value is z.core.$ZodType => value instanceof z.core.$ZodType;
