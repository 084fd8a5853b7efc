/** One diagnosis in a report. */
import { millisecondsBetween } from '../../capture/timestamp.js';
import type { Connection } from '../../connection/connection.js';
import type { Certainty } from '../../diagnose/certainty.js';
import type { Diagnosis, EndingCount, Finding } from '../../diagnose/finding.js';
import { endingKey, receivedKind, type Observation } from '../../diagnose/observed.js';
import type { Cause } from './causes.js';
import type { Evidence, Remedy } from '../../diagnose/verdict.js';
import { endpointText, frameText, spanText } from '../phrases.js';
import type { Wording } from '../wording.js';
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
  /** That side in words. */
  readonly side: string;
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
  const { results, clock, words } = scope;
  const { labels, language, diagnosis: say } = words;
  const { title, settledBy } = ruleWords(rule, language);
  const { captures } = results;
  const shown = differentialOf(finding, differential, scope);
  const source = {
    id: connectionId(example.id),
    client: code(endpointText(example.client)),
    server: code(endpointText(example.server)),
  };
  return {
    id: diagnosis.id,
    rule: rule.id,
    number: index + 1,
    title,
    handshakes: words.counts.handshakes({ count: diagnosis.count }),
    observed: observed && observationOf(observed, wire, language),
    explanation: explanationOf(finding, wire, language) + togetherText(diagnosis, words),
    certainty: certaintyText(diagnosis.certainty, finding, shown.rivals.length > 0, words),
    settledBy: diagnosis.certainty === 'certain' ? null : settledBy,
    differential: shown,
    facts: [
      ...whoFacts(diagnosis, scope),
      ...lookupFactsOf(diagnosis, scope),
      ...baselineFacts(diagnosis, results, words),
      { label: labels.when, text: spanText(diagnosis.firstSeenAt, diagnosis.lastSeenAt, words, clock.zone) },
      ...historyOf(diagnosis, scope),
      ...rateFacts(diagnosis, scope),
      ...differsFacts(diagnosis, scope),
      ...(diagnosis.count > 1 ? [{ label: labels.seenIn, text: seenText(diagnosis, words) }] : []),
      { label: 'Wireshark', text: code(displayFilter(example)), isToCopy: true },
      ...pathFacts(example, scope),
      { label: labels.rule, text: say.rule({ rule: code(rule.id), sources: rule.sources.join(words.joins.items) }) },
      { label: labels.more, text: code(`${generator.name} explain ${rule.id}`) },
    ],
    places: placesTable(diagnosis, scope),
    source:
      captures.length > 1
        ? say.sourceInFile({ ...source, file: captureName(results, example.capture, words) })
        : say.source(source),
    evidence: inFrameOrder(finding.evidence, example).map((item) => ({
      place: frameText(item.frame, item.capture ?? example.capture, captures),
      time: clock.time(item.at),
      from: item.from,
      side: language.parties[item.from],
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
      return offersOf(example, scope.gathered?.accepted, words);
    },
  };
}

/** @param hasRivals other causes that are possible stand beside it */
function certaintyText(
  certainty: Certainty,
  { known, rule }: Pick<Finding, 'known' | 'rule'>,
  hasRivals: boolean,
  { grounds }: Pick<Wording, 'grounds'>,
): string {
  if (certainty === 'certain' && known !== undefined) return grounds.certainByFiles;
  if (certainty === 'possible' && !hasRivals)
    return rule.isObservation === true ? grounds.observed : grounds.possibleAlone;
  if (certainty === 'likely' && hasRivals) return grounds.likelyAmongOthers;
  return grounds[certainty];
}

function whoFacts({ clients, servers, serverNames }: Diagnosis, { naming, words }: Scope): Fact[] {
  const { labels, diagnosis: say } = words;
  const named = (end: string): Text => code(end) + naming.behind(end, serverNames);
  const client = words.list(clients.map(named), MOST_NAMES);
  const server = words.list(servers.map(named), MOST_NAMES);
  const name = words.list(serverNames.map(code), MOST_NAMES);
  if (clients.length === 1 && servers.length === 1 && serverNames.length <= 1) {
    const text = serverNames.length === 1 ? say.whoByName({ client, server, name }) : say.who({ client, server });
    return [{ label: labels.who, text }];
  }
  return [
    ...(clients.length === 0 ? [] : [{ label: clients.length === 1 ? labels.client : labels.clients, text: client }]),
    ...(servers.length === 0 ? [] : [{ label: servers.length === 1 ? labels.server : labels.servers, text: server }]),
    ...(serverNames.length === 0 ? [] : [{ label: serverNames.length === 1 ? labels.name : labels.names, text: name }]),
  ];
}

/** `connections 7, 9 and 30; look first at 9`: a diagnosis holds only the first ids. */
function seenText({ connections, examples, count: number }: Diagnosis, words: Wording): Text {
  const shown = connections.slice(0, MOST_IDS).map(connectionId);
  const ids = words.language.list(shown, 'plain', number - shown.length);
  const isSome = examples.length > 1 && examples.length < number;
  return number > FEW && isSome
    ? words.diagnosis.seenFirst({ ids, first: words.list(examples.map(connectionId), examples.length) })
    : words.diagnosis.seen({ ids });
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

/** For which names the same is told, if the explanation names one of several. */
function otherNamesText({ example: { connection }, finding, serverNames }: Diagnosis, words: Wording): Text {
  const name = connection.clientHello?.serverName ?? null;
  const others = serverNames.filter((other) => other !== name);
  if (name === null || others.length === 0 || !Object.values(finding.explanation.data).includes(name)) return '';
  const names = words.list(others.map(code), MOST_NAMES);
  return words.diagnosis.otherNames({ id: connectionId(connection.id), names });
}

/** Which of the merged diagnoses the explanation is about. */
function togetherText({ members, example }: Cause, words: Wording): Text {
  const { diagnosis: say } = words;
  if (members.length === 1) return members.map((one) => otherNamesText(one, words)).join('');
  return say.together({ id: connectionId(example.connection.id), number: members.length });
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

const LEVELS = ['certain', 'likely', 'possible'] as const;

/** How many ended in the same way after something of another kind. */
const receivedElse = ({ count, received }: EndingCount, own: Observation): number =>
  count - (received.get(receivedKind(own)) ?? 0);

/** How some of them differ from the one that is shown. */
function differsFacts(cause: Cause, { words }: Scope): Fact[] {
  const say = words.diagnosis;
  const { count: all, endings, certainty, certainties, example } = cause;
  const own = example.observed === null ? '' : endingKey(example.observed);
  const sure = LEVELS.filter((level) => level !== certainty && certainties[level] > 0).map((level) =>
    say.onlyAsSure({ count: certainties[level], all, certainty: words.certainties[level] }),
  );
  const sameEnding = endings.find(({ observed }) => endingKey(observed) === own);
  const count = example.observed === null || sameEnding === undefined ? 0 : receivedElse(sameEnding, example.observed);
  const ends = endings
    .filter(({ observed }) => endingKey(observed) !== own)
    .slice(0, MOST_ENDINGS)
    .map(({ observed, count: some }) =>
      say.endedDifferently({ some, all, how: observationOf(observed, wire, words.language) }),
    );
  const after = count === 0 ? [] : [say.endedAfterElse({ count, all })];
  const levels = sure.length === 0 ? [] : [say.sentence({ text: sure.join(words.joins.clauses) })];
  const text = [...levels, ...after, ...ends].join(words.joins.sentences);
  return text === '' ? [] : [{ label: words.labels.differs, text }];
}

/** What has to be done; others who have to do the same at other places are named. */
function remediesOf(cause: Cause, { words }: Scope): RemedyText[] {
  const { diagnosis: say, language } = words;
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
      const all = othersText(remedy, cause, words);
      const others = named.has(all) ? say.allOfThese : all;
      named.add(all);
      const action = actionOf(rule, remedy, wire, language);
      return {
        actor: words.actors[remedy.who],
        text: all === '' ? action : say.likewise({ action, others }),
        command: command && {
          text: command.text,
          label: say.command({ does: command.does, where: command.where, needs: needsText(command.text, say) }),
        },
      };
    });
}

/** What a command needs that is not available everywhere. */
const NEEDS: readonly (readonly [option: RegExp, what: (say: Wording['diagnosis']) => string])[] = [
  [/(?<![\w.-])-quic(?![\w.-])/, (say) => say.openSsl({ version: '3.2' })],
  [/(?<![\w.-])--http3-only\b/, (say) => say.curlWithHttp3],
];

const needsText = (command: Text, say: Wording['diagnosis']): string =>
  NEEDS.filter(([option]) => option.test(plain(command)))
    .map(([, what]) => say.needs({ what: what(say) }))
    .join('');

/** Who else has to do that: everybody with the same remedy besides the one shown. */
function othersText({ who, id }: Remedy, { members, example: { connection } }: Cause, words: Wording): Text {
  const same = members.filter(({ finding }) => finding.remedies.some((each) => each.id === id && each.who === who));
  const all = new Set(same.flatMap(({ servers, clients }) => (who === 'client' ? clients : servers)));
  all.delete(who === 'client' ? connection.client.address : endpointText(connection.server));
  return words.list([...all].map(code), MOST_ALSO);
}
