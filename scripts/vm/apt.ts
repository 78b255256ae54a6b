// Debian packages by this machine's own apt settings (mirror, proxy, keys), without installing anything here: apt gets a state of its own.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal, run } from '../setup/run.mjs';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Suites beside the main one, which have no whole system. */
const PARTIAL = /backports|updates|proposed|security/;

export interface Apt {
  /** Line for a sources.list. */
  readonly source: string;
  /** A file of settings for another apt: how this machine reaches mirrors. */
  readonly settings: string;
  /** Name of the package that another one stands for: the first of its dependencies that matches. Throws Refusal when none does. */
  behind(name: string, form: RegExp): Promise<string>;
  /** Unpacks one package into a folder. */
  unpack(name: string, into: string): Promise<void>;
  /** Unpacks packages and everything that they depend on into a folder: a tree that needs nothing of this machine. */
  unpackWhole(names: readonly string[], into: string): Promise<void>;
}

/** Mirror of this machine's own Debian suite. Throws Refusal where apt knows none. */
async function mirror(): Promise<string> {
  const targets = await run('apt-get', ['indextargets', '--format', '$(LABEL)|$(REPO_URI)|$(SUITE)', 'Created-By: Packages']);
  for (const line of targets.split('\n')) {
    const [label, uri, suite = ''] = line.split('|');
    if (label === 'Debian' && uri && !PARTIAL.test(suite)) return uri.replace(/\/$/, '');
  }
  throw new Refusal('apt knows no Debian mirror here, which the test machine is made from: add one to its sources, run apt-get update');
}

/** An apt for a suite ("trixie") with its state in `dir`, with fresh lists. Throws Refusal with apt's last lines. */
export async function openApt(dir: string, suite: string): Promise<Apt> {
  const at = (name: string): string => join(dir, name);
  for (const name of ['lists/partial', 'archives/partial', 'state']) mkdirSync(at(name), { recursive: true });
  const source = `deb [signed-by=${KEYRING}] ${await mirror()} ${suite} main`;
  writeFileSync(at('sources.list'), `${source}\n`);
  writeFileSync(at('state/status'), '');
  const dump = await run('apt-config', ['dump']);
  const settings = at('settings.conf');
  writeFileSync(settings, dump.replace(/^(?!Acquire::(Check|http|https|Retries|Max)).*\n?/gm, ''));
  const options = Object.entries({
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': at('state'),
    'Dir::State::lists': at('lists'),
    'Dir::State::status': at('state/status'),
    'Dir::Cache': dir,
    'Dir::Cache::archives': at('archives'),
    'APT::Install-Recommends': 'false',
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Debug::NoLocking': 'true',
  }).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (program: string, ...args: string[]): Promise<string> => run(program, [...options, '-qq', ...args], { cwd: at('archives') });
  const unpackAll = async (into: string): Promise<void> => {
    mkdirSync(into, { recursive: true });
    for (const name of readdirSync(at('archives')).filter((file) => file.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', at(`archives/${name}`), into]);
      rmSync(at(`archives/${name}`));
    }
  };
  await apt('apt-get', 'update');
  return {
    source,
    settings,
    async behind(name, form) {
      const found = (await apt('apt-cache', 'depends', name)).match(/(?<=Depends: )\S+/g)?.find((other) => form.test(other));
      if (found === undefined) throw new Refusal(`${name} of ${suite} depends on nothing like ${form.source}`);
      return found;
    },
    async unpack(name, into) {
      await apt('apt-get', 'download', name);
      await unpackAll(into);
    },
    async unpackWhole(names, into) {
      await apt('apt-get', '-y', '--download-only', 'install', ...names);
      await unpackAll(into);
    },
  };
}
