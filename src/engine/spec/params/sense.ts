// Values that the grammars take, since the original did, and that nobody can mean. Forms and vzdeck refuse them; vzctl does not.
import { nobodysAddress } from './net.ts';
import type { Around } from './types.ts';

type Sense = (text: string, around: Around) => string;

/** RFC 1123, and what the kernel keeps (64 bytes). */
function hostname(text: string): string {
  if (text === '') return '';
  if (text.length > 64) return 'Longer than the 64 characters that the kernel keeps';
  const wrong = text.split('.').find((label) => !/^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
  if (wrong === undefined) return '';
  return wrong === '' ? 'An empty part between dots' : 'Letters, digits and - between dots';
}

function name(text: string): string {
  if (/^\.{1,2}$/.test(text)) return `${text} can't be a name`;
  return /^\d+$/.test(text) ? 'A name of digits alone would be read as a CTID' : '';
}

const NO_INIT = 'With 0 not even its init can run';

/** A number alone is bytes, which nobody means who types 512. */
const bytes: Sense = (text) =>
  /^\d+$/.test(text) && Number(text) > 0 && Number(text) < 2 ** 20 ? `That is ${Number(text)} bytes; did you mean ${Number(text)}M?` : '';

const SENSE: ReadonlyMap<string, Sense> = new Map<string, Sense>([
  ['hostname', hostname],
  ['name', name],
  ['ipadd', nobodysAddress],
  ['ip', nobodysAddress],
  ['numproc', (text) => (/^0+(:|$)/.test(text) ? NO_INIT : '')],
  ['ram', (text, around) => (/^0+[A-Za-z]?$/.test(text) ? NO_INIT : bytes(text, around))],
  ['swap', bytes],
  ['cpus', (text, { cpus }) => (Number(text) > cpus ? `The node has ${cpus}` : '')],
]);

/** Why this value of an option, which its grammar takes, can't be meant; "" when it can. */
export const senseFault = (flag: string, text: string, around: Around): string => SENSE.get(flag)?.(text, around) ?? '';
