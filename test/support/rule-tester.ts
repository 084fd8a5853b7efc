/**
 * Tests a rule as ESLint's RuleTester does: connections on which it must fire, and what it must then say; connections on
 * which it must stay silent. Whatever a rule is about, `testRule` also checks that
 *
 * - it is silent on handshakes that worked,
 * - everything it says can be put into words, with evidence by frame, and with a command that a shell takes,
 * - its cases use every one of its messages.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import type { Connection } from '../../src/connection/connection.js';
import { contextOf } from './context.js';
import { EVIDENCE_MESSAGES } from '../../src/diagnose/evidence/citations.js';
import type { Certainty, Data, Finding, Rule, Verdict } from '../../src/diagnose/rule.js';
import { kindOf } from '../../src/explain/words.js';
import { actionOf, commandOf, explanationOf, factOf } from '../../src/report/words.js';
import type { TrustAnchors } from '../../src/x509/anchors.js';
import { createTrustAnchors } from '../../src/x509/anchors.js';
import { parseCertificate } from '../../src/x509/parse.js';
import { loadRoots } from '../../src/x509/roots.js';
import { certificateRequest, connection, encryptedRecord, message } from './connections.js';
import { ROOT } from './schema.js';

const ROOTS = await loadRoots();

export interface SilentCase {
  readonly name: string;
  readonly connection: Connection;
  /** The other connections of the capture. */
  readonly neighbours?: readonly Connection[];
  /** Judges certificates at this time (ISO 8601) instead of their packet's. */
  readonly at?: string;
  /** Mozilla's roots if not given. */
  readonly anchors?: TrustAnchors;
}

export interface FiringCase extends SilentCase {
  readonly certainty: Certainty;
  /** Of the explanation. */
  readonly messageId: string;
  /** Some of the explanation's data. */
  readonly data?: Data;
  /** The frames of the evidence, each once, in order. */
  readonly frames: readonly number[];
}

const CERTAINTIES: readonly string[] = ['certain', 'likely', 'possible'];
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
  { connection: of, neighbours = [], at, anchors = MOZILLA }: SilentCase,
): Verdict | undefined {
  const context = contextOf([of, ...neighbours], anchors, at === undefined ? undefined : new Date(at));
  return rule.applies(of) ? rule.judge(of, context) : undefined;
}

/** Every text of a verdict, by the id of its message. */
function wordsOf(rule: Rule, verdict: Verdict): { id: string; text: string; isCommand: boolean }[] {
  const finding: Finding = { ...verdict, rule, role: rule.role };
  const asIs = (value: string): string => value;
  return [
    { id: verdict.messageId, text: explanationOf(finding, asIs), isCommand: false },
    ...verdict.evidence.map((item) => ({ id: item.messageId, text: factOf(rule, item, asIs), isCommand: false })),
    ...verdict.remedies.flatMap((remedy) => [
      { id: remedy.messageId, text: actionOf(rule, remedy, asIs), isCommand: false },
      ...(remedy.commandId === undefined
        ? []
        : [{ id: remedy.commandId, text: commandOf(rule, remedy, asIs) ?? '', isCommand: true }]),
    ]),
  ];
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
  assert.ok(CERTAINTIES.includes(verdict.certainty));
  assert.ok(verdict.evidence.length > 0, 'evidence');
  for (const { frame } of verdict.evidence) assert.ok(Number.isInteger(frame) && frame > 0, `frame ${frame}`);
  assert.ok(verdict.remedies.length > 0, 'remedies');
  for (const { who } of verdict.remedies) assert.ok(ACTORS.includes(who), who);
  assert.ok(
    verdict.remedies.some(({ commandId }) => commandId !== undefined),
    'a command that confirms it',
  );
  for (const { id, text, isCommand } of wordsOf(rule, verdict)) {
    assert.ok(Object.hasOwn(rule.messages, id), `message ${id}`);
    assertReadable(text);
    if (isCommand) assertShellTakes(text);
    const expected = id === verdict.messageId ? 'explanation' : isCommand ? 'command' : null;
    const isRemedy = verdict.remedies.some(({ messageId }) => messageId === id);
    const kind = kindOf(id, rule.messages[id] ?? '');
    assert.equal(kind, expected ?? (isRemedy ? 'remedy' : 'fact'), `"explain" takes ${id} for another kind of message`);
  }
  const explanation = wordsOf(rule, verdict)[0]?.text ?? '';
  assert.match(explanation, /^[\p{Lu}\d[{].*\.$/u, 'a sentence');
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
  assert.ok(['fact', 'alert', 'ending'].includes(rule.basis));
  assert.ok(rule.sources.length > 0, 'sources');
  for (const source of rule.sources) assert.match(source, /^RFC \d{4}(?: §[A-Z\d]+(?:\.\d+)*)?$/);
}

/** Registers the tests of one rule. */
export function testRule(
  rule: Rule,
  { fires, silent }: { readonly fires: readonly FiringCase[]; readonly silent: readonly SilentCase[] },
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
          const verdict = judge(rule, each);
          return verdict === undefined ? [] : wordsOf(rule, verdict).map(({ id }) => id);
        }),
      );
      const own = Object.keys(rule.messages).filter((id) => !Object.hasOwn(EVIDENCE_MESSAGES, id));
      assert.deepEqual(
        own.filter((id) => !used.has(id)),
        [],
      );
    });

    for (const each of fires) {
      test(`fires: ${each.name}`, () => {
        const verdict = judge(rule, each);
        assert.ok(verdict, 'it is silent');
        const { certainty, messageId, data, evidence } = verdict;
        assert.deepEqual({ certainty, messageId }, { certainty: each.certainty, messageId: each.messageId });
        const frames = [...new Set(evidence.map(({ frame }) => frame))].sort((a, b) => a - b);
        assert.deepEqual(frames, each.frames);
        for (const [key, value] of Object.entries(each.data ?? {})) assert.deepEqual(data[key], value, key);
        assertWellSaid(rule, verdict);
      });
    }

    for (const each of silent) {
      test(`silent: ${each.name}`, () => {
        assert.equal(judge(rule, each)?.messageId, undefined);
      });
    }

    if (rule.role === 'cause') {
      for (const [name, healthy] of Object.entries(HEALTHY)) {
        test(`silent: a handshake that worked, ${name}`, () => {
          assert.equal(judge(rule, { name, connection: healthy })?.messageId, undefined);
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
