/** Plaintext of one side, up to where the other one spoke. */
export interface Turn {
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
}

/** What was said before TLS began, or instead of it. */
export interface Preamble {
  /** The protocol and its way to TLS, e.g. `smtp-starttls`. */
  readonly kind: string;
  /** `host:port` that a proxy was asked for; null where there is none. */
  readonly target: string | null;
  /** `address:port` of the original client, as a PROXY header tells it; null where there is none. */
  readonly originalClient: string | null;
  /** What the server said to the request for TLS (or for the target). */
  readonly answer: 'accepted' | 'refused' | 'none';
  /** Its words, where they are text; null otherwise. From the wire: hostile. */
  readonly reply: string | null;
  /** What came behind it: TLS in a protocol behind a proxy. */
  readonly next: Preamble | null;
}

/** Recognises one protocol's way to TLS by content. */
export interface PreambleProtocol {
  readonly kind: string;
  /** The preamble, or null if the turns are not of this protocol, or do not ask for TLS. Never throws. */
  recognise(turns: readonly Turn[]): Omit<Preamble, 'next' | 'kind'> | null;
  /** For protocols that carry another one: what is left when their own words are taken off. */
  strip?(turns: readonly Turn[]): readonly Turn[];
}

/** Longest reply kept, in characters. */
const MAX_REPLY = 200;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** All that one side said before the other one spoke for the first time, or null if the other one began. */
export function opening(turns: readonly Turn[], from: Turn['from']): Uint8Array | null {
  const first = turns[0];
  return first?.from === from ? first.bytes : null;
}

/** The first words of a side, whenever it spoke. */
export function firstOf(turns: readonly Turn[], from: Turn['from']): Uint8Array | null {
  return turns.find((turn) => turn.from === from)?.bytes ?? null;
}

/** The first client's turn that matches, and the server's turn that follows it. */
export function exchange(
  turns: readonly Turn[],
  command: RegExp,
): { readonly command: RegExpExecArray; readonly answer: string | null } | null {
  for (const [index, turn] of turns.entries()) {
    if (turn.from !== 'client') continue;
    const match = command.exec(latin1(turn.bytes));
    if (match === null) continue;
    const following = turns.slice(index + 1).find(({ from }) => from === 'server');
    return { command: match, answer: following === undefined ? null : latin1(following.bytes) };
  }
  return null;
}

/** The first line of a text, without control characters at its end, in a bounded length. */
export function firstLine(text: string): string {
  return (text.split(/\r?\n/, 1)[0] ?? '').slice(0, MAX_REPLY);
}

/** A protocol of text lines in which the client asks for TLS by a command. */
export function commandProtocol(
  kind: string,
  words: {
    /** What the server's or client's first words look like, so that the command is not taken out of context. */
    readonly greeting: { readonly from: Turn['from']; readonly words: RegExp };
    readonly command: RegExp;
    /** How a positive answer begins. */
    readonly accepted: RegExp;
  },
): PreambleProtocol {
  return {
    kind,
    recognise(turns) {
      const greeting = firstOf(turns, words.greeting.from);
      if (greeting === null || !words.greeting.words.test(latin1(greeting))) return null;
      const found = exchange(turns, words.command);
      if (found === null) return null;
      const { answer } = found;
      return {
        target: null,
        originalClient: null,
        answer: answer === null ? 'none' : words.accepted.test(answer) ? 'accepted' : 'refused',
        reply: answer === null ? null : firstLine(answer),
      };
    },
  };
}
