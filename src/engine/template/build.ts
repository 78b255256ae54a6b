// Builds a template with mmdebstrap from the mirror that the node itself uses. It works in its own process group, pid and mount namespace,
// so that ending one process ends everything, whatever package script is running; the archive appears whole or not at all.
import { VzError } from '../errors.ts';
import type { Host } from '../host/port.ts';
import { removeTree } from '../host/remove-tree.ts';
import { noteOrigin } from './origin.ts';
import { RECIPE_NAMES, type Recipe, recipeOf } from './recipes.ts';

export interface BuildOptions {
  /** Base address of an archive of the distribution; otherwise the node's own apt configuration says it. */
  readonly mirror?: string;
  /** Debian packages beside those of the recipe. */
  readonly include?: readonly string[];
  /** What the template is called, if not as its recipe. */
  readonly as?: string;
  readonly report?: (event: BuildEvent) => void;
  readonly signal?: AbortSignal;
}

export interface BuildEvent {
  readonly level: 0 | 1;
  readonly text: string;
  /** Steps that are over, of all. */
  readonly progress?: { readonly done: number; readonly total: number; readonly unit: string };
}

/** What mmdebstrap says when a step begins → what we call the step. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/^I: running apt-get update/, 'Fetching package lists'],
  [/^I: downloading packages/, 'Fetching essential packages'],
  [/^I: extracting archives/, 'Extracting essential packages'],
  [/^I: installing essential/, 'Configuring essential packages'],
  [/^I: installing remaining/, 'Installing packages'],
  [/^I: cleaning package lists/, 'Cleaning up'],
  [/^I: creating tarball/, 'Packing'],
];

const UNITS: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };
const bytesOf = (match: RegExpExecArray | null): number => (match ? Number(match[1]!.replace(/,/g, '')) * (UNITS[match[2]!] ?? 0) : 0);

/** Bytes after which a step that fetches is told anew. */
const TOLD = 500_000;

/** Reads step and bytes out of the lines of mmdebstrap and apt. */
export function buildProgress(now: () => number, report: (event: BuildEvent) => void): (line: string) => void {
  const start = now();
  let [step, done, needed, told] = [0, 0, 0, 0];
  return (line) => {
    const begun = STEPS.findIndex(([pattern]) => pattern.test(line));
    const got = bytesOf(/^Get:\d+ .*\[([\d.,]+) ([kMG]?B)\]$/.exec(line));
    done += got;
    // Nobody tells beforehand how long the package lists are.
    needed += step === 0 ? got : bytesOf(/^Need to get ([\d.,]+) ([kMG]?B)/.exec(line));
    if (begun < 0 && done - told < TOLD) return;
    if (begun >= 0) step = begun;
    told = done;
    const megabytes = [done, ...(begun < 0 && done < needed ? [needed] : [])].map((bytes) => (bytes / 1e6).toFixed(1)).join(' of ');
    const seconds = Math.round((now() - start) / 1000);
    report({
      level: begun < 0 ? 1 : 0,
      text: `${STEPS[step]?.[1]} (${megabytes} MB, ${seconds} s)`,
      progress: { done: step, total: STEPS.length, unit: 'steps' },
    });
  };
}

/** Archives of the distribution that the node's apt knows: base address of the main one and of the security one, "" where it knows none. */
async function nodeMirrors(host: Host, { family }: Recipe): Promise<{ main: string; security: string }> {
  const format = '$(ORIGIN)|$(LABEL)|$(CODENAME)|$(REPO_URI)';
  const { status, stdout } = await host.run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const rows = status === 0 ? stdout.split('\n').map((line) => line.split('|')) : [];
  const find = (label: string, security: boolean): string =>
    rows.find(
      ([origin, l, codename]) => origin === family.origin && l === label && (codename ?? '').endsWith('-security') === security,
    )?.[3] ?? '';
  return { main: find(family.label, false), security: find(family.securityLabel, true) };
}

async function sources(host: Host, recipe: Recipe, mirror: string | undefined): Promise<readonly string[]> {
  const { suite, family } = recipe;
  const line = (uri: string, of: string): string => `deb ${uri} ${of} ${family.components}`;
  if (mirror !== undefined) return [line(mirror, suite)];
  // A plan asks no program; the answer stands in nothing that it tells but this line.
  if (host.planning) return [line("<this node's mirror>", suite)];
  const { main, security } = await nodeMirrors(host, recipe);
  if (main === '') {
    const remedy = `Name one: vzdeck template build ${recipe.name} --mirror ADDRESS`;
    throw new VzError('template-build', { template: recipe.name, cause: `this node's apt knows no ${family.origin} mirror`, remedy });
  }
  return security === '' ? [line(main, suite)] : [line(main, suite), line(security, `${suite}-security`)];
}

/**
 * What packing on this node leaves in the tree: its name, its resolver, keys and ids that must differ between containers. A resolver that is a
 * link is the distribution's own, and a shell here would follow it on the node.
 */
const CLEAN =
  'rm -f "$1"/etc/hostname "$1"/etc/ssh/ssh_host_* "$1"/var/lib/dbus/machine-id; [ -L "$1"/etc/resolv.conf ] || : >"$1"/etc/resolv.conf; : >"$1"/etc/machine-id';

function command(recipe: Recipe, packages: readonly string[], lines: readonly string[], output: string): readonly string[] {
  const architecture = recipe.architecture === '' ? [] : [`--architectures=${recipe.architecture}`];
  return [
    // dies with us, and takes the pid namespace along: nothing outlives a killed engine
    ...['setpriv', '--pdeathsig', 'KILL', '--', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'],
    ...['mmdebstrap', '--mode=root', '--variant=minbase', '--verbose', ...architecture, `--include=${packages.join(',')}`],
    ...[`--customize-hook=${CLEAN}`, '--format=tar', recipe.suite, output, ...lines],
  ];
}

/** The last error that says more than that there was one. */
const lastError = (text: string): string => {
  const lines = text.split('\n').filter(Boolean);
  return (lines.findLast((line) => /^(E:|dpkg: error)/.test(line) && !/failed( to run)?$/.test(line)) ?? lines.at(-1) ?? 'no word').replace(
    /^E: */,
    '',
  );
};

/** Debian policy 5.6.1 and 5.6.7: a package, and of which architecture. */
const PACKAGE = /^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/;
const TEMPLATE = /^[\w][\w.+-]*$/;

/** Throws VzError 'template-build' for what cannot be built, or could mean something else to the programs that build. */
function checked(recipeName: string, name: string, include: readonly string[]): Recipe {
  const recipe = recipeOf(recipeName);
  const refuse = (cause: string, remedy: string): VzError => new VzError('template-build', { template: name, cause, remedy });
  if (recipe === null) throw refuse(`there is no recipe ${recipeName}`, `Known: ${RECIPE_NAMES.join(' ')}`);
  if (!TEMPLATE.test(name)) throw refuse('that is no name of a template', 'Use letters, digits, and . _ + - after the first');
  const wrong = include.find((word) => !PACKAGE.test(word));
  if (wrong !== undefined) throw refuse(`"${wrong}" is no name of a package`, 'Separate names by commas: nginx-light,postfix');
  return recipe;
}

/** Builds the template of a recipe in the template cache. Throws VzError 'template-build' or 'cancelled'; then nothing of it is left. */
export async function buildTemplate(host: Host, templateDir: string, recipeName: string, options: BuildOptions = {}): Promise<void> {
  const { report = () => {}, signal, mirror, include = [], as: name = recipeName } = options;
  const recipe = checked(recipeName, name, include);
  const cache = `${templateDir}/cache`;
  const work = `${cache}/.build-${name}`;
  const lines = await sources(host, recipe, mirror);
  const lock = await host.launcher.lock(`${cache}/.build-${name}.lock`, { wait: false });
  if (lock === null) throw new VzError('template-build', { template: name, cause: 'it is being built by another process' });
  try {
    await removeTree(host, work);
    host.files.mkdir(`${work}/tmp`, 0o755);
    const output = `${work}/${name}.tar.zst`;
    const [program = '', ...args] = command(recipe, [...recipe.packages, ...include], lines, output);
    const onLine = buildProgress(host.now, report);
    const env = { TMPDIR: `${work}/tmp`, DEBIAN_FRONTEND: 'noninteractive' };
    const built = await host.run(program, args, { env, onLine, ...(signal ? { signal } : {}) });
    if (built.status !== 0)
      throw new VzError('template-build', { template: name, cause: lastError(built.stderr), remedy: explain(built.stderr) });
    const archive = `${cache}/${name}.tar.zst`;
    host.files.rename(output, archive);
    noteOrigin(host, cache, name, archive, { recipe: recipeName, suite: recipe.suite, sources: lines, include });
    report({ level: 0, text: `Template ${name} is ready` });
  } catch (error) {
    throw signal?.aborted ? new VzError('cancelled', { what: `Build of template ${name}` }, error) : error;
  } finally {
    await removeTree(host, work).catch((error: unknown) => report({ level: 0, text: String(error) }));
    host.files.unlink(`${cache}/.build-${name}.lock`);
    await lock.release();
  }
}

/** Remedies for what goes wrong most. */
function explain(stderr: string): string {
  if (/failed to execute mmdebstrap|mmdebstrap: (command )?not found/i.test(stderr)) return 'Install the package mmdebstrap';
  if (/NO_PUBKEY|not signed/.test(stderr)) return "Install the distribution's keyring (debian-archive-keyring, ubuntu-keyring)";
  if (/does not have a Release file|404 +Not Found/.test(stderr))
    return 'This mirror does not have the suite: name another one with --mirror';
  return '';
}
