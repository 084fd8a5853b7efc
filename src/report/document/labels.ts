/** The labels of a diagnosis's parts, the same in the terminal, Markdown and HTML; the terminal has 10 columns for one. */
export const LABELS = {
  observed: 'Happened',
  explanation: 'Why',
  certainty: 'Certainty',
  settledBy: 'To settle',
  rivals: 'Also possible',
  excluded: 'Excluded',
  evidence: 'Evidence',
  note: 'Note',
  ends: 'Known',
  remedies: 'To do',
  command: 'Confirm',
} as const;

/** The columns of the places where a fault showed. */
export const PLACE_HEADS = ['Failed', 'Worked since', 'First', 'Last', 'Where'] as const;
