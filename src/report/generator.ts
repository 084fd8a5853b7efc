/** The program, as reports and `--version` name it; a test holds the version against package.json. */
export const generator = { name: 'tls-postmortem', version: '0.1.0' } as const;
