/** The headings of what is said of a rule. */
export const RULE_HEADINGS = {
  explanations: 'What a report says',
  remedies: 'To do',
  commands: 'Confirm',
  alerts: 'Alerts that lead here',
  sources: 'Sources',
} as const;
