import { connectionRefused } from '../../../src/diagnose/rules/connection-refused.js';
import { connection } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

testRule(connectionRefused, {
  basis: 'alert',
  fires: [
    {
      name: 'the server refuses, and does not say why',
      connection: quicConnection({ quic: { closes: [quicClose()] } }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { connect: '198.51.100.20:443' },
      frames: [4, 6],
    },
    {
      name: 'the server says why',
      connection: quicConnection({ quic: { closes: [quicClose({ reason: 'busy' })] } }),
      support: 'confirmed',
      explanation: 'reason',
      data: { reason: 'busy' },
      frames: [4, 6],
    },
  ],
  silent: [
    { name: 'another code', connection: quicConnection({ quic: { closes: [quicClose({ code: 8, name: 'X' })] } }) },
    { name: 'the client says so', connection: quicConnection({ quic: { closes: [quicClose({ from: 'client' })] } }) },
    { name: 'TCP', connection: connection({ phase: 'client-hello' }) },
  ],
});
