// The grammar of config files, line by line, and saving that touches nothing else.
import { describe, expect, test } from 'vitest';
import { editConf, formatLine, parseConf } from '../../../src/engine/spec/conf.ts';
import { applyChanges, readConf, saveConf, savesAnything } from '../../../src/engine/spec/params/read.ts';
import { AROUND } from './around.ts';

const values = (text: string): Record<string, string> => Object.fromEntries(parseConf(text).lines.map((l) => [l.key, l.value]));

describe('reading lines', () => {
  test.each([
    ['A="b"', 'b'],
    ['A=b', 'b'],
    ['  A=b  ', 'b'],
    ['A="b" # tail', 'b'],
    ['A=b # c', 'b # c'],
    ["A='b'", "'b'"],
    ['A=', ''],
    ['A=""', ''],
    ['A="say "hi" now"', 'say "hi" now'],
    ['A="x"y', 'x'],
    ['A="a=b=c"', 'a=b=c'],
    ['A=a=b', 'a=b'],
    ['A="a\\"b"', 'a"b'],
    ['A="5\\00"', '500'],
    ['A="\\\\"', '\\'],
    ['A="h"\r', 'h'],
    ['A="a";B="c"', 'a";B="c'],
  ])('%o', (line, value) => expect(values(line)).toEqual({ A: value }));

  test('comments and empty lines are nothing', () => expect(values('# A=1\n\n   # B=2\n\t\n#C=3')).toEqual({}));
  test('blanks before the sign belong to the key', () => expect(values('A =b\nB\t="c"')).toEqual({ 'A ': 'b', 'B\t': 'c' }));
  test('a byte order mark makes another key', () => expect(values('\ufeffA="h"\nB="1"')).toEqual({ '\ufeffA': 'h', B: '1' }));

  test('what cannot be read is told with its line', () => {
    const { faults } = parseConf(`just words\nA="open\n${'x'.repeat(600)}=1\nB="1"`);
    expect(faults).toEqual([
      { line: 1, column: 1, cause: "'=' not found" },
      { line: 2, column: 3, cause: 'unmatched quotes' },
      { line: 3, column: 513, cause: 'too long value' },
    ]);
  });

  test('a byte that ends texts in C, and a line that no tool writes, are told and left out', () => {
    const { lines, faults } = parseConf(`A="1"\nB="x\0y"\nC="${'x'.repeat(10_000_000)}"\n# \0\nD="2"`);
    expect(lines.map((l) => l.key)).toEqual(['A', 'D']);
    expect(faults).toEqual([
      { line: 2, column: 5, cause: 'NUL byte' },
      { line: 3, column: 1_048_577, cause: 'too long value' },
    ]);
  });

  test('a shell would go on in the next line; no reader of configs does', () =>
    expect(parseConf('A="1 \\\n2"')).toMatchObject({ lines: [], faults: [{ line: 1, cause: 'unmatched quotes' }, { line: 2 }] }));
});

describe('values with their warnings', () => {
  const read = (text: string): { values: Record<string, string>; said: readonly string[] } => {
    const { values: found, remarks } = readConf(text, 'F', AROUND);
    return { values: Object.fromEntries(found), said: remarks.filter((r) => r.level < 1).map((r) => r.text) };
  };

  test('the first of two lines counts, and the second is told', () =>
    expect(read('HOSTNAME="a"\nHOSTNAME="b"')).toEqual({
      values: { HOSTNAME: 'a' },
      said: ['Warning at F:2: duplicate for HOSTNAME ("b"), ignored'],
    }));
  test('of beancounters the last one counts, silently', () =>
    expect(read('KMEMSIZE="1:2"\nKMEMSIZE="3:4"')).toEqual({ values: { KMEMSIZE: '3:4' }, said: [] }));
  test('lists grow', () =>
    expect(read('IP_ADDRESS="10.0.0.1"\nIP_ADDRESS="10.0.0.2"').values).toEqual({ IP_ADDRESS: '10.0.0.1 10.0.0.2' }));
  test('aliases are read', () =>
    expect(read('DCACHE="100:200"\nIPTENTRIES="50"').values).toEqual({ DCACHESIZE: '100:200', NUMIPTENT: '50' }));
  test('too large is cut, unreadable is left out', () =>
    expect(read('KMEMSIZE="9223372036854775808"\nNUMPROC="99999999999999999999:5"\nCPUUNITS=""')).toEqual({
      values: { KMEMSIZE: 'unlimited' },
      said: [
        'Warning at F:1: too large value for KMEMSIZE ("9223372036854775808"), truncated',
        'Warning at F:2: invalid value for NUMPROC ("99999999999999999999:5"), skipped',
        'Warning at F:3: invalid value for CPUUNITS (""), skipped',
      ],
    }));
  test('amounts with suffixes come in base units', () =>
    expect(read('PRIVVMPAGES="256M:1G"\nPHYSPAGES="0:1G"\nDISKSPACE="2G:2.2G"\nIOLIMIT="10M"').values).toEqual({
      PRIVVMPAGES: '65536:262144',
      PHYSPAGES: '0:262144',
      DISKSPACE: '2097152:2306867',
      IOLIMIT: '10485760',
    }));
  test('a bare IOLIMIT of a config is in bytes', () => expect(read('IOLIMIT="5"').values).toEqual({ IOLIMIT: '5' }));
  test('unknown keys are for --verbose', () => {
    const { remarks } = readConf('FOO="bar"', 'F', AROUND);
    expect(remarks).toEqual([{ level: 1, text: 'Warning at F:1: unknown parameter FOO ("bar"), ignored' }]);
  });
  test('paths lose a slash at their end', () =>
    expect(read('VE_PRIVATE="/vz/private/$VEID/"').values).toEqual({ VE_PRIVATE: '/vz/private/$VEID' }));
});

describe('writing', () => {
  test.each(['plain', 'say "hi"', 'a\\b', 'cost $5 $(rm -rf /)', '`id`', "it's", ' lead and trail ', '', '#hash', 'grüße ✓'])(
    '%o comes back',
    (value) => expect(values(formatLine('A', value))).toEqual({ A: value }),
  );
  test('nothing that a shell would run survives unescaped', () => expect(formatLine('A', '$(x) `y` "')).toBe('A="\\$(x) \\`y\\` \\""'));
  test('$VEID of a path stays for the shell', () => expect(formatLine('VE_ROOT', '/r/$VEID', true)).toBe('VE_ROOT="/r/$VEID"'));

  const edit = (text: string, ...changes: [string, string][]): string =>
    editConf(
      text,
      changes.map(([key, v]) => ({ key, line: formatLine(key, v) })),
    );
  test('the first line of a key is replaced, whatever stood behind its value', () =>
    expect(edit('A="1" # tail\nB=2\nA="3"\n', ['A', 'x'])).toBe('A="x"\nB=2\nA="3"\n'));
  test('a key without a line is appended', () => expect(edit('# c\n\nB=2\n', ['A', 'x'])).toBe('# c\n\nB=2\nA="x"\n'));
  test('a key that only begins alike is another one', () =>
    expect(edit('HOSTNAME_X="1"\n', ['HOSTNAME', 'h'])).toBe('HOSTNAME_X="1"\nHOSTNAME="h"\n'));
  test('an indented line is not replaced; where it would be read instead, it goes', () => {
    expect(edit('B=1\n A=1\n', ['A', 'x'])).toBe('B=1\nA="x"\n');
    expect(edit('A=1\n A=2\n', ['A', 'x'])).toBe('A="x"\n A=2\n');
  });
  test.each([
    ['NUMPROC="1"\nNUMPROC="2" # old\n', 'NUMPROC', 'NUMPROC="5"\n'],
    ['IP_ADDRESS="10.0.0.1"\n#\n IP_ADDRESS="10.0.0.2"\n', 'IP_ADDRESS', 'IP_ADDRESS="5"\n#\n'],
    ['DCACHESIZE="1"\nDCACHE="2"\n', 'DCACHESIZE', 'DCACHESIZE="5"\n'],
    ['DCACHE="2"\n', 'DCACHESIZE', 'DCACHE="2"\nDCACHESIZE="5"\n'],
    ['HOSTNAME="a"\nHOSTNAME="b"\n', 'HOSTNAME', 'HOSTNAME="5"\nHOSTNAME="b"\n'],
  ])('of %o what would be read instead of a new %s goes', (text, key, after) =>
    expect(saveConf(text, new Map(), new Map([[key, '5']]))).toBe(after),
  );
  test('a value in another encoding is not written anew', () => {
    const bytes = 'DEVNODES="\u00ff:rw"\nNUMPROC="1"\n';
    const stored = new Map([['DEVNODES', '\u00ef\u00bf\u00bd:rw']]);
    expect(saveConf(bytes, stored, new Map([['NUMPROC', '2']]))).toBe(bytes.replace('1', '2'));
  });
  test('a missing newline at the end is made up for only when something follows', () => {
    expect(edit('A="1"\nB="2"', ['A', 'x'])).toBe('A="x"\nB="2"');
    expect(edit('A="1"\nB="2"', ['C', 'x'])).toBe('A="1"\nB="2"\nC="x"\n');
    expect(edit('A="1"\nB="2"', ['B', '2'])).toBe('A="1"\nB="2"');
  });
  test('an empty file gets its first line', () => expect(edit('', ['A', 'x'])).toBe('A="x"\n'));
  test('saving nothing changes no byte', () => {
    const text = '\ufeff# one\r\n\n  # two\nFOO=bar # baz\nHOSTNAME="a"\nHOSTNAME="b"\nDEVICES="c:10:200:rw "\nVE_LAYOUT="simfs"\n';
    const { values: stored } = readConf(text, 'F', AROUND);
    expect(saveConf(text, stored, new Map())).toBe(text);
  });
  test('lists with a trailing blank and layouts with a mode are written in their usual form', () => {
    const text = 'DEVICES="c:1:3:r"\nVE_LAYOUT="ploop:raw"\n';
    const { values: stored } = readConf(text, 'F', AROUND);
    expect(saveConf(text, stored, new Map())).toBe('DEVICES="c:1:3:r "\nVE_LAYOUT="ploop"\n');
    expect(savesAnything(stored, new Map())).toBe(true);
    expect(savesAnything(new Map([['CPUS', '1']]), new Map())).toBe(false);
  });
  test('new lines come in the order of the table', () => {
    const { values: changed } = applyChanges(
      new Map(),
      new Map([
        ['STOP_TIMEOUT', { set: '9' }],
        ['NUMPROC', { set: '5' }],
        ['NAME', { set: 'n' }],
        ['KMEMSIZE', { set: '7' }],
      ]),
      101,
      AROUND,
    );
    expect(saveConf('', new Map(), changed)).toBe('KMEMSIZE="7"\nNUMPROC="5"\nNAME="n"\nSTOP_TIMEOUT="9"\n');
  });
});
