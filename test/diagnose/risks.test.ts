import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { analyze } from '../../src/analyze.js';
import type { Context } from '../../src/diagnose/context.js';
import { RISKS } from '../../src/diagnose/rules/risks.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { createX509Reader } from '../../src/x509/reader.js';
import { NO_ROOTS } from '../../src/x509/roots.js';
import { contextOf } from '../support/context.js';

const SAMPLES = new URL('../../../samples/', import.meta.url);
/** What a context knows of other connections. */
const OF_OTHERS: ReadonlySet<string | symbol> = new Set(['serverHistory', 'scans', 'races']);

/** A context that notes what it is asked of other connections. */
function watched(context: Context, asked: Set<string>): Context {
  return new Proxy(context, {
    get(target, field, receiver) {
      if (OF_OTHERS.has(field)) asked.add(String(field));
      return Reflect.get(target, field, receiver) as unknown;
    },
  });
}

test('a risk that depends on other connections says so: it is asked of each connection that is like one before', async () => {
  const names = readdirSync(SAMPLES).filter((name) => name.endsWith('.pcap'));
  const asking = new Set<string>();
  const anchors = createTrustAnchors(createX509Reader().certificate, { extra: [], roots: () => NO_ROOTS });
  for (const name of names) {
    const { connections } = await analyze([new URL(name, SAMPLES).pathname]);
    for (const { connection } of connections) {
      for (const rule of RISKS) {
        const asked = new Set<string>();
        if (rule.applies(connection)) rule.judge(connection, watched(contextOf([connection], anchors), asked));
        if (asked.size > 0) asking.add(rule.id);
      }
    }
  }
  const saying = RISKS.filter(({ asksOthers }) => asksOthers).map(({ id }) => id);
  assert.deepEqual([...asking].sort(), saying.sort());
});
