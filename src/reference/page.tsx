/** The API's reference begins here: everything on it is read from the document that this gateway serves. */
import { render } from "preact";
import { App } from "./app.tsx";

const root = document.getElementById("root");
if (root) render(<App />, root);
