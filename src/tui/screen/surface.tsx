// <Surface> reserves a place in Ink's layout for rows that never pass through Ink. <Floating> is a place where Ink wins over surfaces.

import { Box, type BoxProps, type DOMElement, measureElement, Text, useBoxMetrics } from 'ink';
import { type ReactNode, type RefObject, useCallback, useEffect, useRef, useSyncExternalStore } from 'react';
import { useScreen } from './screen.ts';
import type { Rect, SurfaceSource } from './surface-source.ts';

function rectOf(node: DOMElement | null): Rect | null {
  return node === null ? null : measureElement(node);
}

export interface SurfaceProps extends Omit<BoxProps, 'children' | 'ref'> {
  readonly source: SurfaceSource;
  /** Shows the source's cursor. */
  readonly hasCursor?: boolean;
}

/** Takes the room that its Box properties give it (by default all that is left) and shows the source there. */
export function Surface({ source, hasCursor = false, ...box }: SurfaceProps): ReactNode {
  const screen = useScreen();
  const place = useRef<DOMElement>(null);
  useEffect(() => {
    if (screen === null) return undefined;
    return screen.layers.addSurface(source, () => rectOf(place.current));
  }, [screen, source]);
  useEffect(() => {
    if (screen === null || !hasCursor) return undefined;
    screen.layers.setCursorOwner(source);
    return () => screen.layers.setCursorOwner(null);
  }, [screen, source, hasCursor]);
  return (
    <Box flexGrow={1} flexShrink={1} {...box} ref={place}>
      {screen === null && <SurfaceText source={source} place={place} />}
    </Box>
  );
}

/** The same rows as Ink text, where there is no compositor. */
function SurfaceText({ source, place }: { readonly source: SurfaceSource; readonly place: RefObject<DOMElement | null> }): ReactNode {
  const { width, height } = useBoxMetrics(place);
  useEffect(() => {
    if (width > 0 && height > 0) source.placed?.({ x: 0, y: 0, width, height });
  }, [source, width, height]);
  const subscribe = useCallback((listener: () => void) => source.subscribe(listener), [source]);
  const lines = useSyncExternalStore(subscribe, () => (width > 0 && height > 0 ? source.lines(width, height) : NO_LINES));
  return <Text wrap="truncate">{lines.join('\n')}</Text>;
}
const NO_LINES: readonly string[] = [];

/** A Box whose rectangle lies above all surfaces. Fill it (its blanks cover too) and place it with position="absolute". */
export function Floating({ children, ...box }: Omit<BoxProps, 'ref'> & { readonly children?: ReactNode }): ReactNode {
  const screen = useScreen();
  const place = useRef<DOMElement>(null);
  useEffect(() => screen?.layers.addCover(() => rectOf(place.current)), [screen]);
  return (
    <Box {...box} ref={place}>
      {children}
    </Box>
  );
}
