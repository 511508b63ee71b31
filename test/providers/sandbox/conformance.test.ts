import assert from "node:assert/strict";
import { test } from "node:test";
import { conformance } from "../../../src/providers/conformance.ts";
import { login } from "../../../src/providers/sandbox/control.ts";
import { sandbox } from "../../../src/providers/sandbox/sandbox.ts";
import { KEY, mount, sure } from "./mount.ts";

async function subject(institutionRef: string) {
  const { call, provider, settings, start, hook, close } = await mount();
  return {
    provider,
    call,
    start: { ...start, institutionRef },
    attend: async (session: { page: Record<string, string> }) =>
      sure(await login(call, settings, session, { username: "mira" })),
    withWrongKeys: sandbox({ ...settings, key: "another" }),
    error: (code: string) => Response.json({ fault: { code, words: "?" } }, { status: 500 }),
    secrets: [KEY],
    hook,
    close,
  };
}

// Two lands, and the ways in and through the books that an ordinary house does not have.
const houses = [
  "copper-mesa",
  "thistle-moor",
  "mfa",
  "choose-accounts",
  "shifting-pages",
  "consent-90-days",
  "relinks",
];
for (const house of houses) conformance(house, () => subject(`bank-${house}`), { test, assert });
