// Failures of ip and nft, as the launcher tells them, turned into errors that name the program and what it said.
import { VzError } from '../errors.ts';

const PACKAGE: Readonly<Record<string, string>> = { ip: 'iproute2', tc: 'iproute2', nft: 'nftables' };

/** Anything else is returned as it is. */
export function explainNetwork(error: unknown): unknown {
  if (!(error instanceof VzError) || error.code !== 'launch-failed' || error.fields['op'] !== 'run') return error;
  const { syscall, path, errno } = error.fields;
  if (errno === 'ENOENT' && syscall === 'execve')
    return new VzError(
      'net-failed',
      { what: path, cause: 'it is not installed', remedy: `Install ${PACKAGE[String(path)] ?? path}` },
      error,
    );
  return new VzError('net-failed', { what: syscall, cause: errno === 'EREMOTEIO' ? String(path) : `${errno} (${path})` }, error);
}
