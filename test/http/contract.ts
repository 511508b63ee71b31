// Holds every answer against the OpenAPI document that the same gateway serves: path, status, content type, shape.
import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from "fastify";

import { heard, showed } from "../canary.ts";

type Json = Record<string, unknown>;

interface Answer {
  method: string;
  /** With or without a query. */
  path: string;
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

export interface Contract {
  check(answer: Answer): void;
  /** Operations that were answered at least once, as "GET /path". */
  seen: ReadonlySet<string>;
}

/** Paths that are no part of the API and have a protocol of their own. */
const APART = /^\/(farm|dashboard)(\/|$)/;

export function contractOf(document: Json): Contract {
  // `format` is for readers; what must hold of dates and times is checked by name in the tests.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema(document, "openapi");
  const paths = Object.entries(document["paths"] as Record<string, Json>).map(([template, operations]) => ({
    template,
    operations,
    // A written-out path wins over one with a parameter at the same place.
    parameters: template.split("{").length,
    matches: new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  }));
  paths.sort((a, b) => a.parameters - b.parameters);
  const seen = new Set<string>();

  return {
    seen,
    check({ method, path: address, status, headers, body }) {
      const [path = ""] = address.split("?");
      if (APART.test(path)) return;
      const where = `${method} ${path} → ${status}`;
      assert.match(String(headers["x-request-id"]), /^[0-9a-f]{32}$/, `${where} has no request id`);
      const found = paths.find(({ matches, operations }) => matches.test(path) && operations[method.toLowerCase()]);
      if (!found) {
        assert.ok([400, 404, 405].includes(status), `${where}: the document has no such operation`);
        return valid(ajv, "#/components/schemas/Error", body, where);
      }
      seen.add(`${method} ${found.template}`);
      const operation = found.operations[method.toLowerCase()] as { responses: Record<string, Json> };
      const described = operation.responses[status] as { content?: Record<string, { schema: Json }> } | undefined;
      assert.ok(described, `${where}: the document does not say that this operation answers ${status}: ${body}`);
      const [type = ""] = String(headers["content-type"]).split(";");
      if (type === "text/plain") return;
      assert.equal(type, "application/json", `${where}: content type`);
      assert.ok(described.content?.[type], `${where}: the document names no ${type}`);
      const pointer = [
        "paths",
        found.template,
        method.toLowerCase(),
        "responses",
        String(status),
        "content",
        type,
        "schema",
      ];
      return valid(ajv, `#/${pointer.map(escaped).join("/")}`, body, where);
    },
  };
}

const escaped = (part: string) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

function valid(ajv: Ajv2020, pointer: string, body: string, where: string): void {
  const validate = ajv.getSchema(`openapi${pointer}`);
  assert.ok(validate, `${where}: no schema at ${pointer}`);
  const ok = validate(JSON.parse(body));
  assert.ok(ok, `${where}: ${ajv.errorsText(validate.errors)}\n${body}`);
}

export interface Checked {
  inject(request: InjectOptions): Promise<LightMyRequestResponse>;
  seen: ReadonlySet<string>;
}

/** The app, each of whose answers is held against its own document. */
export function checked(app: FastifyInstance): Checked {
  const contract = contractOf(app.swagger() as unknown as Json);
  return {
    seen: contract.seen,
    async inject(request) {
      const answer = await app.inject(request);
      // What was refused opened nothing: it may be a state, or what a test made up.
      const shown = answer.statusCode === 401 ? {} : (request.headers ?? {});
      for (const [name, value] of Object.entries(shown)) showed(name.toLowerCase(), String(value));
      const { url = "" } = request;
      if (typeof url === "string") heard(url, answer.statusCode, answer.body);
      contract.check({
        method: request.method ?? "GET",
        path: typeof request.url === "string" ? request.url : (request.url?.pathname ?? ""),
        status: answer.statusCode,
        headers: answer.headers,
        body: answer.body,
      });
      return answer;
    },
  };
}
