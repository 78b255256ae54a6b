// Failures of what makes a network, as the launcher tells them: errors that name the program and what it said, or the line that the kernel refused.
import { VzError } from '../errors.ts';
import { strerror } from '../spec/errno.ts';

/** Debian's packages of the programs that make networks. */
export const PACKAGE: Readonly<Record<string, string>> = { ip: 'iproute2', tc: 'iproute2', nft: 'nftables' };

/** What rtnetlink says where it has no driver of that name. */
const NO_KIND = /Unknown device type/;

/** Anything else is returned as it is. */
export function explainNetwork(error: unknown): unknown {
  if (!(error instanceof VzError) || error.code !== 'launch-failed') return error;
  const { op, syscall, path, errno } = error.fields;
  if (op === 'lendLink' && errno === 'EINVAL')
    return new VzError(
      'netdev-refused',
      { device: path, why: 'cannot leave its network namespace: the kernel keeps it there, as every bridge and bond' },
      error,
    );
  if (op === 'links' || op === 'elements') {
    const cause = NO_KIND.test(String(path))
      ? 'this kernel has no links of that kind, nor a module for them'
      : `${path}: ${strerror(String(errno))}`;
    return new VzError('net-failed', { what: 'the kernel', cause }, error);
  }
  if (op !== 'run') return error;
  if (errno === 'ENOENT' && syscall === 'execve')
    return new VzError(
      'net-failed',
      { what: path, cause: 'it is not installed', remedy: `Install ${PACKAGE[String(path)] ?? path}` },
      error,
    );
  return new VzError('net-failed', { what: syscall, cause: errno === 'EREMOTEIO' ? String(path) : `${errno} (${path})` }, error);
}
