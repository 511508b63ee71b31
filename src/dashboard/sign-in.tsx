/** Asks for an API key once. It is exchanged for a cookie that no script can read, and forgotten here. */
import { useState } from "preact/hooks";
import { ask } from "./api.ts";

export function SignIn({ done }: { done: () => void }) {
  const [problem, set] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const key = new FormData(form).get("key");
    if (typeof key !== "string" || key.trim() === "") return set("Type an API key.");
    setBusy(true);
    try {
      await ask("POST", "/dashboard/session", { key: key.trim() });
      form.reset();
      done();
    } catch {
      set("This is no API key of this gateway. It was shown when it was made, at the first start.");
    }
    setBusy(false);
  }

  return (
    <main class="alone">
      <h1>Bowline</h1>
      <p>The operator’s pages ask for an API key here.</p>
      <form onSubmit={(event) => void submit(event)}>
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          aria-invalid={problem !== null}
          aria-describedby="key-problem"
        />
        <p id="key-problem" class="problem" role="alert">
          {problem}
        </p>
        <button type="submit" class="main" disabled={busy}>
          Sign in
        </button>
      </form>
    </main>
  );
}
