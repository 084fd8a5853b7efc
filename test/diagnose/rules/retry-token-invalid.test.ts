import { retryTokenInvalid } from '../../../src/diagnose/rules/retry-token-invalid.js';
import { sighting } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { testRule } from '../../support/rule-tester.js';

const invalid = quicClose({ code: 0x0b, name: 'INVALID_TOKEN', frame: 8 });
const retry = { ...sighting('server', 5), isAgain: false, isIntact: true };

testRule(retryTokenInvalid, {
  basis: 'alert',
  fires: [
    {
      name: 'the token of its Retry',
      connection: quicConnection({ quic: { closes: [invalid], retries: [retry], token: sighting('client', 6) } }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { client: '192.0.2.10' },
      frames: [5, 6, 8],
    },
    {
      name: 'the Retry is not in the capture',
      connection: quicConnection({ quic: { closes: [invalid], token: sighting('client', 6) } }),
      support: 'confirmed',
      explanation: 'unseen',
      frames: [6, 8],
    },
  ],
  silent: [
    { name: 'a Retry that led to nothing', connection: quicConnection({ quic: { retries: [retry] } }) },
    { name: 'another code', connection: quicConnection({ quic: { closes: [quicClose()], retries: [retry] } }) },
  ],
});
