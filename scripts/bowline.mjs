#!/usr/bin/env node
// `bowline COMMAND`, wherever it is typed: what `npm start` does, with a command.

process.argv.splice(2, 0, "src/main.ts");
await import("./run.mjs");
