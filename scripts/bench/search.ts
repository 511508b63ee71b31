// Institutions by what people type, over HTTP, among 22,300: how long it takes, and how often the right one is in the
// top three. Beside it, in the same run, the plainest statement that PostgreSQL could answer instead.

import { saveCatalogue } from "../../src/store/catalogue.ts";
import { openDatabase } from "../../src/store/database.ts";
import { makeDirectory } from "../../test/search/directory.ts";
import { catalogueOf } from "../../test/search/loading.ts";
import type { Query } from "../../test/search/queries.ts";
import { querySets } from "../../test/search/sets.ts";
import { startGateway } from "./parts/gateway.ts";
import { median, quantile, type Report } from "./parts/report.ts";

export const name = "search";

const LIMIT = 20;
const WANTED = 98;
const TOP = 3;
const PLAIN = "select id from institution where name ilike $1 order by rank desc, name, id limit 10";

export async function run(report: Report, small: boolean): Promise<void> {
  const all = makeDirectory();
  const halves = querySets(all);
  const banks = small ? all.filter((_, place) => place % 20 === 0) : all;
  const rows = catalogueOf("PLAID", banks);
  const ids = new Map(banks.map(({ ref }, place) => [ref, rows[place]?.id]));
  const gateway = await startGateway();
  const db = openDatabase(gateway.sql.options, () => undefined);
  try {
    report.progress(`${banks.length} banks`);
    const took = async (work: () => Promise<unknown>): Promise<number> => {
      const since = performance.now();
      await work();
      return performance.now() - since;
    };
    const saved = await took(() => db.tx("catalogue", (sql) => saveCatalogue(sql, rows)));
    const search = async ({ text, country }: Query) => {
      const query = new URLSearchParams({ name: text, ...(country && { regions: country }) });
      const { institutions } = await gateway.ask("GET", `/institutions?${query.toString()}`);
      return (institutions as { id: string }[]).slice(0, TOP).map(({ id }) => id);
    };
    const [first] = halves.tuned as [Query];
    const reading = await took(() => search(first));
    report.ratio("first search after a start", reading, "ms", { name: "taking the catalogue in", value: saved });

    const times: number[] = [];
    const plain: number[] = [];
    for (const half of ["tuned", "judged"] as const) {
      const queries = halves[half].filter(({ ref }) => ids.has(ref));
      let hits = 0;
      for (const query of queries) {
        times.push(
          await took(async () => void (hits += (await search(query)).includes(ids.get(query.ref) ?? "") ? 1 : 0)),
        );
        plain.push(await took(() => gateway.sql.query(PLAIN, [`%${query.text.trim()}%`])));
      }
      const rate = (100 * hits) / queries.length;
      report.ratio(`${half} half, in the top ${TOP}`, rate, "%", { name: "wanted", value: WANTED }, { atLeast: 1 });
      report.progress(`${half}: ${hits} of ${queries.length}`);
    }
    report.ratio("one search, p50", median(times), "ms", { name: "limit", value: LIMIT }, { atMost: 1 });
    report.ratio("one search, p50", median(times), "ms", { name: "ilike alone, p50", value: median(plain) });
    report.ratio("one search, p99", quantile(times, 0.99), "ms", { name: "p50", value: median(times) });
  } finally {
    await db.close();
    await gateway.stop();
  }
}
