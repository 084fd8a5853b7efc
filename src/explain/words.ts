import type { Texts } from '../message.js';

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

/** Commands, each once, with what stands for a placeholder: `CLIENT`. */
export function commandsOf(texts: Texts): string[] {
  const commands = Object.values(texts).map((text) =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => IN_COMMANDS[name] ?? name.toUpperCase()),
  );
  return [...new Set(commands)];
}
