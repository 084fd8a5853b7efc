/** Why the system refused a file, in a few words, by error code. */
const REASONS: Readonly<Record<string, string>> = {
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
};

/** The reason in a system error; undefined for any other error. */
export function fileReason(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return Object.hasOwn(REASONS, code) ? REASONS[code] : undefined;
}
