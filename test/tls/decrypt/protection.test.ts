import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer, connect as connectTcp, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import * as tls from 'node:tls';
import fc from 'fast-check';
import {
  additionalData12,
  aeadKeys,
  contentOfNull,
  innerPlaintext,
  nextTrafficKeys,
  open12,
  openAead13,
  updateChainedIv,
  protections12,
  trafficKeys,
  wipeAeadKeys,
  wipeProtection12,
  wipeTrafficKeys,
  type Protection12,
} from '../../../src/tls/decrypt/protection.js';
import { nextTrafficSecret } from '../../../src/tls/decrypt/key-schedule.js';
import { recordCipher, type AeadCipher, type RecordCipher } from '../../../src/tls/decrypt/suites.js';
import { CIPHER_SUITES } from '../../../src/tls/wire/registry/tables.js';
import { concat } from '../../support/captures.js';
import { fromHex } from '../../support/quic.js';

function cipherOf(suite: number): RecordCipher {
  const cipher = recordCipher(suite);
  assert.ok(cipher);
  return cipher;
}

function aeadOf(suite: number): AeadCipher {
  const cipher = cipherOf(suite);
  assert.equal(cipher.kind, 'aead');
  return cipher;
}

const open13 = (suite: number, secret: string, number: number, record: Uint8Array): Buffer | null =>
  openAead13(aeadKeys(aeadOf(suite), fromHex(secret)), number, record.subarray(0, 5), record.subarray(5));

test('keys are overwritten, with what was made of them', () => {
  const keys = aeadKeys(aeadOf(0x1301), new Uint8Array(32).fill(1));
  assert.equal(openAead13(keys, 0, new Uint8Array(5), new Uint8Array(40)), null);
  wipeAeadKeys(keys);
  const random = new Uint8Array(32);
  const { client } = protections12({
    cipher: cipherOf(0xc013),
    version: 0x0301,
    master: new Uint8Array(48).fill(1),
    clientRandom: random,
    serverRandom: random,
    encryptThenMac: false,
  });
  wipeProtection12(client);
  const all = [keys.key, keys.iv, client.key, client.iv, client.macKey];
  for (const each of all) assert.ok(each.length > 0 && each.every((value) => value === 0));
  // A key of zeros is what is left, of what was expanded too.
  const zeros = createCipheriv('aes-128-gcm', new Uint8Array(16), new Uint8Array(12)).setAAD(new Uint8Array(5));
  const sealed = Buffer.concat([zeros.update('text'), zeros.final(), zeros.getAuthTag()]);
  assert.equal(openAead13(keys, 0, new Uint8Array(5), sealed)?.toString(), 'text');
});

test('a secret that was made of another is overwritten with its keys; one of a key log is not', () => {
  const first = trafficKeys(aeadOf(0x1301), new Uint8Array(32).fill(1));
  const next = nextTrafficKeys(aeadOf(0x1301), first);
  assert.equal(Buffer.from(next.secret).equals(nextTrafficSecret('sha256', first.secret)), true);
  for (const each of [first, next]) wipeTrafficKeys(each);
  for (const each of [first.keys.key, first.keys.iv, next.keys.key, next.keys.iv, next.secret]) {
    assert.ok(each.length > 0 && each.every((value) => value === 0));
  }
  assert.ok(first.secret.every((value) => value === 1));
});

describe('the records of RFC 8448 §3', () => {
  test("the client's Finished", () => {
    const record = fromHex(`170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384
      bd1caeacab6867d726c40546`);
    const secret = 'b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21';
    const opened = open13(0x1301, secret, 0, record);
    assert.equal(opened?.toString('hex'), '14000020a8ec436d677634ae525ac1fcebe11a039ec17694fac6e98527b642f2edd5ce6116');
    assert.deepEqual(innerPlaintext(opened), { type: 22, end: 36 });
    assert.equal(open13(0x1301, secret, 1, record), null);
  });

  test("the client's close_notify, its second record", () => {
    const record = fromHex('1703030013c9872760655666b74d7ff1153efd6db6d0b0e3');
    const secret = '9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5';
    assert.equal(open13(0x1301, secret, 1, record)?.toString('hex'), '010015');
  });
});

test('an inner plaintext of nothing but padding has no type', () => {
  assert.equal(innerPlaintext(new Uint8Array(20)), null);
  assert.equal(innerPlaintext(new Uint8Array(0)), null);
});

interface Conversation {
  /** What was said on the wire, by client and server. */
  readonly sent: { readonly client: Uint8Array; readonly server: Uint8Array };
  /** The lines of the key log, by label. */
  readonly secrets: ReadonlyMap<string, Buffer>;
}

const PSK = { identity: 'nobody', psk: Buffer.alloc(16, 7) };

/** A whole connection of OpenSSL with itself, as Node.js has it: what was on the wire, and the secrets. */
async function converse(options: tls.SecureContextOptions): Promise<Conversation> {
  const sent: { client: Uint8Array[]; server: Uint8Array[] } = { client: [], server: [] };
  const server = tls.createServer({ ...options, pskCallback: () => PSK.psk, pskIdentityHint: 'x' }, (socket) => {
    socket.on('data', () => socket.end('answer'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  // A witness between the two.
  const witness = createServer((near: Socket) => {
    const far = connectTcp(address.port, '127.0.0.1');
    near.on('data', (data) => {
      sent.client.push(new Uint8Array(data));
      far.write(data);
    });
    far.on('data', (data) => {
      sent.server.push(new Uint8Array(data));
      near.write(data);
    });
    near.on('end', () => far.end());
    far.on('end', () => near.end());
  });
  witness.listen(0, '127.0.0.1');
  await once(witness, 'listening');
  const between = witness.address();
  assert.ok(between !== null && typeof between === 'object');
  const secrets = new Map<string, Buffer>();
  const client = tls.connect({
    ...options,
    host: '127.0.0.1',
    port: between.port,
    pskCallback: () => PSK,
    checkServerIdentity: () => undefined,
  });
  client.on('keylog', (line: Buffer) => {
    const [label, , secret] = line.toString().trim().split(' ');
    if (label !== undefined && secret !== undefined) secrets.set(label, Buffer.from(secret, 'hex'));
  });
  client.end('question');
  client.resume();
  await once(client, 'close');
  server.close();
  witness.close();
  return { sent: { client: concat(...sent.client), server: concat(...sent.server) }, secrets };
}

interface Record {
  readonly type: number;
  readonly version: number;
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

function recordsOf(bytes: Uint8Array): Record[] {
  const records: Record[] = [];
  const view = Buffer.from(bytes);
  for (let at = 0; at + 5 <= view.length; at += 5 + view.readUInt16BE(at + 3)) {
    const start = at + 5;
    records.push({
      type: view.readUInt8(at),
      version: view.readUInt16BE(at + 1),
      header: view.subarray(at, start),
      body: view.subarray(start, start + view.readUInt16BE(at + 3)),
    });
  }
  return records;
}

/** What the records behind ChangeCipherSpec hold, as `22 14000020…`. */
function openAll12(protection: Protection12, bytes: Uint8Array): string[] {
  const records = recordsOf(bytes);
  const from = records.findIndex(({ type }) => type === 20) + 1;
  return records.slice(from).map(({ type, version, body }, sequence) => {
    // Behind a gap several numbers are tried, and the next record is chained to this one whatever comes of it.
    const wrong = { epoch: 0, sequence: sequence + 1, header: additionalData12(0, sequence + 1, type, version) };
    assert.equal(open12(protection, wrong, body), null);
    const header = additionalData12(0, sequence, type, version);
    const content = open12(protection, { epoch: 0, sequence, header }, body);
    updateChainedIv(protection, body);
    return `${type} ${content === null ? 'closed' : content.toString('hex')}`;
  });
}

const QUESTION = `23 ${Buffer.from('question').toString('hex')}`;
const ANSWER = `23 ${Buffer.from('answer').toString('hex')}`;
const NO_ENCRYPT_THEN_MAC = 1 << 19;
const ENCRYPT_THEN_MAC = 22;

/** The suite and the randoms of a ServerHello and a ClientHello that are the first records. */
function hellosOf({ sent }: Conversation): { suite: number; clientRandom: Uint8Array; serverRandom: Uint8Array } {
  const client = recordsOf(sent.client)[0]?.body;
  const server = recordsOf(sent.server)[0]?.body;
  assert.ok(client && server);
  const suiteAt = 39 + (server[38] as number);
  return {
    suite: ((server[suiteAt] as number) << 8) | (server[suiteAt + 1] as number),
    clientRandom: client.subarray(6, 38),
    serverRandom: server.subarray(6, 38),
  };
}

describe('connections of OpenSSL with itself', () => {
  const connections: readonly [string, tls.SecureVersion, number, number?][] = [
    ['PSK-AES128-GCM-SHA256', 'TLSv1.2', 0x00a8],
    ['PSK-AES256-GCM-SHA384', 'TLSv1.2', 0x00a9],
    ['PSK-AES128-CCM', 'TLSv1.2', 0xc0a4],
    ['PSK-AES256-CCM8', 'TLSv1.2', 0xc0a9],
    ['PSK-CHACHA20-POLY1305', 'TLSv1.2', 0xccab],
    ['PSK-ARIA256-GCM-SHA384', 'TLSv1.2', 0xc06b],
    ['PSK-CAMELLIA128-SHA256', 'TLSv1.2', 0xc094],
    ['PSK-AES256-CBC-SHA384', 'TLSv1.2', 0x00af],
    ['PSK-AES128-CBC-SHA256', 'TLSv1.2', 0x00ae, NO_ENCRYPT_THEN_MAC],
    ['PSK-NULL-SHA256', 'TLSv1.2', 0x00b0],
    ['PSK-AES128-CBC-SHA', 'TLSv1.1', 0x008c],
    ['PSK-AES256-CBC-SHA', 'TLSv1.1', 0x008d, NO_ENCRYPT_THEN_MAC],
    ['PSK-AES128-CBC-SHA', 'TLSv1', 0x008c],
    ['PSK-AES256-CBC-SHA', 'TLSv1', 0x008d, NO_ENCRYPT_THEN_MAC],
  ];
  for (const [ciphers, version, code, secureOptions = 0] of connections) {
    const mode = secureOptions === 0 ? '' : ', MAC then encrypt';
    test(`${ciphers}, ${version}${mode}`, async () => {
      const options = { ciphers: `${ciphers}:@SECLEVEL=0`, minVersion: version, maxVersion: version, secureOptions };
      const conversation = await converse(options);
      const { suite, ...randoms } = hellosOf(conversation);
      assert.equal(suite, code);
      const master = conversation.secrets.get('CLIENT_RANDOM');
      assert.ok(master);
      const cipher = cipherOf(suite);
      const wire = { 'TLSv1.2': 0x0303, 'TLSv1.1': 0x0302, TLSv1: 0x0301, 'TLSv1.3': 0 }[version];
      const encryptThenMac = secureOptions === 0 && cipher.kind === 'cbc';
      const { client, server } = protections12({ cipher, version: wire, master, ...randoms, encryptThenMac });
      for (const [protection, bytes, data] of [
        [client, conversation.sent.client, QUESTION],
        [server, conversation.sent.server, ANSWER],
      ] as const) {
        const opened = openAll12(protection, bytes);
        assert.match(opened[0] as string, /^22 1400000c[0-9a-f]{24}$/);
        assert.equal(opened.filter((words) => !/^23 $/.test(words))[1], data);
        assert.equal(opened.at(-1), '21 0100');
      }
    });
  }

  test(`extension ${ENCRYPT_THEN_MAC} says how CBC is read: the other way nothing opens`, async () => {
    const conversation = await converse({
      ciphers: 'PSK-AES128-CBC-SHA256:@SECLEVEL=0',
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.2',
    });
    const { suite, ...randoms } = hellosOf(conversation);
    const master = conversation.secrets.get('CLIENT_RANDOM');
    assert.ok(master);
    const input = { cipher: cipherOf(suite), version: 0x0303, master, ...randoms, encryptThenMac: false };
    const { client } = protections12(input);
    assert.ok(openAll12(client, conversation.sent.client).every((words) => words.endsWith(' closed')));
  });

  for (const [ciphers, code] of [
    ['TLS_AES_128_GCM_SHA256', 0x1301],
    ['TLS_CHACHA20_POLY1305_SHA256', 0x1303],
    ['TLS_AES_128_CCM_SHA256', 0x1304],
    ['TLS_AES_128_CCM_8_SHA256', 0x1305],
  ] as const) {
    test(ciphers, async () => {
      const conversation = await converse({ ciphers, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' });
      const { suite } = hellosOf(conversation);
      assert.equal(suite, code);
      for (const [side, bytes, data] of [
        ['CLIENT', conversation.sent.client, 'question'],
        ['SERVER', conversation.sent.server, 'answer'],
      ] as const) {
        const contents = new Set<string>();
        for (const label of [`${side}_HANDSHAKE_TRAFFIC_SECRET`, `${side}_TRAFFIC_SECRET_0`]) {
          const secret = conversation.secrets.get(label);
          assert.ok(secret);
          const keys = aeadKeys(aeadOf(suite), secret);
          let sequence = 0;
          for (const { type, header, body } of recordsOf(bytes)) {
            const opened = type === 23 ? openAead13(keys, sequence, header, body) : null;
            if (opened === null) continue;
            sequence++;
            const inner = innerPlaintext(opened);
            assert.ok(inner);
            contents.add(inner.type === 23 ? opened.toString('latin1', 0, inner.end) : `type ${inner.type}`);
          }
        }
        assert.ok(contents.has(data) && contents.has('type 22') && contents.has('type 21'), [...contents].join());
      }
    });
  }
});

describe('bytes of any kind are closed, and never an error', () => {
  const suites = [...CIPHER_SUITES.keys()].filter((suite) => recordCipher(suite) !== null);
  const bytes = fc.uint8Array({ maxLength: 100 });

  test('as records of SSL 3.0 to TLS 1.2', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...suites),
        fc.constantFrom(0x0300, 0x0301, 0x0302, 0x0303),
        bytes,
        fc.boolean(),
        fc.maxSafeNat(),
        (suite, version, body, encryptThenMac, sequence) => {
          const randoms = { clientRandom: new Uint8Array(32), serverRandom: new Uint8Array(32) };
          const master = new Uint8Array(48);
          const input = { cipher: cipherOf(suite), version, master, ...randoms, encryptThenMac };
          const header = additionalData12(65535, sequence, 22, version);
          for (const protection of Object.values(protections12(input))) {
            assert.equal(open12(protection, { epoch: 65535, sequence, header }, body), null);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('as records of TLS 1.3', () => {
    const aeads = suites.filter((suite) => recordCipher(suite)?.kind === 'aead');
    fc.assert(
      fc.property(fc.constantFrom(...aeads), bytes, bytes, fc.maxSafeNat(), (suite, header, body, number) => {
        assert.equal(openAead13(aeadKeys(aeadOf(suite), new Uint8Array(32)), number, header, body), null);
      }),
      { numRuns: 500 },
    );
  });

  test('a record without encryption is its content and a MAC', () => {
    fc.assert(
      fc.property(bytes, (content) => {
        assert.deepEqual(contentOfNull({ mac: 'sha1' }, concat(content, new Uint8Array(20))), content);
      }),
    );
    assert.equal(contentOfNull({ mac: 'sha1' }, new Uint8Array(19)), null);
  });
});
