import fc from 'fast-check';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { pemCertificates } from '../../src/ends/stores/pem.js';
import type { Certificate } from '../../src/x509/certificate.js';
import { ocspVerdict, readOcspResponse } from '../../src/x509/ocsp.js';
import { createWorkBudget } from '../../src/x509/work.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { stub } from './authority.js';
import { makeWorkplace, openssl, withoutOpenssl, type Workplace } from './openssl.js';

const DAY = 86_400_000;

/** An authority with three certificates (good, revoked, unknown to it), and those who may, and may not, speak for it. */
class Authority {
  readonly #workplace: Workplace = makeWorkplace();
  readonly ca = this.#make('ca', 'ec', '0x01');
  readonly leaf = this.#make('leaf', 'ec', '0x1000', 'ca');
  readonly revoked = this.#make('revoked', 'ec', '0x80ff', 'ca');
  readonly unknown = this.#make('unknown', 'ec', '0x1002', 'ca');
  readonly delegate = this.#make('delegate', 'rsa', '0x1003', 'ca', 'extendedKeyUsage=OCSPSigning');
  readonly upstart = this.#make('upstart', 'ec', '0x1004', 'ca', 'extendedKeyUsage=serverAuth');
  readonly stranger = this.#make('stranger', 'ec', '0x02');
  readonly #index = this.#workplace.write(
    'index.txt',
    [
      'V\t400101000000Z\t\t1000\tunknown\t/CN=leaf',
      'R\t400101000000Z\t250304050607Z,keyCompromise\t80FF\tunknown\t/CN=revoked\n',
    ].join('\n'),
  );

  /** What `openssl ocsp` answers about a certificate, signed by one of these. */
  respond(
    about: string,
    signer: string,
    { asks = [], answers = [] }: { asks?: string[]; answers?: string[] } = {},
  ): Uint8Array {
    const request = this.#path('request.der');
    const response = this.#path('response.der');
    this.#run(
      'ocsp',
      '-no_nonce',
      ...asks,
      '-issuer',
      this.#path('ca.pem'),
      '-cert',
      this.#path(`${about}.pem`),
      '-reqout',
      request,
    );
    this.#run(
      ...['ocsp', '-index', this.#index, '-CA', this.#path('ca.pem'), '-reqin', request, '-respout', response],
      ...['-rsigner', this.#path(`${signer}.pem`), '-rkey', this.#path(`${signer}.key`), '-ndays', '7', ...answers],
    );
    return new Uint8Array(readFileSync(response));
  }

  remove(): void {
    this.#workplace.remove();
  }

  #path(name: string): string {
    return this.#workplace.path(name);
  }

  #make(name: string, kind: 'ec' | 'rsa', serial: string, by?: string, ...extensions: string[]): Certificate {
    const key = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
    this.#run(
      ...['req', '-x509', '-nodes', '-subj', `/CN=${name}`, '-days', '3650', '-set_serial', serial, '-newkey', ...key],
      ...['-keyout', this.#path(`${name}.key`), '-out', this.#path(`${name}.pem`)],
      ...(by === undefined ? [] : ['-CA', this.#path(`${by}.pem`), '-CAkey', this.#path(`${by}.key`)]),
      ...extensions.flatMap((extension) => ['-addext', extension]),
    );
    const [der] = pemCertificates(readFileSync(this.#path(`${name}.pem`), 'latin1'));
    return parseCertificate(der ?? new Uint8Array());
  }

  #run(...words: string[]): void {
    const { status, stderr } = spawnSync(openssl, words, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`openssl ${words.join(' ')}: ${stderr}`);
  }
}

describe('ocspVerdict on responses of openssl ocsp', { skip: withoutOpenssl }, () => {
  let authority: Authority;
  before(() => {
    authority = new Authority();
  });
  after(() => {
    authority.remove();
  });

  const judge = (
    der: Uint8Array,
    leaf: Certificate,
    { issuer = authority.ca, at = Date.now() + 60_000 }: { issuer?: Certificate | null; at?: number } = {},
  ) => ocspVerdict(readOcspResponse(der, parseCertificate), leaf, issuer, at);

  test('without work left, the signature counts as not verified', () => {
    const response = readOcspResponse(authority.respond('leaf', 'ca'), parseCertificate);
    const at = Date.now() + 60_000;
    const verdict = ocspVerdict(response, authority.leaf, authority.ca, at, createWorkBudget(-response.der.length));
    const { status, problem, signer, signature } = verdict;
    assert.deepEqual(
      { status, problem, signer, signature },
      { status: 'good', problem: null, signer: null, signature: 'unsupported' },
    );
  });

  test('good, from the issuer itself', () => {
    const verdict = judge(authority.respond('leaf', 'ca'), authority.leaf);
    const { status, problem, signer, signature, single } = verdict;
    assert.deepEqual(
      { status, problem, signer, signature },
      { status: 'good', problem: null, signer: 'issuer', signature: 'valid' },
    );
    assert.equal(Date.parse(single?.nextUpdate ?? '') - Date.parse(single?.thisUpdate ?? ''), 7 * DAY);
    assert.equal(single?.certificate.hashAlgorithm, 'sha1');
  });

  test('however the request hashes, the responder is named, and the signature made', () => {
    for (const options of [
      { asks: ['-sha256'] },
      { asks: ['-sha384'], answers: ['-resp_key_id'] },
      { answers: ['-resp_no_certs'] },
      { answers: ['-resp_no_certs', '-resp_key_id', '-rmd', 'sha512'] },
      { answers: ['-rmd', 'sha1'] },
    ]) {
      const { status, problem, signer } = judge(authority.respond('leaf', 'ca', options), authority.leaf);
      assert.deepEqual({ status, problem, signer }, { status: 'good', problem: null, signer: 'issuer' });
    }
    for (const answers of [[], ['-resp_key_id'], ['-rsigopt', 'rsa_padding_mode:pss'], ['-rmd', 'sha384']]) {
      const { status, problem, signer } = judge(authority.respond('leaf', 'delegate', { answers }), authority.leaf);
      assert.deepEqual({ status, problem, signer }, { status: 'good', problem: null, signer: 'delegate' });
    }
  });

  test('revoked, with time and reason; unknown', () => {
    const revoked = judge(authority.respond('revoked', 'delegate'), authority.revoked);
    assert.deepEqual([revoked.status, revoked.problem], ['revoked', null]);
    assert.equal(revoked.single?.revokedAt, '2025-03-04T05:06:07Z');
    assert.equal(revoked.single.reason, 'keyCompromise');
    assert.equal(revoked.single.certificate.serialNumber, '80ff');
    const unknown = judge(authority.respond('unknown', 'delegate'), authority.unknown);
    assert.deepEqual([unknown.status, unknown.problem], ['unknown', null]);
  });

  test('too early, too late', () => {
    const response = authority.respond('leaf', 'ca');
    const at = (days: number) => judge(response, authority.leaf, { at: Date.now() + days * DAY }).problem;
    assert.equal(at(-1), 'not-yet-valid');
    assert.equal(at(6), null);
    assert.equal(at(8), 'expired');
  });

  test('about another certificate, or of another authority', () => {
    const response = authority.respond('leaf', 'ca');
    assert.equal(judge(response, authority.revoked).problem, 'wrong-certificate');
    assert.equal(judge(response, authority.revoked).status, 'error');
    const namesake = judge(response, authority.leaf, { issuer: authority.stranger });
    assert.equal(namesake.problem, 'wrong-certificate');
  });

  test('from one who may not speak for the issuer', () => {
    for (const signer of ['upstart', 'stranger']) {
      const { problem, signer: who, status } = judge(authority.respond('leaf', signer), authority.leaf);
      assert.deepEqual([problem, who, status], ['unauthorised-responder', null, 'good']);
    }
  });

  test('a damaged signature', () => {
    for (const signer of ['ca', 'delegate']) {
      const response = authority.respond('leaf', signer, { answers: ['-resp_no_certs'] });
      response[response.length - 1] = (response.at(-1) ?? 0) ^ 1;
      assert.equal(judge(response, authority.leaf).problem, 'bad-signature');
    }
  });

  test('without the issuer the signature stays open', () => {
    for (const signer of ['ca', 'delegate']) {
      const verdict = judge(authority.respond('leaf', signer), authority.leaf, { issuer: null });
      assert.deepEqual([verdict.status, verdict.problem, verdict.signature], ['good', null, 'unsupported']);
    }
  });

  test('any damage gives a verdict', () => {
    const response = authority.respond('revoked', 'delegate');
    const damage = fc.record({
      edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 }),
      cut: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(damage, ({ edits, cut }) => {
        const der = cut === null ? new Uint8Array(response) : response.slice(0, cut % response.length);
        for (const [at, value] of edits) if (der.length > 0) der[at % der.length] = value;
        const { status, problem, signature } = judge(der, authority.revoked);
        assert.ok(problem !== null || status !== 'good' || signature !== 'valid');
      }),
      { numRuns: 200 },
    );
  });
});

test('a responder that excuses itself', () => {
  const verdict = (...bytes: number[]) =>
    ocspVerdict(readOcspResponse(new Uint8Array(bytes), parseCertificate), stub({}), null, 0);
  assert.deepEqual(verdict(0x30, 3, 0x0a, 1, 3).problem, 'responder-error');
  assert.equal(
    readOcspResponse(new Uint8Array([0x30, 3, 0x0a, 1, 6]), parseCertificate).responseStatus,
    'unauthorized',
  );
  assert.equal(readOcspResponse(new Uint8Array([0x30, 3, 0x0a, 1, 9]), parseCertificate).responseStatus, 'status 9');
  // Successful, and nothing in it.
  assert.equal(verdict(0x30, 3, 0x0a, 1, 0).problem, 'malformed');
  assert.equal(verdict().problem, 'malformed');
  assert.equal(readOcspResponse(new Uint8Array(0x10_0000), parseCertificate).error?.fault, 'ocspResponseTooLong');
});

test('arbitrary bytes are malformed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const { error, responseStatus } = readOcspResponse(bytes, parseCertificate);
      assert.ok(error !== null || responseStatus !== 'successful');
    }),
  );
});
