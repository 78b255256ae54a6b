// What a person is told about a config: where exactly, how bad, and what to do.
import { expect, test } from 'vitest';
import { checkConf } from '../../../src/engine/spec/params/check.ts';
import { SAMPLES } from '../../../src/engine/store/samples.ts';
import { AROUND } from './around.ts';

const said = (text: string, whole = false): readonly string[] =>
  checkConf(text, AROUND, whole).map((f) => `${f.line}:${f.column} ${f.severity} ${f.text}`);

test.each<[string, string, RegExp]>([
  ['no sign', 'broken', /^1:1 error There is no = here/],
  ['an open quote', 'A="x', /^1:3 error The quote is not closed/],
  ['a line that goes on', 'IP_ADDRESS="10.0.0.1 \\\n10.0.0.2"', /^1:12 error The quote is not closed .*lines do not go on/],
  ['a NUL byte', 'CPUS="1\0"', /^1:8 error A NUL byte/],
  ['a very long line', `#\nDESCRIPTION="${'x'.repeat(2_000_000)}"`, /^2:\d+ error Longer than a line may be/],
  ['a key with a slip', 'HOSTNAM="x"', /^1:1 warning There is no parameter HOSTNAM; did you mean HOSTNAME\?/],
  ['a key in small letters', 'hostname="x"', /did you mean HOSTNAME/],
  ['somebody else’s key', '#UUID: 1\nFOO="x"', /^2:1 note There is no parameter FOO: it is kept/],
  ['a key of a later OpenVZ', 'MEMGUARANTEE="50%"', /^1:1 note MEMGUARANTEE is of OpenVZ 7 \(a guarantee of memory; here OOMGUARPAGES/],
  ['a blank before the sign', 'CPUS ="1"', /^1:5 error The blank before =/],
  ['a byte order mark', '\ufeffCPUS="1"', /^1:1 error The file begins with a byte order mark/],
  ['a command', 'DESCRIPTION="`id`"', /^1:14 warning A shell that reads this file runs what stands here/],
  ['another command', 'DESCRIPTION="a $(id)"', /^1:16 warning A shell/],
  ['a cycle', 'VE_ROOT="$VE_PRIVATE"', /^1:10 warning No variable is put in here but \$VEID/],
  ['bytes of another encoding', 'DESCRIPTION="gr\ufffd\ufffde"', /^1:16 warning Bytes that are no UTF-8/],
  ['single quotes', "HOSTNAME='h'", /^1:10 warning Single quotes/],
  ['a comment behind a bare value', 'HOSTNAME=h # x', /^1:12 warning Without quotes the #/],
  ['an old parameter', 'CPUUWEIGHT="5"', /^1:1 note CPUUWEIGHT is old: --cpuunits/],
  ['a value', 'CPUS="two"', /^1:7 error Not taken for CPUS: expected a number/],
  ['a value that is too large', 'NUMPROC="9223372036854775808"', /^1:10 warning Too large for NUMPROC: unlimited is taken/],
  ['a barrier above its limit', '#\nKMEMSIZE="2:1"', /^2:1 error barrier should be <= limit for kmemsize \(currently, 2:1\); 2 would do/],
  ['a second line', 'HOSTNAME="a"\nHOSTNAME="b"', /^2:1 warning HOSTNAME stands here once more: that of line 1 counts/],
  ['a second line of a beancounter', 'NUMPROC="1"\nNUMPROC="2"', /it takes the place of line 1/],
])('%s', (_what, text, expected) => expect(said(text)).toContainEqual(expect.stringMatching(expected)));

test.each<[string, RegExp]>([
  ['PHYSPAGES="0:1G"', /^0:0 error PHYSPAGES is RAM, and SWAPPAGES is not set/],
  ['NODEMASK="0"', /NODEMASK acts only together with CPUMASK/],
  ['PRIVVMPAGES="65536:69632"', /the barrier of PRIVVMPAGES, 256 MiB, is taken for its RAM, and there is no swap/],
  ['PHYSPAGES="0:unlimited"\nPRIVVMPAGES="65536:69632"', /Nothing bounds its memory/],
])('parameters together: %s', (text, expected) => expect(said(text, true)).toContainEqual(expect.stringMatching(expected)));

test('nothing is said of what is right', () => {
  const classic =
    '# Primary parameters\nVE_ROOT="/vz/root/$VEID"\nVE_PRIVATE=/vz/private/${' + 'VEID}\nAVNUMPROC="180"\nORIGIN_SAMPLE="basic"\n';
  expect(said(classic)).toEqual([]);
  for (const text of SAMPLES.values()) expect(said(text)).toEqual([]);
});
