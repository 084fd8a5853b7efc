import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeFault } from '../../src/decode-faults.js';
import fc from 'fast-check';
import { MAX_VIOLATIONS, serverNameFault, violationsOf, type Violation } from '../../src/tls/conformance.js';
import { MAX_HANDSHAKE_LENGTH } from '../../src/tls/handshake/reader.js';
import { be16, concat } from '../support/captures.js';
import { recordedStream } from '../support/recorded.js';
import {
  alert,
  applicationData,
  be24,
  certificate,
  certificate13,
  changeCipherSpec,
  clientHello as clientHelloOf,
  clientHelloBody,
  codes,
  encrypted,
  extension,
  handshake,
  helloRetryRequest,
  message,
  read,
  record,
  RETRY_RANDOM,
  serverHello as serverHelloOf,
  serverHello13,
  serverHelloBody,
  serverHelloDone,
  TYPE,
  vector16,
  vector8,
  type HelloOptions,
  type Step,
} from '../support/tls.js';

const WHOLE = [true, true] as const;

type Without<Whole, Key extends PropertyKey> = Whole extends unknown ? Omit<Whole, Key> : never;

function without<Whole extends object, Key extends keyof Whole>(whole: Whole, key: Key): Without<Whole, Key> {
  const rest = { ...whole };
  Reflect.deleteProperty(rest, key);
  return rest as unknown as Without<Whole, Key>;
}

/** The violations of a script, whose client is direction 0, without their times. */
function violations(
  steps: readonly Step[],
  isWhole: readonly [boolean, boolean] = WHOLE,
  required: number | null = null,
) {
  return violationsOf(read(...steps).session.transcript, 0, isWhole, required).map((violation) =>
    without(violation, 'at'),
  );
}

/** Of a suite whose handshake has no ServerKeyExchange. */
const serverHello = (options?: HelloOptions) => serverHelloOf({ suites: [0x009c], ...options });
const clientHello = (options?: HelloOptions) => clientHelloOf({ suites: [0x1301, 0xc02f, 0x009c], ...options });
const offer = (options?: HelloOptions): Step => [0, handshake(clientHello(options))];
const supported13 = [extension(43, vector8(codes([0x0304, 0x0303]))), extension(51, vector16(be16(29), vector16([1])))];
const offer13: Step = offer({ extensions: supported13 });
const answer: Step = [1, handshake(serverHello())];
const answer13: Step = [1, handshake(serverHello13)];
const retry: Step = [1, handshake(helloRetryRequest)];
const clientKeyExchange = message(16, vector8(new Uint8Array(32)));
const finished = encrypted(TYPE.handshake, 40);
const newSessionTicket = message(4, [0, 0, 0, 1], vector16([1]));
const hello = (...extensions: readonly Uint8Array[]): Step => offer({ extensions });
const named = (name: string | Uint8Array): Uint8Array => extension(0, vector16([0], vector16(Buffer.from(name))));

describe('an order of messages that its RFC allows is no violation', () => {
  const cases: Readonly<Record<string, readonly Step[]>> = {
    'TLS 1.2 with client authentication': [
      offer(),
      [1, handshake(serverHello(), certificate(90), message(22, [1, ...be24(1), 0]), serverHelloDone)],
      [0, handshake(certificate(80), clientKeyExchange, message(15, [4, 3, 0, 1, 9]))],
      [0, concat(changeCipherSpec, finished)],
      [1, concat(handshake(newSessionTicket), changeCipherSpec, finished)],
    ],
    'a request to begin anew on the way': [
      offer(),
      answer,
      [1, handshake(message(0))],
      [1, handshake(serverHelloDone)],
    ],
    resumption: [
      offer(),
      [1, concat(handshake(serverHello(), newSessionTicket), changeCipherSpec, finished)],
      [0, concat(changeCipherSpec, finished)],
    ],
    'TLS 1.3': [
      offer13,
      [1, concat(handshake(serverHello13), changeCipherSpec, applicationData(900))],
      [0, concat(changeCipherSpec, applicationData(60))],
    ],
    'TLS 1.3 with a HelloRetryRequest': [
      offer13,
      [1, concat(handshake(helloRetryRequest), changeCipherSpec)],
      [0, concat(changeCipherSpec, handshake(clientHello({ extensions: supported13 })))],
      [1, concat(handshake(serverHello13), applicationData(900))],
    ],
    'a HelloRetryRequest that the capture shows late': [offer13, offer13, retry, answer13],
    'another handshake behind an alert': [offer(), [1, alert(2, 40)], offer(), answer],
    'a server whose hello is not in view': [offer(), [1, handshake(serverHelloDone, certificate(90))]],
    'a draft of TLS 1.3': [
      offer13,
      [1, handshake(serverHello({ extensions: [extension(43, be16(0x7f17)), extension(13)] }), certificate(90))],
    ],
  };
  for (const [what, steps] of Object.entries(cases)) {
    test(what, () => {
      assert.deepEqual(violations(steps), []);
    });
  }
});

describe('a message out of its order is unexpected', () => {
  const cases: readonly (readonly [
    what: string,
    steps: readonly Step[],
    frame: number,
    from: string,
    name: string,
    after: string | null,
  ])[] = [
    [
      'certificate late',
      [offer(), [1, handshake(serverHello(), serverHelloDone, certificate(90), newSessionTicket)]],
      2,
      'server',
      'certificate',
      'server_hello_done',
    ],
    [
      'the same twice',
      [offer(), answer, [1, handshake(certificate(9))], [1, handshake(certificate(9))]],
      4,
      'server',
      'certificate',
      'certificate',
    ],
    ['a second ServerHello', [offer(), answer, answer], 3, 'server', 'server_hello', 'server_hello'],
    [
      'a HelloRetryRequest behind ServerHello',
      [offer13, answer13, retry],
      3,
      'server',
      'hello_retry_request',
      'server_hello',
    ],
    ['a ClientHello again', [offer(), offer()], 2, 'client', 'client_hello', 'client_hello'],
    ['a ClientHello from the server', [offer(), [1, handshake(clientHello())]], 2, 'server', 'client_hello', null],
    [
      'a certificate in the clear in TLS 1.3',
      [offer13, answer13, [1, handshake(certificate13(90))]],
      3,
      'server',
      'certificate',
      'server_hello',
    ],
    [
      'a key exchange in TLS 1.3',
      [offer13, answer13, [0, handshake(clientKeyExchange)]],
      3,
      'client',
      'client_key_exchange',
      'client_hello',
    ],
    [
      'Finished in the clear',
      [offer(), answer, [0, handshake(message(20, new Uint8Array(12)))]],
      3,
      'client',
      'finished',
      'client_hello',
    ],
    [
      'ChangeCipherSpec before ServerHelloDone',
      [offer(), [1, concat(handshake(serverHello(), certificate(90)), changeCipherSpec)]],
      2,
      'server',
      'change_cipher_spec',
      'certificate',
    ],
    [
      'ChangeCipherSpec before the key exchange',
      [offer(), [1, handshake(serverHello(), serverHelloDone)], [0, changeCipherSpec]],
      3,
      'client',
      'change_cipher_spec',
      'client_hello',
    ],
  ];
  for (const [what, steps, frame, from, name, after] of cases) {
    test(what, () => {
      assert.deepEqual(violations(steps), [{ kind: 'unexpected-message', message: name, after, frame, from }]);
    });
  }

  test('which nobody can say behind a gap', () => {
    const late = handshake(serverHelloDone, certificate(90));
    assert.deepEqual(violations([offer(), answer, [1, { gap: 10 }], [1, late]]), []);
  });

  test('which nobody can say of a second ClientHello where the answer between may be missing', () => {
    assert.deepEqual(violations([offer13, offer13], [true, false]), []);
  });
});

test('a second HelloRetryRequest', () => {
  assert.deepEqual(violations([offer13, retry, offer13, retry]), [
    { kind: 'second-hello-retry-request', frame: 4, from: 'server' },
  ]);
});

describe('what an ECDHE suite demands', () => {
  const exchange = message(12, concat([3, 0, 29], vector8([1]), [4, 3], vector16([1, 2])));
  const of = (...messages: readonly Uint8Array[]) =>
    violations([offer(), [1, handshake(serverHello({ suites: [0xc02f] }), ...messages)]]);
  const unexpected = (name: string, after: string) => [
    { kind: 'unexpected-message', message: name, after, frame: 2, from: 'server' },
  ];

  test('is there', () => {
    assert.deepEqual(of(certificate(90), exchange, serverHelloDone), []);
  });

  test('makes what follows without it unexpected', () => {
    assert.deepEqual(of(certificate(90), serverHelloDone), unexpected('server_hello_done', 'certificate'));
    assert.deepEqual(of(exchange, serverHelloDone), unexpected('server_key_exchange', 'server_hello'));
  });

  test('may be in what the capture lacks', () => {
    const steps: readonly Step[] = [
      offer(),
      [1, handshake(serverHello({ suites: [0xc02f] }), certificate(90), serverHelloDone)],
    ];
    assert.deepEqual(violations(steps, [true, false]), []);
  });
});

describe('a ServerHello with what was not offered', () => {
  const answerTo = (offered: Step, options: HelloOptions) =>
    violations([offered, [1, handshake(serverHello(options))]]).map((one) => without(one, 'frame'));
  const notOffered = (what: string, value: string) => [{ kind: 'not-offered', what, value, from: 'server' }];

  test('has another cipher suite', () => {
    assert.deepEqual(answerTo(offer(), { suites: [0x0005] }), notOffered('cipher-suite', 'TLS_RSA_WITH_RC4_128_SHA'));
  });

  test('has a signal in the place of a cipher suite', () => {
    const suites = [0x00ff];
    assert.deepEqual(
      answerTo(offer({ suites: [0x009c, 0x00ff] }), { suites }),
      notOffered('cipher-suite', 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV'),
    );
  });

  test('has an extension that nobody asked for', () => {
    const extensions = [extension(35)];
    assert.deepEqual(answerTo(offer(), { extensions }), notOffered('extension', 'session_ticket'));
    assert.deepEqual(answerTo(hello(extension(35)), { extensions }), []);
  });

  test('may answer the signal for renegotiation_info', () => {
    const extensions = [extension(0xff01, [0])];
    assert.deepEqual(answerTo(offer({ suites: [0x009c, 0x00ff] }), { extensions }), []);
    assert.deepEqual(answerTo(offer(), { extensions }), notOffered('extension', 'renegotiation_info'));
  });

  test('does not repeat the session id (TLS 1.3)', () => {
    const extensions = [extension(43, be16(0x0304)), extension(51, be16(29), vector16([1]))];
    const offered = offer({ extensions: supported13, sessionId: [1, 2] });
    assert.deepEqual(
      answerTo(offered, { suites: [0x1301], extensions, sessionId: [3] }),
      notOffered('session-id', '03'),
    );
    assert.deepEqual(answerTo(offered, { suites: [0x1301], extensions, sessionId: [1, 2] }), []);
    // Up to TLS 1.2 it is the server's choice.
    assert.deepEqual(answerTo(offered, { sessionId: [3] }), []);
  });

  test('may answer what cannot be read', () => {
    assert.deepEqual(
      answerTo(hello(extension(10, [0, 9])), { suites: [0x0005] }).map(({ kind }) => kind),
      ['malformed-message'],
    );
  });
});

describe('the key share of a ServerHello of TLS 1.3', () => {
  const version13 = extension(43, be16(0x0304));
  const share = (group: number) => extension(51, be16(group), vector16([1]));
  const offered = (...groups: readonly number[]) =>
    offer({
      extensions: [
        extension(43, vector8(codes([0x0304]))),
        extension(41, vector16(vector16([1]), [0, 0, 0, 0]), vector16(vector8(new Uint8Array(32)))),
        extension(51, vector16(...groups.map((group) => concat(be16(group), vector16([1]))))),
      ],
    });
  const said = (extensions: readonly Uint8Array[]): Step => [
    1,
    handshake(serverHello({ suites: [0x1301], extensions })),
  ];
  const answerTo = (step: Step, ...extensions: readonly Uint8Array[]) => violations([step, said(extensions)]);
  const other = (frame: number) => [
    { kind: 'not-offered', what: 'key-share', value: 'secp256r1', frame, from: 'server' },
  ];

  test('is of a group that the client sent a share of', () => {
    assert.deepEqual(answerTo(offered(29, 23), version13, share(23)), []);
    assert.deepEqual(answerTo(offered(29), version13, share(23)), other(2));
  });

  test('and a client sends shares of groups alone that it offers (RFC 8446 §4.2.8)', () => {
    const offering = (...groups: readonly number[]) =>
      offer({
        extensions: [extension(10, vector16(codes(groups))), extension(51, vector16(be16(29), vector16([1])))],
      });
    assert.deepEqual(violations([offering(23, 29)]), []);
    assert.deepEqual(violations([offering(23, 24)]), [
      { kind: 'not-offered', what: 'key-share', value: 'x25519', frame: 1, from: 'client' },
    ]);
  });

  test('and what carries TLS may demand an extension of the ClientHello', () => {
    const TRANSPORT_PARAMETERS = 57;
    const draft = offer({ extensions: [extension(0xffa5, vector16([]))] });
    assert.deepEqual(violations([draft], WHOLE, TRANSPORT_PARAMETERS), [
      {
        kind: 'missing-extension',
        message: 'client_hello',
        extension: 'quic_transport_parameters',
        frame: 1,
        from: 'client',
      },
    ]);
    const current = offer({ extensions: [extension(TRANSPORT_PARAMETERS, new Uint8Array())] });
    assert.deepEqual(violations([current], WHOLE, TRANSPORT_PARAMETERS), []);
  });

  test('may be missing only where a key is shared before', () => {
    assert.deepEqual(answerTo(offered(29), version13), [
      { kind: 'missing-extension', message: 'server_hello', extension: 'key_share', frame: 2, from: 'server' },
    ]);
    assert.deepEqual(answerTo(offered(29), version13, extension(41, be16(0))), []);
    // Up to TLS 1.2 there is none.
    assert.deepEqual(violations([offered(29), answer]), []);
  });

  test('answers the ClientHello behind a HelloRetryRequest, if that is in view', () => {
    const answer23 = said([version13, share(23)]);
    assert.deepEqual(violations([offered(29), retry, offered(23), answer23]), []);
    assert.deepEqual(violations([offered(29), retry, offered(29), answer23]), other(4));
    assert.deepEqual(violations([offered(29), retry, answer23]), []);
  });
});

describe('what a server sends before its hello', () => {
  const first = (message: string) => [{ kind: 'unexpected-message', message, after: null, frame: 2, from: 'server' }];

  test('can be neither encrypted nor change its keys', () => {
    assert.deepEqual(violations([offer(), [1, changeCipherSpec]]), first('change_cipher_spec'));
    assert.deepEqual(violations([offer(), [1, applicationData(60)]]), first('application_data'));
    // Once is enough.
    assert.deepEqual(violations([offer(), [1, concat(changeCipherSpec, finished)]]), first('change_cipher_spec'));
  });

  test('may be in what the capture lacks', () => {
    assert.deepEqual(violations([offer(), [1, applicationData(60)]], [true, false]), []);
    assert.deepEqual(violations([[1, concat(changeCipherSpec, applicationData(60))]]), []);
  });

  test('is anything where it only retries, or has said that it refuses', () => {
    assert.deepEqual(violations([offer13, retry, [1, changeCipherSpec]]), []);
    assert.deepEqual(violations([offer(), [1, alert(2, 40)], [1, applicationData(60)]]), []);
  });
});

describe('bytes that are no record', () => {
  const text = Buffer.from('HTTP/1.1 403 Forbidden');

  test('behind a hello', () => {
    assert.deepEqual(violations([offer(), answer, [1, text]]), [{ kind: 'not-a-record', frame: 3, from: 'server' }]);
  });

  test('are nothing before it, nor behind what is encrypted, where another protocol may follow', () => {
    assert.deepEqual(violations([offer(), [1, text]]), []);
    assert.deepEqual(
      violations([offer(), [1, handshake(serverHello())], [1, concat(changeCipherSpec, finished)], [1, text]]),
      [],
    );
  });
});

describe('bytes left over', () => {
  const left = (steps: readonly Step[]) =>
    violations(steps).map((one) => {
      assert.equal(one.kind, 'trailing-bytes');
      const { message: of, extension: inside, what, offset, length } = one as Violation & { kind: 'trailing-bytes' };
      return [of, inside, what, offset, length, one.frame];
    });

  test('in a ClientHello and a ServerHello', () => {
    const body = clientHelloBody();
    const other = serverHelloBody();
    assert.deepEqual(
      left([
        [0, handshake(message(1, body, [1, 2]))],
        [1, handshake(message(2, other, [0]))],
      ]),
      [
        ['client_hello', null, 'client_hello', body.length, 2, 1],
        ['server_hello', null, 'server_hello', other.length, 1, 2],
      ],
    );
  });

  test('in an extension, counted from its beginning, whether or not hellos of its kind were seen before', () => {
    const own = concat(vector16([0], vector16([97])), [7, 7, 7]);
    const steps = [hello(extension(10, vector16([0, 29]), [9]), extension(0, own))];
    const expected = [
      ['client_hello', 'supported_groups', 'supported_groups', 4, 1, 1],
      ['client_hello', 'server_name', 'server_name', 6, 3, 1],
    ];
    assert.deepEqual(left(steps), expected);
    assert.deepEqual(left(steps), expected);
    // The same kind of hello, without what is its own.
    assert.deepEqual(left([hello(extension(10, vector16([0, 29]), [9]), named('a'))]), expected.slice(0, 1));
  });

  test('in the server_name, key_share and supported_versions of a ServerHello', () => {
    const share = concat(be16(29), vector16([1]));
    const extensions = [extension(0, [0, 0]), extension(51, share, share), extension(43, [3, 4, 3, 3])];
    const offer = hello(...supported13, extension(0));
    assert.deepEqual(left([offer, [1, handshake(serverHello({ extensions }))]]), [
      ['server_hello', 'server_name', 'server_name', 0, 2, 2],
      ['server_hello', 'key_share', 'key_share', share.length, share.length, 2],
      ['server_hello', 'supported_versions', 'supported_versions', 2, 2, 2],
    ]);
  });

  test('in messages that follow the hello', () => {
    const exchange = concat([3, 0, 29], vector8([1]), [4, 3], vector16([1, 2]));
    const done = [
      1,
      handshake(serverHello({ suites: [0xc02f] }), certificate(90), message(12, exchange, [5])),
    ] as const;
    assert.deepEqual(left([offer(), done]), [
      ['server_key_exchange', null, 'server_key_exchange', exchange.length, 1, 2],
    ]);
  });

  test('but not in well-formed status_request and pre_shared_key', () => {
    const psk = concat(vector16(vector16([1]), [0, 0, 0, 0]), vector16(vector8(new Uint8Array(32))));
    const status = concat([1], vector16(vector16([1])), vector16([2]));
    assert.deepEqual(violations([hello(extension(5, status), extension(41, psk))]), []);
  });
});

test('what cannot be decoded is a violation, with the reason and its place', () => {
  assert.deepEqual(violations([hello(extension(10, [0, 9, 0, 29])), [1, handshake(message(2, [3, 3]))]]), [
    {
      kind: 'malformed-message',
      message: 'client_hello',
      extension: 'supported_groups',
      offset: 2,
      reason: decodeFault('tooFewBytes', { field: 'named group list', needed: 9, left: 2 }),
      frame: 1,
      from: 'client',
    },
    {
      kind: 'malformed-message',
      message: 'server_hello',
      extension: null,
      offset: 2,
      reason: decodeFault('tooFewBytes', { field: 'random', needed: 32, left: 0 }),
      frame: 2,
      from: 'server',
    },
  ]);
});

describe('the mark of a downgrade', () => {
  const marked = (last: number) => concat(new Uint8Array(24).fill(1), Buffer.from('DOWNGRD'), [last]);
  const answers = (version: number, last: number): Step => [
    1,
    handshake(serverHello({ version, random: marked(last) })),
  ];

  test('is one only where the client offers the higher version', () => {
    assert.deepEqual(violations([offer13, answers(0x0303, 1)]), [
      { kind: 'downgrade-mark', offered: 'TLS 1.3', negotiated: 'TLS 1.2', frame: 2, from: 'server' },
    ]);
    assert.deepEqual(violations([offer(), answers(0x0301, 0)]), [
      { kind: 'downgrade-mark', offered: 'TLS 1.2', negotiated: 'TLS 1.0', frame: 2, from: 'server' },
    ]);
    for (const steps of [
      [offer(), answers(0x0303, 1)],
      [offer({ version: 0x0301 }), answers(0x0301, 0)],
      // The mark of a server that knows no TLS 1.3.
      [offer13, answers(0x0303, 0)],
      [offer13, [1, handshake(serverHello({ version: 0x0303 }))] as const],
    ])
      assert.deepEqual(violations(steps), []);
  });
});

describe('a server_name', () => {
  test('that is no host name is a violation, and is told as sent', () => {
    assert.deepEqual(violations([hello(named('192.0.2.1'))]), [
      { kind: 'invalid-server-name', name: '192.0.2.1', reason: 'ip-address', frame: 1, from: 'client' },
    ]);
    const [latin] = violations([hello(named(new Uint8Array([0xfc, 0x41])))]);
    assert.ok(latin?.kind === 'invalid-server-name');
    assert.deepEqual([latin.name, latin.reason], ['\u00fcA', 'non-ascii']);
  });

  test('is judged by what is wrong with it', () => {
    const cases: readonly (readonly [string, string | null])[] = [
      ['example.com', null],
      ['xn--bcher-kva.example', null],
      ['localhost', null],
      ['3com.example', null],
      ['', 'empty'],
      ['2001:db8::1', 'ip-address'],
      ['[2001:db8::1]', 'ip-address'],
      ['example.com:443', 'port'],
      ['bücher.example', 'non-ascii'],
      ['exa mple.com', 'invalid-character'],
      ['*.example.com', 'invalid-character'],
      ['https://example.com/', 'invalid-character'],
      ['example.com.', 'trailing-dot'],
      ['.example.com', 'empty-label'],
      ['a..example.com', 'empty-label'],
      ['.', 'empty-label'],
      [`${'a'.repeat(64)}.example`, 'too-long'],
      [`${'a.'.repeat(127)}aa`, 'too-long'],
      ['-a.example', 'hyphen'],
      ['a-.example', 'hyphen'],
      ['my_host.example', 'underscore'],
    ];
    for (const [name, fault] of cases) assert.equal(serverNameFault(name), fault, name);
  });
});

describe('lengths', () => {
  const lengthsOf = (steps: readonly Step[]) =>
    violations(steps).map(({ kind, frame, from, ...rest }) => [kind, frame, from, { ...rest }]);
  const header = (type: number, length: number) => concat([type, 3, 3], be16(length));

  test('of a record that is longer than TLS 1.2, TLS 1.3 and records in the clear may be', () => {
    assert.deepEqual(lengthsOf([offer(), answer, [1, header(23, 18433)]]), [
      ['record-too-long', 3, 'server', { contentType: 'application_data', length: 18433, limit: 18432 }],
    ]);
    assert.deepEqual(lengthsOf([offer(), answer, [1, header(23, 18432)]]), []);
    assert.deepEqual(lengthsOf([offer13, answer13, [1, header(23, 16641)]]), [
      ['record-too-long', 3, 'server', { contentType: 'application_data', length: 16641, limit: 16640 }],
    ]);
    assert.deepEqual(lengthsOf([offer13, answer13, [1, header(23, 16640)]]), []);
    const long = record(TYPE.handshake, certificate(16390));
    assert.deepEqual(lengthsOf([offer(), answer, [1, long]]), [
      ['record-too-long', 3, 'server', { contentType: 'handshake', length: long.length - 5, limit: 16384 }],
    ]);
  });

  test('of a record that is empty, unless it is of application data', () => {
    assert.deepEqual(lengthsOf([offer(), answer, [1, header(22, 0)]]), [
      ['empty-record', 3, 'server', { contentType: 'handshake' }],
    ]);
    assert.deepEqual(lengthsOf([offer(), answer, [1, header(23, 0)]]), []);
  });

  test('of an alert in the clear', () => {
    assert.deepEqual(lengthsOf([offer(), answer, [1, record(TYPE.alert, [2, 40, 0])]]), [
      ['alert-length', 3, 'server', { length: 3 }],
    ]);
    assert.deepEqual(lengthsOf([offer(), answer, [1, record(TYPE.alert, [1, 0, 2, 40])]]), []);
    assert.deepEqual(lengthsOf([offer(), answer, [1, concat(changeCipherSpec, encrypted(TYPE.alert, 31))]]), []);
  });

  test('of a message that nobody takes', () => {
    const start = concat([11], be24(MAX_HANDSHAKE_LENGTH + 1), new Uint8Array(100));
    assert.deepEqual(lengthsOf([offer(), answer, [1, handshake(start)]]), [
      [
        'message-too-long',
        3,
        'server',
        { message: 'certificate', length: MAX_HANDSHAKE_LENGTH + 1, limit: MAX_HANDSHAKE_LENGTH },
      ],
    ]);
  });

  test('are nothing where no hello is in view, or behind a gap', () => {
    assert.deepEqual(lengthsOf([offer(), [1, concat(applicationData(9), header(23, 18433))]]), []);
    assert.deepEqual(
      lengthsOf([offer(), answer, [1, { gap: 3 }], [1, concat(applicationData(9), header(23, 18433))]]),
      [],
    );
  });
});

describe('recorded handshakes', () => {
  for (const sample of [
    'tls12-success.pcap',
    'tls13-success.pcap',
    'hello-retry-request.pcap',
    'client-certificate-untrusted.pcap',
  ]) {
    test(`${sample} has no violation`, async () => {
      const steps = (await recordedStream(sample)).map(({ direction, data }): Step => [direction, data]);
      assert.ok(steps.length > 0);
      assert.deepEqual(violations(steps), []);
    });
  }
});

const anything = fc.array(
  fc.tuple(
    fc.constantFrom<(0 | 1)[]>(0, 1),
    fc.oneof(
      fc.constantFrom(
        handshake(clientHello()),
        handshake(serverHello()),
        handshake(serverHello13),
        handshake(serverHello({ random: RETRY_RANDOM })),
        handshake(serverHelloDone),
        changeCipherSpec,
        alert(1, 0),
        applicationData(30),
      ),
      fc.tuple(fc.nat(25), fc.uint8Array({ maxLength: 60 })).map(([type, body]) => handshake(message(type, body))),
      fc.uint8Array({ minLength: 1, maxLength: 60 }),
    ),
  ),
  { maxLength: 30 },
);

test('any messages and bytes give a bounded list, with frames that are there', () => {
  fc.assert(
    fc.property(anything, (steps) => {
      const found = violations(steps);
      assert.ok(found.length <= MAX_VIOLATIONS);
      for (const { frame } of found) assert.ok(frame >= 1 && frame <= steps.length);
    }),
    { numRuns: 1000 },
  );
});

test('the cuts between segments change no violation', () => {
  const messages = fc.array(
    fc.constantFrom(
      clientHello({ extensions: [extension(10, vector16([0, 29]), [1]), named('a_b')] }),
      serverHello({ extensions: [extension(0, [1])] }),
      certificate(40),
      serverHelloDone,
      helloRetryRequest,
    ),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }), (all, sizes) => {
      const bytes = concat(...all.map((one) => handshake(one)));
      const pieces: Step[] = [offer()];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        pieces.push([1, bytes.subarray(at, at + size)]);
        at += size;
      }
      const kinds = (steps: readonly Step[]) => violations(steps).map((violation) => without(violation, 'frame'));
      assert.deepEqual(kinds(pieces), kinds([offer(), [1, bytes]]));
    }),
    { numRuns: 300 },
  );
});
