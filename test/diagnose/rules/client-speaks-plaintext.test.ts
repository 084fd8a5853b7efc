import { clientSpeaksPlaintext } from '../../../src/diagnose/rules/client-speaks-plaintext.js';
import { alert, connection } from '../../support/connections.js';
import { BEFORE_TLS, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

testRule(clientSpeaksPlaintext, {
  fires: [
    {
      name: 'HTTP, answered with unexpected_message',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'GET / HTTP/1.1')],
        alerts: [alert({ code: 10, name: 'unexpected_message', frame: 6 })],
      }),
      certainty: 'certain',
      messageId: 'explanation',
      data: { words: 'GET / HTTP/1.1' },
      frames: [4, 6],
    },
  ],
  silent: [
    {
      name: 'no alert: the server may speak plaintext too',
      connection: connection({ ...BEFORE_TLS, plaintext: [words('client', 4, 'GET / HTTP/1.1')], alerts: [] }),
    },
    {
      name: 'the server spoke first',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('server', 4, '220 mx'), words('client', 5, 'EHLO')],
        alerts: [alert({ frame: 6 })],
      }),
    },
    { name: 'a ClientHello was sent', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
  ],
});
