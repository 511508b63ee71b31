/** Plants one bug: what the file says is replaced as it is loaded, and nothing on the disk is touched. */
import { registerHooks } from "node:module";
import { MUTANTS } from "./mutants.ts";

const { BOWLINE_MUTANT: name } = process.env;
const mutant = MUTANTS.find((one) => one.name === name);
if (!mutant) throw new Error(`There is no mutant ${name}; see mutants.ts.`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith(`/${mutant.file}`) || loaded.source === undefined || loaded.source === null) return loaded;
    const text =
      typeof loaded.source === "string" ? loaded.source : Buffer.from(loaded.source as Uint8Array).toString();
    const parts = text.split(mutant.find);
    if (parts.length !== 2)
      throw new Error(`${mutant.name} fits ${parts.length - 1} places of ${mutant.file}, not one: write it anew.`);
    return { ...loaded, source: parts.join(mutant.plant) };
  },
});
