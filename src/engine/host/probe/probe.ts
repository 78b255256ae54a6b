// What a kernel offers is found by doing it once, in namespaces that go with it. How a try is made and read; what is tried lies beside.
import type { Host } from '../port.ts';

export type ProbeGroup = 'namespaces' | 'cgroups' | 'limits' | 'file systems' | 'network' | 'bpf' | 'checkpoint' | 'security';

export interface Probe {
  /** For programs that read the answers. */
  readonly name: string;
  readonly group: ProbeGroup;
  readonly title: string;
  /** The line of lxc-checkconfig that it answers. */
  readonly checkconfig?: string;
  /** For sh, or Perl with the prelude of perl.ts. Exit status 0: it is there; the first line that it prints says more. */
  readonly language: 'sh' | 'perl';
  readonly script: string;
  /** What the engine does with it, and without it. */
  readonly use: string;
  readonly without: string;
}

export interface Finding extends Omit<Probe, 'language' | 'script'> {
  /** unknown: what the try needs is not installed. */
  readonly answer: 'yes' | 'no' | 'unknown';
  readonly detail: string;
}

/** Exit status of a shell that does not find a program. */
const NOT_FOUND = 127;

const firstLine = (text: string): string => text.trim().split('\n')[0]?.trim() ?? '';

export async function ask(host: Pick<Host, 'run'>, probe: Probe, prelude: string, args: readonly string[]): Promise<Finding> {
  const { language, script, ...said } = probe;
  const program =
    language === 'sh' ? ['sh', '-c', `${prelude}\n${script}`, 'probe', ...args] : ['perl', '-e', `${prelude}\n${script}`, ...args];
  const { status, stdout, stderr } = await host.run('unshare', ['--mount', '--net', '--propagation', 'private', '--', ...program]);
  const detail = firstLine(stdout) || (status === 0 ? '' : firstLine(stderr).replace(/^(probe|sh): \d+: /, ''));
  return { ...said, answer: status === 0 ? 'yes' : status === NOT_FOUND ? 'unknown' : 'no', detail };
}
