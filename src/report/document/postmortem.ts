/**
 * What a postmortem document contains in addition: the impact, the course of events, and how to reproduce the result.
 */
import { BOUNDS } from '../../bounds.js';
import { millisecondsBetween, type Timestamp } from '../../capture/timestamp.js';
import type { Success } from '../../diagnose/evidence/timeline.js';
import { bound, showUnprintable } from '../escape.js';
import { UTC } from '../time-zone.js';
import { quoteForShell, ruleWords } from '../words.js';
import type { Scope } from './scope.js';
import { isOwn } from './history.js';
import { allPlaces } from './places.js';
import { captureName, MOST_NAMES } from './overview.js';
import { code, connectionId, word, type Text } from './text.js';

const MOST_CAPTURES = 30;
const MOST_FRAMES = BOUNDS.commandFrames.value;
const MOST_COMMANDS = 10;

export interface Postmortem {
  /** Title of a cause, failures, their share, clients, servers, names. */
  readonly impact: readonly (readonly Text[])[];
  /** Server and name, title of the cause, failures among the handshakes there since the first, the first and the last. */
  readonly places: readonly (readonly Text[])[];
  readonly events: readonly { readonly time: string; readonly what: Text }[];
  readonly commands: readonly Text[];
  /** Captures that the commands do not name. */
  readonly others: number;
}

/** From the diagnoses that are described. */
export function postmortemOf(scope: Scope): Postmortem {
  const files = scope.results.captures.filter(({ path }) => path !== '-');
  return {
    impact: impactOf(scope),
    places: placesImpact(scope),
    events: eventsOf(scope),
    commands: files.length === 0 ? [] : commandsOf(scope),
    others: Math.max(0, files.length - MOST_CAPTURES),
  };
}

function impactOf({ results, described, words }: Scope): Text[][] {
  const { connections, notTls } = results.summary;
  const names = (values: readonly string[]): Text => words.list(values.map(code), MOST_NAMES) || '—';
  const share = (number: number): string => `${Math.round((1000 * number) / (connections - notTls)) / 10} %`;
  return described.map(({ rule, count, clients, servers, serverNames }) => [
    ruleWords(rule, words.language).title,
    words.number(count),
    share(count),
    names(clients),
    names(servers),
    names(serverNames),
  ]);
}

function placesImpact(scope: Scope): Text[][] {
  const { described, words } = scope;
  return described.flatMap((cause) =>
    allPlaces(cause, scope).rows.map(({ where, rate, first, last }) => [
      where,
      ruleWords(cause.rule, words.language).title,
      rate,
      first,
      last,
    ]),
  );
}

/** The ends of the captures, of each cause its first and last failure, and what changed. */
function eventsOf({ results, described, clock, words }: Scope): Postmortem['events'] {
  const say = words.postmortem;
  const events: { readonly at: Timestamp; readonly what: Text }[] = [];
  const add = (at: Timestamp | null, what: Text): void => {
    if (at !== null) events.push({ at, what });
  };
  for (const [index, { firstPacketAt, lastPacketAt }] of results.captures.slice(0, MOST_CAPTURES).entries()) {
    const name = captureName(results, index, words);
    add(firstPacketAt, say.begins({ name }));
    add(lastPacketAt, say.ends({ name }));
  }
  for (const [index, { rule, timeline, firstSeenAt, lastSeenAt, count }] of described.entries()) {
    const { title } = ruleWords(rule, words.language);
    const cause = described.length > 1 ? say.cause({ number: index + 1, title }) : title;
    if (timeline !== null && timeline.change !== 'none' && timeline.change !== 'comes-and-goes') {
      const { before, after } = isOwn(timeline) ? timeline : timeline.others;
      const success = (which: typeof say.lastSuccess, one: Success | null): void => {
        if (one === null) return;
        add(one.at, which({ cause, connection: connectionId(one.connection), client: code(one.client) }));
      };
      success(say.lastSuccess, before.last);
      success(say.firstSuccess, after.first);
    }
    add(firstSeenAt, say.firstFailure({ cause }));
    if (count > 1) add(lastSeenAt, say.lastFailure({ number: count, cause }));
  }
  events.sort((a, b) => millisecondsBetween(b.at, a.at));
  return events.map(({ at, what }) => ({ time: clock.time(at), what }));
}

/** How a reader gets the same result, and the frames that prove it. */
function commandsOf({ results: { captures }, described, options: { selection, timeZone } }: Scope): Text[] {
  const shellWord = (path: string): Text => word(quoteForShell(bound(showUnprintable(path))));
  const selected = [
    ...selection.hosts.map((host) => `--host ${shellWord(host)}`),
    ...selection.clients.map((client) => `--client ${shellWord(client)}`),
    ...selection.servers.map((server) => `--server ${shellWord(server)}`),
    ...selection.ports.map((port) => `--port ${port}`),
    ...selection.serverNames.map((name) => `--server-name ${shellWord(name)}`),
    ...selection.protocols.map((protocol) => `--protocol ${protocol}`),
    ...selection.diagnoses.map((id) => `--diagnosis ${shellWord(id)}`),
    ...(selection.since === null ? [] : [`--since ${shellWord(selection.since.text)}`]),
    ...(selection.until === null ? [] : [`--until ${shellWord(selection.until.text)}`]),
    ...(timeZone === UTC.name ? [] : [`--time-zone ${shellWord(timeZone)}`]),
  ];
  const paths = captures.map(({ path }) => path).filter((path) => path !== '-');
  const commands = [['tls-postmortem', ...selected, ...paths.slice(0, MOST_CAPTURES).map(shellWord)].join(' ')];
  for (const [index, { path }] of captures.entries()) {
    const frames = described.flatMap(({ finding, example }) =>
      finding.evidence
        .filter(({ capture }) => (capture ?? example.connection.capture) === index)
        .map(({ frame }) => frame),
    );
    if (path === '-' || frames.length === 0 || commands.length > MOST_COMMANDS) continue;
    const list = [...new Set(frames)].sort((a, b) => a - b).slice(0, MOST_FRAMES);
    commands.push(`tshark -r ${shellWord(path)} -Y 'frame.number in {${list.join(', ')}}'`);
  }
  return commands;
}
