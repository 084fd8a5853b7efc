import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The project's folder, seen from the compiled tests. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

const ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
/** The published schemas are open to new fields; here an object has the fields that they describe, and no others. */
const closed = (key: string, value: unknown): unknown =>
  key !== 'properties' && typeof value === 'object' && value !== null && 'properties' in value
    ? { additionalProperties: false, ...value }
    : value;
const schema = (name: string): object =>
  JSON.parse(readFileSync(join(ROOT, 'schema', `${name}.schema.json`), 'utf8'), closed) as object;

const validateReport = ajv.compile(schema('report'));
const validateLine = ajv.compile(schema('ndjson'));
const validateFacts = ajv.compile(schema('facts'));

/** Fails unless the value is a report as schema/report.schema.json has it. */
export function assertValidReport(report: unknown): void {
  assert.ok(validateReport(report), JSON.stringify(validateReport.errors?.slice(0, 5), null, 1));
}

/** Fails unless the value is a line as schema/ndjson.schema.json has it. */
export function assertValidLine(line: unknown): void {
  assert.ok(validateLine(line), JSON.stringify(validateLine.errors?.slice(0, 5), null, 1));
}

/** Fails unless the value is a line as schema/facts.schema.json has it. */
export function assertValidFacts(line: unknown): void {
  assert.ok(validateFacts(line), JSON.stringify(validateFacts.errors?.slice(0, 5), null, 1));
}
