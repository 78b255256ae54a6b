// The parameters of a container as rows: what its file says, and what the kernel enforces where it tells. Pure.
import { type CtConfig, PAGE, PARAMS, type Param, sectionOf, UNLIMITED, type Vitals } from '../../engine/index.ts';
import { clean } from '../screen/text.ts';
import { finder, listingOf } from './listing.ts';
import type { ManagerState } from './state.ts';

export interface ParameterRow {
  readonly key: string;
  readonly param: Param;
  readonly section: string;
  /** As the container's own file has it; "" where it says nothing. */
  readonly file: string;
  /** It stands in the node's configuration, and the container's says nothing else. */
  readonly inherited: boolean;
  /** As the kernel has it; null where nobody tells, or nothing runs. */
  readonly live: string | null;
  /** File and kernel say different things. */
  readonly differs: boolean;
}

const MAX_VALUE = 400;

const none = 'unlimited';
const count = (n: number | null): string => (n === null ? none : String(n));
const pages = (bytes: number | null): string => (bytes === null ? none : String(Math.round(bytes / Number(PAGE))));

/** What of a parameter the kernel tells. */
const LIVE: Readonly<Record<string, (vitals: Vitals) => string | null>> = {
  NUMPROC: ({ numproc }) => count(numproc.limit),
  PHYSPAGES: ({ memory }) => pages(memory.limit),
  SWAPPAGES: ({ swap }) => (swap === null ? null : pages(swap.limit)),
  CPULIMIT: ({ cpu }) => (cpu === null ? null : String(cpu.limit ?? 0)),
  CPUUNITS: ({ cpu }) => (cpu === null ? null : String(cpu.units)),
};

/** The limit of a "barrier:limit" or of a number alone, in the words of LIVE. */
function limitIn(value: string): string {
  const last = value.split(':').at(-1) ?? '';
  const number = /^\d+$/.test(last) ? BigInt(last) : null;
  return last === none || (number !== null && number >= UNLIMITED) ? none : last;
}

/** Cut by the kernel to what it has is no difference: pages of a limit are whole, and huge ones none. */
const same = (file: string, live: string): boolean => limitIn(file) === live;

/** By section, and in each what is set before what is not. */
export function parameterRowsOf(config: CtConfig, vitals: Vitals | null): readonly ParameterRow[] {
  return PARAMS.map((param) => {
    const own = config.own.get(param.key);
    const value = own ?? config.values.get(param.key) ?? '';
    const live = vitals === null ? null : (LIVE[param.key]?.(vitals) ?? null);
    return {
      key: param.key,
      param,
      section: sectionOf(param),
      file: clean(value, MAX_VALUE),
      inherited: own === undefined && value !== '',
      live,
      differs: live !== null && value !== '' && !same(value, live),
    };
  }).toSorted((a, b) => a.section.localeCompare(b.section) || Number(a.file === '') - Number(b.file === ''));
}

let last: { readonly asked: readonly unknown[]; readonly rows: readonly ParameterRow[] } | null = null;

/** The rows of the view on top. */
export function parameterRows(state: ManagerState): readonly ParameterRow[] {
  const { text } = listingOf(state).find;
  const { config, vitals } = state.looked;
  const asked = [config, vitals, text];
  if (last?.asked.every((one, i) => one === asked[i])) return last.rows;
  const matches = finder(text);
  const all = config === null ? [] : parameterRowsOf(config, vitals);
  const rows = all.filter(({ key, section, file, param }) => matches(`${section} ${key} ${file} ${param.help} ${flags(param)}`));
  last = { asked, rows };
  return rows;
}

const flags = ({ flags: all }: Param): string => all.map(({ name }) => `--${name}`).join(' ');
