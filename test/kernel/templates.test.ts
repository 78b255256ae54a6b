// What the list of templates says of each: size, use, where from, what is wrong; and that nothing goes that containers stand on.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLinuxHost } from '../../src/engine/host/linux/host.ts';
import { noteOrigin } from '../../src/engine/template/origin.ts';
import { HOME, type Lab, openLab } from './lab.ts';
import { requires } from './requires.ts';

requires(
  'root',
  'launcher',
  'busybox',
  'zstd',
)('the templates of a node', () => {
  let lab: Lab;
  let cache: string;
  const archive = `${HOME}/build/templates/busybox.tar.zst`;
  const detail = async (name: string) => (await lab.engine.inspectTemplates()).find((one) => one.name === name);

  beforeAll(async () => {
    lab = openLab();
    lab.engine.bootstrap();
    cache = `${lab.root}/vz/template/cache`;
    mkdirSync(cache, { recursive: true });
    copyFileSync(archive, `${cache}/mine.tar.zst`);
    for (const [id, layout] of [
      [101, 'simfs'],
      [102, 'overlay'],
    ] as const)
      await lab.engine.create(id, { ostemplate: 'mine', layout, values: {} });
  });
  afterAll(() => lab.down());

  test('are listed with who uses them and who stands on their tree', async () => {
    expect(await detail('mine')).toMatchObject({
      users: [101, 102],
      overlays: [102],
      shared: true,
      fault: '',
      origin: { kind: 'archive' },
    });
    expect(await detail('busybox')).toMatchObject({ users: [], overlays: [], shared: false, fault: '', origin: { kind: 'embedded' } });
  });

  test('tell where they come from, unless another archive has taken the place of the built one', async () => {
    const host = openLinuxHost('/', undefined as never);
    copyFileSync(archive, `${cache}/built.tar.zst`);
    const built = { recipe: 'debian-12', suite: 'bookworm', sources: ['deb http://mirror bookworm main'], include: ['nginx-light'] };
    noteOrigin(host, cache, 'built', `${cache}/built.tar.zst`, built);
    expect((await detail('built'))?.origin).toEqual({ kind: 'built', ...built });
    writeFileSync(`${cache}/built.tar.zst`, readFileSync(archive).subarray(0, 1000));
    expect((await detail('built'))?.origin).toEqual({ kind: 'archive' });
    writeFileSync(`${cache}/.built.origin`, '"no object"');
    expect((await detail('built'))?.origin).toEqual({ kind: 'archive' });
    await lab.engine.removeTemplate('built');
    expect(existsSync(`${cache}/.built.origin`)).toBe(false);
  });

  test('that are broken say why', async () => {
    writeFileSync(`${cache}/empty.tar`, '');
    writeFileSync(`${cache}/junk.tar.gz`, 'hello\n');
    mkdirSync(`${cache}/lost`);
    execFileSync('tar', ['-C', '/etc', '-cf', `${cache}/plain.tar`, 'passwd']);
    const faults = Object.fromEntries((await lab.engine.inspectTemplates()).map(({ name, fault }) => [name, fault]));
    expect(faults).toMatchObject({
      busybox: '',
      mine: '',
      plain: '',
      empty: 'is empty',
      junk: 'is neither a tar archive nor compressed by gzip, bzip2, xz or zstd',
      lost: 'has lost its archive: what shares its tree goes on, nothing new can be made from it',
    });
  });

  test('are read to their last byte when asked, and nothing is written', async () => {
    const check = (name: string) => lab.engine.checkTemplate(name);
    await check('mine');
    await expect(check('plain')).rejects.toThrow('it holds no root file system');
    const whole = readFileSync(archive);
    writeFileSync(`${cache}/cut.tar.zst`, whole.subarray(0, whole.length / 2));
    expect((await detail('cut'))?.fault).toBe('');
    await expect(check('cut')).rejects.toMatchObject({ code: 'bad-template' });
    await expect(check('nothere')).rejects.toMatchObject({ code: 'no-template' });
    const stop = AbortSignal.abort();
    await expect(lab.engine.checkTemplate('mine', { signal: stop })).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('stay as long as an overlay stands on them, and a plan of the removal removes nothing', async () => {
    await expect(lab.engine.removeTemplate('mine')).rejects.toMatchObject({ code: 'template-used', fields: { by: '102' } });
    await lab.engine.destroy(102);
    const lines = await lab.engine.plan((planned) => planned.removeTemplate('mine'));
    expect(lines.map(({ detail: text }) => text)).toContain(`remove ${cache}/mine.tar.zst`);
    expect(existsSync(`${cache}/mine.tar.zst`)).toBe(true);
    await lab.engine.removeTemplate('mine');
    expect(await detail('mine')).toBeUndefined();
    expect(lab.engine.find('101')?.state).toBe('stopped');
    await expect(lab.engine.removeTemplate('busybox')).rejects.toMatchObject({ code: 'template-embedded' });
  });
});
