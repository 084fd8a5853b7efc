import { proxyRefused } from '../../../src/diagnose/rules/proxy-refused.js';
import { connection } from '../../support/connections.js';
import { BEFORE_TLS, preamble, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

testRule(proxyRefused, {
  basis: 'fact',
  fires: [
    {
      name: 'HTTP CONNECT',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'CONNECT api.example:443 HTTP/1.1'), words('server', 5, 'HTTP/1.1 407 No')],
        preamble: preamble({
          kind: 'http-connect',
          target: 'api.example:443',
          state: 'refused',
          reply: 'HTTP/1.1 407 No',
        }),
      }),
      support: 'confirmed',
      explanation: 'explanation',
      data: { target: 'api.example:443' },
      frames: [4, 5],
    },
    {
      name: 'a web server that is no proxy: it cannot read the request (nginx, with TLS or without)',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'CONNECT api.example:443 HTTP/1.1'), words('server', 5, 'HTTP/1.1 400 No')],
        preamble: preamble({
          kind: 'http-connect',
          target: 'api.example:443',
          state: 'refused',
          reply: 'HTTP/1.1 400 No',
        }),
      }),
      support: 'supported',
      explanation: 'noProxy',
      data: { reply: 'HTTP/1.1 400 No' },
      frames: [4, 5],
    },
    {
      name: 'SOCKS 5',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, '\x05\x01\x00'), words('server', 5, '\x05\x00')],
        preamble: preamble({ kind: 'socks5', target: 'api.example:443', state: 'refused', reply: 'host unreachable' }),
      }),
      support: 'confirmed',
      explanation: 'explanation',
      frames: [4, 5],
    },
    {
      name: 'SOCKS 5 refuses the log-in, before the client names a server',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, '\x05\x01\x02'), words('server', 5, '\x05\x02')],
        preamble: preamble({ kind: 'socks5', state: 'refused', reply: 'log-in refused' }),
      }),
      support: 'confirmed',
      explanation: 'beforeTarget',
      data: { reply: 'log-in refused' },
      frames: [4, 5],
    },
  ],
  silent: [
    {
      name: 'a web server that speaks TLS with others says 400: it is no proxy',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'CONNECT api.example:443 HTTP/1.1'), words('server', 5, 'HTTP/1.1 400 No')],
        preamble: preamble({ kind: 'http-connect', state: 'refused', reply: 'HTTP/1.1 400 No' }),
      }),
      others: [connection({ id: '2', serverHello: { frame: 25 } })],
    },
    {
      name: 'the proxy agreed, and the handshake failed behind it',
      connection: connection({
        phase: 'client-hello',
        preamble: preamble({ kind: 'http-connect', target: 'x.example:443' }),
      }),
    },
    {
      name: 'STARTTLS was refused',
      connection: connection({ ...BEFORE_TLS, preamble: preamble({ state: 'refused' }) }),
    },
  ],
});
