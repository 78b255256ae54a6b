// The tabs of a container: their order, their names, and what each is asked for. Pure.

export const TABS = ['overview', 'processes', 'console', 'log', 'parameters', 'events', 'beans', 'network'] as const;
export type Tab = (typeof TABS)[number];

/** Names for few columns, of those that have a shorter one: all of them, one of them whole, fit into 60. */
export const SHORT_TABS: Readonly<Partial<Record<Tab, string>>> = {
  overview: 'info',
  processes: 'procs',
  parameters: 'params',
  network: 'net',
};

/** The neighbour so many steps away; the last one leads to the first. */
export const tabBeside = (tab: Tab, steps: number): Tab => TABS[(TABS.indexOf(tab) + steps + TABS.length) % TABS.length] ?? 'overview';
