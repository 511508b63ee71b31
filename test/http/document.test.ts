// The OpenAPI document by itself: valid, complete, and what is printed is what is served.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { print } from "../../scripts/print/openapi.ts";
import { STATES } from "../../src/core/status/table.ts";

interface Operation {
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  responses: Record<string, unknown>;
}

const text = await print();
const document = JSON.parse(text) as {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { enum?: string[] }> };
};
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test("It is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(text) as Record<string, unknown>);
  assert.ok(valid, JSON.stringify(errors));
  assert.equal(document.openapi, "3.1.0");
});

test("Every operation has a name of its own, a sentence, a known tag, who may ask, and its failures", () => {
  assert.ok(operations.length > 40);
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
  const tags = new Set(document.tags.map(({ name }) => name));
  for (const { operationId, summary, tags: own, security, responses } of operations) {
    assert.ok(summary.length > 0 && own.every((tag) => tags.has(tag)), operationId);
    assert.ok(Array.isArray(security), operationId);
    assert.ok(responses["500"] && responses["503"], operationId);
    assert.ok(security.length === 0 || responses["401"], operationId);
  }
});

test("The states are the table's", () => {
  assert.deepEqual(document.components.schemas["ConnectionState"]?.enum, [...STATES]);
});

test("The printed page is what is served", () => {
  assert.equal(readFileSync(new URL("../../docs/openapi.json", import.meta.url), "utf8"), text);
});
