// What vzctl set is asked for.
import type { Changes } from '../spec/params/read.ts';

export interface UserPassword {
  readonly user: string;
  readonly password: string;
}

export interface SetRequest {
  /** By config key. */
  readonly changes: Changes;
  readonly save: boolean;
  /** Refuse for a container of which there is neither config nor private area: vzctl makes a config for it. */
  readonly existing?: boolean;
  readonly force?: boolean;
  /** What to do about values that a running container cannot take: restart it, or refuse them all. By default they are told and saved. */
  readonly setmode?: 'restart' | 'ignore';
  /** Refuse values that act at once beside values that wait for a restart. By default the former are applied, and both are saved. */
  readonly mix?: 'refused';
  /** Sample whose values win over `changes`. */
  readonly applyConfig?: string;
  /** Make the link for the config's NAME. */
  readonly mapName?: boolean;
  /** Write the config's limits into the running container again. */
  readonly resetUb?: boolean;
  readonly offlineResize?: boolean;
  /** Nobody on the wire is asked whether he has an address. */
  readonly skipArpDetect?: boolean;
  /** Of users inside, who are made where they are not there; also of a container that does not run. */
  readonly passwords?: readonly UserPassword[];
}
