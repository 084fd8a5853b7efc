import { clientHelloLost } from '../../../src/diagnose/rules/client-hello-lost.js';
import { connection } from '../../support/connections.js';
import { testRule } from '../../support/rule-tester.js';

const timeout = { by: 'none', how: 'timeout', frame: 9 } as const;

testRule(clientHelloLost, {
  basis: 'ending',
  fires: [
    {
      name: 'sent five times, never acknowledged',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 4, bytes: 517 } },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { bytes: 517, times: '5 times' },
      frames: [4],
    },
    {
      name: 'sent twice, without a server name, over IPv6',
      connection: connection({
        clientHello: { serverName: null },
        server: { address: '2001:db8::20', port: 443 },
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { times: 'twice', server: '[2001:db8::20]:443' },
      frames: [4],
    },
    {
      name: 'with a post-quantum key share, in two segments; shorter ones got through',
      connection: connection({
        clientHello: { keyShareGroups: ['X25519MLKEM768', 'x25519'] },
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 4, bytes: 1742 } },
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
      support: 'confirmed',
      explanation: 'largeAlone',
      data: {
        shorter: 313,
        size: '1742 bytes, more than one segment, because of its post-quantum key share X25519MLKEM768',
      },
      frames: [4, 25],
    },
    {
      name: 'in two segments, nothing else is known',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 2, bytes: 2012 } },
      }),
      support: 'confirmed',
      explanation: 'large',
      data: { size: '2012 bytes, more than one segment' },
      frames: [4],
    },
  ],
  silent: [
    { name: 'acknowledged, and no answer', connection: connection({ phase: 'client-hello', ending: timeout }) },
    {
      name: 'not acknowledged, but not sent again either: the capture may lack the acknowledgement',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { client: { acknowledged: false } },
      }),
    },
    {
      name: 'the SYN-ACK is not in the capture',
      connection: connection({
        phase: 'client-hello',
        ending: timeout,
        transport: { synAck: null, client: { acknowledged: false, retransmissions: 3 } },
      }),
    },
    {
      name: 'the server answers',
      connection: connection({
        phase: 'server-hello',
        ending: timeout,
        transport: { client: { acknowledged: false, retransmissions: 1 } },
      }),
    },
  ],
});
