/**
 * Parsers, asked without a capture around what they read, so that thousands of inputs are tried in a second. What is wrong with
 * an input they say; whatever else they throw is a find.
 */
import { rootCertificates } from 'node:tls';
import type { Random } from '../bench/random.js';
import { ConfigurationError, type ConfigurationTools } from '../src/ends/configurations/configuration.js';
import { CONFIGURATION_FORMATS } from '../src/ends/configurations/index.js';
import { readDnsMessage } from '../src/names/dns.js';
import { decode } from '../src/packet/decode.js';
import { newPacket } from '../src/packet/packet.js';
import { plaintextProtocol } from '../src/preamble/plaintext.js';
import { createKeyLogReader } from '../src/tls/decrypt/key-log.js';
import { readFrames } from '../src/tls/quic/frames.js';
import { readLongHeader, readLongPacket } from '../src/tls/quic/packet.js';
import { decodeHandshake } from '../src/tls/wire/messages/handshake.js';
import { createSharedContent } from '../src/tls/wire/messages/shared.js';
import { readEap, readTlsFragment } from '../src/transport/eap/packet.js';
import { readRadius } from '../src/transport/eap/radius.js';
import { readOcspResponse } from '../src/x509/ocsp.js';
import { parseCertificate } from '../src/x509/parse.js';
import { frames as frameCases } from '../test/packet/frames.js';
import { concat, frameOf } from '../test/support/captures.js';
import { dnsMessage } from '../test/support/dns.js';
import { EAP_TLS, LENGTH, MORE, radius, request, response } from '../test/support/eap.js';
import { ack, connectionClose, crypto, protectedPacket, retry, versionNegotiation, V1 } from '../test/support/quic.js';
import { mutatedCertificate } from './certificates.js';
import { changedFlights, type Flight } from './handshakes.js';
import { below, mutate } from './mutate.js';
import { CONFIGURATIONS } from './others.js';

/** A parser, and what is given to it. */
export interface Parser {
  readonly name: string;
  make(random: Random): Uint8Array;
  read(bytes: Uint8Array): void;
}

interface Seeds {
  readonly handshakes: readonly (readonly Flight[])[];
  readonly chains: readonly (readonly Uint8Array[])[];
  readonly keyLogs: readonly Uint8Array[];
}

const HANDSHAKE = 22;
const TLS_1_2 = { version: 0x0303, cipherSuite: 0xc02f };
const TLS_1_3 = { version: 0x0304, cipherSuite: 0x1301 };
const text = new TextEncoder();
const latin1 = new TextDecoder('latin1');

const tools: ConfigurationTools = {
  ciphers: () => undefined,
  include: () => [],
  certificates: () => null,
  authorities: () => null,
  addIssuers: () => undefined,
  completeChains: () => false,
  work: () => undefined,
  unread: () => undefined,
};

/** The parsers, each with seeds of its own. */
export function parsersOf({ handshakes, chains, keyLogs }: Seeds): readonly Parser[] {
  const one = <T>(list: readonly T[], random: Random): T => list[below(random, list.length)] as T;
  const mutations = (seeds: readonly Uint8Array[]) => (random: Random) => mutate(one(seeds, random), random);
  const certificates = [...chains.flat(), ...rootCertificates.slice(0, 20).map((pem) => fromPem(pem))];
  const packet = newPacket();
  const linkTypes = new Map(frameCases.map(([, linkType, data]) => [data, linkType] as const));
  /** The link type comes before the frame, in two bytes: the same bytes are another frame behind another link. */
  const framesSeeds = [...linkTypes].map(([data, linkType]) => concat([linkType >> 8, linkType & 0xff], data));
  return [
    {
      name: 'messages',
      make: (random) => {
        const flights = changedFlights(one(handshakes, random), random).filter(({ type }) => type === HANDSHAKE);
        const { bytes } = one(flights, random);
        return below(random, 3) === 0 && bytes.length > 0 ? mutate(bytes, random) : bytes;
      },
      read(bytes) {
        const shared = createSharedContent();
        for (const negotiated of [TLS_1_2, TLS_1_3]) {
          for (let at = 0; at + 4 <= bytes.length;) {
            const length = ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
            const end = Math.min(bytes.length, at + 4 + length);
            decodeHandshake(bytes[at] ?? 0, bytes, at + 4, end, { negotiated, shared });
            at = end;
          }
        }
      },
    },
    {
      name: 'certificates',
      make: (random) => mutatedCertificate(one(certificates, random), random),
      read: (bytes) => void parseCertificate(bytes),
    },
    {
      name: 'OCSP responses',
      // Of the structure of a response around a certificate, whose tags lead into all parsers.
      make: (random) => mutate(concat(OCSP_HEAD, one(certificates, random)), random),
      read: (bytes) => void readOcspResponse(bytes, parseCertificate),
    },
    {
      name: 'frames',
      make: mutations(framesSeeds),
      read(bytes) {
        const linkType = ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
        decode(frameOf(linkType, bytes.subarray(2)), packet);
      },
    },
    {
      name: 'DNS',
      make: mutations([
        dnsMessage(),
        dnsMessage({
          answers: [
            { name: 'shop.example', type: 'CNAME', value: 'cdn.example' },
            { name: 'cdn.example', type: 'A', value: '192.0.2.1' },
            { name: 'cdn.example', type: 'AAAA', value: '2001:db8::1' },
          ],
        }),
      ]),
      read: (bytes) => void readDnsMessage(bytes, 0, bytes.length),
    },
    {
      name: 'EAP and RADIUS',
      make: mutations([
        request(1, EAP_TLS, concat([LENGTH | MORE, 0, 0, 4, 0], new Uint8Array(200))),
        response(1, EAP_TLS, concat([0], new Uint8Array(100))),
        radius({ code: 11, id: 7, eap: request(1, EAP_TLS, new Uint8Array(600)), state: 's', station: '02-00' }),
      ]),
      read(bytes) {
        const eap = readEap(bytes, 0, bytes.length);
        if (eap !== null) readTlsFragment(eap);
        readRadius({ bytes, offset: 0, end: bytes.length, missing: 0 });
        readRadius({ bytes, offset: 0, end: bytes.length, missing: 50 });
      },
    },
    {
      name: 'QUIC',
      make: mutations([
        concat(crypto(0, new Uint8Array(300)), ack(0, 3), connectionClose(0x128, 'why', 6), [0x1e, 0x01]),
        protectedPacket('handshake', [1, 2, 3], [4, 5, 6, 7]),
        retry([1, 2, 3, 4, 5, 6, 7, 8], [9], [8, 8], [7, 7, 7], V1),
        versionNegotiation([1], [2, 3], [1, 0x0a0a0a0a]),
      ]),
      read(bytes) {
        readFrames(bytes, quicSink);
        const header = readLongHeader(bytes, 0, bytes.length);
        if (header !== null) readLongPacket(bytes, header, bytes.length);
      },
    },
    {
      name: 'key logs',
      make: mutations(keyLogs),
      read(bytes) {
        const reader = createKeyLogReader({ add: () => undefined });
        const middle = bytes.length >> 1;
        reader.read(bytes.subarray(0, middle));
        reader.read(bytes.subarray(middle));
        reader.end();
      },
    },
    {
      name: 'configurations',
      make: mutations(CONFIGURATIONS.map((each) => text.encode(each))),
      read(bytes) {
        const content = latin1.decode(bytes);
        for (const format of CONFIGURATION_FORMATS) {
          format.recognise(content);
          try {
            format.read(content, 'fuzzed', tools);
          } catch (error) {
            if (!(error instanceof ConfigurationError)) throw error;
          }
        }
      },
    },
    {
      name: 'plaintext',
      make: mutations(PLAINTEXTS.map((each) => text.encode(each))),
      read(bytes) {
        plaintextProtocol(bytes, 'client');
        plaintextProtocol(bytes, 'server');
      },
    },
  ];
}

const fromPem = (pem: string): Uint8Array => Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');

/** OCSPResponse, successful, with a response of type id-pkix-ocsp-basic: up to the contents of its octet string. */
const OCSP_HEAD = [
  0x30, 0x82, 4, 0, 0x0a, 1, 0, 0xa0, 0x82, 3, 0xf9, 0x30, 0x82, 3, 0xf5, 6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1, 4,
  0x82, 3, 0xe6,
];

const PLAINTEXTS = [
  'GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n',
  'HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n<html>',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '220 mx ESMTP\r\n',
  'EHLO me\r\n',
  '* OK IMAP4rev1\r\n',
];

const quicSink = {
  crypto: () => undefined,
  close: () => undefined,
  acknowledged: () => undefined,
  connectionId: () => undefined,
  handshakeDone: () => undefined,
};
