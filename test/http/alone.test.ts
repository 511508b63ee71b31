import assert from "node:assert/strict";
import { test } from "node:test";
import { isAlone } from "../../src/listen.ts";

const DESK = { BOWLINE_HOST: "127.0.0.1", BOWLINE_PUBLIC_URL: null, BOWLINE_PROXIES: 0 };

test("Only where no setting knows of anybody else does the gateway take who asks for this machine's own", () => {
  for (const [settings, expected] of [
    [{}, true],
    [{ BOWLINE_HOST: "localhost" }, true],
    [{ BOWLINE_PUBLIC_URL: "http://127.0.0.1:4400" }, true],
    [{ BOWLINE_PUBLIC_URL: "http://[::1]:4400" }, true],
    [{ BOWLINE_HOST: "0.0.0.0" }, false],
    [{ BOWLINE_HOST: "127.0.0.1.example.com" }, false],
    [{ BOWLINE_PUBLIC_URL: "https://gateway.example.com" }, false],
    [{ BOWLINE_PUBLIC_URL: "https://localhost.example.com" }, false],
    [{ BOWLINE_PROXIES: 1 }, false],
  ] as const)
    assert.equal(isAlone({ ...DESK, ...settings }), expected, JSON.stringify(settings));
});
