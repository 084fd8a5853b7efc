import { BOUNDS } from '../bounds.js';
import { latin1 } from '../bytes.js';
import type { Timestamp } from '../capture/timestamp.js';

/** Plaintext of one side, up to where the other one spoke. */
export interface Turn {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
  /** Where it begins. */
  readonly frame: number;
  readonly at: Timestamp;
}

/** How far the two sides came on the way to TLS. */
export type PreambleState =
  /** The server lists its capabilities without TLS; the client did not ask for it. */
  | 'not-offered'
  /** As `not-offered`, and a line of the list was overwritten on the way. */
  | 'masked'
  /** TLS was offered, but nobody asked for it. */
  | 'offered'
  /** Asked for, without an answer, or with one in another protocol. */
  | 'requested'
  | 'accepted'
  | 'refused'
  /** TLS was not available, and the client, which does not insist, continues in plaintext. */
  | 'declined'
  /** A header that is not answered: the protocol itself follows. */
  | 'announced';

/** A turn on the way to TLS: where it begins, and its decisive line. */
export interface PreambleStep {
  /**
   * `plaintext`: what the client said after the answer, where TLS should begin; or after the offer, if it did not ask.
   */
  readonly step: 'offer' | 'request' | 'answer' | 'plaintext';
  readonly from: Turn['from'];
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** Its words, one character a byte, or the name of its code in a binary protocol. From the wire: hostile. */
  readonly text: string;
}

/** What a protocol finds in the turns. */
export interface PreambleFacts {
  readonly state: PreambleState;
  /** In the order in which they were said; steps not said, or not in the capture, are absent. */
  readonly steps: readonly PreambleStep[];
  /** `host:port` that a proxy was asked for; null if none. */
  readonly target: string | null;
  /** `address:port` of the original client, from a PROXY header; null if none. */
  readonly originalClient: string | null;
  /** The server's answer, if it is text or a code with a name; else null. From the wire: hostile. */
  readonly reply: string | null;
  /** The client's words are those of `openssl s_client -starttls`, and of no other program. */
  readonly isByOpenssl?: true;
}

/** Recognises one protocol's way to TLS by content. */
export interface PreambleProtocol<Kind extends string = string> {
  readonly kind: Kind;
  /** Its usual name. */
  readonly name: string;
  /** What `openssl s_client -starttls` calls it, if it knows it. */
  readonly starttls?: string;
  /** The preamble, or null if the turns are not of this protocol, or do not mention TLS. Never throws. */
  recognise(turns: readonly Turn[]): PreambleFacts | null;
  /** For protocols that carry another one: the turns without their own words. */
  strip?(turns: readonly Turn[]): readonly Turn[];
}

/** Longest line kept, in characters. */
const MAX_LINE = BOUNDS.preambleLine.value;

/** What one side said before the other one spoke for the first time, or null if the other one began. */
export function opening(turns: readonly Turn[], from: Turn['from']): Turn | null {
  const first = turns[0];
  return first?.from === from ? first : null;
}

/** The first words of a side, whenever it spoke. */
export function firstOf(turns: readonly Turn[], from: Turn['from']): Turn | null {
  return turns.find((turn) => turn.from === from) ?? null;
}

/** A request of the client, the server's next turn, and the client's turn after that. */
export interface Exchange {
  readonly request: Turn;
  readonly answer: Turn | null;
  readonly sequel: Turn | null;
}

/** The exchange that begins with this turn. */
export function exchangeAt(turns: readonly Turn[], request: Turn): Exchange {
  const later = turns.slice(turns.indexOf(request) + 1);
  const answered = later.findIndex(({ from }) => from === 'server');
  return {
    request,
    answer: later[answered] ?? null,
    sequel: answered < 0 ? null : (later.slice(answered).find(({ from }) => from === 'client') ?? null),
  };
}

/** The first line of a text, without its end, bounded in length. */
export function firstLine(text: string): string {
  return (text.split(/\r?\n/, 1)[0] ?? '').slice(0, MAX_LINE);
}

/** The line in which a text matches, or its first one. */
function lineOf(text: string, index: number): string {
  return firstLine(text.slice(text.lastIndexOf('\n', index) + 1));
}

/** A step of the preamble; `text` if the protocol has a better word for it than the turn's first line. */
export function step(name: PreambleStep['step'], turn: Turn, text = firstLine(latin1(turn.bytes))): PreambleStep {
  return { step: name, from: turn.from, frame: turn.frame, at: turn.at, text };
}

/** The facts of a protocol that has only a state and steps. */
export function facts(
  state: PreambleState,
  steps: readonly PreambleStep[],
  reply: string | null = null,
): PreambleFacts {
  return { state, steps, target: null, originalClient: null, reply };
}

/** The steps of an exchange; `words` names the codes of a binary protocol. */
export function exchangeSteps(
  { request, answer, sequel }: Exchange,
  words: { readonly request?: string; readonly answer?: string; readonly sequel?: string } = {},
): PreambleStep[] {
  return [
    step('request', request, words.request),
    ...(answer === null ? [] : [step('answer', answer, words.answer)]),
    ...(sequel === null ? [] : [step('plaintext', sequel, words.sequel)]),
  ];
}

/** How a text protocol negotiates TLS. */
interface CommandWords {
  /** The server's or client's first words, so that the command is not taken out of context. */
  readonly greeting: { readonly from: Turn['from']; readonly words: RegExp };
  /** Where the server lists its capabilities, and the line that offers TLS. */
  readonly list: {
    /** The command that asks for the list; null if the server sends it unasked. */
    readonly command: RegExp | null;
    readonly words: RegExp;
    readonly offer: RegExp;
    /** What devices on the way overwrite the offer with. */
    readonly masked?: RegExp;
  };
  readonly command: RegExp;
  /** What only `openssl s_client` says (apps/s_client.c), if there is anything. */
  readonly openssl?: RegExp;
  /** The beginning of a positive answer. */
  readonly accepted: RegExp;
}

/** How a client that does not insist on TLS continues: it logs in, or sends its mail. */
const GOES_ON =
  /^(USER|PASS|APOP|NICK|MAIL FROM:|AUTH(ENTICATE)? "?(PLAIN|LOGIN|CRAM|DIGEST|SCRAM|XOAUTH|OAUTH|NTLM|GSSAPI)|[A-Z0-9.]+ (LOGIN|AUTHENTICATE)\b)/i;

/** The last list of the server before a turn, or before a log-in, with the line that offers TLS, or masks it. */
function offered(
  turns: readonly Turn[],
  { list }: CommandWords,
  before: Turn | undefined,
): { readonly state: PreambleState; readonly step: PreambleStep; readonly turn: Turn } | null {
  // Once a client has logged in, a list rightly lacks TLS (RFC 9051 §6.2.1).
  const last = before ?? turns.find(({ from, bytes }) => from === 'client' && GOES_ON.test(latin1(bytes)));
  const end = last === undefined ? turns.length : turns.indexOf(last);
  for (let index = end - 1; index >= 0; index--) {
    const turn = turns[index];
    if (turn?.from !== 'server') continue;
    const asking = turns[index - 1];
    const isAsked = list.command === null || (asking !== undefined && list.command.test(latin1(asking.bytes)));
    const text = latin1(turn.bytes);
    if (!isAsked || !list.words.test(text)) continue;
    const offer = list.offer.exec(text);
    const masked = offer === null ? (list.masked?.exec(text) ?? null) : null;
    return {
      state: offer !== null ? 'offered' : masked !== null ? 'masked' : 'not-offered',
      step: step('offer', turn, lineOf(text, (offer ?? masked)?.index ?? 0)),
      turn,
    };
  }
  return null;
}

/** A text protocol in which the client asks for TLS by a command. */
export function commandProtocol<const Kind extends string>(
  protocol: Pick<PreambleProtocol<Kind>, 'kind' | 'name' | 'starttls'>,
  words: CommandWords,
): PreambleProtocol<Kind> {
  return {
    ...protocol,
    recognise(turns) {
      const greeting = firstOf(turns, words.greeting.from);
      if (greeting === null || !words.greeting.words.test(latin1(greeting.bytes))) return null;
      // After a refusal, a client may ask in another way (FTP: AUTH SSL, then AUTH TLS).
      const requests = turns.filter(({ from, bytes }) => from === 'client' && words.command.test(latin1(bytes)));
      const isAccepted = (turn: Turn): boolean => {
        const { answer } = exchangeAt(turns, turn);
        return answer !== null && words.accepted.test(latin1(answer.bytes));
      };
      const request = requests.find(isAccepted) ?? requests.at(-1);
      const list = offered(turns, words, request);
      if (request === undefined) {
        if (list === null) return null;
        const sequel = turns.slice(turns.indexOf(list.turn)).find(({ from }) => from === 'client');
        return facts(list.state, [list.step, ...(sequel === undefined ? [] : [step('plaintext', sequel)])]);
      }
      const exchange = exchangeAt(turns, request);
      const answer = exchange.answer === null ? null : latin1(exchange.answer.bytes);
      const asked = latin1(request.bytes);
      const goesOn = exchange.sequel !== null && GOES_ON.test(latin1(exchange.sequel.bytes));
      // What a device overwrites in the list, it overwrites in the request, too.
      const refusal = goesOn ? 'declined' : list?.state === 'masked' ? 'masked' : 'refused';
      const isByOpenssl =
        words.openssl !== undefined &&
        turns.some(({ from, bytes }) => from === 'client' && words.openssl?.test(latin1(bytes)) === true);
      const found = facts(
        answer === null ? 'requested' : words.accepted.test(answer) ? 'accepted' : refusal,
        [
          ...(list === null ? [] : [list.step]),
          ...exchangeSteps(exchange, { request: lineOf(asked, words.command.exec(asked)?.index ?? 0) }),
        ],
        answer === null ? null : firstLine(answer),
      );
      return isByOpenssl ? { ...found, isByOpenssl } : found;
    },
  };
}
