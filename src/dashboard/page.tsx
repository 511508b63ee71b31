/** The operator's pages begin here. */
import { render } from "preact";

const root = document.getElementById("root");
if (root)
  render(
    <main>
      <h1>Bowline</h1>
    </main>,
    root,
  );
