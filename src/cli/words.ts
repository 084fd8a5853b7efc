import { COMMAND_LINE } from '../report/messages/command-line.js';
import { ENGLISH } from '../report/messages/english.js';
import { sayings } from '../report/wording.js';

/** The words of the command line. They are English, as no option chooses a language. */
export const WORDS = sayings<typeof COMMAND_LINE>(ENGLISH.commandLine ?? COMMAND_LINE, ENGLISH);
