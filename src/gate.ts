import { type Database, DatabaseAway } from "./store/database.ts";

/** Until the installation is prepared, the database counts as away for everybody else. */
export function gated(db: Database, isOpen: () => boolean): Database {
  const check = () => {
    if (!isOpen()) throw new DatabaseAway("the database is not prepared yet");
  };
  return {
    rows: async (text, values) => {
      check();
      return db.rows(text, values);
    },
    row: async (text, values) => {
      check();
      return db.row(text, values);
    },
    run: async (text, values) => {
      check();
      return db.run(text, values);
    },
    tx: async (name, work) => {
      check();
      return db.tx(name, work);
    },
    close: db.close,
  };
}
