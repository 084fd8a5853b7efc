import type { DerError } from '../../src/x509/der.js';
import { decodeFault } from '../../src/decode-faults.js';
import '../../src/report/reflect.js';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { before, describe, test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { readAuthorityInfoAccess, readSubjectAltNames } from '../../src/x509/extensions.js';
import type { GeneralNames } from '../../src/x509/general-name.js';
import { outlineCertificate } from '../../src/x509/outline.js';
import { recordedConnections } from '../support/recorded.js';
import { der } from './authority.js';

/** What @peculiar/x509 reads, in our form. */
function peculiar(value: Uint8Array): Omit<GeneralNames, 'directory' | 'other' | 'others'> {
  const { items } = new x509.GeneralNames(new Uint8Array(value));
  const named = (wanted: string) => items.filter(({ type }) => type === wanted).map((item) => item.value);
  return { dns: named('dns'), ip: named('ip'), email: named('email'), uri: named('url') };
}

function peculiarAccess(value: Uint8Array): ReturnType<typeof readAuthorityInfoAccess> {
  const extension = new x509.Extension('1.3.6.1.5.5.7.1.1', false, new Uint8Array(value));
  const { caIssuers, ocsp } = new x509.AuthorityInfoAccessExtension(extension.rawData);
  const urls = (names: readonly x509.GeneralName[]) =>
    names.filter(({ type }) => type === 'url').map((name) => name.value);
  return { caIssuers: urls(caIssuers), ocsp: urls(ocsp) };
}

/** Holds a value against the library's, which says nothing of directory names and others. */
function agree(value: Uint8Array): void {
  const { dns, ip, email, uri } = readSubjectAltNames(value);
  assert.deepEqual({ dns, ip, email, uri }, peculiar(value));
}

function agreeOnAccess(value: Uint8Array): void {
  assert.deepEqual(readAuthorityInfoAccess(value), peculiarAccess(value));
}

const text = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) });
const ipv6 = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff])));
const generalName = fc.oneof(
  fc
    .tuple(fc.constantFrom(0x81, 0x82, 0x86), text)
    .map(([tag, characters]) => der(tag, Buffer.from(characters, 'latin1'))),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((octets) => der(0x87, octets)),
  ipv6.map((octets) => der(0x87, octets)),
  fc.constant(der(0x88, [0x2a, 0x03])),
  fc.constant(der(0xa4, der(0x30, der(0x31, der(0x30, der(0x06, [0x55, 0x04, 0x0a]), der(0x13, 'Example')))))),
);
const method = fc
  .constantFrom('01', '02', '03', '05')
  .map((last) => der(0x06, Buffer.from(`2b060105050730${last}`, 'hex')));
const access = fc.tuple(method, generalName).map(([oid, location]) => der(0x30, oid, location));

describe('general names, as @peculiar/x509 reads them', () => {
  let certificates: readonly Uint8Array[];
  before(async () => {
    const seen = new Map<string, Uint8Array>();
    for (const sample of readdirSync('samples').filter((name) => /\.pcap(?:ng)?$/.test(name))) {
      for (const { serverCertificates, clientCertificates } of await recordedConnections(sample)) {
        for (const { sha256, der } of [...serverCertificates, ...clientCertificates]) seen.set(sha256, der);
      }
    }
    certificates = [...rootCertificates.map((pem) => new X509Certificate(pem).raw), ...seen.values()];
  });

  test('in every certificate of the samples and every root that Node carries', () => {
    let names = 0;
    let locations = 0;
    for (const certificate of certificates) {
      const { extensions } = outlineCertificate(certificate);
      const subjectAltNames = extensions.get('2.5.29.17')?.value;
      const authorityInfoAccess = extensions.get('1.3.6.1.5.5.7.1.1')?.value;
      if (subjectAltNames !== undefined) agree(subjectAltNames);
      if (authorityInfoAccess !== undefined) agreeOnAccess(authorityInfoAccess);
      names += Number(subjectAltNames !== undefined);
      locations += Number(authorityInfoAccess !== undefined);
    }
    assert.ok(names > 0 && locations > 0, `${names} with names, ${locations} with locations`);
  });

  test('of any content', () => {
    fc.assert(
      fc.property(fc.array(generalName), (names) => {
        agree(der(0x30, ...names));
      }),
    );
  });

  test('as locations of any access method', () => {
    fc.assert(
      fc.property(fc.array(access), (descriptions) => {
        agreeOnAccess(der(0x30, ...descriptions));
      }),
    );
  });
});

describe('general names, otherwise than @peculiar/x509 reads them', () => {
  test('names that no TLS client compares are counted, and do not spoil the rest', () => {
    const dns = der(0x82, 'a.example');
    const srvName = der(0xa0, der(0x06, Buffer.from('2b06010505070807', 'hex')), der(0xa0, der(0x16, '_x.a.example')));
    const value = der(0x30, srvName, der(0xa3, der(0x30)), dns, der(0xa5, der(0xa1, der(0x0c, 'party'))));
    assert.throws(() => peculiar(value));
    assert.deepEqual(readSubjectAltNames(value), {
      dns: ['a.example'],
      ip: [],
      email: [],
      uri: [],
      directory: [],
      other: ['1.3.6.1.5.5.7.8.7:_x.a.example'],
      others: 2,
    });
  });

  test('an address that a mask follows is none: that is for name constraints', () => {
    const value = der(0x30, der(0x87, [192, 0, 2, 0, 255, 255, 255, 0]));
    assert.deepEqual(readSubjectAltNames(value).ip, ['c0000200ffffff00']);
  });

  for (const [what, value, fault] of [
    ['a name of no known choice', der(0x30, der(0x89, 'x')), decodeFault('notAGeneralName', { tag: '0x89' })],
    ['a name of another class', der(0x30, der(0x16, 'a.example')), decodeFault('notAGeneralName', { tag: '0x16' })],
    ['text in pieces', der(0x30, der(0xa2, der(0x16, 'a.example'))), decodeFault('notAGeneralName', { tag: '0xa2' })],
    [
      'a directory name that is none',
      der(0x30, der(0xa4, der(0x31))),
      decodeFault('otherTag', { field: 'name', tag: '0x31', wanted: '0x30' }),
    ],
    [
      'a name that is cut short',
      new Uint8Array([0x30, 3, 0x82, 2, 0x61]),
      decodeFault('lengthPassesEnd', { length: 2, byte: 2 }),
    ],
    [
      'bytes that follow',
      new Uint8Array([0x30, 0, 0]),
      decodeFault('trailingBytes', { count: 1, field: 'subject alternative names' }),
    ],
    ['a set', der(0x31), decodeFault('otherTag', { field: 'subject alternative names', tag: '0x31', wanted: '0x30' })],
    ['nothing', new Uint8Array(), decodeFault('elementCut', { byte: 0 })],
  ] as const) {
    test(`${what} is an error`, () => {
      assert.throws(() => readSubjectAltNames(value), { fault });
    });
  }

  test('a location without a name or a method is an error', () => {
    const oid = der(0x06, Buffer.from('2b06010505073001', 'hex'));
    assert.throws(() => readAuthorityInfoAccess(der(0x30, der(0x30, oid))), {
      fault: decodeFault('missing', { field: 'general name' }),
    });
    assert.throws(
      () => readAuthorityInfoAccess(der(0x30, der(0x30, der(0x86, 'http://a.example')))),
      ({ fault }: DerError) => fault.data['field'] === 'object identifier',
    );
  });
});
