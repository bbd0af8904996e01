/** SQLite as the history uses it: a statement is prepared once, which takes longer than most of them run. */
import Database from 'better-sqlite3';

/** Opens a database whose `prepare` gives the same statement again, unless somebody is still reading its rows. */
export function openDatabase(file: string, options: Database.Options): Database.Database {
  const database = new Database(file, options);
  const prepare = database.prepare.bind(database);
  const prepared = new Map<string, Database.Statement>();
  const again = (source: string): Database.Statement => {
    let statement = prepared.get(source);
    if (statement === undefined || statement.busy) {
      statement = prepare(source);
      prepared.set(source, statement);
    }
    return statement;
  };
  // Whoever asks says what is bound and read, as with the library's own.
  database.prepare = again as typeof database.prepare;
  return database;
}
