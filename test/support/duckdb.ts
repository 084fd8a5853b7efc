/**
 * DuckDB's command line, as far as recipes use it: `node duckdb.js [-noheader] [-list] -c QUERY`. Prints rows with their
 * values parted by `|`.
 */
import { DuckDBInstance } from '@duckdb/node-api';

const args = process.argv.slice(2);
const query = args[args.indexOf('-c') + 1] ?? '';
const instance = await DuckDBInstance.create();
const connection = await instance.connect();
const reader = await connection.runAndReadAll(query);
for (const row of reader.getRows()) console.log(row.map(String).join('|'));
