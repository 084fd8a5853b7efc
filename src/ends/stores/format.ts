/** A certificate of a store, as it is kept there. */
export interface EncodedEntry {
  readonly der: Uint8Array;
  /** What the store calls it (alias, friendlyName), or null. Hostile, as all of a file. */
  readonly alias: string | null;
  /** The line where it begins; absent where the file has no lines. */
  readonly line?: number;
}

/** Passwords to try in turn; asked for one by one, so that nobody is bothered who need not be. */
export interface Passwords {
  /** Those that are known. */
  readonly known: readonly string[];
  /** Asks a person for that of a file; null where nobody is there to be asked. */
  readonly ask: ((path: string) => Promise<string>) | null;
}

/** How a file that holds certificates is read. Adding one takes a file and a line in index.ts. */
export interface StoreFormat {
  /** As its users call it. */
  readonly name: string;
  /** Whether a file is of this format, by its first bytes. */
  recognise(bytes: Uint8Array): boolean;
  /**
   * The certificates, in the order of the file.
   * @param work is taken for what a password costs
   * @throws StoreError with a reason in one line
   */
  read(
    bytes: Uint8Array,
    password: PasswordTrials,
    work: StoreWork,
  ): Promise<readonly EncodedEntry[]> | readonly EncodedEntry[];
}

/** The work that opening encrypted stores may take: all files of an option together, with all passwords. */
export interface StoreWork {
  /** @throws StoreError if so many steps are more than what is left */
  take(steps: number): void;
}

/** Calls `open` with one password after another until one opens; `open` returns undefined where it does not. */
export type PasswordTrials = <T>(open: (password: string) => T | undefined) => Promise<T>;

/** Why a file is no store; `message` is a reason in one line, without the file's name. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    reason: string,
    readonly line?: number,
  ) {
    super(reason);
  }
}
