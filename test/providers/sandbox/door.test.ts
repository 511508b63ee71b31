import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { ask } from "../../../src/providers/sandbox/client.ts";
import { PASSWORD } from "../../../src/providers/sandbox/farm/banks.ts";
import { Opened, PostKey } from "../../../src/providers/sandbox/wire.ts";
import { mount, sure } from "./mount.ts";

const house = async () => {
  const mounted = await mount();
  const { call, settings, provider, start } = mounted;
  const open = (returnUrl: string) =>
    provider.startLink.run(call, { ...start, institutionRef: "bank-own-page", returnUrl });
  const post = (fields: Record<string, string>) =>
    call.fetch(`${settings.baseUrl}/door`, { method: "POST", body: new URLSearchParams(fields).toString() });
  return { ...mounted, open, post };
};

test("A form's list of accounts is anybody's word, and is drawn again without breaking the page", async () => {
  const { call, settings, open, post, close } = await house();
  try {
    const { state: sitting } = sure(await open("https://shop.example/back"));
    const to = "POST /sittings/login" as const;
    const body = { sitting, user: "mira", password: PASSWORD };
    const next = sure(await ask(call, settings, { to, body, shape: Opened }));
    for (const all of ["{", "", "null", "7", '"x"', "{}", "[null]", "[[]]", '[{"no":1}]', '[]},{"all":']) {
      const page = await post({ sitting: next.sitting, all, account: "no such account" });
      assert.equal(page.status, 422, `all=${all}`);
      assert.match(await page.text(), /choose at least one of those listed/);
    }
    const page = await post({ sitting: next.sitting, all: '[{"no":"a1","title":"Savings"}]' });
    assert.match(await page.text(), /value="a1"[^>]*> Savings/);
  } finally {
    await close();
  }
});

test("An address that is none is nowhere to go back to", async () => {
  const { open, close } = await house();
  try {
    for (const returnUrl of ["http://", "https://[", "javascript:1"]) {
      assert.equal(sure(await open(returnUrl)).page["url"], undefined, returnUrl);
    }
    assert.notEqual(sure(await open("https://shop.example/back")).page["url"], undefined);
  } finally {
    await close();
  }
});

test("A key of the post that opens as none, or holds for ever, is no key", () => {
  const key = generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const told = { key, until: 2_000_000_000 };
  assert.ok(PostKey.safeParse(told).success);
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
  const other = rsa.export({ format: "der", type: "spki" }).toString("base64");
  const keys = ["", "garbage", "A".repeat(64), other].map((spoilt) => ({ key: spoilt }));
  for (const spoilt of [...keys, { until: 1e300 }, { until: -1 }])
    assert.equal(PostKey.safeParse({ ...told, ...spoilt }).success, false, JSON.stringify(spoilt));
});
