import type { Note } from '../../../connection/connection.js';
import type { Candidate, DiagnosedConnection, Finding } from '../../../diagnose/finding.js';
import type { Observation } from '../../../diagnose/observed.js';
import type { Rule } from '../../../diagnose/rule.js';
import type { Evidence, Exclusion, Remedy } from '../../../diagnose/verdict.js';
import { memoize, memoizeByKey } from '../../../memoize.js';
import type { Data, Message } from '../../../message.js';
import type { NoticeCode } from '../../../notices.js';
import { showUnprintable } from '../../escape.js';
import { exclusionOf, explanationOf, factOf, type MessageKind, placeholdersOf } from '../../words.js';
import { jsonNotice, said, sighting } from '../common.js';
import { jsonFacts, jsonObservation, jsonResult } from '../connection.js';
import { isSaidBy, jsonEndFacts, jsonRemedy } from '../diagnosis.js';
import { jsonPath } from '../path.js';

/**
 * A diagnosed connection as JSON text. Floods of failures repeat the same sentences a dozen times in each connection:
 * what was said last under an id is written again from memory while its values are the same, and only frames and times
 * are new.
 *
 * Plain version: `JSON.stringify(jsonConnection(diagnosed))`. Held equal by:
 * test/report/json/fast-path/connection-text.test.ts. Gain: a fifth to a quarter of the processor time of a JSON report on a
 * flood of DTLS handshakes that fail. Cost: this file, and one text in memory for each id of each rule; the contract's keys
 * stand here again, since JSON.stringify of Node.js 20 cannot be given what is JSON already (JSON.rawJSON).
 */
export function createConnectionText(): (diagnosed: DiagnosedConnection) => string {
  const last: LastTexts = {
    of: memoize(() => ({ evidence: new Map(), explanations: new Map(), exclusions: new Map(), remedies: new Map() })),
    observations: new Map(),
    notes: memoizeByKey(() => new Map()),
  };
  return (diagnosed) => connectionText(diagnosed, last);
}

function connectionText(diagnosed: DiagnosedConnection, last: LastTexts): string {
  const { connection, observed, findings, differential } = diagnosed;
  const drawn = findings.map((finding) => drawFinding(finding, last));
  const candidates =
    observed === null
      ? ''
      : `,"differential":[${differential.map((candidate) => candidateText(candidate, drawn, last)).join(',')}]`;
  const result = JSON.stringify(jsonResult(diagnosed)).slice(1, -1);
  const path = connection.path === undefined ? '' : `,"path":${JSON.stringify(jsonPath(connection.path))}`;
  return (
    `${JSON.stringify(jsonFacts(diagnosed)).slice(0, -1)}${observed === null ? '' : observedText(observed, last)},` +
    `"findings":[${drawn.map(({ text }) => text).join(',')}]${candidates},${result},` +
    `"notes":[${connection.notes.map((note) => noteText(note, last)).join(',')}]${path}}`
  );
}

function observedText(observed: Observation, { observations }: LastTexts): string {
  const { text } = remembered(observations, observed, () => membersOf(jsonObservation(observed)));
  return `,"observed":{${text},"frames":[${observed.sightings.map(({ frame }) => frame).join(',')}]}`;
}

function noteText({ capture, frame, ...note }: Note, { notes }: LastTexts): string {
  const { text } = remembered(notes(note.code), note, () => membersOf(jsonNotice(note)));
  return `{${text}${capture === undefined ? '' : `,"capture":${capture}`},"frame":${frame}}`;
}

/** Evidence in JSON: all of it, and as one sentence. */
interface EvidenceText {
  readonly items: string;
  readonly frames: string;
  readonly because: string;
}

interface DrawnFinding {
  readonly finding: Finding;
  readonly evidence: EvidenceText;
  readonly text: string;
}

function drawFinding(finding: Finding, last: LastTexts): DrawnFinding {
  const { rule } = finding;
  const evidence = evidenceText(rule, finding.evidence, last);
  const known = finding.known === undefined ? '' : `,"known":${JSON.stringify(jsonEndFacts(finding.known))}`;
  const remedies = finding.remedies.map((remedy) => `{${remedyText(rule, remedy, last)}}`).join(',');
  const { id, severity, title } = programText(rule);
  const text =
    `{"rule":${id},"role":"${finding.role}","severity":${severity},"certainty":"${finding.certainty}",` +
    `"title":${title},${explanationText(rule, finding, last)},"evidence":[${evidence.items}]${known},"remedies":[${remedies}]}`;
  return { finding, evidence, text };
}

function candidateText(candidate: Candidate, drawn: readonly DrawnFinding[], last: LastTexts): string {
  const { rule, verdict } = candidate;
  const { id, settled } = programText(rule);
  const same = drawn.find(({ finding }) => isSaidBy(finding, candidate));
  const { items, frames, because } = same?.evidence ?? evidenceText(rule, verdict.evidence, last);
  if (verdict.support === 'excluded') {
    return `{"rule":${id},"state":"excluded",${exclusionText(rule, verdict, last)},"frames":[${frames}],"evidence":[${items}]}`;
  }
  const more = same === undefined ? `,"evidence":[${items}],${explanationText(rule, verdict, last)}` : '';
  return `{"rule":${id},"state":"${verdict.support}","because":"${because}","frames":[${frames}]${more}${settled}}`;
}

function evidenceText(rule: Rule, evidence: readonly Evidence[], last: LastTexts): EvidenceText {
  let [items, frames, because] = ['', '', ''];
  for (const item of evidence) {
    const { text, sentence } = evidenceMembers(rule, item, last);
    const separate = items !== '';
    items += `${separate ? ',' : ''}${JSON.stringify(sighting(item)).slice(0, -1)},${text}}`;
    frames += separate ? `,${item.frame}` : String(item.frame);
    because += `${separate ? '; ' : ''}${sentence} (frame ${item.frame})`;
  }
  return { items, frames, because };
}

const evidenceMembers = (rule: Rule, item: Evidence, last: LastTexts): Members =>
  remembered(last.of(rule).evidence, item, () => {
    const fact = factOf(rule, item, showUnprintable);
    return membersOf({ fact, ...said(rule, 'evidence', item) }, placeholdersOf(rule, 'evidence', item), fact);
  });

const explanationText = (rule: Rule, { explanation: message }: Pick<Finding, 'explanation'>, last: LastTexts): string =>
  remembered(last.of(rule).explanations, message, () => {
    const explanation = explanationOf({ rule, explanation: message }, showUnprintable);
    const members = { explanation, ...said(rule, 'explanations', message) };
    return membersOf(members, placeholdersOf(rule, 'explanations', message));
  }).text;

const exclusionText = (rule: Rule, exclusion: Exclusion, last: LastTexts): string =>
  remembered(last.of(rule).exclusions, exclusion.because, () => {
    const because = exclusionOf(rule, exclusion, showUnprintable);
    const members = { because, ...said(rule, 'exclusions', exclusion.because) };
    return membersOf(members, placeholdersOf(rule, 'exclusions', exclusion.because));
  }).text;

const remedyText = (rule: Rule, remedy: Remedy, last: LastTexts): string =>
  remembered(last.of(rule).remedies, remedy, () =>
    membersOf(jsonRemedy(rule, remedy), placeholdersOf(rule, 'remedies', remedy)),
  ).text;

/** Members of an object in JSON, without its braces; and the sentence among them, without its quotes. */
interface Members {
  readonly text: string;
  readonly sentence: string;
  /** The values that they are made of; null: all. */
  readonly placeholders: readonly string[] | null;
}

function membersOf(object: object, placeholders: Members['placeholders'] = null, sentence = ''): Members {
  return {
    text: JSON.stringify(object).slice(1, -1),
    sentence: JSON.stringify(sentence).slice(1, -1),
    placeholders,
  };
}

/** What was written last under each id, and of what. Ids are the program's own: there are as many as it has texts. */
type Table = Map<string, { readonly message: Message | Remedy; readonly members: Members }>;

/** What a report wrote last. */
interface LastTexts {
  readonly of: (rule: Rule) => Readonly<Record<MessageKind, Table>>;
  readonly observations: Table;
  readonly notes: (code: NoticeCode) => Table;
}

function remembered(table: Table, message: Message | Remedy, make: () => Members): Members {
  const last = table.get(message.id);
  if (last !== undefined && isSameMessage(last.message, message, last.members.placeholders)) return last.members;
  const members = make();
  table.set(message.id, { message, members });
  return members;
}

function isSameMessage(last: Message | Remedy, message: Message | Remedy, used: Members['placeholders']): boolean {
  if (last === message) return true;
  const [one, other]: readonly Partial<Remedy>[] = [last, message];
  return (
    one?.who === other?.who &&
    one?.command === other?.command &&
    one?.where === other?.where &&
    one?.service === other?.service &&
    (used === null ? isSame(last.data, message.data) : isSameData(last.data, message.data, used))
  );
}

/** Whether the values that a text uses are the same, in the same order. */
function isSameData(last: Data, data: Data, used: readonly string[]): boolean {
  const before = Object.keys(last);
  let at = 0;
  for (const name in data) {
    if (!used.includes(name)) continue;
    while (at < before.length && !used.includes(before[at] as string)) at++;
    if (before[at++] !== name || !isSame(last[name], data[name])) return false;
  }
  while (at < before.length) if (used.includes(before[at++] as string)) return false;
  return true;
}

/** Whether two values of messages are the same in JSON. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (one === other) return true;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const before = one as Readonly<Record<string, unknown>>;
  const now = other as Readonly<Record<string, unknown>>;
  const names = Object.keys(before);
  let at = 0;
  for (const name in now) if (names[at++] !== name || !isSame(before[name], now[name])) return false;
  return at === names.length;
}

/** What a report says of a rule whatever happened. */
const programText = memoize((rule: Rule) => ({
  id: JSON.stringify(rule.id),
  severity: JSON.stringify(rule.severity),
  title: JSON.stringify(rule.title),
  settled:
    rule.settledBy === undefined
      ? ''
      : `,"settledBy":${JSON.stringify(rule.settledBy)},"settledByDetails":{"messageId":"settledBy","data":{}}`,
}));
