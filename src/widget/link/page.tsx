/** The connect page begins here. */
import { render } from "preact";

const root = document.getElementById("root");
if (root)
  render(
    <main>
      <h1>Bowline</h1>
    </main>,
    root,
  );
