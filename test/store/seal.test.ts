import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { keyFile, readOrMakeRing } from "../../src/store/key-file.ts";
import { open, readRing, seal, SealBroken, sealedBy } from "../../src/store/seal.ts";

const door = { random: (bytes: number) => randomBytes(bytes) };
const key = (name: string) => `${name}:${randomBytes(32).toString("base64")}`;
const [old, fresh] = [key("old"), key("fresh")];

test("what is sealed opens, for its own row alone", () => {
  const ring = readRing(old);
  const sealed = seal(ring, door, "a secret", "pvc_1");
  assert.equal(open(ring, sealed, "pvc_1"), "a secret");
  assert.throws(() => open(ring, sealed, "pvc_2"), SealBroken);
  assert.ok(!sealed.includes("a secret"));
  assert.notDeepEqual(seal(ring, door, "a secret", "pvc_1"), sealed, "no two are alike");
});

test("any key of the ring opens, the newest seals", () => {
  const sealed = seal(readRing(old), door, "a secret", "row");
  const rotated = readRing(`${fresh},${old}`);
  assert.equal(open(rotated, sealed, "row"), "a secret");
  assert.equal(sealedBy(seal(rotated, door, "x", "row")), "fresh");
  assert.throws(() => open(readRing(fresh), sealed, "row"), /no key "old" in the ring/);
});

test("a changed byte anywhere does not open", () => {
  const ring = readRing(old);
  const sealed = seal(ring, door, "a secret", "row");
  for (const at of sealed.keys()) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => open(ring, changed, "row"), `byte ${at}`);
  }
});

test("a ring that can't be read names the key", () => {
  assert.throws(() => readRing("main"), /key "main" must be/);
  assert.throws(() => readRing("main:YWJj"), /key "main" must be 32 bytes in base64, and has 3/);
  assert.throws(() => readRing(`${old},${old}`), /two keys of the ring have the same name/);
  assert.throws(() => readRing(""), /must be written name:base64/);
});

test("the key file is made once, for its owner alone", () => {
  const folder = mkdtempSync(join(tmpdir(), "keys-"));
  try {
    const first = readOrMakeRing(folder, door);
    assert.deepEqual(readOrMakeRing(folder, door), first);
    assert.equal(statSync(keyFile(folder)).mode & 0o777, 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
