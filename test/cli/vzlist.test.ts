// vzlist: columns, cuts, sorting and JSON on rows of which everything is known; and the program's own refusals.
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listJson } from '../../src/cli/format/json.ts';
import { table } from '../../src/cli/format/table.ts';
import { CLASSIC_FIELDS, LIST_FIELDS, type ListField, type ListRow, listField } from '../../src/engine/spec/list-fields.ts';
import { listHelp } from '../../src/engine/spec/list-help.ts';
import { readConf } from '../../src/engine/spec/params/read.ts';
import { AROUND } from '../engine/spec/around.ts';
import { openPrefix, type Prefix } from './run.ts';

// Programs are started one after the other; a machine under load takes its time.
vi.setConfig({ testTimeout: 120_000 });

function row(id: number, conf: string, more: Partial<ListRow['entry']> & { usage?: ListRow['usage'] } = {}): ListRow {
  const { usage = null, ...entry } = more;
  const { values } = readConf(conf, 'F', AROUND);
  const plain = { id, name: '', values, layout: 'simfs', private: `/vz/private/${id}`, root: `/vz/root/${id}`, exists: true } as const;
  const still = { state: 'stopped', init: null, uptime: 0, unattended: false, missingRoot: null, remarks: [] } as const;
  return { entry: { ...plain, ...still, ...entry }, usage };
}

const fields = (names: string): readonly ListField[] => names.split(',').map((name) => listField(name)!);
const DEFAULT = 'ctid,numproc,status,ip,hostname';
const OPTIONS = { header: true, trim: true };

const WEB = row(
  101,
  'HOSTNAME="test.example.com"\nIP_ADDRESS="192.168.1.152 10.0.0.9"\nNUMPROC="240"\nDISKSPACE="2G:2.2G"\nBOOTORDER="5"\n',
  {
    name: 'web',
    state: 'running',
    init: { pid: 1, startTime: 1n },
    uptime: 273_906.5,
    usage: new Map([['numproc', { held: 45, maxheld: 60, failcnt: 7 }]]),
  },
);
const DB = row(
  102,
  'IP_ADDRESS="2001:db8:1234:5678:9abc:def0:1234:5678"\nDESCRIPTION="data base \\"main\\""\nBOOTORDER="10"\nCPUUNITS="1000"\n',
);
const LONG = row(200_000, `HOSTNAME="${'h'.repeat(40)}"\nCAPABILITY="NET_ADMIN:on SYS_TIME:off"\nONBOOT="no"\n`, {
  state: 'suspended',
  name: 'a name with blanks',
});
const ROWS = [WEB, DB, LONG];

describe('columns', () => {
  test('the default ones, as everybody knows them', () =>
    expect(table(ROWS, fields(DEFAULT), OPTIONS)).toBe(
      [
        '      CTID      NPROC STATUS    IP_ADDR         HOSTNAME',
        '       101         45 running   192.168.1.152   test.example.com',
        '       102          - stopped   2001:db8:1234:5 -',
        `    200000          - suspended -               ${'h'.repeat(40)}`,
        '',
      ].join('\n'),
    ));
  test('a text is cut to its column unless it stands last', () =>
    expect(table([LONG], fields('hostname,ctid'), { header: false, trim: true })).toBe(`${'h'.repeat(32)}     200000\n`));
  test('or unless nothing is to be cut', () =>
    expect(table([WEB], fields('ip,ctid'), { header: false, trim: false })).toBe('192.168.1.152 10.0.0.9        101\n'));
  test('a list shows all of itself when it stands last', () =>
    expect(table([WEB], fields('ip'), { header: false, trim: true })).toBe('192.168.1.152 10.0.0.9\n'));
  test.each([
    ['uptime', WEB, '003d04h:05m:06s'],
    ['uptime', DB, '              -'],
    ['numproc.m', WEB, '        60'],
    ['numproc.f', WEB, '         7'],
    ['numproc.l', DB, '         0'],
    ['diskspace.h', WEB, '   2306867'],
    ['cpulimit', DB, '      0'],
    ['cpulimit', WEB, '      -'],
    ['capability', LONG, 'net_admin:on,sys_time:off'],
    ['smart_name', LONG, 'a name with blanks'],
    ['smart_name', DB, '       102'],
    ['vswap', WEB, '  yes'],
    ['layout', WEB, 'simfs'],
    ['onboot', LONG, '    no'],
    ['netfilter', WEB, '-'],
  ])('%s', (name, of, text) => expect(table([of], fields(name), { header: false, trim: true })).toBe(`${text}\n`));
});

describe('JSON', () => {
  test('is JSON whatever stands in the configs', () => {
    const parsed = JSON.parse(
      listJson(
        ROWS,
        CLASSIC_FIELDS.filter((field) => field.json),
      ),
    );
    expect(parsed).toHaveLength(3);
    expect(parsed[0]).toMatchObject({
      ctid: 101,
      ip: ['192.168.1.152', '10.0.0.9'],
      status: 'running',
      numproc: { held: 45, maxheld: 60, barrier: 240, limit: 240, failcnt: 7 },
      numtcpsock: { held: null, maxheld: null, barrier: 0, limit: 0, failcnt: null },
      diskspace: { usage: null, softlimit: 2_097_152, hardlimit: 2_306_867 },
      uptime: 273_906.5,
      smart_name: 'web',
      onboot: null,
    });
    expect(parsed[1]).toMatchObject({ numproc: { held: 0, maxheld: 0, failcnt: 0 } });
    expect(parsed[1]).toMatchObject({ description: 'data base "main"', smart_name: 102, cpuunits: 1000, cpulimit: 0 });
    expect(parsed[2]).toMatchObject({ capability: { net_admin: true, sys_time: false }, onboot: false });
  });
  test('has the original’s layout', () =>
    expect(listJson([DB, LONG], fields('ctid,status'))).toBe(
      '[\n  {\n    "ctid": 102,\n    "status": "stopped"\n  },\n  {\n    "ctid": 200000,\n    "status": "suspended"\n  }\n]\n',
    ));
  test('an empty list is one', () => expect(JSON.parse(listJson([], fields('ctid')))).toEqual([]));
});

describe('sorting', () => {
  const order = (name: string): readonly number[] => [...ROWS].sort(listField(name)!.sort!).map((r) => r.entry.id);
  test.each([
    ['ctid', [101, 102, 200_000]],
    ['hostname', [102, 200_000, 101]],
    ['bootorder', [200_000, 101, 102]],
    ['status', [101, 102, 200_000]],
    ['private', [101, 102, 200_000]],
    ['uptime', [101, 102, 200_000]],
    ['numproc.b', [102, 200_000, 101]],
  ])('by %s', (name, ids) => expect(order(name)).toEqual(ids));
  test('backwards by bootorder the highest comes first, of equal ones the lower id', () => {
    const rows = [row(1, 'BOOTORDER="5"'), row(2, 'BOOTORDER="5"'), row(3, ''), row(4, 'BOOTORDER="9"')];
    expect(
      rows
        .sort(listField('bootorder')!.sort!)
        .reverse()
        .map((r) => r.entry.id),
    ).toEqual([4, 1, 2, 3]);
  });
});

describe('the program', () => {
  let node: Prefix;
  beforeAll(() => {
    node = openPrefix();
  });
  afterAll(() => node.remove());
  test.each<[string[], string]>([
    [['-o', 'ctid,bogus'], 'Unknown field: bogus\n'],
    [['-o', 'CTID'], 'Unknown field: CTID\n'],
    [['-o', 'x'.repeat(31)], `Invalid field: ${'x'.repeat(31)}\n`],
    [['-o', '+bogus'], 'Unknown field: bogus\n'],
    [['-o', '+layout,ip'], 'Unknown field: +layout\n'],
    [['-o', '-ctid,-numproc,-status,-ip,-hostname'], 'No field is left to show\n'],
    [['-j', '-o', '+numproc.l'], "Field `numproc.l' is not available in JSON output\n"],
    [['-s', '-bogus'], 'Invalid sort field name: -bogus\n'],
    [['-j', '-o', 'numproc.b'], "Field `numproc.b' is not available in JSON output\n"],
  ])('%j', (args, err) => expect(node.run('vzlist', ...args)).toEqual({ exit: 1, out: '', err }));
  test('--help is usage with exit status 1, as is an unknown option', () => {
    expect(node.run('vzlist', '--help')).toMatchObject({ exit: 1, err: '', out: expect.stringMatching(/^Usage: vzlist/) });
    expect(node.run('vzlist', '--bogus')).toMatchObject({ exit: 1, err: "vzlist: unrecognized option '--bogus'\n" });
  });
  test('-L names every field with its head', () => {
    const { out } = node.run('vzlist', '-L');
    expect(out.split('\n')).toHaveLength(145);
    expect(out).toContain('numproc.f       NPROC.F        \n');
    expect(out).not.toContain('host_ifname');
  });
  test('each of them says in a few words what it shows, and is found by these', () => {
    for (const field of LIST_FIELDS) expect(listHelp(field)).toMatch(/^[a-zI].{3,}[^.]$/);
    expect(LIST_FIELDS.filter((field) => listHelp(field) === field.name)).toEqual([]);
    expect(node.run('vzdeck', 'fields', 'refusals', 'processes').out).toMatch(/^numproc\.f +NPROC\.F +items +refusals: /);
    expect(node.run('vzdeck', 'fields', 'no such thing')).toMatchObject({ exit: 21, out: '' });
    expect(JSON.parse(node.run('vzdeck', '--json', 'fields')?.out)).toHaveLength(LIST_FIELDS.length);
  });
  test('nothing in a config steers the terminal of whoever looks at it', ({ skip }) => {
    if (process.getuid?.() !== 0) skip('needs root');
    const before = node.read('/etc/vz/conf/101.conf') ?? '';
    node.write(
      '/etc/vz/conf/101.conf',
      `${before}HOSTNAME="a\x1b[2Jb\x9bc"\nDESCRIPTION="\x1b]0;x\x07"\nONBOOT="\x1b[1m"\nNAME="\x1b[1m"\n`,
    );
    for (const { out, err } of [
      node.run('vzlist', '-a', '-o', 'ctid,hostname,description,onboot'),
      node.run('vzctl', 'start', '101', '--dry-run'),
      node.run('vzdeck', 'list'),
    ])
      expect(out + err).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    node.write('/etc/vz/conf/101.conf', before);
  });
  test('lists what does not run only when asked', ({ skip }) => {
    if (process.getuid?.() !== 0) skip('needs root');
    expect(node.run('vzlist')).toEqual({ exit: 0, out: '', err: 'Container(s) not found\n' });
    expect(node.run('vzlist', '-aH', '-o', '+layout,-ip,-numproc,-hostname').out).toMatch(/^ {7}101 stopped {3}simfs\n$/);
    expect(Object.keys(JSON.parse(node.run('vzlist', '-aj', '-o', '-veid,-vpsid').out)[0])).toHaveLength(
      CLASSIC_FIELDS.filter((f) => f.json).length - 2,
    );
    expect(node.run('vzlist', '-1a')).toEqual({ exit: 0, out: '       101\n', err: '' });
    expect(node.run('vzlist', '999')).toEqual({ exit: 1, out: '', err: 'Container(s) not found\n' });
    expect(node.run('vzlist', 'nosuch')).toEqual({ exit: 1, out: '', err: 'CT ID nosuch is invalid.\n' });
  });
});
