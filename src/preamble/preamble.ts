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

/** The protocols that lead to TLS, each by its own way. */
export type PreambleKind =
  | 'smtp-starttls'
  | 'imap-starttls'
  | 'pop3-starttls'
  | 'ftp-starttls'
  | 'nntp-starttls'
  | 'sieve-starttls'
  | 'xmpp-starttls'
  | 'irc-starttls'
  | 'ldap-starttls'
  | 'postgres'
  | 'mysql'
  | 'mssql'
  | 'rdp'
  | 'openvpn'
  | 'http-connect'
  | 'socks4'
  | 'socks5'
  | 'proxy-protocol';

/** How far the two sides came on the way to TLS. */
export type PreambleState =
  /** The server lists what it can do, and TLS is not among it; the client did not ask for it. */
  | 'not-offered'
  /** The same, but a line of that list was overwritten on the way. */
  | 'masked'
  /** TLS is on offer, and nobody asked for it. */
  | 'offered'
  /** Asked for, and not answered, or in words of another protocol. */
  | 'requested'
  | 'accepted'
  | 'refused'
  /** Not to be had, and the client, which does not insist, goes on in plaintext. */
  | 'declined'
  /** A header that nobody answers: what follows is the protocol itself. */
  | 'announced';

/** A turn on the way to TLS: where it begins, and its decisive line. */
export interface PreambleStep {
  /** `plaintext`: what the client said after the answer, where TLS should begin; after the offer, if it did not ask. */
  readonly step: 'offer' | 'request' | 'answer' | 'plaintext';
  readonly from: Turn['from'];
  /** Index of its capture, if it is another than the connection's. */
  readonly capture?: number;
  readonly frame: number;
  readonly at: Timestamp;
  /** Its words, one character a byte, or the name of its code in a binary protocol. From the wire: hostile. */
  readonly text: string;
}

/** What was said before TLS began, or instead of it. */
export interface Preamble {
  readonly kind: PreambleKind;
  readonly state: PreambleState;
  /** In the order in which they were said; one that was not said, or is not in the capture, is absent. */
  readonly steps: readonly PreambleStep[];
  /** `host:port` that a proxy was asked for; null where there is none. */
  readonly target: string | null;
  /** `address:port` of the original client, as a PROXY header tells it; null where there is none. */
  readonly originalClient: string | null;
  /** The server's answer, where it is text or a code with a name; null otherwise. From the wire: hostile. */
  readonly reply: string | null;
  /** What came behind it: TLS in a protocol behind a proxy. */
  readonly next: Preamble | null;
}

/** What a protocol reads of the turns. */
export type PreambleFacts = Omit<Preamble, 'kind' | 'next'>;

/** Recognises one protocol's way to TLS by content. */
export interface PreambleProtocol {
  readonly kind: PreambleKind;
  /** The preamble, or null if the turns are not of this protocol, or say nothing of TLS. Never throws. */
  recognise(turns: readonly Turn[]): PreambleFacts | null;
  /** For protocols that carry another one: what is left when their own words are taken off. */
  strip?(turns: readonly Turn[]): readonly Turn[];
}

/** The last of the protocols inside each other, which TLS should follow. */
export function innermost(preamble: Preamble): Preamble {
  return preamble.next === null ? preamble : innermost(preamble.next);
}

/** Whether the client took the way to TLS: more than an offer of the server was said. */
export function isTaken({ state }: Preamble): boolean {
  return state !== 'not-offered' && state !== 'masked' && state !== 'offered';
}

/** Whether it is a proxy that was asked, for another server. */
export function isProxy({ kind }: Preamble): boolean {
  return kind === 'http-connect' || kind === 'socks4' || kind === 'socks5';
}

/** The step of that name, or undefined. */
export function stepOf({ steps }: Preamble, step: PreambleStep['step']): PreambleStep | undefined {
  return steps.find((one) => one.step === step);
}

/** Longest line kept, in characters. */
const MAX_LINE = BOUNDS.preambleLine.value;

/** All that one side said before the other one spoke for the first time, or null if the other one began. */
export function opening(turns: readonly Turn[], from: Turn['from']): Turn | null {
  const first = turns[0];
  return first?.from === from ? first : null;
}

/** The first words of a side, whenever it spoke. */
export function firstOf(turns: readonly Turn[], from: Turn['from']): Turn | null {
  return turns.find((turn) => turn.from === from) ?? null;
}

/** A request of the client, the server's turn that follows it, and the client's turn behind that. */
export interface Exchange {
  readonly request: Turn;
  readonly answer: Turn | null;
  readonly sequel: Turn | null;
}

/** The exchange that begins with one of the turns. */
export function exchangeAt(turns: readonly Turn[], request: Turn): Exchange {
  const later = turns.slice(turns.indexOf(request) + 1);
  const answered = later.findIndex(({ from }) => from === 'server');
  return {
    request,
    answer: later[answered] ?? null,
    sequel: answered < 0 ? null : (later.slice(answered).find(({ from }) => from === 'client') ?? null),
  };
}

/** The first line of a text, without its end, in a bounded length. */
export function firstLine(text: string): string {
  return (text.split(/\r?\n/, 1)[0] ?? '').slice(0, MAX_LINE);
}

/** The line in which a text matches, or its first one. */
function lineOf(text: string, index: number): string {
  return firstLine(text.slice(text.lastIndexOf('\n', index) + 1));
}

/** A step of the preamble: `text` where the protocol has a better word for it than the turn's first line. */
export function step(name: PreambleStep['step'], turn: Turn, text = firstLine(latin1(turn.bytes))): PreambleStep {
  return { step: name, from: turn.from, frame: turn.frame, at: turn.at, text };
}

/** What is known of a protocol that has no more to tell than its state and its steps. */
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

/** How a protocol of text lines speaks of TLS. */
interface CommandWords {
  /** What the server's or client's first words look like, so that the command is not taken out of context. */
  readonly greeting: { readonly from: Turn['from']; readonly words: RegExp };
  /** Where the server lists what it can do, and the line that offers TLS. */
  readonly list: {
    /** The command that asks for the list; null where the server gives it unasked. */
    readonly command: RegExp | null;
    readonly words: RegExp;
    readonly offer: RegExp;
    /** What devices on the way write over the offer. */
    readonly masked?: RegExp;
  };
  readonly command: RegExp;
  /** How a positive answer begins. */
  readonly accepted: RegExp;
}

/** The last list of the server before a turn, with the line that offers TLS, or hides it. */
function offered(
  turns: readonly Turn[],
  { list }: CommandWords,
  before: Turn | undefined,
): { readonly state: PreambleState; readonly step: PreambleStep; readonly turn: Turn } | null {
  const end = before === undefined ? turns.length : turns.indexOf(before);
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

/** How a client that does not insist on TLS goes on: it logs in, or hands over its mail. */
const GOES_ON =
  /^(USER|PASS|APOP|NICK|MAIL FROM:|AUTH(ENTICATE)? "?(PLAIN|LOGIN|CRAM|DIGEST|SCRAM|XOAUTH|OAUTH|NTLM|GSSAPI)|[A-Z0-9.]+ (LOGIN|AUTHENTICATE)\b)/i;

/** A protocol of text lines in which the client asks for TLS by a command. */
export function commandProtocol(kind: PreambleKind, words: CommandWords): PreambleProtocol {
  return {
    kind,
    recognise(turns) {
      const greeting = firstOf(turns, words.greeting.from);
      if (greeting === null || !words.greeting.words.test(latin1(greeting.bytes))) return null;
      // Who is refused one way may ask another (FTP: AUTH SSL, then AUTH TLS).
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
      const refusal = goesOn ? 'declined' : 'refused';
      return facts(
        answer === null ? 'requested' : words.accepted.test(answer) ? 'accepted' : refusal,
        [
          ...(list === null ? [] : [list.step]),
          ...exchangeSteps(exchange, { request: lineOf(asked, words.command.exec(asked)?.index ?? 0) }),
        ],
        answer === null ? null : firstLine(answer),
      );
    },
  };
}
