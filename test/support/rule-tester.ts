/**
 * Tests a rule as ESLint's RuleTester does: connections on which it must fire, and what it must then say; connections on
 * which it must stay silent. Whatever a rule is about, `testRule` also checks that
 *
 * - it is silent on handshakes that worked,
 * - everything it says can be put into words, with evidence by frame, and with a command that a shell takes,
 * - every frame that it cites is drawn, in a ladder with room for hardly any,
 * - its cases use every one of its messages.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/connection/connection.js';
import { contextOf } from './context.js';
import { certaintyOf } from '../../src/diagnose/certainty.js';
import { SHARED_EVIDENCE } from '../../src/diagnose/evidence/texts.js';
import { ladderOf } from '../../src/report/document/ladder.js';
import { clockOf } from '../../src/report/phrases.js';
import { ENGLISH_WORDING } from '../../src/report/wording.js';
import { actionOf, commandOf, explanationOf, exclusionOf, factOf, fill } from '../../src/report/words.js';
import type { Finding } from '../../src/diagnose/finding.js';
import type { Rule } from '../../src/diagnose/rule.js';
import type { Lookup } from '../../src/names/lookups.js';
import type { Basis, Exclusion, Support, Verdict } from '../../src/diagnose/verdict.js';
import type { Data, Value } from '../../src/message.js';
import type { Ends } from '../../src/ends/ends.js';
import type { TrustAnchors } from '../../src/x509/anchors.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { certificateRequest, connection, encryptedRecord, message } from './connections.js';
import { capture, diagnosed, results } from './results.js';
import { ROOT } from './schema.js';

const ROOTS = await loadRoots();

export interface SilentCase {
  readonly name: string;
  readonly connection: Connection;
  /** The other connections of the capture. */
  readonly others?: readonly Connection[];
  /** What was looked up in the capture. */
  readonly lookups?: readonly Lookup[];
  /** Judges certificates at this time (ISO 8601) instead of their packet's. */
  readonly at?: string;
  /** What the files of the ends say. */
  readonly ends?: Ends;
  /** Mozilla's roots if not given. */
  readonly anchors?: TrustAnchors;
}

export interface FiringCase extends SilentCase {
  readonly support: Verdict['support'];
  /** How it was established, if not as the rule's other cases. */
  readonly basis?: Basis;
  /** The id of the explanation. */
  readonly explanation: string;
  /** Some of the explanation's values: what is no plain value as English words. */
  readonly data?: Readonly<Record<string, string | number | readonly string[]>>;
  /** The ids of what to do, in order, with who has to. */
  readonly remedies?: readonly string[];
  /** The frames of the evidence, each once, in order. */
  readonly frames: readonly number[];
}

/** A connection whose end the rule's fault could explain, were it not for what speaks against it. */
export interface ExcludedCase extends SilentCase {
  /** The id of the reason, among the rule's `exclusions`. */
  readonly because: string;
  /** The frames of the evidence, each once, in order. */
  readonly frames: readonly number[];
}

const SUPPORTS: readonly Support[] = ['confirmed', 'supported', 'open'];
const BASES: readonly Basis[] = ['fact', 'alert', 'ending'];
const ACTORS: readonly string[] = ['server', 'client', 'network'];
const MOZILLA = createTrustAnchors(parseCertificate, { roots: () => ROOTS });

/** Handshakes that worked. */
export const HEALTHY: Readonly<Record<string, Connection>> = {
  'TLS 1.2': connection(),
  'TLS 1.3': connection({ serverHello: { version: 'TLS 1.3' } }),
  'TLS 1.2 with a client certificate': connection({ certificateRequest: certificateRequest() }),
  'TLS 1.2 resumed': connection({ serverHello: { resumed: true }, serverCertificates: [] }),
  'TLS 1.0 without a server name': connection({
    clientHello: { serverName: null, supportedVersions: ['TLS 1.0'] },
    serverHello: { version: 'TLS 1.0', cipherSuite: 'TLS_RSA_WITH_AES_128_CBC_SHA' },
  }),
  'TLS 1.3 closed by the server with a reset': connection({
    serverHello: { version: 'TLS 1.3' },
    ending: { by: 'server', how: 'reset' },
  }),
  'TLS 1.2 without application data, closed much later': connection({
    phase: 'finished',
    outcome: 'established',
    lastFrame: 900,
  }),
  'TLS 1.3 whose client offers a certificate that the server only asks for': connection({
    serverHello: { version: 'TLS 1.3' },
    encryptedRecords: [
      encryptedRecord('server', 5, 2450),
      encryptedRecord('client', 6, 25),
      encryptedRecord('client', 6, 53),
      encryptedRecord('client', 8, 120),
      encryptedRecord('server', 9, 900),
    ],
  }),
  'a late start, in the middle of the data': connection({
    phase: 'application-data',
    outcome: 'established',
    clientHello: null,
    serverHello: null,
    messages: [],
  }),
};

function judge(
  rule: Rule,
  { connection: of, others = [], lookups = [], at, ends, anchors = MOZILLA }: SilentCase,
): Verdict | Exclusion | undefined {
  const context = contextOf([of, ...others], anchors, at === undefined ? undefined : new Date(at), lookups, ends);
  return rule.applies(of) ? rule.judge(of, context) : undefined;
}

function verdictOf(rule: Rule, each: SilentCase): Verdict | undefined {
  const verdict = judge(rule, each);
  return verdict?.support === 'excluded' ? undefined : verdict;
}

/** A message that was said: its table, its id, its values, and its words. */
interface Said {
  readonly table: 'explanations' | 'evidence' | 'remedies' | 'commands';
  readonly id: string;
  readonly data: Data;
  readonly text: string;
}

/** Everything that a verdict says. */
function wordsOf(rule: Rule, verdict: Verdict): Said[] {
  const finding: Finding = { ...verdict, rule, role: rule.role, certainty: certaintyOf(verdict, []) };
  const asIs = (value: string): string => value;
  return [
    { table: 'explanations', ...verdict.explanation, text: explanationOf(finding, asIs) },
    ...verdict.evidence.map((item): Said => ({
      table: 'evidence',
      id: item.id,
      data: item.data,
      text: factOf(rule, item, asIs),
    })),
    ...verdict.remedies.flatMap((remedy): Said[] => [
      { table: 'remedies', id: remedy.id, data: remedy.data, text: actionOf(rule, remedy, asIs) },
      ...(remedy.command === undefined
        ? []
        : [
            {
              table: 'commands' as const,
              id: remedy.command,
              data: remedy.data,
              text: commandOf(rule, remedy, asIs)?.text ?? '',
            },
          ]),
    ]),
  ];
}

/** A value as a test names it: a list by its items if the test does so, else what has a form of its own in words. */
function shown(value: Value | undefined, isList: boolean): unknown {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const inWords = (one: Value): string => fill('{one}', { one }, (text) => text);
  if (!isList || !('items' in value)) return inWords(value);
  const items = value.items.map(inWords);
  return [
    ...(value.style === 'ranked' ? items.map((item, index) => `${index + 1}. ${item}`) : items),
    ...(value.more > 0 ? [`and ${value.more} more`] : []),
  ];
}

/** Sentences belong to messages and phrases: in another language, those in the values would stay English. */
function assertNoProse(value: Value): void {
  if (typeof value === 'string') {
    assert.doesNotMatch(value, /^\s|\s$|^(?:an?|the|with|by|which|that) /i, 'part of a sentence among the values');
  } else if (typeof value === 'object') {
    const inner = 'data' in value ? Object.values(value.data) : 'items' in value ? value.items : [];
    for (const one of inner) assertNoProse(one);
  }
}

function assertReadable(text: string): void {
  assert.doesNotMatch(text, /\{\w*\}/, 'a placeholder without a value');
  assert.doesNotMatch(text, /\b(?:undefined|(?<!\/dev\/)null|NaN|\[object)\b/, 'a value that is none');
  assert.doesNotMatch(text, /^\s|\s$| {2}| [,.;:)](?!\d)|\( |,\.|[^.]\.\.(?!\.)/, 'punctuation');
  assert.doesNotMatch(text, /\(\)|''/, 'an empty value');
}

function assertShellTakes(command: string): void {
  const { status, stderr } = spawnSync('sh', ['-n', '-c', command], { encoding: 'utf8' });
  assert.equal(status, 0, `${command}: ${stderr}`);
}

function assertWellSaid(rule: Rule, verdict: Verdict): void {
  assert.ok(SUPPORTS.includes(verdict.support));
  assert.ok(BASES.includes(verdict.basis));
  assert.ok(verdict.evidence.length > 0, 'evidence');
  for (const { frame } of verdict.evidence) assert.ok(Number.isInteger(frame) && frame > 0, `frame ${frame}`);
  assert.ok(verdict.remedies.length > 0, 'remedies');
  for (const { who } of verdict.remedies) assert.ok(ACTORS.includes(who), who);
  assert.ok(
    verdict.remedies.some(({ command }) => command !== undefined),
    'a command that confirms it',
  );
  for (const { table, id, data, text } of wordsOf(rule, verdict)) {
    const texts = table === 'evidence' ? { ...SHARED_EVIDENCE, ...rule.messages.evidence } : rule.messages[table];
    assert.ok(Object.hasOwn(texts, id), `message ${id}`);
    assertReadable(text);
    for (const value of Object.values(data)) assertNoProse(value);
    if (table === 'commands') assertShellTakes(text);
    if (table === 'remedies') assert.match(text, /^\p{Lu}.*[.?]$/u, 'a sentence');
  }
  const [first] = wordsOf(rule, verdict).filter(({ table }) => table === 'remedies');
  assert.doesNotMatch(first?.text ?? '', /^Or /, 'another way than one that was named before');
  const explanation = wordsOf(rule, verdict)[0]?.text ?? '';
  assert.match(explanation, /^[\p{Lu}\d[{].*\.$/u, 'a sentence');
}

function assertDrawn(rule: Rule, { connection: of }: SilentCase, verdict: Verdict): void {
  const finding: Finding = { ...verdict, rule, role: rule.role, certainty: certaintyOf(verdict, []) };
  const captures = [capture()];
  const scope = { clock: clockOf(captures), results: results([], captures), words: ENGLISH_WORDING };
  const drawn = new Set(ladderOf(diagnosed(of, [finding]), scope, 1).rungs.flatMap(({ places }) => places));
  for (const { frame } of verdict.evidence) assert.ok(drawn.has(String(frame)), `frame ${frame} is cited, not drawn`);
}

function assertWellMade(rule: Rule): void {
  assert.match(rule.id, /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/);
  for (const text of [rule.title, rule.description]) {
    assert.match(text, /^\p{Lu}/u);
    assertReadable(text);
  }
  assert.match(rule.description, /\.$/);
  assert.doesNotMatch(rule.title, /\.$/);
  assert.ok(['cause', 'risk'].includes(rule.role));
  assert.ok(['error', 'warning', 'info'].includes(rule.severity));
  for (const id of Object.keys(rule.messages.evidence)) assert.ok(!Object.hasOwn(SHARED_EVIDENCE, id), id);
  assert.ok(rule.sources.length > 0, 'sources');
  for (const source of rule.sources) assert.match(source, /^RFC \d{4}(?: §[A-Z\d]+(?:\.\d+)*)?$/);
}

function framesOf(evidence: Verdict['evidence']): number[] {
  return [...new Set(evidence.map(({ frame }) => frame))].sort((a, b) => a - b);
}

/** Registers the tests of one rule. */
export function testRule(
  rule: Rule,
  {
    basis,
    fires,
    silent,
    excluded = [],
  }: {
    /** How its verdicts are established, but for the cases that say otherwise. */
    readonly basis: Basis;
    readonly fires: readonly FiringCase[];
    readonly silent: readonly SilentCase[];
    readonly excluded?: readonly ExcludedCase[];
  },
): void {
  describe(rule.id, () => {
    test('is well made, and alone in the file of its name', async () => {
      assertWellMade(rule);
      const file = join(ROOT, 'build', 'src', 'diagnose', 'rules', `${rule.id}.js`);
      const exported = Object.values((await import(file)) as Record<string, unknown>);
      assert.ok(exported.includes(rule), basename(file));
      assert.equal(exported.filter((value) => typeof value === 'object').length, 1);
    });

    test('its cases use every message', () => {
      const used = new Set(
        fires.flatMap((each) => {
          const verdict = verdictOf(rule, each);
          return verdict === undefined ? [] : wordsOf(rule, verdict).map(({ table, id }) => `${table} ${id}`);
        }),
      );
      for (const each of excluded) {
        for (const { id } of judge(rule, each)?.evidence ?? []) used.add(`evidence ${id}`);
      }
      for (const table of ['explanations', 'evidence', 'remedies', 'commands'] as const) {
        const unused = Object.keys(rule.messages[table]).filter((id) => !used.has(`${table} ${id}`));
        assert.deepEqual(unused, [], table);
      }
      const reasons = new Set(excluded.map(({ because }) => because));
      assert.deepEqual(
        Object.keys(rule.messages.exclusions ?? {}).filter((id) => !reasons.has(id)),
        [],
        'exclusions',
      );
    });

    for (const each of fires) {
      test(`fires: ${each.name}`, () => {
        const verdict = verdictOf(rule, each);
        assert.ok(verdict, 'it is silent');
        const { support, explanation, evidence } = verdict;
        assert.deepEqual(
          { support, basis: verdict.basis, explanation: explanation.id },
          { support: each.support, basis: each.basis ?? basis, explanation: each.explanation },
        );
        assert.deepEqual(framesOf(evidence), each.frames);
        const remedies = verdict.remedies.map(({ who, id }) => `${who} ${id}`);
        assert.deepEqual(remedies, each.remedies ?? remedies);
        for (const [key, value] of Object.entries(each.data ?? {})) {
          assert.deepEqual(shown(explanation.data[key], Array.isArray(value)), value, key);
        }
        assertWellSaid(rule, verdict);
        assertDrawn(rule, each, verdict);
      });
    }

    for (const each of silent) {
      test(`silent: ${each.name}`, () => {
        assert.equal(judge(rule, each), undefined);
      });
    }

    for (const each of excluded) {
      test(`excluded: ${each.name}`, () => {
        const verdict = judge(rule, each);
        assert.ok(verdict?.support === 'excluded');
        assert.equal(verdict.because.id, each.because);
        assert.deepEqual(framesOf(verdict.evidence), each.frames);
        const reason = exclusionOf(rule, verdict, (text) => text);
        assertReadable(reason);
        assert.match(reason, /^[\p{Lu}\d[{].*\.$/u, 'a sentence');
        for (const value of Object.values(verdict.because.data)) assertNoProse(value);
      });
    }

    if (rule.role === 'cause') {
      test('says what settles it, in a sentence', () => {
        assertReadable(rule.settledBy ?? '');
        assert.match(rule.settledBy ?? '', /^\p{Lu}.*\.$/u);
      });
      for (const [name, healthy] of Object.entries(HEALTHY)) {
        test(`silent: a handshake that worked, ${name}`, () => {
          assert.equal(judge(rule, { name, connection: healthy }), undefined);
        });
      }
    }
  });
}

/** The records of a TLS 1.3 client and server up to the client's answer to the server's flight: lengths of that answer. */
export function hiddenAnswer(...lengths: readonly number[]): NonNullable<Connection['encryptedRecords']> {
  return [
    encryptedRecord('server', 5, 27),
    encryptedRecord('server', 5, 2450),
    encryptedRecord('server', 5, 281),
    encryptedRecord('server', 5, 53),
    ...lengths.map((length) => encryptedRecord('client', 6, length)),
  ];
}

/** A TLS 1.3 handshake that keys open, up to these messages of the client in frame 6; the server asks for a certificate. */
export function openedHandshake(...types: readonly string[]): {
  readonly keys: NonNullable<Connection['keys']>;
  readonly messages: Connection['messages'];
  readonly encryptedRecords: Connection['encryptedRecords'];
} {
  const flight = ['encrypted_extensions', 'certificate_request', 'certificate', 'certificate_verify', 'finished'];
  const opened = [
    ...flight.map((type) => ['server', type] as const),
    ...types.map((type) => ['client', type] as const),
  ];
  const frame = (from: 'client' | 'server'): number => (from === 'server' ? 5 : 6);
  return {
    keys: { opened: opened.length, altered: null, unreadable: null },
    messages: [
      message('client_hello', 'client', 4),
      message('server_hello', 'server', 5),
      ...opened.map(([from, type]) => message(type, from, frame(from), { decrypted: true })),
    ],
    encryptedRecords: opened.map(([from]) => ({
      ...encryptedRecord(from, frame(from), 100),
      contentType: 'handshake',
      decrypted: true,
    })),
  };
}

/** The messages of a TLS 1.2 handshake in which the client answers a CertificateRequest in frame 6. */
export function clientCertificateMessages(): Connection['messages'] {
  return [
    message('client_hello', 'client', 4),
    message('server_hello', 'server', 5),
    message('certificate', 'server', 5),
    message('server_key_exchange', 'server', 5),
    message('certificate_request', 'server', 5),
    message('server_hello_done', 'server', 5),
    message('certificate', 'client', 6),
    message('client_key_exchange', 'client', 6),
  ];
}
