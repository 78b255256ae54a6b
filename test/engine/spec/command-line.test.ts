import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { quoteWords, secretless } from '../../../src/engine/spec/command-line.ts';

describe('a command line for the journal', () => {
  test.each([
    ['vzctl set 101 --userpasswd root:geheim --save', 'vzctl set 101 --userpasswd root:*** --save'],
    ['vzctl set 101 --userpasswd=root:ge:heim', 'vzctl set 101 --userpasswd=root:***'],
    ['vzctl set 101 --userp root:geheim', 'vzctl set 101 --userp root:***'],
    ['vzctl set 101 --u root:geheim', 'vzctl set 101 --u root:***'],
    ['vzctl set 101 --userpasswd geheim', 'vzctl set 101 --userpasswd ***'],
    ['vzctl exec 101 mysql -pgeheim', 'vzctl exec 101 mysql …'],
    ['vzctl exec 101 ls', 'vzctl exec 101 ls'],
    ['vzctl --verbose exec3 101 a geheim', 'vzctl --verbose exec3 101 a …'],
    ['vzctl enter 101 --exec passwd geheim', 'vzctl enter 101 --exec …'],
    ['vzctl set 101 --name web --ipadd 10.0.0.1', 'vzctl set 101 --name web --ipadd 10.0.0.1'],
    ['vzdeck create 101-103 --passwords /root/list', 'vzdeck create 101-103 --passwords /root/list'],
  ])('has no secret: %s', (line, shown) => {
    expect(secretless(line.split(' ')).join(' ')).toBe(shown);
  });

  test.each(['plain', 'two words', `it's`, '$(reboot)', '', 'a\nb', '--x=1', '*', '~', '{ctid}', 'a;b'])(
    'is read back by a shell as the same words: %s',
    (word) => {
      const { stdout } = spawnSync('/bin/sh', ['-c', `printf '%s\\0' ${quoteWords([word, 'end'])}`]);
      expect(stdout.toString().split('\0')).toEqual([word, 'end', '']);
    },
  );
});
