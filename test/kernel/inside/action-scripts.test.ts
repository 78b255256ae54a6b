// The administrator's scripts around mount, start and stop: which of them run where, in which order, with which environment, and what becomes of a
// verb whose script refuses. And runscript.
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

const NEIGHBOUR = 109;

requires(
  'root',
  'launcher',
  'busybox',
)('action scripts', () => {
  let lab: Lab;
  let told: string;
  const conf = (name: string): string => `${lab.root}/etc/vz/conf/${name}`;
  const script = (name: string, text: string, mode = 0o755): string => {
    writeFileSync(conf(name), text);
    chmodSync(conf(name), mode);
    return conf(name);
  };
  const lines = (): readonly string[] => {
    const text = existsSync(told) ? readFileSync(told, 'utf8') : '';
    rmSync(told, { force: true });
    return text.split('\n').filter((line) => line !== '');
  };
  const HOST = ['vps.premount', '101.premount', 'vps.mount', '101.mount', '101.umount', 'vps.umount', '101.postumount', 'vps.postumount'];
  const everywhere = (): void => {
    for (const name of HOST) script(name, `#!/bin/sh\necho ${name} >>${told}\n`);
  };
  const clear = (): void => {
    for (const name of [...HOST, 'vps.start', 'vps.stop', 'vps.create', '101.start', '101.stop']) rmSync(conf(name), { force: true });
    lines();
  };
  const state = (): string | undefined => lab.engine.find('101')?.state;

  beforeAll(async () => {
    lab = openLab();
    told = `${lab.root}/told`;
    // what the kernel is given with the first container of a prefix goes with the last: beside this one the starts of all cases are the next ones
    await lab.born(NEIGHBOUR);
    await lab.engine.create(101, { ostemplate: 'busybox', values: {} }, lab.run);
  });
  afterAll(() => lab.down());
  afterEach(async () => {
    clear();
    if (state() !== 'stopped') await lab.engine.stop(101, { fast: true });
    if (state() === 'mounted') await lab.engine.umount(101);
  });

  test('on the node run in the order of the original, around a mount and around a whole life', async () => {
    everywhere();
    for (const name of ['vps.start', 'vps.stop']) script(name, `#!/bin/sh\necho ${name} >>${told}\n`);
    await lab.engine.mount(101);
    expect(lines()).toEqual(HOST.slice(0, 4));
    await lab.engine.umount(101);
    expect(lines()).toEqual(HOST.slice(4));
    await lab.engine.start(101);
    expect(lines()).toEqual(HOST.slice(0, 4));
    await lab.engine.stop(101);
    expect(lines()).toEqual(HOST.slice(4));
  });

  test('on the node get five variables and no more, nothing to read, and find it mounted or not', async () => {
    script(
      '101.mount',
      `#!/bin/sh\nenv | LC_ALL=C sort >${told}; cat >>${told}; echo "$# $(ls ${lab.root}/vz/root/101 | grep -c etc)" >>${told}\n`,
    );
    script('101.premount', `#!/bin/sh\nls ${lab.root}/vz/root/101/etc >${told} 2>/dev/null && exit 1; exit 0\n`);
    await lab.engine.mount(101);
    expect(lines().filter((line) => !/^(PWD|SHLVL|_|OLDPWD)=/.test(line))).toEqual([
      'HOME=/',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'TERM=linux',
      'VEID=101',
      `VE_CONFFILE=${conf('101.conf')}`,
      '0 1',
    ]);
  });

  test('inside are read by a shell there: they need no #! and no x bit', async () => {
    script('101.start', 'echo "$VEID.$HOME.$TERM.$(hostname)" >/started\n', 0o600);
    script('101.stop', 'echo stopped >>/started\n', 0o600);
    await lab.engine.start(101);
    await lab.engine.stop(101);
    expect(readFileSync(`${lab.root}/vz/private/101/started`, 'utf8')).toBe('./.linux.ct101\nstopped\n');
  });

  test.each([
    ['vps.premount', 'mount', 'stopped'],
    ['101.premount', 'start', 'stopped'],
    ['vps.mount', 'mount', 'stopped'],
    ['101.mount', 'start', 'stopped'],
    ['101.start', 'start', 'stopped'],
  ] as const)('%s that fails undoes the %s', async (name, verb, after) => {
    script(name, '#!/bin/sh\nexit 3\n');
    await expect(lab.engine[verb](101)).rejects.toMatchObject({ code: 'action-script', exit: 79 });
    expect(state()).toBe(after);
  });

  test('that fail before something is taken down keep it, and those afterwards are only told', async () => {
    await lab.engine.start(101);
    script('101.stop', 'exit 3\n');
    await expect(lab.engine.stop(101)).rejects.toMatchObject({ exit: 79 });
    expect(state()).toBe('running');
    clear();
    script('vps.umount', '#!/bin/sh\nexit 3\n');
    await expect(lab.engine.stop(101)).rejects.toMatchObject({ exit: 79 });
    expect(state()).toBe('mounted');
    clear();
    script('101.postumount', '#!/bin/sh\nexit 3\n');
    await expect(lab.engine.umount(101)).rejects.toMatchObject({ exit: 79 });
    expect(state()).toBe('stopped');
    expect(existsSync(`${lab.root}/run/vzdeck/101/record`)).toBe(false);
    clear();
    await lab.engine.start(101);
    expect(state()).toBe('running');
  });

  test('that cannot be executed have failed', async () => {
    script('101.premount', '#!/bin/sh\nexit 0\n', 0o644);
    await expect(lab.engine.mount(101)).rejects.toMatchObject({ code: 'action-script' });
    script('101.premount', '#!/no/such/shell\n');
    await expect(lab.engine.mount(101)).rejects.toMatchObject({ code: 'action-script' });
    script('101.premount', 'no interpreter named\n');
    await expect(lab.engine.mount(101)).rejects.toMatchObject({ code: 'action-script' });
    expect(state()).toBe('stopped');
  });

  test('whose place belongs to others are refused, wherever a link hides it', async () => {
    const ran = `#!/bin/sh\ntouch ${told}\n`;
    const refused = (name: string): Promise<void> =>
      expect(name.endsWith('start') ? lab.engine.start(101) : lab.engine.mount(101)).rejects.toMatchObject({
        code: 'script-refused',
        exit: 79,
      });
    for (const name of ['101.premount', '101.start']) {
      const file = script(name, ran, 0o757);
      await refused(name);
      chmodSync(file, 0o755);
      chownSync(file, 1000, 0);
      await refused(name);
      rmSync(file);
      const open = `${lab.root}/open`;
      mkdirSync(open, { recursive: true });
      chmodSync(open, 0o777);
      writeFileSync(`${open}/script`, ran, { mode: 0o755 });
      symlinkSync(`${open}/script`, file);
      await refused(name);
      rmSync(file);
      mkdirSync(file);
      await refused(name);
      rmSync(file, { recursive: true });
    }
    expect(existsSync(told)).toBe(false);
    expect(state()).toBe('stopped');
  });

  test('at the end of a create may configure it, and undo it by failing', async () => {
    script('vps.create', `#!/bin/sh\n. "$VE_CONFFILE"\necho "$VEID $OSTEMPLATE" >>${told}\n[ "$VEID" != 103 ]\n`);
    await lab.engine.create(102, { ostemplate: 'busybox', layout: 'overlay', values: {} }, lab.run);
    await expect(lab.engine.create(103, { ostemplate: 'busybox', layout: 'overlay', values: {} }, lab.run)).rejects.toMatchObject({
      exit: 79,
    });
    expect(lines()).toEqual(['102 busybox', '103 busybox']);
    expect(lab.engine.find('103')).toBe(null);
    expect(existsSync(conf('103.conf'))).toBe(false);
  });

  test('runscript feeds a script to a running container, and gives back its status', async () => {
    await lab.engine.start(101);
    const file = `${lab.root}/script`;
    writeFileSync(file, 'hostname >/by-script\nexit 7\n');
    expect(await lab.engine.runScript(101, file)).toEqual({ code: 7, signal: null });
    expect((await lab.inside(101, 'cat /by-script')).out).toBe('ct101\n');
    await expect(lab.engine.runScript(101, `${file}.none`)).rejects.toMatchObject({ exit: 11 });
    expect(state()).toBe('running');
  });

  test('runscript brings up for its time what does not run, without init and without scripts', async () => {
    everywhere();
    script('101.start', 'touch /started-again\n');
    const file = `${lab.root}/script`;
    writeFileSync(file, 'tr "\\0" " " </proc/1/cmdline >/one; id -u >>/one; exit 5\n');
    expect(await lab.engine.runScript(101, file, lab.run)).toEqual({ code: 5, signal: null });
    expect(readFileSync(`${lab.root}/vz/private/101/one`, 'utf8')).toBe('sh -c while :; do sleep 3600; done 0\n');
    expect(existsSync(`${lab.root}/vz/private/101/started-again`)).toBe(false);
    expect(lines()).toEqual([]);
    expect(state()).toBe('stopped');
    const abort = new AbortController();
    writeFileSync(file, `echo up >/dev/console; exec sleep 1000\n`);
    const run = lab.engine.runScript(101, file, { signal: abort.signal });
    const ended = expect(run).rejects.toMatchObject({ code: 'cancelled' });
    await until(() => state() === 'running');
    abort.abort();
    await ended;
    expect(state()).toBe('stopped');
  });
});
