// Profiles that the node's AppArmor enforces do not reach into containers: for what init starts, for what comes from outside, whatever those
// inside try, and where they would the start says so.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Engine } from '../../../src/engine/engine.ts';
import { HOME, type Lab, openLab } from '../lab.ts';
import { requires } from '../requires.ts';
import { until } from '../until.ts';

const NAMESPACES = '/sys/kernel/security/apparmor/policy/namespaces';
const STRICT = '/proc/sys/kernel/apparmor_restrict_unprivileged_unconfined';
/** Busybox takes whatever follows its name for one of its own. */
const VICTIM = '/usr/bin/busybox-victim';
const LABEL = '/proc/self/attr/apparmor/current';
/** The first lets nothing be done, the second only gives a name, the third is one that lets everything be done. */
const PROFILES = `profile victim ${VICTIM} {
}
profile named flags=(unconfined) {
}
profile held flags=(attach_disconnected) {
  ${'file capability network mount umount pivot_root signal ptrace unix userns change_profile'.replaceAll(' ', ',\n  ')},
}
`;

const parser = (how: string): void => {
  const { status, stderr } = spawnSync('apparmor_parser', [how], { input: PROFILES, encoding: 'utf8' });
  if (status !== 0) throw new Error(`apparmor_parser: ${stderr}`);
};
const labelOf = (pid: number): string => readFileSync(`/proc/${pid}/attr/apparmor/current`, 'utf8').trim();

requires(
  'root',
  'launcher',
  'busybox',
  'apparmor',
  'disposable',
)('a profile of the node', () => {
  let lab: Lab;
  let name: string;
  const initOf = (engine: Engine): number => engine.find('101')?.init?.pid ?? 0;
  /** `vzdeck start` by way of `prefix`, and the label of what it started. */
  const start = (...prefix: readonly string[]): { readonly warned: string; readonly label: string } => {
    const [program = '', ...args] = [...prefix, `${HOME}/bin/vzdeck`, 'start', '101'];
    const { stderr } = spawnSync(program, args, { env: { ...process.env, VZDECK_ROOT: lab.root }, encoding: 'utf8' });
    return { warned: stderr, label: labelOf(initOf(lab.engine)) };
  };

  const clean = () => ({ warned: '', label: `:${name}:unconfined` });

  beforeAll(async () => {
    copyFileSync('/bin/busybox', VICTIM);
    parser('-r');
    lab = openLab();
    name = `vzdeck-${lab.engine.node.tag}`;
    lab.engine.bootstrap();
    await lab.engine.create(101, { ostemplate: 'busybox', values: {} });
    const area = lab.engine.node.place('/vz/private/101');
    mkdirSync(`${area}/usr/bin`, { recursive: true });
    copyFileSync('/bin/busybox', area + VICTIM);
    // a child of init, not of anybody who came in
    writeFileSync(`${area}/etc/inittab`, `${readFileSync(`${area}/etc/inittab`, 'utf8')}::once:${VICTIM} touch /tmp/born\n`);
  });
  beforeEach(async () => {
    if (initOf(lab.engine)) await lab.engine.stop(101, { fast: true });
    await lab.engine.leave();
  });
  afterAll(async () => {
    await lab.down();
    parser('-R');
    rmSync(VICTIM);
  });

  test('hits the program of its path on the node', () => {
    expect(spawnSync(VICTIM, ['ls', '/']).status).not.toBe(0);
    // as a container would without a namespace of its own
    expect(spawnSync('unshare', ['--user', '--map-root-user', '--mount', '--pid', '--fork', VICTIM, 'ls', '/']).status).not.toBe(0);
  });

  test('hits nothing inside: not what init starts, not what comes in', async () => {
    await lab.engine.start(101, {}, lab.run);
    expect(lab.said().filter((line) => line.includes('AppArmor'))).toEqual([]);
    const area = lab.engine.node.place('/vz/private/101');
    await until(() => existsSync(`${area}/tmp/born`));
    expect(labelOf(initOf(lab.engine))).toBe(`:${name}:unconfined`);
    expect(await lab.inside(101, `${VICTIM} cat ${LABEL}`)).toEqual({ code: 0, out: 'unconfined\n' });
    const shell = await lab.engine.shell(101, 'linux', { columns: 80, rows: 24 });
    let shown = '';
    shell.onData((bytes) => {
      shown += Buffer.from(bytes).toString();
    });
    shell.write(new TextEncoder().encode(`${VICTIM} expr 6 \\* 7\n`));
    await until(() => /^42\r$/m.test(shown));
    shell.close();
  });

  test('holds the keeper, which is a program of the node, as any other', async () => {
    await lab.engine.start(101);
    const keeper = Number(readFileSync(`${lab.engine.node.runDir}/101/keeper`, 'utf8').split(' ')[0]);
    expect(labelOf(keeper)).toBe('unconfined');
  });

  test('is out of reach for those inside, who load none either', async () => {
    await lab.engine.start(101);
    const tries = [
      ...['victim', ':root://victim', ':vzdeck-other:unconfined'].map((to) => `printf 'changeprofile ${to}' > ${LABEL}`),
      'mkdir -p /tmp/s && mount -t securityfs s /tmp/s',
      'ls /sys/kernel/security/apparmor',
    ];
    for (const line of tries)
      expect(await lab.inside(101, `${line} && echo done`), line).not.toMatchObject({ out: expect.stringContaining('done') });
  });

  test('hits nothing inside either where the node lets only its own root leave its policy', async () => {
    writeFileSync(STRICT, '1');
    try {
      expect(start()).toEqual(clean());
      expect(await lab.inside(101, `${VICTIM} echo done`)).toEqual({ code: 0, out: 'done\n' });
    } finally {
      writeFileSync(STRICT, '0');
    }
  });

  test('hits nothing inside when vzdeck has a profile that only names it', () => {
    expect(start('aa-exec', '-p', 'named', '--')).toEqual(clean());
  });

  test('that holds vzdeck itself holds its containers, and the start says so', () => {
    const { warned, label } = start('aa-exec', '-p', 'held', '--');
    expect(warned).toContain(
      "Warning: AppArmor's profiles of the node act inside containers, too: vzdeck itself runs under one, held (enforce). ",
    );
    expect(label).toBe('held (enforce)');
  });

  test('hits inside where the policy cannot be asked, and the start says so', async () => {
    const { warned, label } = start('unshare', '--mount', 'sh', '-c', 'umount /sys/kernel/security && exec "$0" "$@"');
    expect(warned).toContain('too: securityfs is not mounted. Type mount -t securityfs securityfs /sys/kernel/security\n');
    expect(label).toBe('unconfined');
    await lab.engine.stop(101, { fast: true });
    expect(start('setpriv', '--bounding-set=-mac_admin', '--').warned).toContain('too: root is here without CAP_MAC_ADMIN. ');
  });

  test('is told among what a node lacks only where it acts inside, and nothing of ours is left behind', async () => {
    expect((await lab.engine.obstacles()).filter(({ what }) => what.includes('AppArmor'))).toEqual([]);
    await lab.engine.start(101);
    expect(existsSync(`${NAMESPACES}/${name}`)).toBe(true);
    await lab.engine.stop(101, { fast: true });
    await lab.engine.leave();
    expect(existsSync(`${NAMESPACES}/${name}`)).toBe(false);
  });
});
