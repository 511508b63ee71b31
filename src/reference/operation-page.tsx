/** One operation: what it does, what it takes, what it answers, and a call to paste. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { type Answer, type ApiDocument, bodyOf, type Operation, type Parameter } from "./document.ts";
import { curlOf, exampleOf, variableOf } from "./example.ts";
import { Fields, kindOf, Limits } from "./fields.tsx";
import { Line, Words } from "./words.tsx";

interface Shown {
  operation: Operation;
  document: ApiDocument;
}

const ASKS: Record<string, string> = {
  apiKey: "Asks for an API key.",
  connectToken: "Asks for the connect token of a session, as the connect page has it.",
};

export function OperationPage({ operation, document }: Shown) {
  const { method, path, summary, description, parameters = [], security = [], responses } = operation;
  const body = bodyOf(operation);
  const good = Object.entries(responses).filter(([status]) => Number(status) < 400);
  const errors = Object.entries(responses).filter(([status]) => Number(status) >= 400);
  const variables = parameters.filter((one) => one.in === "path");
  return (
    <article>
      <h1>{summary}</h1>
      <p class="path">
        <Method method={method} /> <code>{path}</code>
      </p>
      {description !== undefined && <Words text={description} />}
      <p class="kind">{ASKS[Object.keys(security[0] ?? {})[0] ?? ""] ?? "Asks for no key."}</p>

      <h2>Call it</h2>
      <Paste text={curlOf(operation, document)} name="the call" />
      {variables.length > 0 && (
        <p class="kind">
          {variables.map(({ name }) => `$${variableOf(name)}`).join(" and ")} you have from an answer before; U and K
          are set on the <a href="#">first page</a>.
        </p>
      )}

      {parameters.length > 0 && (
        <Part title="Parameters">
          <dl class="fields">
            {parameters.map((one) => (
              <OneParameter key={one.name} parameter={one} document={document} />
            ))}
          </dl>
        </Part>
      )}
      {body && (
        <Part title="Body">
          {operation.requestBody?.required === false && <p class="kind">May be left out.</p>}
          <Fields schema={body} document={document} sent />
          <Example value={exampleOf(body, document)} title="A body" />
        </Part>
      )}
      <Part title="Answers">
        {good.length === 0 && <p>Nothing but a status.</p>}
        {good.map(([status, answer]) => (
          <GoodAnswer key={status} status={status} answer={answer} document={document} />
        ))}
      </Part>
      <Part title="Errors">
        <dl class="fields">
          {errors.flatMap(([status, { description: told }]) =>
            told.split("\n\n").map((line) => (
              <div key={line}>
                <dt>
                  <span class="status">{status}</span> <code>{/^`(\w+)`/.exec(line)?.[1]}</code>
                </dt>
                <dd>
                  <Line text={line.replace(/^`\w+`: /, "")} />
                </dd>
              </div>
            )),
          )}
        </dl>
        <Example value={errorOf(errors, document)} title="An error" />
      </Part>
    </article>
  );
}

export const Method = ({ method }: { method: string }) => (
  <span class={`method ${method.toLowerCase()}`}>{method}</span>
);

const Part = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <section>
    <h2>{title}</h2>
    {children}
  </section>
);

function OneParameter({ parameter, document }: { parameter: Parameter; document: ApiDocument }) {
  const { name, required, description, schema, example } = parameter;
  const shown = example ?? schema.examples?.[0];
  return (
    <div>
      <dt>
        <code>{name}</code>{" "}
        <span class="kind">
          {kindOf(schema, document)}, in the {parameter.in}
        </span>
        {required && <span class="needed"> required</span>}
      </dt>
      <dd>
        {description !== undefined && <Words text={description} />}
        <Limits schema={schema} document={document} />
        {shown !== undefined && (
          <p class="kind">
            such as <code>{JSON.stringify(shown)}</code>
          </p>
        )}
      </dd>
    </div>
  );
}

function GoodAnswer({ status, answer, document }: { status: string; answer: Answer; document: ApiDocument }) {
  const [type, content] = Object.entries(answer.content ?? {})[0] ?? [];
  return (
    <>
      <h3>
        <span class="status">{status}</span> {type ?? "without a body"}
      </h3>
      {content && type === "application/json" && (
        <>
          <Fields schema={content.schema} document={document} />
          <Example value={exampleOf(content.schema, document)} title={`An answer ${status}`} />
        </>
      )}
    </>
  );
}

/** The first that is of this operation's own. */
function errorOf(errors: [status: string, answer: Answer][], document: ApiDocument): unknown {
  const [, answer] = errors.find(([status]) => status !== "401" && status !== "400") ?? errors[0] ?? [];
  const [, code, message] = /^`(\w+)`: ([^\n]*)/.exec(answer?.description ?? "") ?? [];
  const shape = exampleOf({ $ref: "#/components/schemas/Error" }, document) as Record<string, unknown>;
  return { ...shape, code, message };
}

function Example({ value, title }: { value: unknown; title: string }) {
  return (
    <details class="example">
      <summary>{title}</summary>
      <Paste text={JSON.stringify(value, null, 2)} name={title} />
    </details>
  );
}

/** A pane of its own width may be scrolled, so the keyboard has to reach it. */
export function Paste({ text, name }: { text: string; name: string }) {
  const [done, set] = useState<string | null>(null);
  const copy = (): void => {
    void navigator.clipboard?.writeText(text).then(
      () => set(text),
      () => set(null),
    );
  };
  return (
    <div class="paste">
      <pre tabIndex={0} role="region" aria-label={name}>
        {text}
      </pre>
      <button type="button" onClick={copy}>
        Copy<span class="hidden"> {name}</span>
      </button>
      <span class="hidden" role="status">
        {done === text ? "Copied." : ""}
      </span>
    </div>
  );
}
