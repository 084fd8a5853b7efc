/** A certificate in a store, as stored. */
export interface EncodedEntry {
  readonly der: Uint8Array;
  /** Its name in the store (alias, friendlyName), or null. Hostile, like everything in a file. */
  readonly alias: string | null;
  /** The line where it begins; absent if the file has no lines. */
  readonly line?: number;
}

/** Passwords to try; a person is only asked if necessary. */
export interface Passwords {
  /** Those that are known. */
  readonly known: readonly string[];
  /** Asks a person for the password of a file; null if nobody can be asked. */
  readonly ask: ((path: string) => Promise<string>) | null;
}

/** How a file of certificates is read. Adding a format takes a file and a line in index.ts. */
export interface StoreFormat {
  /** As its users call it. */
  readonly name: string;
  /** Whether a file has this format, by its first bytes. */
  recognise(bytes: Uint8Array): boolean;
  /**
   * The certificates, in the order of the file.
   * @param work is charged for each password
   * @throws StoreError with a reason in one line
   */
  read(
    bytes: Uint8Array,
    password: PasswordTrials,
    work: StoreWork,
  ): Promise<readonly EncodedEntry[]> | readonly EncodedEntry[];
  /** Of a format that opens without a password: whether a password is that of the store, which has not been altered. */
  isPassword?(bytes: Uint8Array, password: string): boolean;
}

/** The work for opening encrypted stores: all files of an option together, with all passwords. */
export interface StoreWork {
  /** @throws StoreError if fewer steps are left */
  take(steps: number): void;
}

/** Calls `open` with one password after another until one works; `open` returns undefined for a wrong one. */
export type PasswordTrials = <T>(open: (password: string) => T | undefined) => Promise<T>;

/** Why a file is not a store; `message` is a reason in one line, without the file's name. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  constructor(
    reason: string,
    readonly line?: number,
  ) {
    super(reason);
  }
}
