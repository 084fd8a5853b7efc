import { EVIDENCE_MESSAGES } from '../diagnose/evidence/citations.js';
import type { Rule } from '../diagnose/rule.js';

/** What a message of a rule is: a sentence on what happened, a thing to do, a shell command, or one fact. */
export type Kind = 'explanation' | 'remedy' | 'command' | 'fact';

const COMMAND = /^(?:time )?(?:openssl|curl|nc|ping|tcpdump|ip|ss|traceroute|tracepath|dig|date|chronyc|timedatectl) /;

/** Remedies tell somebody to do something; explanations begin with who did what. The rule tester holds rules to that. */
const REMEDY =
  /^(?:Or|If|Only|Until|As a stopgap|Add|Allow|Check|Compare|Configure|Direct|Disable|Enable|Find|Have|Install|Let|Look|Make|Prefer|Put|Renew|Replace|See|Set|Start|Switch|Upgrade|Use|Verify)\b/;

/** Of which kind a message of a rule is. */
export function kindOf(id: string, text: string): Kind {
  if (Object.hasOwn(EVIDENCE_MESSAGES, id) || id.startsWith('seen')) return 'fact';
  if (COMMAND.test(text)) return 'command';
  return REMEDY.test(text) ? 'remedy' : 'explanation';
}

/** Placeholders as they are written in a command that somebody fills in. */
const IN_COMMANDS: Readonly<Record<string, string>> = {
  connect: 'HOST:443',
  sni: '-servername NAME',
  asked: '-servername NAME',
};

/** The messages of one kind, with what stands for a placeholder: `<client>`, in commands `CLIENT`; none for a mere suffix. */
export function messagesOf(rule: Rule, kind: Kind): string[] {
  const asWord = (name: string): string =>
    kind === 'command' ? (IN_COMMANDS[name] ?? name.toUpperCase()) : `<${name}>`;
  return Object.entries(rule.messages)
    .filter(([id, text]) => kindOf(id, text) === kind)
    .map(([, text]) =>
      text.replace(/(?<=[\w.>)}])\{\w+\}/g, '').replace(/\{(\w+)\}/g, (_, name: string) => asWord(name)),
    );
}
