// The small programs beside vzctl and vzlist, each loaded when it is called.
import type { Tool } from './tool.ts';

/** By the name of the link in bin/. */
export const TOOLS: Readonly<Record<string, () => Promise<Tool>>> = {
  vzcalc: async () => (await import('./vzcalc.ts')).VZCALC,
  vzcfgscale: async () => (await import('./vzcfgscale.ts')).VZCFGSCALE,
  vzcfgvalidate: async () => (await import('./vzcfgvalidate.ts')).VZCFGVALIDATE,
  vzcpucheck: async () => (await import('./vzcpucheck.ts')).VZCPUCHECK,
  vzmemcheck: async () => (await import('./vzmemcheck.ts')).VZMEMCHECK,
  vzoversell: async () => (await import('./vzoversell.ts')).VZOVERSELL,
  vzpid: async () => (await import('./vzpid.ts')).VZPID,
  vzsplit: async () => (await import('./vzsplit.ts')).VZSPLIT,
  vzubc: async () => (await import('./vzubc.ts')).VZUBC,
};
