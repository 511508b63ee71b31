// The one way to the farm: a question, and its answer read whole before anything of it is believed.
import type { z } from "zod";
import { bad, good } from "../provider.ts";
import type { Answer, Call, Trouble } from "../provider.ts";
import { outage, readJson, troubleOf, unreadable } from "../reading.ts";
import type { Whose } from "../reading.ts";
import { ASIDE, CODES } from "./codes.ts";
import { Fault } from "./wire.ts";

export interface Settings {
  /** Where the farm is mounted, e.g. http://127.0.0.1:4400/farm */
  baseUrl: string;
  key: string;
}

export interface Question<Shape extends z.ZodType> {
  /** The method and the path, as the farm's list of counters has them. */
  to: `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`;
  query?: Record<string, string>;
  grant?: string;
  body?: unknown;
  shape: Shape;
  /** Whose trouble an error answer is. */
  whose?: Whose;
}

/** The answer's own id, by which the farm's people find it. */
interface Traced {
  requestId?: string;
}
type Facts<Shape extends z.ZodType> = z.infer<Shape> & Traced;

export async function ask<Shape extends z.ZodType>(
  call: Call,
  { baseUrl, key }: Settings,
  { to, query, grant, body, shape, whose }: Question<Shape>,
): Promise<Answer<Facts<Shape>>> {
  const [method = "GET", path = "/"] = to.split(" ");
  const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
  const response = await call.fetch(`${baseUrl}${path}${search}`, {
    method,
    headers: {
      "x-farm-key": key,
      ...(grant === undefined ? {} : { "x-grant": grant }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const read = await readJson(response);
  if (!read.ok) return bad(read.trouble);
  const fault = Fault.safeParse(read.json);
  const requestId = response.headers.get("x-request-id") ?? undefined;
  if (fault.success) return bad(faultOf(fault.data.fault, { httpStatus: read.status, requestId }, whose));
  if (read.status >= 500) return bad(outage(`HTTP_${read.status}`, { httpStatus: read.status }));
  const reply = shape.safeParse((read.json as { reply?: unknown } | null)?.reply);
  if (response.ok && reply.success)
    return good({ ...(reply.data as object), ...(requestId !== undefined && { requestId }) } as Facts<Shape>);
  return bad(unreadable(`${to} was answered in a shape that the farm never promised`, read.status));
}

function faultOf(
  fault: z.infer<typeof Fault>["fault"],
  { httpStatus, requestId }: { httpStatus: number; requestId: string | undefined },
  whose: Whose = {},
): Trouble {
  const raw = { message: fault.words, httpStatus, ...(requestId !== undefined && { requestId }) };
  const notBefore = fault.again === undefined ? {} : { notBefore: fault.again * 1000 };
  const trouble = troubleOf(fault.code, CODES, raw, { ...whose, ...notBefore });
  return { ...trouble, ...ASIDE[fault.code] };
}
