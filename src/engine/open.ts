// The composition root: port, launcher, cgroups, store and verbs put together behind the door.
import { forgetDenials, makeDenials } from './account/denials.ts';
import { makeIterators } from './account/iterators.ts';
import { type LedgerContext, ledgerAccount, ledgersOf } from './account/ledger.ts';
import { openHistory } from './account/ledger-history.ts';
import { ofAllLives } from './account/listed.ts';
import { sizeOf } from './account/node-figures.ts';
import { openProcesses, type ProcessReader } from './account/processes.ts';
import type { LiveCt } from './account/row-source.ts';
import { countRules } from './account/rule-rows.ts';
import { openConnections } from './account/traffic/connections.ts';
import { usageOf } from './account/traffic/keep.ts';
import { linkAddresses } from './account/traffic/links.ts';
import { openTraffic, ratesOf } from './account/traffic/reader.ts';
import { lookAtTalks } from './account/traffic/talks.ts';
import { readVitals } from './account/vitals.ts';
import { containerCgroups } from './cgroup/container.ts';
import { bootId, lifeOf } from './cgroup/life.ts';
import { membersOf } from './cgroup/members.ts';
import { ensureService, installService, leaveTop, removeService, type UnitParts, unitFile, unitText } from './cgroup/service.ts';
import { findTopology } from './cgroup/topology.ts';
import { readCounter } from './cgroup/usage.ts';
import { checkConfig, configFiles, editConfig, otherValues } from './ct/config-edit.ts';
import { conflict } from './ct/conflict.ts';
import { attachConsole, watchConsole } from './ct/console.ts';
import { type CreateRequest, create } from './ct/create.ts';
import { createMany } from './ct/create-many.ts';
import { checkArchive, templateDirs } from './ct/create-tree.ts';
import { destroy } from './ct/destroy.ts';
import { enter, exec, openShell } from './ct/enter.ts';
import { exited } from './ct/exited.ts';
import { freeze, thaw } from './ct/freeze.ts';
import { handMounts } from './ct/hand-mounts.ts';
import { hostsDir } from './ct/hosts.ts';
import { journaled } from './ct/journaled.ts';
import { engineNote } from './ct/keeper-plan.ts';
import { lens } from './ct/lens.ts';
import { findContainer, freeId, idOfWord, listContainers, listEntries } from './ct/list.ts';
import { followLog } from './ct/logs.ts';
import { findMechanisms } from './ct/mechanisms.ts';
import { mount } from './ct/mount.ts';
import { netCheck, netRepair } from './ct/net-check.ts';
import { netPath } from './ct/net-path.ts';
import { nodeStart, nodeStop } from './ct/node-boot.ts';
import { checkNode, nodeObstacles } from './ct/node-obstacles.ts';
import { type NodeTools, nodeTools } from './ct/node-tools.ts';
import { asOldKernelSays, asOldKernelTells, oldReadings } from './ct/old-entries.ts';
import { withOldFiles } from './ct/old-files.ts';
import { countedIn, ctParameters } from './ct/parameters.ts';
import { probeNode } from './ct/probe.ts';
import { programEnv, runProgram } from './ct/program.ts';
import { openRefusals } from './ct/refusals.ts';
import { restart } from './ct/restart.ts';
import { runScript } from './ct/run-script.ts';
import { listSamples, makeSample } from './ct/samples.ts';
import { set } from './ct/set.ts';
import { readSettings } from './ct/settings.ts';
import { reniceProcess, signalProcess } from './ct/signal.ts';
import { start } from './ct/start.ts';
import { containerStatus } from './ct/status.ts';
import { stop } from './ct/stop.ts';
import { accountsFrom, live, readGroups, readLive, readRows, readUbc, readWhole } from './ct/ubc.ts';
import { umount } from './ct/umount.ts';
import { userNames } from './ct/user-names.ts';
import type { VerbContext } from './ct/verb.ts';
import { loweredLately, whoHolds, why } from './ct/why.ts';
import type { CreateOptions, Engine, RunOptions } from './engine.ts';
import { VzError } from './errors.ts';
import { openLinuxHost } from './host/linux/host.ts';
import { effectiveUser } from './host/obstacles.ts';
import type { Host } from './host/port.ts';
import { recorder } from './host/recorder.ts';
import { ifRoom } from './host/room.ts';
import { openLauncher } from './launcher/client.ts';
import { makePolicy, removePolicy } from './rootfs/wall/apparmor.ts';
import { samplersOf } from './samplers.ts';
import { quoteWords, secretless } from './spec/command-line.ts';
import { nodePromises } from './spec/node-promises.ts';
import { changesOf } from './spec/params/read.ts';
import type { Around } from './spec/params/types.ts';
import type { CtLedger } from './spec/ubc-ledger.ts';
import { ACCOUNT_ROWS, type CtUbc } from './spec/ubc-rows.ts';
import { bootstrap } from './store/bootstrap.ts';
import { dropBpfPlace } from './store/bpf-place.ts';
import { journalEnd, readJournal } from './store/journal.ts';
import { openConfigs } from './store/known-configs.ts';
import { logEvent } from './store/log.ts';
import { loadNodeConfig, type NodeConfig } from './store/node-config.ts';
import { readOutcome, recordedIds, restartDue } from './store/record.ts';
import { configIds, readCt } from './store/registry.ts';
import { secretFile } from './store/secret-file.ts';
import { taskRecords } from './store/task-records.ts';
import { buildTemplate } from './template/build.ts';
import { dropSharedTree, listTemplates, removeTemplate } from './template/cache.ts';
import { inspectTemplates } from './template/inspect.ts';
import { patience } from './watch/timer.ts';

export interface OpenOptions {
  /** Where the project lies: bin/vzdeck, build/launcher, build/templates. */
  readonly home: string;
  /** "/" or VZDECK_ROOT. */
  readonly root: string;
  /** "/proc" or VZDECK_PROC. */
  readonly proc?: string;
  /** For the journal: who asks ("vzctl"), and with which words. */
  readonly program?: string;
  readonly words?: readonly string[];
  /** A verb that changes a container is next: its launcher comes to be while the rest is read. */
  readonly changes?: boolean;
}

/** Opens nothing but vz.conf; the launcher is started by the first call that needs it, if not by `changes`. Throws VzError 'bad-prefix', and 'not-root' where all is closed to others. */
export function openEngine(options: OpenOptions): Engine {
  if (!options.root.startsWith('/')) throw new VzError('bad-prefix', { path: options.root });
  const launcher = openLauncher(`${options.home}/build/launcher`);
  if (options.changes) launcher.begin();
  const host = openLinuxHost(options.root, launcher, options.proc);
  try {
    return engineOn(host, options);
  } catch (error) {
    throw closedToOthers(host, error);
  }
}

function createRequest({ ostemplate, layout, config, password, values }: CreateOptions, around: Around): CreateRequest {
  const changes = changesOf(
    {
      ...(ostemplate === undefined ? {} : { OSTEMPLATE: ostemplate }),
      ...(layout === undefined ? {} : { VE_LAYOUT: layout }),
      ...values,
    },
    around,
  );
  return { changes, ...(config === undefined ? {} : { config }), ...(password === undefined ? {} : { password }) };
}

/** Tells keepers where the engine lies now: they live for months, and a clone may move meanwhile. Whoever only looks needs no room for it. */
function noteEngine(host: Host, node: NodeConfig, home: string): void {
  const file = engineNote(node.runDir);
  if (!host.planning && host.files.stat(node.runDir) && host.files.read(file) !== `${home}\n`)
    ifRoom(() => host.files.write(file, `${home}\n`, 0o600));
}

/** Whatever the engine looks at first is root's alone: to others that is all there is to say. */
function closedToOthers({ files, proc }: Host, error: unknown): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  const uid = effectiveUser(files, proc);
  return code === 'EACCES' && uid !== null && uid !== 0 ? new VzError('not-root', { path, uid }, error) : error;
}

function engineOn(host: Host, options: OpenOptions): Engine {
  const { home } = options;
  const node = loadNodeConfig(host.files, options.root);
  let found: ReturnType<typeof findTopology> | undefined;
  const topology = (): ReturnType<typeof findTopology> => {
    found ??= findTopology(host.files, host.proc, node.tag);
    return found;
  };
  const line = quoteWords(secretless(options.words ?? []));
  const configs = openConfigs(host, node);
  let fit = false;
  const ready = async (report: VerbContext['report']): Promise<void> => {
    // Once is enough: a node does not lose its namespaces while we look, and every start counts.
    if (!fit) checkNode(host, topology());
    const policy = makePolicy(host, node.tag);
    if (!fit && policy) report({ level: -1, text: `Warning: ${policy.what}. ${policy.remedy}` });
    fit = true;
    await findMechanisms(host, topology());
    await ensureService(host, topology(), ourselves('node', 'stop'));
  };
  let counted: Promise<void> | null = null;
  const counting = (): Promise<void> => {
    counted ??= makeIterators(host, topology())
      .then(() => makeDenials(host, topology()))
      .finally(() => {
        counted = null;
      });
    return counted;
  };
  /** Command line of this engine for this prefix. */
  const ourselves = (...words: readonly string[]): readonly string[] => [
    ...(node.prefix === '' ? [] : ['/usr/bin/env', `VZDECK_ROOT=${node.prefix}`]),
    `${home}/bin/vzdeck`,
    ...words,
  ];
  const unit = node.tag === '' ? 'vz.service' : `vz-${node.tag}.service`;
  const unitParts = (): UnitParts => ({ start: ourselves('node', 'start'), stop: ourselves('node', 'stop'), data: node.shown('/vz') });
  const context = (run: RunOptions = {}): VerbContext => ({
    host,
    node,
    home,
    cgroups: (id) => containerCgroups(host.files, topology(), id),
    oomKills: (id) => readCounter(host.files, topology(), id, 'oomKill'),
    ledgers: ledgersOf(ledgerContext),
    isFrozen: (id) => readCounter(host.files, topology(), id, 'frozen') === 1,
    members: (id) => membersOf(host.files, topology(), id),
    configs,
    engineCommand: [`${home}/bin/vzdeck`],
    ready: () => ready(run.report ?? (() => {})),
    counting,
    forgetDenials: (id) => forgetDenials(host, topology(), id),
    refusals: openRefusals(host, topology),
    report: run.report ?? (() => {}),
    signal: run.signal ?? new AbortController().signal,
    skipLock: run.skipLock ?? false,
    drawn: run.drawn ?? false,
    program: options.program ?? '',
    command: run.command ?? line,
  });
  const boot = bootId(host);
  const ledgerContext: LedgerContext = {
    host,
    node,
    life: (id) => lifeOf(host, topology(), boot, id),
    account: (id) => readGroups({ host, node }, topology(), id),
  };
  noteEngine(host, node, home);
  const settings = (id: number): ReturnType<typeof readSettings> => readSettings(host, node, id);
  const usersOf = (template: string, all = listContainers(context())): { readonly users: number[]; readonly overlays: number[] } => {
    const users = all.filter((ct) => ct.ostemplate.slice(ct.ostemplate.lastIndexOf('/') + 1) === template);
    return { users: users.map((ct) => ct.id), overlays: users.flatMap((ct) => (ct.layout === 'overlay' ? [ct.id] : [])) };
  };

  const overLives = (raw: CtUbc): CtLedger => ledgerAccount(ledgerContext, raw.id, raw);
  const ubc = (ids?: readonly number[]): readonly CtLedger[] => readUbc({ host, node }, topology(), ids).map(overLives);
  const samplers = samplersOf(context, topology, ledgerContext, overLives);
  const running = (some?: readonly number[]): readonly LiveCt[] =>
    live(
      { host, node },
      configIds(host, node).ids.filter((id) => id !== 0 && (some === undefined || some.includes(id))),
    );
  const runningProcesses = (): ReturnType<ProcessReader['look']> => {
    const reader = openProcesses(host, topology());
    const seen = reader.look(listContainers(context()));
    reader.close();
    return seen;
  };
  const tools = (): NodeTools =>
    nodeTools(context(), {
      running: () => running().map(({ id }) => id),
      accounts: (ids) => readLive({ host, node }, topology(), running(ids)).map(overLives),
      wholeAccounts: async (ids) => (await readWhole({ host, node }, topology(), running(ids))).map(overLives),
      processes: runningProcesses,
    });

  return {
    node,
    list: () => listContainers(context()),
    find: (idOrName) => findContainer(context(), idOrName),
    idOf: (word) => idOfWord(context(), word),
    entries: (ids, say) => asOldKernelTells(host, listEntries(context(), ids, say)),
    config: (id) => readCt(host, node, id),
    otherValues: (id) => otherValues(context(), readCt(host, node, id)),
    editConfig: (id, edit, run) => editConfig(context(run), id, edit),
    configFiles: () => configFiles(context()),
    checkConfig: (file) => checkConfig(context(), file),
    parameters: (id, quick, account) =>
      ctParameters(
        context(),
        id,
        account === undefined ? (readRows({ host, node }, topology(), [id], ACCOUNT_ROWS).get(id) ?? null) : countedIn(account),
        quick,
      ),
    handMounts: (id) => handMounts(context(), id),
    configs,
    samples: () => listSamples(context()),
    makeSample: (id, name, run) => makeSample(context(run), id, name),
    size: () => sizeOf(host.files.read(`${host.proc}/meminfo`) ?? ''),
    promises(accounts) {
      const node = tools();
      const units = node.cpuShares(accounts.map(({ id }) => id));
      return nodePromises(accounts, node.memory(), { units, power: node.cpuPower() });
    },
    tools,
    status: (id) => asOldKernelSays(host, containerStatus(context(), id)),
    outcome: (id) => readOutcome(host, node, id),
    unfinished: (id) => restartDue(host, node, id) !== null || recordedIds(host, node).includes(id),
    tasks: () => taskRecords(host, node),
    journal: (most, id) => readJournal(host, node, most, id),
    journalEnd: () => journalEnd(host, node),
    log: (id, event) => logEvent(host, node, id, event),
    freeId: () => freeId(context()),
    processes: () => openProcesses(host, topology()),
    vitals: (id) => readVitals(host.files, topology(), id),
    followLog: (id, request) => followLog(context(), id, request),
    users: async (id) => userNames(host, settings(id)),
    signal: async (id, process, signal, run) => signalProcess(context(run), id, process, signal),
    renice: async (id, process, nice, run) => reniceProcess(context(run), id, process, nice),
    sampler: (once = false) => (once ? samplers.glancing() : samplers.keeping()),
    ubc,
    countRules: (ids) => countRules(host, topology(), running(ids)),
    ubcHistory: () => openHistory(host, node),
    async withOldFiles(reader) {
      await countRules(host, topology(), running());
      const sampler = samplers.ofOldFiles();
      try {
        return await withOldFiles(host, node, () => void sampler.tick(), reader);
      } finally {
        sampler.close();
      }
    },
    beancounters(ids, names, lives = false) {
      const read = readRows({ host, node }, topology(), ids, names);
      const accounts = lives ? accountsFrom({ host, node }, [...read.keys()], read) : [];
      const lived = new Map(accounts.map((raw) => [raw.id, overLives(raw)]));
      const told = [...read].map(([id, rows]) => {
        const ledger = lived.get(id);
        return [id, new Map(Object.entries(ledger === undefined ? rows : ofAllLives(rows, ledger)))] as const;
      });
      return new Map([...oldReadings(host, ids), ...told]);
    },
    who: (id, name) => whoHolds(host, topology(), id, name),
    why: (id = null, signal) => why({ context: context(), topology: topology(), ubc, history: openHistory(host, node) }, id, signal),
    lens: (word) => lens(context(), topology(), word),
    netCheck: (id = null) => netCheck(context(), id),
    netPath: (from, to, request) => netPath(context(), from, to, request),
    netRepair: (id = null, run = {}) => netRepair(context(run), id),
    traffic: () => openTraffic(host, node),
    rates: (containers, signal) => ratesOf(openTraffic(host, node), containers, signal),
    connections: () => openConnections(host),
    talks: (containers) => lookAtTalks(host, containers, linkAddresses(host, node, containers)),
    usage: (ids) => usageOf({ host, node }, ids),
    lowered: (id) => loweredLately(context(), id),
    bootstrap: () => bootstrap(host, node),
    async create(id, request, run) {
      bootstrap(host, node);
      await create(context(run), id, createRequest(request, node.around));
    },
    async createMany(seats, request, run) {
      bootstrap(host, node);
      const orders = seats.map(({ id, options: asked }) => ({ id, request: createRequest(asked, node.around) }));
      return createMany(context(run), orders, request);
    },
    start: async (id, request = {}, run = {}) => start(context(run), settings(id), request),
    stop: (id, request = {}, run = {}) => stop(context(run), settings(id), request),
    restart: async (id, request = {}, run = {}) => restart(context(run), settings(id), request),
    destroy: (id, run) => destroy(context(run), id),
    mount: async (id, run) => mount(context(run), settings(id)),
    umount: async (id, run) => umount(context(run), settings(id)),
    nodeStart: (ended, run) => nodeStart(context(run), ended),
    nodeStop: (ended, run) => nodeStop(context(run), ended),
    service: () => ({ unit, file: unitFile(unit), text: unitText(unitParts()), installed: host.files.read(unitFile(unit)) }),
    installService: () => journaled(context(), { verb: 'node install', id: 0 }, () => installService(host, unit, unitParts())),
    removeService: () => journaled(context(), { verb: 'node remove', id: 0 }, () => removeService(host, unit)),
    freeze: async (id, run) => freeze(context(run), settings(id)),
    thaw: async (id, run) => thaw(context(run), settings(id)),
    set: (id, values, request, run) => set(context(run), id, { ...request, changes: changesOf(values, node.around) }),
    conflict: async (id, values) => conflict(context(), id, changesOf(values, node.around)),
    exited: (id, run) => exited(context(run), settings(id)),
    async plan(call) {
      const { host: planned, lines } = recorder(host);
      await call(engineOn(planned, options), lines);
      return lines;
    },
    enter: (id, term, typed, back, run) => enter(context(run), id, term, typed, back),
    shell: (id, term, size, signal) => openShell(context(), id, term, size, signal),
    exec: (id, argv, request) => exec(context(), id, argv, request),
    runScript: async (id, file, run) => runScript(context(run), settings(id), file),
    console: async (id, tty) => attachConsole(context(), settings(id), tty),
    watchConsole: (id, tty) => watchConsole(context(), id, tty),
    templates: () => listTemplates(host, templateDirs({ node, home })),
    async buildTemplate(recipe, request, run = {}) {
      bootstrap(host, node);
      await journaled(context(run), { verb: 'template build', id: 0 }, () =>
        buildTemplate(host, node.templateDir, recipe, { ...request, ...run }),
      );
      const name = request.as ?? recipe;
      // what overlays of the earlier archive stand on stays until they are gone
      if (usersOf(name).overlays.length === 0) await dropSharedTree(host, templateDirs({ node, home })[0], name);
    },
    async removeTemplate(name) {
      const used = usersOf(name).overlays;
      if (used.length > 0) throw new VzError('template-used', { template: name, by: used.join(' ') });
      await journaled(context(), { verb: 'template remove', id: 0 }, () => removeTemplate(host, templateDirs({ node, home }), name));
    },
    async inspectTemplates() {
      const containers = listContainers(context());
      const all = await inspectTemplates(host, templateDirs({ node, home }));
      return all.map((template) => ({ ...template, ...usersOf(template.name, containers) }));
    },
    checkTemplate: (name, run) => checkArchive(context(run), name),
    secretFile: (path) => secretFile(host, path),
    program: (id, words, run = {}) =>
      journaled({ ...context(run), command: quoteWords(secretless(words)) }, { verb: 'command', id }, () =>
        runProgram(host, programEnv(home, node), words, run),
      ),
    programEnv: () => programEnv(home, node),
    probe: () => probeNode(host, topology()),
    obstacles: () => nodeObstacles(host, node, topology()),
    async leave() {
      const all = listContainers(context());
      const idsOf = (those: typeof all): string => those.map(({ id }) => id).join(' ');
      const up = all.filter((ct) => ct.init !== null);
      if (up.length > 0) throw new VzError('still-running', { cts: idsOf(up) });
      // what was killed
      for (const id of recordedIds(host, node)) await stop(context(), settings(id));
      const mounted = listContainers(context()).filter((ct) => ct.state === 'mounted');
      if (mounted.length > 0) throw new VzError('still-mounted', { cts: idsOf(mounted) });
      await leaveTop(host, topology());
      // without these groups nobody makes it anew, whoever looks
      await dropBpfPlace(host, patience, true);
      removePolicy(host, node.tag);
      if (host.files.list(hostsDir(node))?.length === 0) host.files.rmdir(hostsDir(node));
    },
    close: () => host.launcher.close(),
  };
}
