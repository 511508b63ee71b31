/** The fields of a schema: name, kind, what it is, and how it may look. */
import { alternatives, type ApiDocument, followed, type Schema } from "./document.ts";
import { Words } from "./words.tsx";

interface FieldsProps {
  schema: Schema;
  document: ApiDocument;
  /** In what is sent, what may be left out is said; in an answer, what may be missing. */
  sent?: boolean;
  depth?: number;
}

const DEEP = 6;

/** Those of an object, or of the objects in a list; nothing where the schema is neither. */
export function Fields({ schema, document, sent = false, depth = 0 }: FieldsProps) {
  const objects = objectsIn(schema, document);
  if (depth > DEEP) return null;
  return (
    <>
      {objects.map((one, index) => (
        <dl class="fields" key={index}>
          {Object.entries(one.properties ?? {}).map(([name, field]) => (
            <Field
              key={name}
              name={name}
              schema={field}
              document={document}
              sent={sent}
              depth={depth}
              needed={(one.required ?? []).includes(name)}
            />
          ))}
        </dl>
      ))}
    </>
  );
}

interface FieldProps extends Required<FieldsProps> {
  name: string;
  needed: boolean;
}

function Field({ name, schema, document, needed, sent, depth }: FieldProps) {
  const whole = followed(schema, document);
  const said =
    whole.description ??
    alternatives(whole)
      .ways.map((way) => followed(way, document).description)
      .find(Boolean);
  const below = objectsIn(whole, document).some(({ properties }) => Object.keys(properties ?? {}).length > 0);
  return (
    <div>
      <dt>
        <code>{name}</code> <span class="kind">{kindOf(whole, document)}</span>
        {sent && needed && <span class="needed"> required</span>}
        {!sent && !needed && <span class="kind"> may be absent</span>}
      </dt>
      <dd>
        {said !== undefined && <Words text={said} />}
        <Limits schema={whole} document={document} />
        {below && (
          <details>
            <summary>
              Fields of <code>{name}</code>
            </summary>
            <Fields schema={whole} document={document} sent={sent} depth={depth + 1} />
          </details>
        )}
      </dd>
    </div>
  );
}

function objectsIn(schema: Schema, document: ApiDocument): Schema[] {
  return alternatives(followed(schema, document)).ways.flatMap((way) => {
    const one = followed(way, document);
    if (one.items) return objectsIn(one.items, document);
    if (one.anyOf ?? one.oneOf) return objectsIn(one, document);
    return one.properties ? [one] : [];
  });
}

export function kindOf(schema: Schema, document: ApiDocument): string {
  const { ways, orNull } = alternatives(followed(schema, document));
  const kinds = ways.map((way) => {
    const one = followed(way, document);
    if (one.anyOf ?? one.oneOf) return kindOf(one, document);
    const type = [one.type].flat().find((each) => each !== "null") ?? (one.enum ? "string" : "anything");
    if (type === "array") return `list of ${one.items ? kindOf(one.items, document) : "anything"}`;
    return one.format === undefined ? type : `${type}, ${one.format}`;
  });
  return `${[...new Set(kinds)].join(" or ")}${orNull ? " or null" : ""}`;
}

export function Limits({ schema, document }: { schema: Schema; document: ApiDocument }) {
  const one = followed(alternatives(schema).ways[0] ?? {}, document);
  const of = one.items ? followed(one.items, document) : one;
  const limits = [
    spanOf(one.minLength, one.maxLength, "characters"),
    spanOf(one.minItems, one.maxItems, "entries"),
    spanOf(one.minimum, one.maximum, ""),
  ].filter((limit) => limit !== "");
  return (
    <>
      {limits.length > 0 && <p class="kind">{limits.join(" · ")}</p>}
      {of.enum && (
        <p class="values">
          {of.enum.map((value) => (
            <code key={String(value)}>{String(value)}</code>
          ))}
        </p>
      )}
    </>
  );
}

/** No limit at all: nothing. */
function spanOf(least: number | undefined, most: number | undefined, of: string): string {
  const told = most === undefined || most >= Number.MAX_SAFE_INTEGER ? null : most;
  if (least === undefined || least <= -Number.MAX_SAFE_INTEGER) return told === null ? "" : `at most ${told} ${of}`;
  if (told === null) return least === 0 ? "" : `at least ${least} ${of}`;
  return `${least} to ${told} ${of}`;
}
