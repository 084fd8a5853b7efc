import { resumptionBroken } from '../../../src/diagnose/rules/resumption-broken.js';
import { alert, connection, encryptedRecord } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const resumed = { serverHello: { resumed: true }, serverCertificates: [] } as const;
const badMac = connection({ ...resumed, alerts: [alert({ from: 'client', code: 20, name: 'bad_record_mac' })] });
/** A client that leaves behind the ServerHello, in frame 5, at this frame. */
const leaves = (frame: number): ReturnType<typeof connection> =>
  connection({
    serverHello: { resumed: true, version: 'TLS 1.3' },
    serverCertificates: [],
    phase: 'server-certificate',
    outcome: 'failed',
    encryptedRecords: [encryptedRecord('server', 7, 23), encryptedRecord('server', 7, 69)],
    ending: { by: 'client', how: 'reset', frame },
  });
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
      name: 'nothing is known of other handshakes, and the client just leaves',
      connection: leaves(8),
      support: 'open',
      explanation: 'alone',
      frames: [4, 5, 8],
    },
    {
      name: 'full handshakes work, and the client just leaves: it may have had no time left (HAProxy 2.6, a health check)',
      connection: leaves(8),
      others: [full],
      support: 'open',
      explanation: 'othersWorked',
      frames: [4, 5, 8, 25],
    },
  ],
  silent: [
    {
      name: 'the client leaves before the server has sent anything that the session protects',
      connection: leaves(6),
      others: [full],
    },
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
