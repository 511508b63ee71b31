/**
 * The log: one JSON line a fact, secrets masked. Masking goes by name and by shape, at any depth, because what is
 * logged one day is not what was thought of here.
 */
import { type LoggerOptions, pino } from "pino";

const MASK = "[masked]";
const DEPTH = 8;

/** Fields whose value is never shown, whatever they hold. */
const SECRET =
  /^(authorization|cookie|set-cookie|.*token|.*secret|.*password|credential|proof|(?:.*-)?key|apikey|state|page)$/i;
const SHAPES: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[^\s"',]+/gi, `$1 ${MASK}`],
  [/((?:connect_?token|access_?token|public_?token|token|key|secret|password)=)[^&\s"'#]+/gi, `$1${MASK}`],
  // A connect token, wherever it turns up: a session's id, a point, a signature.
  [/\bses_[1-9A-HJ-NP-Za-km-z]{22}\.[A-Za-z0-9_-]+/g, MASK],
];

export const maskedText = (text: string): string =>
  SHAPES.reduce((masked, [shape, by]) => masked.replace(shape, by), text);

export function masked(value: unknown, depth = DEPTH): unknown {
  if (typeof value === "string") return maskedText(value);
  if (value === null || typeof value !== "object") return value;
  if (depth === 0) return "[deep]";
  if (Array.isArray(value)) return value.map((one) => masked(one, depth - 1));
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (value instanceof Error) return maskedError(value, depth);
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecret(name, inner) ? MASK : masked(inner, depth - 1)]),
  );
}

/** A table's state is a word with a meaning; a session's is sealed. Only the former is shown. */
const isSecret = (name: string, value: unknown) =>
  SECRET.test(name) && !(name === "state" && typeof value === "string" && /^[A-Z_]+(\/[A-Z_]+)?$/.test(value));

function maskedError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: maskedText(error.message),
    ...(typeof code === "string" && { code }),
    ...(error.stack !== undefined && { stack: maskedText(error.stack) }),
    ...(error.cause !== undefined && { cause: masked(error.cause, depth - 1) }),
  };
}

export const logOptions = (level: string): LoggerOptions => ({
  level,
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label) => ({ level: label }), log: (facts) => masked(facts) as Record<string, unknown> },
});
