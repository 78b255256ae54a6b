// The highest value that a counter has had, kept by programs that run on several processors at once.
import { atomic, type Line, load, mov, place, type Reg, when } from './assemble.ts';

/** Of who raises it at the same moment: more often than this nobody is given way. */
const TRIES = 4;

/** What lies at base + off is `value` at least. r0 and r1 are lost; once in a program. */
export const raise = (base: Reg, off: number, value: Reg): readonly Line[] => [
  load('r0', base, off),
  ...Array.from({ length: TRIES }, () => [
    when('r0', 'sge', value, 'raised'),
    mov('r1', value),
    // what it finds there when somebody was faster is looked at again; after a success that is less than the value, and the next exchange does nothing
    atomic('compareExchange', base, off, 'r1'),
  ]).flat(),
  place('raised'),
];
