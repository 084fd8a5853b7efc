/** schema/report.schema.json says of every field what json/contract.ts says: that it is there, always or not, and may be null or not. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import ts from 'typescript';
import { ROOT } from '../support/schema.js';

interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const root = JSON.parse(readFileSync(join(ROOT, 'schema', 'report.schema.json'), 'utf8')) as Schema;
const CONTRACT = join(ROOT, 'src', 'report', 'json', 'contract.ts');
const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
const program = ts.createProgram([CONTRACT], { ...options, noEmit: true });
const checker = program.getTypeChecker();

function resolved(schema: Schema): Schema {
  const [, name] = /^#\/\$defs\/(\w+)$/.exec(schema.$ref ?? '') ?? [];
  return name === undefined ? schema : resolved(root.$defs?.[name] ?? {});
}

function alternatives(schema: Schema): Schema[] {
  const own = resolved(schema);
  const nested = own.oneOf ?? own.anyOf;
  return nested === undefined ? [own] : nested.flatMap(alternatives);
}

function kindsOf(schema: Schema): Set<string> {
  return new Set(
    alternatives(schema).flatMap((one) => {
      const values = one.enum ?? (one.const === undefined ? undefined : [one.const]);
      if (values !== undefined) return values.map((value) => (value === null ? 'null' : typeof value));
      return [one.type ?? []].flat().map((type) => (type === 'integer' ? 'number' : type));
    }),
  );
}

function kindsOfType(type: ts.Type): Set<string> {
  const parts = type.isUnion() ? type.types : [type];
  return new Set(
    // An optional field may be undefined, and is then not in the JSON.
    parts
      .filter(({ flags }) => !(flags & ts.TypeFlags.Undefined))
      .map((part) => {
        if (part.flags & ts.TypeFlags.Null) return 'null';
        if (part.flags & ts.TypeFlags.StringLike) return 'string';
        if (part.flags & ts.TypeFlags.NumberLike) return 'number';
        if (part.flags & ts.TypeFlags.BooleanLike) return 'boolean';
        return checker.isArrayType(part) ? 'array' : 'object';
      }),
  );
}

/** Compares a type with its schema, and what is in both, all the way down. */
function compare(type: ts.Type, schema: Schema, path: string, seen: Set<string>): void {
  const kinds = kindsOf(schema);
  assert.deepEqual([...kindsOfType(type)].sort(), [...kinds].sort(), path);
  for (const part of type.isUnion() ? type.types : [type]) {
    if (!(part.flags & ts.TypeFlags.Object)) continue;
    const [object] = alternatives(schema).filter((one) => one.properties !== undefined || one.items !== undefined);
    if (checker.isArrayType(part)) {
      const [item] = checker.getTypeArguments(part as ts.TypeReference);
      if (item !== undefined && object?.items !== undefined) compare(item, object.items, `${path}[]`, seen);
      continue;
    }
    const key = `${checker.typeToString(part)} ${JSON.stringify(Object.keys(object?.properties ?? {}))}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const fields = checker.getPropertiesOfType(part);
    const isOptional = (field: ts.Symbol): boolean => (field.flags & ts.SymbolFlags.Optional) !== 0;
    assert.deepEqual(
      fields.map((field) => field.name).sort(),
      Object.keys(object?.properties ?? {}).sort(),
      `the fields of ${path}`,
    );
    assert.deepEqual(
      fields
        .filter((field) => !isOptional(field))
        .map((field) => field.name)
        .sort(),
      [...(object?.required ?? [])].sort(),
      `what ${path} always has`,
    );
    for (const field of fields) {
      compare(checker.getTypeOfSymbol(field), object?.properties?.[field.name] ?? {}, `${path}.${field.name}`, seen);
    }
  }
}

describe('the published schemas', () => {
  const texts = ['report', 'ndjson'].map((name) => readFileSync(join(ROOT, 'schema', `${name}.schema.json`), 'utf8'));

  test('are open to new fields, as the contract allows', () => {
    for (const text of texts) assert.ok(!text.includes('additionalProperties'));
  });

  test('describe every property, or what it refers to', () => {
    const lacking: string[] = [];
    const walk = (schema: Schema & { readonly description?: string }, path: string): void => {
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        const { description } = { ...resolved(property), ...property } as { readonly description?: string };
        if (description === undefined) lacking.push(`${path}.${name}`);
        walk(property, `${path}.${name}`);
      }
      if (schema.items !== undefined) walk(schema.items, `${path}[]`);
    };
    walk(root, 'report');
    for (const [name, definition] of Object.entries(root.$defs ?? {})) walk(definition, name);
    assert.deepEqual(lacking, []);
  });
});

describe('the schema agrees with the types', () => {
  test('of the whole report', () => {
    const source = program.getSourceFile(CONTRACT);
    const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    assert.ok(module);
    const report = checker.getExportsOfModule(module).find(({ name }) => name === 'JsonReport');
    assert.ok(report);
    const seen = new Set<string>();
    compare(checker.getDeclaredTypeOfSymbol(report), root, 'report', seen);
    assert.ok(seen.size > 20, String(seen.size));
  });
});
