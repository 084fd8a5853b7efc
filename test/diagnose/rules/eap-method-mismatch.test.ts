import { eapMethodMismatch } from '../../../src/diagnose/rules/eap-method-mismatch.js';
import { sighting } from '../../support/connections.js';
import { eapConnection } from '../../support/eap-connections.js';
import { testRule } from '../../support/rule-tester.js';

const named = (from: 'client' | 'server', frame: number, method: string) => ({ ...sighting(from, frame), method });
const noData = { bytes: 0, firstData: null, lastData: null };
const before = {
  outcome: 'failed',
  phase: 'client-hello',
  clientHello: null,
  transport: { client: noData, server: noData },
} as const;
const started = [named('server', 3, 'EAP-TLS')];
const naks = [named('client', 4, 'PEAP')];
const result = { ...sighting('server', 5), isSuccess: false };

testRule(eapMethodMismatch, {
  basis: 'fact',
  fires: [
    {
      name: 'the supplicant asks for another method, and the server fails it',
      connection: eapConnection({ ...before, eap: { started, naks, result } }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { offered: 'EAP-TLS', wanted: 'PEAP', identity: 'alice' },
      frames: [3, 4, 5],
    },
    {
      name: 'and nothing more comes',
      connection: eapConnection({ ...before, eap: { started, naks, result: null } }),
      support: 'open',
      explanation: 'explanation',
      frames: [3, 4],
    },
  ],
  silent: [
    {
      name: 'the server begins what it is asked for',
      connection: eapConnection({
        ...before,
        eap: { started: [...started, named('server', 5, 'PEAP')], naks, result },
      }),
    },
    {
      name: 'the supplicant turned nothing down',
      connection: eapConnection({ ...before, eap: { started, naks: [], result } }),
    },
    {
      name: 'TLS went on behind the Nak: the capture lacks its start',
      connection: eapConnection({
        ...before,
        eap: { started, naks, result },
        transport: { client: noData, server: { bytes: 900, lastData: sighting('server', 7) } },
      }),
    },
    { name: 'TLS had begun', connection: eapConnection({ outcome: 'failed', eap: { started, naks, result } }) },
  ],
});
