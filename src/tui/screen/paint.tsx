// Roles inside Ink: <Paint role="title">…</Paint>. The same SGR strings as on surfaces, so that chrome and table never differ.

import { Text } from 'ink';
import type { ReactNode } from 'react';
import type { Role, Theme } from './theme.ts';

export interface PaintProps {
  readonly theme: Theme;
  readonly role: Role;
  /** Plain text, cleaned by the caller. */
  readonly children: string;
  readonly wrap?: 'wrap' | 'truncate' | 'truncate-middle' | 'truncate-start';
}

/** Text in a role. */
export function Paint({ theme, role, children, wrap = 'truncate' }: PaintProps): ReactNode {
  return <Text wrap={wrap}>{theme.paint(role, children)}</Text>;
}
