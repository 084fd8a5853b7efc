/** One diagnosis in a report. */
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Certainty } from '../../diagnose/certainty.js';
import type { Diagnosis } from '../../diagnose/finding.js';
import { endingKey } from '../../diagnose/observed.js';
import type { Cause } from './causes.js';
import type { Evidence, Remedy } from '../../diagnose/verdict.js';
import { actorNames, certaintyPhrases, count, endpointText, frameText, grouped, listed, spanText } from '../phrases.js';
import { actionOf, commandOf, explanationOf, factOf, observationOf, ruleWords, noticeOf } from '../words.js';
import { generator } from '../generator.js';
import { baselineFacts } from './baseline.js';
import { chainsOf, type Chain } from './chain.js';
import { differentialOf, type Differential } from './differential.js';
import { endsOf, type EndsSection } from './ends.js';
import type { Scope } from './scope.js';
import { historyOf } from './history.js';
import { ladderOf, type Ladder } from './ladder.js';
import { placesTable, rateFacts, type Places } from './places.js';
import { offersOf, type Offers } from './offers.js';
import { captureName, MOST_NAMES } from './overview.js';
import { lookupFactsOf } from './names.js';
import { pathFacts } from './path.js';
import { code, connectionId, plain, wire, word, type Fact, type Text } from './text.js';

const MOST_IDS = 20;
const MOST_NOTES = 3;
/** Others named that have to do the same. */
const MOST_ALSO = 40;
/** How many other endings are described besides the example's. */
const MOST_ENDINGS = 3;
/** With more connections than this, a reader wants to know where to begin. */
const FEW = 3;

export interface DiagnosisSection {
  /** The same in every run; its rule has a page in docs/diagnoses/. */
  readonly id: string;
  readonly rule: string;
  /** From 1. */
  readonly number: number;
  readonly title: string;
  readonly handshakes: string;
  /** What happened, whatever the reason; null if nothing did. */
  readonly observed: Text | null;
  /** Why, and how sure that is. */
  readonly explanation: Text;
  readonly certainty: string;
  /** What settles it, if it is not certain. */
  readonly settledBy: string | null;
  readonly differential: Differential;
  /** Who, when, since when. */
  readonly facts: readonly Fact[];
  /** Where it failed, if at several places. */
  readonly places: Places | null;
  /** The connection whose frames are evidence: `connection 27: 192.0.2.13:51790 → 198.51.100.21:8443`. */
  readonly source: Text;
  /** In the order of frames. */
  readonly evidence: readonly CitedFrame[];
  readonly notes: readonly Text[];
  /** What the files of the ends say; null if none were given. */
  readonly ends: EndsSection | null;
  /** What one side has to do is kept together. */
  readonly remedies: readonly RemedyText[];
  readonly ladder: Ladder;
  readonly chains: readonly Chain[];
  readonly offers: Offers | null;
}

export interface CitedFrame {
  /** `469`; `2:469` if there are several files. */
  readonly place: string;
  readonly time: string;
  readonly from: 'client' | 'server';
  readonly text: Text;
}

export interface RemedyText {
  readonly actor: string;
  readonly text: Text;
  /** A shell command that confirms the fault or the fix, or null. */
  readonly command: { readonly text: Text; readonly label: string } | null;
}

/** The diagnosis at this index among those described. */
export function diagnosisSection(diagnosis: Cause, index: number, scope: Scope): DiagnosisSection {
  const { rule, finding } = diagnosis;
  const { connection: example, observed, differential } = diagnosis.example;
  const { results, clock, told, options } = scope;
  const { language } = options;
  const { title, settledBy } = ruleWords(rule, language);
  const { captures } = results;
  const shown = differentialOf(finding, differential, scope);
  const file = captures.length > 1 ? ` of ${captureName(results, example.capture)}` : '';
  return {
    id: diagnosis.id,
    rule: rule.id,
    number: index + 1,
    title,
    handshakes: count(diagnosis.count, 'handshake'),
    observed: observed && observationOf(observed, wire, language),
    explanation: explanationOf(finding, wire, language) + togetherText(diagnosis),
    certainty: certaintyText(diagnosis.certainty, finding.known !== undefined, shown.rivals.length > 0),
    settledBy: diagnosis.certainty === 'certain' ? null : settledBy,
    differential: shown,
    facts: [
      ...whoFacts(diagnosis, scope),
      ...lookupFactsOf(diagnosis, scope),
      ...baselineFacts(diagnosis, results),
      { label: 'When', text: spanText(diagnosis.firstSeenAt, diagnosis.lastSeenAt, clock.zone) },
      ...historyOf(diagnosis, told, clock),
      ...rateFacts(diagnosis, clock),
      ...differsFacts(diagnosis, scope),
      ...(diagnosis.count > 1 ? [{ label: 'Seen in', text: seenText(diagnosis) }] : []),
      { label: 'Wireshark', text: code(displayFilter(example)), isToCopy: true },
      ...pathFacts(example, scope),
      { label: 'Rule', text: `${code(rule.id)} (${rule.sources.join(', ')})` },
      { label: 'More', text: code(`${generator.name} explain ${rule.id}`) },
    ],
    places: placesTable(diagnosis, scope),
    source: `connection ${connectionId(example.id)}${file}: ${code(endpointText(example.client))} → ${code(endpointText(example.server))}`,
    evidence: inFrameOrder(finding.evidence, example).map((item) => ({
      place: frameText(item.frame, item.capture ?? example.capture, captures),
      time: clock.time(item.at),
      from: item.from,
      text: factOf(rule, item, wire, language),
    })),
    notes: example.notes.slice(0, MOST_NOTES).map((note) => noticeOf(note, wire, language)),
    ends: endsOf(finding, diagnosis.example, scope),
    remedies: remediesOf(diagnosis, scope),
    ladder: ladderOf(diagnosis.example, scope, scope.limits.rungs),
    // Not every format draws them.
    get chains() {
      return chainsOf(example, finding, scope);
    },
    get offers() {
      return offersOf(example, scope.gathered?.accepted);
    },
  };
}

/** @param hasRivals other causes that are possible stand beside it */
function certaintyText(certainty: Certainty, hasEnds: boolean, hasRivals: boolean): string {
  if (certainty === 'certain' && hasEnds) return 'certain: the capture and the files of the ends prove it';
  if (certainty === 'likely' && hasRivals)
    return 'likely: the evidence supports it, and none of the other possible causes';
  return certaintyPhrases[certainty];
}

function whoFacts({ clients, servers, serverNames }: Diagnosis, { naming }: Scope): Fact[] {
  const named = (end: string): Text => code(end) + naming.behind(end, serverNames);
  const [client, server] = [clients, servers].map((ends) => listed(ends.map(named), MOST_NAMES));
  const name = listed(serverNames.map(code), MOST_NAMES);
  if (clients.length === 1 && servers.length === 1 && serverNames.length <= 1) {
    return [{ label: 'Who', text: `${client ?? ''} → ${server ?? ''}${serverNames.length === 1 ? ` (${name})` : ''}` }];
  }
  const fact = (label: string, { length }: readonly string[], text = ''): Fact[] =>
    length === 0 ? [] : [{ label: length === 1 ? label : `${label}s`, text }];
  return [...fact('Client', clients, client), ...fact('Server', servers, server), ...fact('Name', serverNames, name)];
}

/** `connections 7, 9 and 30; look first at 9`: a diagnosis holds only the first ids. */
function seenText({ connections, examples, count: number }: Diagnosis): Text {
  const shown = connections.slice(0, MOST_IDS).map(connectionId);
  const ids =
    number > shown.length
      ? `${shown.join(', ')} and ${count(number - shown.length, 'more', 'more')}`
      : listed(shown, MOST_IDS);
  const isSome = examples.length > 1 && examples.length < number;
  const first = number > FEW && isSome ? listed(examples.map(connectionId), examples.length) : '';
  return `connections ${ids}${first === '' ? '' : `; look first at ${first}`}`;
}

/** By frame within a capture; across several, by time at the connection's own point, if the clocks are compared. */
function inFrameOrder(evidence: readonly Evidence[], { capture, path }: Connection): Evidence[] {
  const captures = new Set(evidence.map((item) => item.capture ?? capture));
  const aheadOf = (item: Evidence): number => {
    const at = item.capture ?? capture;
    return path?.points.findLast((point) => point.capture <= at)?.aheadMs ?? 0;
  };
  return [...evidence].sort((a, b) =>
    captures.size === 1
      ? a.frame - b.frame
      : millisecondsBetween(b.at, a.at) - aheadOf(a) + aheadOf(b) || a.frame - b.frame,
  );
}

/** Which of the merged diagnoses the explanation is about. */
function togetherText({ members, example }: Cause): Text {
  if (members.length === 1) return '';
  return ` This describes connection ${connectionId(example.connection.id)}, as an example of ${grouped(members.length)} diagnoses of the same kind.`;
}

/** A Wireshark display filter that shows exactly this connection. */
function displayFilter({ client, server, transport, firstFrame, lastFrame }: Connection): string {
  if (transport.kind === 'eapol' || transport.kind === 'radius') {
    return `${transport.kind} && frame.number >= ${firstFrame} && frame.number <= ${lastFrame}`;
  }
  return [client, server]
    .map(({ address, port }) => {
      const field = address.includes(':') ? 'ipv6.addr' : 'ip.addr';
      return `${field} == ${address} && ${transport.kind}.port == ${port}`;
    })
    .join(' && ');
}

/** How some of them differ from the one that is shown. */
function differsFacts(cause: Cause, { options: { language } }: Scope): Fact[] {
  const { count: number, endings, members, certainty, example } = cause;
  const own = example.observed === null ? '' : endingKey(example.observed);
  const rest = members.filter((each) => each.certainty !== certainty);
  const sure = [...new Set(rest.map((each) => each.certainty))].map((level) => {
    const handshakes = rest.filter((each) => each.certainty === level).reduce((sum, each) => sum + each.count, 0);
    return `${grouped(handshakes)} of ${grouped(number)} ${handshakes === 1 ? 'is' : 'are'} only ${level}`;
  });
  const ends = endings
    .filter(({ observed }) => endingKey(observed) !== own)
    .slice(0, MOST_ENDINGS)
    .map(
      ({ observed, count: some }) =>
        `${grouped(some)} of ${grouped(number)} ended differently: ${observationOf(observed, wire, language)}`,
    );
  const text = [...(sure.length === 0 ? [] : [`${sure.join('; ')}.`]), ...ends].join(' ');
  return text === '' ? [] : [{ label: 'Differs', text }];
}

/** What has to be done; others who have to do the same at other places are named. */
function remediesOf(cause: Cause, { options: { language } }: Scope): RemedyText[] {
  const { rule, remedies } = cause.finding;
  const actors = [...new Set(remedies.map(({ who }) => who))];
  const named = new Set<string>();
  const given = new Set<Text>();
  return actors
    .flatMap((actor) => remedies.filter(({ who }) => who === actor))
    .map((remedy) => {
      const found = commandOf(rule, remedy, word, language);
      // If one command confirms several remedies, it is shown once.
      const command = found === null || given.has(found.text) ? null : found;
      given.add(found?.text ?? '');
      const others = othersText(remedy, cause);
      const also = named.has(others) ? 'all of these' : others;
      named.add(others);
      return {
        actor: actorNames[remedy.who],
        text: actionOf(rule, remedy, wire, language) + (others === '' ? '' : ` Likewise for ${also}.`),
        command: command && {
          text: command.text,
          label: `This ${command.does}. Run it ${command.where}.${needsText(command.text)}`,
        },
      };
    });
}

/** What a command needs that is not available everywhere. */
const NEEDS: readonly (readonly [option: RegExp, what: string])[] = [
  [/(?<![\w.-])-quic(?![\w.-])/, 'OpenSSL 3.2 or later'],
  [/(?<![\w.-])X25519MLKEM768\b/, 'OpenSSL 3.5 or later'],
  [/(?<![\w.-])--http3-only\b/, 'a curl with HTTP/3'],
];

const needsText = (command: Text): string =>
  NEEDS.filter(([option]) => option.test(plain(command)))
    .map(([, what]) => ` It needs ${what}.`)
    .join('');

/** Who else has to do that: everybody with the same remedy besides the one shown. */
function othersText({ who, id }: Remedy, { members, example: { connection } }: Cause): Text {
  const same = members.filter(({ finding }) => finding.remedies.some((each) => each.id === id && each.who === who));
  const all = new Set(same.flatMap(({ servers, clients }) => (who === 'client' ? clients : servers)));
  all.delete(who === 'client' ? connection.client.address : endpointText(connection.server));
  return listed([...all].map(code), MOST_ALSO);
}
