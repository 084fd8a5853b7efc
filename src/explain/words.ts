import type { Commands, Texts } from '../message.js';

/** Placeholders as they are written in a command that somebody fills in. */
const IN_COMMANDS: Readonly<Record<string, string>> = {
  connect: 'HOST:443',
  sni: '-servername NAME',
  asked: '-servername NAME',
};

/** Sentences with what stands for a placeholder: `<client>`. */
export function sentencesOf(texts: Texts): string[] {
  return Object.values(texts).map((text) => text.replace(/\{(\w+)\}/g, '<$1>'));
}

/** Commands, each once behind a comment that says what it does, with what stands for a placeholder: `CLIENT`. */
export function commandsOf(commands: Commands): string[] {
  const told = Object.values(commands).map(({ run, does }) => [
    `# ${does}`,
    run.replace(/\{(\w+)\}/g, (_, name: string) => IN_COMMANDS[name] ?? name.toUpperCase()),
  ]);
  const byCommand = new Map(told.map((lines) => [lines[1], lines]));
  return [...byCommand.values()].flat();
}
