import { isObject } from '../../../is-object.js';
import { type BoundedMap, createBoundedMap } from '../../../bounded-map.js';
import type { Note, Sighting } from '../../../connection/connection.js';
import type { Candidate, DiagnosedConnection, Finding } from '../../../diagnose/finding.js';
import type { Observation } from '../../../diagnose/observed.js';
import type { Rule } from '../../../diagnose/rule.js';
import type { Evidence, Exclusion, Remedy } from '../../../diagnose/verdict.js';
import { memoize, memoizeByKey } from '../../../memoize.js';
import type { Data, Message } from '../../../message.js';
import type { NoticeCode } from '../../../notices.js';
import { type MessageKind, placeholdersOf } from '../../words.js';
import { jsonNotice, sighting } from '../common.js';
import { jsonFacts, jsonObservation, jsonResult } from '../connection.js';
import { isSaidBy, jsonEndFacts, jsonExclusion, jsonExplanation, jsonFact, jsonRemedy } from '../diagnosis.js';
import {
  BECAUSE_SEPARATOR,
  becauseOf,
  candidateLayout,
  connectionLayout,
  exclusionLayout,
  findingLayout,
  noteLayout,
  observedLayout,
  verdictLayout,
} from '../layouts.js';
import { jsonPath } from '../path.js';

/** Verdicts whose text is kept, and the characters of all: some 20,000 each. */
const MOST_VERDICTS = 256;
const MOST_CHARACTERS = 8 * 2 ** 20;

/**
 * A diagnosed connection as JSON text. Floods of failures repeat the same sentences a dozen times in each connection. The
 * last text of each message id is reused as long as its values are the same, and only frames and times are new. The whole
 * text of a repeated verdict is kept, with gaps for these.
 *
 * Plain version: `JSON.stringify(jsonConnection(diagnosed))`. Held equal by:
 * test/report/json/fast-path/connection-text.test.ts. Gain: a third of the processor time of a JSON report on a
 * flood of DTLS handshakes that fail. Cost: this file, and one text in memory for each id of each rule.
 */
export function createConnectionText(): (diagnosed: DiagnosedConnection) => string {
  const last: LastTexts = {
    of: memoize(() => ({ evidence: new Map(), explanations: new Map(), exclusions: new Map(), remedies: new Map() })),
    observations: new Map(),
    notes: memoizeByKey(() => new Map()),
    verdicts: createBoundedMap({
      size: MOST_VERDICTS,
      weight: { limit: MOST_CHARACTERS, of: ({ parts }) => parts.reduce((sum, { length }) => sum + length, 0) },
      whenFull: 'forget oldest',
    }),
  };
  return (diagnosed) => connectionText(diagnosed, last);
}

function connectionText(diagnosed: DiagnosedConnection, last: LastTexts): string {
  const { connection, repeats } = diagnosed;
  const verdict =
    repeats === undefined ? verdictText(diagnosed, { ...last, cite: IN_FULL }) : repeatedText(diagnosed, repeats, last);
  return filled(connection.path === undefined ? CONNECTION.plain : CONNECTION.withPath, {
    facts: textOfMembers(jsonFacts(diagnosed)),
    verdict,
    notes: `[${connection.notes.map((note) => noteText(note, last)).join(',')}]`,
    path: connection.path === undefined ? '' : JSON.stringify(jsonPath(connection.path)),
  });
}

/** The members of what is said of a connection. */
function verdictText(diagnosed: DiagnosedConnection, last: Citing): string {
  const { observed, findings, differential } = diagnosed;
  const drawn = findings.map((finding) => drawFinding(finding, last));
  const findingTexts = `[${drawn.map(({ text }) => text).join(',')}]`;
  const result = textOfMembers(jsonResult(diagnosed));
  if (observed === null) return filled(VERDICT.withoutFailure, { findings: findingTexts, result });
  return filled(VERDICT.ofFailure, {
    observed: observedText(observed, last),
    findings: findingTexts,
    differential: `[${differential.map((candidate) => candidateText(candidate, drawn, last)).join(',')}]`,
    result,
  });
}

/** How a cited frame is written: as a number, and with its time and side, without the closing brace. */
interface Cite {
  readonly frame: (sighting: Sighting) => string;
  readonly sighting: (sighting: Sighting) => string;
}

const IN_FULL: Cite = {
  frame: ({ frame }) => String(frame),
  sighting: (item) => JSON.stringify(sighting(item)).slice(0, -1),
};

/** A character that JSON text never contains. */
const GAP = '\0';

/** All that a verdict cites, in order. */
const sightingsOf = ({ observed, findings, differential }: DiagnosedConnection): Sighting[] => [
  ...(observed?.sightings ?? []),
  ...findings.flatMap(({ evidence }) => evidence),
  ...differential.flatMap(({ verdict }) => verdict.evidence),
];

/** The parts of a verdict's text; between them stand frames, or whole sightings, of what it cites. */
interface VerdictParts {
  readonly parts: readonly string[];
  readonly gaps: readonly { readonly place: number; readonly isFrame: boolean }[];
}

function partsOf(diagnosed: DiagnosedConnection, last: LastTexts): VerdictParts {
  const places = new Map(sightingsOf(diagnosed).map((one, place) => [one, place]));
  const gap = (one: Sighting, kind: 'frame' | 'sighting'): string => `${GAP}${places.get(one) ?? ''} ${kind}${GAP}`;
  const cite: Cite = { frame: (one) => gap(one, 'frame'), sighting: (one) => gap(one, 'sighting') };
  const pieces = verdictText(diagnosed, { ...last, cite }).split(GAP);
  const gaps = pieces
    .filter((_, index) => index % 2 === 1)
    .map((piece) => ({ place: parseInt(piece), isFrame: piece.endsWith('frame') }));
  return { parts: pieces.filter((_, index) => index % 2 === 0), gaps };
}

function repeatedText(diagnosed: DiagnosedConnection, repeats: DiagnosedConnection, last: LastTexts): string {
  const { parts, gaps } = last.verdicts.getOrMake(repeats, () => partsOf(diagnosed, last));
  const cited = sightingsOf(diagnosed);
  // A verdict cites the same few frames again and again.
  const texts = new Map<number, { readonly sighting: Sighting; readonly text: string }>();
  const sightingText = (one: Sighting): string => {
    const known = texts.get(one.frame);
    if (known !== undefined && isSameSighting(known.sighting, one)) return known.text;
    const text = IN_FULL.sighting(one);
    texts.set(one.frame, { sighting: one, text });
    return text;
  };
  let text = parts[0] as string;
  for (let index = 0; index < gaps.length; index++) {
    const { place, isFrame } = gaps[index] as VerdictParts['gaps'][number];
    const one = cited[place] as Sighting;
    text += (isFrame ? IN_FULL.frame(one) : sightingText(one)) + (parts[index + 1] as string);
  }
  return text;
}

const isSameSighting = (one: Sighting, other: Sighting): boolean =>
  one.at === other.at && one.from === other.from && one.capture === other.capture;

function observedText(observed: Observation, { observations, cite }: Citing): string {
  const { text } = remembered(observations, observed, () => membersOf(jsonObservation(observed)));
  return filled(OBSERVED, { said: text, frames: `[${observed.sightings.map(cite.frame).join(',')}]` });
}

function noteText({ capture, frame, ...note }: Note, { notes }: LastTexts): string {
  const { text } = remembered(notes(note.code), note, () => membersOf(jsonNotice(note)));
  return filled(capture === undefined ? NOTE.plain : NOTE.withCapture, {
    said: text,
    capture: String(capture),
    frame: String(frame),
  });
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

function drawFinding(finding: Finding, last: Citing): DrawnFinding {
  const { rule } = finding;
  const evidence = evidenceText(rule, finding.evidence, last);
  const { finding: plain, findingWithKnown } = templatesOf(rule);
  const text = filled(finding.known === undefined ? plain : findingWithKnown, {
    role: `"${finding.role}"`,
    certainty: `"${finding.certainty}"`,
    explanation: explanationText(rule, finding, last),
    evidence: `[${evidence.items}]`,
    known: finding.known === undefined ? '' : JSON.stringify(jsonEndFacts(finding.known)),
    remedies: `[${finding.remedies.map((remedy) => `{${remedyText(rule, remedy, last)}}`).join(',')}]`,
  });
  return { finding, evidence, text };
}

function candidateText(candidate: Candidate, drawn: readonly DrawnFinding[], last: Citing): string {
  const { rule, verdict } = candidate;
  const templates = templatesOf(rule);
  const same = drawn.find(({ finding }) => isSaidBy(finding, candidate));
  const { items, frames, because } = same?.evidence ?? evidenceText(rule, verdict.evidence, last);
  if (verdict.support === 'excluded') {
    const why = exclusionText(rule, verdict, last);
    return filled(templates.exclusion, { because: why, frames: `[${frames}]`, evidence: `[${items}]` });
  }
  return filled(same === undefined ? templates.candidate : templates.candidateOfFinding, {
    state: `"${verdict.support}"`,
    because: `"${because}"`,
    frames: `[${frames}]`,
    evidence: `[${items}]`,
    explanation: same === undefined ? explanationText(rule, verdict, last) : '',
  });
}

function evidenceText(rule: Rule, evidence: readonly Evidence[], last: Citing): EvidenceText {
  let [items, frames, because] = ['', '', ''];
  for (const item of evidence) {
    const { text, sentence } = evidenceMembers(rule, item, last);
    const separate = items !== '';
    const frame = last.cite.frame(item);
    items += `${separate ? ',' : ''}${last.cite.sighting(item)},${text}}`;
    frames += separate ? `,${frame}` : frame;
    because += `${separate ? BECAUSE_SEPARATOR : ''}${becauseOf(sentence, frame)}`;
  }
  return { items, frames, because };
}

const evidenceMembers = (rule: Rule, item: Evidence, last: LastTexts): Members =>
  remembered(last.of(rule).evidence, item, () => {
    const members = jsonFact(rule, item);
    return membersOf(members, placeholdersOf(rule, 'evidence', item), members.fact);
  });

const explanationText = (rule: Rule, { explanation }: Pick<Finding, 'explanation'>, last: LastTexts): string =>
  remembered(last.of(rule).explanations, explanation, () =>
    membersOf(jsonExplanation(rule, explanation), placeholdersOf(rule, 'explanations', explanation)),
  ).text;

const exclusionText = (rule: Rule, exclusion: Exclusion, last: LastTexts): string =>
  remembered(last.of(rule).exclusions, exclusion.because, () =>
    membersOf(jsonExclusion(rule, exclusion), placeholdersOf(rule, 'exclusions', exclusion.because)),
  ).text;

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
    text: textOfMembers(object),
    sentence: JSON.stringify(sentence).slice(1, -1),
    placeholders,
  };
}

/** The last text under each id, and the message that it was made from. The number of ids is that of the program's texts. */
type Table = Map<string, { readonly message: Message | Remedy; readonly members: Members }>;

/** What a report wrote last. */
interface LastTexts {
  readonly of: (rule: Rule) => Readonly<Record<MessageKind, Table>>;
  readonly observations: Table;
  readonly notes: (code: NoticeCode) => Table;
  /** By the verdict that is repeated. */
  readonly verdicts: BoundedMap<DiagnosedConnection, VerdictParts>;
}

interface Citing extends LastTexts {
  readonly cite: Cite;
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
  if (one === other) return true;
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return false;
  const names = Object.keys(one);
  let at = 0;
  for (const name in other) if (names[at++] !== name || !isSame(one[name], other[name])) return false;
  return at === names.length;
}

/** Members of an object in JSON, without its braces. */
const textOfMembers = (object: object): string => JSON.stringify(object).slice(1, -1);

/** The text of an object, and between its parts the names of what goes there. */
type Template = readonly string[];

/**
 * Placeholders for a value and for members, which occur in none of the program's own texts. They are of Latin-1, for the
 * engine keeps each part in as many bytes a character as the whole that it was cut from, and so all that it is put into.
 */
const value = (name: string): string => `«${name}»`;
const members = (name: string): object => ({ [value(name)]: 0 });

const templateOf = (layout: object): Template =>
  JSON.stringify(layout)
    .split(/"«(\w+)»"(?::0)?/)
    .map((part, index) => (index % 2 === 1 ? asKey(part) : part));

/** The same text, internalised like a property name: looking a property up by any other string takes three times as long. */
const asKey = (name: string): string => Object.keys({ [name]: 0 })[0] ?? name;

function filled(template: Template, texts: Readonly<Record<string, string>>): string {
  let text = template[0] ?? '';
  for (let index = 1; index < template.length; index += 2) {
    text += texts[template[index] ?? ''] ?? '';
    text += template[index + 1] ?? '';
  }
  return text;
}

const connectionSlots = { facts: members('facts'), verdict: members('verdict'), notes: value('notes') };
const CONNECTION = {
  plain: templateOf(connectionLayout({ ...connectionSlots, path: undefined })),
  withPath: templateOf(connectionLayout({ ...connectionSlots, path: value('path') })),
};

const verdictSlots = { findings: value('findings'), result: members('result') };
/** Without braces: they are members of a connection. */
const VERDICT = {
  withoutFailure: withoutBraces(
    templateOf(verdictLayout({ ...verdictSlots, observed: undefined, differential: undefined })),
  ),
  ofFailure: withoutBraces(
    templateOf(verdictLayout({ ...verdictSlots, observed: value('observed'), differential: value('differential') })),
  ),
};

function withoutBraces(template: Template): Template {
  const last = template.length - 1;
  return template.map((part, index) => part.slice(index === 0 ? 1 : 0, index === last ? -1 : undefined));
}

const OBSERVED = templateOf(observedLayout({ said: members('said'), frames: value('frames') }));

const noteSlots = { said: members('said'), frame: value('frame') };
const NOTE = {
  plain: templateOf(noteLayout({ ...noteSlots, capture: undefined })),
  withCapture: templateOf(noteLayout({ ...noteSlots, capture: value('capture') })),
};

/** The parts of a report that depend on the rule alone. */
const templatesOf = memoize((rule: Rule) => {
  const finding = {
    role: value('role'),
    certainty: value('certainty'),
    explanation: members('explanation'),
    evidence: value('evidence'),
    remedies: value('remedies'),
  };
  const candidate = { state: value('state'), because: value('because'), frames: value('frames') };
  const more = { evidence: value('evidence'), ...members('explanation') };
  const exclusion = { because: members('because'), frames: value('frames'), evidence: value('evidence') };
  return {
    finding: templateOf(findingLayout(rule, { ...finding, known: undefined })),
    findingWithKnown: templateOf(findingLayout(rule, { ...finding, known: value('known') })),
    candidate: templateOf(candidateLayout(rule, { ...candidate, more })),
    candidateOfFinding: templateOf(candidateLayout(rule, { ...candidate, more: {} })),
    exclusion: templateOf(exclusionLayout(rule, exclusion)),
  };
});
