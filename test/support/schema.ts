import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

/** The project's folder, seen from the compiled tests. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(
  JSON.parse(readFileSync(join(ROOT, 'schema', 'report.schema.json'), 'utf8')) as object,
);

/** Fails unless the value is a report as schema/report.schema.json has it. */
export function assertValidReport(report: unknown): void {
  assert.ok(validate(report), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
}
