/** How far it is, drawn over itself on standard error. */
const WIDTH = 32;

export function bar(done: number, all: number): string {
  const full = all === 0 ? WIDTH : Math.round((WIDTH * done) / all);
  return `[${"█".repeat(full)}${"·".repeat(WIDTH - full)}]`;
}
