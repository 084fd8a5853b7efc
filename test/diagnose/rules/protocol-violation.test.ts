import { protocolViolation } from '../../../src/diagnose/rules/protocol-violation.js';
import { alert, at, connection, doneTooEarly, encryptedRecord, sighting } from '../../support/connections.js';
import { quicClose, quicConnection } from '../../support/quic-connections.js';
import { BEFORE_TLS, words } from '../../support/plaintext.js';
import { testRule } from '../../support/rule-tester.js';

const said = (code: number, name: string, from: 'client' | 'server' = 'server') => [alert({ code, name, from })];

const secondHello = {
  kind: 'unexpected-message',
  frame: 5,
  at: at(0.05),
  from: 'client',
  message: 'client_hello',
  after: 'client_hello',
} as const;

const unaskedExtension = {
  kind: 'not-offered',
  frame: 5,
  at: at(0.05),
  from: 'server',
  what: 'extension',
  value: 'session_ticket',
} as const;

const encryptedFirst = {
  kind: 'unexpected-message',
  ...sighting('server', 5),
  message: 'application_data',
  after: null,
} as const;

const noKeyShare = {
  kind: 'missing-extension',
  ...sighting('server', 5),
  message: 'server_hello',
  extension: 'key_share',
} as const;

testRule(protocolViolation, {
  basis: 'alert',
  fires: [
    {
      name: 'a transport parameter of QUIC',
      connection: quicConnection({
        quic: {
          closes: [
            quicClose({
              code: 8,
              name: 'TRANSPORT_PARAMETER_ERROR',
              reason: 'invalid ack_delay_exponent',
              frameType: 6,
            }),
          ],
        },
      }),
      support: 'supported',
      explanation: 'quic',
      data: { from: 'server', peer: 'client', code: 'TRANSPORT_PARAMETER_ERROR (0x8)' },
      frames: [4, 6],
    },
    {
      name: 'the client does not take the versions that were negotiated',
      connection: quicConnection({
        quic: { closes: [quicClose({ code: 0x11, name: 'VERSION_NEGOTIATION_ERROR', from: 'client' })] },
      }),
      support: 'supported',
      explanation: 'quic',
      data: { from: 'client' },
      frames: [4, 6],
    },
    {
      name: 'a second HelloRetryRequest',
      connection: connection({
        phase: 'server-hello',
        serverHello: null,
        violations: [{ kind: 'second-hello-retry-request', ...sighting('server', 5) }],
        alerts: [alert({ code: 10, name: 'unexpected_message', from: 'client', frame: 8 })],
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { from: 'client', peer: 'server', violation: 'a second HelloRetryRequest' },
      frames: [5, 8],
    },
    {
      name: 'the client leaves without a word upon an extension that it did not ask for (Node.js)',
      connection: connection({
        phase: 'server-hello',
        violations: [unaskedExtension],
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      }),
      support: 'supported',
      basis: 'fact',
      explanation: 'left',
      data: { from: 'client', peer: 'server' },
      frames: [5, 6],
    },
    {
      name: 'the same, and a certificate came with it, which it may have refused',
      connection: connection({
        phase: 'server-certificate',
        violations: [unaskedExtension],
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      }),
      support: 'open',
      basis: 'fact',
      explanation: 'left',
      frames: [5, 6],
    },
    {
      name: 'the client leaves without a word upon what is encrypted before any ServerHello (Go)',
      connection: connection({
        phase: 'client-hello',
        violations: [encryptedFirst],
        encryptedRecords: [encryptedRecord('server', 5, 60)],
        ending: { by: 'client', how: 'close', frame: 6, at: at(0.06) },
      }),
      support: 'supported',
      basis: 'fact',
      explanation: 'left',
      data: { violation: 'ApplicationData out of order' },
      frames: [5, 6],
    },
    {
      name: 'the client finds no key share in the ServerHello, and calls that an error of its own (Java)',
      connection: connection({
        phase: 'server-hello',
        violations: [noKeyShare],
        alerts: [alert({ code: 80, name: 'internal_error', from: 'client', frame: 8 })],
      }),
      support: 'supported',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'ServerHello without the extension key_share, which it needs' },
      frames: [5, 8],
    },
    {
      name: 'the client refuses a key share of another group',
      connection: connection({
        phase: 'server-hello',
        violations: [{ kind: 'not-offered', what: 'key-share', value: 'secp521r1', ...sighting('server', 5) }],
        alerts: [alert({ code: 47, name: 'illegal_parameter', from: 'client', frame: 8 })],
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'a ServerHello with a key share of a group that the client sent none of (secp521r1)' },
      frames: [5, 8],
    },
    {
      name: 'the server refuses a key share of a group that the client does not offer',
      connection: connection({
        phase: 'client-hello',
        violations: [{ kind: 'not-offered', what: 'key-share', value: 'x25519', ...sighting('client', 4) }],
        alerts: [alert({ code: 47, name: 'illegal_parameter', from: 'server', frame: 6 })],
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'a ClientHello with a key share of a group that is not among its supported groups (x25519)' },
      frames: [4, 6],
    },
    {
      name: 'the server has bytes left over in an extension of the ClientHello, and says so',
      connection: connection({
        phase: 'client-hello',
        violations: [
          {
            kind: 'trailing-bytes',
            frame: 4,
            at: at(0.04),
            from: 'client',
            message: 'client_hello',
            extension: 'key_share',
            what: 'KeyShareEntry',
            offset: 40,
            length: 2,
          },
        ],
        alerts: said(50, 'decode_error'),
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'key_share with extra bytes after its end' },
      frames: [4, 6],
    },
    {
      name: 'the server cannot decode the ClientHello (OpenSSL)',
      connection: connection({ phase: 'client-hello', alerts: said(50, 'decode_error') }),
      support: 'open',
      explanation: 'explanation',
      data: { from: 'server', peer: 'client', message: "the client's ClientHello", alert: 'decode_error (50)' },
      frames: [4, 6],
    },
    {
      name: 'the client did not expect what the server sent (Java)',
      connection: connection({ alerts: said(10, 'unexpected_message', 'client') }),
      support: 'open',
      explanation: 'explanation',
      data: { message: "the server's ServerHelloDone" },
      frames: [5, 6],
    },
    ...(
      [
        [22, 'record_overflow'],
        [30, 'decompression_failure'],
        [47, 'illegal_parameter'],
        [109, 'missing_extension'],
        [110, 'unsupported_extension'],
      ] as const
    ).map(([code, name]) => ({
      name,
      connection: connection({ clientHello: { serverName: null }, phase: 'client-hello', alerts: said(code, name) }),
      support: 'open' as const,
      explanation: 'explanation',
      frames: [4, 6],
    })),
    {
      name: 'plaintext in the middle, which a client takes for a record of an unknown version (OpenSSL, Go)',
      connection: connection({
        phase: 'server-hello',
        violations: [{ kind: 'not-a-record', frame: 5, at: at(0.05), from: 'server' }],
        alerts: said(70, 'protocol_version', 'client'),
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'bytes that are no TLS record, such as plaintext' },
      frames: [5, 6],
    },
    {
      name: 'a cipher suite that the client did not offer (Go sends handshake_failure)',
      connection: connection({
        phase: 'server-hello',
        violations: [
          {
            kind: 'not-offered',
            frame: 5,
            at: at(0.05),
            from: 'server',
            what: 'cipher-suite',
            value: 'TLS_RSA_WITH_RC4_128_SHA',
          },
        ],
        alerts: said(40, 'handshake_failure', 'client'),
      }),
      support: 'confirmed',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'a ServerHello with a cipher suite that was not offered (TLS_RSA_WITH_RC4_128_SHA)' },
      frames: [5, 6],
    },
    {
      name: 'a message is missing, which Go tells as an internal error of its own',
      connection: connection({ violations: [doneTooEarly], alerts: said(80, 'internal_error', 'client') }),
      support: 'supported',
      basis: 'fact',
      explanation: 'named',
      data: { violation: 'ServerHelloDone out of order' },
      frames: [5, 6],
    },
    {
      name: 'what it complains of may be in what the capture lacks',
      connection: connection({
        phase: 'server-hello',
        transport: { server: { missing: 2400 } },
        alerts: [alert({ code: 47, name: 'illegal_parameter', from: 'client' })],
      }),
      support: 'open',
      explanation: 'nothing',
      frames: [6],
    },
    {
      name: 'a second ClientHello, and the server sends an alert that is encrypted',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        violations: [secondHello],
        alerts: [alert({ encrypted: true, inferred: true })],
      }),
      support: 'supported',
      basis: 'fact',
      explanation: 'hidden',
      data: { violation: 'ClientHello out of order' },
      frames: [5, 6],
    },
    {
      name: 'all that it had received was plaintext',
      connection: connection({
        ...BEFORE_TLS,
        plaintext: [words('client', 4, 'PING')],
        alerts: said(10, 'unexpected_message'),
      }),
      support: 'open',
      explanation: 'plaintext',
      frames: [6],
    },
    {
      name: 'a capture of what the client sent alone: OpenSSL says decode_error upon a close, too',
      connection: connection({
        clientHello: {
          extensions: ['ec_point_formats', 'supported_groups', 'encrypt_then_mac', 'extended_master_secret'],
          cipherSuites: ['TLS_AES_256_GCM_SHA384'],
        },
        serverHello: null,
        phase: 'client-hello',
        messages: [],
        transport: { server: { bytes: 0 } },
        alerts: [alert({ code: 50, name: 'decode_error', from: 'client' })],
      }),
      support: 'open',
      explanation: 'nothingOrClosed',
      frames: [6],
    },
    {
      name: 'what it complains of is not in the capture',
      connection: connection({
        clientHello: null,
        serverHello: null,
        phase: 'client-hello',
        messages: [],
        alerts: said(10, 'unexpected_message'),
      }),
      support: 'open',
      explanation: 'nothing',
      frames: [6],
    },
  ],
  silent: [
    {
      name: 'the client leaves long after an extension that it did not ask for',
      connection: connection({
        phase: 'server-hello',
        violations: [unaskedExtension],
        ending: { by: 'client', how: 'close', frame: 6, at: at(3) },
      }),
    },
    {
      name: 'the client goes on after such an extension, and leaves',
      connection: connection({
        phase: 'finished',
        violations: [unaskedExtension],
        ending: { by: 'client', how: 'close', frame: 9, at: at(0.09) },
      }),
    },
    {
      name: 'protocol_version, and nothing breaks the rules',
      connection: connection({ alerts: said(70, 'protocol_version', 'client') }),
    },
    {
      name: 'an extension that nobody asked for, which many clients ignore, and an alert about something else',
      connection: connection({ violations: [unaskedExtension], alerts: said(40, 'handshake_failure', 'client') }),
    },
    {
      name: 'QUIC: the server refuses the connection',
      connection: quicConnection({ quic: { closes: [quicClose()] } }),
    },
    {
      name: 'QUIC: the application closes with the same number',
      connection: quicConnection({ quic: { closes: [quicClose({ code: 8, name: null, application: true })] } }),
    },
    { name: 'handshake_failure', connection: connection({ phase: 'client-hello', alerts: [alert()] }) },
    {
      name: 'decode_error of OpenSSL once the server has closed',
      connection: connection({
        phase: 'client-hello',
        ending: { by: 'server', how: 'close', frame: 6 },
        alerts: [alert({ from: 'client', code: 50, name: 'decode_error', frame: 7 })],
      }),
    },
    {
      name: 'an encrypted alert',
      connection: connection({ serverHello: { version: 'TLS 1.3' }, alerts: [alert({ encrypted: true })] }),
    },
    {
      name: 'an encrypted alert of the side that broke the rules',
      connection: connection({
        serverHello: { version: 'TLS 1.3' },
        violations: [secondHello],
        alerts: [alert({ from: 'client', encrypted: true, inferred: true })],
      }),
    },
  ],
});
