/** The frame: all operations with a filter on one side, one of them or the first page on the other. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type ApiDocument, matches, type Operation, operationsOf } from "./document.ts";
import { Method, OperationPage, Paste } from "./operation-page.tsx";
import { Words } from "./words.tsx";

type Loaded = { document: ApiDocument } | { problem: string } | null;

const chosen = (): string => decodeURIComponent(location.hash.slice(1));

export function App() {
  const [loaded, load] = useState<Loaded>(null);
  const [id, choose] = useState(chosen);
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    read().then(
      (document) => load({ document }),
      (error: unknown) => load({ problem: error instanceof Error ? error.message : String(error) }),
    );
    const go = (): void => {
      choose(chosen());
      scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    };
    addEventListener("hashchange", go);
    return () => removeEventListener("hashchange", go);
  }, []);

  const operations = useMemo(() => (loaded && "document" in loaded ? operationsOf(loaded.document) : []), [loaded]);
  const operation = operations.find(({ operationId }) => operationId === id);

  useEffect(() => {
    document.title = operation ? `${operation.summary} · Bowline API` : "Bowline: API reference";
  }, [operation]);

  const skip = (event: MouseEvent): void => {
    event.preventDefault();
    main.current?.focus({ preventScroll: true });
  };

  return (
    <>
      <header>
        <a class="skip" href="#main" onClick={skip}>
          Skip to the text
        </a>
        <a class="brand" href="#">
          Bowline API
        </a>
        <a href="/openapi.json">OpenAPI document</a>
      </header>
      <div class={operation ? "frame one" : "frame"}>
        {loaded && "document" in loaded && <List operations={operations} tags={loaded.document.tags} chosen={id} />}
        <main id="main" ref={main} tabIndex={-1}>
          {loaded === null && <p role="status">Reading the document …</p>}
          {loaded && "problem" in loaded && <p role="alert">The document could not be read: {loaded.problem}.</p>}
          {loaded && "document" in loaded && operation && (
            <OperationPage key={operation.operationId} operation={operation} document={loaded.document} />
          )}
          {loaded && "document" in loaded && !operation && <First document={loaded.document} unknown={id} />}
        </main>
      </div>
    </>
  );
}

async function read(): Promise<ApiDocument> {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new Error(`the gateway answered ${answer.status}; load the page again`);
  return (await answer.json()) as ApiDocument;
}

interface ListProps {
  operations: Operation[];
  tags: ApiDocument["tags"];
  chosen: string;
}

function List({ operations, tags, chosen }: ListProps) {
  const [typed, type] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const found = operations.filter((one) => matches(one, typed));
  const best = found.find(({ summary }) => summary.toLowerCase().includes(typed.toLowerCase())) ?? found[0];

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || document.activeElement === input.current) return;
      event.preventDefault();
      input.current?.focus();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);

  return (
    <nav aria-label="Operations">
      <label for="filter">Find an operation</label>
      <input
        id="filter"
        ref={input}
        type="search"
        autocomplete="off"
        placeholder="a path, a field, a word (press /)"
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && best) location.hash = best.operationId;
          if (event.key === "Escape") type("");
        }}
      />
      <p class="kind" role="status">
        {found.length} of {operations.length} operations
        {found.length === 0 && ": try a shorter word, or a part of a path"}
      </p>
      {tags.map(({ name, description }) => {
        const of = found.filter(({ tag }) => tag === name);
        if (of.length === 0) return null;
        return (
          <section key={name} aria-label={name}>
            <h2>{name}</h2>
            <p class="kind">{description}</p>
            <ul>
              {of.map(({ operationId, method, path, summary }) => (
                <li key={operationId}>
                  <a href={`#${operationId}`} aria-current={operationId === chosen ? "page" : undefined}>
                    <span class="summary">{summary}</span>
                    <span class="where">
                      <Method method={method} /> {path}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

function First({ document, unknown }: { document: ApiDocument; unknown: string }) {
  const { description, version } = document.info;
  return (
    <article>
      <h1>API reference</h1>
      {unknown !== "" && <p role="alert">There is no operation “{unknown}” here.</p>}
      <p class="kind">Version {version}, as this gateway serves it.</p>
      <Words text={description} />
      <h2>Before you call</h2>
      <p>Every call on these pages can be pasted into a terminal that knows the gateway and a key:</p>
      <Paste text={`U=${location.origin}\nK=your-api-key`} name="the two settings" />
      <p>
        Calls of the connect page ask for a connect token instead, <code>T</code>: what <code>connectToken</code> is in
        the answer of <a href="#startConnection">Start a link</a>.
      </p>
    </article>
  );
}
