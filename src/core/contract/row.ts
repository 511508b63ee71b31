/**
 * The published API that this one is compatible with, as a table: what of it is here as it is there, what is here with
 * more, what differs and why, and what is not here. `docs/compatibility.md` is printed from it, and a test asks a
 * running gateway for every row that says that it is there.
 */

/**
 * same; extended: the same, with more beside it; different: there, in another way; ignored: it may be sent, and nothing
 * comes of it; absent: not there, and who asks for it is told so.
 */
export const VERDICTS = ["same", "extended", "different", "ignored", "absent"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A row that is not the same says why. */
export type Row = readonly [name: string, is: "same"] | readonly [name: string, is: Verdict, why: string];

export const same = (...names: readonly string[]): Row[] => names.map((name) => [name, "same"] as const);

export const isThere = ([, is]: Row): boolean => is !== "absent";
