/**
 * Trouble that a person has to mend, told in one sentence that names the mend. Whoever starts the gateway prints the
 * sentence alone: the stack of a folder that cannot be written helps nobody.
 */
export function refusal(sentence: string, cause?: unknown): Error {
  return Object.assign(new Error(sentence, { cause }), { name: "StartRefusal" });
}

/** The system's own short word for what went wrong: "EACCES", "ENOSPC", … */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
