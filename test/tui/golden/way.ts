// The way to a screen: over which engine, and by which keys.
import { expect } from 'vitest';
import { TABS } from '../../../src/tui/store/tabs.ts';
import type { FakeEngine } from '../fake-engine.ts';
import type { ManagerRig, RigOptions } from '../manager-rig.tsx';
import { sceneEngine } from './scene.ts';

export interface Way extends Pick<RigOptions, 'blind' | 'readOnly' | 'settings'> {
  readonly engine: () => FakeEngine;
  readonly go: (rig: ManagerRig) => Promise<void> | void;
}

export const way = (go: Way['go'], engine: Way['engine'] = sceneEngine): Way => ({ engine, go });
export const keys = (...pressed: readonly string[]): Way => way((rig) => rig.press(...pressed));

export async function shows(rig: ManagerRig, text: RegExp | string): Promise<void> {
  await expect.poll(() => rig.text()).toMatch(text);
}

export async function toTab(rig: ManagerRig, name: (typeof TABS)[number], shown: RegExp | string): Promise<void> {
  rig.press('enter', String(TABS.indexOf(name) + 1));
  await shows(rig, shown);
}

export const tab = (name: (typeof TABS)[number], shown: RegExp | string, engine?: Way['engine']): Way =>
  way((rig) => toTab(rig, name, shown), engine);
