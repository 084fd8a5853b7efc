import { resumptionBroken } from '../../../src/diagnose/rules/resumption-broken.js';
import { alert, connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const resumed = { serverHello: { resumed: true }, serverCertificates: [] } as const;
const badMac = connection({ ...resumed, alerts: [alert({ from: 'client', code: 20, name: 'bad_record_mac' })] });
const full = connection({ id: '2', serverHello: { frame: 25 } });

testRule(resumptionBroken, {
  basis: 'fact',
  fires: [
    {
      name: 'a resumed session fails, and full handshakes work',
      connection: badMac,
      others: [full],
      support: 'supported',
      explanation: 'othersWorked',
      data: { how: 'with alert bad_record_mac (20)' },
      frames: [4, 5, 6, 25],
    },
    {
      name: 'nothing is known of other handshakes, and the client just closes',
      connection: connection({
        ...resumed,
        phase: 'server-hello',
        outcome: 'failed',
        ending: { by: 'client', how: 'close', frame: 6 },
      }),
      support: 'open',
      explanation: 'alone',
      frames: [4, 5, 6],
    },
  ],
  silent: [
    { name: 'a full handshake', connection: connection({ alerts: [alert({ from: 'client' })] }), others: [full] },
  ],
  excluded: [
    {
      name: 'another connection resumed a session, and worked',
      connection: badMac,
      others: [full, connection({ id: '3', serverHello: { frame: 35, resumed: true }, serverCertificates: [] })],
      because: 'resumedElsewhere',
      frames: [35],
    },
  ],
});
