// Due work claimed while a million tasks sleep beside it, against the same claims with nothing asleep.

import { performance } from "node:perf_hooks";
import { realDoor } from "../../src/door.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";
import { claimTasks } from "../../src/store/tasks.ts";
import { startGateway } from "./parts/gateway.ts";
import type { Report } from "./parts/report.ts";

export const name = "claim";

/** As many as a worker of the usual width takes in one statement. */
const MOST = 16;
const DUE = `insert into task (home, subject, kind, run_at, since)
  select n, 'due ' || n, 'probe', now() - interval '1 second', now() from generate_series(1, $1::int) n`;
const ASLEEP = `insert into task (home, subject, kind, run_at, since)
  select n, 'asleep ' || n, 'probe', now() + interval '1 day' * (1 + n % 30), now() from generate_series(1, $1::int) n`;

export async function run(report: Report, small: boolean): Promise<void> {
  const [asleep, due, rounds] = small ? [1_000, 64, 1] : [1_000_000, 4_000, 5];
  const gateway = await startGateway();
  // The gateway's own worker would take what is claimed here: the tasks lie in two databases beside its own.
  const names = ["claims_alone", "claims_beside"] as const;
  for (const one of names) await gateway.sql.query(`create database ${one} template template0`);
  const [alone, beside] = names.map((database) =>
    openDatabase({ ...gateway.sql.options, database }, () => undefined),
  ) as [Database, Database];
  const door = realDoor();
  try {
    const { rows } = await gateway.sql.query<{ ddl: string }>(DDL);
    for (const db of [alone, beside]) for (const { ddl } of rows) await db.run(ddl);
    report.progress(`${asleep} tasks go to sleep`);
    await beside.run(ASLEEP, [asleep]);
    const claimed = async (db: Database) => {
      await db.run("delete from task where kind = 'probe' and subject like 'due %'");
      await db.run(DUE, [due]);
      await db.run("vacuum analyze task");
      const began = performance.now();
      for (let left = due; left > 0; ) {
        const now = door.now();
        const taken = await claimTasks(db, now, now, now + 60_000, ["probe"], MOST);
        if (taken.length === 0) throw new Error(`${left} due tasks were not found`);
        left -= taken.length;
      }
      return (due / (performance.now() - began)) * 1000;
    };
    const [few, many]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const both = [await claimed(alone), await claimed(beside)] as const;
      report.progress(`round ${round} of ${rounds}: ${both.map(Math.round).join(", ")}/s`);
      // The first round warms both up.
      if (round === 0 && !small) continue;
      few.push(both[0]);
      many.push(both[1]);
    }
    const peer = { name: "nothing asleep", value: few };
    report.ratio(`due tasks claimed beside ${asleep.toLocaleString("en")} asleep`, many, "/s", peer);
  } finally {
    await alone.close();
    await beside.close();
    await gateway.stop();
  }
}

/** The table and its indexes, as the gateway's own migrations have left them. */
const DDL = `select 'create table task (' || string_agg(format('%I %s %s %s', a.attname,
      format_type(a.atttypid, a.atttypmod), case when a.attnotnull then 'not null' else '' end,
      case when d.adbin is null then '' else 'default ' || pg_get_expr(d.adbin, d.adrelid) end), ', ' order by a.attnum)
      || ')' as ddl, 0 as place
    from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = 'task'::regclass and a.attnum > 0 and not a.attisdropped
  union all select pg_get_indexdef(indexrelid), 1 from pg_index where indrelid = 'task'::regclass
   order by place`;
