/** Why the system refused a file, in a few words, by error code. */
export const FILE_REASONS = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'is a directory',
  ENOTDIR: 'is not in a directory',
  ELOOP: 'symbolic links lead in a circle, or through too many',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
  EIO: 'the device cannot be read',
  ENXIO: 'no such device',
  ENOSPC: 'no space left on the device',
  EEXIST: 'is a file, not a directory',
  EROFS: 'on a file system that cannot be written',
} as const;

type FileReasonId = keyof typeof FILE_REASONS;

const isKnown = (code: string): code is FileReasonId => Object.hasOwn(FILE_REASONS, code);

/** The id of the reason in a system error; undefined for any other error. */
export function fileReasonId(error: unknown): FileReasonId | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return isKnown(code) ? code : undefined;
}

/** The reason in a system error, in English; undefined for any other error. */
export function fileReason(error: unknown): string | undefined {
  const id = fileReasonId(error);
  return id && FILE_REASONS[id];
}
