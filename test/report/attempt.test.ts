/** A fault of this program while one connection is judged or drawn is that connection's alone. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createContext } from '../../src/diagnose/capture-context.js';
import { diagnose } from '../../src/diagnose/diagnose.js';
import type { DiagnosedConnection } from '../../src/diagnose/finding.js';
import { createWaiting } from '../../src/diagnose/waiting.js';
import { createFaults } from '../../src/fault.js';
import { DEFAULTS, formats, writeReport } from '../../src/report/index.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { NO_ROOTS } from '../../src/x509/roots.js';
import { alert, connection } from '../support/connections.js';
import { diagnosed, finding, results, rule } from '../support/results.js';

function faulty(): never {
  throw new RangeError('Invalid count value: -1');
}

describe('a cause that cannot be drawn is left out and mentioned with its frame; the others are drawn', () => {
  const broken = finding({
    rule: rule({ id: 'broken-rule' }),
    explanation: {
      id: 'expired',
      get data() {
        return faulty();
      },
    },
  });
  const failed = { alerts: [alert({ from: 'client', code: 45, name: 'certificate_expired' })] };
  const all = results([
    diagnosed(connection({ id: '1', firstFrame: 33, ...failed }), [broken]),
    diagnosed(connection({ id: '2', firstFrame: 77, ...failed }), [
      finding({ rule: rule({ id: 'whole-rule', title: 'Whole cause' }) }),
    ]),
  ]);
  for (const [id, format] of Object.entries(formats)) {
    for (const verbose of [false, true]) {
      test(`${id}${verbose ? ', verbose' : ''}`, async () => {
        const writer = (await format.load())({ ...DEFAULTS, verbose, width: 60 });
        const text = [...writeReport(writer, all)].join('').replaceAll(/\s+/g, ' ');
        assert.match(text, /Whole cause/);
        assert.match(text, /internal error/);
        assert.match(text, /Invalid count value: -1/);
        assert.match(text, /\b33\b/);
      });
    }
  }
});

test('a connection that cannot be judged is handed on without a cause', () => {
  const faults = createFaults();
  const settled: DiagnosedConnection[] = [];
  const context = createContext(createTrustAnchors(parseCertificate, { roots: () => NO_ROOTS }));
  const waiting = createWaiting({
    context,
    diagnose: (each) => diagnose(each, context),
    settled: (each) => settled.push(each),
    faults,
  });
  const refused = { outcome: 'failed', alerts: [alert()] } as const;
  const [bad, good] = [
    connection({ id: '1', firstFrame: 33, ...refused }),
    connection({ id: '2', firstFrame: 77, ...refused }),
  ];
  waiting.add(Object.defineProperty({ ...bad }, 'alerts', { get: faulty, enumerable: true }));
  waiting.add(good);
  waiting.finish();
  assert.deepEqual(
    settled.map(({ connection: { id }, cause }) => [id, cause !== null]),
    [
      ['1', false],
      ['2', true],
    ],
  );
  assert.ok(faults.count() > 0);
  assert.ok(
    faults.first.every(
      ({ frame, message }) => frame === 33 && message.startsWith('RangeError: Invalid count value: -1 at '),
    ),
  );
});
