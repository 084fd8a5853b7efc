import type { Commands, Texts } from '../message.js';

/** Placeholders in a command that somebody fills in. */
const IN_COMMANDS: Readonly<Record<string, string>> = {
  connect: 'HOST:443',
  sni: '-servername NAME',
  asked: '-servername NAME',
};

/** Sentences with placeholders in their place: `<client>`. */
export function sentencesOf(texts: Texts): string[] {
  return Object.values(texts).map((text) => text.replace(/\{(\w+)\}/g, '<$1>'));
}

/** Commands, each after a comment that says what it does, with placeholders in their place: `CLIENT`. */
export function commandsOf(commands: Commands): string[] {
  const told = Object.values(commands).map(({ run, does }) => [
    `# ${does}`,
    run.replace(/\{(\w+)\}/g, (_, name: string) => IN_COMMANDS[name] ?? name.toUpperCase()),
  ]);
  const byCommand = new Map(told.map((lines) => [lines[1], lines]));
  return [...byCommand.values()].flat();
}
